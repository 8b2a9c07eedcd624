"""Views that a person keeps of a list: a name for what its address asks. Others get them as what they are, an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from fourflow.interfaces.web import models
from fourflow.interfaces.web.addresses import text
from fourflow.interfaces.web.people import Visitor
from fourflow.platform.errors import Conflict, Invalid, NotFound

MOST = 30
LONGEST_NAME, LONGEST_QUERY = 40, 1500


class ViewInvalid(Invalid):
    """A view without a name, with one that is too long, or of an address that is too long."""

    code = "view.invalid"


class TooManyViews(Conflict):
    """A person keeps at most thirty views of a list."""

    code = "view.too_many"


class ViewNotFound(NotFound):
    """No such view of this person."""

    code = "view.not_found"


@dataclass(frozen=True, slots=True)
class View:
    """A kept view; ``query`` is what stands behind the question mark, without page and view."""

    id: UUID
    path: str
    name: str
    query: str
    is_default: bool

    @property
    def id_text(self) -> str:
        return text("view", self.id)

    def asks(self) -> dict[str, str]:
        return dict(parse_qsl(self.query))

    def url(self, more: Mapping[str, str] | None = None) -> str:
        """Its address, with ``more`` filters than it was kept with."""
        pairs = [*parse_qsl(self.query), *(more or {}).items(), ("view", self.id_text)]
        return f"{self.path}?{urlencode(pairs)}"


def of(visitor: Visitor, path: str) -> list[View]:
    """The visitor's views of a list, by name. Inside ``visitor.reading()``."""
    rows = models.SavedView.objects.visible_to(visitor.actor).filter(path=path)
    return [_view(row) for row in rows.order_by("name", "id")]


def keep(visitor: Visitor, *, path: str, name: str, query: str, is_default: bool, view_id: UUID | None = None) -> View:
    """Keep what an address asks under a name: ``view_id`` changes that view, else one of the same name, else it is new.

    :raises ViewInvalid: see there. :raises TooManyViews: see there. :raises ViewNotFound: no view of this id.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise ViewInvalid(field="name", expected=f"1–{LONGEST_NAME}")
    if len(query) > LONGEST_QUERY:
        raise ViewInvalid(field="query", expected=str(LONGEST_QUERY))
    mine = models.SavedView.objects.visible_to(visitor.actor).filter(path=path)
    row = mine.filter(name=name).first()
    if view_id is not None:
        if row is not None and row.id != view_id:
            raise ViewInvalid(field="name", value=name)
        row = mine.filter(pk=view_id).first()
        if row is None:
            raise ViewNotFound(value=str(view_id))
    if row is None:
        if mine.count() >= MOST:
            raise TooManyViews(expected=str(MOST))
        row = models.SavedView(account_id=visitor.session.account_id, organisation_id=visitor.id, path=path)
    if is_default:
        mine.filter(is_default=True).exclude(pk=row.pk).update(is_default=False)
    row.name, row.query, row.is_default = name, query, is_default
    row.save()
    return _view(row)


def drop(visitor: Visitor, view_id: UUID) -> dict[str, int]:
    """Forget a view; one that is gone already stays gone."""
    count, _of_each = models.SavedView.objects.visible_to(visitor.actor).filter(pk=view_id).delete()
    return {"deleted": count}


def _view(row: models.SavedView) -> View:
    return View(row.id, row.path, row.name, row.query, row.is_default)
