"""What each address of the API shows, in the classes of data, and the line that a look of who oversees leaves."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from fourflow.foundation.access import operations
from fourflow.foundation.access.types import DataClass
from fourflow.interfaces.api.auth import Caller

#: the beginning of an address, identifiers as ``*`` → what its answers show at most; the longest beginning counts.
#: An address that is not here answers nobody who oversees: the answer would leave no line. Own is also the log of reads
#: itself: a line about each look at the lines would bury them.
CLASSES: dict[str, DataClass] = {
    beginning: kind
    for kind, beginnings in {
        DataClass.PUBLIC: "event-kinds evidence/checkpoint evidence/log parameters recover sandbox tokens",
        DataClass.OWN: "accounts factors notices reads schedules session sessions",
        DataClass.RESTRICTED: "alerts approvals audit bank-accounts bank-messages claims client-proposals clients "
        "complaints consents contracts deliveries emergencies events evidence-requests exceptions expected-cash financings "
        "holdings imports inbox invoices ledger licences limits offers orders outbox overdue overlays papers parties "
        "party-names party-numbers payables payments promises quotes reconciliations recoveries reports restrictions "
        "returned-cash statistics unmatched-cash vouchers webhook-deliveries webhooks",
        DataClass.CORE: "applications changes parties/*/changes people",
    }.items()
    for beginning in beginnings.split()
}

Answer = Callable[..., HttpResponse]


def logged(route: Answer) -> Answer:
    """Decorator of every route: the line stands in the log before the answer is sent; what cannot be logged is not shown.

    A route says whose its answer is (``request.subject_party_id``) where its address does not. A refusal shows nothing.
    """

    @functools.wraps(route)
    def answer(request: HttpRequest, *given: Any, **asked: Any) -> HttpResponse:
        response = route(request, *given, **asked)
        who = getattr(request, "auth", None)
        if isinstance(who, Caller) and response.status_code < 300:
            operations.record_look(
                path=request.path.removeprefix("/v1"),
                query=request.GET,
                classes=CLASSES,
                actor=who.actor,
                effective_at=who.now,
                subject_party_id=getattr(request, "subject_party_id", None),
            )
        return response

    return answer
