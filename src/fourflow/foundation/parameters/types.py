"""Dated values: what a key means, its unit and type, and one value of it with its period and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, NewType
from uuid import UUID

from fourflow.platform.errors import Conflict, Invalid, NotFound

ParameterId = NewType("ParameterId", UUID)

Value = Decimal | int | bool | str | Mapping[str, Any] | list[Any]

PLATFORM = "platform"
#: from when the defaults hold that come with the software (migration 0003)
FIRST_DAY = date(2000, 1, 1)
"""The scope that holds where no narrower one has a value. Others: `core:<uuid>`, `funder:<uuid>`, `product:<code>`."""


class ValueKind(StrEnum):
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    TEXT = "text"
    JSON = "json"


class ParameterState(StrEnum):
    """PROPOSED values bind nobody; APPROVED ones hold from their day until the next approved day of the same scope."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Key(StrEnum):
    """Every parameter there is. Units and sources stand in ``domain/catalogue.py``."""

    TERM_SOFT_MONTHS = "term.soft_months"
    TERM_HARD_MONTHS = "term.hard_months"
    STATUTORY_DAYS = "term.statutory_days"
    VOUCHER_MIN_LOT = "voucher.min_lot"
    VOUCHER_MAX_TIERS = "voucher.max_tiers"
    VOUCHER_MAX_FAN_OUT = "voucher.max_fan_out"
    VOUCHER_MAX_SPLITS_PER_DAY = "voucher.max_splits_per_day"
    OFFER_EXPIRY_DAYS = "offer.expiry_days"
    TRANSFER_EXPIRY_DAYS = "transfer.expiry_days"
    FINANCING_CUTOFF_DAYS = "financing.cutoff_days"
    QUOTE_VALID_MINUTES = "financing.quote_valid_minutes"
    FINANCING_ANNUAL_RATE = "financing.annual_rate"
    DAY_COUNT = "financing.day_count"
    FUNDER_FEE_RATE = "fee.funder_rate"
    PLATFORM_FEE_RATE = "fee.platform_rate"
    PLATFORM_SHARE = "fee.platform_share"
    FEE_VAT_RATE = "fee.vat_rate"
    REGISTRY_REQUERY_MINUTES = "registry.requery_minutes"
    REGISTRY_TERM_MONTHS = "registry.term_months"
    TRANSIT_ALARM_MINUTES = "settlement.transit_alarm_minutes"
    SUSPENSE_ALARM_DAYS = "settlement.suspense_alarm_days"
    OVERDUE_RESTRICTION_DAYS = "restriction.overdue_days"
    VOUCHER_DEFAULT_DAYS = "voucher.default_days"
    VOUCHER_PROMISE_DAYS = "voucher.promise_days"
    COMPLAINT_ANSWER_DAYS = "complaint.answer_days"
    APPROVAL_DAYS = "approval.days"
    OPERATOR_CAPITAL = "operator.registered_capital"
    ACCESS_STEP_UP_MINUTES = "access.step_up_minutes"
    ACCESS_ACCOUNT_ATTEMPTS = "access.account_attempts"
    ACCESS_ADDRESS_ATTEMPTS = "access.address_attempts"
    ACCESS_LOCK_MINUTES = "access.lock_minutes"
    ACCESS_SESSION_HOURS = "access.session_hours"
    ACCESS_RECOVERY_HOURS = "access.recovery_hours"
    ACCESS_EMERGENCY_MINUTES = "access.emergency_minutes"
    REPORT_KEEP_DAYS = "report.keep_days"
    ONBOARDING_IDLE_DAYS = "onboarding.idle_days"
    REFUSED_KEEP_DAYS = "onboarding.refused_keep_days"


@dataclass(frozen=True, slots=True)
class Definition:
    """A key's meaning. `minimum` and `maximum` are inclusive; `choices` closes a TEXT value."""

    key: Key
    kind: ValueKind
    unit: str
    meaning: str
    source: str
    default: Value
    minimum: Decimal | int | None = None
    maximum: Decimal | int | None = None
    choices: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    """Names that a JSON value must have, and only those."""


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """One dated value. It holds on `valid_from` and until the next approved value of the same key and scope."""

    id: ParameterId
    key: Key
    scope: str
    value: Value
    valid_from: date
    state: ParameterState
    source: str
    approval_id: UUID | None = None


class ParameterUnknown(NotFound):
    """No such key in the catalogue, or no such proposed value."""

    code: ClassVar[str] = "parameter.unknown"


class ParameterMissing(NotFound):
    """No approved value holds on that day in that scope nor for the platform."""

    code: ClassVar[str] = "parameter.missing"


class ValueInvalid(Invalid):
    """The value is of another type, outside its bounds, or no choice of the key."""

    code: ClassVar[str] = "parameter.value_invalid"


class ScopeInvalid(Invalid):
    """A scope is `platform`, or `core:`, `funder:`, `supplier:`, `product:` and a name; a funder's may end in a price."""

    code: ClassVar[str] = "parameter.scope_invalid"


class ParameterDated(Conflict):
    """An approved value already begins on that day."""

    code: ClassVar[str] = "parameter.dated"


class ParameterStateWrong(Conflict):
    """The value is not proposed any more."""

    code: ClassVar[str] = "parameter.state"


class DateInPast(Invalid):
    """A value may not begin before the day on which it is approved: what was computed stays explained."""

    code: ClassVar[str] = "parameter.date_in_past"
