"""The port to identity providers: where a person is sent, and who comes back."""

from __future__ import annotations

from typing import ClassVar, Protocol

from fourflow.platform.errors import Forbidden, Unavailable


class ProviderRefused(Forbidden):
    """What the provider says does not verify: issuer, audience, nonce, signature, time, or no such code."""

    code: ClassVar[str] = "provider.refused"


class ProviderSilent(Unavailable):
    """The provider does not answer, or not with what OpenID Connect asks for."""

    code: ClassVar[str] = "provider.silent"


class IdentityProvider(Protocol):
    """OpenID Connect, authorization code flow with PKCE (RFC 7636)."""

    @property
    def name(self) -> str:
        """Its place in our addresses."""
        ...

    @property
    def label(self) -> str:
        """What people call it."""
        ...

    @property
    def issuer(self) -> str: ...

    def ask(self, *, back: str, state: str, nonce: str, verifier: str) -> str:
        """The address to which the browser is sent. :raises ProviderSilent: its description cannot be read."""
        ...

    def subject(self, *, code: str, back: str, nonce: str, verifier: str) -> str:
        """Who came back, by the provider's own name for the person.

        :raises ProviderRefused: the code or the token does not verify. :raises ProviderSilent: no answer.
        """
        ...
