"""The one fact of this module: how a person wants to be told. Notices themselves are mail, not facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fourflow.platform.events.types import Event


@dataclass(frozen=True, kw_only=True)
class PreferencesChanged(Event):
    """Subject: the person."""

    kind: ClassVar[str] = "notices.preferences_changed"
    language: str
    choices: dict[str, str]
