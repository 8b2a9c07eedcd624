"""Notices: what the person was told of, and how it wants to be told. The person's own business: no machine reads it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime

from fourflow.interfaces.api.auth import caller
from fourflow.interfaces.api.fields import Body, Page, Part, Shown
from fourflow.interfaces.api.ids import PREFIXES, PartyId
from fourflow.interfaces.api.replies import by_id, page, read, reads, reply, writes
from fourflow.interfaces.api.writing import perform
from fourflow.oversight.notices import operations, queries
from fourflow.oversight.notices.types import Language, Notice, NoticeState, Topic, When
from fourflow.platform.ids import encode

router = Router(tags=["notices"])


class NoticeBody(Part):
    """``event`` is the kind of fact, ``about`` the object that it is about, ``state`` what became of the e-mail."""

    event: str
    topic: Topic
    subject: str
    organisation_id: PartyId | None
    about: str | None
    state: NoticeState
    happened_at: AwareDatetime
    sent_at: AwareDatetime | None


class NoticePage(Page):
    data: list[NoticeBody]


class NoticePreferencesBody(Shown):
    """``security`` is always told at once."""

    language: Language
    choices: dict[Topic, When]


class NoticePreferencesRequest(Body):
    """What is not named is told at once."""

    language: Language
    choices: dict[Topic, When] = {}


@router.get("/notices", **reads(NoticePage), summary="What I was told of")
def list_notices(
    request: HttpRequest, cursor: str = "", limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> HttpResponse:
    """The person's notices, for whichever of its organisations, the latest first."""
    actor = caller(request).actor
    language = read(request, lambda: queries.preferences(actor)).language

    def rows(after: UUID | None, size: int) -> list[Notice]:
        return queries.mine(actor=actor, after=after, limit=size)

    found, following = read(request, lambda: by_id(cursor, limit, rows))
    return page(request, NoticePage, [_body(one, language) for one in found], following)


def _body(one: Notice, language: Language) -> NoticeBody:
    return NoticeBody(
        event=one.event,
        topic=one.topic,
        subject=queries.words(one.event, language).subject,
        organisation_id=one.organisation_id,
        about=encode(PREFIXES[one.about[0]], one.about[1]) if one.about else None,
        state=one.state,
        happened_at=one.happened_at,
        sent_at=one.sent_at,
    )


@router.get("/notices/preferences", **reads(NoticePreferencesBody), summary="How I am told")
def notice_preferences(request: HttpRequest) -> HttpResponse:
    """Language, and when the person is told of each topic."""
    return _shown(request)


@router.post("/notices/preferences", **writes(NoticePreferencesBody), summary="Choose how I am told")
def choose_notices(request: HttpRequest, body: NoticePreferencesRequest) -> HttpResponse:
    """At once, once a day, or only on the page; security is always told at once."""
    who = caller(request)

    def run() -> dict[str, str]:
        operations.choose(actor=who.actor, language=body.language, choices=body.choices, effective_at=who.now)
        return {"language": body.language}

    perform(request, "notices.choose", body.plain(), run)
    return _shown(request)


def _shown(request: HttpRequest) -> HttpResponse:
    actor = caller(request).actor
    found = read(request, lambda: queries.preferences(actor))
    choices = {topic: found.when(topic) for topic in Topic}
    return reply(request, NoticePreferencesBody(language=found.language, choices=choices))
