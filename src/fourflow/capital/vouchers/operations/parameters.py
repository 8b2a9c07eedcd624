"""The dated parameters that the register's rules need, in one query an operation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from fourflow.capital.vouchers.domain.rules import SplitRule, TermRule
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import Key, ValueInvalid

Numbers = Mapping[Key, int]
TERM = (Key.TERM_SOFT_MONTHS, Key.TERM_HARD_MONTHS)
SPLIT = (Key.VOUCHER_MIN_LOT, Key.VOUCHER_MAX_TIERS, Key.VOUCHER_MAX_FAN_OUT, Key.VOUCHER_MAX_SPLITS_PER_DAY)


def numbers(keys: Iterable[Key], on: date, core_id: UUID | None = None) -> Numbers:
    """Integer parameters of the core, or of the platform where the core has none.

    :raises ParameterMissing: nothing holds on that day. :raises ValueInvalid: a key is no integer.
    """
    found: dict[Key, int] = {}
    for key, held in parameters.values_on(keys, on, *((f"core:{core_id}",) if core_id else ())).items():
        if isinstance(held.value, bool) or not isinstance(held.value, int):
            raise ValueInvalid(key=key.value, expected="integer")
        found[key] = held.value
    return found


def whole(key: Key, on: date, core_id: UUID | None = None) -> int:
    """One integer parameter; see :func:`numbers`."""
    return numbers([key], on, core_id)[key]


def term_rule(given: Numbers) -> TermRule:
    """The dated limits of a term, in months, out of :func:`numbers` of :data:`TERM`."""
    return TermRule(soft_months=given[Key.TERM_SOFT_MONTHS], hard_months=given[Key.TERM_HARD_MONTHS])


def split_rule(given: Numbers) -> SplitRule:
    """The dated bounds of cutting a voucher, out of :func:`numbers` of :data:`SPLIT`; the lot in minor units."""
    return SplitRule(
        min_lot=given[Key.VOUCHER_MIN_LOT],
        max_tiers=given[Key.VOUCHER_MAX_TIERS],
        max_fan_out=given[Key.VOUCHER_MAX_FAN_OUT],
        max_splits_per_day=given[Key.VOUCHER_MAX_SPLITS_PER_DAY],
    )
