"""The catalogue of parameters: type, unit, bounds, default, and where the number comes from."""

from __future__ import annotations

from decimal import Decimal

from fourflow.foundation.parameters.types import Definition, Key, Value, ValueKind

_INTEGER = ValueKind.INTEGER
_DECIMAL = ValueKind.DECIMAL

_RULE_77 = "银发〔2025〕77号"


def _whole(key: Key, unit: str, default: int, meaning: str, source: str, low: int, high: int) -> Definition:
    return Definition(key, _INTEGER, unit, meaning, source, default, minimum=low, maximum=high)


def _share(key: Key, unit: str, default: str, meaning: str, source: str) -> Definition:
    return Definition(key, _DECIMAL, unit, meaning, source, Decimal(default), minimum=Decimal(0), maximum=Decimal(1))


_DEFINITIONS: tuple[Definition, ...] = (
    _whole(
        Key.TERM_SOFT_MONTHS,
        "months",
        6,
        "A longer voucher needs a reason and the bank's acknowledgement.",
        f"{_RULE_77} art. 11",
        1,
        60,
    ),
    _whole(
        Key.TERM_HARD_MONTHS,
        "months",
        12,
        "No voucher is longer.",
        f"{_RULE_77} art. 11; a cut to 6 months was announced on 2026-09-14",
        1,
        60,
    ),
    _whole(
        Key.STATUTORY_DAYS,
        "days after delivery",
        60,
        "By when a large enterprise pays a small or medium creditor.",
        "国务院令第802号, in force 2025-06-01",
        1,
        365,
    ),
    Definition(
        Key.VOUCHER_MIN_LOT,
        _INTEGER,
        "minor units",
        "The smallest holding a split may leave or make.",
        f"assumption of the operator; {_RULE_77} art. 12 asks for a rule against abnormal splitting",
        10_000,
        minimum=1,
        maximum=10**15,
    ),
    _whole(
        Key.VOUCHER_MAX_TIERS,
        "tiers",
        8,
        "How often a voucher may be passed on.",
        f"assumption of the operator; {_RULE_77} art. 12",
        1,
        100,
    ),
    _whole(
        Key.VOUCHER_MAX_FAN_OUT,
        "children",
        50,
        "Into how many parts one holding may be split at once.",
        f"assumption of the operator; {_RULE_77} art. 12",
        1,
        1000,
    ),
    _whole(
        Key.VOUCHER_MAX_SPLITS_PER_DAY,
        "splits",
        200,
        "Splits of one voucher in a day, above which it is flagged.",
        f"assumption of the operator; {_RULE_77} art. 12",
        1,
        100_000,
    ),
    _whole(
        Key.OFFER_EXPIRY_DAYS,
        "days",
        10,
        "An offered voucher that nobody accepts expires.",
        "assumption of the operator",
        1,
        90,
    ),
    _whole(
        Key.TRANSFER_EXPIRY_DAYS,
        "days",
        5,
        "An offered transfer that nobody accepts expires.",
        "assumption of the operator",
        1,
        90,
    ),
    _whole(
        Key.FINANCING_CUTOFF_DAYS,
        "days",
        7,
        "Nothing is financed with fewer days left to its due date.",
        "assumption of the operator",
        0,
        90,
    ),
    _whole(
        Key.QUOTE_VALID_MINUTES,
        "minutes",
        60 * 24,
        "How long a quote may be consented to.",
        "assumption of the operator",
        1,
        60 * 24 * 30,
    ),
    _share(
        Key.FINANCING_ANNUAL_RATE,
        "per year",
        "0.045",
        "Interest rate where a funder names no other.",
        "worked example of the voucher accounting, 4.5 %",
    ),
    Definition(
        Key.DAY_COUNT,
        ValueKind.TEXT,
        "convention",
        "How days become a share of a year.",
        "custom of the Chinese money market",
        "ACT/360",
        choices=("ACT/360", "ACT/365", "30/360"),
    ),
    _share(
        Key.FUNDER_FEE_RATE,
        "of the financed amount",
        "0",
        "The funder's handling fee.",
        "assumption of the operator",
    ),
    _share(
        Key.PLATFORM_FEE_RATE,
        "of the financed amount per year",
        "0.003",
        "The platform's service fee.",
        "assumption of the operator",
    ),
    _share(
        Key.PLATFORM_SHARE,
        "of the platform fee",
        "0.3",
        "What the operator keeps; the rest is the funder's.",
        "seed programme: 7:3, the funder's share being the larger one by assumption",
    ),
    _share(Key.FEE_VAT_RATE, "of the fee without tax", "0.06", "VAT on fees and interest.", "财税〔2016〕36号"),
    _whole(
        Key.REGISTRY_REQUERY_MINUTES,
        "minutes",
        60,
        "A registry query older than this is asked again before payout.",
        "assumption of the operator",
        1,
        60 * 24 * 7,
    ),
    _whole(
        Key.REGISTRY_TERM_MONTHS,
        "months",
        12,
        "For how long a registration is made.",
        "动产和权利担保统一登记办法: 1 month to 30 years",
        1,
        360,
    ),
    _whole(
        Key.TRANSIT_ALARM_MINUTES,
        "minutes",
        120,
        "Cash in transit for longer raises an alarm.",
        "assumption of the operator",
        1,
        60 * 24 * 7,
    ),
    _whole(
        Key.SUSPENSE_ALARM_DAYS,
        "days",
        3,
        "Unmatched cash older than this raises an alarm.",
        "assumption of the operator",
        1,
        90,
    ),
    _whole(
        Key.OVERDUE_RESTRICTION_DAYS,
        "days overdue",
        1,
        "From when an unpaid core enterprise issues nothing new.",
        f"{_RULE_77} art. 15",
        0,
        90,
    ),
    _whole(
        Key.COMPLAINT_ANSWER_DAYS,
        "days",
        30,
        "By when a complaint is answered.",
        "国务院令第802号: 30 days, 90 in hard cases",
        1,
        90,
    ),
    _whole(
        Key.APPROVAL_DAYS,
        "days",
        30,
        "A request for approval that nobody decides expires; what waited for it is free again.",
        "assumption of the operator",
        1,
        90,
    ),
    _whole(
        Key.OPERATOR_CAPITAL,
        "minor units of CNY",
        2_000_000_000,
        "The operator's registered capital, shown on its page.",
        "assumption of the operator",
        1,
        10**15,
    ),
    _whole(
        Key.ACCESS_STEP_UP_MINUTES,
        "minutes",
        10,
        "How long a person who has confirmed himself may sign in that session.",
        "assumption of the operator",
        1,
        60,
    ),
    _whole(
        Key.ACCESS_ACCOUNT_ATTEMPTS,
        "attempts",
        5,
        "Wrong passwords or codes for one sign-in, before it is locked.",
        "assumption of the operator",
        2,
        20,
    ),
    _whole(
        Key.ACCESS_ADDRESS_ATTEMPTS,
        "attempts",
        100,
        "Wrong passwords or codes from one network address, before it is locked.",
        "assumption of the operator",
        5,
        10000,
    ),
    _whole(
        Key.ACCESS_LOCK_MINUTES,
        "minutes",
        15,
        "How long a lock lasts, and over how long attempts are counted.",
        "assumption of the operator",
        1,
        1440,
    ),
    _whole(
        Key.ACCESS_SESSION_HOURS,
        "hours",
        12,
        "After so long a person signs in again.",
        "assumption of the operator",
        1,
        72,
    ),
    _whole(
        Key.ACCESS_RECOVERY_HOURS,
        "hours",
        24,
        "How long the two halves of a recovery are good.",
        "assumption of the operator",
        1,
        168,
    ),
    _whole(
        Key.ACCESS_EMERGENCY_MINUTES,
        "minutes",
        60,
        "How long broken glass stays open.",
        "assumption of the operator",
        5,
        480,
    ),
    _whole(
        Key.REPORT_KEEP_DAYS,
        "days",
        365,
        "How long the files that were made for subscribers are kept; their digests stay.",
        "assumption of the operator",
        1,
        3650,
    ),
    _whole(
        Key.REFUSED_KEEP_DAYS,
        "days",
        180,
        "How long the contents of a rejected application's documents are kept; their digests stay.",
        "assumption of the operator",
        1,
        3650,
    ),
)

CATALOGUE: dict[Key, Definition] = {definition.key: definition for definition in _DEFINITIONS}


def default_of(key: Key) -> Value:
    """The value that holds from the first day of the books until somebody approves another."""
    return CATALOGUE[key].default
