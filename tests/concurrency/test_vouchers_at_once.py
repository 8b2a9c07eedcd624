"""Several people at once on real connections: one part is cut once, accepted once, financed once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.builders import financing as cash
from tests.builders.financing import EARLY, Desk
from tests.builders.refusals import attempt
from tests.builders.vouchers import DUE, states, usd
from tests.modules.capital.settlement.test_at_once import one_after_the_other
from tests.scenes import Scenes

from fourflow.capital.financing import operations as financing
from fourflow.capital.vouchers import models, operations, queries
from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.parties.types import SYSTEM
from fourflow.platform.errors import FourflowError
from fourflow.platform.ids import new_id

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(scenes: Scenes, transactional_db: None) -> Desk:
    return scenes.stand(cash.desk)


@pytest.fixture
def callers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool
        list(pool.map(lambda _: connection.close(), range(8)))


def at_once(callers: ThreadPoolExecutor, *runs: Callable[[], object]) -> list[str]:
    return sorted(callers.map(attempt, runs))


@pytest.mark.requirement("R277")
def test_two_people_cut_one_part_and_one_of_them_gets_it(desk: Desk, callers: ThreadPoolExecutor) -> None:
    with transaction.atomic():
        root = desk.company.held()
    results = at_once(
        callers,
        *[lambda to=to: desk.company.offer(root, desk.company.supplier(to), "600000.00") for to in (2, 3)],  # type: ignore[misc]
    )
    assert results == ["done", "holding.state"]
    voucher = queries.get(actor=SYSTEM, voucher_id=root.voucher_id)
    assert sorted(states(desk.company.living(voucher))) == [("active", "400000.00"), ("locked_transfer", "600000.00")]


def test_a_double_click_accepts_once(desk: Desk, callers: ThreadPoolExecutor) -> None:
    with transaction.atomic():
        offered = desk.company.offered()
    results = at_once(callers, *[lambda: desk.company.accept(offered)] * 3)
    assert results == ["done", "voucher.state", "voucher.state"]
    assert len(desk.company.parts(offered)) == 1
    assert str(desk.company.line_now().utilised) == "1000000.00 USD"


def test_accept_and_withdraw_at_once_leave_one_of_them(desk: Desk, callers: ThreadPoolExecutor) -> None:
    with transaction.atomic():
        offered = desk.company.offered()
    results = at_once(
        callers,
        lambda: desk.company.accept(offered),
        lambda: operations.withdraw_offer(
            voucher_id=offered.id, actor=desk.company.core.maker, effective_at=desk.now, reason="typed wrong"
        ),
    )
    assert results == ["done", "voucher.state"]


@pytest.mark.requirement("R277")
def test_one_delivery_is_issued_once_and_one_part_financed_once(desk: Desk, callers: ThreadPoolExecutor) -> None:
    early = desk.on(EARLY)
    with transaction.atomic():
        payable = desk.company.payable()
        drafts = [desk.company.drafted(desk.company.request(payable)) for _ in range(2)]
        held = desk.tier_two()
        quotes = [early.quote(held, funder=bank) for bank in desk.company.cast.funders]
    issued = at_once(callers, *[lambda d=d: desk.company.check(d) for d in drafts])  # type: ignore[misc]
    assert issued[1] == "done" and issued[0].startswith("claim.")
    asked = at_once(callers, *[lambda q=q: early.request(q) for q in quotes])  # type: ignore[misc]
    assert asked == ["done", "holding.state"]
    assert len(financing.quoting.models.Financing.objects.all()) == 1


def test_a_payment_that_two_workers_apply_is_counted_once(desk: Desk, callers: ThreadPoolExecutor) -> None:
    with transaction.atomic():
        voucher = desk.company.accepted()
        desk.company.matured(voucher)
    (part,) = desk.company.parts(voucher)
    instruction = new_id()

    def apply() -> None:
        operations.redeem(
            holding_id=part.id, amount=usd("600000.00"), instruction_id=instruction, effective_at=desk.on(DUE).now
        )

    assert at_once(callers, apply, apply).count("done") == 1
    assert desk.company.now_of(voucher).redeemed == usd("600000.00")


def test_opposite_cuts_and_redemptions_never_lock_each_other_out(desk: Desk, callers: ThreadPoolExecutor) -> None:
    with transaction.atomic():
        roots = [desk.company.held("100000.00") for _ in range(4)]
    runs = [
        lambda root=root, to=to: desk.company.offer(desk.company.rest(root), desk.company.supplier(to), "1000.00")
        for root in roots
        for to in (2, 3, 4)
    ]
    results = at_once(callers, *runs)
    assert set(results) <= {"done", "holding.state"} and results.count("done") >= 4


def test_while_a_stranger_is_refused_everybody_else_can_lock_the_row(
    desk: Desk, raw: Callable[[str], psycopg.Connection[Any]]
) -> None:
    with transaction.atomic():
        root = desk.company.held()
    with transaction.atomic():
        with pytest.raises(FourflowError) as refused:
            desk.company.offer(root, desk.company.supplier(2), "1000.00", actor=desk.company.supplier(4).maker)
        assert refused.value.code == "holding.not_found"
        other = raw("writer")
        for table, row in (("vouchers_voucher", root.voucher_id), ("vouchers_holding", root.id)):
            other.execute(f"select 1 from {table} where id = %s for update nowait", [row])
        other.rollback()


LOCKS = (
    "parties_party",
    "financing_financing",
    "vouchers_voucher",
    "vouchers_holding",
    "claims_claim",
    "claims_payable",
    "limits_limit",
    "settlement_instruction",
    "ledger_post",
)


def locks(run: Callable[[], object]) -> list[str]:
    """What an operation locks, in its order; the ledger's function locks the balances."""
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        run()
    found = []
    for query in captured:
        sql = query["sql"]
        if "FOR NO KEY UPDATE" in sql or "for share" in sql or "ledger_post(" in sql:
            tables = sql.split(" FROM ", 1)[-1].lstrip('" ') if "FOR NO KEY" in sql else sql
            found += [n for n in LOCKS if tables.startswith(n) or f"from {n}" in sql or f"{n}(" in sql]
    return found


