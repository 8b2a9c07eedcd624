"""What people do through forms: who may, what is asked, what is refused beside its field, and that it happens once."""

from __future__ import annotations

import re
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.builders import settlement as money
from tests.interfaces.web import seed
from tests.interfaces.web.scene import Scene, fields

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import PayableState
from fourflow.capital.limits import operations as limit_operations
from fourflow.capital.limits import queries as limits
from fourflow.capital.limits.types import PublicationState
from fourflow.capital.settlement import operations as settlement_operations
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.settlement.types import AccountKind, InstructionState, Purpose
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import VoucherState
from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import Key, ParameterState
from fourflow.foundation.parties import queries as party_queries
from fourflow.foundation.parties.types import SYSTEM, ApplicationState
from fourflow.interfaces.web import menu
from fourflow.interfaces.web.addresses import text, to
from fourflow.platform.events import queries as events
from fourflow.trade.documents import queries as documents

STRANGER = "00000000000000000000000000"


def ask(scene: Scene, who: str, path: str, **given: Any) -> Any:
    """The first press: every field is read, nothing is written."""
    return scene.clients[who].post(path, given)


def act(scene: Scene, who: str, path: str, **given: Any) -> Any:
    """Form, confirmation, and the confirming press twice: the second one is answered, not performed."""
    shown = ask(scene, who, path, **given)
    assert shown.status_code == 200, problems(shown)
    return confirm(scene, who, path, shown)


def confirm(scene: Scene, who: str, path: str, shown: Any) -> Any:
    given = {**fields(shown), **several(shown), "outcome": "approve", "password": seed.PASSWORD}
    done = scene.clients[who].post(path, given)
    assert done.status_code == 302, problems(done)
    assert scene.clients[who].post(path, given)["Location"] == done["Location"]
    return done


def several(answer: Any) -> dict[str, list[str]]:
    """Hidden fields that stand more than once."""
    body = answer.content.decode()
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', body[body.index('<form class="act"') :])
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: values for name, values in found.items() if len(values) > 1}


def problems(answer: Any) -> dict[str, str]:
    """Field → the code shown beside it; ``""`` for the note above the form."""
    body = answer.content.decode()
    beside = re.findall(r'id="([a-z_0-9]+)-error">.*?<span class="id">([a-z_.]+)</span>', body)
    above = re.findall(r'<ul class="problems"><li>([^<]*)', body)
    return {**dict(beside), **({"": above[0]} if above else {})}


def kinds(object_id: Any) -> list[str]:
    return [event.kind for event in events.of_subject(object_id)]


@pytest.fixture
def delivery(scene: Scene) -> Any:
    """A delivery that nobody has confirmed."""
    found = documents.deliveries(scene.here.core.maker, filters=documents.Filters(number="DN-")).items
    open_ = [one for one in found if "Open" in row(scene, "core", "/deliveries", one.number)]
    return open_[0]


def row(scene: Scene, who: str, path: str, number: str) -> str:
    body = scene.get(who, path).content.decode()
    found = [part for part in body.split("<tr") if number in part]
    assert found, body[body.index("<main") :][:3000]
    return found[0]


