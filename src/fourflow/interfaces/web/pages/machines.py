"""An API client of the organisation: what it may, its keys, and its way in and out by the people who answer for it."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext as pg
from django.views.decorators.http import require_GET, require_http_methods

from fourflow.foundation.clients import operations, queries
from fourflow.foundation.clients.types import (
    SCOPES,
    Client,
    ClientNotFound,
    ClientTerms,
    ClientTermsInvalid,
    Proposal,
    ProposalState,
)
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Actor, Permission
from fourflow.interfaces.web.acts import Act, Facts, conduct
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Choice
from fourflow.interfaces.web.components.records import Link
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.forms import Field, Values
from fourflow.interfaces.web.pages import client_terms
from fourflow.interfaces.web.people import Visitor, page

BACK = "/clients"
WHOLE = 1000


def crumbs() -> tuple[Link, ...]:
    return (Link(_("API clients"), BACK),)


def state_of(client: Client | None) -> Status:
    """Whether a client gets in; one that nobody has admitted yet is proposed."""
    if client is None:
        return Status(pg("state", "Proposed"), "info", waiting=True)
    return Status(pg("state", "Active"), "ok") if client.revoked_at is None else Status(pg("state", "Revoked"), "bad")


def open_proposals(actor: Actor) -> dict[UUID, Proposal]:
    """What waits for a second person, by client."""
    found = queries.proposals(actor=actor, limit=WHOLE)
    return {one.client_id: one for one in found if one.state is ProposalState.PROPOSED}


def _find(visitor: Visitor, client_id: UUID) -> tuple[Client | None, Proposal | None]:
    """The client, or the proposal that would make it, or both.

    :raises ClientNotFound: neither, for this organisation.
    """
    with visitor.reading() as actor:
        waiting = open_proposals(actor).get(client_id)
        try:
            return queries.client(actor=actor, client_id=client_id), waiting
        except ClientNotFound:
            if waiting is None:
                raise
            return None, waiting


@require_GET
@page(Permission.PARTY_VIEW)
def client(request: HttpRequest, visitor: Visitor, client_id: UUID) -> HttpResponse:
    """One client: the terms that hold, its public keys, and what is proposed for it."""
    found, waiting = _find(visitor, client_id)
    known = found or waiting
    assert known is not None
    facts: list[tuple[Any, object]] = [
        (_("Number"), text("client", client_id)),
        (_("Firm"), parties.names([known.organisation_id]).get(known.organisation_id, "")),
        *client_terms.facts(known.terms),
    ]
    if found is not None:
        facts.insert(2, (_("Answers for it"), parties.person_names([found.person_id]).get(found.person_id, "")))
        facts.append((_("Version of the API"), found.api_version))
    if waiting is not None and waiting.approval_id is not None:
        facts.append((_("Waits for a second person"), Link(_("Open the request"), to("approval", waiting.approval_id))))
    context = {
        "title": known.terms.name,
        "state": state_of(found),
        "crumbs": crumbs(),
        "facts": facts,
        "actions": _actions(visitor, client_id, found, waiting),
        "wires": [(_("Public keys (JWKS)"), json.dumps({"keys": list(known.terms.keys)}, indent=1))],
    }
    return render(request, "web/pages/record.html", context)


def _actions(visitor: Visitor, client_id: UUID, found: Client | None, waiting: Proposal | None) -> list[Link]:
    known = found or waiting
    if known is None or known.organisation_id != visitor.id:
        return []
    edits, checks = visitor.can(Permission.MEMBER_EDIT), visitor.can(Permission.MEMBER_CHECK)
    is_active, made = found is not None and found.revoked_at is None, []
    if waiting is not None and edits:
        made.append(Link(_("Withdraw the proposal"), to("client", client_id, "/withdraw")))
    if is_active and (edits or checks):
        made.append(Link(_("Revoke"), to("client", client_id, "/revoke")))
    if is_active and waiting is None and edits:
        made.append(Link(_("Other keys or scopes"), to("client", client_id, "/change")))
    return made


def _fields(terms: ClientTerms | None) -> tuple[Field, ...]:
    keys = json.dumps({"keys": list(terms.keys)}, indent=1) if terms else ""
    return (
        Field("name", _("Name"), maximum=100, initial=(terms.name,) if terms else ()),
        Field(
            "keys",
            _("Public keys (JWKS)"),
            "area",
            help=_(
                "Ed25519, P-256, or RSA of at least 2048 bits. To rotate a key, name the old and the new one for a while."
            ),
            maximum=20_000,
            initial=(keys,) if keys else (),
            known_as=tuple(f"keys.{number}" for number in range(20)),
        ),
        Field(
            "scopes",
            _("Scopes"),
            "several",
            choices=tuple(Choice(scope, scope) for scope in sorted(SCOPES)),
            initial=tuple(sorted(terms.scopes)) if terms else (),
        ),
        Field(
            "requests_per_minute",
            _("Requests a minute"),
            "whole",
            initial=(str(terms.requests_per_minute if terms else 600),),
        ),
    )


def _keys(given: str) -> tuple[dict[str, Any], ...]:
    """A JWKS, or a single JWK, as somebody pasted it.

    :raises ClientTermsInvalid: it is none.
    """
    try:
        read = json.loads(given)
    except (ValueError, RecursionError):
        read = None
    keys = read.get("keys", [read]) if isinstance(read, dict) else read
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise ClientTermsInvalid(field="keys", expected="JWKS (RFC 7517)")
    return tuple(keys)


def _terms(values: Values) -> ClientTerms:
    return ClientTerms(
        values["name"], _keys(values["keys"]), frozenset(values["scopes"]), values["requests_per_minute"]
    )


@require_http_methods(["GET", "POST"])
@page(Permission.MEMBER_EDIT)
def new(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Propose an API client; a second person admits it."""
    return _propose(request, visitor, None)


