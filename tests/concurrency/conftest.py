"""Options of the tests that kill."""

from __future__ import annotations

import os

import pytest

SEEDED = "seeded"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--crash-points",
        default=None,
        help="'all': every class of commit; 'seeded': twelve of them; any other text: those whose name contains it",
    )


@pytest.fixture(scope="session")
def wanted(request: pytest.FixtureRequest) -> str | None:
    """What the names of the deaths to try contain: '' for every class (``make crash``), None for twelve seeded ones."""
    chosen = request.config.getoption("--crash-points", default=None) or os.environ.get("FOURFLOW_CRASH_POINTS", SEEDED)
    return {SEEDED: None, "all": ""}.get(str(chosen), str(chosen))
