"""Every operation that locks is atomic by itself: whoever calls it, in a door, a consumer or a bare worker."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from tests.conftest import ROOT

SOURCES = sorted(
    path
    for pattern in ("*/*/operations.py", "*/*/operations/*.py")
    for path in (ROOT / "src" / "fourflow").glob(pattern)
    if path.name != "__init__.py"
)


def _offered(path: Path) -> set[str] | None:
    """What outsiders may call of a file; None where all that has no underscore."""
    if path.parent.name != "operations":
        return None
    names = [node for node in ast.parse((path.parent / "__init__.py").read_text()).body if isinstance(node, ast.Assign)]
    return {ast.literal_eval(name) for node in names for name in getattr(node.value, "elts", [])}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: "/".join(path.relative_to(ROOT / "src/fourflow").parts))
def test_an_operation_that_locks_opens_its_own_transaction(path: Path) -> None:
    offered = _offered(path)
    bare = []
    for node in ast.parse(path.read_text()).body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        text = ast.unparse(node)
        locks, atomic = ".lock(" in text or ".lock_all(" in text, "atomic" in text or "@joins" in text
        if locks and not atomic and (offered is None or node.name in offered):
            bare.append(node.name)
    assert bare == []
