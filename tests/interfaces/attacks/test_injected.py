"""Text that is markup, a template, SQL or a formula somewhere: typed into every field, it stays the text that it is."""

from __future__ import annotations

import io
import re
from typing import Any
from urllib.parse import quote

import pytest
from django.urls import URLPattern, get_resolver
from openpyxl import load_workbook
from tests.builders import api_routes, documents
from tests.builders.api import World
from tests.interfaces.api.test_access import attempts, call
from tests.interfaces.attacks.crawling import LEAVES, Page, crawl
from tests.interfaces.web import seed
from tests.interfaces.web.scene import Scene

from fourflow.interfaces.api.api import api
from fourflow.trade.documents import operations as document_operations

#: a formula, a closed string of SQL, a closed attribute with markup behind it, and two templates; their result
#: is a number so long that no identifier, time or digest on a page contains it by chance
PAYLOAD = "=1+1;'\"><b xss>{{733190177|add:1}}${733190177+1}"
RESULT = "733190178"
ID = re.compile(r"_\w{20,}")
SQL = "1' or '1'='1' union select 1; drop table vouchers_voucher; --"
#: a form's fields that have a shape of their own
SHAPED = {"email": "x@<b-xss>.example", "currency": "CNY"}


def traces(content: str) -> list[str]:
    """What must not be on a page: the payload as markup, or a template's result."""
    return [mark for mark in ("<b xss", "<b-xss", RESULT) if mark in content]


def press(scene: Scene, who: str, page: Page) -> list[tuple[str, Any]]:
    """Every form of a page filled with the payload, and confirmed where it was understood."""
    client, answers = scene.clients[who], []
    for form in page.forms:
        if form.action.startswith(LEAVES):
            continue
        typed = {name: [SHAPED.get(name, PAYLOAD)] for name in form.typed}
        answer = client.post(form.action, {**form.fields, **typed, "password": [seed.PASSWORD]})
        answers.append((form.action, answer))
        if answer.status_code != 200 or 'name="token"' not in answer.content.decode():
            continue
        for shown in Page(form.action, answer.content.decode()).forms:
            if shown.action == form.action and "token" in shown.fields:
                sent = {**shown.fields, "outcome": ["approve"], "password": [seed.PASSWORD]}
                answers.append((form.action, client.post(form.action, sent)))
    return answers


@pytest.mark.requirement("R401")
def test_what_is_typed_into_any_field_of_any_form_is_text_on_every_page(scene: Scene) -> None:
    executed, pressed, shown = list[object](), set[str](), set[str]()
    for who in ("core", "supplier", "bank"):
        for path, answer in list(crawl(scene.clients[who])):
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                for action, result in press(scene, who, Page(path, answer.content.decode())):
                    pressed.add(ID.sub("", action))
                    executed += [(who, action, mark) for mark in traces(result.content.decode())]
    for who in ("core", "operator"):
        for path, answer in crawl(scene.clients[who]):
            content = answer.content.decode(errors="replace")
            executed += [(who, path, mark) for mark in traces(content)]
            shown |= {ID.sub("", path)} if "&lt;b xss" in content else set()
    assert executed == []
    assert len(pressed) > 12, pressed
    assert len(shown) >= 4, f"the payload came no further than {sorted(shown)}"


@pytest.mark.requirement("R401")
def test_what_an_address_says_is_text_on_the_page_that_answers(scene: Scene) -> None:
    executed = []
    odd = quote(PAYLOAD)
    paths = [
        route.pattern._route
        for route in get_resolver("fourflow.interfaces.web.urls").url_patterns
        if isinstance(route, URLPattern) and "<" not in str(route.pattern) and "^" not in str(route.pattern)
    ]
    assert len(paths) > 30
    for path in paths:
        names = ("q", "sort", "cursor", "state", "status", "view", "key", "next", "webhook", "payable", "columns")
        query = "&".join(f"{name}={odd}" for name in names)
        answer = scene.get("core", f"/{path}?{query}")
        assert answer.status_code < 500, path
        executed += [(path, mark) for mark in traces(answer.content.decode(errors="replace"))]
    for path in (f"/{odd}", f"/vouchers/{odd}", f"/vouchers/vch_{odd}", f"/sign-in?next={odd}"):
        answer = scene.get("core", path)
        assert answer.status_code in (200, 302, 404) and traces(answer.content.decode()) == []
    assert executed == []


LISTS = ("vouchers", "payables", "deliveries", "parties", "payments", "limits", "holdings", "complaints", "clients")


def test_no_list_leaves_as_a_workbook_with_a_formula_in_it(scene: Scene) -> None:
    here = scene.here
    order = documents.purchase_order(PAYLOAD[:12], "1", seller=PAYLOAD)
    document_operations.register_order(order=order, actor=here.core.maker, effective_at=here.now)
    brought = documents.delivery("=1+2", order.number, "1", seller=PAYLOAD, delivered_on=here.day)
    document_operations.register_delivery(delivery=brought, actor=here.core.maker, effective_at=here.now)
    formulas, texts = [], []
    for path in LISTS:
        answer = scene.get("core", f"/{path}?format=xlsx")
        if "spreadsheetml" in answer["Content-Type"]:
            cells = [cell for row in load_workbook(io.BytesIO(answer.content)).active.iter_rows() for cell in row]
            formulas += [(path, cell.value) for cell in cells if cell.data_type == "f"]
            texts += [cell.value for cell in cells if str(cell.value).startswith("=")]
            assert all(cell.quotePrefix for cell in cells if str(cell.value).startswith("=")), path
    assert formulas == [] and "=1+2" in texts


def replaced(body: Any) -> Any:
    """The body with the payload in place of every text that is neither identifier, amount, date nor word of a vocabulary."""
    if isinstance(body, dict):
        kept = ("currency", "amount", "password", "content_digest", "payload_hash", "email", "url")
        return {name: value if name in kept else replaced(value) for name, value in body.items()}
    if isinstance(body, list):
        return [replaced(one) for one in body]
    is_plain = isinstance(body, str) and not re.fullmatch(r"[a-z]{2,3}_\w{26}|[\d.-]+|[0-9a-f]{64}", body)
    return PAYLOAD if is_plain else body


def test_the_api_takes_the_payload_as_text_and_says_it_back_as_json_only(world: World) -> None:
    found = api_routes.objects(world)
    people = [world.operator, world.core, world.supplier, world.funder]
    taken = 0
    for method, address, name, body in attempts(world, found):
        if method != "POST" or name in ("end_session", "close_account", "verify_bank_account"):
            continue
        for person in people:
            call(person, method, address, replaced(body))
            assert person.status < 500, name
            taken += person.status < 300
    assert taken > 10
    for method, address, name, _ in attempts(world, found):
        if method == "GET":
            call(world.operator, method, address, None)
            kind = world.operator.last["Content-Type"]
            assert world.operator.status < 500 and not kind.startswith("text/html"), (name, kind)
            assert world.operator.last["X-Content-Type-Options"] == "nosniff", name


@pytest.mark.requirement("R401")
def test_no_text_of_a_query_reaches_the_database_as_a_statement(world: World) -> None:
    schema = api.get_openapi_schema()["paths"]
    tried = []
    for path, operations in schema.items():
        wanted = operations.get("get")
        names = [one["name"] for one in (wanted or {}).get("parameters", ()) if one["in"] == "query"]
        if not names or "{" in path:
            continue
        for name in names:
            world.core.call("GET", f"{path}?{name}={quote(SQL)}")
            assert world.core.status in (200, 400, 403, 404, 422), (path, name)
        tried.append(path)
    assert len(tried) > 10
