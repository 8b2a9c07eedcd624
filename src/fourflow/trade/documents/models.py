"""Tables of trade documents. What they may hold whatever code runs stands in migrations/0002_rules.py."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from fourflow.platform.db.fields import CurrencyField, IdField, MinorField, RecordedAtField
from fourflow.platform.db.visibility import Viewer, VisibleQuerySet
from fourflow.platform.events.types import Evidenced
from fourflow.trade.documents.types import DocumentNotFound, ImportMode, ImportState

SCALE = 6
"""Decimals kept of quantities and unit prices."""


class OwnQuerySet(VisibleQuerySet[Any]):
    not_found = DocumentNotFound


class OfImportQuerySet(OwnQuerySet):
    visible_column = "of_import_id"


class OfOrderQuerySet(OwnQuerySet):
    visible_column = "order_id"


class OfDeliveryQuerySet(OwnQuerySet):
    visible_column = "delivery_id"


class OfPaperQuerySet(OwnQuerySet):
    visible_column = "paper_id"


class OfDocumentQuerySet(OwnQuerySet):
    visible_column = "document_id"


class NameQuerySet(OwnQuerySet):
    def visible_to(self, actor: Viewer) -> Self:
        """The names in the organisation's own documents, and those that others mapped to it."""
        if actor.sees_all:
            return self.all()
        return self.filter(Q(buyer_id=actor.organisation_id) | Q(party_id=actor.organisation_id))


class QuantityField(models.DecimalField):  # type: ignore[type-arg]  # not generic at run time
    """A quantity or unit price with six decimals; never an amount of money."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 24)
        kwargs.setdefault("decimal_places", SCALE)
        super().__init__(*args, **kwargs)


class Import(models.Model):
    """One file, and how far it has been taken over."""

    id = IdField()
    buyer_id = models.UUIDField()
    person_id = models.UUIDField()
    source = models.TextField()
    file_name = models.TextField()
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    encoding = models.TextField(default="")
    mode = models.TextField()
    read_as_of = models.DateField()
    """The day after which a date of something done is implausible; kept, so that reading again gives the same."""
    state = models.TextField(default=ImportState.RECEIVED.value)
    orders_total = models.PositiveIntegerField(default=0)
    orders_passed = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    by_code = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    recorded_at = RecordedAtField()

    objects = OwnQuerySet.as_manager()

    class Meta:
        db_table = "documents_import"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(state__in=[s.value for s in ImportState]), name="import_state_known"),
            models.CheckConstraint(condition=Q(mode__in=[m.value for m in ImportMode]), name="import_mode_known"),
            models.CheckConstraint(condition=Q(orders_passed__lte=F("orders_total")), name="import_not_past_its_end"),
            models.CheckConstraint(
                condition=Q(state__in=["done", "refused"], finished_at__isnull=False)
                | Q(state__in=["received", "storing"], finished_at__isnull=True),
                name="import_finished_when_final",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(orders_passed=F("orders_total")), name="import_done_means_all"
            ),
            models.UniqueConstraint(
                fields=["buyer_id", "sha256"], condition=~Q(state="refused"), name="import_once_per_file"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["buyer_id", "-id"], name="import_by_buyer")]

    def evidenced(self) -> Evidenced:
        fields = ("buyer_id", "person_id", "source", "file_name", "sha256", "size", "encoding", "mode", "read_as_of")
        more = ("state", "orders_total", "orders_passed", "counts", "by_code", "received_at", "finished_at")
        return Evidenced("documents_import", str(self.id), {name: getattr(self, name) for name in fields + more})


class ImportFile(models.Model):
    """Append-only: the file as received, the refused rows, and all problems; each compressed with zlib."""

    id = IdField()
    of_import = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="+")
    what = models.TextField()
    content = models.BinaryField()

    objects = OfImportQuerySet.as_manager()

    class Meta:
        db_table = "documents_import_file"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["of_import", "what"], name="import_file_once"),
            models.CheckConstraint(
                condition=Q(what__in=["original", "rejects", "problems"]), name="import_file_kind_known"
            ),
        ]


class Order(models.Model):
    """Append-only header. An order may get further lines; its amount is the sum of those known."""

    id = IdField()
    buyer_id = models.UUIDField()
    seller = models.TextField()
    number = models.TextField()
    currency = CurrencyField()
    ordered_on = models.DateField(null=True)
    destination = models.TextField(default="")
    incoterm = models.TextField(default="")
    project = models.TextField(default="")
    own_stock = models.BooleanField(default=False)
    refs = models.JSONField(default=list)
    of_import = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="+", null=True)
    recorded_at = RecordedAtField()

    objects = OwnQuerySet.as_manager()

    class Meta:
        db_table = "documents_order"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["buyer_id", "seller", "number"], name="order_number_once"),
            models.UniqueConstraint(fields=["id", "buyer_id", "seller", "currency"], name="order_whole_key"),
            models.CheckConstraint(condition=~Q(number="") & ~Q(seller=""), name="order_named"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["buyer_id", "-ordered_on", "-id"], name="order_by_day"),
            models.Index(fields=["seller"], name="order_by_seller"),
        ]


class OrderLine(models.Model):
    """Append-only."""

    id = IdField()
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    number = models.TextField()
    item = models.TextField()
    item_group = models.TextField(default="")
    quantity = QuantityField()
    unit = models.TextField()
    unit_price = QuantityField(null=True)
    amount_minor = MinorField()
    maker = models.TextField(default="")

    objects = OfOrderQuerySet.as_manager()

    class Meta:
        db_table = "documents_order_line"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["order", "number"], name="order_line_number_once"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="order_line_not_negative"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_of_something"),
        ]


class Delivery(models.Model):
    """Append-only and whole: `amount_minor` and `line_count` are those of its lines at commit (a deferred trigger).

    Buyer, seller and currency repeat the order's; a composite foreign key says that they are the same.
    """

    id = IdField()
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    buyer_id = models.UUIDField()
    seller = models.TextField()
    number = models.TextField()
    currency = CurrencyField()
    delivered_on = models.DateField()
    noted_on = models.DateField(null=True)
    scheduled_on = models.DateField(null=True)
    transport = models.TextField(default="")
    own_stock = models.BooleanField(default=False)
    amount_minor = MinorField()
    line_count = models.PositiveIntegerField()
    refs = models.JSONField(default=list)
    of_import = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="+", null=True)
    recorded_at = RecordedAtField()

    objects = OwnQuerySet.as_manager()

    class Meta:
        db_table = "documents_delivery"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["order", "number"], name="delivery_number_once"),
            models.UniqueConstraint(fields=["id", "order"], name="delivery_with_order"),
            models.CheckConstraint(condition=~Q(number=""), name="delivery_named"),
            models.CheckConstraint(condition=Q(line_count__gte=1), name="delivery_of_something"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["delivered_on", "id"], name="delivery_by_day"),
            models.Index(fields=["amount_minor", "id"], name="delivery_by_amount"),
            models.Index(fields=["number", "id"], name="delivery_by_number"),
            models.Index(fields=["seller"], name="delivery_by_seller"),
        ]


class DeliveryLine(models.Model):
    """Append-only. `order` repeats the delivery's, so that the order line is one of the same order (composite key)."""

    id = IdField()
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    order_line = models.TextField()
    item = models.TextField()
    quantity = QuantityField()
    amount_minor = MinorField()
    maker = models.TextField(default="")
    weight = models.JSONField(default=dict)
    freight = models.JSONField(default=dict)

    objects = OfDeliveryQuerySet.as_manager()

    class Meta:
        db_table = "documents_delivery_line"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["delivery", "order_line"], name="delivery_line_once"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="delivery_line_not_negative"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="delivery_line_of_something"),
        ]


