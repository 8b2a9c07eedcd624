"""What a movable-property registry (动产融资统一登记公示系统, 中登网) must be able to do for us.

Every call crosses the network: never inside a transaction. Each carries our ``client_reference``; the registry does the same
request once however often it arrives, and can be asked what became of it. Each method raises :class:`RegistryUnavailable`
when the registry certainly took nothing and :class:`RegistryTimeout` when that cannot be known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from fourflow.capital.claims.types import ExchangeKind, Hit, RegistrationKind


@dataclass(frozen=True, slots=True)
class PartyAtRegistry:
    """A party as the registry knows it: its full name, and its 统一社会信用代码 or LEI."""

    name: str
    identifier: str

    def to_body(self) -> dict[str, str]:
        return {"name": self.name, "identifier": self.identifier}


@dataclass(frozen=True, slots=True)
class Query:
    """Who has registered what over these assets? Searching changes nothing, so a search may be repeated."""

    client_reference: str
    assets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filing:
    """An initial registration: one secured party, one debtor, an identifiable collateral, a term in months."""

    client_reference: str
    kind: RegistrationKind
    secured_party: PartyAtRegistry
    debtor: PartyAtRegistry
    collateral: str
    assets: tuple[str, ...]
    term_months: int


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a registration of ours (other collateral or assets), or its end; ``modify_code`` proves that it is ours."""

    client_reference: str
    registration_no: str
    modify_code: str
    collateral: str = ""
    assets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegistryAnswer:
    """The registry's word on one request. ``accepted`` False: refused for ``reason``, and nothing was done."""

    client_reference: str
    accepted: bool
    certificate: str = ""
    hits: tuple[Hit, ...] = ()
    registration_no: str = ""
    modify_code: str = ""
    expires_on: date | None = None
    reason: str = ""

    def to_body(self) -> dict[str, Any]:
        """What is kept of the answer; the modification code is kept sealed elsewhere."""
        return {
            "accepted": self.accepted,
            "certificate": self.certificate,
            "hits": [hit.to_body() for hit in self.hits],
            "registration_no": self.registration_no,
            "expires_on": self.expires_on.isoformat() if self.expires_on else None,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class NotKnown:
    """The registry's answer to a question: it has not done a request of this reference."""

    client_reference: str


class RegistryPort(Protocol):
    """A registry."""

    def reachable(self) -> bool:
        """Whether it is there at all; asked before a request is marked as handed over."""
        ...

    def query(self, request: Query) -> RegistryAnswer:
        """Search; the answer carries the number of a certificate of the search and what it found."""
        ...

    def register(self, request: Filing) -> RegistryAnswer:
        """File an initial registration; the answer carries its number, modification code and expiry."""
        ...

    def amend(self, request: Change) -> RegistryAnswer:
        """Change collateral or assets of a registration of ours."""
        ...

    def cancel(self, request: Change) -> RegistryAnswer:
        """End a registration of ours."""
        ...

    def ask(self, kind: ExchangeKind, client_reference: str, registration_no: str) -> RegistryAnswer | NotKnown:
        """What became of a request that was not answered; of a search always NotKnown: search again."""
        ...
