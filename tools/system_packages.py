"""System packages that only tests need: installed when root on Debian, otherwise named exactly."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

#: what must be there → the Debian package that brings it
NEEDED = {
    "chromium-headless-shell": "chromium-headless-shell",
    "hledger": "hledger",
    "pdfsig": "poppler-utils",
    "/usr/lib/postgresql/15/bin/postgres": "postgresql-15",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc": "fonts-noto-cjk",
}


def missing() -> list[str]:
    return [package for thing, package in NEEDED.items() if not (shutil.which(thing) or Path(thing).exists())]


def main() -> None:
    packages = missing()
    if not packages:
        return
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"installing {' '.join(packages)} …", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=environment, stdout=subprocess.DEVNULL)
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f"could not install {' '.join(packages)}: {done.stderr[-600:]}")
    else:
        print(f"Tests that need them will skip; to run them too: {' '.join(command)}")


if __name__ == "__main__":
    main()
