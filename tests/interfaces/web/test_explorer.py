"""Screen 28: the explorer of the API asks in the reader's name and no further; the inspector shows events as they are sent."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client
from django.utils import translation
from tests.interfaces.web.scene import Scene
from tests.statements import CEILING, asked

from fourflow.capital.vouchers import queries as vouchers
from fourflow.foundation.access import queries as access
from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.api.api import api
from fourflow.interfaces.api.routers.events import event_body
from fourflow.interfaces.web.addresses import text
from fourflow.interfaces.web.components.routes import ROUTE, routes
from fourflow.interfaces.web.pages.explorer import NOTES, SUBJECTS
from fourflow.platform.events import queries as events

HAN = re.compile("[\u4e00-\u9fff]")


def wires(body: str) -> list[Any]:
    """What a page shows as it goes over the wire, where it is JSON."""
    shown = [unescape(one) for one in re.findall(r'<pre class="wire"[^>]*>(.*?)</pre>', body, re.S)]
    return [json.loads(one) for one in shown if one.startswith("{")]


def test_every_route_has_its_page_made_of_the_description() -> None:
    described = api.get_openapi_schema()
    found = {one.name: one for one in routes(described)}
    assert len(found) == sum(len(operations) for operations in described["paths"].values()) > 200
    draft = found["draft_voucher"]
    assert {one.path: (one.type, one.required) for one in draft.sent}["face.amount"] == ("string", True)
    assert {one.path: one.type for one in draft.sent}["funder_id"] == "prt_…"
    assert "Idempotency-Key: $(uuidgen)" in draft.in_shell("https://here.example")
    listed = found["list_vouchers"]
    assert "data[].face.amount" in {one.path for one in listed.answered}
    assert not draft.is_tried and listed.is_tried
    assert found["receive_import"].media == "multipart/form-data" and "file=@FILE" in found["receive_import"].in_shell(
        ""
    )


def test_the_description_is_worked_out_once_however_often_strangers_ask() -> None:
    assert api.get_openapi_schema() is api.get_openapi_schema(path_params={})


@pytest.mark.parametrize("name", ["list_vouchers", "draft_voucher", "receive_import", "holding_certificate"])
def test_a_route_is_explained_in_both_languages(scene: Scene, name: str) -> None:
    for language, word in (("en", "From a shell"), ("zh-CN", "命令行")):
        answer = scene.clients["core"].get(f"/explorer/{name}", headers={"accept-language": language})
        assert answer.status_code == 200 and word in answer.content.decode()


def test_what_a_route_does_is_said_in_a_sentence_of_the_readers_language_for_every_one(scene: Scene) -> None:
    every = list(routes(api.get_openapi_schema()))
    with translation.override("zh-hans"):
        said = {words: one.name for one in every for words in (one.line, one.more) if words}
        untold = [name for words, name in said.items() if not HAN.search(translation.pgettext(ROUTE, words))]
        notes = {note for one in every for each in one.parameters if (note := each.note.replace("``", ""))}
        assert len(notes) > 20 and [note for note in notes if not HAN.search(NOTES.told(note))] == []
        assert [tag for tag in {one.tag for one in every} if not HAN.search(str(SUBJECTS[tag]))] == []
    assert untold == [], "translate its docstring: tools/i18n.py extract"
    client = scene.clients["core"]
    chinese = client.get("/explorer?q=开立方撤回", headers={"accept-language": "zh-CN"}).content.decode()
    assert "开立方撤回尚未答复的要约" in chinese and "withdraw_voucher" in chinese
    page = client.get("/explorer/create_token", headers={"accept-language": "zh-CN"}).content.decode()
    assert "获取访问令牌" in page and "邮箱、密码或机构有误时" in page and "调用方所依据的接口版本" in page
    assert client.get("/explorer/get_party").content.decode().count("One party.") == 1


def test_routes_and_events_are_sorted_narrowed_paged_and_kept_as_files(scene: Scene) -> None:
    def ids(path: str) -> list[str]:
        return re.findall(r'<tr id="([^"]+)"', scene.get("core", path).content.decode())

    assert len(ids("/explorer")) == 50 < len(ids("/explorer?limit=200")) == 200
    assert ids("/explorer?sort=-path&limit=25") != ids("/explorer?sort=path&limit=25")
    assert ids("/explorer?q=openapi.json nothing") == []
    posted = ids("/explorer?method=POST&tag=vouchers&limit=200")
    assert "draft_voucher" in posted and "list_vouchers" not in posted
    assert ids("/explorer?id=draft_voucher") == ["draft_voucher"]
    first, second = ids("/webhooks/events?sort=at&limit=25"), ids("/webhooks/events?sort=-at&limit=25")
    assert len(first) == len(second) == 25 and first != second
    one = scene.get("core", f"/webhooks/events?id={first[0]}").content.decode()
    assert re.findall(r'<tr id="([^"]+)"', one) == first[:1]
    for path in ("/explorer", "/webhooks/events"):
        assert scene.get("core", f"{path}?format=xlsx")["Content-Type"].endswith("spreadsheetml.sheet")


def test_a_reading_route_answers_the_reader_as_the_api_would(scene: Scene) -> None:
    one = vouchers.vouchers(actor=SYSTEM).rows[0]
    number = text("voucher", one.id)
    answer, statements = asked(lambda: scene.get("core", f"/explorer/get_voucher?voucher_id={number}&ask=1"))
    (told,) = wires(answer.content.decode())
    assert told["id"] == number and told["livemode"] is False
    assert len(statements) <= CEILING
    listed = scene.get("core", "/explorer/list_vouchers?state=active&limit=1&ask=1").content.decode()
    assert len(wires(listed)[0]["data"]) == 1 and "/v1/vouchers?state=active&amp;limit=1" in listed
    assert "RateLimit" in listed


def test_nobody_reads_more_through_the_explorer_than_through_the_api(scene: Scene) -> None:
    number = text("voucher", vouchers.vouchers(actor=SYSTEM).rows[0].id)
    body = scene.get("other bank", f"/explorer/get_voucher?voucher_id={number}&ask=1").content.decode()
    assert wires(body)[0]["code"] == "voucher.not_found"
    refused = scene.get("core", "/explorer/list_vouchers?limit=0&ask=1").content.decode()
    assert wires(refused)[0]["errors"][0]["pointer"] == "/query/limit"
    away = scene.get("core", "/explorer/get_voucher?voucher_id=..%2F..%2Fsession&ask=1").content.decode()
    assert wires(away)[0]["status"] == 404, "what stands in the path is one step of it"
    assert scene.get("core", "/explorer/nothing_of_the_kind").status_code == 404
    assert Client().get("/explorer/list_vouchers?ask=1").status_code == 302


def test_nothing_is_written_from_the_explorer(scene: Scene) -> None:
    page = scene.get("core", "/explorer/revoke_client?client_id=cli_1&ask=1").content.decode()
    assert wires(page) == [] and 'name="ask"' not in page
    assert scene.clients["core"].post("/explorer/list_vouchers?ask=1").status_code == 405


def test_who_oversees_leaves_the_line_of_the_look_that_the_api_leaves(scene: Scene) -> None:
    one = vouchers.vouchers(actor=SYSTEM).rows[0]
    before = len(access.reads(actor=SYSTEM, limit=200))
    scene.get("operator", f"/explorer/get_voucher?voucher_id={text('voucher', one.id)}&ask=1")
    after = access.reads(actor=SYSTEM, limit=200)
    assert len(after) == before + 1 and after[0].object_id == text("voucher", one.id)


def test_an_event_is_shown_as_the_feed_gives_it_and_as_webhooks_send_it(scene: Scene) -> None:
    page = scene.get("core", "/webhooks/events?type=voucher").content.decode()
    number = re.findall(r"/webhooks/events/(evt_[0-9A-Z]{26})", page)[0]
    answer, statements = asked(lambda: scene.get("core", f"/webhooks/events/{number}"))
    fed, sent = sorted(wires(answer.content.decode()), key=lambda one: "specversion" not in one)
    assert (fed["specversion"], fed["id"], sent["type"]) == ("1.0", number, fed["type"])
    assert sent["data"]["id"] == number and "amount" not in json.dumps(sent)
    assert len(statements) <= CEILING
    assert number not in scene.get("other bank", "/webhooks/events").content.decode()
    assert scene.get("other bank", f"/webhooks/events/{number}").status_code == 404


def test_every_event_of_the_feed_is_as_the_catalogue_says(scene: Scene) -> None:
    catalogue = json.loads(Client().get("/v1/asyncapi.json").content)
    messages, checks = catalogue["components"]["messages"], {}
    for fact in events.search(events.Sought(), limit=10_000):
        if fact.kind not in checks:
            whole = {**messages[fact.kind]["payload"], "components": catalogue["components"]}
            checks[fact.kind] = jsonschema_rs.validator_for(whole, validate_formats=True)
        checks[fact.kind].validate(event_body(fact).model_dump(mode="json"))
    assert len(checks) >= 20
