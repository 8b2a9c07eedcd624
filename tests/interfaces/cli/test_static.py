"""What a browser is given is what was built last."""

from __future__ import annotations

import os
from pathlib import Path

from fourflow.interfaces.cli.running import BUILT, collected


def test_static_files_are_collected_again_where_an_upgrade_brought_others(tmp_path: Path) -> None:
    built, stamp = tmp_path / "static" / "vendor", tmp_path / "staticfiles.json"
    built.mkdir(parents=True)
    for name in ("fourflow.css", "fourflow.js"):
        (built / name).write_text("old")
        os.utime(built / name, (1000, 1000))
    assert not collected(stamp, built.parent), "never before"
    stamp.write_text("{}")
    os.utime(stamp, (2000, 2000))
    assert collected(stamp, built.parent)
    os.utime(built / "fourflow.js", (3000, 3000))
    assert not collected(stamp, built.parent), "the page would be drawn with the script of before"
    assert (BUILT / "img").is_dir(), "where the house has them"
