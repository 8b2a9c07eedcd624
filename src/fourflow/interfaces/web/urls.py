"""Addresses of the pages."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.views.i18n import set_language

from fourflow.interfaces.web import addresses
from fourflow.interfaces.web.gallery import gallery
from fourflow.interfaces.web.pages import (
    answers,
    batch,
    boards,
    cash,
    deliveries,
    evidence,
    financing,
    home,
    inbox,
    issue,
    lines,
    payables,
    settlement,
    sign_in,
    transfer,
    values,
    voucher,
    vouchers,
)

handler400 = "fourflow.interfaces.web.errors.bad_request"
handler403 = "fourflow.interfaces.web.errors.forbidden"
handler404 = "fourflow.interfaces.web.errors.not_found"
handler500 = "fourflow.interfaces.web.errors.failed"

addresses.register()

urlpatterns: list[URLPattern] = [
    path("language", set_language, name="language"),
    path("dev/components", gallery, name="components"),
    path("sign-in", sign_in.sign_in, name="sign-in"),
    path("sign-in/second", sign_in.second, name="second"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("organisation", sign_in.organisation, name="organisation"),
    path("", home.home, name="home"),
    path("search", home.search, name="search"),
    path("inbox", inbox.inbox, name="inbox"),
    path("inbox/<approval:approval_id>", inbox.decision, name="decision"),
    path("deliveries", deliveries.deliveries, name="deliveries"),
    path("deliveries/<delivery:delivery_id>/confirm", deliveries.confirm, name="confirm-delivery"),
    path("payables", payables.payables, name="payables"),
    path("payables/<payable:payable_id>", payables.payable, name="payable"),
    path("payables/<payable:payable_id>/withdraw", payables.withdraw, name="withdraw-payable"),
    path("issue", issue.issue, name="issue"),
    path("issue/batch", batch.batch, name="batch"),
    path("issue/batch/template", batch.template, name="batch-template"),
    path("issue/batch/errors", batch.errors, name="batch-errors"),
    path("vouchers", vouchers.vouchers, name="vouchers"),
    path("vouchers/<voucher:voucher_id>", voucher.voucher, name="voucher"),
    path("vouchers/<voucher:voucher_id>/answer", answers.voucher, name="answer-voucher"),
    path("holdings", home.holdings, name="holdings"),
    path("holdings/<holding:holding_id>", voucher.holding, name="holding"),
    path("holdings/<holding:holding_id>/answer", answers.part, name="answer-part"),
    path("holdings/<holding:holding_id>/transfer", transfer.transfer, name="transfer"),
    path("holdings/<holding:holding_id>/cash", cash.cash, name="cash"),
    path("quotes/<quote:quote_id>", cash.consent, name="consent"),
    path("financing", financing.financings, name="financings"),
    path("financing/<financing:financing_id>", financing.financing, name="financing"),
    path("financing/<financing:financing_id>/decide", financing.decide, name="decide"),
    path("financing/<financing:financing_id>/withdraw", financing.withdraw, name="withdraw"),
    path("limits", boards.limit_board, name="limits"),
    path("limits/announce", lines.announce, name="announce-limit"),
    path("limits/<limit:limit_id>/change", lines.change, name="change-limit"),
    path("limits/<limit:limit_id>/end", lines.end, name="end-limit"),
    path("limits/<limit:limit_id>/freeze", lines.freeze, name="freeze-limit"),
    path("limits/<limit:limit_id>/unfreeze", lines.unfreeze, name="unfreeze-limit"),
    path("limits/<limit:limit_id>", boards.limit, name="limit"),
    path("payments", settlement.payments, name="payments"),
    path("payments/<instruction:instruction_id>", settlement.payment, name="payment"),
    path("messages/<message:message_id>", settlement.message, name="message"),
    path("unmatched", settlement.unmatched, name="unmatched"),
    path("parties", boards.party_list, name="parties"),
    path("parties/<party:party_id>", boards.party, name="party"),
    path("parameters", boards.parameter_list, name="parameters"),
    path("parameters/propose", values.propose, name="propose-parameter"),
    path("parameters/<parameter:parameter_id>/withdraw", values.withdraw, name="withdraw-parameter"),
    path("audit", evidence.audit, name="audit"),
    path("events/<event:event_id>", evidence.event, name="event"),
    path("events/<event:event_id>/bundle", evidence.bundle, name="bundle"),
]
