"""Giving arrived cash to expectations: by rule, or by two people out of suspense."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from fourflow.capital.settlement import events, models
from fourflow.capital.settlement.domain.cash import CashMovement, CashSide, CashUnplaced
from fourflow.capital.settlement.operations.facts import publish
from fourflow.capital.settlement.operations.posting import Outcome
from fourflow.capital.settlement.types import (
    AlreadyMatched,
    ExpectationId,
    MatchBasis,
    NothingProposed,
    OverMatched,
    ProposalLate,
    Purpose,
    SamePersonTwice,
    Share,
    Suggestion,
)
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parties.types import Actor, Permission
from fourflow.platform.clock import business_date
from fourflow.platform.db.joining import joins
from fourflow.platform.money import Money


@joins
def propose_assignment(*, actor: Actor, entry_id: UUID, shares: Sequence[Share], effective_at: datetime) -> None:
    """A first person proposes where unmatched cash belongs; a second one decides with :func:`assign_suspense`.

    A new proposal replaces an undecided one. It waits until its last day (``parameters.queries.decide_by``).

    :raises EntryNotFound: no such unmatched entry, or not the actor's to see.
    :raises NotPermitted: the actor does not match payments for the receiving party.
    :raises NothingProposed: no shares are given, or nothing lies there any more.
    :raises AlreadyMatched: two shares name one expectation, or it has a part of this entry already.
    """
    item = models.Suspense.objects.visible_to(actor).lock(entry_id)
    actor.require(Permission.PAYMENT_MATCH, party=None if actor.sees_all else item.party_id)
    if item.closed_at is not None or not shares:
        raise NothingProposed(value=str(entry_id))
    _each_once(item, shares)
    named = [{"expectation": str(s.expectation_id), **s.amount.to_body()} for s in shares]
    until = parameters.decide_by(effective_at)
    item.propose(actor.person_id, until, shares=named)
    fact = events.SuspenseProposed(
        subject_id=entry_id, effective_at=effective_at, by_person_id=actor.person_id, decide_by=until
    )
    publish(fact, item)


@joins
def assign_suspense(*, actor: Actor, entry_id: UUID, effective_at: datetime) -> Money:
    """A second person carries out the proposal; returns what stays in suspense.

    :raises EntryNotFound: no such unmatched entry, or not the actor's to see.
    :raises NothingProposed: nobody proposed anything.
    :raises SamePersonTwice: the actor proposed it.
    :raises ProposalLate: its last day is over, whether or not the sweeper has come.
    :raises OverMatched: meanwhile the expectations are met otherwise.
    :raises AlreadyMatched: an expectation has a part of this entry already.
    """
    item = models.Suspense.objects.visible_to(actor).lock(entry_id)
    actor.require(Permission.PAYMENT_MATCH_CHECK, party=None if actor.sees_all else item.party_id)
    if item.proposal is None or item.proposed_by is None or item.closed_at is not None:
        raise NothingProposed(value=str(entry_id))
    if item.proposed_by == actor.person_id:
        raise SamePersonTwice(entry=str(entry_id))
    in_time(item, effective_at)
    shares = [
        Share(ExpectationId(UUID(part["expectation"])), Money.parse(part["amount"], part["currency"]))
        for part in item.proposal
    ]
    return _out_of_suspense(actor, item, shares, effective_at, maker=item.proposed_by, checker=actor.person_id)


def in_time(item: models.Suspense, effective_at: datetime) -> None:
    """Refuse a decision after the proposal's last day."""
    if item.decide_by is not None and business_date(effective_at) > item.decide_by:
        raise ProposalLate(value=item.decide_by.isoformat())


def _each_once(item: models.Suspense, shares: Sequence[Share]) -> None:
    """Refuse a second part of one entry for one expectation: a match says once what belongs there."""
    named = [share.expectation_id for share in shares]
    before = models.Match.objects.filter(entry_id=item.entry_id, expectation_id__in=named)
    given = [*before.values_list("expectation_id", flat=True), *named]
    twice = next((one for one in given if given.count(one) > 1), None)
    if twice is not None:
        raise AlreadyMatched(field="expectation", value=str(twice), expected="one share of the entry")


