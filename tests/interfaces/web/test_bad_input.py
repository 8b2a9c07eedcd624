"""What people get wrong on pages and in files: each is refused in words, what was typed stays, and nothing has changed.

The table of all of it, with the doors beside this one, stands in docs/operations/bad-input.md.
"""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from tests.builders import parties
from tests.builders import settlement as money
from tests.builders.vouchers import DUE
from tests.interfaces.web import seed
from tests.interfaces.web.plain import Plain
from tests.interfaces.web.pressing import act, ask
from tests.interfaces.web.scene import Scene, fields
from tests.scenes import outermost

from fourflow.capital.claims import queries as claims
from fourflow.capital.financing import queries as financings
from fourflow.capital.limits import operations as limits
from fourflow.capital.settlement import operations as banking
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.settlement.ports import RawMessage
from fourflow.capital.settlement.types import AnswerStatus, InstructionState, Purpose
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import VoucherState
from fourflow.foundation.parties import operations as party_operations
from fourflow.foundation.parties import queries as party_queries
from fourflow.foundation.parties.types import SYSTEM, ChangeKind, EndTerms, Function, MemberTerms
from fourflow.interfaces.web import refusals
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.pages import issue
from fourflow.platform import clock
from fourflow.trade.documents import queries as documents

HEAD = "document,face,due_on,bank,contract_clause,term_reason"


def upload(scene: Scene, lines: list[str], encoding: str = "utf-8") -> Any:
    file = io.BytesIO("\n".join(lines).encode(encoding))
    file.name = "vouchers.csv"
    return scene.clients["core"].post("/issue/batch", {"file": file})


def issued(scene: Scene) -> int:
    return len(vouchers.vouchers(actor=SYSTEM, limit=200).rows)


def test_every_bad_row_of_a_voucher_file_comes_back_with_its_reason(scene: Scene) -> None:
    """Negative, absurd and unreadable amounts, wrong dates, a formula, a row given twice, a payable of nobody's."""
    number, bank, due = scene.here.payable("5000.00").documents[0].number, scene.here.funder.name, DUE.isoformat()

    def row(face: str = "100.00", due_on: str = due, of: str = number) -> str:
        return f"{of},{face},{due_on},{bank},clause 4,"

    wrong = {
        row(): "repeats an earlier one",
        row("-1.00"): "not positive",
        row("0.00"): "not positive",
        row("9" * 30): "not an amount",
        row("12.345"): "face: This is not an amount",
        row('"=1+1"'): "not an amount",
        row("4999.01"): "More than is left",
        row("1.00", "2014-02-30"): "due_on: There is no such day. (a day, such as 2026-03-31)",
        row("2.00", "29/08/2014"): "due_on: There is no such day. (a day, such as 2026-03-31)",
        row("3.00", "2015-03-04"): "longer than the rules allow",
        row("4.00", of="PO-0/ASN-0"): "payable",
    }
    before = issued(scene)
    dry = upload(scene, [HEAD, row(), *wrong])
    body = dry.content.decode()
    assert "1 can be issued" in body and f"{len(wrong)} with errors" in body
    rows = re.search(r'name="rows" value="([^"]*)"', body)
    assert rows is not None
    reasons = {line[0]: line[-1] for line in json.loads(unescape(rows.group(1)))}
    for place, (line, reason) in enumerate(wrong.items(), 3):
        assert reason in reasons[place], (line, reasons[place])
    answer = scene.clients["core"].post("/issue/batch/errors", {"rows": unescape(rows.group(1))})
    cells = [cell for line in load_workbook(io.BytesIO(answer.content)).active.iter_rows() for cell in line]
    assert "=1+1" in [str(cell.value).lstrip("'") for cell in cells]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert issued(scene) == before


