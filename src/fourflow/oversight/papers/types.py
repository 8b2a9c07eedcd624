"""A paper: what it says as data, before anybody has written it down in a language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

from fourflow.platform.canonical_json import digest, jsonable
from fourflow.platform.errors import Conflict

#: the folder of templates that papers are made with now; older ones stay, for a paper made with them is made again
TEMPLATES = "2026-11"


class PaperKind(StrEnum):
    """``AGREEMENT`` of a financing; ``CERTIFICATE`` of a holding with its chain; ``NOTICE`` of a transfer to the debtor."""

    AGREEMENT = "agreement"
    CERTIFICATE = "certificate"
    NOTICE = "notice"


#: what a paper's number names: the prefix of its object's identifier
NUMBERED = {PaperKind.AGREEMENT: "fin", PaperKind.CERTIFICATE: "hld", PaperKind.NOTICE: "hld"}


@dataclass(frozen=True, slots=True)
class Paper:
    """The facts of one document as the register has them on ``as_of``; both languages say the same facts.

    ``number`` is the object's identifier at the edge (``fin_…``, ``hld_…``).
    """

    kind: PaperKind
    number: str
    as_of: date
    facts: dict[str, Any]

    def content(self) -> dict[str, Any]:
        """What is attached to the document for machines, as plain JSON values."""
        head = {"paper": self.kind.value, "template": TEMPLATES, "number": self.number, "as_of": self.as_of}
        plain: dict[str, Any] = jsonable({**head, "facts": self.facts})
        return plain

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of :meth:`content`: it stands in the margin, and says which facts these were."""
        return digest(self.content()).hex()

    @property
    def file_name(self) -> str:
        return f"{self.kind.value}-{self.number}.pdf"


class PaperNotYet(Conflict):
    """What the paper would be about has not happened: the funder has not approved, or nothing was transferred."""

    code: ClassVar[str] = "paper.not_yet"
