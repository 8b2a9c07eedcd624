"""Every page that the URL table knows, found by walking: both languages, wide and phone, light and dark; and on paper.

Each page is loaded in one language and judged in two opposite looks, the next page in the other language and looks;
``pictures.py`` photographs them all.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.browsing import ROOT, database_of
from tests.builders import tampering
from tests.interfaces.web import tour
from tests.interfaces.web.keyboard import Keyboard
from tests.interfaces.web.plain import crowding, plain_faults
from tests.interfaces.web.seed import PASSWORD
from tests.interfaces.web.test_gallery import axe_faults
from tests.interfaces.web.wording import wording_faults

#: language, and two looks: width in CSS pixels, dark
LOOKS = [("zh-CN", ((1440, False), (390, True))), ("en-GB", ((390, False), (1440, True)))]
#: what the look decides; everything else is the same in each
LOOK_RULES = ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"]
WHO = {**tour.PEOPLE, **{who: email for who, (email, _start) in tour.OTHERS.items()}}


@pytest.fixture(scope="module")
def doors(scenery_site: str, browser: Any) -> Callable[..., Any]:
    """A page of somebody who is signed in, in place of the one before; one session a person."""
    kept: dict[str, Any] = {}

    def enter(who: str, before: Any = None, language: str = "zh-CN") -> Any:
        if before:
            before.context.close()
        context = browser.new_context(locale=language, reduced_motion="reduce", storage_state=kept.get(who))
        page = context.new_page()
        page.problems = []
        page.on("console", lambda m: page.problems.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: page.problems.append(f"script: {error}"))
        if who in WHO and who not in kept:
            page.goto(f"{scenery_site}/sign-in")
            page.locator("#email").fill(WHO[who])
            page.locator("#password").fill(PASSWORD)
            page.locator("form:has(#password) button.primary").click()
            page.wait_for_url(re.compile(r"/$"))
            kept[who] = context.storage_state()
        return page

    return enter


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """What the walk was answered, by who asked and the address: pages before any script has run."""
    return {}


@pytest.fixture(scope="module")
def stops(scenery_site: str, doors: Callable[..., Any], texts: dict[str, str]) -> list[tour.Stop]:
    """One address of every page, with somebody who may open it."""
    found: list[tour.Stop] = [tour.Stop("", str(tour.name_of(path)), path) for path in tour.STRANGER]
    ways = {**dict.fromkeys(tour.PEOPLE, "/"), **{who: start for who, (_email, start) in tour.OTHERS.items()}}
    for who, start in ways.items():
        page = doors(who)

        def get(path: str, asked: Any = page.request, who: str = who) -> tuple[int, str, str]:
            answer = asked.get(scenery_site + path, max_redirects=0)
            text = answer.text()
            if answer.status == 200 and answer.headers.get("content-type", "").startswith("text/html"):
                texts[f"{who} {path}"] = text
            return answer.status, answer.headers.get("content-type", ""), text

        # the lists and first pages of each role differ, whatever somebody else has shown before
        found += tour.walk(who, get, {stop.name for stop in found} - {"home", "inbox"}, start=start)
        page.context.close()
    return found


def test_every_page_is_reached_by_links(stops: list[tour.Stop]) -> None:
    lost = tour.names() - {stop.name for stop in stops} - set(tour.NO_PAGE) - set(tour.PRESSED)
    assert lost == set(), "nothing leads there, or nobody of the tour may go; or it is no page: say why in tour.NO_PAGE"
    assert {*tour.NO_PAGE, *tour.PRESSED} <= tour.names(), "no such address (any more)"


def test_every_page_is_read_and_sent_without_scripts(stops: list[tour.Stop], texts: dict[str, str]) -> None:
    assert len(texts) > len(stops)
    faults = [f"{where}: {one}" for where, text in texts.items() for one in plain_faults(text)]
    assert faults == [], "\n".join(faults[:30])


def test_every_page_speaks_its_readers_language_and_no_other(
    scenery_site: str, doors: Callable[..., Any], stops: list[tour.Stop], texts: dict[str, str]
) -> None:
    """No English word on a Chinese page and no Chinese one on an English page, but names and what people wrote."""
    faults = [f"{where}: {one}" for where, text in texts.items() for one in wording_faults(text, "zh")]
    page, who, english = None, None, {"accept-language": "en-GB"}
    for stop in stops:
        if stop.who != who:
            page, who = doors(stop.who, page, "en-GB"), stop.who
        assert page is not None
        faults += [
            f"{stop.path} ({stop.who}): {one}"
            for one in wording_faults(page.request.get(scenery_site + stop.path, headers=english).text(), "en")
        ]
    assert faults == [], "\n".join(faults[:40])


def test_no_page_shows_more_than_five_figures_nor_asks_for_two_decisions_in_one_place(
    stops: list[tour.Stop], texts: dict[str, str]
) -> None:

    assert len(texts) > len(stops)
    homes = {where for where in texts if where.endswith(" /")}
    assert len(homes) >= len(tour.PEOPLE), "every workspace's own first page is among them"
    faults = [f"{where}: {one}" for where, text in texts.items() for one in crowding(text, home=where in homes)]
    assert faults == [], "\n".join(faults)


@pytest.mark.requirement("R193")
@pytest.mark.parametrize("turn", range(len(LOOKS)))
def test_every_page_is_accessible_by_keys_alone_and_keeps_the_policy(
    scenery_site: str, doors: Callable[..., Any], stops: list[tour.Stop], turn: int
) -> None:
    language, looks = LOOKS[turn]
    faults, page, who, keyboard = [], None, None, Keyboard()
    for stop in stops[turn :: len(LOOKS)]:
        if stop.who != who:
            page, who = doors(stop.who, page, language), stop.who
        for first, (width, dark) in enumerate(looks):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme="dark" if dark else "light")
            if not first:
                page.goto(scenery_site + stop.path, wait_until="load")
            found = keyboard.faults(page, fresh=not first)
            found += axe_faults(page, LOOK_RULES if first else None)
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                found.append("scrolls sideways")
            faults += [f"{stop.path} ({stop.who}, {width}): {one}" for one in (*found, *page.problems)]
            page.problems.clear()
    assert faults == [], "\n".join(faults)


PRINTED = {
    "voucher": "core",
    "financing": "bank",
    "decide": "bank",
    "plan": "bank",
    "statistics": "regulator",
    "event": "core",
}


def test_pages_print_black_on_white_with_their_origin_on_paper(
    scenery_site: str, doors: Callable[..., Any], stops: list[tour.Stop], tmp_path: Path
) -> None:
    """As a browser prints them from a dark screen: no frame, no button, and every sheet says SANDBOX and its number."""
    page = who = None
    for name, reader in PRINTED.items():
        path = next(stop.path for stop in stops if stop.name == name)
        if reader != who:
            page, who = doors(reader, page, "en-GB"), reader
        assert page is not None
        page.emulate_media(media="print", color_scheme="dark")
        page.goto(scenery_site + path, wait_until="load")
        shown = page.locator(".side, .top, .btn, .crumbs, .decision .act").all()
        assert shown and not any(one.is_visible() for one in shown), name
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(18, 22, 28)", name
        rows = page.evaluate("[...document.querySelectorAll('tr')].map(row => getComputedStyle(row).breakInside)")
        assert set(rows) <= {"avoid"}, name
        file = tmp_path / f"{name}.pdf"
        page.pdf(path=str(file), prefer_css_page_size=True)
        text = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True).stdout.decode()
        sheets = [re.sub(r"\s", "", sheet) for sheet in text.split("\f")[:-1]]
        for number, sheet in enumerate(sheets, 1):
            assert sheet.startswith("SANDBOX") and sheet.endswith(f"{number}/{len(sheets)}"), (name, number)
        said = "".join(sheets)
        for origin in (page.locator("h1"), page.locator(".top .org b"), page.locator(".who .name")):
            assert re.sub(r"\s", "", origin.text_content() or "") in said, (name, "what, for whom and by whom")
        assert path in said and re.search(r"Request[0-9a-f]{32}", said), name
        assert name != "voucher" or re.search(r"SX[0-9A-Z]{26}", said), "paper bears the whole number"


#: the same of the tables that only this company fills
NOT_COVERED = tampering.NOT_COVERED | {
    "access_recovery.first_half",
    "access_recovery.second_half",
    "access_totp.last_step",
    "access_totp.secret",
    "clients_endpoint.position",
    "settlement_suspense.suggestions",
}


@pytest.mark.requirement("R392")
def test_the_audit_names_every_row_behind_these_pages_of_which_any_column_was_changed(scenery_site: str) -> None:
    """What the demonstration has of none: applications, machines, emergencies, recoveries, questions of an authority."""
    environment = {
        **os.environ,
        "FOURFLOW_DATABASE_NAME": database_of("scenery"),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }
    command = [sys.executable, "-m", "tests.builders.tampering", "--up"]
    told = json.loads(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)
    assert {"access_emergency", "clients_client", "insight_request", "parties_application_document"} <= set(
        told["tables"]
    )
    missed = {column for column in told["missed"] if not column.endswith(".recorded_at")}
    unbound = {column for column in missed if column.startswith("financing_quote.")}  # quotes that nobody consented to
    unsealed = {column for column in missed if column.startswith("access_read.")}  # looks of this very walk
    assert missed - unbound - unsealed == NOT_COVERED
