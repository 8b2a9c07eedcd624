"""What everybody sees in sum is kept with every act, and is what counting would give."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from tests.builders.parties import Firm
from tests.builders.vouchers import DUE, Company

from fourflow.capital.vouchers import models, operations, queries
from fourflow.capital.vouchers.queries import Total, VoucherFilter
from fourflow.capital.vouchers.types import LIVING, TermBand, VoucherState
from fourflow.foundation.parties.types import SYSTEM, Actor
from fourflow.platform.db.reading import reading
from fourflow.platform.events import queries as events


def counted(actor: Actor) -> list[Total]:
    """The totals as a reader would make them of the list."""
    rows = queries.vouchers(actor=actor, where=VoucherFilter(), limit=200).rows
    keys = sorted({(row.state.value, row.face.currency) for row in rows})
    groups = [[row for row in rows if (row.state.value, row.face.currency) == key] for key in keys]
    return [
        Total(
            group[0].state,
            len(group),
            sum((row.face for row in group[1:]), group[0].face),
            sum((row.outstanding for row in group[1:]), group[0].outstanding),
        )
        for group in groups
    ]


def a_day(company: Company) -> list[Firm]:
    """Vouchers in many states, passed to the second and third tier; those who see some of them."""
    company.drafted()
    company.offered("700000.00")
    refused = company.offered("40000.00")
    operations.reject(
        voucher_id=refused.id, actor=company.supplier().maker, effective_at=company.now, reason="not what was agreed"
    )
    passed = company.passed(company.held("300000.00"), company.supplier(2), "120000.00")
    company.passed(passed, company.supplier(3), "50000.00")
    voucher = company.accepted("90000.00")
    company.matured(voucher)
    company.redeem(company.parts(voucher)[0], "30000.00")
    return [company.core, company.funder, company.supplier(), company.supplier(2), company.supplier(3)]


def test_what_everybody_sees_in_sum_is_what_his_list_adds_up_to(company: Company) -> None:
    firms = a_day(company)
    assert queries.miscounted() == []
    shown = {}
    for firm in firms:
        with reading(firm.maker):
            shown[firm.id] = queries.totals(actor=firm.maker)
            assert shown[firm.id] == counted(firm.maker) != []
    assert len({str(found) for found in shown.values()}) >= 3, "they do not all see the same"
    assert queries.totals(actor=SYSTEM) == counted(SYSTEM)
    with reading(company.supplier(4).maker):
        assert queries.totals(actor=company.supplier(4).maker) == []


def test_living_vouchers_are_kept_by_the_band_of_their_term(company: Company) -> None:
    core = company.core.maker
    a_day(company)
    found = queries.terms(actor=core)
    rows = [row for band in TermBand for row in queries.vouchers(actor=core, where=VoucherFilter(term=band)).rows]
    living = [row for row in rows if row.state in LIVING]
    assert sum(one.count for one in found) == len(living) > 0
    assert sum(one.outstanding.minor for one in found) == sum(row.outstanding.minor for row in living)
    (one,) = found
    assert one.band is TermBand.TO3 if (DUE - living[0].issued_on).days < 90 else TermBand.TO6


def test_what_falls_due_is_kept_by_day_so_that_weeks_and_months_add_up(company: Company) -> None:
    core = company.core.maker
    a_day(company)
    living = queries.vouchers(actor=core, where=VoucherFilter(states=tuple(LIVING)), limit=200).rows
    monday = DUE - timedelta(days=DUE.weekday())
    (before,) = queries.falling_due(actor=core, since=DUE + timedelta(days=7), weeks=1)
    (week,) = queries.falling_due(actor=core, since=DUE, weeks=1)
    assert (before.first, week.first) == (None, monday)
    assert before.count == week.count == len(living)
    assert before.outstanding.minor == week.outstanding.minor == sum(one.outstanding.minor for one in living)
    assert queries.falling_due(actor=core, since=DUE - timedelta(days=14), weeks=2) == []
    (month,) = queries.fallen_due(actor=core, since=DUE, until=DUE)
    assert month.first == DUE.replace(day=1)
    assert (month.open.minor, str(month.paid)) == (week.outstanding.minor, "30000.00 USD")
    assert queries.fallen_due(actor=core, since=DUE - timedelta(days=9), until=DUE - timedelta(days=1)) == []


def test_adding_up_leaves_a_row_a_key_and_changes_no_total(company: Company) -> None:
    firms = a_day(company)
    before = [(queries.totals(actor=firm.maker), queries.terms(actor=firm.maker)) for firm in firms]
    rows = models.Tally.objects.count()
    assert operations.add_up(rows=3) == 3 and models.Tally.objects.count() < rows
    while operations.add_up():
        pass
    keys = models.Tally.objects.values_list("organisation_id", "state", "currency", "term", "due_on")
    assert len(set(keys)) == len(keys) and min(models.Tally.objects.values_list("vouchers", flat=True)) > 0
    after = [(queries.totals(actor=firm.maker), queries.terms(actor=firm.maker)) for firm in firms]
    assert after == before and queries.miscounted() == []


def test_a_voucher_that_takes_the_state_another_leaves_in_one_statement_changes_both_sums(company: Company) -> None:
    running, due = company.accepted("500.00"), company.accepted("70.00")
    company.matured(due)
    with connection.cursor() as cursor:
        cursor.execute(
            "update vouchers_voucher set state = case id when %s then 'maturing' else 'overdue' end, "
            "overdue_on = due_on + 1 where id = any(%s)",
            [running.id, [running.id, due.id]],
        )
    assert [(one.state, str(one.face)) for one in queries.totals(actor=SYSTEM)] == [
        (VoucherState.MATURING, "500.00 USD"),
        (VoucherState.OVERDUE, "70.00 USD"),
    ]
    assert queries.miscounted() == []


def test_a_kept_total_that_somebody_changed_is_found(company: Company) -> None:
    company.accepted("500.00")
    with connection.cursor() as cursor:
        cursor.execute(
            "update vouchers_tally set face_minor = face_minor + 1 where state = 'active' and organisation_id = %s",
            [models.WHOLE],
        )
    kept, told = sorted(queries.miscounted(), key=lambda one: one["as"], reverse=True)
    assert (kept["as"], told["as"]) == ("kept", "counted")
    assert kept["face"] == told["face"] + 1


def test_totals_that_somebody_changed_are_counted_anew_and_the_log_says_by_how_much(company: Company) -> None:
    assert operations.recount(by="root", effective_at=company.now) is None, "nothing differs: nothing is said"
    company.passed(company.held("300000.00"), company.supplier(2), "120000.00")
    firm = company.supplier(2).maker
    right = [(queries.totals(actor=one), queries.terms(actor=one)) for one in (SYSTEM, firm)]
    with connection.cursor() as cursor:
        cursor.execute("delete from vouchers_tally where organisation_id = %s", [firm.organisation_id])
        cursor.execute(
            "insert into vouchers_tally (organisation_id, state, currency, term, due_on, vouchers, face_minor, "
            "redeemed_minor, cancelled_minor) values (%s, 'redeemed', 'USD', 'to3', '2014-06-30', 0, 0, 7, 0)",
            [models.WHOLE],
        )
    while operations.add_up():
        pass
    fact = operations.recount(by="root", effective_at=company.now)
    assert fact is not None
    assert [
        (one["organisation_id"], one["state"], one["vouchers"], one["face_minor"], one["redeemed_minor"])
        for one in fact.corrections
    ] == [
        (models.WHOLE, "redeemed", 0, 0, -7),
        (firm.organisation_id, "active", 1, 300_000_00, 0),
    ]
    (said,) = events.of_subject(fact.subject_id)
    assert (said.kind, said.body["by"], len(said.body["corrections"])) == ("voucher.totals_corrected", "root", 2)
    assert queries.miscounted() == []
    assert [(queries.totals(actor=one), queries.terms(actor=one)) for one in (SYSTEM, firm)] == right
    assert operations.recount(by="root", effective_at=company.now) is None


@pytest.mark.parametrize("issued, due, band", [
    ("2026-01-31", "2026-04-30", "to3"),
    ("2026-01-31", "2026-05-01", "to6"),
    ("2026-08-31", "2027-02-28", "to6"),
    ("2026-08-31", "2027-03-01", "to12"),
    ("2024-02-29", "2025-02-28", "to12"),
    ("2024-02-29", "2025-03-01", "over12"),
])  # fmt: skip
def test_bands_of_terms_end_with_the_month_of_the_term_rule(db: None, issued: str, due: str, band: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select vouchers_term_band(%s, %s)", [issued, due])
        assert cursor.fetchone() == (band,)
