"""What people do about vouchers and money through forms: objections, obligations, payments, deciding together."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from tests.builders import settlement as money
from tests.interfaces.web import seed
from tests.interfaces.web.pressing import STRANGER, act, ask, confirm, kinds, problems, several
from tests.interfaces.web.scene import Scene, fields

from fourflow.capital.claims import queries as claims
from fourflow.capital.settlement import operations as settlement_operations
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.settlement.types import AccountKind, InstructionState, Purpose
from fourflow.capital.vouchers import operations as register
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import VoucherState
from fourflow.foundation.parameters import operations as parameters
from fourflow.foundation.parameters import queries as parameter_queries
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.web import menu
from fourflow.interfaces.web.addresses import text, to
from fourflow.platform.ids import new_id


def overlays(voucher: Any) -> list[Any]:
    return vouchers.overlays(actor=SYSTEM, voucher_id=voucher.id, open_only=True)


class TestObjections:
    def test_the_issuer_disputes_and_settles(self, scene: Scene) -> None:
        voucher = scene.here.accepted("8100.00")
        path = to("voucher", voucher.id, "/dispute")
        assert path in scene.get("core", to("voucher", voucher.id)).content.decode()
        assert problems(ask(scene, "core", path, source="x" * 501)) == {"source": "input.too_long"}
        act(scene, "core", path, source="short delivery, case 31")
        (overlay,) = overlays(voucher)
        assert kinds(voucher.id)[-1] == "voucher.overlay_opened"
        page = scene.get("core", to("voucher", voucher.id)).content.decode()
        close = to("voucher", voucher.id, f"/overlays/{text('overlay', overlay.id)}/close")
        assert "short delivery, case 31" in page and close in page
        assert close not in scene.get("supplier", to("voucher", voucher.id)).content.decode()
        shown = ask(scene, "supplier", close, reason="we want it gone")
        refused = scene.clients["supplier"].post(close, {**fields(shown), "outcome": "approve"})
        assert refused.status_code == 403 and overlays(voucher)
        act(scene, "core", close, reason="goods came after all")
        assert overlays(voucher) == []

    def test_a_holder_disputes_its_own_part_only(self, scene: Scene) -> None:
        held = scene.here.held("8200.00")
        act(scene, "supplier", to("holding", held.id, "/dispute"), source="set-off, case 4")
        (overlay,) = vouchers.overlays(actor=SYSTEM, voucher_id=held.voucher_id, open_only=True)
        assert overlay.holding_id == held.id
        offering = scene.get("supplier", to("holding", held.id, "/transfer")).content.decode()
        assert "Disputed" in offering and "set-off, case 4" in offering and "disabled" in offering
        assert scene.get("fourth", to("holding", held.id, "/dispute")).status_code == 404
        path = to("voucher", held.voucher_id, "/dispute")
        shown = ask(scene, "supplier", path, source="all of it")
        refused = scene.clients["supplier"].post(path, {**fields(shown), "outcome": "approve"})
        assert refused.status_code == 403

    def test_the_operator_freezes_on_an_order_and_another_person_lifts_it(self, scene: Scene) -> None:
        voucher = scene.here.accepted("8300.00")
        act(scene, "operator", to("voucher", voucher.id, "/freeze"), source="court order 2014-88")
        (overlay,) = overlays(voucher)
        close = to("voucher", voucher.id, f"/overlays/{text('overlay', overlay.id)}/close")
        assert scene.get("core", to("voucher", voucher.id, "/freeze")).status_code == 403
        assert scene.get("regulator", to("voucher", voucher.id, "/freeze")).status_code == 403
        shown = ask(scene, "operator", close, reason="over")
        refused = scene.clients["operator"].post(close, {**fields(shown), "outcome": "approve"})
        assert refused.status_code == 403 and overlays(voucher)
        act(scene, "operator checker", close, reason="order lifted on 2014-03-02")
        assert overlays(voucher) == [] and kinds(voucher.id)[-1] == "voucher.overlay_closed"
        assert scene.get("operator", close.replace("/close", "x/close")).status_code == 404

    def test_a_voucher_in_default_can_still_be_paid_and_complained_of(self, scene: Scene) -> None:
        voucher = scene.here.accepted("8350.00")
        scene.here.overdue(voucher)
        long_after = scene.here.due_day(voucher).later(95).now
        assert register.mark_defaulted(voucher_id=voucher.id, effective_at=long_after).state is VoucherState.DEFAULTED
        assert (
            to("voucher", voucher.id, "/pay") in scene.get("core checker", to("voucher", voucher.id)).content.decode()
        )
        assert (
            to("voucher", voucher.id, "/complain") in scene.get("supplier", to("voucher", voucher.id)).content.decode()
        )

    def test_a_complaint_reaches_the_desks_inbox_and_is_answered_once(self, scene: Scene) -> None:
        here = scene.here
        voucher = here.overdue(here.accepted("8400.00"))
        page = scene.get("supplier", to("voucher", voucher.id)).content.decode()
        path = to("voucher", voucher.id, "/complain")
        assert path in page
        assert problems(ask(scene, "supplier", path, text=" ")) == {"text": "input.missing"}
        act(scene, "supplier", path, text="three days late and no word")
        (made,) = [one for one in vouchers.complaints(actor=SYSTEM) if one.voucher_id == voucher.id]
        answer = to("complaint", made.id, "/answer")
        assert answer in scene.get("operator", "/inbox").content.decode()
        assert "three days late" in scene.get("supplier", "/complaints").content.decode()
        assert "three days late" not in scene.get("second", "/complaints").content.decode()
        assert scene.get("supplier", answer).status_code == 403
        act(scene, "operator", answer, answer="The core pays on Friday.")
        assert answer not in scene.get("operator", "/inbox").content.decode()
        assert "The core pays on Friday." in scene.get("supplier", "/complaints?state=answered").content.decode()
        assert scene.get("operator", f"/complaints/cmp_{STRANGER}/answer").status_code == 404
        assert scene.get("core", path).status_code == 403


class TestObligations:
    def test_an_offer_is_withdrawn_before_it_is_answered(self, scene: Scene) -> None:
        voucher = scene.here.offered("6100.00")
        path = to("voucher", voucher.id, "/withdraw")
        act(scene, "core", path, reason="wrong bank")
        assert scene.here.now_of(voucher).state is VoucherState.CANCELLED
        assert "This is answered" in scene.get("core", path).content.decode()
        shown = ask(scene, "core", path, reason="again")
        late = scene.clients["core"].post(path, {**fields(shown), "outcome": "approve"})
        assert late.status_code == 409
        other = scene.here.offered("6150.00")
        assert ask(scene, "supplier", to("voucher", other.id, "/withdraw"), reason="x").status_code == 200
        assert scene.get("bank", to("voucher", other.id, "/withdraw")).status_code == 403
        assert scene.get("fourth", to("voucher", other.id, "/withdraw")).status_code == 404

    def test_both_sides_sign_to_cancel_an_accepted_voucher(self, scene: Scene) -> None:
        voucher = scene.here.accepted("6200.00")
        path = to("voucher", voucher.id, "/cancel")
        assert "has not signed for the cancellation" in scene.get("supplier", path).content.decode()
        page = scene.get("core", path)
        assert "six thousand two hundred" in page.content.decode().lower()
        confirm(scene, "core", path, page)
        assert "still missing" in scene.get("core", path).content.decode()
        # what waits stands on the record of both, and in the inbox of who may agree
        for who, told in (("core", "The holder may agree until"), ("supplier", "The issuer asks you to agree until")):
            assert told in scene.get(who, to("voucher", voucher.id)).content.decode()
        assert f'href="{path}"' in scene.get("supplier", "/inbox").content.decode()
        agreed = scene.get("supplier", path)
        wrong = scene.clients["supplier"].post(path, {**fields(agreed), "outcome": "approve", "digest": "00" * 32})
        assert wrong.status_code in (403, 409)
        assert scene.here.now_of(voucher).state is VoucherState.ACTIVE
        confirm(scene, "supplier", path, agreed)
        assert scene.here.now_of(voucher).state is VoucherState.CANCELLED
        assert path not in scene.get("supplier", "/inbox").content.decode()
        assert [a.act.value for a in vouchers.acts(actor=SYSTEM, voucher_id=voucher.id)][-2:] == ["voucher.cancel"] * 2

    def test_a_credit_note_reduces_the_debt_while_the_first_supplier_holds_it(self, scene: Scene) -> None:
        held = scene.here.held("6300.00")
        path = to("holding", held.id, "/credit")
        assert path in scene.get("supplier", to("holding", held.id)).content.decode()
        wrong = ask(scene, "supplier", path, amount="12.345", document="")
        assert problems(wrong) == {"amount": "money.malformed", "document": "input.missing"}
        shown = ask(scene, "supplier", path, amount="6300.01", document="CN-1")
        over = scene.clients["supplier"].post(path, {**fields(shown), "outcome": "approve"})
        assert problems(over) == {"amount": "voucher.credit_exceeded"} and 'value="6300.01"' in over.content.decode()
        act(scene, "supplier", path, amount="300.00", document="CN-1")
        voucher = vouchers.get(actor=SYSTEM, voucher_id=held.voucher_id)
        assert str(voucher.cancelled.decimal) == "300.00" and "voucher.credited" in kinds(voucher.id)
        flow = (
            scene.get("supplier", to("voucher", voucher.id))
            .content.decode()
            .split('id="flow"')[1]
            .split("</section>")[0]
        )
        assert "Held" in flow and "Cancelled" not in flow, "what was credited does not speak for what is still held"
        assert scene.get("core", path).status_code in (200, 404)
        assert scene.get("bank", path).status_code == 403

    def test_after_a_transfer_the_credit_note_is_settled_outside(self, scene: Scene) -> None:
        here = scene.here
        held = here.held("6400.00")
        here.passed(held, here.supplier(2), "6400.00")
        path = to("holding", held.id, "/credit")
        shown = ask(scene, "supplier", path, amount="10.00", document="CN-2")
        refused = scene.clients["supplier"].post(path, {**fields(shown), "outcome": "approve"})
        assert refused.status_code == 409 and "its holders are not touched" in refused.content.decode()
        act(scene, "supplier", to("voucher", held.voucher_id, "/credit"), amount="10.00", document="CN-2")
        voucher = vouchers.get(actor=SYSTEM, voucher_id=held.voucher_id)
        assert not voucher.cancelled and kinds(voucher.id)[-1] == "voucher.credit_settled_outside"

    def test_the_issuer_releases_a_late_payment_with_the_password(self, scene: Scene) -> None:
        here = scene.here
        voucher = here.overdue(here.accepted("6500.00"))
        path = to("voucher", voucher.id, "/pay")
        assert path in scene.get("core checker", to("voucher", voucher.id)).content.decode()
        for amount, code in (("6500.01", "holding.amount_invalid"), ("0", "holding.amount_invalid")):
            shown = ask(scene, "core checker", path, amount=amount)
            given = {**fields(shown), "outcome": "approve", "password": seed.PASSWORD}
            refused = scene.clients["core checker"].post(path, given)
            assert refused.status_code == 422 and problems(refused) == {"amount": code}
        shown = ask(scene, "core checker", path, amount="2500.00")
        body = shown.content.decode()
        assert "two thousand five hundred" in body.lower() and scene.here.supplier().name in body
        part = here.living(voucher)[0]
        assert settlement.of_subject(actor=SYSTEM, subject_id=part.id) == []
        confirm(scene, "core checker", path, shown)
        (order,) = settlement.of_subject(actor=SYSTEM, subject_id=part.id)
        assert str(order.amount.decimal) == "2500.00"
        link = f'<a href="{to("instruction", order.id)}">'
        for who in ("core", "supplier"):
            assert link in scene.get(who, to("voucher", voucher.id)).content.decode()
        assert link not in scene.get("bank", to("voucher", voucher.id)).content.decode()  # its line, not its money
        listed = scene.get("core", f"/payments?voucher_id={text('voucher', voucher.id)}").content.decode()
        of_another = scene.get("core", f"/payments?voucher_id={text('voucher', new_id())}").content.decode()
        assert to("instruction", order.id) in listed and voucher.number[-8:] in listed
        assert to("instruction", order.id) not in of_another
        shown = ask(scene, "core checker", path, amount="4000.00")
        given = {**fields(shown), "outcome": "approve", "password": seed.PASSWORD}
        underway = scene.clients["core checker"].post(path, given)
        assert underway.status_code == 409 and "no final answer" in underway.content.decode()
        assert scene.get("supplier", path).status_code == 403

    def test_the_bank_acknowledges_a_long_term(self, scene: Scene) -> None:
        here = scene.here
        long = here.request(here.payable("6600.00"), due_on=date(2014, 12, 19), term_reason="seasonal goods")
        voucher = here.drafted(long)
        path = to("voucher", voucher.id, "/acknowledge")
        assert path in scene.get("bank", to("voucher", voucher.id)).content.decode()
        act(scene, "bank", path, reason="goods sell in December")
        assert here.now_of(voucher).term_acknowledged_by == here.funder.maker.person_id
        assert scene.get("other bank", path).status_code == 404
        assert scene.get("core", path).status_code == 403


@pytest.fixture(scope="module")
def collecting(scene: Scene) -> Any:
    """An account of the first supplier's whose credits the platform is told of."""
    return money.account(
        scene.here.supplier().id, "BETA", "B-COLLECT", AccountKind.COLLECTION, scene.here.supplier().name
    )


