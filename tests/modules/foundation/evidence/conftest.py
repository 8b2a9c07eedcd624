"""A log with a key, a head file and witnesses that behave as C2SP tlog-witness says."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.builders.evidence_log import LocalWitness

from fourflow.foundation.evidence.adapters.home import HeadFile, LocalKey
from fourflow.foundation.evidence.ports import Log


@pytest.fixture
def signer() -> LocalKey:
    return LocalKey(b"k" * 32, "log.example/module-tests")


@pytest.fixture
def bank(signer: LocalKey) -> LocalWitness:
    return LocalWitness("bank-a.example", signer)


@pytest.fixture
def log(signer: LocalKey, bank: LocalWitness, tmp_path: Path) -> Log:
    return Log(signer=signer, head=HeadFile(tmp_path / "head.txt"), witnesses=(bank,))
