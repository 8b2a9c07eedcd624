"""Who may see what, as data: rows (object, organisation, reason) written in the transaction of the fact."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, ClassVar, Protocol, Self, TypeVar
from uuid import UUID

from django.db import connection, models
from django.db.transaction import TransactionManagementError

from fourflow.platform.db.prepared import Given, Prepared, prepared
from fourflow.platform.errors import NotFound


class Viewer(Protocol):
    """What the platform needs to know of an actor."""

    @property
    def organisation_id(self) -> UUID | None: ...
    @property
    def account_id(self) -> UUID | None: ...
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


class _Seen(models.Func):
    """Whether a column's value is open to an organisation: ``_Seen(F(column), organisation)``."""

    arg_joiner = " in (select object_id from platform_visibility where organisation_id = "
    template = "(%(expressions)s))"
    output_field = models.BooleanField()


@cache
def _keyed(model: type[M], column: str | None, lock: bool) -> Prepared[M]:
    """Rows of a model by key: all, or those whose ``column`` is open to an organisation."""

    def build() -> models.QuerySet[M]:
        rows = model._default_manager.filter(pk__any=Given("ids")).order_by("pk")
        if column is not None:
            rows = rows.filter(_Seen(column, Given("organisation")))
        return rows.select_for_update(no_key=True, of=("self",)) if lock else rows

    return prepared(build)


class VisibleQuerySet(models.QuerySet[M]):
    """The starting queryset of every read and write: ``Model.objects.visible_to(actor)``."""

    #: the column whose value stands in the visibility table
    visible_column: ClassVar[str] = "id"
    #: raised when the object does not exist or is not visible
    not_found: ClassVar[type[NotFound]] = NotFound

    #: for whom a queryset shows all that they may see, and no less; not known any more once it is narrowed further
    _viewer: Viewer | None = None

    def visible_to(self, actor: Viewer) -> Self:
        """Only the rows that the actor's organisation may see: an indexed semi-join on the visibility table."""
        whole = self._is_whole()
        if not actor.sees_all:
            # put off until somebody narrows or reads this queryset: most operations only ask for one row by its key
            self._defer_next_filter = True
        seen = self.all() if actor.sees_all else self.filter(_Seen(self.visible_column, actor.organisation_id))
        seen._viewer = actor if whole else None
        return seen

    def _is_whole(self) -> bool:
        """Whether nothing has been taken from the table yet."""
        state: dict[str, Any] = vars(self)  # reading ``self.query`` would build what was put off
        query = state["_query"]
        return not (
            query.where or query.is_sliced or query.annotations or state["_deferred_filter"] or state["_fields"]
        )

    def _by_key(self, object_ids: list[UUID], *, lock: bool) -> list[M]:
        """Rows by key, in the order of their keys; without building a query where one is known for this.

        :raises TransactionManagementError: a lock outside a transaction, which would be gone at once.
        """
        if lock and connection.get_autocommit():
            raise TransactionManagementError(f"a row of {self.model.__name__} is locked inside a transaction only")
        if self._viewer is None and not self._is_whole():
            found = self.filter(pk__in=object_ids).order_by("pk")
            return list(found.select_for_update(no_key=True, of=("self",)) if lock else found)
        if self._viewer is None or self._viewer.sees_all:
            return _keyed(self.model, None, lock)(ids=object_ids)
        by_key = _keyed(self.model, self.visible_column, lock)
        return by_key(ids=object_ids, organisation=self._viewer.organisation_id)

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
        rows = self._by_key(wanted, lock=True)
        if len(rows) != len(wanted):
            raise self.not_found(value=[str(i) for i in wanted])
        return rows

    def get_visible(self, object_id: UUID) -> M:
        """One row without a lock.

        :raises NotFound: of the queryset's own type.
        """
        rows = self._by_key([object_id], lock=False)
        if not rows:
            raise self.not_found(value=str(object_id))
        return rows[0]
