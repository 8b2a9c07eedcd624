"""Going through a form as a browser would: asking, confirming, pressing twice, and reading what was refused."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from tests.interfaces.web import seed
from tests.interfaces.web.scene import Scene, fields

from fourflow.platform.events import queries as events

STRANGER = "00000000000000000000000000"


def ask(scene: Scene, who: str, path: str, **given: Any) -> Any:
    """The first press: every field is read, nothing is written."""
    return scene.clients[who].post(path, given)


def act(scene: Scene, who: str, path: str, **given: Any) -> Any:
    """Form, confirmation, and the confirming press twice: the second one is answered, not performed."""
    shown = ask(scene, who, path, **given)
    assert shown.status_code == 200, problems(shown)
    return confirm(scene, who, path, shown)


def confirm(scene: Scene, who: str, path: str, shown: Any) -> Any:
    """The press goes where the page sends it, which has to be the page itself, with all of its address."""
    given = {**fields(shown), **several(shown), "outcome": "approve", "password": seed.PASSWORD}
    assert sent_to(shown) == path, "the address names what is decided"
    done = scene.clients[who].post(path, given)
    assert done.status_code == 302, problems(done)
    assert scene.clients[who].post(path, given)["Location"] == done["Location"]
    return done


def sent_to(answer: Any) -> str:
    """Where a browser sends the confirming press."""
    found = re.search(r'<form class="act" method="post" action="([^"]*)"', answer.content.decode())
    assert found is not None
    return unescape(found[1])


def several(answer: Any) -> dict[str, list[str]]:
    """Hidden fields that stand more than once."""
    body = answer.content.decode()
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', body[body.index('<form class="act"') :])
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(unescape(value))
    return {name: values for name, values in found.items() if len(values) > 1}


def problems(answer: Any) -> dict[str, str]:
    """Field → the code shown beside it; ``""`` for the note above the form."""
    body = answer.content.decode()
    beside = re.findall(r'id="([a-z_0-9]+)-error">.*?<span class="id">([a-z_.]+)</span>', body)
    above = re.findall(r'<ul class="problems"><li>([^<]*)', body)
    return {**dict(beside), **({"": above[0]} if above else {})}


def kinds(object_id: Any) -> list[str]:
    return [event.kind for event in events.of_subject(object_id)]
