"""Requests that pretend: from another site, with fields that nobody asked for, with somebody else's identifiers."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver
from tests.builders import api as build
from tests.builders import api_routes, clients
from tests.builders.api import World
from tests.interfaces.api.test_access import ROUTES, attempts, content
from tests.interfaces.api.test_partners import ask as knock
from tests.interfaces.attacks.conftest import Lines
from tests.interfaces.web import seed
from tests.interfaces.web.pressing import ask, confirm
from tests.interfaces.web.scene import Scene

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import PayableState
from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.api import oauth
from fourflow.interfaces.api.rates import Windows
from fourflow.interfaces.web.addresses import PREFIXES, text, to
from fourflow.platform import clock
from fourflow.platform.ids import encode
from fourflow.trade.documents import queries as documents


def addresses() -> list[str]:
    """Every address of a page, about an object that does not exist."""
    found = []
    for route in get_resolver("fourflow.interfaces.web.urls").url_patterns:
        assert isinstance(route, URLPattern)
        path = str(route.pattern).strip("^$").replace("(?P<purpose>sign-in|confirm|new)", "confirm")
        found.append("/" + re.sub(r"<(\w+):\w+>", lambda match: _example(match[1]), path))
    return found


def _example(kind: str) -> str:
    return encode(PREFIXES[kind], UUID(int=0x01A2 << 112 | 7 << 76 | 2 << 62)) if kind in PREFIXES else "name"


@pytest.mark.requirement("R401")
def test_no_form_of_another_site_is_taken(scene: Scene, logged: Lines) -> None:
    victim = Client(enforce_csrf_checks=True)
    victim.cookies = scene.clients["core"].cookies
    before, tried = content(), 0
    for path in addresses():
        answer = victim.post(path, {"token": "t", "outcome": "approve", "password": seed.PASSWORD})
        assert answer.status_code in (403, 405), path
        tried += answer.status_code == 403
    after = content()
    changed = {table for table in after if after[table] != before[table]}
    assert tried > 80 and changed <= {"access_session"}, changed
    forged = [line for line in logged() if line["status"] == 403]
    assert len(forged) == tried and {line["code"] for line in forged} == {"request.forged"}


def test_a_cookie_opens_nothing_at_the_api(scene: Scene, logged: Lines) -> None:
    client = scene.clients["core"]
    for path in ("/v1/vouchers", "/v1/session", "/v1/payments"):
        assert client.get(path).status_code == 401
        assert client.post(path, {"face": "1"}).status_code in (401, 405)
    assert {line["code"] for line in logged()} <= {"token.missing", "request.method_not_allowed"}


def test_no_page_leads_outside(scene: Scene) -> None:
    for target in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        for path, given in (
            ("/language", {"language": "en", "next": target}),
            ("/organisation", {"organisation": "x", "next": target}),
        ):
            answer = scene.clients["core"].post(path, given)
            assert "evil" not in answer.get("Location", "") and "javascript" not in answer.get("Location", ""), path
        stranger = Client()
        shown = stranger.get("/sign-in", {"next": target}).content.decode()
        assert f'href="{target}"' not in shown and f'value="{target}"' not in shown
        # the way back after the sign-in is the page's own address, whatever the host says
        led = stranger.get("/vouchers", headers={"x-forwarded-host": "evil.example"})["Location"]
        assert led == "/sign-in?next=%2Fvouchers"


def test_a_page_takes_no_field_that_its_form_does_not_have(scene: Scene) -> None:
    delivery = documents.deliveries(scene.here.core.maker, filters=documents.Filters(number="DN-")).items[-1]
    path, creditor = to("delivery", delivery.id, "/confirm"), scene.here.supplier()
    given = {"creditor": text("party", creditor.id), "amount": "1.00", "due_date": "2014-05-02"}
    more = {"state": "confirmed", "debtor_id": str(scene.here.funder.id)}
    confirm(scene, "core", path, ask(scene, "core", path, **given, **more, confirmed_by="x", currency="EUR"))
    made = claims.payables(actor=SYSTEM, size=1)[0]
    assert (made.state, made.debtor_id) == (PayableState.PROPOSED, scene.here.core.id)
    assert (str(made.amount), made.creditor_id) == ("1.00 USD", creditor.id)


def test_no_route_takes_a_field_that_it_does_not_declare(world: World, logged: Lines) -> None:
    found = api_routes.objects(world)
    known = len(logged())
    extra = {
        "state": "active",
        "organisation_id": build.prt(world.cast.funder),
        "approved_by": "me",
        "sanctioned_by": "x",
    }
    before, taken, tried = content(), [], 0
    for method, address, name, body in attempts(world, found):
        if method != "POST" or not isinstance(body, dict) or name == "end_session":  # which reads no body
            continue
        answer = world.core.call("POST", "/v1" + address, {**body, **extra})
        refused = [one for one in answer.get("errors", ()) if one["code"] == "input.unknown_field"]
        tried += 1
        if world.core.status != 422 or not {"/approved_by", "/sanctioned_by"} <= {one["pointer"] for one in refused}:
            taken.append((name, world.core.status))
    assert taken == [] and tried > 60 and len(ROUTES) > 100
    after = content()
    assert {table for table in after if after[table] != before[table]} <= {"access_session"}
    assert {line["code"] for line in logged()[known:]} == {"input.invalid"}


@pytest.mark.requirement("R401")
def test_what_is_refused_names_its_code_and_its_request_in_the_log(world: World, logged: Lines) -> None:
    world.limit()
    voucher = world.accepted("1000.00")
    known = len(logged())
    world.second.get(f"vouchers/{voucher['id']}", 404)
    world.supplier.post("parameters", api_routes.PARAMETER, 403)
    stale = build.Session(token=world.core.token[:-3] + "abc")
    stale.get("vouchers", 401)
    client = Client()
    client.post("/sign-in", {"email": "nobody@acme.example", "password": "guess"})
    lines = logged()[known:]
    assert [(line["status"], line["code"]) for line in lines] == [
        (404, "voucher.not_found"),
        (403, "party.not_permitted"),
        (401, "token.invalid"),
        (401, "session.refused"),
    ]
    assert len({line["request_id"] for line in lines}) == 4
    assert all(voucher["id"] not in str({**line, "path": ""}) for line in lines)
    second, supplier = world.cast.suppliers[1], world.cast.supplier
    whose = [(line.get("account"), line.get("organisation")) for line in lines]
    assert whose == [
        *[(encode("acc", firm.maker.account_id), build.prt(firm)) for firm in (second, supplier)],
        *[(None, None)] * 2,
    ]


def test_what_a_machine_is_refused_names_the_client_and_the_reason_in_the_log(
    world: World, logged: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth, "WINDOWS", Windows())
    audience = "http://testserver"
    client_id = clients.admit(world.cast.core, "vouchers:read")
    told = clients.claims(client_id, clock.machine(), audience)
    text = clients.assertion(told)
    status, given = knock(text)
    assert status == 200
    known, name = len(logged()), encode("cli", client_id)
    knock(text)
    knock({**told, "jti": "2", "aud": "https://elsewhere.example"})
    knock({**told, "jti": "3"}, key=clients.STRANGER)
    knock({**told, "jti": "4"}, scope="limits:read")
    knock("x.y.z", client_secret="s")
    machine = build.Session(token=given["access_token"])
    machine.get("limits", 403)
    lines = logged()[known:]
    assert [(line["code"], line.get("client")) for line in lines] == [
        ("client.assertion_replayed", name),
        ("client.assertion_invalid", name),
        ("client.refused", None),
        ("client.scope_not_granted", name),
        ("oauth.invalid_client", None),
        ("token.scope_missing", name),
    ]
    assert lines[1]["claim"] == "aud" and lines[5]["organisation"] == build.prt(world.cast.core)
    assert all(line["request_id"] for line in lines) and text not in str(lines)


def test_who_is_refused_on_a_page_is_in_the_log_by_number_and_nowhere_while_all_is_well(
    scene: Scene, logged: Lines
) -> None:
    client = scene.clients["supplier"]
    assert client.get("/vouchers").status_code == 200
    assert client.get("/parameters/propose").status_code == 403
    fine, refused = logged()
    assert not {"account", "organisation", "code"} & set(fine)
    assert refused["code"] == "action.forbidden" and refused["account"].startswith("acc_")
    assert refused["organisation"] == encode("prt", scene.here.supplier().id)
