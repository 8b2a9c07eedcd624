"""Splitting and passing vouchers down, tier by tier, and everything that may not be passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from tests.builders import parties
from tests.builders.financing import set_value
from tests.builders.parties import Firm, change
from tests.builders.refusals import settle
from tests.builders.vouchers import DUE, Company, book, sign, states, usd
from tests.modules.capital.vouchers.test_issuing import bar
from tests.statements import asked

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import PayableId
from fourflow.capital.vouchers import jobs, operations, queries
from fourflow.capital.vouchers.types import (
    Act,
    AmountInvalid,
    BelowMinimumLot,
    Holding,
    HoldingBlocked,
    HoldingNotFound,
    HoldingState,
    HoldingStateWrong,
    OfferExpired,
    PartyBarred,
    RelatedParties,
    RoundTrip,
    SplitAbnormal,
    TooManyTiers,
    TradeBasisMissing,
    VoucherDue,
)
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties import operations as show
from fourflow.foundation.parties import queries as parties_queries
from fourflow.foundation.parties.types import (
    SYSTEM,
    Actor,
    Barred,
    ChangeKind,
    EndTerms,
    MandateExceeded,
    NotPermitted,
    PartyNotFound,
    RelationKind,
    RelationTerms,
    RoleKind,
)
from fourflow.platform.crypto.signing import SignatureWrong
from fourflow.platform.db.reading import reading
from fourflow.platform.errors import FourflowError
from fourflow.platform.events import queries as events

S = HoldingState


def parts_of(company: Company, holding: Holding) -> list[tuple[str, str]]:
    return states(queries.parts(actor=SYSTEM, voucher_id=holding.voucher_id))


@pytest.mark.requirement("R355")
@pytest.mark.requirement("R360")
def test_a_part_is_split_off_and_passed_to_the_next_tier(company: Company) -> None:
    root = company.held()
    offered = company.offer(root, company.supplier(2), "300000.00")
    assert offered.state is S.LOCKED_TRANSFER and offered.holder_id == company.supplier().id
    received = company.take(offered)
    assert (received.state, received.holder_id, received.tier) == (S.ACTIVE, company.supplier(2).id, 2)
    assert company.rest(root).amount == usd("700000.00")
    assert parts_of(company, root) == [
        ("split", "1000000.00"),
        ("split", "300000.00"),
        ("active", "700000.00"),
        ("active", "300000.00"),
    ]
    settle()


@pytest.mark.requirement("R228")
@pytest.mark.requirement("R360")
def test_the_last_of_four_tiers_sees_its_way_back_to_the_cores_signed_confirmation(company: Company) -> None:
    held = company.held()
    for tier, amount in ((2, "300000.00"), (3, "200000.00"), (4, "50000.00")):
        held = company.passed(held, company.supplier(tier), amount)
    last = company.supplier(4).maker
    voucher, links = queries.chain(actor=last, holding_id=held.id)
    assert [link.holding.tier for link in links] == [1, 1, 2, 2, 3, 3, 4]
    assert [act.act for link in links for act in link.acts] == [Act.ACCEPT, *[Act.TRANSFER, Act.TRANSFER_ACCEPT] * 3]
    assert [act.act for act in queries.commitment(actor=last, voucher_id=voucher.id)] == [Act.ISSUE, Act.CHECK]
    payable = claims.payable(actor=last, payable_id=PayableId(voucher.payable_id))
    assert payable.signature is not None and payable.documents[0].kind == "delivery"


def test_nobody_reads_what_happens_to_another_holders_part(company: Company) -> None:
    """The database itself answers: two tier-2 holders of one voucher, each sees its own part's events only."""
    root = company.held()
    company.passed(root, company.supplier(2), "300000.00")
    company.passed(company.rest(root), company.supplier(3), "200000.00")

    def amounts_seen_by(actor: Actor) -> set[str]:
        with reading(actor):
            seen = events.of_subject(root.voucher_id)
        moved = [event for event in seen if event.kind == "holding.transferred"]
        return {event.body["amount"]["amount"] for event in moved}

    assert amounts_seen_by(company.supplier(2).maker) == {"300000.00"}
    assert amounts_seen_by(company.supplier(3).maker) == {"200000.00"}
    assert amounts_seen_by(company.core.maker) == {"300000.00", "200000.00"}


