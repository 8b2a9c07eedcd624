"""What holds for every address: versions, rates, states to insist on, what answers bring along, problems everywhere."""

from __future__ import annotations

import multiprocessing
import os
from signal import SIGKILL
from typing import Any

import pytest
from django.test import Client
from tests.builders import api, api_routes
from tests.builders.api import World, prt

from fourflow.interfaces.api.api import api as built
from fourflow.interfaces.api.rates import Windows
from fourflow.platform.events.operations import sequence

PROBLEM = "application/problem+json"


def test_every_answer_says_its_version_and_an_unknown_version_is_refused_before_anything_is_done(world: World) -> None:
    world.core.call("GET", "session")
    assert world.core.last.headers["Fourflow-Version"] == "2026-12-01"
    world.core.call("GET", "session", HTTP_FOURFLOW_VERSION="2026-12-01")
    assert world.core.status == 200
    proposal = {"key": "k", "value": 1, "valid_from": "2014-04-01", "source": "s"}
    for version in ("2019-01-01", "latest", ""):
        problem = world.operator.call("POST", "parameters", proposal, HTTP_FOURFLOW_VERSION=version)
        assert world.operator.status == 400 and problem["code"] == "version.unknown"
        assert problem["params"]["expected"] == ["2026-12-01"]
        assert world.operator.last.headers["Fourflow-Version"] == "2026-12-01"


@pytest.mark.parametrize("language, title", [("en", "This address has no such method"), ("zh", "该地址不支持此方法")])
def test_a_wrong_method_is_a_problem_in_the_callers_language(db: None, language: str, title: str) -> None:
    session = api.Session(language=language)
    problem = session.call("DELETE", "vouchers")
    assert session.status == 405 and session.last.headers["Content-Type"] == PROBLEM
    assert session.last.headers["Allow"] == "GET, POST"
    assert problem["title"] == title and problem["code"] == "request.method_not_allowed"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_what_is_not_there_is_a_problem_whatever_the_method(db: None, method: str) -> None:
    session = api.Session()
    problem = session.call(method, "no/such/thing")
    assert session.status == 404 and session.last.headers["Content-Type"] == PROBLEM
    assert problem["code"] == "object.not_found" and problem["request_id"] == session.last.headers["X-Request-Id"]


def test_a_body_that_is_not_sent_as_json_is_not_read(world: World) -> None:
    headers = {"HTTP_AUTHORIZATION": f"Bearer {world.core.token}", "HTTP_IDEMPOTENCY_KEY": "k"}
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = Client().generic("POST", "/v1/claims", "{}", content_type=kind, **headers)
        assert answer.status_code == 415 and answer["Accept"] == "application/json"
    answer = Client().generic("POST", "/v1/vouchers/batches/plan", "{}", content_type="application/json", **headers)
    assert answer.status_code == 415 and answer["Accept"] == "multipart/form-data"
    assert answer.json()["code"] == "request.media_type"


