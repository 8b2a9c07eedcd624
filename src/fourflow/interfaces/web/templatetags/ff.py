"""Tags and filters that put figures and components on a page. Load with ``{% load ff %}``; see the module's README."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from fourflow.interfaces.web import addresses, names, reading
from fourflow.interfaces.web.components import listing as listings
from fourflow.interfaces.web.components import parts, records, voucher_tree
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.components.status import status as status_of
from fourflow.platform import formats
from fourflow.platform.ids import new_id
from fourflow.platform.money import MalformedAmount, Money, exponent
from fourflow.platform.words import amount_words

register = template.Library()
COMPONENTS = "web/components/"


def language() -> str:
    """``"zh"`` or ``"en"``: the two languages that figures know."""
    return "zh" if (get_language() or "").startswith("zh") else "en"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """``{% icon "inbox" %}``: decorative unless it has a label."""
    use = format_html('<use href="{}#{}"></use>', static("img/icons.svg"), name)
    if label:
        return format_html('<svg class="i" role="img" aria-label="{}">{}</svg>', label, use)
    return format_html('<svg class="i" aria-hidden="true">{}</svg>', use)


def _figure(figure: formats.Figure, title: str, css: str) -> SafeString:
    currency: SafeString | str = ""
    if figure.currency:
        currency = format_html('<span class="{}">{}</span>', "cur-sign" if figure.prefix else "cur", figure.currency)
    unit = format_html('<span class="unit">{}</span>', figure.unit) if figure.unit else ""
    first, second = (figure.sign, currency) if figure.prefix else (currency, figure.sign)
    titled = format_html(' title="{}"', title) if title else ""
    return format_html('<span class="{}"{}>{}{}{}{}</span>', css, titled, first, second, figure.digits, unit)


@register.simple_tag
def money(value: Money | None, big: bool = False, unit: str = "", signed: bool = False) -> SafeString:
    """The full amount. ``unit`` is the currency that the column head already names, so the cell leaves it out."""
    if value is None:
        return mark_safe('<span class="faint">–</span>')
    figure = formats.money_figure(value, language())
    if unit and unit == value.currency:
        figure = formats.Figure(figure.sign, "", figure.digits)
    if signed and value.minor > 0:
        figure = formats.Figure("+", figure.currency, figure.digits, prefix=figure.prefix)
    css = "money" + (" big" if big else "") + (" zero" if not value.minor else "")
    return _figure(figure, "", css)


@register.simple_tag
def compact(value: Money) -> SafeString:
    """A short amount; the full one is its title."""
    full = formats.money_text(value, language())
    return _figure(formats.compact_figure(value, language()), full, "money")


@register.simple_tag
def words(value: Money) -> SafeString:
    """The amount in words: 大写 on a Chinese page."""
    return format_html('<span class="words">{}</span>', amount_words(value, language()))


@register.inclusion_tag(COMPONENTS + "money_words.html")
def money_words(value: Money, label: str = "") -> dict[str, Any]:
    """The amount big, with 大写 or words under it, as decisions and contracts show it."""
    return {"value": value, "label": label}


@register.filter
def table_date(value: date | None) -> SafeString | str:
    if value is None:
        return mark_safe('<span class="faint">–</span>')
    return format_html('<time datetime="{0}">{0}</time>', formats.date_table(value))


@register.filter
def prose_date(value: date) -> SafeString:
    text = formats.date_prose(value, language())
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), text)


@register.filter
def instant(value: datetime | None) -> SafeString | str:
    if value is None:
        return mark_safe('<span class="faint">–</span>')
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), formats.instant_text(value))


@register.simple_tag
def ago(value: datetime, now: datetime) -> SafeString:
    """``3 hours ago`` under seven days, with the instant as title; later the instant itself."""
    full = formats.instant_text(value)
    text = formats.relative_text(value, now, language()) or full
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), full, text)


@register.simple_tag
def due(value: records.Due) -> SafeString:
    """A due date with the days to it, coloured when near or late."""
    css = f"sub {value.tone}-text" if value.tone else "sub"
    day = formats.date_table(value.on)
    if value.settled:
        return format_html('<time datetime="{0}">{0}</time>', day)
    away = formats.days_text(value.on, value.today, language())
    return format_html('<span><time datetime="{0}">{0}</time> <span class="{1}">{2}</span></span>', day, css, away)


@register.filter
def percent(value: Decimal) -> str:
    return formats.percent(value)


@register.simple_tag
def rate(value: Decimal, day_count: str = "ACT/360", compounding: str = "simple") -> SafeString:
    return format_html('<span class="rate">{}</span>', formats.rate_text(value, language(), day_count, compounding))


@register.filter
def number(value: int | Decimal) -> str:
    return formats.number_text(value)


@register.simple_tag
def ident(value: str, href: str = "") -> SafeString:
    """A prefixed identifier, short; the whole is its title."""
    prefix, tail = formats.short_id(value)
    body = format_html('<span class="id" title="{}"><span class="pre">{}</span>{}</span>', value, prefix, tail)
    return format_html('<a href="{}">{}</a>', href, body) if href else body


@register.simple_tag
def registered(scheme: str, value: str) -> SafeString:
    """A registration number (USCC, LEI, account) in groups that are spaced by style: copying gives it whole."""
    groups = format_html_join(
        "", '<span class="grp">{}</span>', ((g,) for g in formats.identifier_groups(scheme, value))
    )
    return format_html('<span class="id">{}</span>', groups)


@register.filter
def account(value: str) -> SafeString:
    return format_html('<span class="id">{}</span>', formats.masked_account(value))


@register.filter
def initials(value: str) -> str:
    return formats.initials(value)


def tag(value: Status) -> SafeString:
    return format_html('<span class="tag {}{}">{}</span>', value.tone, " wait" if value.waiting else "", value.word)


@register.simple_tag
def status(kind: str | Status, state: str = "") -> SafeString:
    """``{% status "voucher" voucher.state %}`` or ``{% status a_status %}``."""
    return tag(kind if isinstance(kind, Status) else status_of(kind, state))


@register.simple_tag
def cell(column: listings.Column, row: listings.Row) -> SafeString | str:
    """A cell of a list, drawn by the type of its value."""
    value = row.cells.get(column.key)
    if column.lead and row.href and isinstance(value, str):
        return format_html('<a class="main" href="{}">{}</a>', row.href, value)
    if isinstance(value, records.Link):
        css = "main" if column.lead else ""
        text = format_html('<a class="{}" href="{}">{}</a>', css, value.href or row.href, value.text)
        if not (value.href or (column.lead and row.href)):
            text = format_html("<span>{}</span>", value.text)
        return format_html('<span>{}<span class="sub">{}</span></span>', text, value.sub) if value.sub else text
    return show(value, unit=column.unit, lead_href=row.href if column.lead else "")


@register.simple_tag
def called(columns: Sequence[listings.Column], row: listings.Row) -> str:
    """What a row is called by who hears its box: its first three cells that say something."""
    drawn = (str(cell(column, row)).replace("<span", " <span") for column in columns if row.cells.get(column.key))
    cells = (" ".join(strip_tags(one).split()) for one in drawn)
    return ", ".join(list(islice((unescape(one) for one in cells if one), 3)))


@register.simple_tag
def show(value: object, unit: str = "", lead_href: str = "") -> SafeString | str:
    """Any value in the form its type has everywhere."""
    if value is None or value == "":
        return mark_safe('<span class="faint">–</span>')
    if isinstance(value, Money):
        return money(value, unit=unit)
    if isinstance(value, Status):
        return tag(value)
    if isinstance(value, records.Due):
        return due(value)
    if isinstance(value, records.Ident):
        return ident(value.value, value.href or lead_href)
    if isinstance(value, records.Link):
        return format_html('<a href="{}">{}</a>', value.href, value.text) if value.href else str(value.text)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return table_date(value)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return format_html('<span class="num">{}</span>', formats.number_text(value))
    return format_html("{}", value)


@register.filter
def plain_figure(value: object) -> str:
    """An integer with separators, anything else as it is."""
    return formats.number_text(value) if isinstance(value, int | Decimal) else str(value)


@register.filter
def full_money(value: Money) -> str:
    """The full amount as text without mark-up: for titles and SVG."""
    return formats.money_text(value, language())


@register.filter
def short_money(value: Money) -> str:
    """The compact amount without its currency, as text: for labels inside SVG."""
    figure = formats.compact_figure(value, language())
    return str(formats.Figure(figure.sign, "", figure.digits, figure.unit))


@register.filter
def money_figure(value: Money) -> formats.Figure:
    """The parts of the full amount, for SVG text that styles them apart."""
    return formats.money_figure(value, language())


@register.filter
def minor_exponent(value: Money) -> int:
    return exponent(value.currency)


@register.filter
def slid(most: Money, typed: str) -> int:
    """Where a slider stands beside its field, in minor units: at what was typed, or at the end where that is no amount."""
    try:
        minor = reading.amount(typed, most.currency).minor
    except MalformedAmount:
        return most.minor
    return min(max(minor, 0), most.minor)


@register.filter
def scheme(value: str) -> Any:
    """What a claim rests on, in words."""
    return names.SCHEMES.get(str(value), value)


@register.filter
def address(value: Any, kind: str) -> str:
    """The address of an object's page by its id."""
    return addresses.to(kind, value)


