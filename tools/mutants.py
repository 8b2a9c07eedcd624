"""``make mutants``: changes the domain code in one place at a time and asks whether a unit test notices.

    python tools/mutants.py [module …] [--list] [--jobs N]

Each mutant lives only in a forked child: the module is compiled from the changed tree and given to the unit tests of its
room. A mutant is killed when a test fails or nothing ends in time. Survivors are printed with their line; those that change
nothing a caller could see stand in docs/mutants.md with the reason.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.abc
import importlib.util
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MODULES = ("ledger", "limits", "claims", "vouchers", "financing")
WANTED = 90
SECONDS = 40
REASONS = ROOT / "docs" / "mutants.md"

COMPARE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
NUMERIC = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the n-th possible one of a file."""

    module: str
    path: Path
    number: int
    line: int
    what: str

    @property
    def place(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}"

    @property
    def key(self) -> str:
        """How docs/mutants.md names it: file and change, without the line, which moves."""
        return f"{self.path.parent.parent.name}/{self.path.stem}: {self.what}"


class Changer(ast.NodeVisitor):
    """Walks a tree and offers every change; applies the one whose number is asked for."""

    def __init__(self, chosen: int | None = None) -> None:
        self.chosen, self.count, self.here = chosen, 0, ""
        self.found: list[tuple[int, int, str]] = []

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.stmt) and not isinstance(node, ast.FunctionDef | ast.ClassDef):
            self.here = ast.unparse(node).splitlines()[0][:80]  # a number alone would not name its mutant
        super().visit(node)

    def offer(self, node: ast.AST, what: str, apply: Callable[[], None]) -> None:
        self.found.append((self.count, getattr(node, "lineno", 0), what))
        if self.count == self.chosen:
            apply()
        self.count += 1

    def visit_Compare(self, node: ast.Compare) -> None:
        before = ast.unparse(node)
        for place, operator in enumerate(node.ops):
            for other in COMPARE.get(type(operator), ()):
                word = f"{type(operator).__name__} → {other.__name__} in `{before}`"
                self.offer(node, word, lambda p=place, o=other: node.ops.__setitem__(p, o()))  # type: ignore[misc]
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        other = ARITHMETIC.get(type(node.op))
        if other is not None and not _is_text(node):
            word = f"{type(node.op).__name__} → {other.__name__} in `{ast.unparse(node)}`"
            self.offer(node, word, lambda: setattr(node, "op", other()))
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        self.offer(node, f"and ↔ or in `{ast.unparse(node)}`", lambda: setattr(node, "op", other()))
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not | ast.USub):
            plus = ast.UAdd() if isinstance(node.op, ast.USub) else None
            word = f"without {'minus' if plus else 'not'}: `{ast.unparse(node)}`"
            self.offer(node, word, lambda: _unsign(node, plus))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self.offer(node, f"{value} → {not value} in `{self.here}`", lambda: setattr(node, "value", not value))
        elif isinstance(value, int):
            for other in (value + 1, value - 1):
                self.offer(node, f"{value} → {other} in `{self.here}`", lambda o=other: setattr(node, "value", o))  # type: ignore[misc]
        elif isinstance(value, str) and NUMERIC.fullmatch(value):
            self.offer(
                node,
                f'"{value}" → "1{value}" in `{self.here}`',
                lambda: setattr(node, "value", f"1{value}".replace("1-", "-1")),
            )

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
            word = f"return None instead of `{ast.unparse(node.value)}`"
            self.offer(node, word[:120], lambda: setattr(node, "value", ast.Constant(None)))
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        return  # the words of an error are not mutated

    def visit_If(self, node: ast.If) -> None:
        if any(isinstance(child, ast.Raise) for child in node.body):
            self.offer(
                node, f"never `{ast.unparse(node.test)}`"[:120], lambda: setattr(node, "test", ast.Constant(False))
            )
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for default in [*node.args.defaults, *[d for d in node.args.kw_defaults if d is not None]]:
            self.visit(default)
        for statement in node.body[1 if ast.get_docstring(node) else 0 :]:
            self.visit(statement)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for statement in node.body[1 if ast.get_docstring(node) else 0 :]:
            self.visit(statement)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)


def _is_text(node: ast.BinOp) -> bool:
    sides = (node.left, node.right)
    return any(
        isinstance(s, ast.JoinedStr) or (isinstance(s, ast.Constant) and isinstance(s.value, str)) for s in sides
    )


def _unsign(node: ast.UnaryOp, plus: ast.unaryop | None) -> None:
    if plus is not None:
        node.op = plus
    else:
        node.operand = ast.UnaryOp(ast.Not(), node.operand)


def mutants(module: str) -> list[Mutant]:
    """Every mutant of a room's domain code."""
    found = []
    for path in sorted((ROOT / "src" / "fourflow" / "capital" / module / "domain").glob("*.py")):
        changer = Changer()
        changer.visit(ast.parse(path.read_text(encoding="utf-8")))
        found += [Mutant(module, path, number, line, what) for number, line, what in changer.found]
    return found


