"""A list asks the database as much for many rows as for few: every list of the API and of the pages, by each workspace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver
from tests.builders import api
from tests.builders.api import Session
from tests.builders.parties import Firm
from tests.builders.vouchers import Company
from tests.interfaces.api.test_access import ROUTES
from tests.interfaces.growing import Growing
from tests.interfaces.test_parity import forms
from tests.interfaces.web import seed
from tests.interfaces.web.scene import quick, signed_in
from tests.scenes import Scenes, outermost
from tests.statements import CEILING, asked

from fourflow.interfaces.api.asked import declared
from fourflow.interfaces.web.addresses import to
from fourflow.platform.ids import encode

FEW, MORE = 1, 4
#: lists that do not grow here
FIXED = {
    "parameter_catalogue": "the keys that the code knows",
    "event_kinds": "the kinds that the code knows",
    "party_roles": "a firm has one or two",
    "list_events": "the first page is full before",
    "search_events": "the first page is full before",
    "events": "the first page is full before",
    "explorer": "the routes of the API, whatever there is in it",
    "components": "a gallery",
    "home": "a few of what comes next",
    "overdue": "one row a core",
    "statistics": "one row a bank",
    "books": "one row an account of the chart",
}
#: pages with rows and a form
DESKS = {"inbox", "team", "me", "recoveries", "emergencies"}


@dataclass
class Walked:
    """What each list asked and showed, by route and who looked: statements and rows."""

    statements: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    rows: dict[tuple[str, str], int] = field(default_factory=dict)

    def note(self, route: str, who: str, statements: list[str], rows: int) -> None:
        self.statements[route, who], self.rows[route, who] = statements, rows


@dataclass
class Both:
    few: Walked
    many: Walked

    def heavier(self) -> dict[tuple[str, str], tuple[int, int, int, list[str]]]:
        """Where more rows asked more: rows more, statements before and after, those that came twice or more."""
        found = {}
        for key, statements in self.many.statements.items():
            before = self.few.statements.get(key)
            if before is not None and len(statements) > len(before):
                again = sorted({one[:160] for one in statements if statements.count(one) > 1})
                more = self.many.rows[key] - self.few.rows[key]
                found[key] = (more, len(before), len(statements), again or statements[-3:])
        return found

    def grown(self) -> set[str]:
        """Routes that showed more rows to somebody."""
        return {route for (route, who), rows in self.many.rows.items() if rows >= self.few.rows[route, who] + MORE}

    def lists(self) -> set[str]:
        """Routes that show rows at all."""
        return {route for (route, _who), rows in self.many.rows.items() if rows >= 0}


def lists(found: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Name and address of each reading route of the API that is about nothing, or about an object found."""
    for method, path, name in ROUTES:
        if method == "GET" and set(re.findall(r"{(\w+)}", path)) <= set(found):
            takes = declared()[re.sub(r"{(\w+)}", r"<\1>", path.lstrip("/")), "GET"]
            address = "/v1" + re.sub(r"{(\w+)}", lambda match: found[match[1]], path)
            yield name, f"{address}?limit=200" if "limit" in takes else address


def pages() -> Iterator[tuple[str, str]]:
    """Name and address of each page that is about no one object and is no form."""
    for route in get_resolver("fourflow.interfaces.web.urls").url_patterns:
        assert isinstance(route, URLPattern) and route.name
        if "<" not in (address := str(route.pattern)) and (route.name not in forms() or route.name in DESKS):
            yield route.name, f"/{address}"


def walk_api(sessions: dict[str, Session], found: dict[str, str], only: Walked | None = None) -> Walked:
    walked = Walked()
    for name, address in lists(found):
        if name == "statement":
            address += "&chart_code=limit_available&currency=USD"
        for who, session in sessions.items():
            if only is not None and (name, who) not in only.statements:
                continue
            body, statements = asked(lambda session=session, address=address: session.call("GET", address))
            rows = body.get("data") if session.status == 200 and isinstance(body, dict) else None
            if isinstance(rows, list):
                walked.note(name, who, statements, len(rows))
    return walked


