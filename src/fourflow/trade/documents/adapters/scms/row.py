"""One row: typed access to its cells, and the problems found on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from fourflow.platform.money import Money
from fourflow.trade.documents.adapters.scms import columns as c
from fourflow.trade.documents.domain import formula, text_repair
from fourflow.trade.documents.types import RowProblem, Severity

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
EARLIEST = date(2000, 1, 1)
"""The programme began in 2005; a date before this is a slip of the keyboard."""
ABSURD_MINOR = 1_000_000_000_00
"""A line of a thousand million dollars is refused; the largest real one is 5,951,990.40."""
SHOWN = 120
MAX_KEY, MAX_TEXT = 100, 500
"""Characters of a number and of any other cell: longer ones are slips of the quote, and no index could hold them."""
_KEYS = (c.LINE_ID, c.ORDER, c.DELIVERY)


def _plainly_sound(text: str) -> bool:
    """Short printable ASCII from a letter or digit on, no blank at the end: nearly every cell, decided fast."""
    return len(text) <= MAX_KEY and text.isascii() and text.isprintable() and text[0].isalnum() and text[-1] != " "


@dataclass(slots=True)
class Row:
    """`number` is the spreadsheet's row number, `cells` by column name, `original` as it stood in the file."""

    number: int
    cells: dict[str, str]
    original: list[str]
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    @property
    def line_id(self) -> str:
        return self.cells.get(c.LINE_ID, "")

    def report(self, code: str, severity: Severity, column: str = "", *, expected: str = "", became: str = "") -> None:
        value = self.cells.get(column, "")[:SHOWN]
        self.problems.append(
            RowProblem(
                f"document.{code}", severity, self.number, column, value, expected, self.line_id[:40], became[:SHOWN]
            )
        )

    def error(self, code: str, column: str = "", *, expected: str = "") -> None:
        self.report(code, Severity.ERROR, column, expected=expected)

    def warn(self, code: str, column: str = "", *, expected: str = "") -> None:
        self.report(code, Severity.WARNING, column, expected=expected)

    def note(self, code: str, column: str = "", *, became: str = "") -> None:
        self.report(code, Severity.NOTE, column, became=became)

    def clean(self) -> None:
        """Mend what can be mended (each with a note) and report what cannot; called once, first."""
        for column, text in self.cells.items():
            if text and not _plainly_sound(text):
                self._clean(column, text)

    def _clean(self, column: str, text: str) -> None:
        if not text.isascii():
            self._mend(column, text)
        if text[0] == "'" and (restored := formula.restore(text)) != text:
            self.note("apostrophe_taken_off", column, became=restored)
            self.cells[column] = restored
        if column in c.NOT_NUMERIC and formula.is_formula(self.cells[column]):
            self.warn("formula_text", column, expected="text that a spreadsheet does not run")
        if not text.isprintable() and (control := text_repair.control_character(text)):
            self.error("control_character", column, expected=f"no {control}")
        if len(text) > (longest := MAX_KEY if column in _KEYS else MAX_TEXT):
            self.error("text_too_long", column, expected=f"at most {longest} characters")
        if (trimmed := self.cells[column].strip()) != self.cells[column]:
            self.note("blanks_trimmed", column, became=trimmed)
            self.cells[column] = trimmed

    def _mend(self, column: str, text: str) -> None:
        mended = text_repair.mend_double_encoding(text)
        if mended != text:
            self.note("double_encoding_mended", column, became=mended)
            self.cells[column] = mended
        if text_repair.has_lost_characters(mended):
            self.warn("characters_lost", column, expected="no U+FFFD")

    def required(self, column: str) -> str:
        text = self.cells[column]
        if not text:
            self.error("field_missing", column, expected="a value")
        return text

    def number_in(self, column: str) -> Decimal | None:
        """A plain decimal; None and an error where it is none."""
        text = self.cells[column]
        if _NUMBER.match(text):
            return Decimal(text)
        self.error("number_malformed" if text else "field_missing", column, expected="digits, a dot before decimals")
        return None

    def amount_in(self, column: str) -> Money | None:
        """A sum of at most two decimals, not negative, not absurd; zero is kept and doubted."""
        value = self.number_in(column)
        if value is None:
            return None
        minor = value.scaleb(2)
        if minor != minor.to_integral_value():
            self.error("amount_decimals", column, expected="at most 2 decimals")
        elif minor < 0:
            self.error("amount_negative", column, expected="zero or more")
        elif minor > ABSURD_MINOR:
            self.error("amount_absurd", column, expected="at most 1000000000.00")
        else:
            if not minor:
                self.warn("amount_zero", column, expected="more than zero")
            return Money(int(minor), c.CURRENCY)
        return None

    def date_in(self, column: str, *, latest: date | None, required: bool = False) -> date | None:
        """A date as YYYY-MM-DD, not before :data:`EARLIEST` nor after `latest`; the file's own gaps give None."""
        text = self.cells[column]
        if not _DATE.match(text):
            self._date_gap(column, text, required)
            return None
        try:
            found = date.fromisoformat(text)
        except ValueError:
            self.error("date_malformed", column, expected="a day of the calendar, YYYY-MM-DD")
            return None
        if found < EARLIEST or (latest is not None and found > latest):
            until = f" to {latest.isoformat()}" if latest else ""
            self.error("date_implausible", column, expected=f"from {EARLIEST.isoformat()}{until}")
            return None
        return found

    def _date_gap(self, column: str, text: str, required: bool) -> None:
        if required:
            self.error("date_malformed" if text else "field_missing", column, expected="YYYY-MM-DD")
        elif text == c.DATE_NOT_CAPTURED:
            self.note("date_not_captured", column)
        elif text == c.BEFORE_PROCESS:
            self.note("before_process", column)
        elif text and text != c.FROM_WAREHOUSE:
            self.error("date_malformed", column, expected="YYYY-MM-DD")
