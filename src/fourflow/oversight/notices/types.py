"""What a notice is: whom it tells, of what, and what became of the e-mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal
from uuid import UUID

from fourflow.platform.errors import Invalid

Language = Literal["zh", "en"]


class Topic(StrEnum):
    """What people choose by: whether to be told of it at once, once a day, or only on the page."""

    DECISION = "decision"
    OFFER = "offer"
    FINANCING = "financing"
    PAYMENT = "payment"
    OVERDUE = "overdue"
    RISK = "risk"
    PARTNERS = "partners"
    REPORT = "report"
    SECURITY = "security"


class When(StrEnum):
    """``OFF``: the notice stands on the person's page, no e-mail is sent."""

    NOW = "now"
    DAILY = "daily"
    OFF = "off"


class NoticeState(StrEnum):
    """``SENDING`` was handed to the mailer and nothing is known yet; ``UNSURE``: nothing will be known any more."""

    KEPT = "kept"
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"


#: what its security asks of a person is told at once and cannot be switched off
ALWAYS = frozenset({Topic.SECURITY})


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice of one person. ``event`` is the kind of fact, ``about`` what its link leads to: kind and id."""

    id: UUID
    person_id: UUID
    organisation_id: UUID | None
    event: str
    topic: Topic
    about: tuple[str, UUID] | None
    state: NoticeState
    happened_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a person wants to be told. What is not chosen is told at once, in Chinese."""

    language: Language = "zh"
    choices: Mapping[Topic, When] = field(default_factory=dict)

    def when(self, topic: Topic) -> When:
        return When.NOW if topic in ALWAYS else self.choices.get(topic, When.NOW)


class PreferenceInvalid(Invalid):
    """No such topic or moment, or security was to be switched off."""

    code: ClassVar[str] = "notices.preference_invalid"
