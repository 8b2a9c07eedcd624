"""Audit: log made anew from the events, ledger recomputed, rows compared with what events recorded."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from fourflow.capital.ledger import queries as ledger
from fourflow.foundation.evidence import queries as evidence
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.api.auth import caller
from fourflow.interfaces.api.fields import Part, Shown
from fourflow.interfaces.api.replies import reads, reply
from fourflow.oversight.monitoring import queries as monitoring

router = Router(tags=["audit"])
SHOWN = 100


class FindingBody(Part):
    code: str
    subject: str
    detail: str


class LogAudit(Part):
    """Leaves, tiles, heads and signatures that were made anew and compared."""

    clean: bool
    leaves: int
    tiles: int
    checkpoints: int
    cosignatures: int
    findings: list[FindingBody]


class DifferenceFound(Part):
    what: str
    key: str
    expected: str
    found: str


class LedgerAudit(Part):
    """``root`` identifies the ledger's state: equal roots, equal ledgers."""

    sound: bool
    accounts: int
    batches: int
    transfers: int
    root: str
    differences: list[DifferenceFound]


class RowFinding(Part):
    table: str
    key: str
    problem: str


class RowAuditBody(Part):
    """Rows of every module compared with the digest that the last event about them recorded."""

    sound: bool
    checked: int
    findings: list[RowFinding]


class AuditBody(Shown):
    """At most 100 findings of each are shown; ``clean`` and ``sound`` speak for all."""

    evidence: LogAudit
    ledger: LedgerAudit
    rows: RowAuditBody


@router.get("/audit", **reads(AuditBody))
def audit(request: HttpRequest) -> HttpResponse:
    """Recompute it all now; reads everything, so ask rarely. For the operator's and the regulator's readers."""
    caller(request).actor.require(Permission.AUDIT_READ)
    from fourflow.config import wiring  # knows every module's evidenced rows; not needed to import the API

    log, books, rows = evidence.audit_log(), ledger.verify(), monitoring.audit_rows(wiring.EVIDENCED)
    body = AuditBody(
        evidence=LogAudit(
            clean=log.sound,
            leaves=log.leaves,
            tiles=log.tiles,
            checkpoints=log.checkpoints,
            cosignatures=log.cosignatures,
            findings=[FindingBody.model_validate(finding) for finding in log.findings[:SHOWN]],
        ),
        ledger=LedgerAudit(
            sound=books.sound,
            accounts=books.accounts,
            batches=books.batches,
            transfers=books.transfers,
            root=books.root,
            differences=[DifferenceFound.model_validate(one) for one in books.differences[:SHOWN]],
        ),
        rows=RowAuditBody(
            sound=rows.sound,
            checked=rows.checked,
            findings=[RowFinding.model_validate(one) for one in rows.findings[:SHOWN]],
        ),
    )
    return reply(request, body)
