"""One order line's way through the API: from the confirmed payable to the funder's decision."""

from __future__ import annotations

from tests.builders.api import World, money, prt


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
