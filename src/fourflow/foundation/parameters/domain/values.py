"""Checking a value against its definition, and its form in JSON (decimals as strings)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from fourflow.foundation.parameters.domain.catalogue import CATALOGUE
from fourflow.foundation.parameters.types import (
    PLATFORM,
    Definition,
    Key,
    ParameterUnknown,
    ScopeInvalid,
    Value,
    ValueInvalid,
    ValueKind,
)

_OF_PARTY = ("core", "funder", "supplier")
#: a funder may have another price for a purchase (without recourse) than with recourse
PRICES = (":purchase", ":recourse")
_PRODUCT = re.compile(r"product:[a-z0-9][a-z0-9_.-]{0,63}")


def definition_of(key: str) -> Definition:
    """:raises ParameterUnknown: the catalogue has no such key."""
    try:
        return CATALOGUE[Key(key)]
    except (ValueError, KeyError):
        raise ParameterUnknown(key=str(key)) from None


def organisation_of(scope: str) -> UUID | None:
    """The organisation a scope is about; None for the platform and for products.

    :raises ScopeInvalid: neither `platform`, `product:<code>` nor one of `core: funder: supplier:` with an id, a funder's
        perhaps with one of its kinds of price (:data:`PRICES`).
    """
    if scope == PLATFORM or _PRODUCT.fullmatch(scope):
        return None
    kind, _, name = scope.partition(":")
    if kind == "funder":
        name = name.removesuffix(next((price for price in PRICES if name.endswith(price)), ""))
    try:
        party = UUID(name)
    except ValueError:
        raise ScopeInvalid(scope=scope[:80]) from None
    if kind not in _OF_PARTY or str(party) != name:
        raise ScopeInvalid(scope=scope[:80])
    return party


def _wrong(definition: Definition, value: object, expected: str) -> ValueInvalid:
    return ValueInvalid(field="value", key=definition.key.value, value=str(value)[:80], expected=expected)


def checked(definition: Definition, value: object) -> Value:
    """The value in its type, if it fits the definition. Decimals may come as decimal, integer or decimal string.

    :raises ValueInvalid: another type (a float always is), outside the bounds, not one of the choices.
    """
    kind = definition.kind
    if kind is ValueKind.BOOLEAN:
        if not isinstance(value, bool):
            raise _wrong(definition, value, "true or false")
        return value
    if kind is ValueKind.TEXT:
        if not isinstance(value, str) or (definition.choices and value not in definition.choices):
            raise _wrong(definition, value, ", ".join(definition.choices) or "text")
        return value
    if kind is ValueKind.JSON:
        return _checked_fields(definition, value)
    return _checked_number(definition, value)


def _checked_number(definition: Definition, value: object) -> Value:
    number: Decimal | int
    if isinstance(value, (bool, float)) or not isinstance(value, (int, Decimal, str)):
        raise _wrong(definition, value, definition.kind.value)
    try:
        number = Decimal(value) if definition.kind is ValueKind.DECIMAL else int(value)
    except (InvalidOperation, ValueError):
        raise _wrong(definition, value, definition.kind.value) from None
    if number != number or (isinstance(value, Decimal) and number != value):
        raise _wrong(definition, value, definition.kind.value)
    low, high = definition.minimum, definition.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        raise _wrong(definition, value, f"{low} to {high}")
    return number


def _checked_fields(definition: Definition, value: object) -> Value:
    if definition.fields:
        if not isinstance(value, Mapping) or set(value) != set(definition.fields):
            raise _wrong(definition, value, ", ".join(definition.fields))
        return dict(value)
    if not isinstance(value, (Mapping, list)):
        raise _wrong(definition, value, "object or list")
    return value


def to_json(value: Value) -> Any:
    """The stored form: a decimal becomes its plain text, everything else stays."""
    return format(value, "f") if isinstance(value, Decimal) else value


def from_json(definition: Definition, stored: Any) -> Value:
    """The stored form back in its type.

    :raises ValueInvalid: the stored value no longer fits the catalogue.
    """
    return checked(definition, stored)
