"""Tables of the log. Hashes and signatures only: no business content, nothing to hide, nothing ever overwritten."""

from __future__ import annotations

from django.db import models

from fourflow.platform.db.fields import IdField, RecordedAtField


class Tile(models.Model):
    """Up to 256 hashes of one level; grows at its end until it is full."""

    pk = models.CompositePrimaryKey("level", "number")
    level = models.PositiveSmallIntegerField()
    number = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        db_table = "evidence_tile"


class Head(models.Model):
    """Root of the tree at a size: what a step of the sequencer arrived at. Not signed yet."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    recorded_at = RecordedAtField()

    class Meta:
        db_table = "evidence_head"


class Checkpoint(models.Model):
    """A head that the log has signed."""

    head = models.OneToOneField(
        Head, on_delete=models.PROTECT, related_name="+", primary_key=True, db_column="size", db_index=False
    )
    note = models.TextField()
    recorded_at = RecordedAtField()

    class Meta:
        db_table = "evidence_checkpoint"


class Cosignature(models.Model):
    """A witness's verified cosignature on a checkpoint."""

    id = IdField()
    checkpoint = models.ForeignKey(
        Checkpoint, on_delete=models.PROTECT, related_name="+", db_column="size", db_index=False
    )
    witness = models.TextField()
    key_id = models.BigIntegerField()
    line = models.TextField()
    cosigned_at = models.BigIntegerField()
    recorded_at = RecordedAtField()

    class Meta:
        db_table = "evidence_cosignature"
        constraints = [models.UniqueConstraint(fields=["checkpoint", "witness", "key_id"], name="cosigned_once")]


class WitnessSeen(models.Model):
    """What we know of a witness: the size it last cosigned, and what is the matter with it."""

    name = models.TextField(primary_key=True)
    size = models.BigIntegerField(default=0)
    problem = models.TextField(default="")
    checked_at = models.DateTimeField()

    class Meta:
        db_table = "evidence_witness"
