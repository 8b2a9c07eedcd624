"""The same cheap sign-ins as the API's own tests."""

from tests.interfaces.api.conftest import cheap_passwords, founded, generous_quota, world

__all__ = ["cheap_passwords", "founded", "generous_quota", "world"]
