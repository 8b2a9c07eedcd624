"""Stories in a real browser: the core issues, the supplier accepts and turns it into cash, the bank decides."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.browsing import go
from tests.interfaces.web.seed import PASSWORD
from tests.interfaces.web.test_gallery import axe_faults
from tests.journeys.tongues import Tongue

BUDGET = 110_000
ENGLISH = Tongue("en-GB")
CHINESE = Tongue(
    "zh-CN",
    {
        "Contract clause": "合同条款",
        "Preview": "预览",
        "Password, to sign": "签署密码",
        "Sign and submit": "签署并提交",
        "Sign and offer": "签署并发出",
        "Sign and accept": "签署并签收",
        "US dollars": "美元",
        "In your hand": "您持有",
        "Cash now?": "现在变现？",
        "Ask all banks for a price": "向所有银行询价",
        "without recourse": "无追索",
        "Take this price": "采用此报价",
        "Sign and ask": "签署并向",
        "Opinion": "意见",
        "Approve": "同意",
        "Check a financing decision": "复核融资决定",
        "Confirm the decision": "确认该决定",
        "Approved": "已通过",
        "Kept as a draft": "已存为草稿",
    },
)


def follow(page: Any, site: str, path: str) -> None:
    """Open an address; ``/vouchers/*`` is the first row of that list."""
    page.goto(site + path.removesuffix("/*"), wait_until="load")
    if path.endswith("/*"):
        target = page.locator("main tbody a, main .card-head h2 a").first.get_attribute("href")
        page.goto(site + target, wait_until="load")


@pytest.mark.parametrize("say,other", [(ENGLISH, CHINESE), (CHINESE, ENGLISH)], ids=["en", "zh"])
def test_a_payable_becomes_a_voucher_and_the_voucher_cash(
    company_site: str, enter: Callable[..., Any], say: Tongue, other: Tongue
) -> None:
    """The maker and the bank read one language, the checker and the supplier the other."""
    core = enter("maker@core.example", language=say.locale)
    core.goto(f"{company_site}/issue")
    go(core.locator("main tbody a").first)
    core.get_by_label(say("Contract clause")).fill("contract 7, clause 4")
    core.locator("ff-draft [role=status]", has_text=say("Kept as a draft")).wait_for()
    go(core.get_by_role("button", name=say("Preview")))
    amount = core.locator(".decision .sum .money").inner_text()
    assert core.locator(".decision .sum .words").inner_text().startswith(say("US dollars"))
    core.get_by_label(say("Password, to sign")).fill(PASSWORD)
    go(core.get_by_role("button", name=say("Sign and submit")))
    core.wait_for_url(re.compile("/vouchers/vch_"))
    number = core.locator("h1").inner_text()

    checker = enter("checker@core.example", language=other.locale)
    checker.goto(f"{company_site}/inbox")
    go(checker.locator("main tbody tr", has_text=number).locator("a").first)
    assert checker.locator(".decision .sum .money").inner_text().split() == amount.split()
    assert checker.locator(".decision .sum .words").inner_text().startswith(other("US dollars"))
    checker.get_by_label(other("Password, to sign")).fill(PASSWORD)
    go(checker.get_by_role("button", name=other("Sign and offer")))
    checker.wait_for_url(re.compile("/inbox$"))

    supplier = enter("maker@supplier-one.example", language=other.locale)
    supplier.goto(f"{company_site}/inbox")
    go(supplier.locator("main tbody tr", has_text=number).locator("a").first)
    supplier.get_by_label(other("Password, to sign")).fill(PASSWORD)
    go(supplier.get_by_role("button", name=other("Sign and accept")))
    supplier.wait_for_url(re.compile("/vouchers/vch_"))
    go(supplier.locator("section", has_text=other("In your hand")).locator("a").first)
    go(supplier.get_by_role("link", name=other("Cash now?")).last)
    go(supplier.get_by_role("button", name=other("Ask all banks for a price")))
    best = supplier.locator(".quote.best")
    net = best.locator(".sum .money.big").inner_text()
    assert other("without recourse") in best.inner_text().lower()
    go(best.get_by_role("link", name=other("Take this price")))
    assert axe_faults(supplier) == []
    assert supplier.locator(".decision .sum .money").inner_text().split() == net.split()
    assert supplier.get_by_label(other("Password, to sign")).count() == 0, "who has just signed is not asked again"
    go(supplier.get_by_role("button", name=re.compile(other("Sign and ask"))))
    supplier.wait_for_url(re.compile("/financing/fin_"))
    financing = supplier.url

    bank = enter("maker@bank-one.example", language=say.locale)
    bank.goto(f"{financing}/decide")
    bank.get_by_label(say("Opinion")).fill("the debtor's line carries it")
    go(bank.get_by_role("button", name=say("Approve")))
    bank.wait_for_url(financing)
    second = enter("checker@bank-one.example", language=say.locale)
    second.goto(f"{company_site}/inbox")
    go(second.locator("main tbody a", has_text=say("Check a financing decision")).last)
    go(second.get_by_role("button", name=say("Confirm the decision")))
    second.wait_for_url(re.compile("/inbox$"))
    supplier.goto(financing)
    expect(supplier.locator(".page-head .tag")).to_have_text(other("Approved"))
    for page in (core, checker, supplier, bank, second):
        assert page.problems == []


def test_a_part_is_passed_on_after_a_preview(company_site: str, enter: Callable[..., Any]) -> None:
    supplier = enter("maker@supplier-one.example", language="en-GB")
    supplier.goto(f"{company_site}/holdings?state=active")
    go(supplier.locator("main tbody a").nth(3))
    go(supplier.get_by_role("link", name="Pass on"))
    supplier.get_by_role("textbox", name="Amount").fill("5000.00")
    supplier.get_by_label("or its registration number").fill("supplier-three")
    supplier.get_by_label("Trade behind it").fill("order SO-9")
    go(supplier.get_by_role("button", name="Preview"))
    expect(supplier.locator("svg.flow")).to_contain_text("Supplier Three Ltd")
    supplier.get_by_label("Password, to sign").fill(PASSWORD)
    go(supplier.get_by_role("button", name="Sign and offer"))
    supplier.wait_for_url(re.compile("/holdings/hld_"))
    receiver = enter("maker@supplier-three.example", language="en-GB")
    receiver.goto(f"{company_site}/inbox")
    go(receiver.locator("main tbody tr", has_text="order SO-9").locator("a").first)
    receiver.get_by_label("Password, to sign").fill(PASSWORD)
    go(receiver.get_by_role("button", name="Sign and accept"))
    receiver.wait_for_url(re.compile("/holdings/hld_"))
    assert "Transfer accepted" in receiver.locator(".timeline").inner_text()
    assert supplier.problems == receiver.problems == []


def test_lists_are_read_sorted_and_paged_without_javascript(company_site: str, enter: Callable[..., Any]) -> None:
    page = enter("maker@core.example", language="en-GB", javascript=False)
    page.goto(f"{company_site}/vouchers?limit=25")
    first = page.locator("main tbody tr").count()
    assert first == 25
    go(page.get_by_role("link", name="Face"))
    assert "sort=-face" in page.url
    faces = page.locator("main tbody td[data-label=Face]").all_inner_texts()
    values = [int(re.sub(r"\D", "", text)) for text in faces]
    assert values == sorted(values, reverse=True)
    go(page.get_by_role("link", name="Next"))
    rest = page.locator("main tbody tr").count()
    assert 0 < rest < 25
    go(page.get_by_role("link", name="Previous"))
    assert page.locator("main tbody tr").count() == 25
    # ticked rows, columns and a kept view need no script either
    for number in range(2):
        page.locator("tbody .tick input").nth(number).check()
    go(page.get_by_role("button", name="Show only these"))
    assert page.locator("main tbody tr").count() == 2 and page.locator("tfoot").is_visible()
    page.get_by_text("Columns", exact=True).click()
    page.get_by_label("Issuer").uncheck()
    go(page.locator(".pop").get_by_role("button", name="Apply").first)
    assert "Issuer" not in page.locator("main thead").inner_text() and page.locator("main tbody tr").count() == 2
    page.get_by_text("Save view", exact=True).click()
    page.get_by_label("Name of the view").fill("Without issuer")
    go(page.get_by_role("button", name="Save", exact=True))
    go(page.get_by_role("navigation", name="Views").get_by_role("link", name="Without issuer"))
    assert "Issuer" not in page.locator("main thead").inner_text()


def test_a_list_is_worked_through_by_keys_alone(company_site: str, enter: Callable[..., Any]) -> None:
    page = enter("maker@bank-one.example", language="en-GB")
    page.goto(f"{company_site}/vouchers?sort=-face&state=active&limit=25")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    assert page.locator("[data-count]").inner_text() == "2"
    page.keyboard.press("o")
    page.wait_for_url(re.compile("/vouchers/vch_"))
    second = page.url
    walk = page.locator("ff-walk")
    assert walk.locator("[data-back]").inner_text().startswith("2 / ")
    page.keyboard.press("[")
    page.wait_for_url(lambda url: url != second)
    assert walk.locator("[data-key=previous]").is_hidden(), "the first of the list has none before it"
    page.keyboard.press("]")
    page.wait_for_url(second)
    walk.locator("[data-back]").click()
    page.wait_for_url(re.compile("sort=-face.*"))
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "vouchers-q"
    for key in ("Escape", "j", "x"):
        page.keyboard.press(key)
    assert page.locator("[data-count]").inner_text() == "1", "Escape leads out of the search, back to the rows"
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url(re.compile("/inbox$"))
    # all single keys are turned off, `?` too; the dialog then opens from the person's menu
    page.keyboard.press("?")
    page.get_by_label("Turn single keys off on this device").check()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.get_by_role("dialog").count() == 0
    page.locator("details.who summary").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    assert page.get_by_role("dialog").is_visible()
    assert page.problems == []


def test_a_first_visit_to_list_detail_and_decision_stays_light(company_site: str, browser: Any) -> None:
    for path in ("/vouchers?limit=50", "/vouchers/*", "/inbox/*"):
        context = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(f"{company_site}/sign-in")
        page.locator("#email").fill("checker@core.example" if path != "/inbox/*" else "maker@supplier-one.example")
        page.locator("#password").fill(PASSWORD)
        page.locator("form:has(#password) button.primary").click()
        page.wait_for_url(re.compile(r"/$"))
        follow(page, company_site, path)
        target = page.url
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.clearBrowserCache")
        sizes: list[int] = []
        session.on("Network.loadingFinished", lambda e, sizes=sizes: sizes.append(int(e["encodedDataLength"])))
        page.goto(target, wait_until="networkidle")
        context.close()
        assert 10_000 < sum(sizes) <= BUDGET, (path, sum(sizes))


ACTS = {
    "delivery": ("maker@core.example", "/deliveries", {"amount": "12.50"}),
    "limit": (
        "maker@bank-one.example",
        "/limits/announce",
        # a line in force is not put off: what changes it begins at once
        {"sanctioned": "3,200,000.00", "source": "credit committee 7/2014", "valid_from": "2014-03-03"},
    ),
    "parameter": (
        "maker@operator.example",
        "/parameters/propose?key=term.statutory_days",
        {"value": "45", "source": "circular 12"},
    ),
}


@pytest.mark.parametrize("name", sorted(ACTS))
def test_a_form_its_refusals_and_its_confirmation_are_accessible(
    company_site: str, enter: Callable[..., Any], name: str
) -> None:
    """Empty and refused in Chinese on a wide screen, filled and confirmed in English on a phone, dark."""
    email, path, given = ACTS[name]

    def seen(page: Any, step: str) -> None:
        assert axe_faults(page) == [], step
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), step

    for language, width, dark in (("zh-CN", 1440, False), ("en-GB", 390, True)):
        page = enter(email, language=language, width=width, dark=dark)
        page.goto(company_site + path, wait_until="load")
        if name == "delivery":
            go(page.locator("main tbody a[href*='/confirm']").first)
        for field in page.locator("main form input:not([type=hidden]), main form textarea").all():
            field.fill("" if field.get_attribute("type") == "date" else " ")
        go(page.locator("main form button.primary"))
        assert page.locator(".field.bad .error .id").count() >= 2
        seen(page, "refused")
        for box in page.locator("main form select").all():
            box.select_option(index=1)
        for day in page.locator("main form input[type=date]").all():
            day.fill("2014-06-30")
        for field, value in given.items():
            page.locator(f"[name={field}]").fill(value)
        go(page.locator("main form button.primary"))
        assert page.locator(".decision").is_visible()
        seen(page, "confirm")
        assert [one for one in page.problems if "422" not in one] == []
        go(page.locator("[name=outcome][value=back]"))
        if page.locator("button[name=drop]").count():  # who comes next begins with an empty form
            go(page.locator("button[name=drop]"))
