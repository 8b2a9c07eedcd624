"""The company of a story, signed in at the API."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import api


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Any) -> None:
    api.cheap_passwords(settings)


@pytest.fixture
def world(db: None, cheap_passwords: None) -> api.World:
    return api.world()


@pytest.fixture(autouse=True)
def generous_quota(settings: Any) -> None:
    """Tests call faster than a client may; those about rates set a quota of their own."""
    settings.API_QUOTA = (1_000_000, 60)
