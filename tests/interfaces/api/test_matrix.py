"""Every route × every role, on its own and on another's objects: the table of answers, and nothing changes on refusal."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from django.db import transaction
from tests.builders import api, api_routes
from tests.builders.api import Session, World
from tests.interfaces.api.test_access import attempts, call, confirmed, content

from fourflow.platform.models import Performed

TABLE = Path(__file__).with_name("access_matrix.csv")
#: the objects are the core's, its first supplier's and the first funder's; the last two have nothing to do with them
ROLES = ("operator", "core", "checker", "supplier", "funder", "viewer", "regulator", "other-supplier", "other-funder")


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
    }


def answers(world: World, session: Session, found: dict[str, str], performed: list[str]) -> dict[str, int]:
    """Operation → status; ``performed`` collects refusals that were performed all the same.

    What succeeds is undone, so that the next finds the same house; what is refused is kept.
    """
    given: dict[str, int] = {}
    for method, address, name, body in attempts(world, found):
        before, kept = transaction.savepoint(), Performed.objects.count()
        call(session, method, address, body)
        given[name] = session.status
        if session.status < 300:
            transaction.savepoint_rollback(before)
        else:
            transaction.savepoint_commit(before)
            if Performed.objects.count() != kept:
                performed.append(f"{name}: {session.status}")
    return given


def declared() -> dict[str, dict[str, int]]:
    with TABLE.open() as lines:
        return {
            row.pop("operation"): {role: int(status) for role, status in row.items()} for row in csv.DictReader(lines)
        }


@pytest.mark.requirement("R354")
@pytest.mark.requirement("R395")
def test_every_route_answers_every_role_as_the_table_says_and_refusals_change_nothing(world: World) -> None:
    found = api_routes.objects(world)
    people = {role: confirmed(session) for role, session in sessions(world).items()}
    before = content()
    performed: list[str] = []
    given = {role: answers(world, people[role], found, performed) for role in ROLES}
    got = {name: {role: given[role][name] for role in ROLES} for name in given["operator"]}
    if os.environ.get("FOURFLOW_WRITE_MATRIX"):  # a new route: write the table, read it, and only then keep it
        with TABLE.open("w", newline="") as out:
            table = csv.writer(out, lineterminator="\n")
            table.writerow(("operation", *ROLES))
            table.writerows((name, *row.values()) for name, row in got.items())
    assert performed == []
    after = content()
    assert {table for table in after if after[table] != before[table]} == set()
    table_says = declared()
    hint = "a new or changed route: FOURFLOW_WRITE_MATRIX=1 writes the table anew; read what changed before you keep it"
    assert {name: row for name, row in got.items() if table_says.get(name) != row} == {}, hint
    assert set(table_says) == set(got), hint
    allowed = {200, 201, 202, 403, 404, 409, 422}
    outside = {"verify_bank_account"}  # 503: asks a bank, and here there is none
    assert {status for name, row in got.items() if name not in outside for status in row.values()} <= allowed
