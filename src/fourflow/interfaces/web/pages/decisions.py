"""What stands behind each kind of request for approval: how it is shown, and which operation carries the decision out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import ConfirmedPayable, PayableId
from fourflow.capital.financing import operations as financing
from fourflow.capital.financing import queries as financings
from fourflow.capital.financing.types import FinancingId
from fourflow.capital.limits import operations as limit_operations
from fourflow.capital.limits import queries as limits
from fourflow.capital.limits.types import Limit, PublicationId
from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers import queries as voucher_queries
from fourflow.capital.vouchers.types import TERMS_VERSION, Voucher, VoucherId
from fourflow.foundation.approvals.types import Approval, ApprovalState, Verdict
from fourflow.foundation.clients import operations as clients
from fourflow.foundation.clients import queries as client_queries
from fourflow.foundation.clients.types import Client, ClientNotFound
from fourflow.foundation.parameters import operations as parameters
from fourflow.foundation.parties import operations as parties
from fourflow.foundation.parties import queries as party_queries
from fourflow.foundation.parties.types import EndTerms, MandateTerms, MemberTerms, Permission
from fourflow.interfaces.web import doors, menu, names, texts
from fourflow.interfaces.web.addresses import link, to
from fourflow.interfaces.web.components.records import Change, Check, Link
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.pages import admission, client_terms, helping, snapshots
from fourflow.interfaces.web.pages.vouchers import short
from fourflow.interfaces.web.people import Visitor
from fourflow.platform.money import Money

Facts = list[tuple[Words, object]]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be decided, ready to be drawn. ``content`` is what approving signs; empty where nothing is signed.

    ``brief`` tells it apart from others of its kind, beside its title and amount.
    """

    title: Words
    facts: Facts
    brief: Facts = field(default_factory=list)
    amount: Money | None = None
    label: Words = ""
    checks: tuple[Check, ...] = ()
    changes: tuple[Change, ...] = ()
    content: Mapping[str, Any] = field(default_factory=dict)
    consequence: Words = ""
    approve: Words = ""
    link: Link | None = None


Show = Callable[[Visitor, Approval], Subject]
Run = Callable[[HttpRequest, Visitor, Approval, Verdict, str], object]


def _voucher(visitor: Visitor, approval: Approval) -> Subject:
    voucher = voucher_queries.get(actor=visitor.actor, voucher_id=VoucherId(approval.object_id))
    payable = claims.payable(actor=visitor.actor, payable_id=PayableId(voucher.payable_id))
    line = limits.find(
        actor=visitor.actor,
        funder_id=voucher.funder_id,
        core_id=voucher.issuer_id,
        currency=voucher.face.currency,
    )
    names = party_queries.names([voucher.receiver_id, voucher.funder_id, voucher.issuer_id])
    return Subject(
        title=_("Issue a voucher to %(name)s") % {"name": names.get(voucher.receiver_id, "")},
        facts=voucher_facts(voucher, names),
        brief=[(_("Number"), short(voucher.number)), (_("Due"), voucher.due_on)],
        amount=voucher.face,
        label=_("You promise to pay"),
        checks=tuple(issue_checks(visitor, voucher, payable, line)),
        content=voucher.content(),
        consequence=_("Approving signs the promise, blocks the credit line and sends the offer to the receiver."),
        approve=_("Sign and offer"),
        link=link("voucher", voucher.id, _("Open the voucher")),
    )


def voucher_facts(voucher: Voucher, names: Mapping[UUID, str]) -> Facts:
    """The terms of a voucher, as people read them."""
    return [
        (_("Number"), voucher.number),
        (_("Issuer"), names.get(voucher.issuer_id, "")),
        (_("Receiver"), names.get(voucher.receiver_id, "")),
        (_("Bank of the line"), names.get(voucher.funder_id, "")),
        (_("Face"), voucher.face),
        (_("Issued"), voucher.issued_on),
        (_("Due"), voucher.due_on),
        (_("Delivered"), voucher.delivered_on),
        (_("Statutory due date"), voucher.statutory_due_on),
        (_("Contract clause"), voucher.contract_clause),
        (_("Reason of the term"), voucher.term_reason),
    ]


