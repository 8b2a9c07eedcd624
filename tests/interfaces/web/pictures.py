"""Pictures of every page for docs/screens, over the company of ``scenery``: ``make pictures``; of some: ``VIEWS=a,b``.

What links lead to is found by walking (``tour``); what stands behind a press is in `PRESSED`. Each page is photographed in
both languages, light and dark, wide and on a phone: eight looks. A page is shown from its top, as far as a width says.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pytest
from tests.browsing import ROOT, go
from tests.interfaces.sandbox.party import two_banks
from tests.interfaces.web import scenery
from tests.interfaces.web import test_every_page as every
from tests.interfaces.web.scenery import CALLED
from tests.interfaces.web.seed import PASSWORD

from fourflow.config import outside, sandbox

# the fixtures of the test that walks over all pages
doors, texts, stops = every.doors, every.texts, every.stops

FOLDER = ROOT / "docs" / "screens"
ONLY = set(filter(None, os.environ.get("VIEWS", "").split(",")))
LANGUAGES = ["zh-CN", "en-GB"]
SCHEMES: list[Literal["light", "dark"]] = ["light", "dark"]
#: width of the window, its height, and how much of a long page is shown, in CSS pixels
WIDTHS = [(1440, 900, 1600), (390, 844, 2000)]
every.WHO |= {
    "core-checker": "checker@core.example",
    "second-core": "maker@second-core.example",
    "second-core-checker": "checker@second-core.example",
}

Open = Callable[[Any], None]

LINES = f"""core,sanctioned,currency,valid_from,source,valid_to
{CALLED["core"]},120000000.00,USD,2014-05-01,授信批复〔2014〕沪自贸第 0118 号（年度综合授信，续作）,2015-05-01
CORE,35000000.00,EUR,2014-05-01,Credit approval 2014/0119 of the credit committee,2014-12-31
Nobody Heavy Industries Holding Company Limited,1000000.00,USD,2014-05-01,CC-9,2015-05-01
{CALLED["core"]},1000000.00,HKD,2014-05-01,,2014-04-01
"""
INVOICES = f"""number,seller,amount,currency,issued_on,due_on,tax,code,order,delivery
24312000000012345678,{CALLED["supplier-one"]},1250000.00,USD,2014-04-02,2014-06-30,143805.31,,PO-2014-7,ASN-71
24312000000012345679,{CALLED["supplier-two"]},98765432.10,USD,2014-04-11,2014-07-31,,,PO-2014-8,
INV-2014-000381,{CALLED["supplier-three"]},48250.75,USD,2014-04-22,2014-05-22,,,PO-41,
INV-2014-000382,{CALLED["supplier-three"]},48250.75,USD,2014-04-23,2014-05-23,9999999.00,,PO-41,
INV-2014-000383,{CALLED["supplier-one"]},12 thousand,USD,2014-04-31,2014-05-23,,,PO-41,
"""


def at(address: str) -> Open:
    """A page that an address opens."""
    return lambda page: page.goto(page.site + address)


def first(address: str, link: str) -> Open:
    """The first page that a page's links lead to, where ``link`` is what their addresses look like."""

    def run(page: Any) -> None:
        page.goto(page.site + address)
        found = re.search(f'href="({link})"', page.content())
        assert found, f"{address} leads to no {link}"
        page.goto(page.site + found[1].replace("&amp;", "&"))

    return run


def until(way: Open, addresses: str, wanted: str) -> Open:
    """The first of several pages on which something stands."""

    def run(page: Any) -> None:
        way(page)
        for address in re.findall(f'href="({addresses})"', page.content()):
            page.goto(page.site + address)
            if page.locator(wanted).count():
                return
        raise AssertionError(f"{wanted} stands nowhere")

    return run


def pressed(way: Open, **given: str) -> Open:
    """What the first press of a form shows, with these answers given (of a choice, its place among the choices)."""

    def run(page: Any) -> None:
        way(page)
        if (back := page.locator("main [name=outcome][value=back]")).count():  # a draft that was left there
            go(back)
        if page.locator("main .decision").count():
            return  # the draft stands there with its confirmation
        for name, value in given.items():
            field = page.locator(f"main form [name={name}]").first
            if field.evaluate("field => field.localName") == "select":
                field.select_option(index=int(value))
            else:
                field.fill(value)
        go(page.locator("main form button.primary").first)

    return run


def handed_in(address: str, rows: str) -> Open:
    """What a file leads to."""

    def run(page: Any) -> None:
        page.goto(page.site + address)
        file = {"name": "rows.csv", "mimeType": "text/csv", "buffer": rows.encode()}
        page.locator("#file").set_input_files(file)
        go(page.locator("main form button.primary"))

    return run


