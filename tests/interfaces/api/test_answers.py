"""What answers look like: problems with pointers, languages, pages, headers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.builders import api, parties
from tests.builders.api import PASSWORD, Session, World, money, prt
from tests.builders.documents import scms_file, scms_row

from fourflow.foundation.evidence.operations import advance


def pointers(problem: dict[str, Any]) -> dict[str, str]:
    return {error["pointer"]: error["code"] for error in problem["errors"]}


def test_every_wrong_field_is_named_by_its_pointer(world: World) -> None:
    wrong = {
        "scheme": "poem",
        "parts": {"order": 7},
        "debtor_id": "vch_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "amount": {"amount": 12.5, "currency": "USD"},
        "documents": [{"kind": "order"}],
        "surprise": 1,
    }
    problem = world.core.post("claims", wrong, 422)
    assert world.core.last.headers["Content-Type"] == "application/problem+json"
    assert pointers(problem) == {
        "/scheme": "input.not_a_choice",
        "/parts/order": "input.not_text",
        "/debtor_id": "id.malformed",
        "/creditor_id": "input.missing",
        "/amount": "money.malformed",
        "/documents/0/number": "input.missing",
        "/surprise": "input.unknown_field",
    }


@pytest.mark.parametrize("amount", ["1,000.00", "1e3", "12.345", "NaN", "", "１２", "1_000", " ", "9" * 30, "-"])
def test_an_amount_is_a_plain_decimal_string(world: World, amount: str) -> None:
    terms = {"core_id": prt(world.cast.core), "sanctioned": money(amount), "valid_from": "2014-03-03", "source": "s"}
    assert pointers(world.funder.post("limits/proposals", terms, 422)) == {"/sanctioned": "money.malformed"}


@pytest.mark.parametrize("currency", ["XXX", "usd", "", "US$"])
def test_an_unknown_currency_is_refused(world: World, currency: str) -> None:
    money_ = money("1.00", currency)
    terms = {"core_id": prt(world.cast.core), "sanctioned": money_, "valid_from": "2014-03-03", "source": "s"}
    assert pointers(world.funder.post("limits/proposals", terms, 422)) == {"/sanctioned": "money.unknown_currency"}


def test_a_rule_of_the_house_names_the_field_too(world: World) -> None:
    world.limit()
    request = world.plan(world.payable(), due_on="2014-03-02")
    problem = world.core.post("vouchers/plan", request, 422, key=None)
    assert pointers(problem) == {"/due_on": "voucher.due_date_invalid"}
    assert problem["params"]["value"] == "2014-03-02"


@pytest.mark.parametrize("body", ["{", "[]", "null", '"x"', "\xff", '{"a": NaN}'])
def test_what_is_no_json_object_is_refused(world: World, body: str) -> None:
    world.core.call("POST", "claims", body)
    assert world.core.status in (400, 422)


def test_control_characters_are_refused(world: World) -> None:
    path = f"vouchers/{api.encode('vch', world.cast.core.id)}/reject"
    problem = world.supplier.post(path, {"reason": "a\u0000b"}, 422)
    assert pointers(problem) == {"/reason": "input.control_character"}


def test_words_follow_the_callers_language_and_codes_do_not(world: World) -> None:
    english, chinese = Session(language="en"), Session(language="zh-CN")
    given = {"email": "maker@core.example", "password": "wrong"}
    first, second = (session.post("tokens", given, 401, key=None) for session in (english, chinese))
    assert first["code"] == second["code"] == "session.refused"
    assert first["detail"].startswith("Address") and second["detail"] == "邮箱、密码或机构有误。"
    assert second["title"] == "请先登录"


def test_a_request_has_a_number_that_its_problem_repeats(world: World) -> None:
    world.core.call("GET", "vouchers/vch_x", HTTP_X_REQUEST_ID="caller-0001")
    assert world.core.last.headers["X-Request-Id"] == "caller-0001"
    assert world.core.last.json()["request_id"] == "caller-0001"
    world.core.call("GET", "vouchers/vch_x", HTTP_X_REQUEST_ID="<script>")
    assert world.core.last.json()["request_id"] != "<script>"


@pytest.mark.parametrize("sort", ["", "amount", "-amount", "-due"])
def test_a_list_goes_on_by_cursor_until_all_is_seen_in_any_order(world: World, sort: str) -> None:
    for amount in ("30.00", "10.00", "20.00", "10.00", "50.00"):
        world.payable(amount)
    seen: list[str] = []
    amounts: list[Decimal] = []
    path = f"payables?limit=2&state=confirmed&sort={sort}"
    for _ in range(3):
        found = world.core.get(path)
        seen += [row["id"] for row in found["data"]]
        amounts += [Decimal(row["amount"]["amount"]) for row in found["data"]]
        assert found["has_more"] is (found["next_cursor"] is not None)
        if found["has_more"]:
            link = world.core.last.headers["Link"]
            assert link.endswith('; rel="next"')
            parts = urlsplit(link[1 : link.index(">")])
            path = f"{parts.path}?{parts.query}"
    assert len(seen) == len(set(seen)) == 5 and not found["has_more"]
    if "amount" in sort:
        assert amounts == sorted(amounts, reverse=sort.startswith("-"))
    assert world.core.get("payables?sort=remaining", 422)["code"] == "page.invalid"


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=%00", "cursor=abc", "due[gte]=soon"])
@pytest.mark.parametrize("path", ["vouchers"])
def test_a_page_that_a_list_does_not_have_is_refused(world: World, path: str, query: str) -> None:
    assert world.core.get(f"{path}?{query}", 422)["errors"]


def test_a_filter_that_a_list_does_not_have_is_refused_and_does_not_show_everything(world: World) -> None:
    world.limit()
    draft, offered = world.draft("10.00"), world.offered("20.00")
    assert {one["id"] for one in world.core.get("vouchers?state=draft,offered")["data"]} == {draft["id"], offered["id"]}
    assert [one["id"] for one in world.core.get("vouchers?state=offered")["data"]] == [offered["id"]]
    for path in ("vouchers", "payables", "holdings", "financings", "payments"):
        wrong = world.core.get(f"{path}?state=draft,paid", 422)
        assert [one["code"] for one in wrong["errors"]] == ["input.not_a_choice"] * len(wrong["errors"]), path
        refused = world.core.get(f"{path}?status=draft", 422)
        assert refused["code"] == "input.unknown_parameter" and refused["params"]["parameter"] == "status"
        assert "state" in refused["params"]["expected"]


def test_a_list_refuses_the_cursor_of_another_order(world: World) -> None:
    world.limit()
    for _ in range(2):
        world.draft("10.00")
    cursor = world.core.get("vouchers?limit=1")["next_cursor"]
    assert world.core.get(f"vouchers?sort=face&cursor={cursor}", 422)["code"] == "page.invalid"


def test_everything_says_that_it_is_a_sandbox(world: World) -> None:
    world.limit()
    voucher = world.draft()
    assert voucher["livemode"] is False
    assert [p["kind"] for p in voucher["pending_approvals"]] == ["voucher.issue"]
    assert world.core.get("vouchers")["data"] == [voucher]
    assert all(line["livemode"] is False for line in world.core.get("limits")["data"])


def test_a_taken_document_is_refused_without_a_word_about_who_took_it(world: World) -> None:
    core, parts = prt(world.cast.core), {"number": "24312345678901234567"}
    claim = {"scheme": "invoice_cn", "parts": parts, "debtor_id": core, "amount": money("5.00")}
    world.supplier.post("claims", {**claim, "creditor_id": prt(world.cast.supplier)}, 201)
    refused = world.second.post("claims", {**claim, "creditor_id": prt(world.cast.suppliers[1])}, 409)
    assert refused["code"] == "claim.in_use" and refused["params"] == {} and refused["errors"] == []
    assert prt(world.cast.supplier) not in str(refused)


def test_a_wrong_method_and_an_unknown_address_are_no_server_errors(world: World) -> None:
    world.core.call("DELETE", "vouchers")
    assert world.core.status == 405
    assert world.core.get("nothing-here", 404)["code"] == "object.not_found"


def test_a_wrong_password_never_comes_back(world: World) -> None:
    answer = str(Session().post("tokens", {"email": 1, "password": "s3cret-s3cret"}, 422, key=None))
    assert "s3cret" not in answer
    assert PASSWORD not in str(world.core.post("claims", {"password": PASSWORD}, 422))


def test_the_day_of_the_sandbox_is_the_day_of_the_books(world: World) -> None:
    world.limit()
    assert world.draft()["issued_on"] == parties.TODAY.isoformat()


def test_a_file_is_tried_received_and_taken_over(world: World) -> None:
    day = {"Delivery Recorded Date": "2014-03-03"}
    bad = {"ID": "2", "PO / SO #": "SCMS-2", "ASN/DN #": "ASN-2", "Line Item Value": "-1"}
    content = scms_file([scms_row(**day), scms_row(**{**day, **bad})])
    tried = world.core.upload("imports/preview", content)
    assert tried["counts"]["rows_read"] == 2 and tried["counts"]["rows_refused"] == 1, tried
    assert world.core.get("imports")["data"] == []
    received = world.core.upload("imports", content, 202)
    assert received["state"] == "received" and world.core.last.headers["Location"].endswith(received["id"])
    path = f"imports/{received['id']}"
    done = world.core.post(f"{path}/continue", {})
    assert done["state"] == "done" and done["counts"]["orders"] == 1
    assert b"SCMS-2" in world.core.get(f"{path}/files/rejects")
    assert [row["number"] for row in world.core.get("orders")["data"]] == ["SCMS-1"]
    order = world.core.get("orders/" + world.core.get("orders")["data"][0]["id"])
    assert order["document"]["lines"][0]["quantity"] == "100" and order["import_id"] == received["id"]
    world.second.get(path, 404)
    world.core.upload("imports", content, 409)
    assert world.core.upload("imports", content, 422, source="poem")["code"] == "import.source_unknown"


def test_what_is_left_of_a_file_is_told_once_three_steps_were_made(world: World) -> None:
    day = {"Delivery Recorded Date": "2014-03-03"}
    rows = [scms_row(**{**day, "ID": str(number), "PO / SO #": f"SCMS-{number}"}) for number in range(1, 6)]
    path = f"imports/{world.core.upload('imports', scms_file(rows), 202)['id']}"
    told = [world.core.post(f"{path}/continue", {"orders": 1})["time_left_seconds"] for _step in range(5)]
    assert told[:2] == [None, None] and told[4] is None
    assert all(isinstance(one, int) and one >= 0 for one in told[2:4])


def test_the_files_handed_in_go_on_by_cursor_the_latest_first(world: World) -> None:
    handed_in = [
        world.core.upload("imports", scms_file([scms_row(**{"PO / SO #": f"SCMS-{number}"})]), 202)["id"]
        for number in range(3)
    ]
    first = world.core.get("imports?limit=2")
    assert [one["id"] for one in first["data"]] == [handed_in[2], handed_in[1]] and first["has_more"]
    assert f"cursor={first['next_cursor']}" in world.core.last.headers["Link"]
    rest = world.core.get(f"imports?limit=2&cursor={first['next_cursor']}")
    assert [one["id"] for one in rest["data"]] == [handed_in[0]]
    assert (rest["has_more"], rest["next_cursor"]) == (False, None)
    assert world.core.get("imports?cursor=abc", 422)["code"] == "page.invalid"
    assert world.second.get("imports")["data"] == []


def test_an_event_has_its_proof_once_the_log_has_it(world: World) -> None:
    world.limit()
    voucher = world.draft()
    found = world.core.get(f"events?subject={voucher['id']}")["data"]
    assert [(event["type"], event["subject"]) for event in found] == [("voucher.drafted", voucher["id"])]
    assert "signature" not in found[0]["data"] and found[0]["data"]["issuer_id"] == prt(world.cast.core)
    assert world.core.get(f"events/{found[0]['id']}/evidence", 409)["retryable"] is True
    assert world.core.get(f"events/{found[0]['id']}/stage")["stage"] == "recorded"
    advance()
    feed = world.core.get("events?limit=1")
    assert feed["has_more"] and feed["data"][0]["position"] is not None
    seen = [event["id"] for event in world.core.get("events?limit=200")["data"]]
    assert found[0]["id"] in seen
    assert found[0]["id"] not in [event["id"] for event in world.second.get("events?limit=200")["data"]]


def test_a_book_is_read_by_its_owner_and_adds_up(world: World) -> None:
    world.limit()
    world.accepted("1000.00")
    books = {book["code"] for book in world.core.get("ledger/books")["data"]}
    assert books and all(code.endswith(prt(world.cast.core)) for code in books)
    for code in books:
        lines = world.core.get(f"ledger/books/{code}/trial-balance")["lines"]
        total = sum(Decimal(line["net"]["amount"]) for line in lines)
        assert total == 0
        line = lines[0]
        other = f"&counterparty={line['counterparty']}" if line["counterparty"] else ""
        path = f"ledger/books/{code}/statement?chart_code={line['chart_code']}&currency={line['currency']}{other}"
        assert world.core.get(path)["closing"] == line["net"]
        assert world.core.get(f"ledger/books/{code}/journal.csv").count(b"\r\n") > 2
        world.second.get(path, 404)


def test_what_a_refusal_names_is_named_by_the_apis_identifier(world: World) -> None:
    payable = world.payable()
    terms = {"claim_id": payable["claim_id"], "amount": payable["amount"], "due_date": payable["due_date"]}
    refused = world.core.post("payables", {**terms, "delivered_on": parties.TODAY.isoformat()}, 409)
    assert (refused["code"], refused["params"]) == ("claim.payable_exists", {"claim": payable["claim_id"]})