def issue_checks(visitor: Visitor, voucher: Voucher, payable: ConfirmedPayable, line: Limit | None) -> list[Check]:
    """The guards of an issue as they stand now; the operation checks them again under locks."""
    signed = payable.signature is not None
    documents = texts.listed(document.number for document in payable.documents)
    found = [
        Check(_("The payable is confirmed and signed"), "pass" if signed else "fail", documents),
        Check(
            _("The confirmed payable is not used up"),
            "pass" if voucher.face <= payable.remaining else "fail",
            texts.money(payable.remaining),
        ),
    ]
    free = line.headroom(visitor.today) if line else None
    enough = free is not None and voucher.face <= free
    found.append(
        Check(
            _("The credit line carries it"),
            "pass" if enough else "fail",
            _("free: %(amount)s") % {"amount": texts.money(free)} if free is not None else _("no line"),
        )
    )
    if voucher.statutory_due_on is not None:
        late = voucher.due_on > voucher.statutory_due_on
        found.append(
            Check(
                _("Due within the statutory term"),
                "warn" if late else "pass",
                voucher.statutory_due_on.isoformat(),
                voucher.contract_clause if late else "",
            )
        )
    if voucher.term_reason:
        acknowledged = voucher.term_acknowledged_by is not None
        found.append(
            Check(_("The bank acknowledged the long term"), "pass" if acknowledged else "wait", "", voucher.term_reason)
        )
    return found


def _check_voucher(request: HttpRequest, visitor: Visitor, approval: Approval, verdict: Verdict, reason: str) -> object:
    voucher_id = VoucherId(approval.object_id)
    signature = None
    if verdict is Verdict.APPROVE:
        content = voucher_queries.get(actor=visitor.actor, voucher_id=voucher_id).content()
        signature = doors.sign(request, visitor, content, TERMS_VERSION)
    return vouchers.check(
        voucher_id=voucher_id,
        actor=visitor.actor,
        verdict=verdict,
        effective_at=visitor.now,
        today=visitor.today,
        signature=signature,
        reason=reason,
    )


def _financing(visitor: Visitor, approval: Approval) -> Subject:
    found = financings.get(actor=visitor.actor, financing_id=FinancingId(approval.object_id))
    quote, decision = found.quote, found.decision
    names = party_queries.names([quote.applicant_id, quote.obligor_id])
    approved = decision is not None and decision.approved
    facts: Facts = [
        (_("Colleague's decision"), _("Approve") if approved else _("Refuse")),
        (_("Applicant"), names.get(quote.applicant_id, "")),
        (_("Debtor"), names.get(quote.obligor_id, "")),
        (_("Annual rate"), snapshots.rate(decision.annual_rate if decision else None)),
        (_("Recourse"), _("with recourse") if quote.recourse else _("without recourse")),
        (_("Due"), quote.due_on),
        (_("Net cash to the applicant"), quote.net),
        (_("Reasons"), "; ".join(decision.reasons) if decision else ""),
    ]
    return Subject(
        title=_("Check the decision on %(name)s") % {"name": names.get(quote.applicant_id, "")},
        facts=facts,
        amount=quote.amount,
        label=_("Amount to finance"),
        consequence=_("Your approval makes your colleague's decision count. It is recorded as your bank's own word."),
        approve=_("Confirm the decision"),
        link=link("financing", found.id, _("Open the financing")),
    )


def _check_financing(
    request: HttpRequest, visitor: Visitor, approval: Approval, verdict: Verdict, reason: str
) -> object:
    return financing.check_decision(
        financing_id=FinancingId(approval.object_id),
        actor=visitor.actor,
        verdict=verdict,
        effective_at=visitor.now,
        reason=reason,
    )


