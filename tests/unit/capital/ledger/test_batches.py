"""What a batch may be, and how amounts are written for other programs."""

from __future__ import annotations

import pytest
from tests.builders.entries import entry, key

from fourflow.capital.ledger.domain import batch
from fourflow.capital.ledger.domain.exports import amount_text
from fourflow.capital.ledger.types import BatchSizeWrong, Chart, ReferenceMissing
from fourflow.platform.money import Money

A, B = key(Chart.AP_VOUCHER), key(Chart.AP_OPEN)


def test_a_batch_has_one_to_ten_thousand_entries_and_a_reference() -> None:
    one = entry(A, B, 1)
    batch.check([one], "r")
    batch.check([one] * 10_000, "r")
    for wrong in ([], [one] * 10_001):
        with pytest.raises(BatchSizeWrong):
            batch.check(wrong, "r")
    with pytest.raises(ReferenceMissing):
        batch.check([one], "")


def test_a_batch_touches_the_accounts_of_both_sides() -> None:
    assert batch.keys([entry(A, B, 1)]) == {A, B}


def test_amounts_are_written_with_the_decimals_of_their_currency() -> None:
    assert amount_text(Money(5, "USD")) == "0.05"
