"""Reports on the pages: subscribed beside Excel, made with the reader's own rights, taken by nobody else."""

from __future__ import annotations

import io
import re
from datetime import timedelta

from openpyxl import load_workbook
from tests.builders import parties
from tests.interfaces.web.scene import Scene, fields

from fourflow.config import wiring
from fourflow.foundation.parties import queries as party_queries
from fourflow.foundation.parties.types import ChangeKind, EndTerms
from fourflow.oversight.reports import jobs, queries
from fourflow.platform import clock

NEW = "/schedules/new"


def subscribe(scene: Scene, who: str, address: str, rhythm: str = "daily") -> str:
    """The page of a schedule, made as a person makes it."""
    client = scene.clients[who]
    given = {"name": f"All of {address}", "rhythm": rhythm, "address": address}
    shown = client.post(NEW, given)
    assert shown.status_code == 200 and "bytes" in shown.content.decode()
    done = [client.post(NEW, {**fields(shown), "outcome": "approve"}) for _press in range(2)]
    assert [one.status_code for one in done] == [302, 302] and done[0]["Location"] == done[1]["Location"]
    place: str = done[0]["Location"]
    return place


def make_on_its_day(days: int = 5) -> int:
    clock.move_to(clock.now() + timedelta(days=days))
    return jobs.make_due(wiring.report_maker())


def test_a_list_is_subscribed_beside_excel_and_its_file_is_what_the_list_shows_the_reader(scene: Scene) -> None:
    address = "/vouchers?state=active&sort=-face"
    page = scene.get("core", address).content.decode()
    assert "/schedules/new?address=%2Fvouchers%3Fstate%3Dactive" in page
    assert address.split("?")[0] in scene.get("core", f"{NEW}?address=%2Fvouchers%3Fstate%3Dactive").content.decode()
    place = subscribe(scene, "core", address)
    assert make_on_its_day() == 1
    page = scene.get("core", place).content.decode()
    files = re.findall(rf'href="({place}/rpt_[^"]+)"', page)
    assert files, page[page.index("<main") :]
    taken = scene.get("core", files[0])
    expected = scene.get("core", f"{address}&format=xlsx")
    rows = [list(load_workbook(io.BytesIO(one.content)).active.values) for one in (taken, expected)]
    assert rows[0] == rows[1] and len(rows[0]) > 1
    assert "File ready" in scene.get("core", "/schedules").content.decode()
    for other in ("core checker", "operator", "supplier"):
        assert scene.get(other, files[0]).status_code == scene.get(other, place).status_code == 404
        assert place not in scene.get(other, "/schedules").content.decode()


def test_a_supplier_and_the_operator_get_the_same_report_each_with_his_own_rows(scene: Scene) -> None:
    places = {who: subscribe(scene, who, "/vouchers") for who in ("supplier", "operator")}
    make_on_its_day()
    seen = {}
    for who, place in places.items():
        (path,) = re.findall(rf'href="({place}/rpt_[^"]+)"', scene.get(who, place).content.decode())
        seen[who] = list(load_workbook(io.BytesIO(scene.get(who, path).content)).active.values)
        shown = scene.get(who, "/vouchers?format=xlsx").content
        assert len(seen[who]) == len(list(load_workbook(io.BytesIO(shown)).active.values))
    assert len(seen["supplier"]) < len(seen["operator"])


def test_what_is_no_report_or_not_ones_own_to_see_cannot_be_subscribed(scene: Scene) -> None:
    for who, address in (
        ("supplier", "/statistics"),
        ("core", "/nowhere"),
        ("core", "/me"),
        ("core", "/v1/vouchers"),
        ("core", "/sign-out"),
        ("core", "https://evil.example/vouchers"),
    ):
        answer = scene.clients[who].post(NEW, {"name": "x", "rhythm": "weekly", "address": address})
        assert answer.status_code in (403, 404, 422) and 'name="token"' not in answer.content.decode().split("<main")[1]


def test_it_is_paused_resumed_and_ended_on_its_page(scene: Scene) -> None:
    place, client = subscribe(scene, "bank", "/limits", "monthly"), scene.clients["bank"]
    for step, words in (("pause", "Paused"), ("resume", "Active"), ("end", "Ended")):
        asked = client.get(f"{place}/{step}")
        assert client.post(f"{place}/{step}", {**fields(asked), "outcome": "approve"}).status_code == 302
        assert words in client.get(place).content.decode()
        assert scene.clients["bank checker"].get(f"{place}/{step}").status_code == 404
    assert f"{place}/resume" not in client.get(place).content.decode()


def test_who_has_left_the_firm_gets_no_more_files(scene: Scene) -> None:
    here, core = scene.here, scene.here.cast.core
    subscribe(scene, "core checker", "/payables")
    person = core.checker.person_id
    operator = here.cast.operator
    (membership,) = [p.membership_id for p in party_queries.people(operator.viewer, core.id) if p.id == person]
    tomorrow = clock.today() + timedelta(days=1)
    parties.change(operator, core.id, EndTerms(ChangeKind.MEMBER, membership, tomorrow), clock.now())
    make_on_its_day()
    (found,) = [one for one in queries.mine(core.checker) if one.address == "/payables"]
    assert found.state == "stopped" and found.reason == "report.reader_gone"
