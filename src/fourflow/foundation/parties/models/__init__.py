"""Tables of parties, people, their papers and standing. Rules beyond Django's language: migrations/0002_rules.py."""

from fourflow.foundation.parties.models.onboarding import (
    ApplicationDocument,
    ApplicationFile,
    ApplicationRow,
    ChangeRow,
)
from fourflow.foundation.parties.models.organisations import IdentifierRow, Licence, Party, Relation, Role
from fourflow.foundation.parties.models.people import Account, Mandate, Membership, Person
from fourflow.foundation.parties.models.standing import Consent, Restriction

__all__ = [
    "Account",
    "ApplicationDocument",
    "ApplicationFile",
    "ApplicationRow",
    "ChangeRow",
    "Consent",
    "IdentifierRow",
    "Licence",
    "Mandate",
    "Membership",
    "Party",
    "Person",
    "Relation",
    "Restriction",
    "Role",
]