class TestMoneyThatWaits:
    def test_a_prepared_payment_is_released_by_another_person_or_withdrawn(self, scene: Scene, collecting: Any) -> None:
        here = scene.here
        (own,) = settlement.accounts(actor=SYSTEM, party_id=here.core.id, currency="USD")

        def prepared(reference: str) -> Any:
            return settlement_operations.draft(
                actor=here.core.maker,
                reference=reference,
                payer_account_id=own.id,
                payee_account_id=collecting.id,
                amount=money.usd(420_000),
                purpose=Purpose.TRADE_PAYMENT,
                subject_id=collecting.id,
                mandate="agreement 7",
                execution_date=here.day,
                effective_at=here.now,
            )

        first, second = prepared("trade:1"), prepared("trade:2")
        path = to("instruction", first.id, "/release")
        assert path in scene.get("core checker", to("instruction", first.id)).content.decode()
        page = scene.get("core", path)
        given = {**fields(page), "outcome": "approve", "password": seed.PASSWORD}
        assert scene.clients["core"].post(path, given).status_code in (403, 409)
        shown = scene.get("core checker", path)
        assert "four thousand two hundred" in shown.content.decode().lower()
        wrong = scene.clients["core checker"].post(path, {**fields(shown), "outcome": "approve", "password": "no"})
        assert wrong.status_code == 403
        confirm(scene, "core checker", path, shown)
        assert settlement.payment(actor=SYSTEM, instruction_id=first.id).payment.state is InstructionState.INSTRUCTED
        act(scene, "core", to("instruction", second.id, "/withdraw"), reason="paid by cheque")
        assert settlement.payment(actor=SYSTEM, instruction_id=second.id).payment.state is InstructionState.REJECTED
        assert scene.get("fourth", path).status_code in (403, 404)
        assert scene.get("bank checker", path).status_code == 404

    def test_cash_that_no_rule_places_is_placed_by_hand_by_two_people(self, scene: Scene, collecting: Any) -> None:
        accounts = money.Money4(*[collecting] * 5)
        wanted = money.expected(accounts, 90_000, "VCH-by-hand")
        money.arrives("BETA", money.booked(collecting, 55_555, "BR-77", text="for goods", payer="Somebody"))
        (cash,) = [one for one in settlement.unmatched(actor=SYSTEM) if one.entry.bank_reference == "BR-77"]
        path = f"/unmatched/{text('entry', cash.entry_id)}/place"
        assert path in scene.get("operator", "/unmatched").content.decode()
        wrong = ask(scene, "operator", path, expectation="none of them", amount="5e5")
        assert problems(wrong) == {"expectation": "input.not_a_choice", "amount": "money.malformed"}
        act(scene, "operator", path, expectation=str(wanted.id), amount="555.55")
        page = scene.get("operator checker", "/unmatched").content.decode()
        entry = page[page.index("BR-77") :]
        assert f'id="{text("entry", cash.entry_id)}"' in page and re.search(
            r"Decide by.{1,120}2014-04-02", entry, re.DOTALL
        )
        token = re.search(r'name="token" value="([^"]+)"', entry)
        assert token is not None
        given = {"entry": text("entry", cash.entry_id), "step": "carry-out", "token": token[1]}
        assert scene.clients["operator checker"].post("/unmatched", given).status_code == 302
        (after,) = [e for e in settlement.expectations(actor=SYSTEM, only_open=False) if e.id == wanted.id]
        assert str(after.received.decimal) == "555.55"
        listed = scene.get("operator", "/placed?sort=-amount&limit=25").content.decode()
        (row,) = re.findall(r'<tr id="([0-9a-f]{32})"', listed)
        assert (
            "555.55" in listed and "555.55" in scene.get("operator", f"/placed?sort=booked&id={row}").content.decode()
        )
        assert "555.55" not in scene.get("operator", f"/placed?id={'0' * 32}").content.decode()
        assert scene.get("core", path).status_code == 403
        assert scene.get("operator", f"/unmatched/ent_{STRANGER}/place").status_code == 404
        assert scene.get("operator checker", f"/exceptions/exc_{STRANGER}/resolve").status_code == 404
        assert scene.get("operator", f"/exceptions/exc_{STRANGER}/resolve").status_code == 403

    def test_money_that_belongs_to_nobody_goes_back_by_two_people(self, scene: Scene, collecting: Any) -> None:
        stray = money.booked(collecting, 77_777, "BR-78", text="oops", payer="Stranger Ltd", payer_account="X-78")
        money.arrives("BETA", stray, money.booked(collecting, 66_600, "BR-79", payer="Nobody"))
        waiting = {one.entry.bank_reference: one for one in settlement.unmatched(actor=SYSTEM)}
        cash, nameless = (text("entry", waiting[key].entry_id) for key in ("BR-78", "BR-79"))
        path, decide = (f"/unmatched/{cash}/{step}" for step in ("return", "send-back"))
        listed = scene.get("operator", "/unmatched").content.decode()
        assert path in listed and f"/unmatched/{nameless}/return" not in listed
        refused = scene.get("operator", f"/unmatched/{nameless}/return").content.decode()
        assert "did not name the payer" in refused
        assert problems(ask(scene, "operator", path, reason=" ")) == {"reason": "input.missing"}
        act(scene, "operator", path, reason="not a customer of ours")
        mine = scene.get("operator", "/unmatched").content.decode()
        assert decide not in mine
        token = re.search(r'value="([^"]+w)"><input type="hidden" name="entry" value="' + cash, mine)
        assert token is not None, "who proposed may take it back"
        given = {"token": token.group(1), "entry": cash, "step": "withdraw"}
        assert scene.clients["operator checker"].post("/unmatched", given).status_code == 403
        for _press in range(2):
            assert scene.clients["operator"].post("/unmatched", given).status_code == 302
        assert path in scene.get("operator", "/unmatched").content.decode()
        act(scene, "operator", path, reason="not a customer of ours")
        assert decide in scene.get("operator checker", "/unmatched").content.decode()
        page = scene.get("operator checker", decide)
        shown = page.content.decode()
        assert "X-78" in shown and "not a customer of ours" in shown and "seventy-seven" in shown.lower()
        given = {**fields(page), "outcome": "approve", "password": seed.PASSWORD}
        for _press in range(2):  # the second press is answered, not done
            answer = scene.clients["operator checker"].post(decide, given)
            assert answer.status_code == 302, answer.content.decode()
        (payment,) = [one for one in settlement.payments(actor=SYSTEM) if one.payee_account == "X-78"]
        assert (answer["Location"], payment.payee_id) == (to("instruction", payment.id), None)
        assert "not a customer of ours" in scene.get("operator", "/returned-cash").content.decode()
        assert "X-78" in scene.get("operator", to("instruction", payment.id)).content.decode()
        assert scene.get("operator", path).status_code == scene.get("operator checker", decide).status_code == 404
        assert scene.get("core", path).status_code == scene.get("operator", decide).status_code == 403