class TestPayables:
    def test_a_delivery_becomes_a_payable_that_a_second_person_signs(self, scene: Scene, delivery: Any) -> None:
        path = to("delivery", delivery.id, "/confirm")
        form = scene.get("core", path).content.decode()
        creditor = text("party", scene.here.supplier().id)
        assert f'value="{creditor}" selected' in form and 'value="15.00"' in form
        given = {"creditor": creditor, "amount": "15.00", "due_date": "2014-05-02"}
        shown = ask(scene, "core", path, **given)
        assert "fifteen" in shown.content.decode().lower()
        before = len(claims.payables(actor=SYSTEM, size=500))
        done = confirm(scene, "core", path, shown)
        assert len(claims.payables(actor=SYSTEM, size=500)) == before + 1
        made = claims.payables(actor=SYSTEM, size=1)[0]
        assert done["Location"] == to("payable", made.id)
        assert kinds(made.id) == ["payable.proposed"]
        assert "another person decides" in scene.get("core", done["Location"]).content.decode()

        page = scene.get("core checker", done["Location"])
        answer = {**fields(page), "outcome": "approve", "password": "wrong"}
        wrong = scene.clients["core checker"].post(done["Location"], answer)
        assert wrong.status_code == 403 and "Nothing was signed" in wrong.content.decode()
        confirm(scene, "core checker", done["Location"], page)
        assert claims.payable(actor=SYSTEM, payable_id=made.id).state is PayableState.CONFIRMED
        assert "payable.confirmed" in kinds(made.id)
        assert "Confirmed" in row(scene, "core", "/deliveries", delivery.number)

    def test_each_wrong_answer_is_named_beside_its_field_and_nothing_is_lost(self, scene: Scene, delivery: Any) -> None:
        path = to("delivery", delivery.id, "/confirm")
        before = len(claims.payables(actor=SYSTEM, size=500))
        wrong = ask(scene, "core", path, creditor="nobody", amount="1,5o", due_date="2014-02-30")
        assert wrong.status_code == 422
        assert problems(wrong) == {
            "creditor": "input.not_a_choice",
            "amount": "money.malformed",
            "due_date": "input.not_a_day",
        }
        body = wrong.content.decode()
        assert 'value="1,5o"' in body and 'value="2014-02-30"' in body
        assert "such as 2014-06-30" in body
        creditor = text("party", scene.here.supplier().id)
        shown = ask(scene, "core", path, creditor=creditor, amount="15.01", due_date="2014-05-02")
        sent = {**fields(shown), "outcome": "approve"}
        over = scene.clients["core"].post(path, sent)
        assert over.status_code == 422 and problems(over) == {"amount": "claim.amount_invalid"}
        assert 'value="15.01"' in over.content.decode()
        empty = ask(scene, "core", path)
        assert set(problems(empty).values()) == {"input.missing"}
        assert len(claims.payables(actor=SYSTEM, size=500)) == before

    def test_who_may_not_record_or_is_a_stranger_is_turned_away(self, scene: Scene, delivery: Any) -> None:
        path = to("delivery", delivery.id, "/confirm")
        assert scene.get("core checker", path).status_code == 403
        assert scene.get("bank", path).status_code == 403
        assert scene.get("second", path).status_code == 404
        assert scene.get("core", f"/deliveries/dlv_{STRANGER}/confirm").status_code == 404

    def test_an_unused_payable_is_withdrawn_with_a_reason(self, scene: Scene) -> None:
        found = scene.here.payable("77.00")
        path = to("payable", found.id, "/withdraw")
        assert problems(ask(scene, "core checker", path)) == {"reason": "input.missing"}
        act(scene, "core checker", path, reason="booked twice")
        assert claims.payable(actor=SYSTEM, payable_id=found.id).state is PayableState.WITHDRAWN
        assert scene.get("fourth", path).status_code == 404
        assert ask(scene, "bank", path, reason="x").status_code == 404