def batch(page: Any) -> None:
    """A file that issues on four deliveries, and on one that there is not."""
    page.goto(page.site + "/issue")
    cells = page.locator("main tbody tr td:first-child").all_inner_texts()[:4]
    named = [cell.split("\n")[-1].split(",")[0].strip() for cell in cells]
    rows = [
        f"{one},{(n + 1) * 250}.00,2014-08-20,{CALLED['bank-one']},,合同第 7 条 clause 7" for n, one in enumerate(named)
    ]
    rows.append(f"ASN-00000000000000000009,125000000.00,2014-08-20,{CALLED['bank-one']},,")
    head = "document,face,due_on,bank,term_reason,contract_clause"
    handed_in("/issue/batch", "\n".join([head, *rows]) + "\n")(page)


def together(page: Any) -> None:
    """The drafts that wait for a second person, ticked."""
    page.goto(page.site + "/inbox")
    for box in page.locator("main tbody input[value^=apr_]:not([disabled])").all():
        box.check()
    go(page.locator("main ff-sum button.primary"))


def paper_check(page: Any) -> None:
    """The code of a certificate that was taken today; what is printed on it is what the register says."""
    page.goto(page.site + "/holdings?state=active")
    number = re.search(r"/holdings/(hld_[0-9A-Za-z]+)", page.content())
    day = re.search(r"20\d\d-\d\d-\d\d", page.locator("header, .sandbox, body").first.inner_text())
    assert number and day
    address = f"{page.site}/papers/check?kind=certificate&number={number[1]}&as_of={day[0]}&digest="
    page.goto(address + "0" * 64)
    (printed,) = set(re.findall(r"\b[0-9a-f]{64}\b", page.locator("main").inner_text())) - {"0" * 64}
    page.goto(address + printed)


def app(page: Any) -> None:
    """Somebody who has just confirmed who they are takes an app for codes into use."""
    page.goto(f"{page.site}/me/app")
    if not page.url.endswith("/app"):
        page.locator("#password").fill(PASSWORD)
        go(page.locator("button[value=confirm]"))
        page.goto(f"{page.site}/me/app")


def consent(page: Any) -> None:
    """The best of the prices for which a supplier has asked."""
    HELD(page)
    go(page.locator("a[href$='/cash']").last)
    go(page.locator("main form button.primary").first)
    go(page.locator(".quote.best").get_by_role("link").first)


def knocked(email: str) -> Open:
    """Where the password alone leads."""

    def run(page: Any) -> None:
        page.context.clear_cookies()
        page.goto(f"{page.site}/sign-in")
        page.locator("#email").fill(email)
        page.locator("#password").fill(PASSWORD)
        go(page.locator("form:has(#password) button.primary"))

    return run


def beside_banks(way: Open) -> Open:
    """A page that is opened while two banks stand behind the sandbox, one of which is told to fail."""

    def run(page: Any) -> None:
        with TemporaryDirectory() as home, two_banks(Path(home)) as banks:
            known = [
                outside.BankAddress(name, name, one.url) for name, one in zip(("ALFA", "BETA"), banks, strict=True)
            ]
            outside.write(outside.Outside(tuple(known)))
            try:
                sandbox.ask("POST", "ALFA", "/faults", {"endpoint": "pain.001", "mode": "timeout", "times": 3})
                way(page)
            finally:
                outside.path().unlink()

    return run


