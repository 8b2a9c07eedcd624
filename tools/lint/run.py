"""Every check that needs no database: ruff, formatting, import contracts, types, and the rules of this house."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools import sync_client
from tools.lint.rules import RULES
from tools.lint.source import Finding, Source

ROOT = Path(__file__).resolve().parents[2]
CODE = ("clients", "src", "tests", "tools")
PROGRAMS = Path(sys.executable).parent


def sources() -> Iterator[Source]:
    """Every Python file of the checkout."""
    for folder in CODE:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "node_modules" not in file.parts:
                yield Source.read(ROOT, file)


def findings() -> list[Finding]:
    """What the rules of this house find."""
    return [finding for source in sources() for rule in RULES for finding in rule(source)]


def _program(name: str, *arguments: str) -> tuple[str, bool, str]:
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "NO_COLOR": "1", "COLUMNS": "160"}
    done = subprocess.run(
        [str(PROGRAMS / name), *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    text = done.stdout + done.stderr
    if arguments[0] == "format":  # the files, not the whole difference
        text = "\n".join(line.strip(" ->") for line in text.splitlines() if line.lstrip().startswith("-->"))
        text += "\nformat with: .venv/bin/ruff format FILE"
    return f"{name} {arguments[0]}".removesuffix(" --no-logo"), done.returncode == 0, text


def _house() -> tuple[str, bool, str]:
    found = findings()
    return "rules of this house", not found, "\n".join(str(finding) for finding in found)


def _client() -> tuple[str, bool, str]:
    stale = [str(path.relative_to(ROOT)) for path, text in sync_client.written() if path.read_text() != text]
    told = "\n".join([*stale, "is made of fourflow_client/aio: change that, then run tools/sync_client.py"])
    return "client for threads", not stale, told


def main() -> int:
    """Run everything, print what is wrong, return the exit status."""
    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        waiting = [
            pool.submit(_program, "ruff", "check", "--no-cache", "--quiet", "--output-format", "concise", *CODE),
            pool.submit(_program, "ruff", "format", "--no-cache", "--quiet", "--check", *CODE),
            pool.submit(_program, "lint-imports", "--no-logo", "--no-cache"),
            pool.submit(_program, "mypy", "src/fourflow", "clients/python/src/fourflow_client"),
            pool.submit(_house),
            pool.submit(_client),
        ]
        results = [future.result() for future in waiting]
    for name, fine, text in results:
        if not fine:
            print(f"--- {name}\n{text.strip()}\n")
    verdict = ", ".join(f"{name} {'ok' if fine else 'FAILED'}" for name, fine, _ in results)
    print(f"{verdict} ({time.monotonic() - began:.1f} s)")
    return 0 if all(fine for _, fine, _ in results) else 1
