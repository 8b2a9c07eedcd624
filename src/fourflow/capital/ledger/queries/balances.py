"""What accounts hold, now and at any moment of the past."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from fourflow.capital.ledger import models
from fourflow.capital.ledger.domain.chart import CATALOGUE, account_of
from fourflow.capital.ledger.types import AccountKey, Balance, BalanceLine, BookCode, ChartAccount
from fourflow.foundation.parties.types import Actor
from fourflow.platform.money import Money

_TOTALS = "t.debits_posted, t.credits_posted, t.debits_pending, t.credits_pending"


def chart() -> list[ChartAccount]:
    """The catalogue of accounts, in its own order."""
    return list(CATALOGUE.values())


def of_totals(totals: Sequence[int], currency: str) -> Balance:
    """Debits and credits posted, debits and credits pending."""
    return Balance(*(Money(int(minor), currency) for minor in totals))


def _source(effective_at: datetime | None, recorded_at: datetime | None) -> tuple[str, list[datetime]]:
    """The text after ``from ledger_account a`` that yields totals ``t`` as of the moments asked for."""
    if effective_at is None and recorded_at is None:
        return "join ledger_balance t on t.account_id = a.id", []
    if recorded_at is None:
        return "cross join lateral ledger_totals_effective(a.id, %s) t", [effective_at]  # type: ignore[list-item]
    if effective_at is None:
        return "cross join lateral ledger_totals_recorded(a.id, %s) t", [recorded_at]
    return "cross join lateral ledger_totals_known(a.id, %s, %s) t", [effective_at, recorded_at]


def balance(
    account: AccountKey, *, effective_at: datetime | None = None, recorded_at: datetime | None = None
) -> Balance:
    """What an account holds; zero if nothing was ever posted to it. For operations: there is no actor here.

    :param effective_at: up to and including this instant, by when transfers took effect (None: all)
    :param recorded_at: as known at this instant, by when transfers were recorded (None: as known now)
    :raises UnknownChartCode: the code is not in the catalogue.
    """
    return balances([account], effective_at=effective_at, recorded_at=recorded_at)[account]


def balances(
    accounts: Iterable[AccountKey], *, effective_at: datetime | None = None, recorded_at: datetime | None = None
) -> Mapping[AccountKey, Balance]:
    """What several accounts hold; see :func:`balance`."""
    keys = list(dict.fromkeys(accounts))
    for code in {key.chart_code for key in keys}:
        account_of(code)
    result = {key: of_totals((0, 0, 0, 0), key.currency) for key in keys}
    source, moments = _source(effective_at, recorded_at)
    with connection.cursor() as cursor:
        cursor.execute(
            f"select n.position, {_TOTALS} from unnest(%s::uuid[], %s::text[], %s::text[], %s::uuid[]) with ordinality "
            "as n (book, chart_code, currency, counterparty, position) cross join lateral ("
            "select id from ledger_account where book_id = n.book and chart_code = n.chart_code "
            "and currency = n.currency and counterparty = n.counterparty union all "
            "select id from ledger_account where n.counterparty is null and book_id = n.book "
            "and chart_code = n.chart_code and currency = n.currency and counterparty is null) a "
            f"{source}",
            [
                [models.book_id(key.book) for key in keys],
                [key.chart_code for key in keys],
                [key.currency for key in keys],
                [key.counterparty for key in keys],
                *moments,
            ],
        )
        for position, *totals in cursor.fetchall():
            key = keys[position - 1]
            result[key] = of_totals(totals, key.currency)
    return result


def trial_balance(
    *,
    actor: Actor,
    book: BookCode,
    effective_at: datetime | None = None,
    recorded_at: datetime | None = None,
    by_counterparty: bool = True,
) -> list[BalanceLine]:
    """Every account of a book with its totals, by currency, chart code, counterparty; debits equal credits per currency.

    :param by_counterparty: False adds the counterparties of a chart code up
    :raises BookNotFound: no such book, or it is another organisation's.
    """
    models.Book.objects.visible_to(actor).get_visible(models.book_id(book))
    source, moments = _source(effective_at, recorded_at)
    other = "a.counterparty" if by_counterparty else "null::uuid"
    with connection.cursor() as cursor:
        cursor.execute(
            f"select a.currency, a.chart_code, {other} as other, sum(t.debits_posted), sum(t.credits_posted), "
            f"sum(t.debits_pending), sum(t.credits_pending) from ledger_account a {source} "
            "where a.book_id = %s group by a.currency, a.chart_code, other order by 1, 2, 3 nulls first",
            [*moments, models.book_id(book)],
        )
        rows: list[tuple[str, str, UUID | None, int, int, int, int]] = cursor.fetchall()
    return [
        BalanceLine(AccountKey(book, code, currency, counterparty), of_totals(totals, currency))
        for currency, code, counterparty, *totals in rows
    ]
