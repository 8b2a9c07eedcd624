"""Rows from terms. Only called behind an approval (or the founding): the tables refuse it otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
from django.db import IntegrityError, transaction
from django.db.models import Q

from fourflow.foundation.parties import models
from fourflow.foundation.parties.domain.search import bigrams, sort_key
from fourflow.foundation.parties.types import (
    ROLE_LICENCES,
    AccountTaken,
    ChangeKind,
    Declaration,
    EndTerms,
    IdentifierTaken,
    LicenceMissing,
    LicenceTerms,
    MandateTerms,
    MemberTerms,
    PartyNotFound,
    PartyRecordNotFound,
    PeriodInvalid,
    PeriodOverlaps,
    PersonElsewhere,
    RelationInvalid,
    RelationTerms,
    RoleKind,
    RoleTerms,
    Terms,
)
from fourflow.platform.db import visibility
from fourflow.platform.errors import FourflowError

Row = (
    models.Party
    | models.IdentifierRow
    | models.Licence
    | models.Role
    | models.Relation
    | models.Membership
    | models.Mandate
    | models.Account
)
Rows = list[Row]

_REFUSALS: dict[str, type[FourflowError]] = {
    "role_periods_apart": PeriodOverlaps,
    "membership_periods_apart": PeriodOverlaps,
    "mandate_periods_apart": PeriodOverlaps,
    "relation_periods_apart": PeriodOverlaps,
    "identifier_once": IdentifierTaken,
    "parties_account_email_key": AccountTaken,
}


@contextmanager
def refusals() -> Iterator[None]:
    """Turn the constraints that two writers can run into at once into this module's errors."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        cause = error.__cause__
        name = cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None
        if name not in _REFUSALS:
            raise
        raise _REFUSALS[name](constraint=name) from error


def admit_party(declaration: Declaration, *, approval_id: UUID | None) -> tuple[models.Party, Rows]:
    """A new party with everything it declared; founding when there is no approval."""
    with refusals():
        party = models.Party.objects.create(
            kind=declaration.kind.value,
            name=declaration.name,
            short_name=declaration.short_name.strip(),
            sort_key=sort_key(declaration.name),
            search_words=" ".join(bigrams(f"{declaration.name} {declaration.short_name}")),
            country=declaration.country,
            size_class=declaration.size_class.value,
            founding=approval_id is None,
            approval_id=approval_id,
        )
        rows: Rows = [party]
        for identifier in declaration.identifiers:
            rows.append(
                models.IdentifierRow.objects.create(party=party, scheme=identifier.scheme.value, value=identifier.value)
            )
        visibility.grant(party.id, [party.id], "self")
        declared: list[Terms] = [*declaration.licences, *declaration.roles, *declaration.members]
        for terms in declared:
            rows += admit(party.id, terms, approval_id=approval_id)
    return party, rows


def admit(party_id: UUID, terms: Terms, *, approval_id: UUID | None, alone: bool = False) -> Rows:
    """The rows that the terms make or end; the first one is the row that the terms are about.

    :param alone: the party's own people say so, and nobody of the operator: see :func:`require_own`.
    """
    with refusals():
        if isinstance(terms, LicenceTerms):
            return [_licence(party_id, terms, approval_id)]
        if isinstance(terms, RoleTerms):
            return [_role(party_id, terms, approval_id)]
        if isinstance(terms, MemberTerms):
            if alone:
                require_own(party_id, terms)
            return _member(party_id, terms, approval_id)
        if isinstance(terms, MandateTerms):
            mandate = _mandate(party_id, _member_of(terms.organisation_id or party_id, terms), terms, approval_id)
            mandate.save(force_insert=True)
            return [mandate]
        if isinstance(terms, RelationTerms):
            return [_relation(party_id, terms, approval_id)]
        return [_end(party_id, terms)]


def _licence(party_id: UUID, terms: LicenceTerms, approval_id: UUID | None) -> models.Licence:
    return models.Licence.objects.create(
        party_id=party_id,
        kind=terms.kind.value,
        number=terms.number.strip(),
        issuer=terms.issuer.strip(),
        valid_from=terms.valid_from,
        valid_to=terms.valid_to,
        approval_id=approval_id,
    )


def _role(party_id: UUID, terms: RoleTerms, approval_id: UUID | None) -> models.Role:
    licence = _licence_for(party_id, terms)
    if terms.programme_id is not None:
        _require_core(terms.programme_id, terms.valid_from)
        pairs = [(party_id, terms.programme_id, "programme"), (terms.programme_id, party_id, "programme")]
        visibility.grant_many(pairs)
    return models.Role.objects.create(
        party_id=party_id,
        kind=terms.kind.value,
        programme_id=terms.programme_id,
        licence=licence,
        licence_kind=licence.kind if licence else None,
        valid_from=terms.valid_from,
        valid_to=terms.valid_to,
        approval_id=approval_id,
    )


def _licence_for(party_id: UUID, terms: RoleTerms) -> models.Licence | None:
    kinds = ROLE_LICENCES.get(terms.kind)
    if kinds is None:
        return None
    found = models.Licence.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=terms.valid_from),
        party_id=party_id,
        kind__in=[kind.value for kind in kinds],
        valid_from__lte=terms.valid_from,
    )
    licence: models.Licence | None = found.order_by("-valid_from", "id").first()
    if licence is None:
        raise LicenceMissing(role=terms.kind.value, expected=sorted(kind.value for kind in kinds))
    return licence


