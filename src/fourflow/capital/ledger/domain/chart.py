"""The catalogue of accounts: what each code means, on which side it grows, into which books it belongs.

Names follow Chinese enterprise and bank practice (accounting guide of vouchers, limits and fees). Bounded accounts are
those whose abnormal side would mean a use of what is not there: the database refuses it, holds counted at once. Accounts
of mirror books are not bounded, since a mirror begins in the middle of its owner's life.
"""

from __future__ import annotations

from uuid import UUID

from fourflow.capital.ledger.types import (
    AccountKey,
    BookCode,
    BookKind,
    BookNotFound,
    Chart,
    ChartAccount,
    Side,
    UnknownChartCode,
    WrongBook,
)

_OWN = frozenset({BookKind.MONEY, BookKind.MIRROR})
_MIRROR = frozenset({BookKind.MIRROR})
_MEMO = frozenset({BookKind.MEMO})
_D, _C = Side.DEBIT, Side.CREDIT

_LINES = (
    ChartAccount(Chart.BANK, "银行存款", "Bank", _D, _OWN),
    ChartAccount(Chart.IN_TRANSIT, "在途资金", "Cash in transit", _D, _OWN),
    ChartAccount(Chart.SUSPENSE, "待查款项", "Unmatched cash", _C, _OWN),
    ChartAccount(Chart.INVENTORY, "库存商品", "Inventory", _D, _MIRROR),
    ChartAccount(Chart.INPUT_VAT, "应交税费—应交增值税（进项税额）", "Input VAT", _D, _OWN),
    ChartAccount(Chart.OUTPUT_VAT, "应交税费—应交增值税（销项税额）", "Output VAT", _C, _OWN),
    ChartAccount(Chart.AP_OPEN, "应付账款", "Accounts payable", _C, _MIRROR),
    ChartAccount(Chart.AP_VOUCHER, "应付账款—电子债权凭证", "Accounts payable: vouchers", _C, _MIRROR),
    ChartAccount(Chart.AR_OPEN, "应收账款", "Accounts receivable", _D, _MIRROR),
    ChartAccount(Chart.AR_VOUCHER, "应收账款—电子债权凭证", "Accounts receivable: vouchers", _D, _MIRROR),
    ChartAccount(Chart.REVENUE, "主营业务收入", "Revenue", _C, _MIRROR),
    ChartAccount(Chart.OTHER_PAYABLE, "其他应付款", "Other payables", _C, _OWN),
    ChartAccount(Chart.OTHER_RECEIVABLE, "其他应收款", "Other receivables", _D, _OWN),
    ChartAccount(
        Chart.UNTERMINATED_VOUCHER, "其他流动负债—未终止确认凭证", "Vouchers passed on, not derecognised", _C, _MIRROR
    ),
    ChartAccount(Chart.FINANCE_COST, "财务费用", "Finance cost", _D, _MIRROR),
    ChartAccount(Chart.INVESTMENT_LOSS, "投资收益（凭证转让损失）", "Loss on sale of vouchers", _D, _MIRROR),
    ChartAccount(Chart.PREPAID_INTEREST, "预付利息", "Prepaid interest", _D, _MIRROR),
    ChartAccount(Chart.SHORT_TERM_LOAN, "短期借款", "Short-term loan", _C, _MIRROR),
    ChartAccount(Chart.PENALTY_EXPENSE, "营业外支出—违约金", "Penalty expense", _D, _MIRROR),
    ChartAccount(Chart.FACTORING_ASSET, "应收保理款", "Factoring asset", _D, _MIRROR),
    ChartAccount(Chart.LOAN, "贷款", "Loan", _D, _MIRROR),
    ChartAccount(Chart.DEPOSITS, "吸收存款", "Customer deposits", _C, _MIRROR),
    ChartAccount(Chart.SETTLEMENT, "清算资金往来", "Settlement", _D, _MIRROR),
    ChartAccount(Chart.UNEARNED_INTEREST, "递延利息收入", "Unearned interest", _C, _MIRROR),
    ChartAccount(Chart.INTEREST_INCOME, "利息收入", "Interest income", _C, _MIRROR),
    ChartAccount(Chart.PENALTY_INCOME, "违约金收入", "Penalty income", _C, _MIRROR),
    ChartAccount(Chart.IMPAIRMENT_LOSS, "信用减值损失", "Impairment loss", _D, _MIRROR),
    ChartAccount(Chart.LOSS_ALLOWANCE, "贷款损失准备", "Loss allowance", _C, _MIRROR),
    ChartAccount(Chart.FEE_EXPENSE, "手续费支出", "Fee expense", _D, _OWN),
    ChartAccount(Chart.FEE_PAYABLE, "应付平台服务费", "Fees payable", _C, _OWN),
    ChartAccount(Chart.FEE_RECEIVABLE, "应收账款—平台服务费", "Fees receivable", _D, _OWN),
    ChartAccount(Chart.FEE_REVENUE, "平台服务收入", "Fee revenue", _C, _OWN),
    ChartAccount(Chart.LIMIT_SANCTIONED, "核定额度", "Limit sanctioned", _C, _MEMO, bounded=True),
    ChartAccount(Chart.LIMIT_AVAILABLE, "可用额度", "Limit available", _D, _MEMO, bounded=True),
    ChartAccount(Chart.LIMIT_BLOCKED, "冻结额度", "Limit blocked", _D, _MEMO, bounded=True),
    ChartAccount(Chart.LIMIT_UTILISED, "已用额度", "Limit utilised", _D, _MEMO, bounded=True),
    ChartAccount(Chart.LIMIT_EXCESS, "超限额度", "Limit in excess", _C, _MEMO, bounded=True),
)

CATALOGUE: dict[str, ChartAccount] = {str(line.code): line for line in _LINES}


def account_of(chart_code: str) -> ChartAccount:
    """The catalogue's line of a code.

    :raises UnknownChartCode: there is none.
    """
    try:
        return CATALOGUE[chart_code]
    except KeyError:
        raise UnknownChartCode(value=chart_code) from None


def book_parts(code: BookCode) -> tuple[BookKind, UUID]:
    """Kind and owner of a book, from its code.

    :raises BookNotFound: the text is not the code of a book.
    """
    kind, _, owner = code.partition(":")
    try:
        return BookKind(kind), UUID(owner)
    except ValueError:
        raise BookNotFound(value=code) from None


def bounds(key: AccountKey) -> tuple[bool, bool]:
    """Bounds of an account: (debits must not exceed credits, credits must not exceed debits).

    :raises UnknownChartCode: the code is not in the catalogue.
    :raises WrongBook: the account does not belong into a book of this kind.
    :raises BookNotFound: there cannot be such a book.
    """
    line = account_of(key.chart_code)
    kind, _ = book_parts(key.book)
    if kind not in line.books:
        raise WrongBook(value=key.chart_code, book=kind.value, expected=sorted(line.books))
    return line.bounded and line.side is Side.CREDIT, line.bounded and line.side is Side.DEBIT
