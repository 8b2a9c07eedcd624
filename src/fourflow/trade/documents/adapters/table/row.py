"""One row of the table: its cells by type, and what is wrong with them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from fourflow.platform.errors import FourflowError
from fourflow.platform.money import EXPONENTS, Money
from fourflow.trade.documents.domain import formula, text_repair
from fourflow.trade.documents.types import TABLE_COLUMNS, RowProblem, Severity

LONGEST = {"order": 100, "line": 100, "delivery": 100}
LONGEST_TEXT = 500
EARLIEST = date(2000, 1, 1)
_QUANTITY = re.compile(r"[0-9]{1,15}(\.[0-9]{1,6})?\Z")


@dataclass(slots=True)
class Row:
    """`number` is the spreadsheet's row number; the header is row 1."""

    number: int
    cells: dict[str, str]
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    @property
    def key(self) -> tuple[str, str]:
        """Which delivery the row belongs to."""
        return self.cells["order"], self.cells["delivery"]

    def error(self, code: str, column: str, expected: str) -> None:
        self._report(code, Severity.ERROR, column, expected)

    def _report(self, code: str, severity: Severity, column: str, expected: str) -> None:
        value, line = self.cells[column][:120], self.cells["line"][:40]
        self.problems.append(RowProblem(f"document.{code}", severity, self.number, column, value, expected, line))

    def clean(self) -> None:
        """Take off blanks and the apostrophe that keeps a formula from running, and report what is no text."""
        for column in TABLE_COLUMNS:
            text = self.cells[column] = formula.restore(self.cells.get(column, "").strip())
            longest = LONGEST.get(column, LONGEST_TEXT)
            if not text:
                self.error("field_missing", column, "a value")
            elif control := text_repair.control_character(text):
                self.error("control_character", column, f"no {control}")
            elif len(text) > longest:
                self.error("text_too_long", column, f"at most {longest} characters")
            elif formula.is_formula(text):
                self._report("formula_text", Severity.WARNING, column, "text that a spreadsheet does not run")

    def quantity(self) -> Decimal:
        """More than nothing; zero and an error where it is none."""
        text = self.cells["quantity"]
        if _QUANTITY.match(text) and Decimal(text) > 0:
            return Decimal(text)
        if text:
            self.error("number_malformed", "quantity", "more than 0, a dot before decimals")
        return Decimal()

    def amount(self) -> Money:
        """What the line is worth, in the row's currency; zero and an error where it is none."""
        text, currency = self.cells["amount"], self.cells["currency"]
        if currency not in EXPONENTS:
            if currency:
                self.error("currency_unknown", "currency", ", ".join(sorted(EXPONENTS)))
            return Money.zero("CNY")
        try:
            found = Money.parse(text, currency)
        except FourflowError:
            if text:
                self.error("amount_malformed", "amount", "1234.50")
            return Money.zero(currency)
        if found.minor < 0:
            self.error("amount_negative", "amount", "zero or more")
        return found

    def delivered_on(self, today: date) -> date:
        text = self.cells["delivered_on"]
        try:
            found = date.fromisoformat(text)
        except ValueError:
            if text:
                self.error("date_malformed", "delivered_on", "YYYY-MM-DD")
            return EARLIEST
        if not EARLIEST <= found <= today:
            self.error("date_implausible", "delivered_on", f"from {EARLIEST.isoformat()} to {today.isoformat()}")
        return found
