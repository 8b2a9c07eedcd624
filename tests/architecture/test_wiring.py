"""What a module offers to be swept or to follow events is run by somebody."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tests.conftest import ROOT

SOURCES = ROOT / "src" / "fourflow"
JOBS = sorted(SOURCES.glob("*/*/jobs.py"))
WIRING = ast.parse((SOURCES / "config" / "wiring.py").read_text())


def _wired(module: str) -> set[str]:
    """What the wiring takes from a module's jobs, which it knows by another name."""
    imports = [node for node in ast.walk(WIRING) if isinstance(node, ast.ImportFrom)]
    called = {
        name.asname or name.name
        for node in imports
        if node.module == module
        for name in node.names
        if name.name == "jobs"
    }
    found = {name.name for node in imports if node.module == f"{module}.jobs" for name in node.names}
    for node in ast.walk(WIRING):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in called:
            found.add(node.attr)
        if isinstance(node, ast.Attribute) and f"'{module}.jobs'" in ast.unparse(node.value):
            found.add(node.attr)
    return found


def test_every_fact_outside_a_modules_events_is_loaded_by_the_wiring() -> None:
    """What nobody loads is a kind that the feed refuses to be asked for, though it tells it."""
    named = {name.name for node in ast.walk(WIRING) if isinstance(node, ast.ImportFrom) for name in node.names}
    facts = {
        one.name
        for path in SOURCES.rglob("*.py")
        if path.name != "events.py"
        for one in ast.parse(path.read_text()).body
        if isinstance(one, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "Event" for base in one.bases)
    }
    assert facts and facts <= named


@pytest.mark.parametrize("path", JOBS, ids=[path.parent.name for path in JOBS])
def test_every_sweep_and_consumer_of_a_module_is_run(path: Path) -> None:
    tree = ast.parse(path.read_text())
    offered = {one.name for one in tree.body if isinstance(one, ast.FunctionDef) and not one.name.startswith("_")}
    by_itself = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert offered <= by_itself | _wired(".".join(path.parent.relative_to(ROOT / "src").parts))
