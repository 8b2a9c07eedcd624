"""What people and machines get wrong, at the API: each is refused with its code, and nothing has changed.

The table of all of it, with the doors beside this one, stands in docs/operations/bad-input.md.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from tests.builders import api, parties
from tests.builders.api import PASSWORD, World, money, prt
from tests.builders.documents import HEADER, scms_file, scms_row

from fourflow.foundation.parties import operations as party_operations
from fourflow.foundation.parties import queries as party_queries
from fourflow.foundation.parties.types import ChangeKind, EndTerms, Function, MemberTerms
from fourflow.platform import clock

BATCH = ("payable", "funder", "amount", "currency", "due_on", "term_reason", "contract_clause")
DUE = (parties.TODAY + timedelta(days=58)).isoformat()
TOMORROW = parties.TODAY + timedelta(days=1)
A_YEAR_AND_A_DAY = "2015-03-04"
SEVEN_MONTHS = "2014-10-08"


def table(*rows: tuple[str, ...], columns: tuple[str, ...] = BATCH) -> bytes:
    return "\n".join(",".join(row) for row in (columns, *rows)).encode()


def test_every_bad_row_of_a_voucher_file_comes_back_with_its_reason(world: World) -> None:
    """Negative, absurd and unreadable amounts, wrong dates, a formula, a row given twice, a payable of nobody's."""
    world.limit()
    payable, bank = world.payable("1000.00")["id"], prt(world.cast.funder)

    def row(amount: str = "10.00", due_on: str = DUE, currency: str = "USD", of: str = payable) -> tuple[str, ...]:
        return (of, bank, amount, currency, due_on, "", "")

    content = table(
        row(),
        row(),
        row("-1.00"),
        row("0.00"),
        row("9" * 18),
        row("12.345"),
        row("=1+1"),
        row(due_on="2014-02-30"),
        row(due_on="30/04/2014"),
        row(currency="XXX"),
        row("11.00", due_on="2014-03-01"),
        row("12.00", due_on=A_YEAR_AND_A_DAY),
        row("13.00", of=payable[:-4] + "0000"),
    )
    planned = world.core.upload("vouchers/batches/plan", content)
    assert [one["row"] for one in planned["rows"]] == [2]
    told = {one["row"]: (one["code"], one["field"]) for one in planned["problems"]}
    assert told == {
        3: ("rows.repeated", "payable"),
        **dict.fromkeys((4, 5, 6, 7, 8), ("rows.cell", "amount")),
        **dict.fromkeys((9, 10), ("rows.cell", "due_on")),
        11: ("rows.cell", "amount"),
        12: ("voucher.due_date_invalid", "due_on"),
        13: ("voucher.term_too_long", "due_on"),
        14: ("claim.payable_not_found", "payable"),
    }
    handed_back = world.core.upload_for_file("vouchers/batches/problems", content).decode("utf-8-sig")
    assert "'=1+1" in handed_back and ",=1+1" not in handed_back
    assert world.core.get("vouchers")["data"] == []


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"payable,amount\n1,2\n", "funder"),
        ("数信,金额\n".encode("utf-16"), "UTF-8"),
        (b"payable\x00", "UTF-8"),
    ],
)
def test_a_voucher_file_that_is_none_says_what_it_lacks(world: World, content: bytes, named: str) -> None:
    refused = world.core.upload("vouchers/batches/plan", content, 422)
    assert refused["code"] == "rows.invalid" and named in str(refused["params"])


def test_an_order_file_that_cannot_be_read_says_why_and_brings_nothing(world: World) -> None:
    good = scms_row()
    without = [column for column in HEADER if column not in ("Line Item Value", "Vendor")]
    for content, reason, named in (
        (scms_file([good], encoding="utf-16"), "encoding", "utf-8"),
        (scms_file([good], header=without), "columns_missing", "line item value"),
        (b"", "empty", ""),
    ):
        received = world.core.upload("imports", content, 202)
        work = f"imports/{received['id']}"
        for refused in (
            world.core.upload("imports/preview", content, 422),
            world.core.post(f"{work}/continue", {}, 422),
        ):
            assert refused["code"] == "document.file_refused", refused
            assert refused["params"]["reason"] == reason and named in str(refused["params"]).lower(), refused["params"]
        assert world.core.post(f"{work}/give-up", {})["state"] == "refused"
    assert world.core.get("orders")["data"] == []


