"""The financing desk's company, on its own day: its people subscribe."""

import pytest
from tests.builders.financing import Desk
from tests.modules.capital.financing.conftest import desk, founded

from fourflow.platform import clock

__all__ = ["desk", "founded"]


@pytest.fixture(autouse=True)
def its_day(desk: Desk) -> None:
    clock.found("sandbox", desk.now)