class Injector(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module another body than its file."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self.name, self.path, self.tree = name, path, tree

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=str(self.path))

    def create_module(self, spec: Any) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(ast.fix_missing_locations(self.tree), str(self.path), "exec"), module.__dict__)


def _tests(module: str) -> list[str]:
    folder = ROOT / "tests" / "unit" / "capital" / module
    return [str(file) for file in sorted(folder.glob("test_*.py"))]


def _run_tests(module: str) -> int:
    """In a child: the unit tests of a room, the first failure ends them."""
    import hypothesis
    import pytest

    hypothesis.settings.register_profile(
        "mutants",
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=40,
        stateful_step_count=20,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )
    hypothesis.settings.load_profile("mutants")
    # nobody reads the reports, so asserts stay as they are written and no plugin is loaded
    plugins = ["--disable-plugin-autoload", "-p", "no:cacheprovider", "--assert=plain", "--tb=no", "-W", "ignore"]
    places = ["--noconftest", "--import-mode=importlib", "-c", os.devnull, f"--rootdir={ROOT}"]
    return int(pytest.main(["-x", "-q", *plugins, *places, *_tests(module)]))


def _child(work: Callable[[], int]) -> bool:
    """Run in a forked child with a time limit; True when it ended with status 0."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            signal.alarm(SECONDS)
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            status = work()
        finally:
            os._exit(1 if status else 0)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status) == 0


def survives(mutant: Mutant) -> bool:
    """Whether no unit test of the room notices the change."""

    def work() -> int:
        tree = ast.parse(mutant.path.read_text(encoding="utf-8"))
        Changer(mutant.number).visit(tree)
        name = ".".join(mutant.path.relative_to(ROOT / "src").with_suffix("").parts)
        sys.meta_path.insert(0, Injector(name, mutant.path, tree))
        return _run_tests(mutant.module)

    return _child(work)


def accepted() -> set[str]:
    """The survivors that docs/mutants.md gives a reason for."""
    if not REASONS.exists():
        return set()
    return set(re.findall(r"^- \*\*(.+?)\*\*", REASONS.read_text(encoding="utf-8"), re.MULTILINE))


def judge(module: str, jobs: int) -> tuple[int, int, list[Mutant]]:
    """(killed, all, survivors) of one room."""
    found = mutants(module)
    if not _tests(module) or not _child(lambda: _run_tests(module)):
        print(f"{module}: its unit tests are missing, or fail already without any change", flush=True)
        return 0, len(found), []
    # threads only wait: every mutant runs in a process of its own
    with ThreadPoolExecutor(jobs) as pool:
        outcome = list(pool.map(survives, found))
    left = [mutant for mutant, alive in zip(found, outcome, strict=True) if alive]
    return len(found) - len(left), len(found), left


def show(module: str, jobs: int) -> bool:
    """Judge one room and print it; True when enough died."""
    began = time.monotonic()
    killed, total, left = judge(module, jobs)
    reasons = accepted()
    open_ = [mutant for mutant in left if mutant.key not in reasons]
    share = 100 * killed / total if total else 100.0
    print(
        f"{module}: {killed}/{total} killed ({share:.1f} %), {len(left) - len(open_)} survivors with a reason, "
        f"{len(open_)} without, {time.monotonic() - began:.0f} s",
        flush=True,
    )
    for mutant in open_:
        print(f"  survived {mutant.place}  {mutant.key}", flush=True)
    return share >= WANTED


def _load() -> None:
    """Import what does not change once here, so that no child has to."""
    for name in (
        "pytest",
        "hypothesis",
        "psycopg",
        "fourflow.platform.crypto.signing",
        "fourflow.platform.events.types",
    ):
        importlib.import_module(name)
    for module in MODULES:
        for slot in ("types", "events"):
            name = f"fourflow.capital.{module}.{slot}"
            if importlib.util.find_spec(name) is not None:
                importlib.import_module(name)
    loaded = [name for name in sys.modules if name.startswith("fourflow.capital.") and ".domain" in name]
    assert not loaded, f"{loaded} would be used instead of their mutants"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=list(MODULES))
    parser.add_argument("--list", action="store_true", help="only list the mutants")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(arguments)
    sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != ROOT / "tools"]
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as home:
        os.environ["FOURFLOW_HOME"] = home
        return _act(chosen)


def _act(chosen: argparse.Namespace) -> int:
    if chosen.list:
        for module in chosen.modules:
            for mutant in mutants(module):
                print(mutant.place, mutant.key)
        return 0
    _load()

    enough = [show(module, chosen.jobs) for module in chosen.modules]
    return 0 if all(enough) else 1


if __name__ == "__main__":
    sys.exit(main())
