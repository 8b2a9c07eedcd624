"""The eight powers on every list, asked of each list page by the same questions, as a reader without scripts asks them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from openpyxl import load_workbook
from tests.builders import settlement as money
from tests.builders.clients import admit, receiving
from tests.builders.vouchers import usd
from tests.interfaces.web.plain import Plain
from tests.interfaces.web.scene import Scene
from tests.scenes import outermost

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import PayableId
from fourflow.capital.limits import queries as limits
from fourflow.capital.settlement import operations as payments
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.settlement.types import Purpose
from fourflow.capital.vouchers import operations as vouchers
from fourflow.foundation.access import operations as access
from fourflow.foundation.access.types import DataClass, Look
from fourflow.foundation.clients import jobs
from fourflow.foundation.clients import operations as clients
from fourflow.foundation.clients import queries as partners
from fourflow.foundation.clients.adapters.http_webhook.courier import HttpCourier
from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.web import lists
from fourflow.interfaces.web.addresses import to
from fourflow.interfaces.web.components import listing
from fourflow.oversight.insight import operations as insight
from fourflow.oversight.insight.types import About
from fourflow.oversight.reports import operations as reports
from fourflow.oversight.reports.types import Rhythm
from fourflow.platform import clock
from fourflow.platform.events import operations as events
from fourflow.platform.events.types import kinds
from fourflow.trade.documents import operations as documents
from fourflow.trade.documents.types import Invoice


@dataclass(frozen=True)
class Asked:
    """A list page: who looks, which filter narrows it to how much less, and what a search finds."""

    path: str
    who: str
    sorts: tuple[str, ...]
    narrow: str = ""


LISTS = (
    Asked("/inbox", "core checker", ("amount", "what", "who", "due", "since"), "whose=mine"),
    Asked("/vouchers", "core", ("face", "issued_on", "due_on"), "state=offered"),
    Asked("/holdings", "supplier", ("amount", "tier", "acquired"), "state=locked_transfer"),
    Asked("/payables", "core", ("amount", "due", "proposed"), "state=proposed"),
    Asked("/deliveries", "core", ("number", "amount", "delivered"), "q=DN-1"),
    Asked("/invoices", "core", ("number", "issued"), "q=INV-18"),
    Asked("/financing", "bank", ("amount", "net", "asked", "due"), "state=repaid"),
    Asked("/limits", "operator", ("bank", "core", "sanctioned", "used", "blocked", "free", "from"), "q=nobody"),
    Asked("/payments", "operator", ("amount", "on"), "state=rejected"),
    Asked("/books", "core", ("account", "debit", "credit", "balance"), "on[lte]=2014-01-01"),
    Asked("/reconciliations", "operator", ("day",), "state=differs"),
    Asked("/expected-cash", "operator", ("amount", "due"), "q=VCH-L2"),
    Asked("/complaints", "operator", ("made", "due"), "state=answered"),
    Asked("/parties", "operator", ("name",), "role=funder"),
    Asked("/parameters", "operator", ("key", "unit", "scope", "from", "state", "source"), "q=annual"),
    Asked("/applications", "operator", ("applied",), "state=draft"),
    Asked("/clients", "core", ("name", "state", "limit", "id")),
    Asked("/webhooks", "core", ("url", "state", "kinds")),
    Asked("/webhooks/log", "core", ("kind", "attempts", "id"), "state=failed"),
    Asked("/requests", "regulator", ("asked", "by"), "state=answered"),
    Asked("/schedules", "core", ("name", "state", "rhythm", "next")),
    Asked("/reads", "regulator", ("at",)),
    Asked("/reads", "core", ("at",), "what=people"),
    Asked("uses", "bank", ("blocked", "utilised", "since")),
    Asked("attempts", "core", ("number", "answer", "at", "took")),
)
#: empty in this company: test_desks.py has the tables of figures, test_risk.py alerts and promises, test_voucher_doors.py
#: what was placed,
#: test_notices.py the messages, which come in the one order in which they were told, test_log.py the many events,
#: test_schedules.py the files of a report, test_explorer.py the many routes and the events as systems are told of them,
#: test_cash_lists.py and test_bad_input.py what banks said against the record, and what went back
ELSEWHERE = {
    "routes", "inspector", "runs", "events", "messages", "overdue", "fees", "alerts", "placed", "promises", "differences",
    "exceptions", "returned", "ended",
}  # fmt: skip


def page_of(asked: Asked) -> str:
    if asked.path == "uses":
        return to("limit", limits.board(actor=SYSTEM)[0].id)
    if asked.path == "attempts":
        return to("webhook_delivery", partners.deliveries(actor=SYSTEM)[0].id)
    return asked.path


def rows(body: str) -> list[str]:
    """The ids of the rows that a page shows."""
    return re.findall(r'<tr id="([^"]+)"', body)


def heads(body: str) -> list[str]:
    table = re.search(r"<thead>(.*?)</thead>", body, re.S)
    assert table is not None
    cells = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', table.group(1), re.S)
    return [unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in cells]


def sheet(scene: Scene, who: str, path: str) -> list[list[Any]]:
    answer = scene.get(who, path)
    assert answer["Content-Type"].endswith("spreadsheetml.sheet"), path
    return [list(row) for row in load_workbook(io.BytesIO(answer.content)).active.iter_rows()]


def column(body: str, key: str, table: list[list[Any]]) -> list[Any]:
    """What a file says in one column; nothing where a cell is empty."""
    head = re.search(rf'id="[a-z]+-s-{key}"[^>]*>([^<]+)', body)
    assert head is not None, key
    at = [cell.value for cell in table[0]].index(unescape(head.group(1)))
    return [row[at].value for row in table[1:] if row[at].value is not None]


def everything(scene: Scene, who: str, path: str) -> list[str]:
    """The ids of all rows, page after page as the page itself leads on."""
    found: list[str] = []
    while path:
        body = scene.get(who, path).content.decode()
        found += rows(body)
        following = re.search(r'data-more href="([^"]+)"', body)
        path = unescape(following.group(1)) if following else ""
        assert len(found) < 500, "the pages never end"
    return found


@pytest.fixture(scope="module")
def full(scene: Scene) -> Scene:
    """The company with something on every list."""
    here, core = scene.here, scene.here.cast.core
    late = here.overdue(here.accepted("8400.00"))
    vouchers.complain(
        voucher_id=late.id,
        text="=late, three days and no word",
        actor=here.actor(here.supplier()),
        effective_at=here.now,
        today=here.day,
    )
    for day in (18, 19, 20):
        paper = Invoice(f"INV-{day}", "Supplier One Ltd", usd("113.00"), date(2014, 2, day))
        documents.register_invoice(invoice=paper, actor=core.maker, effective_at=here.now)
    for number, rhythm in enumerate(Rhythm):
        reports.subscribe(
            name=f"Report {number}",
            address="/vouchers",
            rhythm=rhythm,
            language="en",
            actor=core.maker,
            effective_at=here.now,
            today=here.day,
        )
    accounts = [
        settlement.accounts(actor=SYSTEM, party_id=firm.id, currency="USD")[0].id for firm in (core, here.supplier())
    ]
    for number, amount in enumerate(("4200.00", "1100.00", "2500.00")):
        payments.draft(
            actor=core.maker,
            reference=f"trade:{number}",
            payer_account_id=accounts[0],
            payee_account_id=accounts[1],
            amount=usd(amount),
            purpose=Purpose.TRADE_PAYMENT,
            subject_id=core.id,
            mandate="agreement 7",
            execution_date=here.day,
            effective_at=here.now,
        )
    money.few_days(here.supplier().id, here.day, here.now)
    admit(core, "vouchers:read", name="ERP of the core")
    with receiving(200) as receiver:
        told = {"url": receiver.url, "kinds": ["client.*"], "known": kinds(), "loopback": True}
        clients.register(actor=core.maker, effective_at=clock.now(), **told)
        admit(core, name="Second system")
        events.sequence()
        clients.fan_out(actor=SYSTEM, now=clock.machine(), today=clock.today())
        jobs.send_due(HttpCourier(loopback=True), lambda event: b"{}")
    for what, firm in (("people", core), ("parties", core), ("people", here.cast.suppliers[0])):
        look = Look(DataClass.CORE, what, subject_party_id=firm.id)
        access.record_read(look=look, actor=here.cast.operator.maker, effective_at=clock.now())
    for days in (9, 5):
        insight.ask(
            about=About.PARTY,
            subject_id=core.id,
            purpose="late payments",
            authority="order 12/2014",
            answer_by=here.day + timedelta(days=days),
            actor=here.cast.regulator.viewer,
            effective_at=clock.now(),
            today=here.day,
        )
    return scene


@pytest.fixture(autouse=True)
def undone(full: Scene, django_db_blocker: Any) -> Iterator[None]:
    """Each test begins with the same company; the looks of who oversees, which are logged, too."""
    with django_db_blocker.unblock(), outermost(undone=True):
        yield


@pytest.fixture(scope="module", autouse=True)
def small_pages() -> Iterator[None]:
    """Pages of any size, so that a small company has several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "SIZES", range(1, 201))
        yield


