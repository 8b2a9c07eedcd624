"""The desk of cash: credits page after page, what is expected, and what the banks' statements say against our record."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.builders import settlement as money
from tests.builders.settlement import DAY, NOON
from tests.interfaces.web.plain import Plain
from tests.interfaces.web.scene import Scene, fields
from tests.modules.capital.settlement.test_reconciling import stated
from tests.scenes import outermost

from fourflow.capital.settlement import operations, queries
from fourflow.capital.settlement.types import AccountKind, BankAccount
from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.web import narrowing
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.pages import settlement
from fourflow.trade.documents import queries as documents


@pytest.fixture(scope="module")
def collecting(scene: Scene) -> BankAccount:
    """A watched account of a supplier at a bank that is a firm of the platform."""
    operations.register_bank(code="GAMMA", name="Gamma Bank", party_id=scene.here.funder.id)
    supplier = scene.here.supplier()
    return money.account(supplier.id, "GAMMA", "G-1", AccountKind.COLLECTION, supplier.name)


@pytest.fixture(autouse=True)
def undone(scene: Scene) -> Iterator[None]:
    with outermost(undone=True):
        yield


def shown(scene: Scene, who: str, address: str) -> Plain:
    answer = scene.get(who, address)
    assert answer.status_code == 200, (who, address)
    return Plain(answer.content.decode())


def rows(page: Plain) -> list[str]:
    return [" ".join(row.text_content().split()) for row in page.find("//main//table//tbody/tr[@id]")]


def test_credits_beyond_a_page_of_the_desk_are_reached_and_each_alone(
    scene: Scene, collecting: BankAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settlement, "ON_A_PAGE", 2)
    for n in range(5):
        money.arrives("GAMMA", money.booked(collecting, 100_00 + n, f"BR-L{n}", text="unknown", payer="X"))
    wanted = {text("entry", one.entry_id) for one in queries.unmatched(actor=SYSTEM, limit=200)}
    address, found = "/unmatched", []
    for _ in range(len(wanted)):
        page = shown(scene, "operator", address)
        here = [card.get("id") for card in page.find("//main//section[starts-with(@id, 'ent_')]")]
        assert 0 < len(here) <= 2
        found += here
        following = page.find("//main//a[@rel='next']")
        if not following:
            break
        assert f"{len(wanted)} credits in all" in page.find("//main")[0].text_content()
        address = following[0].get("href")
    assert set(found) == wanted and len(found) == len(wanted)
    (one,) = shown(scene, "operator", f"/unmatched?id={found[-1]}").find("//main//section[starts-with(@id, 'ent_')]")
    assert one.get("id") == found[-1]
    assert scene.get("operator", "/unmatched?id=nonsense").status_code == 404


def test_what_is_expected_is_found_by_payer_or_reference_beyond_any_page(scene: Scene, collecting: BankAccount) -> None:
    four = money.Money4(*[collecting] * 5)
    for n in range(26):
        money.expected(four, 900_00 + n, f"VCH-E{n:02}")
    page = shown(scene, "operator", "/expected-cash?limit=25")
    assert len(rows(page)) == 25 and page.find("//main//a[contains(@href, 'cursor=')]")
    (row,) = rows(shown(scene, "operator", "/expected-cash?q=vch-e25&sort=-amount"))
    assert "900.25" in row
    assert rows(shown(scene, "operator", "/expected-cash?q=vch-e25&currency=EUR")) == []


def test_a_comparison_with_a_bank_is_read_by_the_operator_the_regulator_and_that_bank(
    scene: Scene, collecting: BankAccount
) -> None:
    compare: Any = {"actor": SYSTEM, "bank_code": "GAMMA", "effective_at": NOON}
    money.arrives("GAMMA", money.booked(collecting, 300, "BR-R1"))
    statement = stated(collecting, 0, money.booked(collecting, 900, "BR-R2"))
    operations.record_statement(statement=statement, **compare)
    operations.reconcile(day=DAY, **compare)
    for who in ("operator", "regulator", "bank"):
        (row,) = shown(scene, who, "/reconciliations?state=differs&bank_code=GAMMA").find("//main//tbody/tr[@id]")
        assert "Gamma Bank" in row.text_content() and "2 differences" in row.text_content()
        lines = rows(shown(scene, who, f"/reconciliations/{row.get('id')}?sort=-bank"))
        assert len(lines) == 2 and "BR-R2" in lines[0] and "unknown to us" in lines[0] and "9.00" in lines[0], lines
    assert rows(shown(scene, "operator", "/reconciliations?state=agreed&bank_code=GAMMA")) == []
    for who in ("core", "other bank"):
        assert rows(shown(scene, who, "/reconciliations")) == []
        assert scene.get(who, f"/reconciliations/{row.get('id')}").status_code == 404


def test_a_payee_expects_a_payment_and_the_desk_recognises_or_suggests_it_when_a_statement_brings_it(
    scene: Scene, collecting: BankAccount
) -> None:
    core, form = scene.here.core, "/expected-cash/new"
    assert form in [one.get("href") for one in shown(scene, "supplier", "/expected-cash").find("//main//a")]
    given = {
        "account": text("bank_account", collecting.id),
        "payer": text("party", core.id),
        "amount": "700.00",
        "due_on": core.maker.on.isoformat(),
        "reference": "INV-700",
    }
    supplier = scene.clients["supplier"]
    for wrong, words in (
        ({"amount": "0"}, "Money moves in positive amounts"),
        ({"due_on": "2013-01-01"}, "or later"),
        ({"reference": "7"}, "at least 3 letters or digits"),
        ({"account": text("bank_account", core.id)}, "one of the list"),
    ):
        asked = supplier.post(form, {**given, **wrong})
        if asked.status_code == 200:  # the confirmation; the operation refuses what it asks for
            asked = supplier.post(form, {**given, **wrong, **fields(asked), "outcome": "approve"})
        assert asked.status_code == 422 and words in asked.content.decode(), wrong
    for reference, amount in (("INV-700", "700.00"), ("INV-701", "701.00")):
        answers = {**given, "reference": reference, "amount": amount}
        asked = supplier.post(form, answers)
        assert "What is confirmed" in asked.content.decode()
        done = supplier.post(form, {**answers, **fields(asked), "outcome": "approve"})
        assert (done.status_code, done["location"]) == (302, "/expected-cash")
    taken = {**given, "amount": "1.00"}
    again = supplier.post(form, {**taken, **fields(supplier.post(form, taken)), "outcome": "approve"})
    assert again.status_code == 409 and "names another" in again.content.decode()
    mine = rows(shown(scene, "supplier", "/expected-cash?q=inv-70"))
    assert len(mine) == 2 and all(core.view.name in row for row in mine)
    assert rows(shown(scene, "core", "/expected-cash?q=inv-70")) == mine, "the payer sees it too"

    named = money.booked(collecting, 700_00, "BR-X1", text="Invoice INV-700")
    silent = money.booked(collecting, 701_00, "BR-X2", text="no word", payer=core.view.name)
    compare: Any = {"actor": SYSTEM, "bank_code": "GAMMA", "effective_at": NOON}
    assert operations.take_in_statement(statement=stated(collecting, 0, named, silent), **compare) == 2
    (left,) = rows(shown(scene, "supplier", "/expected-cash?q=inv-70"))
    assert "701.00" in left, "the one with its reference was recognised"
    (cash,) = [one for one in queries.unmatched(actor=SYSTEM, limit=200) if one.entry.bank_reference == "BR-X2"]
    desk = shown(scene, "operator", f"/unmatched?id={text('entry', cash.entry_id)}").find("//main")[0].text_content()
    assert "INV-701" in desk and "May belong to" in desk

    (one,) = queries.expectations(actor=SYSTEM, text="INV-701")
    path = f"/expected-cash/{text('expectation', one.id)}/cancel"
    assert "Only the payee" in shown(scene, "core", path).find("//main")[0].text_content()
    assert scene.get("second", path).status_code == 404
    press = fields(scene.get("supplier", path))
    assert scene.clients["core"].post(path, {**press, "outcome": "approve"}).status_code == 403
    assert supplier.post(path, {**press, "outcome": "approve"}).status_code == 302
    assert rows(shown(scene, "supplier", "/expected-cash?q=inv-70")) == []


def test_a_day_for_which_a_bank_gave_no_statement_does_not_agree(scene: Scene, collecting: BankAccount) -> None:
    operations.reconcile(actor=SYSTEM, bank_code="GAMMA", day=DAY, effective_at=NOON)
    (row,) = shown(scene, "operator", "/reconciliations?bank_code=GAMMA").find("//main//tbody/tr[@id]")
    assert "No statement" in row.text_content() and "Agrees" not in row.text_content()
    assert rows(shown(scene, "operator", "/reconciliations?state=agreed&bank_code=GAMMA")) == []
    told = shown(scene, "operator", f"/reconciliations/{row.get('id')}").find("//main")[0].text_content()
    assert "nothing to compare" in told and "Statement and record agree" not in told


def offered(page: Plain, field: str) -> list[str]:
    return [one.get("value") for one in page.find(f"//select[@name='{field}']/option") if one.get("value")]


def test_what_cash_may_belong_to_is_searched_where_there_is_more_than_the_form_offers(
    scene: Scene, collecting: BankAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrowing, "OFFERED", 2)
    four = money.Money4(*[collecting] * 5)
    wanted = [money.expected(four, 900_00 + n, f"VCH-N{n}") for n in range(4)]
    money.arrives("GAMMA", money.booked(collecting, 50_00, "BR-N", text="unknown", payer="X"))
    (cash,) = [one for one in queries.unmatched(actor=SYSTEM, limit=200) if one.entry.bank_reference == "BR-N"]
    path = f"/unmatched/{text('entry', cash.entry_id)}/place"
    page = shown(scene, "operator", path)
    assert len(offered(page, "expectation")) == 2
    assert "Only the first 2 choices are offered" in page.find("//main")[0].text_content()
    narrowed = shown(scene, "operator", f"{path}?find=vch-n3")
    assert offered(narrowed, "expectation") == [str(wanted[3].id)]
    assert "Only the first" not in narrowed.find("//main")[0].text_content()
    # what was found stays a choice, also where the search is not sent along
    answer = scene.clients["operator"].post(path, {"expectation": str(wanted[3].id), "amount": "50.00"})
    assert answer.status_code == 200 and "What is confirmed" in answer.content.decode()


def test_a_seller_beyond_the_firms_that_a_form_offers_is_found_by_name_or_number(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrowing, "OFFERED", 1)
    core, last = scene.here.core, max((one.view for one in scene.here.cast.suppliers), key=lambda one: one.name)
    path = to("delivery", documents.deliveries(core.maker).items[0].id, "/confirm")
    page = shown(scene, "core", path)
    assert len(offered(page, "creditor")) == 1 and text("party", last.id) not in offered(page, "creditor")
    assert "Only the first 1 choices" in page.find("//main")[0].text_content()
    for asked in (last.name, last.identifiers[0].value):
        assert offered(shown(scene, "core", f"{path}?{urlencode({'find': asked})}"), "creditor") == [
            text("party", last.id)
        ]


def test_a_firm_takes_the_journal_of_its_own_book_for_the_days_it_chooses(scene: Scene) -> None:
    page = scene.get("core", "/books?on[gte]=2014-01-01").content.decode()
    table = page[page.index("<tbody") :]
    assert 'id="ap-open-USD"' in table
    files = [unescape(href) for href in re.findall(r'href="(/books/journal[^"]+)"', page)]
    assert [href.split("?")[0] for href in files] == ["/books/journal.csv", "/books/journal.hledger"]
    table_file, program_file = (scene.get("core", href) for href in files)
    assert table_file["Content-Type"].startswith("text/csv") and "attachment" in table_file["Content-Disposition"]
    assert table_file.content.startswith(codecs.BOM_UTF8), "else a spreadsheet garbles the Chinese names"
    lines = table_file.content.decode("utf-8-sig").splitlines()
    assert len(lines) > 2 and "account_code" in lines[0] and b"ap:voucher" in program_file.content
    before = scene.get("core", "/books/journal.csv?on[lte]=2001-01-01").content.decode("utf-8-sig").splitlines()
    assert before == lines[:1], "nothing was booked so early"
    assert "Nothing is shown" in scene.get("core", "/books?on[lte]=soon").content.decode()
    assert scene.get("core", "/books/journal.csv?on[lte]=soon").status_code == 422
    assert scene.get("core", "/books/journal.csv?book=money").status_code == 404, "the operator's"
    assert scene.get("core checker", "/books/journal.csv").status_code == 403
    assert "/books/journal" not in scene.get("core checker", "/books").content.decode()
