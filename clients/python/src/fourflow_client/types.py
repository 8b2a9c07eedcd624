"""Answers as types. They are plain dictionaries: fields that a newer API adds are simply there."""

from __future__ import annotations

from typing import Any, TypedDict


class Money(TypedDict):
    """``{"amount": "3200000.00", "currency": "CNY"}``: a decimal string, never a float."""

    amount: str
    currency: str


class PendingApproval(TypedDict):
    id: str
    kind: str
    maker_person_id: str
    requested_at: str
    decide_by: str
    checks_missing: int


class ToSign(TypedDict):
    """What a person is about to sign; the digest goes back with the signature."""

    content: dict[str, Any]
    content_digest: str
    terms_version: str


class Claim(TypedDict):
    id: str
    scheme: str
    parts: dict[str, str]
    debtor_id: str
    creditor_id: str
    amount: Money


class Payable(TypedDict):
    id: str
    claim_id: str
    state: str
    amount: Money
    due_date: str
    decide_by: str
    remaining: Money | None


class Voucher(TypedDict):
    id: str
    number: str
    state: str
    payable_id: str
    claim_id: str
    issuer_id: str
    receiver_id: str
    funder_id: str
    face: Money
    outstanding: Money
    redeemed: Money
    issued_on: str
    due_on: str
    cancel_by: str | None
    paid_on: str | None
    pending_approvals: list[PendingApproval]


class VoucherPlan(ToSign):
    voucher_id: str
    voucher: Voucher


class RowProblem(TypedDict):
    row: int
    code: str
    detail: str
    field: str
    value: str
    expected: str


class BatchPlan(ToSign):
    rows: list[dict[str, Any]]
    problems: list[RowProblem]


class Batch(TypedDict):
    vouchers: list[str]
    problems: list[RowProblem]


class InvoicePlan(TypedDict):
    """The dry run of a file of invoices: ``rows`` go back as they are, ``known`` are here just so."""

    rows: list[dict[str, Any]]
    known: int
    problems: list[RowProblem]


class InvoiceBatch(TypedDict):
    invoices: list[str]
    problems: list[RowProblem]


class LimitPlan(TypedDict):
    """The dry run of a file of credit lines: ``rows`` go back as they are."""

    rows: list[dict[str, Any]]
    problems: list[RowProblem]


class LimitBatch(TypedDict):
    proposals: list[str]
    problems: list[RowProblem]


class Holding(TypedDict):
    id: str
    voucher_id: str
    holder_id: str
    amount: Money
    outstanding: Money
    parent_id: str | None
    tier: int
    state: str
    receiver_id: str | None


class Quote(TypedDict):
    id: str
    holding_id: str
    funder_id: str
    amount: Money
    annual_rate: str
    net: Money
    cost: Money
    valid_until: str


class Compared(TypedDict):
    """What one funder gives: its ``quote``, or None and as ``reason`` the code of what stands against it."""

    funder_id: str
    recourse: bool
    quote: Quote | None
    reason: str


class Financing(TypedDict):
    id: str
    state: str
    holding_id: str
    quote: Quote
    disbursed_on: str | None
    pending_approvals: list[PendingApproval]


class Limit(TypedDict):
    id: str
    funder_id: str
    core_id: str
    sanctioned: Money
    blocked: Money
    utilised: Money
    available: Money


class LimitProposal(TypedDict):
    id: str
    state: str
    limit_id: str | None
    pending_approvals: list[PendingApproval]


class BankAccount(TypedDict):
    id: str
    party_id: str
    bank_code: str
    number: str
    holder: str
    currency: str
    kind: str
    owner_checked_at: str | None
    closed_on: str | None


class Session(TypedDict):
    person_id: str
    organisation_id: str
    roles: list[str]
    permissions: list[str]
    business_date: str


class Notice(TypedDict):
    event: str
    topic: str
    subject: str
    organisation_id: str | None
    about: str | None
    state: str
    happened_at: str
    sent_at: str | None


class NoticePreferences(TypedDict):
    language: str
    choices: dict[str, str]


class EvidenceRequest(TypedDict):
    """``facts`` and ``sha256`` (of the pack's manifest) stand once ``answered_at`` does."""

    id: str
    organisation_id: str
    about: str
    purpose: str
    authority: str
    asked_at: str
    answer_by: str
    answered_at: str | None
    note: str
    facts: int
    sha256: str


class Schedule(TypedDict):
    """``reason`` says why it stopped; ``next_on`` is the day of the next file."""

    id: str
    name: str
    address: str
    rhythm: str
    state: str
    next_on: str | None
    attempts: int
    reason: str
    subscribed_at: str


class Report(TypedDict):
    """A run of a schedule: ``code`` where it failed, else the file's digest and bytes."""

    id: str
    day: str
    made_at: str
    code: str
    sha256: str
    size: int


class UnmatchedCash(TypedDict):
    """Cash that nobody knows: ``rest`` of ``amount`` is still to be placed; ``proposal`` and by whom."""

    id: str
    account_id: str
    party_id: str
    amount: Money
    rest: Money
    bank_reference: str
    booked_on: str
    remittance: str
    counterparty: str
    counterparty_account: str
    proposal: list[dict[str, Any]]
    proposed_by: str | None
    decide_by: str | None
    return_reason: str


class Proposed(TypedDict):
    id: str
