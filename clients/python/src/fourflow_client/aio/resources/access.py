"""Getting in: one's sessions and factors, recovery, emergencies; partners' machines; the sandbox's switches."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, cast

from fourflow_client.aio.resources.namespace import Record, Resource


class Access(Resource):
    """One's own sign-in. ``confirmed`` is ``password=…`` or ``code=…`` where nobody has confirmed in this session yet."""

    async def confirm(self, password: str, *, code: str | None = None) -> Record:
        """Say once who one is; for some minutes signatures need no password."""
        body = {"password": password, **({} if code is None else {"code": code})}
        return cast(Record, await self._post("session/confirmation", body))

    async def sessions(self) -> Sequence[Record]:
        return await self._all("sessions")

    async def end_session(self, session_id: str) -> Sequence[Record]:
        return cast("Sequence[Record]", (await self._post(f"sessions/{session_id}/end", {}))["data"])

    async def end_other_sessions(self) -> None:
        await self._post("sessions/end-others", {})

    async def factors(self) -> Record:
        return cast(Record, await self._get("factors"))

    async def remove_app(self, **confirmed: str) -> Record:
        return cast(Record, await self._post("factors/app/remove", confirmed))

    async def remove_passkey(self, passkey_id: str, **confirmed: str) -> Record:
        return cast(Record, await self._post(f"factors/passkeys/{passkey_id}/remove", confirmed))

    async def renew_recovery_codes(self, **confirmed: str) -> Record:
        """New codes, shown once."""
        return cast(Record, await self._post("factors/recovery-codes", confirmed))

    async def change_password(self, new: str, **confirmed: str) -> None:
        await self._post("session/password", {"new": new, **confirmed})


class Recoveries(Resource):
    """Two people let a third one back in; each has one half of the code."""

    async def list(self) -> Sequence[Record]:
        return await self._all("recoveries")

    async def get(self, recovery_id: str) -> Record:
        return cast(Record, await self._get(f"recoveries/{recovery_id}"))

    async def ask(self, email: str, *, reason: str, key: str | None = None) -> Record:
        return cast(Record, await self._post("recoveries", {"email": email, "reason": reason}, key))

    async def decide(self, recovery_id: str, *, verdict: str, payload_hash: str, reason: str = "") -> Record:
        body = {"verdict": verdict, "payload_hash": payload_hash, "reason": reason}
        return cast(Record, await self._post(f"recoveries/{recovery_id}/decide", body))

    async def recover(self, email: str, *, first: str, second: str, new: str) -> None:
        """Who was locked out sets a new password with both halves; no sign-in is needed."""
        await self._post("recover", {"email": email, "first": first, "second": second, "new": new})


class Emergencies(Resource):
    """Broken glass at the operator: permissions that stop things, reviewed by another."""

    async def list(self) -> Sequence[Record]:
        return await self._all("emergencies")

    async def begin(self, *, reason: str, **confirmed: str) -> Record:
        return cast(Record, await self._post("emergencies", {"reason": reason, **confirmed}))

    async def end(self, emergency_id: str) -> Record:
        return cast(Record, await self._post(f"emergencies/{emergency_id}/end", {}))

    async def review(self, emergency_id: str, *, review: str) -> Record:
        return cast(Record, await self._post(f"emergencies/{emergency_id}/review", {"review": review}))


class Clients(Resource):
    """The organisation's machines, proposed by one and admitted by another."""

    def list(self) -> AsyncIterator[Record]:
        return self._pages("clients")

    async def get(self, client_id: str) -> Record:
        return cast(Record, await self._get(f"clients/{client_id}"))

    async def propose(self, *, key: str | None = None, **terms: Any) -> Record:
        return cast(Record, await self._post("clients", terms, key))

    async def propose_change(self, client_id: str, *, key: str | None = None, **terms: Any) -> Record:
        return cast(Record, await self._post(f"clients/{client_id}/changes", terms, key))

    async def revoke(self, client_id: str, *, reason: str, key: str | None = None) -> Record:
        return cast(Record, await self._post(f"clients/{client_id}/revoke", {"reason": reason}, key))

    def proposals(self) -> AsyncIterator[Record]:
        return self._pages("client-proposals")

    async def proposal(self, proposal_id: str) -> Record:
        return cast(Record, await self._get(f"client-proposals/{proposal_id}"))

    async def decide(self, proposal_id: str, *, verdict: str, payload_hash: str, reason: str = "") -> Record:
        body = {"verdict": verdict, "payload_hash": payload_hash, "reason": reason}
        return cast(Record, await self._post(f"client-proposals/{proposal_id}/decide", body))

    async def withdraw(self, proposal_id: str, *, reason: str = "", key: str | None = None) -> Record:
        return cast(Record, await self._post(f"client-proposals/{proposal_id}/withdraw", {"reason": reason}, key))


class Webhooks(Resource):
    async def kinds(self) -> Sequence[Record]:
        """The kinds of events that there are."""
        return await self._all("event-kinds")

    def list(self) -> AsyncIterator[Record]:
        return self._pages("webhooks")

    async def get(self, webhook_id: str) -> Record:
        return cast(Record, await self._get(f"webhooks/{webhook_id}"))

    async def register(self, url: str, kinds: Sequence[str], *, key: str | None = None) -> Record:
        """The answer shows the key that deliveries are signed with; ``kinds`` such as ``voucher.*``."""
        return cast(Record, await self._post("webhooks", {"url": url, "kinds": list(kinds)}, key))

    async def disable(self, webhook_id: str, *, reason: str = "") -> Record:
        return await self._act(webhook_id, "disable", {"reason": reason})

    async def enable(self, webhook_id: str, *, reason: str = "") -> Record:
        return await self._act(webhook_id, "enable", {"reason": reason})

    async def rotate(self, webhook_id: str, *, reason: str = "") -> Record:
        """A new key; the old one signs beside it for a while."""
        return await self._act(webhook_id, "rotate", {"reason": reason})

    async def test(self, webhook_id: str) -> Record:
        return await self._act(webhook_id, "test", {})

    async def replay_failed(self, webhook_id: str, *, reason: str = "") -> Record:
        return await self._act(webhook_id, "replay", {"reason": reason})

    def deliveries(self, **filters: Any) -> AsyncIterator[Record]:
        return self._pages("webhook-deliveries", **filters)

    async def delivery(self, delivery_id: str) -> Record:
        return cast(Record, await self._get(f"webhook-deliveries/{delivery_id}"))

    async def replay(self, delivery_id: str, *, reason: str = "") -> Record:
        return cast(Record, await self._post(f"webhook-deliveries/{delivery_id}/replay", {"reason": reason}))

    async def _act(self, webhook_id: str, step: str, body: Mapping[str, Any]) -> Record:
        return cast(Record, await self._post(f"webhooks/{webhook_id}/{step}", body))


class Sandbox(Resource):
    """Only in a sandbox: its clock, and faults of the outside parties."""

    async def clock(self) -> Record:
        return cast(Record, await self._get("sandbox/clock"))

    async def move_clock(self, date: str) -> Record:
        return cast(Record, await self._post("sandbox/clock", {"date": date}))

    async def faults(self, *, party: str | None = None) -> Record:
        return cast(Record, await self._get("sandbox/faults", party=party))

    async def add_fault(self, **fault: Any) -> Record:
        return cast(Record, await self._post("sandbox/faults", fault))

    async def clear_faults(self, party: str) -> Record:
        return cast(Record, await self._post("sandbox/faults/clear", {"party": party}))
