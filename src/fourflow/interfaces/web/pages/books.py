"""The reader's own books: how they stand at the end of a day, and their journal for the programs of who keeps the accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from fourflow.capital.ledger import queries
from fourflow.capital.ledger.types import BalanceLine, Book, BookKind, BookNotFound, Side
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Actor, Permission
from fourflow.interfaces.web import lists, names, reading, texts
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, ListState, Pager, Row
from fourflow.interfaces.web.components.records import Empty, Link, Problem
from fourflow.interfaces.web.errors import error_page
from fourflow.interfaces.web.people import Visitor, page

FIRST, LAST = "on[gte]", "on[lte]"
MEDIA = {"csv": "text/csv; charset=utf-8", "hledger": "text/plain; charset=utf-8"}


@require_GET
@page(Permission.LEDGER_READ)
def books(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """A book's accounts at the end of the last day that is asked for; the journal's files take the days from and to."""
    with visitor.reading() as actor:
        own = _own(actor)
    chosen = _chosen(own, request.GET.get("book", ""))
    called = {one.code: one.name_zh if texts.language() == "zh" else one.name_en for one in queries.chart()}

    def read(state: ListState) -> tuple[Sequence[Row], Pager]:
        if chosen is None:
            return lists.whole(state, [])
        _from, until = _span(state.filters, chosen)
        at = until - timedelta(microseconds=1) if until else None
        found = queries.trial_balance(actor=visitor.actor, book=chosen.code, effective_at=at, by_counterparty=False)
        return lists.whole(state, [_row(one, called) for one in found if _booked(one)])

    choices = tuple(Choice(one.kind.value, names.BOOKS[one.kind.value]) for one in own)
    table = lists.Table(
        id="books",
        title=_("Books"),
        columns=(
            Column("account", _("Account"), lead=True),
            Column("debit", _("Debit"), "money"),
            Column("credit", _("Credit"), "money"),
            Column("balance", _("Balance in debit"), "money", corner=True),
        ),
        filters=(
            *((Filter("book", _("Book"), "choice", choices, one=True),) if len(choices) > 1 else ()),
            Filter(FIRST, _("Booked from"), "date"),
            Filter(LAST, _("Booked until"), "date"),
        ),
        read=read,
        draw=lambda found: found,
        actions=_files(request, chosen) if chosen and visitor.can(Permission.LEDGER_EXPORT) else (),
        empty=Empty(
            "waiting", _("Nothing is booked yet"), _("The first voucher or payment of your firm opens its book.")
        ),
    )
    sub = _(
        "The accounts at the end of the last day that you choose, today without one. The journal takes the days between."
    )
    return lists.show(request, visitor, table, sub=sub)


@require_GET
@page(Permission.LEDGER_EXPORT)
def journal(request: HttpRequest, visitor: Visitor, form: str) -> HttpResponse:
    """The journal of an own book as a file: ``csv`` for an ERP or a spreadsheet, ``hledger`` for that program.

    :raises BookNotFound: no such book of the reader's organisation.
    """
    if any(reading.day(given) is None for name in (FIRST, LAST) if (given := request.GET.get(name))):
        # without that day the file would hold more than was asked for
        return error_page(request, 422, [Problem(_("A day is written as 2014-05-31."))], code="filter.invalid")
    with visitor.reading() as actor:
        book = _chosen(_own(actor), request.GET.get("book", ""))
        if book is None:
            raise BookNotFound(value=request.GET.get("book", "")[:60])
        from_, to = _span(request.GET, book)
        if form == "hledger":
            text = "".join(queries.hledger_journal(actor=actor, book=book.code, from_=from_, to=to))
        else:
            lines = queries.journal(actor=actor, book=book.code, from_=from_, to=to)
            others = {key.counterparty for line in lines for key in (line.debit, line.credit) if key.counterparty}
            known = parties.names(others)
            # spreadsheets take a table in UTF-8 for one by its first mark
            text = "\ufeff" + "".join(queries.journal_csv(actor=actor, book=book.code, from_=from_, to=to, names=known))
    answer = HttpResponse(text, content_type=MEDIA[form])
    answer["Content-Disposition"] = f'attachment; filename="fourflow-journal.{form}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _own(actor: Actor) -> list[Book]:
    """The reader's own books, the money before the memo; who oversees sees others' by the API."""
    own = [one for one in queries.books(actor=actor) if one.owner_id == actor.organisation_id]
    return sorted(own, key=lambda one: list(BookKind).index(one.kind))


def _chosen(own: Sequence[Book], kind: str) -> Book | None:
    return next((one for one in own if one.kind.value == kind or not kind), None)


def _span(asked: Mapping[str, str], book: Book) -> tuple[datetime | None, datetime | None]:
    """The days that are asked for as moments of the book's zone: from the first one's begin to the last one's end."""
    return _begin(asked.get(FIRST), 0, book), _begin(asked.get(LAST), 1, book)


def _begin(given: str | None, later: int, book: Book) -> datetime | None:
    day = reading.day(given) if given else None
    return datetime.combine(day + timedelta(later), time(), ZoneInfo(book.zone)) if day else None


def _files(request: HttpRequest, book: Book) -> tuple[Link, ...]:
    asked = {name: request.GET[name] for name in (FIRST, LAST) if reading.day(request.GET.get(name, ""))}
    query = urlencode({"book": book.kind.value, **asked})
    return tuple(
        Link(label, f"/books/journal.{form}?{query}")
        for form, label in (("csv", _("Journal (CSV)")), ("hledger", _("Journal (hledger)")))
    )


def _booked(one: BalanceLine) -> bool:
    """Whether anything was booked until then: an account that a later day opened is not one of this day's."""
    return bool(one.balance.debits_posted.minor or one.balance.credits_posted.minor)


def _row(one: BalanceLine, called: dict[str, str]) -> Row:
    code, currency = one.account.chart_code, one.account.currency
    cells = {
        "account": Link(called.get(code, code)),
        "debit": one.balance.debits_posted,
        "credit": one.balance.credits_posted,
        "balance": one.balance.net(Side.DEBIT),
    }
    return Row(f"{code}-{currency}".replace(".", "-"), cells)
