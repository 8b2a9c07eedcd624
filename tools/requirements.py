"""``make requirements``: which requirements tests hold, by kind. Marks are read from the source; nothing is imported.

A mark ``@pytest.mark.requirement("R354")`` stands only where breaking the guard would fail the test.
"""

from __future__ import annotations

import ast
import csv
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "docs" / "requirements.csv"
KINDS = {
    "software": "what the software must do",
    "figure": "figures that operators of such platforms publish, to be measured against",
    "context": "facts about the world; nothing to be built",
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of docs/requirements.csv."""

    id: str
    kind: str
    area: str
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One id on one test."""

    id: str
    place: str
    test: str


def requirements(path: Path = LIST) -> dict[str, Requirement]:
    """All requirements by id."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["id"]: Requirement(row["id"], row["kind"], row["area"], row["requirement"])
            for row in csv.DictReader(file)
        }


def marks(folder: Path = ROOT / "tests") -> Iterator[Mark]:
    """Every requirement mark of every test: on functions, on classes, or as a module's pytestmark."""
    for file in sorted(folder.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        place = file.relative_to(folder.parent).as_posix()
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                for decorator in node.decorator_list:
                    yield from (Mark(found, f"{place}:{node.lineno}", node.name) for found in _ids(decorator))
            elif isinstance(node, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets
            ):
                yield from (Mark(found, f"{place}:{node.lineno}", "whole file") for found in _ids(node.value))


def _ids(node: ast.AST) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "requirement":
            for argument in call.args:
                yield str(argument.value) if isinstance(argument, ast.Constant) else ast.unparse(argument)


def unknown() -> list[Mark]:
    """Marks that name no requirement."""
    known = requirements()
    return [mark for mark in marks() if mark.id not in known]


def main() -> int:
    """Print covered and not covered by kind; exit status 1 when a mark names no requirement."""
    held: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks():
        held[mark.id].append(mark)
    listed = requirements()
    for kind, meaning in KINDS.items():
        of_kind = [item for item in listed.values() if item.kind == kind]
        covered = [item for item in of_kind if item.id in held]
        print(f"\n{kind} ({meaning}): {len(covered)} of {len(of_kind)} covered")
        for item in covered:
            where = ", ".join(f"{mark.test} ({mark.place})" for mark in held[item.id])
            print(f"  {item.id} covered      {item.text[:90]}\n         {where}")
        areas: dict[str, list[str]] = defaultdict(list)
        for item in of_kind:
            if item.id not in held:
                areas[item.area].append(item.id)
        for area, ids in areas.items():
            print(f"  not covered  {area}: {' '.join(ids)}")
    wrong = unknown()
    for mark in wrong:
        print(f"\n{mark.place}: {mark.id} is no requirement of docs/requirements.csv")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
