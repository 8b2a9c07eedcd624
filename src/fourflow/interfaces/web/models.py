"""The one table of the pages: views of lists that people keep. Work rows, not facts: no event tells of them."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from fourflow.platform.db.fields import IdField, RecordedAtField
from fourflow.platform.db.visibility import Viewer, VisibleQuerySet


class SavedViewQuerySet(VisibleQuerySet["SavedView"]):
    def visible_to(self, actor: Viewer) -> Self:
        """The person's own, for the organisation for which it acts; who sees all does not see these."""
        return self.filter(account_id=actor.account_id, organisation_id=actor.organisation_id)


class SavedView(models.Model):
    """A name for what an address asks of the list at ``path``."""

    id = IdField()
    account = models.ForeignKey("parties.Account", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    path = models.TextField()
    name = models.TextField()
    query = models.TextField(default="", blank=True)
    is_default = models.BooleanField(default=False)
    recorded_at = RecordedAtField()

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
