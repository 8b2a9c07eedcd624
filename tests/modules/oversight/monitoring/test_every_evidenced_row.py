"""Of what neither the demonstration nor the company of the pages holds, each column of each row is tampered with here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from tests.builders import claims, documents, parties, settlement
from tests.builders.tampering import NOT_COVERED
from tests.conftest import ROOT
from tests.scenes import Scenes

from fourflow.capital.claims.types import Ancestor, Scheme
from fourflow.capital.settlement import operations as money
from fourflow.capital.settlement import queries as payments
from fourflow.capital.settlement.ports import RawMessage, Statement, StatementLine
from fourflow.config import wiring
from fourflow.foundation.access import operations as access
from fourflow.foundation.access.domain import codes
from fourflow.foundation.parties import operations as firms
from fourflow.foundation.parties.types import SYSTEM, Permission, RelationKind, RelationTerms, RoleKind
from fourflow.oversight.monitoring import queries
from fourflow.platform import clock
from fourflow.platform.money import Money
from fourflow.trade.documents import operations as papers
from fourflow.trade.documents.types import Attachment, DocumentKind, DocumentRef, Invoice

RARE = {
    "access_identity",
    "access_recovery_code",
    "claims_link",
    "documents_attachment",
    "documents_paper",
    "parties_change",
    "parties_consent",
    "parties_relation",
    "settlement_reconciliation",
    "settlement_return",
    "settlement_statement",
}


def rare() -> None:
    """A consent, a relation and its change, a linked sign-in, codes, an invoice with its file, a statement, cash sent back."""
    operator = parties.operator()
    core, bank = parties.core(operator), parties.funder(operator)
    parties.change(operator, core.id, RelationTerms(bank.id, RelationKind.OWNERSHIP, "register", parties.SINCE))
    firms.give_consent(
        to_party_id=bank.id,
        purpose="credit",
        authorisation_number="A-1",
        valid_from=parties.TODAY,
        valid_to=date(2015, 1, 1),
        actor=core.maker,
        effective_at=parties.NOON,
    )
    account, at = core.viewer.account_id, clock.machine()
    assert account is not None
    secret = codes.new_secret()
    code = codes.code_at(secret, codes.step_of(at))
    access.enrol_app(account_id=account, secret=secret, code=code, at=at, effective_at=parties.NOON)
    access.renew_recovery_codes(account_id=account, at=at, effective_at=parties.NOON)
    access.link_identity(account_id=account, issuer="https://id.example", subject="7", effective_at=parties.NOON)
    trade = claims.Trade()
    trade.claim("400.00", scheme=Scheme.INVOICE, ancestors=[Ancestor(trade.claim("400.00").id)])
    _invoice()
    _cash()


def _invoice() -> None:
    buyer = documents.buyer()
    papers.register_order(order=documents.purchase_order(), actor=buyer, effective_at=documents.NOON)
    papers.register_delivery(delivery=documents.delivery(), actor=buyer, effective_at=documents.NOON)
    invoice = Invoice(
        number="25447000000012345678",
        seller="Acme",
        amount=Money(1500, "USD"),
        issued_on=date(2014, 3, 5),
        tax=Money(0, "USD"),
        refs=(DocumentRef(DocumentKind.DELIVERY, "D-1"),),
    )
    kept = papers.register_invoice(invoice=invoice, actor=buyer, effective_at=documents.NOON)
    scan = Attachment("a" * 64, "invoice.pdf", "application/pdf", 1_000)
    papers.add_attachment(document_id=kept.id, attachment=scan, actor=buyer, effective_at=documents.NOON)


def _cash() -> None:
    accounts = settlement.company()
    entry = settlement.booked(accounts.supplier, 900, "b1", payer="Stranger Ltd", payer_account="X-77")
    settlement.arrives("BETA", entry)
    (item,) = payments.unmatched(actor=SYSTEM)
    allowed = (Permission.PAYMENT_MATCH, Permission.PAYMENT_MATCH_CHECK)
    maker, checker = (settlement.person(accounts.supplier.party_id, *allowed, role=RoleKind.SUPPLIER) for _ in range(2))
    money.propose_return(
        actor=maker,
        entry_id=item.entry_id,
        amount=settlement.usd(900),
        reason="not ours",
        effective_at=settlement.NOON,
    )
    money.carry_out_return(
        actor=checker, entry_id=item.entry_id, execution_date=settlement.DAY, effective_at=settlement.NOON
    )
    statement = Statement(
        message=RawMessage("camt.053.001.08", b"one", "one"),
        statement_id="one",
        account_number=accounts.supplier.number,
        currency="USD",
        day=settlement.DAY,
        opening=settlement.usd(0),
        closing=settlement.usd(900),
        lines=(StatementLine(1, replace(entry)),),
    )
    money.record_statement(actor=SYSTEM, bank_code="BETA", statement=statement, effective_at=settlement.NOON)
    money.reconcile(actor=SYSTEM, bank_code="BETA", day=settlement.DAY, effective_at=settlement.NOON)


@pytest.fixture(scope="module")
def standing(scenes: Scenes) -> Iterator[None]:
    with scenes.standing(rare):
        yield


@pytest.mark.requirement("R392")
def test_the_audit_names_every_rare_row_of_which_any_column_was_changed(standing: None, db: None) -> None:
    findings = queries.audit_rows(wiring.EVIDENCED).findings
    assert [str(one) for one in findings if one.table in RARE] == []
    command = [sys.executable, "-m", "tests.builders.tampering", "--up"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    told = json.loads(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)
    assert set(told["tables"]) >= RARE
    missed = {one for one in told["missed"] if one.split(".")[0] in RARE and not one.endswith(".recorded_at")}
    # a code's digest is a secret; days of payment are a contract's, in an invoice they say nothing
    assert missed - NOT_COVERED == {"access_recovery_code.digest", "documents_paper.payment_days"}
