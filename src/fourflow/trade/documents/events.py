"""Facts about trade documents. Prices and quantities stay in the rows, which the evidence covers by digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from fourflow.platform.events.types import Event


@dataclass(frozen=True, kw_only=True)
class DocumentRecorded(Event):
    """An order, delivery, invoice or contract came in, or a known order got further lines. Subject: the document."""

    kind: ClassVar[str] = "document.recorded"
    what: str
    number: str
    buyer_id: UUID
    seller: str
    lines: int
    import_id: UUID | None = None
    extended: bool = False


@dataclass(frozen=True, kw_only=True)
class FileReceived(Event):
    """A file was handed in. Subject: the import."""

    kind: ClassVar[str] = "document.file_received"
    source: str
    file_name: str
    sha256: str
    size: int
    buyer_id: UUID
    person_id: UUID
    mode: str


@dataclass(frozen=True, kw_only=True)
class ImportProgressed(Event):
    """An import made a step; `state` done or refused ends it. Counts are the whole import's; `person_id` is whose file it is.

    Subject: the import.
    """

    kind: ClassVar[str] = "document.import_progressed"
    sha256: str
    state: str
    rows_read: int
    rows_refused: int
    orders: int
    deliveries: int
    conflicts: int
    orders_passed: int = 0
    person_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class PartyNameMapped(Event):
    """A name as written was said to mean a party. Subject: the row of the name."""

    kind: ClassVar[str] = "document.party_name_mapped"
    name: str
    buyer_id: UUID
    party_id: UUID
    person_id: UUID


@dataclass(frozen=True, kw_only=True)
class AttachmentAdded(Event):
    """A file was put to a document, known by its hash. Subject: the document."""

    kind: ClassVar[str] = "document.attachment_added"
    sha256: str
    file_name: str
    size: int