@register.filter
def at(mapping: Any, key: str) -> Any:
    """``mapping|at:key`` for keys that are not attribute names."""
    return mapping.get(key)


@register.filter
def clock_time(value: datetime, zone: str = "Asia/Shanghai") -> str:
    return value.astimezone(ZoneInfo(zone)).strftime("%H:%M")


@register.inclusion_tag(COMPONENTS + "listing.html", takes_context=True)
def listing(context: template.Context, value: listings.Listing) -> dict[str, Any]:
    return {
        "l": value,
        "csrf_token": context.get("csrf_token"),
        "request": context.get("request"),
        "token": new_id().hex if value.keeps else "",
    }


@register.inclusion_tag(COMPONENTS + "kpis.html")
def kpis(values: Sequence[records.Kpi]) -> dict[str, Any]:
    return {"kpis": values}


@register.inclusion_tag(COMPONENTS + "timeline.html")
def timeline(steps: Sequence[records.Step]) -> dict[str, Any]:
    return {"steps": steps}


@register.inclusion_tag(COMPONENTS + "receipt.html")
def receipt(value: records.Receipt) -> dict[str, Any]:
    return {"r": value}


@register.inclusion_tag(COMPONENTS + "problems.html")
def problems(values: Sequence[records.Problem]) -> dict[str, Any]:
    return {"problems": values}


