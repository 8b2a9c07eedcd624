# Made by tools/sync_client.py of fourflow_client/aio/resources/namespace.py; change that one.
"""What every namespace has: reading, whole lists, writing under a key, signing what was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fourflow_client.client import Client

Record = dict[str, Any]
"""An object whose fields the API's reference lists (``/v1/docs``)."""


class Resource:
    def __init__(self, client: Client) -> None:
        self._client = client

    def _get(self, path: str, **query: Any) -> Any:
        return self._client.get(path, **query).body

    def _all(self, path: str, **query: Any) -> Sequence[Any]:
        """The rows of a list that has one page."""
        rows: Sequence[Any] = self._get(path, **query)["data"]
        return rows

    def _pages(self, path: str, **query: Any) -> Iterator[Any]:
        return self._client.pages(path, **query)

    def _post(self, path: str, body: Mapping[str, Any], key: str | None = None) -> Any:
        return self._client.post(path, body, key=key).body

    def _upload(self, path: str, name: str, content: bytes, **form: str) -> Any:
        return self._client.post(path, form, file=(name, content)).body

    def _sign(self, content_path: str, path: str, password: str, **body: Any) -> Any:
        return self._client.sign(content_path, path, password=password, **body)


def rows_of(plan: Mapping[str, Any], *shown: str) -> list[dict[str, Any]]:
    """The good rows of a dry run as they are sent back: without what was only ``shown``."""
    return [{name: value for name, value in row.items() if name not in shown} for row in plan["rows"]]


def form(name: str, value: Any) -> dict[str, Any]:
    """A field that is sent only where it is given."""
    return {} if value is None else {name: value}
