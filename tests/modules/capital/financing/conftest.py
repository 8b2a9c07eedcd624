"""One company with accounts and a second line for all tests of a file: committed once, everything after it is rolled back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.builders import financing as build
from tests.scenes import Scenes


@pytest.fixture(scope="module")
def founded(scenes: Scenes) -> Iterator[build.Desk]:
    with scenes.standing(build.desk) as found:
        yield found


@pytest.fixture
def desk(founded: build.Desk, db: None) -> build.Desk:
    return founded
