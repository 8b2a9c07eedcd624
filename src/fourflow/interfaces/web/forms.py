"""Forms: what a page asks for, what came of it, and every refusal beside the field it is about. What was typed stays.

A field's ``kind`` decides how it is drawn and how it is read: text, area, email, whole, decimal, money (an amount in the
field's ``unit``, or in the currency that the form's field ``currency`` names), day, choice, several.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from fourflow.interfaces.web import reading, refusals
from fourflow.interfaces.web.components.listing import Choice
from fourflow.interfaces.web.components.records import Problem
from fourflow.interfaces.web.components.shell import Words
from fourflow.platform import logs
from fourflow.platform.errors import FourflowError, Invalid

Values = Mapping[str, Any]


class Missing(Invalid):
    """A field that must be filled is empty."""

    code = "input.missing"


class TooLong(Invalid):
    """More characters than the field takes."""

    code = "input.too_long"


class NotAChoice(Invalid):
    """None of the choices that the field offers."""

    code = "input.not_a_choice"


class NotADay(Invalid):
    """No such day in the calendar."""

    code = "input.not_a_day"


class NotAnAddress(Invalid):
    """No e-mail address."""

    code = "input.not_an_address"


class NotANumber(Invalid):
    """No number of the kind that the field takes."""

    code = "input.not_a_number"


class OutOfRange(Invalid):
    """A number, but a smaller or a larger one than the field takes."""

    code = "input.out_of_range"


class Unreadable(Invalid):
    """Characters that no text has, such as a NUL."""

    code = "input.unreadable"


class FieldsRefused(Invalid):
    """Some fields cannot be read; ``errors`` has each refusal by the field's name."""

    code = "input.fields"

    def __init__(self, errors: Mapping[str, FourflowError]) -> None:
        self.errors = errors
        super().__init__(fields=sorted(errors))


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form. ``known_as`` are the names that the operations' refusals give it."""

    name: str
    label: Words
    kind: str = "text"
    help: Words = ""
    required: bool = True
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    initial: tuple[str, ...] = ()
    maximum: int = 200
    known_as: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    error: Problem | None = None
    code: str = ""

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def described(self) -> str:
        """The ids of what explains the field, for assistive technology."""
        parts = [f"{self.name}-help" if self.help else "", f"{self.name}-error" if self.error else ""]
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Form:
    """Questions with the answers that came (None: nothing came yet), and the refusals by field."""

    questions: Sequence[Field]
    given: QueryDict | None = None
    errors: Mapping[str, FourflowError] = field(default_factory=dict)

    @property
    def fields(self) -> list[Field]:
        """The questions with their answers and refusals, ready to be drawn."""
        return [self._answered(one) for one in self.questions]

    def _answered(self, one: Field) -> Field:
        values = one.initial if self.given is None else tuple(self.given.getlist(one.name))
        error = self.errors.get(one.name)
        if error is None:
            return replace(one, values=values)
        return replace(one, values=values, error=refusals.problem(error), code=error.code)

    def read(self) -> dict[str, Any]:
        """The answers in their types.

        :raises FieldsRefused: some cannot be read; all of them are named at once.
        """
        found: dict[str, Any] = {}
        wrong: dict[str, FourflowError] = {}
        for one in self.questions:
            try:
                found[one.name] = self._read(one)
            except FourflowError as error:
                wrong[one.name] = error
        if wrong:
            raise FieldsRefused(wrong)
        return found

    def about(self, error: FourflowError) -> str:
        """The field that a refusal of an operation is about; empty when it is about none of them."""
        name = str(error.params.get("field", ""))
        return next((one.name for one in self.questions if name and name in (one.name, *one.known_as)), "")

    def refused(self, errors: Mapping[str, FourflowError]) -> Form:
        """The same form with these refusals beside their fields. The log says their codes."""
        logs.refuse(",".join(sorted({error.code for error in errors.values()})) or logs.refused())
        return replace(self, errors=errors)

    @property
    def hidden(self) -> tuple[tuple[str, str], ...]:
        """Every answer as it was typed, to be carried through a confirmation."""
        assert self.given is not None
        return tuple((one.name, value) for one in self.questions for value in self.given.getlist(one.name))

    def _read(self, one: Field) -> Any:
        assert self.given is not None
        values = [value.strip() for value in self.given.getlist(one.name) if value.strip()]
        if not values:
            if one.required:
                raise Missing(field=one.name, expected=_("fill this in"))
            return [] if one.kind == "several" else None if one.kind not in ("text", "area", "email") else ""
        for value in values:
            if any(ord(letter) < 32 and letter not in "\n\r\t" for letter in value):
                raise Unreadable(field=one.name, expected=_("letters, digits and signs"))
            if len(value) > one.maximum:
                raise TooLong(field=one.name, expected=_("at most %(n)s characters") % {"n": one.maximum})
        if one.kind == "several":
            return [_choice(one, value) for value in values]
        if one.kind == "money":
            return _money(values[0], one.unit or self.given.get("currency", ""), one.name)
        readers = {"choice": _choice, "day": _day, "whole": _whole, "decimal": _decimal, "email": _email}
        return readers[one.kind](one, values[0]) if one.kind in readers else values[0]


def _choice(one: Field, value: str) -> str:
    if value not in {choice.value for choice in one.choices}:
        raise NotAChoice(field=one.name, value=value[:40], expected=_("one of the list"))
    return value


def _email(one: Field, value: str) -> str:
    local, mark, domain = value.partition("@")
    if not (local and mark and domain) or "@" in domain or any(letter.isspace() for letter in value):
        raise NotAnAddress(field=one.name, value=value[:80], expected=_("an address such as li@firm.example"))
    return value.lower()


def _day(one: Field, value: str) -> date:
    found = reading.day(value)
    if found is None:
        raise NotADay(field=one.name, value=value[:40], expected=_("a day such as 2014-06-30"))
    return found


def _whole(one: Field, value: str) -> int:
    plain = value.replace(",", "") if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+", value) else value
    if not plain.removeprefix("-").isascii() or not plain.removeprefix("-").isdigit():
        raise NotANumber(field=one.name, value=value[:40], expected=_("a whole number such as 60"))
    return int(plain)


def _decimal(one: Field, value: str) -> Decimal:
    try:
        found = Decimal(value)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or "e" in value.lower():
        raise NotANumber(field=one.name, value=value[:40], expected=_("a number such as 0.045"))
    return found


def _money(value: str, currency: str, name: str) -> Any:
    try:
        return reading.amount(value, currency)
    except FourflowError as error:
        error.params["field"] = name
        raise
