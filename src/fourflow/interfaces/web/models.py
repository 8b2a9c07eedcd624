"""The tables of the pages: views of lists, drafts of forms, how people like the pages. Work rows: no event tells of them."""

from __future__ import annotations

from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Q

from fourflow.platform.db.fields import IdField, RecordedAtField
from fourflow.platform.db.visibility import Viewer, VisibleQuerySet

M = TypeVar("M", bound=models.Model)


class OwnQuerySet(VisibleQuerySet[M]):
    def visible_to(self, actor: Viewer) -> Self:
        """The person's own, for the organisation for which it acts; who sees all does not see these."""
        return self.filter(account_id=actor.account_id, organisation_id=actor.organisation_id)


class Own(models.Model):
    """What one person keeps of the page at ``path``, for one organisation."""

    id = IdField()
    account = models.ForeignKey("parties.Account", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    path = models.TextField()
    recorded_at = RecordedAtField()

    class Meta:
        abstract = True


class SavedViewQuerySet(OwnQuerySet["SavedView"]):
    pass


class SavedView(Own):
    """A name for what an address asks of the list at ``path``."""

    name = models.TextField()
    query = models.TextField(default="", blank=True)
    is_default = models.BooleanField(default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        db_table = "web_saved_view"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "organisation", "path", "name"], name="saved_view_named_once"),
            models.UniqueConstraint(
                fields=["account", "organisation", "path"],
                condition=Q(is_default=True),
                name="saved_view_one_default",
            ),
        ]


class DraftQuerySet(OwnQuerySet["Draft"]):
    pass


class Draft(Own):
    """The answers that were given to the form at ``path`` so far, and the step it had come to; forgotten at ``ends_at``."""

    answers = models.JSONField()
    step = models.PositiveSmallIntegerField(default=1)
    version = models.PositiveIntegerField(default=1)
    kept_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    objects = DraftQuerySet.as_manager()

    class Meta:
        db_table = "web_draft"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "organisation", "path"], name="draft_one_a_form"),
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("kept_at")), name="draft_ends"),
        ]


class DisplayQuerySet(VisibleQuerySet["Display"]):
    def visible_to(self, actor: Viewer) -> Self:
        """The person's own, for whichever organisation it acts."""
        return self.filter(account_id=actor.account_id)


class Display(models.Model):
    """How an account likes the pages, in every browser and for every organisation."""

    account = models.OneToOneField("parties.Account", primary_key=True, on_delete=models.PROTECT, related_name="+")
    rows = models.TextField()
    letters = models.TextField()
    recorded_at = RecordedAtField()

    objects = DisplayQuerySet.as_manager()

    class Meta:
        db_table = "web_display"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(rows__in=["regular", "comfortable", "compact"]), name="display_rows_known"
            ),
            models.CheckConstraint(condition=Q(letters__in=["regular", "large"]), name="display_letters_known"),
        ]
