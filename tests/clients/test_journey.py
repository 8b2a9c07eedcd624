"""An order line's way to cash and back, every step of every party through the Python client."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from fourflow_client import Client, InvalidInput, NotFound
from tests.builders import api, outside, parties
from tests.builders.api import PASSWORD, World, money, prt

from fourflow.capital.claims import jobs as claim_jobs
from fourflow.capital.financing import jobs as financing_jobs
from fourflow.capital.settlement import jobs as settlement_jobs
from fourflow.capital.settlement import operations as settlement
from fourflow.capital.vouchers import jobs as voucher_jobs
from fourflow.config import wiring
from fourflow.platform import clock
from fourflow.platform.events import operations as events

DUE = parties.TODAY + timedelta(days=58)
DAY = parties.TODAY.isoformat()


@dataclass
class House:
    """The site in this process, and its worker with the outside world behind its ports."""

    world: World
    bank: outside.Bank
    registry: outside.Registry

    def sign_in(self, firm: parties.Firm, person: str = "maker") -> Client:
        site = httpx.MockTransport(api.over_http)
        email = f"{person}@{firm.view.short_name.lower()}.example"
        return Client("http://testserver/v1/", http=site).sign_in(email, PASSWORD)

    def settle(self) -> None:
        """The worker's sweeps and consumers, until a whole round does nothing."""
        for _ in range(40):
            done = voucher_jobs.mature_due() + financing_jobs.open_gates() + financing_jobs.disburse_due()
            done += financing_jobs.accrue_day() + claim_jobs.sweep(self.registry, clock.now())
            done += settlement_jobs.send_due("ALFA", self.bank) + len(events.sequence(5000))
            done += sum(events.consume(consumer) for consumer in wiring.CONSUMERS)
            done += sum(events.retry_parked(consumer, clock.now()) for consumer in wiring.CONSUMERS)
            if not done:
                return
        raise AssertionError("the worker never came to rest")


@pytest.fixture
def house(world: World, monkeypatch: pytest.MonkeyPatch) -> House:
    settlement.register_bank(code="ALFA", name="Alfa Bank")
    bank = outside.Bank()
    monkeypatch.setattr(wiring, "banks", lambda: {"ALFA": bank})
    return House(world, bank, outside.Registry())


def known(client: Client, firm: parties.Firm, number: str) -> None:
    """The firm makes its account known, and its bank confirms it."""
    holder = firm.view.name
    account = client.bank_accounts.register(bank_code="ALFA", number=number, holder=holder, currency="USD")
    assert client.bank_accounts.verify(account["id"]) is True


def a_voucher(core: Client, checker: Client, house: House) -> dict[str, Any]:
    """From the order to the offer: documents, claim, payable, plan, draft and the second person's signature."""
    cast = house.world.cast
    line = {"number": "1", "item": "Pump", "quantity": "10", "unit": "piece", "amount": money("1000.00")}
    core.post("orders", {"number": "PO-1", "seller": "Acme", "currency": "USD", "lines": [line]})
    parts = {"buyer": prt(cast.core), "order": "PO-1", "delivery": "ASN-1"}
    sides = {"debtor_id": prt(cast.core), "creditor_id": prt(cast.supplier)}
    claim = core.claims.register(scheme="po_asn", parts=parts, amount=money("1000.00"), **sides)
    with pytest.raises(InvalidInput) as taken:
        core.claims.register(scheme="po_asn", parts=parts, amount=money("900.00"), **sides)
    assert taken.value.code == "claim.differs"
    terms = {"claim_id": claim["id"], "amount": money("1000.00"), "due_date": DUE.isoformat(), "delivered_on": DAY}
    terms["documents"] = [{"kind": "delivery", "number": "ASN-1"}]
    payable = checker.payables.confirm(core.payables.propose(**terms)["id"], password=PASSWORD)
    request = {"payable_id": payable["id"], "funder_id": prt(cast.funder), "face": payable["amount"]}
    request["due_on"] = DUE.isoformat()
    planned = core.vouchers.plan(**request)
    draft = core.vouchers.draft(planned, password=PASSWORD, **request)
    return dict(checker.vouchers.approve(draft["id"], password=PASSWORD))


@pytest.mark.requirement("R354")
def test_an_order_becomes_a_voucher_cash_and_is_redeemed_through_the_client(house: House) -> None:
    cast = house.world.cast
    core, checker, supplier = (
        house.sign_in(cast.core),
        house.sign_in(cast.core, "checker"),
        house.sign_in(cast.supplier),
    )
    funder, second = house.sign_in(cast.funder), house.sign_in(cast.funder, "checker")
    assert supplier.session()["roles"] == ["supplier"]
    for client, firm, number in (
        (core, cast.core, "A-1"),
        (supplier, cast.supplier, "A-2"),
        (funder, cast.funder, "A-3"),
    ):
        known(client, firm, number)
    line = {"core_id": prt(cast.core), "sanctioned": money("5000.00"), "valid_from": DAY, "source": "paper 1"}
    second.limits.decide(funder.limits.propose(**line)["id"], verdict="approve")

    voucher = a_voucher(core, checker, house)
    supplier.vouchers.accept(voucher["id"], password=PASSWORD)
    (holding,) = supplier.holdings.list()
    assert holding["amount"] == money("1000.00")
    with pytest.raises(NotFound):
        house.sign_in(cast.suppliers[1]).vouchers.get(voucher["id"])

    terms = {"holding_id": holding["id"], "funder_id": prt(cast.funder), "amount": money("600.00")}
    quote = supplier.financings.quote(**terms)
    asked = supplier.financings.request(quote["id"], password=PASSWORD)
    funder.financings.decide(asked["id"], approve=True, password=PASSWORD)
    second.financings.check(asked["id"], verdict="approve")
    house.settle()
    assert supplier.financings.get(asked["id"])["state"] == "disbursed"
    paid = {row["purpose"]: row["amount"] for row in supplier.pages("payments")}
    assert paid["financing_proceeds"] == quote["net"]

    clock.move_to(datetime(DUE.year, DUE.month, DUE.day, 10, tzinfo=ZoneInfo("Asia/Shanghai")))
    house.settle()
    redeemed = core.vouchers.get(voucher["id"], expand="issuer,receiver")
    assert redeemed["state"] == "redeemed" and redeemed["redeemed"] == money("1000.00")
    assert supplier.financings.get(asked["id"])["state"] == "repaid"
    assert house.bank.moved[cast.core.view.name] == -100_000
    assert [row["available"] for row in funder.limits.list()] == [money("5000.00")]
    kinds = [event["type"] for event in core.events()]
    assert any("voucher" in kind for kind in kinds)
