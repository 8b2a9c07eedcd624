"""The story of ``make demo``, after set-up: at most 120 s, as it says itself; beside it the whole command from an empty home.

Set-up is what comes before the first party: a database, its schema, the processes of the outside parties.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools.bench import scratch

LIMIT_SECONDS = 120.0
PATIENCE_SECONDS = 900
PORT = 8730


def main() -> int:
    home = Path(tempfile.mkdtemp(prefix="fourflow-story-"))
    environment = {**os.environ, "FOURFLOW_HOME": str(home), "PYTHONPATH": str(scratch.ROOT / "src")}
    environment.pop("FOURFLOW_DATABASE_URL", None)
    command = [sys.executable, "-m", "fourflow", "demo", "--once", "--port", str(PORT)]
    try:
        begun = time.perf_counter()
        ran = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
        spent = time.perf_counter() - begun
    finally:
        shutil.rmtree(home, ignore_errors=True)
    if ran.returncode:
        print(ran.stdout[-1500:], ran.stderr[-1500:], sep="\n")
    for told in re.findall(r".*(?:seconds|sound|verified).*", ran.stdout)[-6:]:
        scratch.note(told.strip())
    took = re.search(r"The story took\s+([0-9.]+)\s+s", ran.stdout + ran.stderr)
    good = scratch.line("the story, after set-up", float(took[1]) if took else spent, "s", LIMIT_SECONDS)
    scratch.note(f"{spent:.1f} s with an empty home's database, schema, outside parties and their end")
    scratch.note(scratch.load())
    return 0 if good and not ran.returncode else 1


if __name__ == "__main__":
    raise SystemExit(main())
