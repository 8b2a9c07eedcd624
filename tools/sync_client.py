"""The Python client for threads, made of the one for tasks, so that nobody writes (or corrects) anything twice.

    python tools/sync_client.py          write fourflow_client/{client,transport,resources/…}.py anew from fourflow_client/aio
    python tools/sync_client.py check    exit 1 when one of them is not what would be written

What is different is only words: ``async`` and ``await`` go, and so do the parentheses that ``(await x).y`` needed.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "clients/python/src/fourflow_client"
AIO = PACKAGE / "aio"
NOTE = "# Made by tools/sync_client.py of {source}; change that one.\n"
#: in the order in which they are put in
WORDS = (
    ("fourflow_client.aio", "fourflow_client"),
    ("Callable[[float], Awaitable[None]]", "Callable[[float], None]"),
    ("Awaitable, ", ""),
    ("Several tasks may use", "Several threads may use"),
    ("answered this task last", "answered this thread last"),
    ("httpx.AsyncBaseTransport", "httpx.BaseTransport"),
    ("AsyncIterator", "Iterator"),
    ("AsyncTransport", "Transport"),
    ("AsyncClient", "Client"),
    ("__aenter__", "__enter__"),
    ("__aexit__", "__exit__"),
    ("aclose", "close"),
    ("asyncio.sleep", "time.sleep"),
    ("import asyncio", "import time"),
)


def written() -> Iterator[tuple[Path, str]]:
    """Every file that is made, with what it shall contain."""
    for source in sorted(AIO.rglob("*.py")):
        if source != AIO / "__init__.py":
            target = PACKAGE / source.relative_to(AIO)
            yield target, _sync(source.read_text(), NOTE.format(source=source.relative_to(PACKAGE.parent)))


def _sync(text: str, note: str) -> str:
    plain = _without_awaiting(text)
    for word, instead in WORDS:
        plain = plain.replace(word, instead)
    return _ruff("format", _ruff("check", note + plain, "--quiet", "--select", "I,UP028", "--fix", "--unsafe-fixes"))


def _without_awaiting(text: str) -> str:
    """The same program without ``async`` and ``await``."""
    lines = text.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    gone: list[tuple[int, int, int]] = []  # line, from column, to column
    opened: list[tuple[int, int, int] | None] = []
    for before, token, after in zip([tokens[0], *tokens], tokens, [*tokens[1:], tokens[-1]], strict=False):
        (line, column), (_, end) = token.start, token.end
        if token.string in ("async", "await") and token.type == tokenize.NAME:
            gone.append((line, column, after.start[1]))
        elif token.type == tokenize.OP and token.string in ("(", "[", "{"):
            is_call = before.string in (")", "]") or (before.type == tokenize.NAME and before.string not in KEYWORDS)
            opened.append((line, column, end) if after.string == "await" and not is_call else None)
        elif token.type == tokenize.OP and token.string in (")", "]", "}") and (began := opened.pop()):
            gone += [began, (line, column, end)]
    for line, column, end in sorted(gone, reverse=True):
        lines[line - 1] = lines[line - 1][:column] + lines[line - 1][end:]
    return "".join(lines)


#: words before a parenthesis that is no call's
KEYWORDS = {"return", "in", "yield", "and", "or", "not", "if", "else"}


def _ruff(what: str, text: str, *options: str) -> str:
    program = Path(sys.executable).parent / "ruff"
    arguments = [str(program), what, "--no-cache", *options, "--stdin-filename", str(PACKAGE / "made.py"), "-"]
    return subprocess.run(arguments, cwd=ROOT, input=text, capture_output=True, text=True, check=True).stdout


def main(arguments: list[str]) -> int:
    """Write the files, or say which are not current."""
    stale = [(path, text) for path, text in written() if not path.exists() or path.read_text() != text]
    for path, text in stale:
        if arguments == ["check"]:
            print(f"{path.relative_to(ROOT)} is not what python tools/sync_client.py makes of the client for tasks")
        else:
            path.write_text(text)
    return 1 if stale and arguments == ["check"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
