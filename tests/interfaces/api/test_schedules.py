"""Reports through the API: the same subscriptions, the same files, the person's alone."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from tests.builders.api import World

from fourflow.config import wiring
from fourflow.oversight.reports import jobs
from fourflow.platform import clock

WANTED = {"name": "Vouchers", "address": "/vouchers?sort=face", "rhythm": "weekly", "language": "en"}


def test_a_report_is_subscribed_made_taken_paused_and_ended(world: World) -> None:
    world.limit()
    world.accepted("1000.00")
    made = world.core.post("schedules", WANTED, 201, key="once")
    assert world.core.post("schedules", WANTED, 201, key="once") == made
    assert (made["state"], made["rhythm"], made["next_on"]) == ("active", "weekly", "2014-03-10")
    path = f"schedules/{made['id']}"
    assert world.core.get(f"{path}/reports")["data"] == []
    clock.move_to(clock.now() + timedelta(days=8))
    jobs.make_due(wiring.report_maker())
    (run,) = world.core.get(f"{path}/reports")["data"]
    assert (run["day"], run["code"]) == ("2014-03-10", "")
    world.core.call("GET", f"reports/{run['id']}/file")
    table = list(load_workbook(io.BytesIO(world.core.last.content)).active.values)
    assert len(table) == 2 and len(world.core.last.content) == run["size"]
    for other in (world.core_checker, world.operator, world.regulator, world.supplier):
        assert other.get("schedules")["data"] == []
        other.get(path, expect=404)
        other.get(f"{path}/reports", expect=404)
        other.get(f"reports/{run['id']}/file", expect=404)
        other.post(f"{path}/end", {}, 404)
    assert world.core.post(f"{path}/pause", {})["state"] == "paused"
    assert world.core.post(f"{path}/pause", {}, 409)["code"] == "report.schedule_state"
    assert world.core.post(f"{path}/resume", {})["state"] == "active"
    assert world.core.post(f"{path}/end", {})["state"] == "ended"
    assert [one["state"] for one in world.core.get("schedules")["data"]] == ["ended"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"address": "/statistics"}, "report.refused"),
        ({"address": "/v1/vouchers"}, "report.refused"),
        ({"address": "nowhere"}, "report.refused"),
        ({"name": ""}, "report.schedule_invalid"),
    ],
)
def test_what_is_no_report_of_the_person_is_refused(world: World, changes: dict[str, str], code: str) -> None:
    assert world.supplier.post("schedules", {**WANTED, **changes}, 422)["code"] == code
    assert world.supplier.get("schedules")["data"] == []
