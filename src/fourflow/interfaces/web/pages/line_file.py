"""A bank announces many credit lines at once from a file; the second person decides on each as on any other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from fourflow.capital.limits import operations, queries
from fourflow.capital.limits.types import Announcement
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Actor, PartyView, Permission, RoleKind
from fourflow.interfaces.web import from_file
from fourflow.interfaces.web.components.records import Link
from fourflow.interfaces.web.from_file import FileColumn, FromFile
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.db.ordering import page_by_page
from fourflow.platform.rows import Asked, RowsDone, RowsMode

#: firms that are read at once
AT_ONCE = 200


@require_http_methods(["GET", "POST"])
@page(Permission.LIMIT_SET)
def announce(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Lines on many core enterprises; each waits for its second person."""

    def do(rows: Sequence[Asked[Announcement]], mode: RowsMode) -> RowsDone:
        return operations.propose_rows(rows=rows, mode=mode, actor=visitor.actor, effective_at=visitor.now)

    file: FromFile[Announcement] = FromFile(
        title=_("Announce credit lines from a file"),
        name="fourflow-lines",
        crumb=Link(_("Limits"), "/limits"),
        operation="limit.batch",
        columns=_columns(),
        sample=lambda: _sample(visitor),
        plan=lambda content: operations.plan_file(content=content, actor=visitor.actor),
        do=do,
        good=lambda n: ngettext("%(n)s line can be announced", "%(n)s lines can be announced", n) % {"n": n},
        approve=lambda n: ngettext("Announce %(n)s line", "Announce %(n)s lines", n) % {"n": n},
        done=lambda n: (
            ngettext(
                "%(n)s line announced. A second person of your bank publishes it.",
                "%(n)s lines announced. A second person of your bank publishes each.",
                n,
            )
            % {"n": n}
        ),
        to="/limits",
        worth=lambda asked: asked.sanctioned,
        label=_("Sanctioned in all"),
        consequence=_("Nothing changes before the second person decides. Rows with errors are left out."),
    )
    return from_file.conduct(request, visitor, file)


def _columns() -> tuple[FileColumn, ...]:
    day = _("a day, such as 2026-03-31")
    return (
        FileColumn("core", _("a core enterprise: its registered number or its name"), _("Core enterprise")),
        FileColumn("sanctioned", _("an amount, such as 1000.00; zero closes the line"), _("Sanctioned"), kind="money"),
        FileColumn("currency", _("a currency, such as CNY"), _("Currency")),
        FileColumn("valid_from", day, _("Valid from"), kind="date"),
        FileColumn("source", _("your own paper, such as the number of the credit approval"), _("Source")),
        FileColumn(
            "valid_to", _("the first day without the line"), _("Valid until (excluded)"), needed=False, kind="date"
        ),
    )


def _cores(actor: Actor, last: PartyView | None) -> list[PartyView]:
    """The core enterprises behind one of them, a page of them."""
    return parties.search(actor, role=RoleKind.CORE, after=last.id if last else None, limit=AT_ONCE)


def _sample(visitor: Visitor) -> list[tuple[str, ...]]:
    """The bank's lines as they stand, to be changed; a bank without any: every core enterprise that it may see."""
    with visitor.reading() as actor:
        board = queries.board(actor=actor, funder_id=visitor.id)
        wanted = {line.core_id for line in board} if board else None
        every = page_by_page(partial(_cores, actor), AT_ONCE)
        cores = {one.id: one for one in every if wanted is None or one.id in wanted}
    known = {key: one.identifiers[0].value if one.identifiers else one.name for key, one in cores.items()}
    lines = [
        (known[x.core_id], f"{x.sanctioned.decimal}", x.currency, x.valid_from, "", x.valid_to or "")
        for x in board
        if x.core_id in known
    ]
    empty = [(name, "", "", visitor.today, "", "") for name in known.values()]
    return [tuple(str(cell) for cell in row) for row in lines or empty]
