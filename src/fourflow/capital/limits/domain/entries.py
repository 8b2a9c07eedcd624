"""Steps of a line as entries of its funder's memo book."""

from __future__ import annotations

from fourflow.capital.ledger.types import AccountKey, BookKind, Chart, Entry, book_of
from fourflow.capital.limits.domain.position import Shifts
from fourflow.capital.limits.types import Limit
from fourflow.platform.money import Money


def of(limit: Limit, shifts: Shifts, narrative_code: str) -> tuple[Entry, ...]:
    """Entries in the order of the shifts; counterparty is the core, the instrument of an entry is the line."""
    book = book_of(BookKind.MEMO, limit.funder_id)

    def account(code: Chart) -> AccountKey:
        return AccountKey(book, code.value, limit.currency, limit.core_id)

    return tuple(
        Entry(
            debit=account(shift.debit),
            credit=account(shift.credit),
            amount=Money(shift.minor, limit.currency),
            instrument=limit.id,
            narrative_code=narrative_code,
        )
        for shift in shifts
    )
