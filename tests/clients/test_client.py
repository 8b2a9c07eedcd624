"""The Python client against answers that go wrong in every way a network can."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fourflow_client import Client, Conflict, InvalidInput, NotFound, RateLimited, ServerError, Unreachable

Reply = Callable[[httpx.Request], httpx.Response]


class Line:
    """A server that gives prepared answers in turn and remembers what it was asked."""

    def __init__(self, *replies: Reply | httpx.Response | Exception) -> None:
        self.replies, self.asked, self.waited = list(replies), [], []

    def client(self, **options: Any) -> Client:
        transport = httpx.MockTransport(self.answer)
        return Client("http://scf.example/v1/", token="t", http=transport, sleep=self.waited.append, **options)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, httpx.Response) else reply(request)

    @property
    def keys(self) -> set[str]:
        return {request.headers["Idempotency-Key"] for request in self.asked}


def refusal(status: int, code: str, **more: Any) -> httpx.Response:
    body = {"status": status, "code": code, "title": "t", "detail": "d", "request_id": "r", **more}
    headers = {"Content-Type": "application/problem+json", **more.pop("headers", {})}
    return httpx.Response(status, content=json.dumps(body), headers=headers)


DONE = httpx.Response(201, json={"id": "clm_1"}, headers={"Idempotent-Replayed": "true", "ETag": '"e"'})


def test_a_write_is_sent_again_under_the_same_key_until_it_is_answered() -> None:
    busy = refusal(409, "idempotency.still_running", retryable=True)
    line = Line(httpx.ReadTimeout("late"), httpx.Response(502), busy, DONE)
    answer = line.client().post("claims", {"scheme": "po_asn"})
    assert answer.body == {"id": "clm_1"} and answer.replayed and answer.etag == '"e"'
    assert len(line.asked) == 4 and len(line.keys) == 1 and len(line.waited) == 3
    assert [request.content for request in line.asked] == [line.asked[0].content] * 4


def test_two_writes_have_two_keys_and_a_given_key_is_kept() -> None:
    line = Line(DONE, DONE, DONE)
    client = line.client()
    client.post("claims")
    client.post("claims")
    client.post("claims", key="mine")
    assert len(line.keys) == 3 and line.asked[2].headers["Idempotency-Key"] == "mine"


def test_waiting_grows_and_obeys_the_server() -> None:
    told = httpx.Response(429, headers={"Retry-After": "7"})
    line = Line(httpx.Response(503), httpx.Response(503), told, httpx.Response(200, json={}))
    line.client(pause=1.0).get("session")
    first, second, third = line.waited
    assert 0.5 <= first <= 1.0 and 1.0 <= second <= 2.0 and third == 7.0


def test_after_all_attempts_the_key_says_what_to_ask_for() -> None:
    line = Line(*[httpx.ConnectError("no route")] * 2)
    with pytest.raises(Unreachable) as lost:
        line.client(attempts=2).post("claims")
    assert {lost.value.key} == line.keys
    with pytest.raises(ServerError):
        Line(httpx.Response(500, text="<html>")).client().get("session")
    with pytest.raises(RateLimited):
        Line(refusal(429, "rate.exceeded")).client(attempts=1).get("session")


@pytest.mark.parametrize(
    "status, code, kind",
    [(404, "object.not_found", NotFound), (409, "claim.in_use", Conflict), (422, "input.invalid", InvalidInput)],
)
def test_a_refusal_is_a_type_and_is_not_repeated(status: int, code: str, kind: type[Exception]) -> None:
    error = {"pointer": "/amount", "code": "money.malformed", "detail": "x"}
    line = Line(refusal(status, code, errors=[error]))
    with pytest.raises(kind) as refused:
        line.client().post("claims")
    problem = refused.value.problem  # type: ignore[attr-defined]
    assert problem.code == code and problem.errors[0].pointer == "/amount" and len(line.asked) == 1


def test_a_list_is_read_page_after_page_only_as_far_as_it_is_needed() -> None:
    first = httpx.Response(200, json={"data": [1, 2], "has_more": True, "next_cursor": "c"})
    last = httpx.Response(200, json={"data": [3], "has_more": False, "next_cursor": None})
    line = Line(first, last)
    rows = line.client().pages("vouchers", state="active", limit=2)
    assert [next(rows), next(rows)] == [1, 2] and len(line.asked) == 1
    assert list(rows) == [3]
    assert dict(line.asked[1].url.params) == {"state": "active", "limit": "2", "cursor": "c"}


def test_a_feed_ends_where_nothing_has_happened_yet() -> None:
    begun = httpx.Response(200, json={"data": [1], "has_more": True, "next_cursor": "c"})
    nothing = httpx.Response(200, json={"data": [], "has_more": True, "next_cursor": "c"})
    assert list(Line(begun, nothing).client().events()) == [1]


def test_a_feed_goes_on_where_it_was_left() -> None:
    pages = [{"data": [2], "next_cursor": "c2"}, {"data": [], "next_cursor": "c2"}]
    line = Line(*(httpx.Response(200, json=page) for page in pages))
    assert list(line.client().events("c1")) == [2]
    assert [request.url.params["cursor"] for request in line.asked] == ["c1", "c2"]


def test_nothing_is_signed_that_the_person_turns_down() -> None:
    line = Line(httpx.Response(200, json={"content": {}, "content_digest": "0", "terms_version": "1"}))
    with pytest.raises(PermissionError):
        line.client().sign("x/content", "x/accept", password="p", show=lambda content: False)
    assert len(line.asked) == 1


def test_every_request_says_the_version_the_client_was_written_for() -> None:
    line = Line(httpx.Response(200, json={}))
    line.client(language="zh").get("session")
    sent = line.asked[0].headers
    assert (sent["Fourflow-Version"], sent["Accept-Language"], sent["Authorization"]) == (
        "2026-12-01",
        "zh",
        "Bearer t",
    )


def test_headers_of_what_any_method_was_answered_are_at_hand_also_of_a_refusal() -> None:
    told = {"RateLimit": '"default";r=42;t=17', "X-Request-Id": "req-1"}
    client = Line(
        httpx.Response(200, json={"id": "vch_1"}, headers=told),
        refusal(404, "object.not_found", headers={"X-Request-Id": "req-2"}),
    ).client()
    assert client.last_response is None
    assert client.vouchers.get("vch_1") == {"id": "vch_1"}
    seen = client.last_response
    assert seen is not None and (seen.status, seen.request_id) == (200, "req-1")
    assert seen.headers["ratelimit"] == '"default";r=42;t=17'
    with pytest.raises(NotFound):
        client.vouchers.get("vch_2")
    assert client.last_response is not None and client.last_response.status == 404
