"""A day by keys alone: no mouse is moved and no script presses anything; Tab, Enter, Space, arrows, Escape and typing."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect
from tests.interfaces.web.seed import PASSWORD

#: what the focus is on: its kind, its words, and those of the row in which it stands
SPOKEN = """() => {
  const at = document.activeElement;
  const label = at.getAttribute('aria-label'), row = at.closest('tr')?.innerText;
  const words = [at.tagName, label, at.labels?.[0]?.innerText, at.innerText, row];
  return words.filter(Boolean).join(' | ').replace(/\\s+/g, ' ');
}"""
MOST = 150


class Keys:
    """Somebody at the keyboard, who goes on with Tab until the focus says what is wanted."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def to(self, words: str) -> Keys:
        passed: list[str] = []
        while not (passed and re.search(words, passed[-1])):
            assert len(passed) < MOST, f"no Tab leads to {words}, only to {passed}"
            self.page.keyboard.press("Tab")
            passed.append(self.page.evaluate(SPOKEN))
        return self

    def press(self, key: str) -> Keys:
        self.page.keyboard.press(key)
        return self

    def type(self, text: str) -> Keys:
        self.page.keyboard.type(text)
        return self

    def follow(self, address: str, key: str = "Enter") -> Keys:
        """Press what has the focus, and come to the address, by a new page or by a swap of the rows."""
        self.page.keyboard.press(key)
        self.page.wait_for_url(re.compile(address))
        self.page.wait_for_selector(".htmx-request, .htmx-swapping, .htmx-settling", state="detached")
        return self

    def sign_in(self, email: str) -> Keys:
        """The first field has the focus."""
        self.page.wait_for_selector("input[name=email]:focus")
        return self.type(email).press("Tab").type(PASSWORD).press("Tab").follow("/$")


@pytest.mark.requirement("R193")
def test_a_day_by_keys_alone(company_site: str, visit: Callable[..., Any]) -> None:
    page = visit(f"{company_site}/sign-in", language="en-GB")
    keys = Keys(page).sign_in("maker@supplier-four.example")
    keys.to(r"^A \| To sign").follow("/inbox$").to(r"^A .*order SO-41").follow("/inbox/|/holdings/")
    keys.to("Password, to sign").type(PASSWORD).to("Sign and accept").follow("/holdings/hld_")
    assert "Transfer accepted" in page.locator(".timeline").inner_text()
    page.reload()
    # a menu is opened, closed with Escape, which gives the focus back, and opened again
    keys.to("^SUMMARY .*Account:").press("Enter").press("Tab").press("Escape")
    assert page.locator("details.who[open]").count() == 0
    assert page.evaluate(SPOKEN).startswith("SUMMARY")
    keys.press("Enter").to("Keyboard shortcuts").press("Enter")
    assert page.get_by_role("dialog").is_visible()
    keys.press("Escape")
    assert page.get_by_role("dialog").count() == 0 and "Keyboard shortcuts" in page.evaluate(SPOKEN)
    keys.to("Sign out").follow("/sign-in").sign_in("maker@core.example")

    page.goto(f"{company_site}/vouchers?limit=25")
    rows = page.locator("main tbody tr")
    assert rows.count() == 25
    keys.to(r"^A \| Face").follow("sort=-face")
    page.wait_for_selector("th[aria-sort=descending]")
    assert "Face" in page.evaluate(SPOKEN), "a new order keeps the focus"
    keys.to(r"^A \| Next").follow("cursor=")
    page.wait_for_selector(".table-wrap:focus")
    assert 0 < rows.count() < 25, "on the last page the focus is on the rows"
    keys.to(r"^A \| Previous").follow("limit=25")
    page.goto(f"{company_site}/vouchers?limit=25&sort=-face")
    keys.to("^SELECT .*State").follow("status?=|state=", "ArrowDown")
    page.wait_for_selector(".chips")
    assert page.evaluate(SPOKEN).startswith("SELECT"), "so does a filter"
    keys.to(r"^A \| Clear").follow("/vouchers(?!.*state=)")
    keys.to("^SUMMARY .*Columns").press("Enter").to("^INPUT .*Issuer").press("Space").to("Apply").follow("columns=")
    expect(page.locator("main thead")).not_to_contain_text("Issuer")
    for _row in range(2):
        keys.to("^INPUT .*Tick SX").press("Space")
    assert page.locator("[data-count]").inner_text() == "2"
    summed = page.locator("[data-sum]").inner_text()
    keys.to(r"^A \| Next").follow("cursor=")
    page.wait_for_selector("[data-elsewhere]:not([hidden])")
    assert page.locator("ff-sum").inner_text().startswith("2 ticked (2 on other pages)"), "the sum runs on over pages"
    assert page.locator("[data-sum]").inner_text() == summed
    keys.to("^INPUT .*Tick SX").press("Space")
    assert page.locator("[data-count]").inner_text() == "3"
    keys.to("Show only these").follow("[?&]id=")
    expect(rows).to_have_count(3)
    keys.to(r"^A \| Excel")
    with page.expect_download() as file:
        keys.press("Enter")
    sheet = load_workbook(io.BytesIO(Path(file.value.path()).read_bytes())).active
    assert sheet is not None and sheet.max_row == 4
    assert page.problems == []
