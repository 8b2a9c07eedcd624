"""The one way in which amounts move."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.utils import DatabaseError

from fourflow.capital.ledger.domain import batch, refusals
from fourflow.capital.ledger.operations import accounts
from fourflow.capital.ledger.types import (
    AccountKey,
    AmountTooLarge,
    CreditsExceedDebits,
    DebitsExceedCredits,
    Entry,
    InputDiffers,
    LedgerRefused,
    Posted,
)
from fourflow.platform.errors import FourflowError

_POST = (
    "select batch, outcome from ledger_post(%s, %s, %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], "
    "%s::timestamptz[], %s::uuid[], %s::text[])"
)
_NUMERIC_OUT_OF_RANGE = "22003"
_REFUSAL_CLASSES = ("23", "22")


def post_many(entries: Sequence[Entry], *, reference: str, effective_at: datetime) -> Posted:
    """Post linked entries, all or none, once under ``reference``.

    The same reference with the same entries and date answers the stored batch and moves nothing. Accounts and books are
    opened on first use. Call it once in an operation, last: it locks the balances it touches, by ascending account. The
    batch is one statement, in the transaction of the caller.

    :param effective_at: when the fact took effect, aware; may lie in the past. When it was recorded the database says.
    :raises InputDiffers: the reference was posted with other entries or another date.
    :raises BatchSizeWrong: no entry, or more than 10,000. :class:`ReferenceMissing`: an empty reference.
    :raises UnknownChartCode: :class:`WrongBook`, :class:`UnknownCurrency`: an account that does not exist in such a book.
    :raises DebitsExceedCredits: :class:`CreditsExceedDebits`: a bounded account would pass its bound, holds counted.
    :raises AccountClosed: an account takes no transfers.
    :raises TransferNotFound: :class:`NotAHold`, :class:`ExceedsHold`, :class:`AlreadyResolved`, :class:`HoldExpired`,
        :class:`HoldNotDue`: what a POST, VOID or EXPIRE refers to.
    :raises NotReversible: :class:`AlreadyReversed`: what a REVERSAL refers to.
    :raises AmountTooLarge: a balance would leave 64 bits.
    """
    batch.check(entries, reference)
    number, outcome = _call(reference, effective_at, entries)
    if outcome == "unknown_account":
        accounts.known().clear()
        number, outcome = _call(reference, effective_at, entries)
    if outcome == "input_differs":
        raise InputDiffers(reference=reference)
    if outcome == "unknown_account":
        raise LedgerRefused(constraint=outcome)
    return batch.posted(number, len(entries), replayed=outcome == "replayed")


def _call(reference: str, effective_at: datetime, entries: Sequence[Entry]) -> tuple[int, str]:
    ids: Mapping[AccountKey, int] = accounts.known()
    try:
        columns = batch.columns(entries, ids)
    except KeyError:
        ids = accounts.ids_of(batch.keys(entries))
        columns = batch.columns(entries, ids)
    try:
        with connection.cursor() as cursor:
            cursor.execute(_POST, [reference, effective_at, *columns])
            row: Any = cursor.fetchone()
    except DatabaseError as refused:
        raise _translated(refused, {ids[key]: key for key in batch.keys(entries)}) from refused
    return row[0], row[1]


def _translated(refused: DatabaseError, keys: dict[int, AccountKey]) -> Exception:
    diagnosis: Any = getattr(refused.__cause__, "diag", None)
    state: str = getattr(diagnosis, "sqlstate", None) or ""
    if state == _NUMERIC_OUT_OF_RANGE:
        return AmountTooLarge()
    if not state.startswith(_REFUSAL_CLASSES):
        return refused  # deadlock, lost connection: for the one who retries
    error = refusals.refusal(diagnosis.constraint_name, diagnosis.message_detail)
    if isinstance(error, DebitsExceedCredits | CreditsExceedDebits):
        return _with_account(error, diagnosis, keys)
    return error


def _with_account(error: FourflowError, diagnosis: Any, keys: dict[int, AccountKey]) -> FourflowError:
    """Name the account whose bound was passed: the failing row begins with its id."""
    found = re.search(r"\((\d+),", diagnosis.message_detail or "")
    key = keys.get(int(found.group(1))) if found else None
    if key is None:
        return error
    return type(error)(
        account=key.chart_code, book=key.book, currency=key.currency, counterparty=str(key.counterparty or "")
    )
