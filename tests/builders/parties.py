"""An operator, core enterprises, suppliers, funders and a regulator with people, made through the operations.

Every organisation has a maker, a checker and a viewer. Makers and checkers may bind it in CNY and USD up to
`CEILING`. ``cast()`` makes the usual company of a story at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.parameters.queries import decide_by
from fourflow.foundation.parties import operations, queries
from fourflow.foundation.parties.types import (
    BINDING,
    ROLE_LICENCES,
    Actor,
    Declaration,
    DocumentOf,
    Function,
    Identifier,
    IdentifierScheme,
    LicenceKind,
    LicenceTerms,
    MandateTerms,
    MemberTerms,
    PartyKind,
    PartyView,
    RoleKind,
    RoleTerms,
    SizeClass,
    Terms,
)

SINCE = date(2014, 1, 1)
TODAY = date(2014, 3, 3)
NOON = datetime(2014, 3, 3, 4, tzinfo=UTC)  # noon in Shanghai on TODAY
LAST = TODAY + timedelta(30)  # until when others decide what is asked on TODAY
CEILING = 10**14  # a million million in major units: nobody's limit unless a test says so
CURRENCIES = ("CNY", "USD")


@dataclass(frozen=True)
class Firm:
    """A party with actors on TODAY."""

    id: UUID
    view: PartyView
    maker: Actor
    checker: Actor
    viewer: Actor

    @property
    def name(self) -> str:
        return self.view.name

    def on(self, today: date) -> Firm:
        """The same people on another business day."""
        actors = {name: as_of(getattr(self, name), today) for name in ("maker", "checker", "viewer")}
        return replace(self, **actors)


@dataclass(frozen=True)
class Cast:
    operator: Firm
    core: Firm
    suppliers: tuple[Firm, ...]
    funders: tuple[Firm, ...]
    regulator: Firm

    @property
    def supplier(self) -> Firm:
        return self.suppliers[0]

    @property
    def funder(self) -> Firm:
        return self.funders[0]


def as_of(actor: Actor, today: date) -> Actor:
    """The actor as the sign-in would make it on another day."""
    assert actor.account_id is not None
    return queries.actor_for(actor.account_id, actor.organisation_id, today, session_id=actor.session_id)


def mandates(role: RoleKind, ceiling: int | None = CEILING, since: date = SINCE) -> tuple[MandateTerms, ...]:
    """Every binding permission that the role knows, in every currency of the tests."""
    binding = sorted(BINDING & queries.allowed([role], Function))
    return tuple(MandateTerms(permission, c, ceiling, since) for permission in binding for c in CURRENCIES)


def members(
    slug: str, role: RoleKind = RoleKind.SUPPLIER, ceiling: int | None = CEILING, since: date = SINCE
) -> tuple[MemberTerms, ...]:
    def member(name: str, *functions: Function) -> MemberTerms:
        binding = mandates(role, ceiling, since) if Function.SIGNER in functions else ()
        return MemberTerms(
            f"{name} of {slug}", f"{name}@{slug.lower()}.example", frozenset(functions), since, mandates=binding
        )

    return (
        member("maker", Function.MAKER, Function.SIGNER, Function.ADMIN),
        member("checker", Function.CHECKER, Function.SIGNER),
        member("viewer", Function.VIEWER),
    )


def declaration(
    slug: str, role: RoleKind, *, programme: UUID | None = None, since: date = SINCE, size: SizeClass | None = None
) -> Declaration:
    """What the firm `slug` declares; a licensed role comes with a licence of a fitting kind."""
    kinds = ROLE_LICENCES.get(role, frozenset())
    kind = LicenceKind.BANKING if LicenceKind.BANKING in kinds else min(kinds, default=None)
    return Declaration(
        kind=PartyKind.LEGAL_ENTITY,
        name=f"{slug.replace('-', ' ').title()} Ltd",
        short_name=slug,
        country="CN",
        identifiers=(Identifier(IdentifierScheme.SANDBOX, slug.upper()),),
        roles=(RoleTerms(role, since, programme_id=programme),),
        size_class=size or (SizeClass.LARGE if role is RoleKind.CORE else SizeClass.SMALL),
        licences=(LicenceTerms(kind, f"{slug}-1", "NFRA", since),) if kind else (),
        members=members(slug, role, since=since),
    )


def operator(slug: str = "operator", effective_at: datetime = NOON) -> Firm:
    """Found the installation."""
    return firm(operations.found(declaration=declaration(slug, RoleKind.OPERATOR), effective_at=effective_at).id)


def onboard(op: Firm, declared: Declaration, effective_at: datetime = NOON) -> Firm:
    """Apply, hand in the documents, submit and approve by a second person."""
    drafted = operations.apply(declaration=declared, actor=op.maker, effective_at=effective_at)
    kinds = ["registration", *(["licence"] if declared.licences else [])]
    for kind in kinds:
        digest = hashlib.sha256(f"{declared.name} {kind}".encode()).hexdigest()
        paper = DocumentOf(kind, f"{kind}.pdf", "application/pdf", digest)
        operations.add_document(application_id=drafted.id, document=paper, actor=op.maker, effective_at=effective_at)
    submitted = operations.submit(
        application_id=drafted.id, actor=op.maker, effective_at=effective_at, decide_by=decide_by(effective_at)
    )
    assert submitted.approval_id is not None
    active = operations.decide_application(
        application_id=drafted.id,
        actor=op.checker,
        payload_hash=approvals.get(op.checker, submitted.approval_id).approval.payload_hash,
        verdict=Verdict.APPROVE,
        effective_at=effective_at,
    )
    assert active.party_id is not None
    return firm(active.party_id)


def change(op: Firm, party_id: UUID, terms: Terms, effective_at: datetime = NOON) -> UUID:
    """Propose and approve a change of a party; the row that it made or ended."""
    proposed = operations.propose_change(
        party_id=party_id, terms=terms, actor=op.maker, effective_at=effective_at, decide_by=decide_by(effective_at)
    )
    assert proposed.approval_id is not None
    applied = operations.decide_change(
        change_id=proposed.id,
        actor=op.checker,
        payload_hash=approvals.get(op.checker, proposed.approval_id).approval.payload_hash,
        verdict=Verdict.APPROVE,
        effective_at=effective_at,
    )
    assert applied.row_id is not None
    return applied.row_id


def core(op: Firm, slug: str = "core") -> Firm:
    return onboard(op, declaration(slug, RoleKind.CORE))


def supplier(op: Firm, slug: str = "supplier-one", *, programme: UUID | None = None) -> Firm:
    return onboard(op, declaration(slug, RoleKind.SUPPLIER, programme=programme))


def funder(op: Firm, slug: str = "bank-one") -> Firm:
    return onboard(op, declaration(slug, RoleKind.FUNDER))


def regulator(op: Firm, slug: str = "regulator") -> Firm:
    return onboard(op, declaration(slug, RoleKind.REGULATOR))


def cast(suppliers: int = 3, called: Mapping[str, str] | None = None) -> Cast:
    """Operator, one core enterprise, suppliers of its programme, two banks and the regulator; some ``called`` otherwise."""
    op = operator()

    def admitted(slug: str, role: RoleKind, programme: UUID | None = None) -> Firm:
        declared = declaration(slug, role, programme=programme)
        return onboard(op, replace(declared, name=(called or {}).get(slug, declared.name)))

    the_core = admitted("core", RoleKind.CORE)
    names = ("one", "two", "three", "four", "five", "six")[:suppliers]
    return Cast(
        operator=op,
        core=the_core,
        suppliers=tuple(admitted(f"supplier-{name}", RoleKind.SUPPLIER, the_core.id) for name in names),
        funders=(admitted("bank-one", RoleKind.FUNDER), admitted("bank-two", RoleKind.FUNDER)),
        regulator=admitted("regulator", RoleKind.REGULATOR),
    )


def firm(party_id: UUID, today: date = TODAY) -> Firm:
    """The firm with the actors of its maker, checker and viewer."""
    view = queries.views([party_id], today)[party_id]

    def actor(name: str) -> Actor:
        account = queries.account_by_email(f"{name}@{view.short_name.lower()}.example")
        return queries.actor_for(account.id, party_id, today, session_id=f"{name}-session")

    return Firm(party_id, view, actor("maker"), actor("checker"), actor("viewer"))
