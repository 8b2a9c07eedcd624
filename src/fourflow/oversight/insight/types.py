"""What the regulator asks for, and what the operator hands out: evidence packs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, NewType
from uuid import UUID

from fourflow.foundation.approvals.types import Change
from fourflow.platform.errors import Conflict, Invalid, NotFound
from fourflow.platform.events.types import RecordedEvent

EvidenceRequestId = NewType("EvidenceRequestId", UUID)

#: what a fact is about, by its kind or the kind's family
SUBJECTS: dict[str, str] = {
    "account": "bank_account",
    "approval": "approval",
    "cash": "expectation",
    "cash.booked": "entry",
    "cash.unmatched": "entry",
    "cash.assignment_proposed": "entry",
    "cash.return_proposed": "entry",
    "cash.proposal_withdrawn": "entry",
    "cash.proposal_expired": "entry",
    "cash.return_instructed": "entry",
    "cash.return_failed": "entry",
    "cash.returned": "entry",
    "claim": "claim",
    "client": "client_proposal",
    "client.revoked": "client",
    "document.file_received": "import",
    "document.import_progressed": "import",
    "evidence": "request",
    "financing": "financing",
    "holding": "voucher",
    "instruction": "instruction",
    "limit": "limit",
    "limit.proposed": "publication",
    "limit.proposal_rejected": "publication",
    "limit.proposal_expired": "publication",
    "parameter": "parameter",
    "party": "party",
    "party.application_changed": "application",
    "party.change_proposed": "change",
    "party.change_closed": "change",
    "party.restricted": "restriction",
    "party.restriction_lifted": "restriction",
    "party.consent_given": "consent",
    "party.consent_withdrawn": "consent",
    "party.account_closed": "account",
    "payable": "payable",
    "payment": "instruction",
    "registration": "registration",
    "report": "schedule",
    "voucher": "voucher",
    "voucher.totals_corrected": "record",
    "webhook": "webhook",
}
#: what only the proof bundle of a fact shows
LEFT_OUT = frozenset({"signature", "consent"})


def subject_kind(kind: str) -> str:
    """What a fact of a kind is about; ``record`` where that has no page and no route of its own."""
    return SUBJECTS.get(kind) or SUBJECTS.get(kind.partition(".")[0], "record")


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions of an object: what its facts had said up to ``before`` (None: nothing yet) and up to ``after``.

    ``versions`` are the facts about it up to ``after`` that the reader may see, oldest first.
    """

    before: RecordedEvent | None
    after: RecordedEvent
    changes: tuple[Change, ...]
    versions: tuple[RecordedEvent, ...]


class About(StrEnum):
    """What evidence is asked about."""

    VOUCHER = "voucher"
    PARTY = "party"


@dataclass(frozen=True, slots=True)
class PackEntry:
    """One fact of a pack: ``leaf`` is the SHA-256 leaf hash in hex, ``position`` its place in the log."""

    event_id: UUID
    kind: str
    position: int
    leaf: str

    def to_body(self) -> dict[str, str | int]:
        return {"event_id": str(self.event_id), "kind": self.kind, "position": self.position, "leaf": self.leaf}


@dataclass(frozen=True, slots=True)
class EvidenceRequest:
    """A request of the regulator's for the evidence about one voucher or party.

    ``entries`` and ``sha256`` (hex, of the pack's manifest) are empty until the operator has answered. The answer is a fact
    of the log that carries this digest: its own proof bundle signs the pack.
    """

    id: EvidenceRequestId
    organisation_id: UUID
    about: About
    subject_id: UUID
    purpose: str
    authority: str
    asked_by: UUID
    asked_at: datetime
    answer_by: date
    answered_at: datetime | None = None
    note: str = ""
    entries: tuple[PackEntry, ...] = ()
    sha256: str = ""

    @property
    def is_open(self) -> bool:
        return self.answered_at is None


class RequestNotFound(NotFound):
    """No such request, or the actor neither oversees nor operates the platform."""

    code: ClassVar[str] = "insight.request_not_found"


class RequestAnswered(Conflict):
    """The request has been answered; a new one is needed."""

    code: ClassVar[str] = "insight.request_answered"


class RequestOpen(Conflict):
    """The operator has not answered yet."""

    code: ClassVar[str] = "insight.request_open"


class RequestInvalid(Invalid):
    """Purpose or authority is missing, or the date of the answer lies in the past."""

    code: ClassVar[str] = "insight.request_invalid"


class NothingNumbered(Conflict):
    """None of the facts has a place in the log yet; a second later they have."""

    code: ClassVar[str] = "insight.nothing_numbered"
