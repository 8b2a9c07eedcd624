"""Snapshots of approvals and bodies of events as labelled facts: what people read of stored JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from fourflow.interfaces.web import texts
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.pages import codes
from fourflow.platform import formats
from fourflow.platform.errors import FourflowError
from fourflow.platform.money import Money

LABELS: dict[str, Words] = {
    "face": gettext_lazy("Face"),
    "amount": gettext_lazy("Amount"),
    "due_on": gettext_lazy("Due"),
    "issued_on": gettext_lazy("Issued"),
    "number": gettext_lazy("Number"),
    "contract_clause": gettext_lazy("Contract clause"),
    "key": gettext_lazy("Parameter"),
    "scope": gettext_lazy("Scope"),
    "value": gettext_lazy("Value"),
    "valid_from": gettext_lazy("Valid from"),
    "valid_to": gettext_lazy("Valid until (excluded)"),
    "source": gettext_lazy("Source"),
    "name": gettext_lazy("Name"),
    "short_name": gettext_lazy("Short name"),
    "country": gettext_lazy("Country"),
    "kind": gettext_lazy("Kind"),
    "size_class": gettext_lazy("Size"),
    "reason": gettext_lazy("Reason"),
    "sanctioned": gettext_lazy("Sanctioned"),
    "email": gettext_lazy("E-mail"),
    "file_name": gettext_lazy("File"),
    "sha256": "SHA-256",
    "scheme": gettext_lazy("Scheme"),
    "issuer": gettext_lazy("Issuer"),
    "max_minor": gettext_lazy("Ceiling in minor units"),
    "currency": gettext_lazy("Currency"),
    "permission": gettext_lazy("Permission"),
    "functions": gettext_lazy("Functions"),
    "keys": gettext_lazy("Keys"),
    "scopes": gettext_lazy("Scopes"),
    "requests_per_minute": gettext_lazy("Requests a minute"),
    "client": gettext_lazy("API client"),
    "media_type": gettext_lazy("Media type"),
    "authorisation_number": gettext_lazy("Authorisation"),
    "authority": gettext_lazy("Authority"),
    "bank": gettext_lazy("Bank"),
    "bank_reference": gettext_lazy("Bank's reference"),
    "bars": gettext_lazy("Barred from"),
    "basis": gettext_lazy("Basis"),
    "before": gettext_lazy("Before"),
    "blocked": gettext_lazy("Blocked"),
    "booked_on": gettext_lazy("Booked"),
    "by": gettext_lazy("By"),
    "change": gettext_lazy("Change"),
    "checks": gettext_lazy("Checks"),
    "choices": gettext_lazy("Choices"),
    "client_reference": gettext_lazy("Our reference"),
    "collected": gettext_lazy("Collected"),
    "complete": gettext_lazy("Complete"),
    "conflicts": gettext_lazy("Conflicts"),
    "consent": gettext_lazy("Consent"),
    "content": gettext_lazy("Content"),
    "content_digest": gettext_lazy("Digest of the content"),
    "count": gettext_lazy("Count"),
    "credit_note": gettext_lazy("Credit note"),
    "day": gettext_lazy("Day"),
    "decision": gettext_lazy("Decision"),
    "deliveries": gettext_lazy("Deliveries"),
    "differences": gettext_lazy("Differences"),
    "direction": gettext_lazy("Direction"),
    "document": gettext_lazy("Document"),
    "documents": gettext_lazy("Documents"),
    "door": gettext_lazy("Door"),
    "due_date": gettext_lazy("Due"),
    "exception": gettext_lazy("Contradiction"),
    "excess": gettext_lazy("Over the line"),
    "exchange": gettext_lazy("Exchange"),
    "exchange_kind": gettext_lazy("Kind of the exchange"),
    "execution_date": gettext_lazy("Execution day"),
    "extended": gettext_lazy("Extended"),
    "factor": gettext_lazy("Factor"),
    "facts": gettext_lazy("Facts"),
    "how": gettext_lazy("How"),
    "identifiers": gettext_lazy("Registration numbers"),
    "language": gettext_lazy("Language"),
    "later_than_statutory": gettext_lazy("Later than the statutory term"),
    "lifted_on": gettext_lazy("Lifted"),
    "lines": gettext_lazy("Lines"),
    "matches": gettext_lazy("Owner matches"),
    "mode": gettext_lazy("Mode"),
    "months": gettext_lazy("Months"),
    "net": gettext_lazy("Net cash"),
    "on": gettext_lazy("Day"),
    "orders": gettext_lazy("Orders"),
    "outcome": gettext_lazy("Outcome"),
    "outstanding": gettext_lazy("Outstanding"),
    "overlay": gettext_lazy("Dispute or freeze"),
    "parts": gettext_lazy("Parts"),
    "payload_hash": gettext_lazy("Digest of what was decided"),
    "purpose": gettext_lazy("Purpose"),
    "query_certificate": gettext_lazy("Certificate of the search"),
    "reason_code": gettext_lazy("Reason code"),
    "recourse": gettext_lazy("Recourse"),
    "redeemed": gettext_lazy("Redeemed"),
    "reference": gettext_lazy("Reference"),
    "registration_kind": gettext_lazy("Kind of the filing"),
    "registration_no": gettext_lazy("Registration number of the filing"),
    "requery_certificate": gettext_lazy("Certificate of the second search"),
    "rest": gettext_lazy("Rest"),
    "roles": gettext_lazy("Roles"),
    "members": gettext_lazy("People"),
    "mandates": gettext_lazy("Mandate"),
    "licences": gettext_lazy("Licences"),
    "digest": gettext_lazy("Digest of the whole"),
    "rows_read": gettext_lazy("Rows read"),
    "rows_refused": gettext_lazy("Rows refused"),
    "seller": gettext_lazy("Seller"),
    "signature": gettext_lazy("Signature"),
    "size": gettext_lazy("Size"),
    "state": gettext_lazy("State"),
    "step": gettext_lazy("Step"),
    "strength": gettext_lazy("Strength"),
    "text_digest": gettext_lazy("Digest of the text"),
    "trade_basis": gettext_lazy("Trade behind it"),
    "until": gettext_lazy("Until"),
    "utilised": gettext_lazy("Used"),
    "verdict": gettext_lazy("Verdict"),
    "what": gettext_lazy("What"),
    "wholly": gettext_lazy("Wholly"),
    "about": gettext_lazy("About"),
    "answer_by": gettext_lazy("Answer by"),
    "annual_rate": gettext_lazy("Annual rate"),
    "pays_on": gettext_lazy("Promised for"),
    "resealed": gettext_lazy("Fields sealed anew"),
    "account_kind": gettext_lazy("Kind of the account"),
    "ancestors": gettext_lazy("Grew out of"),
    "annualised": gettext_lazy("Annualised cost"),
    "approved": gettext_lazy("Approved"),
    "decided_at": gettext_lazy("Decided"),
    "decided_by": gettext_lazy("Decided by"),
    "model": gettext_lazy("Model"),
    "version": gettext_lazy("Version"),
    "assets": gettext_lazy("Assets"),
    "attempt": gettext_lazy("Attempt"),
    "attempts": gettext_lazy("Attempts"),
    "code": gettext_lazy("Code"),
    "corrections": gettext_lazy("Corrections"),
    "orders_passed": gettext_lazy("Orders passed"),
    "rhythm": gettext_lazy("How often"),
    "act": gettext_lazy("Act"),
    "delivered_on": gettext_lazy("Delivered"),
}
#: names of fields that only identify: a person or an object stands behind them, not a figure
IDS = ("_id", "_ids", "_by")


#: what makes a part of a snapshot a mandate
_MANDATE = frozenset({"permission", "currency", "valid_from"})


def label(path: str) -> str:
    """The words for a dotted path; numbers count from one, ids keep their names."""
    parts = []
    words = {**LABELS, "issuer": _("Issued by")} if path.startswith("licences.") else LABELS
    for part in path.split("."):
        parts.append(str(int(part) + 1) if part.isdigit() else str(words.get(part, part.replace("_", " "))))
    return " › ".join(parts)


def mandate(raw: Mapping[str, Any]) -> str:
    """What somebody may sign, up to how much and from when, as one line."""
    currency, most, until = str(raw["currency"]), raw.get("max_minor"), raw.get("valid_to")
    upper = formats.money_text(Money(int(most), currency), get_language() or "en") if most is not None else ""
    days = [formats.date_table(date.fromisoformat(str(day))) for day in (raw["valid_from"], until) if day]
    ceiling = _("up to %(what)s") % {"what": upper} if upper else currency
    return " · ".join([str(value(raw["permission"], "permission")), ceiling, "–".join(days)])


def value(raw: Any, path: str = "") -> object:
    """Money where it looks like money, words for the codes of the field that the path ends with, texts for the rest."""
    name = next((part for part in reversed(path.split(".")) if not part.isdigit()), "")
    words = codes.WORDS.get(name, {})
    if isinstance(raw, Mapping) and set(raw) == {"amount", "currency"}:
        try:
            return Money.parse(str(raw["amount"]), str(raw["currency"]))
        except FourflowError:
            return f"{raw['amount']} {raw['currency']}"
    if isinstance(raw, bool):
        return _("yes") if raw else _("no")
    if isinstance(raw, list | tuple):
        return texts.listed(str(words.get(str(one), one)) for one in raw)
    return raw if raw is None else words.get(str(raw), str(raw))


def facts(snapshot: Mapping[str, Any], path: str = "", depth: int = 0) -> list[tuple[Words, object]]:
    """A snapshot as (label, value) pairs, nested parts flattened; what is empty is left out."""
    found: list[tuple[Words, object]] = []
    for name, raw in snapshot.items():
        here = f"{path}.{name}" if path else str(name)
        nested = isinstance(raw, Mapping) and set(raw) != {"amount", "currency"}
        listed = isinstance(raw, list | tuple) and any(isinstance(one, Mapping) for one in raw)
        if isinstance(raw, Mapping) and set(raw) >= _MANDATE:
            found.append((label(here), mandate(raw)))
        elif nested and depth < 4:
            found += facts(raw, here, depth + 1)
        elif listed and depth < 4:
            for number, one in enumerate(raw):
                if isinstance(one, Mapping) and set(one) >= _MANDATE:
                    found.append((label(f"{here}.{number}"), mandate(one)))
                    continue
                part = one if isinstance(one, Mapping) else {"": one}
                found += facts(part, f"{here}.{number}", depth + 1)
        elif raw not in (None, "", [], {}) and not name.endswith(IDS):
            found.append((label(here), value(raw, str(name))))
    return found


def rate(value: Decimal | None) -> str:
    return "" if value is None else formats.percent(value)
