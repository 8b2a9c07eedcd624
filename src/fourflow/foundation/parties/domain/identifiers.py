"""Identifiers of parties: normal form and check characters.

USCC: GB 32100-2015, 18 characters, ISO 7064 MOD 31-3: every change of one character is found, and every exchange of two
except of the first with the last. LEI: ISO 17442, 20 characters, ISO 7064 MOD 97-10 over the letters as numbers
10 to 35: a digit changed into a digit, or a letter into a letter, is always found.
"""

from __future__ import annotations

import re
import unicodedata

from fourflow.foundation.parties.types import Identifier, IdentifierInvalid, IdentifierScheme

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Digits and capital letters without I, O, S, V and Z."""

_USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_SEPARATORS = re.compile(r"[\s\-.·_/]+")
_LEI = re.compile(r"[0-9A-Z]{18}[0-9]{2}")
_USCC = re.compile(f"[{USCC_ALPHABET}]{{18}}")
_SANDBOX = re.compile(r"[0-9A-Z]+(-[0-9A-Z]+)*")
_SANDBOX_LENGTH = 64


def uscc_check_character(body: str) -> str:
    """The eighteenth character for the first seventeen (GB 32100-2015, annex).

    :raises IdentifierInvalid: another length, or a character outside the alphabet.
    """
    if len(body) != 17 or any(character not in USCC_ALPHABET for character in body):
        raise IdentifierInvalid(field="value", expected="17 characters of the GB 32100 alphabet")
    total = sum(USCC_ALPHABET.index(c) * weight for c, weight in zip(body, _USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[-total % 31]


def lei_check_digits(body: str) -> str:
    """The two last digits for the first eighteen characters (ISO 17442, ISO 7064 MOD 97-10).

    :raises IdentifierInvalid: another length, or a character that is no digit or capital letter.
    """
    if not re.fullmatch(r"[0-9A-Z]{18}", body):
        raise IdentifierInvalid(field="value", expected="18 digits or capital letters")
    return f"{98 - _as_number(body + '00') % 97:02d}"


def _as_number(text: str) -> int:
    return int("".join(str(int(character, 36)) for character in text))


def normalise(scheme: IdentifierScheme, text: str) -> Identifier:
    """The one form in which an identifier is stored and compared.

    NFKC (full-width digits become ASCII), upper case, separators removed (in the sandbox scheme: one hyphen).

    :raises IdentifierInvalid: not of the scheme's length or alphabet, or its check characters do not fit.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain.isascii():
        raise IdentifierInvalid(field="value", scheme=scheme.value, expected="ascii")
    value = _SEPARATORS.sub("-" if scheme is IdentifierScheme.SANDBOX else "", plain.upper())
    if scheme is IdentifierScheme.USCC:
        fits = bool(_USCC.fullmatch(value)) and uscc_check_character(value[:17]) == value[17]
    elif scheme is IdentifierScheme.LEI:
        fits = bool(_LEI.fullmatch(value)) and _as_number(value) % 97 == 1
    else:
        fits = len(value) <= _SANDBOX_LENGTH and bool(_SANDBOX.fullmatch(value))
    if not fits:
        raise IdentifierInvalid(field="value", scheme=scheme.value, value=value[:_SANDBOX_LENGTH])
    return Identifier(scheme, value)