def test_every_bad_row_of_an_order_file_comes_back_with_its_reason(world: World) -> None:
    given = scms_row(**{"Delivery Recorded Date": "2014-03-03"})

    def bad(number: str, **changes: str) -> dict[str, str]:
        own = {"ID": number, "PO / SO #": f"SCMS-{number}", "ASN/DN #": f"ASN-{number}"}
        return {**given, **own, **changes}

    content = scms_file(
        [
            given,
            given,
            bad("3", **{"Line Item Value": "-320.0"}),
            bad("4", **{"Line Item Value": "1" * 25}),
            bad("5", **{"Delivered to Client Date": "2014-02-30"}),
            bad("6", **{"Line Item Quantity": "=1+1"}),
        ]
    )
    tried = world.core.upload("imports/preview", content)
    assert tried["counts"]["rows_read"] == 6 and tried["counts"]["rows_refused"] == 5
    told = {one["row"]: (one["field"], one["code"]) for one in tried["problems"] if one["severity"] == "error"}
    assert set(told) == {3, 4, 5, 6, 7}
    assert told[4][0] == told[5][0] == "Line Item Value" and told[6][0] == "Delivered to Client Date"


def ended(world: World, firm: parties.Firm, kind: ChangeKind, *row_ids: Any) -> None:
    """Rows of the firm's end tomorrow."""
    for row_id in row_ids:
        parties.change(world.cast.operator, firm.id, EndTerms(kind, row_id, TOMORROW))


def test_under_a_second_account_a_person_is_still_who_made_it(world: World) -> None:
    world.limit()
    core, op = world.cast.core, world.cast.operator
    made = f"vouchers/{world.draft()['id']}"
    person = core.maker.person_id
    membership = next(row.membership_id for row in party_queries.people(op.viewer, core.id) if row.id == person)
    ended(world, core, ChangeKind.MEMBER, membership)
    both = frozenset({Function.MAKER, Function.CHECKER, Function.SIGNER})
    parties.change(op, core.id, MemberTerms("x", "maker@core.example", both, TOMORROW))
    parties.change(op, core.id, MemberTerms("x", "again@core.example", both, TOMORROW, person_id=person))
    account = party_queries.account_by_email("again@core.example")
    party_operations.set_password(account_id=account.id, password=PASSWORD)
    clock.move_to(parties.NOON + timedelta(days=1))
    again = api.Session()
    body = again.post("tokens", {"email": "again@core.example", "password": PASSWORD}, 201, key=None)
    again.token = body["access_token"]
    assert "voucher.check" in again.get("session")["permissions"], "the office is his, this draft is not"
    refused = again.sign(f"{made}/content", f"{made}/check", {"verdict": "approve"}, 403)
    assert refused["code"] == "approval.same_person"
    assert again.get(made)["state"] == "draft"


def test_with_an_ended_licence_a_bank_announces_and_decides_nothing(world: World) -> None:
    terms = {"core_id": prt(world.cast.core), "sanctioned": money("5.00"), "valid_from": "2014-03-05", "source": "s"}
    waiting = world.funder.post("limits/proposals", terms, 201)
    bank = world.cast.funder
    ended(
        world,
        bank,
        ChangeKind.LICENCE,
        *(row.id for row in party_queries.licences(world.cast.operator.viewer, party_id=bank.id)),
    )
    clock.move_to(parties.NOON + timedelta(days=1))
    refused = world.funder.post("limits/proposals", {**terms, "source": "t"}, 403)
    assert refused["code"] == "party.licence_expired"
    decide = f"limits/proposals/{waiting['id']}/decide"
    assert world.funder_checker.post(decide, {"verdict": "approve"}, 403)["code"] == "party.licence_expired"
    assert world.funder.get("limits")["data"] == []


def test_with_an_ended_mandate_a_person_binds_nobody(world: World) -> None:
    world.limit()
    core = world.cast.core
    path = f"vouchers/{world.draft()['id']}"
    given = party_queries.mandates(world.cast.operator.viewer, core.id)
    ended(world, core, ChangeKind.MANDATE, *(row.id for row in given if row.person_id == core.checker.person_id))
    clock.move_to(parties.NOON + timedelta(days=1))
    refused = world.core_checker.sign(f"{path}/content", f"{path}/check", {"verdict": "approve"}, 403)
    assert refused["code"] == "party.mandate_expired"
    assert world.core.get(path)["state"] == "draft"