@pytest.mark.parametrize("asked", LISTS, ids=lambda one: one.path)
def test_every_list_has_its_powers(full: Scene, asked: Asked) -> None:
    scene = full
    path, who = page_of(asked), asked.who
    body = scene.get(who, f"{path}?limit=200").content.decode()
    all_rows = rows(body)
    assert all_rows, "the scene has something on every list"
    whole = sheet(scene, who, f"{path}?format=xlsx")

    # sorting: every column that offers it gives the same rows in its order, and in the other direction
    for key in asked.sorts:
        up = scene.get(who, f"{path}?limit=200&sort={key}&columns={key}").content.decode()
        down = scene.get(who, f"{path}?limit=200&sort=-{key}").content.decode()
        assert sorted(rows(up)) == sorted(all_rows) == sorted(rows(down)), key
        values = column(up, key, sheet(scene, who, f"{path}?sort={key}&columns={key}&format=xlsx"))
        if not any(isinstance(value, str) for value in values):
            assert values == sorted(values), key
    # paging: no row twice, none lost, in any order
    size = -(-len(all_rows) // 3)
    for sort in ("", f"-{asked.sorts[0]}", *asked.sorts[:4]):
        seen = everything(scene, who, f"{path}?limit={size}&sort={sort}")
        assert len(seen) == len(set(seen)) and sorted(seen) == sorted(all_rows), sort
    # filters narrow
    if asked.narrow:
        less = rows(scene.get(who, f"{path}?limit=200&{asked.narrow}").content.decode())
        assert set(less) < set(all_rows) or (asked.path == "/inbox" and less != all_rows)
    # the file has the rows and columns that the screen shows
    shown = heads(body)
    assert [cell.value for cell in whole[0] if cell.value != "¤"] == shown
    assert len(whole) - 1 == len(all_rows)
    # columns chosen narrow both
    keys = re.findall(r'<input type="checkbox" name="columns" value="([^"]+)"', body)
    few = f"{path}?limit=200&columns={keys[0]}&columns={keys[-1]}"
    assert len(heads(scene.get(who, few).content.decode())) == 2
    assert len([cell for cell in sheet(scene, who, f"{few}&format=xlsx")[0] if cell.value != "¤"]) == 2
    # ticked rows alone, as a page and as a file
    ticked = f"{path}?id={all_rows[0]}"
    assert rows(scene.get(who, ticked).content.decode()) == all_rows[:1]
    assert len(sheet(scene, who, f"{ticked}&format=xlsx")) == 2
    # the address is the state: what the page offers to go on with says all of it
    state = f"{path}?sort={asked.sorts[0]}&columns={keys[-1]}&limit=100" + (f"&{asked.narrow}" if asked.narrow else "")
    export = re.search(r'href="([^"]+format=xlsx)"', scene.get(who, state).content.decode())
    assert export is not None
    told = parse_qsl(urlsplit(unescape(export.group(1))).query)
    wanted = {pair for pair in parse_qsl(urlsplit(state).query) if pair[0] != "limit"}
    assert wanted <= set(told)


@pytest.mark.parametrize("asked", LISTS, ids=lambda one: one.path)
def test_every_list_is_worked_by_its_links_and_forms_alone(full: Scene, asked: Asked) -> None:
    """No address is made up: each is one that the page offers to somebody without scripts."""

    def follow(path: str) -> Plain:
        return Plain(full.get(asked.who, path).content.decode())

    def shown(page: Plain) -> list[str]:
        return [one.get("id") for one in page.find("//tbody/tr[@id]")]

    page = follow(page_of(asked))
    every, table = shown(page), "//div[contains(@class, 'list-body')]"
    for link in page.links(f"{table}//thead//a"):
        ordered = follow(link)
        assert sorted(shown(ordered)) == sorted(every) and ordered.find("//th[@aria-sort]"), link
    for form in page.find("//div[@class='list-bar']/form"):
        (button,) = page.submits(form)
        assert button.text_content().strip() == "Apply"
        fields = {one.get("name") for one in page.fields(form)}
        name, _equals, value = asked.narrow.partition("=")
        if name in fields:
            assert set(shown(follow(page.address(form, {name: value})))) < set(every)
    (export,) = page.links(f"{table}//div[@class='list-tools']//a[@download]")
    assert len(sheet(full, asked.who, export)) - 1 == len(every)
    (chooser,) = page.find("//details[summary[contains(., 'Columns')]]/form")
    (lead,) = chooser.xpath(".//input[@type='hidden'][@name='columns']/@value")
    (other,) = chooser.xpath(".//input[@type='checkbox'][not(@disabled)]/@value")[-1:]
    narrow = follow(page.address(chooser, {"columns": [lead, other]}))
    assert len(narrow.find(f"{table}//thead//th[@scope]")) == 2
    if ticks := page.find("//tbody//input[@name='id']"):
        for tick in ticks:
            name = tick.get("aria-label").removeprefix("Tick ")
            lead = tick.xpath("ancestor::tr/td[not(@class='tick')]")[0].text_content().split()[0]
            assert lead in "".join(name.split()) and not re.match("[0-9a-f-]{32}", name), "words, not a key"
        (form,) = ticks[0].xpath("ancestor::form")
        if form.get("method") == "get":
            assert shown(follow(page.address(form, {"id": every[:1]}))) == every[:1]
        assert page.submits(form), "a button that no script has to show"
    first = follow(f"{page_of(asked)}?limit=1")
    following = first.links("//a[@data-more]")
    assert bool(following) == (len(every) > 1)
    if following:
        second = follow(following[0])
        assert shown(second) != shown(first)
        assert second.links("//div[@class='pager']//a"), "and the way back"


def test_no_list_is_left_out(full: Scene) -> None:
    """A new page with a list has to stand in the table above."""
    pages = Path(lists.__file__).parent / "pages"
    made = {name for file in pages.glob("*.py") for name in re.findall(r'Table\(\s*id="([a-z]+)"', file.read_text())}
    asked = (full.get(one.who, page_of(one)).content.decode() for one in LISTS)
    assert {name for body in asked for name in re.findall(r'id="([a-z]+)" class="list-body"', body)} == made - ELSEWHERE


def test_ticked_rows_are_summed_by_the_server(scene: Scene) -> None:
    every = rows(scene.get("core", "/vouchers?limit=200").content.decode())
    path = "/vouchers?" + "&".join(f"id={one}" for one in every[:3])
    page = scene.get("core", path).content.decode()
    cells = sheet(scene, "core", f"{path}&columns=face&format=xlsx")[1:]
    total = sum(row[1].value for row in cells)
    foot = re.sub(r"<[^>]+>", "", page[page.index("<tfoot>") : page.index("</tfoot>")])
    assert f"{total:,.2f}" in foot
    # what is no row, another's row, or too much is left out
    assert rows(scene.get("core", "/vouchers?id=nonsense&id=vch_x").content.decode()) == []
    assert "Nothing fits" in scene.get("core", "/vouchers?id=nonsense").content.decode()


def test_files_hold_long_numbers_and_what_looks_like_a_formula_as_text(full: Scene) -> None:
    number = sheet(full, "core", "/vouchers?format=xlsx")[1][0]
    assert (
        number.data_type == "s" and number.number_format == "@" and len(number.value) > 15 and "…" not in number.value
    )
    complaint = sheet(full, "operator", "/complaints?format=xlsx")[1][0]
    assert complaint.value.startswith("=late") and complaint.data_type == "s" and complaint.quotePrefix
    amount = sheet(full, "core", "/vouchers?format=xlsx&columns=face")[1][1]
    assert amount.data_type == "n" and amount.number_format == "#,##0.00"
    for who, path in (("bank", "/financing?columns=cost"), ("regulator", "/statistics?columns=annual,lowest,highest")):
        for rate in (one for row in sheet(full, who, f"{path}&format=xlsx")[1:] for one in row[1:]):
            assert (rate.data_type, rate.number_format) == ("n", "0.00%") and 0 < rate.value < 1, path


def test_whatever_a_list_names_opens_for_who_reads_the_list(full: Scene) -> None:
    """A way that ends at 'There is nothing here' is none: the core's line is used by financings that the core may not see."""
    log = Asked("/events?at[gte]=2014-01-01&type=approval,voucher,limit", "operator", ())
    for asked in (*LISTS, log, Asked("uses", "core", ())):
        body = full.get(asked.who, page_of(asked)).content.decode()
        table = body[body.find("<tbody") : body.rfind("</tbody>")]
        ways = {unescape(way) for way in re.findall(r'href="(/[^"#]*[a-z]{3}_[0-9A-Z]{26}[^"#]*)', table)}
        shut = {way for way in sorted(ways)[:40] if full.get(asked.who, way).status_code != 200}
        assert shut == set(), asked


def test_a_file_is_offered_by_the_same_word_wherever_one_is_taken(full: Scene) -> None:
    for path in ("/deliveries", "/invoices", "/issue", "/vouchers"):
        body = full.clients["core"].get(path, headers={"accept-language": "zh-hans"}).content.decode()
        assert "从文件导入" in body and "从文件开立" not in body, path


def test_a_voucher_names_the_trade_behind_it_as_its_papers_do_and_leads_to_the_payable(full: Scene) -> None:
    voucher = full.here.accepted("3100.00")
    payable = claims.payable(actor=full.here.core.maker, payable_id=PayableId(voucher.payable_id))
    body = full.get("core", to("voucher", voucher.id)).content.decode()
    trade = body[body.index("Trade behind it") :]
    trade = trade[: trade.index("</section>")]
    assert payable.documents[0].number in trade
    assert f'href="{to("payable", payable.id)}"' in trade


@pytest.mark.parametrize("asked", LISTS, ids=lambda one: one.path)
def test_a_filter_that_a_list_cannot_read_shows_nothing_but_the_reason(full: Scene, asked: Asked) -> None:
    path = page_of(asked)
    page = Plain(full.get(asked.who, path).content.decode())
    bars = "//div[@class='list-bar']/form"
    wrong = {"nonsense": "zzz"}
    wrong |= {field.get("name"): "zzz" for field in page.find(f"{bars}//select")}
    wrong |= {field.get("name"): "2014-99-99" for field in page.find(f"{bars}//input[@type='date']")}
    if not page.find(f"{bars}//input[@type='search']"):
        wrong["q"] = "zzz"
    for name, value in wrong.items():
        address = f"{path}?{name}={value}"
        shown = full.get(asked.who, address).content.decode()
        assert rows(shown) == [] and "a filter of the address cannot be read" in shown, address
        assert f": {value}” – expected" in unescape(shown), address
        (chip,) = Plain(shown).links("//div[@class='chips']/span//a")
        assert urlsplit(chip).path == path and name not in dict(parse_qsl(urlsplit(chip).query)), "lets go of it"
        assert "format=xlsx" not in shown and "/schedules/new" not in shown, address
        assert full.get(asked.who, f"{address}&format=xlsx").status_code == 422, address


BROKEN = """core /vouchers?state=offered,zzz core /vouchers?issuer_id=nobody core /vouchers?term=to3,to6 core /inbox?whose=all
bank /financing?obligor_id=prt_1 bank /financing?currency=XXX operator /payments?voucher_id=vch_1
operator /complaints?state=zzz core /deliveries?import=imp_1 core /webhooks/log?webhook=zzz"""


@pytest.mark.parametrize(("who", "address"), list(zip(BROKEN.split()[::2], BROKEN.split()[1::2], strict=True)))
def test_a_part_of_a_filter_or_an_object_that_is_none_is_no_filter_either(full: Scene, who: str, address: str) -> None:
    shown = full.get(who, address).content.decode()
    assert rows(shown) == [] and "a filter of the address cannot be read" in shown
    assert full.get(who, f"{address}&format=xlsx").status_code == 422
    chinese = full.clients[who].get(address, headers={"accept-language": "zh-hans"}).content.decode()
    assert "地址中有无法识别的筛选条件" in chinese
