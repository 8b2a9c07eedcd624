"""A webhook of the organisation: where it wants to be told, of what, under which key, and whether it listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext as pg
from django.views.decorators.http import require_GET, require_http_methods

from fourflow.config import wiring
from fourflow.foundation.clients import operations, queries
from fourflow.foundation.clients.types import ClientNotFound, Delivery, Endpoint, EndpointState
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web.acts import Act, Facts, conduct
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Choice
from fourflow.interfaces.web.components.records import Link
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.forms import Field, Values
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.events.types import kinds

BACK = "/webhooks"


def state_of(one: Endpoint) -> Status:
    """Whether it is told, and why not."""
    if one.state is EndpointState.ACTIVE:
        return Status(pg("state", "Active"), "ok")
    why = {"gone": pg("state", "Disabled: gone"), "failing": pg("state", "Disabled: failing")}
    return Status(why.get(one.reason, pg("state", "Disabled")), "bad" if one.reason in why else "neutral")


def crumbs(found: Endpoint | None = None) -> tuple[Link, ...]:
    back = (Link(_("Webhooks"), BACK),)
    return (*back, Link(found.url, to("webhook", found.id))) if found else back


def _find(visitor: Visitor, endpoint_id: UUID) -> Endpoint:
    with visitor.reading() as actor:
        return queries.endpoint(actor=actor, endpoint_id=endpoint_id)


def _own(visitor: Visitor, endpoint_id: UUID) -> Endpoint:
    """:raises ClientNotFound: no such endpoint of the visitor's own organisation."""
    found = _find(visitor, endpoint_id)
    if found.organisation_id != visitor.id:
        raise ClientNotFound()
    return found


def _facts(found: Endpoint) -> Facts:
    return [
        (_("Address"), found.url),
        (_("Events"), ", ".join(found.kinds)),
        (_("Public key"), found.public_key),
    ]


@require_GET
@page(Permission.PARTY_VIEW)
def webhook(request: HttpRequest, visitor: Visitor, endpoint_id: UUID) -> HttpResponse:
    """One endpoint, what it is told of, and what can be done with it."""
    found = _find(visitor, endpoint_id)
    number = text("webhook", found.id)
    actions = [Link(_("Delivery log"), f"/webhooks/log?webhook={number}")]
    if found.organisation_id == visitor.id and visitor.can(Permission.WEBHOOK_EDIT):
        is_active = found.state is EndpointState.ACTIVE
        words = {"rotate": _("New signing key"), "replay": _("Send failed ones again")}
        words |= {"disable": _("Disable"), "test": _("Send a test")} if is_active else {"enable": _("Enable")}
        actions += [Link(word, to("webhook", found.id, f"/{act}")) for act, word in words.items()]
    context = {
        "title": found.url,
        "sub": number,
        "state": state_of(found),
        "crumbs": crumbs(),
        "facts": _facts(found),
        "actions": actions,
        "primary": len(actions) > 1,
    }
    return render(request, "web/pages/record.html", context)


def _families() -> tuple[Choice, ...]:
    names = sorted({kind.partition(".")[0] for kind in kinds()})
    return tuple(Choice(f"{name}.*", f"{name}.*") for name in names)


