"""A body that fits for every writing route, so that who may call it can be tried on all of them."""

from __future__ import annotations

from typing import Any

from tests.builders import api, api_partners, parties
from tests.builders.api import PASSWORD, World, money, prt
from tests.builders.documents import scms_file, scms_row

from fourflow.capital.settlement import operations as settlement
from fourflow.foundation.parties.types import SYSTEM
from fourflow.platform.ids import new_id

#: digest of nothing in particular
DIGEST = "0" * 64
SIGNED = {"content_digest": DIGEST}
VERDICT = {"verdict": "approve", "payload_hash": DIGEST}
DAY = parties.TODAY.isoformat()


def objects(world: World) -> dict[str, str]:
    """One object of each kind that belongs to the core, its first supplier and the first funder, as path arguments."""
    world.limit()
    draft = world.draft("50.00")
    holding = world.holding_of(world.accepted("1000.00"))
    supplier, cast = world.supplier, world.cast
    terms = {"holding_id": holding["id"], "funder_id": prt(cast.funder), "amount": money("500.00")}
    quote = supplier.post("quotes", terms, 201)
    digest = supplier.get(f"quotes/{quote['id']}/content")["content_digest"]
    consent = {"quote_id": quote["id"], "content_digest": digest, "password": PASSWORD}
    financing = supplier.post("financings", consent, 201)
    rest = next(h for h in supplier.get("holdings")["data"] if h["state"] == "active")
    proposed = world.core.post("payables", _payable_terms(world), 201)
    limits = world.funder.get("limits")["data"]
    publication = world.funder.get("limits/proposals")["data"][0]
    overlay = world.core.post(f"vouchers/{holding['voucher_id']}/disputes", {"source": "case 1"}, 201)
    complaint = supplier.post(f"vouchers/{holding['voucher_id']}/complaints", {"text": "late"}, 201)
    restriction = world.operator.post(
        "restrictions",
        {"party_id": prt(cast.suppliers[2]), "bars": "issue", "source": "operator", "reference": "r1", "reason": "r"},
        201,
    )
    consent_terms = {"to_party_id": prt(cast.funder), "purpose": "credit", "authorisation_number": "A-1"}
    periods = {"valid_from": DAY, "valid_to": "2014-12-31"}
    given = api.sign_in(cast.supplier, "checker").post("consents", {**consent_terms, **periods}, 201)
    parameter = world.operator.post("parameters", PARAMETER, 201)
    order = world.core.post("orders", ORDER, 201)
    delivery = world.core.post("deliveries", DELIVERY, 201)
    paper = world.core.post("invoices", INVOICE, 201)
    change = world.supplier.post(f"parties/{prt(cast.supplier)}/changes", CHANGE, 201)
    application = world.operator.post("applications", APPLICATION, 201)
    handed_in = world.operator.upload(f"applications/{application['id']}/files", b"%PDF-1.7", kind="other")
    settlement.register_bank(code="ALFA", name="Alfa Bank", party_id=cast.funder.id)
    settlement.reconcile(actor=SYSTEM, bank_code="ALFA", day=parties.TODAY, effective_at=parties.NOON)
    account = world.core.post("bank-accounts", {**ACCOUNT, "number": "1"}, 201)
    schedule = world.core.post("schedules", {"name": "Mine", "address": "/vouchers", "rhythm": "daily"}, 201)
    event = world.core.get(f"events?subject={draft['id']}")["data"][0]
    imported = world.core.upload("imports", scms_file([scms_row()]), 202)
    return {
        "claim_id": proposed["claim_id"],
        "payable_id": proposed["id"],
        "voucher_id": draft["id"],
        "holding_id": rest["id"],
        "quote_id": quote["id"],
        "financing_id": financing["id"],
        "limit_id": limits[0]["id"],
        "publication_id": publication["id"],
        "overlay_id": overlay["id"],
        "complaint_id": complaint["id"],
        "restriction_id": restriction["id"],
        "consent_id": given["id"],
        "parameter_id": parameter["id"],
        "order_id": order["id"],
        "delivery_id": delivery["id"],
        "document_id": paper["id"],
        "change_id": change["id"],
        "bank_account_id": account["id"],
        "session_id": supplier.get("sessions")["data"][0]["id"],
        "application_id": application["id"],
        "sha256": handed_in["documents"][0]["sha256"],
        "approval_id": world.core.get("outbox")["data"][0]["id"],
        "event_id": event["id"],
        "schedule_id": schedule["id"],
        "report_id": api.encode("rpt", new_id()),
        "reconciliation_id": world.funder.get("reconciliations")["data"][0]["id"],
        "party_id": prt(cast.suppliers[2]),
        "number": cast.suppliers[2].view.identifiers[0].value,
        "book": f"memo:{prt(cast.funder)}",
        "account_id": api.encode("acc", cast.supplier.checker.account_id or cast.supplier.id),
        "what": "original",
        "import_id": imported["id"],
        "instruction_id": api.encode("ins", new_id()),
        "message_id": api.encode("msg", new_id()),
        "entry_id": api.encode("ent", new_id()),
        "expectation_id": api.encode("exp", new_id()),
        "request_id": world.regulator.post("evidence-requests", {**ASKED, "about": holding["voucher_id"]}, 201)["id"],
        **_of_the_door(world),
        **api_partners.objects(world),
    }


