"""Names of the chart of accounts. What each one means stands in the catalogue, ``domain/chart.py``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class BookKind(StrEnum):
    """What a book is to its owner.

    MONEY: the operator's own books, ours to keep. MIRROR: another party's books as we propose them, for export to its
    ERP; what binds is the register and the bank's statements. MEMO: off-balance items (credit lines); balances as well.
    """

    MONEY = "money"
    MIRROR = "mirror"
    MEMO = "memo"


class Side(StrEnum):
    """The side on which an account grows."""

    DEBIT = "debit"
    CREDIT = "credit"


class Chart(StrEnum):
    """Codes of the accounts that the house posts to; any other code is refused."""

    BANK = "bank"
    IN_TRANSIT = "in_transit"
    SUSPENSE = "suspense"
    INVENTORY = "inventory"
    INPUT_VAT = "vat.input"
    OUTPUT_VAT = "vat.output"
    AP_OPEN = "ap.open"
    AP_VOUCHER = "ap.voucher"
    AR_OPEN = "ar.open"
    AR_VOUCHER = "ar.voucher"
    REVENUE = "revenue"
    OTHER_PAYABLE = "payable.other"
    OTHER_RECEIVABLE = "receivable.other"
    UNTERMINATED_VOUCHER = "voucher.unterminated"
    FINANCE_COST = "finance.cost"
    INVESTMENT_LOSS = "investment.loss"
    PREPAID_INTEREST = "interest.prepaid"
    SHORT_TERM_LOAN = "loan.short_term"
    PENALTY_EXPENSE = "penalty.expense"
    FACTORING_ASSET = "factoring.asset"
    LOAN = "loan"
    DEPOSITS = "deposits"
    SETTLEMENT = "settlement"
    UNEARNED_INTEREST = "interest.unearned"
    INTEREST_INCOME = "interest.income"
    PENALTY_INCOME = "penalty.income"
    IMPAIRMENT_LOSS = "impairment.loss"
    LOSS_ALLOWANCE = "loss.allowance"
    FEE_EXPENSE = "fee.expense"
    FEE_PAYABLE = "fee.payable"
    FEE_RECEIVABLE = "fee.receivable"
    FEE_REVENUE = "fee.revenue"
    LIMIT_SANCTIONED = "limit.sanctioned"
    LIMIT_AVAILABLE = "limit.available"
    LIMIT_BLOCKED = "limit.blocked"
    LIMIT_UTILISED = "limit.utilised"
    LIMIT_EXCESS = "limit.excess"


@dataclass(frozen=True, slots=True)
class ChartAccount:
    """A line of the catalogue. ``bounded``: the account never stands on its abnormal side, holds counted at once."""

    code: str
    name_zh: str
    name_en: str
    side: Side
    books: frozenset[BookKind]
    bounded: bool = False
