"""What a confirmed payable stands on: a document of its claim's kind, and days in the order in which trade happens."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fourflow.capital.claims.domain.ground import NEEDED, check_documents, check_sequence
from fourflow.capital.claims.types import DocumentRef, DocumentsMissing, Scheme, SequenceWrong

TODAY, DAY = date(2026, 3, 31), timedelta(days=1)


@pytest.mark.parametrize("scheme", Scheme)
def test_a_claim_is_about_a_document_of_its_own_kind(scheme: Scheme) -> None:
    check_documents(scheme, [DocumentRef("photograph", "1"), DocumentRef(NEEDED[scheme], "2")])
    for documents in ([], [DocumentRef("photograph", "1")]):
        with pytest.raises(DocumentsMissing) as refused:
            check_documents(scheme, documents)
        assert refused.value.params == {"field": "documents", "expected": NEEDED[scheme]}


def test_goods_may_come_on_the_day_of_the_word_and_a_debt_fall_due_on_that_of_the_goods() -> None:
    check_sequence(delivered_on=TODAY, today=TODAY, due_date=TODAY)
    check_sequence(delivered_on=None, today=TODAY, due_date=TODAY - DAY)


@pytest.mark.parametrize(
    ("delivered_on", "due_date", "field"),
    [(TODAY + DAY, TODAY + 2 * DAY, "delivered_on"), (TODAY, TODAY - DAY, "due_date")],
)
def test_days_out_of_order_are_told_by_field(delivered_on: date, due_date: date, field: str) -> None:
    with pytest.raises(SequenceWrong) as refused:
        check_sequence(delivered_on=delivered_on, today=TODAY, due_date=due_date)
    assert refused.value.params["field"] == field
