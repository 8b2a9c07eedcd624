"""What the documents name is there: files that they lead to, commands, targets of make, variables."""

from __future__ import annotations

import re
from pathlib import Path

import typer
from tests.conftest import ROOT

from fourflow.interfaces.cli.main import app

FENCED = re.compile(r"```.*?```", re.S)
OURS = ("clients", "docs", "src", "tests", "tools")


def _files(ending: str) -> list[Path]:
    found = [
        path for folder in OURS for path in (ROOT / folder).rglob(f"*.{ending}") if "node_modules" not in path.parts
    ]
    return [*ROOT.glob(f"*.{ending}"), *found]


def _documents() -> dict[Path, str]:
    """Every document as one reads it, without its blocks of code."""
    return {path: FENCED.sub("", path.read_text(encoding="utf-8")) for path in _files("md")}


def _named(pattern: str) -> set[str]:
    return {name for text in _documents().values() for name in re.findall(pattern, text)}


def test_every_link_leads_to_a_file() -> None:
    broken = [
        f"{place.relative_to(ROOT)} → {link}"
        for place, text in _documents().items()
        for link in re.findall(r"\]\((?!https?:|/)([^)#\s]+)", text)
        if not (place.parent / link).exists()
    ]
    assert broken == []


def test_every_command_exists() -> None:
    root = typer.main.get_command(app)
    commands = getattr(root, "commands", {})
    known = {*commands, *(f"{name} {sub}" for name, one in commands.items() for sub in getattr(one, "commands", {}))}
    groups = {name for name, one in commands.items() if hasattr(one, "commands")}
    named = {
        (name, sub) for name, sub in re.findall(r"`fourflow ([a-z]+)(?: ([a-z]+))?", "\n".join(_documents().values()))
    }
    asked = {f"{name} {sub}" if name in groups and sub else name for name, sub in named}
    assert len(asked) > 10
    assert asked <= known


def test_every_target_of_make_exists() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert {"demo", "bench"} <= _named(r"`make ([a-z0-9-]+)") <= targets


def test_every_variable_is_read_somewhere() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in [ROOT / "Makefile", *_files("py")])
    assert _named(r"`(FOURFLOW_[A-Z_]+)") <= set(re.findall("FOURFLOW_[A-Z_]+", sources))
