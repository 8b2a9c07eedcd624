"""Cash that arrives: entries, what was expected, how they were brought together, statements."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat

from fourflow.capital.settlement import types
from fourflow.capital.settlement.domain.matching import normalised
from fourflow.capital.settlement.models.accounts import Bank, BankAccount, OwnQuerySet, PlatformInvoice, iff
from fourflow.capital.settlement.models.payments import BankMessage, Instruction
from fourflow.platform.db.fields import CurrencyField, IdField, MinorField, RecordedAtField
from fourflow.platform.db.record import Record
from fourflow.platform.db.visibility import VisibleQuerySet
from fourflow.platform.money import Money


class EntryQuerySet(OwnQuerySet["Entry"]):
    not_found = types.EntryNotFound


class Entry(Record):
    """One booking on an account of ours, however often a bank reports it. Append-only."""

    id = IdField()
    bank = models.ForeignKey(Bank, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="+")
    party_id = models.UUIDField()
    message = models.ForeignKey(BankMessage, on_delete=models.PROTECT, related_name="+")
    instruction = models.ForeignKey(Instruction, null=True, on_delete=models.PROTECT, related_name="+")
    bank_reference = models.TextField()
    direction = models.TextField(choices=[(d.value, d.value) for d in types.Direction])
    currency = CurrencyField()
    minor = MinorField()
    booked_on = models.DateField()
    value_on = models.DateField()
    end_to_end_id = models.TextField()
    remittance = models.TextField()
    counterparty = models.TextField()
    counterparty_account = models.TextField()
    counterparty_bank = models.TextField(default="")
    is_reversal = models.BooleanField()
    at = models.DateTimeField()
    recorded_at = RecordedAtField()

    objects = EntryQuerySet.as_manager()

    class Meta:
        db_table = "settlement_entry"
        indexes = [
            models.Index(fields=["account", "booked_on"], name="entry_by_day"),
            models.Index(fields=["instruction"], condition=Q(instruction__isnull=False), name="entry_by_instruction"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["account", "bank_reference", "direction"], name="entry_once"),
            models.UniqueConstraint(fields=["id", "account", "currency"], name="entry_identity"),
            models.CheckConstraint(condition=Q(minor__gt=0), name="entry_positive"),
            models.CheckConstraint(
                condition=Q(direction__in=[d.value for d in types.Direction]), name="entry_direction_known"
            ),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)

    def to_type(self) -> types.BankEntry:
        return types.BankEntry(
            account_number=self.account.number,
            currency=self.currency,
            bank_reference=self.bank_reference,
            direction=types.Direction(self.direction),
            amount=self.amount,
            booked_on=self.booked_on,
            value_on=self.value_on,
            end_to_end_id=self.end_to_end_id,
            remittance=self.remittance,
            counterparty=self.counterparty,
            counterparty_account=self.counterparty_account,
            counterparty_bank=self.counterparty_bank,
            is_reversal=self.is_reversal,
        )


class ExpectationQuerySet(VisibleQuerySet["Expectation"]):
    not_found = types.ExpectationNotFound

    def candidates(self, entry: Entry, limit: int = 200) -> ExpectationQuerySet:
        """What the entry's account still waits for and this entry may pay, the longest due first.

        May pay: named in its text, of its amount, or owed by its payer.
        """
        text = f" {normalised(entry.remittance)} {normalised(entry.end_to_end_id)} "
        waiting = self.filter(
            payee_account_id=entry.account_id, cancelled_at__isnull=True, received__lt=F("minor")
        ).annotate(text=Value(text, output_field=models.TextField()))
        named = Q(text__contains=Concat(Value(" "), F("reference_key"), Value(" "), output_field=models.TextField()))
        same_amount = Q(minor=F("received") + entry.minor)
        same_payer = Q(payer_number=entry.counterparty_account) & ~Q(payer_number="")
        same_name = Q(payer_name=entry.counterparty)
        return waiting.filter(named | same_amount | same_payer | same_name).order_by("due_on", "id")[:limit]


class Expectation(Record):
    """Money that someone is to pay into a watched account. ``received`` follows the matches."""

    id = IdField()
    reference = models.TextField()
    reference_key = models.TextField()
    payee_account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="+")
    payee_id = models.UUIDField()
    payee_is_platform = models.BooleanField()
    payer_id = models.UUIDField()
    payer_name = models.TextField()
    payer_number = models.TextField(default="")
    currency = CurrencyField()
    minor = MinorField()
    received = MinorField(default=0)
    purpose = models.TextField(choices=[(p.value, p.value) for p in types.Purpose])
    subject_id = models.UUIDField()
    invoice = models.ForeignKey(PlatformInvoice, null=True, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    cancelled_at = models.DateTimeField(null=True)
    recorded_at = RecordedAtField()

    objects = ExpectationQuerySet.as_manager()

    class Meta:
        db_table = "settlement_expectation"
        indexes = [
            models.Index(
                fields=["payee_account", "due_on"],
                condition=Q(cancelled_at__isnull=True, received__lt=F("minor")),
                name="expectation_open",
            ),
            models.Index(fields=["subject_id"], name="expectation_by_subject"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["id", "payee_account", "currency"], name="expectation_identity"),
            models.UniqueConstraint(
                fields=["payee_account", "reference_key"],
                condition=Q(cancelled_at__isnull=True),
                name="expectation_reference_once",
            ),
            models.CheckConstraint(condition=Q(minor__gt=0), name="expectation_positive"),
            models.CheckConstraint(condition=Q(received__gte=0, received__lte=F("minor")), name="expectation_not_over"),
            models.CheckConstraint(
                condition=Q(payee_is_platform=Q(purpose="platform_fee")), name="platform_expects_only_its_fees"
            ),
            models.CheckConstraint(
                condition=iff(Q(invoice__isnull=False), Q(purpose="platform_fee")), name="platform_expects_by_invoice"
            ),
            models.CheckConstraint(condition=~Q(purpose="platform_bill"), name="bills_are_not_expected"),
        ]

    @property
    def open_amount(self) -> Money:
        return Money(self.minor - self.received, self.currency)

    def to_type(self) -> types.Expected:
        return types.Expected(
            id=types.ExpectationId(self.id),
            reference=self.reference,
            payee_account_id=types.BankAccountId(self.payee_account_id),
            open_amount=self.open_amount,
            due_on=self.due_on,
            payer_name=self.payer_name,
            payer_account_number=self.payer_number,
        )


class Match(Record):
    """A part of an entry given to an expectation on the same account, with its grounds. Append-only."""

    id = IdField()
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    expectation = models.ForeignKey(Expectation, on_delete=models.PROTECT, related_name="+")
    account_id = models.UUIDField()
    currency = CurrencyField()
    minor = MinorField()
    basis = models.TextField(choices=[(b.value, b.value) for b in types.MatchBasis])
    grounds = models.JSONField()
    maker_person_id = models.UUIDField(null=True)
    checker_person_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    recorded_at = RecordedAtField()

    class Meta:
        db_table = "settlement_match"
        constraints = [
            models.UniqueConstraint(fields=["entry", "expectation"], name="match_once"),
            models.CheckConstraint(condition=Q(minor__gt=0), name="match_positive"),
            models.CheckConstraint(
                condition=iff(Q(maker_person_id__isnull=False), Q(basis="person")), name="match_by_person_names_maker"
            ),
            models.CheckConstraint(
                condition=Q(checker_person_id__isnull=True) | ~Q(checker_person_id=F("maker_person_id")),
                name="match_two_people",
            ),
        ]


class StatementQuerySet(OwnQuerySet["Statement"]):
    pass


class Statement(Record):
    """An end-of-day statement; balances are signed minor units. Append-only."""

    id = IdField()
    bank = models.ForeignKey(Bank, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="+")
    party_id = models.UUIDField()
    message = models.ForeignKey(BankMessage, on_delete=models.PROTECT, related_name="+")
    statement_id = models.TextField()
    day = models.DateField()
    currency = CurrencyField()
    opening = MinorField()
    closing = MinorField()
    recorded_at = RecordedAtField()

    objects = StatementQuerySet.as_manager()

    class Meta:
        db_table = "settlement_statement"
        indexes = [models.Index(fields=["account", "-day", "-id"], name="statement_latest")]
        constraints = [models.UniqueConstraint(fields=["account", "message"], name="statement_of_message_once")]


class StatementLine(Record):
    """A line of a statement. Append-only."""

    id = IdField()
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    bank_reference = models.TextField()
    direction = models.TextField(choices=[(d.value, d.value) for d in types.Direction])
    minor = MinorField()
    booked_on = models.DateField()
    end_to_end_id = models.TextField()

    class Meta:
        db_table = "settlement_statement_line"
        constraints = [
            models.UniqueConstraint(fields=["statement", "number"], name="statement_line_number"),
            models.CheckConstraint(condition=Q(minor__gt=0), name="statement_line_positive"),
        ]


class ReconciliationQuerySet(VisibleQuerySet["Reconciliation"]):
    not_found = types.ReconciliationNotFound


class Reconciliation(Record):
    """One comparison of a bank's day with our record, with every difference it found. Append-only."""

    id = IdField()
    bank = models.ForeignKey(Bank, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    accounts = models.PositiveIntegerField()
    lines = models.PositiveIntegerField()
    differences = models.JSONField()
    at = models.DateTimeField()
    recorded_at = RecordedAtField()

    objects = ReconciliationQuerySet.as_manager()

    class Meta:
        db_table = "settlement_reconciliation"
        indexes = [
            models.Index(fields=["bank", "-day", "-id"], name="reconciliation_latest"),
            models.Index(fields=["day", "id"], name="reconciliation_by_day"),
        ]
