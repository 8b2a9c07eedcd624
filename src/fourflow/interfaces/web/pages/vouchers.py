"""The list of vouchers."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from fourflow.capital.vouchers import queries
from fourflow.capital.vouchers.types import Voucher, VoucherState
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission, RoleKind
from fourflow.interfaces.web import lists
from fourflow.interfaces.web.addresses import to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, Listing, ListState, Row, SavedView
from fourflow.interfaces.web.components.records import Due, Empty, Link
from fourflow.interfaces.web.components.status import VOUCHER, status
from fourflow.interfaces.web.people import Visitor, page
from fourflow.interfaces.web.reading import day

COLUMNS = (
    Column("number", gettext_lazy("Number"), "id", sortable=False, lead=True),
    Column("state", gettext_lazy("State"), "status", sortable=False, corner=True),
    Column("issuer", gettext_lazy("Issuer"), sortable=False),
    Column("receiver", gettext_lazy("First holder"), sortable=False),
    Column("face", gettext_lazy("Face"), "money"),
    Column("outstanding", gettext_lazy("Outstanding"), "money", sortable=False),
    Column("issued_on", gettext_lazy("Issued"), "date", phone=False),
    Column("due_on", gettext_lazy("Due"), "date"),
    Column("funder", gettext_lazy("Bank of the line"), sortable=False, shown=False, phone=False),
)
STATES = tuple(
    Choice(state.value, VOUCHER[state.value.upper()].word) for state in VoucherState if state.value.upper() in VOUCHER
)
FILTERS = (
    Filter("status", gettext_lazy("State"), "choice", STATES),
    Filter("due[gte]", gettext_lazy("Due from"), "date"),
    Filter("due[lte]", gettext_lazy("Due to"), "date"),
)
VIEWS = (
    ("", gettext_lazy("All")),
    ("offered", gettext_lazy("Offered")),
    ("active", gettext_lazy("Active")),
    ("overdue", gettext_lazy("Overdue")),
    ("redeemed", gettext_lazy("Redeemed")),
)


def _where(state: ListState) -> queries.VoucherFilter:
    wanted = state.filters.get("status", "")
    return queries.VoucherFilter(
        states=tuple(VoucherState(one) for one in wanted.split(",") if one in set(VoucherState)),
        due_from=day(state.filters.get("due[gte]", "")),
        due_to=day(state.filters.get("due[lte]", "")),
        text=state.q,
    )


def _row(voucher: Voucher, names: dict, visitor: Visitor) -> Row:  # type: ignore[type-arg]
    settled = not voucher.state.is_living
    return Row(
        id=str(voucher.id),
        href=to("voucher", voucher.id),
        cells={
            "number": Link(short(voucher.number)),
            "state": status("voucher", voucher.state.value),
            "issuer": names.get(voucher.issuer_id, ""),
            "receiver": names.get(voucher.receiver_id, ""),
            "funder": names.get(voucher.funder_id, ""),
            "face": voucher.face,
            "outstanding": voucher.outstanding if voucher.state.is_living else None,
            "issued_on": voucher.issued_on,
            "due_on": Due(voucher.due_on, visitor.today, settled),
        },
    )


def short(number: str) -> str:
    """The end of a voucher's number, which is what people say; the beginning is a time stamp."""
    return f"{number[:2]}…{number[-8:]}"


def _named(vouchers: tuple[Voucher, ...]) -> dict:  # type: ignore[type-arg]
    return parties.names(party for v in vouchers for party in (v.issuer_id, v.receiver_id, v.funder_id))


def _all(visitor: Visitor, state: ListState) -> Iterator[Row]:
    cursor: str | None = ""
    for _number in range(lists.EXPORT_ROWS // 200):
        found = queries.vouchers(
            actor=visitor.actor, where=_where(state), sort=state.sort, cursor=cursor or "", limit=200
        )
        names = _named(found.rows)
        for voucher in found.rows:
            row = _row(voucher, names, visitor)
            yield Row(row.id, {**row.cells, "number": voucher.number})
        if (cursor := found.next_cursor) is None:
            return


@require_GET
@page(Permission.VOUCHER_VIEW)
def vouchers(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What the organisation may see, sorted, searched, filtered and paged by the address."""
    state = lists.state_of(request, COLUMNS, FILTERS, sort="-issued_on")
    if lists.wants_file(request):
        with visitor.reading():
            return lists.export("vouchers", COLUMNS, state, _all(visitor, state))
    cursor, number = lists.numbered(state.cursor)
    with visitor.reading() as actor:
        found = queries.vouchers(
            actor=actor,
            where=_where(state),
            sort=state.sort,
            cursor=cursor,
            limit=state.limit,
            page=1 if cursor else number,
        )
        names = _named(found.rows)
    may_issue = visitor.can(Permission.VOUCHER_ISSUE)
    listing = Listing(
        id="vouchers",
        caption=_("Vouchers"),
        columns=COLUMNS,
        rows=tuple(_row(voucher, names, visitor) for voucher in found.rows),
        state=state,
        pager=lists.pager(number, found.next_cursor),
        filters=FILTERS,
        search=_("Number, from its beginning"),
        views=_views(state),
        empty=_empty(state, visitor, may_issue),
    )
    context = {"listing": listing, "may_issue": may_issue}
    return render(request, "web/pages/vouchers.html", context)


def _views(state: ListState) -> tuple[SavedView, ...]:
    wanted = state.filters.get("status", "")
    return tuple(
        SavedView(label, state.url(filters={"status": value} if value else {}, q=""), current=value == wanted)
        for value, label in VIEWS
    )


def _empty(state: ListState, visitor: Visitor, may_issue: bool) -> Empty:
    if state.narrowed:
        return Empty(
            "filtered", _("No voucher fits these filters"), action=Link(_("Clear"), state.url(q="", filters={}))
        )
    if may_issue:
        return Empty(
            "first", _("No voucher yet"), _("Issue the first one on a confirmed payable."), Link(_("Issue"), "/issue")
        )
    if RoleKind.SUPPLIER in visitor.actor.roles:
        return Empty("waiting", _("No voucher yet"), _("When a core enterprise offers you one, it appears here."))
    return Empty("waiting", _("No voucher yet"))
