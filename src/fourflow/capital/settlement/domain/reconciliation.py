"""A bank's end-of-day statement held against our own record of entries; every disagreement is named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fourflow.capital.settlement.ports import Statement
from fourflow.capital.settlement.types import BankEntry, Difference, DifferenceKind, Direction
from fourflow.platform.money import Money


@dataclass(frozen=True)
class RecordedEntry:
    """An entry as we hold it. ``placed``: the ledger has it: by its settled instruction, matched, or in suspense."""

    entry: BankEntry
    placed: bool


def signed(entry: BankEntry) -> Money:
    """Money in is positive, money out negative."""
    return entry.amount if entry.direction is Direction.CREDIT else -entry.amount


def compare(
    statement: Statement,
    recorded: Sequence[RecordedEntry],
    previous_closing: Money | None,
    settled_without_entry: Mapping[str, Money],
    only: frozenset[str] | None = None,
) -> tuple[Difference, ...]:
    """Differences of one account and day, in the order: balances, lines, our entries, our settlements.

    ``settled_without_entry``: instructions settled that day from this account for which no entry was ever seen,
    by bank reference (or end-to-end id), as positive amounts. ``only``: on an account that we do not watch, the
    end-to-end ids of our payments; its other lines are none of our business.
    """
    differences = list(_balances(statement, previous_closing))
    ours = {r.entry.bank_reference: r for r in recorded}
    at_bank = {line.entry.bank_reference for line in statement.lines}
    for line in statement.lines:
        if only is not None and line.entry.end_to_end_id not in only:
            continue
        differences.extend(_line(statement, line.entry, ours.get(line.entry.bank_reference)))
    for reference, held in ours.items():
        if reference not in at_bank:
            here = signed(held.entry)
            differences.append(Difference(DifferenceKind.ONLY_HERE, statement.account_number, reference, None, here))
    for reference, amount in settled_without_entry.items():
        if reference not in at_bank:
            kind = DifferenceKind.NOT_AT_BANK_BUT_SETTLED
            differences.append(Difference(kind, statement.account_number, reference, None, -amount))
    return tuple(differences)


def _balances(statement: Statement, previous_closing: Money | None) -> Iterable[Difference]:
    moved = statement.opening
    for line in statement.lines:
        moved = moved + signed(line.entry)
    kind, number = DifferenceKind.BALANCE_DOES_NOT_FOLLOW, statement.account_number
    if moved != statement.closing:
        yield Difference(kind, number, "", statement.closing, moved, "opening_and_lines_miss_closing")
    if previous_closing is not None and previous_closing != statement.opening:
        yield Difference(kind, number, "", statement.opening, previous_closing, "opening_is_not_last_closing")


def _line(statement: Statement, entry: BankEntry, held: RecordedEntry | None) -> Iterable[Difference]:
    number, reference, at_bank = statement.account_number, entry.bank_reference, signed(entry)
    if held is None:
        yield Difference(DifferenceKind.ONLY_AT_BANK, number, reference, at_bank, None)
        return
    here = signed(held.entry)
    if here == at_bank:
        if not held.placed:
            yield Difference(DifferenceKind.NOT_BOOKED_IN_LEDGER, number, reference, at_bank, None, "unmatched")
    elif abs(here.minor) == abs(at_bank.minor):
        yield Difference(DifferenceKind.DIRECTION_DIFFERS, number, reference, at_bank, here)
    else:
        yield Difference(DifferenceKind.AMOUNT_DIFFERS, number, reference, at_bank, here)
