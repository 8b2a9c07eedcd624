"""Text that was encoded twice, and text that lost characters for good."""

from __future__ import annotations

import re

_RUN = re.compile(r"[^\x00-\x7f]+")
_MAX_LAYERS = 3


def _as_single_bytes(text: str) -> bytes | None:
    """The bytes that Windows-1252 (with ISO 8859-1 for its five holes) would have shown as this text."""
    out = bytearray()
    for character in text:
        try:
            out += character.encode("cp1252")
        except UnicodeEncodeError:
            if ord(character) > 0xFF:
                return None
            out.append(ord(character))
    return bytes(out)


def _mend_run(match: re.Match[str]) -> str:
    found = match.group()
    single = _as_single_bytes(found)
    if single is None:
        return found
    try:
        return single.decode("utf-8")
    except UnicodeDecodeError:
        return found


def mend_double_encoding(text: str) -> str:
    """Undo UTF-8 that was read as Windows-1252 and encoded again: ``"GrÃ¸nland"`` → ``"Grønland"``.

    Works on runs of non-ASCII characters: a run is mended only if its characters, taken as single bytes, are valid
    UTF-8 as a whole, which by chance almost no real word is (``"Côte"`` is not). Up to three layers.
    """
    for _ in range(_MAX_LAYERS):
        if text.isascii():
            return text
        mended = _RUN.sub(_mend_run, text)
        if mended == text:
            return text
        text = mended
    return text


def has_lost_characters(text: str) -> bool:
    """Whether a decoder put U+FFFD where it could not read: the original cannot be recovered from this text."""
    return "\ufffd" in text


def control_character(text: str) -> str | None:
    """The first C0 or C1 control character other than tab, CR and LF, as ``U+0007``; None where there is none."""
    if text.isprintable():
        return None
    for character in text:
        point = ord(character)
        if (point < 0x20 and character not in "\t\r\n") or 0x7F <= point <= 0x9F:
            return f"U+{point:04X}"
    return None
