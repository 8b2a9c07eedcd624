"""Messages on the pages and at the API: one's own, and how one wants to be told."""

from __future__ import annotations

import re

from tests.interfaces.web.scene import Scene
from tests.interfaces.web.seed import tell

from fourflow.interfaces.web.addresses import to


def token(page: str) -> str:
    found = re.search(r'<main.*?name="token" value="([^"]+)"', page, re.S)
    assert found
    return found.group(1)


def test_a_message_leads_to_what_it_is_about_and_is_its_persons_alone(scene: Scene) -> None:
    voucher = scene.here.offered("6100.00")
    tell(scene.here)
    page = scene.get("supplier", "/messages").content.decode()
    assert f'href="{to("voucher", voucher.id)}"' in page and "A voucher is offered to you" in page
    assert "6,100.00" not in page
    for other in ("core", "fourth", "operator", "bank"):
        assert to("voucher", voucher.id) not in scene.get(other, "/messages").content.decode(), other


def test_a_person_chooses_how_it_is_told_and_security_stays(scene: Scene) -> None:
    path, client = "/messages/settings", scene.clients["second"]
    page = client.get(path).content.decode()
    assert 'name="security"' not in page
    given = {"token": token(page), "language": "en", "offer": "daily", "payment": "off"}
    for _ in range(2):
        assert client.post(path, given)["Location"] == path
    kept = client.get(path).content.decode()
    assert len(re.findall(r'value="(?:daily|off)" selected', kept)) == 2
    for wrong in ({"offer": "never"}, {"security": "off"}):
        refused = client.post(path, {**given, "token": token(client.get(path).content.decode()), **wrong})
        assert refused.status_code == 422, wrong
