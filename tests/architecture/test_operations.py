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


#: operations that nobody calls yet, and why each of them stays
NO_CALLER = {
    "add_attachment": "the digest of a paper beside a document; the file itself has no door yet",
    "amend_registration": "the registry's own step; no product changes its collateral yet",
    "search_again_before_filing": "the registry's own step, when somebody else's filing is said to have ended",
    "close_account": "an account of a book that is given up; its constraint keeps it at zero",
    "reopen_account": "undoes the former",
}


def test_every_operation_is_called_by_a_door_a_job_or_another_operation() -> None:
    offered: set[str] = set()
    for path in SOURCES:
        defined = {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}
        known = _offered(path)
        offered |= {name for name in defined if not name.startswith("_") and (known is None or name in known)}
    called: set[str] = set()
    for path in (ROOT / "src" / "fourflow").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Attribute(attr=name):
                    called.add(name)
                case ast.Name(id=name, ctx=ast.Load()):
                    called.add(name)
    # a name of the ledger's that a route and another module have too
    called -= {"close_account"}
    assert offered - called == set(NO_CALLER), "give it a door, take it away, or say why it stays"
