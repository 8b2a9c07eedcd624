"""Sandbox parties as fixtures: shared ones for questions, fresh ones for accidents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.interfaces.sandbox.party import Party, bank, free_ports, two_banks


@pytest.fixture(scope="module")
def banks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Party, Party]]:
    """Both banks, shared by a module's tests, which use accounts and references of their own."""
    with two_banks(tmp_path_factory.mktemp("banks")) as pair:
        yield pair


@pytest.fixture
def own_banks(tmp_path: Path) -> Iterator[tuple[Party, Party]]:
    """Both banks for one test that kills, stops or moves them."""
    with two_banks(tmp_path) as pair:
        yield pair


@pytest.fixture
def alfa(tmp_path: Path) -> Iterator[Party]:
    """One bank for one test."""
    party = bank("ALFA", tmp_path, free_ports(1)[0]).start()
    yield party
    party.stop()


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Party]:
    """The registry, shared by a module's tests."""
    party = Party(["registry"], tmp_path_factory.mktemp("registry"), free_ports(1)[0]).start()
    yield party
    party.stop()
