"""One company for all tests of a file: committed once, everything after it is rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.builders import vouchers as build
from tests.conftest import CLEAN, _connect


@pytest.fixture(scope="module")
def founded(server: str, test_database: str, django_db_setup: None, django_db_blocker: Any) -> Iterator[build.Company]:
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        found = build.company()
    yield found
    with _connect(server, dbname=test_database) as admin:
        admin.execute(CLEAN)


@pytest.fixture
def company(founded: build.Company, db: None) -> build.Company:
    return founded
