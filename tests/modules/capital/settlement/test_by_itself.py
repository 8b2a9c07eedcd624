"""What settlement does by itself in the worker, where no transaction is open until an operation opens its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from tests.builders import settlement as build
from tests.builders.settlement import NOON, arrives, booked, usd

from fourflow.capital.settlement import jobs, models, operations, queries
from fourflow.capital.settlement.types import InstructionState, Purpose
from fourflow.foundation.parties.types import SYSTEM, Permission, RoleKind
from fourflow.platform import clock
from fourflow.platform.ids import new_id

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_worker_ends_what_nobody_decided_in_time() -> None:
    accounts = build.company()
    maker = build.person(accounts.core.party_id, Permission.PAYMENT_PREPARE, role=RoleKind.CORE)
    matcher = build.person(accounts.supplier.party_id, Permission.PAYMENT_MATCH, role=RoleKind.SUPPLIER)
    draft = operations.draft(
        actor=maker,
        reference="own-1",
        payer_account_id=accounts.core.id,
        payee_account_id=accounts.supplier.id,
        amount=usd(100),
        purpose=Purpose.TRADE_PAYMENT,
        subject_id=new_id(),
        mandate="own order",
        execution_date=build.DAY,
        effective_at=NOON,
    )
    arrives("BETA", booked(accounts.supplier, 300, "b1", payer="Stranger", payer_account="X-77"))
    (lying,) = queries.unmatched(actor=SYSTEM)
    operations.propose_return(
        actor=matcher, entry_id=lying.entry_id, amount=usd(300), reason="stray", effective_at=NOON
    )
    clock.found("sandbox", NOON + timedelta(days=60))
    assert connection.get_autocommit()
    assert (jobs.lapse_proposals(), jobs.lapse_proposals()) == (2, 0)
    ended = queries.payment(actor=SYSTEM, instruction_id=draft.id).payment
    assert (ended.state, ended.reason_code) == (InstructionState.REJECTED, "EXPIRED")
    (lying,) = queries.unmatched(actor=SYSTEM)
    assert lying.decide_by is None


def test_no_row_is_locked_without_a_transaction_even_by_a_statement_that_is_known() -> None:
    payment = build.instructed(build.company())
    rows = models.Instruction.objects.visible_to(SYSTEM)
    with transaction.atomic():
        assert rows.lock(payment.id).id == payment.id
    with pytest.raises(transaction.TransactionManagementError):
        rows.lock(payment.id)
