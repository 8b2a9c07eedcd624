"""Height of rows and size of letters: chosen once, kept with the sign-in, on every page of every browser, without a script."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests.browsing import ROOT
from tests.interfaces.web import seed
from tests.interfaces.web.scene import Scene

from fourflow.interfaces.web import display


def chosen(body: str) -> tuple[str, str]:
    found = re.search(r'<html [^>]*data-density="(\w+)" data-letters="(\w+)"', body)
    assert found is not None
    return found.group(1), found.group(2)


def test_a_person_chooses_rows_and_letters_for_every_page(scene: Scene) -> None:
    client = scene.clients["core"]
    assert chosen(client.get("/vouchers").content.decode()) == ("regular", "regular")
    answer = client.post("/me", {"act": "display", "rows": "compact", "letters": "large"})
    cookie = answer.cookies[display.COOKIE]
    assert answer.status_code == 302 and cookie["httponly"] and cookie["max-age"] == 365 * 24 * 3600
    for path in ("/vouchers", "/inbox", "/me"):
        assert chosen(client.get(path).content.decode()) == ("compact", "large")
    assert '<option value="compact" selected>' in client.get("/me").content.decode()
    second = Client(headers={"accept-language": "en"})
    second.post("/sign-in", {"email": seed.email(scene.here.cast.core, "maker"), "password": seed.PASSWORD})
    assert chosen(second.get("/vouchers").content.decode()) == ("compact", "large"), (
        "another browser of the same person"
    )
    assert chosen(scene.clients["supplier"].get("/vouchers").content.decode()) == ("regular", "regular"), (
        "nobody else's"
    )
    client.post("/me", {"act": "display", "rows": "regular", "letters": "regular"})
    assert chosen(client.get("/vouchers").content.decode()) == ("regular", "regular")


@pytest.mark.parametrize("kept", ['"><script>.large', "compact", "....", "huge.tiny", "compact.large.more"])
def test_what_a_browser_made_up_is_the_regular_display(scene: Scene, kept: str) -> None:
    client = scene.clients["supplier"]
    client.cookies[display.COOKIE] = kept
    rows, letters = chosen(client.get("/vouchers").content.decode())
    assert rows in {one.value for one in display.ROWS} and letters in {one.value for one in display.LETTERS}


def test_every_choice_has_its_measure() -> None:
    css = (ROOT / "src/fourflow/interfaces/web/assets/css/tokens.css").read_text()
    assert re.search(r"--row: 36px", css)
    assert 'data-density="comfortable"] { --row: 44px; }' in css and 'data-density="compact"] { --row: 30px; }' in css
    assert re.search(r'data-letters="large"\] body \{ zoom: 1\.\d', css)
    assert {one.value for one in display.ROWS} == {"regular", "comfortable", "compact"}