class TestDecidingTogether:
    def test_drafts_of_one_kind_are_checked_with_one_press_and_each_is_signed(self, scene: Scene) -> None:
        here = scene.here
        drafts = [here.drafted(here.request(here.payable(amount))) for amount in ("7100.00", "7200.00")]
        ids = [text("approval", one.approval_id) for one in drafts]
        inbox = scene.get("core checker", "/inbox").content.decode()
        assert all(f'name="id" value="{one}"' in inbox for one in ids) and "data-minor" in inbox
        shown = scene.clients["core checker"].post("/inbox/together", {"id": ids, "action": "approve"})
        assert all(one.number[-8:] in shown.content.decode() for one in drafts), "what looks alike is told apart"
        assert "14,300.00" in shown.content.decode() and "fourteen thousand three hundred" in shown.content.decode()
        given = {**several(shown), "token": fields(shown)["token"], "outcome": "approve"}
        wrong = scene.clients["core checker"].post(
            "/inbox/together", {**given, "digest": given["digest"][:1], "password": seed.PASSWORD}
        )
        assert wrong.status_code == 409 and "is not what was shown" in wrong.content.decode()
        assert {here.now_of(one).state for one in drafts} == {VoucherState.DRAFT}
        for _press in range(2):
            done = scene.clients["core checker"].post("/inbox/together", {**given, "password": seed.PASSWORD})
            assert done.status_code == 302
        assert {here.now_of(one).state for one in drafts} == {VoucherState.OFFERED}
        for one in drafts:
            (checked,) = [a for a in vouchers.acts(actor=SYSTEM, voucher_id=one.id) if a.act.value == "voucher.check"]
            assert checked.person_id == here.core.checker.person_id

    def test_payables_are_confirmed_with_one_press_and_each_is_signed(self, scene: Scene) -> None:
        here, post = scene.here, scene.clients["core checker"].post
        owed = [here.proposed(amount) for amount in ("7400.00", "7500.00")]
        ids = [text("payable", one.id) for one in owed]
        assert all(f'name="id" value="{one}"' in scene.get("core checker", "/inbox").content.decode() for one in ids)
        shown = post("/inbox/together", {"id": ids})
        assert "14,900.00" in shown.content.decode() and owed[0].documents[0].number in shown.content.decode()
        given = {**several(shown), "token": fields(shown)["token"], "outcome": "approve", "password": seed.PASSWORD}
        draft = here.drafted(here.request(here.payable("7600.00")))
        mixed = post("/inbox/together", {"id": [ids[0], text("approval", draft.approval_id)]})
        assert mixed.status_code == 409 and "cannot be decided together" in mixed.content.decode()
        assert [post("/inbox/together", given).status_code for _press in range(2)] == [302, 302]
        for one in owed:
            confirmed = claims.payable(actor=SYSTEM, payable_id=one.id)
            assert confirmed.state.value == "confirmed" and confirmed.confirmed_by == here.core.checker.person_id
            assert confirmed.signature is not None
        again = {**given, "token": "another-press-of-the-same"}
        assert post("/inbox/together", again).status_code == 409, "confirmed ones wait for nobody"

    def test_values_are_decided_together_only_as_they_were_shown(self, scene: Scene) -> None:
        operator, post = scene.here.cast.operator, scene.clients["operator checker"].post
        proposed = [
            parameters.propose(
                key=Key.STATUTORY_DAYS.value,
                value=value,
                valid_from=scene.here.day + timedelta(days=value),
                source="notice 12",
                actor=operator.maker,
                effective_at=scene.here.now,
            )
            for value in (61, 62)
        ]
        ids = [text("approval", one.approval_id) for one in proposed if one.approval_id]
        shown = post("/inbox/together", {"id": ids})
        assert "notice 12" in shown.content.decode() and "61" in shown.content.decode()
        given = {**several(shown), "token": fields(shown)["token"], "outcome": "approve"}
        wrong = post("/inbox/together", {**given, "payload_hash": given["payload_hash"][:1]})
        assert wrong.status_code == 409
        assert parameter_queries.history(SYSTEM, key=Key.STATUTORY_DAYS)[-1].state.value == "proposed"
        assert post("/inbox/together", given).status_code == 302
        decided = parameter_queries.history(SYSTEM, key=Key.STATUTORY_DAYS)[-2:]
        assert [one.state.value for one in decided] == ["approved", "approved"]

    def test_what_does_not_belong_together_or_is_not_theirs_is_refused_whole(self, scene: Scene) -> None:
        here = scene.here
        draft = here.drafted(here.request(here.payable("7300.00")))
        own = text("approval", draft.approval_id)
        post = scene.clients["core checker"].post
        for ids, status, words in (
            ([], 422, "Nothing is ticked"),
            ([own, f"apr_{STRANGER}"], 409, "cannot be decided together"),
            ([own] + [f"apr_{number:026d}" for number in range(100)], 422, "Too many"),
        ):
            for outcome in ("", "approve"):
                answer = post("/inbox/together", {"id": ids, "outcome": outcome, "token": f"x{status}{len(ids)}"})
                assert answer.status_code == status and words in answer.content.decode(), (ids, outcome)
        for who in ("core", "supplier", "bank checker"):
            assert scene.clients[who].post("/inbox/together", {"id": [own]}).status_code == 409
        assert here.now_of(draft).state is VoucherState.DRAFT
        assert scene.get("core checker", "/inbox/together").status_code == 405

    def test_what_releases_money_or_is_signed_by_others_cannot_be_ticked(self) -> None:
        assert set(menu.TOGETHER) == {"voucher.issue", "limit.publish", "parameter.set"}
        for alone in ("financing.decide", "party.onboard", "party.change", "access.recover"):
            assert alone in menu.APPROVALS and alone not in menu.TOGETHER