class TestLimits:
    def test_a_bank_announces_a_line_and_a_second_person_publishes_it(self, scene: Scene) -> None:
        here = scene.here
        given = {"core": text("party", here.core.id), "currency": "CNY", "sanctioned": "250,000.00"}
        given |= {"valid_from": "2014-03-03", "valid_to": "", "source": "credit committee 7/2014"}
        shown = ask(scene, "bank", "/limits/announce", **given)
        assert "two hundred and fifty thousand" in shown.content.decode().lower()
        confirm(scene, "bank", "/limits/announce", shown)
        assert "credit committee 7/2014" in scene.get("bank", "/limits").content.decode()
        (waiting,) = limits.publications(actor=here.funder.maker, state=PublicationState.PROPOSED)
        assert "limit.proposed" in kinds(waiting.id)
        again = {**fields(ask(scene, "bank", "/limits/announce", **given)), "outcome": "approve"}
        refused = scene.clients["bank"].post("/limits/announce", again)
        assert refused.status_code == 409 and "waits for its second person" in refused.content.decode()
        path = to("approval", waiting.approval_id)
        confirm(scene, "bank checker", path, scene.get("bank checker", path))
        line = limits.find(actor=SYSTEM, funder_id=here.funder.id, core_id=here.core.id, currency="CNY")
        assert line is not None and str(line.sanctioned.decimal) == "250000.00"

    def test_a_line_is_changed_and_ended(self, scene: Scene) -> None:
        line = scene.here.line_now(scene.here.other_funder)
        before = line.sanctioned
        for tail, given in (
            ("/change", {"sanctioned": "100.00", "valid_from": "2014-03-03", "source": "review"}),
            ("/end", {"valid_to": "2014-12-31", "source": "review"}),
        ):
            path = to("limit", line.id, tail)
            assert "value" in scene.get("other bank", path).content.decode()
            act(scene, "other bank", path, **given)
            (waiting,) = limits.publications(
                actor=scene.here.other_funder.maker, state=PublicationState.PROPOSED, core_id=scene.here.core.id
            )
            if tail == "/end":
                assert (waiting.sanctioned, waiting.valid_to) == (before, date(2014, 12, 31))
            limit_operations.decide(
                publication_id=waiting.id,
                actor=scene.here.other_funder.checker,
                verdict=Verdict.REJECT,
                reason="for the test",
                effective_at=scene.here.now,
            )
        wrong = ask(
            scene,
            "other bank",
            to("limit", line.id, "/change"),
            sanctioned="-1",
            valid_from="2014-03-03",
            valid_to="2014-03-01",
            source="",
        )
        assert problems(wrong) == {"source": "input.missing"}
        shown = ask(
            scene,
            "other bank",
            to("limit", line.id, "/change"),
            sanctioned="1",
            valid_from="2014-03-03",
            valid_to="2014-03-01",
            source="x",
        )
        path = to("limit", line.id, "/change")
        refused = scene.clients["other bank"].post(path, {**fields(shown), "outcome": "approve"})
        assert refused.status_code == 422 and problems(refused) == {"valid_to": "limit.term_invalid"}

    def test_a_line_is_frozen_by_one_and_opened_by_another(self, scene: Scene) -> None:
        line = scene.here.line_now(scene.here.funder)
        freeze, unfreeze = to("limit", line.id, "/freeze"), to("limit", line.id, "/unfreeze")
        act(scene, "bank", freeze, reason="rating under review")
        assert limits.get(actor=SYSTEM, limit_id=line.id).frozen
        assert kinds(line.id)[-1] == "limit.frozen"
        page = scene.get("bank checker", to("limit", line.id)).content.decode()
        assert "Open again" in page and "Frozen" in page
        act(scene, "bank checker", unfreeze, reason="rating confirmed")
        assert not limits.get(actor=SYSTEM, limit_id=line.id).frozen

    def test_others_do_not_touch_a_banks_line(self, scene: Scene) -> None:
        line = scene.here.line_now(scene.here.funder)
        for tail in ("/change", "/end", "/freeze"):
            assert scene.get("core", to("limit", line.id, tail)).status_code == 403
            assert scene.get("other bank", to("limit", line.id, tail)).status_code == 404
            assert scene.get("bank", f"/limits/lim_{STRANGER}{tail}").status_code == 404
        assert scene.get("other bank", to("limit", line.id, "/unfreeze")).status_code == 404
        assert "Announce" not in scene.get("core", "/limits").content.decode()


class TestParameters:
    def test_a_value_is_proposed_for_a_day_and_approved_in_the_inbox(self, scene: Scene) -> None:
        assert "term.soft_months" in scene.get("operator", "/parameters/propose").content.decode()
        path = "/parameters/propose?key=term.soft_months"
        given = {"value": "5", "scope": "platform", "valid_from": "2014-06-01", "source": "circular 12"}
        act(scene, "operator", path, **given)
        (made,) = [p for p in parameters.history(SYSTEM, key=Key.TERM_SOFT_MONTHS) if p.source == "circular 12"]
        assert (made.value, made.state) == (5, ParameterState.PROPOSED)
        approval = to("approval", made.approval_id)
        assert approval in scene.get("operator", "/parameters").content.decode()
        confirm(scene, "operator checker", approval, scene.get("operator checker", approval))
        assert parameters.integer(Key.TERM_SOFT_MONTHS, date(2014, 6, 1)) == 5
        assert parameters.integer(Key.TERM_SOFT_MONTHS, date(2014, 5, 31)) == 6
        assert "parameter.proposed" in kinds(made.id)

    def test_what_does_not_fit_is_named_with_the_bounds(self, scene: Scene) -> None:
        path = "/parameters/propose?key=term.soft_months"
        given = {"value": "five", "scope": "nowhere", "valid_from": "soon", "source": " "}
        wrong = ask(scene, "operator", path, **given)
        assert problems(wrong) == {
            "value": "input.not_a_number",
            "scope": "input.not_a_choice",
            "valid_from": "input.not_a_day",
            "source": "input.missing",
        }
        for changed, code in (
            ({"value": "99"}, {"value": "parameter.value_invalid"}),
            ({"valid_from": "2014-01-01"}, {"valid_from": "parameter.date_in_past"}),
        ):
            fine = {"value": "5", "scope": "platform", "valid_from": "2014-07-01", "source": "x"}
            shown = ask(scene, "operator", path, **{**fine, **changed})
            refused = scene.clients["operator"].post(path, {**fields(shown), "outcome": "approve"})
            assert problems(refused) == code and refused.status_code == 422
        assert (
            "1 to 60"
            in scene.clients["operator"]
            .post(path, {**fields(shown), "value": "99", "outcome": "approve"})
            .content.decode()
        )

    def test_the_proposer_takes_a_value_back(self, scene: Scene) -> None:
        path = "/parameters/propose?key=fee.sme_free_acts"
        act(scene, "operator", path, value="false", scope="platform", valid_from="2014-08-01", source="trial")
        (made,) = [p for p in parameters.history(SYSTEM, key=Key.SME_FREE_ACTS) if p.source == "trial"]
        back = to("parameter", made.id, "/withdraw")
        confirm(scene, "operator", back, scene.get("operator", back))
        assert "This is decided" in scene.get("operator", back).content.decode()
        assert scene.get("operator", f"/parameters/par_{STRANGER}/withdraw").status_code == 404

    def test_only_the_operators_maker_proposes(self, scene: Scene) -> None:
        for who in ("operator checker", "bank", "core", "regulator"):
            assert scene.get(who, "/parameters/propose").status_code == 403
        assert scene.get("operator", "/parameters/propose?key=no.such").status_code == 404


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
        assert "The core pays on Friday." in scene.get("supplier", "/complaints?view=all").content.decode()
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
        agreed = scene.get("supplier", path)
        wrong = scene.clients["supplier"].post(path, {**fields(agreed), "outcome": "approve", "digest": "00" * 32})
        assert wrong.status_code in (403, 409)
        assert scene.here.now_of(voucher).state is VoucherState.ACTIVE
        confirm(scene, "supplier", path, agreed)
        assert scene.here.now_of(voucher).state is VoucherState.CANCELLED
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


