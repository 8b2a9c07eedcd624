"""The operator's day by pages alone: a firm is admitted, cash is placed, stray cash goes back, each by two people."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import expect
from tests.browsing import go
from tests.builders import settlement as money
from tests.journeys.tongues import Tongue

from fourflow.capital.settlement.types import AccountKind
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import SYSTEM

ENGLISH = Tongue("en-GB")
CHINESE = Tongue(
    "zh-CN",
    {
        "Operator": "运营方",
        "Inbox": "待办",
        "Applications": "准入申请",
        "New application": "新建申请",
        "Kind of registration number": "登记编号类型",
        "Registration number": "登记编号",
        "Name": "名称",
        "Role": "角色",
        "Supplier": "供应商",
        "Person 1: name": "人员 1：姓名",
        "Person 1: e-mail": "人员 1：邮箱",
        "Person 1: functions": "人员 1：岗位",
        "Viewer": "查看",
        "Continue": "继续",
        "Save as a draft": "保存草稿",
        "File": "文件",
        "Add the document": "添加文件",
        "Submit": "提交",
        "Submitted": "已提交",
        "Admit a party": "准入审批",
        "Approve": "同意",
        "Admitted": "已准入",
        "Unmatched cash": "未匹配款项",
        "Place by hand": "人工入账",
        "Belongs to": "归属",
        "Amount": "金额",
        "Propose": "提议",
        "A second person places it.": "由另一人入账。",
        "Place it": "入账",
        "Placed cash": "已入账款项",
        "Send back": "退回",
        "Why it belongs to nobody here": "为何不归属本平台任何一方",
        "Look at it and decide": "查看并决定",
        "To be sent back": "拟退回",
        "US dollars seven hundred": "美元柒佰",
        "Password, to confirm": "确认密码",
        "Evidence": "存证",
        "Verify everything now": "立即全面验证",
        "Everything agrees": "全部一致",
        "Data read": "数据查阅记录",
        "Operating the platform": "平台运营",
    },
)
PAPER = {"name": "registration.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 registered"}


def told_by_the_bank(reference: str) -> None:
    """Cash for which something fitting is expected, and cash of which nobody knows anything, both without a reference."""
    (supplier,) = parties.search(SYSTEM, "Supplier One Ltd")
    collecting = money.account(supplier.id, "BETA", f"B-{reference}", AccountKind.COLLECTION, supplier.name)
    money.expected(money.Money4(*[collecting] * 5), 90_000, f"VCH-{reference}")
    goods = money.booked(collecting, 55_555, f"{reference}-1", text="for goods", payer=f"Payer of {reference}")
    stray = money.booked(collecting, 70_000, f"{reference}-2", text="oops", payer="Stranger Ltd", payer_account="X-9")
    money.arrives("BETA", goods, stray)


@pytest.mark.parametrize("say", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_a_firm_is_admitted_and_cash_finds_its_place_by_two_people(
    company_site: str, enter: Callable[..., Any], behind: Callable[[], AbstractContextManager[None]], say: Tongue
) -> None:
    tag = say.locale[:2].upper()
    with behind(), transaction.atomic():
        told_by_the_bank(f"DAY-{tag}")
    maker = enter("maker@operator.example", language=say.locale)
    checker = enter("checker@operator.example", language=say.locale)
    expect(maker.locator(".top .org")).to_contain_text(say("Operator"))
    _admitted(maker, checker, say, f"Newcomer {tag} Ltd")
    _placed(maker, checker, say, f"DAY-{tag}")
    _sent_back(maker, checker, say, f"DAY-{tag}")

    say.menu(checker, "Evidence")
    say.press(checker, "Verify everything now")
    expect(checker.locator(".banner.ok")).to_contain_text(say("Everything agrees"))
    say.menu(checker, "Data read")
    expect(checker.locator("main tbody tr").first).to_contain_text(say("Operating the platform"))
    assert maker.problems == checker.problems == []


def _admitted(maker: Any, checker: Any, say: Tongue, name: str) -> None:
    """Declared and papers handed in by one, admitted by another who can open them."""
    say.menu(maker, "Applications")
    say.follow(maker, "New application")
    maker.get_by_label(say("Name"), exact=True).fill(name)
    maker.get_by_label(say("Kind of registration number")).select_option("sandbox")
    maker.get_by_label(say("Registration number"), exact=True).fill(name.upper().replace(" ", "-"))
    maker.get_by_label(say("Role"), exact=True).select_option(label=say("Supplier"))
    maker.get_by_label(say("Person 1: name")).fill("Ada Newcomer")
    maker.get_by_label(say("Person 1: e-mail")).fill(f"ada@{name[9:11].lower()}.example")
    maker.get_by_role("group", name=say("Person 1: functions")).get_by_label(say("Viewer")).check()
    say.press(maker, "Continue")
    say.press(maker, "Save as a draft")
    maker.get_by_label(say("File")).set_input_files(PAPER)
    say.press(maker, "Add the document")
    say.follow(maker, "Submit")
    say.press(maker, "Submit")
    expect(maker.locator(".page-head .tag")).to_have_text(say("Submitted"))
    application = maker.url

    say.menu(checker, "Inbox")
    go(checker.locator("main tbody tr", has_text=name).locator("a").first)
    expect(checker.locator("h1")).to_have_text(say("Admit a party"))
    with checker.expect_download() as paper:
        checker.get_by_role("link", name="registration.pdf").click()
    assert paper.value.path().read_bytes() == PAPER["buffer"]
    say.press(checker, "Approve")
    checker.goto(application)
    expect(checker.locator(".page-head .tag")).to_have_text(say("Admitted"))


def _waiting(page: Any, say: Tongue, reference: str) -> Any:
    """The cash with a bank's reference, on the page of unmatched cash."""
    say.menu(page, "Unmatched cash")
    return page.locator("main section.card", has_text=reference)


def _placed(maker: Any, checker: Any, say: Tongue, reference: str) -> None:
    go(_waiting(maker, say, f"{reference}-1").get_by_role("link", name=say("Place by hand")))
    fitting = maker.locator("#f-expectation option", has_text="900.00").first
    maker.get_by_label(say("Belongs to")).select_option(fitting.get_attribute("value"))
    assert maker.get_by_label(say("Amount"), exact=True).input_value() == "555.55"
    say.press(maker, "Continue")
    say.press(maker, "Propose")
    expect(_waiting(maker, say, f"{reference}-1")).to_contain_text(say("A second person places it."))
    go(_waiting(checker, say, f"{reference}-1").get_by_role("button", name=say("Place it")))
    assert _waiting(checker, say, f"{reference}-1").count() == 0
    say.follow(checker, "Placed cash")
    expect(checker.locator("main tbody tr", has_text=f"Payer of {reference}")).to_contain_text("555.55")


def _sent_back(maker: Any, checker: Any, say: Tongue, reference: str) -> None:
    go(_waiting(maker, say, f"{reference}-2").get_by_role("link", name=say("Send back")))
    maker.get_by_label(say("Why it belongs to nobody here")).fill("not a customer of ours")
    say.press(maker, "Continue")
    say.press(maker, "Propose")
    go(_waiting(checker, say, f"{reference}-2").get_by_role("link", name=say("Look at it and decide")))
    expect(checker.locator(".decision .sum")).to_contain_text(say("To be sent back"))
    expect(checker.locator(".decision .sum .words")).to_contain_text(say("US dollars seven hundred"))
    say.press(checker, "Send back", password="Password, to confirm")
    checker.wait_for_url(re.compile("/payments/"))
    expect(checker.locator("main")).to_contain_text("X-9")