def walk_pages(clients: dict[str, Client], more: dict[str, str], only: Walked | None = None) -> Walked:
    walked = Walked()
    for name, address in [*pages(), *more.items()]:
        for who, client in clients.items():
            if only is not None and (name, who) not in only.statements:
                continue
            answer, statements = asked(lambda client=client, address=address: client.get(f"{address}?limit=200"))
            body = answer.content.decode(errors="replace") if answer.status_code == 200 else ""
            if 'class="list-body"' in body:
                walked.note(name, who, statements, len(re.findall(r'<tr id="', body)))
            elif "<main" in body:
                walked.note(name, who, statements, -1)
    return walked


@pytest.fixture(scope="module")
def both(scenes: Scenes, django_db_blocker: Any) -> Iterator[dict[str, Both]]:
    """Every list, walked with few rows and again with more."""
    standing = scenes.standing(signed_in)
    with standing as (here, cookies), quick(), api.for_tests(), django_db_blocker.unblock(), outermost(undone=True):
        people = people_of(here)
        clients = {who: Client(headers={"accept-language": "en"}) for who in people}
        for who, client in clients.items():
            client.cookies.load(cookies[who])
        growing = Growing(here)
        growing.grow(FEW)
        found = objects(growing)
        more = opened(growing)
        sessions = {who: entered(*person) for who, person in people.items()}

        walk_api({"operator": sessions["operator"]}, found)  # what a process asks once and keeps
        few = walk_api(sessions, found), walk_pages(clients, more)
        growing.grow(MORE)
        for _ in range(MORE):
            for person in people.values():
                entered(*person)
        many = walk_api(sessions, found, few[0]), walk_pages(clients, more, few[1])
    yield {"api": Both(few[0], many[0]), "pages": Both(few[1], many[1])}


def people_of(here: Company) -> dict[str, tuple[Firm, str]]:
    cast = here.cast
    return {
        "operator": (cast.operator, "maker"),
        "core": (cast.core, "maker"),
        "core checker": (cast.core, "checker"),
        "supplier": (cast.suppliers[0], "maker"),
        "bank": (cast.funders[0], "maker"),
    }


def entered(firm: Firm, person: str) -> Session:
    session = Session()
    given = {"email": seed.email(firm, person), "password": seed.PASSWORD}
    session.token = session.post("tokens", given, 201, key=None)["access_token"]
    return session


def objects(growing: Growing) -> dict[str, str]:
    """Path arguments of the lists that are about one object, which all of them grow with."""
    here = growing.here
    return {
        "voucher_id": encode("vch", growing.cut.voucher_id),
        "party_id": encode("prt", here.funder.id),
        "limit_id": encode("lim", here.limits[0].id),
        "book": f"memo:{encode('prt', here.funder.id)}",
        "schedule_id": encode("sch", growing.schedule.id),
    }


def opened(growing: Growing) -> dict[str, str]:
    """Pages of single objects that list what belongs to them."""
    here = growing.here
    return {
        "voucher": to("voucher", growing.cut.voucher_id),
        "limit": to("limit", here.limits[0].id),
        "party": to("party", here.core.id),
        "schedule": to("schedule", growing.schedule.id),
    }


@pytest.mark.parametrize("door", ["api", "pages"])
def test_no_list_asks_more_for_more_rows(both: dict[str, Both], door: str) -> None:
    assert both[door].heavier() == {}
    most = {key: len(found) for key, found in both[door].many.statements.items() if len(found) > CEILING}
    assert most == {}


@pytest.mark.parametrize("door", ["api", "pages"])
def test_every_list_showed_more_rows(both: dict[str, Both], door: str) -> None:
    """Else the test above would say nothing of it."""
    assert both[door].lists() - both[door].grown() <= set(FIXED)
    assert len(both[door].lists()) > 25
