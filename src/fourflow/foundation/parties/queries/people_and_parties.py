"""Who acts, who is who, what is in force on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db import models as db
from django.db.models import Q
from django.db.models.functions import JSONObject

from fourflow.foundation.parties import models
from fourflow.foundation.parties.domain.matrix import permissions_of
from fourflow.foundation.parties.domain.search import bigrams
from fourflow.foundation.parties.types import (
    OVERSEERS,
    AccountNotFound,
    AccountView,
    Actor,
    Function,
    Identifier,
    LicenceKind,
    LicenceTerm,
    LicenceView,
    MandateTerm,
    MandateView,
    PartyState,
    PartyView,
    Permission,
    PersonView,
    RoleKind,
    RoleView,
)
from fourflow.platform.db.ordering import in_order
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.ids import encode

M = TypeVar("M", bound=db.Model)
PAGE = 200


def _in_force(rows: db.QuerySet[M], on: date | Given) -> db.QuerySet[M]:
    return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), valid_from__lte=on)


def _gathered(rows: db.QuerySet[M], **named: str) -> ArraySubquery:
    """The rows as a list of dictionaries in a column of the row that they belong to: one statement instead of one more."""
    return ArraySubquery(rows.order_by("id").values(row=JSONObject(**named)))


_PERIOD = {"valid_from": "valid_from", "valid_to": "valid_to"}


def _with_authority() -> db.QuerySet[models.Membership]:
    account = models.Account.objects.filter(id=Given("account"), is_active=True)
    organisation = Given("organisation")
    mandates = models.Mandate.objects.filter(person_id=db.OuterRef("person_id"), organisation_id=organisation)
    bound = {"party": "party_id", "permission": "permission", "currency": "currency", "max_minor": "max_minor"}
    found = models.Membership.objects.filter(
        person_id__in=account.values("person_id"),
        organisation_id=organisation,
        organisation__state=PartyState.ACTIVE,
    ).annotate(
        kinds=_gathered(
            _in_force(models.Role.objects.filter(party_id=organisation), Given("on")), kind="kind", id="id"
        ),
        mandates=_gathered(mandates, **bound, **_PERIOD),
        licences=_gathered(models.Licence.objects.filter(party_id=organisation), kind="kind", **_PERIOD),
    )
    return _in_force(found, Given("on"))


# asked by every request and every operation
_membership = prepared(_with_authority)
_members = prepared(
    lambda: _in_force(
        models.Membership.objects.filter(organisation_id__any=Given("organisations")), Given("on")
    ).order_by("person_id")
)
_parties = prepared(lambda: models.Party.objects.filter(id__any=Given("ids")))
_identifiers = prepared(
    lambda: models.IdentifierRow.objects.filter(party_id__any=Given("parties")).order_by("scheme", "value")
)
_roles = prepared(lambda: _in_force(models.Role.objects.filter(party_id__any=Given("parties")), Given("on")))


def _period(row: dict[str, Any]) -> tuple[date, date | None]:
    return date.fromisoformat(row["valid_from"]), date.fromisoformat(row["valid_to"]) if row["valid_to"] else None


def _mandate(row: dict[str, Any]) -> MandateTerm:
    return MandateTerm(
        UUID(row["party"]), Permission(row["permission"]), row["currency"], row["max_minor"], *_period(row)
    )


def actor_for(account_id: UUID, organisation_id: UUID, today: date, *, session_id: str = "") -> Actor:
    """The person behind an account, acting for one organisation on a business day.

    :raises AccountNotFound: the account is closed, or its person is no member of the (active) organisation today.
    """
    member = _membership.first(account=account_id, organisation=organisation_id, on=today)
    if member is None:
        raise AccountNotFound(value=str(account_id))
    gathered = vars(member)
    kinds = frozenset(RoleKind(row["kind"]) for row in gathered["kinds"])
    functions = frozenset(Function(function) for function in member.functions)
    offices = [encode("rec", UUID(row["id"])) for row in gathered["kinds"] if row["kind"] in OVERSEERS]
    return Actor(
        person_id=member.person_id,
        organisation_id=organisation_id,
        on=today,
        functions=functions,
        roles=kinds,
        permissions=permissions_of(kinds, functions),
        mandates=tuple(_mandate(row) for row in gathered["mandates"]),
        licences=tuple(LicenceTerm(LicenceKind(row["kind"]), *_period(row)) for row in gathered["licences"]),
        account_id=account_id,
        session_id=session_id,
        office=next(iter(offices), ""),
    )


def allowed(roles: Iterable[RoleKind], functions: Iterable[Function]) -> frozenset[Permission]:
    """What people with these functions may do in an organisation with these roles: the matrix, for showing it."""
    return permissions_of(roles, functions)


def authenticate(email: str, password: str) -> AccountView | None:
    """The open account with this address and password, or None; an unknown address costs the same time."""
    account = models.Account.objects.filter(email=email.strip().lower(), is_active=True).first()
    if account is None:
        make_password(password)
        return None
    return account.to_type() if check_password(password, account.password) else None


def account(account_id: UUID) -> AccountView:
    """:raises AccountNotFound: it does not exist, or is closed."""
    row = models.Account.objects.filter(id=account_id, is_active=True).first()
    if row is None:
        raise AccountNotFound(value=str(account_id))
    return row.to_type()


def account_by_email(email: str) -> AccountView:
    """:raises AccountNotFound: no open account has this address."""
    account = models.Account.objects.filter(email=email.strip().lower(), is_active=True).first()
    if account is None:
        raise AccountNotFound()
    return account.to_type()


def organisations_of(account_id: UUID, today: date) -> list[PartyView]:
    """The active organisations for which the account's person may act today, by name."""
    person = models.Account.objects.filter(id=account_id, is_active=True).values("person_id")
    members = _in_force(models.Membership.objects.filter(person_id__in=person), today)
    found = models.Party.objects.filter(id__in=members.values("organisation_id"), state=PartyState.ACTIVE)
    return _views(list(found.order_by("sort_key", "id")), today)