def _limit(visitor: Visitor, approval: Approval) -> Subject:
    found = limits.publication(actor=visitor.actor, publication_id=PublicationId(approval.object_id))
    core = party_queries.names([found.core_id]).get(found.core_id, "")
    facts: Facts = [
        (_("Core enterprise"), core),
        (_("Valid from"), found.valid_from),
        (_("Valid until (excluded)"), found.valid_to),
        (_("Source"), found.source),
    ]
    return Subject(
        title=_("Credit line on %(name)s") % {"name": core},
        facts=facts,
        amount=found.sanctioned,
        label=_("Sanctioned"),
        consequence=_("Approving publishes the line from its first day on."),
        approve=_("Publish"),
    )


def _decide_limit(request: HttpRequest, visitor: Visitor, approval: Approval, verdict: Verdict, reason: str) -> object:
    return limit_operations.decide(
        publication_id=PublicationId(approval.object_id),
        actor=visitor.actor,
        verdict=verdict,
        effective_at=visitor.now,
        reason=reason,
    )


def _plain(title: Words) -> Show:
    def show(visitor: Visitor, approval: Approval) -> Subject:
        return Subject(title=title, facts=snapshots.facts(approval.snapshot), approve=_("Approve"))

    return show


def _party_change(visitor: Visitor, approval: Approval) -> Subject:
    """What changes, and for whom: the snapshot names nobody."""
    found = party_queries.change(visitor.actor, approval.object_id)
    terms, person, about = found.terms, None, list[tuple[Words, object]]()
    if isinstance(terms, MandateTerms | MemberTerms):
        person = terms.person_id
    if isinstance(terms, MemberTerms):
        about += [(_("Person"), terms.name), (_("E-mail"), terms.email)]
    if isinstance(terms, EndTerms):
        person, ends = _ended(visitor, found.party_id, terms.row_id)
        about += ends
    if person is not None:
        about.insert(0, (_("Person"), party_queries.person_names([person]).get(person, "")))
    firm = party_queries.names([found.party_id]).get(found.party_id, "")
    rest = {name: raw for name, raw in approval.snapshot.items() if name != "party"}
    return Subject(
        title=_("Change a party"), facts=[(_("Firm"), firm), *about, *snapshots.facts(rest)], approve=_("Approve")
    )


def _ended(visitor: Visitor, party_id: UUID, row_id: UUID) -> tuple[UUID | None, Facts]:
    """Whose row ends, and what it is: a mandate, a colleague's functions, a role or a licence."""
    for mandate in party_queries.mandates(visitor.actor, party_id):
        if mandate.id == row_id:
            return mandate.person_id, [(_("Mandate"), names.BINDING[mandate.permission.value])]
    for one in party_queries.people(visitor.actor, party_id):
        if one.membership_id == row_id:
            functions = texts.listed(sorted(str(names.FUNCTIONS[each.value]) for each in one.functions))
            return one.id, [(_("Functions"), functions)]
    for role in party_queries.roles(visitor.actor, party_id):
        if role.id == row_id:
            return None, [(_("Role"), menu.ROLES[role.kind])]
    for licence in party_queries.licences(visitor.actor, party_id=party_id):
        if licence.id == row_id:
            return None, [(_("Licence"), f"{names.LICENCES[licence.kind.value]} · {licence.number}")]
    return None, []


def _parameter(visitor: Visitor, approval: Approval) -> Subject:
    """A proposed value; who proposed it finds here how to take it back."""
    own = approval.maker_person_id == visitor.actor.person_id and approval.state is ApprovalState.PENDING
    back = Link(_("Withdraw"), to("parameter", approval.object_id, "/withdraw"))
    return replace(_plain(_("Change a parameter"))(visitor, approval), link=back if own else None)


def _client(visitor: Visitor, approval: Approval) -> Subject:
    """A client's terms, and what they change of those in force; it has its own page once somebody has admitted it."""
    proposed = client_queries.proposal(actor=visitor.actor, proposal_id=approval.object_id)
    known: Client | None = None
    with suppress(ClientNotFound):
        known = client_queries.client(actor=visitor.actor, client_id=proposed.client_id)
    return Subject(
        title=_("Other terms of an API client") if known else _("Admit an API client"),
        facts=[(_("Name"), proposed.terms.name), *client_terms.facts(proposed.terms)],
        changes=client_terms.changes(known.terms, proposed.terms) if known else (),
        consequence=_(
            "The client acts in the name of who proposed it, and signs nothing. Compare the thumbprints with its owner."
        ),
        approve=_("Approve"),
        link=link("client", proposed.client_id, _("Open the client")),
    )


