"""What a confirmation is good for: the authority that the person had when confirming, and no other."""

from __future__ import annotations

from typing import Any

from fourflow.foundation.parties.types import Actor
from fourflow.platform.canonical_json import digest


def of(actor: Actor) -> bytes:
    """Digest of organisation, roles, functions, permissions, mandates and licences: any change of them ends a confirmation."""
    content: dict[str, Any] = {
        "account": str(actor.account_id),
        "organisation": str(actor.organisation_id),
        "roles": sorted(actor.roles),
        "functions": sorted(actor.functions),
        "permissions": sorted(actor.permissions),
        "mandates": [
            [str(m.party_id), m.permission, m.currency, m.max_minor, str(m.valid_from), str(m.valid_to)]
            for m in actor.mandates
        ],
        "licences": [[licence.kind, str(licence.valid_from), str(licence.valid_to)] for licence in actor.licences],
    }
    return digest(content)
