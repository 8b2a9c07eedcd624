"""What an event says outside: ids and a state with a link, never an amount, a name or an address."""

from __future__ import annotations

import json

from django.conf import settings

from fourflow.interfaces.api.fields import livemode
from fourflow.interfaces.api.ids import PREFIXES
from fourflow.interfaces.api.routers.events import subject_of
from fourflow.platform.events.types import RecordedEvent
from fourflow.platform.ids import encode


def write(event: RecordedEvent) -> bytes:
    """The body of a webhook (Standard Webhooks: type, timestamp, data). The link asks for the whole, with a token."""
    event_id, state = encode(PREFIXES["event"], event.id), event.body.get("state")
    data = {
        "id": event_id,
        "subject": subject_of(event),
        **({"state": state} if isinstance(state, str) else {}),
        "position": event.position,
        "link": f"{settings.PUBLIC_URL}/v1/events/{event_id}",
    }
    body = {"type": event.kind, "timestamp": event.effective_at.isoformat(), "livemode": livemode(), "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
