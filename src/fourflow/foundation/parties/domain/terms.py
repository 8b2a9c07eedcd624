"""Terms and declarations to JSON and back, checked and normalised on the way in."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from fourflow.foundation.parties.domain.identifiers import normalise
from fourflow.foundation.parties.types import (
    BINDING,
    ChangeKind,
    Declaration,
    DeclarationInvalid,
    EndTerms,
    Function,
    IdentifierScheme,
    LicenceKind,
    LicenceTerms,
    MandateTerms,
    MemberTerms,
    PartyKind,
    PeriodInvalid,
    Permission,
    RelationKind,
    RelationTerms,
    RoleKind,
    RoleTerms,
    SizeClass,
    Terms,
)
from fourflow.platform.canonical_json import digest, jsonable

Json = Mapping[str, Any]

_KINDS: dict[type, ChangeKind] = {
    RoleTerms: ChangeKind.ROLE,
    LicenceTerms: ChangeKind.LICENCE,
    MemberTerms: ChangeKind.MEMBER,
    MandateTerms: ChangeKind.MANDATE,
    RelationTerms: ChangeKind.RELATION,
    EndTerms: ChangeKind.END,
}


def kind_of(terms: Terms) -> ChangeKind:
    """The kind of change that puts these terms into force."""
    return _KINDS[type(terms)]


def to_json(value: Any) -> Any:
    """Terms or a declaration as plain JSON."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, (tuple, list)):
        return [to_json(item) for item in value]
    return jsonable(value)


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _id(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)


def _period(j: Json) -> dict[str, Any]:
    return {"valid_from": date.fromisoformat(j["valid_from"]), "valid_to": _day(j["valid_to"])}


def _licence(j: Json) -> LicenceTerms:
    return LicenceTerms(LicenceKind(j["kind"]), j["number"], j["issuer"], **_period(j))


def _role(j: Json) -> RoleTerms:
    return RoleTerms(RoleKind(j["kind"]), programme_id=_id(j["programme_id"]), **_period(j))


def _mandate(j: Json) -> MandateTerms:
    return MandateTerms(
        Permission(j["permission"]),
        j["currency"],
        None if j["max_minor"] is None else int(j["max_minor"]),
        organisation_id=_id(j["organisation_id"]),
        person_id=_id(j["person_id"]),
        **_period(j),
    )


def _member(j: Json) -> MemberTerms:
    functions = frozenset(Function(f) for f in j["functions"])
    mandates = tuple(_mandate(m) for m in j["mandates"])
    return MemberTerms(j["name"], j["email"], functions, mandates=mandates, person_id=_id(j["person_id"]), **_period(j))


def _relation(j: Json) -> RelationTerms:
    return RelationTerms(UUID(j["other_id"]), RelationKind(j["kind"]), j["source"], **_period(j))


def _end(j: Json) -> EndTerms:
    return EndTerms(ChangeKind(j["what"]), UUID(j["row_id"]), date.fromisoformat(j["on"]))


def terms_from_json(kind: ChangeKind, j: Json) -> Terms:
    """The inverse of :func:`to_json` for terms of a kind."""
    readers = {
        ChangeKind.ROLE: _role,
        ChangeKind.LICENCE: _licence,
        ChangeKind.MEMBER: _member,
        ChangeKind.MANDATE: _mandate,
        ChangeKind.RELATION: _relation,
        ChangeKind.END: _end,
    }
    read: Any = readers[kind]
    result: Terms = read(j)
    return result


def declaration_from_json(j: Json) -> Declaration:
    """The inverse of :func:`to_json` for a declaration."""
    return Declaration(
        kind=PartyKind(j["kind"]),
        name=j["name"],
        country=j["country"],
        identifiers=tuple(normalise(IdentifierScheme(i["scheme"]), i["value"]) for i in j["identifiers"]),
        roles=tuple(_role(r) for r in j["roles"]),
        short_name=j["short_name"],
        size_class=SizeClass(j["size_class"]),
        licences=tuple(_licence(x) for x in j["licences"]),
        members=tuple(_member(m) for m in j["members"]),
    )


def checked(declaration: Declaration) -> Declaration:
    """The declaration with normal identifiers and addresses.

    :raises IdentifierInvalid: see :func:`~fourflow.foundation.parties.domain.identifiers.normalise`.
    :raises DeclarationInvalid: no name, identifier or role; no country code; bad terms.
    :raises PeriodInvalid: a period ends before it begins.
    """
    if not declaration.name.strip() or not declaration.identifiers or not declaration.roles:
        raise DeclarationInvalid(expected="a name, an identifier and a role")
    if len(declaration.country) != 2 or not (declaration.country.isascii() and declaration.country.isupper()):
        raise DeclarationInvalid(field="country", value=declaration.country[:20], expected="ISO 3166 alpha-2")
    declared: list[Terms] = [*declaration.roles, *declaration.licences]
    for item in declared:
        checked_terms(item)
    return dataclasses.replace(
        declaration,
        name=declaration.name.strip(),
        identifiers=tuple(normalise(i.scheme, i.value) for i in declaration.identifiers),
        members=tuple(_checked_member(m) for m in declaration.members),
    )


def checked_terms(terms: Terms) -> Terms:
    """:raises DeclarationInvalid: empty or unfitting parts; :raises PeriodInvalid: see :func:`checked`."""
    if isinstance(terms, EndTerms):
        if terms.what is ChangeKind.END:
            raise DeclarationInvalid(field="what", expected="a kind of row")
        return terms
    if terms.valid_to is not None and terms.valid_to <= terms.valid_from:
        raise PeriodInvalid(field="valid_to", value=terms.valid_to.isoformat())
    if isinstance(terms, MandateTerms):
        _check_mandate(terms)
    if isinstance(terms, MemberTerms):
        return _checked_member(terms)
    if isinstance(terms, LicenceTerms) and not (terms.number.strip() and terms.issuer.strip()):
        raise DeclarationInvalid(field="number", expected="number and issuer")
    return terms


def _check_mandate(terms: MandateTerms) -> None:
    if terms.permission not in BINDING:
        raise DeclarationInvalid(field="permission", value=terms.permission.value, expected="a binding permission")
    if terms.max_minor is not None and terms.max_minor <= 0:
        raise DeclarationInvalid(field="max_minor", value=terms.max_minor, expected="more than nothing")


def _checked_member(member: MemberTerms) -> MemberTerms:
    email = member.email.strip().lower()
    local, at, domain = email.partition("@")
    if not (local and at and domain) or any(c.isspace() for c in email) or "@" in domain:
        raise DeclarationInvalid(field="email", expected="an address")
    if not member.name.strip() or not member.functions:
        raise DeclarationInvalid(field="members", expected="a name and a function")
    if member.valid_to is not None and member.valid_to <= member.valid_from:
        raise PeriodInvalid(field="valid_to", value=member.valid_to.isoformat())
    for mandate in member.mandates:
        checked_terms(mandate)
        if mandate.organisation_id is not None:
            raise DeclarationInvalid(field="organisation_id", expected="a member signs for the own organisation")
    return dataclasses.replace(member, email=email, name=member.name.strip())


def for_approval(value: Terms | Declaration) -> dict[str, Any]:
    """What a checker approves: everything but names and addresses of people, and a digest over those too."""
    shown: dict[str, Any] = to_json(value)
    whole = digest(shown).hex()
    for member in [shown, *shown.get("members", ())]:
        if "email" in member:
            del member["email"], member["name"]
    return {**shown, "digest": whole}
