"""Whose sign-ins there are, without what opens them: for who administers people and who searches what they did."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from fourflow.foundation.parties import models
from fourflow.foundation.parties.queries.people_and_parties import person_names
from fourflow.foundation.parties.types import AccountView


def accounts_of(person_ids: Iterable[UUID]) -> dict[UUID, list[AccountView]]:
    """The sign-ins of people, by person."""
    found: dict[UUID, list[AccountView]] = {}
    open_to_readers = models.Account.objects.only("id", "person_id", "email", "is_active")
    for row in open_to_readers.filter(person_id__in=list(person_ids)).order_by("email"):
        found.setdefault(row.person_id, []).append(row.to_type())
    return found


def account_holders(account_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of the people behind sign-ins, by account, as far as the reader may see them."""
    persons = dict(models.Account.objects.filter(id__in=list(account_ids)).values_list("id", "person_id"))
    called = person_names(persons.values()) if persons else {}
    return {account_id: called.get(person_id, "") for account_id, person_id in persons.items()}


def account_at(email: str) -> UUID | None:
    """The sign-in with an address, open or closed, as far as the reader may see it."""
    return models.Account.objects.filter(email=email.strip().lower()).values_list("id", flat=True).first()
