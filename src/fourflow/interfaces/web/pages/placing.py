"""Money that waits for a person: a prepared payment, unmatched cash that no rule can place, an answer that contradicts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fourflow.capital.settlement import operations, queries
from fourflow.capital.settlement.types import (
    EntryNotFound,
    ExceptionNotFound,
    ExpectationId,
    ExpectationView,
    InstructionState,
    PaymentInstruction,
    Share,
    UnmatchedCash,
)
from fourflow.foundation.parties.types import Actor, Permission
from fourflow.interfaces.web import names, narrowing, reading, texts
from fourflow.interfaces.web.acts import Act, Facts, conduct
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Choice
from fourflow.interfaces.web.components.records import Link
from fourflow.interfaces.web.components.status import status
from fourflow.interfaces.web.forms import Field, Values
from fourflow.interfaces.web.people import Visitor, page

UNMATCHED = "/unmatched"


@require_http_methods(["GET", "POST"])
@page(Permission.PAYMENT_RELEASE)
def release(request: HttpRequest, visitor: Visitor, instruction_id: UUID) -> HttpResponse:
    """A second person releases a prepared payment; a job sends it."""
    found = _payment(visitor, instruction_id)

    def run(_values: Values, _signature: object) -> dict[str, Any]:
        operations.release(actor=visitor.actor, instruction_id=instruction_id, effective_at=visitor.now)
        return {"id": str(instruction_id)}

    act = Act(
        title=_("Release a payment"),
        operation="payment.release",
        run=run,
        to=lambda done: to("instruction", instruction_id),
        done=_("Released. It is sent to the bank."),
        button=_("Release"),
        facts=_facts(found),
        amount=lambda values: found.amount,
        label=_("Paid from your account"),
        consequence=_("The order goes to your bank and cannot be called back."),
        blocked=_blocked(visitor, found),
        confirmed=True,
        crumbs=_crumbs(found),
        state=status("payment", found.state.value),
        about={"payment": str(instruction_id)},
    )
    return conduct(request, visitor, act)


@require_http_methods(["GET", "POST"])
@page(Permission.PAYMENT_PREPARE)
def withdraw(request: HttpRequest, visitor: Visitor, instruction_id: UUID) -> HttpResponse:
    """Take back a payment that has not been sent; what was sent can only be asked about."""
    found = _payment(visitor, instruction_id)

    def run(values: Values, _signature: object) -> dict[str, Any]:
        operations.withdraw(
            actor=visitor.actor,
            instruction_id=instruction_id,
            reason=values["reason"],
            effective_at=visitor.now,
        )
        return {"id": str(instruction_id)}

    unsent = found.state in (InstructionState.DRAFT, InstructionState.INSTRUCTED)
    act = Act(
        title=_("Withdraw the payment"),
        operation="payment.withdraw",
        run=run,
        to=lambda done: to("instruction", instruction_id),
        done=_("Withdrawn."),
        button=_("Withdraw"),
        fields=(Field("reason", _("Reason"), "area", maximum=200),),
        facts=_facts(found),
        amount=lambda values: found.amount,
        label=_("Not paid"),
        blocked="" if unsent else _("It was sent: the bank can only be asked."),
        crumbs=_crumbs(found),
        state=status("payment", found.state.value),
        about={"payment": str(instruction_id)},
    )
    return conduct(request, visitor, act)


def _blocked(visitor: Visitor, found: PaymentInstruction) -> str:
    if found.state is not InstructionState.DRAFT:
        return _("It is released or withdrawn, or its time is over.")
    late = found.decide_by is not None and visitor.today > found.decide_by
    return _("The time to decide has passed.") if late else ""


def _payment(visitor: Visitor, instruction_id: UUID) -> PaymentInstruction:
    with visitor.reading() as actor:
        return queries.payment(actor=actor, instruction_id=instruction_id).payment


def _facts(found: PaymentInstruction) -> Facts:
    return [
        (_("Purpose"), names.PURPOSES.get(found.purpose.value, found.purpose.value)),
        (_("Payer"), f"{found.payer_name} · {found.payer_account}"),
        (_("Payee"), f"{found.payee_name} · {found.payee_account}"),
        (_("Bank"), found.bank_code),
        (_("Execution day"), found.execution_date),
        (_("Decide by"), found.decide_by if found.state is InstructionState.DRAFT else None),
        (_("Reference"), found.reference),
    ]


def _crumbs(found: PaymentInstruction) -> tuple[Link, ...]:
    return (Link(_("Payments"), "/payments"), Link(found.payee_name, to("instruction", found.id)))


def doors_of(visitor: Visitor, found: PaymentInstruction) -> list[Link]:
    """What the person may do about a payment of its own organisation."""
    if found.payer_id != visitor.id:
        return []
    links = []
    unsent = found.state in (InstructionState.DRAFT, InstructionState.INSTRUCTED)
    if unsent and visitor.can(Permission.PAYMENT_PREPARE):
        links.append(Link(_("Withdraw"), to("instruction", found.id, "/withdraw")))
    if found.state is InstructionState.DRAFT and visitor.can(Permission.PAYMENT_RELEASE):
        links.append(Link(_("Release"), to("instruction", found.id, "/release")))
    return links


@require_http_methods(["GET", "POST"])
@page(Permission.PAYMENT_MATCH)
def place(request: HttpRequest, visitor: Visitor, entry_id: UUID) -> HttpResponse:
    """Say by hand to which expectation unmatched cash belongs, and how much of it; a second person places it."""
    with visitor.reading() as actor:
        waiting = queries.unmatched(actor=actor, only=entry_id)
        if not waiting:
            raise EntryNotFound(value=str(entry_id))
        (cash,) = waiting
        fitting, narrowed = _fitting(request, actor, cash)

    def run(values: Values, _signature: object) -> dict[str, Any]:
        share = Share(ExpectationId(fitting[values["expectation"]].id), values["amount"])
        operations.propose_assignment(actor=visitor.actor, entry_id=entry_id, shares=[share], effective_at=visitor.now)
        return {"id": str(entry_id)}

    act = Act(
        title=_("Place unmatched cash"),
        operation="suspense.propose",
        run=run,
        to=lambda done: UNMATCHED,
        done=_("Proposed. A second person places it."),
        button=_("Propose"),
        fields=(
            Field(
                "expectation",
                _("Belongs to"),
                "choice",
                choices=tuple(Choice(key, _expectation(one)) for key, one in fitting.items()),
            ),
            Field(
                "amount",
                _("Amount"),
                "money",
                help=_("Up to what is left of the entry; the rest stays unmatched."),
                unit=cash.rest.currency,
                initial=(f"{cash.rest.decimal}",),
                maximum=24,
            ),
        ),
        facts=[
            (_("From"), cash.entry.counterparty),
            (_("Text"), cash.entry.remittance),
            (_("Booked"), cash.entry.booked_on),
            (_("Bank's reference"), cash.entry.bank_reference),
            (_("Unmatched"), cash.rest),
        ],
        amount=lambda values: values["amount"],
        label=_("To be placed"),
        crumbs=(Link(_("Unmatched cash"), UNMATCHED),),
        about={"entry": str(entry_id)},
        narrowing=narrowed,
    )
    return conduct(request, visitor, act)


def _fitting(
    request: HttpRequest, actor: Actor, cash: UnmatchedCash
) -> tuple[dict[str, ExpectationView], narrowing.Narrowing | None]:
    """What is still expected on the account where the cash lies, as far as the form offers it, with what was chosen."""
    fits: dict[str, Any] = {"actor": actor, "only_open": True, "account_id": cash.account_id}
    found = queries.expectations(text=narrowing.asked(request), limit=narrowing.OFFERED + 1, **fits)
    offered = {str(one.id): one for one in found[: narrowing.OFFERED]}
    if chosen := reading.uuid(request.POST.get("expectation", "")):
        offered |= {str(one.id): one for one in queries.expectations(only=[chosen], **fits)}
    return offered, narrowing.beyond(request, len(found), _("Payer or reference"))


def _expectation(one: ExpectationView) -> str:
    purpose = names.PURPOSES.get(one.purpose.value, one.purpose.value)
    return f"{one.due_on.isoformat()} · {one.payer_name} · {purpose} · {texts.money(one.amount - one.received)}"


@require_http_methods(["GET", "POST"])
@page(Permission.PAYMENT_MATCH_CHECK)
def resolve(request: HttpRequest, visitor: Visitor, exception_id: UUID) -> HttpResponse:
    """State how a contradiction between us and a bank was dealt with; nothing else changes by it."""
    with visitor.reading() as actor:
        found = next(iter(queries.exceptions(actor=actor, only=[exception_id])), None)
    if found is None and request.method == "GET":
        raise ExceptionNotFound(value=str(exception_id))

    def run(values: Values, _signature: object) -> dict[str, Any]:
        operations.resolve_exception(
            actor=visitor.actor,
            exception_id=exception_id,
            resolution=values["resolution"],
            effective_at=visitor.now,
        )
        return {"id": str(exception_id)}

    facts: Facts = (
        []
        if found is None
        else [
            (_("Kind"), names.EXCEPTIONS.get(found.kind.value, found.kind.value)),
            (_("Bank"), found.bank_code),
            (_("Since"), found.opened_at),
            (_("Reference"), found.reference),
            (_("Bank's word"), names.ANSWERS.get(found.answer, found.answer)),
        ]
    )
    act = Act(
        title=_("Resolve a contradiction"),
        operation="exception.resolve",
        run=run,
        to=lambda done: UNMATCHED,
        done=_("Resolved."),
        button=_("Resolve"),
        fields=(Field("resolution", _("How it was dealt with"), "area", maximum=1000),),
        facts=facts,
        consequence=_("This is a note for the evidence: it moves no money."),
        crumbs=(Link(_("Unmatched cash"), UNMATCHED),),
        about={"exception": str(exception_id)},
    )
    return conduct(request, visitor, act)


def by_hand(visitor: Visitor, entry_id: UUID) -> str:
    """The address of placing an entry by hand, where the person may."""
    return f"{UNMATCHED}/{text('entry', entry_id)}/place" if visitor.can(Permission.PAYMENT_MATCH) else ""
