"""The movable-property registry over HTTP and JSON, as docs/operations/sandbox.md describes it."""

from fourflow.capital.claims.adapters.http_registry.client import HttpRegistry

__all__ = ["HttpRegistry"]
