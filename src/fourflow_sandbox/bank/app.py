"""The bank's port: which request does what (docs/operations/sandbox.md)."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence

from fourflow_sandbox import clock
from fourflow_sandbox.bank import books, clearing, credit, notices, payments
from fourflow_sandbox.bank.books import Bank
from fourflow_sandbox.http.server import Request, Response, Route, answer
from fourflow_sandbox.refusal import Refusal

_XML = "application/xml; charset=utf-8"
_END_TO_END = re.compile(rb"EndToEndId\s*>\s*([^<\s]{1,35})\s*<")


def _orders_in(request: Request) -> Sequence[str]:
    return [name.decode("utf-8", "replace") for name in _END_TO_END.findall(request.body)]


def _reference_in(request: Request) -> Sequence[str]:
    try:
        body = request.json()
    except Refusal:
        return ()
    return [str(body[name]) for name in ("reference", "client_reference") if name in body]


def _named(request: Request) -> Sequence[str]:
    return list(request.at.values()) or list(request.query.values())


def _number(query: Mapping[str, str], field: str, default: int, highest: int) -> int:
    value = query.get(field, str(default))
    if not (value.isascii() and value.isdigit() and len(value) < 19 and int(value) <= highest):
        raise Refusal(422, "field.invalid", field=field, expected=f"0..{highest}")
    return int(value)


class BankPort:
    """Handlers of one bank."""

    def __init__(self, bank: Bank, prices: Mapping[str, object], outbox: clearing.Outbox) -> None:
        self._bank = bank
        self._prices = prices
        self._outbox = outbox

    def routes(self) -> list[Route]:
        """Every endpoint but the switches and the witness."""
        return [
            Route("GET", "/", self._page),
            Route("POST", "/accounts", self._open, "accounts", _reference_in),
            Route("GET", "/accounts/{number}/balance", self._balance, "balance", _named),
            Route("GET", "/accounts/{number}/owner-check", self._owner_check, "owner-check", _named),
            Route("POST", "/accounts/{number}/close", self._close),
            Route("POST", "/pain.001", self._pay, "pain.001", _orders_in),
            Route("GET", "/status/{end_to_end_id}", self._status, "status", _named),
            Route("GET", "/camt.054", self._notifications, "camt.054", _named),
            Route("GET", "/camt.053", self._statement, "camt.053", _named),
            Route("POST", "/clearing", self._clearing, "clearing", _reference_in),
            Route("POST", "/credit-decision", self._decide, "credit-decision", _reference_in),
            Route("GET", "/credit-decision/{reference}", self._decision, "credit-decision", _named),
            Route("POST", "/incoming", self._incoming, "incoming", _reference_in),
            Route("GET", "/clock", self._clock),
            Route("POST", "/clock", self._move_clock),
            Route("GET", "/books", self._books),
        ]

    def _open(self, request: Request) -> Response:
        account, opened = books.open_account(self._bank, request.json())
        return answer(account, 201 if opened else 200)

    def _balance(self, request: Request) -> Response:
        with self._bank.store.reading() as connection:
            return answer(books.shown(books.required(connection, request.at["number"])))

    def _owner_check(self, request: Request) -> Response:
        query = request.query
        checked = books.owner_check(
            self._bank, request.at["number"], query.get("name", ""), query.get("identifier", "")
        )
        return answer(checked)

    def _close(self, request: Request) -> Response:
        return answer(books.close_account(self._bank, request.at["number"]))

    def _pay(self, request: Request) -> Response:
        report = payments.submit(self._bank, request.body)
        self._outbox.wake()
        return Response(202, report, _XML)

    def _status(self, request: Request) -> Response:
        return Response(200, payments.ask(self._bank, request.at["end_to_end_id"]), _XML)

    def _notifications(self, request: Request) -> Response:
        after = _number(request.query, "after", 0, 2**62)
        limit = max(1, _number(request.query, "limit", 500, 5000))
        return answer(notices.poll(self._bank, after, request.query.get("account", ""), limit))

    def _statement(self, request: Request) -> Response:
        day = clock.parse_date(request.query.get("date"))
        return Response(200, notices.statement(self._bank, request.query.get("account", ""), day), _XML)

    def _clearing(self, request: Request) -> Response:
        return answer(clearing.receive(self._bank, request.json()))

    def _decide(self, request: Request) -> Response:
        return answer(credit.decide(self._bank, self._prices, request.json()))

    def _decision(self, request: Request) -> Response:
        return answer(credit.recorded(self._bank, request.at["reference"]))

    def _incoming(self, request: Request) -> Response:
        return answer(clearing.incoming(self._bank, request.json()), 201)

    def _clock(self, request: Request) -> Response:
        with self._bank.store.reading() as connection:
            return answer({"date": clock.today(connection).isoformat(), "now": clock.now(connection)})

    def _move_clock(self, request: Request) -> Response:
        with self._bank.store.writing() as connection:
            clock.move(connection, request.json())
            payments.execute_due(connection, self._bank)
        self._outbox.wake()
        return self._clock(request)

    def _books(self, request: Request) -> Response:
        return answer(books.trial_balance(self._bank))

    def _page(self, request: Request) -> Response:
        with self._bank.store.reading() as connection:
            rows = connection.execute("SELECT * FROM account ORDER BY number").fetchall()
            day = clock.today(connection).isoformat()
        cells = [
            (r["number"], r["owner_name"], r["kind"], r["state"], r["currency"], str(books.shown(r)["balance"]))
            for r in rows
        ]
        return page(f"{self._bank.name} ({self._bank.code}), {day}", cells)


def page(title: str, rows: Sequence[Sequence[str]]) -> Response:
    """A plain table for people, marked SANDBOX."""
    lines = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>SANDBOX</title>'
        f"<h1>SANDBOX &mdash; {html.escape(title)}</h1><p>No real money, no real registration.</p>"
        f"<table>{lines}</table></html>"
    )
    return Response(200, text.encode(), "text/html; charset=utf-8")
