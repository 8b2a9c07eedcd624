"""Figures as plain text in the reader's language, for sentences that Python puts together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils.translation import get_language, gettext, pgettext

from fourflow.platform import formats
from fourflow.platform.errors import FourflowError
from fourflow.platform.money import Money


class Sentences:
    """Sentences, ``%(a)s`` where they differ, by which what lower layers say in English is told in the reader's language."""

    def __init__(self, sentences: Iterable[str]) -> None:
        bare = {one: re.sub(r"%\(\w\)s", "", one) for one in sentences}
        #: of two that fit, the one with more words of its own says it
        self._known = [(_pattern(one), one) for one in sorted(bare, key=lambda one: len(bare[one]), reverse=True)]

    def told(self, text: str, shown: Callable[[str], str] = str) -> str:
        """The text in the active language, each value as ``shown``; one that is none of the sentences is a value itself."""
        for pattern, sentence in self._known:
            if found := pattern.fullmatch(text):
                return gettext(sentence) % {name: shown(value) for name, value in found.groupdict().items()}
        return shown(text)


def _pattern(sentence: str) -> re.Pattern[str]:
    """The sentence as one that reads its values back."""
    parts = re.split(r"%\((\w)\)s", sentence)
    return re.compile("".join(f"(?P<{one}>.+)" if at % 2 else re.escape(one) for at, one in enumerate(parts)))


def language() -> str:
    return "zh" if (get_language() or "").startswith("zh") else "en"


def listed(words: Iterable[object]) -> str:
    """Several things in one cell or sentence, with what stands between them in the reader's language."""
    return pgettext("between things", ", ").join(str(one) for one in words)


def real_time(words: str) -> str:
    """What goes by the machine's clock says so where a sandbox shows its own day beside it."""
    return gettext("%(what)s (real time)") % {"what": words} if settings.SANDBOX else words


def money(value: Money) -> str:
    return formats.money_text(value, language())


def of_body(body: object) -> Money | None:
    """``{"amount": "12.00", "currency": "USD"}`` as Money; None when it is something else."""
    if not isinstance(body, Mapping) or set(body) != {"amount", "currency"}:
        return None
    try:
        return Money.parse(str(body["amount"]), str(body["currency"]))
    except FourflowError:
        return None


def amount_of(body: object) -> str:
    found = of_body(body)
    return money(found) if found else ""


def rate(value: Decimal, day_count: str = "ACT/360") -> str:
    return formats.rate_text(value, language(), day_count)


def day(value: date) -> str:
    return formats.date_prose(value, language())
