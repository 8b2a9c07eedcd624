"""Vouchers from a file: the dry run finds everything, then all or the good rows are drafted."""

from __future__ import annotations

import pytest
from tests.builders.vouchers import CLAUSE, DUE, Company, sign

from fourflow.capital.claims.types import ConfirmedPayable
from fourflow.capital.vouchers import operations
from fourflow.capital.vouchers.models import Voucher
from fourflow.capital.vouchers.types import BatchPlan, BatchResult
from fourflow.platform.rows import RowsMode, RowsRefused


def file(company: Company, *rows: tuple[ConfirmedPayable, str, str]) -> bytes:
    lines = ["payable,funder,amount,currency,due_on,contract_clause"]
    lines += [f"{p.id},{company.funder.id},{amount},USD,{due},{CLAUSE}" for p, amount, due in rows]
    return "\n".join(lines).encode()


def plan(company: Company, *rows: tuple[ConfirmedPayable, str, str]) -> BatchPlan:
    return operations.plan_file(content=file(company, *rows), actor=company.core.maker, today=company.day)


def draft(company: Company, planned: BatchPlan, mode: RowsMode) -> BatchResult:
    maker = company.core.maker
    return operations.draft_rows(
        planned=planned.planned,
        mode=mode,
        actor=maker,
        effective_at=company.now,
        today=company.day,
        sign=lambda voucher: sign(maker, voucher.content()),
    )


def test_a_dry_run_plans_the_good_rows_tells_every_problem_and_writes_nothing(company: Company) -> None:
    one, two = company.payable("1000.00"), company.payable("2000.00")
    found = plan(
        company,
        (one, "1000.00", str(DUE)),
        (two, "1500.00", str(DUE)),
        (two, "500.01", str(DUE)),
        (two, "-1.00", str(DUE)),
        (two, "500.00", "2014-08-30"),
        (one, "1000.00", str(DUE)),
    )
    assert [row.row for row in found.planned] == [2, 3]
    assert [(p.row, p.code, p.field) for p in found.problems] == [
        (4, "claim.payable_exceeded", "amount"),
        (5, "rows.cell", "amount"),
        (6, "voucher.due_date_invalid", "due_on"),
        (7, "rows.repeated", "payable"),
    ]
    assert found.problems[2].expected == "2014-09-01"
    assert Voucher.objects.count() == 0


def test_the_rows_together_keep_within_the_line(company: Company) -> None:
    found = plan(company, *[(company.payable("3000000.00"), "3000000.00", str(DUE)) for _ in range(2)])
    assert len(found.planned) == 1 and [p.code for p in found.problems] == ["limit.exceeded"]


def test_good_rows_become_drafts_that_wait_for_the_checker(company: Company) -> None:
    found = plan(company, *[(company.payable("1000.00"), "1000.00", str(DUE)) for _ in range(3)])
    done = draft(company, found, RowsMode.ALL)
    assert [voucher.state for voucher in done.drafted] == ["draft"] * 3 and done.problems == ()
    assert company.check(done.drafted[0]).state == "offered"


@pytest.mark.parametrize("mode", RowsMode)
def test_a_row_that_fails_meanwhile_takes_all_with_it_or_only_itself(company: Company, mode: RowsMode) -> None:
    good, taken = company.payable("1000.00"), company.payable("2000.00")
    found = plan(company, (good, "1000.00", str(DUE)), (taken, "2000.00", str(DUE)))
    company.check(company.drafted(company.request(taken)))
    before = Voucher.objects.count()
    if mode is RowsMode.ALL:
        with pytest.raises(RowsRefused) as refused:
            draft(company, found, mode)
        assert [p["row"] for p in refused.value.params["problems"]] == [3]
        assert Voucher.objects.count() == before
    else:
        done = draft(company, found, mode)
        assert len(done.drafted) == 1 and [p.row for p in done.problems] == [3]
        assert Voucher.objects.count() == before + 1
