"""Credit lines and invoices from a file through the API: tried, bad rows handed back, the chosen rows done once."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders.api import World, money, prt

from fourflow.platform.rows import MAX_BYTES

LINES = ("core", "sanctioned", "currency", "valid_from", "source", "valid_to")
INVOICES = ("number", "seller", "amount", "currency", "issued_on", "due_on", "tax", "code", "order", "delivery")


def table(columns: tuple[str, ...], *rows: tuple[str, ...], encoding: str = "utf-8") -> bytes:
    return "\n".join(",".join(row) for row in (columns, *rows)).encode(encoding)


def line(world: World, **changes: str) -> tuple[str, ...]:
    plain = dict(zip(LINES, (prt(world.cast.core), "1000.00", "USD", "2014-03-03", "CC-1", ""), strict=True))
    return tuple({**plain, **changes}.values())


def invoice(**changes: str) -> tuple[str, ...]:
    given = (
        "INV-1",
        "Supplier One Ltd",
        "113.00",
        "USD",
        "2014-02-20",
        "2014-05-20",
        "13.00",
        "",
        "PO-1",
        "DN-1; DN-2",
    )
    return tuple({**dict(zip(INVOICES, given, strict=True)), **changes}.values())


def told(answer: dict[str, Any]) -> list[tuple[int, str, str]]:
    return [(one["row"], one["code"], one["field"]) for one in answer["problems"]]


def test_every_bad_row_of_a_file_of_lines_comes_back_with_its_reason_and_nothing_is_written(world: World) -> None:
    content = table(
        LINES,
        line(world),
        line(world, core=world.cast.core.view.identifiers[0].value.lower(), currency="eur", sanctioned="0"),
        line(world, sanctioned="5.00"),
        line(world, core="Nobody Ltd", currency="CNY"),
        line(world, currency="CNY", sanctioned="-1.00"),
        line(world, currency="GBP", valid_to="2014-03-03"),
        line(world, currency="HKD", valid_from="03/03/2014", source=""),
        line(world, currency="XXX", source="=1+1"),
    )
    planned = world.funder.upload("limits/proposals/batches/plan", content)
    assert [(one["row"], one["core_id"], one["sanctioned"]) for one in planned["rows"]] == [
        (2, prt(world.cast.core), money("1000.00")),
        (3, prt(world.cast.core), money("0.00", "EUR")),
    ]
    assert told(planned) == [
        (4, "rows.repeated", "core"),
        (5, "rows.cell", "core"),
        (6, "rows.cell", "sanctioned"),
        (7, "limit.term_invalid", "valid_to"),
        (8, "rows.cell", "valid_from"),
        (8, "rows.cell", "source"),
        (9, "rows.cell", "sanctioned"),
    ]
    assert planned["problems"][1]["value"] == "Nobody Ltd" and all(one["detail"] for one in planned["problems"])
    assert world.funder.get("limits/proposals")["data"] == []
    mend = world.funder.upload_for_file("limits/proposals/batches/problems", content).decode("utf-8-sig").splitlines()
    assert [row.split(",")[0] for row in mend] == ["row", "4", "5", "6", "7", "8", "8", "9"]


def test_chosen_lines_wait_for_the_checker_and_the_same_file_announces_nothing_twice(world: World) -> None:
    content = table(LINES, line(world), line(world, currency="EUR", valid_to="2015-03-03"))
    rows = world.funder.upload("limits/proposals/batches/plan", content)["rows"]
    made = world.funder.post("limits/proposals/batches", {"rows": rows}, 201, key="once")
    assert world.funder.post("limits/proposals/batches", {"rows": rows}, 201, key="once") == made
    assert len(made["proposals"]) == 2 and made["problems"] == []
    waiting = world.funder.get("limits/proposals")["data"]
    assert {one["id"] for one in waiting} == set(made["proposals"])
    assert all(one["pending_approvals"][0]["kind"] == "limit.publish" for one in waiting)
    again = world.funder.upload("limits/proposals/batches/plan", content)
    assert again["rows"] == [] and [code for _row, code, _field in told(again)] == ["limit.proposal_open"] * 2
    first = f"limits/proposals/{made['proposals'][0]}/decide"
    world.funder.post(first, {"verdict": "approve"}, 403)
    world.funder_checker.post(first, {"verdict": "approve"})
    (standing,) = world.funder.get("limits")["data"]
    assert standing["sanctioned"] == money("1000.00")
    later = world.funder.upload("limits/proposals/batches/plan", content)
    assert later["rows"] == []
    assert [code for _row, code, _field in told(later)] == ["limit.unchanged", "limit.proposal_open"]
    put_off = world.funder.upload("limits/proposals/batches/plan", table(LINES, line(world, valid_from="2014-03-04")))
    (refused,) = put_off["problems"]
    assert (refused["row"], refused["code"], refused["field"]) == (2, "limit.begins_later", "valid_from")
    assert (refused["value"], refused["expected"]) == ("2014-03-04", "a day up to 2014-03-03")


def test_a_row_that_fails_meanwhile_stops_all_unless_the_maker_lets_it_go(world: World) -> None:
    content = table(LINES, line(world), line(world, currency="EUR"))
    rows = world.funder.upload("limits/proposals/batches/plan", content)["rows"]
    world.limit()
    second = {**rows[0], "sanctioned": money("7.00")}
    world.funder.post("limits/proposals", {name: second[name] for name in second if name != "row"}, 201)
    refused = world.funder.post("limits/proposals/batches", {"rows": rows}, 409)
    assert refused["code"] == "rows.refused" and [p["row"] for p in refused["params"]["problems"]] == [2]
    before = len(world.funder.get("limits/proposals")["data"])
    made = world.funder.post("limits/proposals/batches", {"rows": rows, "mode": "good_rows"}, 201)
    assert told(made) == [(2, "limit.proposal_open", "core")] and len(made["proposals"]) == 1
    assert len(world.funder.get("limits/proposals")["data"]) == before + 1


def test_only_a_bank_announces_lines_and_only_a_buyer_records_invoices(world: World) -> None:
    lines, invoices = table(LINES, line(world)), table(INVOICES, invoice())
    rows = world.funder.upload("limits/proposals/batches/plan", lines)["rows"]
    for who in (world.core, world.supplier, world.regulator, world.funder_checker):
        assert who.upload("limits/proposals/batches/plan", lines, 403)["code"] == "party.not_permitted"
        assert who.post("limits/proposals/batches", {"rows": rows}, 403)["code"] == "party.not_permitted"
    rows = world.core.upload("invoices/batches/plan", invoices)["rows"]
    for who in (world.funder, world.supplier, world.regulator):
        assert who.upload("invoices/batches/plan", invoices, 403)["code"] == "party.not_permitted"
        assert who.post("invoices/batches", {"rows": rows}, 403)["code"] == "party.not_permitted"
    assert world.funder.get("limits/proposals")["data"] == [] and world.core.get("papers")["data"] == []


def test_every_bad_row_of_a_file_of_invoices_comes_back_with_its_reason_and_nothing_is_written(world: World) -> None:
    content = table(
        INVOICES,
        invoice(seller="上海供应商"),
        invoice(number="INV-2", tax="", due_on="", order="", delivery="", code="011001900111"),
        invoice(number="INV-2", tax="", code="011001900111"),
        invoice(number="INV-3", amount="0.00"),
        invoice(number="", seller="=HYPERLINK(1)"),
        invoice(number="INV-4", issued_on="2014-03-04"),
        invoice(number="INV-5", due_on="2014-02-19"),
        invoice(number="INV-6", tax="113.01"),
        invoice(number="N" * 101),
        invoice(number="INV-7", delivery=";".join(f"DN-{n}" for n in range(51))),
        encoding="gb18030",
    )
    content = content.replace(b"INV-2,Supplier One Ltd", "INV-2,上海供应商".encode("gb18030"))
    planned = world.core.upload("invoices/batches/plan", content)
    assert [one["row"] for one in planned["rows"]] == [2, 3] and planned["known"] == 0
    first = planned["rows"][0]
    assert (first["seller"], first["amount"], first["tax"]) == ("上海供应商", money("113.00"), money("13.00"))
    assert [(ref["kind"], ref["number"]) for ref in first["refs"]] == [
        ("order", "PO-1"),
        ("delivery", "DN-1"),
        ("delivery", "DN-2"),
    ]
    assert told(planned) == [
        (4, "rows.repeated", "number"),
        (5, "rows.cell", "amount"),
        (6, "rows.cell", "number"),
        (7, "rows.cell", "issued_on"),
        (8, "rows.cell", "due_on"),
        (9, "rows.cell", "tax"),
        (10, "document.invalid", "number"),
        (11, "rows.cell", "delivery"),
    ]
    assert world.core.get("papers")["data"] == []


def test_recorded_invoices_are_known_the_next_time_and_what_contradicts_them_is_told(world: World) -> None:
    content = table(INVOICES, invoice(), invoice(number="INV-2"))
    rows = world.core.upload("invoices/batches/plan", content)["rows"]
    made = world.core.post("invoices/batches", {"rows": rows}, 201, key="once")
    assert world.core.post("invoices/batches", {"rows": rows}, 201, key="once") == made
    assert sorted(made["invoices"]) == sorted(one["id"] for one in world.core.get("papers")["data"])
    changed = table(INVOICES, invoice(), invoice(number="INV-2", amount="114.00"), invoice(number="INV-3"))
    again = world.core.upload("invoices/batches/plan", changed)
    assert (again["known"], [one["row"] for one in again["rows"]]) == (1, [4])
    assert told(again) == [(3, "document.exists", "number")]
    other = [{**rows[1], "amount": money("114.00")}, {**rows[1], "number": "INV-3", "row": 4}]
    assert world.core.post("invoices/batches", {"rows": other}, 409)["code"] == "rows.refused"
    assert len(world.core.get("papers")["data"]) == 2
    part = world.core.post("invoices/batches", {"rows": other, "mode": "good_rows"}, 201)
    assert len(part["invoices"]) == 1 and told(part) == [(3, "document.exists", "number")]
    assert world.core.post("invoices/batches", {"rows": rows}, 201)["invoices"] == made["invoices"], "the same again"
    assert len(world.core.get("papers")["data"]) == 3


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"number,core\n1,2\n", "expected"),
        ("号码,金额\n".encode("utf-16"), "UTF-8"),
        (b"PK nothing", "reason"),
        (b"", "header"),
        (b"x" * (MAX_BYTES + 1), str(MAX_BYTES)),
        (
            b"\n".join([b",".join(name.encode() for name in dict.fromkeys((*LINES, *INVOICES))), *[b"1"] * 1001]),
            "1000 rows",
        ),
    ],
)
def test_what_is_no_table_is_refused_as_a_whole(world: World, content: bytes, named: str) -> None:
    for who, path in ((world.funder, "limits/proposals/batches/plan"), (world.core, "invoices/batches/plan")):
        refused = who.upload(path, content, 422)
        assert refused["code"] in ("rows.invalid", "upload.unreadable") and named in str(refused["params"])
