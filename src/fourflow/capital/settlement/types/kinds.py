"""States and kinds: the closed vocabularies of settlement."""

from __future__ import annotations

from enum import StrEnum

#: Reason code of an instruction that its bank, asked again and again, never received: no money moved and none will.
NOT_RECEIVED = "NOT_RECEIVED"


class InstructionState(StrEnum):
    """Where an instruction stands; the allowed steps are in ``domain.steps`` and in a database trigger."""

    DRAFT = "draft"
    INSTRUCTED = "instructed"
    SENT = "sent"
    UNKNOWN = "unknown"
    IN_TRANSIT = "in_transit"
    SETTLED = "settled"
    REJECTED = "rejected"

    @property
    def is_final(self) -> bool:
        return self in (InstructionState.SETTLED, InstructionState.REJECTED)


class Purpose(StrEnum):
    """Why money moves. The two platform purposes are the only ones that may name a platform account."""

    FINANCING_PROCEEDS = "financing_proceeds"
    VOUCHER_REDEMPTION = "voucher_redemption"
    LOAN_REPAYMENT = "loan_repayment"
    RECOURSE = "recourse"
    TRADE_PAYMENT = "trade_payment"
    FUNDER_FEE = "funder_fee"
    PLATFORM_FEE = "platform_fee"
    PLATFORM_BILL = "platform_bill"
    RETURN = "return"


class AccountKind(StrEnum):
    """What a bank account is for. PLATFORM_* accounts belong to the operator and never see customers' money."""

    OPERATING = "operating"
    SUPERVISED = "supervised"
    COLLECTION = "collection"
    PLATFORM_FEE = "platform_fee"
    PLATFORM_EXPENSE = "platform_expense"

    @property
    def is_platform(self) -> bool:
        return self in (AccountKind.PLATFORM_FEE, AccountKind.PLATFORM_EXPENSE)


class AnswerStatus(StrEnum):
    """What a bank says of one instruction. ACCEPTED and PENDING promise nothing; SETTLED and REJECTED are final."""

    ACCEPTED = "accepted"
    PENDING = "pending"
    SETTLED = "settled"
    REJECTED = "rejected"

    @property
    def is_final(self) -> bool:
        return self in (AnswerStatus.SETTLED, AnswerStatus.REJECTED)


class Verdict(StrEnum):
    """What became of an answer here."""

    APPLIED = "applied"
    REPEATED = "repeated"
    PARKED = "parked"


class Direction(StrEnum):
    """Side of the account holder: CREDIT is money in, DEBIT is money out."""

    CREDIT = "credit"
    DEBIT = "debit"


class MatchBasis(StrEnum):
    """Why an entry and an expectation belong together, from the strongest to the weakest."""

    INSTRUCTION = "instruction"
    REFERENCE = "reference"
    AMOUNT_AND_PARTY = "amount_and_party"
    AMOUNT_SET = "amount_set"
    PERSON = "person"


class ReturnState(StrEnum):
    """Where money that belongs to nobody is on its way back; FAILED: the bank did not pay, it is unmatched again."""

    INSTRUCTED = "instructed"
    PAID = "paid"
    FAILED = "failed"


class DifferenceKind(StrEnum):
    """A line that keeps a bank's statement and our record apart."""

    ONLY_AT_BANK = "only_at_bank"
    ONLY_HERE = "only_here"
    AMOUNT_DIFFERS = "amount_differs"
    DIRECTION_DIFFERS = "direction_differs"
    BALANCE_DOES_NOT_FOLLOW = "balance_does_not_follow"
    NOT_BOOKED_IN_LEDGER = "not_booked_in_ledger"
    NOT_AT_BANK_BUT_SETTLED = "not_at_bank_but_settled"


class ExceptionKind(StrEnum):
    """Something a bank said that no rule may act upon; a person decides."""

    CONTRADICTORY_ANSWER = "contradictory_answer"
    AMOUNT_DIFFERS = "amount_differs"
    INSTRUCTION_UNKNOWN_HERE = "instruction_unknown_here"
    NEVER_SENT_BUT_ANSWERED = "never_sent_but_answered"
    REFERENCE_REUSED = "reference_reused"
    RETURNED = "returned"
    UNREADABLE_MESSAGE = "unreadable_message"


class InvoiceDirection(StrEnum):
    """ISSUED by the platform to a customer (a fee), or RECEIVED by it (a bill)."""

    ISSUED = "issued"
    RECEIVED = "received"
