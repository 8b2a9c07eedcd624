"""View types of the smaller components; each is drawn by the template of the same name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.components.status import Tone
from fourflow.platform import formats
from fourflow.platform.money import Money


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads somewhere; ``sub`` is a second, quieter line, ``whole`` what a file says instead of a short text."""

    text: Words
    href: str = ""
    sub: Words = ""
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Ident:
    """A prefixed identifier, shown short; the whole stands in the title."""

    value: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Percent:
    """A fraction that is read as per cent; sorts and leaves for Excel as a figure."""

    of: Decimal

    def __str__(self) -> str:
        return formats.percent(self.of)


@dataclass(frozen=True, slots=True)
class Due:
    """A due date with how far it is from ``today``; late and near ones are coloured unless ``settled``."""

    on: date
    today: date
    settled: bool = False
    soon_days: int = 7

    @property
    def tone(self) -> str:
        days = (self.on - self.today).days
        return "" if self.settled else "bad" if days < 0 else "warn" if days <= self.soon_days else ""


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure that leads to the rows behind it. ``value`` is Money (shown compact) or a finished text."""

    label: Words
    value: Money | int | str
    href: str = ""
    note: Words = ""
    tone: Tone = "neutral"
    unit: Words = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a timeline, newest first or oldest first as the caller orders."""

    what: Words
    at: datetime | None = None
    who: str = ""
    body: Words = ""
    tone: str = "done"  # done, ok, warn, bad, next
    href: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal in words: what is wrong, where, and the next step."""

    message: Words
    where: Words = ""
    next_step: Words = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Banner:
    """A note across the page; ``problems`` are listed below the text."""

    title: Words
    text: Words = ""
    tone: Tone = "info"
    problems: tuple[Problem, ...] = ()
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Empty:
    """Why there is nothing here and what to do: ``kind`` is first, filtered, forbidden, waiting, failed or done."""

    kind: str
    title: Words
    text: Words = ""
    action: Link | None = None
    other: Link | None = None

    @property
    def icon(self) -> str:
        icons = {"first": "plus", "filtered": "filter", "forbidden": "lock", "waiting": "clock", "failed": "alert"}
        return icons.get(self.kind, "circle-check")


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One line of a receipt: what, how it was computed, how much."""

    what: Words
    amount: Money
    how: Words = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A figure and the lines that add up to it; the sum is the server's, never the page's."""

    label: Words
    total: Money
    lines: tuple[ReceiptLine, ...]
    source: Words = ""
    open: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A check behind a decision: ``result`` is pass, fail, warn or wait; ``source`` names who said so and when."""

    what: Words
    result: str
    source: Words = ""
    why: Words = ""

    @property
    def icon(self) -> str:
        return {"pass": "circle-check", "fail": "circle-cross", "warn": "alert"}.get(self.result, "clock")


@dataclass(frozen=True, slots=True)
class Change:
    """A value that differs from the last decision; ``before=None`` when it is new."""

    what: Words
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Decision:
    """The one decision area of a page: sum, checks, changes, opinion, buttons.

    ``approve`` and ``reject`` name the two outcomes; ``token`` makes a repeated press the same request;
    ``blocked`` says why nobody may decide yet (the buttons are then disabled). ``back`` leads to the form before it.
    """

    action: str
    amount: Money | None
    label: Words
    approve: Words
    reject: Words = ""
    token: str = ""
    payload_hash: str = ""
    checks: tuple[Check, ...] = ()
    changes: tuple[Change, ...] = ()
    since: datetime | None = None
    blocked: Words = ""
    opinion_required: bool = False
    consequence: Words = ""
    digest: str = ""
    opinion: bool = True
    hidden: tuple[tuple[str, str], ...] = ()
    rate: str = ""
    back: Words = ""
    password: bool = False

    @property
    def signs(self) -> bool:
        """Whether the password is asked again: to sign what ``digest`` names, or because money may move."""
        return bool(self.digest) or self.password
