"""The rules. A rule is a function from a file to findings; its sentence says what to do instead."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from tools.lint.source import Finding, Source, dotted
from tools.lint.visible import visible

Rule = Callable[[Source], Iterator[Finding]]

FILE_LINES = 400
FUNCTION_LINES = 60
#: stories, tables of cases and measurements may be a little longer than what ships
LOOSER = ("tests/", "tools/bench/")
GRAB_BAGS = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "common", "misc"}
READS_CLOCK = {"now", "machine", "today", "utcnow", "localdate", "localtime"}
CLOCKS = {"clock", "datetime", "date", "timezone", "datetime.datetime", "datetime.date"}
MONEY_WORDS = {"minor", "money", "amount", "face", "rate", "cost", "fee", "interest", "price", "currency", "principal"}
HTTP = ("httpx.", "httpcore.", "requests.", "urllib.request.", "http.client.")
#: the functions of a model that may lock rows
LOCKERS = {"lock", "lock_all", "lock_or_open", "under_lock", "lock_with_ancestors"}
#: names under which ports to outside parties are passed around
OUTSIDE = {"bank", "registry", "funder", "witness", "client", "courier"}


def _method(node: ast.AST, names: set[str]) -> str:
    """What a method of one of these names is called on; empty when the node is no such call."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
        return dotted(node.func.value)
    return ""


def clock(source: Source) -> Iterator[Finding]:
    """Time is an argument below the doors."""
    free = source.layer in {"interfaces", "config"} or source.slot == "jobs"
    if not source.path.startswith("src/fourflow/") or free or source.path == "src/fourflow/platform/clock.py":
        return
    for node in source.nodes:
        if (owner := _method(node, READS_CLOCK)) and owner in CLOCKS:
            says = "only doors and jobs.py read the clock: take effective_at or today as a parameter"
            yield source.finding(node, "clock", says)


def floats(source: Source) -> Iterator[Finding]:
    """Money is whole minor units, rates are decimals."""
    if not source.path.startswith("src/fourflow/") or source.layer in {"config", "platform"}:
        return
    # seconds of waiting are floats: jobs and adapters; drawings and processes: the doors, where only money is watched
    watched_all = source.slot not in {"", "jobs", "adapters"}
    for node in source.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            if watched_all or _near_money(node):
                yield source.finding(node, "float", "never float() a figure: Money for amounts, Decimal for rates")
        elif isinstance(node, ast.Constant) and isinstance(node.value, float) and watched_all:
            yield source.finding(node, "float", 'write Decimal("…") for a rate and whole minor units for an amount')
        elif isinstance(node, ast.Name) and node.id == "float" and watched_all and not _is_type_test(source, node):
            yield source.finding(node, "float", "no value here is a float: Money, int or Decimal")
        elif isinstance(node, ast.Call) and dotted(node.func).endswith(("FloatField", "FloatRange")):
            yield source.finding(node, "float", "no column is a float: bigint minor units or numeric")


def _near_money(node: ast.AST) -> bool:
    names = {
        n.id if isinstance(n, ast.Name) else n.attr for n in ast.walk(node) if isinstance(n, ast.Name | ast.Attribute)
    }
    return any(word in name.lower().split("_") for name in names for word in MONEY_WORDS)


def _is_type_test(source: Source, name: ast.Name) -> bool:
    """isinstance(value, (bool, float)) refuses floats, which is what is wanted."""
    tests = (n for n in source.nodes if isinstance(n, ast.Call) and dotted(n.func) == "isinstance")
    return any(child is name for test in tests for child in ast.walk(test))


def locks(source: Source) -> Iterator[Finding]:
    """Rows are locked in one place of a model, in ascending order."""
    if not source.path.startswith("src/fourflow/") or source.layer == "platform" or source.migration:
        return
    for name, function in source.functions():
        last = name.rpartition(".")[2]
        if source.slot == "models" and last in LOCKERS:
            continue
        for node in ast.walk(function):
            if _method(node, {"select_for_update"}):
                says = "lock through the model's lock(): it orders by id and refuses what is not visible"
                yield source.finding(node, "lock", says)


def network(source: Source) -> Iterator[Finding]:
    """No transaction stays open while somebody outside is asked."""
    if not source.path.startswith("src/fourflow/"):
        return
    if source.slot in {"types", "events", "domain", "models", "queries", "operations"} or source.layer == "platform":
        for node in source.nodes:
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name + "." for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module + "."]
            if any(name.startswith(HTTP) for name in names):
                yield source.finding(node, "network", "operations write an instruction row; a job talks to the party")
    for node in source.nodes:
        if isinstance(node, ast.With) and any("atomic" in dotted(item.context_expr) for item in node.items):
            for inner in (n for statement in node.body for n in ast.walk(statement)):
                if isinstance(inner, ast.Call) and _talks(inner):
                    says = "no network inside a transaction: commit first, then ask, then write the answer"
                    yield source.finding(inner, "network", says)


def _talks(call: ast.Call) -> bool:
    name = dotted(call.func)
    if name.startswith(HTTP):
        return True
    owner, _, method = name.rpartition(".")
    return owner.rpartition(".")[2] in OUTSIDE and not method.startswith("_")


def sizes(source: Source) -> Iterator[Finding]:
    """Small files, small functions."""
    lines = source.text.count("\n")
    loose = source.path.startswith(LOOSER)
    most, longest = (FILE_LINES + 100, FUNCTION_LINES + 20) if loose else (FILE_LINES, FUNCTION_LINES)
    if lines > most and not source.migration:
        yield source.finding(1, "size", f"{lines} lines, {most} allowed: split by what it is about")
    for name, function in source.functions():
        length = (function.end_lineno or 0) - function.lineno + 1
        if length > longest and not source.migration:
            says = f"{name} has {length} lines, {longest} allowed: name its steps as functions"
            yield source.finding(function, "size", says)


def names(source: Source) -> Iterator[Finding]:
    """A module's name says what it is about."""
    for part in source.parts:
        if part in GRAB_BAGS:
            says = f"“{part}” collects what has no home: name the file after its subject"
            yield source.finding(1, "name", says)


def prints(source: Source) -> Iterator[Finding]:
    """Only the command line talks to a terminal."""
    if not source.path.startswith("src/fourflow/") or source.parts[1:3] == ("interfaces", "cli"):
        return
    for node in source.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield source.finding(node, "print", "log with structlog, or return the text to the command line")


def deletes(source: Source) -> Iterator[Finding]:
    """Nothing is deleted."""
    if source.layer not in {"foundation", "trade", "capital", "oversight"} or source.migration:
        return
    for node in source.nodes:
        owner = _method(node, {"delete"})
        if ".objects" in owner or owner in {"row", "self", "rows"}:
            yield source.finding(node, "delete", "the writer may not delete: correct by a new row or a new state")


RULES: tuple[Rule, ...] = (clock, floats, locks, network, sizes, names, prints, deletes, visible)
