"""Who may do what: every route is tried by people who have nothing to do with the objects it names."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from tests.builders import api, api_routes
from tests.builders.api import Session, World

from fourflow.interfaces.api.api import api as built

ROUTES = [
    (method, path, operation.view_func.__name__)
    for bound in built._get_bound_routers()
    for path, view in bound.path_operations.items()
    for operation in view.operations
    for method in operation.methods
]
#: signing in, confirming oneself, and uploads, which have no JSON body
APART = {"create_token", "create_confirmation", "preview_import", "receive_import", "plan_batch", "batch_problems"}
#: what everybody may see: dated values of the platform, the log's state, the caller's own session
PUBLIC = {"parameter_id"}
#: acts about the caller's own organisation, which name the others only as the other side
OWN = {"propose_limit", "give_consent", "propose_client", "register_webhook"}

#: plans write nothing: they say to any reader what would be signed
SHOWN_TO_READERS = {"plan_transfer", "plan_decision"}
#: replaces what another may have changed: refused without the state that was read
CONDITIONAL = {"HTTP_IF_MATCH": "*"}

TABLES = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1"


def content() -> dict[str, str]:
    """Row count and checksum of every table."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        one = "select '{0}', count(*) || '/' || coalesce(sum(hashtext(t::text)::bigint), 0) from {0} t"
        cursor.execute(" union all ".join(one.format(table) for (table,) in cursor.fetchall()))
        return dict(cursor.fetchall())


@pytest.fixture
def found(world: World) -> dict[str, str]:
    return api_routes.objects(world)


def attempts(world: World, found: dict[str, str]) -> list[tuple[str, str, str, Any]]:
    """Method, address, operation and body of every route, about the objects found."""
    bodies = api_routes.bodies(world, found)
    made = []
    for method, path, name in ROUTES:
        if name in APART:
            continue
        address = re.sub(r"{(\w+)}", lambda match: found[match[1]], path)
        if name == "statement":
            address += "?chart_code=bank&currency=USD"
        assert method == "GET" or name in bodies, f"give {name} a body in tests/builders/api_routes.py"
        made.append((method, address, name, bodies.get(name)))
    return made


def confirmed(session: Session) -> Session:
    """The person is known for some minutes: being recognised is a fact of its own, whatever is refused afterwards."""
    if session.token:
        session.post("session/confirmation", {"password": api.PASSWORD}, 201, key=None)
    return session


def call(session: Session, method: str, address: str, body: Any) -> Any:
    return session.call(method, "/v1" + address, body, **(CONDITIONAL if address.endswith("/revise") else {}))


def sign_in(world: World, who: str) -> Session:
    cast = world.cast
    return {
        "anonymous": lambda: Session(),
        "stranger-supplier": lambda: world.second,
        "stranger-funder": lambda: api.sign_in(cast.funders[1]),
        "viewer": lambda: api.sign_in(cast.core, "viewer"),
        "regulator": lambda: world.regulator,
    }[who]()


@pytest.mark.requirement("R354")
@pytest.mark.parametrize("who", ["anonymous", "stranger-supplier", "stranger-funder"])
def test_strangers_see_and_change_nothing_through_any_route(world: World, found: dict[str, str], who: str) -> None:
    session = confirmed(sign_in(world, who))
    before, wrong = content(), []
    secret = {value for name, value in found.items() if name not in PUBLIC and "_" in value}
    for method, address, name, body in attempts(world, found):
        if name in OWN:
            continue
        answer = str(call(session, method, address, body))
        own = found["party_id"] in address
        allowed = {401} if who == "anonymous" else {403, 404, 422}
        named = "{" in next(path for _, path, known in ROUTES if known == name)
        if method == "GET" and who != "anonymous":
            public = any(found[one] in address for one in PUBLIC)
            allowed = {404, 403} if named and not public else {200, 403}
            allowed |= {200, 404} if own else set()
        if session.status not in allowed:
            wrong.append((name, session.status, answer[:200]))
        shown = [value for value in secret if value in answer and value not in address and value != found["party_id"]]
        if shown and session.status == 200:
            wrong.append((name, "shows", shown))
    assert wrong == []
    after = content()
    assert {table for table in after if after[table] != before[table]} == set()


@pytest.mark.parametrize("who", ["viewer", "regulator"])
def test_readers_read_and_every_write_of_theirs_is_refused(world: World, found: dict[str, str], who: str) -> None:
    session = confirmed(sign_in(world, who))
    before, wrong = content(), []
    for method, address, name, body in attempts(world, found):
        answer = str(call(session, method, address, body))
        if method == "POST" and session.status not in {403, 404, 409} and name not in SHOWN_TO_READERS:
            wrong.append((name, session.status, answer[:200]))
        if session.status >= 500 or session.status == 401:
            wrong.append((name, session.status, answer[:200]))
    assert wrong == []
    after = content()
    assert {table for table in after if after[table] != before[table]} == set()


def test_a_strangers_object_and_one_that_does_not_exist_are_answered_alike(world: World, found: dict[str, str]) -> None:
    unknown = api.encode("vch", api_routes.new_id())
    answers = [world.second.get(f"vouchers/{which}", 404) for which in (found["voucher_id"], unknown)]
    for answer in answers:
        answer.pop("request_id")
    assert answers[0] == answers[1]


def test_a_malformed_identifier_is_an_object_that_is_not_there(world: World) -> None:
    for text in ("vch_1", "prt_00000000000000000000000000", "vch_ZZZZZZZZZZZZZZZZZZZZZZZZZZ", "'; drop table x"):
        assert world.core.get(f"vouchers/{text}", 404)["code"] == "object.not_found"
