"""What no row says, and no two rows both say: each rule of a table alone, tried on an empty copy with the table's checks.

A rule that needs other tables (keys, triggers) is tried with its module, on real rows. Columns that a case does not name are
empty, which no check minds; so the one that refuses is the one that is meant.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db.models import CheckConstraint
from psycopg import sql

pytestmark = pytest.mark.django_db

Connect = Callable[[str], psycopg.Connection[Any]]
Row = dict[str, str]

ONE, TWO = "00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"
EARLY, LATE = "2014-01-01", "2014-01-02"

#: a row that its table refuses, by the rule
WRONG: dict[str, tuple[str, Row]] = {
    "bills_are_not_expected": ("settlement_expectation", {"purpose": "platform_bill"}),
    "platform_expects_by_invoice": ("settlement_expectation", {"purpose": "platform_fee"}),
    "platform_expects_only_its_fees": (
        "settlement_expectation",
        {"purpose": "trade_payment", "payee_is_platform": "true"},
    ),
    "match_two_people": (
        "settlement_match",
        {"basis": "person", "maker_person_id": ONE, "checker_person_id": ONE},
    ),
    "match_by_person_names_maker": ("settlement_match", {"basis": "person"}),
    "account_platform_by_kind": ("settlement_account", {"kind": "platform_fee", "is_platform": "false"}),
    "answer_of_nobody_is_parked": ("settlement_answer", {"verdict": "applied"}),
    "exception_resolved_by_someone": ("settlement_exception", {"resolved_at": EARLY}),
    "instruction_draft_has_last_day": ("settlement_instruction", {"state": "draft"}),
    "instruction_finished_when_final": (
        "settlement_instruction",
        {"state": "sent", "sent_at": EARLY, "finished_at": EARLY},
    ),
    "instruction_not_sent_yet": ("settlement_instruction", {"state": "instructed", "sent_at": EARLY}),
    "instruction_sent_at": ("settlement_instruction", {"state": "sent"}),
    "instruction_two_accounts": (
        "settlement_instruction",
        {"payer_account_id": ONE, "payee_account_id": ONE, "payee_id": TWO},
    ),
    "instruction_payee_known": ("settlement_instruction", {"payee_account_id": ONE}),
    "return_finished_when_over": ("settlement_return", {"state": "paid"}),
    "return_says_why": ("settlement_return", {"reason": ""}),
    "suspense_closed_when_empty": ("settlement_suspense", {"rest": "1", "closed_at": EARLY}),
    "suspense_one_proposal": (
        "settlement_suspense",
        {"proposal": "[]", "return_reason": "stray", "proposed_by": ONE, "decide_by": EARLY},
    ),
    "suspense_proposal_has_last_day": ("settlement_suspense", {"proposal": "[]", "proposed_by": ONE}),
    "suspense_proposal_names_maker": ("settlement_suspense", {"proposal": "[]"}),
    "suspense_rest": ("settlement_suspense", {"rest": "-1", "closed_at": EARLY}),
    "role_funder_is_licensed": ("parties_role", {"kind": "funder"}),
    "role_guarantor_is_licensed": ("parties_role", {"kind": "guarantor"}),
    "role_licence_whole": ("parties_role", {"kind": "supplier", "licence_id": ONE}),
    "account_email_lower": ("parties_account", {"email": "Maker@core.example"}),
    "application_active_has_party": ("parties_application", {"state": "active", "approval_id": ONE}),
    "application_submitted_has_approval": ("parties_application", {"state": "submitted"}),
    "application_document_digest": ("parties_application_document", {"sha256": "x"}),
    "change_applied_has_row": ("parties_change", {"state": "applied", "approval_id": ONE}),
    "consent_for_a_purpose": ("parties_consent", {"purpose": ""}),
    "consent_period_forward": ("parties_consent", {"valid_from": LATE, "valid_to": EARLY}),
    "consent_to_another": ("parties_consent", {"subject_id": ONE, "to_party_id": ONE}),
    "licence_named": ("parties_licence", {"number": "", "issuer": "x"}),
    "mandate_ceiling_positive": ("parties_mandate", {"max_minor": "0"}),
    "mandate_permission_binds": ("parties_mandate", {"permission": "voucher.view"}),
    "relation_of_two_in_order": ("parties_relation", {"first_id": TWO, "second_id": ONE}),
    "restriction_explained": ("parties_restriction", {"reference": "V-1", "reason": "", "facts": "{}"}),
    "restriction_lift_approved": ("parties_restriction", {"lifted_on": EARLY}),
    "emergency_explained": ("access_emergency", {"reason": ""}),
    "emergency_period_forward": ("access_emergency", {"began_at": LATE, "until": EARLY}),
    "read_has_number": ("access_read", {"authorisation_number": ""}),
    "read_is_of_a_class": ("access_read", {"data_class": "public"}),
    "read_of_another": ("access_read", {"organisation_id": ONE, "subject_party_id": ONE}),
    "read_of_something": ("access_read", {"what": ""}),
    "recovery_approved_has_both_halves": ("access_recovery", {"state": "approved"}),
    "recovery_explained": ("access_recovery", {"reason": ""}),
    "recovery_not_by_oneself": ("access_recovery", {"person_id": ONE, "maker_person_id": ONE}),
    "session_confirmation_whole": ("access_session", {"confirmed_at": EARLY, "confirmed_by": "password"}),
    "session_ends_for_a_reason": ("access_session", {"ended_at": EARLY, "ending": ""}),
    "session_period_forward": ("access_session", {"began_at": LATE, "expires_at": EARLY}),
    "approval_checks_one_to_nine": ("approvals_approval", {"checks": "0"}),
    "approval_decided_later": ("approvals_approval", {"requested_at": LATE, "decide_by": EARLY}),
    "claim_credited_within_own_use": ("claims_claim", {"credited_minor": "2", "own_use_minor": "1"}),
    "claim_own_use_within_used": ("claims_claim", {"own_use_minor": "2", "used_minor": "1"}),
    "registration_term": ("claims_registration", {"term_months": "361"}),
    "client_revoked_at_a_time": ("clients_client", {"state": "revoked"}),
    "delivery_pending_is_due": ("clients_delivery", {"state": "pending"}),
    "delivery_tries_are_attempts": ("clients_delivery", {"tries": "2", "attempts": "1"}),
    "endpoint_url_http": ("clients_endpoint", {"url": "file:///etc/passwd"}),
    "attempt_answered_or_explained": ("clients_attempt", {"error": ""}),
    "import_done_means_all": ("documents_import", {"state": "done", "orders_passed": "1", "orders_total": "2"}),
    "import_finished_when_final": ("documents_import", {"state": "done"}),
    "import_not_past_its_end": ("documents_import", {"orders_passed": "2", "orders_total": "1"}),
    "order_line_not_negative": ("documents_order_line", {"amount_minor": "-1"}),
    "paper_invoice_has_amount": ("documents_paper", {"kind": "invoice", "amount_minor": "0"}),
    "head_shape": ("evidence_head", {"size": "0", "root": "x"}),
    "tile_shape": ("evidence_tile", {"level": "0", "number": "0", "hashes": "x"}),
    "cosignature_shape": ("evidence_cosignature", {"cosigned_at": "0", "key_id": "1"}),
    "financing_amounts": ("financing_financing", {"accrued_minor": "-1"}),
    "financing_disbursed_has_day": ("financing_financing", {"state": "disbursed"}),
    "financing_rate_is_decided": ("financing_financing", {"decided_rate": "0.04"}),
    "quote_amounts": ("financing_quote", {"cost_minor": "1", "net_minor": "0"}),
    "quote_period": ("financing_quote", {"start_on": LATE, "due_on": EARLY}),
    "quote_two_parties": ("financing_quote", {"applicant_id": ONE, "funder_id": ONE}),
    "request_explained": ("insight_request", {"purpose": ""}),
    "limit_available_or_excess": ("limits_limit", {"available_minor": "1", "excess_minor": "1"}),
    "limit_identity": (
        "limits_limit",
        {
            "sanctioned_minor": "9",
            "blocked_minor": "1",
            "utilised_minor": "1",
            "available_minor": "8",
            "excess_minor": "0",
        },
    ),
    "notice_due_while_pending": ("notices_notice", {"state": "pending"}),
    "notice_sending_since": ("notices_notice", {"state": "sending"}),
    "notice_sent_at_a_time": ("notices_notice", {"state": "sent"}),
    "reader_topics_known": ("notices_reader", {"daily": "{nonsense}", "off": "{}"}),
    "reader_chooses_once": ("notices_reader", {"daily": "{money}", "off": "{money}"}),
    "parameter_has_source": ("parameters_parameter", {"source": ""}),
    "report_made_or_failed": ("reports_report", {"code": "x", "sha256": "", "size": "1"}),
    "complaint_has_text": ("vouchers_complaint", {"text": ""}),
    "holding_amount_positive": ("vouchers_holding", {"amount_minor": "0"}),
    "holding_path_of_parent": ("vouchers_holding", {"parent_id": ONE, "path": "{}"}),
    "overlay_has_source": ("vouchers_overlay", {"source": ""}),
}

#: what no two rows of a table share
ONCE: dict[str, tuple[str, Row]] = {
    "identifier_once": ("parties_identifier", {"scheme": "sandbox", "value": "S-1"}),
    "restriction_once": (
        "parties_restriction",
        {"party_id": ONE, "source": "overdue", "reference": "V-1", "bars": "issue", "reason": "unpaid"},
    ),
    "expectation_reference_once": ("settlement_expectation", {"payee_account_id": ONE, "reference_key": "x"}),
    "match_once": ("settlement_match", {"entry_id": ONE, "expectation_id": TWO}),
    "account_once": ("settlement_account", {"bank_id": "ALFA", "number": "1", "currency": "USD"}),
    "message_kept_once": ("settlement_message", {"bank_id": "ALFA", "outgoing": "true", "digest": "x"}),
    "statement_line_number": ("settlement_statement_line", {"statement_id": ONE, "number": "1"}),
    "statement_of_message_once": ("settlement_statement", {"account_id": ONE, "message_id": TWO}),
    "registration_claim_once": ("claims_registration_claim", {"registration_id": ONE, "claim_id": TWO}),
    "delivery_once": ("clients_delivery", {"endpoint_id": ONE, "event_id": TWO}),
    "attempt_numbered_once": ("clients_attempt", {"delivery_id": ONE, "number": "1"}),
    "order_number_once": ("documents_order", {"buyer_id": ONE, "seller": "s", "number": "1"}),
    "order_line_number_once": ("documents_order_line", {"order_id": ONE, "number": "1"}),
    "paper_number_once": (
        "documents_paper",
        {"kind": "contract", "buyer_id": ONE, "seller": "s", "code": "", "number": "1"},
    ),
    "cosigned_once": ("evidence_cosignature", {"size": "1", "witness": "w", "key_id": "1"}),
    "ledger_account_key": ("ledger_account", {"book_id": ONE, "chart_code": "x", "currency": "USD"}),
    "ledger_book_one_per_owner": ("ledger_book", {"kind": "money", "owner_id": ONE}),
    "recovery_code_once": ("access_recovery_code", {"account_id": ONE, "digest": "x"}),
    "guard_once": ("access_guard", {"kind": "account", "subject": "x"}),
    "report_once_a_day": ("reports_report", {"schedule_id": ONE, "day": EARLY}),
    "registration_number_once": ("claims_registration", {"registration_no": "R-1"}),
    "return_once": ("settlement_return", {"entry_id": ONE, "state": "instructed"}),
    "identity_of_one_account": ("access_identity", {"issuer": "https://idp.example", "subject": "s"}),
    "recovery_one_open": ("access_recovery", {"account_id": ONE, "state": "asked"}),
    "totp_one_in_use": ("access_totp", {"account_id": ONE}),
    "approval_one_pending_per_object": ("approvals_approval", {"kind": "k", "object_id": ONE, "state": "pending"}),
    "client_one_open_proposal": ("clients_proposal", {"client_id": ONE, "state": "proposed"}),
    "signing_key_one_present": ("clients_signing_key", {"endpoint_id": ONE}),
    "saved_view_one_default": (
        "web_saved_view",
        {"account_id": ONE, "organisation_id": TWO, "path": "/", "is_default": "true"},
    ),
    "import_once_per_file": ("documents_import", {"buyer_id": ONE, "sha256": "x", "state": "received"}),
    "parked_once": ("platform_parked", {"consumer": "x", "event_id": ONE}),
}


@pytest.fixture
def owner(raw: Connect) -> psycopg.Connection[Any]:
    return raw("superuser")


def emptied(owner: psycopg.Connection[Any], table: str) -> None:
    """An empty copy with the table's checks, where a row may leave out what it likes."""
    owner.execute(sql.SQL("create temp table tried (like {} including constraints)").format(sql.Identifier(table)))
    columns = owner.execute(
        "select attname from pg_attribute where attrelid = 'tried'::regclass and attnotnull and attnum > 0"
    ).fetchall()
    for (column,) in columns:
        owner.execute(sql.SQL("alter table tried alter {} drop not null").format(sql.Identifier(column)))