@pytest.mark.parametrize(
    ("lines", "encoding"),
    [([HEAD, "x,1.00,2014-08-29,b,,"], "utf-16"), (["document,face", "x,1.00"], "utf-8"), ([HEAD], "utf-8")],
)
def test_a_file_in_another_encoding_or_without_its_columns_is_refused_whole(
    scene: Scene, lines: list[str], encoding: str
) -> None:
    answer = upload(scene, lines, encoding)
    assert answer.status_code == 422 and "Nothing was changed" in answer.content.decode()


@pytest.mark.parametrize(
    ("door", "lacks"),
    [
        ("/issue/batch", "document, due_on, bank"),
        ("/deliveries/file", "order, line, item, quantity, unit, amount, currency, seller, delivery, delivered_on"),
        ("/invoices/file", "number, seller, amount, currency, issued_on"),
    ],
)
def test_a_file_without_its_columns_is_told_which_it_lacks(scene: Scene, door: str, lacks: str) -> None:
    file = io.BytesIO(b"face,colour\n1.00,red\n")
    file.name = "wrong.csv"
    refused = scene.clients["core"].post(door, {"file": file})
    page = refused.content.decode()
    assert refused.status_code == 422 and f"(the columns {lacks})" in page
    told = dict(re.findall(r'<dt><span class="id">(\w+)</span></dt><dd>([^<]+?)\s*<', page))
    assert all(told[name] for name in lacks.split(", ")), "and what stands in each, in the reader's words"


def test_no_amount_is_negative_nothing_absurd_or_a_cent_too_much(scene: Scene) -> None:
    payable = scene.here.payable("1000.00")
    held = scene.here.held("1000.00")
    bank, receiver = text("party", scene.here.funder.id), text("party", scene.here.supplier(3).id)
    for amount in ("-0.01", "0.00", "9" * 30, "1000.01", "=1+1"):
        pages = {
            "/issue": ("core", {"payable": text("payable", payable.id), "face": amount, "funder": bank}),
            to("holding", held.id, "/transfer"): (
                "supplier",
                {"amount": amount, "receiver": receiver, "basis": "order SO-7"},
            ),
        }
        for path, (who, given) in pages.items():
            answer = scene.clients[who].get(path, {**given, "due_on": DUE.isoformat(), "contract_clause": "4"})
            page = answer.content.decode()
            assert answer.status_code in (409, 422), (path, amount, answer.status_code)
            assert "Nothing was changed" in page or 'id="face-error"' in page, (path, amount)
            assert 'name="password"' not in page, (path, amount)
            assert f'value="{amount}"' in page, "what was typed stays"
        asked = scene.clients["supplier"].post(to("holding", held.id, "/cash"), {"amount": amount, "token": amount})
        assert asked.status_code in (409, 422) and "Nothing was changed" in asked.content.decode(), amount


def test_a_bank_that_makes_no_price_does_not_stop_the_others(scene: Scene) -> None:
    """A refusal amid the asking takes nothing back of what was asked before it, and nothing of what is asked after."""
    here = scene.here
    held = here.held("1000.00")
    for silent, asked in (here.cast.funders[:2], here.cast.funders[1::-1]):
        with outermost(undone=True):
            limits.freeze(
                limit_id=here.line_now(silent).id, actor=silent.maker, reason="a court's order", effective_at=here.now
            )
            answer = scene.clients["supplier"].post(
                to("holding", held.id, "/cash"), {"amount": "900.00", "token": silent.name}
            )
            page = answer.content.decode()
            assert answer.status_code == 200 and "Banks without a price" in page
            assert f'aria-label="{asked.name}, ' in page and f'aria-label="{silent.name}, ' not in page


def test_a_part_that_may_not_go_there_is_refused_before_anybody_types_a_password(scene: Scene) -> None:
    held = scene.here.held("1000.00")
    passed = scene.here.passed(held, scene.here.supplier(2))
    back = {"amount": "1000.00", "receiver": text("party", scene.here.supplier(1).id), "basis": "order SO-7"}
    answer = scene.clients["second"].get(to("holding", passed.id, "/transfer"), back)
    assert answer.status_code == 409 and "held this part before" in answer.content.decode()
    assert 'name="password"' not in answer.content.decode()


