"""Credit lines for other tests, made through the operations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from fourflow.capital.ledger import operations as ledger
from fourflow.capital.ledger.types import Entry
from fourflow.capital.limits import operations, queries
from fourflow.capital.limits.types import Limit, LimitId, Publication
from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.parties.types import Actor, LicenceKind, LicenceTerm, MandateTerm, Permission, RoleKind
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

AT = datetime(2014, 3, 3, 2, 0, tzinfo=UTC)
TODAY = date(2014, 3, 3)
CURRENCIES = ("CNY", "USD")


@dataclass
class Funder:
    """A licensed bank with a maker and a checker of limits."""

    id: UUID = field(default_factory=new_id)

    def __post_init__(self) -> None:
        self.maker = self.person(Permission.LIMIT_SET)
        self.checker = self.person(Permission.LIMIT_CHECK)

    def person(
        self, *permissions: Permission, person_id: UUID | None = None, ceiling: int | None = None, licensed: bool = True
    ) -> Actor:
        """A person of the bank with these permissions, and mandates up to ``ceiling`` minor units."""
        mandates = tuple(
            MandateTerm(self.id, permission, currency, ceiling, date(2006, 1, 1))
            for permission in permissions
            for currency in CURRENCIES
        )
        return Actor(
            person_id=person_id or new_id(),
            organisation_id=self.id,
            on=TODAY,
            roles=frozenset({RoleKind.FUNDER}),
            permissions=frozenset(permissions),
            mandates=mandates,
            licences=(LicenceTerm(LicenceKind.BANKING, date(2006, 1, 1)),) if licensed else (),
        )

    def propose(
        self,
        core_id: UUID,
        amount: str = "1000.00",
        currency: str = "USD",
        valid_from: date = date(2014, 1, 1),
        valid_to: date | None = None,
    ) -> Publication:
        """An announcement that waits for its second person."""
        return operations.propose(
            actor=self.maker,
            core_id=core_id,
            sanctioned=Money.parse(amount, currency),
            valid_from=valid_from,
            valid_to=valid_to,
            source="credit approval 2014-7",
            effective_at=AT,
        )

    def decide(self, publication: Publication, verdict: Verdict = Verdict.APPROVE, reason: str = "") -> Publication:
        """The second person's word."""
        return operations.decide(
            publication_id=publication.id, actor=self.checker, verdict=verdict, effective_at=AT, reason=reason
        )

    def limit(
        self,
        core_id: UUID,
        amount: str = "1000.00",
        currency: str = "USD",
        valid_from: date = date(2014, 1, 1),
        valid_to: date | None = None,
    ) -> Limit:
        """A published line."""
        published = self.decide(self.propose(core_id, amount, currency, valid_from, valid_to))
        assert published.limit_id is not None
        return queries.get(actor=self.maker, limit_id=published.limit_id)


def post(entries: tuple[Entry, ...]) -> None:
    """Post what a use of a line returned, as the calling operation would."""
    if entries:
        ledger.post_many(entries, reference=f"test:{new_id()}", effective_at=AT)


def blocked(limit_id: LimitId, amount: str, reference: str, currency: str = "USD") -> None:
    """A block, posted."""
    money = Money.parse(amount, currency)
    post(operations.block(limit_id=limit_id, amount=money, reference=reference, effective_at=AT, today=TODAY))
