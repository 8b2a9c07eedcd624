"""Translations without system gettext: extract the messages, compile .po to .mo, and say what is missing.

    python tools/i18n.py extract     bring the Chinese catalogues up to date: of the pages, and of the API's words for codes
    python tools/i18n.py compile     write the .mo files that Django reads
    python tools/i18n.py check       exit 1 when a message has no Chinese translation

English is the language of the messages themselves, so it needs no catalogue.
"""

from __future__ import annotations

import ast
import re
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fourflow.foundation.parameters.domain.catalogue import CATALOGUE as CATALOGUE_OF_PARAMETERS
from fourflow.interfaces.api import texts
from fourflow.interfaces.web.components.routes import ROUTE, first_sentence

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src/fourflow"
PAGES = SOURCE / "interfaces/web/locale/zh_Hans/LC_MESSAGES/django.po"
CODES = SOURCE / "interfaces/api/locale/zh_Hans/LC_MESSAGES/django.po"
HEADER = (
    "Language: zh_Hans\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
    "Plural-Forms: nplurals=1; plural=0;\n"
)
PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop", "N_"}
CONTEXT = {"pgettext", "pgettext_lazy", "pg"}
PLURAL = {"ngettext", "ngettext_lazy"}
STRING = r"""u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""

Key = tuple[str, str, str]  # context, message, plural


@dataclass
class Entry:
    """A message of the catalogue with its translation."""

    key: Key
    translation: str = ""
    comments: list[str] = field(default_factory=list)


def in_python(text: str) -> Iterator[Key]:
    """Messages in the calls of gettext functions with literal arguments."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        words = [a.value for a in node.args[:2] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if name in PLAIN and words:
            yield "", words[0], ""
        elif name in CONTEXT and len(words) == 2:
            yield words[0], words[1], ""
        elif name in PLURAL and len(words) == 2:
            yield "", words[0], words[1]


def in_template(text: str) -> Iterator[Key]:
    """Messages of a Django template, through Django's own rewriting of templates for gettext."""
    from django.utils.translation.template import templatize

    flat = templatize(text)
    for name, first, second in re.findall(rf"\b(\w*gettext|_)\(\s*{STRING}(?:\s*,\s*{STRING})?", flat):
        one = ast.literal_eval(first)
        two = ast.literal_eval(second) if second else ""
        if name == "pgettext":
            yield one, two, ""
        elif name == "ngettext":
            yield "", one, two
        else:
            yield "", one, ""


def words_for_codes() -> dict[Key, list[str]]:
    """The API's words, which stand in tables by code and not in calls of gettext."""
    tables: tuple[dict[Any, str], ...] = (texts.TITLES, texts.GROUNDS, texts.TEXTS)
    return {("", words, ""): ["interfaces/api/texts.py"] for table in tables for words in table.values()}


