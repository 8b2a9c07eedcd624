# ruff: noqa: E501 — a sentence stays on its line, so that translators find it
"""Words for refusals that a page meets rarely: its form offers nothing that would be refused so, unless somebody acts meanwhile."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from fourflow.interfaces.web.components.shell import Words

_LOOK = _("Look at it again; someone may have acted meanwhile.")

RARE: dict[str, tuple[Words, Words]] = {
    "clock.too_far": (_("At most a year at a time: there is no way back."), ""),
    "approval.not_the_maker": (_("Only the maker withdraws a request."), ""),
    "calendar.year_unknown": (
        _("No row says anything about that year of that calendar."),
        _("Have the operator announce the business days of that year."),
    ),
    "claim.ancestor_invalid": (
        _("A share is not positive, exceeds the claim or its ancestor, or is of another currency."),
        "",
    ),
    "claim.exchange_state": (
        _("A request that may have reached the registry is asked about, never sent again."),
        _LOOK,
    ),
    "claim.reference_taken": (_("The reference already has its use."), _LOOK),
    "claim.registration_state": (_("The registration is not in a state that allows this step."), _LOOK),
    "claim.registry_timeout": (
        _("The registry did not answer in time: it may have acted or not."),
        _("It is asked what became of it; nothing is sent twice."),
    ),
    "claim.registry_unavailable": (
        _("The registry could not be reached: it certainly took nothing."),
        _("Try again later."),
    ),
    "claim.release_exceeded": (_("More is to be released than the use has open."), _LOOK),
    "client.state": (_("The proposal is decided already, or the client is revoked."), _LOOK),
    "client.terms_invalid": (_("A name, key, scope or limit of the client cannot be accepted."), ""),
    "document.import_state": (_("The import is not in a state that allows this step."), _LOOK),
    "financing.collected_too_much": (_("More arrived than was outstanding."), ""),
    "financing.funder_timeout": (
        _("The funder's system did not answer in time: it may have decided or not."),
        _("It is asked what became of it; nothing is sent twice."),
    ),
    "financing.gate_closed": (
        _("No payout without the funder's decision, a registration, and a clean query after it."),
        "",
    ),
    "financing.holding_blocked": (_("A dispute or freeze lies on the part: no payout while it is open."), ""),
    "financing.no_recourse": (_("Made without recourse, not overdue, or nothing is outstanding."), ""),
    "financing.payment_underway": (
        _("A payment of the same debt has no final answer of its bank yet."),
        _("It is asked what became of it; nothing is sent twice."),
    ),
    "financing.requery_too_old": (_("The registry was asked too long ago: ask again before the payout."), ""),
    "input.out_of_range": (_("The number is smaller or larger than what is taken here."), ""),
    "limit.currency_differs": (
        _("A line is used in its own currency; an amount moves between lines of one currency on one core."),
        "",
    ),
    "limit.reference_taken": (_("The reference already has its use of a line."), _LOOK),
    "limit.stage_unclear": (
        _("A part of a use is to be released that is partly blocked and partly utilised: say of which."),
        "",
    ),
    "limit.use_exceeded": (_("More is to be utilised, moved or released than the use has left."), _LOOK),
    "party.already_ended": (_("The restriction, licence or consent has already ended."), _LOOK),
    "party.change_state": (_("The change is not proposed any more."), _LOOK),
    "party.consent_number_taken": (_("The authorisation number was used before."), ""),
    "party.relation_invalid": (_("A party is not related to itself; a relation names two parties."), ""),
    "settlement.account_closed": (_("The account was retired: nothing new is paid from or to it."), ""),
    "settlement.account_in_use": (
        _("A payment over the account has no final answer of its bank yet."),
        _("It is asked what became of it; nothing is sent twice."),
    ),
    "settlement.account_not_watched": (
        _("Arrivals on the account are not fetched, so nothing could be recognised there."),
        "",
    ),
    "settlement.account_taken": (_("The account number is registered to another party, or for another kind."), ""),
    "settlement.already_submitted": (
        _("An instruction goes to its bank once; what became of it is asked, never sent again."),
        "",
    ),
    "settlement.amount_not_positive": (_("Money moves in positive amounts."), ""),
    "settlement.bank_unavailable": (
        _("The bank could not be reached, or said that it is out of order, before taking anything."),
        _("Try again later."),
    ),
    "settlement.bank_unknown": (_("The platform does not talk to a bank of this code."), ""),
    "settlement.currencies_differ": (_("Accounts and amount of an instruction share one currency."), ""),
    "settlement.expectation_invalid": (_("A payment cannot be expected so."), ""),
    "settlement.invoice_exceeded": (_("Instructions on a platform invoice add up to more than the invoice."), ""),
    "settlement.reference_taken": (
        _("The reference names another payment or expectation, with other parties, amount or purpose."),
        "",
    ),
    "party.document_known": (
        _("This very file was handed in before."),
        _("One paper that serves for two kinds is handed in once."),
    ),
    "voucher.due": (_("The due date has come: nothing is passed on or financed any more."), ""),
    "voucher.offer_expired": (_("The time to answer the offer is over."), ""),
    "voucher.payment_exceeded": (_("More is to be redeemed than is outstanding."), ""),
    "webhook.address_forbidden": (_("The address leads to this machine, a private network or a metadata service."), ""),
    "webhook.invalid": (_("The address or the event kinds of the webhook cannot be accepted."), ""),
    "webhook.state": (_("The webhook or the delivery is not in a state that allows this."), _LOOK),
    "voucher.overlay_not_found": (_("There is no such open dispute or freeze."), _LOOK),
    "voucher.promise_reason_missing": (_("Who pays late says why."), _("Write the reason.")),
}
