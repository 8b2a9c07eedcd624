"""Passkeys in a real browser, with Chromium's own virtual authenticator."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.browsing import go
from tests.interfaces.web.seed import PASSWORD
from tests.interfaces.web.test_gallery import axe_faults

EMAIL = "checker@bank-two.example"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
SCREENS = os.environ.get("FOURFLOW_SCREENS")


def with_authenticator(page: Any) -> Any:
    debugger = page.context.new_cdp_session(page)
    debugger.send("WebAuthn.enable")
    return debugger.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"], debugger


def by_password(page: Any) -> None:
    page.locator("#email").fill(EMAIL)
    page.locator("#password").fill(PASSWORD)
    page.locator("form:has(#password) button.primary").click()


def look(page: Any, name: str) -> None:
    """Accessible, quiet, and (on request) kept as a picture."""
    assert axe_faults(page) == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is pushed sideways"
    if SCREENS:
        page.screenshot(path=str(Path(SCREENS) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("language,width,dark", [("en-GB", 1440, False), ("zh-CN", 390, True)])
def test_a_passkey_is_added_confirms_and_signs_in(
    company_site: str, visit: Callable[..., Any], language: str, width: int, dark: bool
) -> None:
    site, tag = company_site.replace("127.0.0.1", "localhost"), f"{language}-{width}"
    page = visit(f"{site}/sign-in", language=language, width=width, dark=dark)
    authenticator, debugger = with_authenticator(page)
    by_password(page)
    page.wait_for_url(re.compile(r"/$"))
    page.goto(f"{site}/me")
    look(page, f"me-unconfirmed-{tag}")
    expect(page.locator("ff-passkey[data-for=new] button")).to_be_disabled()
    page.locator("#password").fill(PASSWORD)
    go(page.locator("button[value=confirm]"))
    page.locator("#key-name").fill(f"Laptop {tag}")
    page.locator("ff-passkey[data-for=new] button").click()
    expect(page.get_by_text(f"Laptop {tag}", exact=True)).to_be_visible()
    assert len(debugger.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]) == 1

    without = page.get_by_text(re.compile("^0 codes|还剩 0 个")).count()
    expect(page.locator("#code")).to_have_count(1 - without)  # nothing can be typed without app and recovery code
    page.locator("ff-passkey[data-for=confirm] button").click()
    expect(page.locator("button[value=renew-codes]")).to_be_enabled()
    look(page, f"me-{tag}")
    go(page.locator("button[value=renew-codes]"))
    expect(page.locator(".codes li")).to_have_count(10)
    look(page, f"codes-{tag}")

    page.context.clear_cookies(name="sessionid")
    page.goto(f"{site}/sign-in?next=/me")
    look(page, f"sign-in-{tag}")
    by_password(page)
    page.wait_for_url(re.compile("/sign-in/second"))
    look(page, f"second-{tag}")
    page.locator("ff-passkey button").click()
    page.wait_for_url(re.compile("/me$"))

    page.context.clear_cookies(name="sessionid")
    page.goto(f"{site}/sign-in?next=/me")
    page.locator("ff-passkey button").click()
    page.wait_for_url(re.compile("/me$"))
    page.locator("ff-passkey[data-for=confirm] button").click()
    page.locator("button[value=remove-passkey]").click()
    expect(page.get_by_text(f"Laptop {tag}", exact=True)).to_have_count(0)
    assert page.problems == []


@pytest.mark.parametrize("language,width,dark", [("en-GB", 390, False), ("zh-CN", 1440, True)])
def test_the_pages_of_the_door_are_accessible_and_quiet(
    company_site: str, visit: Callable[..., Any], language: str, width: int, dark: bool
) -> None:
    tag = f"{language}-{width}"
    page = visit(f"{company_site}/recover", language=language, width=width, dark=dark)
    look(page, f"recover-{tag}")
    page.goto(f"{company_site}/sign-in")
    page.locator("#email").fill("maker@operator.example")
    page.locator("#password").fill(PASSWORD)
    page.locator("form:has(#password) button.primary").click()
    page.wait_for_url(re.compile(r"/$"))
    page.goto(f"{company_site}/parties")
    page.goto(company_site + page.locator("main tbody a").first.get_attribute("href"))
    for path in ("team", "recoveries", "emergencies", "reads"):
        page.goto(f"{company_site}/{path}")
        look(page, f"{path}-{tag}")
    page.goto(f"{company_site}/me")
    page.locator("#password").fill(PASSWORD)
    go(page.locator("button[value=confirm]"))
    page.goto(f"{company_site}/me/app")
    look(page, f"app-{tag}")
    assert page.problems == []