def _of_the_door(world: World) -> dict[str, str]:
    """A recovery that waits for its second person, broken glass that is over, and a passkey that is nobody's."""
    email = f"viewer@{world.cast.core.view.short_name.lower()}.example"
    asked = world.core.post("recoveries", {"email": email, "reason": "came to the desk with her passport"}, 201)
    glass = {"reason": "the key officer cannot be reached", "password": PASSWORD}
    broken = world.operator.post("emergencies", glass, 201)
    world.operator.post(f"emergencies/{broken['id']}/end")
    return {
        "recovery_id": asked["id"],
        "emergency_id": broken["id"],
        "exception_id": api.encode("exc", new_id()),
        "passkey_id": api.encode("psk", new_id()),
    }


def _payable_terms(world: World) -> dict[str, Any]:
    number = next(api._numbers)
    core = prt(world.cast.core)
    claim = world.core.post(
        "claims",
        {
            "scheme": "po_asn",
            "parts": {"buyer": core, "order": f"PO-{number}", "delivery": f"ASN-{number}"},
            "debtor_id": core,
            "creditor_id": prt(world.cast.supplier),
            "amount": money("100.00"),
            "documents": [{"kind": "delivery", "number": f"ASN-{number}"}],
        },
        201,
    )
    return {"claim_id": claim["id"], "amount": money("100.00"), "due_date": "2014-04-30"}


LINE = {"number": "1", "item": "Pump", "quantity": "10", "unit": "piece", "amount": money("15.00")}
ORDER = {"number": "PO-X", "seller": "Acme", "currency": "USD", "lines": [LINE]}
BROUGHT = {"order_line": "1", "item": "Pump", "quantity": "10", "amount": money("15.00")}
DELIVERY = {"number": "D-X", "order_number": "PO-X", "seller": "Acme", "currency": "USD", "delivered_on": DAY} | {
    "lines": [BROUGHT]
}
INVOICE = {"number": "INV-X", "seller": "Acme", "amount": money("15.00"), "issued_on": DAY}
CONTRACT = {"number": "C-X", "seller": "Acme", "signed_on": DAY}
PARAMETER = {"key": "offer.expiry_days", "value": 5, "valid_from": "2014-06-01", "source": "board paper 7"}
ACCOUNT = {"bank_code": "ALFA", "number": "2", "holder": "Core", "currency": "USD"}
CHANGE = {
    "terms": {
        "what": "member",
        "name": "New hand",
        "email": "new@supplier-one.example",
        "functions": ["viewer"],
        "valid_from": DAY,
    }
}
ASKED = {"purpose": "unpaid voucher", "authority": "order 2014-88", "answer_by": "2014-12-01"}
APPLICATION = {
    "kind": "legal_entity",
    "name": "Newcomer Ltd",
    "country": "CN",
    "identifiers": [{"scheme": "sandbox", "value": "NEWCOMER"}],
    "roles": [{"kind": "supplier", "valid_from": DAY}],
}


