"""Promises of issuers that pay late: made on the voucher's page, kept or broken by its payments, shown to whom it concerns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from fourflow.capital.vouchers import operations, queries
from fourflow.capital.vouchers.types import LIVING, Promise, PromiseOutcome, Voucher, VoucherId
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import lists
from fourflow.interfaces.web.acts import Act, Facts, conduct
from fourflow.interfaces.web.addresses import read as read_id
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, ListState, Pager, Row, SavedView
from fourflow.interfaces.web.components.records import Due, Empty, Link
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.forms import Field, Values
from fourflow.interfaces.web.pages.objections import crumbs, voucher_act_facts
from fourflow.interfaces.web.pages.settlement import number_of
from fourflow.interfaces.web.pages.vouchers import short
from fourflow.interfaces.web.people import Visitor, page

OUTCOMES: dict[PromiseOutcome, Status] = {
    PromiseOutcome.OPEN: Status(pgettext_lazy("promise", "Open"), "info", waiting=True),
    PromiseOutcome.KEPT: Status(pgettext_lazy("promise", "Kept"), "ok"),
    PromiseOutcome.BROKEN: Status(pgettext_lazy("promise", "Broken"), "bad"),
    PromiseOutcome.VOID: Status(pgettext_lazy("promise", "Nothing owed any more")),
}
COLUMNS = (
    Column("voucher", gettext_lazy("Voucher"), sortable=False, lead=True),
    Column("outcome", gettext_lazy("Outcome"), "status", sortable=False, corner=True),
    Column("issuer", gettext_lazy("Issuer"), sortable=False),
    Column("amount", gettext_lazy("Promised amount"), "money", sortable=False),
    Column("said", gettext_lazy("Promised on"), "date", sortable=False),
    Column("pays", gettext_lazy("Pays by"), "date"),
    Column("paid", gettext_lazy("Wholly paid on"), "date", sortable=False),
    Column("reason", gettext_lazy("Reason"), sortable=False),
)


@require_GET
@page(Permission.VOUCHER_VIEW)
def promises(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Promises about vouchers that the organisation sees, the latest first, and what became of them."""

    def read(state: ListState) -> tuple[Sequence[Promise], Pager]:
        asked, ticked = state.filters.get("outcome", ""), lists.only(state)
        voucher = read_id("voucher", state.filters.get("voucher_id", ""))
        issuer = read_id("party", state.filters.get("issuer_id", ""))
        return lists.after(
            state,
            lambda after, size: queries.promises(
                actor=visitor.actor,
                on=visitor.today,
                voucher_id=VoucherId(voucher) if voucher else None,
                issuer_id=issuer,
                outcome=PromiseOutcome(asked) if asked else None,
                sort=state.sort,
                after=after,
                only=ticked,
                limit=size,
            ),
        )

    def draw(found: Sequence[Promise]) -> list[Row]:
        firms = parties.names({one.issuer_id for one in found})
        return [_row(visitor, one, firms.get(one.issuer_id, "")) for one in found]

    def views(state: ListState) -> tuple[SavedView, ...]:
        asked = state.filters.get("outcome", "")
        rest = {name: value for name, value in state.filters.items() if name != "outcome"}
        words = [("", _("All")), *((one.value, OUTCOMES[one].word) for one in PromiseOutcome)]
        return tuple(
            SavedView(
                word, state.url(filters={**rest, "outcome": value} if value else rest, view="all"), value == asked
            )
            for value, word in words
        )

    pointed = lists.pointed(request, "voucher_id", _("Voucher"), "voucher", lambda one: number_of(visitor, one))
    table = lists.Table(
        id="promises",
        title=_("Promises to pay"),
        columns=COLUMNS,
        filters=(
            Filter("outcome", _("Outcome"), "view", tuple(Choice(one.value, "") for one in PromiseOutcome), one=True),
            *lists.of_firms(request, ("issuer_id", _("Issuer"))),
            *pointed,
        ),
        views=views,
        read=read,
        draw=draw,
        empty=Empty("done", _("No promise"), _("An issuer promises from the page of a voucher that it pays late.")),
    )
    sub = _("A promise changes nothing: what is overdue stays overdue. Whether it was kept is read from the payments.")
    return lists.show(request, visitor, table, sub=sub)