@register.inclusion_tag(COMPONENTS + "banner.html")
def banner(value: records.Banner) -> dict[str, Any]:
    return {"b": value}


@register.inclusion_tag(COMPONENTS + "empty.html")
def empty_state(value: records.Empty) -> dict[str, Any]:
    return {"e": value}


@register.inclusion_tag(COMPONENTS + "checks.html")
def checks(values: Sequence[records.Check]) -> dict[str, Any]:
    return {"checks": values}


@register.inclusion_tag(COMPONENTS + "changes.html")
def changes(values: Sequence[records.Change], label: str = "") -> dict[str, Any]:
    return {"changes": values, "label": label}


@register.inclusion_tag(COMPONENTS + "facts.html")
def facts(pairs: Sequence[tuple[Any, Any]], two: bool = False) -> dict[str, Any]:
    """Pairs of label and value; values are drawn by type."""
    return {"pairs": pairs, "two": two}


@register.inclusion_tag(COMPONENTS + "decision.html", takes_context=True)
def decision(context: template.Context, value: records.Decision) -> dict[str, Any]:
    signing = context.get("signing") if value.signs and not value.blocked else None
    return {"d": value, "csrf_token": context.get("csrf_token"), "signing": signing() if signing else None}


@register.inclusion_tag(COMPONENTS + "parts_bar.html")
def parts_bar(value: parts.PartsBar) -> dict[str, Any]:
    return {"bar": value}


@register.inclusion_tag(COMPONENTS + "bars.html")
def bars(value: parts.Bars) -> dict[str, Any]:
    return {"chart": value}


@register.inclusion_tag(COMPONENTS + "promises.html")
def promises(value: parts.Promises) -> dict[str, Any]:
    return {"chart": value}


@register.inclusion_tag(COMPONENTS + "voucher_tree.html")
def tree(root: voucher_tree.Node, max_children: int = voucher_tree.MAX_CHILDREN) -> dict[str, Any]:
    """The flow drawing, with the outline that phones and paper get instead."""
    return {"drawing": voucher_tree.draw(root, max_children), "root": root}


@register.inclusion_tag(COMPONENTS + "steps.html")
def steps(labels: Sequence[Any], current: int) -> dict[str, Any]:
    """A stepper: ``current`` counts from 1."""
    return {"labels": labels, "current": current}
