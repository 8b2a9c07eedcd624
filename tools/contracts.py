"""Contracts of our own for import-linter: what its kinds cannot say with wildcards."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

LAYERS = ("foundation", "trade", "logistics", "information", "capital", "oversight")
PUBLIC = frozenset({"types", "events", "ports", "operations", "queries"})
#: rooms whose code runs by itself: whoever starts processes may import them
HANDS = frozenset({"jobs", "adapters"})


def room_of(module: str) -> tuple[str, str]:
    """The business module a Python module lies in ("" for platform, doors and wiring), and its slot there."""
    parts = module.split(".")
    if len(parts) < 3 or parts[0] != "fourflow" or parts[1] not in LAYERS:
        return "", ""
    return ".".join(parts[:3]), parts[3] if len(parts) > 3 else ""


class PublicSurface(Contract):
    """Outsiders import types, events, ports, operations and queries of a module; starters also jobs and adapters."""

    type_name = "public_surface"
    starters = fields.ListField(subfield=fields.StringField())
    exceptions = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        starters: list[str] = self.starters  # type: ignore[assignment]
        allowed = set(self.exceptions or [])  # type: ignore[call-overload]
        illegal: list[str] = []
        for imported in sorted(graph.modules):
            room, slot = room_of(imported)
            if not room or slot in PUBLIC or slot == "":
                continue
            for importer in sorted(graph.find_modules_that_directly_import(imported)):
                starts = slot in HANDS and any(f"{importer}.".startswith(f"{starter}.") for starter in starters)
                link = f"{importer} -> {imported}"
                if room_of(importer)[0] != room and not starts and link not in allowed:
                    illegal.append(link)
                allowed.discard(link)
        return ContractCheck(kept=not illegal and not allowed, metadata={"illegal": illegal, "unused": sorted(allowed)})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for link in check.metadata["illegal"]:
            output.print_error(f"{link}: say it through types, events, ports, operations or queries.")
        for link in check.metadata["unused"]:
            output.print_error(f"{link}: an exception that nothing needs any more; take it out of .importlinter.")


class Pure(Contract):
    """Types, events, ports and domain never reach Django or a database driver, not even through others."""

    type_name = "pure"
    slots = fields.ListField(subfield=fields.StringField())
    forbidden = fields.ListField(subfield=fields.StringField())
    also = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        slots: list[str] = self.slots  # type: ignore[assignment]
        forbidden: list[str] = self.forbidden  # type: ignore[assignment]
        pure = {m for m in graph.modules if room_of(m)[1] in slots} | set(self.also)  # type: ignore[call-overload]
        illegal: list[str] = []
        for module in sorted(pure):
            for foreign in forbidden:
                if foreign not in graph.modules:
                    continue
                chain = graph.find_shortest_chain(importer=module, imported=foreign)
                if chain:
                    illegal.append(" -> ".join(chain))
        return ContractCheck(kept=not illegal, metadata={"illegal": illegal})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for chain in check.metadata["illegal"]:
            output.print_error(f"{chain}: pure code takes values as arguments and knows no database.")


class Adapters(Contract):
    """An adapter knows its port, types and pure helpers: no tables, and no other adapter of its module."""

    type_name = "adapters"
    formats = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        shared = set(self.formats or [])  # type: ignore[call-overload]
        illegal: list[str] = []
        for module in sorted(m for m in graph.modules if room_of(m)[1] == "adapters"):
            mine = ".".join(module.split(".")[:5])
            for imported in sorted(graph.find_modules_directly_imported_by(module)):
                other = ".".join(imported.split(".")[:5])
                neighbour = room_of(imported)[1] == "adapters" and other != mine and other not in shared
                if room_of(imported)[1] == "models" or imported == "fourflow.platform.models" or neighbour:
                    illegal.append(f"{module} -> {imported}")
        return ContractCheck(kept=not illegal, metadata={"illegal": illegal})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for link in check.metadata["illegal"]:
            output.print_error(f"{link}: an adapter speaks to its port only; tables and other adapters stay away.")
