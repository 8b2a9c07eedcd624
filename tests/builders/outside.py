"""A bank and a registry in the test's own process, behind the same ports as the real ones: they answer at once and truly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from fourflow.capital.claims.ports import Change, Filing, Query, RegistryAnswer
from fourflow.capital.claims.ports import NotKnown as NotRegistered
from fourflow.capital.claims.types import ExchangeKind, Hit
from fourflow.capital.financing.ports import Application
from fourflow.capital.financing.types import FunderDecision
from fourflow.capital.settlement.ports import (
    Notification,
    NotKnown,
    OwnerCheck,
    PaymentBatch,
    RawMessage,
    Reply,
    Statement,
)
from fourflow.capital.settlement.types import Answer, AnswerStatus, MessageRefused
from fourflow.platform import clock


@dataclass
class Bank:
    """Pays what it is told, or (``refusing``) rejects it; keeps its own books of what moved."""

    refusing: bool = False
    silent: bool = False
    moved: dict[str, int] = field(default_factory=dict)
    _orders: dict[str, PaymentBatch] = field(default_factory=dict)

    def reachable(self) -> bool:
        return not self.silent

    def write(self, batch: PaymentBatch) -> RawMessage:
        message = RawMessage("pain.001.001.09", f"<Document>{batch.message_id}</Document>".encode(), batch.message_id)
        self._orders[batch.message_id] = batch
        return message

    def submit(self, message: RawMessage) -> Reply:
        answers = []
        for order in self._orders[message.message_id].orders:
            if not self.refusing:
                for holder, sign in ((order.payer.holder, -1), (order.payee.holder, 1)):
                    self.moved[holder] = self.moved.get(holder, 0) + sign * order.amount.minor
            status = AnswerStatus.REJECTED if self.refusing else AnswerStatus.SETTLED
            reason = "AM04" if self.refusing else ""
            answers.append(Answer(order.end_to_end_id, status, f"B{order.end_to_end_id[:30]}", reason))
        body = f"<Document>{message.message_id}-report</Document>".encode()
        return Reply(RawMessage("pain.002.001.10", body, f"{message.message_id}-report"), tuple(answers))

    def ask(self, end_to_end_id: str) -> Reply | NotKnown:
        return NotKnown(end_to_end_id)

    def notifications(self, after: str) -> tuple[Notification, ...]:
        return ()

    def statement(self, account_number: str, currency: str, day: date) -> Statement:
        raise MessageRefused(account=account_number)

    def owner_check(self, account_number: str, name: str, identifier: str) -> OwnerCheck:
        return OwnerCheck(account_number, True)


@dataclass
class Registry:
    """Files what it is told and finds it again by its assets; numbers count up."""

    filed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)

    def reachable(self) -> bool:
        return True

    def query(self, request: Query) -> RegistryAnswer:
        found = [number for number, assets in self.filed.items() if set(assets) & set(request.assets)]
        hits = tuple(Hit(number, "secured party", rank) for rank, number in enumerate(found, start=1))
        return RegistryAnswer(request.client_reference, True, certificate="C-1", hits=hits)

    def register(self, request: Filing) -> RegistryAnswer:
        number = f"R-{len(self.filed) + len(self.ended) + 1}"
        self.filed[number] = request.assets
        return RegistryAnswer(
            request.client_reference, True, registration_no=number, modify_code="M-1", expires_on=date(2016, 1, 1)
        )

    def amend(self, request: Change) -> RegistryAnswer:
        self.filed[request.registration_no] = request.assets
        return RegistryAnswer(request.client_reference, True)

    def cancel(self, request: Change) -> RegistryAnswer:
        del self.filed[request.registration_no]
        self.ended.append(request.registration_no)
        return RegistryAnswer(request.client_reference, True)

    def ask(self, kind: ExchangeKind, client_reference: str, registration_no: str) -> RegistryAnswer | NotRegistered:
        return NotRegistered(client_reference)


@dataclass
class Funder:
    """A bank's own decision system, which says yes at the price asked for."""

    rate: Decimal = Decimal("0.045")
    asked: list[str] = field(default_factory=list)
    yes: Callable[[Application], bool] = lambda application: True

    def ask(self, application: Application) -> FunderDecision:
        self.asked.append(application.reference)
        approved = self.yes(application)
        return FunderDecision(
            approved=approved,
            annual_rate=self.rate if approved else None,
            decided_by={"model": "sme-7"},
            decided_at=clock.now(),
            reasons=() if approved else ("not today",),
            bank_reference=f"CR-{len(self.asked)}",
        )
