"""Who oversees, through the API: evidence is asked for and handed out, statistics and arrears add up."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from tests.builders import api_routes, parties
from tests.builders.api import World, money, prt, raw
from tests.builders.evidence_log import LocalWitness
from tests.builders.financing import Desk, account
from tests.builders.vouchers import Company

from fourflow.capital.settlement import operations as settlement
from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers import queries as register
from fourflow.capital.vouchers.types import VoucherId
from fourflow.foundation.evidence import queries as evidence
from fourflow.foundation.evidence.adapters.home import HeadFile, LocalKey
from fourflow.foundation.evidence.jobs import Writer
from fourflow.foundation.evidence.ports import Log
from fourflow.foundation.evidence.types import Result
from fourflow.foundation.parties.types import SYSTEM
from fourflow.platform import clock
from fourflow.platform.ids import encode

REQUESTS = "evidence-requests"


@pytest.mark.requirement("R395")
def test_evidence_is_asked_for_answered_and_taken_along_and_the_pack_proves_itself(
    world: World, tmp_path: Path
) -> None:
    log = LocalKey(b"k" * 32, "log.example/api")
    witness = LocalWitness("bank-a.example", log)
    writer = Writer(Log(signer=log, head=HeadFile(tmp_path / "head.txt"), witnesses=(witness,)), every=0)
    world.limit()
    voucher = world.accepted("1000.00")
    asked = world.regulator.post(REQUESTS, {**api_routes.ASKED, "about": voucher["id"]}, 201)
    path = f"{REQUESTS}/{asked['id']}"
    assert (asked["about"], asked["authority"], asked["entries"]) == (voucher["id"], "order 2014-88", [])
    assert world.operator.get(f"{REQUESTS}?state=open&about={voucher['id']}")["data"][0]["id"] == asked["id"]
    assert world.core.get(REQUESTS)["data"] == [], "who is looked into is nobody else's business"
    assert world.core.get(path, 404)["code"] == "insight.request_not_found"
    assert world.regulator.post(f"{path}/answer", {}, 403)["code"] == "party.not_permitted", "who asks does not answer"

    assert world.operator.post(f"{path}/answer", {}, 409)["code"] == "insight.nothing_numbered"
    assert writer.run_once().signed
    assert world.regulator.get(f"{path}/pack", 409)["code"] == "insight.request_open"
    answered = world.operator.post(f"{path}/answer", {"note": "complete"})
    assert answered["facts"] == len(answered["entries"]) > 0 and answered["note"] == "complete"
    assert world.operator.post(f"{path}/answer", {}, 409)["code"] == "insight.request_answered"
    unsigned = world.regulator.get(f"{path}/pack", 409)
    assert (unsigned["code"], unsigned["retryable"]) == ("evidence.not_yet_in_log", True)
    writer.run_once(at_once=True)

    with zipfile.ZipFile(io.BytesIO(world.regulator.get(f"{path}/pack"))) as file:
        manifest, answer = file.read("manifest.json"), file.read("answer.tlog-proof")
        facts = [name for name in file.namelist() if name.startswith("facts/")]
    assert world.regulator.last.headers["Content-Type"] == "application/zip"
    assert f'filename="evidence-{asked["id"]}.zip"' in world.regulator.last.headers["Content-Disposition"]
    policy = evidence.read_policy(f"log {log.vkey}\nwitness a {witness.vkey}\ngroup banks all a\nquorum banks\n")
    proven = evidence.verify(answer, policy)
    assert proven.result is Result.WITNESSED
    assert proven.disclosed["sha256"] == hashlib.sha256(manifest).hexdigest() == answered["sha256"]
    assert len(facts) == len(json.loads(manifest)["facts"]) == answered["facts"]
    told = world.regulator.get(f"events?subject={asked['id']}")["data"]
    assert [(one["type"], one["subject"]) for one in told] == [
        ("evidence.requested", asked["id"]),
        ("evidence.released", asked["id"]),
    ]


@pytest.mark.parametrize(
    "change, pointer",
    [
        ({"about": "hld_00000000000000000000000000"}, "/about"),
        ({"about": "vch_1"}, "/about"),
        ({"authority": " "}, "/authority"),
        ({"answer_by": "2014-03-02"}, "/answer_by"),
    ],
)
def test_a_request_for_evidence_that_cannot_be_names_its_field(
    world: World, change: dict[str, str], pointer: str
) -> None:
    refused = world.regulator.post(REQUESTS, {**api_routes.ASKED, "about": prt(world.cast.core), **change}, 422)
    assert (refused["code"], [one["pointer"] for one in refused["errors"]]) == ("insight.request_invalid", [pointer])
    assert world.regulator.get(REQUESTS)["data"] == []


@pytest.mark.requirement("R192")
@pytest.mark.requirement("R329")
def test_statistics_and_arrears_add_up_what_the_caller_may_see(world: World) -> None:
    world.limit()
    voucher = world.accepted("1000.00")
    found = world.regulator.get("statistics")
    assert found["vouchers"] == [
        {"state": "active", "count": 1, "face": money("1000.00"), "outstanding": money("1000.00")}
    ]
    assert found["terms"] == [{"band": "to3", "count": 1, "outstanding": money("1000.00")}]
    assert (found["financed"], found["costs"]) == ([], [])
    assert world.core.get("statistics", 403)["code"] == "party.not_permitted"
    assert world.supplier.get("overdue")["arrears"] == []

    due = parties.TODAY + timedelta(days=58)
    own = VoucherId(raw("voucher", voucher["id"]))
    vouchers.begin_maturity(voucher_id=own, effective_at=clock.instant_of(due))
    vouchers.mark_overdue(voucher_id=own, effective_at=clock.instant_of(due + timedelta(1)))
    clock.move_to(clock.instant_of(due + timedelta(40)))
    world.supplier.post(f"vouchers/{voucher['id']}/complaints", {"text": "nothing has arrived"}, 201)
    late = {
        "issuer_id": prt(world.cast.core),
        "bucket": "31-60",
        "count": 1,
        "outstanding": money("1000.00"),
        "oldest_due_on": due.isoformat(),
        "restricted_on": None,
    }
    for who in (world.supplier, world.core, world.funder, world.operator):
        seen = who.get("overdue")
        assert seen["arrears"] == [late]
        assert seen["months"] == [{"first": "2014-04-01", "expected": money("1000.00"), "paid": money("0.00")}]
    assert world.operator.get("overdue")["complaints"] == {"made": 1, "open": 1, "late": 0}
    assert world.operator.get("overdue?since=2014-05-01")["months"] == []
    broken, near = world.operator.get("alerts")["data"]
    assert (broken["rule"], broken["owner"], broken["is_near"]) == ("voucher_paid_when_due", "core", False)
    assert (broken["about"], broken["count"], broken["amount"]) == (prt(world.cast.core), 1, money("1000.00"))
    assert (near["rule"], near["about"], near["words"], near["is_near"]) == (
        "complaint_answered_in_time", voucher["id"], "nothing has arrived", True,
    )  # fmt: skip
    assert world.second.get("alerts")["data"] == []
    assert world.second.get("overdue")["arrears"] == [], "a stranger's vouchers are not there"

    vouchers.note_restricted(voucher_id=own, effective_at=clock.now(), today=due + timedelta(40))
    seen = world.operator.get("overdue")
    (barred,) = seen["stop_list"]
    assert (barred["party_id"], barred["source"], seen["financings"]) == (prt(world.cast.core), "overdue", [])
    assert barred["facts"] == {"due_on": due.isoformat()}
    number = barred["reference"]
    assert barred["reason"] == f"Voucher {number} is overdue since {due.isoformat()}."
    chinese = world.operator.call("GET", "/v1/overdue", HTTP_ACCEPT_LANGUAGE="zh-Hans")["stop_list"]
    assert [one["reason"] for one in chinese] == [f"数信 {number} 自 {due.isoformat()} 起逾期。"]
    assert world.operator.get("restrictions")["data"][0]["reason"] == barred["reason"]
    world.supplier.post(f"vouchers/{voucher['id']}/complaints", {"text": "still nothing"}, 201)
    first = world.operator.get("complaints?limit=1")
    second = world.operator.get(f"complaints?limit=1&cursor={first['next_cursor']}")
    assert {one["text"] for one in first["data"] + second["data"]} == {"nothing has arrived", "still nothing"}
    assert second["next_cursor"] is None and world.operator.get("exceptions?limit=1")["next_cursor"] is None
    page = world.operator.get("alerts?limit=1")
    rest = world.operator.get(f"alerts?limit=50&cursor={page['next_cursor']}")
    assert [one["rule"] for one in page["data"] + rest["data"]] == [broken["rule"], *[near["rule"]] * 2]
    assert rest["next_cursor"] is None and page["has_more"]
    assert world.operator.get("alerts?rule=complaint_answered_in_time")["data"] == rest["data"]
    assert world.operator.get("alerts?cursor=zzz", 422)["code"] == "page.invalid"
    debtor, nobody = prt(world.cast.core), prt(world.cast.funders[0])
    assert world.supplier.get(f"financings?obligor_id={debtor}&currency=USD")["data"] == []
    assert world.supplier.get(f"financings?obligor_id={nobody}")["data"] == []


def test_how_a_late_payment_and_a_late_answer_ended_is_told_to_whom_they_concerned(world: World) -> None:
    world.limit()
    voucher, due = world.accepted("1000.00"), parties.TODAY + timedelta(days=58)
    own = VoucherId(raw("voucher", voucher["id"]))
    vouchers.begin_maturity(voucher_id=own, effective_at=clock.instant_of(due))
    vouchers.mark_overdue(voucher_id=own, effective_at=clock.instant_of(due + timedelta(3)))  # noticed late
    clock.move_to(clock.instant_of(due + timedelta(40)))
    late = world.supplier.post(f"vouchers/{voucher['id']}/complaints", {"text": "nothing has arrived"}, 201)
    clock.move_to(clock.instant_of(due + timedelta(72)))
    answered = {"answer": "the core has been asked"}
    world.operator.post(f"complaints/{late['id']}/answer", answered)
    here = Company(world.cast).on(due + timedelta(73))
    for part in register.parts(actor=SYSTEM, voucher_id=own):
        here.redeem(part)
    clock.move_to(here.now)
    for who in (world.core, world.supplier, world.funder, world.operator, world.regulator):
        paid = who.get("alerts/ended")["data"][0]
        assert (paid["rule"], paid["ending"], paid["days_late"]) == ("voucher_paid_when_due", "paid", 73)
        assert (paid["about"], paid["owner"], paid["amount"]) == (voucher["id"], "core", money("1000.00"))
        assert (paid["since"], paid["ended_on"]) == ((due + timedelta(1)).isoformat(), here.day.isoformat())
    both = world.supplier.get("alerts/ended")["data"]
    assert [(one["rule"], one["days_late"], one["words"]) for one in both[1:]] == [
        ("complaint_answered_in_time", 2, late["text"])
    ]
    assert len(world.core.get("alerts/ended")["data"]) == 1, "a complaint is its maker's and the desk's"
    assert world.second.get("alerts/ended")["data"] == []
    one = world.supplier.get("alerts/ended?limit=1")
    assert [*one["data"], *world.supplier.get(f"alerts/ended?cursor={one['next_cursor']}")["data"]] == both
    day = here.day.isoformat()
    assert world.supplier.get(f"alerts/ended?ended[gte]={day}&ended[lte]=9999-12-31")["data"] == both[:1]
    assert world.supplier.get("alerts/ended?ended[lte]=0001-01-01")["data"] == []
    assert world.supplier.get("alerts/ended?rule=cash_placed")["data"] == []
    assert world.supplier.get("alerts/ended?cursor=zzz", 422)["code"] == "page.invalid"


def test_a_financing_that_its_debtor_did_not_pay_is_shown_to_whom_it_concerns(world: World) -> None:
    here = Company(world.cast)
    here.line("500000.00")
    settlement.register_bank(code="ALFA", name="Sandbox Bank Alfa")
    for firm in (here.core, *here.cast.suppliers, *here.cast.funders):
        account(firm, "ALFA")
    desk = Desk(here)
    asked = desk.requested(here.held("20000.00"), recourse=True)
    lent = desk.overdue(desk.paid_out_after(desk.says(asked, rate=str(asked.quote.annual_rate))))
    clock.move_to(clock.instant_of(lent.quote.due_on + timedelta(1)))
    late = {
        "id": encode("fin", lent.id),
        "funder_id": prt(here.funder),
        "applicant_id": prt(here.supplier()),
        "due_on": lent.quote.due_on.isoformat(),
        "recourse": True,
        "outstanding": money(str(lent.outstanding.decimal)),
    }
    assert lent.outstanding.minor > 0
    for who in (world.supplier, world.funder, world.operator, world.regulator):
        assert who.get("overdue")["financings"] == [late]
    assert world.second.get("overdue")["financings"] == []


@pytest.mark.requirement("R395")
def test_the_log_is_searched_and_events_are_compared_by_who_oversees(world: World) -> None:
    world.limit()
    voucher = world.accepted("1000.00")
    found = world.regulator.get(f"audit/events?subject={voucher['id']}&limit=200")["data"]
    assert [one["id"] for one in reversed(found)] == [
        one["id"] for one in world.regulator.get(f"events?subject={voucher['id']}")["data"]
    ]
    accepted = next(one for one in found if one["type"] == "voucher.accepted")
    assert accepted["organisation_id"] == prt(world.cast.suppliers[0])
    assert accepted["done_by"].startswith("acc_") and accepted["request_id"]
    again = world.operator.get(f"audit/events?request_id={accepted['request_id']}")["data"]
    assert accepted in again and {one["request_id"] for one in again} == {accepted["request_id"]}
    own = world.operator.get(f"audit/events?done_by={accepted['done_by']}&type=voucher&limit=200")["data"]
    assert accepted in own and all(one["done_by"] == accepted["done_by"] for one in own)
    day = f"at[gte]={accepted['time'][:10]}&type=voucher.accepted"
    assert accepted in world.operator.get(f"audit/events?{day}")["data"]
    number = voucher["number"]
    spoken = world.operator.get(f"audit/events?q={number}&limit=200")["data"]
    assert spoken and all(number in json.dumps(one["data"]) for one in spoken)
    first = world.operator.get("audit/events?limit=3")
    second = world.operator.get(f"audit/events?limit=3&cursor={first['next_cursor']}")
    assert not {one["id"] for one in first["data"]} & {one["id"] for one in second["data"]}
    assert world.operator.get("audit/events?at[lte]=2001-01-01")["data"] == []
    assert world.core.get("audit/events", 403)["code"] == "party.not_permitted"

    changes = world.supplier.get(f"events/{accepted['id']}/changes")
    assert changes["against"] == found[found.index(accepted) + 1]["id"]
    since = world.supplier.get(f"events/{accepted['id']}/changes?against={found[-1]['id']}")
    assert {one["path"] for one in changes["changes"]} <= {one["path"] for one in since["changes"]}
    wrong = world.supplier.get(f"events/{accepted['id']}/changes?against={'evt_' + '0' * 26}", 404)
    assert wrong["code"] == "evidence.event_not_found"
    assert world.second.get(f"events/{accepted['id']}/changes", 404)["code"] == "evidence.event_not_found"
