"""Identifiers sort by time and read back; canonical JSON is one text for one value."""

from __future__ import annotations

import datetime
from decimal import Decimal
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from fourflow.platform import ids
from fourflow.platform.canonical_json import canonical, digest
from fourflow.platform.money import Money


def test_identifiers_of_one_process_rise_and_are_version_seven():
    made = [ids.new_id() for _ in range(2000)]
    assert made == sorted(made)
    assert len(set(made)) == 2000
    assert {one.version for one in made} == {7}


@given(st.uuids())
def test_a_prefixed_identifier_reads_back_in_either_case(value):
    text = ids.encode("vch", value)
    assert ids.decode("vch", text) == value
    head, body = text.split("_")
    assert ids.decode("vch", f"{head}_{body.lower()}") == value


@pytest.mark.parametrize(
    "text", ["", "vch", "hld_" + "0" * 26, "vch_" + "0" * 25, "vch_" + "U" * 26, "vch_" + "Z" * 26]
)
def test_what_is_no_identifier_of_that_kind_does_not_exist(text):
    with pytest.raises(ids.MalformedId):
        ids.decode("vch", text)


def test_the_order_of_keys_and_the_zone_of_an_instant_do_not_change_the_text():
    noon = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)
    there = noon.astimezone(datetime.timezone(datetime.timedelta(hours=8)))
    assert canonical({"b": 1, "a": noon}) == canonical({"a": there, "b": 1})
    assert digest({"m": Money(5, "CNY")}) == digest({"m": {"amount": "0.05", "currency": "CNY"}})
    assert canonical(Decimal("1.50")) == b'"1.50"'
    assert canonical(UUID(int=1)) == b'"00000000-0000-0000-0000-000000000001"'


@pytest.mark.parametrize("value", [1.5, {"x": 0.1}, object(), datetime.datetime(2026, 1, 1)])  # noqa: DTZ001
def test_floats_naive_times_and_strangers_have_no_canonical_form(value):
    with pytest.raises(TypeError):
        canonical(value)


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=8)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=6),
    max_leaves=12,
)


@given(ANY_JSON)
def test_the_quick_way_writes_what_the_reference_implementation_writes(value):
    def of(write):
        try:
            return write(value)
        except (ValueError, rfc8785.CanonicalizationError) as error:
            return type(error)

    assert of(canonical) == of(rfc8785.dumps)
