"""The inbox by turn: what is mine to decide, what I wait for, what waits in the team and for whom, and what is due."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from openpyxl import load_workbook
from tests.interfaces.web.scene import Scene

from fourflow.capital.claims import queries as claims
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import VoucherState
from fourflow.config import wiring
from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.web import waiting
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.pages import batch
from fourflow.platform.clock import instant_of


def inbox(scene: Scene, who: str, query: str = "") -> dict[str, str]:
    """The rows of a view of the inbox: what each of them says."""
    answer = scene.get(who, f"/inbox?limit=200&{query}")
    assert answer.status_code == 200, answer
    found = re.findall(r'<tr id="([^"]+)"(.*?)</tr>', answer.content.decode(), re.S)
    return {row: re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body))) for row, body in found}


@pytest.mark.requirement("R395")
def test_the_team_sees_what_waits_and_for_whom_and_only_who_may_decides_it(scene: Scene) -> None:
    core = scene.here.core
    asked = approvals.requested_by(core.maker)[0].approval
    row = text("approval", asked.id)
    assert row not in inbox(scene, "core") and row in inbox(scene, "core checker")
    team = inbox(scene, "core", "whose=team")
    assert set(inbox(scene, "core")) <= set(team) and row in team
    assert "checker of core" in team[row] and "checker of core" in inbox(scene, "core", "whose=mine")[row]
    assert set(team) == set(inbox(scene, "core checker", "whose=team")), "one team, one list"
    for stranger in ("supplier", "bank", "operator"):
        assert row not in inbox(scene, stranger, "whose=team"), stranger
    body = scene.get("core", "/inbox?whose=team&limit=200").content.decode()
    line = re.search(rf'<tr id="{row}".*?</tr>', body, re.S)
    assert line is not None
    assert "checkbox" not in line.group(0) or "disabled" in line.group(0), "who may not decide it does not tick it"
    whole = scene.get("core", "/inbox?whose=team&format=xlsx")
    assert whole["Content-Type"].endswith("spreadsheetml.sheet")
    alone = inbox(scene, "core", f"whose=team&id={row}")
    assert set(alone) == {row}


def test_what_somebody_else_decides_leads_to_the_thing_itself(scene: Scene) -> None:
    offered = vouchers.vouchers(actor=SYSTEM, where=vouchers.VoucherFilter(states=(VoucherState.OFFERED,))).rows[0]
    shown = scene.get("supplier", "/inbox?whose=team").content.decode()
    assert f'href="{to("voucher", offered.id, "/answer")}"' in shown
    for who in ("core", "bank checker", "operator checker"):
        body = scene.get(who, "/inbox?whose=team&limit=200").content.decode()
        for address in sorted(set(re.findall(r'<a class="main" href="([^"]+)"', body)))[:6]:
            assert scene.get(who, address).status_code == 200, (who, address)


def test_what_must_be_decided_by_today_is_a_view_of_its_own(scene: Scene) -> None:
    here = scene.here
    team = inbox(scene, "supplier", "whose=team")
    late = inbox(scene, "supplier", "whose=late")
    assert set(late) <= set(team)
    offers = vouchers.vouchers(actor=SYSTEM, where=vouchers.VoucherFilter(states=(VoucherState.OFFERED,))).rows
    due = {text("voucher", one.id) for one in offers if one.offer_expires_on and one.offer_expires_on <= here.day}
    assert {row for row in late if row.startswith("vch_")} == due & set(team)


def test_a_request_says_until_when_it_is_decided_and_afterwards_that_nobody_did(scene: Scene) -> None:
    asked = approvals.requested_by(scene.here.core.maker)[0].approval
    address = to("approval", asked.id)
    shown = inbox(scene, "core", "whose=mine")[text("approval", asked.id)]
    page = scene.get("core checker", address).content.decode()
    assert asked.decide_by.isoformat() in shown and "Decide by" in page and asked.decide_by.isoformat() in page
    late = instant_of(asked.decide_by + timedelta(1))
    wiring.EXPIRED[asked.kind](approval=asked, effective_at=late)
    page = scene.get("core checker", address).content.decode()
    assert "Nobody decided in time." in page and "Decide by" not in page and ">Expired<" in page
    assert text("approval", asked.id) not in inbox(scene, "core", "whose=mine")


def test_the_inbox_says_where_more_waits_than_it_shows_and_is_narrowed_to_one_kind_of_task(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = "More waits than is shown"
    assert cut not in scene.get("supplier", "/inbox").content.decode()
    every = inbox(scene, "supplier")
    monkeypatch.setattr(waiting, "LIMIT", 1)
    assert cut in scene.get("supplier", "/inbox").content.decode() and len(inbox(scene, "supplier")) < len(every)
    monkeypatch.undo()
    offered = inbox(scene, "supplier", "kind=voucher.accept")
    assert offered and set(offered) <= set(every) and all(key.startswith("vch_") for key in offered)
    assert set(inbox(scene, "supplier", "kind=voucher.accept,holding.accept")) >= set(offered)
    assert inbox(scene, "supplier", "kind=unheard-of") == {}


def test_the_template_of_a_batch_holds_the_free_payables_that_are_due_first(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "MAX_ROWS", 2)
    book = load_workbook(BytesIO(scene.get("core", "/issue/batch/template").content))
    due = [row[2].value for row in book.active.iter_rows(min_row=2)]
    free = claims.payables(actor=SYSTEM, debtor_id=scene.here.core.id, free_only=True, sort="due", size=200)
    assert len(free) > len(due) == 2 and [one.due_date.isoformat() for one in free[:2]] == due
    assert all(one.remaining for one in free)