class Paper(models.Model):
    """Append-only: an invoice or a contract."""

    id = IdField()
    kind = models.TextField()
    buyer_id = models.UUIDField()
    seller = models.TextField()
    number = models.TextField()
    code = models.TextField(default="")
    currency = CurrencyField(default="", blank=True)
    amount_minor = MinorField(null=True)
    tax_minor = MinorField(null=True)
    dated_on = models.DateField()
    due_on = models.DateField(null=True)
    payment_days = models.PositiveIntegerField(null=True)
    recorded_at = RecordedAtField()

    objects = OwnQuerySet.as_manager()

    class Meta:
        db_table = "documents_paper"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "buyer_id", "seller", "code", "number"], name="paper_number_once"),
            models.CheckConstraint(condition=Q(kind__in=["invoice", "contract"]), name="paper_kind_known"),
            models.CheckConstraint(condition=~Q(number="") & ~Q(seller=""), name="paper_named"),
            models.CheckConstraint(
                condition=Q(kind="contract") | Q(amount_minor__gt=0), name="paper_invoice_has_amount"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__isnull=True) | Q(amount_minor__gt=0), name="paper_positive"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["kind", "dated_on", "id"], name="paper_by_day"),
            models.Index(fields=["kind", "number", "id"], name="paper_by_number"),
        ]


class PaperRef(models.Model):
    """Append-only: which order or delivery, as written, an invoice or contract refers to; found from the other end."""

    id = IdField()
    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    number = models.TextField()

    objects = OfPaperQuerySet.as_manager()

    class Meta:
        db_table = "documents_paper_ref"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["paper", "kind", "number"], name="paper_ref_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["kind", "number"], name="paper_ref_by_number")]


class AttachmentRow(models.Model):
    """Append-only: a file of a document, known by its content."""

    id = IdField()
    document_id = models.UUIDField()
    sha256 = models.CharField(max_length=64)
    file_name = models.TextField()
    media_type = models.TextField()
    size = models.BigIntegerField()
    recorded_at = RecordedAtField()

    objects = OfDocumentQuerySet.as_manager()

    class Meta:
        db_table = "documents_attachment"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["document_id", "sha256"], name="attachment_once"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="attachment_hash"),
            models.CheckConstraint(condition=Q(size__gte=0), name="attachment_size"),
        ]

    def evidenced(self) -> Evidenced:
        fields = ("document_id", "sha256", "file_name", "media_type", "size")
        return Evidenced("documents_attachment", str(self.id), {name: getattr(self, name) for name in fields})


class PartyNameRow(models.Model):
    """A name as one buyer's documents write it. Only `party_id` may change."""

    id = IdField()
    buyer_id = models.UUIDField()
    name = models.TextField()
    firm = models.TextField()
    firm_group = models.TextField(default="")
    reason = models.TextField(default="")
    party_id = models.UUIDField(null=True)
    recorded_at = RecordedAtField()

    objects = NameQuerySet.as_manager()

    class Meta:
        db_table = "documents_party_name"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["buyer_id", "name"], name="party_name_once"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(firm=""), name="party_name_named"),
        ]

    def evidenced(self) -> Evidenced:
        fields = ("buyer_id", "name", "firm", "firm_group", "reason", "party_id")
        return Evidenced("documents_party_name", str(self.id), {name: getattr(self, name) for name in fields})
