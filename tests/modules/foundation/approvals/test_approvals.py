"""Maker and checker through the operations, and behind their back as the writer role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from tests.builders.refusals import copy_of, locker_of, refuse, settle

from fourflow.foundation.approvals import operations, queries
from fourflow.foundation.approvals.types import (
    AlreadyDecided,
    Approval,
    ApprovalExpired,
    ApprovalNotFound,
    ApprovalPending,
    ApprovalState,
    Change,
    ChecksInvalid,
    NotTheMaker,
    PayloadChanged,
    ReasonMissing,
    SamePerson,
    Verdict,
)
from fourflow.platform.events import queries as events
from fourflow.platform.ids import new_id

pytestmark = pytest.mark.django_db

NOON = datetime(2014, 3, 3, 12, tzinfo=UTC)
LAST = date(2014, 4, 2)
LAST_SECOND = datetime(2014, 4, 2, 15, 59, 59, tzinfo=UTC)
"""One second before midnight of the last day in Shanghai, where books are kept."""
FIRM, STRANGER = new_id(), new_id()


@dataclass(frozen=True)
class Somebody:
    person_id: UUID
    organisation_id: UUID
    account_id: UUID | None

    @property
    def sees_all(self) -> bool:
        return False


def somebody(organisation: UUID = FIRM) -> Somebody:
    return Somebody(new_id(), organisation, new_id())


MAKER, CHECKER, SECOND = somebody(), somebody(), somebody()
SNAPSHOT = {"amount": "100.00", "to": "S1"}


def ask(object_id: UUID | None = None, **change: Any) -> Approval:
    asked = {"kind": "voucher.issue", "snapshot": SNAPSHOT, "maker": MAKER, "effective_at": NOON}
    asked |= {"decide_by": LAST, **change}
    return operations.request(object_id=object_id or new_id(), **asked)


def decide(
    approval: Approval, decider: Somebody = CHECKER, verdict: Verdict = Verdict.APPROVE, **change: Any
) -> Approval:
    said = {"payload_hash": operations.payload_hash(SNAPSHOT), "effective_at": NOON, **change}
    return operations.decide(approval_id=approval.id, decider=decider, verdict=verdict, **said)


@pytest.mark.requirement("R394")
def test_a_second_person_approves_and_both_are_on_record() -> None:
    approval = ask()
    decided = decide(approval)
    settle()
    assert decided.state is ApprovalState.APPROVED
    assert decided.maker_person_id == MAKER.person_id
    assert [d.person_id for d in decided.decisions] == [CHECKER.person_id]
    assert [e.kind for e in events.of_subject(approval.id)] == ["approval.requested", "approval.decided"]


@pytest.mark.requirement("R394")
def test_the_maker_cannot_check_even_with_a_second_account() -> None:
    approval = ask()
    with pytest.raises(SamePerson):
        decide(approval, replace(MAKER, account_id=new_id()))


@pytest.mark.requirement("R291")
def test_two_checks_need_two_different_people() -> None:
    approval = ask(checks=2)
    assert decide(approval).state is ApprovalState.PENDING
    with pytest.raises(SamePerson):
        decide(approval, replace(CHECKER, account_id=new_id()))
    assert decide(approval, SECOND).state is ApprovalState.APPROVED
    settle()


def test_what_was_changed_after_the_request_is_not_approved() -> None:
    with pytest.raises(PayloadChanged):
        decide(ask(), payload_hash=operations.payload_hash({"amount": "100.01", "to": "S1"}))


def test_a_decided_request_is_not_decided_again() -> None:
    approval = ask()
    decide(approval)
    with pytest.raises(AlreadyDecided):
        decide(approval, SECOND)


def test_a_rejection_needs_a_reason_and_ends_the_request() -> None:
    approval = ask(checks=2)
    with pytest.raises(ReasonMissing):
        decide(approval, verdict=Verdict.REJECT, reason="  ")
    assert decide(approval, verdict=Verdict.REJECT, reason="wrong supplier").state is ApprovalState.REJECTED
    settle()


def test_another_organisation_finds_no_request_and_takes_no_lock(django_assert_num_queries: Any) -> None:
    approval = ask()
    before = locker_of("approvals_approval", approval.id)
    with django_assert_num_queries(4), pytest.raises(ApprovalNotFound):  # one select in a savepoint
        decide(approval, somebody(STRANGER))
    assert locker_of("approvals_approval", approval.id) == before


def test_the_last_day_counts_whole_and_after_it_nobody_decides() -> None:
    in_time, late = ask(), ask()
    assert decide(in_time, effective_at=LAST_SECOND).is_approved
    with pytest.raises(ApprovalExpired):
        decide(late, effective_at=LAST_SECOND + timedelta(seconds=1))
    assert queries.inbox(CHECKER, at=LAST_SECOND) == [queries.get(CHECKER, late.id)]
    assert queries.inbox(CHECKER, at=LAST_SECOND + timedelta(seconds=1)) == []


def test_a_request_whose_time_is_over_ends_once_and_says_so() -> None:
    approval, after = ask(), LAST_SECOND + timedelta(seconds=1)
    with pytest.raises(AlreadyDecided):
        operations.expire(approval_id=approval.id, effective_at=LAST_SECOND)
    assert (list(queries.overdue(LAST)), list(queries.overdue(LAST + timedelta(1)))) == ([], [approval])
    closed = operations.expire(approval_id=approval.id, effective_at=after)
    assert (closed.state, list(queries.overdue(LAST + timedelta(1)))) == (ApprovalState.EXPIRED, [])
    with pytest.raises(AlreadyDecided):
        operations.expire(approval_id=approval.id, effective_at=after)
    told = events.of_subject(approval.id)[-1]
    assert (told.kind, told.body["state"], told.body["maker_person_id"]) == (
        "approval.closed",
        "expired",
        str(MAKER.person_id),
    )


def test_only_the_maker_withdraws() -> None:
    approval = ask()
    with pytest.raises(NotTheMaker):
        operations.withdraw(approval_id=approval.id, maker=CHECKER, effective_at=NOON)
    assert operations.withdraw(approval_id=approval.id, maker=MAKER, effective_at=NOON).state is ApprovalState.WITHDRAWN
    with pytest.raises(AlreadyDecided):
        operations.withdraw(approval_id=approval.id, maker=MAKER, effective_at=NOON)


def test_one_object_waits_for_one_approval_of_a_kind() -> None:
    object_id = new_id()
    ask(object_id)
    with pytest.raises(ApprovalPending):
        ask(object_id)
    ask(object_id, kind="voucher.cancel")


def test_no_checker_or_ten_are_refused() -> None:
    for checks in (0, 10):
        with pytest.raises(ChecksInvalid):
            ask(checks=checks)


def test_the_inbox_shows_what_this_person_may_still_decide_and_what_changed() -> None:
    object_id = new_id()
    decide(ask(object_id), verdict=Verdict.REJECT, reason="amount")
    again = ask(object_id, snapshot={"amount": "90.00", "to": "S1"})
    other = ask(kind="limit.set", checks=2)
    decide(other)
    assert [item.approval.id for item in queries.inbox(CHECKER)] == [again.id]
    assert queries.inbox(CHECKER)[0].changes == (Change("amount", "100.00", "90.00"),)
    assert [item.approval.id for item in queries.inbox(SECOND, kinds=["limit.set"])] == [other.id]
    assert queries.inbox(MAKER) == []
    assert [item.approval.id for item in queries.requested_by(MAKER)] == [again.id, other.id]
    assert queries.inbox(somebody(STRANGER)) == []
    assert queries.pending_for([object_id])[object_id].id == again.id
    last = queries.last_decided("voucher.issue", object_id)
    assert last is not None and last.decisions[0].reason == "amount"
    assert [a.state for a in queries.history([object_id])] == [ApprovalState.REJECTED, ApprovalState.PENDING]
    with pytest.raises(ApprovalNotFound):
        queries.get(somebody(STRANGER), again.id)


def test_the_inbox_needs_the_same_queries_for_one_and_for_ten(django_assert_num_queries: Any) -> None:
    for _ in range(10):
        ask()
    with django_assert_num_queries(3):
        assert len(queries.inbox(CHECKER)) == 10


def test_evidence_covers_requests_and_decisions() -> None:
    decide(ask())
    last = {(row.table, row.key): row.digest for row in events.evidenced_rows()}
    rows = list(queries.evidenced())
    assert len(rows) == 2
    assert all(last[row.table, row.key] == row.digest() for row in rows)


INSERT = (
    "insert into approvals_decision (id, approval_id, maker_person_id, person_id, organisation_id, verdict, reason,"
    " payload_hash, decided_at) values (gen_random_uuid(), %s, %s, %s, %s, %s, '', %s, now())"
)


@pytest.mark.requirement("R394")
def test_the_database_itself_refuses_a_maker_who_checks() -> None:
    a = ask()
    refuse(
        INSERT,
        a.id,
        MAKER.person_id,
        MAKER.person_id,
        FIRM,
        "approve",
        a.payload_hash,
        constraint="decision_not_by_the_maker",
    )
    refuse(
        INSERT,
        a.id,
        SECOND.person_id,
        MAKER.person_id,
        FIRM,
        "approve",
        a.payload_hash,
        constraint="decision_names_the_maker",
    )


def test_the_database_itself_refuses_what_a_decision_may_not_be() -> None:
    a = ask(checks=2)
    decide(a)
    maker, firm, right = MAKER.person_id, FIRM, a.payload_hash
    refuse(INSERT, a.id, maker, CHECKER.person_id, firm, "approve", right, constraint="decision_once_per_person")
    begun = copy_of("approvals_approval", a.id, object_id=new_id(), state="rejected", closed_at=NOON)
    refuse(*begun, constraint="approval_begins_pending")
    refuse(INSERT, a.id, maker, new_id(), firm, "approve", b"x" * 32, constraint="decision_on_same_payload")
    refuse(INSERT, a.id, maker, new_id(), STRANGER, "approve", right, constraint="decision_by_organisation")
    refuse(INSERT, a.id, maker, new_id(), firm, "reject", right, constraint="decision_rejection_has_reason")
    odd = INSERT.replace("'',", "'why',")
    refuse(odd, a.id, maker, new_id(), firm, "perhaps", right, constraint="decision_verdict_known")
    decide(a, SECOND)
    refuse(INSERT, a.id, maker, new_id(), firm, "approve", right, constraint="decision_on_open_request")


def test_the_database_itself_counts_the_people() -> None:
    a = ask(checks=2)
    decide(a)
    update = "update approvals_approval set state = %s, closed_at = now() where id = %s"
    refuse(update, "approved", a.id, constraint="approval_enough_people")
    refuse(update, "rejected", a.id, constraint="approval_rejected_by_somebody")
    refuse(update, "lost", a.id, constraint="approval_state_known")


def test_the_database_itself_keeps_a_request_as_it_was() -> None:
    a = ask()
    refuse("update approvals_approval set snapshot = '{}' where id = %s", a.id, constraint="approval_content_fixed")
    refuse(
        "update approvals_approval set state = 'expired' where id = %s", a.id, constraint="approval_closed_when_final"
    )
    decide(a)
    refuse(
        "update approvals_approval set state = 'pending', closed_at = null where id = %s",
        a.id,
        constraint="approval_closes_once",
    )


def test_the_writer_may_neither_change_nor_delete(raw: Callable[[str], psycopg.Connection[Any]]) -> None:
    writer = raw("writer")
    for sql in (
        "update approvals_decision set verdict = 'reject'",
        "delete from approvals_decision",
        "delete from approvals_approval",
        "truncate approvals_decision",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            writer.execute(sql)
        writer.rollback()


def test_without_an_acting_organisation_the_reader_sees_nothing() -> None:
    decide(ask())
    with connection.cursor() as cursor:
        for organisation, rows in (("", 0), (str(STRANGER), 0), (str(FIRM), 1)):
            cursor.execute("select set_config('fourflow.organisation', %s, true)", [organisation])
            cursor.execute("set local role fourflow_reader")
            for table in ("approvals_approval", "approvals_decision"):
                cursor.execute(f"select count(*) from {table}")
                assert cursor.fetchone() == (rows,)
            cursor.execute("reset role")
