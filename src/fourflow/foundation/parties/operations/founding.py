"""The first party of an installation."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from fourflow.foundation.parties import models
from fourflow.foundation.parties.domain import terms as domain
from fourflow.foundation.parties.events import OperatorFounded
from fourflow.foundation.parties.operations.admission import admit_party
from fourflow.foundation.parties.types import AlreadyFounded, Declaration, DeclarationInvalid, PartyView, RoleKind
from fourflow.platform.events import operations as events


@transaction.atomic
def found(*, declaration: Declaration, effective_at: datetime) -> PartyView:
    """Make the operator: the one party that nobody can approve, because nobody is there yet.

    :raises AlreadyFounded: there is a party. Every other one applies.
    :raises DeclarationInvalid: it is no operator, or has fewer than two people to check one another.
    """
    if models.Party.objects.exists():
        raise AlreadyFounded()
    declaration = domain.checked(declaration)
    people = {member.email for member in declaration.members}
    if [role.kind for role in declaration.roles] != [RoleKind.OPERATOR] or len(people) < 2:
        raise DeclarationInvalid(expected="the role of operator and two people")
    party, rows = admit_party(declaration, approval_id=None)
    event = OperatorFounded(subject_id=party.id, effective_at=effective_at, name=party.name)
    events.publish(event, rows=[row.evidenced() for row in rows])
    return party.to_type(declaration.identifiers, (RoleKind.OPERATOR,))
