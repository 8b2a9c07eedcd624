"""Facts as a template shows them: figures and dates written out in its language, everything else as it is."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from fourflow.platform.formats import date_prose, instant_text, money_text, percent
from fourflow.platform.ids import encode
from fourflow.platform.money import Money
from fourflow.platform.words import amount_words


def decider(by: str) -> dict[str, str]:
    """Who decided, as a template says it: ``person`` by number (the register has a bare id), or the ``system`` by name."""
    try:
        return {"person": encode("per", UUID(by)), "system": ""}
    except ValueError:
        return {"person": "", "system": by}


def written(value: Any, language: str) -> Any:
    """Money as ``figures`` and ``words`` (大写, English), rates as per cent, dates as in sentences, instants to the minute."""
    if isinstance(value, Money):
        return {"figures": money_text(value, language), "words": amount_words(value, language)}
    if isinstance(value, Decimal):
        return percent(value)
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return date_prose(value, language)
    if isinstance(value, dict):
        return {name: written(one, language) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [written(one, language) for one in value]
    return value
