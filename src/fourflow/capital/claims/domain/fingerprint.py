"""From the numbers on a document to one unmistakable text, however they were typed.

Two spellings of one document must meet, so a part loses everything that people add, drop or vary: width (NFKC), letter case,
and whatever is neither letter nor digit. That two different documents meet because they differ only in separators is
possible and harmless (the second is refused and a person looks); the opposite would finance one document twice.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from fourflow.capital.claims.types import SCHEME_PARTS, Scheme, Underlying, UnderlyingInvalid
from fourflow.platform.canonical_json import canonical

#: Letters that show nothing: Hangul fillers pass for letters and could be typed into a number unseen.
_INVISIBLE_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")

_MAX_LENGTH = 200
_DIGITS_OF_CN_INVOICE = 20


def normalise(text: str) -> str:
    """NFKC, upper case, letters and digits only. Applying it twice changes nothing."""
    previous, current = None, text
    while previous != current:
        previous = current
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", current).upper())
        current = "".join(c for c in folded if c not in _INVISIBLE_LETTERS and unicodedata.category(c)[0] in "LN")
    return current


def _is_cn_invoice(number: str) -> bool:
    return len(number) == _DIGITS_OF_CN_INVOICE and number.isascii() and number.isdigit()


def normal_parts(underlying: Underlying) -> dict[str, str]:
    """The normalised parts of a document, in the order of its scheme.

    :raises UnderlyingInvalid: a part is missing, unknown, empty once normalised or too long; a 数电票 number that is not
        exactly 20 digits; or such a number given as an ordinary invoice, which would be a second identity of it.
    """
    scheme, given = underlying.scheme, underlying.parts
    names = SCHEME_PARTS[scheme]
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise UnderlyingInvalid(field=unknown[0], scheme=scheme.value, expected=list(names))
    parts = {name: normalise(given.get(name, "")) for name in names}
    for name, value in parts.items():
        if not value or len(value) > _MAX_LENGTH:
            raise UnderlyingInvalid(field=name, scheme=scheme.value, value=str(given.get(name, ""))[:40])
    if scheme is Scheme.INVOICE_CN and not _is_cn_invoice(parts["number"]):
        raise UnderlyingInvalid(field="number", scheme=scheme.value, expected="20 digits")
    if scheme is Scheme.INVOICE and _is_cn_invoice(parts["number"]):
        raise UnderlyingInvalid(field="number", scheme=scheme.value, expected=Scheme.INVOICE_CN.value)
    return parts


def material(scheme: Scheme, parts: Mapping[str, str]) -> str:
    """The text over which the keyed fingerprint is taken: a JSON list, so that no part can run into the next."""
    return canonical([scheme.value, *(parts[name] for name in SCHEME_PARTS[scheme])]).decode()


def order_of(scheme: Scheme, parts: Mapping[str, str]) -> dict[str, str] | None:
    """The order to which a line or delivery belongs by its own numbers, as parts of Scheme.ORDER; None for the rest."""
    if scheme in (Scheme.ORDER_LINE, Scheme.PO_ASN):
        return {name: parts[name] for name in SCHEME_PARTS[Scheme.ORDER]}
    return None
