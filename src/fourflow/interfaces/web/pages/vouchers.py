"""The list of vouchers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from fourflow.capital.vouchers import queries
from fourflow.capital.vouchers.types import Paid, TermBand, Voucher, VoucherState
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission, RoleKind
from fourflow.interfaces.web import lists
from fourflow.interfaces.web.addresses import read, text, to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, ListState, Pager, Row, SavedView
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
    Column("paid_on", gettext_lazy("Paid on"), "date", sortable=False, shown=False, phone=False),
    Column("funder", gettext_lazy("Bank of the line"), sortable=False, shown=False, phone=False),
)
STATES = tuple(
    Choice(state.value, VOUCHER[state.value.upper()].word) for state in VoucherState if state.value.upper() in VOUCHER
)
#: the states of living vouchers, as an address has them
ALIVE = "active,maturing,overdue,defaulted"
TERMS = (
    Choice(TermBand.TO3.value, gettext_lazy("up to 3 months")),
    Choice(TermBand.TO6.value, gettext_lazy("over 3, up to 6 months")),
    Choice(TermBand.TO12.value, gettext_lazy("over 6, up to 12 months")),
    Choice(TermBand.LONG.value, gettext_lazy("over 12 months")),
)
PAID = (
    Choice(Paid.ON_TIME.value, gettext_lazy("wholly by the due date")),
    Choice(Paid.LATE.value, gettext_lazy("wholly, but later")),
)
FILTERS = (
    Filter("state", gettext_lazy("State"), "choice", STATES),
    Filter("due[gte]", gettext_lazy("Due from"), "date"),
    Filter("due[lte]", gettext_lazy("Due to"), "date"),
    Filter("term", gettext_lazy("Term"), "choice", TERMS, one=True),
    Filter("paid", gettext_lazy("Paid"), "choice", PAID, one=True),
)
VIEWS = (
    ("", gettext_lazy("All")),
    ("offered", gettext_lazy("Offered")),
    ("active", gettext_lazy("Active")),
    ("overdue", gettext_lazy("Overdue")),
    ("redeemed", gettext_lazy("Redeemed")),
)


def _filters(request: HttpRequest) -> tuple[Filter, ...]:
    """The fixed filters, and the issuer's and the currency's where another page's figure leads here with one."""
    return (*FILTERS, *lists.of_firms(request, ("issuer_id", _("Issuer"))), *lists.of_currency(request))


def _columns(request: HttpRequest) -> tuple[Column, ...]:
    """The day of payment is a column to be chosen; who asks how was paid sees it at once."""
    asked = bool(request.GET.get("paid"))
    return tuple(replace(one, shown=True) if asked and one.key == "paid_on" else one for one in COLUMNS)


def _where(state: ListState) -> queries.VoucherFilter:
    ticked = lists.only(state)
    return queries.VoucherFilter(
        states=tuple(lists.chosen(state, "state", VoucherState)),
        due_from=day(state.filters.get("due[gte]", "")),
        due_to=day(state.filters.get("due[lte]", "")),
        text=state.q,
        issuer_id=read("party", state.filters.get("issuer_id", "")),
        currency=state.filters.get("currency", ""),
        paid=next(iter(lists.chosen(state, "paid", Paid)), None),
        term=next(iter(lists.chosen(state, "term", TermBand)), None),
        only=None if ticked is None else tuple(ticked),
    )


def _row(voucher: Voucher, names: dict, visitor: Visitor) -> Row:  # type: ignore[type-arg]
    settled = not voucher.state.is_living
    return Row(
        id=text("voucher", voucher.id),
        href=to("voucher", voucher.id),
        cells={
            "number": Link(short(voucher.number), whole=voucher.number),
            "state": status("voucher", voucher.state.value),
            "issuer": names.get(voucher.issuer_id, ""),
            "receiver": names.get(voucher.receiver_id, ""),
            "funder": names.get(voucher.funder_id, ""),
            "face": voucher.face,
            "outstanding": voucher.outstanding if voucher.state.is_living else None,
            "issued_on": voucher.issued_on,
            "paid_on": voucher.paid_on,
            "due_on": Due(voucher.due_on, visitor.today, settled),
        },
    )


def short(number: str) -> str:
    """The end of a voucher's number, which is what people say; the beginning is a time stamp."""
    return f"{number[:2]}…{number[-8:]}"


def _named(vouchers: Sequence[Voucher]) -> dict:  # type: ignore[type-arg]
    return parties.names(party for v in vouchers for party in (v.issuer_id, v.receiver_id, v.funder_id))


@require_GET
@page(Permission.VOUCHER_VIEW)
def vouchers(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What the organisation may see, sorted, searched, filtered and paged by the address."""
    may_issue = visitor.can(Permission.VOUCHER_ISSUE)

    def page_of(state: ListState) -> tuple[Sequence[Voucher], Pager]:
        cursor, number = lists.numbered(state.cursor)
        found = queries.vouchers(
            actor=visitor.actor,
            where=_where(state),
            sort=state.sort,
            cursor=cursor,
            limit=state.limit,
            page=1 if cursor else number,
        )
        return found.rows, lists.pager(number, found.next_cursor)

    def draw(found: Sequence[Voucher]) -> list[Row]:
        names = _named(found)
        return [_row(voucher, names, visitor) for voucher in found]

    table = lists.Table(
        id="vouchers",
        title=_("Vouchers"),
        columns=_columns(request),
        filters=_filters(request),
        sort="-issued_on",
        search=_("Number, from its beginning"),
        views=_views,
        read=page_of,
        draw=draw,
        empty=_empty(visitor, may_issue),
    )
    return lists.show(request, visitor, table, "web/pages/vouchers.html", may_issue=may_issue)


def _views(state: ListState) -> tuple[SavedView, ...]:
    wanted = state.filters.get("state", "")
    days = {name: value for name, value in state.filters.items() if name != "state"}
    return tuple(
        SavedView(
            label,
            state.url(filters={"state": value, **days} if value else days, q="", view="all", only=()),
            current=value == wanted and not state.only,
        )
        for value, label in VIEWS
    )


def _empty(visitor: Visitor, may_issue: bool) -> Empty:
    if may_issue:
        return Empty(
            "first", _("No voucher yet"), _("Issue the first one on a confirmed payable."), Link(_("Issue"), "/issue")
        )
    if RoleKind.SUPPLIER in visitor.actor.roles:
        return Empty("waiting", _("No voucher yet"), _("When a core enterprise offers you one, it appears here."))
    return Empty("waiting", _("No voucher yet"), _("A core enterprise issues them on what it owes."))
