"""Parties: who they are, what they may do, who wants in, what shall change, who may read what."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, cast

from fourflow_client.aio.resources.namespace import Record, Resource


class Parties(Resource):
    def list(self, **filters: Any) -> AsyncIterator[Record]:
        """By name; ``q`` is a part of a name or a whole identifier."""
        return self._pages("parties", **filters)

    async def registered_as(self, number: str) -> Record:
        """Who is registered under a number, typed in whole; also a firm that one has not dealt with."""
        return cast(Record, await self._get(f"party-numbers/{number}"))

    async def get(self, party_id: str) -> Record:
        return cast(Record, await self._get(f"parties/{party_id}"))

    async def roles(self, party_id: str) -> Sequence[Record]:
        return await self._all(f"parties/{party_id}/roles")

    async def licences(self, *, party_id: str | None = None, ending_before: str | None = None) -> Sequence[Record]:
        return await self._all("licences", party_id=party_id, ending_before=ending_before)

    async def people(self, *, organisation_id: str | None = None) -> Sequence[Record]:
        return await self._all("people", organisation_id=organisation_id)

    async def close_account(self, account_id: str, *, reason: str = "", key: str | None = None) -> Record:
        return cast(Record, await self._post(f"accounts/{account_id}/close", {"reason": reason}, key))

    def reads(self, **filters: Any) -> AsyncIterator[Record]:
        """Who read what of whom: of everybody for operator and regulator, of the own organisation for all others."""
        return self._pages("reads", **filters)


class Applications(Resource):
    """Firms that want in, at the operator's desk."""

    def list(self, **filters: Any) -> AsyncIterator[Record]:
        return self._pages("applications", **filters)

    async def get(self, application_id: str) -> Record:
        return cast(Record, await self._get(f"applications/{application_id}"))

    async def apply(self, *, key: str | None = None, **declaration: Any) -> Record:
        return cast(Record, await self._post("applications", declaration, key))

    async def revise(self, application_id: str, *, if_match: str, key: str | None = None, **declaration: Any) -> Record:
        """``if_match``: the ``etag`` that was read (``client.get``), so that nobody's change is overwritten."""
        path = f"applications/{application_id}/revise"
        return cast(Record, (await self._client.post(path, declaration, key=key, if_match=if_match)).body)

    async def add_document(self, application_id: str, *, key: str | None = None, **document: str) -> Record:
        """``kind``, ``file_name``, ``media_type``, ``sha256``: a document whose file is kept elsewhere."""
        return cast(Record, await self._post(f"applications/{application_id}/documents", document, key))

    async def hand_in(
        self, application_id: str, content: bytes, *, kind: str, file_name: str, key: str | None = None
    ) -> Record:
        """A PDF, PNG or JPEG of at most 10 MB, to be kept with the application."""
        path = f"applications/{application_id}/files"
        return cast(Record, (await self._client.post(path, {"kind": kind}, key=key, file=(file_name, content))).body)

    async def file(self, application_id: str, sha256: str) -> bytes:
        """What a ``kept`` document says."""
        path = f"applications/{application_id}/files/{sha256}"
        return await self._client.file(path, "application/pdf, image/png, image/jpeg")

    async def submit(self, application_id: str, *, reason: str = "", key: str | None = None) -> Record:
        return cast(Record, await self._post(f"applications/{application_id}/submit", {"reason": reason}, key))

    async def decide(
        self, application_id: str, *, verdict: str, payload_hash: str, reason: str = "", send_back: bool = False
    ) -> Record:
        body = {"verdict": verdict, "payload_hash": payload_hash, "reason": reason, "send_back": send_back}
        return cast(Record, await self._post(f"applications/{application_id}/decide", body))


class Changes(Resource):
    """Roles, licences, members, mandates and relations of a party, proposed by one and applied by another."""

    def list(self, **filters: Any) -> AsyncIterator[Record]:
        return self._pages("changes", **filters)

    async def get(self, change_id: str) -> Record:
        return cast(Record, await self._get(f"changes/{change_id}"))

    async def propose(self, party_id: str, terms: Mapping[str, Any], *, key: str | None = None) -> Record:
        return cast(Record, await self._post(f"parties/{party_id}/changes", {"terms": dict(terms)}, key))

    async def decide(self, change_id: str, *, verdict: str, payload_hash: str, reason: str = "") -> Record:
        body = {"verdict": verdict, "payload_hash": payload_hash, "reason": reason}
        return cast(Record, await self._post(f"changes/{change_id}/decide", body))

    async def withdraw(self, change_id: str, *, reason: str = "", key: str | None = None) -> Record:
        return cast(Record, await self._post(f"changes/{change_id}/withdraw", {"reason": reason}, key))


class Restrictions(Resource):
    def list(self, **filters: Any) -> AsyncIterator[Record]:
        return self._pages("restrictions", **filters)

    async def impose(self, *, key: str | None = None, **restriction: Any) -> Record:
        return cast(Record, await self._post("restrictions", restriction, key))

    async def request_lift(self, restriction_id: str, *, reason: str, key: str | None = None) -> Record:
        return cast(Record, await self._post(f"restrictions/{restriction_id}/lift", {"reason": reason}, key))

    async def decide_lift(
        self, restriction_id: str, *, approval_id: str, payload_hash: str, verdict: str, reason: str = ""
    ) -> Record:
        body = {"approval_id": approval_id, "payload_hash": payload_hash, "verdict": verdict, "reason": reason}
        return cast(Record, await self._post(f"restrictions/{restriction_id}/lift/decide", body))


class Consents(Resource):
    """Leave that a party gives another to read its data, under an authorisation number."""

    def list(self) -> AsyncIterator[Record]:
        return self._pages("consents")

    async def give(self, *, key: str | None = None, **consent: Any) -> Record:
        return cast(Record, await self._post("consents", consent, key))

    async def withdraw(self, consent_id: str, *, reason: str = "", key: str | None = None) -> Record:
        return cast(Record, await self._post(f"consents/{consent_id}/withdraw", {"reason": reason}, key))
