"""What a party expects on a bank account of its own that is watched: said, and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fourflow.capital.settlement import operations, queries
from fourflow.capital.settlement.types import BankAccount, ExpectationNotFound, ExpectationView, Purpose
from fourflow.foundation.parties.types import PartyView, Permission
from fourflow.interfaces.web import names, narrowing
from fourflow.interfaces.web.acts import Act, Facts, conduct
from fourflow.interfaces.web.addresses import read, text
from fourflow.interfaces.web.components.listing import Choice
from fourflow.interfaces.web.components.records import Link
from fourflow.interfaces.web.forms import Field, Values
from fourflow.interfaces.web.people import Visitor, page

EXPECTED = "/expected-cash"


@require_http_methods(["GET", "POST"])
@page(Permission.ACCOUNT_REGISTER)
def expect(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Say who pays how much into an own watched account, and with which reference; what arrives with it is recognised."""
    with visitor.reading() as actor:
        own = queries.accounts(actor=actor, party_id=actor.organisation_id)
        found, narrowed = narrowing.firms(request, actor, field="payer")
    accounts = {text("bank_account", one.id): one for one in own if one.watched and not one.kind.is_platform}
    payers = [one for one in found if one.id != visitor.id]

    def run(values: Values, _signature: object) -> dict[str, Any]:
        payer = read("party", values["payer"])
        assert payer is not None, "the form offers parties only"
        made = operations.expect(
            actor=visitor.actor,
            reference=values["reference"],
            payee_account_id=accounts[values["account"]].id,
            payer_id=payer,
            amount=values["amount"],
            due_on=values["due_on"],
            effective_at=visitor.now,
        )
        return {"id": str(made.id)}

    act = Act(
        title=_("Expect a payment"),
        operation="cash.expect",
        run=run,
        to=lambda done: EXPECTED,
        done=_("Expected. What arrives with the reference is recognised."),
        button=_("Expect it"),
        fields=_fields(request, accounts, payers),
        facts=[(_("Purpose"), names.PURPOSES[Purpose.TRADE_PAYMENT.value])],
        amount=lambda values: values["amount"],
        label=_("To arrive"),
        consequence=_("The payer sees it. It asks nobody for money and moves none; you may cancel it."),
        blocked="" if accounts else _("Arrivals are fetched on none of your accounts, so nothing could be recognised."),
        crumbs=(Link(_("Still expected"), EXPECTED),),
        narrowing=narrowed,
    )
    return conduct(request, visitor, act)


def _fields(request: HttpRequest, accounts: Mapping[str, BankAccount], payers: list[PartyView]) -> tuple[Field, ...]:
    chosen = accounts.get(request.POST.get("account", ""))
    currencies = {chosen.currency} if chosen else {one.currency for one in accounts.values()}
    return (
        Field(
            "account",
            _("Into the account"),
            "choice",
            choices=tuple(
                Choice(key, f"{one.bank_code} · {one.number} · {one.currency}") for key, one in accounts.items()
            ),
            known_as=("account_id",),
        ),
        Field(
            "payer",
            _("Payer"),
            "choice",
            choices=tuple(Choice(text("party", one.id), one.name) for one in payers),
            known_as=("payer_id",),
        ),
        Field(
            "amount",
            _("Amount"),
            "money",
            help=_("In the currency of the account."),
            unit=currencies.pop() if len(currencies) == 1 else "",
            maximum=24,
        ),
        Field("due_on", _("Due"), "day"),
        Field(
            "reference",
            _("Reference"),
            help=_("What the payer writes into the payment's text, such as the number of your invoice."),
            maximum=100,
        ),
    )


@require_http_methods(["GET", "POST"])
@page(Permission.ACCOUNT_REGISTER)
def cancel(request: HttpRequest, visitor: Visitor, expectation_id: UUID) -> HttpResponse:
    """Nothing more is to arrive of it; what has arrived stays placed."""
    with visitor.reading() as actor:
        found = next(iter(queries.expectations(actor=actor, only=[expectation_id])), None)
    if found is None:
        raise ExpectationNotFound(value=str(expectation_id))

    def run(_values: Values, _signature: object) -> dict[str, Any]:
        operations.cancel_expectation(actor=visitor.actor, expectation_id=expectation_id, effective_at=visitor.now)
        return {"id": str(expectation_id)}

    act = Act(
        title=_("Expect it no longer"),
        operation="cash.cancel_expectation",
        run=run,
        to=lambda done: EXPECTED,
        done=_("It is no longer expected."),
        button=_("Expect it no longer"),
        facts=_facts(found),
        amount=lambda values: found.amount - found.received,
        label=_("No longer expected"),
        consequence=_("What arrives later with this reference lies unmatched. What has arrived stays placed."),
        blocked=_blocked(visitor, found),
        crumbs=(Link(_("Still expected"), EXPECTED),),
        about={"expectation": str(expectation_id)},
    )
    return conduct(request, visitor, act)


def _facts(found: ExpectationView) -> Facts:
    return [
        (_("Payer"), found.payer_name),
        (_("Purpose"), names.PURPOSES[found.purpose.value]),
        (_("Reference"), found.reference),
        (_("Due"), found.due_on),
        (_("Amount"), found.amount),
        (_("Received"), found.received),
    ]


def _blocked(visitor: Visitor, found: ExpectationView) -> str:
    if found.payee_id != visitor.id:
        return _("Only the payee says what it expects.")
    return _("It is no longer expected.") if found.is_cancelled else ""


def door_of(visitor: Visitor, found: ExpectationView) -> str:
    """The address of taking it back, for the payee."""
    may = found.payee_id == visitor.id and visitor.can(Permission.ACCOUNT_REGISTER)
    return f"{EXPECTED}/{text('expectation', found.id)}/cancel" if may else ""
