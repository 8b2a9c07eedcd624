"""Messages: what the person was told of, and how it wants to be told."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from fourflow.foundation.parties import queries as parties
from fourflow.interfaces.web import doors, lists, refusals, texts
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Choice, Column, ListState, Pager, Row
from fourflow.interfaces.web.components.records import Empty, Link
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.forms import Field
from fourflow.interfaces.web.people import Visitor, page
from fourflow.oversight.notices import operations, queries
from fourflow.oversight.notices.types import (
    ALWAYS,
    Language,
    Notice,
    NoticeState,
    PreferenceInvalid,
    Preferences,
    Topic,
    When,
)
from fourflow.platform.errors import FourflowError

COLUMNS = (
    Column("what", gettext_lazy("What happened"), sortable=False, lead=True),
    Column("organisation", gettext_lazy("For"), sortable=False, phone=False),
    Column("when", gettext_lazy("When"), sortable=False),
    Column("state", pgettext_lazy("mail", "E-mail"), "status", sortable=False, corner=True),
)
STATES: dict[NoticeState, Status] = {
    NoticeState.KEPT: Status(pgettext_lazy("mail", "Only here")),
    NoticeState.PENDING: Status(pgettext_lazy("mail", "Waits to be sent"), "info", waiting=True),
    NoticeState.SENDING: Status(pgettext_lazy("mail", "Being sent"), "info"),
    NoticeState.SENT: Status(pgettext_lazy("mail", "Sent"), "ok"),
    NoticeState.FAILED: Status(pgettext_lazy("mail", "Could not be sent"), "warn"),
    NoticeState.UNSURE: Status(pgettext_lazy("mail", "Perhaps sent"), "warn"),
}
TOPICS: dict[Topic, Words] = {
    Topic.DECISION: gettext_lazy("What waits for my decision, and requests of mine that were refused"),
    Topic.OFFER: gettext_lazy("Vouchers offered to us"),
    Topic.FINANCING: gettext_lazy("Our financings: decided, paid out, recourse"),
    Topic.PAYMENT: gettext_lazy("Vouchers that fall due or are paid"),
    Topic.OVERDUE: gettext_lazy("Overdue vouchers and financings"),
    Topic.RISK: gettext_lazy("Disputes, freezes and our own restrictions"),
    Topic.PARTNERS: gettext_lazy("Webhooks that were disabled"),
    Topic.REPORT: gettext_lazy("Reports that I subscribe to: made, failed, stopped; files that I handed in: done with"),
    Topic.SECURITY: gettext_lazy("The security of my sign-in, emergencies"),
}
MOMENTS: dict[When, Words] = {
    When.NOW: gettext_lazy("At once"),
    When.DAILY: gettext_lazy("Once a day, in the morning"),
    When.OFF: gettext_lazy("No e-mail, only on the page"),
}


@require_GET
@page()
def notices(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The person's own notices, the latest first."""

    def read(state: ListState) -> tuple[Sequence[Notice], Pager]:
        ticked = lists.only(state)
        return lists.after(
            state, lambda after, limit: queries.mine(actor=visitor.actor, only=ticked, after=after, limit=limit)
        )

    def draw(found: Sequence[Notice]) -> list[Row]:
        firms = parties.names({one.organisation_id for one in found if one.organisation_id})
        return [_row(one, firms.get(one.organisation_id, "") if one.organisation_id else "") for one in found]

    table = lists.Table(
        id="messages",
        title=_("Messages"),
        columns=COLUMNS,
        read=read,
        draw=draw,
        empty=Empty("first", _("Nothing to tell yet"), _("What concerns you is listed here and sent by e-mail.")),
        actions=(Link(_("How I am told"), "/messages/settings"),),
    )
    return lists.show(request, visitor, table, sub=_("What you were told of, the latest first."))


def _row(one: Notice, organisation: str) -> Row:
    return Row(
        id=text("notice", one.id),
        href=to(*one.about) if one.about else "/me",
        cells={
            "what": queries.words(one.event, _language()).subject,
            "organisation": organisation or "–",
            "when": one.happened_at,
            "state": STATES[one.state],
        },
    )


def _language() -> Language:
    return "zh" if texts.language() == "zh" else "en"


@require_http_methods(["GET", "POST"])
@page()
def settings(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Language and moment of each topic; security is always told at once."""
    refused, status = None, 200
    if request.method == "POST":
        try:
            _choose(request, visitor)
        except FourflowError as error:
            refused, status = refusals.banner(error), refusals.status_of(error)
        else:
            messages.success(request, _("Kept. It holds for what happens from now on."))
            return redirect("/messages/settings")
    with visitor.reading() as actor:
        chosen = queries.preferences(actor)
    context = {
        "title": _("How I am told"),
        "fields": _fields(chosen),
        "always": [TOPICS[topic] for topic in sorted(ALWAYS)],
        "refused": refused,
        "token": doors.token(),
    }
    return render(request, "web/pages/notice_settings.html", context, status=status)


def _choose(request: HttpRequest, visitor: Visitor) -> None:
    try:
        choices = {topic: When(request.POST.get(topic.value, "now")) for topic in Topic}
    except ValueError as error:
        raise PreferenceInvalid(reason=str(error)[:80], expected=[when.value for when in When]) from None
    language: Language = "en" if request.POST.get("language") == "en" else "zh"

    def run() -> dict[str, str]:
        operations.choose(actor=visitor.actor, language=language, choices=choices, effective_at=visitor.now)
        return {"language": language}

    doors.perform(request, visitor, "notices.choose", run)


def _fields(chosen: Preferences) -> list[Field]:
    moments = tuple(Choice(when.value, words) for when, words in MOMENTS.items())
    tongues = (Choice("zh", "中文"), Choice("en", "English"))
    return [
        Field("language", _("Language of e-mails"), "choice", choices=tongues, values=(chosen.language,)),
        *(
            Field(topic.value, TOPICS[topic], "choice", choices=moments, values=(chosen.when(topic).value,))
            for topic in Topic
            if topic not in ALWAYS
        ),
    ]
