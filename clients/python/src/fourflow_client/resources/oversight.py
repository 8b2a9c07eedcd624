# Made by tools/sync_client.py of fourflow_client/aio/resources/oversight.py; change that one.
"""Oversight: events and their evidence, questions of the regulator, figures, messages, schedules of lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from fourflow_client.resources.namespace import Record, Resource, form
from fourflow_client.types import EvidenceRequest, Notice, NoticePreferences, Report, Schedule

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Notices(Resource):
    def list(self) -> Iterator[Notice]:
        """What the person was told of, the latest first."""
        return self._pages("notices")

    def preferences(self) -> NoticePreferences:
        return cast(NoticePreferences, self._get("notices/preferences"))

    def choose(self, *, language: str, choices: Mapping[str, str], key: str | None = None) -> NoticePreferences:
        """How the person is told, by topic; what is not named is told at once."""
        body = {"language": language, "choices": dict(choices)}
        return cast(NoticePreferences, self._post("notices/preferences", body, key))


class Schedules(Resource):
    """A list of the site, made as a workbook on business days with the rights that its person then has."""

    def list(self) -> Sequence[Schedule]:
        return self._all("schedules")

    def get(self, schedule_id: str) -> Schedule:
        return cast(Schedule, self._get(f"schedules/{schedule_id}"))

    def subscribe(
        self, *, name: str, address: str, rhythm: str, language: str | None = None, key: str | None = None
    ) -> Schedule:
        """``address`` is a list's, as the browser shows it: ``/vouchers?state=active``; ``rhythm``: daily, weekly, monthly."""
        body = {"name": name, "address": address, "rhythm": rhythm, **form("language", language)}
        return cast(Schedule, self._post("schedules", body, key))

    def pause(self, schedule_id: str, *, key: str | None = None) -> Schedule:
        return cast(Schedule, self._post(f"schedules/{schedule_id}/pause", {}, key))

    def resume(self, schedule_id: str, *, key: str | None = None) -> Schedule:
        return cast(Schedule, self._post(f"schedules/{schedule_id}/resume", {}, key))

    def end(self, schedule_id: str, *, key: str | None = None) -> Schedule:
        """No files any more; those that were made stay."""
        return cast(Schedule, self._post(f"schedules/{schedule_id}/end", {}, key))

    def reports(self, schedule_id: str) -> Iterator[Report]:
        """Its files and what became of its runs, the latest first."""
        return self._pages(f"schedules/{schedule_id}/reports")

    def file(self, report_id: str) -> bytes:
        """The workbook, as it was made that day."""
        return self._client.file(f"reports/{report_id}/file", XLSX)


class EvidenceRequests(Resource):
    def list(self, **filters: Any) -> Iterator[EvidenceRequest]:
        return self._pages("evidence-requests", **filters)

    def get(self, request_id: str) -> EvidenceRequest:
        return cast(EvidenceRequest, self._get(f"evidence-requests/{request_id}"))

    def ask(
        self, about: str, *, purpose: str, authority: str, answer_by: str, key: str | None = None
    ) -> EvidenceRequest:
        """The regulator asks about a voucher (``vch_…``) or a party (``prt_…``)."""
        body = {"about": about, "purpose": purpose, "authority": authority, "answer_by": answer_by}
        return cast(EvidenceRequest, self._post("evidence-requests", body, key))

    def answer(self, request_id: str, *, note: str = "", key: str | None = None) -> EvidenceRequest:
        """The operator hands out what has a place in the log."""
        return cast(EvidenceRequest, self._post(f"evidence-requests/{request_id}/answer", {"note": note}, key))

    def pack(self, request_id: str) -> bytes:
        """The ZIP file; asked again while no signed head covers the answer yet."""
        return self._client.file(f"evidence-requests/{request_id}/pack", "application/zip")


class Events(Resource):
    """One event and its evidence, as ``client.happened``; all of them in order are ``client.events()``."""

    def get(self, event_id: str) -> Record:
        return cast(Record, self._get(f"events/{event_id}"))

    def changes(self, event_id: str, *, against: str | None = None) -> Record:
        """What it changed, compared with an earlier one."""
        return cast(Record, self._get(f"events/{event_id}/changes", against=against))

    def stage(self, event_id: str) -> Record:
        """How far its evidence is."""
        return cast(Record, self._get(f"events/{event_id}/stage"))

    def evidence(self, event_id: str) -> bytes:
        """The bundle that proves its place in the log to anybody."""
        return self._client.file(f"events/{event_id}/evidence", "text/plain")

    def log(self) -> Record:
        """How far the log is, and who has witnessed it."""
        return cast(Record, self._get("evidence/log"))

    def checkpoint(self) -> bytes:
        return self._client.file("evidence/checkpoint", "text/plain")

    def search(self, **filters: Any) -> Iterator[Record]:
        """Operator and regulator: by subject, kind, doer, request, time or words."""
        return self._pages("audit/events", **filters)


class Oversight(Resource):
    def audit(self) -> Record:
        """Whether books, events and rows agree."""
        return cast(Record, self._get("audit"))

    def statistics(self) -> Record:
        return cast(Record, self._get("statistics"))

    def overdue(self, *, since: str | None = None) -> Record:
        return cast(Record, self._get("overdue", since=since))

    def alerts(self, **filters: Any) -> Iterator[Record]:
        """Rules that are broken now; of one rule (``rule``)."""
        return self._pages("alerts", **filters)

    def ended_alerts(self, **filters: Any) -> Iterator[Record]:
        """How others ended: between two days (``**{"ended[gte]": …, "ended[lte]": …}``), of one rule (``rule``)."""
        return self._pages("alerts/ended", **filters)


class Approvals(Resource):
    """What waits for a second person; it is decided where it belongs (``vouchers.approve``, ``limits.decide``, …)."""

    def inbox(self, *, whose: str | None = None) -> Sequence[Record]:
        return self._all("inbox", whose=whose)

    def outbox(self) -> Sequence[Record]:
        """What one has asked of others."""
        return self._all("outbox")

    def get(self, approval_id: str) -> Record:
        return cast(Record, self._get(f"approvals/{approval_id}"))


class Parameters(Resource):
    """Dated values of the platform."""

    def catalogue(self) -> Sequence[Record]:
        return self._all("parameters/catalogue")

    def list(self, **filters: Any) -> Sequence[Record]:
        return self._all("parameters", **filters)

    def get(self, parameter_id: str) -> Record:
        return cast(Record, self._get(f"parameters/{parameter_id}"))

    def propose(self, *, key: str | None = None, **value: Any) -> Record:
        return cast(Record, self._post("parameters", value, key))

    def decide(self, parameter_id: str, *, verdict: str, payload_hash: str, reason: str = "") -> Record:
        body = {"verdict": verdict, "payload_hash": payload_hash, "reason": reason}
        return cast(Record, self._post(f"parameters/{parameter_id}/decide", body))

    def withdraw(self, parameter_id: str, *, reason: str = "", key: str | None = None) -> Record:
        return cast(Record, self._post(f"parameters/{parameter_id}/withdraw", {"reason": reason}, key))
