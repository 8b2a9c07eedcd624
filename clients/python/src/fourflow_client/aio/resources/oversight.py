"""Oversight: events and their evidence, questions of the regulator, figures, messages, schedules of lists."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, cast

from fourflow_client.aio.resources.namespace import Record, Resource, form
from fourflow_client.types import EvidenceRequest, Notice, NoticePreferences, Report, Schedule

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Notices(Resource):
    def list(self) -> AsyncIterator[Notice]:
        """What the person was told of, the latest first."""
        return self._pages("notices")

    async def preferences(self) -> NoticePreferences:
        return cast(NoticePreferences, await self._get("notices/preferences"))

    async def choose(self, *, language: str, choices: Mapping[str, str], key: str | None = None) -> NoticePreferences:
        """How the person is told, by topic; what is not named is told at once."""
        body = {"language": language, "choices": dict(choices)}
        return cast(NoticePreferences, await self._post("notices/preferences", body, key))


class Schedules(Resource):
    """A list of the site, made as a workbook on business days with the rights that its person then has."""

    async def list(self) -> Sequence[Schedule]:
        return await self._all("schedules")

    async def get(self, schedule_id: str) -> Schedule:
        return cast(Schedule, await self._get(f"schedules/{schedule_id}"))

    async def subscribe(
        self, *, name: str, address: str, rhythm: str, language: str | None = None, key: str | None = None
    ) -> Schedule:
        """``address`` is a list's, as the browser shows it: ``/vouchers?state=active``; ``rhythm``: daily, weekly, monthly."""
        body = {"name": name, "address": address, "rhythm": rhythm, **form("language", language)}
        return cast(Schedule, await self._post("schedules", body, key))

    async def pause(self, schedule_id: str, *, key: str | None = None) -> Schedule:
        return cast(Schedule, await self._post(f"schedules/{schedule_id}/pause", {}, key))

    async def resume(self, schedule_id: str, *, key: str | None = None) -> Schedule:
        return cast(Schedule, await self._post(f"schedules/{schedule_id}/resume", {}, key))

    async def end(self, schedule_id: str, *, key: str | None = None) -> Schedule:
        """No files any more; those that were made stay."""
        return cast(Schedule, await self._post(f"schedules/{schedule_id}/end", {}, key))

    def reports(self, schedule_id: str) -> AsyncIterator[Report]:
        """Its files and what became of its runs, the latest first."""
        return self._pages(f"schedules/{schedule_id}/reports")

    async def file(self, report_id: str) -> bytes:
        """The workbook, as it was made that day."""
        return await self._client.file(f"reports/{report_id}/file", XLSX)


class EvidenceRequests(Resource):
    def list(self, **filters: Any) -> AsyncIterator[EvidenceRequest]:
        return self._pages("evidence-requests", **filters)

    async def get(self, request_id: str) -> EvidenceRequest:
        return cast(EvidenceRequest, await self._get(f"evidence-requests/{request_id}"))

    async def ask(
        self, about: str, *, purpose: str, authority: str, answer_by: str, key: str | None = None
    ) -> EvidenceRequest:
        """The regulator asks about a voucher (``vch_…``) or a party (``prt_…``)."""
        body = {"about": about, "purpose": purpose, "authority": authority, "answer_by": answer_by}
        return cast(EvidenceRequest, await self._post("evidence-requests", body, key))

    async def answer(self, request_id: str, *, note: str = "", key: str | None = None) -> EvidenceRequest:
        """The operator hands out what has a place in the log."""
        return cast(EvidenceRequest, await self._post(f"evidence-requests/{request_id}/answer", {"note": note}, key))

    async def pack(self, request_id: str) -> bytes:
        """The ZIP file; asked again while no signed head covers the answer yet."""
        return await self._client.file(f"evidence-requests/{request_id}/pack", "application/zip")


class Events(Resource):
    """One event and its evidence, as ``client.happened``; all of them in order are ``client.events()``."""

    async def get(self, event_id: str) -> Record:
        return cast(Record, await self._get(f"events/{event_id}"))

    async def changes(self, event_id: str, *, against: str | None = None) -> Record:
        """What it changed, compared with an earlier one."""
        return cast(Record, await self._get(f"events/{event_id}/changes", against=against))

    async def stage(self, event_id: str) -> Record:
        """How far its evidence is."""
        return cast(Record, await self._get(f"events/{event_id}/stage"))

    async def evidence(self, event_id: str) -> bytes:
        """The bundle that proves its place in the log to anybody."""
        return await self._client.file(f"events/{event_id}/evidence", "text/plain")

    async def log(self) -> Record:
        """How far the log is, and who has witnessed it."""
        return cast(Record, await self._get("evidence/log"))

    async def checkpoint(self) -> bytes:
        return await self._client.file("evidence/checkpoint", "text/plain")

    def search(self, **filters: Any) -> AsyncIterator[Record]:
        """Operator and regulator: by subject, kind, doer, request, time or words."""
        return self._pages("audit/events", **filters)


class Oversight(Resource):
    async def audit(self) -> Record:
        """Whether books, events and rows agree."""
        return cast(Record, await self._get("audit"))

    async def statistics(self) -> Record:
        return cast(Record, await self._get("statistics"))

    async def overdue(self, *, since: str | None = None) -> Record:
        return cast(Record, await self._get("overdue", since=since))

    def alerts(self, **filters: Any) -> AsyncIterator[Record]:
        """Rules that are broken now; of one rule (``rule``)."""
        return self._pages("alerts", **filters)

    def ended_alerts(self, **filters: Any) -> AsyncIterator[Record]:
        """How others ended: between two days (``**{"ended[gte]": …, "ended[lte]": …}``), of one rule (``rule``)."""
        return self._pages("alerts/ended", **filters)


class Approvals(Resource):
    """What waits for a second person; it is decided where it belongs (``vouchers.approve``, ``limits.decide``, …)."""

    async def inbox(self, *, whose: str | None = None) -> Sequence[Record]:
        return await self._all("inbox", whose=whose)

    async def outbox(self) -> Sequence[Record]:
        """What one has asked of others."""
        return await self._all("outbox")

    async def get(self, approval_id: str) -> Record:
        return cast(Record, await self._get(f"approvals/{approval_id}"))


class Parameters(Resource):
    """Dated values of the platform."""

    async def catalogue(self) -> Sequence[Record]:
        return await self._all("parameters/catalogue")

    async def list(self, **filters: Any) -> Sequence[Record]:
        return await self._all("parameters", **filters)

    async def get(self, parameter_id: str) -> Record:
        return cast(Record, await self._get(f"parameters/{parameter_id}"))

    async def propose(self, *, key: str | None = None, **value: Any) -> Record:
        return cast(Record, await self._post("parameters", value, key))

    async def decide(self, parameter_id: str, *, verdict: str, payload_hash: str, reason: str = "") -> Record:
        body = {"verdict": verdict, "payload_hash": payload_hash, "reason": reason}
        return cast(Record, await self._post(f"parameters/{parameter_id}/decide", body))

    async def withdraw(self, parameter_id: str, *, reason: str = "", key: str | None = None) -> Record:
        return cast(Record, await self._post(f"parameters/{parameter_id}/withdraw", {"reason": reason}, key))
