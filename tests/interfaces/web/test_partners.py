"""Partners' machines on pages: who sees them, how a second person admits one, what the log tells."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.builders import clients as build
from tests.builders.clients import receiving
from tests.interfaces.web import seed
from tests.interfaces.web.pressing import act, ask, confirm, problems
from tests.interfaces.web.pressing import kinds as events_of
from tests.interfaces.web.scene import Scene, fields

from fourflow.foundation.clients import jobs, operations, queries
from fourflow.foundation.clients.adapters.http_webhook.courier import HttpCourier
from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.web.addresses import text, to
from fourflow.platform import clock
from fourflow.platform.events import operations as events
from fourflow.platform.events.types import kinds


@pytest.fixture
def told(scene: Scene) -> Any:
    """The core has a client and a webhook that was told twice, once in vain."""
    core = scene.here.cast.core
    build.admit(core, "vouchers:read", name="ERP of the core")
    with receiving(500) as receiver:
        operations.register(
            url=receiver.url,
            kinds=["client.*"],
            known=kinds(),
            actor=core.maker,
            effective_at=clock.now(),
            loopback=True,
        )
        operations.propose(terms=build.terms(name="Second system"), actor=core.maker, effective_at=clock.now())
        build.admit(core, name="Third system")
        events.sequence()
        operations.fan_out(actor=SYSTEM, now=clock.machine(), today=clock.today())
        jobs.send_due(HttpCourier(loopback=True), lambda event: b"{}")
    return queries.deliveries(actor=core.maker)


def test_an_organisation_sees_its_own_machines_and_the_operator_everybodys(scene: Scene, told: Any) -> None:
    for who, sees in (("core", True), ("operator", True), ("regulator", True), ("supplier", False)):
        clients = scene.get(who, "/clients").content.decode()
        assert ("ERP of the core" in clients) is sees, who
        webhooks = scene.get(who, "/webhooks").content.decode()
        assert ("http://127.0.0.1:" in webhooks) is sees, who
        failed = to("webhook_delivery", told[0].id)
        assert (failed in scene.get(who, "/webhooks/log").content.decode()) is sees, who
        assert scene.get(who, failed).status_code == (200 if sees else 404), who


def test_the_log_narrows_to_an_endpoint_and_a_state(scene: Scene, told: Any) -> None:
    tried = [one for one in told if one.attempts]
    pending = next(one for one in tried if one.state == "pending")
    path = f"/webhooks/log?webhook={text('webhook', pending.endpoint_id)}"
    assert to("webhook_delivery", pending.id) in scene.get("core", f"{path}&state=pending").content.decode()
    assert to("webhook_delivery", pending.id) not in scene.get("core", f"{path}&state=delivered").content.decode()
    assert "500" in scene.get("core", to("webhook_delivery", pending.id)).content.decode()
    for odd in ("/webhooks/log?state=odd&webhook=odd", "/clients?cursor=odd"):
        assert scene.get("core", odd).status_code == 200


def test_a_second_person_admits_a_client_in_the_inbox(scene: Scene) -> None:
    core = scene.here.cast.core
    proposed = operations.propose(
        terms=build.terms("trade:write", name="Warehouse scanner"), actor=core.maker, effective_at=clock.now()
    )
    assert proposed.approval_id is not None
    address = to("approval", proposed.approval_id)
    assert address in scene.get("core checker", "/inbox").content.decode()
    shown = scene.get("core checker", address)
    assert "Warehouse scanner" in shown.content.decode() and "trade:write" in shown.content.decode()
    given = {**fields(shown), "outcome": "approve", "password": seed.PASSWORD}
    assert scene.clients["core checker"].post(address, given).status_code == 302
    assert proposed.client_id in [one.id for one in queries.clients(actor=core.maker)]


def test_the_lists_are_kept_as_files(scene: Scene, told: Any) -> None:
    for path in ("/clients", "/webhooks", "/webhooks/log"):
        answer = scene.get("core", f"{path}?format=xlsx")
        assert answer["Content-Type"].endswith("spreadsheetml.sheet"), path


def pasted(*keys: Any) -> str:
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]})


def test_a_client_is_proposed_gets_another_key_and_is_sent_away_on_pages(scene: Scene) -> None:
    core = scene.here.cast.core
    given = {"name": "Treasury system", "keys": pasted(build.ED25519), "scopes": ["vouchers:read", "events:read"]}
    path = act(scene, "core", "/clients/new", **given, requests_per_minute="120")["Location"]
    page = scene.get("core", path).content.decode()
    assert "Proposed" in page and "vouchers:read" in page and "Withdraw the proposal" in page
    assert "Treasury system" not in [one.terms.name for one in queries.clients(actor=core.maker)]
    approval = "/inbox/apr_" + page.split('href="/inbox/apr_')[1].split('"')[0]
    confirm(scene, "core checker", approval, scene.get("core checker", approval))
    (client,) = [one for one in queries.clients(actor=core.maker) if one.terms.name == "Treasury system"]
    assert (path, client.terms.requests_per_minute) == (to("client", client.id), 120)

    both = given | {"keys": pasted(build.ED25519, build.P256)}
    assert client.api_version in scene.get("core", path).content.decode()
    assert "Next attempt (real time)" in scene.get("core", "/webhooks/log").content.decode()
    act(scene, "core", f"{path}/change", **both, requests_per_minute="60")
    changed = scene.get("core", path).content.decode()
    decided = scene.get(
        "core checker", "/inbox/apr_" + changed.split('href="/inbox/apr_')[1].split('"')[0]
    ).content.decode()
    for key, algorithm in ((build.ED25519, "Ed25519"), (build.P256, "P-256")):
        assert (
            f"Key {key.kid}" in decided and f"{algorithm}, thumbprint (SHA-256, RFC 7638) {key.thumbprint()}" in decided
        )
    table = decided.split('<table class="diff">')[1].split("</table>")[0]
    assert "Key ec" in table and "Key ed" not in table, "only what is another than in the terms in force"
    assert ">120<" in table and ">60<" in table and "Keys › 1" not in decided
    act(scene, "core", f"{path}/withdraw")
    assert "Other keys or scopes" in scene.get("core", path).content.decode()
    act(scene, "core", f"{path}/revoke", reason="the machine is sold")
    assert queries.client(actor=core.maker, client_id=client.id).revoked_at is not None
    assert events_of(client.id)[-1] == "client.revoked" and "Revoked" in scene.get("core", path).content.decode()


def test_a_client_that_cannot_be_is_refused_beside_its_field(scene: Scene) -> None:
    given = {"name": "x", "scopes": ["vouchers:read"], "requests_per_minute": "60"}
    assert problems(ask(scene, "core", "/clients/new", **given, keys="no json")) == {"keys": "client.terms_invalid"}
    refused = ask(scene, "core", "/clients/new", **given, keys=json.dumps(build.ED25519.as_dict(private=True)))
    assert problems(refused) == {"keys": "client.terms_invalid"} and "burnt" in refused.content.decode()
    assert set(problems(ask(scene, "core", "/clients/new", keys="")).values()) == {"input.missing"}


def test_a_webhook_lives_on_pages(scene: Scene) -> None:
    core = scene.here.cast.core
    given = {"url": "https://93.184.216.34/hook", "kinds": ["voucher.*"], "more": "payment.settled"}
    path = act(scene, "core", "/webhooks/new", **given)["Location"]
    first = queries.endpoints(actor=core.maker)[0]
    assert (path, first.kinds) == (to("webhook", first.id), ("payment.settled", "voucher.*"))
    act(scene, "core", f"{path}/rotate")
    assert queries.endpoint(actor=core.maker, endpoint_id=first.id).public_key != first.public_key
    tried = act(scene, "core", f"{path}/test")["Location"]
    shown = scene.get("core", tried).content.decode()
    assert "webhook.changed" in shown and "&quot;livemode&quot;" in shown and "Not tried yet" in shown
    act(scene, "core", f"{path}/disable")
    assert "Disabled" in scene.get("core", path).content.decode()
    act(scene, "core", f"{path}/enable")
    act(scene, "core", f"{path}/replay")
    assert events_of(first.id) == ["webhook.changed"] * 5
    for who, status in (("core checker", 403), ("supplier", 404), ("operator", 404)):
        assert scene.get(who, f"{path}/rotate").status_code == status, who


def test_no_webhook_is_registered_that_leads_inside(scene: Scene) -> None:
    inside = (
        "http://127.0.0.1/x",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://10.0.0.8/",
        "file:///etc",
    )
    for url in inside:
        refused = ask(scene, "core", "/webhooks/new", url=url, kinds=["voucher.*"])
        assert set(problems(refused)) == {"url"} and refused.status_code == 422, url


def test_the_operators_tester_moves_the_clock_of_a_sandbox_and_nobody_else(scene: Scene, settings: Any) -> None:
    assert scene.get("core", "/sandbox/clock").status_code == 403
    day = clock.today().isoformat()
    assert act(scene, "operator", "/sandbox/clock", day=day)["Location"] == "/sandbox/clock"
    shown = ask(scene, "operator", "/sandbox/clock", day="2001-01-01")
    back = scene.clients["operator"].post("/sandbox/clock", {**fields(shown), "outcome": "approve"})
    assert back.status_code in (409, 422) and clock.today().isoformat() == day
    settings.SANDBOX = False
    assert scene.get("operator", "/sandbox/clock").status_code == 403
