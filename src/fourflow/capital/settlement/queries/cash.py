"""Cash that arrived or is to arrive, exceptions and reconciliations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import F, Max

from fourflow.capital.settlement import models
from fourflow.capital.settlement.types import (
    ExceptionKind,
    ExceptionView,
    ExpectationView,
    MatchBasis,
    MatchView,
    Proposal,
    Purpose,
    ReconciliationView,
    ReturnState,
    ReturnView,
    UnmatchedCash,
)
from fourflow.foundation.parties.types import Actor
from fourflow.platform.db.ordering import every, in_order
from fourflow.platform.money import Money

#: what placed cash may be sorted by
MATCH_SORTS = {"amount": "minor", "booked": "entry__booked_on", "at": "id"}
EXCEPTION_SORTS = {"opened": "opened_at"}


def unmatched(
    *, actor: Actor, limit: int = 50, after: UUID | None = None, only: UUID | None = None
) -> list[UnmatchedCash]:
    """Cash in suspense that the actor's organisation received (the operator: all of it), the oldest first.

    ``only``: nothing but what lies there of this entry.
    """
    found = models.Suspense.objects.visible_to(actor).filter(closed_at__isnull=True)
    if only is not None:
        found = found.filter(entry_id=only)
    if after is not None:
        found = found.filter(entry_id__gt=after)
    rows = list(found.select_related("entry__account").order_by("entry_id")[:limit])
    names = _references(part for row in rows for part in _parts(row))
    return [_unmatched(row, names) for row in rows]


def suspense() -> tuple[int, datetime | None]:
    """How many credits lie in suspense, and since when the oldest does."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*), min(opened_at) from settlement_suspense where closed_at is null")
        found: tuple[int, datetime | None] = cursor.fetchone()
    return found


def undecided_proposals(*, on: date) -> Iterator[UUID]:
    """Unmatched cash for which something is proposed whose last day is before a day, by entry; for the sweeper."""
    return (row.entry_id for row in every(models.Suspense.objects.filter(decide_by__lt=on), "decide_by"))


def _parts(row: models.Suspense) -> list[dict[str, str]]:
    return [*(row.proposal or []), *(part for suggestion in row.suggestions for part in suggestion["shares"])]


def _references(parts: Iterable[dict[str, str]]) -> dict[str, str]:
    ids = {UUID(part["expectation"]) for part in parts}
    found = models.Expectation.objects.filter(id__in=ids).values_list("id", "reference")
    return {str(id_): reference for id_, reference in found}


def _shares(parts: Iterable[dict[str, str]], names: dict[str, str]) -> tuple[tuple[UUID, str, Money], ...]:
    return tuple(
        (UUID(p["expectation"]), names.get(p["expectation"], ""), Money.parse(p["amount"], p["currency"]))
        for p in parts
    )


def _unmatched(row: models.Suspense, names: dict[str, str]) -> UnmatchedCash:
    return UnmatchedCash(
        entry_id=row.entry_id,
        account_id=row.entry.account_id,
        party_id=row.party_id,
        entry=row.entry.to_type(),
        rest=Money(row.rest, row.currency),
        opened_at=row.opened_at,
        suggestions=tuple(
            Proposal(MatchBasis(s["basis"]), s["grounds"], s["facts"], _shares(s["shares"], names))
            for s in row.suggestions
        ),
        proposal=_shares(row.proposal or [], names),
        proposed_by=row.proposed_by,
        decide_by=row.decide_by,
        return_reason=row.return_reason,
    )


def returns(*, actor: Actor, limit: int = 50, before: UUID | None = None) -> list[ReturnView]:
    """What was sent back to its payer, or is on its way, from accounts of the actor's organisation; the newest first."""
    found = models.Return.objects.visible_to(actor)
    if before is not None:
        found = found.filter(id__lt=before)
    return [
        ReturnView(
            id=row.id,
            at=row.at,
            state=ReturnState(row.state),
            amount=row.amount,
            counterparty=row.entry.counterparty,
            counterparty_account=row.entry.counterparty_account,
            remittance=row.entry.remittance,
            reason=row.reason,
            instruction_id=row.instruction_id,
            maker_person_id=row.maker_person_id,
            checker_person_id=row.checker_person_id,
        )
        for row in found.select_related("entry").order_by("-id")[:limit]
    ]


