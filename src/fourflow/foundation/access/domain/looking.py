"""What an answer shows, told from its address: the first part says of what, an identifier in it which one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from urllib.parse import urlencode
from uuid import UUID

from fourflow.foundation.access.types import UNTOLD, DataClass, Look
from fourflow.platform.errors import FourflowError
from fourflow.platform.ids import decode

_ID = re.compile(r"^[a-z]{3}_[0-9A-Za-z]{26}$")
_PARTY = "prt"
#: filters beyond this many characters are cut off: a hand-written address of any length is no reason to keep it all
LONGEST = 1000


def pattern(path: str) -> str:
    """An address without what names single objects: ``/vouchers/vch_…/answer`` is ``vouchers/*/answer``."""
    return "/".join("*" if _ID.match(part) else part for part in path.strip("/").split("/"))


def class_of(pattern: str, classes: Mapping[str, DataClass]) -> DataClass | None:
    """The class of an address: that of the longest beginning of it which ``classes`` has; None where there is none."""
    parts = pattern.split("/")
    beginnings = ("/".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((classes[beginning] for beginning in beginnings if beginning in classes), None)


def look(
    path: str,
    query: Iterable[tuple[str, str]],
    classes: Mapping[str, DataClass],
    *,
    subject_party_id: UUID | None = None,
    reader_id: UUID | None = None,
) -> Look:
    """What the answer at an address shows. Whose it is, the object in the address says, or a party in the filters of a list,
    where nobody says more.

    :param reader_id: the reader's organisation: that it stands in the filters does not make a list of others its own.
    :raises LookupError: nobody declared what this address shows.
    """
    found = class_of(pattern(path), classes)
    if found is None:
        raise LookupError(f"no class of data is declared for {path}")
    parts, asked = path.strip("/").split("/"), list(query)
    object_id = next((part for part in parts if _ID.match(part)), "")
    if subject_party_id is None:
        named = _parties([object_id]) if object_id else _parties(value for _name, value in asked)
        subject_party_id = next((one for one in named if object_id or one != reader_id), None)
    if parts[0] in UNTOLD:
        subject_party_id = None
    return Look(found, parts[0], object_id, urlencode(asked)[:LONGEST], subject_party_id)


def _parties(words: Iterable[str]) -> Iterator[UUID]:
    for word in words:
        if word.startswith(f"{_PARTY}_"):
            with suppress(FourflowError):
                yield decode(_PARTY, word)