def party(actor: Actor, party_id: UUID, *, today: date | None = None) -> PartyView:
    """:raises PartyNotFound: no such party, or the actor's organisation has nothing to do with it."""
    row = models.Party.objects.visible_to(actor).get_visible(party_id)
    return _views([row], today or actor.on)[0]


def search(
    actor: Actor,
    text: str = "",
    *,
    role: RoleKind | None = None,
    programme_id: UUID | None = None,
    sort: str = "name",
    after: UUID | None = None,
    only: Iterable[UUID] | None = None,
    limit: int = PAGE,
) -> list[PartyView]:
    """Parties that the actor may see whose name has every pair of characters of `text`, by name; about 200 at most.

    An identifier typed in whole finds its party too. `role` narrows to who holds it, everywhere or (given) in a programme.

    :raises PageInvalid: an order or a last row that this list does not have.
    """
    wanted = None if only is None else list(only)
    found = in_order(models.Party.objects.visible_to(actor), sort, {"name": "sort_key"}, after=after, only=wanted)
    if role is not None:
        held = _in_force(models.Role.objects.visible_to(actor).filter(kind=role), actor.on)
        if programme_id is not None:
            held = held.filter(Q(programme_id=None) | Q(programme_id=programme_id))
        found = found.filter(id__in=held.values("party_id"))
    words = bigrams(text)
    if words:
        plain = text.strip().upper().replace(" ", "")
        named = models.IdentifierRow.objects.visible_to(actor).filter(value=plain).values("party_id")
        matching = Q()
        for word in words:
            matching &= Q(search_words__contains=word)
        found = found.filter(matching | Q(id__in=named))
    return _views(list(found[: min(limit, PAGE + 1)]), actor.on)


def registered_as(number: str, today: date) -> PartyView | None:
    """The party with exactly this registered number, of whatever scheme: the counterparty check of somebody who knows it."""
    plain = "".join(number.split()).upper()
    row = models.Party.objects.filter(
        id__in=models.IdentifierRow.objects.filter(value=plain).values("party_id")
    ).first()
    return None if row is None else _views([row], today)[0]


def by_numbers(numbers: Iterable[str], role: RoleKind, on: date) -> dict[str, UUID]:
    """Parties in a role by exactly these registered numbers, of whatever scheme: see :func:`registered_as`."""
    held = _in_force(models.Role.objects.filter(kind=role), on).values("party_id")
    plain = {number.upper().replace(" ", ""): number for number in numbers}
    found = models.IdentifierRow.objects.filter(value__in=plain, party_id__in=held).values_list("value", "party_id")
    return {plain[value]: party_id for value, party_id in found}