def test_the_debt_changes_hands_in_all_books(company: Company) -> None:
    core, one, two = company.core.id, company.supplier().id, company.supplier(2).id
    company.passed(company.held(), company.supplier(2), "300000.00")
    assert book(core) == {
        ("AP_OPEN", one): "1000000.00",
        ("AP_VOUCHER", one): "-700000.00",
        ("AP_VOUCHER", two): "-300000.00",
    }
    assert book(one) == {
        ("AR_OPEN", core): "-1000000.00",
        ("AR_VOUCHER", core): "700000.00",
        ("AP_OPEN", two): "300000.00",
    }
    assert book(two) == {("AR_OPEN", one): "-300000.00", ("AR_VOUCHER", core): "300000.00"}


def test_the_whole_of_a_part_is_passed_on_without_a_split(company: Company) -> None:
    root = company.held()
    received = company.passed(root, company.supplier(2))
    assert received.amount == root.amount and received.path == (root.id,)


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "1000000.01"])
def test_no_more_than_is_held_and_never_nothing(company: Company, amount: str) -> None:
    with pytest.raises(AmountInvalid):
        company.offer(company.held(), company.supplier(2), amount)


@pytest.mark.parametrize("amount", ["99.99", "999900.01"])
def test_neither_the_part_nor_the_rest_is_under_the_minimum_lot(company: Company, amount: str) -> None:
    with pytest.raises(BelowMinimumLot):
        company.offer(company.held(), company.supplier(2), amount)


def test_a_whole_part_under_the_lot_may_still_be_passed_on(company: Company) -> None:
    assert company.passed(company.held("50.00"), company.supplier(2)).amount == usd("50.00")


def test_nothing_comes_back_to_where_it_has_been(company: Company) -> None:
    second = company.passed(company.held(), company.supplier(2), "300000.00")
    third = company.passed(second, company.supplier(3), "200000.00")
    for holding, back in ((second, company.supplier(1)), (third, company.supplier(1)), (third, company.supplier(2))):
        free = company.rest(holding)
        with pytest.raises(RoundTrip):
            company.offer(free, back, "1000.00")


def test_nobody_passes_to_himself_nor_back_to_the_issuer(company: Company) -> None:
    root = company.held()
    with pytest.raises(RelatedParties):
        company.offer(root, company.supplier(1), "1000.00")
    with pytest.raises(RoundTrip):
        company.offer(root, company.core, "1000.00")


def test_a_former_holder_is_named_as_such_also_when_it_is_no_supplier_any_more(company: Company) -> None:
    second = company.passed(company.held(), company.supplier(2), "300000.00")
    company.passed(second, company.supplier(3), "200000.00")
    one, operator = company.supplier(1), company.cast.operator
    roles = [role for role in parties_queries.roles(operator.viewer, one.id) if role.kind is RoleKind.SUPPLIER]
    for role in roles:
        change(operator, one.id, EndTerms(ChangeKind.ROLE, role.id, company.day), company.now)
    with pytest.raises(RoundTrip):
        company.offer(company.rest(second), one, "1000.00")


def test_a_stranger_is_not_found_whoever_is_related_to_it(company: Company) -> None:
    """Otherwise an answer would tell a holder of relations that are none of its business."""
    bank = company.cast.funder
    relate(company, company.core.id, bank.id)
    with pytest.raises(PartyNotFound):
        company.offer(company.held(), bank, "1000.00")


def relate(company: Company, one: UUID, other: UUID) -> None:
    terms = RelationTerms(other, RelationKind.CONTROL, "register of companies", company.day)
    change(company.cast.operator, one, terms, company.now)


@pytest.mark.requirement("R297")
def test_related_parties_do_not_trade_with_each_other_and_no_relative_takes_a_part_back(company: Company) -> None:
    root = company.held()
    relate(company, company.supplier(1).id, company.supplier(3).id)
    with pytest.raises(RelatedParties):
        company.offer(root, company.supplier(3), "1000.00")
    second = company.passed(root, company.supplier(2), "300000.00")
    with pytest.raises(RoundTrip):
        company.offer(second, company.supplier(3), "1000.00")


def test_a_relative_of_the_issuer_takes_no_part(company: Company) -> None:
    root = company.held()
    relate(company, company.core.id, company.supplier(4).id)
    with pytest.raises(RoundTrip):
        company.offer(root, company.supplier(4), "1000.00")


@pytest.mark.requirement("R297")
def test_a_transfer_names_the_trade_behind_it(company: Company) -> None:
    with pytest.raises(TradeBasisMissing):
        company.offer(company.held(), company.supplier(2), "1000.00", basis="  ")