def _by_hash(operation: Callable[..., object], name: str, with_approval: bool = False) -> Run:
    def run(request: HttpRequest, visitor: Visitor, approval: Approval, verdict: Verdict, reason: str) -> object:
        more: dict[str, Any] = {"approval_id": approval.id} if with_approval else {}
        return operation(
            **{name: approval.object_id},
            **more,
            actor=visitor.actor,
            payload_hash=doors.payload_shown(request, approval.payload_hash),
            verdict=verdict,
            effective_at=visitor.now,
            reason=reason,
        )

    return run


def _application(visitor: Visitor, approval: Approval) -> Subject:
    """With the names of its people, which the snapshot has as a digest. Documents that are kept can be opened here."""
    snapshot = approval.snapshot
    found = None
    if visitor.can(Permission.PARTY_VIEW):
        found = party_queries.application(visitor.actor, approval.object_id)
        members = zip(snapshot.get("members", ()), found.declaration.members, strict=False)
        named = [{"name": declared.name, "email": declared.email, **shown} for shown, declared in members]
        snapshot = {**snapshot, "members": named}
    facts = snapshots.facts(snapshot)
    if found is not None:
        kept = [one for one in found.documents if one.kept]
        facts += [(_("Open the document"), Link(one.file_name, admission.address(found, one))) for one in kept]
    return Subject(
        title=_("Admit a party"),
        facts=facts,
        approve=_("Approve"),
        consequence=_(
            "Approving makes the party with its people, sign-ins and mandates at once. "
            "They choose their first password by a recovery."
        ),
        link=link("application", approval.object_id, _("Open the application")),
    )


def _recovery(visitor: Visitor, approval: Approval) -> Subject:
    """Whom it lets in again, by name, firm and address: the snapshot names nobody."""
    person = UUID(str(approval.snapshot["person"]))
    account = UUID(str(approval.snapshot["account"]))
    address = next((one.email for one in party_queries.accounts_of([person]).get(person, []) if one.id == account), "")
    firms = party_queries.organisations_of(account, visitor.today)
    return Subject(
        title=_("Let somebody in again"),
        facts=[
            (_("Person"), party_queries.person_names([person]).get(person, "")),
            (_("Firm"), texts.listed(firm.name for firm in firms)),
            (_("E-mail"), address),
            (_("Reason"), approval.snapshot["reason"]),
        ],
        approve=_("Approve"),
    )


def _decide_application(
    request: HttpRequest, visitor: Visitor, approval: Approval, verdict: Verdict, reason: str
) -> object:
    """What is not approved goes back to be corrected; the opinion says what is missing."""
    return parties.decide_application(
        application_id=approval.object_id,
        actor=visitor.actor,
        payload_hash=doors.payload_shown(request, approval.payload_hash),
        verdict=verdict,
        effective_at=visitor.now,
        reason=reason,
        send_back=True,
    )


@dataclass(frozen=True, slots=True)
class Kind:
    show: Show
    run: Run


def kinds() -> dict[str, Kind]:
    """Approval kind → how it is shown and decided. Titles follow the reader's language, so this is not a constant."""
    return {
        "voucher.issue": Kind(_voucher, _check_voucher),
        "financing.decide": Kind(_financing, _check_financing),
        "limit.publish": Kind(_limit, _decide_limit),
        "parameter.set": Kind(_parameter, _by_hash(parameters.decide, "parameter_id")),
        "party.onboard": Kind(_application, _decide_application),
        "party.change": Kind(_party_change, _by_hash(parties.decide_change, "change_id")),
        "client.terms": Kind(_client, _by_hash(clients.decide, "proposal_id")),
        "party.lift": Kind(_plain(_("Lift a restriction")), _by_hash(parties.decide_lift, "restriction_id", True)),
        "access.recover": Kind(_recovery, helping.decide),
    }
