"""The seeded company with a signed-in client for each person, for tests that read pages without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.test.utils import override_settings
from tests.builders.vouchers import Company
from tests.interfaces.web import seed
from tests.scenes import Scenes, outermost


@dataclass
class Scene:
    """The company, and a signed-in client for each person."""

    here: Company
    clients: dict[str, Client]

    def get(self, who: str, path: str) -> Any:
        return self.clients[who].get(path)


def quick() -> Any:
    """Pages without built files, and passwords that cost nothing."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    return override_settings(
        STORAGES={**settings.STORAGES, "staticfiles": plain},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    )


def signed_in() -> tuple[Company, dict[str, str]]:
    """The company, and the cookies of each person."""
    with quick():
        here = seed.seed(rows=2)
        cast = here.cast
        people = {
            "core": (cast.core, "maker"),
            "core checker": (cast.core, "checker"),
            "supplier": (cast.suppliers[0], "maker"),
            "second": (cast.suppliers[1], "maker"),
            "fourth": (cast.suppliers[3], "maker"),
            "bank": (cast.funders[0], "maker"),
            "bank checker": (cast.funders[0], "checker"),
            "other bank": (cast.funders[1], "maker"),
            "operator": (cast.operator, "maker"),
            "operator checker": (cast.operator, "checker"),
            "regulator": (cast.regulator, "viewer"),
        }
        cookies = {}
        for who, (firm, person) in people.items():
            client = Client()
            answer = client.post("/sign-in", {"email": seed.email(firm, person), "password": seed.PASSWORD})
            assert answer.status_code == 302, who
            cookies[who] = client.cookies.output(header="", sep=";")
    return here, cookies


@pytest.fixture(scope="module")
def scene(scenes: Scenes, django_db_blocker: Any) -> Iterator[Scene]:
    """One seeded database for the whole file, rolled back at its end; the seeding itself happens once a worker."""
    standing = scenes.standing(signed_in)
    with standing as (here, cookies), quick(), django_db_blocker.unblock(), outermost(undone=True):
        clients = {who: Client(headers={"accept-language": "en"}) for who in cookies}
        for who, client in clients.items():
            client.cookies.load(cookies[who])
        yield Scene(here, clients)


def fields(answer: Any) -> dict[str, str]:
    """The hidden fields of the decision area, as a browser would send them back."""
    body = answer.content.decode()
    area = body[body.index('<form class="act"') :]
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', area[: area.index("</form>")])
    return {name: unescape(value) for name, value in pairs if name != "csrfmiddlewaretoken"}