@pytest.mark.requirement("R297")
def test_a_page_offers_exactly_the_receivers_that_the_offer_would_not_refuse(company: Company) -> None:
    operator, one = company.cast.operator, company.supplier(1)
    stranger = parties.supplier(operator, "stranger", programme=parties.core(operator, "other-core").id)
    everywhere = parties.supplier(operator, "everywhere")
    relative, barred = parties.supplier(operator, "relative"), parties.supplier(operator, "barred")
    relate(company, one.id, relative.id)
    bar(company, barred, Barred.TRANSFER)
    firms = [*company.cast.suppliers, stranger, everywhere, relative, barred, company.core, company.funder]
    show.introduce([(company.supplier(2).id, firm.id) for firm in firms], "test")
    part = company.passed(company.held(), company.supplier(2), "300000.00")

    actor = company.actor(company.supplier(2))

    def refused(firm: Firm) -> bool:
        try:
            operations.plan_transfer(
                holding_id=part.id,
                receiver_id=firm.id,
                amount=usd("1000.00"),
                trade_basis="order SO-7",
                actor=actor,
                today=company.day,
            )
        except FourflowError:
            return True
        return False

    found, statements = asked(lambda: operations.receivers(holding_id=part.id, actor=actor, today=company.day))
    assert {f.id for f in firms} - {f.id for f in found} == {f.id for f in firms if refused(f)}
    assert {f.id for f in found} == {company.supplier(3).id, company.supplier(4).id, everywhere.id}
    assert len(statements) <= 8


def test_only_suppliers_receive(company: Company) -> None:
    with pytest.raises(PartyNotFound):
        company.offer(company.held(), company.funder, "1000.00")


def test_barred_parties_neither_give_nor_take(company: Company) -> None:
    root = company.held()
    offered = company.offer(root, company.supplier(2), "1000.00")
    bar(company, company.supplier(2), Barred.TRANSFER)
    with pytest.raises(PartyBarred):
        company.offer(company.rest(root), company.supplier(2), "1000.00")
    with pytest.raises(PartyBarred):
        company.take(offered)
    bar(company, company.supplier(1), Barred.EVERYTHING)
    with pytest.raises(PartyBarred):
        company.offer(company.rest(root), company.supplier(3), "1000.00")


def test_a_voucher_is_passed_on_as_often_as_the_dated_rule_allows(company: Company) -> None:
    set_value(company, Key.VOUCHER_MAX_TIERS, "2", scope=f"core:{company.core.id}")
    third = company.passed(company.passed(company.held(), company.supplier(2)), company.supplier(3))
    assert third.tier == 3
    with pytest.raises(TooManyTiers):
        company.offer(third, company.supplier(4))


def test_a_voucher_lives_in_no_more_parts_than_the_dated_rule_allows(company: Company) -> None:
    set_value(company, Key.VOUCHER_MAX_FAN_OUT, "2", scope=f"core:{company.core.id}")
    root = company.held()
    company.offer(root, company.supplier(2), "1000.00")
    with pytest.raises(SplitAbnormal) as refused:
        company.offer(company.rest(root), company.supplier(2), "1000.00")
    assert refused.value.params["rule"] == "fan_out"


def test_a_voucher_is_split_no_more_often_a_day_than_the_dated_rule_allows(company: Company) -> None:
    set_value(company, Key.VOUCHER_MAX_SPLITS_PER_DAY, "2", scope=f"core:{company.core.id}")
    root = company.held()
    for _ in range(2):
        company.offer(company.rest(root), company.supplier(2), "1000.00")
    with pytest.raises(SplitAbnormal) as refused:
        company.offer(company.rest(root), company.supplier(2), "1000.00")
    assert refused.value.params["rule"] == "splits_per_day"
    assert company.later(1).offer(company.rest(root), company.supplier(2), "1000.00").state is S.LOCKED_TRANSFER


def test_what_is_offered_is_locked_until_somebody_answers(company: Company) -> None:
    root = company.held()
    offered = company.offer(root, company.supplier(2))
    with pytest.raises(HoldingStateWrong):
        company.offer(offered, company.supplier(3), "1000.00")
    back = operations.reject_transfer(
        holding_id=offered.id, actor=company.supplier(2).maker, effective_at=company.now, reason="not ours"
    )
    assert (back.state, back.receiver_id, back.trade_basis) == (S.ACTIVE, None, "")
    with pytest.raises(HoldingStateWrong):
        company.take(offered)
    assert company.passed(back, company.supplier(3)).holder_id == company.supplier(3).id


