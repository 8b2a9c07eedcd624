"""The story of ``make demo`` whole: its printed figures, at most 120 s after set-up, and at most 10 s to start again over it.

Set-up is what comes before the first party: a database, its schema, the processes of the outside parties.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools.bench import scratch

LIMIT_SECONDS = 120.0
AGAIN_SECONDS = 10.0
#: what the last page must say of the file, whatever the machine
FIGURES = (
    "Order lines read 10,324, refused 0;",
    "904 lines, 73968659.02 USD, 509 payables.",
    "493 paid by the due date, 1 late (by 14 days), 0 unpaid.",
    "sound, newest head cosigned by 2",
)
PATIENCE_SECONDS = 900
PORT = 8730


def again(command: list[str], environment: dict[str, str]) -> float:
    """Seconds from the command to the first page of a site whose story has been played."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while process.poll() is None and time.perf_counter() - begun < PATIENCE_SECONDS:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=20).close()
                return time.perf_counter() - begun
            time.sleep(0.05)
        raise RuntimeError("the site did not start")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def main() -> int:
    home = Path(tempfile.mkdtemp(prefix="fourflow-story-"))
    environment = {**os.environ, "FOURFLOW_HOME": str(home), "PYTHONPATH": str(scratch.ROOT / "src")}
    environment.pop("FOURFLOW_DATABASE_URL", None)
    command = [sys.executable, "-m", "fourflow", "demo", "--port", str(PORT)]
    try:
        begun = time.perf_counter()
        ran = subprocess.run(
            [*command, "--once"], env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
        spent = time.perf_counter() - begun
        if ran.returncode:
            print(ran.stdout[-1500:], ran.stderr[-1500:], sep="\n")
            return 1
        page = (home / "story.txt").read_text()
        started = [again(command, environment) for _ in range(5)]
    finally:
        shutil.rmtree(home, ignore_errors=True)
    lacking = [figure for figure in FIGURES if figure not in page]
    for told in [*page.splitlines()[1:8], *(f"NOT printed: {figure}" for figure in lacking)]:
        scratch.note(told.strip())
    took = float(re.findall(r"The story took ([0-9.]+) s", page)[0])
    good = scratch.line("the story, after set-up", took, "s", LIMIT_SECONDS)
    scratch.note(f"{spent:.1f} s with an empty home's database, schema, outside parties and their end")
    soon = scratch.line(
        "started again, from the command to the first page", statistics.median(started), "s", AGAIN_SECONDS
    )
    scratch.note(scratch.load())
    return 0 if good and soon and not lacking else 1


if __name__ == "__main__":
    raise SystemExit(main())