def expectations(
    *, actor: Actor, subject_id: UUID | None = None, only_open: bool = False, limit: int = 200
) -> list[ExpectationView]:
    """Money expected by or from the actor's organisation, the first due first."""
    found = models.Expectation.objects.visible_to(actor)
    if subject_id is not None:
        found = found.filter(subject_id=subject_id)
    if only_open:
        found = found.filter(cancelled_at__isnull=True, received__lt=F("minor"))
    return [
        ExpectationView(
            id=row.id,
            reference=row.reference,
            purpose=Purpose(row.purpose),
            subject_id=row.subject_id,
            payer_id=row.payer_id,
            payer_name=row.payer_name,
            payee_id=row.payee_id,
            amount=Money(row.minor, row.currency),
            received=Money(row.received, row.currency),
            due_on=row.due_on,
            is_cancelled=row.cancelled_at is not None,
        )
        for row in found.order_by("due_on", "id")[:limit]
    ]


def matches(
    *,
    actor: Actor,
    sort: str = "",
    after: UUID | None = None,
    only: Sequence[UUID] | None = None,
    limit: int = 50,
) -> list[MatchView]:
    """What was placed, by rule or by people, on expectations that the actor may see; the newest first or by ``MATCH_SORTS``.

    :raises PageInvalid: an order or a last row that this list does not have.
    """
    seen = models.Match.objects.filter(expectation__in=models.Expectation.objects.visible_to(actor))
    found = in_order(seen, sort, MATCH_SORTS, after=after, only=only).select_related("entry", "expectation")
    return [
        MatchView(
            id=row.id,
            at=row.at,
            basis=MatchBasis(row.basis),
            amount=Money(row.minor, row.currency),
            booked_on=row.entry.booked_on,
            counterparty=row.entry.counterparty,
            remittance=row.entry.remittance,
            reference=row.expectation.reference,
            purpose=Purpose(row.expectation.purpose),
            maker_person_id=row.maker_person_id,
            checker_person_id=row.checker_person_id,
        )
        for row in found[:limit]
    ]


def exceptions(
    *, actor: Actor, limit: int = 50, after: UUID | None = None, only: Collection[UUID] | None = None
) -> list[ExceptionView]:
    """Open exceptions, the oldest first, behind the one ``after``, or ``only`` these; for the operator and the regulator.

    :raises PageInvalid: no such exception to go on after.
    """
    seen = models.ExceptionItem.objects.visible_to(actor)
    found = in_order(seen, "opened", EXCEPTION_SORTS, after=after, only=only).filter(resolved_at__isnull=True)
    rows = found.select_related("instruction", "answer")[:limit]
    return [
        ExceptionView(
            id=row.id,
            kind=ExceptionKind(row.kind),
            bank_code=row.bank_id,
            opened_at=row.opened_at,
            instruction_id=row.instruction_id,
            reference=row.instruction.reference if row.instruction else "",
            answer=row.answer.status if row.answer else "",
            bank_reference=row.answer.bank_reference if row.answer else "",
            facts=row.facts,
        )
        for row in rows
    ]


def latest_reconciliations(*, actor: Actor, bank_code: str = "", limit: int = 30) -> list[ReconciliationView]:
    """The latest comparison of each bank and day, the newest day first; for the operator and the regulator."""
    if not actor.sees_all:
        return []
    found = models.Reconciliation.objects.all()
    if bank_code:
        found = found.filter(bank_id=bank_code)
    latest = found.order_by("bank_id", "-day", "-id").distinct("bank_id", "day")
    rows = sorted(latest[: limit * 4], key=lambda row: (row.day, row.bank_id), reverse=True)[:limit]
    return [
        ReconciliationView(
            id=row.id,
            bank_code=row.bank_id,
            day=row.day,
            accounts=row.accounts,
            lines=row.lines,
            differences=tuple(row.differences),
            at=row.at,
        )
        for row in rows
    ]


def reconciled_until(bank_code: str) -> date | None:
    """The last day of a bank that was compared with our record."""
    latest: date | None = models.Reconciliation.objects.filter(bank_id=bank_code).aggregate(day=Max("day"))["day"]
    return latest
