"""Django's view of a sign-in: e-mail address and password.

Settings: ``AUTHENTICATION_BACKENDS = ["fourflow.foundation.parties.adapters.sign_in.backend.PasswordBackend"]``.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from fourflow.foundation.parties import queries


class PasswordBackend(BaseBackend):
    """Sign in by e-mail address and password; permissions come from :class:`Actor`, never from Django's."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **other: Any
    ) -> Any:
        email = username or other.get("email")
        if not email or not password:
            return None
        account = queries.authenticate(str(email), password)
        return None if account is None else self.get_user(account.id)

    def get_user(self, user_id: int | UUID) -> Any:
        return get_user_model()._default_manager.filter(pk=str(user_id), is_active=True).first()
