"""Tables of the ledger. What ties them together is said to the database in migration 0002 (``posting.sql``).

Only the database function ``ledger_post`` writes transfers; balances and checkpoints follow from them by trigger. The role
that runs operations may read these tables and add books, nothing else.
"""

from __future__ import annotations

import uuid
from typing import ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Q

from fourflow.capital.ledger import types
from fourflow.capital.ledger.domain import chart
from fourflow.capital.ledger.types import BookCode, BookKind
from fourflow.platform.db.fields import CurrencyField, MinorField, RecordedAtField
from fourflow.platform.db.record import Record
from fourflow.platform.db.visibility import Viewer, VisibleQuerySet

_BOOKS = UUID("0b5e7a6e-6f0f-5d0c-9a55-1ed6e4b00c01")


def book_id(code: BookCode) -> UUID:
    """The key of a book follows from its code, so that it is known without a look-up."""
    return uuid.uuid5(_BOOKS, code)


class BookQuerySet(VisibleQuerySet["Book"]):
    not_found: ClassVar[type[types.BookNotFound]] = types.BookNotFound

    def visible_to(self, actor: Viewer) -> Self:
        """A book is its owner's; the operator and the regulator read all."""
        return self.all() if actor.sees_all else self.filter(owner_id=actor.organisation_id)

    def open(self, codes: set[BookCode]) -> None:
        """Open the books that are missing; of two first users at once the second finds the first one's."""
        rows = []
        for code in sorted(codes):
            kind, owner = chart.book_parts(code)
            rows.append(Book(id=book_id(code), code=code, kind=kind.value, owner_id=owner))
        self.bulk_create(rows, ignore_conflicts=True)


class Book(Record):
    """Everything that must balance by itself: one per party and kind."""

    id = models.UUIDField(primary_key=True, editable=False)
    code = models.TextField(unique=True)
    kind = models.TextField()
    owner_id = models.UUIDField()
    zone = models.TextField(default="Asia/Shanghai")
    recorded_at = RecordedAtField()

    objects = BookQuerySet.as_manager()

    class Meta:
        db_table = "ledger_book"
        constraints = [
            models.UniqueConstraint(fields=["kind", "owner_id"], name="ledger_book_one_per_owner"),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in BookKind]), name="ledger_book_kind"),
        ]

    def to_type(self) -> types.Book:
        return types.Book(BookCode(self.code), BookKind(self.kind), self.owner_id, self.zone)


class Account(Record):
    """An account by (book, chart code, currency, counterparty), with the bounds that it was opened with. Never changed."""

    id = models.BigAutoField(primary_key=True)
    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="+")
    chart_code = models.TextField()
    currency = CurrencyField()
    counterparty = models.UUIDField(null=True)
    debits_must_not_exceed_credits = models.BooleanField()
    credits_must_not_exceed_debits = models.BooleanField()
    recorded_at = RecordedAtField()

    class Meta:
        db_table = "ledger_account"
        constraints = [
            models.UniqueConstraint(
                fields=["book", "chart_code", "currency", "counterparty"],
                name="ledger_account_key",
                nulls_distinct=False,
            )
        ]


class Balance(Record):
    """Totals of an account: changed by the insert of transfers, in no other way.

    ``recorded_at`` is that of the last transfer; ``earliest_effective_at`` and ``latest_effective_at`` bound the dates of those
    since the last checkpoint; ``checkpoint_effective_at`` is the latest checkpoint by effective time.
    """

    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="+", primary_key=True)
    book_id = models.UUIDField()
    currency = CurrencyField()
    debits_must_not_exceed_credits = models.BooleanField()
    credits_must_not_exceed_debits = models.BooleanField()
    closed = models.BooleanField(db_default=False)
    debits_posted = MinorField(db_default=0)
    credits_posted = MinorField(db_default=0)
    debits_pending = MinorField(db_default=0)
    credits_pending = MinorField(db_default=0)
    entries = models.BigIntegerField(db_default=0)
    recorded_at = models.DateTimeField(null=True)
    earliest_effective_at = models.DateTimeField(null=True)
    latest_effective_at = models.DateTimeField(null=True)
    checkpoint_effective_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ledger_balance"


class Batch(Record):
    """Linked transfers, all or none, counted once under their reference. ``digest``: SHA-256 of what was asked for."""

    id = models.BigAutoField(primary_key=True)
    reference = models.TextField(unique=True)
    digest = models.BinaryField()
    size = models.IntegerField()
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_batch"


class Transfer(Record):
    """One amount from a credit to a debit account of one book and currency. Never changed, never deleted."""

    id = models.BigIntegerField(primary_key=True)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    book_id = models.UUIDField()
    currency = CurrencyField()
    debit_account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    credit_account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    amount = MinorField()
    kind = models.TextField()
    refers_to = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    released = MinorField(db_default=0)
    expires_at = models.DateTimeField(null=True)
    instrument = models.UUIDField(null=True)
    narrative_code = models.TextField()
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    # whether the account had checkpoints before this transfer: only then is it looked for by recorded time
    debit_is_busy = models.BooleanField(db_default=False)
    credit_is_busy = models.BooleanField(db_default=False)

    class Meta:
        db_table = "ledger_transfer"
        constraints = [
            # a hold is resolved once, a posting reversed once
            models.UniqueConstraint(
                fields=["refers_to"], condition=Q(refers_to__isnull=False), name="ledger_transfer_referred_once"
            )
        ]
        indexes = [
            models.Index(fields=["debit_account", "effective_at", "id"], name="ledger_debit_effective"),
            models.Index(fields=["credit_account", "effective_at", "id"], name="ledger_credit_effective"),
            models.Index(
                fields=["debit_account", "recorded_at"], condition=Q(debit_is_busy=True), name="ledger_debit_recorded"
            ),
            models.Index(
                fields=["credit_account", "recorded_at"],
                condition=Q(credit_is_busy=True),
                name="ledger_credit_recorded",
            ),
            models.Index(fields=["instrument"], condition=Q(instrument__isnull=False), name="ledger_instrument"),
            models.Index(fields=["expires_at"], condition=Q(expires_at__isnull=False), name="ledger_hold_expiry"),
        ]


class _Checkpoint(Record):
    """Running totals of a busy account, every 512 transfers or so."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    debits_posted = MinorField()
    credits_posted = MinorField()
    debits_pending = MinorField()
    credits_pending = MinorField()

    class Meta:
        abstract = True


class EffectiveCheckpoint(_Checkpoint):
    """Of all that took effect up to an instant, whenever it was recorded: a backdated transfer amends later ones."""

    effective_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_effective_checkpoint"
        constraints = [
            models.UniqueConstraint(fields=["account", "effective_at"], name="ledger_effective_checkpoint_once")
        ]


class RecordedCheckpoint(_Checkpoint):
    """Of all that was recorded up to an instant, whenever it took effect; never changes.

    ``earliest_effective_at`` and ``latest_effective_at`` bound the dates of the segment since the checkpoint before.
    """

    recorded_at = models.DateTimeField()
    earliest_effective_at = models.DateTimeField()
    latest_effective_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_recorded_checkpoint"
        constraints = [
            models.UniqueConstraint(fields=["account", "recorded_at"], name="ledger_recorded_checkpoint_once")
        ]
