"""The client for tasks: the same as the one for threads, and many requests at once."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from fourflow_client import AsyncClient, Conflict, NotFound
from tests.builders.api import PASSWORD, World, money, prt
from tests.clients.loops import Site, in_a_loop
from tests.clients.test_client import Line, refusal


def answering(line: Line, **options: Any) -> AsyncClient:
    async def sleep(seconds: float) -> None:
        line.waited.append(seconds)

    http = httpx.MockTransport(line.answer)
    return AsyncClient("http://scf.example/v1/", token="t", http=http, sleep=sleep, **options)


def test_a_task_sends_a_write_again_under_the_same_key_until_it_is_answered() -> None:
    busy = refusal(409, "idempotency.still_running", retryable=True)
    line = Line(
        httpx.ReadTimeout("late"),
        httpx.Response(503, headers={"Retry-After": "7"}),
        busy,
        httpx.Response(201, json={"id": "clm_1"}),
    )
    claim = in_a_loop(answering(line).claims.register(scheme="po_asn"))
    assert claim == {"id": "clm_1"} and len(line.asked) == 4 and len(line.keys) == 1
    assert len(line.waited) == 3 and line.waited[1] == 7.0


def test_requests_at_once_have_keys_of_their_own_and_each_task_its_own_last_response() -> None:
    met: list[str] = []

    async def late(request: httpx.Request) -> httpx.Response:
        """Nobody is answered before everybody has asked; who asked first is answered last."""
        met.append(request.headers.get("Idempotency-Key", ""))
        mine = len(met)
        while len(met) < 3:
            await asyncio.sleep(0)
        for _ in range(10 * (3 - mine)):
            await asyncio.sleep(0)
        name = request.url.path.rpartition("/")[2]
        return httpx.Response(200, json={"id": name}, headers={"X-Request-Id": f"req-{name}"})

    async def seen(client: AsyncClient, voucher: str) -> tuple[str, str]:
        reached = await client.vouchers.reject(voucher, reason="x") if voucher == "reject" else None
        reached = reached or await client.vouchers.get(voucher)
        assert client.last_response is not None
        return reached["id"], client.last_response.request_id

    async def together() -> list[tuple[str, str]]:
        async with AsyncClient("http://scf.example/v1/", token="t", http=httpx.MockTransport(late)) as client:
            found = await asyncio.gather(*(seen(client, name) for name in ("a", "b", "reject")))
            assert client.last_response is None
            return found

    assert in_a_loop(together()) == [(name, f"req-{name}") for name in ("a", "b", "reject")]
    assert met[:2] == ["", ""] and met[2]


def test_a_list_is_read_page_after_page_by_async_for() -> None:
    pages = [{"data": [1, 2], "next_cursor": "c"}, {"data": [3], "next_cursor": None}]
    line = Line(*(httpx.Response(200, json=page) for page in pages))

    async def read() -> list[Any]:
        rows = answering(line).vouchers.list(state="active")
        assert [await anext(rows), await anext(rows)] == [1, 2] and len(line.asked) == 1
        return [row async for row in rows]

    assert in_a_loop(read()) == [3]
    assert dict(line.asked[1].url.params) == {"state": "active", "cursor": "c"}


def test_people_work_at_once_on_the_site_and_are_refused_as_types(world: World) -> None:
    core = world.cast.core
    claim = {
        "scheme": "po_asn",
        "parts": {"buyer": prt(core), "order": "PO-A", "delivery": "ASN-A"},
        "debtor_id": prt(core),
        "creditor_id": prt(world.cast.supplier),
        "amount": money("1000.00"),
        "documents": [{"kind": "delivery", "number": "ASN-A"}],
    }
    world.limit()
    voucher = world.offered()

    site = Site()

    def client() -> AsyncClient:
        return AsyncClient("http://testserver/v1/", http=httpx.MockTransport(site))

    async def work() -> None:
        async with (
            await client().sign_in(f"maker@{core.view.short_name.lower()}.example", PASSWORD) as maker,
            await client().sign_in(
                f"maker@{world.cast.supplier.view.short_name.lower()}.example", PASSWORD
            ) as supplier,
        ):
            once, again = await asyncio.gather(*(maker.claims.register(key="one", **claim) for _ in range(2)))
            assert once == again
            accepted, seen = await asyncio.gather(
                supplier.vouchers.accept(voucher["id"], password=PASSWORD), maker.vouchers.get(voucher["id"])
            )
            assert (accepted["id"], seen["number"]) == (voucher["id"], voucher["number"])
            assert [row["state"] async for row in maker.vouchers.list(limit=1)] == ["active"]
            with pytest.raises(Conflict) as refused:
                await supplier.vouchers.accept(voucher["id"], password=PASSWORD)
            assert refused.value.code == "voucher.state"
            with pytest.raises(NotFound):
                await supplier.claims.get("clm_00000000000000000000000000")

    site.serve(work())
