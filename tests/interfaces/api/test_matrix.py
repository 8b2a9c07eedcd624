"""Every route × every role, on its own and on another's objects: the table of answers, and nothing changes on refusal.

All routes are called once by everybody, in one scene that is rolled back; the tests of this file read what was answered.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from tests.builders import api
from tests.builders.api import Session, World
from tests.interfaces.api.test_access import ROUTES, attempts, call, confirmed, content, furnished
from tests.scenes import Scenes, outermost

from fourflow.platform.models import Performed

TABLE = Path(__file__).with_name("access_matrix.csv")
#: the objects are the core's, its first supplier's and the first funder's; the last two have nothing to do with them
ROLES = ("operator", "core", "checker", "supplier", "funder", "viewer", "regulator", "other-supplier", "other-funder")
#: what everybody may see: dated values of the platform, the log's state, the caller's own session
PUBLIC = {"parameter_id", "number"}
#: acts about the caller's own organisation, which name the others only as the other side
OWN = {"propose_limit", "propose_limits", "give_consent", "propose_client", "register_webhook"}
#: what everybody may do about his own sign-in, and about how he is told
ABOUT_ONESELF = {"subscribe_report", "renew_recovery_codes", "change_password", "end_other_sessions", "choose_notices"}
#: the one write of who only reads: the regulator asks
ASKED_BY_OVERSEERS = {"ask_evidence"}
#: plans write nothing: they say to any reader what would be signed
SHOWN_TO_READERS = {"plan_transfer", "plan_decision"}


@dataclass(frozen=True)
class Answer:
    method: str
    address: str
    status: int
    text: str


@dataclass
class Tried:
    """What everybody was answered, by role and operation, and what all that left behind."""

    found: dict[str, str]
    answers: dict[str, dict[str, Answer]] = field(default_factory=dict)
    performed: list[str] = field(default_factory=list)
    """Refusals that were performed all the same."""
    changed: set[str] = field(default_factory=set)
    """Tables that are not what they were."""


def sessions(world: World) -> dict[str, Session]:
    return {
        "operator": world.operator,
        "core": world.core,
        "checker": world.core_checker,
        "supplier": world.supplier,
        "funder": world.funder,
        "viewer": api.sign_in(world.cast.core, "viewer"),
        "regulator": world.regulator,
        "other-supplier": api.sign_in(world.cast.suppliers[1]),
        "other-funder": api.sign_in(world.cast.funders[1]),
        "anonymous": Session(),
    }


def answers(world: World, session: Session, tried: Tried) -> dict[str, Answer]:
    """Operation → answer. What succeeds is undone, so that the next finds the same house; what is refused is kept."""
    given: dict[str, Answer] = {}
    for method, address, name, body in attempts(world, tried.found):
        before, kept = transaction.savepoint(), Performed.objects.count()
        text = str(call(session, method, address, body))
        given[name] = Answer(method, address, session.status, text)
        if session.status < 300:
            transaction.savepoint_rollback(before)
        else:
            transaction.savepoint_commit(before)
            if Performed.objects.count() != kept:
                tried.performed.append(f"{name}: {session.status}")
    return given


@pytest.fixture(scope="module")
def tried(scenes: Scenes, django_db_blocker: Any) -> Iterator[Tried]:
    """Everybody has called everything."""
    with (
        scenes.standing(furnished) as (founded, found),
        api.for_tests(),
        django_db_blocker.unblock(),
        outermost(undone=True),
    ):
        world, tried = founded.again(), Tried(found)
        people = {who: confirmed(session) for who, session in sessions(world).items()}
        before = content()
        for who, session in people.items():
            tried.answers[who] = answers(world, session, tried)
        after = content()
        tried.changed = {table for table in after if after[table] != before[table]}
    yield tried


def declared() -> dict[str, dict[str, int]]:
    with TABLE.open() as lines:
        return {
            row.pop("operation"): {role: int(status) for role, status in row.items()} for row in csv.DictReader(lines)
        }


@pytest.mark.requirement("R395")
def test_every_route_answers_every_role_as_the_table_says_and_refusals_change_nothing(tried: Tried) -> None:
    names = tried.answers["operator"]
    got = {name: {role: tried.answers[role][name].status for role in ROLES} for name in names}
    if os.environ.get("FOURFLOW_WRITE_MATRIX"):  # a new route: write the table, read it, and only then keep it
        with TABLE.open("w", newline="") as out:
            table = csv.writer(out, lineterminator="\n")
            table.writerow(("operation", *ROLES))
            table.writerows((name, *row.values()) for name, row in got.items())
    assert tried.performed == []
    assert tried.changed == set()
    table_says = declared()
    hint = "a new or changed route: FOURFLOW_WRITE_MATRIX=1 writes the table anew; read what changed before you keep it"
    assert {name: row for name, row in got.items() if table_says.get(name) != row} == {}, hint
    assert set(table_says) == set(got), hint
    allowed = {200, 201, 202, 403, 404, 409, 422}
    outside = {"verify_bank_account"}  # 503: asks a bank, and here there is none
    assert {status for name, row in got.items() if name not in outside for status in row.values()} <= allowed


@pytest.mark.requirement("R395")
@pytest.mark.parametrize("who", ["anonymous", "other-supplier", "other-funder"])
def test_strangers_see_nothing_through_any_route(tried: Tried, who: str) -> None:
    wrong: list[tuple[object, ...]] = []
    found = tried.found
    secret = {value for name, value in found.items() if name not in PUBLIC and "_" in value}
    paths = {name: path for _, path, name in ROUTES}
    for name, answer in tried.answers[who].items():
        if name in OWN | ABOUT_ONESELF:
            continue
        own = found["party_id"] in answer.address
        allowed = {401} if who == "anonymous" else {403, 404, 422}
        if answer.method == "GET" and who != "anonymous":
            public = any(found[one] in answer.address for one in PUBLIC)
            allowed = {404, 403} if "{" in paths[name] and not public else {200, 403}
            allowed |= {200, 404} if own else set()
        if answer.status not in allowed:
            wrong.append((name, answer.status, answer.text[:200]))
        hidden = {value for value in secret if value not in answer.address and value != found["party_id"]}
        if answer.status == 200 and (shown := sorted(value for value in hidden if value in answer.text)):
            wrong.append((name, "shows", shown))
    assert wrong == []
    assert tried.changed == set()


@pytest.mark.parametrize("who", ["viewer", "regulator"])
def test_readers_read_and_every_write_of_theirs_is_refused(tried: Tried, who: str) -> None:
    wrong = []
    for name, answer in tried.answers[who].items():
        refused = answer.status in {403, 404, 409} or name in SHOWN_TO_READERS | ABOUT_ONESELF | ASKED_BY_OVERSEERS
        if (answer.method == "POST" and not refused) or answer.status >= 500 or answer.status == 401:
            wrong.append((name, answer.status, answer.text[:200]))
    assert wrong == []
    assert tried.changed == set()
