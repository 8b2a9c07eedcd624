"""Notices at the API: a person's own, and no machine's."""

from __future__ import annotations

from tests.builders import api

from fourflow.interfaces.web.menu import APPROVALS
from fourflow.oversight.notices import operations
from fourflow.platform import clock
from fourflow.platform.events import operations as events

CHECKERS = {kind: one.permissions for kind, one in APPROVALS.items()}


def test_a_person_reads_what_it_was_told_and_chooses_how(world: api.World) -> None:
    world.limit()
    world.accepted("1000.00")
    events.sequence()
    operations.tell(now=clock.machine(), today=clock.today(), checkers=CHECKERS)
    found = world.supplier.get("notices")["data"]
    (offer,) = [one for one in found if one["event"] == "voucher.offered"]
    assert offer["about"].startswith("vch_") and (offer["topic"], offer["state"]) == ("offer", "pending")
    assert "voucher.offered" not in {one["event"] for one in world.core.get("notices")["data"]}

    assert world.supplier.get("notices/preferences")["choices"]["offer"] == "now"
    chosen = world.supplier.post("notices/preferences", {"language": "en", "choices": {"offer": "daily"}})
    assert (chosen["language"], chosen["choices"]["offer"], chosen["choices"]["security"]) == ("en", "daily", "now")
    off = {"language": "en", "choices": {"security": "off"}}
    assert world.supplier.post("notices/preferences", off, 422)["code"] == "notices.preference_invalid"
    assert world.supplier.post("notices/preferences", {"language": "fr"}, 422)["code"] == "input.invalid"
