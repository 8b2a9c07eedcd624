"""Benches and other tools run seldom: what they take from the house must be there all the same."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import ROOT

TOOLS = sorted((ROOT / "tools").glob("**/*.py"))


def _wanted(source: str) -> Iterator[tuple[str, str]]:
    """Module and name of every import from the house or its sandbox, also of those inside functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fourflow"):
            for each in node.names:
                yield str(node.module), each.name


def _there(module: str, name: str) -> bool:
    if hasattr(importlib.import_module(module), name):
        return True
    try:
        importlib.import_module(f"{module}.{name}")
    except ModuleNotFoundError:
        return False
    return True


@pytest.mark.parametrize("tool", TOOLS, ids=lambda path: path.relative_to(ROOT / "tools").as_posix())
def test_what_a_tool_takes_from_the_house_is_there(tool: Path) -> None:
    wanted = set(_wanted(tool.read_text(encoding="utf-8")))
    assert [f"{module}.{name}" for module, name in sorted(wanted) if not _there(module, name)] == []
