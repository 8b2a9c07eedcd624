"""Search terms that work for names without spaces: overlapping pairs of characters."""

from __future__ import annotations

import re
import unicodedata

_BREAK = re.compile(r"[\W_]+")


def bigrams(text: str) -> list[str]:
    """The distinct pairs of neighbouring characters of each word, folded; a one-character word stands for itself."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    found: dict[str, None] = {}
    for word in _BREAK.split(folded):
        if len(word) == 1:
            found[word] = None
        for i in range(len(word) - 1):
            found[word[i : i + 2]] = None
    return list(found)


def sort_key(name: str) -> str:
    """A key by which names sort alike on every database: folded, without marks and punctuation."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    kept = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _BREAK.sub(" ", kept).strip()[:200]
