"""Recourse: the bank takes an overdue financing back from the supplier, as the consent says."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fourflow.capital.financing import operations, queries
from fourflow.capital.financing.types import Financing, FinancingId, FinancingNotFound, FinancingState
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web.acts import Act, conduct
from fourflow.interfaces.web.addresses import to
from fourflow.interfaces.web.components.records import Due, Link
from fourflow.interfaces.web.components.status import status
from fourflow.interfaces.web.forms import Values
from fourflow.interfaces.web.people import Visitor, page


def may_call(visitor: Visitor, one: Financing) -> bool:
    """Whether the person's bank may take recourse on it now."""
    mine = one.quote.funder_id == visitor.id and visitor.can(Permission.FINANCING_DECIDE)
    return mine and one.quote.recourse and one.state is FinancingState.OVERDUE and bool(one.outstanding)


@require_http_methods(["GET", "POST"])
@page(Permission.FINANCING_DECIDE)
def call(request: HttpRequest, visitor: Visitor, financing_id: UUID) -> HttpResponse:
    """What is outstanding is drawn from the supplier's bank; the person confirms, for money moves."""
    with visitor.reading() as actor:
        one = queries.get(actor=actor, financing_id=FinancingId(financing_id))
        quote = one.quote
        known = parties.names([quote.applicant_id, quote.obligor_id])
    if quote.funder_id != visitor.id:
        raise FinancingNotFound(value=str(financing_id))

    def run(_values: Values, _signature: object) -> dict[str, Any]:
        operations.call_recourse(
            financing_id=one.id, actor=visitor.actor, effective_at=visitor.now, today=visitor.today
        )
        return {"id": str(one.id)}

    blocked = "" if may_call(visitor, one) else _("It was made without recourse, is not overdue, or nothing is open.")
    act = Act(
        title=_("Take recourse"),
        operation="financing.recourse",
        run=run,
        to=lambda done: to("financing", one.id),
        done=_("The supplier's bank is instructed. The financing ends once it has paid."),
        button=_("Take recourse"),
        facts=[
            (_("Applicant"), Link(known.get(quote.applicant_id, ""), to("party", quote.applicant_id))),
            (_("Debtor"), known.get(quote.obligor_id, "")),
            (_("Amount"), quote.amount),
            (_("Collected"), one.collected),
            (_("Due"), Due(quote.due_on, visitor.today)),
            (_("Recourse"), _("with recourse") if quote.recourse else _("without recourse")),
        ],
        amount=lambda values: one.outstanding,
        label=_("Taken back from the supplier"),
        consequence=_(
            "The order goes to the supplier's bank and cannot be called back. The claim on the debtor is then the supplier's."
        ),
        blocked=blocked,
        confirmed=True,
        crumbs=(Link(_("Financing"), "/financing"), Link(_("The financing"), to("financing", one.id))),
        state=status("financing", one.state.value),
        about={"financing": str(one.id)},
    )
    return conduct(request, visitor, act)
