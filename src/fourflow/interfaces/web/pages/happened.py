"""Events in words: what happened, in the reader's language, each with the way to its evidence bundle."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as pg

from fourflow.interfaces.web import texts
from fourflow.interfaces.web.addresses import text
from fourflow.interfaces.web.components.records import Step
from fourflow.interfaces.web.components.shell import Words
from fourflow.platform.events.types import RecordedEvent

WORDS: dict[str, tuple[Words, str]] = {
    "payable.proposed": (_("Proposed to the debtor"), "done"),
    "payable.confirmed": (_("Confirmed and signed"), "ok"),
    "payable.withdrawn": (_("Withdrawn"), "warn"),
    "voucher.drafted": (_("Drafted"), "done"),
    "voucher.term_acknowledged": (_("The bank acknowledged the long term"), "done"),
    "voucher.returned": (_("Returned to the maker"), "warn"),
    "voucher.offered": (_("Checked and offered"), "done"),
    "voucher.accepted": (pg("event", "Accepted"), "ok"),
    "voucher.closed": (_("Offer or voucher closed"), "warn"),
    "holding.transfer_offered": (_("A part was offered to the next party"), "done"),
    "holding.transferred": (_("A part changed hands"), "ok"),
    "holding.transfer_ended": (_("An offered part went back to its holder"), "warn"),
    "holding.locked_for_finance": (_("A part was locked for financing"), "done"),
    "holding.unlocked": (_("A part was unlocked"), "done"),
    "holding.financed": (_("A part was financed"), "ok"),
    "voucher.maturing": (_("Due: the core was asked to pay"), "done"),
    "voucher.paid": (_("A holder was paid"), "ok"),
    "voucher.overdue": (_("Overdue"), "bad"),
    "voucher.defaulted": (_("Defaulted"), "bad"),
    "voucher.overlay_opened": (_("Disputed or frozen"), "warn"),
    "voucher.overlay_closed": (_("Dispute settled or freeze lifted"), "ok"),
    "voucher.credited": (_("Reduced by a credit note"), "done"),
    "voucher.complaint": (_("A holder complained"), "warn"),
    "financing.requested": (_("Requested, with the supplier's signed consent"), "done"),
    "financing.decided": (_("The bank decided"), "done"),
    "financing.ended": (_("Ended without payout"), "warn"),
    "financing.registered": (_("Registered in the movable-property registry and searched again"), "ok"),
    "financing.disbursement_instructed": (_("Payout instructed"), "done"),
    "financing.payout_not_received": (_("The bank never got the payout; it is instructed again"), "warn"),
    "financing.disbursed": (_("Paid out"), "ok"),
    "financing.accrued": (_("Interest accrued"), "done"),
    "financing.collected": (_("The debtor's payment arrived"), "ok"),
    "claim.registered": (_("A claim on a document was registered"), "done"),
    "claim.used": (_("The claim was used"), "done"),
    "claim.released": (_("The claim was given back"), "done"),
    "claim.credited": (_("The claim was reduced by a credit note"), "done"),
    "instruction.given": (_("A payment was instructed"), "done"),
    "instruction.sent": (_("The payment order went to the bank"), "done"),
    "payment.in_transit": (_("The bank is working on the payment"), "done"),
    "payment.unknown": (_("The bank's answer is not known"), "warn"),
    "payment.settled": (_("The bank has paid"), "ok"),
    "payment.rejected": (_("The bank rejected the payment"), "bad"),
    "registration.opened": (_("A filing in the registry was begun"), "done"),
    "registration.exchanged": (_("The registry was asked and answered"), "done"),
    "registration.moved": (_("The filing went a step further"), "done"),
    "voucher.complaint_answered": (_("A complaint was answered"), "ok"),
    "voucher.credit_settled_outside": (_("A credit note was settled outside the voucher"), "done"),
    "financing.overdue": (_("The debtor did not pay the financed part"), "bad"),
    "financing.recourse_called": (_("The bank took recourse"), "warn"),
    "party.founded": (_("The firm was founded here"), "done"),
    "party.onboarded": (_("The firm was admitted"), "ok"),
    "party.restricted": (_("A restriction was imposed"), "bad"),
    "party.restriction_lifted": (_("A restriction was lifted"), "ok"),
    "party.change_proposed": (_("A change was proposed"), "done"),
    "party.change_closed": (_("A proposed change was decided"), "done"),
    "evidence.requested": (_("The regulator asked for the evidence"), "done"),
    "evidence.released": (_("The operator handed the evidence out"), "ok"),
    "financing.recourse": (_("Recourse taken"), "bad"),
}
#: what the first page tells of: business, without the steps of machines
NEWS = tuple(
    kind
    for kind in WORDS
    if kind.partition(".")[0] in ("payable", "voucher", "holding", "financing", "evidence")
    and kind != "financing.accrued"
)


def _figure(body: Mapping[str, object]) -> str:
    return texts.amount_of(body.get("amount") or body.get("face"))


#: the fields that name whom a fact concerns, the nearest first
_WHO = ("to_id", "holder_id", "payee_id", "organisation_id", "applicant_id", "receiver_id", "issuer_id", "funder_id")


def _parties(body: Mapping[str, object]) -> list[UUID]:
    return [UUID(str(body[name])) for name in _WHO if body.get(name)]


def involved(events: Iterable[RecordedEvent]) -> set[UUID]:
    """The parties that events name."""
    return {party for event in events for party in _parties(event.body)}


def _who(body: Mapping[str, object], names: Mapping[UUID, str]) -> str:
    return next((names[party] for party in _parties(body) if names.get(party)), "")


def about(events: Iterable[RecordedEvent], parts: Collection[UUID]) -> list[RecordedEvent]:
    """Without what happened to parts that the reader may not see: other holders' transfers and financings."""
    seen = {str(part) for part in parts}
    return [event for event in events if event.body.get("holding_id") is None or str(event.body["holding_id"]) in seen]


def timeline(events: Iterable[RecordedEvent], names: Mapping[UUID, str]) -> list[Step]:
    """Newest first; each step leads to the event's page with its place in the log and its bundle."""
    steps = []
    for event in events:
        what, tone = WORDS.get(event.kind, (event.kind, "done"))
        address = f"/events/{text('event', event.id)}"
        steps.append(Step(what, event.effective_at, _who(event.body, names), _figure(event.body), tone, address))
    return steps[::-1]
