"""The operator's desk and the treasury through the API: applications and changes read back, bank accounts kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

import pytest
from tests.builders import api, api_routes, outside, parties
from tests.builders.api import World, prt

from fourflow.capital.settlement import operations as settlement
from fourflow.capital.settlement.ports import OwnerCheck
from fourflow.config import wiring
from fourflow.foundation.access.models import Read
from fourflow.platform import clock

ACCOUNT = {"bank_code": "ALFA", "number": "6222-01", "holder": "Core", "currency": "USD"}


class Doubting(outside.Bank):
    """A bank that knows no such holder, and counts how often it is asked."""

    asked = 0

    def owner_check(self, account_number: str, name: str, identifier: str) -> OwnerCheck:
        self.asked += 1
        return OwnerCheck(
            account_number, matches=self.refusing is False, reason="name_differs" if self.refusing else ""
        )


@pytest.fixture
def bank(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Doubting]:
    """ALFA, reached in the test's own process."""
    settlement.register_bank(code="ALFA", name="Alfa Bank")
    found = Doubting()
    monkeypatch.setattr(wiring, "banks", lambda: {"ALFA": found})
    yield found


def test_an_application_is_read_back_with_its_declaration_and_what_it_waits_for(world: World) -> None:
    made = world.operator.post("applications", api_routes.APPLICATION, 201)
    path = f"applications/{made['id']}"
    paper = {"kind": "registration", "file_name": "l.pdf", "media_type": "application/pdf", "sha256": "a" * 64}
    assert world.operator.post(f"{path}/documents", paper)["documents"] == [{**paper, "kept": False}]
    submitted = world.operator.post(f"{path}/submit", {})
    assert [one["kind"] for one in submitted["pending_approvals"]] == ["party.onboard"]
    found = world.operator.get(path)
    assert found == submitted and found["state"] == "submitted"
    declared = found["declaration"]
    assert declared["name"] == "Newcomer Ltd" and declared["identifiers"] == api_routes.APPLICATION["identifiers"]
    assert [role["kind"] for role in declared["roles"]] == ["supplier"]
    assert world.operator.get("applications?state=submitted")["data"] == [found]
    assert world.operator.get("applications?state=draft")["data"] == []
    world.core.get(path, 404)
    assert world.core.get("applications")["data"] == []


def test_a_file_is_handed_in_and_read_back_by_who_decides(world: World) -> None:
    path = f"applications/{world.operator.post('applications', api_routes.APPLICATION, 201)['id']}/files"
    content = b"\x89PNG\r\n\x1a\n a picture of the passport"
    assert world.operator.upload(path, b"MZ", 422, kind="identity")["code"] == "upload.not_a_document"
    world.core.upload(path, content, 404, kind="identity")
    (document,) = world.operator.upload(path, content, kind="identity")["documents"]
    assert (document["kind"], document["media_type"], document["kept"]) == ("identity", "image/png", True)
    assert document["sha256"] == sha256(content).hexdigest()
    looks = Read.objects.count()
    checker, address = api.sign_in(world.cast.operator, "checker"), f"/v1/{path}/{document['sha256']}"
    checker.call("GET", address)
    assert checker.status == 200 and checker.last.content == content
    assert checker.last["Content-Type"] == "image/png" and checker.last["X-Content-Type-Options"] == "nosniff"
    assert checker.last["Content-Disposition"] == 'attachment; filename="orders.csv"'
    assert [one.data_class for one in Read.objects.order_by("id")[looks:]] == ["core"]
    world.core.get(f"{path}/{document['sha256']}", 404)
    world.operator.get(f"{path}/{'0' * 64}", 404)


def test_a_proposed_change_is_read_back_by_who_proposed_it_and_by_the_operator(world: World) -> None:
    made = world.supplier.post(f"parties/{prt(world.cast.supplier)}/changes", api_routes.CHANGE, 201)
    assert made["terms"]["email"] == "new@supplier-one.example" and made["state"] == "proposed"
    assert [one["kind"] for one in made["pending_approvals"]] == ["party.change"]
    assert world.supplier.get(f"changes/{made['id']}") == made
    assert world.operator.get(f"changes?party_id={prt(world.cast.supplier)}")["data"][0]["id"] == made["id"]
    world.second.get(f"changes/{made['id']}", 404)
    withdrawn = world.supplier.post(f"changes/{made['id']}/withdraw", {})
    assert withdrawn["state"] == "withdrawn" and withdrawn["pending_approvals"] == []


