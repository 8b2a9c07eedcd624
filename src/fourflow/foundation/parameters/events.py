"""Facts about dated values. Subject: the value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from fourflow.platform.events.types import Event


@dataclass(frozen=True, kw_only=True)
class ParameterProposed(Event):
    """Somebody proposed a value from a day on."""

    kind: ClassVar[str] = "parameter.proposed"
    key: str
    scope: str
    value: Any
    valid_from: date
    source: str


@dataclass(frozen=True, kw_only=True)
class ParameterClosed(Event):
    """A proposed value was approved, rejected or withdrawn."""

    kind: ClassVar[str] = "parameter.closed"
    key: str
    scope: str
    valid_from: date
    state: str
