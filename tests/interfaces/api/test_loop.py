"""One order line's way through the API: from the confirmed payable to the funder's decision."""

from __future__ import annotations

import pytest
from tests.builders.api import PASSWORD, World, money, prt, raw
from tests.builders.financing import Desk
from tests.builders.vouchers import Company

from fourflow.capital.financing import queries as financings
from fourflow.capital.financing.types import FinancingId
from fourflow.foundation.parties.types import SYSTEM


def test_a_voucher_is_issued_accepted_and_passed_on(world: World) -> None:
    limit = world.limit()
    assert limit["state"] == "published"
    voucher = world.accepted("1000.00")
    assert voucher["state"] == "active" and voucher["livemode"] is False
    board = world.funder.get("limits")["data"]
    assert [line["utilised"] for line in board] == [money("1000.00")]

    holding = world.holding_of(voucher)
    part = world.transfer(holding, "400.00", world.cast.suppliers[1])
    assert part["state"] == "locked_transfer" and part["amount"] == money("400.00")
    offers = world.second.get("offers")
    assert [row["id"] for row in offers["holdings"]] == [part["id"]]
    received = world.second.sign(f"holdings/{part['id']}/content", f"holdings/{part['id']}/accept")
    assert received["holder_id"] == prt(world.cast.suppliers[1]) and received["tier"] == 2

    chain = world.second.get(f"holdings/{received['id']}/chain")
    assert chain["voucher"]["id"] == voucher["id"]
    assert [len(link["acts"]) for link in chain["links"]] == [1, 1, 1]
    assert [row["amount"] for row in world.supplier.get("holdings")["data"]] == [money("600.00")]


def test_offers_are_shown_as_many_as_are_asked_for_and_whether_there_are_more(world: World) -> None:
    world.limit()
    first = world.transfer(world.holding_of(world.accepted("1000.00")), "400.00", world.cast.suppliers[1])
    rest = world.supplier.get("holdings")["data"][0]
    second = world.transfer(rest, "100.00", world.cast.suppliers[1])
    offers = world.second.get("offers?limit=1")
    assert [row["id"] for row in offers["holdings"]] == [first["id"]] and offers["has_more"] is True
    offers = world.second.get("offers")
    assert [row["id"] for row in offers["holdings"]] == [first["id"], second["id"]] and offers["has_more"] is False


@pytest.mark.requirement("R015")
@pytest.mark.requirement("R189")
def test_a_holder_turns_a_part_into_cash_and_the_funder_decides_with_two_people(world: World) -> None:
    world.limit()
    holding = world.holding_of(world.accepted("1000.00"))
    terms = {"holding_id": holding["id"], "funder_id": prt(world.cast.funder), "amount": money("500.00")}
    quote = world.supplier.post("quotes", terms, 201)
    assert quote["amount"] == money("500.00") and quote["annual_rate"].startswith("0.")
    digest = world.supplier.get(f"quotes/{quote['id']}/content")["content_digest"]
    consent = {"quote_id": quote["id"], "content_digest": digest, "password": PASSWORD}
    financing = world.supplier.post("financings", consent, 201)
    assert financing["state"] == "requested" and financing["quote"]["id"] == quote["id"]

    seen = world.funder.get("financings?state=requested")["data"]
    assert [row["id"] for row in seen] == [financing["id"]]
    path = f"financings/{financing['id']}"
    planned = world.funder.post(f"{path}/decide/plan", {"approve": True}, key=None)
    signed = {"approve": True, "content_digest": planned["content_digest"], "password": PASSWORD}
    decided = world.funder.post(f"{path}/decide", signed)
    assert [waiting["kind"] for waiting in decided["pending_approvals"]] == ["financing.decide"]
    inbox = world.funder_checker.get("inbox")["data"]
    assert [item["decide_at"] for item in inbox] == [f"/v1/{path}/check"]
    checked = world.funder_checker.post(f"{path}/check", {"verdict": "approve"})
    assert checked["state"] == "approved" and checked["decision"]["approved"] is True
    assert checked["decision"]["decided_by"]["party"] == prt(world.cast.funder)
    assert world.second.get(path, 404)["code"] == "financing.not_found"

    assert world.supplier.get(f"{path}/registrations")["data"] == []
    key = FinancingId(raw("financing", financing["id"]))
    Desk(Company(world.cast)).through_the_gate(financings.get(actor=SYSTEM, financing_id=key))
    (filed,) = world.supplier.get(f"{path}/registrations")["data"]
    assert (filed["state"], filed["registration_no"], filed["requery_certificate"]) == ("clear", "R-1", "C-1")
    assert filed["id"] == world.funder.get(path)["registration_id"]
    assert [one["kind"] for one in filed["requests"]] == ["query", "register", "requery"]
    assert [one["hits"] for one in filed["requests"]] == [
        [],
        [],
        [{"registration_no": "R-1", "secured_party": "us", "rank": 1}],
    ]
    assert world.regulator.get(f"{path}/registrations")["data"] == [filed], "what was verified is told to the regulator"
    assert world.second.get(f"{path}/registrations", 404)["code"] == "financing.not_found"
