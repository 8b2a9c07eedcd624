"""Payments, their trail of bank messages, accounts, and the rows that evidence covers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Model, Q

from fourflow.capital.settlement import models
from fourflow.capital.settlement.models.evidence import evidenced as evidenced_row
from fourflow.capital.settlement.types import (
    AccountKind,
    BankAccount,
    InstructionState,
    MessageView,
    PaymentInstruction,
    PaymentWithTrail,
    Purpose,
    Question,
    TrailStep,
)
from fourflow.foundation.parties.types import Actor, Permission
from fourflow.platform.db.ordering import every, in_order
from fourflow.platform.errors import NotFound
from fourflow.platform.events.types import Evidenced

#: what a list of payments may be sorted by
SORTS = {"amount": "minor", "on": "execution_date"}

#: Every table whose rows events carry; ``fourflow evidence audit`` recomputes them all.
EVIDENCED_TABLES: tuple[type[Model], ...] = (
    models.BankAccount,
    models.PlatformInvoice,
    models.Instruction,
    models.BankMessage,
    models.Submission,
    models.Answer,
    models.ExceptionItem,
    models.Entry,
    models.Expectation,
    models.Match,
    models.Suspense,
    models.Return,
    models.Statement,
    models.Reconciliation,
)


def payments(
    *,
    actor: Actor,
    limit: int = 50,
    before: UUID | None = None,
    states: Sequence[InstructionState] = (),
    purpose: Purpose | None = None,
    search: str = "",
    about: Collection[UUID] | None = None,
    sort: str = "",
    only: Sequence[UUID] | None = None,
) -> list[PaymentInstruction]:
    """Payments in which the actor's organisation takes part, the newest first or by ``SORTS``.

    ``before`` is the last id of the page before; ``search`` is the beginning of a reference or a bank reference; ``about``
    are the objects that they are paid for (parts of vouchers, financings).

    :raises PageInvalid: an order or a last row that this list does not have.
    """
    found = in_order(models.Instruction.objects.visible_to(actor), sort, SORTS, after=before, only=only)
    if states:
        found = found.filter(state__in=[state.value for state in states])
    if purpose is not None:
        found = found.filter(purpose=purpose.value)
    if about is not None:
        found = found.filter(subject_id__in=list(about))
    if search:
        found = found.filter(Q(reference__startswith=search) | Q(bank_reference__startswith=search))
    return [row.to_type() for row in found[:limit]]


def payment(*, actor: Actor, instruction_id: UUID) -> PaymentWithTrail:
    """One payment with everything its bank was told and said.

    :raises InstructionNotFound: no such payment, or not the actor's to see.
    """
    row = models.Instruction.objects.visible_to(actor).get_visible(instruction_id)
    sent = models.Submission.objects.filter(instruction_id=row.id).first()
    answers = list(models.Answer.objects.filter(instruction_id=row.id).order_by("id"))
    messages = _messages([a.message_id for a in answers] + ([sent.message_id] if sent else []))
    steps = [TrailStep(at=row.instructed_at, what=InstructionState.INSTRUCTED.value)]
    if sent is not None and row.sent_at is not None:
        steps.append(_step(row.sent_at, InstructionState.SENT.value, sent.message_id, messages))
    for answer in answers:
        steps.append(
            _step(
                answer.at,
                answer.status,
                answer.message_id,
                messages,
                verdict=answer.verdict,
                bank_reference=answer.bank_reference,
                reason_code=answer.reason_code,
                reason=answer.reason,
            )
        )
    return PaymentWithTrail(row.to_type(), tuple(steps))


def _messages(ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Kind and digest of messages. A message may name other parties, so only the operator's readers find it here."""
    found = models.BankMessage.objects.filter(id__in=ids).values_list("id", "kind", "digest")
    return {id_: (kind, bytes(digest).hex()) for id_, kind, digest in found}


def _step(
    at: datetime, what: str, message_id: UUID, messages: Mapping[UUID, tuple[str, str]], **more: str
) -> TrailStep:
    kind, digest = messages.get(message_id, ("", ""))
    return TrailStep(at=at, what=what, message_id=message_id, message_kind=kind, message_sha256=digest, **more)


def of_subject(*, actor: Actor, subject_id: UUID) -> list[PaymentInstruction]:
    """The payments for one object (a financing, a part of a voucher), oldest first."""
    return of_subjects(actor=actor, subject_ids=[subject_id])


def of_subjects(*, actor: Actor, subject_ids: Iterable[UUID]) -> list[PaymentInstruction]:
    """The payments for several objects (the parts of a voucher), oldest first."""
    found = models.Instruction.objects.visible_to(actor).filter(subject_id__in=list(subject_ids))
    return [row.to_type() for row in found.order_by("id")]


