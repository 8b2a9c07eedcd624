"""Views that people keep of a list: for whom, what they keep of the address, and what is no view."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from tests.interfaces.web.scene import Scene
from tests.interfaces.web.test_lists import heads, rows
from tests.scenes import outermost

from fourflow.interfaces.web import models
from fourflow.platform.db.reading import reading
from fourflow.platform.ids import new_id


@pytest.fixture(autouse=True)
def undone(scene: Scene, django_db_blocker: Any) -> Iterator[None]:
    """What a test keeps is undone after it."""
    with django_db_blocker.unblock(), outermost(undone=True):
        yield


def kept(scene: Scene, who: str, query: str, name: str, act: str = "new", path: str = "/vouchers", **more: str) -> Any:
    given = {"token": new_id().hex, "path": path, "query": query, "name": name, "act": act, **more}
    return scene.clients[who].post("/views", given)


def views(body: str) -> dict[str, str]:
    """The views that a list offers, with their addresses."""
    nav = body[body.index('<nav class="views"') :]
    found = re.findall(r'<a href="([^"]+)"[^>]*>(.*?)</a>', nav[: nav.index("</nav>")], re.S)
    return {re.sub(r"<[^>]+>", "", words).strip(): unescape(href) for href, words in found}


class TestSavedViews:
    def test_a_view_keeps_filters_order_and_columns_for_its_owner_alone(self, scene: Scene) -> None:
        query = "state=offered&sort=-face&columns=face&cursor=3&view=all&id=x"
        done = kept(scene, "core", query, "  Large   offers ")
        assert done.status_code == 302
        page = scene.get("core", done["Location"]).content.decode()
        assert heads(page) == ["Number", "Face"] and "cursor" not in done["Location"]
        assert views(page)["Large offers"] == done["Location"]
        shown = rows(page)
        assert shown == rows(scene.get("core", "/vouchers?state=offered&sort=-face").content.decode())
        for other in ("core checker", "operator", "supplier"):
            assert "Large offers" not in views(scene.get(other, "/vouchers").content.decode()), other
        # whoever is sent the address sees the same list, without the view
        assert rows(scene.get("core checker", done["Location"]).content.decode()) == shown
        with reading(scene.here.core.checker):
            assert models.SavedView.objects.count() == 0, "the database itself keeps it from others"
        with reading(scene.here.cast.operator.maker):
            assert models.SavedView.objects.count() == 0
        with reading(scene.here.core.maker):
            assert models.SavedView.objects.count() == 1

    def test_a_view_is_renamed_becomes_the_default_and_is_deleted(self, scene: Scene) -> None:
        made = kept(scene, "core", "state=active", "Active ones")["Location"]
        view = parse_qsl(made)[-1][1]
        renamed = kept(scene, "core", "state=active", "What runs", "change", view=view, default="yes")
        assert renamed.status_code == 302
        opened = scene.get("core", "/vouchers")
        assert opened.status_code == 302 and opened["Location"] == renamed["Location"]
        assert scene.get("core", "/vouchers?view=all").status_code == 200
        assert scene.get("core", "/vouchers?format=xlsx").status_code == 200
        page = scene.get("core", renamed["Location"]).content.decode()
        assert "What runs" in views(page) and "Active ones" not in views(page)
        second = kept(scene, "core", "", "Everything", default="yes")["Location"]
        assert scene.get("core", "/vouchers")["Location"] == second, "one default a list"
        assert kept(scene, "core", "", "What runs", "change", view=parse_qsl(second)[-1][1]).status_code == 422
        kept(scene, "core", "", "", "drop", view=parse_qsl(second)[-1][1])
        assert scene.get("core", "/vouchers").status_code == 200
        assert "Everything" not in views(scene.get("core", "/vouchers").content.decode())

    def test_a_view_without_dates_keeps_the_dates_that_are_set(self, scene: Scene) -> None:
        kept(scene, "bank", "state=active", "Active")
        kept(scene, "bank", "due%5Bgte%5D=2014-06-01", "From June")
        page = scene.get("bank", "/vouchers?due[gte]=2014-05-01&state=offered").content.decode()
        told = {name: dict(parse_qsl(urlsplit(href).query)) for name, href in views(page).items()}
        assert told["Active"]["due[gte]"] == "2014-05-01" and told["Active"]["state"] == "active"
        assert told["From June"]["due[gte]"] == "2014-06-01"

    def test_a_view_is_changed_without_taking_in_the_dates_that_are_set(self, scene: Scene) -> None:
        view = parse_qsl(kept(scene, "bank", "state=active", "What runs")["Location"])[-1][1]
        shown = scene.get("bank", f"/vouchers?state=active&due[gte]=2014-05-01&view={view}").content.decode()
        assert 'name="dated" value="due[gte]"' in shown and 'name="dates" value="yes">' in shown, "it keeps none so far"
        asked = {"query": "state=active&sort=-face&due%5Bgte%5D=2014-05-01", "name": "What runs", "view": view}
        without = kept(scene, "bank", act="change", dated="due[gte]", **asked)["Location"]
        assert "due" not in without and "sort=-face" in without
        assert "2014-05-01" in kept(scene, "bank", act="change", dated="due[gte]", dates="yes", **asked)["Location"]
        again = scene.get("bank", f"/vouchers?due[gte]=2014-05-01&view={view}").content.decode()
        assert 'name="dates" value="yes" checked>' in again

    def test_the_name_of_a_view_is_never_markup(self, scene: Scene) -> None:
        kept(scene, "fourth", "q=%3Cb%3E", "<script>alert(1)</script>")
        page = scene.get("fourth", "/vouchers").content.decode()
        assert "<script>alert" not in page and "&lt;script&gt;alert" in page

    @pytest.mark.parametrize(
        ("given", "status"),
        [
            ({"path": "//elsewhere.example"}, 422),
            ({"path": "/vouchers?x=1"}, 422),
            ({"name": " "}, 422),
            ({"name": "x" * 41}, 422),
            ({"query": "q=" + "x" * 1500}, 422),
            ({"act": "change", "view": "viw_00000000000000000000000000"}, 404),
        ],
    )
    def test_what_is_no_view_is_refused(self, scene: Scene, given: dict[str, str], status: int) -> None:
        asked = {"path": "/vouchers", "query": "", "name": "A view", **given}
        answer = kept(scene, "core", asked.pop("query"), asked.pop("name"), **asked)
        assert answer.status_code == status

    def test_a_person_keeps_at_most_thirty_views_of_a_list(self, scene: Scene) -> None:
        answers = [kept(scene, "regulator", "", f"View {n}").status_code for n in range(31)]
        assert answers == [302] * 30 + [409]
