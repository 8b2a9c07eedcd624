"""Partners' machines at the door: which scope each route asks for, and who stands behind a client's access token."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpRequest

from fourflow.foundation.clients import queries
from fourflow.foundation.clients.operations.tokens import TOKEN
from fourflow.foundation.clients.types import Family, Machine
from fourflow.interfaces.api.ids import PREFIXES
from fourflow.platform import logs
from fourflow.platform.errors import Forbidden
from fourflow.platform.ids import encode

#: the first part of an address → what its routes are about. A part that is not here is closed to machines.
FAMILIES: dict[str, Family] = {
    part: family
    for family, parts in {
        Family.TRADE: "orders deliveries papers invoices contracts party-names imports",
        Family.CLAIMS: "claims payables",
        Family.VOUCHERS: "vouchers holdings offers overlays complaints promises",
        Family.FINANCING: "quotes financings",
        Family.LIMITS: "limits",
        Family.PAYMENTS: "bank-accounts payments bank-messages expected-cash unmatched-cash returned-cash",
        Family.PARTIES: "parties applications changes licences people accounts restrictions consents",
        Family.PARAMETERS: "parameters",
        Family.APPROVALS: "approvals inbox outbox",
        Family.EVENTS: "events event-kinds evidence audit",
        Family.LEDGER: "ledger",
        Family.OVERSIGHT: "alerts evidence-requests exceptions overdue reads statistics",
        Family.WEBHOOKS: "webhooks webhook-deliveries",
        Family.SANDBOX: "sandbox",
    }.items()
    for part in parts.split()
}
#: what a machine may ask whatever its scopes are: who it is
ANY_SCOPE = "session"


class ScopeMissing(Forbidden):
    """The access token does not carry the scope that this route asks for, or no machine may call it."""

    code = "token.scope_missing"


class MachineCannotSign(Forbidden):
    """What binds an organisation is signed by a person; a client's token never signs, whatever password comes with it."""

    code = "signature.person_needed"


def is_machine(token: str) -> bool:
    """Whether a bearer token looks like a client's; the others are people's sessions."""
    return token.startswith(TOKEN)


def behind(request: HttpRequest, token: str, *, at: datetime, today: date) -> Machine:
    """Who acts under a client's token, once the token is good and wide enough for the route.

    :param at: the machine's instant. :raises TokenRefused: the token opens nothing (any more).
    :raises ScopeMissing: it does not reach as far as this route.
    """
    machine = queries.behind(token, now=at, today=today)
    client, organisation = (
        encode(PREFIXES["client"], machine.client_id),
        encode(PREFIXES["party"], machine.actor.organisation_id),
    )
    logs.made_by(client=client, organisation=organisation)
    method, part = request.method or "", request.path.strip("/").split("/")[1]
    if (method, part) != ("GET", ANY_SCOPE):
        scope = scope_of(method, part)
        if scope not in machine.scopes:
            raise ScopeMissing(needed=scope or "a person")
    return machine


def scope_of(method: str, part: str) -> str:
    """The scope that a method on an address asks for; "" where no machine may go."""
    if part not in FAMILIES:
        return ""
    return f"{FAMILIES[part]}:{'read' if method in ('GET', 'HEAD') else 'write'}"
