"""Reading fields of a JSON request: every mistake is named, nothing is guessed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from fourflow_sandbox.refusal import Refusal


def text(body: Mapping[str, object], field: str, *, longest: int = 140, default: str | None = None) -> str:
    """A non-empty text without control characters, at most ``longest`` characters.

    :raises Refusal: 422 ``field.invalid``.
    """
    value = body.get(field, default)
    if value is None or not isinstance(value, str) or len(value) > longest or (not value.strip() and default is None):
        raise Refusal(422, "field.invalid", field=field, expected=f"text of 1..{longest} characters")
    if any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) <= 0xDFFF or ord(c) in (0xFFFE, 0xFFFF) for c in value):
        raise Refusal(422, "field.invalid", field=field, expected="no control characters")
    return value


def whole(body: Mapping[str, object], field: str, lowest: int, highest: int) -> int:
    """A whole number within bounds.

    :raises Refusal: 422 ``field.invalid``.
    """
    value = body.get(field)
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise Refusal(422, "field.invalid", field=field, expected=f"whole number {lowest}..{highest}")
    return value


def choice(body: Mapping[str, object], field: str, allowed: tuple[str, ...]) -> str:
    """One of the allowed words.

    :raises Refusal: 422 ``field.invalid``.
    """
    value = body.get(field)
    if not isinstance(value, str) or value not in allowed:
        raise Refusal(422, "field.invalid", field=field, expected=list(allowed))
    return value


def part(body: Mapping[str, object], field: str) -> dict[str, object]:
    """A nested object.

    :raises Refusal: 422 ``field.invalid``.
    """
    value = body.get(field)
    if not isinstance(value, dict):
        raise Refusal(422, "field.invalid", field=field, expected="object")
    return value


def texts(body: Mapping[str, object], field: str, *, longest: int = 140) -> list[str]:
    """A list of texts; absent is empty.

    :raises Refusal: 422 ``field.invalid``.
    """
    value = body.get(field, [])
    if not isinstance(value, list) or len(value) > 10_000:
        raise Refusal(422, "field.invalid", field=field, expected="list of texts")
    return [text({field: item}, field, longest=longest) for item in value]


def digest(value: object) -> str:
    """What tells a repeat from another request under the same reference (SHA-256 of sorted JSON)."""
    encoded = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(encoded.encode()).hexdigest()
