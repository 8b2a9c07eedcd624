"""Cash that arrived or is to arrive, exceptions and reconciliations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Max, Q

from fourflow.capital.settlement import models
from fourflow.capital.settlement.types import (
    Difference,
    DifferenceKind,
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
EXPECTATION_SORTS = {"due": "due_on", "amount": "minor"}
RECONCILIATION_SORTS = {"day": "day"}


def unmatched(
    *,
    actor: Actor,
    limit: int = 50,
    after: UUID | None = None,
    only: UUID | None = None,
    among: Collection[UUID] | None = None,
) -> list[UnmatchedCash]:
    """Cash in suspense that the actor's organisation received (the operator: all of it), the oldest first.

    ``only``: nothing but what lies there of this entry, ``among``: of these.
    """
    found = models.Suspense.objects.visible_to(actor).filter(closed_at__isnull=True)
    if only is not None:
        found = found.filter(entry_id=only)
    if among is not None:
        found = found.filter(entry_id__in=list(among))
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


def returns(
    *, actor: Actor, limit: int = 50, before: UUID | None = None, only: Sequence[UUID] | None = None
) -> list[ReturnView]:
    """What was sent back to its payer, or is on its way, from accounts of the actor's organisation; the newest first."""
    found = in_order(models.Return.objects.visible_to(actor), "", {}, after=before, only=only)
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
        for row in found.select_related("entry")[:limit]
    ]


def expectations(
    *,
    actor: Actor,
    subject_id: UUID | None = None,
    only_open: bool = False,
    account_id: UUID | None = None,
    currency: str = "",
    text: str = "",
    sort: str = "due",
    after: UUID | None = None,
    only: Sequence[UUID] | None = None,
    limit: int = 200,
) -> list[ExpectationView]:
    """Money expected by or from the actor's organisation, the first due first or by ``EXPECTATION_SORTS``; ``text`` is part
    of the payer's name or of the reference; ``account_id``: into this account.

    :raises PageInvalid: an order or a last row that this list does not have.
    """
    seen = models.Expectation.objects.visible_to(actor)
    found = in_order(seen, sort, EXPECTATION_SORTS, after=after, only=only)
    if subject_id is not None:
        found = found.filter(subject_id=subject_id)
    if only_open:
        found = found.filter(cancelled_at__isnull=True, received__lt=F("minor"))
    if account_id is not None:
        found = found.filter(payee_account_id=account_id)
    if currency:
        found = found.filter(currency=currency)
    if text:
        found = found.filter(Q(payer_name__icontains=text) | Q(reference__icontains=text))
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
        for row in found[:limit]
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
    return [exception_view(row) for row in found.select_related("instruction", "answer")[:limit]]


def exception_view(row: models.ExceptionItem) -> ExceptionView:
    return ExceptionView(
        id=row.id,
        kind=ExceptionKind(row.kind),
        bank_code=row.bank_id,
        opened_at=row.opened_at,
        instruction_id=row.instruction_id,
        reference=row.instruction.reference if row.instruction else "",
        answer=row.answer.status if row.answer else "",
        bank_reference=row.answer.bank_reference if row.answer else "",
        facts=row.facts,
        resolved_at=row.resolved_at,
        resolution=row.resolution,
    )


def reconciliations(
    *,
    actor: Actor,
    bank_code: str = "",
    agreed: bool | None = None,
    sort: str = "",
    after: UUID | None = None,
    only: Sequence[UUID] | None = None,
    limit: int = 50,
) -> list[ReconciliationView]:
    """Comparisons of a bank's day with our record, the newest first or by ``RECONCILIATION_SORTS``; for the operator, the
    regulator and the bank itself. ``agreed``: only those with a statement and no difference, or with one.

    :raises PageInvalid: an order or a last row that this list does not have.
    """
    seen = models.Reconciliation.objects.visible_to(actor)
    found = in_order(seen, sort, RECONCILIATION_SORTS, after=after, only=only)
    if bank_code:
        found = found.filter(bank_id=bank_code)
    if agreed is not None:
        found = found.filter(differences=[], accounts__gt=0) if agreed else found.exclude(differences=[])
    return [_reconciliation(row) for row in found[:limit]]


def reconciliation(*, actor: Actor, reconciliation_id: UUID) -> ReconciliationView:
    """One comparison.

    :raises ReconciliationNotFound: no such comparison, or it is of another bank.
    """
    return _reconciliation(models.Reconciliation.objects.visible_to(actor).get_visible(reconciliation_id))


def _reconciliation(row: models.Reconciliation) -> ReconciliationView:
    return ReconciliationView(
        id=row.id,
        bank_code=row.bank_id,
        day=row.day,
        accounts=row.accounts,
        lines=row.lines,
        differences=tuple(_difference(one) for one in row.differences),
        at=row.at,
    )


def _difference(body: Mapping[str, Any]) -> Difference:
    return Difference(
        kind=DifferenceKind(body["kind"]),
        account_number=body["account"],
        bank_reference=body["bank_reference"],
        at_bank=_amount(body["at_bank"]),
        here=_amount(body["here"]),
        note=body["note"],
    )


def _amount(body: Mapping[str, str] | None) -> Money | None:
    return Money.parse(body["amount"], body["currency"]) if body else None


def banks(*, actor: Actor) -> dict[str, str]:
    """The banks of which the actor may see comparisons, by code: their names."""
    own = {} if actor.sees_all else {"party_id": actor.organisation_id}
    return dict(models.Bank.objects.filter(**own).order_by("name").values_list("code", "name"))


def reconciled_until(bank_code: str) -> date | None:
    """The last day of a bank that was compared with our record."""
    latest: date | None = models.Reconciliation.objects.filter(bank_id=bank_code).aggregate(day=Max("day"))["day"]
    return latest