FIRM = {
    "kind": "legal_entity",
    "name": "Newcomer Ltd",
    "short_name": "newcomer",
    "country": "CN",
    "scheme": "sandbox",
    "identifier": "newcomer-1",
    "size": "small",
    "role": "supplier",
    "valid_from": "2014-03-03",
    "currency": "USD",
    "person1_name": "Li Ming",
    "person1_email": "li@newcomer.example",
    "person1_functions": ["maker", "signer"],
    "person1_ceiling": "50,000.00",
    "person2_name": "Wang Fang",
    "person2_email": "wang@newcomer.example",
    "person2_functions": ["checker"],
}


def paper(content: bytes, name: str = "registration.pdf") -> Any:
    return SimpleUploadedFile(name, content, "application/pdf")


class TestOnboarding:
    def test_a_firm_is_declared_with_documents_returned_once_and_admitted_by_a_second_person(
        self, scene: Scene
    ) -> None:
        done = act(scene, "operator", "/applications/new", **FIRM)
        path = done["Location"]
        (made,) = [a for a in party_queries.applications(SYSTEM) if a.declaration.name == "Newcomer Ltd"]
        assert path == to("application", made.id) and made.state is ApplicationState.DRAFT
        (signer, _checker) = made.declaration.members
        assert {m.max_minor for m in signer.mandates} == {5_000_000}
        submit = to("application", made.id, "/submit")
        early = scene.clients["operator"].post(submit, {**fields(scene.get("operator", submit)), "outcome": "approve"})
        assert early.status_code == 422 and "document" in early.content.decode()

        client = scene.clients["operator"]
        for content, name in ((b"MZ not a paper", "a.pdf"), (b"", "empty.pdf")):
            wrong = client.post(path, {"kind": "registration", "token": "t1" + name, "file": paper(content, name)})
            assert wrong.status_code == 422 and problems(wrong)["file"] == "upload.not_a_document"
        given = {"kind": "registration", "token": "t2"}
        for _press in range(2):
            answer = client.post(path, {**given, "file": paper(b"%PDF-1.7 paper", "../../etc/registration.pdf")})
            assert answer.status_code == 302
        again = client.post(path, {**given, "token": "t3", "file": paper(b"%PDF-1.7 paper")})
        assert again.status_code == 422
        (document,) = party_queries.application(SYSTEM, made.id).documents
        assert document.sha256 == sha256(b"%PDF-1.7 paper").hexdigest()
        assert "/" not in document.file_name

        confirm(scene, "operator", submit, scene.get("operator", submit))
        first = party_queries.application(SYSTEM, made.id)
        decision = to("approval", first.approval_id)
        page = scene.get("operator checker", decision)
        assert path in page.content.decode() and "Li Ming" not in page.content.decode()
        assert "Li Ming" in scene.get("operator checker", path).content.decode()
        back = scene.clients["operator checker"].post(
            decision, {**fields(page), "outcome": "reject", "opinion": "size is wrong"}
        )
        assert back.status_code == 302
        assert party_queries.application(SYSTEM, made.id).state is ApplicationState.RETURNED
        assert "size is wrong" in scene.get("operator", path).content.decode()

        act(scene, "operator", to("application", made.id, "/revise"), **{**FIRM, "size": "medium"})
        confirm(scene, "operator", submit, scene.get("operator", submit))
        second = to("approval", party_queries.application(SYSTEM, made.id).approval_id)
        confirm(scene, "operator checker", second, scene.get("operator checker", second))
        admitted = party_queries.application(SYSTEM, made.id)
        assert admitted.state is ApplicationState.ACTIVE and admitted.party_id is not None
        assert "Newcomer Ltd" in scene.get("operator", to("party", admitted.party_id)).content.decode()
        assert kinds(admitted.party_id)[0] == "party.onboarded"

    def test_each_wrong_answer_is_named_and_kept(self, scene: Scene) -> None:
        wrong = ask(
            scene,
            "operator",
            "/applications/new",
            **{**FIRM, "country": "China", "valid_from": "03/03/2014", "role": "operator", "person2_email": "wang"},
        )
        assert problems(wrong) == {
            "country": "input.too_long",
            "valid_from": "input.not_a_day",
            "role": "input.not_a_choice",
            "person2_email": "input.not_an_address",
        }
        body = wrong.content.decode()
        assert 'value="03/03/2014"' in body and 'value="50,000.00"' in body
        assert body.count(" checked") == 3
        for changed, expected in (
            ({"scheme": "uscc", "identifier": "91310000MA1FL0000X"}, {"identifier": "party.identifier_invalid"}),
            ({"country": "cn"}, {"country": "party.declaration_invalid"}),
            ({"person2_email": "LI@newcomer.example"}, {"person2_email": "party.account_taken"}),
            ({"person2_name": ""}, {"person2_name": "input.missing"}),
            ({"licence_kind": "banking"}, {"licence_number": "input.missing"}),
        ):
            shown = ask(scene, "operator", "/applications/new", **{**FIRM, **changed})
            given = {**fields(shown), **several(shown), "outcome": "approve"}
            refused = scene.clients["operator"].post("/applications/new", given)
            assert (refused.status_code in (409, 422), problems(refused)) == (True, expected)

    def test_only_the_operator_sees_and_makes_applications(self, scene: Scene) -> None:
        for who in ("core", "supplier", "bank", "regulator", "operator checker"):
            assert scene.get(who, "/applications/new").status_code == 403
        (made, *_rest) = party_queries.applications(SYSTEM)
        assert scene.get("core", to("application", made.id)).status_code == 404
        assert made.declaration.name not in scene.get("core", "/applications").content.decode()
        assert scene.get("operator", f"/applications/app_{STRANGER}").status_code == 404


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
        token = re.search(r'name="token" value="([^"]+)"', entry)
        assert token is not None
        given = {"entry": text("entry", cash.entry_id), "step": "carry-out", "token": token[1]}
        assert scene.clients["operator checker"].post("/unmatched", given).status_code == 302
        (after,) = [e for e in settlement.expectations(actor=SYSTEM, only_open=False) if e.id == wanted.id]
        assert str(after.received.decimal) == "555.55"
        assert scene.get("core", path).status_code == 403
        assert scene.get("operator", f"/unmatched/ent_{STRANGER}/place").status_code == 404
        assert scene.get("operator checker", f"/exceptions/exc_{STRANGER}/resolve").status_code == 404
        assert scene.get("operator", f"/exceptions/exc_{STRANGER}/resolve").status_code == 403


class TestDecidingTogether:
    def test_drafts_of_one_kind_are_checked_with_one_press_and_each_is_signed(self, scene: Scene) -> None:
        here = scene.here
        drafts = [here.drafted(here.request(here.payable(amount))) for amount in ("7100.00", "7200.00")]
        ids = [text("approval", one.approval_id) for one in drafts]
        inbox = scene.get("core checker", "/inbox").content.decode()
        assert all(f'name="id" value="{one}"' in inbox for one in ids) and "data-minor" in inbox
        shown = scene.clients["core checker"].post("/inbox/together", {"id": ids, "action": "approve"})
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
        assert set(menu.TOGETHER) == {"voucher.issue", "limit.publish"}
        assert "financing.decide" in menu.APPROVALS and "financing.decide" not in menu.TOGETHER
