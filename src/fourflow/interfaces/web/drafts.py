"""Drafts: the answers of a form in several steps, kept on the server for the person who gives them.

A draft belongs to an account, the organisation for which it acts, and the address of the form. Whoever keeps says which version
it had seen: what another window has kept meanwhile is never overwritten silently. Secrets are never kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.http import HttpRequest, QueryDict

from fourflow.interfaces.web import models
from fourflow.interfaces.web.people import Visitor
from fourflow.platform.errors import Conflict, Invalid

LIFE = timedelta(days=14)
MOST = 50
LONGEST = 8000
#: the forms in several steps that keep what was answered, by the names of their addresses
KEPT = frozenset({"issue", "cash", "confirm-delivery", "announce-limit", "change-limit", "new-application"})
#: what a form sends and nobody keeps
_SECRET = frozenset({"csrfmiddlewaretoken", "token", "password", "code", "digest", "payload_hash"})
PASSING = _SECRET | {"outcome", "opinion", "draft", "draft_key", "keep", "drop"}


class DraftChanged(Conflict):
    """Another window has kept other answers, or the draft was finished or discarded there."""

    code = "draft.changed"


class DraftInvalid(Invalid):
    """No form that keeps drafts, or answers that are too long to be kept."""

    code = "draft.invalid"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is kept of a form. ``version`` 0: nothing; ``step`` counts from 1."""

    key: str
    answers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    step: int = 1
    version: int = 0
    kept_at: datetime | None = None

    @property
    def given(self) -> QueryDict:
        """The answers as the form would send them."""
        found = QueryDict(mutable=True)
        for name, values in self.answers.items():
            found.setlist(name, list(values))
        return found


def kept(request: HttpRequest, visitor: Visitor, key: str = "") -> Draft:
    """What the visitor has kept of the form that the request is about."""
    with visitor.reading():
        return of(visitor, key or request.path)


def of(visitor: Visitor, key: str) -> Draft:
    """What the visitor has kept of a form. Inside ``visitor.reading()``."""
    row = models.Draft.objects.visible_to(visitor.actor).filter(path=key, ends_at__gt=visitor.at).first()
    return _draft(row) if row else Draft(key)


def keep(visitor: Visitor, key: str, given: QueryDict, *, step: int, seen: int) -> Draft:
    """Keep the answers that a form sent, over the version that its window had ``seen`` (0: none).

    :raises DraftChanged: see there. :raises DraftInvalid: more than eight thousand characters.
    """
    answers = {name: values for name, values in given.lists() if name not in PASSING}
    if sum(len(name) + sum(map(len, values)) for name, values in answers.items()) > LONGEST:
        raise DraftInvalid(expected=str(LONGEST))
    mine = models.Draft.objects.visible_to(visitor.actor)
    try:
        with transaction.atomic():
            mine.filter(ends_at__lte=visitor.at).delete()
            found = mine.filter(path=key).values_list("pk", flat=True).first()
            row = mine.lock(found) if found else None
            if row is not None and row.answers == answers and row.step == step:
                return _draft(row)
            if (row.version if row else 0) != seen:
                raise DraftChanged()
            if row is None:
                oldest = mine.order_by("-kept_at").values_list("pk", flat=True)[MOST - 1 :]
                mine.filter(pk__in=list(oldest)).delete()
                row = models.Draft(
                    account_id=visitor.session.account_id, organisation_id=visitor.id, path=key, version=0
                )
            row.answers, row.step, row.version = answers, step, row.version + 1
            row.kept_at, row.ends_at = visitor.at, visitor.at + LIFE
            row.save()
            return _draft(row)
    except IntegrityError:
        raise DraftChanged() from None  # two windows kept the first version at once


def drop(visitor: Visitor, key: str) -> None:
    """Forget a draft: it was discarded, or what it was for is done."""
    models.Draft.objects.visible_to(visitor.actor).filter(path=key).delete()


def keeping(request: HttpRequest) -> bool:
    """Whether a form is sent that keeps a draft: it says which version it has seen."""
    return request.method == "POST" and "draft" in request.POST


def seen(given: QueryDict) -> int:
    """The version that a form's window had seen."""
    text = given.get("draft", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _draft(row: models.Draft) -> Draft:
    return Draft(row.path, row.answers, row.step, row.version, row.kept_at)
