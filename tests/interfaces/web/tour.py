"""A walk over every page: from each person's first page along the links, so that no page has to be listed anywhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qs, urlsplit

from django.urls import Resolver404, get_resolver, resolve

URLS = "fourflow.interfaces.web.urls"
#: who walks: enough people that every page has somebody who may open it
PEOPLE = {
    "core": "maker@core.example",
    "supplier": "maker@supplier-one.example",
    "bank": "maker@bank-one.example",
    "operator": "maker@operator.example",
    "regulator": "viewer@regulator.example",
}
#: what only somebody else may do, and the page from which it is reached
OTHERS = {
    "second-bank": ("checker@bank-two.example", "/limits"),
    "fourth-supplier": ("maker@supplier-four.example", "/inbox"),
    "operator-checker": ("checker@operator.example", "/unmatched"),
}
#: what a stranger sees
STRANGER = ("/sign-in", "/recover")
#: addresses that are no page, and why; every other one has to be found by walking
NO_PAGE = {
    **dict.fromkeys(("livez", "readyz", "version", "metrics", "passkey", "passkey-answer"), "machines ask it"),
    **dict.fromkeys(
        ("agreement", "certificate", "notice", "paper-authority", "bundle", "request-pack", "report-file"), "a file"
    ),
    **dict.fromkeys(("journal-csv", "journal-hledger"), "a file"),
    **dict.fromkeys(("batch-template", "delivery-template", "batch-errors", "delivery-errors"), "a file"),
    "application-document": "a file",
    "import-errors": "a file",
    **dict.fromkeys(
        ("language", "keep-view", "draft", "stay", "sign-out", "withdraw"),
        "a press, answered by the page it was made on",
    ),
    **dict.fromkeys(("provider", "provider-back", "search"), "leads elsewhere"),
    "components": "test_gallery.py looks at it",
}
#: pages that a link alone does not lead to; the tests that press their way to them look at them
PRESSED = {
    "together": "what was ticked in the inbox",
    "consent": "a price that was asked for",
    "second": "a second factor after the password",
    "organisation": "a person of two firms",
    "paper-check": "the code printed on a paper",
    "clear-faults": "outside parties of a sandbox, which this company has none of",
    "app": "somebody who has just confirmed who they are",
}
#: parts of a list's address that only show the same page in another order or as a file
AGAIN = {"sort", "columns", "cursor", "format", "id", "view", "limit", "page"}
#: of these more are opened, for each state of the object leads somewhere else
STATES = {
    "vouchers": 12,
    "voucher": 24,
    "payable": 6,
    "holding": 6,
    "decision": 9,
    "delivery": 3,
    "webhook": 3,
    "limit": 3,
    "schedule": 3,
}
STATES |= {
    "application": 3,
    "payment": 4,
    "client": 3,
    "webhook-delivery": 4,
    "party": 2,
    "request": 2,
    "financing": 2,
    "exceptions": 2,
}


@dataclass(frozen=True)
class Stop:
    """A page of somebody: the name of its address, and one address of it."""

    who: str
    name: str
    path: str


def names() -> set[str]:
    """Every address of the pages by its name."""
    return {route.name for route in get_resolver(URLS).url_patterns}


def name_of(path: str) -> str | None:
    """The name of an address of ours; None where no page has it."""
    try:
        return resolve(urlsplit(path).path, URLS).url_name
    except Resolver404:
        return None


def links(html: str) -> Iterable[str]:
    """Where a page leads to within the site, other orders and files of the same list left out."""
    for found in re.findall(r'href="(/[^"#]*)', html):
        path = unescape(found)
        if not path.startswith("/static/") and not AGAIN & set(parse_qs(urlsplit(path).query)):
            yield path


def walk(
    who: str,
    get: Callable[[str], tuple[int, str, str]],
    known: Collection[str] = (),
    *,
    start: str = "/",
    most: int = 1,
) -> list[Stop]:
    """The pages that a person reaches, each name once; ``get`` answers (status, kind, text).

    Of each name ``most`` are opened for what they lead to (more of `STATES`), of ``known`` ones only the first. From another
    ``start`` than the first page the menu is not followed, nor what is known and has no states.
    """
    waiting, seen, opened, found = [start], {start}, Counter[str](), list[Stop]()
    while waiting:
        path = waiting.pop(0)
        name = name_of(path)
        allowed = most if name not in known else 1 if start == "/" or path == start else 0
        if name is None or name in NO_PAGE or opened[name] >= STATES.get(name, allowed):
            continue
        opened[name] += 1
        status, kind, text = get(path)
        if status != 200 or not kind.startswith("text/html"):
            continue
        if name not in known and all(stop.name != name for stop in found):
            found.append(Stop(who, name, path))
        for link in links(text if start == "/" else text[text.index("<main") :]):
            if link not in seen:
                seen.add(link)
                waiting.append(link)
    return found
