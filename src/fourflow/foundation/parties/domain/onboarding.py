"""Which documents an application needs."""

from __future__ import annotations

from collections.abc import Iterable

from fourflow.foundation.parties.types import Declaration, PartyKind

REGISTRATION = "registration"
IDENTITY = "identity"
LICENCE = "licence"


def missing_documents(declaration: Declaration, handed_in: Iterable[str]) -> set[str]:
    """A legal entity proves its registration, a natural person the identity, a licence holder the licence."""
    needed = {REGISTRATION if declaration.kind is PartyKind.LEGAL_ENTITY else IDENTITY}
    if declaration.licences:
        needed.add(LICENCE)
    return needed - set(handed_in)
