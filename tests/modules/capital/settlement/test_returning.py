"""Money that belongs to nobody goes back to whoever paid it: by two people, whole, once, and never twice disposed of."""

from __future__ import annotations

from uuid import UUID

import pytest
from tests.builders import settlement as build
from tests.builders.settlement import DAY, NOON, arrives, booked, expected, says, usd

from fourflow.capital.ledger import queries as ledger
from fourflow.capital.ledger.types import AccountKey, BookKind, Chart, book_of
from fourflow.capital.settlement import jobs, operations, queries
from fourflow.capital.settlement.types import (
    AccountClosed,
    AnswerStatus,
    BankAccount,
    EntryNotFound,
    InstructionState,
    NothingProposed,
    NothingUnmatched,
    NotReturnable,
    NotTheProposer,
    PayerAccountUnknown,
    PaymentInstruction,
    PlatformAccountBarred,
    Purpose,
    ReturnInFull,
    ReturnState,
    SamePersonTwice,
    Share,
    in_transit,
)
from fourflow.foundation.parties.types import SYSTEM, Actor, NotPermitted, Permission, RoleKind
from fourflow.platform.events import queries as stream
from fourflow.platform.events.operations import consume, sequence
from fourflow.platform.events.types import Consumer
from fourflow.platform.ids import new_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts(db: None) -> build.Money4:
    return build.company()


def somebody(accounts: build.Money4, *permissions: Permission) -> Actor:
    allowed = permissions or (Permission.PAYMENT_MATCH, Permission.PAYMENT_MATCH_CHECK)
    return build.person(accounts.supplier.party_id, *allowed, role=RoleKind.SUPPLIER)


def strayed(accounts: build.Money4, minor: int = 900, *, payer_account: str = "X-77", reference: str = "b1") -> UUID:
    """Money with a payer whom nobody here knows lies on the supplier's account."""
    arrives("BETA", booked(accounts.supplier, minor, reference, payer="Stranger Ltd", payer_account=payer_account))
    (item,) = [one for one in queries.unmatched(actor=SYSTEM) if one.entry.bank_reference == reference]
    return item.entry_id


def propose(actor: Actor, entry_id: UUID, minor: int = 900) -> None:
    operations.propose_return(actor=actor, entry_id=entry_id, amount=usd(minor), reason="not ours", effective_at=NOON)


def carry_out(actor: Actor, entry_id: UUID) -> PaymentInstruction:
    return operations.carry_out_return(actor=actor, entry_id=entry_id, execution_date=DAY, effective_at=NOON)


def ordered(accounts: build.Money4, entry_id: UUID, minor: int = 900) -> PaymentInstruction:
    """Two people sent it back, and the order has left for the bank."""
    propose(somebody(accounts), entry_id, minor)
    payment = carry_out(somebody(accounts), entry_id)
    batch = operations.plan_batch(bank_code="BETA", today=DAY, effective_at=NOON, initiator="F")
    assert batch is not None
    message = build.RawMessage("pain.001.001.09", payment.id.bytes, payment.id.hex)
    operations.record_submission(
        actor=SYSTEM, bank_code="BETA", message=message, instruction_ids=[payment.id], effective_at=NOON
    )
    return payment


def bank_says(payment: PaymentInstruction, status: AnswerStatus) -> None:
    """The bank's last word, and what follows from it."""
    reply = says(payment, status, f"r-{payment.id.hex[-6:]}", report=payment.id.hex)
    operations.apply_reply(actor=SYSTEM, bank_code="BETA", reply=reply, effective_at=NOON)
    followed()


def followed() -> None:
    """The consumers of settlement have caught up."""
    sequence()
    for kind, function in (
        ("payment.settled", jobs.on_payment_settled),
        ("payment.rejected", jobs.on_payment_rejected),
    ):
        consume(Consumer(f"test.{kind}", frozenset({kind}), function))


def balances(account: BankAccount, payment: PaymentInstruction | None = None) -> tuple[int, int, int]:
    """Bank, suspense and cash in transit in the account owner's book, debit positive."""
    book = book_of(BookKind.MIRROR, account.party_id)
    bank, suspense = (AccountKey(book, chart.value, "USD", account.id) for chart in (Chart.BANK, Chart.SUSPENSE))
    found = [ledger.balance(key).net().minor for key in (bank, suspense)]
    transit = in_transit(party_id=account.party_id, transit_id=payment.id, currency="USD") if payment else None
    return found[0], found[1], ledger.balance(transit).net().minor if transit else 0


def audited() -> None:
    """Every row is what its last event said, and the ledger adds up."""
    recorded = {(row.table, row.key): row.digest for row in stream.evidenced_rows()}
    now = {(row.table, row.key): row.digest() for row in (*queries.evidenced(), *ledger.evidenced())}
    assert recorded == now and ledger.verify().differences == ()


