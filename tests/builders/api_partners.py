"""Objects and bodies of the routes about partners' machines, for the tries of every route."""

from __future__ import annotations

from typing import Any

from tests.builders import api, clients
from tests.builders.api import World

from fourflow.platform.ids import new_id

CLIENT = {"name": "ERP", "keys": [clients.ED25519.as_dict(private=False)], "scopes": ["vouchers:read"]}
#: a number, so that no test asks a name server
WEBHOOK = {"url": "https://93.184.216.34/hook", "kinds": ["voucher.*"]}
REASON = {"reason": "because"}
BODIES: dict[str, Any] = {
    "propose_client": CLIENT,
    "propose_client_change": CLIENT,
    "revoke_client": REASON,
    "decide_client_proposal": {"verdict": "approve", "payload_hash": "0" * 64},
    "withdraw_client_proposal": REASON,
    "register_webhook": {**WEBHOOK, "url": "https://93.184.216.34/other"},
    "disable_webhook": REASON,
    "enable_webhook": REASON,
    "rotate_webhook_key": REASON,
    "try_webhook": {},
    "replay_failed_deliveries": REASON,
    "replay_webhook_delivery": REASON,
    "move_clock": {"date": "2014-04-01"},
    "add_fault": {"party": "ALFA", "endpoint": "pain.001", "mode": "down"},
    "clear_faults": {"party": "ALFA"},
}


def objects(world: World) -> dict[str, str]:
    """The core's client, its proposal, a webhook of the core, and a delivery that is nobody's."""
    client_id = clients.admit(world.cast.core)
    return {
        "client_id": api.encode("cli", client_id),
        "proposal_id": world.core.get("client-proposals")["data"][0]["id"],
        "webhook_id": world.core.post("webhooks", WEBHOOK, 201)["id"],
        "webhook_delivery_id": api.encode("whd", new_id()),
    }
