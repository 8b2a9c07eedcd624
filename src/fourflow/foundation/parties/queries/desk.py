"""What lies at a desk: applications of parties that want in, and proposed changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TypeVar, cast
from uuid import UUID

from django.db import models as db

from fourflow.foundation.parties import models
from fourflow.foundation.parties.models.onboarding import documents_of
from fourflow.foundation.parties.types import (
    Actor,
    ApplicationState,
    ApplicationView,
    ChangeState,
    ChangeView,
    DocumentAltered,
    DocumentOf,
    PartyRecordNotFound,
    Permission,
)
from fourflow.platform.crypto.sealing import Tampered
from fourflow.platform.db.ordering import every, in_order

M = TypeVar("M", bound=db.Model)
PAGE = 200
#: what applications may be sorted by
APPLICATION_SORTS = {"applied": "id"}


def applications(
    actor: Actor,
    *,
    state: ApplicationState | None = None,
    sort: str = "",
    before: UUID | None = None,
    only: Sequence[UUID] | None = None,
    limit: int = PAGE,
) -> list[ApplicationView]:
    """Applications at the actor's desk, the latest first; `before` is the last id of the page before.

    :raises NotPermitted: the actor may not look at parties.
    :raises PageInvalid: an order or a last row that this list does not have.
    """
    actor.require(Permission.PARTY_VIEW)
    found = in_order(models.ApplicationRow.objects.visible_to(actor), sort, APPLICATION_SORTS, after=before, only=only)
    if state is not None:
        found = found.filter(state=state)
    rows = list(found[:limit])
    documents = documents_of(rows)
    return [row.to_type(documents[row.id]) for row in rows]


def idle_applications(*, before: datetime) -> Iterator[UUID]:
    """Drafts and returned applications with which nobody went on since then, the longest idle first; for the sweeper."""
    states = [ApplicationState.DRAFT.value, ApplicationState.RETURNED.value]
    found = models.ApplicationRow.objects.filter(state__in=states, idle_since__lt=before)
    return (row.id for row in every(found, "idle_since"))


def application(actor: Actor, application_id: UUID) -> ApplicationView:
    """:raises PartyRecordNotFound: no such application, or it lies at another's desk."""
    actor.require(Permission.PARTY_VIEW)
    return cast(ApplicationView, models.ApplicationRow.objects.visible_to(actor).get_visible(application_id).to_type())


def document(actor: Actor, application_id: UUID, digest: str) -> tuple[DocumentOf, bytes]:
    """A document of an application and what it says.

    :raises PartyRecordNotFound: no such application for the actor, no such document, or its content is not kept.
    :raises DocumentAltered: what is kept is not what was handed in.
    """
    actor.require(Permission.PARTY_VIEW)
    application = models.ApplicationRow.objects.visible_to(actor).get_visible(application_id)
    row = next((one for one in application.documents() if one.sha256 == digest), None)
    kept = models.ApplicationFile.objects.filter(document_id=row.id).first() if row else None
    if row is None or kept is None:
        raise PartyRecordNotFound(value=digest[:64])
    try:
        content: bytes = kept.content
    except Tampered as error:
        raise DocumentAltered(value=row.file_name) from error
    if sha256(content).hexdigest() != digest:
        raise DocumentAltered(value=row.file_name)
    return row.to_type(), content


def changes(
    actor: Actor,
    *,
    party_id: UUID | None = None,
    state: ChangeState | None = None,
    before: UUID | None = None,
    limit: int = PAGE,
) -> list[ChangeView]:
    """Changes of parties that the actor's organisation proposed (the operator: all), the latest first.

    :raises NotPermitted: the actor may not look at parties.
    """
    actor.require(Permission.PARTY_VIEW)
    found = models.ChangeRow.objects.visible_to(actor)
    if party_id is not None:
        found = found.filter(party_id=party_id)
    return [row.to_type() for row in _before(found, state, before)[:limit]]


def change(actor: Actor, change_id: UUID) -> ChangeView:
    """:raises PartyRecordNotFound: no such change, or another organisation proposed it."""
    actor.require(Permission.PARTY_VIEW)
    return cast(ChangeView, models.ChangeRow.objects.visible_to(actor).get_visible(change_id).to_type())


def _before(rows: db.QuerySet[M], state: str | None, before: UUID | None) -> db.QuerySet[M]:
    if state is not None:
        rows = rows.filter(state=state)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return rows.order_by("-id")
