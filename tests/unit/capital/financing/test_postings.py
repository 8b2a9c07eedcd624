"""Every posting of a financing balances per book; over the whole life nothing is left but cash, cost and income."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourflow.capital.financing.domain import postings, pricing
from fourflow.capital.financing.types import Quote, QuoteId
from fourflow.capital.ledger.types import Chart, Entry
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

PLATFORM, ONE, TWO = new_id(), new_id(), new_id()
VAT = Decimal("0.06")


def quote(amount: int, recourse: bool, fee: str = "0", platform: str = "0") -> Quote:
    terms = pricing.PriceInput(Decimal("0.045"), Decimal(fee), Decimal(platform), Decimal("0.3"), "ACT/360")
    price = pricing.price(Money(amount, "CNY"), 120, terms)
    return Quote(
        id=QuoteId(new_id()),
        holding_id=new_id(),
        voucher_id=new_id(),
        applicant_id=new_id(),
        funder_id=new_id(),
        obligor_id=new_id(),
        amount=Money(amount, "CNY"),
        recourse=recourse,
        annual_rate=terms.annual_rate,
        day_count="ACT/360",
        start_on=date(2014, 5, 1),
        due_on=date(2014, 8, 29),
        days=120,
        lines=price.lines,
        net=price.net,
        cost=price.cost,
        annualised=price.annualised,
        platform_share=price.platform_share,
        valid_until=datetime(2014, 5, 2, tzinfo=UTC),
    )


def sums(entries: Iterable[Entry]) -> dict[tuple[str, str], int]:
    """Debits less credits by (book, chart code); zero left out."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for entry in entries:
        assert entry.debit.book == entry.credit.book and entry.amount.minor > 0
        found[(entry.debit.book, entry.debit.chart_code)] += entry.amount.minor
        found[(entry.credit.book, entry.credit.chart_code)] -= entry.amount.minor
    return {key: value for key, value in found.items() if value}


@pytest.mark.parametrize("recourse", [False, True])
@given(st.integers(100_000, 10**12), st.sampled_from(["0", "0.001"]), st.sampled_from(["0", "0.003"]))
def test_from_payout_to_maturity_only_cash_cost_and_income_are_left(
    recourse: bool, amount: int, fee: str, platform: str
) -> None:
    made, number = quote(amount, recourse, fee, platform), new_id()
    interest = next(line.amount for line in made.lines if line.kind == "interest")
    entries = [
        *postings.disbursed(made, number, new_id(), PLATFORM),
        *postings.platform_share(made, number, PLATFORM, VAT),
        *postings.platform_fee(made, number, PLATFORM, VAT),
        *(postings.accrued(made, number, interest) if interest else []),
        *postings.collected(made, number, new_id(), made.amount),
    ]
    left = sums(entries)
    funder = {code: value for (book, code), value in left.items() if str(made.funder_id) in book}
    supplier = {code: value for (book, code), value in left.items() if str(made.applicant_id) in book}
    assert not {Chart.FACTORING_ASSET, Chart.LOAN, Chart.UNEARNED_INTEREST} & set(funder)
    assert not {Chart.SHORT_TERM_LOAN, Chart.PREPAID_INTEREST} & set(supplier)
    assert funder[Chart.IN_TRANSIT] == made.amount.minor - made.net.minor
    assert supplier[Chart.IN_TRANSIT] == made.net.minor
    assert supplier[Chart.FINANCE_COST] == made.cost.minor
    assert supplier[Chart.AR_VOUCHER] == -made.amount.minor
    assert sum(funder.values()) == sum(supplier.values()) == 0
    assert (
        funder[Chart.FEE_PAYABLE]
        == -sum(line.amount.minor for line in made.lines if line.payee == "platform") - made.platform_share.minor
    )


@given(st.integers(100_000, 10**12))
def test_recourse_closes_the_loan_on_both_sides_and_leaves_the_claim(amount: int) -> None:
    made, number = quote(amount, True), new_id()
    left = sums([*postings.disbursed(made, number, ONE, PLATFORM), *postings.recourse(made, number, TWO, made.amount)])
    codes = {code for _, code in left}
    assert not {Chart.LOAN, Chart.SHORT_TERM_LOAN, Chart.AR_VOUCHER} & codes


def test_no_share_and_no_fee_is_no_entry() -> None:
    made = quote(100_000, False)
    assert postings.platform_fee(made, new_id(), PLATFORM, VAT) == []
    free = pricing.PriceInput(Decimal(0), Decimal(0), Decimal(0), Decimal("0.3"), "ACT/360")
    assert pricing.price(made.amount, 120, free).platform_share == Money(0, "CNY")
