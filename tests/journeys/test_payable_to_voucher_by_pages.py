"""A delivery becomes a debt and the debt a voucher, by pages alone: two people of the core, then the supplier."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.browsing import go
from tests.interfaces.web.seed import PASSWORD


@dataclass(frozen=True)
class Words:
    """What a reader of one language presses and reads."""

    locale: str
    amount: str
    go_on: str
    propose: str
    change: str
    password: str
    confirm: str
    issue: str
    clause: str
    preview: str
    submit: str
    offer: str
    accept: str
    wrong: str
    in_words: str
    confirmed: str


ENGLISH = Words(
    locale="en-GB",
    amount="Amount",
    go_on="Continue",
    propose="Propose the payable",
    change="Change",
    password="Password, to sign",
    confirm="Sign and confirm",
    issue="Issue a voucher",
    clause="Contract clause",
    preview="Preview",
    submit="Sign and submit",
    offer="Sign and offer",
    accept="Sign and accept",
    wrong="This is not an amount.",
    in_words="US dollars fifteen",
    confirmed="Confirmed",
)
CHINESE = Words(
    locale="zh-CN",
    amount="金额",
    go_on="继续",
    propose="提交应付账款",
    change="修改",
    password="签署密码",
    confirm="签署并确认",
    issue="开立数信",
    clause="合同条款",
    preview="预览",
    submit="签署并提交",
    offer="签署并发出",
    accept="签署并签收",
    wrong="这不是金额。",
    in_words="美元壹拾伍",
    confirmed="已确权",
)


def press(page: Any, words: Words, name: str) -> None:
    """Give the password where the page still asks for it, then press."""
    password = page.get_by_label(words.password)
    if password.count():
        password.fill(PASSWORD)
    go(page.get_by_role("button", name=name))


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_a_delivery_is_confirmed_issued_on_and_accepted(
    company_site: str, enter: Callable[..., Any], words: Words
) -> None:
    maker = enter("maker@core.example", language=words.locale)
    maker.goto(f"{company_site}/deliveries")
    go(maker.locator("main tbody a[href*='/confirm']").first)
    number = re.search(r"DN-\d+", maker.locator("h1").inner_text())
    assert number is not None
    maker.get_by_label(words.amount, exact=True).fill("fifteen")
    go(maker.get_by_role("button", name=words.go_on))
    expect(maker.locator(".field.bad .error")).to_contain_text(words.wrong)
    expect(maker.locator(".field.bad .error .id")).to_have_text("money.malformed")
    assert maker.get_by_label(words.amount, exact=True).input_value() == "fifteen"
    maker.get_by_label(words.amount, exact=True).fill("15.00")
    go(maker.get_by_role("button", name=words.go_on))
    expect(maker.locator(".decision .sum .words")).to_contain_text(words.in_words)
    go(maker.get_by_role("button", name=words.change))
    assert maker.get_by_label(words.amount, exact=True).input_value() == "15.00"
    go(maker.get_by_role("button", name=words.go_on))
    maker.get_by_role("button", name=words.propose).dblclick()
    maker.wait_for_url(re.compile("/payables/pay_"))
    payable = maker.url

    checker = enter("checker@core.example", language=words.locale)
    checker.goto(f"{company_site}/inbox")
    go(checker.locator("main tbody tr", has_text=number[0]).locator("a").first)
    checker.wait_for_url(payable)
    expect(checker.locator(".decision .sum .words")).to_contain_text(words.in_words)
    press(checker, words, words.confirm)
    expect(checker.locator(".page-head .tag")).to_have_text(words.confirmed)

    maker.goto(payable)
    go(maker.locator("main").get_by_role("link", name=words.issue))
    maker.get_by_label(words.clause).fill("contract 7, clause 4")
    go(maker.get_by_role("button", name=words.preview))
    press(maker, words, words.submit)
    maker.wait_for_url(re.compile("/vouchers/vch_"))
    voucher = maker.locator("h1").inner_text()

    checker.goto(f"{company_site}/inbox")
    go(checker.locator("main tbody tr", has_text=voucher).locator("a").first)
    press(checker, words, words.offer)
    checker.wait_for_url(re.compile("/inbox$"))

    supplier = enter("maker@supplier-one.example", language=words.locale)
    supplier.goto(f"{company_site}/inbox")
    go(supplier.locator("main tbody tr", has_text=voucher).locator("a").first)
    expect(supplier.locator(".decision .sum .words")).to_contain_text(words.in_words)
    press(supplier, words, words.accept)
    supplier.wait_for_url(re.compile("/vouchers/vch_"))
    assert number[0] in supplier.locator("main").inner_text()
    assert [*checker.problems, *supplier.problems] == []
    assert [one for one in maker.problems if "422" not in one] == []