def test_the_holder_takes_an_unanswered_offer_back(company: Company) -> None:
    offered = company.offer(company.held(), company.supplier(2))
    assert (
        operations.reject_transfer(
            holding_id=offered.id, actor=company.supplier().maker, effective_at=company.now, reason="changed my mind"
        ).state
        is S.ACTIVE
    )


def test_nobody_else_answers_an_offer(company: Company) -> None:
    offered = company.offer(company.held(), company.supplier(2))
    with pytest.raises(NotPermitted):
        company.take(offered, company.supplier(1).maker)
    with pytest.raises(HoldingNotFound):
        company.take(offered, company.supplier(3).maker)
    with pytest.raises(NotPermitted):
        operations.reject_transfer(
            holding_id=offered.id, actor=company.core.checker, effective_at=company.now, reason="x"
        )


def test_an_offer_of_a_part_ends_after_its_last_day_before_and_after_the_sweep(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = company.offer(company.held(), company.supplier(2))
    assert offered.expires_on == company.day + timedelta(days=5)
    with pytest.raises(OfferExpired):
        company.later(6).take(offered)
    monkeypatch.setattr(jobs.clock, "now", lambda: company.later(6).now)
    assert jobs.lapse_offers() == 1
    assert queries.holding(actor=SYSTEM, holding_id=offered.id).state is S.ACTIVE


def test_a_late_sweep_does_not_end_an_offer_that_was_made_anew(company: Company) -> None:
    root, late = company.held(), company.later(6)
    first = company.offer(root, company.supplier(2))
    operations.reject_transfer(
        holding_id=first.id, actor=company.supplier().maker, effective_at=late.now, reason="another price"
    )
    again = late.offer(queries.holding(actor=SYSTEM, holding_id=first.id), company.supplier(2))
    assert (again.id, again.state) == (first.id, S.LOCKED_TRANSFER)
    with pytest.raises(HoldingStateWrong):
        operations.expire_transfer(holding_id=again.id, effective_at=late.now)
    assert late.take(again).state is S.ACTIVE


def test_nothing_is_passed_on_from_the_due_date_on(company: Company) -> None:
    root = company.held()
    before = company.on(DUE - timedelta(days=1))
    offered = before.offer(root, company.supplier(2), "1000.00")
    due = before.later(1)
    with pytest.raises(VoucherDue):
        due.offer(due.rest(root), company.supplier(2), "1000.00")
    with pytest.raises(VoucherDue):
        due.take(offered)


def test_a_signer_passes_on_no_more_than_the_mandate(company: Company) -> None:
    maker = company.supplier().maker
    small = replace(maker, mandates=tuple(replace(m, max_minor=99_999) for m in maker.mandates))
    with pytest.raises(MandateExceeded):
        company.offer(company.held(), company.supplier(2), "1000.00", actor=small)


def test_a_transfer_is_signed_over_exactly_what_is_done(company: Company) -> None:
    root, actor = company.held(), company.supplier().maker
    other = operations.transfer_content(root.id, company.supplier(2).id, usd("1000.00"), "order 1")
    with pytest.raises(SignatureWrong):
        operations.offer_transfer(
            holding_id=root.id,
            receiver_id=company.supplier(2).id,
            amount=usd("2000.00"),
            trade_basis="order 1",
            actor=actor,
            effective_at=company.now,
            today=company.day,
            signature=sign(actor, other),
        )
    assert parts_of(company, root) == [("active", "1000000.00")]


def test_a_dispute_over_one_branch_stops_that_branch_and_no_other(company: Company) -> None:
    root = company.held()
    left = company.passed(root, company.supplier(2), "300000.00")
    right = company.passed(company.rest(root), company.supplier(3), "300000.00")
    waiting = company.offer(left, company.supplier(4), "1000.00")
    operations.dispute(
        voucher_id=root.voucher_id,
        holding_id=left.id,
        source="case 7",
        actor=company.core.maker,
        effective_at=company.now,
        today=company.day,
    )
    for blocked in (
        lambda: company.offer(company.rest(left), company.supplier(4), "1000.00"),
        lambda: company.take(waiting),
    ):
        with pytest.raises(HoldingBlocked):
            blocked()
    assert company.passed(right, company.supplier(4), "1000.00").state is S.ACTIVE
