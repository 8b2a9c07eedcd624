"""Whom a fact concerns: one row a kind of event. A rule reads the event, and a module's queries where it does not say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from fourflow.capital.financing import queries as financing
from fourflow.capital.financing.types import FinancingId
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import VoucherId
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import SYSTEM, AccountNotFound, Permission, RoleKind
from fourflow.oversight.notices.types import Topic
from fourflow.platform.events import queries as events
from fourflow.platform.events.types import RecordedEvent

P = Permission
#: the permissions, one of which decides a kind of request for approval
Checkers = Mapping[str, frozenset[Permission]]


@dataclass(frozen=True, slots=True)
class Address:
    """Who of an organisation by permission, or one person; never the person whose own doing it was."""

    topic: Topic
    about: tuple[str, UUID] | None
    organisation_id: UUID | None = None
    permissions: frozenset[Permission] = frozenset()
    person_id: UUID | None = None
    but: UUID | None = None


Rule = Callable[[RecordedEvent, Checkers, date], Iterable[Address]]


def _id(event: RecordedEvent, field: str) -> UUID:
    return UUID(str(event.body[field]))


def _approval(event: RecordedEvent, checkers: Checkers, on: date) -> Iterable[Address]:
    may = checkers.get(event.body["what"], frozenset())
    maker = _id(event, "maker_person_id")
    yield Address(Topic.DECISION, ("approval", event.subject_id), _id(event, "organisation_id"), may, but=maker)


def _unconfirmed(event: RecordedEvent, checkers: Checkers, on: date) -> Iterable[Address]:
    """The debtor's people who sign for a payable, but for whoever proposed it."""
    may, maker = frozenset({P.CLAIM_CONFIRM}), _id(event, "proposed_by")
    yield Address(Topic.DECISION, ("payable", event.subject_id), _id(event, "debtor_id"), may, but=maker)


def _abandoned(event: RecordedEvent, checkers: Checkers, on: date) -> Iterable[Address]:
    """Whoever drafted or submitted an application with which nobody went on."""
    if event.body["state"] == "expired":
        yield Address(Topic.DECISION, ("application", event.subject_id), person_id=_id(event, "maker_person_id"))


def _unreleased(event: RecordedEvent, checkers: Checkers, on: date) -> Iterable[Address]:
    """Whoever prepared a payment that nobody released in time."""
    if event.body["reason_code"] == "EXPIRED":
        yield Address(Topic.DECISION, ("instruction", event.subject_id), person_id=_id(event, "prepared_by"))


def _undecided(event: RecordedEvent, checkers: Checkers, on: date) -> Iterable[Address]:
    """Whoever asked, where nobody decided in time."""
    if event.body["state"] == "expired":
        yield Address(Topic.DECISION, ("approval", event.subject_id), person_id=_id(event, "maker_person_id"))


def _rejected(event: RecordedEvent, checkers: Checkers, on: date) -> Iterable[Address]:
    """Whoever asked, where a checker said no."""
    if event.body["state"] == "rejected":
        yield Address(Topic.DECISION, ("approval", event.subject_id), person_id=_id(event, "maker_person_id"))


def _of_maker(kind: str) -> Rule:
    """Whoever proposed what nobody decided in time."""

    def rule(event: RecordedEvent, checkers: Checkers, on: date) -> Iterable[Address]:
        yield Address(Topic.DECISION, (kind, event.subject_id), person_id=_id(event, "proposed_by"))

    return rule


def _of_field(topic: Topic, kind: str, field: str, permission: Permission, about: str = "") -> Rule:
    """The people with a permission in the organisation that a field names; linked to the subject or to another field."""

    def rule(event: RecordedEvent, checkers: Checkers, on: date) -> Iterable[Address]:
        where = _id(event, about) if about else event.subject_id
        yield Address(topic, (kind, where), _id(event, field), frozenset({permission}))

    return rule


def _of_transfer(event: RecordedEvent, checkers: Checkers, on: date) -> Iterable[Address]:
    """Holder and receiver of an offer that came to nothing; never the one whose own doing it was."""
    for field, permission in (("from_id", P.VOUCHER_TRANSFER), ("to_id", P.VOUCHER_ACCEPT)):
        if _id(event, field) != event.organisation_id:
            about = ("holding", _id(event, "holding_id"))
            yield Address(Topic.OFFER, about, _id(event, field), frozenset({permission}))


def _of_financing(topic: Topic, party: str, permission: Permission) -> Rule:
    """The people of a party to the financing that is the subject: ``applicant_id`` or ``funder_id``."""

    def rule(event: RecordedEvent, checkers: Checkers, on: date) -> Iterable[Address]:
        quote = financing.get(actor=SYSTEM, financing_id=FinancingId(event.subject_id)).quote
        yield Address(topic, ("financing", event.subject_id), getattr(quote, party), frozenset({permission}))

    return rule


def _of_voucher(topic: Topic) -> Rule:
    """The issuer, the funder of the line, and whoever holds or is paid a living part: all of them, or what is below the
    part that the event names. Never the organisation whose own doing it was."""

    def rule(event: RecordedEvent, checkers: Checkers, on: date) -> Iterable[Address]:
        key = VoucherId(event.subject_id)
        voucher = vouchers.get(actor=SYSTEM, voucher_id=key)
        living = [part for part in vouchers.parts(actor=SYSTEM, voucher_id=key) if part.state.is_live]
        if event.body.get("holding_id"):
            top = _id(event, "holding_id")
            living = [part for part in living if top in (part.id, *part.path)]
        told = {voucher.issuer_id, voucher.funder_id}
        told |= {one for part in living for one in (part.holder_id, part.payee_id)}
        for organisation in sorted(told - {event.organisation_id}):
            may = frozenset({P.PAYMENT_RELEASE, P.VOUCHER_ACCEPT, P.LIMIT_SET})
            yield Address(topic, ("voucher", key), organisation, may)

    return rule


