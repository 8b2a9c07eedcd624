"""Forms in several steps keep their answers: for the person alone, at the step left, and never over another window's."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from tests.builders.vouchers import CLAUSE, DUE, Company
from tests.interfaces.web.scene import Scene

from fourflow.interfaces.web import drafts, jobs, models
from fourflow.interfaces.web.addresses import text, to
from fourflow.platform.db.reading import reading

ANNOUNCE = "/limits/announce"


def answers(scene: Scene, **change: str) -> dict[str, str]:
    return {
        "core": text("party", scene.here.core.id),
        "currency": "USD",
        "sanctioned": "5000000.00",
        "valid_from": f"{scene.here.day}",
        "source": "credit approval 2014-17",
        **change,
    }


def version(body: str) -> str:
    found = re.search(r'name="draft" value="(\d+)"', body)
    assert found is not None
    return found.group(1)


def post(scene: Scene, who: str, path: str, given: dict[str, str], **how: Any) -> Any:
    return scene.clients[who].post(path, given, **how)


def test_a_form_is_left_and_found_again_at_its_step_by_its_person_alone(scene: Scene) -> None:
    shown = post(scene, "bank", ANNOUNCE, {**answers(scene), "draft": "0"})
    assert shown.status_code == 200 and 'value="approve"' in shown.content.decode()
    again = scene.get("bank", ANNOUNCE).content.decode()
    assert 'value="approve"' in again and "5,000,000.00" in again and "credit approval 2014-17" in again
    for other in ("bank checker", "other bank"):
        body = scene.get(other, ANNOUNCE).content.decode()
        assert "credit approval 2014-17" not in body and 'value="approve"' not in body, other
    for who, seen in (
        (scene.here.funder.maker, 1),
        (scene.here.funder.checker, 0),
        (scene.here.cast.operator.maker, 0),
    ):
        with reading(who):
            assert models.Draft.objects.count() == seen, "the database itself keeps it from others"
    # one step back, one answer changed, and done: the draft goes with it
    given = {**answers(scene, source="another paper"), "draft": version(again)}
    back = post(scene, "bank", ANNOUNCE, {**given, "outcome": "back"}).content.decode()
    assert 'value="another paper"' in back
    confirm = post(scene, "bank", ANNOUNCE, given).content.decode()
    token = re.search(r'name="token" value="([^"]+)"', confirm[confirm.index('<form class="act"') :])
    assert token is not None
    sent = {**given, "draft": version(confirm), "outcome": "approve", "token": token.group(1)}
    for _ in range(2):
        assert post(scene, "bank", ANNOUNCE, sent).status_code == 302, "a repeated press is answered"
    assert "another paper" not in scene.get("bank", ANNOUNCE).content.decode()


def test_two_windows_do_not_overwrite_each_other(scene: Scene) -> None:
    who, key = "bank", ANNOUNCE
    keep = {"draft_key": key, "draft": "0", "password": "secret-word", "code": "123456"}
    first = {**answers(scene, source="first window"), **keep}
    assert post(scene, who, "/drafts", first, headers={"accept": "application/json"}).json() == {"version": 1}
    same = post(scene, who, "/drafts", first)
    assert same["Location"] == key, "the same answers are no other ones"
    assert models.Draft.objects.get().answers.keys().isdisjoint({"password", "code", "token"})

    typed = {**answers(scene, source="second window"), **keep}
    told = post(scene, who, "/drafts", typed, headers={"accept": "application/json"})
    assert (told.status_code, told.json()["code"]) == (409, "draft.changed")
    asked = post(scene, who, "/drafts", typed)
    page = asked.content.decode()
    assert asked.status_code == 409 and "second window" in page and "secret-word" not in page
    assert "first window" in scene.get(who, key).content.decode(), "nothing is lost"
    step = post(scene, who, key, typed)
    assert step.status_code == 409 and "second window" in step.content.decode()
    assert "first window" in scene.get(who, key).content.decode()
    mine = dict(
        re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page[page.index('action="/drafts"') :])
    )
    assert post(scene, who, "/drafts", {name: unescape(value) for name, value in mine.items()}).status_code == 302
    assert "second window" in scene.get(who, key).content.decode()
    assert post(scene, who, "/drafts", {"draft_key": key, "drop": "yes"})["Location"] == key
    assert "second window" not in scene.get(who, key).content.decode()


def test_a_draft_ends_after_fourteen_days_and_only_forms_that_keep_have_one(scene: Scene) -> None:
    who, keep = "bank", {"draft_key": ANNOUNCE, "draft": "0"}
    assert post(scene, who, "/drafts", {**answers(scene, source="old words"), **keep}).status_code == 302
    with connection.cursor() as cursor:
        cursor.execute(
            "update web_draft set kept_at = kept_at - interval '15 days', ends_at = ends_at - interval '15 days'"
        )
    assert "old words" not in scene.get(who, ANNOUNCE).content.decode()
    assert post(scene, who, "/drafts", {**answers(scene), **keep}).status_code == 302
    assert models.Draft.objects.count() == 1, "what is over is deleted"
    assert jobs.forget_drafts() == 0, "what is not over stays"
    with connection.cursor() as cursor:
        cursor.execute("update web_draft set kept_at = now() - interval '15 days', ends_at = now() - interval '1 day'")
    assert [jobs.forget_drafts(), models.Draft.objects.count()] == [1, 0], "also of somebody who never comes back"
    for key in (
        "https://elsewhere.example/limits/announce",
        "//elsewhere.example/issue",
        "/team",
        "/limits",
        "no/such",
    ):
        refused = post(scene, who, "/drafts", {"draft_key": key, "draft": "0", "x": "y"})
        assert refused.status_code == 422, key
    long = {**keep, "draft": "1", "source": "x" * (drafts.LONGEST + 1)}
    assert post(scene, who, "/drafts", long).status_code == 422


def issuing(here: Company) -> str:
    return f"/issue?payable={text('payable', here.payable('9100.00').id)}"


def test_issuing_is_kept_for_each_payable_and_comes_back_as_the_preview(scene: Scene) -> None:
    here = scene.here
    key, other = issuing(here), issuing(here)
    terms = {
        "payable": key.partition("=")[2],
        "face": "4500.00",
        "due_on": DUE.isoformat(),
        "funder": text("party", here.funder.id),
        "contract_clause": CLAUSE,
    }
    preview = post(scene, "core", "/issue", {**terms, "draft": "0"})
    assert preview.status_code == 200 and 'name="voucher"' in preview.content.decode()
    again = scene.get("core", key).content.decode()
    assert 'name="voucher"' in again and 'value="4500.00"' in again
    assert 'value="4500.00"' not in scene.get("core", other).content.decode()
    kept = {**terms, "face": "4100.00", "draft_key": key, "draft": version(again)}
    assert post(scene, "core", "/drafts", kept)["Location"] == key
    left = scene.get("core", key).content.decode()
    assert 'value="4100.00"' in left and 'name="voucher"' not in left, "terms that were changed are not signed yet"


@pytest.mark.requirement("R111")
def test_every_bank_is_asked_and_prices_that_still_hold_are_there_again(scene: Scene) -> None:
    part = scene.here.held("3300.00")
    path = to("holding", part.id, "/cash")
    client: Client = scene.clients["supplier"]
    first = client.get(path).content.decode()
    assert "Keep for later" in first and 'class="card quote' not in first
    token = re.search(r'name="token" value="([^"]+)"', first[first.index('id="amount"') - 400 :])
    assert token is not None
    asked = client.post(path, {"token": token.group(1), "amount": "2000.00", "draft": "0"})
    prices = set(re.findall(r'href="(/quotes/[^"]+)"', asked.content.decode()))
    body = asked.content.decode()
    assert prices and all(bank.name in body for bank in scene.here.cast.funders)
    again = client.get(path).content.decode()
    assert 'value="2000.00"' in again and set(re.findall(r'href="(/quotes/[^"]+)"', again)) == prices
    assert "2000.00" not in scene.get("core", "/holdings").content.decode()
