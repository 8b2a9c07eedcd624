"""Who acts, for whom, and whether this is allowed: functions, mandates and licences of one business day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from fourflow.foundation.parties.types.errors import (
    LicenceExpired,
    LicenceMissing,
    MandateExceeded,
    MandateExpired,
    MandateMissing,
    NotPermitted,
)
from fourflow.foundation.parties.types.kinds import BINDING, LICENSED, Function, LicenceKind, Permission, RoleKind
from fourflow.platform.money import Money


@dataclass(frozen=True, slots=True)
class MandateTerm:
    """A mandate as an actor carries it: for `party_id`, up to `max_minor` minor units of `currency`.

    `max_minor` None = without ceiling. Valid from `valid_from` up to, not including, `valid_to` (None = open).
    """

    party_id: UUID
    permission: Permission
    currency: str
    max_minor: int | None
    valid_from: date
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def covers(self, amount: Money) -> bool:
        return self.currency == amount.currency and (self.max_minor is None or abs(amount.minor) <= self.max_minor)


@dataclass(frozen=True, slots=True)
class LicenceTerm:
    """A licence of the actor's organisation; half-open period like :class:`MandateTerm`."""

    kind: LicenceKind
    valid_from: date
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


#: who reads every party's objects
OVERSEERS = frozenset({RoleKind.OPERATOR, RoleKind.REGULATOR})
SYSTEM_ID = UUID("00000000-0000-7000-8000-000000000001")


@dataclass(frozen=True, slots=True)
class Actor:
    """A natural person acting for one organisation on one business day, or :data:`SYSTEM`.

    `permissions` follow from the organisation's roles and the person's functions; `on` is the day of the snapshot and
    the default day of :meth:`require`. `office` is by what it sees all: the grant of the role of operator or regulator
    (or, with broken glass, the emergency); "" for everybody else.
    """

    person_id: UUID
    organisation_id: UUID
    on: date
    functions: frozenset[Function] = frozenset()
    roles: frozenset[RoleKind] = frozenset()
    permissions: frozenset[Permission] = frozenset()
    mandates: tuple[MandateTerm, ...] = ()
    licences: tuple[LicenceTerm, ...] = ()
    account_id: UUID | None = None
    session_id: str = ""
    office: str = ""

    @property
    def is_system(self) -> bool:
        return self.person_id == SYSTEM_ID

    @property
    def sees_all(self) -> bool:
        """The operator and the regulator read every party's objects; what they may change is another question."""
        return self.is_system or bool(self.roles & OVERSEERS)

    def can(self, permission: Permission) -> bool:
        """Whether a function of the person has this permission; says nothing of party, mandate or licence."""
        return self.is_system or permission in self.permissions

    def require(
        self,
        permission: Permission,
        *,
        party: UUID | None = None,
        amount: Money | None = None,
        today: date | None = None,
    ) -> None:
        """Refuse unless the actor may do this for `party` (default: the own organisation), for `amount`, on `today`.

        :raises NotPermitted: no function with this permission, or `party` is not the actor's and gave no mandate.
        :raises LicenceMissing: see :data:`LICENSED`; also :class:`LicenceExpired`.
        :raises MandateMissing: see :data:`BINDING`; also :class:`MandateExpired` and :class:`MandateExceeded`.
        """
        if self.is_system:
            return
        day = today or self.on
        principal = party or self.organisation_id
        if permission not in self.permissions:
            raise NotPermitted(permission=permission.value)
        if permission in LICENSED:
            self._require_licence(permission, day)
        if principal != self.organisation_id and permission not in BINDING:
            raise NotPermitted(permission=permission.value)
        if permission in BINDING:
            self._require_mandate(permission, principal, amount, day)

    def _require_licence(self, permission: Permission, day: date) -> None:
        held = [licence for licence in self.licences if licence.kind in LICENSED[permission]]
        if not held:
            raise LicenceMissing(permission=permission.value)
        if not any(licence.holds_on(day) for licence in held):
            raise LicenceExpired(permission=permission.value, day=day.isoformat())

    def _require_mandate(self, permission: Permission, principal: UUID, amount: Money | None, day: date) -> None:
        given = [m for m in self.mandates if m.party_id == principal and m.permission is permission]
        if not given and principal != self.organisation_id:
            raise NotPermitted(permission=permission.value)
        if amount is not None:
            given = [m for m in given if m.currency == amount.currency]
        if not given:
            raise MandateMissing(permission=permission.value, currency=amount.currency if amount else "")
        in_force = [m for m in given if m.holds_on(day)]
        if not in_force:
            raise MandateExpired(permission=permission.value, day=day.isoformat())
        if amount is not None and not any(m.covers(amount) for m in in_force):
            ceiling = max(m.max_minor for m in in_force if m.max_minor is not None)
            raise MandateExceeded(
                permission=permission.value, amount=str(amount), ceiling=str(Money(ceiling, amount.currency))
            )


SYSTEM = Actor(person_id=SYSTEM_ID, organisation_id=SYSTEM_ID, on=date.min)
"""The platform itself. Only jobs.py and migrations act as SYSTEM; it is never made from a sign-in."""
