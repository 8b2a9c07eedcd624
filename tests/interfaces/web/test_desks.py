"""The desks: what is overdue, the statistics of who oversees, and that every figure leads to its rows."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.builders.vouchers import Company
from tests.interfaces.web import seed
from tests.interfaces.web.scene import Scene

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import PayableId
from fourflow.capital.financing import queries as financings
from fourflow.capital.financing.types import Financing, FinancingState
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import VoucherId
from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.pages.trade_set import trade_set
from fourflow.platform.money import Money


@pytest.fixture(scope="module")
def late(scene: Scene) -> Company:
    """The company of this file on a day on which some of its vouchers are overdue."""
    return seed.fall_due(scene.here)


def body(answer: Any) -> str:
    assert answer.status_code == 200, answer
    found: str = answer.content.decode()
    return found


def plain(html: str) -> str:
    """What a reader reads, with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ")


def rows(html: str, list_id: str) -> list[str]:
    """The rows of a list, as read."""
    area = html[html.index(f'id="{list_id}"') :]
    area = area[area.index("<tbody") : area.index("</tbody>")]
    return [plain(one) for one in area.split("<tr")[1:]]


def test_overdue_vouchers_stand_in_their_bucket_and_lead_to_their_rows(scene: Scene, late: Company) -> None:
    for who in ("core", "supplier", "bank", "operator", "regulator"):
        page = body(scene.get(who, "/overdue"))
        assert "285,000.00" in plain(page), who
        assert "31–60 days" in page
        links = re.findall(r'href="(/vouchers\?[^"]*due%5B[^"]*)"', page)
        assert links, who
        bucket = next(
            link.replace("&amp;", "&") for link in links if "overdue%2Cdefaulted" in link or "overdue,def" in link
        )
        found = rows(body(scene.get(who, bucket)), "vouchers")
        assert len(found) == 3 and all("Overdue" in row for row in found), (who, found)


def test_the_list_by_core_says_how_much_since_when_and_whether_it_is_stopped(scene: Scene, late: Company) -> None:
    (row,) = rows(body(scene.get("regulator", "/overdue")), "overdue")
    assert "285,000.00" in row and "Stop list" in row and late.day.isoformat() in row and " 3 " in row
    page = body(scene.get("regulator", "/overdue"))
    link = f"/vouchers?status=overdue,defaulted&amp;issuer={text('party', scene.here.core.id)}"
    assert link in page
    assert "nothing has arrived" in body(scene.get("regulator", "/complaints"))


def test_promise_and_payment_stand_side_by_side_by_month(scene: Scene, late: Company) -> None:
    page = plain(body(scene.get("operator", "/overdue")))
    line = page[page.index("2014-08") :]
    assert "90,000.00" in line[:100], "what has been paid of it"


def lent(late: Company, state: FinancingState = FinancingState.OVERDUE) -> Financing:
    """The financing of this file in a state."""
    return financings.financings(actor=SYSTEM, states=[state])[0]


def test_the_days_of_a_plan_add_up_to_the_discount_to_the_cent(late: Company) -> None:
    one = lent(late)
    planned = financings.plan(actor=SYSTEM, financing_id=one.id)
    zero = Money.zero(one.quote.amount.currency)
    assert sum((day.earned for day in planned.days), start=zero) == planned.interest == planned.days[-1].cumulative
    assert len(planned.days) == one.quote.days
    assert planned.earned == planned.interest and not planned.unearned, "the books have earned all by the due date"
    payout, collection = planned.flows
    assert payout.planned == payout.actual == -one.quote.net
    assert collection.planned == collection.open == one.quote.amount


def test_paying_early_or_late_changes_the_yearly_cost_and_nothing_else(late: Company) -> None:
    one = lent(late)
    early = financings.what_if(actor=SYSTEM, financing_id=one.id, on=one.quote.due_on - timedelta(30))
    on_time = financings.what_if(actor=SYSTEM, financing_id=one.id, on=one.quote.due_on)
    after = financings.what_if(actor=SYSTEM, financing_id=one.id, on=one.quote.due_on + timedelta(30))
    assert early.annualised > on_time.annualised == one.quote.annualised > after.annualised
    assert early.earned + early.at_once == on_time.earned == after.earned
    assert (early.late, on_time.late, after.late) == (0, 0, 30) and not on_time.at_once.minor


def test_the_plan_shows_schedule_days_and_a_payments_shares(scene: Scene, late: Company) -> None:
    one = lent(late)
    path = to("financing", one.id, "/plan")
    for who in ("supplier", "bank", "operator", "regulator"):
        page = plain(body(scene.get(who, path)))
        assert "200,000.00" in page and "Interest by month" in page, who
    opened = body(scene.get("bank", f"{path}?month=2014-04"))
    assert "2014-04-30" in opened and "2014-05-01" not in opened
    part = plain(body(scene.get("bank", f"{path}?on=2014-12-01&amount=50000")))
    assert "days late" in part and "to this financing" in part
    assert scene.get("bank", f"{path}?amount=999999999").status_code == 422
    assert scene.get("other bank", path).status_code == 404


def test_the_memo_lays_the_trade_side_by_side_with_exposure_and_behaviour(scene: Scene, late: Company) -> None:
    one = lent(late, FinancingState.REQUESTED)
    page = body(scene.get("bank", to("financing", one.id, "/decide")))
    read = plain(page)
    assert "Trade documents side by side" in read and "They agree" in read and 'class="mark bad"' not in page
    assert "Owed to your bank now" in read and "200,000.00" in read
    assert "the platform computes no score" in read
    assert re.search(r"Paid by the due date\s+\d", read) and "Outstanding since 2014-08-29" in read
    assert scene.get("other bank", to("financing", one.id, "/decide")).status_code == 404
    assert scene.get("supplier", to("financing", one.id, "/decide")).status_code == 403


def test_documents_that_do_not_agree_are_marked(late: Company) -> None:
    voucher = vouchers.get(actor=SYSTEM, voucher_id=VoucherId(lent(late).quote.voucher_id))
    payable = claims.payable(actor=SYSTEM, payable_id=PayableId(voucher.payable_id))
    chain = claims.chain(actor=SYSTEM, claim_id=payable.claim_id)
    assert trade_set(voucher, payable, chain, {}).disagreements == 0
    worth_less = replace(payable, amount=voucher.face - Money(1, voucher.face.currency))
    elsewhere = replace(payable, debtor_id=voucher.receiver_id)
    late_delivery = replace(payable, delivered_on=voucher.issued_on + timedelta(1))
    for wrong in (worth_less, elsewhere, late_delivery):
        assert trade_set(voucher, wrong, chain, {}).disagreements == 1


def test_a_stranger_to_the_debts_sees_none(scene: Scene, late: Company) -> None:
    page = plain(body(scene.get("other bank", "/overdue")))
    assert "Nothing is overdue" in page and "285,000.00" not in page


def test_statistics_are_for_who_oversees_and_lead_to_the_rows(scene: Scene, late: Company) -> None:
    for who in ("core", "supplier", "bank"):
        assert scene.get(who, "/statistics").status_code == 403, who
    page = body(scene.get("regulator", "/statistics"))
    for link in re.findall(r'class="kpi [^"]*"|href="(/[^"#]*)"', page[page.index('class="kpis"') :]):
        if link:
            assert scene.get("regulator", link.replace("&amp;", "&")).status_code == 200, link
    short = body(scene.get("regulator", "/vouchers?term=to3"))
    middle = body(scene.get("regulator", "/vouchers?term=to6"))
    assert "Nothing fits these filters" in short
    assert len(rows(middle, "vouchers")) > 5
