"""What an issuer promises where it pays late, and what has become of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from fourflow.capital.vouchers.types.voucher import VoucherId
from fourflow.platform.money import Money


class PromiseOutcome(StrEnum):
    """Read from the payments of the voucher: never stored, and nobody states it.

    OPEN: its day is not over. KEPT: the voucher was wholly paid by then. BROKEN: it was not. VOID: nothing is owed any more.
    """

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Promise:
    """The issuer's statement of ``said_on``: ``amount``, all that is outstanding then, is paid by ``pays_on``; and why so late.

    ``outstanding`` is what is still owed on the voucher, ``paid_on`` the day on which it was wholly paid. A promise changes no
    state and stops no clock; a later one replaces none.
    """

    id: UUID
    voucher_id: VoucherId
    number: str
    issuer_id: UUID
    person_id: UUID
    said_on: date
    due_on: date
    pays_on: date
    amount: Money
    reason: str
    outstanding: Money
    paid_on: date | None
    outcome: PromiseOutcome
