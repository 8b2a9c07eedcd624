"""The terms of an API client as two people judge them: its keys by name, algorithm and thumbprint, its scopes, its limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from fourflow.foundation.clients import queries
from fourflow.foundation.clients.types import ClientTerms
from fourflow.interfaces.web.acts import Facts
from fourflow.interfaces.web.components.records import Change


def keys(given: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Label → algorithm and thumbprint of each public key.

    :raises ClientTermsInvalid: one that could not be a client's.
    """
    return {
        _("Key %(kid)s") % {"kid": key.kid}: _("%(algorithm)s, thumbprint (SHA-256, RFC 7638) %(thumbprint)s")
        % {"algorithm": key.algorithm, "thumbprint": key.thumbprint}
        for key in queries.keys(given)
    }


def facts(terms: ClientTerms) -> Facts:
    return [
        *keys(terms.keys).items(),
        (_("Scopes"), ", ".join(sorted(terms.scopes))),
        (_("Requests a minute"), terms.requests_per_minute),
    ]


def changes(before: ClientTerms, after: ClientTerms) -> tuple[Change, ...]:
    """What differs: of keys and scopes each that came or went."""
    found = [Change(_("Name"), before.name, after.name)]
    old, new = keys(before.keys), keys(after.keys)
    found += [Change(label, old.get(label), new.get(label)) for label in dict.fromkeys([*old, *new])]
    for scope in sorted(before.scopes ^ after.scopes):
        held = scope in before.scopes
        found.append(Change(_("Scope"), scope if held else None, None if held else scope))
    found.append(Change(_("Requests a minute"), before.requests_per_minute, after.requests_per_minute))
    return tuple(one for one in found if one.before != one.after)
