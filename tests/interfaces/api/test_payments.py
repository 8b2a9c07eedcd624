"""Payments through the API, carried to their end: one released by a second person, one taken back, one contradiction dealt
with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.builders import api, parties, settlement
from tests.builders.api import PASSWORD, World

from fourflow.capital.settlement import operations
from fourflow.capital.settlement.types import AccountKind, AnswerStatus, PaymentInstruction, Purpose
from fourflow.foundation.parties.types import SYSTEM
from fourflow.platform.ids import new_id

Draft = Callable[[str], PaymentInstruction]


@pytest.fixture
def draft(world: World) -> Draft:
    """Payments of the core to its supplier, prepared by the core's maker."""
    for code in ("ALFA", "BETA"):
        operations.register_bank(code=code, name=f"Sandbox Bank {code}")
    payer = settlement.account(world.cast.core.id, "ALFA", "A-CORE", AccountKind.OPERATING, "Core")
    payee = settlement.account(world.cast.supplier.id, "BETA", "B-SUPP", AccountKind.COLLECTION, "Supplier")

    def drafted(reference: str) -> PaymentInstruction:
        return operations.draft(
            actor=world.cast.core.maker,
            reference=reference,
            payer_account_id=payer.id,
            payee_account_id=payee.id,
            amount=settlement.usd(100_00),
            purpose=Purpose.TRADE_PAYMENT,
            subject_id=new_id(),
            mandate="own order",
            execution_date=parties.TODAY,
            effective_at=parties.NOON,
        )

    return drafted


@pytest.mark.requirement("R395")
def test_a_payment_is_released_by_a_second_person_or_taken_back_and_a_contradiction_of_its_bank_is_dealt_with(
    world: World, draft: Draft
) -> None:
    path = f"payments/{api.encode('ins', draft('pay-1').id)}"
    assert [one["id"] for one in world.core.get("payments")["data"]] == [path.removeprefix("payments/")]
    voucher = api.encode("vch", new_id())
    assert world.core.get(f"payments?voucher_id={voucher}")["data"] == [], "a payment for another matter"
    confirmed = {"password": PASSWORD}
    refused = world.core.post(f"{path}/release", confirmed, 403)
    assert refused["code"] == "settlement.same_person_twice", "who prepared it does not release it"
    world.second.post(f"{path}/release", confirmed, 404)
    released = world.core_checker.post(f"{path}/release", confirmed, key="release-1")
    assert (released["state"], released["amount"]) == ("instructed", api.money("100.00"))
    assert world.core_checker.post(f"{path}/release", confirmed, key="release-1") == released
    assert world.core_checker.last.headers["Idempotent-Replayed"] == "true"

    other = draft("pay-2")
    second = f"payments/{api.encode('ins', other.id)}"
    withdrawn = world.core.post(f"{second}/withdraw", {"reason": "paid by cheque"})
    assert (withdrawn["state"], withdrawn["reason_code"], withdrawn["reason"]) == (
        "rejected", "WITHDRAWN", "paid by cheque",
    )  # fmt: skip
    assert world.core_checker.post(f"{second}/release", confirmed, 409)["code"] == "settlement.step_not_allowed"

    reply = settlement.says(other, AnswerStatus.SETTLED, "b1")
    operations.apply_reply(actor=SYSTEM, bank_code="ALFA", reply=reply, effective_at=parties.NOON)
    (odd,) = world.operator.get("exceptions")["data"]
    assert (odd["instruction_id"], odd["reference"], odd["answer"]) == (withdrawn["id"], "pay-2", "settled")
    assert world.core.get("exceptions")["data"] == []
    checker = api.sign_in(world.cast.operator, "checker")
    stated = {"resolution": "the bank paid what it was never sent; it takes it back"}
    assert checker.post(f"exceptions/{odd['id']}/resolve", stated)["id"] == odd["id"]
    assert world.operator.get("exceptions")["data"] == []
    assert checker.post(f"exceptions/{odd['id']}/resolve", stated, 404)["code"] == "settlement.exception_not_found"


def test_what_a_payee_expects_is_recognised_by_its_reference_and_nobody_else_says_it_or_takes_it_back(
    world: World, draft: Draft
) -> None:
    (account,) = world.supplier.get("bank-accounts")["data"]
    said: dict[str, Any] = {
        "account_id": account["id"],
        "payer_id": api.encode("prt", world.cast.core.id),
        "amount": api.money("300.00"),
        "due_on": parties.TODAY.isoformat(),
        "reference": "INV-2014/77",
    }
    made = world.supplier.post("expected-cash", said, 201, key="expect-1")
    assert (made["purpose"], made["payer_name"], made["received"]) == (
        "trade_payment", world.cast.core.view.name, api.money("0.00"),
    )  # fmt: skip
    assert world.supplier.post("expected-cash", said, 201, key="expect-1") == made
    path = f"expected-cash/{made['id']}"
    assert world.core.get(path)["id"] == made["id"], "the payer sees it"
    for one, status in ((world.core, 403), (world.second, 404), (world.operator, 403)):
        one.post(f"{path}/cancel", {}, status)
        one.post("expected-cash", {**said, "reference": "INV-78"}, 403 if one is world.operator else 404)
    for wrong, code in (
        ({"amount": api.money("0.00")}, "settlement.amount_not_positive"),
        ({"amount": {"amount": "1.00", "currency": "EUR"}}, "settlement.currencies_differ"),
        ({"due_on": "2014-01-01"}, "settlement.expectation_invalid"),
        ({"reference": "7"}, "settlement.expectation_invalid"),
    ):
        assert world.supplier.post("expected-cash", {**said, **wrong}, 422)["code"] == code
    taken = world.supplier.post("expected-cash", {**said, "amount": api.money("9.00")}, 409)
    assert taken["code"] == "settlement.reference_taken"
    core_account = next(one for one in world.core.get("bank-accounts")["data"] if one["number"] == "A-CORE")
    unwatched = {**said, "account_id": core_account["id"], "payer_id": api.encode("prt", world.cast.supplier.id)}
    assert world.core.post("expected-cash", unwatched, 422)["code"] == "settlement.account_not_watched"

    payee = settlement.account(world.cast.supplier.id, "BETA", "B-SUPP", AccountKind.COLLECTION, "Supplier")
    settlement.arrives("BETA", settlement.booked(payee, 100_00, "b1", text="part of inv 2014 77"))
    assert world.supplier.get(path)["received"] == api.money("100.00")
    assert world.supplier.post(f"{path}/cancel", {})["is_cancelled"] is True
    settlement.arrives("BETA", settlement.booked(payee, 200_00, "b2", text="rest of inv 2014 77"))
    assert world.supplier.get(path)["received"] == api.money("100.00")
    assert [one["rest"] for one in world.supplier.get("unmatched-cash")["data"]] == [api.money("200.00")]
