"""The two languages of the pages: a story is told in English words and driven in either."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.browsing import go
from tests.interfaces.web.seed import PASSWORD


@dataclass(frozen=True)
class Tongue:
    """A browser's language, and what stands on the pages for an English word; nothing is guessed."""

    locale: str
    words: Mapping[str, str] | None = None

    def __call__(self, english: str) -> str:
        """
        :raises KeyError: the story says a word that its table has not.
        """
        return english if self.words is None else self.words[english]

    def press(self, page: Any, button: str, *, password: str = "") -> None:
        """Press what leads on; ``password`` is the label under which the page asks for it, if it still does."""
        if password and (asked := page.get_by_label(self(password))).count():
            asked.fill(PASSWORD)
        go(page.locator("main").get_by_role("button", name=self(button), exact=True))

    def follow(self, page: Any, link: str) -> None:
        """Follow a link of the page."""
        go(page.locator("main").get_by_role("link", name=self(link)).first)

    def menu(self, page: Any, entry: str) -> None:
        """Choose a page from the menu; its title is the entry's word."""
        named = re.compile(rf"^{re.escape(self(entry))}\s*\d*$")  # the inbox counts what waits
        go(page.locator("nav.side").get_by_role("link", name=named))
