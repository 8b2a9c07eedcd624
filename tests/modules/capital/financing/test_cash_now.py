"""From a price to the funder's word: quote, consent, decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from tests.builders import documents as papers
from tests.builders import vouchers as build
from tests.builders.financing import EARLY, Desk, set_value
from tests.builders.parties import Firm
from tests.builders.refusals import settle
from tests.builders.vouchers import DUE, sign, states, usd
from tests.modules.capital.vouchers.test_issuing import bar

from fourflow.capital.financing import jobs, operations, queries
from fourflow.capital.financing.ports import Application, FunderSilent, FunderTimeout
from fourflow.capital.financing.types import (
    DecisionNotTheirs,
    FinancingNotFound,
    FinancingState,
    FinancingStateWrong,
    FunderDecision,
    FunderHasNoLimit,
    NoQuote,
    NothingLeft,
    Quote,
    QuoteExpired,
    QuoteNotFound,
    QuoteUsed,
    RateAboveConsent,
    TooCloseToMaturity,
)
from fourflow.capital.limits import operations as limits
from fourflow.capital.limits.types import LimitExceeded
from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers import queries as register
from fourflow.capital.vouchers.types import (
    AmountInvalid,
    HoldingBlocked,
    HoldingNotFound,
    HoldingStateWrong,
    PartyBarred,
)
from fourflow.foundation.approvals.types import ReasonMissing, SamePerson, Verdict
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties.types import SYSTEM, Barred, NotPermitted
from fourflow.platform.crypto.signing import SignatureWrong
from fourflow.trade.documents import operations as documents
from fourflow.trade.documents import queries as trade
from fourflow.trade.documents.types import DocumentNotFound

S = FinancingState


@pytest.fixture
def early(desk: Desk) -> Desk:
    """120 days before the due date."""
    return desk.on(EARLY)


@pytest.mark.requirement("R357")
def test_a_quote_is_a_receipt_of_net_cash_cost_by_payee_and_annualised_cost(desk: Desk, early: Desk) -> None:
    set_value(desk.company, Key.PLATFORM_FEE_RATE, "0.003", on=EARLY)
    quote = early.quote(desk.tier_two())
    assert [(line.kind, line.payee, str(line.amount)) for line in quote.lines] == [
        ("interest", "funder", "4500.00 USD"),
        ("platform_fee", "platform", "300.00 USD"),
    ]
    assert (str(quote.net), str(quote.cost), str(quote.platform_share)) == (
        "295200.00 USD",
        "4800.00 USD",
        "1350.00 USD",
    )
    assert quote.annualised == Decimal("0.049458")


def test_the_annual_cost_is_of_calendar_days_whatever_counts_the_interest(desk: Desk) -> None:
    part = desk.tier_two()
    set_value(desk.company, Key.DAY_COUNT, "30/360")
    quote = desk.on(EARLY).quote(part)
    assert (quote.days, (quote.due_on - quote.start_on).days) == (118, 120)
    assert (quote.cost, quote.annualised) == (usd("4425.00"), Decimal("0.045536"))


def test_a_price_is_for_the_holder_only_and_for_what_is_free(desk: Desk, early: Desk) -> None:
    held = desk.tier_two()
    with pytest.raises(HoldingNotFound):
        early.quote(held, actor=early.company.actor(early.company.supplier(3)))
    with pytest.raises(NotPermitted):
        early.quote(held, actor=early.company.actor(early.company.core))
    for amount in ("0.00", "-1.00", "300000.01"):
        with pytest.raises(AmountInvalid):
            early.quote(held, amount=amount)
    early.company.offer(held, early.company.supplier(3))
    with pytest.raises(HoldingStateWrong):
        early.quote(held)


@pytest.mark.requirement("R111")
def test_a_need_for_cash_is_offered_to_every_bank_and_the_one_that_is_chosen_pays(desk: Desk, early: Desk) -> None:
    company, held = early.company, desk.tier_two()
    for bank, rate in ((company.funder, "0.050"), (company.other_funder, "0.040")):
        set_value(company, Key.FINANCING_ANNUAL_RATE, rate, scope=f"funder:{bank.id}", on=EARLY)
    offers = [early.quote(held, funder=bank) for bank in (company.funder, company.other_funder)]
    supplier = company.actor(company.supplier(2))
    assert [queries.quote(actor=supplier, quote_id=one.id) for one in offers] == offers, "offers are on record"
    best = max(offers, key=lambda offer: offer.net.minor)
    paid = early.paid_out_after(early.says(early.request(best), rate="0.040"))
    assert (paid.state, paid.quote.funder_id) == (S.DISBURSED, company.other_funder.id)
    with pytest.raises(HoldingStateWrong):
        early.quote(held, funder=company.funder)


def test_a_bank_that_may_turn_to_the_supplier_asks_for_less_where_it_names_two_prices(desk: Desk, early: Desk) -> None:
    company, held = early.company, desk.tier_two()
    bank = company.funder.id
    set_value(company, Key.FINANCING_ANNUAL_RATE, "0.051", scope=f"funder:{bank}:purchase", on=EARLY)
    set_value(company, Key.FINANCING_ANNUAL_RATE, "0.045", scope=f"funder:{bank}:recourse", on=EARLY)
    without, with_ = (early.quote(held, recourse=recourse) for recourse in (False, True))
    assert (without.annual_rate, with_.annual_rate) == (Decimal("0.051"), Decimal("0.045"))
    assert with_.cost.minor < without.cost.minor


def test_every_bank_is_asked_at_once_and_what_one_lacks_stops_no_other(desk: Desk, early: Desk) -> None:
    company, held = early.company, desk.tier_two()
    supplier = company.actor(company.supplier(2))

    def asked(amount: str) -> dict[tuple[UUID, bool], str]:
        found = operations.quotes(
            holding_id=held.id, amount=usd(amount), actor=supplier, effective_at=early.now, today=early.day
        )
        priced = [one for one in found if isinstance(one, Quote)]
        assert [queries.quote(actor=supplier, quote_id=one.id) for one in priced] == priced
        return {(one.funder_id, one.recourse): one.reason if isinstance(one, NoQuote) else "" for one in found}

    banks = [company.funder.id, company.other_funder.id]
    assert asked("300000.00") == {(bank, recourse): "" for bank in banks for recourse in (False, True)}
    set_line(early, "1000.00")
    none = {(company.other_funder.id, recourse): "financing.no_limit" for recourse in (False, True)}
    assert asked("300000.00") == {(company.funder.id, False): "", (company.funder.id, True): "", **none}
    set_value(company, Key.FUNDER_FEE_RATE, "1.0", scope=f"funder:{company.funder.id}", on=EARLY)
    eaten = {(company.funder.id, recourse): "financing.nothing_left" for recourse in (False, True)}
    assert asked("300000.00") == {**eaten, **none}
    with pytest.raises(AmountInvalid):
        asked("300000.01")


def test_close_to_maturity_nothing_is_financed(desk: Desk) -> None:
    held = desk.tier_two()
    assert desk.on(DUE - timedelta(days=7)).quote(held).days == 7
    with pytest.raises(TooCloseToMaturity):
        desk.on(DUE - timedelta(days=6)).quote(held)


def test_a_funder_without_a_line_or_without_room_names_no_price(desk: Desk, early: Desk) -> None:
    held = desk.tier_two()
    with pytest.raises(FunderHasNoLimit):
        early.quote(held, funder=early.company.core)
    other = early.company.other_funder
    early.requested(desk.company.held("4000000.00"), funder=other)
    assert early.quote(held, funder=other).net
    set_line(early, "4200000.00")
    with pytest.raises(FunderHasNoLimit):
        early.quote(held, funder=other)


@pytest.mark.requirement("R267")
def test_a_bank_that_freezes_its_line_finances_nothing_more_of_that_core_from_the_same_moment(
    desk: Desk, early: Desk
) -> None:
    company, held = early.company, desk.tier_two()
    priced, promised = early.quote(held), early.approved(desk.tier_two())
    for bank in company.cast.funders:
        line = company.line_now(bank)
        limits.freeze(limit_id=line.id, actor=bank.maker, reason="the core is wound up", effective_at=early.now)
        with pytest.raises(FunderHasNoLimit):
            early.quote(held, funder=bank)
    with pytest.raises(FunderHasNoLimit):
        early.request(priced)
    assert early.now_of(promised).state is S.APPROVED, "what was promised is kept"


def set_line(desk: Desk, amount: str) -> None:
    """The other funder cuts its line."""
    desk.company.line(amount, desk.company.other_funder)


def test_a_cost_as_large_as_the_amount_is_no_price(desk: Desk, early: Desk) -> None:
    set_value(desk.company, Key.FUNDER_FEE_RATE, "1.0", on=EARLY)
    with pytest.raises(NothingLeft):
        early.quote(desk.tier_two())


@pytest.mark.requirement("R355")
@pytest.mark.requirement("R356")
@pytest.mark.requirement("R357")
def test_consent_locks_the_part_and_shows_it_to_the_funder(desk: Desk, early: Desk) -> None:
    held = desk.tier_two()
    financing = early.request(early.quote(held, amount="100000.00"))
    assert financing.state is S.REQUESTED
    voucher = register.get(actor=SYSTEM, voucher_id=held.voucher_id)
    assert ("locked_finance", "100000.00") in states(early.company.living(voucher))
    banker = early.company.actor(early.company.funder)
    assert queries.get(actor=banker, financing_id=financing.id).quote.net == financing.quote.net
    _, links = register.chain(actor=banker, holding_id=financing.holding_id)  # type: ignore[arg-type]
    assert len(links) == 4
    settle()


def test_the_bank_that_is_asked_opens_the_delivery_with_its_order_and_no_other_bank_does(
    desk: Desk, early: Desk
) -> None:
    company = desk.company
    buyer = papers.buyer(company.core.id)
    documents.register_order(order=papers.purchase_order(), actor=buyer, effective_at=desk.now)
    delivery = documents.register_delivery(delivery=papers.delivery(), actor=buyer, effective_at=desk.now)
    payable = company.payable(delivery_id=delivery.id)
    voucher = company.accept(company.check(company.drafted(company.request(payable))))
    banker, other = company.actor(company.funder), company.actor(company.other_funder)
    with pytest.raises(DocumentNotFound):
        trade.delivery(banker, delivery.id)
    early.request(early.quote(company.parts(voucher)[0]))
    seen = trade.delivery(banker, delivery.id).document
    assert [(line.item, str(line.amount)) for line in seen.lines] == [("Item 1", "15.00 USD")]
    assert trade.document_set(banker, delivery.id).order.document.number == seen.order_number
    assert (trade.seen(banker, [delivery.id]), trade.seen(other, [delivery.id])) == ({delivery.id}, set())
    with pytest.raises(DocumentNotFound):
        trade.delivery(other, delivery.id)


def test_consent_is_given_in_time_once_and_by_a_mandated_person_over_this_price(desk: Desk, early: Desk) -> None:
    held = desk.tier_two()
    quote, other = early.quote(held, amount="1000.00"), early.quote(held, amount="2000.00")
    actor = early.company.actor(early.company.supplier(2))
    ask = operations.request
    with pytest.raises(SignatureWrong):
        ask(
            quote_id=quote.id,
            actor=actor,
            signature=sign(actor, other.content()),
            effective_at=early.now,
            today=early.day,
        )
    with pytest.raises(QuoteExpired):
        early.on(EARLY + timedelta(days=1)).request(quote)
    with pytest.raises(QuoteNotFound):
        early.request(quote, early.company.actor(early.company.supplier(3)))
    small = replace(actor, mandates=tuple(replace(m, max_minor=99_999) for m in actor.mandates))
    with pytest.raises(NotPermitted):
        early.request(quote, small)
    early.request(quote)
    with pytest.raises(QuoteUsed):
        early.request(quote)


@pytest.mark.requirement("R277")
def test_a_part_is_not_financed_twice(desk: Desk, early: Desk) -> None:
    held = desk.tier_two()
    one, two = early.quote(held), early.quote(held, funder=early.company.other_funder)
    early.request(one)
    with pytest.raises(HoldingStateWrong):
        early.request(two)


def test_disputed_barred_or_passed_on_parts_are_not_locked(desk: Desk, early: Desk) -> None:
    held = desk.tier_two()
    quote = early.quote(held)
    overlay = vouchers.dispute(
        voucher_id=held.voucher_id,
        source="case 7",
        actor=early.company.actor(early.company.core),
        effective_at=early.now,
        today=early.day,
    )
    with pytest.raises(HoldingBlocked):
        early.request(quote)
    vouchers.close_overlay(
        overlay_id=overlay.id,
        reason="settled",
        actor=early.company.actor(early.company.core),
        effective_at=early.now,
        today=early.day,
    )
    bar(early.company, early.company.supplier(2), Barred.FINANCE)
    with pytest.raises(PartyBarred):
        early.request(quote)


def test_another_funder_blocks_its_own_line_and_gets_it_back_when_nothing_comes_of_it(desk: Desk, early: Desk) -> None:
    other = early.company.other_funder
    financing = early.requested(funder=other)
    assert str(early.company.line_now(other).blocked) == "300000.00 USD"
    assert str(early.company.line_now().utilised) == "1000000.00 USD"
    actor = early.company.actor(early.company.supplier(2))
    with pytest.raises(FinancingNotFound):
        operations.withdraw(
            financing_id=financing.id,
            actor=early.company.actor(early.company.supplier(3)),
            effective_at=early.now,
            reason="x",
        )
    ended = operations.withdraw(financing_id=financing.id, actor=actor, effective_at=early.now, reason="found cash")
    assert ended.state is S.WITHDRAWN
    assert str(early.company.line_now(other).available) == "5000000.00 USD"
    assert register.holding(actor=SYSTEM, holding_id=financing.holding_id).state == "active"  # type: ignore[arg-type]


def test_two_requests_do_not_block_more_than_the_other_funders_line(desk: Desk, early: Desk) -> None:
    other = early.company.other_funder
    set_line(desk, "4000000.00")
    one, two = desk.company.held("2600000.00"), desk.company.held("1400000.01")
    quotes = [early.quote(one, funder=other), early.quote(two, funder=other)]
    early.request(quotes[0])
    with pytest.raises(LimitExceeded):
        early.request(quotes[1])
    assert register.holding(actor=SYSTEM, holding_id=two.id).state == "active"


# --- the funder's word


@pytest.mark.requirement("R350")
@pytest.mark.requirement("R085")
def test_the_funders_system_decides_and_its_word_is_kept_as_its_own(desk: Desk, early: Desk) -> None:
    financing = early.approved(desk.tier_two())
    assert financing.state is S.APPROVED and financing.decision is not None
    assert financing.decision.decided_by == {"model": "sme-7", "version": "3"}
    assert early.says(financing).state is S.APPROVED
    with pytest.raises(FinancingStateWrong):
        early.says(financing, yes=False)


@pytest.mark.parametrize(("yes", "rate"), [(False, None), (True, "0.0451")])
def test_a_refusal_or_a_dearer_rate_ends_the_request(desk: Desk, early: Desk, yes: bool, rate: str | None) -> None:
    financing = early.says(early.requested(desk.tier_two()), yes=yes, rate=rate)
    assert financing.state is S.REFUSED
    assert register.holding(actor=SYSTEM, holding_id=financing.holding_id).state == "active"  # type: ignore[arg-type]


@pytest.mark.requirement("R394")
def test_two_people_of_the_funder_decide_and_neither_platform_nor_supplier(desk: Desk, early: Desk) -> None:
    financing = early.requested(desk.tier_two())
    bank = early.company.funder
    first, second = early.company.actor(bank), early.company.actor(bank, "checker")

    def decide(actor: build.Actor, rate: str = "0.045", signed: bool = True) -> None:
        content = operations.decision_content(financing.id, approve=True, annual_rate=Decimal(rate))
        operations.decide(
            financing_id=financing.id,
            actor=actor,
            approve=True,
            annual_rate=Decimal(rate),
            reasons=(),
            effective_at=early.now,
            signature=sign(actor, content) if signed else sign(second, content),
        )

    def check(actor: build.Actor, verdict: Verdict = Verdict.APPROVE) -> FinancingState:
        return operations.check_decision(
            financing_id=financing.id, actor=actor, verdict=verdict, effective_at=early.now, reason="look again"
        ).state

    for other in (early.company.cast.operator, early.company.supplier(2)):
        with pytest.raises(DecisionNotTheirs):
            decide(early.company.actor(other))
    with pytest.raises(ReasonMissing):
        operations.decide(
            financing_id=financing.id,
            actor=first,
            approve=False,
            annual_rate=None,
            reasons=(" ",),
            effective_at=early.now,
        )
    with pytest.raises(RateAboveConsent):
        decide(first, "0.046")
    with pytest.raises(SignatureWrong):
        decide(first, signed=False)
    with pytest.raises(FinancingStateWrong):
        check(second)
    decide(first)
    assert queries.undecided(funder_ids=[desk.company.funder.id]) == []
    with pytest.raises(SamePerson):
        check(replace(second, person_id=first.person_id))
    assert check(second, Verdict.REJECT) is S.REQUESTED
    decide(first)
    assert check(second) is S.APPROVED
    word = early.now_of(financing).decision
    assert word is not None and word.decided_by["signature"]["person_id"] == str(first.person_id)


class Silent:
    """A funder's system that does not answer."""

    def __init__(self, failure: FunderTimeout) -> None:
        self.failure, self.asked = failure, 0

    def ask(self, application: Application) -> FunderDecision:
        self.asked += 1
        raise self.failure