def test_locks_run_downhill_in_every_operation_that_takes_several(desk: Desk) -> None:
    company, early = desk.company, desk.on(EARLY)
    draft = company.drafted()
    seen = {"check": locks(lambda: company.check(draft)), "accept": locks(lambda: company.accept(draft))}
    root = company.parts(draft)[0]
    seen["offer"] = locks(lambda: company.offer(root, company.supplier(2), "300000.00"))
    (locked,) = [part for part in company.living(draft) if part.receiver_id]
    seen["take"] = locks(lambda: company.take(locked))
    held = next(part for part in company.living(draft) if part.tier == 2)
    seen["request"] = locks(lambda: early.requested(held, funder=company.other_funder))
    (asked,) = [row.to_type() for row in financing.quoting.models.Financing.objects.all()]
    early.gate(early.says(asked))
    for _ in range(3):
        early.registry_says(asked)
        early.note(asked)
    seen["disburse"] = locks(lambda: early.disburse(asked))
    seen["confirm"] = locks(
        lambda: financing.confirm_disbursed(financing_id=asked.id, effective_at=early.now, on=EARLY)
    )
    company.matured(draft)
    part = next(part for part in company.living(draft) if part.pledgee_id is None)
    seen["redeem"] = locks(lambda: company.redeem(part))
    for name, taken in seen.items():
        assert taken == sorted(taken, key=LOCKS.index), (name, taken)
    upper = ["parties_party", "vouchers_voucher", "claims_claim", "claims_payable"]
    assert seen["check"] == [*upper, "limits_limit", "ledger_post"]
    assert seen["accept"] == ["vouchers_voucher", "limits_limit", "ledger_post"]
    assert seen["confirm"][0] == "financing_financing" and seen["confirm"][-1] == "ledger_post"
    assert seen["redeem"] == ["vouchers_voucher", "vouchers_holding", "limits_limit", "ledger_post"]


def test_accepting_and_cutting_cost_a_bounded_number_of_statements(desk: Desk) -> None:
    company = desk.company
    first = company.accepted()
    company.offer(company.parts(first)[0], company.supplier(2), "1000.00")
    offered = company.offered()
    with CaptureQueriesContext(connection) as accepting:
        company.accept(offered)
    root = company.parts(offered)[0]
    with CaptureQueriesContext(connection) as cutting:
        company.offer(root, company.supplier(2), "1000.00")
    assert len(accepting) <= 20, len(accepting)
    assert len(cutting) <= 22, len(cutting)