def lines_of_routes() -> Iterator[tuple[Key, str]]:
    """The first sentence of each route's description, and what follows it, which the pages' explorer shows, with its file."""
    for path in sorted((SOURCE / "interfaces/api/routers").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and any(_is_route(one) for one in node.decorator_list):
                said = " ".join((ast.get_docstring(node) or node.name).replace("``", "").split())
                line = first_sentence(said)
                for words in filter(None, (line, said[len(line) :].strip())):
                    yield (ROUTE, words, ""), str(path.relative_to(SOURCE))


def _is_route(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and ast.unparse(decorator.func) in ("router.get", "router.post")


def messages() -> dict[Key, list[str]]:
    """Every message of gettext calls in the product, with the files that use it."""
    found: dict[Key, list[str]] = {}
    for path in sorted([*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html")]):
        if "migrations" in path.parts:
            continue
        text = path.read_text()
        keys = in_python(text) if path.suffix == ".py" else in_template(text)
        for key in keys:
            found.setdefault(key, []).append(str(path.relative_to(SOURCE)))
    for key, file in lines_of_routes():
        found.setdefault(key, []).append(file)
    for definition in CATALOGUE_OF_PARAMETERS.values():
        for words in (definition.meaning, definition.unit, definition.source):
            found.setdefault(("", words, ""), []).append("foundation/parameters/domain/catalogue.py")
    return found


def read(path: Path) -> dict[Key, Entry]:
    """A catalogue; understands what :func:`write` writes and what translators' editors make of it."""
    entries: dict[Key, Entry] = {}
    for block in re.split(r"\n\s*\n", path.read_text() if path.exists() else ""):
        parts: dict[str, str] = {}
        current, comments = "", []
        for line in block.splitlines():
            if line.startswith("#"):
                comments.append(line)
            elif found := re.match(r'(msg\w+(?:\[0\])?)\s+(".*")$', line):
                current = found[1]
                parts[current] = ast.literal_eval(found[2])
            elif line.startswith('"') and current:
                parts[current] += ast.literal_eval(line)
        if parts.get("msgid"):
            key = (parts.get("msgctxt", ""), parts["msgid"], parts.get("msgid_plural", ""))
            text = parts.get("msgstr", parts.get("msgstr[0]", ""))
            entries[key] = Entry(key, text, [c for c in comments if not c.startswith("#:")])
    return entries


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def write(path: Path, entries: dict[Key, Entry], used: dict[Key, list[str]]) -> None:
    """The catalogue in the order of the messages, so that two branches merge."""
    blocks = [f'msgid ""\nmsgstr {quoted(HEADER)}']
    for key in sorted(entries, key=lambda k: (k[1].lower(), k)):
        entry, (context, message, plural) = entries[key], key
        lines = [*entry.comments, *(f"#: {name}" for name in sorted(set(used.get(key, ())))[:1])]
        lines += [f"msgctxt {quoted(context)}"] if context else []
        lines += [f"msgid {quoted(message)}"]
        lines += [f"msgid_plural {quoted(plural)}", f"msgstr[0] {quoted(entry.translation)}"] if plural else []
        lines += [] if plural else [f"msgstr {quoted(entry.translation)}"]
        blocks.append("\n".join(lines))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(blocks) + "\n")


def compiled(entries: dict[Key, Entry]) -> bytes:
    """The binary form of GNU gettext (.mo, revision 0, little endian); untranslated messages are left out."""
    table = {b"": HEADER.encode()}
    for (context, message, plural), entry in entries.items():
        if entry.translation:
            name = (f"{context}\x04" if context else "") + message + (f"\x00{plural}" if plural else "")
            table[name.encode()] = entry.translation.encode()
    names = sorted(table)
    offset = 28 + 16 * len(names)
    index, data = [], b""
    for row in (names, [table[name] for name in names]):
        for text in row:
            index += [len(text), offset + len(data)]
            data += text + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(names), 28, 28 + 8 * len(names), 0, 0)
    return head + struct.pack(f"<{len(index)}I", *index) + data


def compile_all() -> None:
    """Write a .mo beside every .po."""
    for path in SOURCE.rglob("*.po"):
        path.with_suffix(".mo").write_bytes(compiled(read(path)))


def catalogues() -> dict[Path, dict[Key, list[str]]]:
    """Each Chinese catalogue with what it has to translate."""
    return {PAGES: messages(), CODES: words_for_codes()}


def extract() -> int:
    """Bring the Chinese catalogues up to date; returns how many messages still need a translation."""
    left = 0
    for path, used in catalogues().items():
        known = read(path)
        entries = {key: known.get(key, Entry(key)) for key in used}
        write(path, entries, used if path == PAGES else {})  # the words for codes are all of one file
        left += sum(not entry.translation for entry in entries.values())
    return left


def missing() -> list[str]:
    """Messages without a Chinese translation."""
    found = []
    for path, used in catalogues().items():
        known = read(path)
        found += [
            f"{key[1]!r} ({where[0]})" for key, where in used.items() if key not in known or not known[key].translation
        ]
    return found


def main() -> int:
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command == "extract":
        print(f"{extract()} to translate")
    elif command == "compile":
        compile_all()
    elif command == "check":
        found = missing()
        print("\n".join(found) or "every message has a translation")
        return int(bool(found))
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
