"""How a person likes the pages: height of rows and size of letters. Kept with the sign-in: every browser shows the same.

The browser keeps it too, for the pages before a sign-in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from fourflow.foundation.parties.types import Actor
from fourflow.interfaces.web import models
from fourflow.interfaces.web.components.listing import Choice

COOKIE = "ff-display"
_KEPT_SECONDS = 365 * 24 * 3600
#: the first of each is what a page has without a choice; tokens.css says what the others change
ROWS = (Choice("regular", _("Regular")), Choice("comfortable", _("Comfortable")), Choice("compact", _("Compact")))
LETTERS = (Choice("regular", _("Regular size")), Choice("large", _("Large")))


@dataclass(frozen=True, slots=True)
class Display:
    rows: str = ROWS[0].value
    letters: str = LETTERS[0].value


def read(given: Mapping[str, str]) -> Display:
    """The choice among what is known; anything else is the regular one."""
    rows, letters = given.get("rows", ""), given.get("letters", "")
    return Display(
        rows if rows in {one.value for one in ROWS} else ROWS[0].value,
        letters if letters in {one.value for one in LETTERS} else LETTERS[0].value,
    )


def of(request: HttpRequest) -> Display:
    """What the person chose; before a sign-in, or without a choice, what this browser keeps."""
    chosen: Display | None = getattr(request, "display", None)
    if chosen is not None:
        return chosen
    rows, _dot, letters = request.COOKIES.get(COOKIE, "").partition(".")
    return read({"rows": rows, "letters": letters})


def chosen_by(actor: Actor) -> Display | None:
    """What the person chose, None without a choice. Inside a reading as the person."""
    row = models.Display.objects.visible_to(actor).first()
    return read({"rows": row.rows, "letters": row.letters}) if row else None


def choose(actor: Actor, account_id: UUID, chosen: Display) -> None:
    """Keep a choice with the account that acts."""
    mine = models.Display.objects.visible_to(actor)
    mine.update_or_create(account_id=account_id, defaults={"rows": chosen.rows, "letters": chosen.letters})


def keep(response: HttpResponse, chosen: Display) -> None:
    """Have the browser keep a choice for a year."""
    response.set_cookie(
        COOKIE,
        f"{chosen.rows}.{chosen.letters}",
        max_age=_KEPT_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
