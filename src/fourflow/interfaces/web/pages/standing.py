"""A firm's roles, licences and people: what the operator's people propose and a second one decides, and earlier proposals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parties import operations
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import (
    Actor,
    ChangeKind,
    ChangeView,
    EndTerms,
    Function,
    LicenceKind,
    LicenceTerms,
    LicenceView,
    MemberTerms,
    PartyView,
    Permission,
    RoleKind,
    RoleTerms,
    RoleView,
    Terms,
)
from fourflow.interfaces.web import menu, names, narrowing, texts
from fourflow.interfaces.web.acts import Act, conduct
from fourflow.interfaces.web.addresses import read as read_id
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Choice
from fourflow.interfaces.web.components.records import Link
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.components.status import status
from fourflow.interfaces.web.forms import Field, Values
from fourflow.interfaces.web.people import Visitor, page


@require_http_methods(["GET", "POST"])
@page(Permission.PARTY_ONBOARD)
def new_role(request: HttpRequest, visitor: Visitor, party_id: UUID) -> HttpResponse:
    """One more role of a firm, everywhere or in the programme of a core enterprise."""
    with visitor.reading() as actor:
        firm = parties.party(actor, party_id, today=visitor.today)
        cores, narrowed = narrowing.firms(request, actor, RoleKind.CORE, field="programme")
    fields = (
        Field("role", _("Role"), "choice", choices=_choices({k.value: w for k, w in menu.ROLES.items()})),
        Field(
            "programme",
            _("Programme of"),
            "choice",
            help=_("Empty: everywhere."),
            required=False,
            choices=_choices({text("party", one.id): one.name for one in cores if one.id != party_id}),
            known_as=("programme_id",),
        ),
        *_period(visitor.today),
    )

    def terms(values: Values) -> Terms:
        programme = read_id("party", values["programme"]) if values["programme"] else None
        return RoleTerms(RoleKind(values["role"]), values["valid_from"], values["valid_to"], programme)

    return _propose(request, visitor, firm, _("New role"), fields, terms, narrowed)


@require_http_methods(["GET", "POST"])
@page(Permission.PARTY_ONBOARD)
def new_licence(request: HttpRequest, visitor: Visitor, party_id: UUID) -> HttpResponse:
    """A licence that a firm has got, or has renewed: a new one with its own number and dates, beside the old one."""
    with visitor.reading() as actor:
        firm = parties.party(actor, party_id, today=visitor.today)
        held = parties.licences(actor, party_id=party_id)
    old = next((one for one in held if one.id.hex == request.GET.get("renews", "")), None)
    first = old.valid_to if old and old.valid_to and old.valid_to > visitor.today else visitor.today
    fields = (
        Field(
            "kind",
            _("Kind"),
            "choice",
            choices=_choices({k.value: names.LICENCES.get(k.value, k.value) for k in LicenceKind}),
            initial=(old.kind.value,) if old else (),
        ),
        Field("number", _("Number of the licence")),
        Field("issuer", _("Issued by"), initial=(old.issuer,) if old else ()),
        *_period(first),
    )

    def terms(values: Values) -> Terms:
        kind = LicenceKind(values["kind"])
        return LicenceTerms(kind, values["number"], values["issuer"], values["valid_from"], values["valid_to"])

    return _propose(request, visitor, firm, _("New licence"), fields, terms)


@require_http_methods(["GET", "POST"])
@page(Permission.PARTY_ONBOARD)
def new_member(request: HttpRequest, visitor: Visitor, party_id: UUID) -> HttpResponse:
    """A person of a firm, also one who acts for another: no firm makes such a one its own alone."""
    with visitor.reading() as actor:
        firm = parties.party(actor, party_id, today=visitor.today)
    fields = (
        Field("name", _("Name")),
        Field(
            "email", _("E-mail address"), "email", help=_("Where it signs in somebody already, that person is added.")
        ),
        Field(
            "functions",
            _("Functions"),
            "several",
            choices=_choices({f.value: names.FUNCTIONS[f.value] for f in Function}),
        ),
        *_period(visitor.today),
    )

    def terms(values: Values) -> Terms:
        functions = frozenset(Function(one) for one in values["functions"])
        return MemberTerms(values["name"], values["email"], functions, values["valid_from"], values["valid_to"])

    return _propose(request, visitor, firm, _("New person"), fields, terms)


@require_http_methods(["GET", "POST"])
@page(Permission.PARTY_ONBOARD)
def end(request: HttpRequest, visitor: Visitor, party_id: UUID) -> HttpResponse:
    """The end of a role or a licence: a revoked one ends at once, the row stays."""
    with visitor.reading() as actor:
        firm = parties.party(actor, party_id, today=visitor.today)
        what = _running(actor, party_id, visitor.today)
    fields = (
        Field("row", _("What ends"), "choice", choices=_choices(what), initial=(request.GET.get("row", ""),)),
        Field(
            "on",
            _("Ends on (first day without it)"),
            "day",
            help=_("What was done under it stays; nothing new is done from this day on."),
            initial=(visitor.today.isoformat(),),
        ),
    )

    def terms(values: Values) -> Terms:
        kind, _mark, row_id = str(values["row"]).partition(":")
        return EndTerms(ChangeKind(kind), UUID(row_id), values["on"])

    return _propose(request, visitor, firm, _("End a role or licence"), fields, terms)


def _propose(
    request: HttpRequest,
    visitor: Visitor,
    firm: PartyView,
    title: Words,
    fields: tuple[Field, ...],
    terms: Callable[[Values], Terms],
    narrowed: narrowing.Narrowing | None = None,
) -> HttpResponse:
    def run(values: Values, _signature: object) -> dict[str, Any]:
        change = operations.propose_change(
            party_id=firm.id,
            terms=terms(values),
            actor=visitor.actor,
            effective_at=visitor.now,
            decide_by=parameters.decide_by(visitor.now),
        )
        return {"id": str(change.id)}

    act = Act(
        title=title,
        operation="party.propose_change",
        run=run,
        to=lambda done: to("party", firm.id),
        done=_("Proposed. Another person decides in the inbox."),
        button=_("Propose"),
        fields=fields,
        facts=[(_("Firm"), firm.name), (_("Roles"), texts.listed(str(menu.ROLES[role]) for role in firm.roles))],
        consequence=_("It holds when a second person has agreed."),
        crumbs=(Link(_("Firms"), "/parties"), Link(firm.name, to("party", firm.id))),
        about={"party": str(firm.id)},
        narrowing=narrowed,
    )
    return conduct(request, visitor, act)


def shown(visitor: Visitor, actor: Actor, party_id: UUID) -> dict[str, Any]:
    """What the page of a firm says of its roles and licences, where each may be ended or renewed, and what was proposed."""
    roles, licences = parties.roles(actor, party_id), parties.licences(actor, party_id=party_id)
    changes = parties.changes(actor, party_id=party_id, limit=20) if actor.sees_all else []
    cores = parties.names({one.programme_id for one in roles if one.programme_id})
    may, base = visitor.can(Permission.PARTY_ONBOARD), to("party", party_id)
    rows = {one.id: _role(one, cores) for one in roles} | {one.id: _licence(one) for one in licences}
    words = (
        (_("New role"), "role"),
        (_("New licence"), "licence"),
        (_("New person"), "person"),
        (_("End a role or licence"), "end"),
    )
    return {
        "roles": [
            (menu.ROLES[one.kind], cores.get(one.programme_id, "") if one.programme_id else "", one) for one in roles
        ],
        "licences": [
            (
                names.LICENCES.get(one.kind.value, one.kind.value),
                one,
                f"{base}/licence?renews={one.id.hex}",
            )
            for one in licences
        ],
        "changes": [_change(one, rows) for one in changes],
        "actions": [Link(word, f"{base}/{tail}") for word, tail in words] if may else [],
        "may_renew": may,
    }


def _change(one: ChangeView, rows: Mapping[UUID, str]) -> dict[str, Any]:
    """A proposed change in words; of an end, which of the ``rows`` ends."""
    terms = one.terms
    kind = terms.what if isinstance(terms, EndTerms) else one.kind
    if isinstance(terms, RoleTerms):
        about = str(menu.ROLES[terms.kind])
    elif isinstance(terms, LicenceTerms):
        about = f"{names.LICENCES.get(terms.kind.value, terms.kind.value)} · {terms.number}"
    else:
        about = rows.get(terms.row_id, "") if isinstance(terms, EndTerms) else ""
    return {
        "what": _("The end of: %(what)s") % {"what": names.CHANGES[kind.value]}
        if isinstance(terms, EndTerms)
        else names.CHANGES[kind.value],
        "about": about,
        "on": terms.on if isinstance(terms, EndTerms) else terms.valid_from,
        "state": status("change", one.state.value),
        "href": f"/inbox/{text('approval', one.approval_id)}" if one.approval_id else "",
    }


def _running(actor: Actor, party_id: UUID, today: date) -> dict[str, str]:
    """What has not ended yet, by kind and row."""

    def runs(one: RoleView | LicenceView) -> bool:
        return one.valid_to is None or one.valid_to > today

    roles = [one for one in parties.roles(actor, party_id) if runs(one)]
    cores = parties.names({one.programme_id for one in roles if one.programme_id})
    found = {f"role:{one.id}": _role(one, cores) for one in roles}
    licences = filter(runs, parties.licences(actor, party_id=party_id))
    return found | {f"licence:{one.id}": _licence(one) for one in licences}


def _role(one: RoleView, cores: Mapping[UUID, str]) -> str:
    """A role, and in whose programme."""
    return " · ".join(filter(None, (str(menu.ROLES[one.kind]), cores.get(one.programme_id or UUID(int=0)))))


def _licence(one: LicenceView) -> str:
    return f"{names.LICENCES.get(one.kind.value, one.kind.value)} · {one.number}"


def _choices(words: Mapping[str, Words]) -> tuple[Choice, ...]:
    return tuple(Choice(value, word) for value, word in words.items())


def _period(first: date) -> Sequence[Field]:
    until = _("The first day without it; empty: until further notice.")
    return (
        Field("valid_from", _("Valid from"), "day", initial=(first.isoformat(),)),
        Field("valid_to", _("Valid until (excluded)"), "day", help=until, required=False),
    )
