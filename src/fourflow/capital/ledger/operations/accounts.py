"""Accounts by what they are: found in a cache of the connection, opened on first use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.utils import DatabaseError

from fourflow.capital.ledger import models
from fourflow.capital.ledger.domain import chart, refusals
from fourflow.capital.ledger.types import AccountKey, AccountNotFound
from fourflow.platform.db.joining import joins
from fourflow.platform.money import exponent

_CACHE_LIMIT = 200_000

#: Ids by key for each database connection. An id is never given twice, so an entry can only be right or unknown to the
#: database (its opening was rolled back): posting then answers "unknown account", moves nothing, and the cache is dropped.
_caches: WeakKeyDictionary[Any, dict[AccountKey, int]] = WeakKeyDictionary()


def known() -> dict[AccountKey, int]:
    """Ids of the accounts that this connection has met."""
    connection.ensure_connection()
    return _caches.setdefault(connection.connection, {})


def ids_of(keys: Iterable[AccountKey]) -> Mapping[AccountKey, int]:
    """Ids of accounts; those that do not exist are opened, and their books.

    :raises UnknownChartCode: a code is not in the catalogue.
    :raises WrongBook: an account does not belong into a book of this kind.
    :raises BookNotFound: there cannot be such a book.
    :raises UnknownCurrency: the currency has no minor units here.
    """
    cache = known()
    if len(cache) > _CACHE_LIMIT:
        cache.clear()
    missing = [key for key in keys if key not in cache]
    if missing:
        cache.update(zip(missing, _open(missing), strict=True))
    return cache


def _open(keys: list[AccountKey]) -> list[int]:
    bounds = [chart.bounds(key) for key in keys]
    for currency in {key.currency for key in keys}:
        exponent(currency)
    found = _find(keys)
    if all(found):
        return [number for number in found if number]
    codes = {key.book for key in keys}
    models.Book.objects.open(codes)
    books = {code: models.book_id(code) for code in codes}
    with connection.cursor() as cursor:
        cursor.execute(
            "select ledger_open_accounts(%s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::boolean[], %s::boolean[])",
            [
                [books[key.book] for key in keys],
                [key.chart_code for key in keys],
                [key.currency for key in keys],
                [key.counterparty for key in keys],
                [debits for debits, _ in bounds],
                [credits_ for _, credits_ in bounds],
            ],
        )
        ids: list[int] = cursor.fetchone()[0]
    return ids


def _find(keys: list[AccountKey]) -> list[int | None]:
    """Ids of the accounts that exist, without opening any."""
    books = {code: models.book_id(code) for code in {key.book for key in keys}}
    with connection.cursor() as cursor:
        cursor.execute(
            "select array_agg(coalesce(x.id, y.id) order by position) from unnest(%s::uuid[], %s::text[], %s::text[], "
            "%s::uuid[]) with ordinality as n (book, chart_code, currency, counterparty, position) "
            "left join ledger_account x on x.book_id = n.book and x.chart_code = n.chart_code and x.currency = n.currency "
            "and x.counterparty = n.counterparty "
            "left join ledger_account y on n.counterparty is null and y.book_id = n.book and y.chart_code = n.chart_code "
            "and y.currency = n.currency and y.counterparty is null",
            [
                [books[key.book] for key in keys],
                [key.chart_code for key in keys],
                [key.currency for key in keys],
                [key.counterparty for key in keys],
            ],
        )
        ids: list[int | None] = cursor.fetchone()[0]
    return ids


@joins
def close_account(*, account: AccountKey) -> None:
    """Take no further transfers on an account that stands at zero and has no holds; closing twice is a no-op.

    :raises AccountNotFound: nothing was ever posted to it.
    :raises AccountNotAtZero: it has a balance, or holds.
    """
    _set_closed(account, closed=True)


@joins
def reopen_account(*, account: AccountKey) -> None:
    """Take transfers again.

    :raises AccountNotFound: nothing was ever posted to it.
    """
    _set_closed(account, closed=False)


def _set_closed(account: AccountKey, *, closed: bool) -> None:
    chart.account_of(account.chart_code)
    number = _find([account])[0]
    if number is None:
        raise AccountNotFound(book=account.book, account=account.chart_code)
    try:
        with connection.cursor() as cursor:
            cursor.execute("select ledger_set_closed(%s, %s)", [number, closed])
    except DatabaseError as refused:
        diagnosis = getattr(refused.__cause__, "diag", None)
        raise refusals.refusal(getattr(diagnosis, "constraint_name", None), None) from refused
