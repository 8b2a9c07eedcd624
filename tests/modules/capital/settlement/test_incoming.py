"""Cash that arrives is matched, or lies where a person sees it; the same booking counts once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.builders import settlement as build
from tests.builders.settlement import DAY, NOON, arrives, booked, expected, says, sent, usd

from fourflow.capital.ledger import queries as ledger
from fourflow.capital.ledger.types import AccountKey, Chart
from fourflow.capital.settlement import operations, queries
from fourflow.capital.settlement.ports import Notification, RawMessage
from fourflow.capital.settlement.types import (
    AccountKind,
    AccountNotFound,
    AccountNotWatched,
    AlreadyMatched,
    AmountNotPositive,
    AnswerStatus,
    CurrenciesDiffer,
    EntryNotFound,
    ExceptionKind,
    ExpectationInvalid,
    ExpectationNotFound,
    Expected,
    InstructionState,
    MatchBasis,
    NothingProposed,
    OverMatched,
    PlatformAccountBarred,
    Purpose,
    ReferenceTaken,
    SamePersonTwice,
    Share,
    in_transit,
)
from fourflow.foundation.parties.types import SYSTEM, Actor, NotPermitted, PartyNotFound, Permission, RoleKind
from fourflow.platform.errors import FourflowError
from fourflow.platform.events import queries as stream
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts(db: None) -> build.Money4:
    return build.company()


def received(expectation: object) -> int:
    found = {e.id: e for e in queries.expectations(actor=SYSTEM)}
    return found[expectation.id].received.minor  # type: ignore[attr-defined]


def matcher(accounts: build.Money4) -> Actor:
    permissions = (Permission.PAYMENT_MATCH, Permission.PAYMENT_MATCH_CHECK)
    return build.person(accounts.supplier.party_id, *permissions, role=RoleKind.SUPPLIER)


def test_a_payment_with_its_reference_meets_the_expectation_by_itself(accounts: build.Money4) -> None:
    waiting = expected(accounts, 300)
    assert arrives("BETA", booked(accounts.supplier, 300, "b1", text="VCH-1")) == 1
    assert received(waiting) == 300
    assert queries.unmatched(actor=SYSTEM) == []
    facts = stream.of_subject(waiting.id)
    assert [f.kind for f in facts] == ["cash.expected", "cash.matched"]
    assert facts[1].body["complete"] is True and facts[1].body["amount"] == {"amount": "3.00", "currency": "USD"}


def test_the_same_booking_notified_twice_counts_once(accounts: build.Money4) -> None:
    waiting = expected(accounts, 300)
    entry = booked(accounts.supplier, 200, "b1", text="VCH-1")
    assert [arrives("BETA", entry), arrives("BETA", entry), arrives("BETA", entry, entry)] == [1, 0, 0]
    assert received(waiting) == 200


def test_cash_without_a_word_lies_in_suspense_with_explained_proposals(accounts: build.Money4) -> None:
    expected(accounts, 300, "VCH-1")
    expected(accounts, 500, "VCH-2")
    arrives("BETA", booked(accounts.supplier, 800, "b1", payer_account="A-CORE", payer="Programme"))
    (item,) = queries.unmatched(actor=SYSTEM)
    assert item.rest == usd(800)
    (proposal,) = item.suggestions
    assert proposal.basis is MatchBasis.AMOUNT_SET and proposal.grounds == "open_amounts_add_up"
    assert [(reference, amount.minor) for _, reference, amount in proposal.shares] == [("VCH-1", 300), ("VCH-2", 500)]


def test_cash_is_split_over_expectations_and_the_rest_stays(accounts: build.Money4) -> None:
    one, other = expected(accounts, 300, "X-1"), expected(accounts, 500, "X-2")
    arrives("BETA", booked(accounts.supplier, 900, "b1"))
    (item,) = queries.unmatched(actor=SYSTEM)
    shares = [Share(one.id, usd(300)), Share(other.id, usd(400))]
    rest = build.placed(matcher(accounts), matcher(accounts), item.entry_id, shares)
    assert rest == usd(200) and (received(one), received(other)) == (300, 400)
    assert queries.unmatched(actor=SYSTEM)[0].rest == usd(200)


@pytest.mark.parametrize("given", [[301], [300, 601]])
def test_nobody_gives_out_more_than_arrived_or_is_owed(accounts: build.Money4, given: list[int]) -> None:
    waiting = [expected(accounts, 300, "X-1"), expected(accounts, 900, "X-2")]
    arrives("BETA", booked(accounts.supplier, 900, "b1"))
    (item,) = queries.unmatched(actor=SYSTEM)
    shares = [Share(e.id, usd(g)) for e, g in zip(waiting, given, strict=False)]
    with pytest.raises(OverMatched):
        build.placed(matcher(accounts), matcher(accounts), item.entry_id, shares)


def test_an_expectation_gets_one_share_of_an_entry_and_a_second_is_refused_before_anybody_decides(
    accounts: build.Money4,
) -> None:
    waiting = expected(accounts, 300, "X-1")
    arrives("BETA", booked(accounts.supplier, 300, "b1"))
    (item,) = queries.unmatched(actor=SYSTEM)
    maker, checker, share = matcher(accounts), matcher(accounts), Share(waiting.id, usd(100))
    with pytest.raises(AlreadyMatched) as twice:
        build.placed(maker, checker, item.entry_id, [share, share])
    assert (twice.value.params["field"], twice.value.params["value"]) == ("expectation", str(waiting.id))
    assert build.placed(maker, checker, item.entry_id, [share]) == usd(200)
    with pytest.raises(AlreadyMatched):
        operations.propose_assignment(actor=maker, entry_id=item.entry_id, shares=[share], effective_at=NOON)
    assert received(waiting) == 100 and queries.unmatched(actor=SYSTEM)[0].proposed_by is None


def test_two_people_assign_unmatched_cash(accounts: build.Money4) -> None:
    waiting = expected(accounts, 300, "X-1")
    arrives("BETA", booked(accounts.supplier, 300, "b1"))
    (item,) = queries.unmatched(actor=SYSTEM)
    maker, checker = matcher(accounts), matcher(accounts)
    with pytest.raises(NothingProposed):
        operations.assign_suspense(actor=checker, entry_id=item.entry_id, effective_at=NOON)
    operations.propose_assignment(
        actor=maker, entry_id=item.entry_id, shares=[Share(waiting.id, usd(300))], effective_at=NOON
    )
    with pytest.raises(SamePersonTwice):
        operations.assign_suspense(actor=maker, entry_id=item.entry_id, effective_at=NOON)
    operations.assign_suspense(actor=checker, entry_id=item.entry_id, effective_at=NOON)
    assert received(waiting) == 300 and queries.unmatched(actor=SYSTEM) == []


def test_a_strangers_cash_does_not_exist_for_others(accounts: build.Money4) -> None:
    arrives("BETA", booked(accounts.supplier, 300, "b1"))
    (item,) = queries.unmatched(actor=SYSTEM)
    stranger = build.person(new_id(), Permission.PAYMENT_MATCH, role=RoleKind.SUPPLIER)
    assert queries.unmatched(actor=stranger) == []
    with pytest.raises(EntryNotFound):
        operations.propose_assignment(actor=stranger, entry_id=item.entry_id, shares=[], effective_at=NOON)


def test_the_payers_debit_settles_the_instruction_and_the_payees_credit_belongs_to_it(accounts: build.Money4) -> None:
    payment = sent(accounts)
    arrives("ALFA", booked(accounts.funder, -payment.amount.minor, "b1", payment=payment))
    arrives("BETA", booked(accounts.supplier, payment.amount.minor, "b9", payment=payment))
    shown = queries.payment(actor=SYSTEM, instruction_id=payment.id).payment
    assert (shown.state, shown.bank_reference) == (InstructionState.SETTLED, "b1")
    assert queries.unmatched(actor=SYSTEM) == [] and queries.exceptions(actor=SYSTEM) == []


def test_a_debit_of_another_amount_settles_nothing(accounts: build.Money4) -> None:
    payment = sent(accounts)
    arrives("ALFA", booked(accounts.funder, -1, "b1", payment=payment))
    assert queries.payment(actor=SYSTEM, instruction_id=payment.id).payment.state is InstructionState.SENT
    assert [e.kind for e in queries.exceptions(actor=SYSTEM)] == [ExceptionKind.AMOUNT_DIFFERS]


def test_a_booking_after_a_rejection_is_parked(accounts: build.Money4) -> None:
    payment = sent(accounts)
    operations.apply_reply(
        actor=SYSTEM, bank_code="ALFA", reply=says(payment, AnswerStatus.REJECTED), effective_at=NOON
    )
    arrives("ALFA", booked(accounts.funder, -payment.amount.minor, "b1", payment=payment))
    assert [e.kind for e in queries.exceptions(actor=SYSTEM)] == [ExceptionKind.CONTRADICTORY_ANSWER]


def test_a_returned_payment_is_shown_to_a_person(accounts: build.Money4) -> None:
    payment = sent(accounts)
    arrives("BETA", booked(accounts.supplier, 500, "b1", payment=payment, reversal=True))
    assert [e.kind for e in queries.exceptions(actor=SYSTEM)] == [ExceptionKind.RETURNED]
    assert queries.unmatched(actor=SYSTEM)[0].rest == usd(500)


def test_an_unreadable_notification_is_kept_and_shown_and_holds_up_nothing(accounts: build.Money4) -> None:
    bad = Notification(RawMessage("unreadable", b"<<<"), (), "7", refusal="malformed")
    for _ in range(2):
        operations.apply_notifications(actor=SYSTEM, bank_code="BETA", notifications=[bad], effective_at=NOON)
    assert [e.kind for e in queries.exceptions(actor=SYSTEM)] == [ExceptionKind.UNREADABLE_MESSAGE]
    assert queries.notified_after("BETA") == "7"


def test_private_bookings_on_an_account_that_nobody_watches_are_not_recorded(accounts: build.Money4) -> None:
    assert arrives("ALFA", booked(accounts.core, 12345, "b1", text="salary")) == 0
    assert queries.unmatched(actor=SYSTEM) == []


def test_nothing_is_expected_on_an_account_that_nobody_watches(accounts: build.Money4) -> None:
    with pytest.raises(AccountNotWatched):
        operations.expect(
            actor=SYSTEM,
            reference="X",
            payee_account_id=accounts.core.id,
            payer_id=new_id(),
            payer_name="x",
            amount=usd(1),
            purpose=Purpose.TRADE_PAYMENT,
            subject_id=new_id(),
            due_on=DAY,
            effective_at=NOON,
        )


def test_the_platform_expects_only_its_invoiced_fees(accounts: build.Money4) -> None:
    with pytest.raises(PlatformAccountBarred):
        operations.expect(
            actor=SYSTEM,
            reference="X",
            payee_account_id=accounts.fees.id,
            payer_id=accounts.core.party_id,
            payer_name="Programme",
            amount=usd(100),
            purpose=Purpose.VOUCHER_REDEMPTION,
            subject_id=new_id(),
            due_on=DAY,
            effective_at=NOON,
        )


def test_a_cancelled_expectation_takes_no_cash(accounts: build.Money4) -> None:
    waiting = expected(accounts, 300)
    operations.cancel_expectation(actor=SYSTEM, expectation_id=waiting.id, effective_at=NOON)
    arrives("BETA", booked(accounts.supplier, 300, "b1", text="VCH-1"))
    assert queries.unmatched(actor=SYSTEM)[0].rest == usd(300)


def test_only_the_payee_says_what_it_expects_and_takes_it_back(accounts: build.Money4) -> None:
    waiting = expected(accounts, 300)
    taken: dict[str, Any] = {"expectation_id": waiting.id, "effective_at": NOON}
    payer = build.person(accounts.core.party_id, Permission.ACCOUNT_REGISTER, role=RoleKind.CORE)
    operator = replace(payer, organisation_id=new_id(), roles=frozenset({RoleKind.OPERATOR}))
    stranger = build.person(new_id(), Permission.ACCOUNT_REGISTER, role=RoleKind.SUPPLIER)
    for other, refusal in ((payer, NotPermitted), (operator, NotPermitted), (stranger, ExpectationNotFound)):
        with pytest.raises(refusal):
            operations.cancel_expectation(actor=other, **taken)
        with pytest.raises((NotPermitted, AccountNotFound)):
            claimed(accounts, actor=other)
    payee = build.person(accounts.supplier.party_id, Permission.ACCOUNT_REGISTER, role=RoleKind.SUPPLIER)
    operations.cancel_expectation(actor=payee, **taken)
    assert [one.is_cancelled for one in queries.expectations(actor=payee)] == [True]


def claimed(accounts: build.Money4, **different: Any) -> Expected:
    """The supplier says that the core is to pay it."""
    said: dict[str, Any] = {
        "actor": SYSTEM,
        "reference": "INV-77",
        "payee_account_id": accounts.supplier.id,
        "payer_id": accounts.core.party_id,
        "payer_name": "Programme",
        "amount": usd(300),
        "due_on": DAY,
        "effective_at": NOON,
    }
    return operations.expect(**{**said, **different})


def test_what_cannot_be_expected_is_refused_with_its_field(accounts: build.Money4) -> None:
    claimed(accounts)
    wrong: list[tuple[type[FourflowError], str, dict[str, Any]]] = [
        (AccountNotFound, "account_id", {"payee_account_id": new_id()}),
        (AccountNotWatched, "account_id", {"payee_account_id": accounts.core.id, "payer_id": new_id()}),
        (AmountNotPositive, "amount", {"amount": usd(0)}),
        (CurrenciesDiffer, "amount", {"amount": Money(300, "EUR")}),
        (ExpectationInvalid, "due_on", {"due_on": DAY - timedelta(days=1)}),
        (ExpectationInvalid, "reference", {"reference": "-- 7 --"}),
        (ExpectationInvalid, "payer_id", {"payer_id": accounts.supplier.party_id}),
        (PartyNotFound, "payer_id", {"payer_id": new_id(), "payer_name": "", "reference": "INV-78"}),
        (ReferenceTaken, "reference", {"amount": usd(301)}),
        (ReferenceTaken, "reference", {"reference": "inv 77", "amount": usd(302)}),
    ]
    for refusal, field, different in wrong:
        with pytest.raises(refusal) as told:
            claimed(accounts, **different)
        assert told.value.params["field"] == field, different


def test_a_reference_is_free_again_once_it_is_no_longer_expected_and_always_on_anothers_account(
    accounts: build.Money4,
) -> None:
    first = claimed(accounts)
    assert claimed(accounts).id == first.id
    other = build.account(new_id(), "BETA", "B-OTHER", AccountKind.COLLECTION, "Other")
    assert claimed(accounts, payee_account_id=other.id, amount=usd(5)).id != first.id
    operations.cancel_expectation(actor=SYSTEM, expectation_id=first.id, effective_at=NOON)
    again = claimed(accounts, amount=usd(400))
    arrives("BETA", booked(accounts.supplier, 400, "b1", text="pays inv-77"))
    assert (received(again), received(first)) == (400, 0)


def test_a_trade_payment_leaves_nothing_in_transit_and_pays_what_was_open(accounts: build.Money4) -> None:
    waiting = claimed(accounts)
    arrives("BETA", booked(accounts.supplier, 300, "b1", text="INV 77"))
    (match,) = queries.matches(actor=SYSTEM)
    payee, payer = accounts.supplier.party_id, accounts.core.party_id
    transit = [in_transit(party_id=one, transit_id=match.id, currency="USD") for one in (payee, payer)]
    open_items = [
        AccountKey(transit[0].book, Chart.AR_OPEN.value, "USD", payer),
        AccountKey(transit[1].book, Chart.AP_OPEN.value, "USD", payee),
    ]
    assert [ledger.balance(key).net().minor for key in (*transit, *open_items)] == [0, 0, -300, 300]
    assert received(waiting) == 300 and ledger.verify().differences == ()


def test_every_row_that_events_carry_can_be_recomputed(accounts: build.Money4) -> None:
    payment = sent(accounts)
    expected(accounts, 300)
    arrives("ALFA", booked(accounts.funder, -payment.amount.minor, "b1", payment=payment))
    arrives("BETA", booked(accounts.supplier, 400, "b2", text="VCH-1"))
    other = expected(accounts, 60, "X-2")
    (item,) = queries.unmatched(actor=SYSTEM)
    build.placed(matcher(accounts), matcher(accounts), item.entry_id, [Share(other.id, usd(60))])
    for status in (AnswerStatus.SETTLED, AnswerStatus.REJECTED):
        said = says(payment, status, report=status)
        operations.apply_reply(actor=SYSTEM, bank_code="ALFA", reply=said, effective_at=NOON)
    recorded = {(row.table, row.key): row.digest for row in stream.evidenced_rows()}
    now = {(row.table, row.key): row.digest() for row in (*queries.evidenced(), *ledger.evidenced())}
    assert recorded == now


def test_cash_stands_in_transit_in_both_books_until_the_consumer_clears_it(accounts: build.Money4) -> None:
    payment = sent(accounts, 700)
    arrives("ALFA", booked(accounts.funder, -700, "b1", payment=payment))
    arrives("BETA", booked(accounts.supplier, 700, "b2", payment=payment))
    transit = [
        in_transit(party_id=party, transit_id=payment.id, currency="USD")
        for party in (payment.payer_id, payment.payee_id)
    ]
    bank = [
        AccountKey(key.book, Chart.BANK.value, "USD", account.id)
        for key, account in zip(transit, (accounts.funder, accounts.supplier), strict=True)
    ]
    assert [ledger.balance(key).net().minor for key in (*transit, *bank)] == [700, -700, -700, 700]
    assert ledger.verify().differences == ()
