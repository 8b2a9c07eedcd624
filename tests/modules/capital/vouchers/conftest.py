"""One company for all tests of a file: committed once, everything after it is rolled back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.builders import vouchers as build
from tests.scenes import Scenes


@pytest.fixture(scope="module")
def founded(scenes: Scenes) -> Iterator[build.Company]:
    with scenes.standing(build.company) as found:
        yield found


@pytest.fixture
def company(founded: build.Company, db: None) -> build.Company:
    return founded
