"""The bank port over HTTP. Each failure is sorted into "took nothing" and "cannot be known"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from urllib.parse import quote

import httpx

from fourflow.capital.settlement.adapters.iso20022 import account_report, payment_initiation, status_report
from fourflow.capital.settlement.ports import (
    Notification,
    NotKnown,
    OwnerCheck,
    PaymentBatch,
    RawMessage,
    Reply,
    Statement,
)
from fourflow.capital.settlement.types import BankTimeout, BankUnavailable, MessageRefused

LARGEST_ANSWER = 64 * 1024 * 1024
XML = {"Content-Type": "application/xml; charset=utf-8"}
NOTICES_PER_CALL = 500


class HttpBank:
    """One bank at one address. ``seconds`` bounds the wait for an answer; connecting is given a fifth of it."""

    def __init__(self, code: str, base_url: str, *, seconds: float = 10.0, client: httpx.Client | None = None) -> None:
        self.code = code
        timeout = httpx.Timeout(seconds, connect=seconds / 5)
        self._client = client or httpx.Client(base_url=base_url, timeout=timeout, follow_redirects=False)

    def reachable(self) -> bool:
        """Whether the bank answers at all."""
        try:
            return self._call("GET", "/clock").status_code == 200
        except (BankTimeout, BankUnavailable):
            return False

    def write(self, batch: PaymentBatch) -> RawMessage:
        """A pain.001.001.09 for the batch."""
        return payment_initiation.build(batch)

    def submit(self, message: RawMessage) -> Reply:
        """POST the message once. There is no retry here and none may be added."""
        answer = self._call("POST", "/pain.001", content=message.body)
        if answer.status_code not in (200, 202):
            raise MessageRefused(bank=self.code, status=answer.status_code, value=answer.text[:200])
        return status_report.read(answer.content, sent_ids=payment_initiation.end_to_end_ids(message.body))

    def ask(self, end_to_end_id: str) -> Reply | NotKnown:
        """GET the status report of one payment; 404 is the bank's word that it has none."""
        answer = self._call("GET", f"/status/{quote(end_to_end_id, safe='')}")
        if answer.status_code == 404:
            return NotKnown(end_to_end_id)
        return status_report.read(self._ok(answer).content, sent_ids=(end_to_end_id,))

    def notifications(self, after: str) -> tuple[Notification, ...]:
        """Up to 500 notifications; each carries its own cursor, so that each can be taken in by itself."""
        answer = self._ok(
            self._call("GET", "/camt.054", params={"after": after or "0", "limit": str(NOTICES_PER_CALL)})
        )
        try:
            listed = [(str(one["sequence"]), str(one["xml"]).encode()) for one in answer.json()["notifications"]]
        except (ValueError, KeyError, TypeError):
            raise MessageRefused(bank=self.code, expected="notifications", value=answer.text[:200]) from None
        found = []
        for cursor, body in listed:
            try:
                message, entries = account_report.read_notification(body)
                found.append(Notification(message, entries, cursor))
            except MessageRefused as refusal:
                found.append(Notification(RawMessage("unreadable", body), (), cursor, refusal=str(refusal)))
        return tuple(found)

    def statement(self, account_number: str, currency: str, day: date) -> Statement:
        """The camt.053 of one account and day.

        :raises BankUnavailable: the bank has none (yet).
        """
        answer = self._call("GET", "/camt.053", params={"account": account_number, "date": day.isoformat()})
        if answer.status_code in (404, 409):
            raise BankUnavailable(bank=self.code, account=account_number, day=day.isoformat(), value=answer.text[:200])
        for one in account_report.read_statements(self._ok(answer).content):
            if one.account_number == account_number and one.currency == currency and one.day == day:
                return one
        raise MessageRefused(bank=self.code, field="Stmt", expected=account_number)

    def owner_check(self, account_number: str, name: str, identifier: str) -> OwnerCheck:
        """Whether name and identifier own the account; an unknown account is owned by nobody."""
        path = f"/accounts/{quote(account_number, safe='')}/owner-check"
        answer = self._call("GET", path, params={"name": name, "identifier": identifier})
        if answer.status_code == 404:
            return OwnerCheck(account_number, matches=False, reason="account_unknown")
        try:
            result = str(self._ok(answer).json()["result"])
        except (ValueError, KeyError, TypeError):
            raise MessageRefused(bank=self.code, expected="owner check", value=answer.text[:200]) from None
        return OwnerCheck(account_number, result == "match", "" if result == "match" else result)

    def _call(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, content: bytes | None = None
    ) -> httpx.Response:
        headers = XML if content is not None else {}
        try:
            with self._client.stream(method, path, params=params, content=content, headers=headers) as streamed:
                answer = httpx.Response(streamed.status_code, content=self._read_bounded(streamed))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise BankUnavailable(bank=self.code, reason=type(error).__name__) from error
        except httpx.TransportError as error:
            raise BankTimeout(bank=self.code, reason=type(error).__name__) from error
        if answer.status_code == 503:
            raise BankUnavailable(bank=self.code, reason="503")
        if answer.status_code >= 500:
            raise BankTimeout(bank=self.code, reason=str(answer.status_code))
        return answer

    def _read_bounded(self, answer: httpx.Response) -> bytes:
        body = bytearray()
        for part in answer.iter_bytes():
            body += part
            if len(body) > LARGEST_ANSWER:
                raise MessageRefused(bank=self.code, reason="too_large")
        return bytes(body)

    def _ok(self, answer: httpx.Response) -> httpx.Response:
        if answer.status_code != 200:
            raise MessageRefused(bank=self.code, status=answer.status_code, value=answer.text[:200])
        return answer