def test_a_term_over_the_limit_is_refused_and_a_long_one_wants_its_reason(scene: Scene) -> None:
    payable = scene.here.payable("1000.00")
    given = {
        "payable": text("payable", payable.id),
        "face": "1000.00",
        "funder": text("party", scene.here.funder.id),
        "contract_clause": "clause 4",
    }
    over = scene.clients["core"].get("/issue", {**given, "due_on": "2015-03-04", "term_reason": "a ship"})
    assert over.status_code == 422 and "longer than the rules allow" in over.content.decode()
    silent = scene.clients["core"].get("/issue", {**given, "due_on": "2014-12-19"})
    assert silent.status_code == 422 and "long term needs a reason" in silent.content.decode()
    told = scene.clients["core"].get("/issue", {**given, "due_on": "2014-12-19", "term_reason": "a ship"})
    assert told.status_code == 200 and 'name="password"' in told.content.decode()


def test_every_field_of_a_voucher_that_cannot_be_read_is_named_beside_itself_at_once(scene: Scene) -> None:
    payable = text("payable", scene.here.payable("1000.00").id)
    given = {"payable": payable, "face": "much", "due_on": "2014-99-99", "funder": "", "term_reason": "x" * 501}
    for answer in (scene.clients["core"].get("/issue", given), scene.clients["core"].post("/issue", given)):
        page = Plain(answer.content.decode())
        told = {one.get("id") for one in page.find("//form//span[@class='error']")}
        assert answer.status_code == 422
        assert told == {"face-error", "due_on-error", "funder-error", "term_reason-error"}
        assert page.find("//input[@name='face'][@value='much'][@aria-invalid]"), "what was typed stays"
        assert not page.find("//main//div[@role='alert']")
    late = {
        "payable": payable,
        "face": "1000.00",
        "funder": text("party", scene.here.funder.id),
        "due_on": "2014-12-19",
    }
    (beside,) = Plain(scene.clients["core"].get("/issue", late).content.decode()).find("//span[@class='error']")
    assert beside.get("id") == "term_reason-error", "what a rule refuses, too"


