"""Where a journey begins: a desk with banks, lines and offers, standing once for a file, each test's own acts undone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.builders import financing
from tests.builders.financing import Desk
from tests.builders.refusals import settle
from tests.scenes import Scenes


@pytest.fixture(scope="module")
def founded(scenes: Scenes) -> Iterator[Desk]:
    with scenes.standing(financing.desk) as desk:
        yield desk


@pytest.fixture
def here(founded: Desk, db: None) -> Iterator[Desk]:
    yield founded
    settle()
