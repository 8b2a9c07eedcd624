"""The account in transit of one payment: settlement fills it, the consumer of the fact clears it to zero."""

from __future__ import annotations

from uuid import UUID

from fourflow.capital.ledger.types import AccountKey, BookKind, Chart, book_of


def in_transit(*, party_id: UUID, transit_id: UUID, currency: str, is_platform: bool = False) -> AccountKey:
    """Cash in transit of one payment in one party's book.

    ``transit_id`` comes with the event: the instruction of a payment, the match of an arrival. ``is_platform``: the party's
    side is a platform account, whose book is the operator's own and no mirror.
    """
    book = book_of(BookKind.MONEY if is_platform else BookKind.MIRROR, party_id)
    return AccountKey(book, Chart.IN_TRANSIT.value, currency, transit_id)
