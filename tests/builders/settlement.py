"""Two banks, accounts and people of settlement, made through its operations; answers as a bank's messages give them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from fourflow.capital.settlement import operations
from fourflow.capital.settlement.ports import Notification, RawMessage, Reply
from fourflow.capital.settlement.types import (
    AccountKind,
    Answer,
    AnswerStatus,
    BankAccount,
    BankEntry,
    Direction,
    Expected,
    InvoiceDirection,
    PaymentInstruction,
    PlatformInvoice,
    Purpose,
    Share,
)
from fourflow.foundation.parties.types import (
    SYSTEM,
    Actor,
    Function,
    MandateTerm,
    Permission,
    RoleKind,
)
from fourflow.platform.events import queries as stream
from fourflow.platform.events.types import RecordedEvent
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

DAY = date(2014, 3, 3)
NOON = datetime(2014, 3, 3, 4, tzinfo=UTC)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def person(organisation: UUID, *permissions: Permission, role: RoleKind, ceiling: int | None = None) -> Actor:
    """Somebody of an organisation with these permissions and a mandate for its payments in USD."""
    mandate = MandateTerm(organisation, Permission.PAYMENT_RELEASE, "USD", ceiling, date(2014, 1, 1))
    return Actor(
        person_id=new_id(),
        organisation_id=organisation,
        on=DAY,
        functions=frozenset({Function.MAKER}),
        roles=frozenset({role}),
        permissions=frozenset(permissions),
        mandates=(mandate,),
    )


@dataclass(frozen=True)
class Money4:
    """A funder and a core at bank ALFA, a supplier at BETA, the operator's fee and expense accounts at ALFA."""

    core: BankAccount
    funder: BankAccount
    supplier: BankAccount
    fees: BankAccount
    expenses: BankAccount


def account(
    party: UUID, bank: str, number: str, kind: AccountKind, holder: str, *, watched: bool | None = None
) -> BankAccount:
    """A registered account in USD."""
    return operations.register_account(
        actor=SYSTEM,
        party_id=party,
        bank_code=bank,
        number=number,
        holder=holder,
        currency="USD",
        kind=kind,
        effective_at=NOON,
        watched=watched,
    )


def company() -> Money4:
    """Banks, parties and their accounts."""
    operations.register_bank(code="ALFA", name="Sandbox Bank Alfa")
    operations.register_bank(code="BETA", name="Sandbox Bank Beta")
    operator = new_id()
    return Money4(
        core=account(new_id(), "ALFA", "A-CORE", AccountKind.OPERATING, "Programme"),
        funder=account(new_id(), "ALFA", "A-FUND", AccountKind.OPERATING, "First Bank"),
        supplier=account(new_id(), "BETA", "B-SUPP", AccountKind.COLLECTION, "Vendor"),
        fees=account(operator, "ALFA", "A-FEES", AccountKind.PLATFORM_FEE, "Operator"),
        expenses=account(operator, "ALFA", "A-EXPS", AccountKind.PLATFORM_EXPENSE, "Operator"),
    )


def instructed(
    accounts: Money4, amount: int = 29_550_000, reference: str = "fin-1/proceeds", day: date = DAY
) -> PaymentInstruction:
    """The funder is to pay the supplier."""
    return operations.instruct(
        actor=SYSTEM,
        reference=reference,
        payer_account_id=accounts.funder.id,
        payee_account_id=accounts.supplier.id,
        amount=usd(amount),
        purpose=Purpose.FINANCING_PROCEEDS,
        subject_id=new_id(),
        mandate="agreement-1",
        execution_date=day,
        effective_at=NOON,
    )


def sent(accounts: Money4, amount: int = 29_550_000, reference: str = "fin-1/proceeds") -> PaymentInstruction:
    """An instruction that has been handed to its bank."""
    payment = instructed(accounts, amount, reference)
    message = RawMessage("pain.001.001.09", f"<Document>{payment.id.hex}</Document>".encode(), payment.id.hex)
    operations.record_submission(
        actor=SYSTEM, bank_code="ALFA", message=message, instruction_ids=[payment.id], effective_at=NOON
    )
    return payment


def never_arrived(payment: PaymentInstruction, at: datetime) -> None:
    """Our sender died between marking and sending: the bank, asked long enough, never got the instruction."""
    message = RawMessage("pain.001.001.09", f"<Document>{payment.id.hex}</Document>".encode(), payment.id.hex)
    operations.record_submission(
        actor=SYSTEM, bank_code=payment.bank_code, message=message, instruction_ids=[payment.id], effective_at=at
    )
    for minutes in (1, 2, 20):
        operations.record_not_known(
            actor=SYSTEM, instruction_id=payment.id, effective_at=at + timedelta(minutes=minutes)
        )


