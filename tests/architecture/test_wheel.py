"""What a released wheel holds: who installs it needs neither Node nor a build."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of this checkout, built from a copy so that nothing is left behind in it."""
    copy = tmp_path_factory.mktemp("release")
    for name in ("pyproject.toml", "README.md", "LICENSE", "src"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(source, copy / name)
    built = subprocess.run([sys.executable, "-c", BUILD, str(copy)], cwd=copy, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr[-2000:]
    return zipfile.ZipFile(copy / built.stdout.split()[-1])


def test_a_wheel_brings_everything_that_node_has_built_and_everything_that_is_read_at_run_time(
    wheel: zipfile.ZipFile,
) -> None:
    held = set(wheel.namelist())
    files = {path for path in (ROOT / "src").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    wanted = {str(path.relative_to(ROOT / "src")) for path in files if not any("egg-info" in p for p in path.parts)}
    missing = {name for name in wanted - held if not name.endswith((".gitignore", "/stamp"))}
    assert missing == set()
    vendor = {name.rpartition("/")[2] for name in held if name.startswith("fourflow/interfaces/web/static/vendor/")}
    assert {"htmx.js", "charts.js", "fourflow.js", "fourflow.css", "LICENCES.txt"} <= vendor, "built by Node"
    assert {".woff2", ".otf", ".mo", ".typ"} <= {Path(name).suffix for name in held}
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in held)


def test_who_installs_a_wheel_installs_no_node(wheel: zipfile.ZipFile) -> None:
    (metadata,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    needed = message_from_bytes(wheel.read(metadata)).get_all("Requires-Dist") or []
    assert any(name.startswith("django") for name in needed)
    assert [name for name in needed if "node" in name] == []
