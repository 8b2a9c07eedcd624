"""What is handed in with an application, and how long its content is kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from fourflow.foundation.parties import models
from fourflow.foundation.parties.operations.onboarding import OPEN, must_be, publish
from fourflow.foundation.parties.types import (
    SYSTEM,
    Actor,
    ApplicationState,
    ApplicationStateWrong,
    ApplicationView,
    DeclarationInvalid,
    DocumentKnown,
    DocumentOf,
    Permission,
)


@transaction.atomic
def add_document(
    *,
    application_id: UUID,
    document: DocumentOf,
    actor: Actor,
    effective_at: datetime,
    content: bytes | None = None,
) -> ApplicationView:
    """Record a document handed in. Its `content` is kept, sealed; without one it is kept elsewhere, under its digest.

    :raises PartyRecordNotFound: no such application at this operator.
    :raises DeclarationInvalid: the digest is not 64 hexadecimal digits, or the content is another than the document says.
    :raises DocumentKnown: the same file was handed in before, whatever its kind.
    :raises NotADocument: the content is empty, too large, or of no type that is taken.
    """
    row: models.ApplicationRow = models.ApplicationRow.objects.visible_to(actor).lock(application_id)
    actor.require(Permission.PARTY_ONBOARD, party=row.organisation_id)
    must_be(row, *OPEN)
    if len(document.sha256) != 64 or set(document.sha256) - set("0123456789abcdef"):
        raise DeclarationInvalid(field="sha256", value=document.sha256[:64], expected="64 hex digits")
    known = models.ApplicationDocument.objects.filter(application=row, sha256=document.sha256).first()
    if known is not None:
        raise DocumentKnown(field="file", value=document.file_name, expected=f"another file than {known.file_name}")
    if content is not None and DocumentOf.of(document.kind, document.file_name, content) != document:
        raise DeclarationInvalid(field="file", value=document.file_name, expected=document.sha256)
    made = models.ApplicationDocument.objects.create(
        application=row,
        kind=document.kind,
        file_name=document.file_name,
        media_type=document.media_type,
        sha256=document.sha256,
    )
    if content is not None:
        models.ApplicationFile.objects.create(document=made, content=content)
    row.idle_since = effective_at
    row.save(update_fields=["idle_since"])
    publish(row, effective_at)
    return row.to_type()


def forget_documents(*, refused_before: datetime) -> int:
    """Remove what the documents of applications say that were rejected before then; returns how many.

    What they were stays: kind, name, type and digest. Called by the sweeper.
    """
    refused = models.ApplicationDocument.objects.filter(
        application__state=ApplicationState.REJECTED.value, application__approval__closed_at__lt=refused_before
    )
    return _forget(models.ApplicationFile.objects.filter(document__in=refused))


@transaction.atomic
def abandon_application(*, application_id: UUID, idle_before: datetime, effective_at: datetime) -> ApplicationView:
    """Nobody went on with a draft or a returned application since then (the sweeper): it ends, and what its documents say goes.

    What they were stays: kind, name, type and digest. Who still wants in applies again.

    :raises ApplicationStateWrong: somebody went on with it meanwhile.
    """
    row: models.ApplicationRow = models.ApplicationRow.objects.visible_to(SYSTEM).lock(application_id)
    must_be(row, *OPEN)
    if row.idle_since >= idle_before:
        raise ApplicationStateWrong(state=row.state, value=row.idle_since.isoformat())
    row.state = ApplicationState.EXPIRED.value
    row.save(update_fields=["state"])
    _forget(models.ApplicationFile.objects.filter(document__application=row))
    publish(row, effective_at)
    return row.to_type()


def _forget(over: QuerySet[models.ApplicationFile]) -> int:
    deleted, _by_table = over.delete()
    return deleted
