"""Who may see what, as data: rows (object, organisation, reason) written in the transaction of the fact."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Protocol, Self, TypeVar
from uuid import UUID

from django.db import connection, models

from fourflow.platform.errors import NotFound


class Viewer(Protocol):
    """What the platform needs to know of an actor."""

    @property
    def organisation_id(self) -> UUID | None: ...
    @property
    def sees_all(self) -> bool: ...


M = TypeVar("M", bound=models.Model)


def grant(object_id: UUID, organisation_ids: Iterable[UUID], reason: str) -> None:
    """Open one object to organisations; granting twice is a no-op."""
    grant_many([(object_id, organisation_id, reason) for organisation_id in organisation_ids])


def grant_many(rows: Iterable[tuple[UUID, UUID, str]]) -> None:
    """Open objects to organisations, as rows (object, organisation, reason), in one statement."""
    rows = list(dict.fromkeys(rows))
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into platform_visibility (object_id, organisation_id, reason) "
            "select * from unnest(%s::uuid[], %s::uuid[], %s::text[]) on conflict do nothing",
            [[r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows]],
        )


class VisibleQuerySet(models.QuerySet[M]):
    """The starting queryset of every read and write: ``Model.objects.visible_to(actor)``."""

    #: the column whose value stands in the visibility table
    visible_column: ClassVar[str] = "id"
    #: raised when the object does not exist or is not visible
    not_found: ClassVar[type[NotFound]] = NotFound

    def visible_to(self, actor: Viewer) -> Self:
        """Only the rows that the actor's organisation may see: an indexed semi-join on the visibility table."""
        if actor.sees_all:
            return self.all()
        if actor.organisation_id is None:
            return self.none()
        from fourflow.platform.models import Visibility

        seen = Visibility.objects.filter(organisation_id=actor.organisation_id).values("object_id")
        return self.filter(**{f"{self.visible_column}__in": seen})

    def lock(self, object_id: UUID) -> M:
        """The row, locked for update. A row that is not visible raises without any lock being taken.

        :raises NotFound: of the queryset's own type.
        """
        rows = self.lock_all([object_id])
        return rows[0]

    def lock_all(self, object_ids: Iterable[UUID]) -> list[M]:
        """The rows by ascending id, all locked in one statement.

        :raises NotFound: one of them does not exist or is not visible. What is not visible is never locked; what is, is
            freed with the transaction that the caller gives up.
        """
        wanted = sorted(set(object_ids))
        if not wanted:
            return []
        # one statement: the visibility is part of the condition, so a row that fails it is never reached by the lock
        rows = list(self.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True, of=("self",)))
        if len(rows) != len(wanted):
            raise self.not_found(value=[str(i) for i in wanted])
        return rows

    def get_visible(self, object_id: UUID) -> M:
        """One row without a lock.

        :raises NotFound: of the queryset's own type.
        """
        row = self.filter(pk=object_id).first()
        if row is None:
            raise self.not_found(value=str(object_id))
        return row
