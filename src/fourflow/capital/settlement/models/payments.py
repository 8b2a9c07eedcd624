"""Instructions, what was sent and what banks answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, models
from django.db.models import F, Q, Value
from django.db.models.lookups import GreaterThanOrEqual

from fourflow.capital.settlement import types
from fourflow.capital.settlement.domain.steps import step
from fourflow.capital.settlement.models.accounts import Bank, BankAccount, PlatformInvoice, iff
from fourflow.capital.settlement.types import InstructionState as State
from fourflow.platform.db.fields import CurrencyField, IdField, MinorField, RecordedAtField
from fourflow.platform.db.record import Record
from fourflow.platform.db.visibility import VisibleQuerySet
from fourflow.platform.money import Money

FINAL = [State.SETTLED.value, State.REJECTED.value]

#: Columns that steps and questions change, with their types.
STEPS = {
    "state": "text",
    "sent_at": "timestamptz",
    "finished_at": "timestamptz",
    "asked": "integer",
    "ask_after": "timestamptz",
    "bank_reference": "text",
    "reason_code": "text",
    "reason": "text",
}
NOT_SENT = [State.DRAFT.value, State.INSTRUCTED.value]
PURPOSES_WITH_INVOICE = [types.Purpose.PLATFORM_FEE.value, types.Purpose.PLATFORM_BILL.value]


#: from then on a payment that is over stands in an index of its own
LONG = timedelta(hours=1)


def took(longest: timedelta) -> Q:
    """It was under way for so long, or longer."""
    return Q(GreaterThanOrEqual(F("finished_at") - F("sent_at"), Value(longest)))


TOOK_LONG = took(LONG)


class InstructionQuerySet(VisibleQuerySet["Instruction"]):
    not_found = types.InstructionNotFound

    def save_steps(self, rows: Iterable[Instruction]) -> None:
        """Save what steps and questions changed, of many instructions in one statement."""
        saved = list(rows)
        if not saved:
            return
        columns = [[row.id for row in saved], *([getattr(row, name) for row in saved] for name in STEPS)]
        arrays = ", ".join(f"%s::{kind}[]" for kind in ("uuid", *STEPS.values()))
        assigned = ", ".join(f"{name} = n.{name}" for name in STEPS)
        with connection.cursor() as cursor:
            cursor.execute(
                f"update settlement_instruction i set {assigned} "
                f"from unnest({arrays}) as n (id, {', '.join(STEPS)}) where i.id = n.id",
                columns,
            )


class Instruction(Record):
    """An order to a bank. Who, what and how much never change; the state takes the steps of ``domain.steps``.

    What a first person prepared is released by a second one until the end of the day ``decide_by``.

    Only money that goes back may go to an account that nobody registered; ``payee_bank`` is its bank as that one was named.
    """

    id = IdField()
    reference = models.TextField(unique=True)
    bank = models.ForeignKey(Bank, on_delete=models.PROTECT, related_name="+")
    payer_account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="+")
    payee_account = models.ForeignKey(BankAccount, null=True, on_delete=models.PROTECT, related_name="+")
    payer_id = models.UUIDField()
    payee_id = models.UUIDField(null=True)
    payer_is_platform = models.BooleanField()
    payee_is_platform = models.BooleanField()
    payer_name = models.TextField()
    payer_number = models.TextField()
    payee_name = models.TextField()
    payee_number = models.TextField()
    payee_bank = models.TextField(default="")
    currency = CurrencyField()
    minor = MinorField()
    purpose = models.TextField(choices=[(p.value, p.value) for p in types.Purpose])
    subject_id = models.UUIDField()
    invoice = models.ForeignKey(PlatformInvoice, null=True, on_delete=models.PROTECT, related_name="+")
    mandate = models.TextField()
    execution_date = models.DateField()
    decide_by = models.DateField(null=True)
    remittance = models.TextField()
    state = models.TextField(choices=[(s.value, s.value) for s in State])
    maker_person_id = models.UUIDField(null=True)
    instructed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    asked = models.PositiveIntegerField(default=0)
    not_known = models.PositiveIntegerField(default=0)
    ask_after = models.DateTimeField(null=True)
    bank_reference = models.TextField(default="")
    reason_code = models.TextField(default="")
    reason = models.TextField(default="")
    recorded_at = RecordedAtField()

    objects = InstructionQuerySet.as_manager()

    class Meta:
        db_table = "settlement_instruction"
        indexes = [
            models.Index(fields=["bank", "execution_date"], condition=Q(state="instructed"), name="instruction_due"),
            models.Index(
                fields=["bank", "ask_after"],
                condition=Q(state__in=["sent", "unknown", "in_transit"]),
                name="instruction_to_ask",
            ),
            models.Index(fields=["decide_by", "id"], condition=Q(state="draft"), name="instruction_to_expire"),
            models.Index(fields=["subject_id"], name="instruction_by_subject"),
            models.Index(fields=["payer_id", "-id"], name="instruction_by_payer"),
            models.Index(fields=["payee_id", "-id"], name="instruction_by_payee"),
            models.Index(fields=["-id", "state"], name="instruction_latest"),
            models.Index(fields=["minor", "id"], name="instruction_by_amount"),
            models.Index(fields=["execution_date", "id"], name="instruction_by_day"),
            # few take so long: to find them among all that are finished would read everything
            models.Index(fields=["finished_at", "id"], condition=TOOK_LONG, name="instruction_took_long"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(minor__gt=0), name="instruction_positive"),
            models.CheckConstraint(condition=~Q(payer_account=F("payee_account")), name="instruction_two_accounts"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="instruction_state_known"),
            models.CheckConstraint(
                condition=Q(purpose__in=[p.value for p in types.Purpose]), name="instruction_purpose_known"
            ),
            models.CheckConstraint(
                condition=iff(Q(payee_account__isnull=True), Q(payee_id__isnull=True)), name="instruction_payee_known"
            ),
            models.CheckConstraint(
                condition=Q(payee_account__isnull=False) | Q(purpose="return"), name="instruction_to_registered_account"
            ),
            models.CheckConstraint(
                condition=Q(payee_is_platform=Q(purpose="platform_fee")), name="platform_receives_only_its_fees"
            ),
            models.CheckConstraint(
                condition=Q(payer_is_platform=Q(purpose="platform_bill")), name="platform_pays_only_its_bills"
            ),
            models.CheckConstraint(
                condition=iff(Q(invoice__isnull=False), Q(purpose__in=PURPOSES_WITH_INVOICE)),
                name="platform_money_has_invoice",
            ),
            models.CheckConstraint(
                condition=iff(Q(finished_at__isnull=False), Q(state__in=FINAL)), name="instruction_finished_when_final"
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=False) | Q(state__in=[*NOT_SENT, "rejected"]), name="instruction_sent_at"
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | ~Q(state__in=NOT_SENT), name="instruction_not_sent_yet"
            ),
            models.CheckConstraint(
                condition=Q(decide_by__isnull=False) | ~Q(state="draft"), name="instruction_draft_has_last_day"
            ),
            models.UniqueConstraint(
                fields=["bank", "bank_reference"],
                condition=~Q(bank_reference=""),
                name="instruction_bank_reference_once",
            ),
        ]

    def must_be(self, *states: State) -> None:
        """:raises StepNotAllowed: the instruction is in none of the states."""
        if State(self.state) not in states:
            raise types.StepNotAllowed(state=self.state, wanted=[s.value for s in states])

    def become(self, wanted: State, *, effective_at: datetime) -> None:
        """Take one allowed step and save it."""
        self.step_to(wanted, effective_at=effective_at)
        self.save()

    def step_to(self, wanted: State, *, effective_at: datetime) -> None:
        """Take one allowed step; it is saved with others by ``save_steps``."""
        self.state = step(State(self.state), wanted).value
        if wanted is State.SENT:
            self.sent_at = effective_at
        if wanted.is_final:
            self.finished_at, self.ask_after = effective_at, None

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)

    def to_type(self) -> types.PaymentInstruction:
        return types.PaymentInstruction(
            id=types.InstructionId(self.id),
            reference=self.reference,
            state=State(self.state),
            bank_code=self.bank_id,
            payer_id=self.payer_id,
            payer_name=self.payer_name,
            payer_account=self.payer_number,
            payee_id=self.payee_id,
            payee_name=self.payee_name,
            payee_account=self.payee_number,
            amount=self.amount,
            purpose=types.Purpose(self.purpose),
            subject_id=self.subject_id,
            execution_date=self.execution_date,
            decide_by=self.decide_by,
            remittance=self.remittance,
            mandate=self.mandate,
            instructed_at=self.instructed_at,
            sent_at=self.sent_at,
            finished_at=self.finished_at,
            bank_reference=self.bank_reference,
            reason_code=self.reason_code,
            reason=self.reason,
            invoice_id=self.invoice_id,
        )


class BankMessage(Record):
    """Bytes that crossed the wire, with their SHA-256; the database recomputes it. Append-only."""

    id = IdField()
    bank = models.ForeignKey(Bank, on_delete=models.PROTECT, related_name="+")
    outgoing = models.BooleanField()
    kind = models.TextField()
    message_id = models.TextField()
    body = models.BinaryField()
    digest = models.BinaryField()
    at = models.DateTimeField()
    recorded_at = RecordedAtField()

    class Meta:
        db_table = "settlement_message"
        constraints = [models.UniqueConstraint(fields=["bank", "outgoing", "digest"], name="message_kept_once")]


class Submission(Record):
    """The one time that an instruction was handed to its bank; committed before the first byte leaves. Append-only."""

    id = IdField()
    instruction = models.OneToOneField(Instruction, on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey(BankMessage, on_delete=models.PROTECT, related_name="+")
    recorded_at = RecordedAtField()

    class Meta:
        db_table = "settlement_submission"


class Answer(Record):
    """What a bank said of one instruction, and what became of it. Append-only."""

    id = IdField()
    bank = models.ForeignKey(Bank, on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey(BankMessage, on_delete=models.PROTECT, related_name="+")
    instruction = models.ForeignKey(Instruction, null=True, on_delete=models.PROTECT, related_name="+")
    end_to_end_id = models.TextField()
    status = models.TextField(choices=[(s.value, s.value) for s in types.AnswerStatus])
    bank_reference = models.TextField()
    reason_code = models.TextField()
    reason = models.TextField()
    minor = MinorField(null=True)
    currency = CurrencyField(null=True)
    verdict = models.TextField(choices=[(v.value, v.value) for v in types.Verdict])
    at = models.DateTimeField()
    recorded_at = RecordedAtField()

    class Meta:
        db_table = "settlement_answer"
        indexes = [models.Index(fields=["instruction", "id"], name="answer_by_instruction")]
        constraints = [
            models.UniqueConstraint(
                fields=["message", "end_to_end_id", "status", "bank_reference"], name="answer_of_message_once"
            ),
            models.UniqueConstraint(
                fields=["instruction"],
                condition=Q(verdict="applied", status__in=FINAL),
                name="answer_one_outcome",
            ),
            models.UniqueConstraint(
                fields=["bank", "bank_reference"],
                condition=Q(verdict="applied", status__in=FINAL) & ~Q(bank_reference=""),
                name="answer_applied_once",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[s.value for s in types.AnswerStatus]), name="answer_status_known"
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=[v.value for v in types.Verdict]), name="answer_verdict_known"
            ),
            models.CheckConstraint(
                condition=Q(instruction__isnull=False) | Q(verdict="parked"), name="answer_of_nobody_is_parked"
            ),
        ]


class ExceptionQuerySet(VisibleQuerySet["ExceptionItem"]):
    not_found = types.ExceptionNotFound


class ExceptionItem(Record):
    """Something a bank said that no rule may act upon; open until a person has dealt with it outside."""

    id = IdField()
    bank = models.ForeignKey(Bank, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField(choices=[(k.value, k.value) for k in types.ExceptionKind])
    instruction = models.ForeignKey(Instruction, null=True, on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey(BankMessage, on_delete=models.PROTECT, related_name="+")
    answer = models.OneToOneField(Answer, null=True, on_delete=models.PROTECT, related_name="+")
    facts = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.UUIDField(null=True)
    resolution = models.TextField(default="")
    recorded_at = RecordedAtField()

    objects = ExceptionQuerySet.as_manager()

    class Meta:
        db_table = "settlement_exception"
        indexes = [models.Index(fields=["resolved_at", "id"], name="exception_resolved")]
        constraints = [
            models.CheckConstraint(
                condition=iff(Q(resolved_at__isnull=True), Q(resolved_by__isnull=True)),
                name="exception_resolved_by_someone",
            )
        ]
