"""Events on their way to endpoints. The tables say what is due; nothing is lost when the sender dies at any point.

One transaction turns the events behind an endpoint's position into deliveries and moves the position with them. A
delivery is sent first and recorded then: killed in between, it is sent again under the same ``webhook-id``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber

from fourflow.foundation.clients import models
from fourflow.foundation.clients.domain.schedule import GONE, is_delivered, next_attempt
from fourflow.foundation.clients.events import EndpointChanged
from fourflow.foundation.clients.operations.endpoints import give_up
from fourflow.foundation.clients.ports import Posted
from fourflow.foundation.clients.types import Delivery, DeliveryState, EndpointState, WebhookStateWrong
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import SYSTEM, Actor, Permission, RoleKind
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.events import operations as events
from fourflow.platform.events.operations import to_type
from fourflow.platform.events.types import RecordedEvent

EVENTS_AT_ONCE = 2000
#: deliveries of one endpoint in one sweep: a slow one does not keep the others waiting
AT_ONCE, OF_ONE = 32, 4

_TO_TELL = """
select e.id, e.kind from platform_event e
where e.position > %(after)s and e.position <= %(upto)s
  and (e.kind = any(%(kinds)s) or split_part(e.kind, '.', 1) || '.*' = any(%(kinds)s))
  and (%(all)s or exists (select 1 from platform_visibility v
                          where v.object_id = e.visible_id and v.organisation_id = %(organisation)s))
order by e.position
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """A delivery that is due, with all that sending it needs."""

    id: UUID
    url: str
    event: RecordedEvent
    secrets: tuple[str, ...]


def fan_out(*, actor: Actor, now: datetime, today: date) -> int:
    """Make deliveries of what was sequenced since; returns how many endpoints were moved on.

    An endpoint is told what its organisation may see, by the rule that its people's reads follow.

    :param now: the machine's instant. :param today: the business date, on which the organisation has its roles.
    """
    head = _head()
    behind = models.EndpointRow.objects.visible_to(actor).filter(state=EndpointState.ACTIVE, position__lt=head)
    ids = list(behind.order_by("id").values_list("id", flat=True))
    for endpoint_id in ids:
        with transaction.atomic():
            _fan_out_to(models.EndpointRow.objects.visible_to(actor).lock(endpoint_id), head, now, today)
    return len(ids)


def _fan_out_to(row: models.EndpointRow, head: int, now: datetime, today: date) -> None:
    upto = min(head, row.position + EVENTS_AT_ONCE)
    roles = parties.views([row.organisation_id], today)[row.organisation_id].roles
    about = {
        "organisation": row.organisation_id,
        "after": row.position,
        "upto": upto,
        "kinds": row.kinds,
        "all": bool({RoleKind.OPERATOR, RoleKind.REGULATOR} & set(roles)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_TO_TELL, about)
        events = cursor.fetchall()
    models.DeliveryRow.objects.bulk_create(
        (
            models.DeliveryRow(
                endpoint=row, organisation_id=row.organisation_id, event_id=event_id, kind=kind, due_at=now
            )
            for event_id, kind in events
        ),
        ignore_conflicts=True,
    )
    row.position = max(upto, row.position)
    row.save(update_fields=["position"])


def _head() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(position), -1) from platform_event")
        return int(cursor.fetchone()[0])


#: asked twice a second, mostly for nothing; the question who comes first is dearer
_ANY_DUE = prepared(
    lambda: (
        models.DeliveryRow.objects.visible_to(SYSTEM)
        .filter(state=DeliveryState.PENDING.value, due_at__lte=Given("now"))
        .values_list("id")[:1]
    )
)


def due(*, actor: Actor, now: datetime) -> list[Letter]:
    """The deliveries to send now, the longest due first, a few of each endpoint."""
    if not _ANY_DUE(now=now):
        return []
    waiting = models.DeliveryRow.objects.visible_to(actor).filter(
        state=DeliveryState.PENDING,
        due_at__lte=now,
        endpoint__state=EndpointState.ACTIVE,
        event__position__isnull=False,
    )
    place = Window(RowNumber(), partition_by=F("endpoint_id"), order_by=[F("due_at"), F("id")])
    numbered = waiting.annotate(place=place).filter(place__lte=OF_ONE).order_by("due_at", "id")
    rows = list(numbered.select_related("endpoint", "event").defer("event__entry", "event__rows")[:AT_ONCE])
    secrets = _secrets({row.endpoint_id for row in rows}, now)
    return [Letter(row.id, row.endpoint.url, to_type(row.event), secrets[row.endpoint_id]) for row in rows]


def _secrets(endpoint_ids: Collection[UUID], now: datetime) -> dict[UUID, tuple[str, ...]]:
    """The keys that sign now, the newest first."""
    keys = models.SigningKey.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), endpoint_id__in=endpoint_ids)
    found: dict[UUID, tuple[str, ...]] = {}
    for key in keys.order_by("-id"):
        found[key.endpoint_id] = (*found.get(key.endpoint_id, ()), key.seed)
    return found