def paid_by_bank(payment: PaymentInstruction, at: datetime) -> RecordedEvent:
    """The payer's bank has carried it out. The fact stands in the stream; nobody has followed it yet."""
    message = RawMessage("pain.001.001.09", f"<Document>{payment.id.hex}</Document>".encode(), payment.id.hex)
    operations.record_submission(
        actor=SYSTEM, bank_code=payment.bank_code, message=message, instruction_ids=[payment.id], effective_at=at
    )
    reply = says(payment, AnswerStatus.SETTLED, f"B-{payment.id.hex}")
    operations.apply_reply(actor=SYSTEM, bank_code=payment.bank_code, reply=reply, effective_at=at)
    (fact,) = [one for one in stream.of_subject(payment.id) if one.kind == "payment.settled"]
    return fact


def says(payment: PaymentInstruction, status: AnswerStatus, reference: str = "", *, report: str = "r1") -> Reply:
    """A status report on one payment; another ``report`` is another message."""
    answer = Answer(payment.end_to_end_id, status, reference, reason_code="AM04" if status == "rejected" else "")
    body = f"<r>{report} {payment.end_to_end_id} {status} {reference}</r>".encode()
    return Reply(RawMessage("pain.002.001.10", body, report), (answer,))


def booked(
    account: BankAccount,
    signed: int,
    reference: str,
    *,
    payment: PaymentInstruction | None = None,
    text: str = "",
    payer: str = "",
    payer_account: str = "",
    reversal: bool = False,
) -> BankEntry:
    """An entry on an account: positive is money in."""
    return BankEntry(
        account_number=account.number,
        currency=account.currency,
        bank_reference=reference,
        direction=Direction.CREDIT if signed > 0 else Direction.DEBIT,
        amount=usd(abs(signed)),
        booked_on=DAY,
        value_on=DAY,
        end_to_end_id=payment.end_to_end_id if payment else "",
        remittance=text,
        counterparty=payer,
        counterparty_account=payer_account,
        is_reversal=reversal,
    )


def arrives(bank: str, *entries: BankEntry, notice: str = "", at: datetime = NOON) -> int:
    """A notification with these entries is taken in; returns the new ones."""
    notice = notice or new_id().hex
    message = RawMessage("camt.054.001.08", f"<n>{notice}</n>".encode(), notice)
    told = Notification(message, entries, notice)
    return operations.apply_notifications(actor=SYSTEM, bank_code=bank, notifications=[told], effective_at=at)


def expected(accounts: Money4, amount: int, reference: str = "VCH-1") -> Expected:
    """The core is to pay the supplier; a firm that nobody knows, where one account stands for all."""
    return operations.expect(
        actor=SYSTEM,
        reference=reference,
        payee_account_id=accounts.supplier.id,
        payer_id=accounts.core.party_id if accounts.core != accounts.supplier else new_id(),
        payer_name=accounts.core.holder,
        payer_account_number=accounts.core.number,
        amount=usd(amount),
        purpose=Purpose.VOUCHER_REDEMPTION,
        subject_id=new_id(),
        due_on=DAY,
        effective_at=NOON,
    )


def fee_invoice(accounts: Money4, amount: int, number: str = "INV-1") -> PlatformInvoice:
    """The platform invoices the supplier."""
    return operations.register_platform_invoice(
        actor=SYSTEM,
        number=number,
        direction=InvoiceDirection.ISSUED,
        counterparty_id=accounts.supplier.party_id,
        amount=usd(amount),
        subject_id=new_id(),
        issued_on=DAY,
        effective_at=NOON,
    )


def placed(maker: Actor, checker: Actor, entry_id: UUID, shares: Sequence[Share]) -> Money:
    """Two people give parts of unmatched cash to expectations; what stays in suspense."""
    operations.propose_assignment(actor=maker, entry_id=entry_id, shares=shares, effective_at=NOON)
    return operations.assign_suspense(actor=checker, entry_id=entry_id, effective_at=NOON)


def notified_until(code: str, cursor: str) -> None:
    """A bank whose earlier notifications are none of this installation's business."""
    from fourflow.capital.settlement.models import Bank

    Bank.objects.filter(code=code).update(notified_after=cursor)


def few_days(party: UUID, last: date, now: datetime) -> None:
    """Three amounts that a party expects on a watched account, and three days of a bank that were compared."""
    own = account(party, "BETA", "B-DAYS", AccountKind.COLLECTION, "Supplier One Ltd")
    for number in range(3):
        expected(Money4(*[own] * 5), 900_00 + number, f"VCH-L{number}")
        operations.reconcile(actor=SYSTEM, bank_code="ALFA", day=last - timedelta(days=number), effective_at=now)
