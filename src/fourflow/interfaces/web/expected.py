"""What would have been right, in the reader's language: operations say it in short English texts, which the API hands on."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from fourflow.interfaces.web import names
from fourflow.platform.errors import FourflowError

#: texts with a day, a number or an amount in them
_PATTERNS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"after ([0-9-]{10})", gettext_noop("after %(what)s")),
        (r"from ([0-9-]{10})", gettext_noop("from %(what)s on")),
        (r"until ([0-9-]{10})", gettext_noop("until %(what)s")),
        (r"not after ([0-9-]{10})", gettext_noop("not after %(what)s")),
        (r"not before the delivery on ([0-9-]{10})", gettext_noop("not before the delivery on %(what)s")),
        (r"at most ([0-9]+) characters", gettext_noop("at most %(what)s characters")),
        (r"at least ([0-9]+) characters", gettext_noop("at least %(what)s characters")),
        (r"up to ([0-9].*)", gettext_noop("up to %(what)s")),
        (r"([0-9]+ to [0-9]+) characters", gettext_noop("%(what)s characters")),
    )
)
#: whole texts that people meet on pages
_WHOLE = frozenset(
    (
        gettext_noop("more than zero"),
        gettext_noop("zero or more"),
        gettext_noop("a person"),
        gettext_noop("a reference and a reason"),
        gettext_noop("why, and on whose authority"),
        gettext_noop("a purpose, a number and another party"),
        gettext_noop("text that a spreadsheet does not run"),
        gettext_noop("an https address"),
        gettext_noop("a name that resolves"),
        gettext_noop("a public key as JWK (RFC 7517)"),
        gettext_noop("another kid for each key"),
        gettext_noop("18 digits or capital letters"),
        gettext_noop("17 characters of the GB 32100 alphabet"),
        gettext_noop("20 digits"),
        gettext_noop("a header and at least one row"),
        gettext_noop("text in UTF-8 or GB 18030"),
    )
)


#: refusals that say which of several things is missing, and the words for those
_LISTED = {"party.document_missing": names.PAPERS, "party.licence_missing": names.LICENCES}
#: refusals whose expectation is for programs
_SILENT = ("party.not_found", "idempotency.key_missing")


def of(error: FourflowError) -> str:
    """What a refusal expected, where that is a short text or a list of things with words; else nothing."""
    expected = error.params.get("expected")
    if error.code in _LISTED and isinstance(expected, list | tuple):
        return ", ".join(str(_LISTED[error.code].get(str(one), one)) for one in expected)
    return told(expected) if isinstance(expected, str) and expected and error.code not in _SILENT else ""


def told(text: str) -> str:
    """The text in the language of the page; one that is not known here stays as the operation said it."""
    if text in _WHOLE:
        return _(text)
    for pattern, words in _PATTERNS:
        if found := pattern.fullmatch(text):
            return _(words) % {"what": found.group(1)}
    return text