@transaction.atomic
def record_attempt(
    *, delivery_id: UUID, posted: Posted, actor: Actor, sent_at: datetime, effective_at: datetime
) -> Delivery:
    """Write down what became of one attempt, and when to try again if need be.

    410 disables the endpoint; so does a schedule that is used up while nothing else got through.

    :param sent_at: the machine's instant of sending. :param effective_at: the business time of a disabling.
    """
    row = models.DeliveryRow.objects.visible_to(actor).lock(delivery_id)
    row.attempts += 1
    row.tries += 1
    models.AttemptRow.objects.create(
        delivery_id=row.id,
        organisation_id=row.organisation_id,
        number=row.attempts,
        sent_at=sent_at,
        status=posted.status,
        error=posted.error,
        milliseconds=posted.milliseconds,
    )
    again = None if posted.status == GONE else next_attempt(row.tries, sent_at, row.id)
    if is_delivered(posted.status):
        row.state, row.due_at = DeliveryState.DELIVERED.value, None
    elif again is not None:
        row.due_at = again
    else:
        row.state, row.due_at = DeliveryState.FAILED.value, None
    row.save(update_fields=["state", "due_at", "attempts", "tries"])
    if row.state == DeliveryState.FAILED:
        _perhaps_give_up(row, posted, actor, effective_at)
    delivery: Delivery = row.to_type()
    return delivery


def _perhaps_give_up(row: models.DeliveryRow, posted: Posted, actor: Actor, effective_at: datetime) -> None:
    mine = models.AttemptRow.objects.visible_to(actor)
    first = mine.filter(delivery_id=row.id, number=row.attempts - row.tries + 1).get()
    through = mine.filter(delivery__endpoint_id=row.endpoint_id, status__range=(200, 299), sent_at__gte=first.sent_at)
    endpoint = models.EndpointRow.objects.visible_to(actor).lock(row.endpoint_id)
    if endpoint.state == EndpointState.ACTIVE and (posted.status == GONE or not through.exists()):
        give_up(endpoint, "gone" if posted.status == GONE else "failing", effective_at)


@transaction.atomic
def try_out(*, endpoint_id: UUID, actor: Actor, effective_at: datetime, now: datetime) -> Delivery:
    """Tell an endpoint that it is being tried, whatever kinds it asked for: a message like any other, signed and logged.

    :raises ClientNotFound: no such endpoint of the organisation. :raises NotPermitted: the actor does not edit webhooks.
    :raises WebhookStateWrong: it is disabled.
    """
    own = models.EndpointRow.objects.visible_to(actor).filter(organisation_id=actor.organisation_id)
    endpoint = own.lock(endpoint_id)
    actor.require(Permission.WEBHOOK_EDIT)
    if endpoint.state != EndpointState.ACTIVE:
        raise WebhookStateWrong(state=endpoint.state)
    event = EndpointChanged(
        subject_id=endpoint.id,
        effective_at=effective_at,
        organisation_id=endpoint.organisation_id,
        state=endpoint.state,
        what="tried",
    )
    row = models.DeliveryRow.objects.create(
        endpoint=endpoint,
        organisation_id=endpoint.organisation_id,
        event_id=events.publish(event, rows=[endpoint.evidenced()]),
        kind=event.kind,
        due_at=now,
    )
    delivery: Delivery = row.to_type()
    return delivery


@transaction.atomic
def replay(*, delivery_id: UUID, actor: Actor, now: datetime) -> Delivery:
    """Send a delivery again, or now instead of at its next attempt, under the same id, with the whole schedule before it.

    :raises ClientNotFound: no such delivery of the organisation. :raises NotPermitted: the actor does not edit webhooks.
    :raises WebhookStateWrong: it is being sent.
    """
    own = models.DeliveryRow.objects.visible_to(actor).filter(organisation_id=actor.organisation_id)
    row = own.lock(delivery_id)
    actor.require(Permission.WEBHOOK_EDIT)
    if row.to_type().is_being_sent(now):
        raise WebhookStateWrong(state=row.state)
    row.state, row.due_at, row.tries = DeliveryState.PENDING.value, now, 0
    row.save(update_fields=["state", "due_at", "tries"])
    delivery: Delivery = row.to_type()
    return delivery


@transaction.atomic
def replay_failed(*, endpoint_id: UUID, actor: Actor, now: datetime) -> int:
    """Send everything again that an endpoint did not take, what waits for its next attempt too; returns how many.

    :raises ClientNotFound: no such endpoint of the organisation.
    :raises NotPermitted: the actor does not edit webhooks.
    """
    endpoints = models.EndpointRow.objects.visible_to(actor).filter(organisation_id=actor.organisation_id)
    endpoint = endpoints.lock(endpoint_id)
    actor.require(Permission.WEBHOOK_EDIT)
    waits = Q(state=DeliveryState.PENDING, tries__gt=0, due_at__gt=now)
    mine = models.DeliveryRow.objects.visible_to(actor).filter(endpoint_id=endpoint.id)
    count: int = mine.filter(Q(state=DeliveryState.FAILED) | waits).update(
        state=DeliveryState.PENDING.value, due_at=now, tries=0
    )
    return count
