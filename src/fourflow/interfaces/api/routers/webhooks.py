"""Webhooks: where the organisation wants to be told of what happens, and the log of what it was told."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime

from fourflow.config import wiring
from fourflow.foundation.clients import operations, queries
from fourflow.foundation.clients.types import Delivery, DeliveryState, Endpoint, EndpointState
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.api.auth import Caller, caller
from fourflow.interfaces.api.fields import Body, Intention, Page, Part, Reasoned, Shown, Text
from fourflow.interfaces.api.ids import ClientId, EventId, PartyId, WebhookDeliveryId, WebhookId
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import by_id, one, page, read, reads, reply, writes
from fourflow.interfaces.api.writing import about, made, perform
from fourflow.platform import clock
from fourflow.platform.events.types import kinds

router = Router(tags=["clients and webhooks"])


class WebhookRequest(Body):
    """``kinds``: event kinds such as ``voucher.accepted``, or families such as ``voucher.*``; see ``/v1/event-kinds``."""

    url: Text
    kinds: list[Text]


class WebhookBody(Shown):
    """``public_key`` (``whpk_…``) verifies the ``v1a`` signature of what the endpoint is sent."""

    id: WebhookId
    organisation_id: PartyId
    client_id: ClientId | None
    url: str
    kinds: list[str]
    state: EndpointState
    reason: str
    public_key: str
    position: int


class WebhookPage(Page):
    data: list[WebhookBody]


class AttemptBody(Part):
    """``status`` null: no answer came, and ``error`` says why."""

    number: int
    sent_at: AwareDatetime
    status: int | None
    error: str
    milliseconds: int


class WebhookDeliveryBody(Shown):
    """One event on its way to one endpoint. Its id is the ``webhook-id`` of every attempt."""

    id: WebhookDeliveryId
    webhook_id: WebhookId
    event_id: EventId
    kind: str
    state: DeliveryState
    attempts: int
    due_at: AwareDatetime | None
    log: list[AttemptBody] = []


class WebhookDeliveryPage(Page):
    data: list[WebhookDeliveryBody]


class ReplayedBody(Shown):
    """How many deliveries are sent again."""

    webhook_id: WebhookId
    replayed: int


class EventKinds(Shown):
    data: list[str]


def _webhook(found: Endpoint) -> WebhookBody:
    return WebhookBody.model_validate(found, from_attributes=True)


def _delivery(found: Delivery) -> WebhookDeliveryBody:
    return WebhookDeliveryBody(
        id=found.id,
        webhook_id=found.endpoint_id,
        event_id=found.event_id,
        kind=found.kind,
        state=found.state,
        attempts=found.attempts,
        due_at=found.due_at,
        log=[AttemptBody.model_validate(attempt, from_attributes=True) for attempt in found.log],
    )


@shows("webhook")
def _show_webhook(who: Caller, endpoint_id: UUID) -> WebhookBody:
    return _webhook(queries.endpoint(actor=who.actor, endpoint_id=endpoint_id))


@shows("webhook_delivery")
def _show_delivery(who: Caller, delivery_id: UUID) -> WebhookDeliveryBody:
    return _delivery(queries.delivery(actor=who.actor, delivery_id=delivery_id))


@router.get("/event-kinds", **reads(EventKinds))
def event_kinds(request: HttpRequest) -> HttpResponse:
    """Every kind of event that the house publishes; which ones you are told of, your organisation's view decides."""
    return reply(request, EventKinds(data=sorted(kinds())))


