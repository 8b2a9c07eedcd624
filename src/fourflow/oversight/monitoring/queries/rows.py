"""The audit of evidence over all modules: does every row say what the last event about it recorded?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from fourflow.platform.events import queries as events
from fourflow.platform.events.types import Evidenced


@dataclass(frozen=True, slots=True)
class Finding:
    """A row that no event explains: changed, removed, or added behind the platform's back."""

    table: str
    key: str
    problem: str

    def __str__(self) -> str:
        return f"{self.table} {self.key}: {self.problem}"


@dataclass(frozen=True, slots=True)
class RowAudit:
    """How many rows were compared, and what was found."""

    checked: int
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        return not self.findings


def audit_rows(sources: Iterable[Callable[[], Iterator[Evidenced]]]) -> RowAudit:
    """Compare every evidenced row with the digest that the last event about it recorded.

    The events themselves are checked by ``evidence.queries.audit_log`` against leaves, tiles and witnessed heads.
    """
    last: dict[tuple[str, str], str] = {}
    for row in events.evidenced_rows():
        last[(row.table, row.key)] = row.digest
    findings: list[Finding] = []
    checked = 0
    unread: set[str] = set()
    for source in sources:
        module = source.__module__.split(".")[2]
        try:
            for found in source():
                checked += 1
                recorded = last.pop((found.table, found.key), None)
                if recorded is None:
                    findings.append(Finding(found.table, found.key, "no event knows this row"))
                elif recorded != found.digest():
                    findings.append(Finding(found.table, found.key, "differs from what its last event recorded"))
        except Exception as error:
            # a value that the module itself never writes: tampering, too, and it must not end the audit
            unread.add(module)
            findings.append(Finding(module, "", f"a row cannot be read, nor any after it: {error}"))
    findings += [Finding(table, key, "is gone") for table, key in last if table.partition("_")[0] not in unread]
    return RowAudit(checked=checked, findings=tuple(findings))