def written() -> int:
    """Where the server's log of changes stands, in bytes."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_current_wal_insert_lsn() - '0/0'")
        return int(cursor.fetchone()[0])


@pytest.mark.requirement("R238")
def test_a_million_transactions_a_day_ask_and_write_what_one_disk_and_one_processor_bear(desk: Desk) -> None:
    """At most 40 statements and 80 KB a transaction, however long the chain grows: 460 a second, 80 GB a day."""
    company = desk.company
    part, costs = company.held(), []
    for _ in range(12):
        began = written()
        with CaptureQueriesContext(connection) as asked:
            company.take(company.offer(part, company.supplier(2), "1000.00"))
        costs.append((len(asked), written() - began))
        part = company.rest(part)
    statements, size = zip(*costs, strict=True)
    assert max(statements[1:]) <= statements[1] <= 2 * 40, statements
    assert max(size[1:]) <= 2 * 80_000, size


def test_a_grant_of_sight_and_an_act_on_the_voucher_wait_for_each_other_so_that_kept_totals_stay_right(
    desk: Desk, raw: Callable[[str], psycopg.Connection[Any]]
) -> None:
    with transaction.atomic():
        offered = desk.company.offered()
    stranger = desk.company.supplier(4).id
    grant = "insert into platform_visibility (organisation_id, object_id, reason) values (%s, %s, 'test')"
    act = "update vouchers_voucher set state = 'expired' where id = %s"
    first, second = raw("writer"), raw("writer")
    for one, other in ((grant, act), (act, grant)):
        given = {grant: [stranger, offered.id], act: [offered.id]}
        first.execute(one, given[one])
        second.execute("set local lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            second.execute(other, given[other])
        second.rollback()
        if one is act:
            first.commit()
            second.execute(grant, given[grant])
            second.commit()
        else:
            first.rollback()
    assert queries.miscounted() == []
    assert [total.state.value for total in queries.totals(actor=desk.company.supplier(4).maker)] == ["expired"]


def test_totals_are_counted_anew_while_others_write_and_two_counts_correct_once(
    desk: Desk, raw: Callable[[str], psycopg.Connection[Any]], callers: ThreadPoolExecutor
) -> None:
    with transaction.atomic():
        offered, seen = (desk.company.offered() for _ in range(2))
    stranger = desk.company.supplier(4).id
    act = "update vouchers_voucher set state = 'expired' where id = %s"
    grant = "insert into platform_visibility (organisation_id, object_id, reason) values (%s, %s, 'test')"
    with connection.cursor() as cursor:
        cursor.execute(
            "update vouchers_tally set face_minor = face_minor + 1 where organisation_id = %s", [models.WHOLE]
        )

    def recount() -> int:
        try:
            with transaction.atomic():
                fact = operations.recount(by="root", effective_at=desk.now)
                return len(fact.corrections) if fact else 0
        finally:
            connection.close()

    acting, granting = raw("writer"), raw("writer")
    acting.execute(act, [offered.id])
    granting.execute(grant, [stranger, seen.id])
    with transaction.atomic():
        fact = operations.recount(by="root", effective_at=desk.now)  # waits for neither
        acting.commit()
        second = callers.submit(recount)
    assert fact is not None and all(one["face_minor"] < 0 for one in fact.corrections)
    assert second.result(timeout=60) == 0
    granting.commit()
    assert queries.miscounted() == []
    assert [total.state.value for total in queries.totals(actor=desk.company.supplier(4).maker)] == ["offered"]


@pytest.mark.parametrize("first", ["decision", "sweep"])
def test_of_a_decision_and_the_sweep_at_once_the_first_at_the_draft_counts_and_the_other_is_refused(
    first: str, desk: Desk, callers: ThreadPoolExecutor
) -> None:
    with transaction.atomic():
        drafted = desk.company.drafted()
    (waiting,) = approvals.history([drafted.id])
    late = desk.company.on(waiting.decide_by + timedelta(1)).now
    acts: dict[str, Callable[[], object]] = {
        "decision": lambda: desk.company.on(waiting.decide_by).check(drafted),
        "sweep": lambda: operations.expire_draft(approval=waiting, effective_at=late),
    }
    (second,) = set(acts) - {first}
    with transaction.atomic():
        acts[first]()
        other = callers.submit(attempt, acts[second])
    refused, state = {"decision": ("approval.already_decided", "offered"), "sweep": ("voucher.state", "returned")}[
        first
    ]
    assert (other.result(timeout=60), queries.get(actor=SYSTEM, voucher_id=drafted.id).state) == (refused, state)


def test_what_is_paid_off_while_the_days_interest_waits_for_it_has_earned_everything_once(
    desk: Desk, callers: ThreadPoolExecutor, raw: Callable[[str], psycopg.Connection[Any]]
) -> None:
    early, day = desk.on(EARLY), EARLY + timedelta(days=1)
    with transaction.atomic():
        running = early.paid_out(desk.tier_two())

    def pay_off() -> object:
        whole = {"amount": running.quote.amount, "instruction_id": new_id(), "on": EARLY}
        return financing.collect(financing_id=running.id, effective_at=early.now, **whole)

    def accrue() -> object:
        return financing.accrue(on=day, effective_at=desk.on(day).now)

    assert one_after_the_other(pay_off, accrue, callers, raw("superuser")) == "done"
    ended = early.now_of(running)
    assert (ended.state.value, ended.accrued) == ("repaid", usd("4500.00"))