def test_of_two_users_who_cut_one_holding_the_second_finds_it_gone(world: World) -> None:
    world.limit()
    holding = world.holding_of(world.accepted("1000.00"))
    terms = {"receiver_id": prt(world.cast.suppliers[1]), "amount": money("600.00"), "trade_basis": "order SO-7"}
    path = f"holdings/{holding['id']}/transfers"
    both = [world.supplier.post(f"{path}/plan", terms, key=None)["content_digest"] for _user in range(2)]
    signed = {**terms, "password": PASSWORD, "content_digest": both[0]}
    world.supplier.post(path, signed, 201)
    assert world.supplier.post(path, {**signed, "content_digest": both[1]}, 409)["code"] == "holding.state"
    living = world.supplier.get("holdings")["data"]
    assert sorted(one["amount"]["amount"] for one in living) == ["400.00", "600.00"]


def test_one_delivery_and_one_part_are_financed_once(world: World) -> None:
    world.limit()
    payable = world.payable("1000.00")
    world.core_checker.language = "en"
    request = world.plan(payable)
    drafts = []
    for _try in range(2):
        planned = world.core.post("vouchers/plan", request, key=None)
        signed = {"voucher_id": planned["voucher_id"], "content_digest": planned["content_digest"]}
        drafts.append(world.core.post("vouchers", {**request, **signed, "password": PASSWORD}, 201)["id"])
    first, second = (f"vouchers/{one}" for one in drafts)
    world.core_checker.sign(f"{first}/content", f"{first}/check", {"verdict": "approve"})
    refused = world.core_checker.sign(f"{second}/content", f"{second}/check", {"verdict": "approve"}, 409)
    assert refused["code"] in ("claim.in_use", "claim.payable_exceeded")
    assert world.core.post("vouchers/plan", request, 409, key=None)["code"] in (
        "claim.in_use",
        "claim.payable_exceeded",
    )

    world.supplier.sign(f"{first}/content", f"{first}/accept")
    holding = world.holding_of({"id": drafts[0]})
    terms = {"holding_id": holding["id"], "funder_id": prt(world.cast.funder), "amount": money("1000.00")}
    quotes = [world.supplier.post("quotes", terms, 201) for _try in range(2)]
    consents = []
    for quote in quotes:
        digest = world.supplier.get(f"quotes/{quote['id']}/content")["content_digest"]
        consents.append({"quote_id": quote["id"], "content_digest": digest, "password": PASSWORD})
    world.supplier.post("financings", consents[0], 201)
    assert world.supplier.post("financings", consents[1], 409)["code"] == "holding.state"
    assert world.supplier.post("quotes", terms, 409)["code"] == "holding.state"
    assert len(world.supplier.get("financings")["data"]) == 1


def test_one_cent_too_much_is_refused_at_every_step(world: World) -> None:
    world.limit("1000.00")
    payable = world.payable("2000.00")
    request = world.plan(payable, face=money("2000.01"))
    assert world.core.post("vouchers/plan", request, 409, key=None)["code"] == "claim.payable_exceeded"
    path = f"vouchers/{world.draft('1000.01')['id']}"
    over_line = world.core_checker.sign(f"{path}/content", f"{path}/check", {"verdict": "approve"}, 409)
    assert over_line["code"] == "limit.exceeded"

    holding = world.holding_of(world.accepted("1000.00"))
    terms = {"receiver_id": prt(world.cast.suppliers[1]), "amount": money("1000.01"), "trade_basis": "order SO-7"}
    refused = world.supplier.post(f"holdings/{holding['id']}/transfers/plan", terms, 422, key=None)
    assert refused["code"] == "holding.amount_invalid"
    terms = {"holding_id": holding["id"], "funder_id": prt(world.cast.funder), "amount": money("1000.01")}
    assert world.supplier.post("quotes", terms, 422)["code"] == "holding.amount_invalid"
    assert [one["amount"] for one in world.supplier.get("holdings")["data"]] == [money("1000.00")]


