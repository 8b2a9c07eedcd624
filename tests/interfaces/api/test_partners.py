"""Partners' machines at the API: how they get in, how far they reach, and every way in that is none."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from tests.builders import api, clients
from tests.builders.api import Session, World
from tests.builders.documents import scms_file, scms_row

from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.clients.models import ClientRow
from fourflow.foundation.clients.types import ClientId
from fourflow.foundation.evidence.operations import advance
from fourflow.interfaces.api import door, machines, oauth
from fourflow.interfaces.api.api import api as built
from fourflow.interfaces.api.rates import Windows
from fourflow.platform import clock
from fourflow.platform.ids import decode, encode

HERE = "https://fourflow.test"
AUDIENCE = f"{HERE}/oauth/token"


@pytest.fixture(autouse=True)
def at_home(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PUBLIC_URL = HERE
    monkeypatch.setattr(oauth, "WINDOWS", Windows())


def ask(said: dict[str, Any] | str, path: str = "token", key: Any = clients.ED25519, **form: str) -> tuple[int, Any]:
    """One request to the token endpoint with an assertion."""
    text = said if isinstance(said, str) else clients.assertion(said, key)
    fields = {
        "grant_type": "client_credentials",
        "client_assertion_type": oauth.BY_JWT,
        "client_assertion": text,
        **form,
    }
    answer = Client().post(f"/oauth/{path}", urlencode(fields), content_type=oauth.FORM)
    assert answer["Cache-Control"] == "no-store"
    return answer.status_code, answer.json()


def claims(client_id: ClientId, audience: str = AUDIENCE, **changes: Any) -> dict[str, Any]:
    return clients.claims(client_id, clock.machine(), audience, **changes)


def signed_in(client_id: ClientId, *scopes: str) -> Session:
    """A session of the machine at the API."""
    status, body = ask(claims(client_id), scope=" ".join(scopes))
    assert status == 200, body
    return Session(token=body["access_token"])


@pytest.mark.requirement("R390")
def test_two_people_let_a_machine_in_through_the_api_and_it_reads_what_it_was_granted(world: World) -> None:
    key = clients.ED25519.as_dict(private=False)
    terms = {"name": "ERP", "keys": [key], "scopes": ["vouchers:read"], "requests_per_minute": 50}
    proposed = world.core.post("clients", terms, 201)
    (item,) = [item for item in world.core_checker.get("inbox")["data"] if item["kind"] == "client.terms"]
    assert item["snapshot"]["keys"] == proposed["terms"]["keys"]
    world.core_checker.post(
        item["decide_at"].removeprefix("/v1/"), {"verdict": "approve", "payload_hash": item["payload_hash"]}
    )
    assert world.core.get(f"clients/{proposed['client_id']}")["state"] == "active"
    world.limit()
    voucher = world.draft("50.00")
    machine = signed_in(ClientId(decode("cli", proposed["client_id"])))
    assert machine.get("vouchers")["data"][0]["id"] == voucher["id"]
    assert machine.last["RateLimit-Policy"] == '"default";q=50;w=60'
    assert machine.get("session")["organisation_id"] == api.prt(world.cast.core)


@pytest.mark.requirement("R399")
def test_an_answer_of_the_token_endpoint_is_what_oauth_says(world: World) -> None:
    client_id = clients.admit(world.cast.core, "vouchers:read", "trade:write")
    status, body = ask(claims(client_id), scope="vouchers:read", client_id=encode("cli", client_id))
    assert status == 200
    token = body.pop("access_token")
    assert body == {"token_type": "Bearer", "expires_in": 600, "scope": "vouchers:read"}
    assert len(token) > 40
    found = Client().get("/.well-known/oauth-authorization-server").json()
    assert (found["issuer"], found["token_endpoint"]) == (HERE, AUDIENCE)
    assert found["token_endpoint_auth_signing_alg_values_supported"] == ["EdDSA", "Ed25519", "ES256", "RS256"]


def test_the_issuers_own_name_is_an_audience_too(world: World) -> None:
    assert ask(claims(clients.admit(world.cast.core), HERE))[0] == 200


NOW_WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "wrong audience": ({"aud": "https://elsewhere.example/oauth/token"}, "aud"),
    "two audiences": ({"aud": [AUDIENCE, "https://elsewhere.example"]}, "aud"),
    "another issuer": ({"iss": "cli_0"}, "iss"),
    "no number": ({"jti": None}, "jti"),
    "no end": ({"exp": None}, "exp"),
}


@pytest.mark.parametrize("what", NOW_WRONG)
def test_an_assertion_that_is_not_for_us_is_refused_and_says_which_claim(world: World, what: str) -> None:
    changes, claim = NOW_WRONG[what]
    status, body = ask(claims(clients.admit(world.cast.core), **changes))
    assert (status, body["error"]) == (401, "invalid_client")
    assert body["error_description"].startswith(f"{claim}:")


@pytest.mark.parametrize(("issued", "ends", "claim"), [(-120, -60, "exp"), (60, 120, "iat"), (0, 3600, "exp")])
def test_a_clock_that_is_a_minute_wrong_and_an_hour_long_assertion_are_refused(
    world: World, issued: int, ends: int, claim: str
) -> None:
    at = int(clock.machine().timestamp())
    said = claims(clients.admit(world.cast.core), iat=at + issued, exp=at + ends)
    status, body = ask(said)
    assert (status, body["error_description"].partition(":")[0]) == (401, claim)


def test_a_sandbox_clock_that_was_moved_changes_nothing_for_partners(world: World) -> None:
    client_id = clients.admit(world.cast.core, "vouchers:read")
    machine = signed_in(client_id)
    from datetime import timedelta

    clock.move_to(clock.now() + timedelta(days=30))
    machine.get("vouchers")
    assert ask(claims(client_id))[0] == 200


def test_an_assertion_is_used_once_even_when_nothing_came_of_it(world: World) -> None:
    client_id = clients.admit(world.cast.core, "vouchers:read")
    text = clients.assertion(claims(client_id))
    assert ask(text, scope="vouchers:write")[1]["error"] == "invalid_scope"
    status, body = ask(text, scope="vouchers:read")
    assert (status, body["error"]) == (401, "invalid_client")
    assert "used before" in body["error_description"]


def test_who_does_not_hold_the_key_learns_nothing(world: World) -> None:
    client_id = clients.admit(world.cast.core)
    unknown = ClientId(world.cast.core.id)
    answers = [
        ask(claims(client_id), key=clients.STRANGER),
        ask(claims(unknown)),
        ask(claims(client_id, aud="elsewhere"), key=clients.STRANGER),
        ask("x.y.z"),
    ]
    assert {(status, body["error"], body["error_description"]) for status, body in answers} == {
        (401, "invalid_client", "the client is not accepted")
    }


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, 400, "unsupported_grant_type"),
        ({"client_assertion_type": "urn:other"}, 401, "invalid_client"),
        ({"client_secret": "secret"}, 401, "invalid_client"),
        ({"client_id": "cli_00000000000000000000000000"}, 401, "invalid_client"),
        ({"scope": "everything"}, 400, "invalid_scope"),
        ({"scope": "vouchers:read vouchers:write"}, 400, "invalid_scope"),
    ],
)
def test_another_grant_or_a_secret_is_an_oauth_error(
    world: World, form: dict[str, str], status: int, error: str
) -> None:
    answered, body = ask(claims(clients.admit(world.cast.core, "vouchers:read")), **form)
    assert (answered, body["error"]) == (status, error)


def test_only_a_small_form_in_the_body_counts(world: World) -> None:
    text = clients.assertion(claims(clients.admit(world.cast.core)))
    form = urlencode(
        {"grant_type": "client_credentials", "client_assertion_type": oauth.BY_JWT, "client_assertion": text}
    )
    for answer in (
        Client().post(f"/oauth/token?{form}", content_type=oauth.FORM),
        Client().post("/oauth/token", form + "&grant_type=client_credentials", content_type=oauth.FORM),
        Client().post("/oauth/token", form + "&x=" + "x" * 20_000, content_type=oauth.FORM),
        Client().post("/oauth/token", {"client_assertion": text}, content_type="application/json"),
    ):
        assert answer.status_code == 400
    assert Client().get(f"/oauth/token?{form}").status_code == 405


def test_who_knocks_too_often_is_asked_to_wait(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth, "KNOCKS", (3, 60))
    assert [ask("x.y.z")[0] for _ in range(4)] == [401, 401, 401, 429]


@pytest.mark.requirement("R380")
@pytest.mark.requirement("R229")
def test_a_cores_erp_brings_its_orders_and_takes_its_journal_and_its_facts_back(world: World) -> None:
    erp = signed_in(clients.admit(world.cast.core, "trade:write", "trade:read", "ledger:read", "events:read"))
    content = scms_file([scms_row(**{"Delivery Recorded Date": "2014-03-03"})])
    received = erp.upload("imports", content, 202)
    assert erp.post(f"imports/{received['id']}/continue", {})["counts"]["deliveries"] == 1
    assert [order["number"] for order in erp.get("orders")["data"]] == ["SCMS-1"]
    assert world.core.get("deliveries")["data"] == erp.get("deliveries")["data"]
    world.limit()
    voucher = world.accepted("1000.00")
    (book,) = [one["code"] for one in erp.get("ledger/books")["data"] if one["code"].startswith("mirror")]
    journal = erp.get(f"ledger/books/{book}/journal.csv").decode("utf-8-sig").splitlines()
    assert sum("1000.00" in line for line in journal) == 2, "debit and credit of the accepted voucher"
    advance()
    kinds = [event["type"] for event in erp.get("events?limit=200")["data"] if event["subject"] == voucher["id"]]
    assert kinds == ["voucher.drafted", "voucher.offered", "voucher.accepted"]


@pytest.mark.requirement("R399")
def test_a_token_reaches_as_far_as_its_scopes(world: World) -> None:
    client_id = clients.admit(world.cast.core, "vouchers:read", "claims:write")
    machine = signed_in(client_id, "vouchers:read")
    machine.get("vouchers")
    for path in ("payments", "parties", "events", "ledger/books", "claims", "webhooks"):
        assert machine.get(path, 403)["code"] == "token.scope_missing"
    refused = machine.post("vouchers/plan", {}, 403, key=None)
    assert refused["params"] == {"needed": "vouchers:write"}


@pytest.mark.parametrize("path", ["clients", "client-proposals", "sessions"])
def test_no_scope_opens_what_only_people_do(world: World, path: str) -> None:
    from fourflow.foundation.clients.types import SCOPES

    machine = signed_in(clients.admit(world.cast.core, *SCOPES))
    assert machine.call("GET", f"/v1/{path}")["status"] in (403, 404, 405)
    assert machine.status != 200
    confirmed = machine.post("session/confirmation", {"password": api.PASSWORD}, 403, key=None)
    assert confirmed["code"] == "token.scope_missing"


def test_a_client_keeps_the_version_that_was_current_when_it_came_and_a_header_overrides_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client_id = clients.admit(world.cast.core, "vouchers:read")
    came_under, later = door.CURRENT, "2027-06-01"
    monkeypatch.setattr(door, "VERSIONS", (came_under, later))
    monkeypatch.setattr(door, "CURRENT", later)
    machine = signed_in(client_id)

    def answered(who: Session, **headers: str) -> str:
        who.call("GET", "/v1/vouchers", **headers)
        assert who.status == 200
        return str(who.last.headers["Fourflow-Version"])

    assert answered(machine) == came_under
    assert answered(machine, HTTP_FOURFLOW_VERSION=later) == later
    assert answered(world.core) == later, "a person's session is not pinned"
    assert world.core.get(f"clients/{encode('cli', client_id)}")["api_version"] == came_under
    clients.admit(world.cast.core, "vouchers:read", "claims:read", client_id=client_id)
    assert answered(machine) == came_under, "other terms are no other version"
    with pytest.raises(IntegrityError, match="keeps its version"), transaction.atomic():
        ClientRow.objects.filter(id=client_id).update(api_version=later)


def test_every_route_is_about_something_or_is_closed_to_machines() -> None:
    parts = {path.strip("/").split("/")[0] for bound in built._get_bound_routers() for path in bound.path_operations}
    for_people = {part for part in parts if part not in machines.FAMILIES}
    assert set(machines.FAMILIES) <= parts, "a family of addresses that no route has any more"
    assert for_people >= {"clients", "client-proposals", "tokens"}
    assert not {part for part in for_people if part.startswith(("voucher", "claim", "pay", "fin"))}


def test_a_supervisors_system_oversees_by_its_own_scopes_and_only_what_its_person_may(world: World) -> None:
    from tests.builders import api_routes

    world.limit()
    voucher = world.accepted("50.00")["id"]
    watching = signed_in(clients.admit(world.cast.regulator, "oversight:read", "oversight:write"))
    for path in ("statistics", "overdue", "alerts", "evidence-requests", "exceptions", "reads"):
        watching.get(path)
    asked = world.regulator.post("evidence-requests", {**api_routes.ASKED, "about": voucher}, 201)
    assert watching.get(f"evidence-requests/{asked['id']}")["answered_at"] is None
    refused = watching.post(f"evidence-requests/{asked['id']}/answer", {"note": "all of it"}, 403)
    assert refused["code"] == "party.not_permitted", "a scope gives no permission that the person does not have"
    operator = signed_in(clients.admit(world.cast.operator, "oversight:write"))
    early = operator.post(f"evidence-requests/{asked['id']}/answer", {"note": "all of it"}, 409)
    assert early["code"] == "insight.nothing_numbered", "the operator's system may; the log is a second behind"
    reading = signed_in(clients.admit(world.cast.regulator, "oversight:read"))
    needed = reading.post("evidence-requests", {**api_routes.ASKED, "about": voucher}, 403)
    assert needed["code"] == "token.scope_missing" and needed["params"]["needed"] == "oversight:write"
    other = signed_in(clients.admit(world.cast.core, "vouchers:read", "parties:write"))
    assert other.get("statistics", 403)["params"]["needed"] == "oversight:read"


def test_a_machine_signs_nothing_whatever_password_it_sends(world: World) -> None:
    from fourflow.foundation.clients.types import SCOPES

    world.limit()
    voucher = world.offered("50.00")
    machine = signed_in(clients.admit(world.cast.supplier, *SCOPES))
    digest = machine.get(f"vouchers/{voucher['id']}/content")["content_digest"]
    body = {"password": api.PASSWORD, "content_digest": digest}
    refused = machine.post(f"vouchers/{voucher['id']}/accept", body, 403)
    assert refused["code"] == "signature.person_needed"
    assert world.supplier.get(f"vouchers/{voucher['id']}")["state"] == "offered"


def test_what_a_machine_makes_its_own_person_does_not_check(world: World) -> None:
    from tests.builders import api_routes

    machine = signed_in(clients.admit(world.cast.operator, "parameters:write", "approvals:read"))
    proposed = machine.post("parameters", api_routes.PARAMETER, 201)
    approval = approvals.pending_for([decode("par", proposed["id"])])
    (found,) = approval.values()
    assert found.maker_person_id == world.cast.operator.maker.person_id
    verdict = {"verdict": "approve", "payload_hash": found.payload_hash.hex()}
    assert machine.post(f"parameters/{proposed['id']}/decide", verdict, 403)["code"] == "party.not_permitted"


def test_keys_of_a_machine_and_of_its_person_do_not_meet(world: World) -> None:
    from tests.builders import api_routes

    machine = signed_in(clients.admit(world.cast.core, "trade:write"))
    first = machine.post("orders", api_routes.ORDER, 201, key="same")
    again = machine.post("orders", api_routes.ORDER, 201, key="same")
    assert (again["id"], machine.last["Idempotent-Replayed"]) == (first["id"], "true")
    other = world.core.post("orders", {**api_routes.ORDER, "number": "PO-Y"}, 201, key="same")
    assert other["id"] != first["id"] and "Idempotent-Replayed" not in world.core.last


@pytest.mark.requirement("R399")
def test_a_revoked_client_is_out_with_its_next_request(world: World) -> None:
    client_id = clients.admit(world.cast.core, "vouchers:read")
    machine = signed_in(client_id)
    machine.get("vouchers")
    world.core_checker.post(f"clients/{encode('cli', client_id)}/revoke", {"reason": "the key was lost"})
    assert machine.get("vouchers", 401)["code"] == "token.invalid"
    assert ask(claims(client_id))[0] == 401


def test_a_token_that_was_given_back_is_over(world: World) -> None:
    client_id, other = clients.admit(world.cast.core, "vouchers:read"), clients.admit(world.cast.core)
    machine = signed_in(client_id)
    assert ask(claims(other), "revoke", token=machine.token) == (200, {})
    machine.get("vouchers")
    assert ask(claims(client_id), "revoke", token=machine.token) == (200, {})
    machine.get("vouchers", 401)


def test_a_machine_is_held_to_its_own_rate(world: World) -> None:
    machine = signed_in(clients.admit(world.cast.core, "vouchers:read", requests_per_minute=2))
    machine.get("vouchers")
    machine.get("vouchers")
    assert machine.get("vouchers", 429)["code"] == "rate.exceeded"
    world.core.get("vouchers")


@pytest.mark.requirement("R191")
def test_the_feed_goes_on_where_it_ended_and_shows_nobody_elses_facts(world: World) -> None:
    from fourflow.platform.events.operations import sequence

    sequence()
    machine = signed_in(clients.admit(world.cast.core, "events:read"))
    first = machine.get("events?limit=200")
    while first["has_more"]:
        first = machine.get(f"events?limit=200&cursor={first['next_cursor']}")
    assert first["next_cursor"] and "Link" not in machine.last
    world.limit()
    voucher = world.draft("50.00")
    sequence()
    path = f"events?cursor={first['next_cursor']}"
    later = machine.get(path)["data"]
    assert voucher["id"] in {event["subject"] for event in later}
    assert not {event["id"] for event in later} & {event["id"] for event in first["data"]}
    narrowed = machine.get(f"{path}&type=voucher.drafted,voucher.defaulted")["data"]
    assert {event["type"] for event in narrowed} == {"voucher.drafted"}
    one = machine.get(f"events/{narrowed[0]['id']}")
    assert one == narrowed[0]
    assert world.second.get(f"events/{one['id']}", 404)["code"] == "evidence.event_not_found"
    assert voucher["id"] not in str(world.second.get("events?limit=200"))


def test_somebody_elses_clients_are_not_there(world: World) -> None:
    client_id = encode("cli", clients.admit(world.cast.core))
    assert world.supplier.get("clients")["data"] == []
    world.supplier.get(f"clients/{client_id}", 404)
    world.supplier.post(f"clients/{client_id}/revoke", {"reason": "mine"}, 404)
    for who in (world.operator, world.regulator):
        assert [one["id"] for one in who.get("clients")["data"]] == [client_id]
        who.post(f"clients/{client_id}/revoke", {"reason": "mine"}, 404)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"keys": []}, "/keys"),
        ({"keys": [clients.ED25519.as_dict(private=True)]}, "/keys/0"),
        ({"scopes": ["all"]}, "/scopes"),
        ({"requests_per_minute": 0}, "/requests_per_minute"),
        ({"name": ""}, "/name"),
    ],
)
def test_terms_that_cannot_be_name_their_field(world: World, change: dict[str, Any], field: str) -> None:
    key = clients.ED25519.as_dict(private=False)
    terms = {"name": "ERP", "keys": [key], "scopes": ["vouchers:read"], **change}
    refused = world.core.post("clients", terms, 422)
    assert [error["pointer"] for error in refused["errors"]] == [field]