@pytest.mark.requirement("R168")
def test_the_rules_in_force_and_a_change_that_is_proposed_are_open_to_everybody_who_works_here(world: World) -> None:
    proposed = world.operator.post("parameters", api_routes.PARAMETER, 201)
    shown = world.operator.get("parameters")["data"]
    held = {one["key"]: one for one in shown if one["state"] == "approved"}
    assert held["term.hard_months"]["value"] == 12 and all(one["source"] and one["valid_from"] for one in shown)
    assert proposed["id"] in {one["id"] for one in shown}
    for who in (world.core, world.core_checker, world.supplier, world.second, world.funder, world.regulator):
        read = [{**one, "pending_approvals": []} for one in who.get("parameters")["data"]]
        assert read == [{**one, "pending_approvals": []} for one in shown]


def test_an_account_is_made_known_confirmed_by_its_bank_and_retired(world: World, bank: Doubting) -> None:
    made = world.core.post("bank-accounts", ACCOUNT, 201)
    assert made["party_id"] == prt(world.cast.core) and made["owner_checked_at"] is None and made["closed_on"] is None
    path = f"bank-accounts/{made['id']}"
    world.second.get(path, 404)
    bank.refusing = True
    said = world.core.post(f"{path}/verify", {})
    assert (said["matches"], said["reason"]) == (False, "name_differs")
    assert said["account"]["owner_checked_at"] is None
    bank.refusing = False
    assert world.core.post(f"{path}/verify", {})["account"]["owner_checked_at"] is not None
    world.second.post(f"{path}/verify", {}, 404)
    assert bank.asked == 2, "a stranger's question never reaches the bank"
    assert world.core.post("bank-accounts", ACCOUNT, 201)["id"] == made["id"]
    retired = world.core.post(f"{path}/retire", {})
    assert retired["closed_on"] == parties.TODAY.isoformat() and world.core.get(path) == retired
    assert made["id"] not in [row["id"] for row in world.core.get("bank-accounts")["data"]]
    assert world.core.post(f"{path}/retire", {}, 409)["code"] == "settlement.account_closed"


@pytest.mark.parametrize(
    "change, status, code",
    [
        ({"bank_code": "NONE"}, 422, "settlement.bank_unknown"),
        ({"currency": "XXX"}, 422, "input.invalid"),
        ({"number": "1; drop"}, 422, "input.invalid"),
        ({"kind": "platform_fee"}, 403, "settlement.platform_account_barred"),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    world: World, bank: Doubting, change: dict[str, str], status: int, code: str
) -> None:
    assert world.core.post("bank-accounts", {**ACCOUNT, **change}, status)["code"] == code


def test_a_firm_is_found_by_its_whole_number_before_anybody_has_dealt_with_it(world: World) -> None:
    stranger = world.cast.suppliers[2].view
    number = stranger.identifiers[0].value
    assert stranger.name not in str(world.supplier.get(f"parties?q={number}")), "not one of those that it knows"
    found = world.supplier.get(f"party-numbers/{number.lower()}")
    assert (found["id"], found["name"]) == (prt(world.cast.suppliers[2]), stranger.name) and len(found) == 3
    assert world.supplier.get(f"party-numbers/{number[:-1]}", 404)["code"] == "party.not_found"


def test_nobody_makes_another_partys_account_known(world: World, bank: Doubting) -> None:
    body = {**ACCOUNT, "party_id": prt(world.cast.supplier)}
    assert world.core.post("bank-accounts", body, 403)["code"] == "party.not_permitted"
    taken = world.operator.post("bank-accounts", body, 201)
    assert taken["party_id"] == prt(world.cast.supplier)
    assert world.core.post("bank-accounts", ACCOUNT, 409)["code"] == "settlement.account_taken"


def test_a_bank_that_is_not_reached_is_no_verdict(
    world: World, bank: Doubting, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = world.core.post("bank-accounts", ACCOUNT, 201)
    monkeypatch.setattr(wiring, "banks", dict)
    problem = world.core.post(f"bank-accounts/{account['id']}/verify", {}, 503)
    assert problem["code"] == "settlement.bank_unavailable" and problem["retryable"] is True
    assert api.raw("bank_account", account["id"])
    assert world.core.get(f"bank-accounts/{account['id']}")["owner_checked_at"] is None


def test_the_team_s_inbox_says_for_whom_each_request_waits(world: World) -> None:
    world.limit()
    made = world.draft("1000.00")
    team = world.core.get("inbox?whose=team")["data"]
    asked = next(one for one in team if one["object_id"] == made["id"])
    assert world.core.get("inbox")["data"] == [], "the maker does not decide it"
    checker = world.core_checker.get("session")["person_id"]
    assert checker in asked["waiting_for"] and asked["maker_person_id"] not in asked["waiting_for"]
    assert world.core.get(f"approvals/{asked['id']}")["waiting_for"] == asked["waiting_for"]
    assert world.supplier.get("inbox?whose=team")["data"] == []
    until = (clock.today() + timedelta(30)).isoformat()
    assert (asked["decide_by"], made["pending_approvals"][0]["decide_by"]) == (until, until)
