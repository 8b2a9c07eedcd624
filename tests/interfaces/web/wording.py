"""What a page says in a language that is not its reader's, and that is no data: names, numbers and what people wrote."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from tools import i18n

ROOT = Path(__file__).resolve().parents[2]
#: what is the same in every language: bodies on the wire, identifiers, and what a page itself marks as English
OTHER = re.compile(
    r"<(pre|textarea|style|script)\b.*?</\1>"
    r'|<\w+[^>]*\blang="(?:en|zh-Hans)"[^>]*>[^<]*'
    r'|<\w+[^>]*\bclass="(?:[^"]* )?(?:id|han)(?: [^"]*)?"[^>]*>[^<]*',
    re.S,
)
SHOWN = re.compile(r'>([^<>]*[^\s<>][^<>]*)<|\b(?:title|aria-label|placeholder|alt|data-label)="([^"]+)"')
#: addresses, e-mail, identifiers, digests, names of kinds, scopes, files and fields
DATA = re.compile(
    r"https?:\S+|/[\w/{}?=&.,:%-]+|[\w.+-]+@[\w.-]+|\b[a-z]{2,4}(?:_|…)[\w+/=]*|\b[\w+/-]{20,}=*|\b[0-9a-f]{6,}…?"
    r"|\b\w+/[\w.+-]+|\b[\w-]+\.(?:pdf|csv|xlsx|png)|\b\w+(?:[._:-][\w*-]+)+|\$\w+"
)
ENGLISH = re.compile(r"[A-Za-z]*[a-z]{2}[\w'’]*(?:,? [A-Za-z][\w'’]*)*")
HAN = re.compile(r"[\u3400-\u9fff]+")
#: who walks (``maker of core``, of ``Operator Ltd``), and names that are no sentence
PEOPLE = re.compile(r"\b(?:maker|checker|viewer|admin)s? of [\w-]+|\b[A-Z]\w+(?: [A-Z]\w+)* Ltd(?![a-z])")
NAMES = {
    "Fourflow",
    "Excel",
    "Webhook",
    "Cookie",
    "English",
    "Python",
    "Chrome",
    "Linux",
    "Ed25519",
    "https",
    "newcomer",
    "case",
    "ed",
}
#: what is filed with the registry, in its language
FILED = "应收账款电子凭证 到期日 其中 的份额"


@functools.cache
def written() -> str:
    """Every text in the sources of the company that the walk is through: what its people are called and have written."""
    sources = [*ROOT.glob("builders/*.py"), *ROOT.glob("interfaces/web/*.py")]
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in sources)
    return "\n".join(
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@functools.cache
def messages() -> str:
    """The English messages themselves: a few name a Chinese paper or law."""
    return "\n".join(message for _context, message, _plural in i18n.messages())


def shown(page: str) -> Iterator[str]:
    """What a reader sees or hears of a page, piece by piece."""
    for text, attribute in SHOWN.findall(OTHER.sub("<", page)):
        yield " ".join(unescape(text or attribute).split())


@functools.cache
def foreign(text: str, language: str) -> tuple[str, ...]:
    """The words of a piece that its reader's language does not have."""
    if " " in text and text in written():
        return ()
    if language == "zh":
        runs = ENGLISH.findall(PEOPLE.sub(" ", DATA.sub(" ", text)))
        if HAN.search(text):  # a sentence may name a field; test_translations.py looks into the sentences themselves
            runs = [run for run in runs if " " in run]
        return tuple(run for run in runs if run not in NAMES and not (" " in run and run in written()))
    return tuple(run for run in HAN.findall(text) if run not in messages() + FILED and not joined(run))


def joined(run: str) -> bool:
    """Whether it is something that was written, or two such things one after the other."""
    return run in written() or any(run[:at] in written() and run[at:] in written() for at in range(1, len(run)))


def wording_faults(page: str, language: str) -> list[str]:
    """``language`` is zh or en; data written by people may be of any."""
    return [f"“{run}” in “{text[:80]}”" for text in dict.fromkeys(shown(page)) for run in foreign(text, language)]
