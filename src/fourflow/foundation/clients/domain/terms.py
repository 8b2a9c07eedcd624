"""What a client may be granted, and what no machine may ever do. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from fourflow.foundation.clients.domain.assertion import checked_keys
from fourflow.foundation.clients.types import SCOPES, ClientTerms, ClientTermsInvalid, ScopeNotGranted
from fourflow.foundation.parties.types import BINDING, Actor, Permission

MOST_REQUESTS = 6000

NEVER = (
    BINDING
    | {permission for permission in Permission if permission.endswith("check")}
    | {Permission.MEMBER_EDIT, Permission.CONSENT_GIVE, Permission.VOUCHER_FREEZE, Permission.RESTRICTION_LIFT}
)
"""A machine prepares and reads: it neither binds its organisation, nor checks a colleague's work, nor admits anybody."""


def checked_terms(terms: ClientTerms) -> ClientTerms:
    """The terms in the form in which they are kept.

    :raises ClientTermsInvalid: a field that cannot be accepted, with what is expected.
    """
    name = terms.name.strip()
    if not 1 <= len(name) <= 100 or not name.isprintable():
        raise ClientTermsInvalid(field="name", expected="1 to 100 characters")
    unknown = terms.scopes - SCOPES
    if unknown or not terms.scopes:
        raise ClientTermsInvalid(field="scopes", value=sorted(unknown), expected=sorted(SCOPES))
    if not 1 <= terms.requests_per_minute <= MOST_REQUESTS:
        raise ClientTermsInvalid(field="requests_per_minute", expected=f"1 to {MOST_REQUESTS}")
    return replace(terms, name=name, keys=checked_keys(terms.keys))


def granted(wanted: Iterable[str], held: frozenset[str]) -> frozenset[str]:
    """The scopes of a token: those asked for, or all of the client's where none is named.

    :raises ScopeNotGranted: one that the client does not have.
    """
    asked = frozenset(wanted)
    if asked - held:
        raise ScopeNotGranted(scopes=sorted(asked - held))
    return asked or held


def as_machine(person: Actor) -> Actor:
    """The person's actor as a machine has it: no mandates, and nothing of :data:`NEVER`."""
    return replace(person, permissions=person.permissions - NEVER, mandates=())


def to_json(terms: ClientTerms) -> dict[str, Any]:
    """Terms as they are proposed, approved and kept; :func:`from_json` reads them back."""
    return {
        "name": terms.name,
        "keys": list(terms.keys),
        "scopes": sorted(terms.scopes),
        "requests_per_minute": terms.requests_per_minute,
    }


def from_json(content: dict[str, Any]) -> ClientTerms:
    """Terms as :func:`to_json` wrote them."""
    return ClientTerms(
        name=content["name"],
        keys=tuple(content["keys"]),
        scopes=frozenset(content["scopes"]),
        requests_per_minute=content["requests_per_minute"],
    )
