"""Sign-ins: a password, and the end."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from fourflow.foundation.parties import models
from fourflow.foundation.parties.events import AccountClosed
from fourflow.foundation.parties.types import AccountNotFound, AccountView, Actor, DeclarationInvalid, Permission
from fourflow.platform.events import operations as events

SHORTEST_PASSWORD = 12


@transaction.atomic
def set_password(*, account_id: UUID, password: str) -> AccountView:
    """Set a new password; the door has made sure who asks (a valid invitation, or the old password).

    :raises AccountNotFound: no such account, or it is closed.
    :raises DeclarationInvalid: shorter than 12 characters.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise DeclarationInvalid(field="password", expected=f"at least {SHORTEST_PASSWORD} characters")
    row = models.Account.objects.filter(id=account_id, is_active=True).first()
    if row is None:
        raise AccountNotFound(value=str(account_id))
    row.set_password(password)
    row.save(update_fields=["password"])
    return row.to_type()


@transaction.atomic
def close_account(*, account_id: UUID, actor: Actor, effective_at: datetime) -> AccountView:
    """Close a sign-in; its person keeps memberships and other sign-ins.

    :raises AccountNotFound: no such account among the organisation's people.
    :raises NotPermitted: the actor does not edit members.
    """
    actor.require(Permission.MEMBER_EDIT)
    row = models.Account.objects.filter(id=account_id).first()
    colleagues = models.Membership.objects.visible_to(actor).values("person_id")
    if row is None or not colleagues.filter(person_id=row.person_id).exists():
        raise AccountNotFound(value=str(account_id))
    if row.is_active:
        row.is_active = False
        row.save(update_fields=["is_active"])
        event = AccountClosed(subject_id=row.id, effective_at=effective_at, person_id=row.person_id)
        events.publish(event, rows=[row.evidenced()])
    return row.to_type()
