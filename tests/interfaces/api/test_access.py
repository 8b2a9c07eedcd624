"""Every route about objects that exist, as test_matrix.py tries them; what is not there and what is not seen look alike."""

from __future__ import annotations

import re
from typing import Any

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
APART = {
    "recover",
    "create_token",
    "create_confirmation",
    "preview_import",
    "receive_import",
    "add_application_file",
    "plan_batch",
    "batch_problems",
    "plan_limits",
    "limit_problems",
    "plan_invoices",
    "invoice_problems",
}
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


def furnished() -> tuple[World, dict[str, str]]:
    """The world with an object of each kind: a scene of its own."""
    with api.for_tests():
        world = api.world()
        return world, api_routes.objects(world)


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


def test_a_strangers_object_and_one_that_does_not_exist_are_answered_alike(world: World) -> None:
    world.limit()
    draft = world.draft("50.00")["id"]
    unknown = api.encode("vch", api_routes.new_id())
    answers = [world.second.get(f"vouchers/{which}", 404) for which in (draft, unknown)]
    for answer in answers:
        answer.pop("request_id")
    assert answers[0] == answers[1]


def test_a_malformed_identifier_is_an_object_that_is_not_there(world: World) -> None:
    for text in ("vch_1", "prt_00000000000000000000000000", "vch_ZZZZZZZZZZZZZZZZZZZZZZZZZZ", "'; drop table x"):
        assert world.core.get(f"vouchers/{text}", 404)["code"] == "object.not_found"
