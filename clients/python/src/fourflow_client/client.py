# Made by tools/sync_client.py of fourflow_client/aio/client.py; change that one.
"""The client: a signed-in person (or a machine with a token) acting for one organisation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self, cast

from fourflow_client import resources
from fourflow_client.exchange import Answer
from fourflow_client.transport import Transport
from fourflow_client.types import Session, ToSign


class Client:
    """``Client("https://scf.example/v1/", token=…)``, or :meth:`sign_in` with a person's password.

    Options are those of :class:`fourflow_client.transport.Transport`. Several threads may use one client at once.
    """

    def __init__(self, base_url: str, *, token: str = "", **options: Any) -> None:
        self._transport = Transport(base_url, **options)
        if token:
            self._transport.authorise(token)
        self.orders = resources.Orders(self)
        self.deliveries = resources.Deliveries(self)
        self.invoices = resources.Invoices(self)
        self.documents = resources.Documents(self)
        self.imports = resources.Imports(self)
        self.claims = resources.Claims(self)
        self.payables = resources.Payables(self)
        self.vouchers = resources.Vouchers(self)
        self.holdings = resources.Holdings(self)
        self.objections = resources.Objections(self)
        self.financings = resources.Financings(self)
        self.limits = resources.Limits(self)
        self.bank_accounts = resources.BankAccounts(self)
        self.payments = resources.Payments(self)
        self.cash = resources.Cash(self)
        self.ledger = resources.Ledger(self)
        self.papers = resources.Papers(self)
        self.parties = resources.Parties(self)
        self.applications = resources.Applications(self)
        self.changes = resources.Changes(self)
        self.restrictions = resources.Restrictions(self)
        self.consents = resources.Consents(self)
        self.approvals = resources.Approvals(self)
        self.parameters = resources.Parameters(self)
        self.notices = resources.Notices(self)
        self.schedules = resources.Schedules(self)
        self.evidence_requests = resources.EvidenceRequests(self)
        self.happened = resources.Events(self)
        self.oversight = resources.Oversight(self)
        self.access = resources.Access(self)
        self.recoveries = resources.Recoveries(self)
        self.emergencies = resources.Emergencies(self)
        self.clients = resources.Clients(self)
        self.webhooks = resources.Webhooks(self)
        self.sandbox = resources.Sandbox(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()

    @property
    def last_response(self) -> Answer | None:
        """What the API answered this thread last, a refusal too, with status, headers and request id; None before the first
        answer."""
        return self._transport.latest.mine()

    def sign_in(self, email: str, password: str, *, organisation_id: str | None = None, code: str = "") -> Self:
        """Get a token for 30 minutes and use it from now on. ``code``: of the second factor, where there is one."""
        body = {"email": email, "password": password, "organisation_id": organisation_id}
        if code:
            body["code"] = code
        self._transport.authorise(self.post("tokens", body).body["access_token"])
        return self

    def session(self) -> Session:
        """Who acts, for whom, and what that allows today."""
        return cast(Session, self.get("session").body)

    def get(self, path: str, **query: Any) -> Answer:
        """Read any address below the base; see :meth:`Transport.get`."""
        return self._transport.get(path, **query)

    def file(self, path: str, media_type: str, **query: Any) -> bytes:
        """Read a file below the base; see :meth:`Transport.file`."""
        return self._transport.file(path, media_type, **query)

    def post(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        if_match: str | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> Answer:
        """Write to any address below the base, once; see :meth:`Transport.post`."""
        return self._transport.post(path, body, key=key, if_match=if_match, file=file)

    def pages(self, path: str, **query: Any) -> Iterator[Any]:
        """The rows of any list, page after page."""
        return self._transport.pages(path, **query)

    def events(self, cursor: str | None = None) -> Iterator[Any]:
        """What happened, in final order; begin again after the last ``next_cursor`` (``last_response.body`` has it)."""
        return self._transport.pages("events", cursor=cursor)

    def sign(
        self,
        content_path: str,
        path: str,
        *,
        password: str,
        show: Callable[[ToSign], bool] | None = None,
        **body: Any,
    ) -> Any:
        """Read what is to be signed, let ``show`` put it before the person, and sign exactly that.

        :raises PermissionError: ``show`` says no; nothing was sent.
        """
        content = cast(ToSign, self.get(content_path).body)
        if show is not None and not show(content):
            raise PermissionError("the person did not sign")
        signed = {**body, "password": password, "content_digest": content["content_digest"]}
        return self.post(path, signed).body
