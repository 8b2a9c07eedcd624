"""XML read without entities or document types, and written in one namespace."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from xml.parsers import expat

Element = ElementTree.Element
_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
_DEEPEST = 40


class NotAcceptable(Exception):
    """Not well-formed, with a document type, too deep, or another message than expected."""


def namespace(message: str) -> str:
    """``pain.001.001.09`` → its namespace."""
    return _NAMESPACE + message


def parse(body: bytes, message: str) -> Element:
    """The element below ``Document``, with names stripped of the namespace.

    :raises NotAcceptable: see the class.
    """
    _refuse_entities(body)
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise NotAcceptable("not well-formed") from error
    prefix = "{" + namespace(message) + "}"
    for element in root.iter():
        if not isinstance(element.tag, str) or not element.tag.startswith(prefix):
            raise NotAcceptable(f"expected only elements of {message}")
        element.tag = element.tag[len(prefix) :]
    if root.tag != "Document" or len(root) != 1:
        raise NotAcceptable("expected one Document with one message")
    return root[0]


def _refuse_entities(body: bytes) -> None:
    """A first pass by expat: a DOCTYPE ends it before anything is expanded, in any encoding."""
    depth = 0

    def doctype(*arguments: object) -> None:
        raise NotAcceptable("document types are not accepted")

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise NotAcceptable("nested too deeply")

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise NotAcceptable("not well-formed") from error
    except (LookupError, ValueError) as error:
        raise NotAcceptable("unknown encoding") from error


def text(element: Element | None, path: str) -> str:
    """Text at ``path`` with blanks collapsed, empty when there is none."""
    found = None if element is None else element.find(path)
    return "" if found is None or found.text is None else " ".join(found.text.split())


class Writer:
    """Builds one message; ``put`` makes nested elements from a path such as ``Acct/Id/Othr/Id``."""

    def __init__(self, message: str, root: str) -> None:
        self._message = message
        self.root = Element(root)

    def bytes(self) -> bytes:
        """The whole document, UTF-8 with declaration."""
        document = Element("Document", {"xmlns": namespace(self._message)})
        document.append(self.root)
        return bytes(ElementTree.tostring(document, encoding="utf-8", xml_declaration=True))


def put(parent: Element, path: str, value: str | None = None, **attributes: str) -> Element:
    """Append a new chain of elements; the last one carries ``value``."""
    for name in path.split("/"):
        parent = ElementTree.SubElement(parent, name)
    parent.text = value
    parent.attrib.update(attributes)
    return parent


def put_if(parent: Element, path: str, value: str) -> None:
    """As :func:`put`, nothing for an empty value."""
    if value:
        put(parent, path, value)