@router.get("/webhooks", **reads(WebhookPage))
def list_webhooks(
    request: HttpRequest, cursor: str = "", limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> HttpResponse:
    """The organisation's webhook endpoints, the newest first."""
    actor = caller(request).actor
    found, following = read(
        request, lambda: by_id(cursor, limit, lambda after, n: queries.endpoints(actor=actor, after=after, limit=n))
    )
    return page(request, WebhookPage, [_webhook(row) for row in found], following)


@router.post("/webhooks", **writes(WebhookBody, 201))
def register_webhook(request: HttpRequest, body: WebhookRequest) -> HttpResponse:
    """Register an https address that is told of events from now on. Its name is resolved and looked at first."""
    who = caller(request)
    who.actor.require(Permission.WEBHOOK_EDIT)
    # the network is asked before, never inside, the transaction
    wiring.courier().require_reachable(body.url)

    def run() -> dict[str, Any]:
        registered = operations.register(
            url=body.url,
            kinds=body.kinds,
            known=kinds(),
            actor=who.actor,
            effective_at=who.now,
            client_id=who.machine.client_id if who.machine else None,
            loopback=settings.WEBHOOK_LOOPBACK,
        )
        return made(registered)

    return one(request, "webhook", about(perform(request, "webhook.register", body.plain(), run)), 201)


@router.get("/webhooks/{webhook_id}", **reads(WebhookBody))
def get_webhook(request: HttpRequest, webhook_id: WebhookId) -> HttpResponse:
    """One endpoint."""
    return one(request, "webhook", webhook_id)


@router.post("/webhooks/{webhook_id}/disable", **writes(WebhookBody))
def disable_webhook(request: HttpRequest, webhook_id: WebhookId, body: Reasoned) -> HttpResponse:
    """Send nothing any more; what happens meanwhile waits."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(operations.disable(endpoint_id=webhook_id, actor=who.actor, effective_at=who.now))

    return _changed(request, "webhook.disable", webhook_id, run)


@router.post("/webhooks/{webhook_id}/enable", **writes(WebhookBody))
def enable_webhook(request: HttpRequest, webhook_id: WebhookId, body: Reasoned) -> HttpResponse:
    """Send again, beginning with what has happened meanwhile."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(operations.enable(endpoint_id=webhook_id, actor=who.actor, effective_at=who.now))

    return _changed(request, "webhook.enable", webhook_id, run)


@router.post("/webhooks/{webhook_id}/rotate", **writes(WebhookBody))
def rotate_webhook_key(request: HttpRequest, webhook_id: WebhookId, body: Reasoned) -> HttpResponse:
    """A new signing key; for a day every message carries both signatures."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(
            operations.rotate(endpoint_id=webhook_id, actor=who.actor, effective_at=who.now, now=clock.machine())
        )

    return _changed(request, "webhook.rotate", webhook_id, run)


@router.post("/webhooks/{webhook_id}/test", **writes(WebhookDeliveryBody, 201))
def try_webhook(request: HttpRequest, webhook_id: WebhookId, body: Intention) -> HttpResponse:
    """Send the endpoint one message now (``webhook.changed``), whatever kinds it asked for; the log says what came of it."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(
            operations.try_out(endpoint_id=webhook_id, actor=who.actor, effective_at=who.now, now=clock.machine())
        )

    done = perform(request, "webhook.test", {"webhook_id": str(webhook_id)}, run)
    return one(request, "webhook_delivery", about(done), 201)


def _changed(request: HttpRequest, operation: str, webhook_id: UUID, run: Any) -> HttpResponse:
    return one(request, "webhook", about(perform(request, operation, {"webhook_id": str(webhook_id)}, run)))


@router.post("/webhooks/{webhook_id}/replay", **writes(ReplayedBody))
def replay_failed_deliveries(request: HttpRequest, webhook_id: WebhookId, body: Reasoned) -> HttpResponse:
    """Send everything again, now, that the endpoint did not take, also what waits for a further attempt."""
    who = caller(request)

    def run() -> dict[str, Any]:
        count = operations.replay_failed(endpoint_id=webhook_id, actor=who.actor, now=clock.machine())
        return {"replayed": count}

    done = perform(request, "webhook.replay_failed", {"webhook_id": str(webhook_id)}, run)
    return reply(request, ReplayedBody(webhook_id=webhook_id, replayed=done.result["replayed"]))


@router.get("/webhook-deliveries", **reads(WebhookDeliveryPage))
def list_webhook_deliveries(
    request: HttpRequest,
    webhook_id: WebhookId | None = None,
    state: DeliveryState | None = None,
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HttpResponse:
    """The log of deliveries, the newest first, without their attempts."""
    actor = caller(request).actor

    def some(after: UUID | None, n: int) -> list[Delivery]:
        return queries.deliveries(actor=actor, endpoint_id=webhook_id, state=state, after=after, limit=n)

    found, following = read(request, lambda: by_id(cursor, limit, some))
    return page(request, WebhookDeliveryPage, [_delivery(row) for row in found], following)


@router.get("/webhook-deliveries/{webhook_delivery_id}", **reads(WebhookDeliveryBody))
def get_webhook_delivery(request: HttpRequest, webhook_delivery_id: WebhookDeliveryId) -> HttpResponse:
    """One delivery with every attempt."""
    return one(request, "webhook_delivery", webhook_delivery_id)


@router.post("/webhook-deliveries/{webhook_delivery_id}/replay", **writes(WebhookDeliveryBody))
def replay_webhook_delivery(
    request: HttpRequest, webhook_delivery_id: WebhookDeliveryId, body: Reasoned
) -> HttpResponse:
    """Send one delivery again, or at once where it waits for a further attempt, under the same ``webhook-id``."""
    who = caller(request)

    def run() -> dict[str, Any]:
        return made(operations.replay(delivery_id=webhook_delivery_id, actor=who.actor, now=clock.machine()))

    done = perform(request, "webhook.replay", {"delivery_id": str(webhook_delivery_id)}, run)
    return one(request, "webhook_delivery", about(done))
