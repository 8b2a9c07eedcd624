"""Many lines announced at once from a file: a dry run that finds every problem, then all of it or the good rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from fourflow.capital.limits import models
from fourflow.capital.limits.domain import announcements
from fourflow.capital.limits.operations import publish
from fourflow.capital.limits.types import (
    AmountNotPositive,
    Announcement,
    BeginsLater,
    FunderIsCore,
    LimitUnchanged,
    ProposalOpen,
    TermInvalid,
)
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Actor, Permission, RoleKind
from fourflow.platform.db import row_by_row
from fourflow.platform.db.joining import joins
from fourflow.platform.rows import Asked, RowsDone, RowsMode, RowsPlan, checked, identifier, in_order

#: what a refusal is about where it names no column of the file itself
_ABOUT = {
    AmountNotPositive.code: "sanctioned",
    BeginsLater.code: "valid_from",
    FunderIsCore.code: "core",
    LimitUnchanged.code: "core",
    ProposalOpen.code: "core",
    TermInvalid.code: "valid_to",
}


def plan_file(*, content: bytes, actor: Actor) -> RowsPlan[Announcement]:
    """The dry run of a file: what would be announced, and every problem with row, field, value and what was expected.

    A row that says what holds already, or waits for its second person already, is a problem: the same file given again
    announces nothing twice.

    :raises NotPermitted: the actor does not set limits for a licensed funder.
    :raises RowsInvalid: the file as a whole cannot be read.
    """
    actor.require(Permission.LIMIT_SET)
    rows, unread = announcements.read_rows(content, lambda named: _cores(actor, named))
    waiting, standing = _waiting(actor), _standing(actor)

    def check(asked: Announcement) -> None:
        publish.refuse_impossible(actor.organisation_id, asked)
        line = standing.get((asked.core_id, asked.sanctioned.currency))
        publish.refuse_later(asked.valid_from, line, actor.on)
        if (asked.core_id, asked.sanctioned.currency) in waiting:
            raise ProposalOpen(core=str(asked.core_id), currency=asked.sanctioned.currency)
        if line is not None and asked.terms == line.terms:
            raise LimitUnchanged()

    good, refused = checked(rows, check, about=_ABOUT)
    return RowsPlan(tuple(good), in_order(unread, refused))


@joins
def propose_rows(
    *, rows: Sequence[Asked[Announcement]], mode: RowsMode, actor: Actor, effective_at: datetime
) -> RowsDone:
    """Announce what the maker has seen in the dry run; each line waits for its checker like one announced singly.

    :raises NotPermitted: the actor does not set limits for a licensed funder.
    :raises RowsRefused: mode ALL, and a row has a problem meanwhile; ``problems`` names them all, nothing is announced.
    :raises RowsInvalid: more than 1,000 rows.
    """
    actor.require(Permission.LIMIT_SET)

    def propose(asked: Announcement) -> UUID:
        return publish.propose(
            actor=actor,
            core_id=asked.core_id,
            sanctioned=asked.sanctioned,
            valid_from=asked.valid_from,
            valid_to=asked.valid_to,
            source=asked.source,
            effective_at=effective_at,
        ).id

    made, problems = row_by_row.each(rows, propose, mode=mode, about=_ABOUT)
    return RowsDone(tuple(made), problems)


def _cores(actor: Actor, named: set[str]) -> dict[str, UUID]:
    """The core enterprises that cells name: by identifier, by registered number, or (where the actor sees it) by a name that
    only one bears."""
    ids = {cell: identifier(cell) for cell in named}
    holders = set(parties.holders_of(RoleKind.CORE, actor.on)) if any(ids.values()) else set()
    found = {cell: core for cell, core in ids.items() if core in holders and core is not None}
    found |= parties.by_numbers(named - set(found), RoleKind.CORE, actor.on)
    for cell in named - set(found):
        bearers = [one for one in parties.search(actor, cell, role=RoleKind.CORE) if _same(one.name, cell)]
        if len(bearers) == 1:
            found[cell] = bearers[0].id
    return found


def _same(name: str, other: str) -> bool:
    """Whether two names are one as people type them: blanks and letter case do not matter."""
    return "".join(name.split()).casefold() == "".join(other.split()).casefold()


def _waiting(actor: Actor) -> set[tuple[UUID, str]]:
    rows = models.Publication.objects.visible_to(actor).filter(funder_id=actor.organisation_id, state="proposed")
    return set(rows.values_list("core_id", "currency"))


def _standing(actor: Actor) -> dict[tuple[UUID, str], models.Limit]:
    rows = models.Limit.objects.visible_to(actor).filter(funder_id=actor.organisation_id)
    return {(row.core_id, row.currency): row for row in rows}