@pytest.mark.parametrize(("failure", "times"), [(FunderSilent(), 1), (FunderTimeout(reason="malformed answer"), 3)])
def test_a_funder_that_cannot_be_reached_is_asked_once_a_sweep_and_the_others_have_their_turn(
    desk: Desk, early: Desk, failure: FunderTimeout, times: int
) -> None:
    company = desk.company
    for _ in range(3):
        early.requested(early.tier_two("10000.00"))
    early.requested(early.tier_two("10000.00"), funder=company.other_funder)
    dead, other = Silent(failure), Silent(FunderSilent())
    assert jobs.ask_funders(lambda: {company.funder.id: dead, company.other_funder.id: other}) == 0
    assert (dead.asked, other.asked) == (times, 1)


def test_a_funder_that_does_not_answer_keeps_no_other_waiting(desk: Desk, early: Desk) -> None:
    bank, other = desk.company.funder, desk.company.other_funder
    first = early.requested(early.tier_two())
    second = early.requested(early.tier_two(), funder=other)

    def waiting(*funders: Firm) -> list[object]:
        return [one.id for one in queries.undecided(funder_ids=[funder.id for funder in funders])]

    assert waiting(bank, other) == [first.id, second.id] and waiting(other) == [second.id] and waiting() == []
    operations.note_asked(financing_id=first.id, effective_at=early.now)
    assert waiting(bank, other) == [second.id, first.id]
    operations.note_asked(financing_id=second.id, effective_at=early.now + timedelta(seconds=1))
    assert waiting(bank, other) == [first.id, second.id]
