"""A funder's decision API over HTTP (the sandbox banks' ``/credit-decision``)."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import httpx

from fourflow.capital.financing.ports import Application, FunderSilent, FunderTimeout
from fourflow.capital.financing.types import FunderDecision


class HttpFunder:
    """Implements :class:`fourflow.capital.financing.ports.FunderPort`."""

    def __init__(self, base_url: str, timeout_seconds: float = 10.0) -> None:
        self._client = httpx.Client(base_url=base_url, timeout=timeout_seconds)

    def ask(self, application: Application) -> FunderDecision:
        body = {
            "reference": application.reference,
            "obligor": application.obligor_identifier,
            "applicant": application.applicant_identifier,
            "amount": application.amount.to_body()["amount"],
            "currency": application.amount.currency,
            "tenor_days": application.tenor_days,
            "recourse": application.recourse,
            "evidence": application.evidence,
        }
        try:
            answer = self._client.post("/credit-decision", json=body)
            answer.raise_for_status()
        except httpx.TransportError as error:
            raise FunderSilent(reason=type(error).__name__) from error
        except httpx.HTTPError as error:
            raise FunderTimeout(reason=type(error).__name__) from error
        try:
            return read_decision(answer.json())
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            # no word that could be recorded, and no reason to keep other funders' requests waiting
            raise FunderTimeout(reason="malformed answer", value=answer.text[:200]) from error


def read_decision(body: dict[str, Any]) -> FunderDecision:
    """The bank's words as ours.

    :raises KeyError, TypeError, ValueError, ArithmeticError: they are none.
    """
    rate = body.get("rate_per_annum")
    return FunderDecision(
        approved=body["decision"] == "approved",
        annual_rate=Decimal(rate) if rate is not None else None,
        decided_by=body["decided_by"],
        decided_at=datetime.datetime.fromisoformat(body["decided_at"]),
        reasons=tuple(body.get("reasons", ())),
        bank_reference=body["reference"],
    )
