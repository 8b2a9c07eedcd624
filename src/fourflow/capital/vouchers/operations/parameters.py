"""The dated parameters that the register's rules need, read once an operation."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from fourflow.capital.vouchers.domain.rules import SplitRule, TermRule
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import Key


def whole(key: Key, on: date, core_id: UUID | None = None) -> int:
    """An integer parameter of the core, or of the platform where the core has none."""
    return parameters.integer(key, on, *((f"core:{core_id}",) if core_id else ()))


def term_rule(on: date, core_id: UUID) -> TermRule:
    return TermRule(
        soft_months=whole(Key.TERM_SOFT_MONTHS, on, core_id), hard_months=whole(Key.TERM_HARD_MONTHS, on, core_id)
    )


def split_rule(on: date, core_id: UUID) -> SplitRule:
    return SplitRule(
        min_lot=whole(Key.VOUCHER_MIN_LOT, on, core_id),
        max_tiers=whole(Key.VOUCHER_MAX_TIERS, on, core_id),
        max_fan_out=whole(Key.VOUCHER_MAX_FAN_OUT, on, core_id),
        max_splits_per_day=whole(Key.VOUCHER_MAX_SPLITS_PER_DAY, on, core_id),
    )
