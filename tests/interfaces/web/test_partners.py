"""Partners' machines on pages: who sees them, how a second person admits one, what the log tells."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import clients as build
from tests.builders.clients import receiving
from tests.interfaces.web import seed
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
        operations.fan_out(actor=SYSTEM, now=clock.machine())
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
