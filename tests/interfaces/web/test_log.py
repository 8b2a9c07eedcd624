"""The event log: what happened is found by object, person, firm, request, kind, days and words, and compared."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from openpyxl import load_workbook
from tests.interfaces.web import seed
from tests.interfaces.web.scene import Scene

from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.web.addresses import text
from fourflow.interfaces.web.pages import happened
from fourflow.oversight.insight import queries as insight
from fourflow.platform import clock
from fourflow.platform.db.reading import reading
from fourflow.platform.errors import FourflowError
from fourflow.platform.events import queries as events
from fourflow.platform.events.queries import Sought
from fourflow.platform.events.types import kinds
from fourflow.platform.ids import encode, new_id


def page(scene: Scene, query: str, who: str = "regulator") -> str:
    answer = scene.get(who, f"/events?{query}")
    assert answer.status_code == 200, answer
    body: str = answer.content.decode()
    return body


def rows(body: str) -> list[str]:
    return re.findall(r'<tr id="([^"]+)"', body)


def said(body: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


@pytest.fixture(scope="module")
def done(scene: Scene) -> dict[str, Any]:
    """A write of the core's through its page, under a request id of its own, and a voucher that went on its way."""
    voucher = scene.here.accepted("7300.00")
    given = {"token": new_id().hex, "language": "en", "offer": "daily"}
    headers = {"X-Request-Id": "req-of-this-test"}
    assert scene.clients["core"].post("/messages/settings", given, headers=headers).status_code == 302
    return {"voucher": voucher}


@pytest.mark.requirement("R404")
def test_what_happened_is_found_by_whatever_is_known_of_it(scene: Scene, done: dict[str, Any]) -> None:
    voucher, core = done["voucher"], scene.here.core
    of_voucher = rows(page(scene, f"q={text('voucher', voucher.id)}&limit=200"))
    recorded = [text("event", one.id) for one in events.of_subject(voucher.id)]
    assert sorted(of_voucher) == sorted(recorded), "all of the object's and nothing else"

    by_request = page(scene, "request_id=req-of-this-test&columns=by&columns=firm&columns=request")
    assert len(rows(by_request)) == 1
    assert core.name in said(by_request)
    for by in (seed.email(core), encode("acc", core.maker.account_id), encode("prt", core.id), core.name):
        found = rows(page(scene, f"done_by={quote(by)}&type=notices"))
        assert found == rows(by_request), by
    for nobody in (seed.email(scene.here.supplier()), "nobody@nowhere.example", "No Such Firm"):
        assert rows(page(scene, f"done_by={quote(nobody)}&type=notices")) == [], nobody

    families = rows(page(scene, "type=voucher&limit=200"))
    accepted = rows(page(scene, "type=voucher.accepted&limit=200"))
    assert set(of_voucher) & set(families) and set(accepted) < set(families)
    assert of_voucher[-1] in rows(page(scene, f"q={voucher.number}")), "a word of what was drafted"
    day = clock.business_date(events.of_subject(voucher.id)[0].effective_at)
    assert of_voucher[-1] in rows(page(scene, f"at[gte]={day}&at[lte]={day}&type=voucher&limit=200"))
    assert rows(page(scene, "at[lte]=2001-01-01")) == []


def test_the_log_is_read_in_both_directions_page_after_page_and_as_a_file(scene: Scene, done: dict[str, Any]) -> None:
    query = "at[gte]=2014-01-01&limit=25"
    seen: list[str] = []
    path = f"/events?{query}"
    while path:
        body = scene.get("operator", path).content.decode()
        seen += rows(body)
        following = re.search(r'data-more href="([^"]+)"', body)
        path = unescape(following.group(1)) if following else ""
    assert len(seen) == len(set(seen)) > 25
    first = rows(page(scene, f"{query}&sort=at"))
    assert first[:25] == seen[::-1][:25]
    file = scene.get("operator", "/events?at[gte]=2014-01-01&format=xlsx")
    sheet = load_workbook(io.BytesIO(file.content)).active
    assert sheet is not None and sheet.max_row - 1 == len(seen)
    assert rows(page(scene, f"id={seen[3]}&id={seen[5]}")) == [seen[3], seen[5]]


def test_only_who_oversees_searches_the_log(scene: Scene, done: dict[str, Any]) -> None:
    for who in ("core", "supplier", "bank"):
        assert scene.get(who, "/events").status_code == 403, who
        assert 'href="/events"' not in scene.get(who, "/audit").content.decode()
    assert 'href="/events"' in scene.get("operator", "/audit").content.decode()
    with reading(scene.here.core.maker), pytest.raises(FourflowError):
        insight.log(actor=scene.here.core.maker, sought=Sought(), now=scene.here.now)


def test_an_event_shows_what_it_changed_against_the_one_before_or_any_other(scene: Scene, done: dict[str, Any]) -> None:
    facts = events.of_subject(done["voucher"].id)
    drafted, accepted = facts[0], next(one for one in facts if one.kind == "voucher.accepted")
    address = f"/events/{text('event', accepted.id)}"
    shown = said(scene.get("core", address).content.decode())
    assert "What it changed" in shown and "Done by" not in shown, "the builder acted outside of a request"
    first = scene.get("core", f"{address}?against={text('event', drafted.id)}").content.decode()
    assert f'value="{text("event", drafted.id)}" selected' in first
    with reading(scene.here.core.maker):
        near = insight.compared(actor=scene.here.core.maker, event_id=accepted.id)
        far = insight.compared(actor=scene.here.core.maker, event_id=accepted.id, against=drafted.id)
        none = insight.compared(actor=scene.here.core.maker, event_id=drafted.id)
    assert {one.path for one in near.changes} <= {one.path for one in far.changes}
    assert none.before is None and all(one.before is None for one in none.changes)
    strange = events.of_subject(scene.here.core.id)
    wrong = text("event", strange[0].id) if strange else text("event", new_id())
    assert scene.get("core", f"{address}?against={wrong}").status_code == 404
    assert scene.get("fourth", f"/events/{text('event', drafted.id)}").status_code == 404, "not its voucher"


def test_every_kind_of_fact_has_words_and_a_family(scene: Scene) -> None:
    known = {kind for kind in kinds() if not kind.startswith("test.")}
    assert sorted(known - set(happened.WORDS)) == []
    assert sorted({kind.partition(".")[0] for kind in known} - set(happened.FAMILIES)) == []
    assert parties.account_holders([SYSTEM.person_id]) == {}