def message(*, actor: Actor, message_id: UUID) -> MessageView:
    """A message as it crossed the wire. It may name other parties: for the operator and the regulator only.

    :raises NotFound: no such message, or the actor may not read raw messages.
    """
    row = models.BankMessage.objects.filter(id=message_id).first() if actor.sees_all else None
    if row is None:
        raise NotFound(value=str(message_id))
    body = bytes(row.body)
    return MessageView(
        id=row.id,
        bank_code=row.bank_id,
        outgoing=row.outgoing,
        kind=row.kind,
        at=row.at,
        sha256=bytes(row.digest).hex(),
        body=body.decode("utf-8", "backslashreplace"),
    )


def accounts(
    *, actor: Actor, party_id: UUID, currency: str = "", kinds: Sequence[AccountKind] = ()
) -> list[BankAccount]:
    """A party's accounts, oldest first; the operator sees every party's."""
    actor.require(Permission.PAYMENT_VIEW)
    found = models.BankAccount.objects.visible_to(actor).filter(party_id=party_id, closed_on__isnull=True)
    if currency:
        found = found.filter(currency=currency)
    if kinds:
        found = found.filter(kind__in=[kind.value for kind in kinds])
    return [row.to_type() for row in found.order_by("id")]


def operating_accounts(*, actor: Actor, party_ids: Iterable[UUID], currency: str) -> dict[UUID, BankAccount]:
    """The account over which each party pays and is paid in a currency: its oldest open one; who has none is left out."""
    found = models.BankAccount.objects.visible_to(actor).filter(
        party_id__in=list(party_ids), closed_on__isnull=True, currency=currency, kind=AccountKind.OPERATING.value
    )
    return {row.party_id: row.to_type() for row in found.order_by("-id")}


def account(*, actor: Actor, account_id: UUID) -> BankAccount:
    """One account.

    :raises AccountNotFound: no such account, or not the actor's to see.
    """
    return models.BankAccount.objects.visible_to(actor).get_visible(account_id).to_type()


def accounts_at(*, actor: Actor, bank_code: str) -> list[BankAccount]:
    """Every open account at a bank, oldest first."""
    found = models.BankAccount.objects.visible_to(actor).filter(bank_id=bank_code, closed_on__isnull=True)
    return [row.to_type() for row in found.order_by("id")]


def notified_after(bank_code: str) -> str:
    """How far a bank's notifications were read."""
    return models.Bank.objects.values_list("notified_after", flat=True).get(code=bank_code)


def to_ask(*, actor: Actor, bank_code: str, now: datetime, limit: int = 100) -> list[Question]:
    """Instructions whose fate is to be asked of a bank now, the longest waiting first."""
    waiting = [InstructionState.SENT.value, InstructionState.UNKNOWN.value, InstructionState.IN_TRANSIT.value]
    found = models.Instruction.objects.visible_to(actor).filter(
        bank_id=bank_code, state__in=waiting, ask_after__lte=now
    )
    rows = found.order_by("ask_after", "id").values_list("id", "state")[:limit]
    return [Question(id_, id_.hex, state == InstructionState.SENT.value) for id_, state in rows]


def overdue_in_transit(
    *,
    actor: Actor,
    now: datetime,
    longer_than: timedelta,
    after: UUID | None = None,
    only: Collection[UUID] | None = None,
    limit: int = 50,
) -> list[PaymentInstruction]:
    """Payments that were sent and are still not settled after a time, the first sent first: cash in transit that should alarm
    someone.

    :raises PageInvalid: no such payment to go on after.
    """
    waiting = [InstructionState.SENT.value, InstructionState.UNKNOWN.value, InstructionState.IN_TRANSIT.value]
    seen = models.Instruction.objects.visible_to(actor)
    found = in_order(seen, "sent", {"sent": "sent_at"}, after=after, only=only)
    return [row.to_type() for row in found.filter(state__in=waiting, sent_at__lte=now - longer_than)[:limit]]


def unreleased(*, actor: Actor, on: date) -> Iterator[UUID]:
    """Prepared payments whose last day was before a day; for the sweeper."""
    found = models.Instruction.objects.visible_to(actor).filter(state=InstructionState.DRAFT.value, decide_by__lt=on)
    return (row.id for row in every(found, "decide_by"))


def unanswered_since() -> dict[str, datetime | None]:
    """For each bank by code, when the oldest order was sent that it has not answered in full; None when it owes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select b.code, min(i.sent_at) from settlement_bank b left join settlement_instruction i "
            "on i.bank_id = b.code and i.state in ('sent', 'unknown', 'in_transit') group by b.code order by b.code"
        )
        return dict(cursor.fetchall())


def evidenced() -> Iterator[Evidenced]:
    """All rows that events of settlement carry, as they are now."""
    for table in EVIDENCED_TABLES:
        for row in table._default_manager.order_by("pk").iterator(chunk_size=2000):
            yield evidenced_row(row)
