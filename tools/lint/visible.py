"""Querysets start at visible_to: what a person may see is decided where the reading begins, not afterwards."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from tools.lint.source import LAYERS, Finding, Source, dotted

LISTED = Path(__file__).with_name("unseen.toml")
#: these write rows or begin with the actor; a locking method is called on what visible_to gave
STARTS = {"visible_to", "visible_in_parts", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}


@cache
def exceptions() -> Mapping[tuple[str, str], str]:
    """(room/slot, model) → why its rows are read without an actor."""
    groups = tomllib.loads(LISTED.read_text(encoding="utf-8"))["group"]
    return {
        (room, model): group["reason"]
        for group in groups
        for room, models in group["rooms"].items()
        for model in models
    }


def place(source: Source) -> str:
    """``capital/vouchers/operations``: where a listed exception holds."""
    return "/".join(source.parts[1:4])


def unseen(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Every place in operations and queries that reads a table without an actor, with the model's name."""
    if source.layer not in LAYERS or source.slot not in {"operations", "queries"}:
        return
    for node in source.nodes:
        if not isinstance(node, ast.Attribute):
            continue
        chain = dotted(node)
        if isinstance(node.value, ast.Attribute) and node.value.attr == "objects" and node.attr not in STARTS:
            yield node, chain.split(".objects")[0].rpartition(".")[2]
    for node in source.nodes:
        starts = isinstance(node, ast.Call) and dotted(node.func).endswith(".visible_to")
        if starts and isinstance(node, ast.Call) and node.args and dotted(node.args[0]) == "SYSTEM":
            yield node, dotted(node.func).split(".objects")[0].rpartition(".")[2]


def visible(source: Source) -> Iterator[Finding]:
    """Reads begin with the actor, or stand in tools/lint/unseen.toml with a reason."""
    for node, model in unseen(source):
        if (place(source), model) not in exceptions():
            says = f"begin with {model}.objects.visible_to(actor), or list it with its reason in tools/lint/unseen.toml"
            yield source.finding(node, "visible", says)