def test_a_body_that_is_too_large_is_not_read(world: World, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    problem = world.core.post("claims", {"scheme": "x" * 2000}, 413)
    assert problem["code"] == "input.too_large" and world.core.last.headers["Content-Type"] == PROBLEM


def test_a_host_that_is_not_ours_is_told_so_as_a_problem(db: None) -> None:
    answer = Client().get("/v1/session", HTTP_HOST="evil.example")
    assert answer.status_code == 400 and answer["Content-Type"] == PROBLEM
    assert answer.json()["code"] == "request.unreadable"


def test_a_client_over_its_quota_waits_and_others_do_not(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(built.throttle, "windows", Windows())  # nobody has asked for anything yet
    world.core.token, other = api.sign_in(world.cast.core, "checker").token, world.supplier
    settings.API_QUOTA = (2, 60)
    for left in (1, 0):
        world.core.get("session")
        assert world.core.last.headers["RateLimit-Policy"] == '"default";q=2;w=60'
        assert world.core.last.headers["RateLimit"].startswith(f'"default";r={left};t=')
    problem = world.core.get("session", 429)
    assert problem["code"] == "rate.exceeded" and problem["retryable"] is True
    wait = int(world.core.last.headers["Retry-After"])
    assert 1 <= wait <= 60 and world.core.last.headers["RateLimit"] == f'"default";r=0;t={wait}'
    other.get("session")


def test_behind_a_proxy_each_address_without_a_token_has_its_own_window(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(built.throttle, "windows", Windows())
    settings.API_QUOTA, settings.BEHIND_PROXY = (2, 60), True

    def status(forwarded: str) -> int:
        answer = Client().post("/v1/tokens", "{}", content_type="application/json", HTTP_X_FORWARDED_FOR=forwarded)
        return answer.status_code

    assert [status(f"10.9.9.{n}, 203.0.113.1") for n in range(3)].index(429) == 2
    assert status("203.0.113.2") != 429


def test_a_window_begins_with_the_first_request_and_is_forgotten_after_its_end() -> None:
    now = [0.0]
    windows = Windows(seconds=lambda: now[0])
    assert [windows.take("a", 2, 60).is_exceeded for _ in range(3)] == [False, False, True]
    now[0] = 59.5
    assert windows.take("a", 2, 60).resets_in == 1
    assert windows.take("b", 2, 60).remaining == 1
    now[0] = 60.0
    rate = windows.take("a", 2, 60)
    assert (rate.remaining, rate.resets_in, rate.is_exceeded) == (1, 60, False)


def test_processes_of_one_site_count_together() -> None:
    windows, forked = Windows(), multiprocessing.get_context("fork")

    def ask() -> None:
        for _ in range(200):
            windows.take("a", 1000, 60)

    several = [forked.Process(target=ask) for _ in range(3)]
    for one in several:
        one.start()
    for one in several:
        one.join()
    assert windows.take("a", 1000, 60).remaining == 1000 - 3 * 200 - 1


def test_a_process_that_is_killed_while_it_counts_stops_nobody() -> None:
    here = os.getpid()
    windows = Windows(seconds=lambda: 0.0 if os.getpid() == here else os.kill(os.getpid(), SIGKILL) or 0.0)
    other = multiprocessing.get_context("fork").Process(target=windows.take, args=("a", 10, 60))
    other.start()
    other.join()
    assert other.exitcode == -SIGKILL and windows.take("a", 10, 60).remaining == 9


def test_more_clients_than_there_are_places_are_all_served() -> None:
    windows = Windows(seconds=lambda: 1.0)
    rates = [windows.take(f"client-{number}", 5, 60) for number in range(20_000)]
    assert not any(rate.is_exceeded for rate in rates)
    assert windows.take("client-19999", 5, 60).remaining == 3


def test_a_write_happens_only_in_the_state_that_was_read_where_the_caller_insists(world: World) -> None:
    world.limit()
    path = f"vouchers/{world.draft()['id']}"
    world.core.get(path)
    read = world.core.last.headers["ETag"]
    world.core.get(path)
    assert world.core.last.headers["ETag"] == read
    refused = world.core_checker.call(
        "POST", f"{path}/check", {"verdict": "reject", "reason": "r"}, HTTP_IF_MATCH='"x"'
    )
    assert world.core_checker.status == 412 and refused["code"] == "precondition.failed"
    assert world.core.get(path)["state"] == "draft"
    body = {"verdict": "reject", "reason": "the amount is wrong"}
    world.core_checker.call("POST", f"{path}/check", body, key="once", HTTP_IF_MATCH=f'"x", W/{read}')
    assert world.core_checker.status == 200
    assert world.core_checker.last.headers["ETag"] != read
    world.core_checker.call("POST", f"{path}/check", body, key="once", HTTP_IF_MATCH=read)
    assert world.core_checker.status == 200, "a repeat is answered as before, whatever the object has become"
    world.core.call("POST", "claims", {}, HTTP_IF_MATCH=read)
    assert world.core.status == 422


def test_a_declaration_is_replaced_only_by_who_has_read_it(world: World) -> None:
    made = world.operator.post("applications", api_routes.APPLICATION, 201)
    path = f"applications/{made['id']}"
    assert world.operator.last.headers["ETag"]
    changed = {**api_routes.APPLICATION, "name": "Newcomer Limited"}
    assert world.operator.post(f"{path}/revise", changed, 428)["code"] == "precondition.required"
    world.operator.get(path)
    read = world.operator.last.headers["ETag"]
    first = world.operator.call("POST", f"{path}/revise", changed, HTTP_IF_MATCH=read)
    assert world.operator.status == 200 and first["declaration"]["name"] == "Newcomer Limited"
    late = world.operator.call("POST", f"{path}/revise", api_routes.APPLICATION, HTTP_IF_MATCH=read)
    assert world.operator.status == 412 and late["code"] == "precondition.failed"
    assert world.operator.get(path)["declaration"]["name"] == "Newcomer Limited"


def test_an_answer_brings_along_what_is_asked_for_and_what_may_be_seen(world: World) -> None:
    world.limit()
    voucher = world.accepted("1000.00")
    path = f"vouchers/{voucher['id']}"
    plain = world.supplier.get(path)
    tag = world.supplier.last.headers["ETag"]
    assert "expanded" not in plain
    found = world.supplier.get(f"{path}?expand=issuer,payable.creditor&expand[]=claim")
    assert world.supplier.last.headers["ETag"] == tag, "the state is the object's, not that of what it brings along"
    brought = found.pop("expanded")
    assert found == plain
    assert set(brought) == {plain["issuer_id"], plain["payable_id"], plain["receiver_id"], plain["claim_id"]}
    assert brought[plain["issuer_id"]]["name"] and brought[plain["payable_id"]]["amount"] == plain["face"]

    rows = world.supplier.get("vouchers?expand=issuer,receiver")
    assert set(rows["expanded"]) == {plain["issuer_id"], plain["receiver_id"]}
    part = world.transfer(world.holding_of(voucher), "400.00", world.cast.suppliers[1])
    seen = world.second.get(f"holdings/{part['id']}?expand=voucher.claim,receiver,parent")["expanded"]
    assert prt(world.cast.suppliers[1]) in seen and voucher["id"] in seen
    for path, other in (("claims", voucher["claim_id"]), ("holdings", part["parent_id"])):
        world.second.call("GET", f"{path}/{other}")
        assert (other in seen) is (world.second.status == 200), "nothing comes along that may not be read by itself"


@pytest.mark.parametrize("expand", ["nothing", "issuer.payable.claim", "payable_id", "issuer,secret"])
def test_what_an_answer_does_not_refer_to_is_refused(world: World, expand: str) -> None:
    world.limit()
    problem = world.core.get(f"vouchers/{world.draft()['id']}?expand={expand}", 422)
    assert problem["code"] == "expand.unknown" and "issuer" in problem["params"]["expected"]
    assert world.core.get("vouchers?expand=payable", 422)["params"]["expected"] == ["funder", "issuer", "receiver"]


def test_a_kind_of_event_that_nobody_publishes_is_refused_instead_of_waited_for(world: World) -> None:
    world.limit()
    sequence()
    for session, address in ((world.core, "events"), (world.operator, "audit/events")):
        problem = session.call("GET", f"{address}?type=voucher.accepted,voucher.acepted")
        assert session.status == 422 and problem["code"] == "input.not_a_choice", address
        assert problem["params"]["value"] == "voucher.acepted"
        families = [session.get(f"{address}?type={word}&limit=200")["data"] for word in ("limit", "limit.*")]
        assert families[0] == families[1] and {one["type"].partition(".")[0] for one in families[0]} == {"limit"}


def test_firms_are_read_page_after_page_in_the_order_of_their_names(world: World) -> None:
    seen, address = [], "parties?limit=2"
    while address:
        found = world.operator.get(address)
        seen += found["data"]
        link = world.operator.last.headers.get("Link", "")
        address = "parties?" + link.partition("?")[2].partition(">")[0] if found["has_more"] else ""
    assert len(seen) == len({row["id"] for row in seen}) == len(world.operator.get("parties?limit=200")["data"]) > 4
    assert seen == world.operator.get("parties?limit=200")["data"]
    assert [row["id"] for row in world.operator.get("parties?role=core&limit=1")["data"]] == [prt(world.cast.core)]


def test_restrictions_and_consents_are_read_page_after_page(world: World) -> None:
    bar = {"party_id": prt(world.cast.suppliers[1]), "bars": "issue", "source": "operator", "reason": "r"}
    leave = {"to_party_id": prt(world.cast.funder), "valid_from": "2014-03-03", "valid_to": "2014-12-31"}
    checker = api.sign_in(world.cast.supplier, "checker")
    for path, who, bodies in (
        ("restrictions", world.operator, [{**bar, "reference": f"r{n}"} for n in range(3)]),
        ("consents", checker, [{**leave, "purpose": f"p{n}", "authorisation_number": f"A-{n}"} for n in range(3)]),
    ):
        made = [who.post(path, body, 201)["id"] for body in bodies]
        first = who.get(f"{path}?limit=2")
        assert first["has_more"] and [row["id"] for row in first["data"]] == made[:0:-1]
        assert [row["id"] for row in who.get(f"{path}?limit=2&cursor={first['next_cursor']}")["data"]] == made[:1]
