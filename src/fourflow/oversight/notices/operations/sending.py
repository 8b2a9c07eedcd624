"""Notices on their way out: taken, handed over outside any transaction, then recorded. Sent at most once.

What was taken and is not recorded was under way when its sender died: nobody knows whether it went out, so it is never
sent again (``UNSURE``). The notice stands on its person's page all the while.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from fourflow.foundation.parties import queries as parties
from fourflow.oversight.notices import models
from fourflow.oversight.notices.domain.schedule import LOST, again
from fourflow.oversight.notices.ports import Outcome
from fourflow.oversight.notices.types import Language, Notice, NoticeState, Preferences

AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Letter:
    """Notices of one person that go out as one e-mail, with what writing it needs."""

    notices: tuple[Notice, ...]
    to: str
    name: str
    language: Language
    organisations: tuple[str, ...]


@transaction.atomic
def take(*, now: datetime, limit: int = AT_ONCE) -> list[Letter]:
    """The letters to send now, the longest due first; marked as under way. Who has no open account gets no e-mail."""
    waiting = models.Notice.objects.filter(state=NoticeState.PENDING, due_at__lte=now).order_by("due_at", "id")
    ids = list(waiting.values_list("id", flat=True)[:limit])
    if not ids:
        return []
    # another sender may have taken some meanwhile
    rows = [row for row in models.Notice.objects.lock_all(ids) if row.state == NoticeState.PENDING]
    accounts = parties.accounts_of({row.person_id for row in rows})
    addresses = {person: next((one.email for one in found if one.is_active), "") for person, found in accounts.items()}
    told = [row for row in rows if addresses.get(row.person_id)]
    silent = [row.id for row in rows if not addresses.get(row.person_id)]
    models.Notice.objects.filter(id__in=silent).update(state=NoticeState.KEPT, due_at=None)
    models.Notice.objects.filter(id__in=[row.id for row in told]).update(
        state=NoticeState.SENDING, due_at=None, sending_since=now, tries=F("tries") + 1
    )
    return _letters(told, addresses)


def _letters(rows: Sequence[models.Notice], addresses: dict[UUID, str]) -> list[Letter]:
    """One a notice; those of a day together."""
    envelopes: dict[UUID, list[Notice]] = {}
    for row in rows:
        envelopes.setdefault(row.person_id if row.together else row.id, []).append(row.to_type())
    names = parties.person_names({row.person_id for row in rows})
    firms = parties.names({row.organisation_id for row in rows if row.organisation_id})
    readers = models.Reader.objects.filter(person_id__in={row.person_id for row in rows})
    chosen = {reader.person_id: reader.to_type() for reader in readers}
    return [
        Letter(
            notices=tuple(notices),
            to=addresses[person],
            name=names.get(person, ""),
            language=chosen.get(person, Preferences()).language,
            organisations=tuple(firms.get(one.organisation_id, "") if one.organisation_id else "" for one in notices),
        )
        for notices in envelopes.values()
        for person in [notices[0].person_id]
    ]


@transaction.atomic
def record(*, outcomes: Iterable[tuple[Letter, Outcome]], now: datetime) -> None:
    """Write down what became of letters. What was certainly refused is tried again; what nobody knows is not."""
    became = {notice.id: outcome for letter, outcome in outcomes for notice in letter.notices}
    sending = models.Notice.objects.filter(state=NoticeState.SENDING)
    # most letters go out, and those are written down in one statement
    sent = [notice for notice, outcome in became.items() if not outcome.error]
    sending.filter(id__in=sent).update(state=NoticeState.SENT, sent_at=now, error="")
    for row in sending.filter(id__in=became.keys() - set(sent)).order_by("id"):
        outcome, next_try = became[row.id], again(row.tries, now)
        row.error = outcome.error[:300]
        if outcome.unsure:
            row.state = NoticeState.UNSURE.value
        elif next_try is not None:
            row.state, row.due_at = NoticeState.PENDING.value, next_try
        else:
            row.state = NoticeState.FAILED.value
        row.save(update_fields=["state", "due_at", "error"])


def let_go(*, now: datetime) -> int:
    """Notices whose sender died are not sent again; returns how many."""
    lost = models.Notice.objects.filter(state=NoticeState.SENDING, sending_since__lt=now - LOST)
    return lost.update(state=NoticeState.UNSURE, error="the sender died between handing over and recording")
