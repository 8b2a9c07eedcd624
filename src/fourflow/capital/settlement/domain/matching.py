"""Which expectation an incoming entry pays, with the grounds that a person can check."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from fourflow.capital.settlement.types import BankEntry, Expected, MatchBasis, Share, Suggestion
from fourflow.platform.money import Money

#: Sets are searched among the oldest expectations of one payer only; beyond that a person chooses.
MAX_CANDIDATES = 24
MAX_SETS = 3
MAX_STEPS = 20_000


def normalised(text: str) -> str:
    """NFKC, upper case, everything but letters and digits as one space: how references and names are compared."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"[\W_]+", " ", folded).strip()


def suggest(entry: BankEntry, expectations: Iterable[Expected]) -> tuple[Suggestion, ...]:
    """Ways to place a credit entry, the strongest first; only a ``certain`` one may be applied without a person.

    Certain is: every expectation whose reference stands in the entry's text is covered exactly, or one of them in
    part; or payer's account and amount point to exactly one expectation. All else is a proposal.
    """
    waiting = [e for e in expectations if e.open_amount.currency == entry.currency and e.open_amount.minor > 0]
    found = [
        *_by_reference(entry, waiting),
        *_by_amount_and_party(entry, waiting),
        *_by_amount_set(entry, waiting),
    ]
    return tuple(found)


def _by_reference(entry: BankEntry, waiting: Sequence[Expected]) -> list[Suggestion]:
    text = f" {normalised(entry.remittance)} {normalised(entry.end_to_end_id)} "
    named = [e for e in waiting if e.reference and f" {normalised(e.reference)} " in text]
    if not named:
        return []
    named.sort(key=lambda e: (e.due_on, e.reference))
    shares, rest = _fill(named, entry.amount)
    due = sum(e.open_amount.minor for e in named)
    certain = entry.amount.minor == due or (len(named) == 1 and entry.amount.minor < due)
    facts = {"references": ", ".join(e.reference for e in named), "open": str(Money(due, entry.currency))}
    if rest:
        facts["left_over"] = str(Money(rest, entry.currency))
    return [Suggestion(MatchBasis.REFERENCE, shares, certain, "reference_in_text", facts)]


def _fill(expectations: Sequence[Expected], amount: Money) -> tuple[tuple[Share, ...], int]:
    """Pour an amount into expectations in their order; returns the shares and what is left over in minor units."""
    rest, shares = amount.minor, []
    for expectation in expectations:
        part = min(rest, expectation.open_amount.minor)
        if part:
            shares.append(Share(expectation.id, Money(part, amount.currency)))
            rest -= part
    return tuple(shares), rest


def _same_account(entry: BankEntry, expectation: Expected) -> bool:
    return bool(entry.counterparty_account) and entry.counterparty_account == expectation.payer_account_number


def _same_party(entry: BankEntry, expectation: Expected) -> bool:
    if _same_account(entry, expectation):
        return True
    name = normalised(entry.counterparty)
    return bool(name) and name == normalised(expectation.payer_name)


def _by_amount_and_party(entry: BankEntry, waiting: Sequence[Expected]) -> list[Suggestion]:
    fitting = [e for e in waiting if e.open_amount == entry.amount and _same_party(entry, e)]
    fitting.sort(key=lambda e: (e.due_on, e.reference))
    certain = len(fitting) == 1 and _same_account(entry, fitting[0])
    return [
        Suggestion(
            MatchBasis.AMOUNT_AND_PARTY,
            (Share(e.id, entry.amount),),
            certain,
            "same_account_and_amount" if _same_account(entry, e) else "same_name_and_amount",
            {"reference": e.reference, "due_on": e.due_on.isoformat(), "candidates": str(len(fitting))},
        )
        for e in fitting
    ]


def _by_amount_set(entry: BankEntry, waiting: Sequence[Expected]) -> list[Suggestion]:
    pool = [e for e in waiting if _same_party(entry, e) and e.open_amount < entry.amount]
    pool.sort(key=lambda e: (e.due_on, e.reference))
    sets = _sets_adding_up(pool[:MAX_CANDIDATES], entry.amount.minor)
    return [
        Suggestion(
            MatchBasis.AMOUNT_SET,
            tuple(Share(e.id, e.open_amount) for e in chosen),
            False,
            "open_amounts_add_up",
            {"references": ", ".join(e.reference for e in chosen), "alternatives": str(len(sets))},
        )
        for chosen in sets
    ]


def _sets_adding_up(pool: Sequence[Expected], target: int) -> list[list[Expected]]:
    """Up to :data:`MAX_SETS` subsets of two or more whose open amounts add up to the target, oldest first."""
    suffix = [0] * (len(pool) + 1)
    for i in range(len(pool) - 1, -1, -1):
        suffix[i] = suffix[i + 1] + pool[i].open_amount.minor
    found: list[list[Expected]] = []
    stack: list[tuple[int, int, list[Expected]]] = [(0, target, [])]
    for _ in range(MAX_STEPS):
        if not stack or len(found) == MAX_SETS:
            break
        i, rest, chosen = stack.pop()
        if rest == 0 and len(chosen) > 1:
            found.append(chosen)
        elif i < len(pool) and 0 < rest <= suffix[i]:
            stack.append((i + 1, rest, chosen))
            stack.append((i + 1, rest - pool[i].open_amount.minor, [*chosen, pool[i]]))
    return found