def names(party_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names by id, for objects that the caller's actor may see; works under the reader role too."""
    with connection.cursor() as cursor:
        cursor.execute("select id, name from parties_names(%s)", [list(set(party_ids))])
        return dict(cursor.fetchall())


def views(party_ids: Iterable[UUID], today: date) -> dict[UUID, PartyView]:
    """Parties by id, without asking who looks: for other modules' operations (size class, roles, kind)."""
    return {view.id: view for view in _views(_parties(ids=list(party_ids)), today)}


def has_role(party_id: UUID, kind: RoleKind, on: date, *, programme_id: UUID | None = None) -> bool:
    """Whether the party holds the role on a day, everywhere or (given) in this programme."""
    return party_id in having_role([party_id], kind, on, programme_id=programme_id)


def having_role(party_ids: Iterable[UUID], kind: RoleKind, on: date, *, programme_id: UUID | None = None) -> set[UUID]:
    """See :func:`has_role`, of several parties at once; only those that hold it."""
    return {
        role.party_id
        for role in _roles(parties=list(party_ids), on=on)
        if role.kind == kind and (programme_id is None or role.programme_id in (None, programme_id))
    }


def holders_of(kind: RoleKind, on: date) -> list[UUID]:
    """Parties with a role on a day, by id. The operator is `holders_of(RoleKind.OPERATOR, on)[0]`."""
    return sorted(set(_in_force(models.Role.objects.filter(kind=kind), on).values_list("party_id", flat=True)))


def people_who_may(asked: Iterable[tuple[UUID, Permission]], on: date) -> dict[tuple[UUID, Permission], list[UUID]]:
    """Who of an organisation has a permission on a day by function, of several at once: ids of people, in order."""
    pairs = set(asked)
    organisations = list({organisation for organisation, _ in pairs})
    kinds: dict[UUID, set[RoleKind]] = {}
    for role in _roles(parties=organisations, on=on):
        kinds.setdefault(role.party_id, set()).add(RoleKind(role.kind))
    found: dict[tuple[UUID, Permission], list[UUID]] = {pair: [] for pair in pairs}
    for member in _members(organisations=organisations, on=on):
        held = permissions_of(kinds.get(member.organisation_id, set()), map(Function, member.functions))
        for permission in held:
            if (member.organisation_id, permission) in found:
                found[member.organisation_id, permission].append(member.person_id)
    return found


def roles(actor: Actor, party_id: UUID) -> list[RoleView]:
    """All roles of a party, past and future too, by beginning."""
    found = models.Role.objects.visible_to(actor).filter(party_id=party_id).order_by("valid_from", "id")
    return [row.to_type() for row in found]


def licences(actor: Actor, *, party_id: UUID | None = None, ending_before: date | None = None) -> list[LicenceView]:
    """Licences that the actor may see, the soonest to end first; `ending_before` finds what must be renewed."""
    found = models.Licence.objects.visible_to(actor)
    if party_id is not None:
        found = found.filter(party_id=party_id)
    if ending_before is not None:
        found = found.filter(valid_to__lt=ending_before)
    return [row.to_type() for row in found.order_by(db.F("valid_to").asc(nulls_last=True), "id")[:PAGE]]


def people(actor: Actor, organisation_id: UUID | None = None) -> list[PersonView]:
    """Members in force today of the actor's organisation (or, for the operator, of another one), by name."""
    found = models.Membership.objects.visible_to(actor).filter(organisation_id=organisation_id or actor.organisation_id)
    rows = _in_force(found, actor.on).select_related("person").order_by("id")
    members = [
        PersonView(
            id=row.person_id,
            name=row.person.name,
            organisation_id=row.organisation_id,
            functions=frozenset(Function(function) for function in row.functions),
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            membership_id=row.id,
        )
        for row in rows
    ]
    return sorted(members, key=lambda one: one.name)  # sealed: the database cannot


def mandates(actor: Actor, organisation_id: UUID | None = None) -> list[MandateView]:
    """Mandates in force today of the people of the actor's organisation (or, for the operator, of another one)."""
    own = models.Mandate.objects.visible_to(actor).filter(organisation_id=organisation_id or actor.organisation_id)
    return [row.to_type() for row in _in_force(own, actor.on).order_by("permission", "currency", "id")]


def person_names(person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of people by id: of whoever signed or decided what the caller's actor may see."""
    return {row.id: row.name for row in models.Person.objects.filter(id__in=list(person_ids))}


def _views(rows: list[models.Party], today: date) -> list[PartyView]:
    """Identifiers and roles of many parties in two queries."""
    ids = [row.id for row in rows]
    identifiers: dict[UUID, list[Identifier]] = {}
    for row in _identifiers(parties=ids):
        identifiers.setdefault(row.party_id, []).append(row.to_type())
    kinds: dict[UUID, set[RoleKind]] = {}
    for role in _roles(parties=ids, on=today):
        kinds.setdefault(role.party_id, set()).add(RoleKind(role.kind))
    return [row.to_type(tuple(identifiers.get(row.id, ())), tuple(sorted(kinds.get(row.id, ())))) for row in rows]
