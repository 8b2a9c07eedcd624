"""Going through all pages and all forms of a workspace by what the pages themselves offer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from django.urls import resolve

#: ends the session, changes what the visitor is known by, or computes for long and takes no text
LEAVES = ("/sign-out", "/me", "/language", "/sign-in", "/organisation", "/audit")
PLAIN = ("text", "search", "email", "")


@dataclass
class Found:
    """A form: where it goes, what it carries, and the names of the fields that people type text into."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """The links and the posting forms of a page."""

    def __init__(self, path: str, content: str) -> None:
        super().__init__()
        self.path, self.links, self.forms = path, list[str](), list[Found]()
        self._form: Found | None = None
        self._choice = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and given.get("href", "").startswith("/"):
            self.links.append(given["href"])
        if tag == "form":
            self._form = Found(given.get("action") or self.path) if given.get("method") == "post" else None
            if self._form:
                self.forms.append(self._form)
        elif self._form is not None:
            self._part(tag, given, self._form)

    def _part(self, tag: str, given: dict[str, str], form: Found) -> None:
        name, kind = given.get("name", ""), given.get("type", "")
        if tag == "select":
            self._choice = name
        elif tag == "option" and self._choice and given.get("value") and self._choice not in form.fields:
            form.fields[self._choice] = [given["value"]]
        elif tag == "textarea" or (tag == "input" and kind in PLAIN and "inputmode" not in given):
            form.typed.append(name)
        elif tag == "input" and name and kind != "file":
            form.fields.setdefault(name, []).append(given.get("value", ""))
        elif tag == "button" and name and (name, given.get("value")) != ("outcome", "reject"):
            form.fields.setdefault(name, [given.get("value", "")])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "select":
            self._choice = ""


def crawl(client: Client, start: str = "/") -> Iterator[tuple[str, Any]]:
    """Every page that the links lead to, with its answer; of pages of one kind the first that is found."""
    waiting, kinds = [start], {""}
    while waiting:
        path = waiting.pop(0)
        answer = client.get(path)
        yield path, answer
        if not answer.get("Content-Type", "").startswith("text/html"):
            continue
        for link in Page(path, answer.content.decode()).links:
            address = urlsplit(link)
            if address.path.startswith(("/static", "/v1", "/audit")):
                continue
            kind = f"{resolve(address.path).view_name}{bool(address.query)}"
            if kind not in kinds:
                kinds.add(kind)
                waiting.append(link)