@require_http_methods(["GET", "POST"])
@page(Permission.MEMBER_EDIT)
def change(request: HttpRequest, visitor: Visitor, client_id: UUID) -> HttpResponse:
    """Propose other keys, scopes or limits of a client."""
    found, _waiting = _find(visitor, client_id)
    if found is None or found.organisation_id != visitor.id:
        raise ClientNotFound()
    return _propose(request, visitor, found)


def _propose(request: HttpRequest, visitor: Visitor, known: Client | None) -> HttpResponse:
    def run(values: Values, _signature: object) -> dict[str, Any]:
        made = operations.propose(
            terms=_terms(values),
            actor=visitor.actor,
            effective_at=visitor.now,
            client_id=known.id if known else None,
        )
        return {"id": str(made.client_id)}

    def shown(values: Values) -> Facts:
        return list(client_terms.keys(_keys(values["keys"])).items())

    act = Act(
        title=_("Other terms of an API client") if known else _("New API client"),
        operation="client.propose",
        run=run,
        to=lambda done: to("client", UUID(done["id"])),
        done=_("Proposed. Another person decides in the inbox."),
        button=_("Propose"),
        fields=_fields(known.terms if known else None),
        shown=shown,
        consequence=_("You answer for what the client does: it acts in your name, and signs nothing."),
        crumbs=crumbs(),
        about={"client": str(known.id)} if known else {},
    )
    return conduct(request, visitor, act)


@require_http_methods(["GET", "POST"])
@page()
def revoke(request: HttpRequest, visitor: Visitor, client_id: UUID) -> HttpResponse:
    """Send a client away for good; one person is enough."""
    found, _waiting = _find(visitor, client_id)
    if found is None or found.organisation_id != visitor.id:
        raise ClientNotFound()

    def run(values: Values, _signature: object) -> dict[str, Any]:
        operations.revoke(client_id=client_id, actor=visitor.actor, effective_at=visitor.now, reason=values["reason"])
        return {"id": str(client_id)}

    act = Act(
        title=_("Revoke an API client"),
        operation="client.revoke",
        run=run,
        to=lambda done: to("client", client_id),
        done=_("Revoked: its next request is refused."),
        button=_("Revoke"),
        fields=(Field("reason", _("Reason"), "area", maximum=500),),
        facts=[(_("Name"), found.terms.name), *client_terms.facts(found.terms)],
        consequence=_("It does not come back: a new client is proposed instead."),
        blocked="" if found.revoked_at is None else _("It is revoked already."),
        crumbs=crumbs(),
        about={"client": str(client_id)},
    )
    return conduct(request, visitor, act)


@require_http_methods(["GET", "POST"])
@page(Permission.MEMBER_EDIT)
def withdraw(request: HttpRequest, visitor: Visitor, client_id: UUID) -> HttpResponse:
    """The proposer takes back what nobody has decided."""
    found, waiting = _find(visitor, client_id)

    def run(values: Values, _signature: object) -> dict[str, Any]:
        if waiting is None:
            raise ClientNotFound()
        operations.withdraw(proposal_id=waiting.id, actor=visitor.actor, effective_at=visitor.now)
        return {"id": str(client_id)}

    act = Act(
        title=_("Withdraw the proposal"),
        operation="client.withdraw",
        run=run,
        to=lambda done: BACK,
        done=_("Withdrawn."),
        button=_("Withdraw"),
        facts=client_terms.facts(waiting.terms) if waiting else (),
        blocked="" if waiting else _("This is decided."),
        crumbs=crumbs(),
        state=state_of(found),
        about={"client": str(client_id)},
    )
    return conduct(request, visitor, act)
