"""Documents handed in with an application."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from fourflow.foundation.parties.types.errors import NotADocument

#: the most that a document may have, in bytes
MAX_DOCUMENT = 10 * 1024 * 1024
#: how a document of each taken type begins
DOCUMENT_TYPES = {"application/pdf": b"%PDF-", "image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class DocumentOf:
    """A document handed in with an application: its kind ("business_licence"), file name, type and SHA-256.

    ``kept``: its content is here, sealed; otherwise whoever handed it in keeps it under its digest, or its days are over.
    """

    kind: str
    file_name: str
    media_type: str
    sha256: str
    kept: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, kind: str, file_name: str, content: bytes) -> DocumentOf:
        """What a file is, by its own bytes; of its name the last part, without what is not printed.

        :raises NotADocument: it is empty, too large, or begins as none of the taken types.
        """
        media_type = next((name for name, begin in DOCUMENT_TYPES.items() if content.startswith(begin)), "")
        if not media_type or len(content) > MAX_DOCUMENT:
            raise NotADocument(field="file")
        last = file_name.replace("\\", "/").rpartition("/")[2]
        name = "".join(letter for letter in last if letter.isprintable())[-_LONGEST_NAME:]
        return cls(kind, name or "document", media_type, sha256(content).hexdigest(), kept=True)
