"""What is broken and how it ended, and what late payers promise, over one company in which something is late."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from tests.builders.vouchers import Company
from tests.interfaces.web import pressing as press
from tests.interfaces.web import seed
from tests.interfaces.web.scene import Scene
from tests.interfaces.web.test_desks import body, lent, plain, rows
from tests.interfaces.web.test_lists import sheet
from tests.statements import CEILING, asked

from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import Voucher, VoucherState
from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.web.addresses import to
from fourflow.platform import calendar, clock


@pytest.fixture(scope="module")
def late(scene: Scene) -> Company:
    """The company of this file on a day on which some of its vouchers are overdue."""
    return seed.fall_due(scene.here)


@pytest.mark.requirement("R190")
def test_alerts_name_rule_evidence_and_whose_turn_it_is(scene: Scene, late: Company) -> None:
    found = rows(body(scene.get("operator", "/alerts")), "alerts")
    assert any("paid on its due date" in row and "285,000.00" in row and "Core enterprise" in row for row in found)
    assert any("complaint is answered" in row and "nothing has arrived" in row and "Operator" in row for row in found)
    assert "No rule is broken" in plain(body(scene.get("other bank", "/alerts")))


def test_what_a_late_issuer_promised_stands_on_the_voucher_and_with_what_is_overdue(
    scene: Scene, late: Company
) -> None:
    link = re.compile(r'href="(/promises\?voucher_id=[^"]+)"')
    for who in ("core", "supplier", "bank", "operator", "regulator"):
        card = body(scene.get(who, "/overdue"))
        card = card[card.index('id="promises"') :]
        told = plain(card[: card.index("</section>")])
        assert told.index("the sale of a plant") < told.index("a customer of ours"), "the latest first"
        assert "Open" in told and "Broken" in told and "35,000.00" in told
        page = body(scene.get(who, to("voucher", unpaid_of(35_000)[0].id)))
        assert "the sale of a plant" in page and "The issuer promised by when it pays" in page
        found = link.search(page)
        assert found and len(rows(body(scene.get(who, found[1])), "promises")) == 2, who
    assert 'id="promises"' not in body(scene.get("other bank", "/overdue"))
    kept = rows(body(scene.get("bank", "/promises?outcome=broken")), "promises")
    assert len(kept) == 1 and "a customer of ours" in kept[0] and "Broken" in kept[0]
    memo = plain(body(scene.get("bank", to("financing", lent(late).id, "/decide"))))
    assert "Promises to pay late: Broken 1" in memo and "Promises to pay late: Open 1" in memo


def unpaid_of(face: int) -> list[Voucher]:
    """What is overdue with this face, in whole dollars."""
    where = vouchers.VoucherFilter(states=(VoucherState.OVERDUE,))
    return [one for one in vouchers.vouchers(actor=SYSTEM, where=where).rows if one.face.minor == face * 100]


def test_an_issuer_promises_from_the_page_of_the_voucher_that_it_will_pay_late(scene: Scene, late: Company) -> None:
    (voucher,) = unpaid_of(90_000)
    home, path = to("voucher", voucher.id), to("voucher", voucher.id, "/promise")
    assert path in body(scene.get("core", home)) and path not in body(scene.get("supplier", home))
    assert path not in body(scene.get("core", to("voucher", scene.here.accepted("8160.00").id))), (
        "long before it is due"
    )
    assert scene.get("supplier", path).status_code == 403
    early = press.ask(scene, "core", path, pays_on=late.day.isoformat(), reason="a buyer pays us on Friday")
    assert press.problems(early) == {"pays_on": "voucher.promise_day_invalid"}
    assert "a buyer pays us on Friday" in early.content.decode(), "what was typed stays"
    day = calendar.load("CN").next_business_day(late.day + timedelta(12)).isoformat()
    assert "what is overdue stays overdue" in body(press.ask(scene, "core", path, pays_on=day, reason="x"))
    press.act(scene, "core", path, pays_on=day, reason="a buyer pays us on Friday")
    page = plain(body(scene.get("supplier", home)))
    assert "a buyer pays us on Friday" in page and day in page and "Overdue" in page
    assert press.kinds(voucher.id)[-1] == "voucher.promised"
    assert len(vouchers.promises(actor=SYSTEM, on=late.day, voucher_id=voucher.id)) == 1, "pressed twice, said once"


def test_what_was_broken_stands_under_ended_with_how_and_how_late(scene: Scene, late: Company) -> None:
    assert "Nothing ended in these days" in plain(body(scene.get("operator", "/alerts?state=ended")))
    (voucher,) = unpaid_of(35_000)
    (complaint,) = [one.id for one in vouchers.complaints(actor=SYSTEM) if one.text == "nothing has arrived"]
    today = late.later(40)
    clock.move_to(today.now)
    for part in today.parts(voucher):
        today.redeem(part)
    press.act(scene, "operator", to("complaint", complaint, "/answer"), answer="it was paid today")
    for who in ("core", "supplier", "bank", "operator", "regulator"):
        found = rows(body(scene.get(who, "/alerts?state=ended")), "ended")
        assert "35,000.00" in found[0] and "Paid" in found[0], who
    first, second = rows(body(scene.get("supplier", "/alerts?state=ended")), "ended")
    assert "Core enterprise" in first and f"{(today.day - voucher.due_on).days} days late" in first and "Late" in first
    assert "nothing has arrived" in second and "Operator" in second and "10 days late" in second
    assert "Nothing ended" in plain(body(scene.get("other bank", "/alerts?state=ended")))
    day = today.day.isoformat()
    long_ago = f"/alerts?state=ended&ended%5Bgte%5D={late.day.isoformat()}&ended%5Blte%5D={late.day.isoformat()}"
    assert "Nothing fits" in plain(body(scene.get("supplier", long_ago)))
    narrow = f"/alerts?state=ended&rule=complaint_answered_in_time&ended%5Bgte%5D={day}&ended%5Blte%5D={day}"
    (only,) = rows(body(scene.get("supplier", narrow)), "ended")
    assert "nothing has arrived" in only
    table = sheet(scene, "supplier", narrow + "&format=xlsx")
    assert len(table) == 2 and "10 days late" in [str(cell.value) for cell in table[1]][4]
    turned = body(scene.get("supplier", "/alerts?state=ended&limit=25"))
    assert "/alerts" in turned and "Broken now" in turned
    assert scene.get("supplier", "/alerts?state=ended&cursor=zzz").status_code == 422


def test_the_pages_of_what_is_late_ask_few_questions_however_much_is_late(scene: Scene, late: Company) -> None:
    (voucher,) = unpaid_of(90_000)
    pages = ["/alerts", "/alerts?state=ended", "/overdue", "/promises", to("voucher", voucher.id)]
    for who in ("supplier", "bank", "operator"):
        for path in (*pages, *([to("financing", lent(late).id)] if who != "operator" else [])):
            answer, statements = asked(lambda who=who, path=path: scene.get(who, path))
            assert (answer.status_code, len(statements) <= CEILING) == (200, True), (who, path, len(statements))