def _row(visitor: Visitor, one: Promise, issuer: str) -> Row:
    address = to("voucher", one.voucher_id)
    cells: dict[str, object] = {
        "voucher": Link(short(one.number), address, whole=one.number),
        "outcome": OUTCOMES[one.outcome],
        "issuer": issuer,
        "amount": one.amount,
        "said": one.said_on,
        "pays": Due(one.pays_on, visitor.today, one.outcome is not PromiseOutcome.OPEN),
        "paid": one.paid_on,
        "reason": one.reason if len(one.reason) < 80 else Link(f"{one.reason[:80]}…", address, whole=one.reason),
    }
    return Row(text("promise", one.id), cells, address)


def table_of(visitor: Visitor, found: Sequence[Promise], names: Mapping[UUID, str]) -> list[dict[str, object]]:
    """Promises as the pages of a voucher and of what is overdue show them."""
    return [
        {
            "href": to("voucher", one.voucher_id),
            "issuer": names.get(one.issuer_id, ""),
            "outcome": OUTCOMES[one.outcome],
            "said": one.said_on,
            "pays": Due(one.pays_on, visitor.today, one.outcome is not PromiseOutcome.OPEN),
            "amount": one.amount,
            "reason": one.reason,
        }
        for one in found
    ]


@require_http_methods(["GET", "POST"])
@page(Permission.VOUCHER_PROMISE)
def promise(request: HttpRequest, visitor: Visitor, voucher_id: UUID) -> HttpResponse:
    """The issuer says by when it pays what is late, and why."""
    with visitor.reading() as actor:
        voucher = queries.get(actor=actor, voucher_id=VoucherId(voucher_id))
        earlier = queries.promises(actor=actor, on=visitor.today, voucher_id=voucher.id, limit=1)

    def checked(values: Values) -> Facts:
        operations.plan_promise(
            voucher_id=voucher.id,
            pays_on=values["pays_on"],
            reason=values["reason"],
            actor=visitor.actor,
            today=visitor.today,
        )
        return ()

    def run(values: Values, _signature: object) -> dict[str, Any]:
        made = operations.promise(
            voucher_id=voucher.id,
            pays_on=values["pays_on"],
            reason=values["reason"],
            actor=visitor.actor,
            effective_at=visitor.now,
            today=visitor.today,
        )
        return {"id": str(made.id)}

    act = Act(
        title=_("Promise to pay"),
        operation="voucher.promise",
        run=run,
        to=lambda done: to("voucher", voucher.id),
        done=_("Promised. Holders, their bank, the operator and the regulator see it."),
        button=_("Promise"),
        fields=_fields(),
        facts=[*voucher_act_facts(voucher), *((_("Promised before"), before.pays_on) for before in earlier)],
        shown=checked,
        amount=lambda values: voucher.outstanding,
        label=_("You promise to pay"),
        consequence=_(
            "It changes no state and stops no clock: what is overdue stays overdue. It cannot be taken back."
        ),
        blocked=_blocked(visitor, voucher),
        crumbs=crumbs(voucher),
        about={"voucher": str(voucher.id)},
    )
    return conduct(request, visitor, act)


def _fields() -> tuple[Field, ...]:
    day = _("A business day after today and the due date. A promise changes nothing: what is overdue stays overdue.")
    why = _("Why it is paid late. Whoever sees the voucher reads it.")
    return Field("pays_on", _("Paid by"), "day", help=day), Field("reason", _("Reason"), "area", help=why, maximum=500)


def _blocked(visitor: Visitor, voucher: Voucher) -> str:
    if voucher.issuer_id != visitor.id:
        return _("Only the issuer promises to pay.")
    return "" if voucher.state in LIVING else _("Nothing is owed on it.")
