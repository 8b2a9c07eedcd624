"""Letting somebody in again, broken glass, second factors and the log of reads, through the API."""

from __future__ import annotations

import pytest
from tests.builders import api
from tests.builders.api import Session, World

REASON = "came to the desk with her passport"


def email(world: World, person: str) -> str:
    return f"{person}@{world.cast.core.view.short_name.lower()}.example"


def test_two_others_let_somebody_in_and_no_half_is_told_twice(world: World) -> None:
    asked = world.core.post("recoveries", {"email": email(world, "viewer"), "reason": REASON}, 201, key="ask")
    again = world.core.post("recoveries", {"email": email(world, "viewer"), "reason": REASON}, 201, key="ask")
    assert asked["half"] and again["half"] == "" and again["id"] == asked["id"]
    assert asked["pending_approvals"][0]["kind"] == "access.recover"
    (waiting,) = [one for one in world.core_checker.get("inbox")["data"] if one["kind"] == "access.recover"]
    assert waiting["decide_at"] == f"/v1/recoveries/{asked['id']}/decide"
    verdict = {"verdict": "approve", "payload_hash": waiting["payload_hash"]}
    assert world.core.post(waiting["decide_at"], verdict, 403)["code"] in (
        "approval.same_person",
        "party.not_permitted",
    )
    decided = world.core_checker.post(waiting["decide_at"], verdict)
    assert decided["state"] == "approved" and decided["half"]
    new = "a new staple for the horse"
    given = {"email": email(world, "viewer"), "first": asked["half"], "second": decided["half"], "new": new}
    stranger = Session()
    assert stranger.post("recover", {**given, "second": asked["half"]}, 403, key=None)["code"] == "recovery.refused"
    stranger.post("recover", given, key=None)
    assert stranger.post("recover", given, 403, key=None)["code"] == "recovery.refused", "it works once"
    assert stranger.post("tokens", {"email": email(world, "viewer"), "password": new}, 201, key=None)
    assert world.core.get(f"recoveries/{asked['id']}")["state"] == "used"


def test_broken_glass_is_seen_ended_and_reviewed_by_another_person(world: World) -> None:
    reason = {"reason": "the key officer cannot be reached"}
    assert world.operator.post("emergencies", reason, 403)["code"] == "session.confirmation_needed"
    broken = world.operator.post("emergencies", {**reason, "password": api.PASSWORD}, 201)
    assert [one["id"] for one in world.regulator.get("emergencies")["data"]] == [broken["id"]]
    assert world.core.get("emergencies", 403)["code"] == "party.not_permitted"
    ended = world.operator.post(f"emergencies/{broken['id']}/end")
    assert ended["ended_at"] is not None
    review = {"review": "looked at two vouchers, rightly"}
    assert world.operator.post(f"emergencies/{broken['id']}/review", review, 403)["code"] == "party.not_permitted"
    reviewed = api.sign_in(world.cast.operator, "checker").post(f"emergencies/{broken['id']}/review", review)
    assert reviewed["review"] == review["review"] and reviewed["reviewed_by"] != reviewed["person_id"]


def test_second_factors_and_the_password_change_after_a_confirmation_only(world: World) -> None:
    assert world.core.get("factors") == {"livemode": False, "code": False, "passkeys": [], "recovery_codes": 0}
    assert world.core.post("factors/recovery-codes", {}, 403)["code"] == "session.confirmation_needed"
    codes = world.core.post("factors/recovery-codes", {"password": api.PASSWORD}, 201, key="codes")["codes"]
    assert len(set(codes)) == 10 and world.core.get("factors")["recovery_codes"] == 10
    assert world.core.post("factors/recovery-codes", {"password": api.PASSWORD}, 201, key="codes")["codes"] == []
    other = api.sign_in(world.cast.core)
    world.core.post("session/password", {"password": api.PASSWORD, "new": "a new staple for the horse"})
    assert other.get("session", 401)["code"] == "token.invalid", "every other session is over"
    world.core.get("session")


@pytest.mark.requirement("R404")
def test_who_looked_at_another_firms_people_is_told_to_those_who_oversee(world: World) -> None:
    """Wherever names of people come along: the list of people, an application, a change of members."""
    assert world.core.get("reads")["data"] == []
    assert world.regulator.get("reads")["data"] == []
    core = api.prt(world.cast.core)
    colleague = {"name": "Li", "email": "li@core.example", "functions": ["viewer"], "valid_from": "2014-03-04"}
    member = {"what": "member", **colleague}
    change = world.core.post(f"parties/{core}/changes", {"terms": member}, 201)["id"]
    world.core.get(f"changes/{change}")
    world.core.get("people")
    assert world.regulator.get("reads")["data"] == [], "one's own people are nobody else's business"

    (admitted,) = [one for one in world.operator.get("applications")["data"] if one["party_id"] == core]
    before = len(world.regulator.get("reads?limit=200")["data"])
    for path in (f"people?organisation_id={core}", f"applications/{admitted['id']}", f"changes/{change}", "changes"):
        world.operator.get(path)
    told = world.regulator.get("reads?limit=200")["data"]
    assert len(told) == before + 4
    assert [(one["subject_party_id"], one["what"], one["object_id"]) for one in reversed(told[:4])] == [
        (core, "people", ""),
        (core, "applications", admitted["id"]),
        (core, "changes", change),
        (None, "changes", ""),
    ], "one line for a list, whosever it shows"
    assert {(one["data_class"], one["purpose"]) for one in told[:4]} == {("core", "operation")}
    own = world.core.get("reads")["data"]
    assert [one["id"] for one in own] == [one["id"] for one in told[1:4]], (
        "but for the list, which is of no single firm"
    )
    assert {one["reader_person_id"] for one in own} == {None} and world.second.get("reads")["data"] == []
    world.second.get(f"changes/{change}", 404)
    assert len(world.regulator.get("reads?limit=200")["data"]) == before + 4
