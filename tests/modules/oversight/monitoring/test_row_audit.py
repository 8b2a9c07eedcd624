"""The audit of rows goes on behind a row that its module cannot even read, and says whose it is."""

from __future__ import annotations

from datetime import date

import pytest
from tests.builders import documents as build

from fourflow.config import wiring
from fourflow.oversight.insight import models as insight
from fourflow.oversight.insight.types import About
from fourflow.oversight.monitoring import queries
from fourflow.platform.ids import new_id
from fourflow.trade.documents import models as documents

pytestmark = pytest.mark.django_db


@pytest.mark.requirement("R392")
def test_a_row_that_cannot_be_read_is_named_with_its_module_and_hides_no_other_module() -> None:
    buyer = build.buyer()
    documents.Order.objects.create(
        buyer_id=buyer.organisation_id, seller="A seller", number="0", currency="USD", refs=[["no such kind", "1"]]
    )
    build.import_scms(buyer, build.scms_file([build.scms_row()]))
    unknown = insight.Request.objects.create(
        organisation_id=new_id(),
        about=About.PARTY.value,
        subject_id=new_id(),
        purpose="supervision",
        authority="letter 1",
        asked_by=new_id(),
        asked_at=build.NOON,
        answer_by=date(2015, 10, 8),
    )

    found = queries.audit_rows(wiring.EVIDENCED).findings

    assert [(one.table, one.key) for one in found] == [("documents", ""), ("insight_request", str(unknown.id))]
    assert found[0].problem.startswith("a row cannot be read") and "no such kind" in found[0].problem
    assert found[1].problem == "no event knows this row"
