"""What an applicant declares, as a form: who it is, in which role, with which licence, and who acts for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import (
    BINDING,
    AccountTaken,
    Declaration,
    Function,
    Identifier,
    IdentifierScheme,
    LicenceKind,
    LicenceTerms,
    MandateTerms,
    MemberTerms,
    PartyKind,
    PartyView,
    RoleKind,
    RoleTerms,
    SizeClass,
)
from fourflow.interfaces.web import menu, names, texts
from fourflow.interfaces.web.acts import Facts
from fourflow.interfaces.web.addresses import read, text
from fourflow.interfaces.web.components.listing import Choice
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.forms import Field, Missing, Values
from fourflow.platform.money import EXPONENTS, Money

PEOPLE = (1, 2, 3)


def _choices(words: Mapping[str, Words]) -> tuple[Choice, ...]:
    return tuple(Choice(value, word) for value, word in words.items())


def _kinds() -> dict[str, Words]:
    return {
        PartyKind.LEGAL_ENTITY.value: _("Legal entity"),
        PartyKind.NATURAL_PERSON.value: _("Natural person"),
    }


def fields(cores: Sequence[PartyView], today: date, declared: Declaration | None = None) -> tuple[Field, ...]:
    """The questions, filled with what was declared before; ``cores`` are the programmes that a role may belong to."""
    roles = {kind.value: word for kind, word in menu.ROLES.items() if kind is not RoleKind.OPERATOR}
    schemes = {scheme.value: scheme.value.upper() for scheme in IdentifierScheme}
    licences = {kind.value: names.LICENCES.get(kind.value, kind.value.replace("_", " ")) for kind in LicenceKind}
    programmes = {text("party", one.id): one.name for one in cores}
    questions = (
        Field("kind", _("Kind"), "choice", choices=_choices(_kinds())),
        Field("name", _("Name"), help=_("As it stands in the register of companies.")),
        Field("short_name", _("Short name"), required=False, maximum=40),
        Field("country", _("Country"), help=_("Two capital letters, such as CN."), maximum=2),
        Field("scheme", _("Kind of registration number"), "choice", choices=_choices(schemes)),
        Field("identifier", _("Registration number"), known_as=("value",), maximum=64),
        Field("size", _("Size"), "choice", choices=_choices(names.SIZES)),
        Field("role", _("Role"), "choice", choices=_choices(roles), known_as=("roles",)),
        Field("programme", _("Programme of"), "choice", required=False, choices=_choices(programmes)),
        Field("valid_from", _("Valid from"), "day"),
        Field("licence_kind", _("Licence"), "choice", required=False, choices=_choices(licences)),
        Field("licence_number", _("Number of the licence"), required=False, known_as=("number",)),
        Field("licence_issuer", _("Issued by"), required=False),
        Field("currency", _("Currency of the mandates"), "choice", choices=tuple(Choice(c, c) for c in EXPONENTS)),
        *(question for number in PEOPLE for question in _person(number)),
    )
    given = _given(declared, today)
    return tuple(replace(question, initial=given.get(question.name, ())) for question in questions)


def _person(number: int) -> tuple[Field, ...]:
    prefix, needed = f"person{number}_", number == 1
    shown = {"n": number}
    functions = _choices(names.FUNCTIONS)
    return (
        Field(f"{prefix}name", _("Person %(n)s: name") % shown, required=needed),
        Field(f"{prefix}email", _("Person %(n)s: e-mail") % shown, "email", required=needed),
        Field(
            f"{prefix}functions",
            _("Person %(n)s: functions") % shown,
            "several",
            help=_("Who signs binds the firm; who makes a thing never checks it."),
            required=needed,
            choices=functions,
        ),
        Field(
            f"{prefix}ceiling",
            _("Person %(n)s: signs up to") % shown,
            "money",
            help=_("For signers; empty: any amount."),
            required=False,
            maximum=24,
        ),
    )


def _given(declared: Declaration | None, today: date) -> dict[str, tuple[str, ...]]:
    if declared is None:
        return {
            "kind": (PartyKind.LEGAL_ENTITY.value,),
            "country": ("CN",),
            "scheme": (IdentifierScheme.USCC.value,),
            "size": (SizeClass.UNKNOWN.value,),
            "valid_from": (today.isoformat(),),
            "currency": ("CNY",),
        }
    role, identifier = declared.roles[0], declared.identifiers[0]
    mandates = [mandate for member in declared.members for mandate in member.mandates]
    found: dict[str, tuple[str, ...]] = {
        "kind": (declared.kind.value,),
        "name": (declared.name,),
        "short_name": (declared.short_name,),
        "country": (declared.country,),
        "scheme": (identifier.scheme.value,),
        "identifier": (identifier.value,),
        "size": (declared.size_class.value,),
        "role": (role.kind.value,),
        "programme": (text("party", role.programme_id),) if role.programme_id else (),
        "valid_from": (role.valid_from.isoformat(),),
        "currency": (mandates[0].currency if mandates else "CNY",),
    }
    if declared.licences:
        licence = declared.licences[0]
        found |= {"licence_kind": (licence.kind.value,), "licence_number": (licence.number,)}
        found |= {"licence_issuer": (licence.issuer,)}
    for number, member in zip(PEOPLE, declared.members, strict=False):
        prefix = f"person{number}_"
        ceiling = next((m for m in member.mandates if m.max_minor is not None), None)
        found |= {f"{prefix}name": (member.name,), f"{prefix}email": (member.email,)}
        found[f"{prefix}functions"] = tuple(sorted(one.value for one in member.functions))
        if ceiling is not None and ceiling.max_minor is not None:
            found[f"{prefix}ceiling"] = (f"{Money(ceiling.max_minor, ceiling.currency).decimal}",)
    return found


def declaration(values: Values) -> Declaration:
    """The declaration that the answers make.

    :raises Missing: a person or a licence is given in part only. :raises AccountTaken: one address stands twice.
    """
    role, since = RoleKind(values["role"]), values["valid_from"]
    programme = read("party", values["programme"]) if values["programme"] else None
    members = [member for number in PEOPLE if (member := _member(values, number, role)) is not None]
    seen: set[str] = set()
    for number, member in enumerate(members, 1):
        if member.email in seen:
            raise AccountTaken(field=f"person{number}_email")
        seen.add(member.email)
    return Declaration(
        kind=PartyKind(values["kind"]),
        name=values["name"],
        short_name=values["short_name"],
        country=values["country"],
        identifiers=(Identifier(IdentifierScheme(values["scheme"]), values["identifier"]),),
        roles=(RoleTerms(role, since, programme_id=programme),),
        size_class=SizeClass(values["size"]),
        licences=_licences(values, since),
        members=tuple(members),
    )


def _licences(values: Values, since: date) -> tuple[LicenceTerms, ...]:
    if not values["licence_kind"]:
        return ()
    for name in ("licence_number", "licence_issuer"):
        if not values[name]:
            raise Missing(field=name, expected=_("fill this in"))
    return (
        LicenceTerms(LicenceKind(values["licence_kind"]), values["licence_number"], values["licence_issuer"], since),
    )


def _member(values: Values, number: int, role: RoleKind) -> MemberTerms | None:
    """A person with mandates for all that the role binds in, where the functions sign."""
    prefix = f"person{number}_"
    answers: dict[str, Any] = {name: values[prefix + name] for name in ("name", "email", "functions")}
    if not any(answers.values()):
        return None
    for name, value in answers.items():
        if not value:
            raise Missing(field=prefix + name, expected=_("fill this in"))
    functions = frozenset(Function(one) for one in answers["functions"])
    ceiling: Money | None = values[f"{prefix}ceiling"]
    most, since = ceiling.minor if ceiling else None, values["valid_from"]
    binding = sorted(BINDING & parties.allowed([role], functions)) if Function.SIGNER in functions else []
    mandates = tuple(MandateTerms(permission, values["currency"], most, since) for permission in binding)
    return MemberTerms(answers["name"], answers["email"], functions, since, mandates=mandates)


def facts(declared: Declaration, programmes: Mapping[UUID, str]) -> Facts:
    """A declaration as people read it."""
    found: list[tuple[Words, object]] = [
        (_("Kind"), _kinds()[declared.kind.value]),
        (_("Name"), declared.name),
        (_("Short name"), declared.short_name),
        (_("Country"), declared.country),
        *((one.scheme.value.upper(), one.value) for one in declared.identifiers),
        (_("Size"), names.SIZES.get(declared.size_class.value, "")),
    ]
    for role in declared.roles:
        of = programmes.get(role.programme_id, "") if role.programme_id else ""
        found.append((_("Role"), " · ".join(one for one in (str(menu.ROLES[role.kind]), of) if one)))
        found.append((_("Valid from"), role.valid_from))
    for licence in declared.licences:
        kind = names.LICENCES.get(licence.kind.value, licence.kind.value)
        found.append((_("Licence"), f"{kind} · {licence.number} · {licence.issuer}"))
    return found


def people(declared: Declaration) -> list[tuple[str, str, str, Money | None]]:
    """Name, address, functions and ceiling of everybody who is to act for the applicant."""
    found = []
    for member in declared.members:
        functions = texts.listed(sorted(str(names.FUNCTIONS[one.value]) for one in member.functions))
        most = next((m for m in member.mandates if m.max_minor is not None), None)
        ceiling = Money(most.max_minor, most.currency) if most and most.max_minor is not None else None
        found.append((member.name, member.email, functions, ceiling))
    return found
