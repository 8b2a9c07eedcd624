# Made by tools/sync_client.py of fourflow_client/aio/resources/access.py; change that one.
"""Getting in: one's sessions and factors, recovery, emergencies; partners' machines; the sandbox's switches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from fourflow_client.resources.namespace import Record, Resource


class Access(Resource):
    """One's own sign-in. ``confirmed`` is ``password=…`` or ``code=…`` where nobody has confirmed in this session yet."""

    def confirm(self, password: str, *, code: str | None = None) -> Record:
        """Say once who one is; for some minutes signatures need no password."""
        body = {"password": password, **({} if code is None else {"code": code})}
        return cast(Record, self._post("session/confirmation", body))

    def sessions(self) -> Sequence[Record]:
        return self._all("sessions")

    def end_session(self, session_id: str) -> Sequence[Record]:
        return cast("Sequence[Record]", self._post(f"sessions/{session_id}/end", {})["data"])

    def end_other_sessions(self) -> None:
        self._post("sessions/end-others", {})

    def factors(self) -> Record:
        return cast(Record, self._get("factors"))

    def remove_app(self, **confirmed: str) -> Record:
        return cast(Record, self._post("factors/app/remove", confirmed))

    def remove_passkey(self, passkey_id: str, **confirmed: str) -> Record:
        return cast(Record, self._post(f"factors/passkeys/{passkey_id}/remove", confirmed))

    def renew_recovery_codes(self, **confirmed: str) -> Record:
        """New codes, shown once."""
        return cast(Record, self._post("factors/recovery-codes", confirmed))

    def change_password(self, new: str, **confirmed: str) -> None:
        self._post("session/password", {"new": new, **confirmed})


class Recoveries(Resource):
    """Two people let a third one back in; each has one half of the code."""

    def list(self) -> Sequence[Record]:
        return self._all("recoveries")

    def get(self, recovery_id: str) -> Record:
        return cast(Record, self._get(f"recoveries/{recovery_id}"))

    def ask(self, email: str, *, reason: str, key: str | None = None) -> Record:
        return cast(Record, self._post("recoveries", {"email": email, "reason": reason}, key))

    def decide(self, recovery_id: str, *, verdict: str, payload_hash: str, reason: str = "") -> Record:
        body = {"verdict": verdict, "payload_hash": payload_hash, "reason": reason}
        return cast(Record, self._post(f"recoveries/{recovery_id}/decide", body))

    def recover(self, email: str, *, first: str, second: str, new: str) -> None:
        """Who was locked out sets a new password with both halves; no sign-in is needed."""
        self._post("recover", {"email": email, "first": first, "second": second, "new": new})


class Emergencies(Resource):
    """Broken glass at the operator: permissions that stop things, reviewed by another."""

    def list(self) -> Sequence[Record]:
        return self._all("emergencies")

    def begin(self, *, reason: str, **confirmed: str) -> Record:
        return cast(Record, self._post("emergencies", {"reason": reason, **confirmed}))

    def end(self, emergency_id: str) -> Record:
        return cast(Record, self._post(f"emergencies/{emergency_id}/end", {}))

    def review(self, emergency_id: str, *, review: str) -> Record:
        return cast(Record, self._post(f"emergencies/{emergency_id}/review", {"review": review}))


class Clients(Resource):
    """The organisation's machines, proposed by one and admitted by another."""

    def list(self) -> Iterator[Record]:
        return self._pages("clients")

    def get(self, client_id: str) -> Record:
        return cast(Record, self._get(f"clients/{client_id}"))

    def propose(self, *, key: str | None = None, **terms: Any) -> Record:
        return cast(Record, self._post("clients", terms, key))

    def propose_change(self, client_id: str, *, key: str | None = None, **terms: Any) -> Record:
        return cast(Record, self._post(f"clients/{client_id}/changes", terms, key))

    def revoke(self, client_id: str, *, reason: str, key: str | None = None) -> Record:
        return cast(Record, self._post(f"clients/{client_id}/revoke", {"reason": reason}, key))

    def proposals(self) -> Iterator[Record]:
        return self._pages("client-proposals")

    def proposal(self, proposal_id: str) -> Record:
        return cast(Record, self._get(f"client-proposals/{proposal_id}"))

    def decide(self, proposal_id: str, *, verdict: str, payload_hash: str, reason: str = "") -> Record:
        body = {"verdict": verdict, "payload_hash": payload_hash, "reason": reason}
        return cast(Record, self._post(f"client-proposals/{proposal_id}/decide", body))

    def withdraw(self, proposal_id: str, *, reason: str = "", key: str | None = None) -> Record:
        return cast(Record, self._post(f"client-proposals/{proposal_id}/withdraw", {"reason": reason}, key))


class Webhooks(Resource):
    def kinds(self) -> Sequence[Record]:
        """The kinds of events that there are."""
        return self._all("event-kinds")

    def list(self) -> Iterator[Record]:
        return self._pages("webhooks")

    def get(self, webhook_id: str) -> Record:
        return cast(Record, self._get(f"webhooks/{webhook_id}"))

    def register(self, url: str, kinds: Sequence[str], *, key: str | None = None) -> Record:
        """The answer shows the key that deliveries are signed with; ``kinds`` such as ``voucher.*``."""
        return cast(Record, self._post("webhooks", {"url": url, "kinds": list(kinds)}, key))

    def disable(self, webhook_id: str, *, reason: str = "") -> Record:
        return self._act(webhook_id, "disable", {"reason": reason})

    def enable(self, webhook_id: str, *, reason: str = "") -> Record:
        return self._act(webhook_id, "enable", {"reason": reason})

    def rotate(self, webhook_id: str, *, reason: str = "") -> Record:
        """A new key; the old one signs beside it for a while."""
        return self._act(webhook_id, "rotate", {"reason": reason})

    def test(self, webhook_id: str) -> Record:
        return self._act(webhook_id, "test", {})

    def replay_failed(self, webhook_id: str, *, reason: str = "") -> Record:
        return self._act(webhook_id, "replay", {"reason": reason})

    def deliveries(self, **filters: Any) -> Iterator[Record]:
        return self._pages("webhook-deliveries", **filters)

    def delivery(self, delivery_id: str) -> Record:
        return cast(Record, self._get(f"webhook-deliveries/{delivery_id}"))

    def replay(self, delivery_id: str, *, reason: str = "") -> Record:
        return cast(Record, self._post(f"webhook-deliveries/{delivery_id}/replay", {"reason": reason}))

    def _act(self, webhook_id: str, step: str, body: Mapping[str, Any]) -> Record:
        return cast(Record, self._post(f"webhooks/{webhook_id}/{step}", body))


class Sandbox(Resource):
    """Only in a sandbox: its clock, and faults of the outside parties."""

    def clock(self) -> Record:
        return cast(Record, self._get("sandbox/clock"))

    def move_clock(self, date: str) -> Record:
        return cast(Record, self._post("sandbox/clock", {"date": date}))

    def faults(self, *, party: str | None = None) -> Record:
        return cast(Record, self._get("sandbox/faults", party=party))

    def add_fault(self, **fault: Any) -> Record:
        return cast(Record, self._post("sandbox/faults", fault))

    def clear_faults(self, party: str) -> Record:
        return cast(Record, self._post("sandbox/faults/clear", {"party": party}))
