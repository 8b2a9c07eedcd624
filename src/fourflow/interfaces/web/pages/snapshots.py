"""Snapshots of approvals and bodies of events as labelled facts: what people read of stored JSON."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fourflow.interfaces.web.components.shell import Words
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
}


def label(path: str) -> str:
    """The words for a dotted path; numbers count from one, ids keep their names."""
    parts = []
    for part in path.split("."):
        parts.append(str(int(part) + 1) if part.isdigit() else str(LABELS.get(part, part.replace("_", " "))))
    return " › ".join(parts)


def value(raw: Any) -> object:
    """Money where it looks like money, texts for the rest."""
    if isinstance(raw, Mapping) and set(raw) == {"amount", "currency"}:
        try:
            return Money.parse(str(raw["amount"]), str(raw["currency"]))
        except FourflowError:
            return f"{raw['amount']} {raw['currency']}"
    if isinstance(raw, bool):
        return _("yes") if raw else _("no")
    if isinstance(raw, list | tuple):
        return ", ".join(str(one) for one in raw)
    return raw if raw is None else str(raw)


def facts(snapshot: Mapping[str, Any], path: str = "", depth: int = 0) -> list[tuple[Words, object]]:
    """A snapshot as (label, value) pairs, nested parts flattened; what is empty is left out."""
    found: list[tuple[Words, object]] = []
    for name, raw in snapshot.items():
        here = f"{path}.{name}" if path else str(name)
        nested = isinstance(raw, Mapping) and set(raw) != {"amount", "currency"}
        listed = isinstance(raw, list | tuple) and any(isinstance(one, Mapping) for one in raw)
        if nested and depth < 4:
            found += facts(raw, here, depth + 1)
        elif listed and depth < 4:
            for number, one in enumerate(raw):
                part = one if isinstance(one, Mapping) else {"": one}
                found += facts(part, f"{here}.{number}", depth + 1)
        elif raw not in (None, "", [], {}) and not name.endswith("_id"):
            found.append((label(here), value(raw)))
    return found


def rate(value: Decimal | None) -> str:
    return "" if value is None else formats.percent(value)
