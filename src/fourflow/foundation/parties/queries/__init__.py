"""Who acts, who is who, what is in force on a day. The files beside hold the reads by subject."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fourflow.foundation.parties import models
from fourflow.foundation.parties.queries.desk import (
    application,
    applications,
    change,
    changes,
    document,
    idle_applications,
)
from fourflow.foundation.parties.queries.people_and_parties import (
    account,
    account_by_email,
    actor_for,
    allowed,
    authenticate,
    by_numbers,
    has_role,
    having_role,
    holders_of,
    licences,
    mandates,
    names,
    organisations_of,
    party,
    people,
    people_who_may,
    person_names,
    registered_as,
    roles,
    search,
    views,
)
from fourflow.foundation.parties.queries.sign_ins import account_at, account_holders, accounts_of
from fourflow.foundation.parties.queries.standing import (
    barred,
    consent_in_force,
    consents,
    group_of,
    groups_of,
    is_barred,
    related,
    restrictions,
)
from fourflow.platform.events.types import Evidenced

__all__ = [
    "account",
    "account_at",
    "account_by_email",
    "account_holders",
    "accounts_of",
    "actor_for",
    "allowed",
    "application",
    "applications",
    "idle_applications",
    "authenticate",
    "barred",
    "by_numbers",
    "registered_as",
    "change",
    "changes",
    "consent_in_force",
    "consents",
    "document",
    "evidenced",
    "group_of",
    "groups_of",
    "has_role",
    "having_role",
    "holders_of",
    "is_barred",
    "licences",
    "mandates",
    "names",
    "organisations_of",
    "party",
    "people",
    "people_who_may",
    "person_names",
    "related",
    "restrictions",
    "roles",
    "search",
    "views",
]


def evidenced() -> Iterator[Evidenced]:
    """Every row of this module that the evidence covers."""
    tables: list[Any] = [
        *(models.Party, models.IdentifierRow, models.Licence, models.Role, models.Relation),
        *(models.Account, models.Membership, models.Mandate),
        *(models.Restriction, models.Consent, models.ApplicationRow, models.ApplicationDocument, models.ChangeRow),
    ]
    for table in tables:
        for row in table.objects.order_by("pk").iterator(chunk_size=2000):
            yield row.evidenced()
