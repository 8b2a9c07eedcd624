"""A walk over every page: from each person's first page along the links, so that no page has to be listed anywhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.urls import Resolver404, resolve

URLS = "fourflow.interfaces.web.urls"
#: who walks: enough people that every page has somebody who may open it
PEOPLE = {
    "core": "maker@core.example",
    "core-checker": "checker@core.example",
    "supplier": "maker@supplier-one.example",
    "supplier-four": "maker@supplier-four.example",
    "bank": "maker@bank-one.example",
    "bank-checker": "checker@bank-one.example",
    "operator": "maker@operator.example",
    "operator-checker": "checker@operator.example",
    "regulator": "viewer@regulator.example",
}
#: parts of a list's address that only show the same page in another order or as a file
AGAIN = {"sort", "columns", "cursor", "format", "id", "view", "limit", "page"}


@dataclass(frozen=True)
class Stop:
    """A page of somebody: the name of its address, and one address of it."""

    who: str
    name: str
    path: str


def name_of(path: str) -> str | None:
    """The name of an address of ours; None where no page has it."""
    try:
        return resolve(urlsplit(path).path, URLS).url_name
    except Resolver404:
        return None


def links(html: str) -> Iterable[str]:
    for found in re.findall(r'href="(/[^"#]*)', html):
        path = unescape(found)
        if not path.startswith("/static/") and not AGAIN & set(parse_qs(urlsplit(path).query)):
            yield path


def walk(who: str, get: Callable[[str], Any], *, known: Iterable[str] = (), examples: int = 3) -> list[Stop]:
    """The pages that a person reaches from the first one, some of each name; ``get`` answers (status, kind, text).

    Names that are ``known`` are opened once, for what they lead to.
    """
    waiting, seen, counted, found = ["/"], {"/"}, Counter[str](), []
    known = set(known)
    while waiting:
        path = waiting.pop(0)
        name = name_of(path)
        if name is None or counted[name] >= (1 if name in known else examples):
            continue
        status, kind, text = get(path)
        if status != 200 or not kind.startswith("text/html"):
            continue
        counted[name] += 1
        if name not in known:
            found.append(Stop(who, name, path))
        for link in links(text):
            if link not in seen:
                seen.add(link)
                waiting.append(link)
    return found
