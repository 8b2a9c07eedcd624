"""A credit line from its publication to its use, through the operations."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from tests.builders.claims import person
from tests.builders.limits import AT, TODAY, Funder, blocked, post

from fourflow.capital.ledger import queries as ledger
from fourflow.capital.ledger.types import AccountKey, BookKind, Chart, book_of
from fourflow.capital.limits import operations, queries
from fourflow.capital.limits.types import (
    AlreadyFrozen,
    AmountNotPositive,
    BeginsLater,
    FunderIsCore,
    HowEnded,
    Limit,
    LimitCurrencyDiffers,
    LimitExceeded,
    LimitFrozen,
    LimitId,
    LimitNotFound,
    LimitNotInForce,
    LimitReferenceTaken,
    LimitUseNotFound,
    ProposalOpen,
    PublicationDecided,
    PublicationNotFound,
    PublicationState,
    SamePerson,
    Stage,
    StageUnclear,
    TermInvalid,
    UseExceeded,
)
from fourflow.foundation.approvals.types import SamePerson as SameMaker
from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.parties.types import LicenceMissing, MandateExceeded, NotPermitted, Permission
from fourflow.platform.events import queries as events
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

pytestmark = pytest.mark.django_db

CORE = new_id()


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


def amounts(funder: Funder, limit: Limit) -> tuple[str, ...]:
    """sanctioned, blocked, utilised, available, excess"""
    now = queries.get(actor=funder.maker, limit_id=limit.id)
    shown = (now.sanctioned, now.blocked, now.utilised, now.available, now.excess)
    return tuple(f"{money.decimal:.0f}" for money in shown)


def utilise(reference: str, amount: Money | None = None) -> None:
    post(operations.utilise(reference=reference, effective_at=AT, amount=amount))


def release(reference: str, amount: Money | None = None, stage: Stage | None = None) -> None:
    post(operations.release(reference=reference, effective_at=AT, amount=amount, stage=stage))


def test_a_line_is_announced_by_one_person_and_stands_after_a_seconds_approval() -> None:
    funder = Funder()
    announced = funder.propose(CORE, "1000.00")
    assert queries.board(actor=funder.maker) == []
    published = funder.decide(announced)
    assert published.state is PublicationState.PUBLISHED
    (limit,) = queries.board(actor=funder.maker)
    assert limit.id == published.limit_id
    assert (limit.sanctioned, limit.available) == (usd("1000.00"), usd("1000.00"))
    assert [event.kind for event in events.of_subject(limit.id)] == ["limit.published"]
    with pytest.raises(PublicationDecided):
        funder.decide(announced)


def test_a_rejected_announcement_changes_nothing() -> None:
    funder = Funder()
    limit = funder.limit(CORE, "1000.00")
    rejected = funder.decide(funder.propose(CORE, "500.00"), Verdict.REJECT, "too low")
    assert rejected.state is PublicationState.REJECTED
    assert amounts(funder, limit) == ("1000", "0", "0", "1000", "0")
    assert [p.state for p in queries.publications(actor=funder.checker)] == [
        PublicationState.REJECTED,
        PublicationState.PUBLISHED,
    ]


@pytest.mark.requirement("R166")
def test_nobody_approves_his_own_announcement_or_more_than_his_mandate() -> None:
    funder = Funder()
    announced = funder.propose(CORE, "1000.00")

    def decide(**change: object) -> None:
        checker = funder.person(Permission.LIMIT_CHECK, **change)  # type: ignore[arg-type]
        operations.decide(publication_id=announced.id, actor=checker, verdict=Verdict.APPROVE, effective_at=AT)

    with pytest.raises(SameMaker):
        decide(person_id=funder.maker.person_id)
    with pytest.raises(MandateExceeded):
        decide(ceiling=999_99)
    with pytest.raises(LicenceMissing):
        decide(licensed=False)
    decide(ceiling=1000_00)


def test_only_the_funder_announces_and_decides() -> None:
    funder, stranger = Funder(), Funder()
    announced = funder.propose(CORE)
    with pytest.raises(PublicationNotFound):
        operations.decide(publication_id=announced.id, actor=stranger.checker, verdict=Verdict.APPROVE, effective_at=AT)
    with pytest.raises(PublicationNotFound):
        queries.publication(actor=stranger.checker, publication_id=announced.id)
    for actor in (funder.checker, funder.person(Permission.LIMIT_SET, licensed=False), person(CORE)):
        with pytest.raises(NotPermitted):
            operations.propose(
                actor=actor,
                core_id=CORE,
                sanctioned=usd("1"),
                valid_from=TODAY,
                valid_to=None,
                source="",
                effective_at=AT,
            )


def test_an_announcement_makes_sense_or_is_refused() -> None:
    funder = Funder()
    with pytest.raises(FunderIsCore):
        funder.propose(funder.id)
    with pytest.raises(AmountNotPositive):
        funder.propose(CORE, "-0.01")
    with pytest.raises(TermInvalid):
        funder.propose(CORE, valid_from=date(2014, 2, 1), valid_to=date(2014, 2, 1))
    funder.propose(CORE)
    with pytest.raises(ProposalOpen):
        funder.propose(CORE)
    funder.propose(CORE, currency="CNY")


def test_a_line_in_force_is_never_put_off_to_a_later_day() -> None:
    funder, later = Funder(), TODAY + timedelta(days=1)
    limit = funder.limit(CORE, "1000.00")
    with pytest.raises(BeginsLater) as refused:
        funder.propose(CORE, "2000.00", valid_from=later)
    assert refused.value.params == {"field": "valid_from", "value": "2014-03-04", "expected": "a day up to 2014-03-03"}
    blocked(limit.id, "600.00", "vch_1")
    funder.limit(CORE, "2000.00", valid_from=TODAY)
    blocked(limit.id, "1000.00", "vch_2")
    assert amounts(funder, limit) == ("2000", "1600", "0", "400", "0")


def test_a_line_that_came_into_force_before_the_decision_is_not_put_off_either() -> None:
    funder, first = Funder(), TODAY + timedelta(days=1)
    limit = funder.limit(CORE, "1000.00", valid_from=first)
    announced = funder.propose(CORE, "2000.00", valid_from=first + timedelta(days=9))

    def decide(verdict: Verdict) -> None:
        operations.decide(
            publication_id=announced.id,
            actor=funder.checker,
            verdict=verdict,
            effective_at=AT + timedelta(days=1),
            reason="it runs by now",
        )

    with transaction.atomic(), pytest.raises(BeginsLater):
        decide(Verdict.APPROVE)
        transaction.set_rollback(True)
    now = queries.get(actor=funder.maker, limit_id=limit.id)
    assert (now.sanctioned, now.valid_from) == (usd("1000.00"), first)


@pytest.mark.parametrize(
    "stands",
    [
        {"valid_from": TODAY + timedelta(days=1)},
        {"valid_to": TODAY},
        {"amount": "0.00"},
    ],
)
def test_a_line_that_has_not_begun_is_over_or_is_closed_may_begin_on_any_day(stands: dict[str, Any]) -> None:
    funder, later = Funder(), TODAY + timedelta(days=9)
    limit = funder.limit(CORE, **stands)
    funder.limit(CORE, "2000.00", valid_from=later)
    now = queries.get(actor=funder.maker, limit_id=limit.id)
    assert (now.sanctioned, now.valid_from) == (usd("2000.00"), later)


def test_a_line_is_blocked_utilised_and_released() -> None:
    funder = Funder()
    limit = funder.limit(CORE, "1000.00")
    blocked(limit.id, "600.00", "vch_1")
    assert amounts(funder, limit) == ("1000", "600", "0", "400", "0")
    utilise("vch_1")
    assert amounts(funder, limit) == ("1000", "0", "600", "400", "0")
    release("vch_1", usd("200.00"))
    assert amounts(funder, limit) == ("1000", "0", "400", "600", "0")
    release("vch_1")
    assert amounts(funder, limit) == ("1000", "0", "0", "1000", "0")
    with pytest.raises(AmountNotPositive):
        release("vch_1")
    kinds = [event.kind for event in events.of_subject(limit.id)]
    assert kinds == ["limit.published", "limit.blocked", "limit.utilised", "limit.released", "limit.released"]


def test_one_cent_too_much_is_refused_and_moves_nothing() -> None:
    funder = Funder()
    limit = funder.limit(CORE, "1000.00")
    with pytest.raises(LimitExceeded):
        blocked(limit.id, "1000.01", "vch_1")
    blocked(limit.id, "1000.00", "vch_1")
    with pytest.raises(LimitExceeded):
        blocked(limit.id, "0.01", "vch_2")
    assert amounts(funder, limit) == ("1000", "1000", "0", "0", "0")


def test_a_block_needs_its_line_its_currency_its_day_and_its_own_reference() -> None:
    funder = Funder()
    limit = funder.limit(CORE, "1000.00", valid_from=date(2014, 3, 4), valid_to=date(2014, 3, 6))

    def block(day: date, reference: str = "vch_1", amount: Money = usd("1.00")) -> None:
        operations.block(limit_id=limit.id, amount=amount, reference=reference, effective_at=AT, today=day)

    for day in (date(2014, 3, 3), date(2014, 3, 6)):
        with pytest.raises(LimitNotInForce):
            block(day)
    block(date(2014, 3, 5))
    with pytest.raises(LimitReferenceTaken):
        block(date(2014, 3, 5))
    with pytest.raises(LimitCurrencyDiffers):
        block(date(2014, 3, 5), "vch_2", Money(1, "CNY"))
    with pytest.raises(AmountNotPositive):
        block(date(2014, 3, 5), "vch_2", usd("0"))
    with pytest.raises(LimitNotFound):
        operations.block(limit_id=LimitId(UUID(int=1)), amount=usd("1"), reference="x", effective_at=AT, today=TODAY)
    with pytest.raises(LimitUseNotFound):
        utilise("vch_9")
    with pytest.raises(LimitCurrencyDiffers):
        utilise("vch_1", Money(1, "CNY"))


def test_a_cut_below_what_is_in_use_makes_excess_that_bars_blocks_until_it_is_gone() -> None:
    funder = Funder()
    limit = funder.limit(CORE, "1000.00")
    blocked(limit.id, "300.00", "vch_1")
    blocked(limit.id, "500.00", "vch_2")
    utilise("vch_2")
    assert funder.limit(CORE, "700.00").id == limit.id
    assert amounts(funder, limit) == ("700", "300", "500", "0", "100")
    with pytest.raises(LimitExceeded):
        blocked(limit.id, "0.01", "vch_3")
    utilise("vch_1")
    assert amounts(funder, limit) == ("700", "0", "800", "0", "100")
    release("vch_2", usd("100.00"))
    assert amounts(funder, limit) == ("700", "0", "700", "0", "0")
    release("vch_2", usd("50.00"))
    blocked(limit.id, "50.00", "vch_3")
    assert amounts(funder, limit) == ("700", "50", "650", "0", "0")
    funder.limit(CORE, "0.00")
    assert amounts(funder, limit) == ("0", "50", "650", "0", "700")
    funder.limit(CORE, "800.00")
    assert amounts(funder, limit) == ("800", "50", "650", "100", "0")
    kinds = [event.kind for event in events.of_subject(limit.id)]
    assert kinds.count("limit.within_again") == 1, "said once, by what was given back last"
    found = queries.endings(actor=funder.maker, today=TODAY, ends_soon=timedelta(30))
    assert [(one.how, one.amount) for one in found] == [
        (HowEnded.FREED, usd("100.00")),
        (HowEnded.RAISED, usd("700.00")),
    ]
    assert queries.endings(actor=person(), today=TODAY, ends_soon=timedelta(30)) == []


def test_the_utilisation_moves_to_the_line_of_the_funder_who_pays_out() -> None:
    first, second = Funder(), Funder()
    of_issue, of_payout = first.limit(CORE), second.limit(CORE)
    blocked(of_issue.id, "600.00", "vch_1")
    utilise("vch_1")
    blocked(of_payout.id, "250.00", "fin_1")
    post(operations.move(from_reference="vch_1", to_reference="fin_1", effective_at=AT))
    assert amounts(first, of_issue) == ("1000", "0", "350", "650", "0")
    assert amounts(second, of_payout) == ("1000", "0", "250", "750", "0")
    blocked(of_payout.id, "400.00", "fin_2")
    with pytest.raises(UseExceeded):
        operations.move(from_reference="vch_1", to_reference="fin_2", effective_at=AT)
    post(operations.move(from_reference="vch_1", to_reference="fin_2", effective_at=AT, amount=usd("350.00")))
    assert amounts(first, of_issue) == ("1000", "0", "0", "1000", "0")
    assert amounts(second, of_payout) == ("1000", "50", "600", "350", "0")
    with pytest.raises(StageUnclear):
        release("fin_2", usd("50.00"))
    release("fin_2", usd("50.00"), Stage.BLOCKED)
    release("fin_2", stage=Stage.UTILISED)
    assert amounts(second, of_payout) == ("1000", "0", "250", "750", "0")


def test_utilisation_moves_only_between_two_lines_on_one_core_in_one_currency() -> None:
    first, second = Funder(), Funder()
    blocked(first.limit(CORE).id, "100.00", "vch_1")
    utilise("vch_1")
    blocked(first.limit(CORE).id, "100.00", "fin_same")
    blocked(second.limit(new_id()).id, "100.00", "fin_other_core")
    blocked(second.limit(CORE, currency="CNY").id, "100.00", "fin_cny", "CNY")
    for wrong in ("fin_same", "fin_other_core", "fin_cny"):
        with pytest.raises(LimitCurrencyDiffers):
            operations.move(from_reference="vch_1", to_reference=wrong, effective_at=AT)
    with pytest.raises(LimitUseNotFound):
        operations.move(from_reference="vch_1", to_reference="fin_9", effective_at=AT)


@pytest.mark.requirement("R267")
def test_one_person_freezes_and_another_lifts_and_what_was_promised_stays() -> None:
    funder = Funder()
    limit = funder.limit(CORE)
    blocked(limit.id, "100.00", "vch_1")
    both = funder.person(Permission.LIMIT_SET, Permission.LIMIT_CHECK)
    assert operations.freeze(limit_id=limit.id, actor=both, reason="48 h duty", effective_at=AT).frozen
    with pytest.raises(LimitFrozen):
        blocked(limit.id, "1.00", "vch_2")
    assert not queries.headroom(actor=funder.maker, funder_id=funder.id, core_id=CORE, currency="USD", on=TODAY)
    utilise("vch_1")
    with pytest.raises(AlreadyFrozen):
        operations.freeze(limit_id=limit.id, actor=both, reason="again", effective_at=AT)
    with pytest.raises(SamePerson):
        operations.unfreeze(limit_id=limit.id, actor=both, reason="", effective_at=AT)
    with pytest.raises(NotPermitted):
        operations.unfreeze(limit_id=limit.id, actor=funder.maker, reason="", effective_at=AT)
    assert not operations.unfreeze(limit_id=limit.id, actor=funder.checker, reason="ok", effective_at=AT).frozen
    with pytest.raises(AlreadyFrozen):
        operations.unfreeze(limit_id=limit.id, actor=funder.checker, reason="ok", effective_at=AT)
    blocked(limit.id, "1.00", "vch_2")


def test_the_core_sees_its_lines_and_a_stranger_none() -> None:
    funder, core, stranger = Funder(), person(CORE), person()
    limit = funder.limit(CORE)
    blocked(limit.id, "100.00", "vch_1")
    assert queries.get(actor=core, limit_id=limit.id).available == usd("900.00")
    assert queries.headroom(actor=core, funder_id=funder.id, core_id=CORE, currency="USD", on=TODAY) == usd("900.00")
    assert [use.reference for use in queries.uses(actor=core, limit_id=limit.id)] == ["vch_1"]
    assert queries.board(actor=stranger) == []
    assert queries.find(actor=stranger, funder_id=funder.id, core_id=CORE, currency="USD") is None
    for ask in (queries.get, queries.uses):
        with pytest.raises(LimitNotFound):
            ask(actor=stranger, limit_id=limit.id)
    with pytest.raises(LimitNotFound):
        operations.freeze(limit_id=limit.id, actor=stranger, reason="", effective_at=AT)
    with pytest.raises(NotPermitted):
        operations.freeze(limit_id=limit.id, actor=person(CORE, Permission.LIMIT_SET), reason="", effective_at=AT)


def test_uses_are_listed_newest_first_a_page_at_a_time() -> None:
    funder = Funder()
    limit = funder.limit(CORE)
    for number in range(5):
        blocked(limit.id, "1.00", f"vch_{number}")
    release("vch_3")
    first = queries.uses(actor=funder.maker, limit_id=limit.id, size=2)
    assert [use.reference for use in first] == ["vch_4", "vch_3"]
    rest = queries.uses(actor=funder.maker, limit_id=limit.id, after=first[-1].id)
    assert [use.reference for use in rest] == ["vch_2", "vch_1", "vch_0"]
    assert len(queries.uses(actor=funder.maker, limit_id=limit.id, open_only=True)) == 4


def test_the_memo_book_mirrors_the_line_and_every_row_stands_as_its_last_event_said() -> None:
    funder = Funder()
    limit = funder.limit(CORE, "1000.00")
    blocked(limit.id, "300.00", "vch_1")
    blocked(limit.id, "500.00", "vch_2")
    utilise("vch_2")
    funder.limit(CORE, "700.00")
    release("vch_2", usd("150.00"))
    funder.limit(CORE, "750.00")
    operations.freeze(limit_id=limit.id, actor=funder.maker, reason="x", effective_at=AT)
    assert amounts(funder, limit) == ("750", "300", "350", "100", "0")
    assert memo(funder) == {
        Chart.LIMIT_SANCTIONED: -750_00,
        Chart.LIMIT_BLOCKED: 300_00,
        Chart.LIMIT_UTILISED: 350_00,
        Chart.LIMIT_AVAILABLE: 100_00,
        Chart.LIMIT_EXCESS: 0,
    }
    recorded = {(row.table, row.key): row.digest for row in events.evidenced_rows()}
    for row in queries.evidenced():
        assert recorded[(row.table, row.key)] == row.digest(), row


def memo(funder: Funder) -> dict[Chart, int]:
    """Debit balances of the funder's memo book, as the ledger has them."""
    book = book_of(BookKind.MEMO, funder.id)
    codes = [code for code in Chart if code.value.startswith("limit.")]
    found = ledger.balances([AccountKey(book, code.value, "USD", CORE) for code in codes])
    return {code: found[AccountKey(book, code.value, "USD", CORE)].net().minor for code in codes}
