"""Filings in the movable-property registry: what was searched, filed and searched again, each with its evidence."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.utils.translation import pgettext_lazy as pg

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import Exchange, ExchangeKind, ExchangeState, Registration, RegistrationKind
from fourflow.capital.claims.types import RegistrationState as State
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Actor
from fourflow.interfaces.web.addresses import text
from fourflow.interfaces.web.components.records import Link
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.components.status import Status
from fourflow.platform.events import queries as events
from fourflow.platform.events.types import RecordedEvent

KINDS = {
    RegistrationKind.RECEIVABLE_TRANSFER: gettext_lazy("Assignment of receivables"),
    RegistrationKind.RECEIVABLE_PLEDGE: gettext_lazy("Pledge of receivables"),
}
STATES = {
    State.OPENED: Status(gettext_lazy("To be searched"), "info", True),
    State.FOUND_CLEAN: Status(gettext_lazy("Searched: nobody before us"), "info", True),
    State.ENCUMBERED: Status(gettext_lazy("Somebody comes before us"), "bad"),
    State.REGISTERED: Status(pg("registration", "Registered"), "info", True),
    State.CLEAR: Status(gettext_lazy("Registered and clear"), "ok"),
    State.CANCELLED: Status(gettext_lazy("Taken out of the registry")),
    State.ABANDONED: Status(gettext_lazy("Given up")),
}
ASKED = {
    ExchangeKind.QUERY: gettext_lazy("Search before filing"),
    ExchangeKind.REGISTER: gettext_lazy("Filing"),
    ExchangeKind.REQUERY: gettext_lazy("Search after filing"),
    ExchangeKind.AMEND: gettext_lazy("Amendment"),
    ExchangeKind.CANCEL: gettext_lazy("Taking it out"),
}
ANSWERS = {
    ExchangeState.READY: Status(gettext_lazy("To be sent"), "info", True),
    ExchangeState.SENT: Status(gettext_lazy("Sent, no answer yet"), "info", True),
    ExchangeState.UNKNOWN: Status(gettext_lazy("No answer: being asked about"), "warn", True),
    ExchangeState.ANSWERED: Status(pg("registry", "Answered"), "ok"),
    ExchangeState.REFUSED: Status(gettext_lazy("Refused by the registry"), "bad"),
    ExchangeState.NOT_RECEIVED: Status(gettext_lazy("Never arrived: sent again"), "warn"),
}


@dataclass(frozen=True, slots=True)
class Asking:
    """One request to the registry: what it was for, what came of it, the number on its paper, and its fact."""

    what: Words
    state: Status
    paper: str
    found: Words
    evidence: Link | None


@dataclass(frozen=True, slots=True)
class Filing:
    """A registration as a card."""

    title: Words
    state: Status
    facts: Sequence[tuple[Words, object]]
    asked: Sequence[Asking]


def of(actor: Actor, *, references: Collection[str] = (), claim_ids: Collection[UUID] = ()) -> list[Filing]:
    """The filings under the references of financings, or over the claims behind a voucher, as far as the organisation may
    see them. Inside ``visitor.reading()``."""
    found = claims.registrations(actor=actor, references=references, claim_ids=claim_ids)
    if not found:
        return []
    ids = [one.id for one in found]
    exchanges = claims.exchanges_of(actor=actor, registration_ids=ids)
    facts = events.of_subjects(ids, kinds=["registration.exchanged"])
    names = parties.names(party for one in found for party in (one.secured_party_id, one.debtor_id))
    told = {UUID(str(fact.body["exchange_id"])): fact for fact in facts}
    return [_filing(one, [e for e in exchanges if e.registration_id == one.id], told, names) for one in found]


def _filing(
    one: Registration,
    exchanges: Sequence[Exchange],
    told: Mapping[UUID, RecordedEvent],
    names: Mapping[UUID, str],
) -> Filing:
    facts: list[tuple[Words, object]] = [
        (_("Secured party"), names.get(one.secured_party_id, "")),
        (_("Debtor of the security"), names.get(one.debtor_id, "")),
        (_("Amount"), one.amount),
        (_("Registration number"), one.registration_no),
        (_("Registered on"), one.registered_at),
        (_("Ends on"), one.expires_on),
        (_("What it covers"), one.collateral),
    ]
    shown = [fact for fact in facts if fact[1] not in ("", None)]
    return Filing(
        KINDS[one.kind],
        STATES[one.state],
        shown,
        [_asking(each, told.get(each.id), one.registration_no) for each in exchanges],
    )


def _asking(one: Exchange, fact: RecordedEvent | None, own: str) -> Asking:
    answer = one.answer or {}
    evidence = Link(_("Evidence"), f"/events/{text('event', fact.id)}") if fact else None
    paper = str(answer.get("registration_no") or answer.get("certificate") or "")
    return Asking(ASKED[one.kind], ANSWERS[one.state], paper, _found(one, answer, own), evidence)


def _found(one: Exchange, answer: Mapping[str, Any], own: str) -> Words:
    """What a search found on the same assets, our own filing among it; why a request was refused."""
    if answer.get("reason"):
        return str(answer["reason"])
    if one.kind not in (ExchangeKind.QUERY, ExchangeKind.REQUERY) or one.state is not ExchangeState.ANSWERED:
        return ""
    hits = [hit.get("registration_no") for hit in answer.get("hits", ())]
    if hits == [own]:
        return _("Nothing but our own filing")
    if not hits:
        return _("Nothing on these assets")
    return ngettext("%(n)s filing on these assets", "%(n)s filings on these assets", len(hits)) % {"n": len(hits)}
