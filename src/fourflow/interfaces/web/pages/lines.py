"""A bank's acts on its credit lines: announce, change, end (two people each), freeze in one step, open again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fourflow.capital.limits import operations, queries
from fourflow.capital.limits.types import Announcement, Limit, LimitId, LimitNotFound
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission, RoleKind
from fourflow.interfaces.web import narrowing
from fourflow.interfaces.web.acts import Act, Facts, conduct
from fourflow.interfaces.web.addresses import read, text, to
from fourflow.interfaces.web.components.listing import Choice
from fourflow.interfaces.web.components.records import Link
from fourflow.interfaces.web.forms import Field, Missing, NotAChoice, Values
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.money import EXPONENTS, Money

CRUMB = "/limits"


@require_http_methods(["GET", "POST"])
@page(Permission.LIMIT_SET)
def announce(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """A new line on a core enterprise; the second person publishes it."""
    with visitor.reading() as actor:
        cores, narrowed = narrowing.firms(request, actor, RoleKind.CORE, field="core")
    choices = tuple(Choice(text("party", one.id), one.name) for one in cores)
    fields = (
        Field("core", _("Core enterprise"), "choice", required=False, choices=choices, known_as=("core_id",)),
        Field(
            "number",
            _("Or its registered number"),
            help=_("For a core enterprise with which you have no business yet: it is not in the list."),
            required=False,
            maximum=40,
        ),
        Field("currency", _("Currency"), "choice", choices=tuple(Choice(code, code) for code in sorted(EXPONENTS))),
        *_terms(visitor.today, None, ""),
    )
    act = _announcement(visitor, _("Announce a credit line"), fields, (), lambda values: _core(visitor, values))
    return conduct(request, visitor, replace(act, narrowing=narrowed))


@require_http_methods(["GET", "POST"])
@page(Permission.LIMIT_SET)
def change(request: HttpRequest, visitor: Visitor, limit_id: UUID) -> HttpResponse:
    """Another amount (also below what is in use) or another term; what was promised stays promised."""
    line, facts = _own(visitor, limit_id)
    fields = _terms(visitor.today, line, line.currency)
    act = _announcement(visitor, _("Change the credit line"), fields, facts, lambda values: line.core_id, line)
    return conduct(request, visitor, act)


@require_http_methods(["GET", "POST"])
@page(Permission.LIMIT_SET)
def end(request: HttpRequest, visitor: Visitor, limit_id: UUID) -> HttpResponse:
    """A last day for the line: the announcement keeps amount and beginning."""
    line, facts = _own(visitor, limit_id)
    fields = (
        Field(
            "valid_to",
            _("Ends on (first day without the line)"),
            "day",
            help=_("No new use from this day on; what was promised stays promised."),
            initial=(visitor.today.isoformat(),),
        ),
        _source(),
    )
    act = _announcement(visitor, _("End the credit line"), fields, facts, lambda values: line.core_id, line)
    return conduct(request, visitor, act)


def _own(visitor: Visitor, limit_id: UUID) -> tuple[Limit, Facts]:
    """A line of the acting bank with its facts; another bank's line is not there.

    :raises LimitNotFound: no such line of this bank.
    """
    with visitor.reading() as actor:
        line = queries.get(actor=actor, limit_id=LimitId(limit_id))
        names = parties.names([line.funder_id, line.core_id])
    if line.funder_id != visitor.id:
        raise LimitNotFound(value=str(limit_id))
    facts: Facts = [
        (_("Core enterprise"), names.get(line.core_id, "")),
        (_("Sanctioned"), line.sanctioned),
        (_("Used"), line.utilised),
        (_("Blocked by offers"), line.blocked),
        (_("Free"), line.available),
        (_("Valid from"), line.valid_from),
        (_("Valid until (excluded)"), line.valid_to),
    ]
    return line, facts


def _source() -> Field:
    return Field("source", _("Source"), help=_("Your own paper, such as the number of the credit approval."))


def _terms(today: date, line: Limit | None, currency: str) -> tuple[Field, ...]:
    """Amount, term and source; filled with what holds now."""
    first = max(line.valid_from, today) if line else today
    last = line.valid_to.isoformat() if line and line.valid_to else ""
    return (
        Field(
            "sanctioned",
            _("Sanctioned"),
            "money",
            help=_("Zero closes the line for new use."),
            unit=currency,
            initial=(f"{line.sanctioned.decimal}",) if line else (),
            maximum=24,
        ),
        Field("valid_from", _("Valid from"), "day", initial=((line.valid_from if line else first).isoformat(),)),
        Field(
            "valid_to",
            _("Valid until (excluded)"),
            "day",
            help=_("The first day without the line; empty: until further notice."),
            required=False,
            initial=(last,) if last else (),
        ),
        _source(),
    )


def _core(visitor: Visitor, values: Values) -> UUID:
    """From the list of those one knows, or by the registered number typed in whole.

    :raises Missing: neither. :raises NotAChoice: no core enterprise has this number.
    """
    if typed := values["number"]:
        if (found := parties.by_numbers([typed], RoleKind.CORE, visitor.today).get(typed)) is None:
            raise NotAChoice(field="number", value=typed, expected="a core enterprise")
        return found
    if (chosen := read("party", values["core"] or "")) is None:
        raise Missing(field="core")
    return chosen


def _announcement(
    visitor: Visitor,
    title: str,
    fields: Sequence[Field],
    facts: Facts,
    core: Callable[[Values], UUID],
    line: Limit | None = None,
) -> Act:
    def amount(values: Values) -> Money:
        found: Money = values.get("sanctioned", line and line.sanctioned)
        return found

    def asked(values: Values) -> Announcement:
        begins = values.get("valid_from", line and line.valid_from)
        return Announcement(core(values), amount(values), begins, values["valid_to"], values["source"])

    def tried(values: Values) -> Facts:
        """The confirmation is refused as the announcement would be."""
        operations.check(actor=visitor.actor, asked=asked(values), today=visitor.today)
        return ()

    def run(values: Values, _signature: object) -> dict[str, Any]:
        one = asked(values)
        proposed = operations.propose(
            actor=visitor.actor,
            core_id=one.core_id,
            sanctioned=one.sanctioned,
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            source=one.source,
            effective_at=visitor.now,
        )
        return {"id": str(proposed.id)}

    crumbs = [Link(_("Limits"), CRUMB)]
    if line is not None:
        crumbs.append(Link(str(dict(facts)[_("Core enterprise")]), to("limit", line.id)))
    return Act(
        title=title,
        operation="limit.propose",
        run=run,
        to=lambda done: to("limit", line.id) if line else CRUMB,
        done=_("Announced. A second person of your bank publishes it."),
        button=_("Announce"),
        fields=tuple(fields),
        facts=facts,
        shown=tried,
        amount=amount,
        label=_("Sanctioned"),
        consequence=_("Nothing changes before the second person decides."),
        crumbs=tuple(crumbs),
        about={"limit": str(line.id)} if line else {},
    )


@require_http_methods(["GET", "POST"])
@page(Permission.LIMIT_SET)
def freeze(request: HttpRequest, visitor: Visitor, limit_id: UUID) -> HttpResponse:
    """Stop new use at once; one person of the bank is enough."""
    return conduct(request, visitor, _gate(visitor, limit_id, frozen=True))


@require_http_methods(["GET", "POST"])
@page(Permission.LIMIT_CHECK)
def unfreeze(request: HttpRequest, visitor: Visitor, limit_id: UUID) -> HttpResponse:
    """Allow new use again; another person than the one who froze."""
    return conduct(request, visitor, _gate(visitor, limit_id, frozen=False))


def _gate(visitor: Visitor, limit_id: UUID, *, frozen: bool) -> Act:
    line, facts = _own(visitor, limit_id)
    operation = operations.freeze if frozen else operations.unfreeze

    def run(values: Mapping[str, Any], _signature: object) -> dict[str, Any]:
        operation(limit_id=line.id, actor=visitor.actor, reason=values["reason"], effective_at=visitor.now)
        return {"id": str(line.id)}

    return Act(
        title=_("Freeze the credit line") if frozen else _("Open the credit line again"),
        operation="limit.freeze" if frozen else "limit.unfreeze",
        run=run,
        to=lambda done: to("limit", line.id),
        done=_("Frozen: nothing new is promised on it.") if frozen else _("Open again."),
        button=_("Freeze") if frozen else _("Open again"),
        fields=(Field("reason", _("Reason"), "area", maximum=500),),
        facts=facts,
        amount=lambda values: line.available,
        label=_("Free until now") if frozen else _("Free again"),
        consequence=_("What was promised stays promised. Another person of your bank opens the line again.")
        if frozen
        else _("New vouchers may be issued on the line at once."),
        blocked=_("The line already stands as you want it.") if line.frozen is frozen else "",
        crumbs=(Link(_("Limits"), CRUMB), Link(str(dict(facts)[_("Core enterprise")]), to("limit", line.id))),
        about={"limit": str(line.id)},
    )
