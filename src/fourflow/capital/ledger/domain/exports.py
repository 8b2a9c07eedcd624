"""A book for other programs: hledger's journal format, and a journal table for the ERP of the book's owner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from fourflow.capital.ledger.domain.chart import CATALOGUE
from fourflow.capital.ledger.types import AccountKey, EntryKind, Transfer
from fourflow.platform.money import Money, exponent

#: Kinds that move posted amounts; the others only hold and release.
_MOVING = frozenset({EntryKind.POSTED, EntryKind.POST, EntryKind.REVERSAL})

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

JOURNAL_COLUMNS = (
    "date",
    "reference",
    "line",
    "account_code",
    "account_name_zh",
    "account_name_en",
    "counterparty_id",
    "counterparty_name",
    "debit",
    "credit",
    "currency",
    "narrative_code",
    "kind",
    "instrument",
    "transfer",
    "reverses",
)


def amount_text(amount: Money) -> str:
    """Major units with the currency's decimals, no thousands separator."""
    return f"{amount.decimal:.{exponent(amount.currency)}f}"


def cell(text: str) -> str:
    """A text that no spreadsheet runs as a formula: a leading ``= + - @`` or control character gets an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def hledger_account(key: AccountKey) -> str:
    """``ap.voucher`` → ``ap:voucher:<counterparty>``."""
    name = key.chart_code.replace(".", ":")
    return f"{name}:{key.counterparty}" if key.counterparty else name


def hledger(transfers: Iterable[Transfer], zone: ZoneInfo) -> Iterator[str]:
    """Lines of an hledger journal: one transaction per transfer that moves posted amounts, by business date."""
    for transfer in transfers:
        if transfer.kind not in _MOVING:
            continue
        day = transfer.effective_at.astimezone(zone).date().isoformat()
        reference = transfer.reference.replace(")", "").replace("\n", " ").replace(";", ",")
        amount = f"{amount_text(transfer.amount)} {transfer.amount.currency}"
        yield f"{day} ({reference}) {transfer.narrative_code}  ; transfer:{transfer.id}"
        yield f"    {hledger_account(transfer.debit)}    {amount}"
        yield f"    {hledger_account(transfer.credit)}    -{amount}"
        yield ""


def journal_rows(
    transfers: Iterable[Transfer], zone: ZoneInfo, names: Mapping[UUID, str] | None = None
) -> Iterator[tuple[str, ...]]:
    """Rows under :data:`JOURNAL_COLUMNS`: two for each transfer that moves posted amounts, debit first.

    :param names: names of counterparties, where known.
    """
    known = names or {}
    line = 0
    for transfer in transfers:
        if transfer.kind not in _MOVING:
            continue
        amount = amount_text(transfer.amount)
        for key, debit, credit in ((transfer.debit, amount, ""), (transfer.credit, "", amount)):
            line += 1
            chart = CATALOGUE[key.chart_code]
            other = key.counterparty
            yield tuple(
                cell(text)
                for text in (
                    transfer.effective_at.astimezone(zone).date().isoformat(),
                    transfer.reference,
                    str(line),
                    key.chart_code,
                    chart.name_zh,
                    chart.name_en,
                    str(other or ""),
                    known.get(other, "") if other else "",
                    debit,
                    credit,
                    transfer.amount.currency,
                    transfer.narrative_code,
                    transfer.kind.value,
                    str(transfer.instrument or ""),
                    str(transfer.id),
                    str(transfer.refers_to or "") if transfer.kind is EntryKind.REVERSAL else "",
                )
            )
