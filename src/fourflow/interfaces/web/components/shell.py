"""The frame around every page: menu by permission, acting organisation, sandbox ribbon."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.utils.functional import Promise

Words = str | Promise


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry. ``permission=None`` shows it to everyone; ``key`` is the second key of ``g …``.

    ``also`` are the addresses of pages beside its own.
    """

    label: Words
    href: str
    icon: str
    permission: str | None = None
    key: str = ""
    count: int | None = None
    due: bool = False
    current: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MenuSection:
    """A captioned group of entries; the caption may be empty."""

    label: Words
    items: tuple[MenuItem, ...]


@dataclass(frozen=True, slots=True)
class SignIn:
    """What the frame of a page knows of the sign-in: whose it is, which one, and for how many seconds it still holds."""

    id: str
    account: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Shell:
    """What base.html needs of the session: who acts for whom, and how long."""

    organisation: str
    role: Words
    person: str
    menu: tuple[MenuSection, ...]
    home: str = "/"
    session: SignIn | None = None


@dataclass(frozen=True, slots=True)
class Ribbon:
    """The sandbox ribbon; ``business_date`` is the day that the sandbox clock has reached."""

    business_date: date | None = None


def visible_menu(sections: Iterable[MenuSection], permissions: Collection[str], path: str) -> tuple[MenuSection, ...]:
    """Only what the person may open; the entry with the longest matching address is current; empty groups vanish."""
    shown = [
        (section, [item for item in section.items if item.permission is None or item.permission in permissions])
        for section in sections
    ]
    places = {place: item.href for _, items in shown for item in items for place in (item.href, *item.also)}
    matches = [place for place in places if _under(path, place)]
    current = places.get(max(matches, key=len, default=""), "")
    return tuple(
        MenuSection(
            section.label, tuple(replace(item, current=bool(current) and item.href == current) for item in items)
        )
        for section, items in shown
        if items
    )


def _under(path: str, href: str) -> bool:
    return path == href or (href != "/" and path.startswith(href.rstrip("/") + "/"))