def bodies(world: World, found: dict[str, str]) -> dict[str, Any]:
    """Operation name → a body that its declaration accepts, about objects that belong to others."""
    core, funder, supplier = prt(world.cast.core), prt(world.cast.funder), prt(world.cast.supplier)
    parts = {"buyer": core, "order": "PO-S", "delivery": "ASN-S"}
    claim = {"scheme": "po_asn", "parts": parts, "debtor_id": core, "creditor_id": supplier, "amount": money("1.00")}
    voucher = {"payable_id": found["payable_id"], "funder_id": funder, "face": money("1.00"), "due_on": "2014-04-30"}
    row = {**voucher, "row": 2, "voucher_id": api.encode("vch", world.cast.core.id), "content_digest": DIGEST}
    transfer = {"receiver_id": prt(world.cast.suppliers[2]), "amount": money("1.00"), "trade_basis": "order 1"}
    share = {"expectation_id": api.encode("exp", world.cast.core.id), "amount": money("1.00")}
    sanctioned = {"core_id": core, "sanctioned": money("5.00"), "valid_from": DAY, "source": "paper"}
    reason = {"reason": "because"}
    return {
        "register_claim": claim,
        "propose_payable": {"claim_id": found["claim_id"], "amount": money("1.00"), "due_date": "2014-04-30"},
        "confirm_payable": SIGNED,
        "withdraw_payable": reason,
        "plan_voucher": voucher,
        "draft_batch": {**SIGNED, "rows": [row]},
        **{name: {} for name in ("pause_schedule", "resume_schedule", "end_schedule")},
        "subscribe_report": {"name": "Vouchers", "address": "/vouchers", "rhythm": "daily"},
        "propose_limits": {"rows": [{**sanctioned, "row": 2}]},
        "register_invoices": {"rows": [{**INVOICE, "row": 2}]},
        "register_bank_account": {**ACCOUNT, "party_id": core},
        "verify_bank_account": {},
        "retire_bank_account": {},
        "draft_voucher": {**voucher, **SIGNED, "voucher_id": api.encode("vch", world.cast.core.id)},
        "acknowledge_term": reason,
        "check_voucher": {"verdict": "reject", "reason": "no"},
        "accept_voucher": SIGNED,
        "reject_voucher": reason,
        "withdraw_voucher": reason,
        "ask_to_cancel": SIGNED,
        "agree_to_cancel": SIGNED,
        "plan_transfer": transfer,
        "offer_transfer": {**transfer, **SIGNED},
        "accept_transfer": SIGNED,
        "reject_transfer": reason,
        "credit_note": {"amount": money("1.00"), "document": "RED-1"},
        "dispute_voucher": {"source": "case 2"},
        "freeze_voucher": {"source": "court 2"},
        "close_overlay": reason,
        "complain": {"text": "late"},
        "answer_complaint": {"answer": "soon"},
        "promise_payment": {"pays_on": "2014-06-03", "reason": "a customer pays late"},
        "compare_quotes": {"holding_id": found["holding_id"], "amount": money("100.00")},
        "create_quote": {"holding_id": found["holding_id"], "funder_id": funder, "amount": money("100.00")},
        "request_financing": {"quote_id": found["quote_id"], **SIGNED},
        "withdraw_financing": reason,
        "plan_decision": {"approve": True},
        "decide_financing": {"approve": True, **SIGNED},
        "call_recourse": {},
        "release_voucher_payment": {},
        "settle_credit_note": {"amount": money("1.00"), "document": "RED-2"},
        "check_financing": {"verdict": "approve"},
        "propose_limit": sanctioned,
        "decide_limit_proposal": {"verdict": "approve"},
        "freeze_limit": reason,
        "unfreeze_limit": reason,
        "propose_match": {"shares": [share]},
        "assign_match": {},
        "propose_return": {"amount": money("1.00"), "reason": "stray"},
        "return_cash": {},
        "expect_payment": {"account_id": found["bank_account_id"], "payer_id": core, "amount": money("1.00")}
        | {"due_on": "2014-12-01", "reference": "INV-9"},
        "cancel_expected_payment": {},
        "withdraw_proposal": {},
        **_of_the_desk(found, supplier, core),
        **api_partners.BODIES,
        "register_order": {**ORDER, "number": "PO-Y"},
        "register_delivery": {**DELIVERY, "number": "D-Y"},
        "register_invoice": {**INVOICE, "number": "INV-Y"},
        "register_contract": CONTRACT,
        "map_party_name": {"name": "Acme", "party_id": supplier},
        "continue_import": {},
        "give_up_import": {},
    }


def _of_the_desk(found: dict[str, str], supplier: str, core: str) -> dict[str, Any]:
    """The operator's work: parameters, restrictions, onboarding, changes; and what everybody does about himself."""
    restriction = {"party_id": supplier, "bars": "issue", "source": "operator", "reference": "r9", "reason": "r"}
    consent = {"to_party_id": core, "purpose": "credit", "authorisation_number": "A-9", "valid_from": DAY}
    reason = {"reason": "because"}
    return {
        "propose_parameter": {**PARAMETER, "valid_from": "2014-07-01"},
        "decide_parameter": VERDICT,
        "withdraw_parameter": reason,
        "close_account": reason,
        "impose_restriction": restriction,
        "request_lift": reason,
        "decide_lift": {**VERDICT, "approval_id": found["approval_id"]},
        "give_consent": {**consent, "valid_to": "2014-12-31"},
        "withdraw_consent": reason,
        "apply": {**APPLICATION, "name": "Another Ltd"},
        "revise_application": APPLICATION,
        "add_application_document": {"kind": "k", "file_name": "f.pdf", "media_type": "application/pdf"}
        | {"sha256": DIGEST},
        "submit_application": reason,
        "decide_application": VERDICT,
        "propose_change": CHANGE,
        "decide_change": VERDICT,
        "withdraw_change": reason,
        "end_session": {},
        "choose_notices": {"language": "zh"},
        "end_other_sessions": {},
        "release_payment": {},
        "withdraw_payment": reason,
        "resolve_exception": {"resolution": "the bank sent it twice"},
        "ask_evidence": {**ASKED, "about": core},
        "answer_evidence": {"note": "complete"},
        "remove_app": {},
        "remove_passkey": {},
        "renew_recovery_codes": {},
        "change_password": {"new": "another staple of the horse"},
        "ask_recovery": {"email": "checker@funder1.example", "reason": "came to the desk with his passport"},
        "decide_recovery": VERDICT,
        "break_glass": {"reason": "the key officer cannot be reached"},
        "end_emergency": {},
        "review_emergency": {"review": "looked at two vouchers, rightly"},
    }
