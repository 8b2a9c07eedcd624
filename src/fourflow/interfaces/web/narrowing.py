"""Choices of a form of which there may be more than it offers: then it says so, and a search beside it narrows them.

What is searched for stands in the address (``find``), so it works without JavaScript; what was chosen stays a choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Actor, PartyView, RoleKind
from fourflow.interfaces.web.addresses import read
from fourflow.interfaces.web.components.shell import Words

#: how many choices a form offers
OFFERED = 200
#: what the search is called in an address
FIND = "find"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The search beside the form; ``told`` says what is left out without it."""

    told: Words
    label: Words
    find: str
    kept: tuple[tuple[str, str], ...] = ()

    @property
    def without(self) -> str:
        """The same page without the search."""
        return f"?{urlencode(self.kept)}"


def asked(request: HttpRequest) -> str:
    """What the address searches for."""
    return request.GET.get(FIND, "").strip()[:200]


def beyond(request: HttpRequest, found: int, label: Words) -> Narrowing | None:
    """The search, where one more than are offered was found, or something is searched for."""
    if found <= OFFERED and not asked(request):
        return None
    told = _("Only the first %(n)s choices are offered. Search for what is missing.") % {"n": OFFERED}
    kept = tuple((name, value) for name in request.GET if (value := request.GET.get(name, "")) and name != FIND)
    return Narrowing(told if found > OFFERED else "", label, asked(request), kept)


def firms(
    request: HttpRequest,
    actor: Actor,
    role: RoleKind | None = None,
    *,
    field: str = "",
    programme_id: UUID | None = None,
    also: Iterable[UUID] = (),
) -> tuple[list[PartyView], Narrowing | None]:
    """The firms (in a role) that a form offers, with the one that was chosen in ``field``, and ``also`` these.

    Inside ``visitor.reading()``.
    """
    given = {"role": role, "programme_id": programme_id}
    found: Sequence[PartyView] = parties.search(actor, asked(request), limit=OFFERED + 1, **given)  # type: ignore[arg-type]
    offered = list(found[:OFFERED])
    chosen = read("party", request.POST.get(field, ""))
    left_out = {*also, *((chosen,) if chosen else ())} - {one.id for one in offered}
    if left_out:
        offered += parties.search(actor, only=left_out, **given)  # type: ignore[arg-type]
    return offered, beyond(request, len(found), _("Name or registered number"))
