"""How long ``make setup`` takes in a clean clone. Downloads the locked packages anew, hence only with ``--really``.

python tools/bench/setup_time.py --really
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools.bench import scratch

LIMIT_SECONDS = 240.0


def main() -> int:
    if "--really" not in sys.argv:
        scratch.note("left out: python tools/bench/setup_time.py --really clones and sets up anew (limit 240 s)")
        return 0
    with tempfile.TemporaryDirectory(prefix="fourflow-setup-") as folder:
        clone = Path(folder) / "a clone"
        subprocess.run(["git", "clone", "-q", str(scratch.ROOT), str(clone)], check=True)
        environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
        begun = time.perf_counter()
        subprocess.run(["make", "setup"], cwd=clone, env=environment, check=True, stdout=subprocess.DEVNULL)
        spent = time.perf_counter() - begun
    good = scratch.line("make setup in a clean clone", spent, "s", LIMIT_SECONDS)
    scratch.note(scratch.load())
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