def test_a_term_over_the_limit_is_refused_and_a_long_one_wants_its_reason(world: World) -> None:
    world.limit()
    payable = world.payable()
    clause = {"contract_clause": "contract 7, clause 4"}

    def refused(due_on: str, **more: str) -> str:
        request = world.plan(payable, due_on=due_on, **clause, **more)
        return str(world.core.post("vouchers/plan", request, 422, key=None)["code"])

    assert refused(A_YEAR_AND_A_DAY, term_reason="a ship is built") == "voucher.term_too_long"
    assert refused(SEVEN_MONTHS) == "voucher.term_reason_missing"
    assert date.fromisoformat(SEVEN_MONTHS) > parties.TODAY
    request = world.plan(payable, due_on=SEVEN_MONTHS, **clause, term_reason="a ship is built")
    planned = world.core.post("vouchers/plan", request, key=None)
    signed = {"voucher_id": planned["voucher_id"], "content_digest": planned["content_digest"]}
    path = f"vouchers/{world.core.post('vouchers', {**request, **signed, 'password': PASSWORD}, 201)['id']}"
    waiting = world.core_checker.sign(f"{path}/content", f"{path}/check", {"verdict": "approve"}, 409)
    assert waiting["code"] == "voucher.term_not_acknowledged"


@pytest.mark.parametrize("amount", ["-0.01", "0.00", "99999999999999999.99"])
def test_no_amount_is_negative_nothing_or_absurd(world: World, amount: str) -> None:
    """Wherever a caller says an amount: limits, claims, vouchers, parts, prices."""
    world.limit()
    holding = world.holding_of(world.accepted("1000.00"))
    claim = {
        "scheme": "invoice_cn",
        "parts": {"number": "24312345678901234567"},
        "debtor_id": prt(world.cast.core),
        "creditor_id": prt(world.cast.supplier),
    }
    terms = {"core_id": prt(world.cast.core), "valid_from": "2014-03-04", "source": "s"}
    asked = (
        (world.funder, "limits/proposals", {**terms, "sanctioned": money(amount)}),
        (world.core, "claims", {**claim, "amount": money(amount)}),
        (world.core, "vouchers/plan", world.plan(world.payable(), face=money(amount))),
        (
            world.supplier,
            f"holdings/{holding['id']}/transfers/plan",
            {"receiver_id": prt(world.cast.suppliers[1]), "amount": money(amount), "trade_basis": "SO-7"},
        ),
        (
            world.supplier,
            "quotes",
            {"holding_id": holding["id"], "funder_id": prt(world.cast.funder), "amount": money(amount)},
        ),
    )
    for who, path, body in asked:
        answer = who.call("POST", path, body)
        # a line may be cut to nothing; nothing else is
        if (path, amount) != ("limits/proposals", "0.00"):
            assert who.status in (409, 422), (path, amount, answer)
            assert answer["code"] != "input.invalid" or answer["errors"], "the field is named"


@pytest.mark.requirement("R042")
@pytest.mark.requirement("R043")
def test_a_payable_without_its_document_or_with_days_out_of_order_is_refused(world: World) -> None:
    core = prt(world.cast.core)
    claim = {"scheme": "po_asn", "parts": {"buyer": core, "order": "PO-B", "delivery": "ASN-B"}, "debtor_id": core}
    claim |= {"creditor_id": prt(world.cast.supplier), "amount": money("10.00")}
    named = {"documents": [{"kind": "delivery", "number": "ASN-B"}], "delivered_on": parties.TODAY.isoformat()}
    terms = {
        "claim_id": world.core.post("claims", claim, 201)["id"],
        "amount": money("10.00"),
        "due_date": DUE,
        **named,
    }
    for change, pointer, code in (
        ({"documents": []}, "/documents", "claim.documents_missing"),
        ({"documents": [{"kind": "order", "number": "PO-B"}]}, "/documents", "claim.documents_missing"),
        ({"delivered_on": TOMORROW.isoformat()}, "/delivered_on", "claim.sequence_wrong"),
        ({"due_date": "2014-03-02"}, "/due_date", "claim.sequence_wrong"),
    ):
        refused = world.core.post("payables", {**terms, **change}, 422)
        assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [(pointer, code)]
    assert world.core.get("payables")["data"] == []
    assert world.core.post("payables", terms, 201)["state"] == "proposed"
