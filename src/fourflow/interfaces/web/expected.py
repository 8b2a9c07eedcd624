"""What would have been right, in the reader's language: operations say it in short English texts, which the API hands on."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from fourflow.interfaces.web import names, texts
from fourflow.platform.errors import FourflowError

#: every text that an operation says, with the days, numbers and amounts in it; a test finds one that is not here
SENTENCES = texts.Sentences(
    (
        gettext_noop("after %(a)s"),
        gettext_noop("from %(a)s"),
        gettext_noop("until %(a)s"),
        gettext_noop("a day up to %(a)s"),
        gettext_noop("not after %(a)s"),
        gettext_noop("not before %(a)s"),
        gettext_noop("not before the delivery on %(a)s"),
        gettext_noop("up to %(a)s"),
        gettext_noop("at most %(a)s"),
        gettext_noop("%(a)s to %(b)s"),
        gettext_noop("1 to %(a)s"),
        gettext_noop("%(a)s to %(b)s characters"),
        gettext_noop("at least %(a)s characters"),
        gettext_noop("at most %(a)s characters that can be shown"),
        gettext_noop("1 to 255 characters, used once"),
        gettext_noop("1 to %(a)s event kinds"),
        gettext_noop("1 to %(a)s public keys"),
        gettext_noop("1 to %(a)s rows"),
        gettext_noop("at most %(a)s rows"),
        gettext_noop("at most %(a)s bytes"),
        gettext_noop("up to %(a)s bytes"),
        gettext_noop("cells of up to 131072 characters"),
        gettext_noop("a header and rows"),
        gettext_noop("each column once"),
        gettext_noop("a header and at least one row"),
        gettext_noop("text in UTF-8 or GB 18030"),
        gettext_noop("not row %(a)s again"),
        gettext_noop("at least one line, each number once"),
        gettext_noop("numbers of at most %(a)s characters"),
        gettext_noop("a number and a seller"),
        gettext_noop("as recorded before"),
        gettext_noop("the header as recorded before"),
        gettext_noop("lines of order %(a)s"),
        gettext_noop("64 hex digits"),
        gettext_noop("another file than %(a)s"),
        gettext_noop("received or storing"),
        gettext_noop("a cursor of this list"),
        gettext_noop("more than zero"),
        gettext_noop("zero or more"),
        gettext_noop("more than nothing"),
        gettext_noop("integer"),
        gettext_noop("decimal"),
        gettext_noop("text"),
        gettext_noop("true or false"),
        gettext_noop("object or list"),
        gettext_noop("a person"),
        gettext_noop("a reason"),
        gettext_noop("why"),
        gettext_noop("a reference and a reason"),
        gettext_noop("why, and on whose authority"),
        gettext_noop("a purpose, a number and another party"),
        gettext_noop("the role of operator and two people"),
        gettext_noop("one operator per installation"),
        gettext_noop("a name, an identifier and a role"),
        gettext_noop("a name and a function"),
        gettext_noop("an address"),
        gettext_noop("number and issuer"),
        gettext_noop("a kind of row"),
        gettext_noop("a binding permission"),
        gettext_noop("a member signs for the own organisation"),
        gettext_noop("a core enterprise"),
        gettext_noop("18 digits or capital letters"),
        gettext_noop("17 characters of the GB 32100 alphabet"),
        gettext_noop("20 digits"),
        gettext_noop("ISO 3166 alpha-2"),
        gettext_noop("ascii"),
        gettext_noop("one of the claims that the reference uses"),
        gettext_noop("shares add up to at most the claim's amount"),
        gettext_noop("another funder's line on the same core and currency"),
        gettext_noop("one share of the entry"),
        gettext_noop("another firm than the payee"),
        gettext_noop("%(a)s or later"),
        gettext_noop("at least %(a)s letters or digits"),
        gettext_noop("approved by the funder"),
        gettext_noop("a part that was transferred"),
        gettext_noop("1 to 9"),
        gettext_noop("an https address"),
        gettext_noop("https"),
        gettext_noop("an https address of at most %(a)s ASCII characters"),
        gettext_noop("no sign-in and no fragment in the address"),
        gettext_noop("a name that resolves"),
        gettext_noop("at most %(a)s endpoints"),
        gettext_noop("an event kind, or a family such as voucher.*"),
        gettext_noop("a public key as JWK (RFC 7517)"),
        gettext_noop("another kid for each key"),
        gettext_noop("a kid of at most 100 characters"),
        gettext_noop("an Ed25519, P-256 or RSA key"),
        gettext_noop("Ed25519, P-256, or RSA of at least 2048 bits"),
        gettext_noop("the public part only; a key sent with its secret is burnt"),
    )
)
_MONEY = re.compile(r"(-?\d+(?:\.\d+)?) ([A-Z]{3})")
#: refusals that say which of several things is missing, and the words for those
_LISTED = {"party.document_missing": names.PAPERS, "party.licence_missing": names.LICENCES}
#: why a whole file is refused that lacks columns, which are then named
_COLUMNS = ("columns_missing", "no_header")
#: refusals whose expectation is for programs
_SILENT = ("party.not_found", "idempotency.key_missing")


def of(error: FourflowError) -> str:
    """What a refusal expected, where that is a short text or a list of things with words; else nothing."""
    expected = error.params.get("expected")
    if error.code in _LISTED and isinstance(expected, list | tuple):
        return texts.listed(_LISTED[error.code].get(str(one), one) for one in expected)
    missing = error.code == "rows.invalid" or error.params.get("reason") in _COLUMNS
    if missing and isinstance(expected, list | tuple):
        return _("the columns %(names)s") % {"names": texts.listed(expected)}
    return told(expected) if isinstance(expected, str) and expected and error.code not in _SILENT else ""


def told(text: str) -> str:
    """The text in the language of the page; what is no sentence (a day, a currency, names of columns) stays as it is."""
    return SENTENCES.told(text, _shown)


def _shown(value: str) -> str:
    """An amount as pages write amounts; anything else as it is."""
    found = _MONEY.fullmatch(value)
    return texts.amount_of({"amount": found[1], "currency": found[2]}) or value if found else value
