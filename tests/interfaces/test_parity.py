"""Everything that a workspace does, the API does: each address of the pages that takes a form has its routes here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver
from tests.interfaces.api.test_access import ROUTES

from fourflow.interfaces import web
from fourflow.interfaces.api.asked import declared

#: what only a browser needs, and what a person's own devices do where they are held
ONLY_PAGES = {
    "language": "the Accept-Language header says it",
    "organisation": "a token is made for one organisation",
    "sign-out": "a session is ended",
    "stay": "a token is asked for anew",
    "second": "the code is sent with the password",
    "passkey": "a passkey is asked by a browser",
    "passkey-answer": "a passkey answers in a browser",
    "app": "an app is taken into use where its picture is shown",
    "audit": "`fourflow evidence audit` and the proofs of the API",
    "keep-view": "views are of the pages",
    "draft": "drafts are of the pages' forms",
    "components": "a gallery, in a sandbox",
}
#: name of the page → operations of the API that do the same
THE_SAME: dict[str, tuple[str, ...]] = {
    "sign-in": ("create_token",),
    "me": (
        "create_confirmation", "end_session", "end_other_sessions", "remove_app", "remove_passkey",
        "renew_recovery_codes", "change_password",
    ),
    "recover": ("recover",),
    "recoveries": ("ask_recovery",),
    "team": ("propose_change",),
    "new-role": ("propose_change",),
    "new-licence": ("propose_change",),
    "new-member": ("propose_change",),
    "end-standing": ("propose_change",),
    "notice-settings": ("choose_notices",),
    "recourse": ("call_recourse",),
    "emergencies": ("break_glass", "end_emergency", "review_emergency"),
    "decision": (
        "check_voucher", "check_financing", "decide_limit_proposal", "decide_parameter", "decide_application",
        "decide_change", "decide_recovery", "decide_client_proposal", "decide_lift",
    ),
    "new-client": ("propose_client",),
    "change-client": ("propose_client_change",),
    "revoke-client": ("revoke_client",),
    "withdraw-client": ("withdraw_client_proposal",),
    "new-webhook": ("register_webhook",),
    "rotate-webhook": ("rotate_webhook_key",),
    "disable-webhook": ("disable_webhook",),
    "enable-webhook": ("enable_webhook",),
    "test-webhook": ("try_webhook",),
    "replay-webhook": ("replay_failed_deliveries",),
    "replay-delivery": ("replay_webhook_delivery",),
    "test-clock": ("move_clock",),
    "test-faults": ("add_fault",),
    "clear-faults": ("clear_faults",),
    "together": ("check_voucher", "decide_limit_proposal", "decide_parameter", "confirm_payable"),
    "confirm-delivery": ("register_claim", "propose_payable"),
    "delivery-file": ("preview_import", "receive_import", "continue_import"),
    "delivery-errors": ("import_file",),
    "import": ("continue_import", "give_up_import"),
    "payable": ("confirm_payable",),
    "withdraw-payable": ("withdraw_payable",),
    "issue": ("plan_voucher", "draft_voucher"),
    "batch": ("plan_batch", "draft_batch"),
    "batch-errors": ("batch_problems",),
    "subscribe": ("subscribe_report",),
    "pause-schedule": ("pause_schedule",),
    "resume-schedule": ("resume_schedule",),
    "end-schedule": ("end_schedule",),
    "invoice-file": ("plan_invoices", "invoice_problems", "register_invoices"),
    "limit-file": ("plan_limits", "limit_problems", "propose_limits"),
    "answer-voucher": ("accept_voucher", "reject_voucher", "agree_to_cancel"),
    "acknowledge-term": ("acknowledge_term",),
    "withdraw-offer": ("withdraw_voucher",),
    "cancel-voucher": ("ask_to_cancel",),
    "credit-outside": ("settle_credit_note",),
    "credit-note": ("credit_note",),
    "pay-voucher": ("release_voucher_payment",),
    "dispute-voucher": ("dispute_voucher",),
    "dispute-part": ("dispute_voucher",),
    "freeze-voucher": ("freeze_voucher",),
    "freeze-part": ("freeze_voucher",),
    "close-overlay": ("close_overlay",),
    "complain": ("complain",),
    "promise": ("promise_payment",),
    "answer-complaint": ("answer_complaint",),
    "answer-part": ("accept_transfer", "reject_transfer"),
    "transfer": ("plan_transfer", "offer_transfer"),
    "cash": ("compare_quotes", "create_quote"),
    "consent": ("request_financing",),
    "decide": ("plan_decision", "decide_financing"),
    "withdraw": ("withdraw_financing",),
    "announce-limit": ("propose_limit",),
    "change-limit": ("propose_limit",),
    "end-limit": ("propose_limit",),
    "freeze-limit": ("freeze_limit",),
    "unfreeze-limit": ("unfreeze_limit",),
    "propose-parameter": ("propose_parameter",),
    "withdraw-parameter": ("withdraw_parameter",),
    "new-application": ("apply",),
    "revise-application": ("revise_application",),
    "application": ("add_application_document",),
    "submit-application": ("submit_application",),
    "unmatched": ("propose_match", "assign_match", "withdraw_proposal"),
    "place-cash": ("propose_match", "assign_match"),
    "expect-cash": ("expect_payment",),
    "cancel-expected": ("cancel_expected_payment",),
    "return-cash": ("propose_return",),
    "send-back-cash": ("return_cash",),
    "release-payment": ("release_payment",),
    "withdraw-payment": ("withdraw_payment",),
    "resolve-exception": ("resolve_exception",),
    "new-request": ("ask_evidence",),
    "answer-request": ("answer_evidence",),
}  # fmt: skip


#: a list of the pages (its file) → the list of the API
SAME_LISTS = {
    "vouchers": "vouchers",
    "payables": "payables",
    "financing": "financings",
    "settlement": "payments",
    "home": "holdings",
    "admission": "applications",
    "deliveries": "deliveries",
    "log": "audit/events",
}
#: filters that are views of a page, and no question to the list
VIEWS = {"import"}


def forms() -> set[str]:
    """The names of the addresses that take a POST."""
    found = set()
    for route in get_resolver("fourflow.interfaces.web.urls").url_patterns:
        assert isinstance(route, URLPattern) and route.name
        methods = _methods(route.callback)
        if methods is None or "POST" in methods:
            found.add(route.name)
    return found


def _methods(view: Any) -> list[str] | None:
    """What ``require_http_methods`` lets through; None where it does not guard the view."""
    while view is not None:
        for cell in view.__closure__ or ():
            value = cell.cell_contents
            if isinstance(value, list) and value and all(isinstance(one, str) and one.isupper() for one in value):
                return value
        view = getattr(view, "__wrapped__", None)
    return None


def test_every_form_of_the_pages_has_its_routes() -> None:
    named = {name for _, _, name in ROUTES}
    pages = forms()
    known = {**THE_SAME, **ONLY_PAGES}
    wanting = sorted(pages - set(known))
    assert wanting == [], "name the routes that do the same, or why there are none"
    assert sorted(set(known) - pages) == [], "no such form (any more)"
    assert sorted({one for some in THE_SAME.values() for one in some} - named) == [], "no such route"


@pytest.mark.parametrize("name", SAME_LISTS)
def test_a_filter_of_a_page_has_the_same_name_at_the_api(name: str) -> None:
    pages = Path(web.__file__).parent / "pages"
    filters = set(re.findall(r'Filter\(\s*"([^"]+)"', (pages / f"{name}.py").read_text(encoding="utf-8"))) - VIEWS
    assert filters, "the page has filters"
    assert sorted(filters - declared()[SAME_LISTS[name], "GET"]) == []
