"""The seeded company for page tests without a browser; those with one use tests/browsing.py."""

from tests.interfaces.web.scene import scene

__all__ = ["scene"]