def _require_core(programme_id: UUID, day: date) -> None:
    held = models.Role.objects.filter(party_id=programme_id, kind=RoleKind.CORE, valid_from__lte=day)
    if not held.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day)).exists():
        raise PartyNotFound(field="programme_id", expected="a core enterprise")


def _member(party_id: UUID, terms: MemberTerms, approval_id: UUID | None) -> Rows:
    account = models.Account.objects.filter(email=terms.email).first()
    rows: Rows = []
    if account is None:
        person_id = terms.person_id or models.Person.objects.create(name=terms.name).id
        account = models.Account(email=terms.email, person_id=person_id)
        account.set_unusable_password()
        account.save(force_insert=True)
        if terms.person_id is not None and _is_member(terms.person_id, party_id, terms):
            return [account]
        rows.append(account)
    elif terms.person_id not in (None, account.person_id):
        raise AccountTaken(email=terms.email)
    membership = models.Membership.objects.create(
        person_id=account.person_id,
        organisation_id=party_id,
        functions=sorted(function.value for function in terms.functions),
        valid_from=terms.valid_from,
        valid_to=terms.valid_to,
        approval_id=approval_id,
    )
    mandates = models.Mandate.objects.bulk_create(
        _mandate(party_id, account.person_id, mandate, approval_id) for mandate in terms.mandates
    )
    return [membership, *mandates, *rows]


def require_own(party_id: UUID, terms: MemberTerms) -> None:
    """Whom a firm makes its member alone: who is new here, or is its own already. A further sign-in opens everything that
    its person may do, so that one is only for who acts for nobody else.

    :raises PartyRecordNotFound: the person is none of the firm's.
    :raises PersonElsewhere: the address signs in somebody else's person, or the person acts for others too.
    """
    own = models.Membership.objects.filter(organisation_id=party_id)
    if terms.person_id is not None:
        if not own.filter(person_id=terms.person_id).exists():
            raise PartyRecordNotFound(field="person_id")
        if models.Membership.objects.filter(person_id=terms.person_id).exclude(organisation_id=party_id).exists():
            raise PersonElsewhere(field="person_id")
    account = models.Account.objects.filter(email=terms.email).first()
    if account is not None and not own.filter(person_id=account.person_id).exists():
        raise PersonElsewhere(field="email")


def _is_member(person_id: UUID, party_id: UUID, terms: MemberTerms) -> bool:
    """A known person gets one more sign-in: the membership with the same functions stands already."""
    functions = sorted(function.value for function in terms.functions)
    held = models.Membership.objects.filter(
        person_id=person_id, organisation_id=party_id, functions=functions, valid_from__lte=terms.valid_from
    )
    return held.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=terms.valid_from)).exists()


def _member_of(organisation_id: UUID, terms: MandateTerms) -> UUID:
    person_id = terms.person_id
    if person_id is None:
        raise PartyRecordNotFound(field="person_id")
    if not models.Membership.objects.filter(person_id=person_id, organisation_id=organisation_id).exists():
        raise PartyRecordNotFound(field="person_id")
    return person_id


def _mandate(party_id: UUID, person_id: UUID, terms: MandateTerms, approval_id: UUID | None) -> models.Mandate:
    return models.Mandate(
        person_id=person_id,
        organisation_id=terms.organisation_id or party_id,
        party_id=party_id,
        permission=terms.permission.value,
        currency=terms.currency,
        max_minor=terms.max_minor,
        valid_from=terms.valid_from,
        valid_to=terms.valid_to,
        approval_id=approval_id,
    )


def _relation(party_id: UUID, terms: RelationTerms, approval_id: UUID | None) -> models.Relation:
    if terms.other_id == party_id:
        raise RelationInvalid(field="other_id")
    if not models.Party.objects.filter(id=terms.other_id).exists():
        raise PartyNotFound(field="other_id")
    first, second = sorted((party_id, terms.other_id))
    return models.Relation.objects.create(
        first_id=first,
        second_id=second,
        kind=terms.kind.value,
        source=terms.source,
        valid_from=terms.valid_from,
        valid_to=terms.valid_to,
        approval_id=approval_id,
    )


_ENDED: dict[ChangeKind, tuple[Any, tuple[str, ...]]] = {
    ChangeKind.ROLE: (models.Role, ("party_id",)),
    ChangeKind.LICENCE: (models.Licence, ("party_id",)),
    ChangeKind.MEMBER: (models.Membership, ("organisation_id",)),
    ChangeKind.MANDATE: (models.Mandate, ("organisation_id", "party_id")),
    ChangeKind.RELATION: (models.Relation, ("first_id", "second_id")),
}


def _end(party_id: UUID, terms: EndTerms) -> Row:
    model, owners = _ENDED[terms.what]
    of_party = Q()
    for owner in owners:
        of_party |= Q(**{owner: party_id})
    row: Any = model.objects.filter(of_party).lock(terms.row_id)
    if terms.on <= row.valid_from or (row.valid_to is not None and terms.on > row.valid_to):
        raise PeriodInvalid(field="on", value=terms.on.isoformat())
    row.valid_to = terms.on
    row.save(update_fields=["valid_to"])
    ended: Row = row
    return ended
