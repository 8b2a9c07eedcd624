"""Values against the catalogue: types, bounds, scopes, and the stored form."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourflow.foundation.parameters.domain.catalogue import CATALOGUE, default_of
from fourflow.foundation.parameters.domain.values import checked, definition_of, from_json, organisation_of, to_json
from fourflow.foundation.parameters.types import (
    Key,
    ParameterUnknown,
    ScopeInvalid,
    ValueInvalid,
    ValueKind,
)
from fourflow.platform.canonical_json import canonical
from fourflow.platform.ids import new_id


@pytest.mark.parametrize("key", list(Key))
def test_every_key_is_explained_and_its_default_fits(key: Key) -> None:
    definition = CATALOGUE[key]
    assert definition.unit and definition.meaning and definition.source
    assert checked(definition, default_of(key)) == default_of(key)
    assert from_json(definition, to_json(default_of(key))) == default_of(key)
    assert type(from_json(definition, to_json(default_of(key)))) is type(default_of(key))


@given(st.decimals(0, 1, places=8))
def test_a_rate_keeps_every_digit_in_its_stored_form(rate: Decimal) -> None:
    definition = CATALOGUE[Key.FINANCING_ANNUAL_RATE]
    stored = to_json(checked(definition, rate))
    assert isinstance(stored, str) and canonical(stored)
    assert from_json(definition, stored) == rate


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (Key.TERM_HARD_MONTHS, 6.0),
        (Key.TERM_HARD_MONTHS, True),
        (Key.TERM_HARD_MONTHS, 0),
        (Key.TERM_HARD_MONTHS, 61),
        (Key.TERM_HARD_MONTHS, "6.5"),
        (Key.TERM_HARD_MONTHS, Decimal("6.5")),
        (Key.TERM_HARD_MONTHS, None),
        (Key.PLATFORM_SHARE, "1.01"),
        (Key.PLATFORM_SHARE, "-0.1"),
        (Key.PLATFORM_SHARE, "NaN"),
        (Key.PLATFORM_SHARE, "Infinity"),
        (Key.PLATFORM_SHARE, "half"),
        (Key.PLATFORM_SHARE, 0.3),
        (Key.DAY_COUNT, "ACT/366"),
        (Key.DAY_COUNT, 360),
    ],
)
def test_a_value_of_the_wrong_type_or_out_of_bounds_is_refused(key: Key, value: object) -> None:
    with pytest.raises(ValueInvalid):
        checked(CATALOGUE[key], value)


def test_yes_is_neither_a_number_nor_a_word() -> None:
    flag = replace(CATALOGUE[Key.DAY_COUNT], kind=ValueKind.BOOLEAN, choices=())
    assert checked(flag, False) is False
    for value in (1, "true"):
        with pytest.raises(ValueInvalid):
            checked(flag, value)


def test_bounds_belong_to_the_range() -> None:
    assert checked(CATALOGUE[Key.PLATFORM_SHARE], "1") == Decimal(1)
    assert checked(CATALOGUE[Key.TERM_HARD_MONTHS], "60") == 60


def test_an_object_has_its_fields_and_no_others() -> None:
    shape = replace(CATALOGUE[Key.DAY_COUNT], kind=ValueKind.JSON, choices=(), fields=("a", "b"))
    assert checked(shape, {"a": 1, "b": 2}) == {"a": 1, "b": 2}
    for wrong in ({"a": 1}, {"a": 1, "b": 2, "c": 3}, [1, 2]):
        with pytest.raises(ValueInvalid):
            checked(shape, wrong)
    free = replace(shape, fields=())
    assert checked(free, [1]) == [1]
    with pytest.raises(ValueInvalid):
        checked(free, "text")


def test_a_scope_names_the_platform_a_product_or_a_party() -> None:
    party = new_id()
    assert organisation_of("platform") is None
    assert organisation_of("product:voucher-1") is None
    assert organisation_of(f"core:{party}") == organisation_of(f"funder:{party}") == party
    assert organisation_of(f"funder:{party}:recourse") == organisation_of(f"funder:{party}:purchase") == party
    other = (f"core:{party}:recourse", f"funder:{party}:both", f"funder:{party}:recourse:recourse", "funder::recourse")
    for wrong in (
        *other,
        "",
        "core",
        "core:x",
        f"bank:{party}",
        "product:",
        "product:A B",
        f"core:{str(party).upper()}",
    ):
        with pytest.raises(ScopeInvalid):
            organisation_of(wrong)


def test_an_unknown_key_is_not_found() -> None:
    with pytest.raises(ParameterUnknown):
        definition_of("term.longest")
