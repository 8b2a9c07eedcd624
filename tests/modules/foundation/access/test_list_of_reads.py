"""A party's list of who looked at it is led by indexes to its few lines, however long everybody's log is."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.builders import parties

from fourflow.foundation.access import models, queries
from fourflow.foundation.parties.types import Actor
from fourflow.platform.db.reading import reading
from fourflow.platform.db.visibility import grant
from fourflow.platform.ids import new_id

pytestmark = pytest.mark.django_db(transaction=True)

NOW = parties.NOON
#: blocks; a reading of everybody's lines takes 60,000, and what other tests left behind in the same tables costs some
FEW = 1_000
MANY = """
insert into access_read (id, reader_person_id, session_id, organisation_id, subject_party_id, visible_id, data_class, what,
    object_id, filters, purpose, authorisation_number, read_at)
select gen_random_uuid(), %(person)s, '', %(organisation)s, case when n %% 2 = 0 then gen_random_uuid() end,
    case when n %% 2 = 1 then gen_random_uuid() end, 'restricted', 'vouchers', '', '', 'supervision', 'rec_1',
    %(at)s + n * interval '1 second' from generate_series(1, 30000) n
"""


def line(reader: Actor, days: int, **about: Any) -> models.Read:
    """A look some days before the many others."""
    return models.Read.objects.create(
        reader_person_id=reader.person_id,
        organisation_id=reader.organisation_id,
        data_class="restricted",
        what="vouchers",
        purpose="supervision",
        authorisation_number="rec_1",
        read_at=NOW - timedelta(days=days),
        **about,
    )


def blocks(actor: Actor, **asked: Any) -> int:
    """Of how many blocks (8 KiB) the list is made, as the doors read it."""
    with reading(actor), CaptureQueriesContext(connection) as ran:
        queries.reads(actor, **asked)
        with connection.cursor() as cursor:
            cursor.execute("explain (analyze, buffers, format json) " + ran.captured_queries[-1]["sql"])
            found = cursor.fetchone()[0]
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def test_the_list_of_a_party_with_few_lines_reads_few_blocks_of_a_long_log(
    raw: Callable[[str], psycopg.Connection[Any]],
) -> None:
    operator = parties.operator()
    reader, firm = parties.regulator(operator).viewer, parties.supplier(operator)
    theirs, unseen = new_id(), new_id()
    grant(theirs, [firm.id], "holder")
    about = line(reader, 3, subject_party_id=firm.id)
    both = line(reader, 2, subject_party_id=firm.id, visible_id=theirs)
    theirs_only = line(reader, 1, visible_id=theirs)
    line(reader, 1, visible_id=unseen)
    with raw("superuser") as session:
        session.execute(MANY, {"person": reader.person_id, "organisation": reader.organisation_id, "at": NOW})
        session.execute("analyze access_read")
        session.execute("analyze platform_visibility")

    with reading(firm.viewer):
        assert [one.id for one in queries.reads(firm.viewer)] == [theirs_only.id, both.id, about.id]
        assert [one.id for one in queries.reads(firm.viewer, after=theirs_only.id, limit=1)] == [both.id]
        assert [one.id for one in queries.reads(firm.viewer, sort="at", after=about.id)] == [both.id, theirs_only.id]
    assert blocks(firm.viewer) < FEW
    assert blocks(firm.viewer, after=both.id) < FEW
    assert blocks(firm.viewer, what=["vouchers"], since=NOW - timedelta(days=9)) < FEW
    assert blocks(reader, limit=50) < FEW