def test_a_choice_of_payables_that_is_cut_off_says_so_and_leads_to_all(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _each in range(3):
        scene.here.payable("10.00")
    assert "All confirmed payables" not in scene.get("core", "/issue").content.decode()
    monkeypatch.setattr(issue, "SHOWN", 2)
    page = Plain(scene.get("core", "/issue").content.decode())
    assert len(page.find("//main//tbody/tr")) == 2 and "The first 2 are here." in page.root.text_content()
    (way,) = page.links("//a[.='All confirmed payables']")
    found = Plain(scene.get("core", way).content.decode())
    assert len(found.find("//tbody/tr[@id]")) >= 3


def test_of_two_users_who_cut_one_holding_the_second_is_told(scene: Scene) -> None:
    held = scene.here.held("1000.00")
    path = to("holding", held.id, "/transfer")
    given = {"amount": "600.00", "receiver": text("party", scene.here.supplier(3).id), "basis": "order SO-7"}
    shown = [scene.clients["supplier"].get(path, given) for _user in range(2)]
    presses = [
        scene.clients["supplier"].post(path, {**fields(page), "outcome": "approve", "password": seed.PASSWORD})
        for page in shown
    ]
    assert [answer.status_code for answer in presses] == [302, 409]
    assert "locked, financed, spent" in presses[1].content.decode()
    parts = vouchers.parts(actor=SYSTEM, voucher_id=held.voucher_id)
    assert sorted(str(part.amount.decimal) for part in parts if part.state.is_live) == ["400.00", "600.00"]


def test_one_delivery_and_one_part_are_financed_once(scene: Scene) -> None:
    core, here = scene.clients["core"], scene.here
    delivery = next(one for one in documents.deliveries(here.core.maker, limit=50).items if one.number == "DN-2")
    path = to("delivery", delivery.id, "/confirm")
    given = {"creditor": text("party", here.supplier().id), "amount": "15.00", "due_date": "2014-05-02"}
    before = len(claims.payables(actor=SYSTEM, size=500))
    forms = [ask(scene, "core", path, **given) for _user in range(2)]
    answers = [core.post(path, {**fields(form), "outcome": "approve"}) for form in forms]
    assert [answer.status_code for answer in answers] == [302, 409]
    assert len(claims.payables(actor=SYSTEM, size=500)) == before + 1

    held = here.held("1000.00")
    supplier, cash = scene.clients["supplier"], to("holding", held.id, "/cash")
    prices = [supplier.post(cash, {"amount": "1000.00", "token": f"price-{one}"}).content.decode() for one in range(2)]
    quotes = [re.search(r'href="(/quotes/[^"]+)"', page) for page in prices]
    consents = []
    for quote in quotes:
        assert quote is not None
        page = supplier.get(quote.group(1))
        sent = {**fields(page), "outcome": "approve", "password": seed.PASSWORD}
        consents.append((quote.group(1), sent))
    answers = [supplier.post(path, sent) for path, sent in consents]
    assert [answer.status_code for answer in answers] == [302, 409]
    mine = [one for one in financings.financings(actor=SYSTEM, limit=200) if one.quote.voucher_id == held.voucher_id]
    assert len(mine) == 1


def test_what_a_bank_does_wrong_stands_on_the_pages_and_nothing_is_sent_again(scene: Scene) -> None:
    """It answers not at all, twice, otherwise than before, and no."""
    here, core, operator = scene.here, scene.clients["core"], scene.clients["operator"]
    (own,) = settlement.accounts(actor=SYSTEM, party_id=here.core.id, currency="USD")
    (theirs,) = settlement.accounts(actor=SYSTEM, party_id=here.supplier().id, currency="USD")

    def sent(reference: str) -> Any:
        payment = banking.instruct(
            actor=SYSTEM,
            reference=reference,
            payer_account_id=own.id,
            payee_account_id=theirs.id,
            amount=money.usd(100_00),
            purpose=Purpose.TRADE_PAYMENT,
            subject_id=own.id,
            mandate="own order",
            execution_date=here.day,
            effective_at=here.now,
        )
        message = RawMessage("pain.001.001.09", f"<d>{reference}</d>".encode(), reference)
        banking.record_submission(
            actor=SYSTEM,
            bank_code=payment.bank_code,
            message=message,
            instruction_ids=[payment.id],
            effective_at=here.now,
        )
        return payment

    def says(payment: Any, status: AnswerStatus, reference: str = "", report: str = "r") -> None:
        reply = money.says(payment, status, reference, report=f"{payment.reference} {report}")
        banking.apply_reply(actor=SYSTEM, bank_code=payment.bank_code, reply=reply, effective_at=here.now)

    def page(payment: Any) -> str:
        return str(core.get(to("instruction", payment.id)).content.decode())

    silent, refused, odd = sent("odd:silent"), sent("odd:refused"), sent("odd:contradicts")
    banking.mark_unknown(actor=SYSTEM, instruction_ids=[silent.id], effective_at=here.now)
    says(refused, AnswerStatus.REJECTED)
    says(refused, AnswerStatus.REJECTED, report="the same again")
    says(odd, AnswerStatus.SETTLED, "BR-1")
    says(odd, AnswerStatus.REJECTED, report="on second thoughts")
    states = [settlement.payment(actor=SYSTEM, instruction_id=one.id).payment.state for one in (silent, refused, odd)]
    assert states == [InstructionState.UNKNOWN, InstructionState.REJECTED, InstructionState.SETTLED]
    assert "asked" in page(silent) and "AM04" in page(refused)
    assert "/release" not in page(silent), "the one step that is allowed is to ask"
    found = [one for one in settlement.exceptions(actor=SYSTEM, limit=100) if one.reference == "odd:contradicts"]
    assert len(found) == 1
    path = f"/exceptions/{text('exception', found[0].id)}/resolve"
    assert "A bank contradicts our record" in operator.get("/unmatched").content.decode()
    assert path in scene.get("operator checker", "/exceptions").content.decode()
    act(scene, "operator checker", path, resolution="the bank confirmed by telephone that it paid")
    assert not [one for one in settlement.exceptions(actor=SYSTEM, limit=100) if one.reference == "odd:contradicts"]
    assert "telephone" not in core.get("/exceptions").content.decode()


def words(code: str) -> str:
    """What a page says about a refusal."""
    return str(refusals.TEXTS[code][0])


def tomorrow() -> None:
    clock.move_to(parties.NOON + timedelta(days=1))


def ended(scene: Scene, firm: parties.Firm, kind: ChangeKind, *row_ids: Any) -> None:
    """Rows of the firm's end tomorrow."""
    for row_id in row_ids:
        parties.change(scene.here.cast.operator, firm.id, EndTerms(kind, row_id, parties.TODAY + timedelta(days=1)))


def test_who_has_no_licence_or_mandate_any_more_binds_nobody(scene: Scene) -> None:
    """Last but one in this file: the day goes on by one."""
    here, op = scene.here, scene.here.cast.operator
    waiting = here.drafted()
    bank, checker = here.other_funder, here.core.checker.person_id
    ended(scene, bank, ChangeKind.LICENCE, *(row.id for row in party_queries.licences(op.viewer, party_id=bank.id)))
    held = party_queries.mandates(op.viewer, here.core.id)
    ended(scene, here.core, ChangeKind.MANDATE, *(row.id for row in held if row.person_id == checker))
    tomorrow()
    line = to("limit", here.line_now(bank).id, "/freeze")
    shown = ask(scene, "other bank", line, reason="news")
    refused = scene.clients["other bank"].post(line, {**fields(shown), "outcome": "approve"})
    assert refused.status_code == 403 and words("party.licence_expired") in unescape(refused.content.decode())
    path = to("approval", waiting.approval_id)
    page = scene.get("core checker", path)
    sent = {**fields(page), "outcome": "approve", "password": seed.PASSWORD}
    refused = scene.clients["core checker"].post(path, sent)
    assert refused.status_code == 403 and words("party.mandate_expired") in unescape(refused.content.decode())
    assert here.now_of(waiting).state is VoucherState.DRAFT


def test_under_a_second_account_a_person_is_still_who_made_it(scene: Scene) -> None:
    """Last in this file: the maker gets a checker's office."""
    here, op = scene.here, scene.here.cast.operator
    waiting = here.drafted()
    person, day = here.core.maker.person_id, parties.TODAY + timedelta(days=2)
    membership = next(row.membership_id for row in party_queries.people(op.viewer, here.core.id) if row.id == person)
    parties.change(op, here.core.id, EndTerms(ChangeKind.MEMBER, membership, day))
    both = frozenset({Function.MAKER, Function.CHECKER, Function.SIGNER})
    parties.change(op, here.core.id, MemberTerms("x", seed.email(here.core), both, day))
    parties.change(op, here.core.id, MemberTerms("x", "again@core.example", both, day, person_id=person))
    account = party_queries.account_by_email("again@core.example")
    party_operations.set_password(account_id=account.id, password=seed.PASSWORD)
    clock.move_to(parties.NOON + timedelta(days=2))
    again = Client(headers={"accept-language": "en"})
    assert again.post("/sign-in", {"email": "again@core.example", "password": seed.PASSWORD}).status_code == 302
    path = to("approval", waiting.approval_id)
    assert "another person decides" in again.get(path).content.decode()
    forged = {**fields(scene.get("core checker", path)), "outcome": "approve", "password": seed.PASSWORD}
    refused = again.post(path, forged)
    assert refused.status_code == 403 and words("approval.same_person") in unescape(refused.content.decode())
    assert here.now_of(waiting).state is VoucherState.DRAFT
