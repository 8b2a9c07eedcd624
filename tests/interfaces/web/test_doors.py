"""What people do through forms: who may, what is asked, what is refused beside its field, and that it happens once."""

from __future__ import annotations

from typing import Any

import pytest
from tests.interfaces.web import seed
from tests.interfaces.web.scene import Scene, fields

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import PayableState
from fourflow.foundation.parties.types import SYSTEM
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
    import re

    body = answer.content.decode()
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', body[body.index('<form class="act"') :])
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: values for name, values in found.items() if len(values) > 1}


def problems(answer: Any) -> dict[str, str]:
    """Field → the code shown beside it; ``""`` for the note above the form."""
    import re

    body = answer.content.decode()
    beside = re.findall(r'id="([a-z_]+)-error">.*?<span class="id">([a-z_.]+)</span>', body)
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
        assert "Fifteen" in shown.content.decode() or "fifteen" in shown.content.decode()
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
