"""What the story prints at its end: counts, cash brought forward, its cost, and the three-way agreement to the cent."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

import httpx

from fourflow.capital.financing import queries as financing
from fourflow.capital.financing.types import FinancingState
from fourflow.capital.ledger import queries as ledger
from fourflow.capital.ledger.types import BalanceLine, BookKind, BookNotFound, Chart, book_of
from fourflow.capital.vouchers import queries as vouchers
from fourflow.config import outside
from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.cli.demo.company import Company
from fourflow.interfaces.cli.demo.stage import Stage
from fourflow.platform.money import Money

RUNNING = (FinancingState.DISBURSED, FinancingState.OVERDUE, FinancingState.REPAID)


@dataclass(frozen=True)
class Brought:
    """Cash brought forward: net cash, its cost, and money × days."""

    count: int
    net: Money
    cost: Money
    money_days: int


def brought_forward(currency: str) -> Brought:
    """Over every financing that was paid out."""
    net = cost = days = count = 0
    for item in financing.financings(actor=SYSTEM, states=RUNNING, limit=100_000):
        net += item.quote.net.minor
        cost += item.quote.cost.minor
        days += item.quote.net.minor * item.quote.days
        count += 1
    return Brought(count, Money(net, currency), Money(cost, currency), days // 100)


@dataclass(frozen=True)
class Agreement:
    """Register against ledger, ledger against the banks' own books, party by party, in minor units."""

    parties: int
    register_total: int
    ledger_total: int
    bank_total: int
    differences: tuple[str, ...]


def agreement(stage: Stage, company: Company) -> Agreement:
    """Register = ledger = the sandbox banks' own books, per party to the cent."""
    currency = stage.assumptions["currency"]
    register = {holder: minor for (holder, c), minor in vouchers.positions().items() if c == currency}
    claims: dict[UUID, int] = defaultdict(int)
    banks: dict[UUID, int] = {}
    for party in stage.short:
        for line in _balances(party):
            net = line.balance.net().minor
            if line.account.currency != currency:
                continue
            if line.account.chart_code in (Chart.AR_VOUCHER, Chart.FACTORING_ASSET):
                claims[party] += net
            elif line.account.chart_code == Chart.BANK:
                banks[party] = banks.get(party, 0) + net
    differences = [
        f"{stage.short[p]}: register {register.get(p, 0)}, ledger {claims.get(p, 0)}"
        for p in stage.short
        if register.get(p, 0) != claims.get(p, 0)
    ]
    opening = _openings(stage, company)
    books = _bank_books()
    for party, (bank, number) in company.accounts.items():
        expected = opening[party] + banks.get(party, 0)
        if books[bank][number] != expected:
            differences.append(f"{stage.short[party]}: ledger {expected}, bank {books[bank][number]}")
    return Agreement(
        parties=len(stage.short),
        register_total=sum(register.values()),
        ledger_total=sum(claims.values()),
        bank_total=sum(books[bank][number] for bank, number in company.accounts.values()),
        differences=tuple(differences),
    )


def _balances(party: UUID) -> list[BalanceLine]:
    try:
        return ledger.trial_balance(actor=SYSTEM, book=book_of(BookKind.MIRROR, party))
    except BookNotFound:
        return []


def _openings(stage: Stage, company: Company) -> dict[UUID, int]:
    given, currency = stage.assumptions["accounts"], stage.assumptions["currency"]

    def minor(text: str) -> int:
        return Money.parse(text, currency).minor

    opening = dict.fromkeys(company.accounts, minor(given["supplier"]))
    opening[company.core] = minor(given["core"])
    opening.update(dict.fromkeys(company.funders.values(), minor(given["funder"])))
    return opening


def _bank_books() -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for bank in outside.read().banks:
        answer = httpx.get(f"{bank.url}/books", timeout=30)
        answer.raise_for_status()
        found[bank.code] = {row["account"]: row["balance_minor"] for row in answer.json()["accounts"]}
    return found
