"""Vouchers from a file through the API: tried, bad rows handed back, the chosen rows drafted under one signature."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook
from tests.builders.api import PASSWORD, World, money, prt

from fourflow.platform.canonical_json import digest

COLUMNS = ("payable", "funder", "amount", "currency", "due_on", "term_reason")
DUE = "2014-04-30"


@pytest.fixture
def rows(world: World) -> list[list[Any]]:
    """Two good rows on one payable, one over what is left of it, one with a cell that is no date."""
    world.limit()
    payable, funder = world.payable("1000.00")["id"], prt(world.cast.funder)
    return [
        [payable, funder, "600.00", "USD", DUE, ""],
        [payable, funder, "400.00", "USD", "2014-04-29", ""],
        [payable, funder, "0.01", "USD", "2014-04-28", ""],
        [payable, funder, "5.00", "USD", "soon", "=HYPERLINK(1)"],
    ]


def as_text(rows: list[list[Any]]) -> bytes:
    return "\n".join(",".join(map(str, row)) for row in [COLUMNS, *rows]).encode()


def as_workbook(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    for row in [COLUMNS, *rows]:
        book.active.append(list(row))  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def chosen(planned: dict[str, Any], count: int) -> dict[str, Any]:
    """The first rows of a dry run, as their maker signs them."""
    content = {"vouchers": planned["content"]["vouchers"][:count]}
    shown = ("voucher", "content")
    rows = [{name: value for name, value in row.items() if name not in shown} for row in planned["rows"][:count]]
    return {"rows": rows, "content_digest": digest(content).hex(), "password": PASSWORD}


def test_a_file_is_tried_without_writing_and_every_bad_row_has_its_reason(world: World, rows: list[list[Any]]) -> None:
    planned = world.core.upload("vouchers/batches/plan", as_text(rows))
    assert [row["row"] for row in planned["rows"]] == [2, 3]
    assert [row["voucher"]["face"] for row in planned["rows"]] == [money("600.00"), money("400.00")]
    told = {problem["row"]: problem for problem in planned["problems"]}
    assert set(told) == {4, 5}
    assert told[4]["code"] == "claim.payable_exceeded" and told[4]["detail"]
    assert (told[5]["field"], told[5]["value"]) == ("due_on", "soon")
    assert planned["content_digest"] == digest(planned["content"]).hex()
    assert world.core.get("vouchers")["data"] == []

    world.core.language = "zh"
    handed_back = world.core.upload_for_file("vouchers/batches/problems", as_text(rows))
    assert world.core.last.headers["Content-Type"].startswith("text/csv")
    lines = handed_back.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["row", "4", "5"]


def test_a_workbook_says_the_same_as_a_text_file(world: World, rows: list[list[Any]]) -> None:
    rows[0][2], rows[0][4] = 600, date(2014, 4, 30)
    text = world.core.upload("vouchers/batches/plan", as_text([[*row[:4], str(row[4])[:10], row[5]] for row in rows]))
    book = world.core.upload("vouchers/batches/plan", as_workbook(rows))
    for planned in (text, book):
        for row in planned["rows"]:
            for mine in ("voucher_id", "voucher", "content", "content_digest"):
                del row[mine]
    assert book["rows"] == text["rows"] and book["problems"] == text["problems"]


@pytest.mark.parametrize("content", [b"", b"PK nothing", b"\xff\xfe\x00", b"payable,amount\n1,2\n"])
def test_what_is_no_table_is_refused_as_a_whole(world: World, content: bytes) -> None:
    world.core.upload("vouchers/batches/plan", content, 422)


def test_the_rows_that_the_maker_chose_are_drafted_and_wait_for_the_second_person(
    world: World, rows: list[list[Any]]
) -> None:
    planned = world.core.upload("vouchers/batches/plan", as_text(rows))
    made = world.core.post("vouchers/batches", chosen(planned, 2), 201, key="once")
    assert made["vouchers"] == [row["voucher_id"] for row in planned["rows"]] and made["problems"] == []
    again = world.core.post("vouchers/batches", chosen(planned, 2), 201, key="once")
    assert again == made and len(world.core.get("vouchers")["data"]) == 2
    for voucher in world.core.get("vouchers")["data"]:
        assert voucher["state"] == "draft" and [p["kind"] for p in voucher["pending_approvals"]] == ["voucher.issue"]
    path = f"vouchers/{made['vouchers'][0]}"
    assert world.core_checker.sign(f"{path}/content", f"{path}/check", {"verdict": "approve"})["state"] == "offered"


def test_one_row_may_be_chosen_and_nothing_is_drafted_that_was_not_shown(world: World, rows: list[list[Any]]) -> None:
    planned = world.core.upload("vouchers/batches/plan", as_text(rows))
    more = {**chosen(planned, 1), "rows": chosen(planned, 2)["rows"]}
    assert world.core.post("vouchers/batches", more, 409)["code"] == "signature.content_changed"
    assert world.core.get("vouchers")["data"] == []
    changed = chosen(planned, 1)
    changed["rows"][0]["face"] = money("601.00")
    assert (
        world.core.post("vouchers/batches", changed, 409)["params"]["problems"][0]["code"]
        == "signature.content_changed"
    )
    assert len(world.core.post("vouchers/batches", chosen(planned, 1), 201)["vouchers"]) == 1


def test_a_row_that_fails_meanwhile_stops_all_unless_the_maker_lets_it_go(world: World, rows: list[list[Any]]) -> None:
    other = world.payable("50.00")
    rows = [rows[0], [other["id"], *rows[1][1:2], "50.00", *rows[1][3:]]]
    planned = world.core.upload("vouchers/batches/plan", as_text(rows))
    world.core.post(f"payables/{other['id']}/withdraw", {"reason": "returned"})
    refused = world.core.post("vouchers/batches", chosen(planned, 2), 409)
    assert refused["code"] == "rows.refused"
    assert [problem["row"] for problem in refused["params"]["problems"]] == [3]
    assert world.core.get("vouchers")["data"] == []
    made = world.core.post("vouchers/batches", {**chosen(planned, 2), "mode": "good_rows"}, 201)
    assert made["vouchers"] == [planned["rows"][0]["voucher_id"]] and [one["row"] for one in made["problems"]] == [3]


def test_a_supplier_issues_no_file(world: World, rows: list[list[Any]]) -> None:
    planned = world.core.upload("vouchers/batches/plan", as_text(rows))
    world.supplier.upload("vouchers/batches/plan", as_text(rows), 403)
    assert world.supplier.post("vouchers/batches", chosen(planned, 2), 403)["code"] == "party.not_permitted"
    assert world.core.get("vouchers")["data"] == []
