"""Check characters of GB 32100 and ISO 17442: which slips of the pen are found."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fourflow.foundation.parties.domain.identifiers import (
    USCC_ALPHABET,
    lei_check_digits,
    normalise,
    uscc_check_character,
)
from fourflow.foundation.parties.types import Identifier, IdentifierInvalid, IdentifierScheme

USCC, LEI, SANDBOX = IdentifierScheme.USCC, IdentifierScheme.LEI, IdentifierScheme.SANDBOX

uscc = st.text(USCC_ALPHABET, min_size=17, max_size=17).map(lambda body: body + uscc_check_character(body))
lei = st.text(string.digits + string.ascii_uppercase, min_size=18, max_size=18).map(lambda b: b + lei_check_digits(b))


def is_valid(scheme: IdentifierScheme, text: str) -> bool:
    try:
        normalise(scheme, text)
    except IdentifierInvalid:
        return False
    return True


def test_the_example_of_the_standard_is_valid() -> None:
    assert normalise(USCC, "91350100M000100Y43") == Identifier(USCC, "91350100M000100Y43")


@pytest.mark.parametrize("value", ["5493001KJTIIGC8Y1R12", "213800D1EI4B9WTWWD28", "HWUPKR0MPOU8FGXBT394"])
def test_published_legal_entity_identifiers_are_valid(value: str) -> None:
    assert normalise(LEI, value) == Identifier(LEI, value)


@given(uscc)
def test_full_width_lower_case_and_separators_do_not_matter(value: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in value)
    spaced = f" {value[:6].lower()}-{value[6:12]} {value[12:]}\t"
    assert normalise(USCC, wide) == normalise(USCC, spaced) == Identifier(USCC, value)


@given(uscc, st.integers(0, 17), st.sampled_from(USCC_ALPHABET))
def test_any_one_changed_character_of_a_credit_code_is_found(value: str, place: int, other: str) -> None:
    assume(value[place] != other)
    assert not is_valid(USCC, value[:place] + other + value[place + 1 :])


@given(uscc, st.integers(0, 17), st.integers(0, 17))
def test_any_two_exchanged_characters_of_a_credit_code_are_found_but_the_first_with_the_last(
    value: str, one: int, two: int
) -> None:
    assume(value[one] != value[two])
    swapped = list(value)
    swapped[one], swapped[two] = swapped[two], swapped[one]
    assert is_valid(USCC, "".join(swapped)) is ({one, two} == {0, 17})


@given(lei, st.integers(0, 19), st.sampled_from(string.digits + string.ascii_uppercase))
def test_a_changed_digit_or_letter_of_an_entity_identifier_is_found(value: str, place: int, other: str) -> None:
    assume(value[place] != other and value[place].isdigit() == other.isdigit())
    assert not is_valid(LEI, value[:place] + other + value[place + 1 :])


@given(lei, st.integers(0, 18))
def test_two_neighbours_of_a_kind_exchanged_in_an_entity_identifier_are_found(value: str, place: int) -> None:
    one, two = value[place], value[place + 1]
    assume(one != two and one.isdigit() == two.isdigit())
    assert not is_valid(LEI, value[:place] + two + one + value[place + 2 :])


@given(st.text(max_size=25))
def test_no_text_at_all_breaks_the_check(text: str) -> None:
    for scheme in IdentifierScheme:
        if is_valid(scheme, text):
            found = normalise(scheme, text)
            assert normalise(scheme, found.value) == found


@pytest.mark.parametrize("text", ["", " ", "ACME_", "-", "Æ", "ß", "A" * 65, "CORE;DROP"])
def test_a_sandbox_identifier_is_plain(text: str) -> None:
    assert not is_valid(SANDBOX, text)


def test_a_sandbox_identifier_joins_its_words_by_hyphens() -> None:
    assert normalise(SANDBOX, "site  one_b").value == "SITE-ONE-B"


def test_a_check_character_needs_a_whole_body() -> None:
    for wrong in ("1" * 16, "1" * 16 + "O"):
        with pytest.raises(IdentifierInvalid):
            uscc_check_character(wrong)
    with pytest.raises(IdentifierInvalid):
        lei_check_digits("a" * 18)
