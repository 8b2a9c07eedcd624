"""Claims and payables for other tests, made through the operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from uuid import UUID

from fourflow.capital.claims import operations
from fourflow.capital.claims.domain import ground
from fourflow.capital.claims.types import Ancestor, Claim, ConfirmedPayable, DocumentRef, Scheme, Underlying
from fourflow.foundation.parties.types import Actor, MandateTerm, Permission, RoleKind
from fourflow.platform.crypto.signing import SandboxSigner
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

AT = datetime(2014, 3, 3, 2, 0, tzinfo=UTC)
TODAY = date(2014, 3, 3)
CURRENCIES = ("CNY", "USD")
_numbers = count(1)


def person(
    organisation_id: UUID | None = None,
    *permissions: Permission,
    roles: Sequence[RoleKind] = (),
    person_id: UUID | None = None,
    ceiling: int | None = None,
) -> Actor:
    """A person of an organisation with these permissions, and mandates for them in every test currency."""
    organisation_id = organisation_id or new_id()
    return Actor(
        person_id=person_id or new_id(),
        organisation_id=organisation_id,
        on=TODAY,
        roles=frozenset(roles),
        permissions=frozenset(permissions),
        mandates=tuple(
            MandateTerm(organisation_id, permission, currency, ceiling, date(2006, 1, 1))
            for permission in permissions
            for currency in CURRENCIES
        ),
    )


@dataclass
class Trade:
    """A core enterprise that owes and a supplier that is owed, each with a maker and a second person."""

    core_id: UUID = field(default_factory=new_id)
    supplier_id: UUID = field(default_factory=new_id)

    def __post_init__(self) -> None:
        self.core_maker = person(self.core_id, Permission.CLAIM_RECORD, roles=[RoleKind.CORE])
        self.core_signer = person(self.core_id, Permission.CLAIM_CONFIRM, roles=[RoleKind.CORE])
        self.supplier = person(self.supplier_id, Permission.CLAIM_RECORD, roles=[RoleKind.SUPPLIER])

    def claim(
        self,
        amount: str = "1000.00",
        scheme: Scheme = Scheme.PO_ASN,
        ancestors: Sequence[Ancestor] = (),
        actor: Actor | None = None,
        currency: str = "USD",
        documents: Sequence[DocumentRef] | None = None,
        **parts: str,
    ) -> Claim:
        """A registered claim; parts that are not given are made up and never used twice, so is its document."""
        return operations.register_claim(
            underlying=Underlying(scheme, parts or self.parts(scheme)),
            debtor_id=self.core_id,
            creditor_id=self.supplier_id,
            amount=Money.parse(amount, currency),
            actor=actor or self.core_maker,
            effective_at=AT,
            documents=[DocumentRef(ground.NEEDED[scheme], "7")] if documents is None else documents,
            ancestors=ancestors,
        )

    def parts(self, scheme: Scheme) -> dict[str, str]:
        """Parts of a document that no other has."""
        number = next(_numbers)
        party = str(self.core_id)
        return {
            Scheme.CONTRACT: {"buyer": party, "contract": f"C-{number}"},
            Scheme.ORDER: {"buyer": party, "order": f"PO-{number}"},
            Scheme.ORDER_LINE: {"buyer": party, "order": f"PO-{number}", "line": "1"},
            Scheme.PO_ASN: {"buyer": party, "order": f"PO-{number}", "delivery": f"ASN-{number}"},
            Scheme.INVOICE_CN: {"number": f"2431{number:016d}"},
            Scheme.INVOICE: {"seller": str(self.supplier_id), "number": f"INV-{number}"},
            Scheme.WAYBILL: {"carrier": party, "waybill": f"W-{number}", "segment": "1"},
        }[scheme]

    def proposed(
        self,
        claim: Claim,
        due: date = date(2014, 8, 30),
        amount: str | None = None,
        *,
        delivered: date = TODAY,
        papers: Sequence[str] = (),
    ) -> ConfirmedPayable:
        """A payable that waits for the core's confirmation; over the whole claim unless told otherwise."""
        return operations.propose_payable(
            claim_id=claim.id,
            amount=Money.parse(amount, claim.amount.currency) if amount else claim.amount,
            due_date=due,
            actor=self.core_maker,
            effective_at=AT,
            delivered_on=delivered,
            documents=[DocumentRef(kind, "7") for kind in papers],
        )

    def confirmed(self, claim: Claim, due: date = date(2014, 8, 30), amount: str | None = None) -> ConfirmedPayable:
        """A payable that the core has confirmed with a signature."""
        payable = self.proposed(claim, due, amount)
        signature = SandboxSigner().sign(self.core_signer.person_id, payable.content(), terms_version="1")
        return operations.confirm(payable_id=payable.id, actor=self.core_signer, signature=signature, effective_at=AT)