def _out_of_suspense(
    actor: Actor,
    item: models.Suspense,
    shares: Sequence[Share],
    effective_at: datetime,
    *,
    maker: UUID,
    checker: UUID,
) -> Money:
    given = sum(share.amount.minor for share in shares)
    if not shares:
        raise NothingProposed(value=str(item.entry_id))
    if given > item.rest or any(share.amount.currency != item.currency for share in shares):
        raise OverMatched(rest=str(Money(item.rest, item.currency)), given=given)
    _each_once(item, shares)
    outcome = Outcome()
    place(
        actor,
        item.entry,
        shares,
        MatchBasis.PERSON,
        {},
        effective_at,
        outcome,
        maker=maker,
        checker=checker,
        also=[item],
    )
    item.take_out(given, at=effective_at)
    outcome.finish(effective_at=effective_at)
    return Money(item.rest, item.currency)


def place(
    actor: Actor,
    entry: models.Entry,
    shares: Sequence[Share],
    basis: MatchBasis,
    facts: Mapping[str, Any],
    effective_at: datetime,
    outcome: Outcome,
    *,
    maker: UUID | None = None,
    checker: UUID | None = None,
    also: Sequence[models.Suspense] = (),
) -> None:
    """Give parts of an entry to expectations; the facts are added to the outcome for the caller to finish.

    :raises OverMatched: an expectation is cancelled, on another account, or waits for less.
    """
    locked = models.Expectation.objects.visible_to(actor).lock_all([s.expectation_id for s in shares])
    by_id = {row.id: row for row in locked}
    for share in shares:
        expectation = by_id[share.expectation_id]
        fits = expectation.payee_account_id == entry.account_id and expectation.cancelled_at is None
        if not fits or not 0 < share.amount.minor <= expectation.minor - expectation.received:
            raise OverMatched(expectation=expectation.reference, given=str(share.amount))
        match = models.Match.objects.create(
            entry=entry,
            expectation=expectation,
            account_id=entry.account_id,
            currency=entry.currency,
            minor=share.amount.minor,
            basis=basis.value,
            grounds=dict(facts),
            maker_person_id=maker,
            checker_person_id=checker,
            at=effective_at,
        )
        expectation.received += share.amount.minor
        matched = _matched(expectation, match, entry, share.amount, effective_at)
        move = _movement(expectation, match, share.amount, from_suspense=bool(also))
        outcome.add(matched, match, expectation, *also, move=move)


def _movement(
    expectation: models.Expectation, match: models.Match, amount: Money, *, from_suspense: bool
) -> CashMovement:
    return CashMovement(
        payer=CashSide(expectation.payer_id, None),
        payee=CashSide(expectation.payee_id, expectation.payee_account_id, expectation.payee_is_platform),
        amount=amount,
        transit_id=match.id,
        subject_id=expectation.subject_id,
        from_suspense=from_suspense,
        is_trade=expectation.purpose == Purpose.TRADE_PAYMENT.value,
    )


def _matched(
    expectation: models.Expectation,
    match: models.Match,
    entry: models.Entry,
    amount: Money,
    effective_at: datetime,
) -> events.CashMatched:
    return events.CashMatched(
        subject_id=expectation.id,
        effective_at=effective_at,
        reference=expectation.reference,
        transit_id=match.id,
        purpose=expectation.purpose,
        about_id=expectation.subject_id,
        payer_id=expectation.payer_id,
        payee_id=expectation.payee_id,
        amount=amount,
        complete=expectation.received == expectation.minor,
        basis=match.basis,
        entry_id=entry.id,
        booked_on=entry.booked_on,
    )


def open_suspense(
    entry: models.Entry, rest: int, suggestions: Iterable[Suggestion], effective_at: datetime, outcome: Outcome
) -> None:
    """Lay what could not be placed into suspense, with the proposals a person may choose from."""
    item = models.Suspense.objects.create(
        entry=entry,
        party_id=entry.party_id,
        currency=entry.currency,
        rest=rest,
        suggestions=[_shown(suggestion) for suggestion in suggestions],
        opened_at=effective_at,
    )
    left = Money(rest, entry.currency)
    fact = events.CashUnmatched(
        subject_id=entry.id,
        effective_at=effective_at,
        account_id=entry.account_id,
        party_id=entry.party_id,
        rest=left,
    )
    side = CashSide(entry.party_id, entry.account_id, entry.account.is_platform)
    outcome.add(fact, item, move=CashUnplaced(side, left, entry.id))


def _shown(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "basis": suggestion.basis.value,
        "grounds": suggestion.grounds,
        "facts": dict(suggestion.facts),
        "shares": [{"expectation": str(s.expectation_id), **s.amount.to_body()} for s in suggestion.shares],
    }
