"""Books: trial balance, statements, and journals for the owner's own programs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime

from fourflow.capital.ledger import queries
from fourflow.capital.ledger.types import (
    AccountKey,
    Balance,
    BookCode,
    BookKind,
    BookNotFound,
    Chart,
    EntryKind,
    Side,
    book_of,
)
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.api.auth import caller
from fourflow.interfaces.api.fields import Line, Money, Page, Part, Shown
from fourflow.interfaces.api.ids import PREFIXES, PartyId
from fourflow.interfaces.api.replies import file, files, page, read, reads, reply
from fourflow.platform.errors import FourflowError
from fourflow.platform.ids import decode, encode

router = Router(tags=["ledger"])
FIRST = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


class BookBody(Shown):
    """``code`` is the address of a book: its kind and its owner."""

    code: str
    kind: BookKind
    owner_id: PartyId
    zone: str


class BookList(Shown):
    data: list[BookBody]


class BalanceBody(Part):
    """Totals of an account. ``net`` is seen from the debit side. ``pending``: held, neither posted nor released."""

    chart_code: str
    currency: str
    counterparty: str | None
    debits_posted: Money
    credits_posted: Money
    debits_pending: Money
    credits_pending: Money
    net: Money


class TrialBalance(Shown):
    book: str
    effective_at: AwareDatetime | None
    lines: list[BalanceBody]


class StatementLineBody(Part):
    transfer_id: str
    reference: str
    effective_at: AwareDatetime
    recorded_at: AwareDatetime
    kind: EntryKind
    narrative_code: str
    contra: str
    contra_counterparty: str | None
    amount: Money
    debit: Money
    credit: Money
    running: Money


class StatementPage(Page):
    """One page; the closing balance of one is the opening of the next."""

    data: list[StatementLineBody]
    opening: Money
    closing: Money


def _code(code: BookCode) -> str:
    kind, _, owner = code.partition(":")
    return f"{kind}:{encode(PREFIXES['party'], UUID(owner))}"


def _book(text: str) -> BookCode:
    kind, _, owner = text.partition(":")
    try:
        return book_of(BookKind(kind), decode(PREFIXES["party"], owner))
    except (ValueError, FourflowError):
        raise BookNotFound(value=text[:60]) from None


def _counterparty(account: AccountKey) -> str | None:
    if account.counterparty is None:
        return None
    kind = "instruction" if account.chart_code == Chart.IN_TRANSIT else "party"
    return encode(PREFIXES[kind], account.counterparty)


def _balance(account: AccountKey, balance: Balance) -> BalanceBody:
    return BalanceBody(
        chart_code=account.chart_code,
        currency=account.currency,
        counterparty=_counterparty(account),
        debits_posted=balance.debits_posted,
        credits_posted=balance.credits_posted,
        debits_pending=balance.debits_pending,
        credits_pending=balance.credits_pending,
        net=balance.net(Side.DEBIT),
    )


@router.get("/ledger/books", **reads(BookList))
def list_books(request: HttpRequest) -> HttpResponse:
    """The books that the organisation may read: its own; the operator and the regulator all."""
    actor = caller(request).actor
    actor.require(Permission.LEDGER_READ)
    found = read(request, lambda: queries.books(actor=actor))
    rows = [BookBody(code=_code(b.code), kind=b.kind, owner_id=b.owner_id, zone=b.zone) for b in found]
    return reply(request, BookList(data=rows))


@router.get("/ledger/books/{book}/trial-balance", **reads(TrialBalance))
def trial_balance(
    request: HttpRequest, book: str, effective_at: AwareDatetime | None = None, by_counterparty: bool = True
) -> HttpResponse:
    """Every account of a book, now or at a past moment; per currency debits equal credits."""
    actor = caller(request).actor
    actor.require(Permission.LEDGER_READ)
    code = _book(book)

    def query() -> list[BalanceBody]:
        lines = queries.trial_balance(
            actor=actor, book=code, effective_at=effective_at, by_counterparty=by_counterparty
        )
        return [_balance(line.account, line.balance) for line in lines]

    lines = read(request, query)
    return reply(request, TrialBalance(book=_code(code), effective_at=effective_at, lines=lines))


@router.get("/ledger/books/{book}/statement", **reads(StatementPage))
def statement(
    request: HttpRequest,
    book: str,
    chart_code: Line,
    currency: Line,
    counterparty: Line = "",
    from_: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    to: AwareDatetime | None = None,
    cursor: Line = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> HttpResponse:
    """One account's transfers with running balance, ``from`` inclusive, ``to`` exclusive."""
    who = caller(request)
    who.actor.require(Permission.LEDGER_READ)
    other = decode(counterparty.partition("_")[0], counterparty) if counterparty else None
    account = AccountKey(_book(book), chart_code, currency, other)

    def query() -> Any:
        return queries.statement(
            actor=who.actor,
            account=account,
            from_=from_ or FIRST,
            to=to or who.now + timedelta(days=1),
            cursor=cursor or None,
            limit=limit,
        )

    found = read(request, query)
    lines = [
        StatementLineBody(
            transfer_id=str(line.transfer_id),
            contra=line.contra.chart_code,
            contra_counterparty=_counterparty(line.contra),
            **{name: getattr(line, name) for name in _SAME},
        )
        for line in found.lines
    ]
    return page(request, StatementPage, lines, found.next_cursor, opening=found.opening, closing=found.closing)


_SAME = ("reference", "effective_at", "recorded_at", "kind", "narrative_code", "amount", "debit", "credit", "running")


@router.get("/ledger/books/{book}/journal.csv", **files("text/csv"), summary="Journal for an ERP")
def journal_csv(
    request: HttpRequest,
    book: str,
    from_: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    to: AwareDatetime | None = None,
) -> HttpResponse:
    """A book as CSV, two lines a transfer, safe to open in a spreadsheet."""
    actor = caller(request).actor
    actor.require(Permission.LEDGER_EXPORT)
    code = _book(book)

    def query() -> str:
        lines = [*queries.journal(actor=actor, book=code, from_=from_, to=to)]
        ids = {key.counterparty for line in lines for key in (line.debit, line.credit) if key.counterparty}
        names = parties.names(ids)
        return "".join(queries.journal_csv(actor=actor, book=code, from_=from_, to=to, names=names))

    return file(request, read(request, query), "text/csv; charset=utf-8", "journal.csv")


@router.get("/ledger/books/{book}/journal.hledger", **files("text/plain"), summary="Journal for hledger")
def journal_hledger(
    request: HttpRequest,
    book: str,
    from_: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    to: AwareDatetime | None = None,
) -> HttpResponse:
    """A book as an hledger journal."""
    actor = caller(request).actor
    actor.require(Permission.LEDGER_EXPORT)
    code = _book(book)

    def query() -> str:
        return "".join(queries.hledger_journal(actor=actor, book=code, from_=from_, to=to))

    return file(request, read(request, query), "text/plain; charset=utf-8", "journal.hledger")
