"""``make bench``: every bench in turn, each in a process of its own; median of at least five, ratio to the stated limit.

``python -m tools.bench ledger`` runs those whose name contains the word; options behind it are handed on to them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

HERE = Path(__file__).resolve().parent
#: peers and scenarios that other benches start themselves
PARTS = {"__main__", "__init__", "ledger_bare", "ledger_peer", "scratch"}


def main(given: list[str]) -> int:
    words = list(takewhile(lambda word: not word.startswith("-"), given))
    options = given[len(words) :]
    environment = {**os.environ, "PYTHONPATH": f"{HERE.parent.parent / 'src'}{os.pathsep}{HERE.parent.parent}"}
    failed = []
    for file in sorted(HERE.glob("*.py")):
        if file.stem in PARTS or (words and not any(word in file.stem for word in words)):
            continue
        print(f"\n=== {file.stem}", flush=True)
        if subprocess.run([sys.executable, str(file), *options], env=environment, check=False).returncode:
            failed.append(file.stem)
    if failed:
        print(f"\ndid not run: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
