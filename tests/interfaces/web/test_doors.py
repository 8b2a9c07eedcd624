"""What firms do through forms: who may, what is asked, what is refused beside its field, and that it happens once."""

from __future__ import annotations

import re
from datetime import date
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.interfaces.web.pressing import STRANGER, act, ask, confirm, kinds, problems, several
from tests.interfaces.web.scene import Scene, fields

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import PayableState
from fourflow.capital.limits import operations as limit_operations
from fourflow.capital.limits import queries as limits
from fourflow.capital.limits.types import PublicationState
from fourflow.foundation.access.models import Read
from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import Key, ParameterState
from fourflow.foundation.parties import queries as party_queries
from fourflow.foundation.parties.types import SYSTEM, ApplicationState
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.pages.deliveries import _due, _open
from fourflow.trade.documents import queries as documents


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
    @pytest.mark.requirement("R188")
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
        assert "Decide by" in page.content.decode() and "2014-04-02" in page.content.decode()
        assert f'href="{to("delivery", delivery.id)}"' in page.content.decode()
        brought = scene.get("core checker", to("delivery", delivery.id)).content.decode()
        assert "PO-2014-7" in brought and "Item" in brought and "15.00" in brought
        assert scene.get("bank", to("delivery", delivery.id)).status_code == 404, "nobody has asked it for money yet"
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
        early = ask(scene, "core", path, creditor=creditor, amount="15.00", due_date="2001-01-05")
        before_its_goods = scene.clients["core"].post(path, {**fields(early), "outcome": "approve"})
        assert before_its_goods.status_code == 422
        assert problems(before_its_goods) == {"due_date": "claim.sequence_wrong"}
        empty = ask(scene, "core", path)
        assert set(problems(empty).values()) == {"input.missing"}
        assert len(claims.payables(actor=SYSTEM, size=500)) == before

    def test_a_refusal_says_what_was_expected_in_the_readers_language(self, scene: Scene, delivery: Any) -> None:
        """Operations say it in English, for the API; a page in Chinese has no English in brackets."""
        path = to("delivery", delivery.id, "/confirm")
        creditor = text("party", scene.here.supplier().id)
        early = ask(scene, "core", path, creditor=creditor, amount="15.00", due_date="2001-01-05")
        sent = {**fields(early), "outcome": "approve"}
        refused = scene.clients["core"].post(path, sent, headers={"accept-language": "zh-hans"}).content.decode()
        assert "不早于交货日" in refused and "not before" not in refused

    def test_the_day_proposed_for_a_payable_needs_no_clause_of_a_contract(self, scene: Scene) -> None:
        """The sixtieth day is a Sunday: the Friday before is proposed, for a voucher due on the Monday would be late."""
        assert _due(date(2015, 2, 18), date(2015, 2, 27)) == date(2015, 4, 17)
        assert _due(date(2015, 2, 20), date(2015, 2, 27)) == date(2015, 4, 21)
        assert _due(date(2014, 1, 2), date(2015, 2, 27)) == date(2015, 2, 28), (
            "the term is over: the next business day, a Saturday"
        )

    def test_goods_that_have_not_come_are_not_shown_as_waiting_to_be_confirmed(self) -> None:
        one = SimpleNamespace(dated_on=date(2015, 9, 14))
        assert _open(one, date(2015, 9, 13)).tone == "neutral"  # type: ignore[arg-type]
        assert _open(one, date(2015, 9, 14)).tone == "warn"  # type: ignore[arg-type]

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
        refused = ask(scene, "bank", "/limits/announce", **given)
        assert refused.status_code == 409 and "waits for its second person" in refused.content.decode()
        path = to("approval", waiting.approval_id)
        confirm(scene, "bank checker", path, scene.get("bank checker", path))
        line = limits.find(actor=SYSTEM, funder_id=here.funder.id, core_id=here.core.id, currency="CNY")
        assert line is not None and str(line.sanctioned.decimal) == "250000.00"

    def test_a_banks_first_line_names_a_core_that_it_has_no_business_with_by_its_number(self, scene: Scene) -> None:
        cast, (number, *_more) = scene.here.cast, scene.here.core.view.identifiers
        given = {"core": "", "currency": "EUR", "sanctioned": "7.00", "valid_from": "2014-03-03", "valid_to": ""}
        given |= {"source": "committee 8/2014"}
        for wrong, refused in (("", {"core": "input.missing"}), ("NOBODY", {"number": "input.not_a_choice"})):
            assert problems(ask(scene, "bank", "/limits/announce", **given, number=wrong)) == refused
        act(scene, "bank", "/limits/announce", **given, number=number.value.lower())
        (waiting,) = limits.publications(actor=scene.here.funder.maker, state=PublicationState.PROPOSED)
        assert (waiting.core_id, waiting.sanctioned.currency) == (cast.core.id, "EUR")

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
        assert shown.status_code == 422 and problems(shown) == {"valid_to": "limit.term_invalid"}, (
            "before any confirmation"
        )
        path, put_off = to("limit", line.id, "/change"), {"sanctioned": "1", "valid_from": "2014-12-01", "source": "x"}
        shown = ask(scene, "other bank", path, **put_off)
        assert shown.status_code == 422 and problems(shown) == {"valid_from": "limit.begins_later"}
        approved = scene.clients["other bank"].post(path, {**put_off, "token": "put-off", "outcome": "approve"})
        assert approved.status_code == 422 and problems(approved) == {"valid_from": "limit.begins_later"}

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

    def test_a_bank_may_have_another_rate_with_recourse_than_without(self, scene: Scene) -> None:
        path = "/parameters/propose?key=financing.annual_rate"
        shown = scene.get("operator", path).content.decode()
        scope = next(one for one in re.findall(r'value="(funder:[^"]+)"', shown) if one.endswith(":recourse"))
        assert ", with recourse" in shown and scope.replace(":recourse", ":purchase") in shown
        act(scene, "operator", path, value="0.04", scope=scope, valid_from="2014-06-01", source="price list")
        assert scope in {one.scope for one in parameters.history(SYSTEM, key=Key.FINANCING_ANNUAL_RATE)}
        assert ":recourse" not in scene.get("operator", "/parameters/propose?key=term.soft_months").content.decode()

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
        path = "/parameters/propose?key=financing.day_count"
        act(scene, "operator", path, value="ACT/365", scope="platform", valid_from="2014-08-01", source="trial")
        (made,) = [p for p in parameters.history(SYSTEM, key=Key.DAY_COUNT) if p.source == "trial"]
        back = to("parameter", made.id, "/withdraw")
        confirm(scene, "operator", back, scene.get("operator", back))
        assert "This is decided" in scene.get("operator", back).content.decode()
        assert scene.get("operator", f"/parameters/par_{STRANGER}/withdraw").status_code == 404

    def test_only_the_operators_maker_proposes(self, scene: Scene) -> None:
        for who in ("operator checker", "bank", "core", "regulator"):
            assert scene.get(who, "/parameters/propose").status_code == 403
        assert scene.get("operator", "/parameters/propose?key=no.such").status_code == 404


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
        assert early.status_code == 422
        assert "A document that the role needs is missing. (Proof of registration)" in early.content.decode()

        client = scene.clients["operator"]
        for content, name in ((b"MZ not a paper", "a.pdf"), (b"", "empty.pdf")):
            wrong = client.post(path, {"kind": "registration", "token": "t1" + name, "file": paper(content, name)})
            assert wrong.status_code == 422 and problems(wrong)["file"] == "upload.not_a_document"
        given = {"kind": "registration", "token": "t2"}
        for _press in range(2):
            answer = client.post(path, {**given, "file": paper(b"%PDF-1.7 paper", "../../etc/registration.pdf")})
            assert answer.status_code == 302
        again = client.post(path, {"kind": "licence", "token": "t3", "file": paper(b"%PDF-1.7 paper")})
        assert again.status_code == 422 and problems(again)["file"] == "party.document_known"
        assert "This very file was handed in before. (another file than registration.pdf)" in again.content.decode()
        (document,) = party_queries.application(SYSTEM, made.id).documents
        assert document.sha256 == sha256(b"%PDF-1.7 paper").hexdigest()
        assert document.file_name == "registration.pdf" and document.kept
        file = f"{path}/documents/{document.sha256}"
        assert file in scene.get("operator", path).content.decode()

        confirm(scene, "operator", submit, scene.get("operator", submit))
        first = party_queries.application(SYSTEM, made.id)
        decision = to("approval", first.approval_id)
        page = scene.get("operator checker", decision)
        assert path in page.content.decode() and "Li Ming" in page.content.decode(), "whom he lets in"
        told = page.content.decode()
        assert "Legal entity" in told and "Supplier" in told and "Maker" in told
        assert "Accept vouchers · up to" in told and "50,000.00" in told
        for code in ("legal_entity", "voucher.accept", "minor units", "members ›", "&gt;supplier&lt;"):
            assert code not in told, "who decides reads words, not codes"
        assert f'href="{file}"' in page.content.decode(), "who decides opens what he decides about"
        looks = Read.objects.count()
        saved = scene.get("operator checker", file)
        assert (saved.status_code, saved.content) == (200, b"%PDF-1.7 paper")
        assert (saved["Content-Type"], saved["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
        assert saved["Content-Disposition"] == 'attachment; filename="registration.pdf"'
        assert [one.data_class for one in Read.objects.order_by("id")[looks:]] == ["core"]
        assert scene.get("core", file).status_code == 404
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
