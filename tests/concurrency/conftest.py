"""Options of the tests that kill."""

from __future__ import annotations

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--crash-points", default="12", help="'all': every class of commit; otherwise 12 seeded points")


@pytest.fixture(scope="session")
def every_class(request: pytest.FixtureRequest) -> bool:
    """Whether every class of commit is to be tried (``make crash``)."""
    chosen = request.config.getoption("--crash-points", default=None) or os.environ.get("FOURFLOW_CRASH_POINTS", "12")
    return str(chosen) == "all"
