"""Who an account is at an identity provider. Linked by its owner when signed in and confirmed, never by an e-mail address."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from fourflow.foundation.access import models, queries
from fourflow.foundation.access.events import FactorChanged
from fourflow.foundation.access.types import FactorNotFound, FactorTaken
from fourflow.platform.events import operations as events


@transaction.atomic
def link_identity(*, account_id: UUID, issuer: str, subject: str, effective_at: datetime) -> None:
    """From now on the provider's word for `subject` signs the account in.

    :raises FactorTaken: the person there is an account here already, or the account has one at this provider.
    """
    digest = queries.identity_digest(issuer, subject)
    taken = models.Identity.objects.filter(issuer=issuer, ended_at__isnull=True)
    if taken.filter(subject=digest).exists() or models.Identity.objects.lock(account_id, issuer=issuer) is not None:
        raise FactorTaken(factor="identity")
    row = models.Identity.objects.create(account_id=account_id, issuer=issuer, subject=digest)
    event = FactorChanged(subject_id=account_id, effective_at=effective_at, factor="identity", change="added")
    events.publish(event, rows=[row.evidenced()])


@transaction.atomic
def unlink_identity(*, account_id: UUID, issuer: str, at: datetime, effective_at: datetime) -> None:
    """:raises FactorNotFound: the account has none at this provider."""
    row = models.Identity.objects.lock(account_id, issuer=issuer)
    if row is None:
        raise FactorNotFound(value=issuer)
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    event = FactorChanged(subject_id=account_id, effective_at=effective_at, factor="identity", change="removed")
    events.publish(event, rows=[row.evidenced()])
