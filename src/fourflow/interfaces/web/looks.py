"""What each page shows, in the classes of data, and the line that a look of who oversees leaves in the log of reads."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponseBase

from fourflow.foundation.access import operations
from fourflow.foundation.access.types import DataClass
from fourflow.foundation.parties.types import Actor

#: the beginning of an address, identifiers as ``*`` → what its pages show at most; the longest beginning counts.
#: A page that is not here is not shown to who oversees: it would leave no line. Own is also the log of reads itself:
#: a line about each look at the lines would bury them.
CLASSES: dict[str, DataClass] = {
    beginning: kind
    for kind, beginnings in {
        DataClass.PUBLIC: "audit dev explorer language livez metrics organisation papers parameters passkeys readyz recover "
        "sandbox sign-in sign-out version",
        DataClass.OWN: "drafts me messages operations reads schedules stay team views",
        DataClass.RESTRICTED: "alerts books clients complaints deliveries emergencies events exceptions expected-cash "
        "financing holdings home imports inbox invoices issue limits messages/* overdue parties "
        "payables payments placed promises quotes reconciliations recoveries requests returned-cash "
        "schedules/*/* search statistics unmatched vouchers webhooks applications",
        DataClass.CORE: "applications/* parties/*",
    }.items()
    for beginning in beginnings.split()
}


def record(request: HttpRequest, actor: Actor, response: HttpResponseBase, effective_at: datetime) -> None:
    """Leave the line about what a page has shown, before it is sent: what cannot be logged is not shown.

    A page says whose it is (``request.subject_party_id``) where its address does not. A redirect shows nothing.
    """
    if not 300 <= response.status_code < 400:
        operations.record_look(
            path=request.path if request.path != "/" else "/home",
            query=request.GET,
            classes=CLASSES,
            actor=actor,
            effective_at=effective_at,
            subject_party_id=getattr(request, "subject_party_id", None),
        )
