"""A sign-in that is about to end warns, can be kept, and takes nothing with it of what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect
from tests.interfaces.web.seed import PASSWORD
from tests.interfaces.web.test_gallery import axe_faults

EMAIL = "maker@operator.example"
PATH = "/parameters/propose?key=term.soft_months"


def again(page: Any, email: str) -> None:
    """Sign in where the page led."""
    page.locator("#email").fill(email)
    page.locator("#password").fill(PASSWORD)
    page.locator("form:has(#password) button.primary").click()


def kept(page: Any) -> str:
    return str(page.evaluate("Object.entries(sessionStorage).filter(([key]) => key.startsWith('ff-typed')).join()"))


def test_a_sign_in_that_ends_warns_and_what_was_typed_is_there_again(
    company_site: str, enter: Callable[..., Any], visit: Callable[..., Any]
) -> None:
    page = enter(EMAIL, language="en-GB")
    page.clock.install()
    page.goto(company_site + PATH)
    dialog, source = page.locator("dialog#session"), page.locator("main [name=source]")
    source.fill("board paper 12")
    page.locator("main [name=value]").fill("7")
    page.locator("main [name=scope]").select_option(index=2)
    scope = page.locator("main [name=scope]").input_value()
    page.clock.fast_forward("11:50:00")
    expect(dialog).not_to_be_visible()
    page.clock.fast_forward("06:00")
    expect(dialog.get_by_role("heading", name="Your sign-in ends soon")).to_be_visible()
    assert axe_faults(page) == []
    dialog.get_by_role("button", name="Stay signed in").click()
    expect(dialog).not_to_be_visible()
    page.clock.fast_forward("11:58:00")
    dialog.get_by_role("button", name="Close").click()
    page.clock.fast_forward("02:30")
    expect(dialog.get_by_role("heading", name="Your sign-in has ended")).to_be_visible()
    link = dialog.get_by_role("link", name="Sign in again")
    expect(link).to_have_attribute("href", "/sign-in?next=%2Fparameters%2Fpropose%3Fkey%3Dterm.soft_months")
    dialog.get_by_role("button", name="Close").click()
    page.context.clear_cookies(name="sessionid")
    page.locator("main form button.primary").click()  # the form itself, sent too late
    page.wait_for_url(re.compile("/sign-in"))
    again(page, EMAIL)
    page.wait_for_url(company_site + PATH)
    expect(page.locator("main form [role=status]")).to_contain_text("is here again")
    expect(source).to_have_value("board paper 12")
    expect(page.locator("main [name=value]")).to_have_value("7")
    expect(page.locator("main [name=scope]")).to_have_value(scope)
    assert axe_faults(page) == []
    page.get_by_role("button", name="Discard").click()
    expect(source).to_have_value("")
    assert kept(page) == ""

    source.fill("board paper 13")
    page.goto(company_site + "/me")
    page.locator("main input[type=password]").first.fill("a secret of mine")
    assert "board paper 13" in kept(page) and "secret" not in kept(page)
    page.context.clear_cookies(name="sessionid")
    page.goto(company_site + PATH)
    again(page, "maker@core.example")  # somebody else at the same screen
    page.wait_for_url(company_site + PATH)
    page.goto(company_site + "/")
    assert kept(page) == ""
    problems = [one for one in page.problems if "403" not in one]
    assert problems == []


def test_a_form_that_was_accepted_is_not_offered_again(company_site: str, enter: Callable[..., Any]) -> None:
    page = enter("maker@operator.example", language="en-GB")
    page.goto(company_site + "/messages/settings")
    chosen = page.locator("main form[method=post] select").nth(1)
    was = chosen.input_value()
    for value in ("daily" if was != "daily" else "now", was):
        chosen.select_option(value)
        assert value in kept(page)
        page.locator("main form[method=post] button.primary").first.click()
        expect(page.locator("main .banner")).to_be_visible()
        assert kept(page) == ""
        page.goto(company_site + "/messages/settings")


def test_another_language_in_the_middle_of_a_form_takes_nothing_of_what_was_typed(
    company_site: str, enter: Callable[..., Any]
) -> None:
    """Once in a form that this tab keeps, and once in one that the server keeps, without waiting for it to have done so."""
    page = enter(EMAIL, language="en-GB")
    page.goto(company_site + PATH)
    page.locator("main [name=source]").fill("board paper 14")
    page.locator("main [name=value]").fill("8")
    page.locator("form[action='/language'] button[value^=zh]").click()
    page.wait_for_selector("html[lang^=zh]")
    expect(page.locator("main [name=source]")).to_have_value("board paper 14")
    expect(page.locator("main [name=value]")).to_have_value("8")
    page.goto(company_site + "/applications/new")
    page.wait_for_selector("ff-draft")
    field = page.locator("main form input[type=text]:visible, main form input:not([type]):visible").first
    field.fill("A firm with a long name")
    page.locator("form[action='/language'] button[value^=en]").click()
    page.wait_for_selector("html[lang^=en]")
    expect(field).to_have_value("A firm with a long name")
    assert page.problems == []


CUT = """[...document.querySelectorAll("main td .money, main td .tag")].filter(one => one.getBoundingClientRect().right
  > one.closest(".card, .list-body").getBoundingClientRect().right).map(one => one.innerText)"""


def test_no_amount_is_cut_on_a_phone_with_large_letters(company_site: str, enter: Callable[..., Any]) -> None:
    """The corner of a card is as wide as its amount, whatever stands beside it."""
    page = enter("maker@core.example", language="en-GB", width=390)
    for path in ("books", "deliveries"):
        page.goto(f"{company_site}/{path}")
        page.evaluate("document.documentElement.dataset.letters = 'large'")
        assert page.locator("main td .money, main td .tag").count()
        # two digits more, as a large firm's book has them
        page.evaluate("for (const one of document.querySelectorAll('main td .money')) one.append('00')")
        assert page.evaluate(CUT) == []
