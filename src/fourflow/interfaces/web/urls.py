"""Addresses of the pages."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.views.i18n import set_language

from fourflow.interfaces.web import addresses
from fourflow.interfaces.web.gallery import gallery
from fourflow.interfaces.web.pages import answers, inbox, sign_in, voucher, vouchers

handler400 = "fourflow.interfaces.web.errors.bad_request"
handler403 = "fourflow.interfaces.web.errors.forbidden"
handler404 = "fourflow.interfaces.web.errors.not_found"
handler500 = "fourflow.interfaces.web.errors.failed"

addresses.register()

urlpatterns: list[URLPattern] = [
    path("language", set_language, name="language"),
    path("dev/components", gallery, name="components"),
    path("sign-in", sign_in.sign_in, name="sign-in"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("organisation", sign_in.organisation, name="organisation"),
    path("inbox", inbox.inbox, name="inbox"),
    path("inbox/<approval:approval_id>", inbox.decision, name="decision"),
    path("vouchers", vouchers.vouchers, name="vouchers"),
    path("vouchers/<voucher:voucher_id>", voucher.voucher, name="voucher"),
    path("vouchers/<voucher:voucher_id>/answer", answers.voucher, name="answer-voucher"),
    path("holdings/<holding:holding_id>", voucher.holding, name="holding"),
    path("holdings/<holding:holding_id>/answer", answers.part, name="answer-part"),
]
