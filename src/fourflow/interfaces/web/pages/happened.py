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
    "payable.expired": (_("Nobody confirmed it in time"), "warn"),
    "voucher.drafted": (_("Drafted"), "done"),
    "voucher.term_acknowledged": (_("The bank acknowledged the long term"), "done"),
    "voucher.returned": (_("Returned to the maker"), "warn"),
    "voucher.offered": (_("Checked and offered"), "done"),
    "voucher.cancel_asked": (_("The issuer signed for a cancellation; the holder has to agree"), "warn"),
    "voucher.cancel_ended": (
        _("The cancellation came to nothing: no agreement in time, or another act before it"),
        "warn",
    ),
    "voucher.totals_corrected": (_("Kept totals of vouchers were counted anew and corrected"), "warn"),
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
    "voucher.promised": (_("The issuer promised by when it pays"), "warn"),
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
    "payment.rejected": (_("Not paid: rejected by the bank, taken back, or not released in time"), "bad"),
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
    "party.change_closed": (_("A proposed change was decided, taken back, or has expired"), "done"),
    "report.schedule_changed": (_("A report was subscribed, paused, resumed, ended, or it stopped"), "done"),
    "report.made": (_("The file of a report was made"), "ok"),
    "report.failed": (_("The file of a report could not be made"), "bad"),
    "evidence.requested": (_("The regulator asked for the evidence"), "done"),
    "evidence.released": (_("The operator handed the evidence out"), "ok"),
    "financing.recourse": (_("Recourse taken"), "bad"),
    "instruction.drafted": (_("A payment was drafted"), "done"),
    "payment.answer_repeated": (_("The bank repeated an answer"), "done"),
    "account.registered": (_("A bank account was registered"), "done"),
    "account.owner_checked": (_("The owner of a bank account was checked"), "done"),
    "account.retired": (_("A bank account was retired"), "done"),
    "answer.parked": (_("A bank's answer could not be placed"), "warn"),
    "answer.exception_resolved": (_("An exception was resolved"), "ok"),
    "bank.reconciled": (_("A bank account was reconciled"), "done"),
    "statement.received": (_("A bank statement arrived"), "done"),
    "cash.booked": (_("Cash was booked"), "done"),
    "cash.expected": (_("Cash is expected"), "done"),
    "cash.expectation_cancelled": (_("Cash is no longer expected"), "done"),
    "cash.matched": (_("Cash was matched"), "ok"),
    "cash.unmatched": (_("Cash could not be matched"), "warn"),
    "cash.assignment_proposed": (_("A place for cash was proposed"), "done"),
    "cash.return_proposed": (_("Sending cash back was proposed"), "done"),
    "cash.proposal_withdrawn": (_("What was proposed for cash was taken back"), "done"),
    "cash.proposal_expired": (_("Nobody decided in time what was proposed for cash"), "warn"),
    "cash.return_instructed": (_("Cash is on its way back to its payer"), "done"),
    "cash.return_failed": (_("The bank did not pay the cash back"), "bad"),
    "cash.returned": (_("Cash went back to its payer"), "ok"),
    "limit.proposed": (_("A credit line was proposed"), "done"),
    "limit.proposal_rejected": (_("A proposed credit line was rejected"), "warn"),
    "limit.proposal_expired": (_("A proposed credit line was not decided in time"), "warn"),
    "limit.published": (_("A credit line was published"), "ok"),
    "limit.frozen": (_("A credit line was frozen"), "bad"),
    "limit.unfrozen": (_("A credit line was unfrozen"), "ok"),
    "limit.blocked": (_("A part of a line was blocked"), "done"),
    "limit.utilised": (_("A part of a line was used"), "done"),
    "limit.released": (_("A part of a line was freed"), "done"),
    "limit.within_again": (_("A line is within its amount again"), "ok"),
    "approval.requested": (_("An approval was asked for"), "done"),
    "approval.decided": (_("A checker decided"), "done"),
    "approval.closed": (_("A request for approval was taken back, or has expired"), "done"),
    "parameter.proposed": (_("A parameter value was proposed"), "done"),
    "parameter.closed": (_("A proposed parameter value was decided, taken back, or has expired"), "done"),
    "document.recorded": (_("A trade document was recorded"), "done"),
    "document.attachment_added": (_("A file was attached to a document"), "done"),
    "document.file_received": (_("A file of documents was received"), "done"),
    "document.import_progressed": (_("A file of documents was read further"), "done"),
    "document.party_name_mapped": (_("A name in documents was tied to a firm"), "done"),
    "platform_invoice.registered": (_("The platform's invoice was registered"), "done"),
    "party.application_changed": (_("An application changed"), "done"),
    "party.consent_given": (_("A consent was given"), "done"),
    "party.consent_withdrawn": (_("A consent was withdrawn"), "warn"),
    "party.account_closed": (_("A sign-in was closed"), "warn"),
    "client.proposed": (_("Terms of an API client were proposed"), "done"),
    "client.decided": (_("Terms of an API client were decided"), "done"),
    "client.revoked": (_("An API client was revoked"), "warn"),
    "webhook.changed": (_("A webhook was changed"), "done"),
    "notices.preferences_changed": (_("Somebody chose how to be told"), "done"),
    "access.session_began": (_("Somebody signed in"), "done"),
    "access.session_prolonged": (_("Somebody stayed signed in"), "done"),
    "access.session_ended": (_("Somebody signed out"), "done"),
    "access.confirmed": (_("Somebody confirmed who they are"), "done"),
    "access.locked": (_("A sign-in was locked after wrong attempts"), "bad"),
    "access.factor_changed": (_("A second factor was changed"), "warn"),
    "access.password_changed": (_("A password was changed"), "warn"),
    "access.passkey_copied": (_("A passkey was used as if it were copied"), "bad"),
    "access.recovery": (_("A recovery went a step further"), "warn"),
    "access.glass_broken": (_("The glass was broken: emergency access"), "bad"),
    "access.emergency_closed": (_("An emergency was closed"), "ok"),
    "access.data_read": (_("Another party's data was read"), "done"),
    "access.reads_sealed": (_("The log of reads was sealed"), "ok"),
    "key.rotated": (_("The sealing key was changed"), "warn"),
}
#: the families of kinds, as the event log is filtered by them and names the object of a fact
FAMILIES: dict[str, Words] = {
    "voucher": _("Voucher"),
    "holding": _("Part of a voucher"),
    "payable": _("Payable"),
    "claim": _("Claim"),
    "financing": _("Financing"),
    "registration": _("Registration"),
    "report": _("Report"),
    "limit": _("Credit line"),
    "instruction": _("Payment order"),
    "payment": _("Payment"),
    "cash": _("Cash"),
    "account": _("Bank account"),
    "statement": _("Bank statement"),
    "bank": _("Bank"),
    "answer": _("Bank's answer"),
    "document": _("Trade document"),
    "platform_invoice": _("Platform's invoice"),
    "party": _("Firm"),
    "approval": _("Approval"),
    "parameter": _("Parameter"),
    "access": _("Access"),
    "client": _("API client"),
    "webhook": _("Webhook"),
    "notices": _("Messages"),
    "evidence": _("Evidence"),
    "key": _("Key"),
}
#: what the first page tells of: business, without the steps of machines
NEWS = tuple(
    kind
    for kind in WORDS
    if kind.partition(".")[0] in ("payable", "voucher", "holding", "financing", "evidence")
    and kind != "financing.accrued"
)


def words(kind: str) -> Words:
    """What happened, by the kind of the fact; the kind itself where a later version wrote it."""
    return WORDS.get(kind, (kind, ""))[0]


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
