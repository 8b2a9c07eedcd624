"""Audit: log made anew from the events, ledger recomputed, rows compared with what events recorded."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from fourflow.capital.ledger import queries as ledger
from fourflow.foundation.evidence import queries as evidence
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.api.auth import caller
from fourflow.interfaces.api.fields import Line, Page, Part, Shown
from fourflow.interfaces.api.ids import PREFIXES, PartyId
from fourflow.interfaces.api.replies import by_id, page, read, reads, reply
from fourflow.interfaces.api.routers.events import EventBody, event_body, kinds_named, subject_named
from fourflow.oversight.insight import queries as insight
from fourflow.oversight.monitoring import queries as monitoring
from fourflow.platform.clock import span
from fourflow.platform.events.queries import Sought
from fourflow.platform.events.types import RecordedEvent
from fourflow.platform.ids import encode

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


class LoggedBody(EventBody):
    """An event with whose doing it was: an account or an API client for an organisation, and the request; null and empty for
    what the platform does by itself. The evidence log does not prove these three."""

    organisation_id: PartyId | None
    done_by: str | None
    request_id: str


class LogPage(Page):
    data: list[LoggedBody]


def _logged(event: RecordedEvent, people: dict[UUID, str]) -> LoggedBody:
    kind = "account" if event.doer_id in people else "client"
    return LoggedBody(
        **event_body(event).model_dump(),
        organisation_id=event.organisation_id,
        done_by=encode(PREFIXES[kind], event.doer_id) if event.doer_id else None,
        request_id=event.request_id,
    )


@router.get("/audit/events", **reads(LogPage))
def search_events(
    request: HttpRequest,
    subject: Line = "",
    type: Line = "",
    done_by: Line = "",
    request_id: Line = "",
    first_day: Annotated[date | None, Query(alias="at[gte]")] = None,
    last_day: Annotated[date | None, Query(alias="at[lte]")] = None,
    q: Line = "",
    sort: Literal["", "at", "-at"] = "-at",
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HttpResponse:
    """The event log searched, for the operator and the regulator, by when facts took effect.

    ``type`` takes kinds and families (``voucher``), several by comma; ``done_by`` an organisation, account or client; ``q``
    words that all stand in the event's data; ``at[gte]`` and ``at[lte]`` the first and the last day. Without ``subject``,
    ``request_id`` or ``at[gte]`` the last 31 days before ``at[lte]`` are searched.
    """
    who = caller(request)
    since, until = span(first_day, last_day)
    sought = Sought(
        subject_id=subject_named(subject) if subject else None,
        request_id=request_id,
        kinds=kinds_named(type),
        doers=[subject_named(done_by)] if done_by else (),
        since=since,
        until=until,
        words=q,
    )

    def query() -> tuple[list[LoggedBody], str | None]:
        rows, following = by_id(
            cursor,
            limit,
            lambda after, size: insight.log(
                actor=who.actor, sought=sought, now=who.now, sort=sort or "-at", after=after, limit=size
            ),
        )
        people = parties.account_holders({one.doer_id for one in rows if one.doer_id})
        return [_logged(one, people) for one in rows], following

    data, following = read(request, query)
    return page(request, LogPage, data, following)