def add(owner: psycopg.Connection[Any], row: Row) -> None:
    names, values = map(sql.Identifier, row), map(sql.Literal, row.values())
    comma = sql.SQL(", ")
    owner.execute(sql.SQL("insert into tried ({}) values ({})").format(comma.join(names), comma.join(values)))


def refused(owner: psycopg.Connection[Any], row: Row) -> str | None:
    with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.UniqueViolation)) as caught:
        add(owner, row)
    owner.rollback()
    return caught.value.diag.constraint_name


@pytest.mark.parametrize("rule", sorted(WRONG))
def test_no_row_says_what_its_table_refuses(owner: psycopg.Connection[Any], rule: str) -> None:
    table, row = WRONG[rule]
    emptied(owner, table)
    assert refused(owner, row) == rule


@pytest.mark.parametrize("rule", sorted(ONCE))
def test_no_two_rows_say_what_is_said_once(owner: psycopg.Connection[Any], rule: str) -> None:
    table, row = ONCE[rule]
    found = owner.execute(
        "select indexdef from pg_indexes where indexname = %s and tablename = %s", (rule, table)
    ).fetchone()
    assert found is not None, "the table has no such rule"
    emptied(owner, table)
    unique, on = found[0].split(f" ON public.{table} ")
    owner.execute(f"{unique} on tried {on}")
    add(owner, row)
    assert refused(owner, row) == rule


def test_no_column_of_known_words_takes_another_one(owner: psycopg.Connection[Any]) -> None:
    known = {
        rule.name: model._meta.db_table
        for model in apps.get_models()
        for rule in model._meta.constraints
        if isinstance(rule, CheckConstraint) and rule.name.endswith("_known")
    }
    seen = {}
    for rule, table in known.items():
        (column, kind), *more = owner.execute(
            "select attname, format_type(atttypid, null) from pg_constraint join pg_attribute on attrelid = conrelid "
            "and attnum = any(conkey) where conname = %s and conrelid = %s::regclass",
            (rule, table),
        ).fetchall()
        if more:
            continue  # a rule over several columns, among the wrong rows above
        emptied(owner, table)
        others = (
            "select conname from pg_constraint where conrelid = 'tried'::regclass and contype = 'c' and conname <> %s"
        )
        for (other,) in owner.execute(others, (rule,)).fetchall():
            owner.execute(sql.SQL("alter table tried drop constraint {}").format(sql.Identifier(other)))
        seen[rule] = refused(owner, {column: "{nonsense}" if kind.endswith("[]") else "nonsense"})
    assert seen == {rule: rule for rule in seen} and set(known) - set(seen) <= set(WRONG) and len(seen) > 40
