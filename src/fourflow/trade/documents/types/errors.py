"""Refusals of the trade documents."""

from __future__ import annotations

from typing import ClassVar

from fourflow.platform.errors import Conflict, Invalid, NotFound


class FileRefused(Invalid):
    """The file as a whole cannot be read. Parameter `reason` says what is wrong, the others where.

    Reasons: empty, too_large, nul_byte, encoding, no_header, columns_missing, columns_repeated, csv_malformed,
    line_too_long, too_many_rows.
    """

    code: ClassVar[str] = "document.file_refused"


class AlreadyImported(Conflict):
    """A file with these very bytes was imported for this buyer. Parameter `import_id`."""

    code: ClassVar[str] = "document.already_imported"


class ImportStateWrong(Conflict):
    """The import is not in a state that allows this step."""

    code: ClassVar[str] = "document.import_state"


class DocumentExists(Conflict):
    """A document of this kind and number of this buyer and seller is already here, with another content."""

    code: ClassVar[str] = "document.exists"


class DocumentInvalid(Invalid):
    """A document contradicts itself or one it refers to. Parameters `field`, `value`, `expected`."""

    code: ClassVar[str] = "document.invalid"


class DocumentNotFound(NotFound):
    """No such document or import, or the actor's organisation may not see it."""

    code: ClassVar[str] = "document.not_found"