HELD = until(at("/holdings?state=active"), r'/holdings/[^"?/]+(?=")', "a[href$='/cash']")
TRANSFER = until(at("/holdings?state=active"), r'/holdings/[^"?/]+(?=")', "a[href$='/transfer']")
TRANSFER_FORM = until(TRANSFER, r"/holdings/[^\"?/]+/transfer", "main form button.primary:not([disabled])")
ISSUE = first("/issue", r"/issue\?payable=[^\"]+")
CONFIRM = first("/deliveries", r"/deliveries/[^\"/]+/confirm")
PROMISE = until(first("/promises", r"/vouchers/[^\"?/]+"), r"/vouchers/[^\"/]+/promise", "main form")
#: name of the picture, which begins with who looks -> how it comes to stand there
PRESSED: dict[str, Open] = {
    "bank-inbox": at("/inbox"),
    "bank-limit-file-confirm": handed_in("/limits/file", LINES),
    "bank-announce-limit-confirm": pressed(
        at("/limits/announce"), core="1", currency="1", sanctioned="25000000.00", source="授信批复〔2014〕0119 号"
    ),
    "core-inbox": at("/inbox"),
    "core-invoices": at("/invoices"),
    "core-invoice-file-confirm": handed_in(
        "/invoices/file", INVOICES.replace("00012", "00099").replace("00038", "00948")
    ),
    "core-app": app,
    "core-batch-refused": batch,
    "core-promise-refused": pressed(
        PROMISE, pays_on="2014-05-01", reason="下游客户延期回款 our customer pays on the 20th"
    ),
    "core-promise-confirm": pressed(
        PROMISE, pays_on="2014-05-20", reason="下游客户延期回款 our customer pays on the 20th"
    ),
    "core-issue-refused": pressed(ISSUE, contract_clause="合同第 7 条 clause 7", due_on="2014-08-20"),
    "second-core-batch-confirm": batch,
    "second-core-issue-confirm": pressed(ISSUE, contract_clause="合同第 7 条 clause 7", due_on="2014-08-20"),
    "second-core-checker-together": together,
    "core-confirm-delivery-refused": pressed(CONFIRM, amount="1 million"),
    "core-confirm-delivery-confirm": pressed(CONFIRM),
    "core-schedules": at("/schedules"),
    "core-subscribe-confirm": pressed(
        at("/schedules/new?address=%2Fpayables%3Fsort%3Ddue"), name="应付账款周报 Payables by due date", rhythm="1"
    ),
    "core-checker-decision": until(at("/inbox"), r"/inbox/apr_[^\"]+", ".decision"),
    "core-checker-payable": first("/payables?state=proposed", r"/payables/pay_[^\"?/]+"),
    "core-checker-release-payment": until(
        until(at("/payments"), r"/payments/ins_[^\"?/]+", "a[href$='/release']"),
        r"/payments/[^\"]+/release",
        "main form",
    ),
    "supplier-consent": consent,
    "supplier-transfer": TRANSFER_FORM,
    "supplier-transfer-confirm": pressed(TRANSFER_FORM, receiver="1", amount="10000.00", basis="order SO-41"),
    "operator-inbox": at("/inbox"),
    "operator-operations": beside_banks(at("/operations")),
    "operator-test-faults": beside_banks(at("/sandbox/faults")),
    "operator-test-faults-confirm": beside_banks(pressed(at("/sandbox/faults"), where="3", mode="1", times="2")),
    "operator-clear-faults": beside_banks(at("/sandbox/faults/clear")),
    "operator-party": first("/parties?role=operator", r"/parties/[^\"?/]+"),
    "operator-reads": at("/reads?what=vouchers,issue,offers&at[gte]=2014-04-01"),
    "operator-place-cash-confirm": pressed(
        first("/unmatched", r"/unmatched/[^\"/]+/place"), expectation="1", amount="50.00"
    ),
    "operator-propose-parameter-confirm": pressed(
        at("/parameters/propose?key=term.statutory_days"), value="45", source="国务院令第 802 号 circular 12"
    ),
    "regulator-statistics": at("/statistics"),
    "operator-ended": at("/alerts?state=ended"),
    "bank-promises": at("/promises"),
    "supplier-promised": first("/promises", r"/vouchers/[^\"?/]+"),
    "regulator-overdue": at("/overdue"),
    "regulator-requests": at("/requests"),
    "regulator-request": first("/requests?state=open", r"/requests/req_[^\"/]+"),
    "regulator-answered-request": first("/requests?state=answered", r"/requests/req_[^\"/]+"),
    "stranger-organisation": knocked(scenery.OF_TWO),
    "stranger-second": knocked("viewer@core.example"),
    "supplier-paper-check": paper_check,
}
PEOPLE = sorted({"stranger", *every.WHO}, key=len, reverse=True)


def test_pictures(scenery_site: str, doors: Callable[..., Any], request: pytest.FixtureRequest) -> None:
    # the walk takes minutes: it is made only where a page that is found by it is asked for
    stops = request.getfixturevalue("stops") if not ONLY or ONLY - PRESSED.keys() else []
    views = {f"{stop.who or 'stranger'}-{stop.name}": at(stop.path) for stop in stops} | PRESSED
    wanted = set(views) & ONLY if ONLY else set(views)
    assert wanted, "no such view"
    page = who = None
    _lived_in(scenery_site, doors)
    faults = []
    # a press may leave a draft, with which the form would begin
    for names, language in product((wanted - PRESSED.keys(), wanted & PRESSED.keys()), LANGUAGES):
        for name in sorted(names):
            person = next(one for one in PEOPLE if name.startswith(f"{one}-"))
            if (person, language) != who:
                page, who = doors(person, page, language), (person, language)
                page.site = scenery_site
            assert page is not None
            page.emulate_media(color_scheme=SCHEMES[0], reduced_motion="reduce")
            try:
                views[name](page)
            except Exception as error:
                faults.append(f"{name} {language}: {error}")
                continue
            for scheme, (width, height, most) in product(SCHEMES, WIDTHS):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                _photograph(page, FOLDER / f"{name}-{language[:2]}-{width}-{scheme}.png", width, height, most)
    assert faults == [], "\n".join(faults)


def _lived_in(site: str, doors: Callable[..., Any]) -> None:
    """The regulator has looked at some things, and the core has invoices."""
    page = doors("regulator")
    for address in ("/vouchers", "/overdue", "/parties"):
        page.goto(site + address)
    for address in re.findall(r'href="(/parties/[^"?/]+)"', page.content())[:4]:
        page.goto(site + address)
    page = doors("core", page)
    page.site = site
    handed_in("/invoices/file", INVOICES)(page)
    go(page.locator(".decision .primary, form.act .primary").first)
    page.context.close()


def _photograph(page: Any, file: Path, width: int, height: int, most: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_load_state("load")
    long = page.evaluate("document.documentElement.scrollHeight")
    clip = {"x": 0, "y": 0, "width": width, "height": min(long, most)}
    page.screenshot(path=str(file), full_page=True, clip=clip)