def _of_complaint(event: RecordedEvent, checkers: Checkers, on: date) -> Iterable[Address]:
    """The people of the firm that complained, who may complain."""
    made = vouchers.complaint(actor=SYSTEM, complaint_id=_id(event, "complaint_id"))
    yield Address(Topic.RISK, ("voucher", event.subject_id), made.organisation_id, frozenset({P.VOUCHER_COMPLAIN}))


def _webhook(event: RecordedEvent, checkers: Checkers, on: date) -> Iterable[Address]:
    if event.body["state"] == "disabled":
        yield Address(Topic.PARTNERS, None, _id(event, "organisation_id"), frozenset({P.WEBHOOK_EDIT}))


def _of_account(account: Callable[[RecordedEvent], UUID | None]) -> Rule:
    """The person behind an account."""

    def rule(event: RecordedEvent, checkers: Checkers, on: date) -> Iterable[Address]:
        account_id = account(event)
        if account_id is None:
            return
        try:
            yield Address(Topic.SECURITY, None, person_id=parties.account(account_id).person_id)
        except AccountNotFound:
            return  # closed meanwhile: there is nobody to tell

    return rule


def _report(event: RecordedEvent, checkers: Checkers, on: date) -> Iterable[Address]:
    """Whoever subscribed it: its file is there, could not be made, or the schedule stopped by itself."""
    if event.body.get("state", "stopped") == "stopped":
        yield Address(Topic.REPORT, ("schedule", event.subject_id), person_id=_id(event, "person_id"))


def _taken_over(event: RecordedEvent, checkers: Checkers, on: date) -> Iterable[Address]:
    """Whose file it is, where another ended it than who handed it in: the sweeper, or a colleague."""
    if event.body["state"] not in ("done", "refused") or not event.body.get("person_id"):
        return
    received = events.latest(event.subject_id, ["document.file_received"], 1)
    if event.doer_id not in {one.doer_id for one in received}:
        yield Address(Topic.REPORT, ("import", event.subject_id), person_id=_id(event, "person_id"))


def _named(event: RecordedEvent) -> UUID | None:
    return UUID(event.body["account_id"]) if event.body.get("account_id") else None


def _emergency(event: RecordedEvent, checkers: Checkers, on: date) -> Iterable[Address]:
    """Everybody who could have broken it, who reviews it, and who oversees."""
    for operator in parties.holders_of(RoleKind.OPERATOR, on):
        may = frozenset({P.ACCESS_EMERGENCY, P.AUDIT_READ, P.MEMBER_CHECK})
        yield Address(Topic.SECURITY, None, operator, may, but=_id(event, "person_id"))
    for regulator in parties.holders_of(RoleKind.REGULATOR, on):
        yield Address(Topic.SECURITY, None, regulator, frozenset({P.AUDIT_READ}))


RULES: dict[str, Rule] = {
    "approval.requested": _approval,
    "approval.decided": _rejected,
    "approval.closed": _undecided,
    "payable.expired": _of_maker("payable"),
    "cash.proposal_expired": _of_maker("entry"),
    "payment.rejected": _unreleased,
    "voucher.cancel_ended": _of_maker("voucher"),
    "party.application_changed": _abandoned,
    "payable.proposed": _unconfirmed,
    "voucher.cancel_asked": _of_field(Topic.DECISION, "voucher", "holder_id", P.VOUCHER_ACCEPT),
    "financing.requested": _of_field(Topic.DECISION, "financing", "funder_id", P.FINANCING_DECIDE),
    "voucher.offered": _of_field(Topic.OFFER, "voucher", "receiver_id", P.VOUCHER_ACCEPT),
    "holding.transfer_offered": _of_field(Topic.OFFER, "holding", "to_id", P.VOUCHER_ACCEPT, "holding_id"),
    "holding.transfer_ended": _of_transfer,
    "financing.decided": _of_financing(Topic.FINANCING, "applicant_id", P.FINANCING_REQUEST),
    "financing.disbursed": _of_field(Topic.FINANCING, "financing", "applicant_id", P.FINANCING_REQUEST),
    "financing.recourse_called": _of_financing(Topic.FINANCING, "applicant_id", P.FINANCING_REQUEST),
    "voucher.maturing": _of_field(Topic.PAYMENT, "voucher", "issuer_id", P.PAYMENT_RELEASE),
    "voucher.paid": _of_field(Topic.PAYMENT, "holding", "payee_id", P.VOUCHER_ACCEPT, "holding_id"),
    "voucher.overdue": _of_voucher(Topic.OVERDUE),
    "voucher.promised": _of_voucher(Topic.OVERDUE),
    "voucher.overlay_opened": _of_voucher(Topic.RISK),
    "voucher.complaint_answered": _of_complaint,
    "party.restricted": _of_field(Topic.RISK, "party", "party_id", P.PARTY_VIEW, "party_id"),
    "financing.overdue": _of_financing(Topic.OVERDUE, "funder_id", P.FINANCING_DECIDE),
    "webhook.changed": _webhook,
    "document.import_progressed": _taken_over,
    "report.made": _report,
    "report.failed": _report,
    "report.schedule_changed": _report,
    "access.recovery": _of_account(_named),
    "access.glass_broken": _emergency,
    "access.locked": _of_account(_named),
    "access.password_changed": _of_account(lambda event: event.subject_id),
    "access.factor_changed": _of_account(lambda event: event.subject_id),
    "access.passkey_copied": _of_account(lambda event: event.subject_id),
}
