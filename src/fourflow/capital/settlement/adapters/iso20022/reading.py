"""Reading untrusted XML: no entities, no network, bounded in size and depth; found by local name, any version."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lxml import etree

from fourflow.capital.settlement.types import MessageRefused
from fourflow.platform.errors import FourflowError
from fourflow.platform.money import Money

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 64

Element = etree._Element


def parse(body: bytes, expected: str) -> Element:
    """The element below ``Document`` of a message whose namespace names ``expected``, e.g. ``camt.054``.

    :raises MessageRefused: too large or too deep, a DTD, not well-formed, or another message.
    """
    if len(body) > MAX_BYTES:
        raise MessageRefused(expected=expected, reason="too_large", value=len(body))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MessageRefused(expected=expected, reason="malformed", value=str(error)[:200]) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise MessageRefused(expected=expected, reason="doctype_present")
    if f":{expected}." not in (etree.QName(root).namespace or ""):
        raise MessageRefused(expected=expected, reason="other_message", value=str(root.tag)[:200])
    _bound_depth(root, expected)
    for child in elements(root):
        return child
    raise MessageRefused(expected=expected, reason="empty_document")


def _bound_depth(root: Element, expected: str) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise MessageRefused(expected=expected, reason="too_deep")


def elements(parent: Element) -> Iterator[Element]:
    """Child elements without comments and processing instructions."""
    return (child for child in parent if isinstance(child.tag, str))


def all_at(parent: Element | None, path: str) -> list[Element]:
    """Every element at a path of local names such as ``NtryDtls/TxDtls``."""
    found = [] if parent is None else [parent]
    for name in path.split("/"):
        found = [child for one in found for child in elements(one) if etree.QName(child).localname == name]
    return found


def first(parent: Element | None, *paths: str) -> Element | None:
    """The first element found at any of the paths, in the order of the paths."""
    for path in paths:
        for found in all_at(parent, path):
            return found
    return None


def text(parent: Element | None, *paths: str) -> str:
    """The stripped text at the first path that has some; empty where none has."""
    for path in paths:
        for found in all_at(parent, path):
            if found.text and found.text.strip():
                return str(found.text).strip()
    return ""


def needed(parent: Element, *paths: str) -> str:
    """Like :func:`text`, for what the standard makes mandatory.

    :raises MessageRefused: it is missing.
    """
    value = text(parent, *paths)
    if not value:
        raise MessageRefused(field=paths[0], reason="missing")
    return value


def amount(element: Element | None) -> Money:
    """An ``Amt`` element with its ``Ccy``.

    :raises MessageRefused: missing, or not an amount of a known currency.
    """
    if element is None:
        raise MessageRefused(field="Amt", reason="missing")
    try:
        return Money.parse((element.text or "").strip().lstrip("+"), element.get("Ccy") or "")
    except FourflowError as error:
        raise MessageRefused(field="Amt", reason=error.code, value=(element.text or "")[:40]) from None


def day(parent: Element | None, *paths: str) -> date:
    """A date from ``…/Dt`` or the date part of ``…/DtTm``, as the bank wrote it.

    :raises MessageRefused: missing or not a date.
    """
    for path in paths:
        value = text(parent, f"{path}/Dt", f"{path}/DtTm", path)
        if value:
            try:
                return date.fromisoformat(value[:10])
            except ValueError:
                raise MessageRefused(field=path, reason="not_a_date", value=value[:40]) from None
    raise MessageRefused(field=paths[0], reason="missing")
