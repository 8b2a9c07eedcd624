"""The story of ``make demo`` from an empty home, after set-up: at most 120 s, start of database and site included."""

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
    good = scratch.line("the story, from an empty home", spent, "s", LIMIT_SECONDS)
    scratch.note(scratch.load())
    return 0 if good and not ran.returncode else 1


if __name__ == "__main__":
    raise SystemExit(main())