def test_unmatched_money_goes_back_to_the_account_it_came_from_by_two_people(accounts: build.Money4) -> None:
    entry_id = strayed(accounts)
    assert balances(accounts.supplier) == (900, -900, 0)
    payment = ordered(accounts, entry_id)
    shown = queries.payment(actor=SYSTEM, instruction_id=payment.id).payment
    assert (shown.payer_account, shown.payee_account, shown.payee_name) == ("B-SUPP", "X-77", "Stranger Ltd")
    assert (shown.amount, shown.purpose, shown.payee_id) == (usd(900), Purpose.RETURN, None)
    assert queries.unmatched(actor=SYSTEM) == []
    bank_says(payment, AnswerStatus.SETTLED)
    followed()
    assert balances(accounts.supplier, payment) == (0, 0, 0)
    (done,) = queries.returns(actor=somebody(accounts))
    assert (done.state, done.reason, done.instruction_id) == (ReturnState.PAID, "not ours", payment.id)
    assert done.maker_person_id != done.checker_person_id
    kinds = [fact.kind for fact in stream.of_subject(entry_id)]
    assert kinds == ["cash.booked", "cash.unmatched", "cash.return_proposed", "cash.return_instructed", "cash.returned"]
    arrives("BETA", booked(accounts.supplier, -900, "b2", payment=shown))
    audited()


def test_who_proposed_takes_it_back_and_nobody_else_does(accounts: build.Money4) -> None:
    entry_id, maker, other = strayed(accounts), somebody(accounts), somebody(accounts)

    def withdraw(actor: Actor) -> None:
        operations.withdraw_proposal(actor=actor, entry_id=entry_id, effective_at=NOON)

    with pytest.raises(NothingProposed):
        withdraw(maker)
    propose(maker, entry_id)
    with pytest.raises(NotTheProposer):
        withdraw(other)
    with pytest.raises(NotPermitted):
        withdraw(somebody(accounts, Permission.PAYMENT_MATCH_CHECK))
    withdraw(maker)
    (again,) = queries.unmatched(actor=SYSTEM)
    assert (again.rest, again.return_reason, again.proposed_by) == (usd(900), "", None)
    with pytest.raises(NothingProposed):
        carry_out(other, entry_id)
    share = Share(expected(accounts, 900, "VCH-9").id, usd(900))
    operations.propose_assignment(actor=maker, entry_id=entry_id, shares=(share,), effective_at=NOON)
    withdraw(maker)
    (again,) = queries.unmatched(actor=SYSTEM)
    assert again.proposal == () and stream.of_subject(entry_id)[-1].kind == "cash.proposal_withdrawn"
    audited()


def test_what_the_bank_did_not_pay_back_is_unmatched_again_and_may_be_sent_anew(accounts: build.Money4) -> None:
    entry_id = strayed(accounts)
    bank_says(ordered(accounts, entry_id), AnswerStatus.REJECTED)
    (again,) = queries.unmatched(actor=SYSTEM)
    assert (again.rest, again.return_reason, again.proposed_by) == (usd(900), "", None)
    assert [one.state for one in queries.returns(actor=SYSTEM)] == [ReturnState.FAILED]
    audited()
    bank_says(ordered(accounts, entry_id), AnswerStatus.SETTLED)
    assert balances(accounts.supplier) == (0, 0, 0) and queries.unmatched(actor=SYSTEM) == []
    audited()


def test_an_order_taken_back_before_it_left_frees_the_money(accounts: build.Money4) -> None:
    entry_id = strayed(accounts)
    propose(somebody(accounts), entry_id)
    payment = carry_out(somebody(accounts), entry_id)
    operations.withdraw(actor=SYSTEM, instruction_id=payment.id, reason="it is ours", effective_at=NOON)
    followed()
    waiting = expected(accounts, 900, "X-1")
    shares = [Share(waiting.id, usd(900))]
    build.placed(somebody(accounts), somebody(accounts), entry_id, shares)
    assert queries.unmatched(actor=SYSTEM) == [] and balances(accounts.supplier)[:2] == (900, 0)
    audited()


def test_the_rest_of_a_credit_goes_back_when_the_part_that_belongs_to_somebody_is_placed(
    accounts: build.Money4,
) -> None:
    entry_id, waiting = strayed(accounts), expected(accounts, 600, "X-1")
    with pytest.raises(ReturnInFull) as refused:
        propose(somebody(accounts), entry_id, 300)
    assert refused.value.params["field"] == "amount"
    propose(somebody(accounts), entry_id)
    shares = [Share(waiting.id, usd(600))]
    build.placed(somebody(accounts), somebody(accounts), entry_id, shares)
    with pytest.raises(NothingProposed):
        carry_out(somebody(accounts), entry_id)  # what was proposed is not what lies there now
    payment = ordered(accounts, entry_id, 300)
    bank_says(payment, AnswerStatus.SETTLED)
    assert payment.amount == usd(300) and balances(accounts.supplier, payment) == (600, 0, 0)
    audited()


