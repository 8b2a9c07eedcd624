"""Weights and freight costs: stated, contained in another line's figure, in the price, or captured elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from fourflow.trade.documents.adapters.scms import columns as c
from fourflow.trade.documents.adapters.scms.lines import Line
from fourflow.trade.documents.types import Figure, FigureKind

_REFERENCE = re.compile(r"See (?P<delivery>(?:ASN|DN)-[0-9]+) \(ID#:(?P<line>[0-9]+)\)\Z")
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?\Z")
_ELSEWHERE = {c.WEIGHT: c.WEIGHT_SEPARATE, c.FREIGHT: c.FREIGHT_SEPARATE}
_UNIT = {c.WEIGHT: "kg", c.FREIGHT: c.CURRENCY}
MAX_KG_PER_PACK = 50
"""A pack of these goods weighs grams to a few kilograms; above this the weight of a delivery is doubted."""


def figure_of(line: Line, column: str, lines: Mapping[str, Line]) -> Figure:
    """The figure of a line, its reference resolved; doubts are reported on the row, none refuses it."""
    text, unit = line.row.cells[column], _UNIT[column]
    if _NUMBER.match(text):
        return Figure(FigureKind.STATED, unit, Decimal(text))
    if text == _ELSEWHERE[column]:
        line.row.note("figure_elsewhere", column)
        return Figure(FigureKind.SEPARATE, unit)
    if column == c.FREIGHT and text == c.FREIGHT_INCLUDED:
        return Figure(FigureKind.INCLUDED, unit)
    if match := _REFERENCE.match(text):
        return _shared(line, column, match["delivery"], match["line"], lines)
    if text:
        line.row.warn("figure_malformed", column, expected="a number, or a reference to a line")
    return Figure(FigureKind.ABSENT, unit)


def _shared(line: Line, column: str, delivery: str, target_id: str, lines: Mapping[str, Line]) -> Figure:
    unit = _UNIT[column]
    target = lines.get(target_id)
    if target is None:
        line.row.warn("reference_not_found", column, expected="a line of this file")
        return Figure(FigureKind.ABSENT, unit)
    if target is line:
        line.row.warn("reference_to_itself", column, expected="another line")
        return Figure(FigureKind.ABSENT, unit)
    if target.delivery != delivery or target.delivery_key != line.delivery_key:
        line.row.warn("reference_to_other_delivery", column, expected=f"a line of {line.delivery}")
        return Figure(FigureKind.ABSENT, unit)
    told = target.row.cells[column]
    if _NUMBER.match(told):
        line.row.note("reference_resolved", column, became=f"contained in {told} {unit} of line {target_id}")
        return Figure(FigureKind.SHARED, unit, shared_with=target_id, carried=Decimal(told))
    if _REFERENCE.match(told):
        line.row.warn("reference_to_reference", column, expected="a line that states a figure")
        return Figure(FigureKind.ABSENT, unit)
    line.row.note("reference_without_figure", column, became=told)
    return Figure(FigureKind.SHARED, unit, shared_with=target_id)


def doubt_weights(lines: list[Line], weights: Mapping[str, Figure]) -> None:
    """Report a delivery that weighs nothing, or more per pack than such goods can."""
    stated = [(line, w) for line in lines if (w := weights[line.number].value) is not None]
    if not stated:
        return
    packs = sum(line.quantity for line in lines)
    heaviest = max(stated, key=lambda pair: pair[1])[0]
    total = sum(weight for _, weight in stated)
    if total == 0:
        heaviest.row.warn("weight_zero", c.WEIGHT, expected="more than zero")
    elif total > packs * MAX_KG_PER_PACK:
        heaviest.row.warn("weight_absurd", c.WEIGHT, expected=f"at most {MAX_KG_PER_PACK} kg a pack for {packs} packs")
