"""What the register's facts mean in the books of those concerned (mirror books: proposed entries for their ERP).

Steps as in the accounting guide: 2 accept, 3 transfer, 4a the core's new creditor, 5 redeem, 7b cancel, 8 and 8' credit note.
"""

from __future__ import annotations

from uuid import UUID

from fourflow.capital.ledger.types import AccountKey, BookKind, Chart, Entry, book_of
from fourflow.capital.vouchers.types import Holding, Voucher
from fourflow.platform.money import Money


def account(owner: UUID, chart: Chart, currency: str, counterparty: UUID | None) -> AccountKey:
    """An account in a party's mirror book."""
    return AccountKey(book_of(BookKind.MIRROR, owner), chart.value, currency, counterparty)


def entry(
    owner: UUID,
    debit: tuple[Chart, UUID | None],
    credit: tuple[Chart, UUID | None],
    amount: Money,
    instrument: UUID,
    narrative: str,
) -> Entry:
    """One entry in a party's mirror book."""
    return Entry(
        debit=account(owner, debit[0], amount.currency, debit[1]),
        credit=account(owner, credit[0], amount.currency, credit[1]),
        amount=amount,
        instrument=instrument,
        narrative_code=narrative,
    )


def accepted(voucher: Voucher) -> list[Entry]:
    """Step 2: the open item becomes a voucher on both sides."""
    issuer, first = voucher.issuer_id, voucher.receiver_id
    return [
        entry(
            issuer,
            (Chart.AP_OPEN, first),
            (Chart.AP_VOUCHER, first),
            voucher.face,
            voucher.id,
            "voucher.accepted",
        ),
        entry(
            first,
            (Chart.AR_VOUCHER, issuer),
            (Chart.AR_OPEN, issuer),
            voucher.face,
            voucher.id,
            "voucher.accepted",
        ),
    ]


def cancelled(voucher: Voucher) -> list[Entry]:
    """Step 7b: step 2 taken back by new entries."""
    issuer, first = voucher.issuer_id, voucher.receiver_id
    return [
        entry(
            issuer,
            (Chart.AP_VOUCHER, first),
            (Chart.AP_OPEN, first),
            voucher.face,
            voucher.id,
            "voucher.cancelled",
        ),
        entry(
            first,
            (Chart.AR_OPEN, issuer),
            (Chart.AR_VOUCHER, issuer),
            voucher.face,
            voucher.id,
            "voucher.cancelled",
        ),
    ]


def new_creditor(voucher: Voucher, from_id: UUID, to_id: UUID, amount: Money, holding_id: UUID) -> list[Entry]:
    """The core owes the same amount to another party."""
    narrative = "holding.new_creditor"
    return [
        entry(voucher.issuer_id, (Chart.AP_VOUCHER, from_id), (Chart.AP_VOUCHER, to_id), amount, holding_id, narrative)
    ]


def transferred(voucher: Voucher, from_id: UUID, to_id: UUID, amount: Money, holding_id: UUID) -> list[Entry]:
    """Step 3, without recourse: the holder pays its own supplier with the voucher."""
    narrative = "holding.transferred"
    issuer = voucher.issuer_id
    return [
        entry(from_id, (Chart.AP_OPEN, to_id), (Chart.AR_VOUCHER, issuer), amount, holding_id, narrative),
        entry(to_id, (Chart.AR_VOUCHER, issuer), (Chart.AR_OPEN, from_id), amount, holding_id, narrative),
        *new_creditor(voucher, from_id, to_id, amount, holding_id),
    ]


def redeemed(voucher: Voucher, holding: Holding, amount: Money, instruction_id: UUID) -> list[Entry]:
    """Step 5: the core's debt against cash in transit; the holder's claim likewise where nobody financed it.

    A financed part is closed in the funder's and its supplier's books by capital.financing, which knows the recourse.
    """
    issuer, narrative = voucher.issuer_id, "voucher.redeemed"
    entries = [
        entry(
            issuer,
            (Chart.AP_VOUCHER, holding.holder_id),
            (Chart.IN_TRANSIT, instruction_id),
            amount,
            holding.id,
            narrative,
        )
    ]
    if not holding.is_financed:
        entries.append(
            entry(
                holding.holder_id,
                (Chart.IN_TRANSIT, instruction_id),
                (Chart.AR_VOUCHER, issuer),
                amount,
                holding.id,
                narrative,
            )
        )
    return entries


def credited(voucher: Voucher, amount: Money, holding_id: UUID) -> list[Entry]:
    """Step 8: a credit note while the first supplier still holds; amounts as on the voucher, tax by each side's ERP."""
    issuer, first, narrative = voucher.issuer_id, voucher.receiver_id, "voucher.credited"
    return [
        entry(issuer, (Chart.AP_VOUCHER, first), (Chart.INVENTORY, None), amount, holding_id, narrative),
        entry(first, (Chart.REVENUE, None), (Chart.AR_VOUCHER, issuer), amount, holding_id, narrative),
    ]


def credited_outside(voucher: Voucher, amount: Money) -> list[Entry]:
    """Step 8': a credit note after transfer or financing; the two settle it between them, tax by each side's ERP."""
    issuer, first, narrative = voucher.issuer_id, voucher.receiver_id, "voucher.credited_outside"
    return [
        entry(first, (Chart.REVENUE, None), (Chart.OTHER_PAYABLE, issuer), amount, voucher.id, narrative),
        entry(issuer, (Chart.OTHER_RECEIVABLE, first), (Chart.INVENTORY, None), amount, voucher.id, narrative),
    ]
