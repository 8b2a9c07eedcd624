"""An instruction from the order to the bank's last word, whatever the bank says and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.builders import settlement as build
from tests.builders.settlement import NOON, says, sent, usd

from fourflow.capital.settlement import operations, queries
from fourflow.capital.settlement.types import (
    AlreadySubmitted,
    AnswerStatus,
    BankAccount,
    ExceptionKind,
    InstructionNotFound,
    InstructionState,
    InvoiceExceeded,
    PaymentInstruction,
    PlatformAccountBarred,
    Purpose,
    ReferenceTaken,
    SamePersonTwice,
    StepNotAllowed,
)
from fourflow.foundation.parties.types import SYSTEM, MandateExceeded, Permission, RoleKind
from fourflow.platform.events import queries as stream
from fourflow.platform.ids import new_id

pytestmark = pytest.mark.django_db

S = InstructionState
A = AnswerStatus


@pytest.fixture
def accounts(db: None) -> build.Money4:
    return build.company()


def hears(reply: object) -> int:
    return operations.apply_reply(actor=SYSTEM, bank_code="ALFA", reply=reply, effective_at=NOON)  # type: ignore[arg-type]


def state(payment: object) -> S:
    return queries.payment(actor=SYSTEM, instruction_id=payment.id).payment.state  # type: ignore[attr-defined]


def kinds(payment: object) -> list[str]:
    return [event.kind for event in stream.of_subject(payment.id)]  # type: ignore[attr-defined]


def test_a_payment_is_instructed_sent_and_settled_and_each_step_is_an_event(accounts: build.Money4) -> None:
    payment = sent(accounts)
    hears(says(payment, A.ACCEPTED, "b1"))
    hears(says(payment, A.SETTLED, "b1", report="r2"))
    assert state(payment) is S.SETTLED
    assert kinds(payment) == ["instruction.given", "instruction.sent", "payment.in_transit", "payment.settled"]


def test_the_same_order_given_twice_is_one_instruction(accounts: build.Money4) -> None:
    subject = new_id()
    give = lambda amount: operations.instruct(  # noqa: E731
        actor=SYSTEM,
        reference="fin-9",
        payer_account_id=accounts.funder.id,
        payee_account_id=accounts.supplier.id,
        amount=usd(amount),
        purpose=Purpose.FINANCING_PROCEEDS,
        subject_id=subject,
        mandate="m",
        execution_date=build.DAY,
        effective_at=NOON,
    )
    assert give(100).id == give(100).id
    with pytest.raises(ReferenceTaken):
        give(101)


def test_an_instruction_is_handed_to_the_bank_once(accounts: build.Money4) -> None:
    payment = sent(accounts)
    with pytest.raises(AlreadySubmitted):
        operations.record_submission(
            actor=SYSTEM,
            bank_code="ALFA",
            message=says(payment, A.PENDING).message,
            instruction_ids=[payment.id],
            effective_at=NOON,
        )


def test_silence_makes_a_payment_unknown_and_an_answer_to_the_question_ends_it(accounts: build.Money4) -> None:
    payment = sent(accounts)
    operations.mark_unknown(actor=SYSTEM, instruction_ids=[payment.id], effective_at=NOON)
    assert state(payment) is S.UNKNOWN
    assert [q.instruction_id for q in queries.to_ask(actor=SYSTEM, bank_code="ALFA", now=NOON)] == [payment.id]
    hears(says(payment, A.SETTLED, "b1"))
    assert state(payment) is S.SETTLED
    assert queries.to_ask(actor=SYSTEM, bank_code="ALFA", now=NOON + timedelta(days=9)) == []


def test_the_same_report_twice_and_a_late_one_change_nothing(accounts: build.Money4) -> None:
    payment = sent(accounts)
    assert hears(says(payment, A.SETTLED, "b1")) == 1
    before = kinds(payment)
    assert hears(says(payment, A.SETTLED, "b1")) == 0
    assert hears(says(payment, A.SETTLED, "b1", report="again")) == 0
    assert hears(says(payment, A.ACCEPTED, "b1", report="late")) == 0
    assert kinds(payment) == [*before, "payment.answer_repeated"] and queries.exceptions(actor=SYSTEM) == []


@pytest.mark.parametrize(("first", "second"), [(A.SETTLED, A.REJECTED), (A.REJECTED, A.SETTLED)])
def test_a_contradiction_is_parked_and_the_first_answer_stands(accounts: build.Money4, first: A, second: A) -> None:
    payment = sent(accounts)
    hears(says(payment, first))
    hears(says(payment, second, report="r2"))
    assert state(payment).value == first.value
    (item,) = queries.exceptions(actor=SYSTEM)
    assert (item.kind, item.instruction_id, item.answer) == (
        ExceptionKind.CONTRADICTORY_ANSWER, payment.id, second.value,
    )  # fmt: skip
    operations.resolve_exception(actor=SYSTEM, exception_id=item.id, resolution="bank corrected", effective_at=NOON)
    assert queries.exceptions(actor=SYSTEM) == []


def test_a_second_booking_of_one_payment_is_parked(accounts: build.Money4) -> None:
    payment = sent(accounts)
    hears(says(payment, A.SETTLED, "b1"))
    hears(says(payment, A.SETTLED, "b2", report="r2"))
    assert [e.kind for e in queries.exceptions(actor=SYSTEM)] == [ExceptionKind.CONTRADICTORY_ANSWER]


def test_what_is_parked_is_read_page_after_page_the_oldest_first(accounts: build.Money4) -> None:
    for number in range(3):
        payment = sent(accounts, reference=f"fin-{number}")
        hears(says(payment, A.SETTLED, f"b{number}"))
        hears(says(payment, A.REJECTED, report=f"r{number}"))
    every = [one.id for one in queries.exceptions(actor=SYSTEM)]
    first = queries.exceptions(actor=SYSTEM, limit=2)
    (last,) = queries.exceptions(actor=SYSTEM, limit=2, after=first[-1].id)
    assert len(every) == 3 and [*(one.id for one in first), last.id] == every
    operations.resolve_exception(actor=SYSTEM, exception_id=first[-1].id, resolution="done", effective_at=NOON)
    assert queries.exceptions(actor=SYSTEM, limit=2, after=first[-1].id) == [last], "also behind one that is dealt with"
    assert queries.exceptions(actor=SYSTEM, only=[last.id]) == [last]


def test_a_booking_of_another_payment_is_parked(accounts: build.Money4) -> None:
    one, other = sent(accounts), sent(accounts, reference="fin-2")
    hears(says(one, A.SETTLED, "b1"))
    hears(says(other, A.SETTLED, "b1", report="r2"))
    assert [e.kind for e in queries.exceptions(actor=SYSTEM)] == [ExceptionKind.REFERENCE_REUSED]
    assert state(other) is S.SENT


@pytest.mark.requirement("R049")
def test_an_answer_about_a_payment_that_nobody_knows_is_parked(accounts: build.Money4) -> None:
    foreign = build.Answer(new_id().hex, A.SETTLED, "b1")
    hears(build.Reply(build.RawMessage("pain.002.001.10", b"<x/>", "x"), (foreign,)))
    assert [e.kind for e in queries.exceptions(actor=SYSTEM)] == [ExceptionKind.INSTRUCTION_UNKNOWN_HERE]


def test_a_bank_that_says_not_known_is_believed_late_and_thrice(accounts: build.Money4) -> None:
    payment = sent(accounts)
    operations.mark_unknown(actor=SYSTEM, instruction_ids=[payment.id], effective_at=NOON)
    minutes = [1, 2, 3, 20]
    seen = [
        operations.record_not_known(actor=SYSTEM, instruction_id=payment.id, effective_at=NOON + timedelta(minutes=m))
        for m in minutes
    ]
    assert seen == [S.UNKNOWN, S.UNKNOWN, S.UNKNOWN, S.REJECTED]
    assert queries.payment(actor=SYSTEM, instruction_id=payment.id).payment.reason_code == "NOT_RECEIVED"


def test_the_trail_shows_what_was_sent_and_every_word_of_the_bank(accounts: build.Money4) -> None:
    payment = sent(accounts)
    hears(says(payment, A.PENDING))
    hears(says(payment, A.REJECTED, report="r2"))
    trail = queries.payment(actor=SYSTEM, instruction_id=payment.id).trail
    assert [(s.what, s.verdict) for s in trail] == [
        ("instructed", ""), ("sent", ""), ("pending", "applied"), ("rejected", "applied"),
    ]  # fmt: skip
    message = queries.message(actor=SYSTEM, message_id=trail[1].message_id or new_id())
    assert payment.end_to_end_id in message.body and message.sha256 == trail[1].message_sha256


def test_two_people_draft_and_release(accounts: build.Money4) -> None:
    permissions = (Permission.PAYMENT_PREPARE, Permission.PAYMENT_RELEASE)
    maker = build.person(accounts.core.party_id, *permissions, role=RoleKind.CORE)
    small = build.person(accounts.core.party_id, *permissions, role=RoleKind.CORE, ceiling=99)
    checker = build.person(accounts.core.party_id, *permissions, role=RoleKind.CORE)
    drafted = operations.draft(
        actor=maker,
        reference="pay-1",
        payer_account_id=accounts.core.id,
        payee_account_id=accounts.supplier.id,
        amount=usd(100),
        purpose=Purpose.TRADE_PAYMENT,
        subject_id=new_id(),
        mandate="own order",
        execution_date=build.DAY,
        effective_at=NOON,
    )
    with pytest.raises(SamePersonTwice):
        operations.release(actor=maker, instruction_id=drafted.id, effective_at=NOON)
    with pytest.raises(MandateExceeded):
        operations.release(actor=small, instruction_id=drafted.id, effective_at=NOON)
    released = operations.release(actor=checker, instruction_id=drafted.id, effective_at=NOON)
    assert released.state is S.INSTRUCTED
    with pytest.raises(StepNotAllowed):
        operations.release(actor=checker, instruction_id=drafted.id, effective_at=NOON)


def test_what_was_sent_is_not_withdrawn(accounts: build.Money4) -> None:
    waiting, gone = build.instructed(accounts, reference="w"), sent(accounts, reference="g")
    withdrawn = operations.withdraw(actor=SYSTEM, instruction_id=waiting.id, reason="disputed", effective_at=NOON)
    assert withdrawn.state is S.REJECTED
    with pytest.raises(StepNotAllowed):
        operations.withdraw(actor=SYSTEM, instruction_id=gone.id, reason="too late", effective_at=NOON)


def test_a_strangers_payment_does_not_exist_for_others(accounts: build.Money4) -> None:
    payment = sent(accounts)
    stranger = build.person(new_id(), Permission.PAYMENT_VIEW, role=RoleKind.SUPPLIER)
    payee = build.person(accounts.supplier.party_id, Permission.PAYMENT_VIEW, role=RoleKind.SUPPLIER)
    with pytest.raises(InstructionNotFound):
        queries.payment(actor=stranger, instruction_id=payment.id)
    assert queries.payments(actor=stranger) == []
    assert [p.id for p in queries.payments(actor=payee)] == [payment.id]


@pytest.mark.requirement("R297")
@pytest.mark.parametrize(
    ("payer", "payee", "purpose"),
    [
        ("core", "fees", Purpose.VOUCHER_REDEMPTION),
        ("core", "fees", Purpose.TRADE_PAYMENT),
        ("core", "fees", Purpose.PLATFORM_FEE),
        ("fees", "supplier", Purpose.VOUCHER_REDEMPTION),
        ("fees", "supplier", Purpose.PLATFORM_BILL),
        ("expenses", "supplier", Purpose.RETURN),
        ("funder", "supplier", Purpose.PLATFORM_FEE),
    ],
)
def test_customers_money_never_touches_a_platform_account(
    accounts: build.Money4, payer: str, payee: str, purpose: Purpose
) -> None:
    with pytest.raises(PlatformAccountBarred):
        operations.instruct(
            actor=SYSTEM,
            reference="bad",
            payer_account_id=getattr(accounts, payer).id,
            payee_account_id=getattr(accounts, payee).id,
            amount=usd(100),
            purpose=purpose,
            subject_id=new_id(),
            mandate="m",
            execution_date=build.DAY,
            effective_at=NOON,
        )


def test_the_platform_is_paid_its_invoiced_fee_and_no_more(accounts: build.Money4) -> None:
    invoice = build.fee_invoice(accounts, 500)

    def pays(payer: BankAccount, amount: int) -> PaymentInstruction:
        return operations.instruct(
            actor=SYSTEM,
            reference=f"fee {payer.number} {amount}",
            payer_account_id=payer.id,
            payee_account_id=accounts.fees.id,
            amount=usd(amount),
            purpose=Purpose.PLATFORM_FEE,
            subject_id=invoice.id,
            mandate="m",
            execution_date=build.DAY,
            effective_at=NOON,
            invoice_id=invoice.id,
        )

    assert pays(accounts.supplier, 300).id == pays(accounts.supplier, 300).id
    with pytest.raises(InvoiceExceeded):
        pays(accounts.supplier, 201)
    with pytest.raises(PlatformAccountBarred):
        pays(accounts.core, 1)
    assert pays(accounts.supplier, 200).invoice_id == invoice.id
