"""Which expectation a payment belongs to, and how sure that is."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from fourflow.capital.settlement.domain.matching import suggest
from fourflow.capital.settlement.types import (
    BankAccountId,
    BankEntry,
    Direction,
    ExpectationId,
    Expected,
    MatchBasis,
    Suggestion,
)
from fourflow.platform.money import Money

DAY = date(2014, 3, 3)


def expects(number: int, amount: int, reference: str = "", payer: str = "Programme", account: str = "100") -> Expected:
    return Expected(
        id=ExpectationId(UUID(int=number)),
        reference=reference or f"VCH-{number}",
        payee_account_id=BankAccountId(UUID(int=999)),
        open_amount=Money(amount, "USD"),
        due_on=date(2014, 3, number),
        payer_name=payer,
        payer_account_number=account,
    )


def arrives(amount: int, text: str = "", payer: str = "", account: str = "", currency: str = "USD") -> BankEntry:
    money = Money(amount, currency)
    return BankEntry(
        "200", currency, "b1", Direction.CREDIT, money, DAY, DAY,
        remittance=text, counterparty=payer, counterparty_account=account,
    )  # fmt: skip


def ids(suggestion: Suggestion) -> list[int]:
    return [share.expectation_id.int for share in suggestion.shares]


def test_a_payment_that_names_its_reference_and_pays_it_in_full_is_certain() -> None:
    (first, *_) = suggest(arrives(300, "payment of VCH-2, thanks"), [expects(1, 300), expects(2, 300)])
    assert (first.basis, first.certain, ids(first)) == (MatchBasis.REFERENCE, True, [2])


def test_a_part_payment_with_a_reference_is_certain_for_its_part() -> None:
    (only,) = suggest(arrives(120, "vch-2"), [expects(2, 300)])
    assert only.certain and only.shares[0].amount == Money(120, "USD")


def test_an_overpayment_fills_the_reference_and_leaves_the_rest_to_a_person() -> None:
    (only,) = suggest(arrives(350, "VCH-2"), [expects(2, 300)])
    assert not only.certain
    assert only.shares[0].amount == Money(300, "USD") and only.facts["left_over"] == "0.50 USD"


def test_a_longer_reference_is_not_mistaken_for_a_shorter_one() -> None:
    assert suggest(arrives(5, "VCH-21"), [expects(2, 300)]) == ()


def test_full_width_and_lower_case_references_are_recognised() -> None:
    (only,) = suggest(arrives(300, "ｖｃｈ－２"), [expects(2, 300)])
    assert only.certain


def test_one_payment_for_two_named_references_is_shared_out() -> None:
    (first, *_) = suggest(arrives(500, "VCH-1 + VCH-2"), [expects(2, 300), expects(1, 200)])
    assert first.certain and ids(first) == [1, 2]


def test_too_little_for_two_named_references_is_not_certain() -> None:
    (first, *_) = suggest(arrives(400, "VCH-1 + VCH-2"), [expects(2, 300), expects(1, 200)])
    assert not first.certain and [s.amount.minor for s in first.shares] == [200, 200]


def test_amount_and_account_point_to_one_expectation() -> None:
    (only,) = suggest(arrives(300, account="100"), [expects(2, 300), expects(3, 301)])
    assert (only.basis, only.certain, ids(only)) == (MatchBasis.AMOUNT_AND_PARTY, True, [2])


def test_a_name_alone_is_a_proposal_and_no_more() -> None:
    (only,) = suggest(arrives(300, payer="PROGRAMME"), [expects(2, 300)])
    assert only.basis is MatchBasis.AMOUNT_AND_PARTY and not only.certain


def test_two_equal_debts_are_both_proposed_the_older_first() -> None:
    found = suggest(arrives(300, account="100"), [expects(3, 300), expects(2, 300)])
    assert [(ids(s), s.certain) for s in found] == [([2], False), ([3], False)]


def test_a_set_of_open_amounts_that_adds_up_is_proposed() -> None:
    found = suggest(arrives(600, account="100"), [expects(1, 100), expects(2, 200), expects(3, 400)])
    assert [(s.basis, ids(s), s.certain) for s in found] == [(MatchBasis.AMOUNT_SET, [2, 3], False)]


def test_money_of_a_stranger_suggests_nothing() -> None:
    assert suggest(arrives(300, payer="Nobody", account="666"), [expects(2, 300)]) == ()


def test_another_currency_never_matches() -> None:
    assert suggest(arrives(300, "VCH-2", currency="CNY"), [expects(2, 300)]) == ()


@given(
    st.integers(1, 2000),
    st.lists(st.integers(1, 500), max_size=20),
    st.sampled_from(["", "VCH-1", "VCH-1 VCH-2", "VCH-3/VCH-4"]),
    st.sampled_from(["", "100", "777"]),
)
def test_no_suggestion_gives_out_more_than_arrived_or_than_is_open(
    amount: int, opens: list[int], text: str, account: str
) -> None:
    waiting = [expects(i % 28 + 1, o) for i, o in enumerate(opens)]
    open_by_id = {e.id: e.open_amount for e in waiting}
    certain = 0
    for suggestion in suggest(arrives(amount, text, account=account), waiting):
        assert sum(share.amount.minor for share in suggestion.shares) <= amount
        assert all(0 < share.amount.minor <= open_by_id[share.expectation_id].minor for share in suggestion.shares)
        certain += suggestion.certain
        if suggestion.certain:
            assert sum(share.amount.minor for share in suggestion.shares) == amount
    assert certain <= 2
