"""The desks: what is overdue, the statistics of who oversees, and that every figure leads to its rows."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from openpyxl import load_workbook
from tests.builders.evidence_log import LocalWitness
from tests.builders.refusals import refuse
from tests.builders.vouchers import Company
from tests.interfaces.web import seed
from tests.interfaces.web.plain import Plain, classed, crowding
from tests.interfaces.web.scene import Scene, fields
from tests.scenes import outermost

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import PayableId
from fourflow.capital.financing import queries as financings
from fourflow.capital.financing.types import Financing, FinancingState
from fourflow.capital.limits import queries as limits
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.settlement.types import Purpose
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import VoucherId, VoucherState
from fourflow.foundation.evidence import queries as evidence
from fourflow.foundation.evidence.adapters.home import HeadFile, LocalKey
from fourflow.foundation.evidence.domain.policy import Policy
from fourflow.foundation.evidence.jobs import Writer
from fourflow.foundation.evidence.ports import Log
from fourflow.foundation.evidence.types import Result
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.pages.trade_set import trade_set
from fourflow.oversight.insight import queries as insight
from fourflow.platform.ids import decode
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


def test_bars_of_what_falls_due_lead_to_rows_that_add_up_to_them(scene: Scene, late: Company) -> None:
    for who in ("core", "operator"):
        page = body(scene.get(who, "/"))
        ladder = page[page.index("Falling due by week") :]
        bars = re.findall(r'href="(/vouchers\?[^"]*due%5Blte[^"]*)"[^>]*>(.*?)</a>', ladder, re.S)
        assert bars, who
        for address, drawn in dict(bars).items():
            found = body(scene.get(who, address.replace("&amp;", "&")))
            open_ = [vouchers.get(actor=SYSTEM, voucher_id=key).outstanding for key in ids(found)]
            assert str(sum(one.minor for one in open_) // 100) in re.sub(r"\D", "", plain(drawn)), (who, address)


def ids(html: str) -> list[VoucherId]:
    """The vouchers that a list shows."""
    return [VoucherId(decode("vch", one)) for one in dict.fromkeys(re.findall(r"/vouchers/(vch_\w+)", html))]


def test_the_list_by_core_says_how_much_since_when_and_whether_it_is_stopped(scene: Scene, late: Company) -> None:
    (row,) = rows(body(scene.get("regulator", "/overdue")), "overdue")
    assert "285,000.00" in row and "Stop list" in row and late.day.isoformat() in row and " 3 " in row
    page = body(scene.get("regulator", "/overdue"))
    link = f"/vouchers?state=overdue,defaulted&amp;issuer_id={text('party', scene.here.core.id)}"
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


@pytest.mark.requirement("R104")
def test_the_memo_lays_the_trade_side_by_side_with_exposure_and_behaviour(scene: Scene, late: Company) -> None:
    one = lent(late, FinancingState.REQUESTED)
    page = body(scene.get("bank", to("financing", one.id, "/decide")))
    read = plain(page)
    voucher = vouchers.get(actor=SYSTEM, voucher_id=VoucherId(one.quote.voucher_id))
    (paper,) = claims.payable(actor=SYSTEM, payable_id=PayableId(voucher.payable_id)).documents
    assert paper.number in read, "the supplier need not hand in again what the register has"
    assert "Trade documents side by side" in read and "They agree" in read and 'class="mark bad"' not in page
    assert "Owed to your bank now" in read and "200,000.00" in read
    assert "the platform computes no score" in read
    assert re.search(r"Paid by the due date\s+\d", read) and "Outstanding since 2014-08-29" in read
    assert scene.get("other bank", to("financing", one.id, "/decide")).status_code == 404
    assert scene.get("supplier", to("financing", one.id, "/decide")).status_code == 403


def test_every_figure_of_the_memo_leads_to_the_rows_that_it_counts_or_adds_up(scene: Scene, late: Company) -> None:
    one = lent(late, FinancingState.REQUESTED)
    page = Plain(body(scene.get("bank", to("financing", one.id, "/decide"))))

    def figure(label: str) -> tuple[str, str]:
        (fact,) = page.find(f"//dt[normalize-space(.)='{label}']/following-sibling::dd[1]")
        (link,) = fact.xpath(".//a")
        return fact.text_content().strip(), link.get("href")

    def behind(address: str) -> Plain:
        return Plain(body(scene.get("bank", f"{address}&limit=200")))

    for label in ("Vouchers that fell due", "Not paid yet", "Running at your bank"):
        count, address = figure(label)
        assert int(count) == len(behind(address).find("//tbody/tr[@id]")) > 0, label
    for label, name in (("Owed to your bank now", "obligor_id"), ("Outstanding", "applicant_id")):
        amount, address = figure(label)
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked[name].startswith("prt_") and asked["currency"] == one.quote.amount.currency
        states = [FinancingState.DISBURSED, FinancingState.OVERDUE]
        every = financings.financings(actor=SYSTEM, funder_id=one.quote.funder_id, states=states)
        key = one.quote.obligor_id if name == "obligor_id" else one.quote.applicant_id
        mine = {text("financing", each.id): each for each in every if getattr(each.quote, name) == key}
        shown = [row.get("id") for row in behind(address).find("//tbody/tr[@id]")]
        assert set(shown) == set(mine), label
        owed = sum((each.quote.amount - each.collected for each in mine.values()), start=Money.zero("USD"))
        assert f"{owed.decimal:,}" in amount, label
    assert figure("With this financing")[1] == to("financing", one.id)


def test_how_the_debtor_paid_leads_to_the_vouchers_that_each_figure_counts(scene: Scene, late: Company) -> None:
    decide = to("financing", lent(late, FinancingState.REQUESTED).id, "/decide")
    with outermost(undone=True):
        found = vouchers.vouchers(actor=SYSTEM, where=vouchers.VoucherFilter(states=(VoucherState.OVERDUE,))).rows
        paid = next(one for one in found if one.redeemed)
        late.redeem(next(part for part in late.living(paid)))
        page = Plain(body(scene.get("bank", decide)))

        def behind(label: str) -> set[str]:
            (link,) = page.find(f"//dt[normalize-space(.)='{label}']/following-sibling::dd[1]//a")
            shown = {row.get("id") for row in Plain(body(scene.get("bank", link.get("href")))).find("//tbody/tr[@id]")}
            assert label == "Longest delay, days" or int(link.text_content()) == len(shown) > 0, label
            assert "id" not in dict(parse_qsl(urlsplit(link.get("href")).query)), "a filter, not a list of ids"
            return shown

        on_time, later, open_ = (behind(one) for one in ("Paid by the due date", "Paid later", "Not paid yet"))
        assert on_time | later | open_ == behind("Vouchers that fell due")
        assert later == {text("voucher", paid.id)} == behind("Longest delay, days")
        (since,) = page.find("//dt[starts-with(normalize-space(.), 'Outstanding since')]/following-sibling::dd[1]//a")
        rows_ = Plain(body(scene.get("bank", since.get("href")))).find("//tbody/tr[@id]")
        assert {row.get("id") for row in rows_} == open_


def test_financings_of_another_debtor_or_currency_are_left_out(scene: Scene, late: Company) -> None:
    one = lent(late)
    mine, nobody = text("party", one.quote.obligor_id), text("party", one.quote.applicant_id)

    def found(asked: str) -> list[str]:
        page = Plain(body(scene.get("bank", f"/financing?{asked}")))
        return [row.get("id") for row in page.find("//tbody/tr[@id]")]

    assert found(f"obligor_id={mine}&currency=USD") == found("") != []
    assert found(f"obligor_id={nobody}") == found(f"obligor_id={mine}&currency=EUR") == []


@pytest.mark.requirement("R043")
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


def test_the_first_page_tells_what_happened_since_the_last_visit(scene: Scene, late: Company) -> None:
    page = body(scene.get("bank", "/"))
    news = plain(page[page.index("What happened lately") :])
    assert "A holder complained" in news and "Overdue" in news
    stranger = body(scene.get("other bank", "/"))
    assert "A holder complained" not in stranger


#: the column that adds up to a figure of a home; a figure that is a count has none
ADDS_UP = {
    "Outstanding": "Outstanding",
    "Offered, not answered": "Face",
    "Free credit lines": "Free",
    "Overdue": "Outstanding",
    "Can become cash now": "Outstanding",
    "To sign": "Amount",
    "Cash received": "Net cash",
}


@pytest.mark.parametrize("who", ["operator", "core", "supplier", "bank", "regulator"])
def test_a_home_has_at_most_five_figures_each_the_sum_or_count_of_the_rows_it_opens_five_deadlines_and_one_chart(
    scene: Scene, late: Company, who: str
) -> None:
    home = body(scene.get(who, "/"))
    assert crowding(home, home=True) == []
    figures = Plain(home).find(f"//main//*[{classed('kpi')}]")
    assert len(figures) > 3
    for figure in figures:
        ((label,), (value,)) = (figure.xpath(f".//*[{classed(name)}]") for name in ("label", "value"))
        said, href = label.text_content().strip(), figure.get("href")
        behind = Plain(body(scene.get(who, f"{href}{'&' if '?' in href else '?'}limit=200")))
        found = behind.find("//main//table//tbody/tr[@id] | //main//section[starts-with(@id, 'ent_')]")
        (money,) = value.xpath(".//@title") or [""]
        if not money:
            assert int(value.text_content()) == len(found), (who, said)
            continue
        heads = [" ".join(head.text_content().split()) for head in behind.find("(//main//table)[1]//thead//th")]
        at = next(number for number, head in enumerate(heads) if head.startswith(ADDS_UP[said]))
        amounts = [row.xpath("./*[self::td or self::th]")[at].text_content() for row in found]
        total = sum(Decimal(re.sub(r"[^0-9.]", "", one)) for one in amounts)
        assert Decimal(re.sub(r"[^0-9.]", "", money)) == total > 0, (who, said)


def test_a_sixth_figure_deadline_or_a_second_chart_or_primary_action_would_be_noticed() -> None:
    figure = '<a class="kpi neutral" href="/vouchers">1</a>'
    row, chart, press = "<tr><td>x</td></tr>", '<svg class="bars"></svg>', '<button class="btn primary">Sign</button>'

    def page(figures: int, rows: int, charts: int, presses: int) -> str:
        todo = f'<div id="todo"><table><tbody>{row * rows}</tbody></table></div>'
        area = f'<section class="decision"><form>{press * presses}</form></section>'
        return f"<html><main>{figure * figures}{todo}{chart * charts}{area}</main></html>"

    assert crowding(page(5, 5, 1, 1), home=True) == []
    assert crowding(page(6, 5, 1, 1)) == ["6 figures"]
    assert crowding(page(5, 5, 1, 2)) == ["a decision with 2 primary actions: Sign, Sign"]
    assert crowding(page(5, 6, 2, 1), home=True) == ["6 that wait", "2 charts"]


def test_the_ledger_of_a_line_tells_what_blocked_used_and_gave_back(scene: Scene, late: Company) -> None:
    line = limits.board(actor=SYSTEM, funder_id=scene.here.funder.id)[0]
    page = body(scene.get("bank", to("limit", line.id)))
    ledger = plain(page[page.index("Ledger of the line") :])
    assert "Given back" in ledger and "50,000.00" in ledger and "Blocked" in ledger


def test_the_gate_of_a_payout_names_the_filing_and_the_payee(scene: Scene, late: Company) -> None:
    page = plain(body(scene.get("bank", to("financing", lent(late).id))))
    assert "The payee is the applicant itself" in page and "R-1" in page and "Repayment plan" in page


def test_the_filing_and_every_search_stand_on_the_financing_and_the_voucher_with_their_evidence(
    scene: Scene, late: Company
) -> None:
    one = lent(late)
    filed = claims.registration_of(actor=SYSTEM, reference=one.reference)
    assert filed is not None
    for path in (to("financing", one.id), to("voucher", one.quote.voucher_id)):
        page = body(scene.get("bank", path))
        card = page[page.index("Movable-property registry") :]
        card = card[: card.index("</section>")]
        told = plain(card)
        for words in (
            "Registered and clear",
            filed.registration_no,
            filed.query_certificate,
            filed.requery_certificate,
        ):
            assert words in told, (path, words)
        assert "Nothing but our own filing" in told
        assert told.index("Search before filing") < told.index("Filing ") < told.index("Search after filing")
        proofs = re.findall(r'href="(/events/[^"]+)"', card)
        assert len(proofs) == 3
        assert all(scene.get("bank", proof).status_code == 200 for proof in proofs)
    for stranger in ("fourth", "core"):
        answer = scene.get(stranger, to("voucher", one.quote.voucher_id))
        assert filed.registration_no not in answer.content.decode(), stranger


def test_the_bank_takes_recourse_once_on_what_is_overdue_with_it(scene: Scene, late: Company) -> None:
    one = lent(late)
    path = to("financing", one.id, "/recourse")
    assert "Take recourse" in body(scene.get("bank", to("financing", one.id)))
    assert scene.get("other bank", path).status_code == 404
    assert scene.get("supplier", path).status_code == 403
    shown = scene.get("bank", path)
    assert "200,000.00" in plain(body(shown))
    given = {**fields(shown), "outcome": "approve", "password": seed.PASSWORD}
    for _press in range(2):
        assert scene.clients["bank"].post(path, given).status_code == 302
    drawn = settlement.of_subject(actor=SYSTEM, subject_id=one.holding_id)
    assert [payment.amount for payment in drawn if payment.purpose is Purpose.RECOURSE] == [one.outstanding]
    assert to("instruction", drawn[-1].id) in body(scene.get("bank", to("financing", one.id)))
    undecided = lent(late, FinancingState.REQUESTED)
    assert "made without recourse" in body(scene.get("bank", to("financing", undecided.id, "/recourse")))


def ask(scene: Scene, path: str, **fields_: str) -> Any:
    """Fill the form of a request in and confirm it, as the regulator."""
    client = scene.clients["regulator"]
    form = {"purpose": "unpaid voucher", "authority": "order 2014-88", "answer_by": "2014-12-01", **fields_}
    shown = client.post(path, form)
    if shown.status_code != 200:
        return shown
    return client.post(path, {**fields(shown), "outcome": "approve"})


def test_the_regulator_asks_and_the_operator_hands_out_a_pack_that_proves_itself(
    scene: Scene, late: Company, tmp_path: Path
) -> None:
    log = LocalKey(b"k" * 32, "log.example/desks")
    witness = LocalWitness("bank-a.example", log)
    writer = Writer(Log(signer=log, head=HeadFile(tmp_path / "head.txt"), witnesses=(witness,)), every=0)
    path = f"/requests/new?voucher={text('voucher', lent(late).quote.voucher_id)}"
    assert ask(scene, path, authority=" ").status_code == 422
    assert ask(scene, path, answer_by="2014-01-01").status_code == 422
    address = ask(scene, path)["Location"]
    assert "order 2014-88" in body(scene.get("operator", "/inbox"))
    assert scene.get("regulator", f"{address}/answer").status_code == 403, "who asks does not answer"
    for who in ("core", "supplier", "bank"):
        assert scene.get(who, address).status_code == 404, who
        assert scene.get(who, "/requests").status_code == 403
        assert scene.get(who, path).status_code == 403

    def hand_out(**more: str) -> Any:
        shown = scene.clients["operator"].post(f"{address}/answer", {"note": "complete"})
        return scene.clients["operator"].post(f"{address}/answer", {**fields(shown), "outcome": "approve", **more})

    assert hand_out().status_code == 409, "nothing has a place in the log yet"
    assert writer.run_once().signed
    assert scene.get("regulator", f"{address}/pack").status_code == 409, "it is not answered yet"
    assert hand_out().status_code == 302
    page = plain(body(scene.get("regulator", address)))
    assert "Paid out" in page and "complete" in page
    assert scene.get("regulator", f"{address}/pack").status_code == 409, "no signed head covers the answer yet"
    writer.run_once(at_once=True)
    held = scene.get("regulator", f"{address}/pack")
    assert held.status_code == 200
    policy = f"log {log.vkey}\nwitness a {witness.vkey}\ngroup banks all a\nquorum banks\n"
    _proves_itself(held.content, evidence.read_policy(policy))


def _proves_itself(pack: bytes, policy: Policy) -> None:
    """As a stranger would look at it: every bundle verifies, and the answer signs exactly this manifest."""
    with zipfile.ZipFile(io.BytesIO(pack)) as file:
        contents = {name: file.read(name) for name in file.namelist()}
    answer = evidence.verify(contents["answer.tlog-proof"], policy)
    assert answer.result is Result.WITNESSED and answer.kind == "evidence.released"
    assert answer.disclosed["sha256"] == hashlib.sha256(contents["manifest.json"]).hexdigest()
    named = json.loads(contents["manifest.json"])["facts"]
    bundles = {name: data for name, data in contents.items() if name.startswith("facts/")}
    assert len(named) == len(bundles) == answer.disclosed["facts"]
    seen = [evidence.verify(bundle, policy) for bundle in bundles.values()]
    assert all(one.result is Result.WITNESSED for one in seen)
    assert {(one.index, one.kind) for one in seen} == {(fact["position"], fact["kind"]) for fact in named}
    assert {"payable.confirmed", "voucher.accepted", "financing.disbursed", "payment.settled"} & {o.kind for o in seen}


def test_a_firm_is_asked_about_too_and_a_request_is_never_rewritten(scene: Scene, late: Company) -> None:
    address = ask(scene, f"/requests/new?party={text('party', scene.here.core.id)}", purpose="late payer")["Location"]
    assert "Core Ltd" in plain(body(scene.get("operator", address)))
    assert "Core Ltd" in plain(body(scene.get("regulator", "/requests")))
    assert "Ask for evidence" in body(scene.get("regulator", to("party", scene.here.core.id)))
    assert "Ask for evidence" not in body(scene.get("operator", to("party", scene.here.core.id)))
    request_id = insight.requests(actor=SYSTEM)[0].id
    for change, constraint in (("purpose = 'other'", "request_fixed"), ("sha256 = 'x'", "request_answer_whole")):
        refuse(f"update insight_request set {change} where id = %s", request_id, constraint=constraint)


@pytest.mark.requirement("R345")
def test_the_page_about_the_operator_shows_its_registered_capital(scene: Scene) -> None:
    page = to("party", scene.here.cast.operator.id)
    for who in ("operator", "regulator"):
        shown = re.sub(r"<[^>]+>", " ", scene.get(who, page).content.decode())
        assert "Registered capital" in shown and "20,000,000.00" in shown, who
    assert "Registered capital" not in scene.get("operator", to("party", scene.here.core.id)).content.decode()


def test_a_bank_refuses_with_a_reason_and_names_its_own_person_to_itself_alone(scene: Scene) -> None:
    one = seed.requested(scene.here, scene.here.held("9000.00"), "9000.00")
    path = to("financing", one.id, "/decide")

    def refused(opinion: str) -> Any:
        sent = {**fields(scene.get("bank", path)), "outcome": "reject", "opinion": opinion}
        return scene.clients["bank"].post(path, sent)

    silent = refused("  ")
    assert silent.status_code == 422 and "A rejection needs a reason." in silent.content.decode()
    assert refused("The goods are disputed elsewhere.").status_code == 302
    officer = scene.here.funder.maker
    (name,) = parties.person_names([officer.person_id]).values()
    shown = {who: scene.get(who, to("financing", one.id)).content.decode() for who in ("bank", "supplier", "regulator")}
    assert f"the bank, {name}" in shown["bank"] and f"the bank, {name}" in shown["regulator"]
    assert f"the bank, {name}" not in shown["supplier"]
    assert not any(str(officer.person_id) in body for body in shown.values())
    assert "The goods are disputed elsewhere." in shown["bank"]


def test_what_a_supplier_holds_says_of_which_voucher_who_owes_it_and_when(scene: Scene, late: Company) -> None:
    def table(path: str) -> dict[str, tuple[Any, ...]]:
        sheet = load_workbook(io.BytesIO(scene.get("supplier", f"{path}&format=xlsx").content)).active
        return {row[0]: row[1:] for row in list(sheet.values)[1:]}

    held = table("/holdings?columns=voucher&columns=debtor&columns=due")
    whole = table("/vouchers?columns=number&columns=issuer&columns=due_on")
    assert held and held == {number: whole[number] for number in held}