@require_http_methods(["GET", "POST"])
@page(Permission.WEBHOOK_EDIT)
def new(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Register an https address that is told of events from now on."""

    def shown(values: Values) -> Facts:
        # the network is asked before, never inside, the transaction; every delivery looks again
        wiring.courier().require_reachable(values["url"])
        return ()

    def run(values: Values, _signature: object) -> dict[str, Any]:
        single = [kind.strip() for kind in values["more"].replace("\n", ",").split(",") if kind.strip()]
        made = operations.register(
            url=values["url"],
            kinds=[*values["kinds"], *single],
            known=kinds(),
            actor=visitor.actor,
            effective_at=visitor.now,
            loopback=settings.WEBHOOK_LOOPBACK,
        )
        return {"id": str(made.id)}

    act = Act(
        title=_("New webhook"),
        operation="webhook.register",
        run=run,
        to=lambda done: to("webhook", UUID(done["id"])),
        done=_("Registered: it is told of what happens from now on."),
        button=_("Register"),
        fields=(
            Field("url", _("Address"), help=_("https, reachable from outside."), maximum=500),
            Field("kinds", _("Events"), "several", choices=_families(), required=False),
            Field(
                "more",
                _("Single kinds of events"),
                required=False,
                help=_("By comma, such as voucher.accepted, voucher.paid."),
                maximum=2000,
            ),
        ),
        shown=shown,
        consequence=_("It is told ids and states with a link, never amounts or names."),
        crumbs=crumbs(),
    )
    return conduct(request, visitor, act)


def _change(
    request: HttpRequest, visitor: Visitor, found: Endpoint, verb: str, run: Callable[[], Any], **words: Any
) -> HttpResponse:
    """An act on one endpoint that asks for nothing but the confirmation."""

    def perform(values: Values, _signature: object) -> dict[str, Any]:
        done = run()
        return {"id": str(done.id) if isinstance(done, Delivery) else str(found.id)}

    act = Act(
        operation=f"webhook.{verb}",
        run=perform,
        to=words.pop("to", lambda done: to("webhook", found.id)),
        facts=_facts(found),
        crumbs=crumbs(found),
        state=state_of(found),
        about={"webhook": str(found.id)},
        **words,
    )
    return conduct(request, visitor, act)


@require_http_methods(["GET", "POST"])
@page(Permission.WEBHOOK_EDIT)
def rotate(request: HttpRequest, visitor: Visitor, endpoint_id: UUID) -> HttpResponse:
    """A new signing key; for a day every message carries both signatures."""
    found = _own(visitor, endpoint_id)
    return _change(
        request,
        visitor,
        found,
        "rotate",
        lambda: operations.rotate(endpoint_id=found.id, actor=visitor.actor, effective_at=visitor.now, now=visitor.at),
        title=_("New signing key"),
        done=_("It signs with another key from now on; for a day with the one before too."),
        button=_("Make a new key"),
        consequence=_("For a day every message carries both signatures, so that the receiver can change over."),
    )


@require_http_methods(["GET", "POST"])
@page(Permission.WEBHOOK_EDIT)
def disable(request: HttpRequest, visitor: Visitor, endpoint_id: UUID) -> HttpResponse:
    """Send nothing any more; what happens meanwhile waits."""
    found = _own(visitor, endpoint_id)
    return _change(
        request,
        visitor,
        found,
        "disable",
        lambda: operations.disable(endpoint_id=found.id, actor=visitor.actor, effective_at=visitor.now),
        title=_("Disable a webhook"),
        done=_("Disabled: nothing is sent; what happens meanwhile waits."),
        button=_("Disable"),
        consequence=_("What happens meanwhile is delivered when it is enabled again."),
    )


@require_http_methods(["GET", "POST"])
@page(Permission.WEBHOOK_EDIT)
def enable(request: HttpRequest, visitor: Visitor, endpoint_id: UUID) -> HttpResponse:
    """Send again, beginning with what has happened meanwhile."""
    found = _own(visitor, endpoint_id)
    return _change(
        request,
        visitor,
        found,
        "enable",
        lambda: operations.enable(endpoint_id=found.id, actor=visitor.actor, effective_at=visitor.now),
        title=_("Enable a webhook"),
        done=_("Enabled: it is told of what happened meanwhile first."),
        button=_("Enable"),
    )


@require_http_methods(["GET", "POST"])
@page(Permission.WEBHOOK_EDIT)
def test(request: HttpRequest, visitor: Visitor, endpoint_id: UUID) -> HttpResponse:
    """Send one message now; the page of the delivery shows what came of it."""
    found = _own(visitor, endpoint_id)
    return _change(
        request,
        visitor,
        found,
        "test",
        lambda: operations.try_out(endpoint_id=found.id, actor=visitor.actor, effective_at=visitor.now, now=visitor.at),
        to=lambda done: to("webhook_delivery", UUID(done["id"])),
        title=_("Send a test"),
        done=_("On its way. Reload in a moment to see the answer."),
        button=_("Send it"),
        consequence=_("A message like any other, of kind webhook.changed, signed with the present key."),
    )


@require_http_methods(["GET", "POST"])
@page(Permission.WEBHOOK_EDIT)
def replay(request: HttpRequest, visitor: Visitor, endpoint_id: UUID) -> HttpResponse:
    """Send everything again that the endpoint did not take."""
    found = _own(visitor, endpoint_id)
    return _change(
        request,
        visitor,
        found,
        "replay_failed",
        lambda: operations.replay_failed(endpoint_id=found.id, actor=visitor.actor, now=visitor.at),
        to=lambda done: f"/webhooks/log?webhook={text('webhook', found.id)}",
        title=_("Send failed ones again"),
        done=_("What failed is sent again."),
        button=_("Send again"),
        consequence=_("Under the same ids: a receiver that remembers them takes nothing twice."),
    )


@require_http_methods(["GET", "POST"])
@page(Permission.WEBHOOK_EDIT)
def replay_one(request: HttpRequest, visitor: Visitor, delivery_id: UUID) -> HttpResponse:
    """Send one delivery again under the same id."""
    with visitor.reading() as actor:
        found = queries.delivery(actor=actor, delivery_id=delivery_id)

    def run(values: Values, _signature: object) -> dict[str, Any]:
        return {"id": str(operations.replay(delivery_id=delivery_id, actor=visitor.actor, now=visitor.at).id)}

    act = Act(
        title=_("Send it again"),
        operation="webhook.replay",
        run=run,
        to=lambda done: to("webhook_delivery", delivery_id),
        done=_("On its way. Reload in a moment to see the answer."),
        button=_("Send again"),
        facts=[(_("Event"), found.kind), (_("Attempts"), found.attempts)],
        crumbs=(Link(_("Delivery log"), "/webhooks/log"),),
        about={"delivery": str(delivery_id)},
    )
    return conduct(request, visitor, act)
