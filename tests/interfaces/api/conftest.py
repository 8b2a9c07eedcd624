"""The company of a story, signed in at the API: built once, everything after it is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.builders import api
from tests.scenes import Scenes


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Any) -> None:
    api.cheap_passwords(settings)


@pytest.fixture(scope="module")
def founded(scenes: Scenes) -> Iterator[api.World]:
    with scenes.standing(api.world) as found:
        yield found


@pytest.fixture
def world(founded: api.World, db: None) -> api.World:
    """Sessions of the test's own, under the tokens that the scene's people were given."""
    return founded.again()


@pytest.fixture(autouse=True)
def generous_quota(settings: Any) -> None:
    """Tests call faster than a client may; those about rates set a quota of their own."""
    settings.API_QUOTA = (1_000_000, 60)
