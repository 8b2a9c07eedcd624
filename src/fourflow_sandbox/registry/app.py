"""The registry's port (docs/operations/sandbox.md)."""

from __future__ import annotations

from collections.abc import Sequence

from fourflow_sandbox import clock
from fourflow_sandbox.bank.app import page
from fourflow_sandbox.http.server import Request, Response, Route, answer
from fourflow_sandbox.refusal import Refusal
from fourflow_sandbox.registry import register
from fourflow_sandbox.store import Store

_CHANGES = ("amend", "extend", "cancel", "objection")


def _reference(request: Request) -> Sequence[str]:
    try:
        return [str(request.json().get("client_reference", ""))]
    except Refusal:
        return ()


def _criteria(request: Request) -> Sequence[str]:
    return [value for text in request.query.values() for value in text.split(",")]


class RegistryPort:
    """Handlers of the registry."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def routes(self) -> list[Route]:
        """Every endpoint but the switches."""
        changes = [
            Route("POST", f"/registrations/{{number}}/{kind}", self._change, kind, _reference) for kind in _CHANGES
        ]
        return [
            Route("GET", "/", self._page),
            Route("POST", "/registrations", self._file, "registrations", _reference),
            Route("GET", "/registrations", self._by_reference, "registrations", _criteria),
            Route("GET", "/registrations/{number}", self._show, "registrations"),
            *changes,
            Route("GET", "/query", self._query, "query", _criteria),
            Route("GET", "/certificates/{number}", self._certificate, "query"),
            Route("GET", "/clock", self._clock),
            Route("POST", "/clock", self._move_clock),
        ]

    def _file(self, request: Request) -> Response:
        filed, new = register.file(self._store, request.json())
        return answer(filed, 201 if new else 200)

    def _by_reference(self, request: Request) -> Response:
        return answer(register.by_reference(self._store, request.query.get("client_reference", "")))

    def _show(self, request: Request) -> Response:
        return answer(register.shown(self._store, request.at["number"]))

    def _change(self, request: Request) -> Response:
        kind = request.path.rpartition("/")[2]
        return answer(register.change(self._store, request.at["number"], kind, request.json()))

    def _query(self, request: Request) -> Response:
        assets = [value for value in request.query.get("asset", "").split(",") if value]
        return answer(register.query(self._store, assets[:500], request.query.get("debtor", "")))

    def _certificate(self, request: Request) -> Response:
        return answer(register.certificate(self._store, request.at["number"]))

    def _clock(self, request: Request) -> Response:
        with self._store.reading() as connection:
            return answer({"date": clock.today(connection).isoformat(), "now": clock.now(connection)})

    def _move_clock(self, request: Request) -> Response:
        with self._store.writing() as connection:
            clock.move(connection, request.json())
        return self._clock(request)

    def _page(self, request: Request) -> Response:
        with self._store.reading() as connection:
            rows = connection.execute("SELECT * FROM registration ORDER BY rank DESC LIMIT 500").fetchall()
        names = ("registration_no", "secured_party_name", "debtor_name", "filed_at", "expires_on", "state")
        cells = [[str(row[name]) for name in names] for row in rows]
        return page("movable-property registry", cells)
