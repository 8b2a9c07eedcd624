"""What a financing means in the books of supplier, funder and platform (accounting guide, steps 4, daily, 5 and 6)."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from fourflow.capital.financing.types import CostKind, Quote
from fourflow.capital.ledger.types import AccountKey, BookKind, Chart, Entry, book_of
from fourflow.platform.money import Money, round_half_up

Leg = tuple[Chart, UUID | None]


def _entry(owner: UUID, debit: Leg, credit: Leg, amount: Money, instrument: UUID, narrative: str) -> list[Entry]:
    if not amount:
        return []
    book = book_of(BookKind.MIRROR, owner)
    return [
        Entry(
            debit=AccountKey(book, debit[0].value, amount.currency, debit[1]),
            credit=AccountKey(book, credit[0].value, amount.currency, credit[1]),
            amount=amount,
            instrument=instrument,
            narrative_code=narrative,
        )
    ]


def _cost(quote: Quote, kind: CostKind) -> Money:
    return sum((line.amount for line in quote.lines if line.kind is kind), start=Money.zero(quote.amount.currency))


def disbursed(quote: Quote, financing_id: UUID, instruction_id: UUID, platform_id: UUID) -> list[Entry]:
    """Steps 4a and 4b: cash in transit, the funder's asset, what is unearned, and the fees.

    Without recourse the supplier's claim leaves its book against cash and cost; with recourse it stays and a loan appears.
    """
    supplier, funder, core = quote.applicant_id, quote.funder_id, quote.obligor_id
    name, cash = "financing.disbursed", (Chart.IN_TRANSIT, instruction_id)
    interest, fees = _cost(quote, CostKind.INTEREST), quote.cost - _cost(quote, CostKind.INTEREST)
    against: Leg = (Chart.SHORT_TERM_LOAN, funder) if quote.recourse else (Chart.AR_VOUCHER, core)
    prepaid: Leg = (Chart.PREPAID_INTEREST, funder) if quote.recourse else (Chart.FINANCE_COST, funder)
    asset: Leg = (Chart.LOAN, supplier) if quote.recourse else (Chart.FACTORING_ASSET, core)
    return [
        *_entry(supplier, cash, against, quote.net, financing_id, name),
        *_entry(supplier, prepaid, against, interest, financing_id, name),
        *_entry(supplier, (Chart.FINANCE_COST, funder), against, fees, financing_id, name),
        *_entry(funder, asset, cash, quote.net, financing_id, name),
        *_entry(funder, asset, (Chart.UNEARNED_INTEREST, supplier), interest, financing_id, name),
        *_entry(funder, asset, (Chart.FEE_REVENUE, supplier), _cost(quote, CostKind.FUNDER_FEE), financing_id, name),
        *_entry(
            funder,
            asset,
            (Chart.FEE_PAYABLE, platform_id),
            _cost(quote, CostKind.PLATFORM_FEE),
            financing_id,
            name,
        ),
    ]


def accrued(quote: Quote, financing_id: UUID, amount: Money) -> list[Entry]:
    """Daily: the funder earns; with recourse the supplier's prepaid interest becomes cost."""
    name = "financing.accrued"
    entries = _entry(
        quote.funder_id,
        (Chart.UNEARNED_INTEREST, quote.applicant_id),
        (Chart.INTEREST_INCOME, quote.applicant_id),
        amount,
        financing_id,
        name,
    )
    if quote.recourse:
        cost, prepaid = (Chart.FINANCE_COST, quote.funder_id), (Chart.PREPAID_INTEREST, quote.funder_id)
        entries += _entry(quote.applicant_id, cost, prepaid, amount, financing_id, name)
    return entries


def collected(quote: Quote, financing_id: UUID, instruction_id: UUID, amount: Money) -> list[Entry]:
    """Steps 5a and 5b: the core's money closes the funder's asset; with recourse the supplier's loan and claim too."""
    name, cash = "financing.collected", (Chart.IN_TRANSIT, instruction_id)
    if not quote.recourse:
        asset = (Chart.FACTORING_ASSET, quote.obligor_id)
        return _entry(quote.funder_id, cash, asset, amount, financing_id, name)
    loan, claim = (Chart.SHORT_TERM_LOAN, quote.funder_id), (Chart.AR_VOUCHER, quote.obligor_id)
    return [
        *_entry(quote.funder_id, cash, (Chart.LOAN, quote.applicant_id), amount, financing_id, name),
        *_entry(quote.applicant_id, loan, claim, amount, financing_id, name),
    ]


def recourse(quote: Quote, financing_id: UUID, instruction_id: UUID, amount: Money) -> list[Entry]:
    """Step 6: the supplier pays the funder back; its claim on the core stays with it."""
    name, cash = "financing.recourse", (Chart.IN_TRANSIT, instruction_id)
    return [
        *_entry(quote.applicant_id, (Chart.SHORT_TERM_LOAN, quote.funder_id), cash, amount, financing_id, name),
        *_entry(quote.funder_id, cash, (Chart.LOAN, quote.applicant_id), amount, financing_id, name),
    ]


def without_tax(gross: Money, vat_rate: Decimal) -> Money:
    """Net of value added tax, half up: gross / (1 + rate); tax is what remains, so that both add up.

    >>> str(without_tax(Money(135000, "CNY"), Decimal("0.06")))
    '1273.58 CNY'
    """
    return Money(round_half_up(Decimal(gross.minor) / (1 + vat_rate)), gross.currency)


def platform_share(quote: Quote, financing_id: UUID, platform_id: UUID, vat_rate: Decimal) -> list[Entry]:
    """The funder's share for the platform (7:3): cost and tax at the funder, revenue and tax in the platform's own book."""
    gross = quote.platform_share
    if not gross:
        return []
    net = without_tax(gross, vat_rate)
    tax, name, funder = gross - net, "financing.platform_share", quote.funder_id
    payable: Leg = (Chart.FEE_PAYABLE, platform_id)
    book = book_of(BookKind.MONEY, platform_id)
    receivable = AccountKey(book, Chart.FEE_RECEIVABLE.value, gross.currency, funder)
    own = [
        Entry(
            debit=receivable,
            credit=AccountKey(book, chart.value, gross.currency, counterparty),
            amount=amount,
            instrument=financing_id,
            narrative_code=name,
        )
        for chart, counterparty, amount in ((Chart.FEE_REVENUE, funder, net), (Chart.OUTPUT_VAT, None, tax))
        if amount
    ]
    return [
        *_entry(funder, (Chart.FEE_EXPENSE, platform_id), payable, net, financing_id, name),
        *_entry(funder, (Chart.INPUT_VAT, None), payable, tax, financing_id, name),
        *own,
    ]


def platform_fee(quote: Quote, financing_id: UUID, platform_id: UUID, vat_rate: Decimal) -> list[Entry]:
    """The supplier's service fee, collected for the platform by the funder: revenue in the platform's own book."""
    gross = _cost(quote, CostKind.PLATFORM_FEE)
    if not gross:
        return []
    net = without_tax(gross, vat_rate)
    book = book_of(BookKind.MONEY, platform_id)
    receivable = AccountKey(book, Chart.FEE_RECEIVABLE.value, gross.currency, quote.funder_id)
    return [
        Entry(
            debit=receivable,
            credit=AccountKey(book, chart.value, gross.currency, counterparty),
            amount=amount,
            instrument=financing_id,
            narrative_code="financing.platform_fee",
        )
        for chart, counterparty, amount in (
            (Chart.FEE_REVENUE, quote.funder_id, net),
            (Chart.OUTPUT_VAT, None, gross - net),
        )
        if amount
    ]