def test_money_is_placed_or_returned_and_never_both(accounts: build.Money4) -> None:
    entry_id, waiting = strayed(accounts), expected(accounts, 900, "X-1")
    shares = [Share(waiting.id, usd(900))]
    maker, checker = somebody(accounts), somebody(accounts)
    propose(maker, entry_id)
    operations.propose_assignment(actor=maker, entry_id=entry_id, shares=shares, effective_at=NOON)
    with pytest.raises(NothingProposed):
        carry_out(checker, entry_id)  # the later proposal took the place of the first
    propose(maker, entry_id)
    with pytest.raises(NothingProposed):
        operations.assign_suspense(actor=checker, entry_id=entry_id, effective_at=NOON)
    carry_out(checker, entry_id)
    with pytest.raises(NothingUnmatched):
        carry_out(checker, entry_id)
    with pytest.raises(NothingUnmatched):
        propose(maker, entry_id)
    with pytest.raises(NothingProposed):
        build.placed(maker, checker, entry_id, shares)
    other = strayed(accounts, 500, reference="b2")
    more = [Share(expected(accounts, 500, "X-2").id, usd(500))]
    build.placed(maker, checker, other, more)
    with pytest.raises(NothingUnmatched):
        propose(maker, other, 500)


def test_two_people_with_the_right_to_it_send_money_back(accounts: build.Money4) -> None:
    entry_id = strayed(accounts)
    both, matcher = somebody(accounts), somebody(accounts, Permission.PAYMENT_MATCH)
    with pytest.raises(NotPermitted):
        propose(somebody(accounts, Permission.PAYMENT_PREPARE), entry_id)
    with pytest.raises(NothingProposed):
        carry_out(both, entry_id)
    propose(both, entry_id)
    with pytest.raises(SamePersonTwice):
        carry_out(both, entry_id)
    with pytest.raises(NotPermitted):
        carry_out(matcher, entry_id)
    stranger = build.person(new_id(), Permission.PAYMENT_MATCH, Permission.PAYMENT_MATCH_CHECK, role=RoleKind.SUPPLIER)
    for act in (propose, carry_out):
        with pytest.raises(EntryNotFound):
            act(stranger, entry_id)
    assert queries.returns(actor=stranger) == [] and queries.payments(actor=SYSTEM) == []


def test_a_known_payer_sees_the_payment_and_its_book_never_heard_of_the_money(accounts: build.Money4) -> None:
    entry_id = strayed(accounts, payer_account=accounts.core.number)
    payment = ordered(accounts, entry_id)
    bank_says(payment, AnswerStatus.SETTLED)
    payer = build.person(accounts.core.party_id, Permission.PAYMENT_VIEW, role=RoleKind.CORE)
    assert [one.id for one in queries.payments(actor=payer)] == [payment.id]
    assert payment.payee_id == accounts.core.party_id and balances(accounts.core, payment) == (0, 0, 0)


def test_money_without_a_way_back_stays_where_it_is(accounts: build.Money4) -> None:
    maker = somebody(accounts)
    with pytest.raises(PayerAccountUnknown):
        propose(maker, strayed(accounts, payer_account="", reference="c1"))
    with pytest.raises(PlatformAccountBarred):
        propose(maker, strayed(accounts, payer_account=accounts.expenses.number, reference="c2"))
    with pytest.raises(NotReturnable):
        propose(maker, strayed(accounts, payer_account=accounts.supplier.number, reference="c3"))
    back = booked(accounts.supplier, 900, "c4", payer="Somebody", payer_account="X-9", reversal=True)
    arrives("BETA", back)
    (own,) = [one for one in queries.unmatched(actor=SYSTEM) if one.entry.bank_reference == "c4"]
    with pytest.raises(NotReturnable):
        propose(maker, own.entry_id)
    arrives("ALFA", booked(accounts.fees, 900, "c5", payer="Somebody", payer_account="X-9"))
    (fee,) = [one for one in queries.unmatched(actor=SYSTEM) if one.entry.bank_reference == "c5"]
    with pytest.raises(PlatformAccountBarred):
        propose(SYSTEM, fee.entry_id)
    operations.retire_account(actor=SYSTEM, account_id=accounts.supplier.id, effective_at=NOON, today=DAY)
    with pytest.raises(AccountClosed):
        propose(maker, strayed(accounts, reference="c6"))
    assert queries.payments(actor=SYSTEM, states=[InstructionState.INSTRUCTED]) == []
