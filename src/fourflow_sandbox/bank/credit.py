"""The bank's own credit decision: a written rule over a price list, the same answer for the same reference."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

from fourflow_sandbox import amounts, clock, faults, fields
from fourflow_sandbox.bank.books import Bank
from fourflow_sandbox.refusal import Refusal
from fourflow_sandbox.store import Connection

DEFAULT_PRICES: dict[str, object] = {
    "base_rate": {"default": "0.0450"},
    "spread": {"with_recourse": "0.0000", "without_recourse": "0.0060"},
    "tenor_spread_per_90_days": "0.0005",
    "longest_tenor_days": 365,
    "largest_amount": {"default": "1000000000.00"},
    "refused_obligors": [],
    "officer": "SANDBOX credit officer",
    "model_version": "sandbox-rule-1",
}


class PricesInvalid(Exception):
    """pricing.json cannot be used; the message says which entry."""


def load_prices(path: Path) -> dict[str, object]:
    """Read pricing.json over the defaults; written on the first start.

    :raises PricesInvalid: no JSON object, or a rate that is no decimal text.
    """
    if not path.exists():
        path.write_text(json.dumps(DEFAULT_PRICES, indent=2) + "\n", encoding="utf-8")
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise PricesInvalid(f"{path}: not JSON") from error
    if not isinstance(read, dict):
        raise PricesInvalid(f"{path}: not an object")
    prices = DEFAULT_PRICES | read
    try:
        for table in ("base_rate", "spread", "largest_amount"):
            for key, value in _table(prices, table).items():
                if not isinstance(value, str) or not Decimal(value).is_finite():
                    raise PricesInvalid(f"{path}: {table}.{key} must be a decimal text")
        Decimal(str(prices["tenor_spread_per_90_days"]))
    except InvalidOperation as error:
        raise PricesInvalid(f"{path}: a rate is no decimal") from error
    return prices


def _table(prices: Mapping[str, object], name: str) -> Mapping[str, str]:
    table = prices[name]
    return table if isinstance(table, dict) else {}


def _rate(prices: Mapping[str, object], obligor: str, recourse: bool, tenor_days: int) -> str:
    base = _table(prices, "base_rate")
    spread = _table(prices, "spread").get("with_recourse" if recourse else "without_recourse", "0")
    tenor = Decimal(str(prices["tenor_spread_per_90_days"])) * (tenor_days // 90)
    return f"{Decimal(base.get(obligor, base.get('default', '0'))) + Decimal(spread) + tenor:.6f}"


def _refusals(prices: Mapping[str, object], obligor: str, minor: int, currency: str, tenor_days: int) -> list[str]:
    largest = _table(prices, "largest_amount")
    limit = amounts.to_minor(largest.get(currency, largest.get("default", "0")), currency) or 0
    listed = prices["refused_obligors"]
    reasons = []
    if isinstance(listed, list) and obligor in listed:
        reasons.append("obligor_refused")
    if minor > limit:
        reasons.append("amount_above_limit")
    if tenor_days > int(str(prices["longest_tenor_days"])):
        reasons.append("tenor_too_long")
    return reasons


def decide(bank: Bank, prices: Mapping[str, object], body: Mapping[str, object]) -> dict[str, object]:
    """Decide a financing application. The rate is a year's fraction as decimal text ("0.045000" is 4.5 %).

    :raises Refusal: 422 for a wrong field, 409 ``reference.differs``.
    """
    reference = fields.text(body, "reference", longest=64)
    obligor, applicant = fields.text(body, "obligor", longest=64), fields.text(body, "applicant", longest=64)
    currency = fields.text(body, "currency", longest=3)
    minor = amounts.required_minor(body.get("amount"), currency, "amount")
    tenor = fields.whole(body, "tenor_days", 1, 36_500)
    recourse = body.get("recourse")
    if not isinstance(recourse, bool) or not minor:
        raise Refusal(422, "field.invalid", field="recourse" if minor else "amount", expected="true/false, above zero")
    digest = fields.digest([obligor, applicant, currency, minor, tenor, recourse])
    with bank.store.writing() as connection:
        known = connection.execute("SELECT * FROM decision WHERE reference = ?", (reference,)).fetchone()
        if known is not None and known["digest"] != digest:
            raise Refusal(409, "reference.differs", reference=reference)
        if known is None:
            told = faults.take_within(connection, "credit-decision", {"reject"}, [reference])
            reasons = ["told_to_refuse"] if told else _refusals(prices, obligor, minor, currency, tenor)
            decision: dict[str, object] = {
                "reference": reference,
                "decision": "refused" if reasons else "approved",
                "rate_per_annum": None if reasons else _rate(prices, obligor, recourse, tenor),
                "amount": amounts.to_text(minor, currency),
                "currency": currency,
                "decided_by": {
                    "party": {"code": bank.code, "name": bank.name},
                    "officer": prices["officer"],
                    "model_version": prices["model_version"],
                },
                "decided_at": clock.now(connection),
                "reasons": reasons,
            }
            connection.execute(
                "INSERT INTO decision VALUES (?, ?, ?)", (reference, digest, json.dumps(decision, ensure_ascii=False))
            )
        else:
            decision = json.loads(known["answer"])
        return _contradicted(decision) if _told_otherwise(connection, reference, known is not None) else decision


def _told_otherwise(connection: Connection, reference: str, repeated: bool) -> bool:
    return repeated and faults.take_within(connection, "credit-decision", {"contradict"}, [reference]) is not None


def _contradicted(decision: Mapping[str, object]) -> dict[str, object]:
    approved = decision["decision"] == "approved"
    return dict(decision) | {
        "decision": "refused" if approved else "approved",
        "rate_per_annum": None if approved else "0.045000",
        "reasons": ["told_to_contradict"] if approved else [],
    }


def recorded(bank: Bank, reference: str) -> dict[str, object]:
    """The decision under a reference, for asking after a time-out.

    :raises Refusal: 404 ``decision.unknown``.
    """
    with bank.store.reading() as connection:
        row = connection.execute("SELECT answer FROM decision WHERE reference = ?", (reference,)).fetchone()
    if row is None:
        raise Refusal(404, "decision.unknown", reference=reference)
    answer: dict[str, object] = json.loads(row["answer"])
    return answer
