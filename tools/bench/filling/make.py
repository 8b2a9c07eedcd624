"""Vouchers in every state, with all that hangs on them, as consistent as if each had gone through its operations.

Transfers go through ``ledger.post_many``, facts through ``events.publish_many``. What is left out, compared with the
operations: the signed acts and the decided approvals of each voucher; and a voucher has the event of its last step, not
one of every step.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tools.bench.filling.pile import Pile
from tools.bench.filling.storing import store
from tools.bench.filling.vouchers import Vouchers
from tools.bench.scratch import Cast

WORKERS = 2
CHUNK = 1_000
GROUP = 10
"""Vouchers on one payable."""
SMALL_GROUPS = 20
"""Payables of the small supplier, all within the first ten thousand vouchers: 200 vouchers."""


class Filler:
    """One process: its bank, its suppliers, its own dice."""

    def __init__(self, cast: Cast, worker: int, seed: int) -> None:
        self.cast, self.worker = cast, worker
        self.dice = random.Random(seed)
        self.funder = cast.funders[worker]
        self.suppliers = [one for n, one in enumerate(cast.suppliers[1:]) if n % WORKERS == worker]
        self.weights = [1 / (n + 3) for n in range(len(self.suppliers))]
        self.maker, self.checker = cast.actor(cast.core), cast.actor(cast.core, "checker")
        self.now = datetime.now(UTC)
        self.vouchers = Vouchers(cast, worker, self.dice, self.suppliers, self.now)

    def run(self, vouchers: int, small_groups: int) -> None:
        """Make vouchers, CHUNK a transaction; the small supplier's groups are spread over the first ones."""
        groups = vouchers // GROUP
        small = set(range(0, groups, max(1, groups // small_groups))[:small_groups]) if small_groups else set()
        for first in range(0, groups, CHUNK // GROUP):
            pile = Pile()
            for number in range(first, min(groups, first + CHUNK // GROUP)):
                chosen = self.dice.choices(self.suppliers, self.weights)[0]
                self.group(pile, self.cast.small if number in small else chosen)
            store(pile, self.vouchers)

    def group(self, pile: Pile, supplier: UUID) -> None:
        """One delivery, its confirmed payable, and vouchers over nearly all of it."""
        from fourflow.capital.claims import models, types
        from fourflow.capital.claims.domain.fingerprint import normal_parts
        from fourflow.platform.ids import new_id

        dice, core = self.dice, self.cast.core
        faces = [dice.randrange(100_000, 20_000_000) for _ in range(GROUP)]
        amount, claim_id = sum(faces) + dice.randrange(100_000), new_id()
        number = claim_id.hex[:26]
        parts = normal_parts(
            types.Underlying(
                types.Scheme.PO_ASN, {"buyer": str(core), "order": f"PO{number}", "delivery": f"ASN{number}"}
            )
        )
        own, order = models.fingerprints(types.Scheme.PO_ASN, parts)
        documents = [types.DocumentRef("delivery", f"PO{number}/ASN{number}").to_body()]
        claim = models.Claim(
            id=claim_id,
            scheme=types.Scheme.PO_ASN.value,
            fingerprint=own,
            order_fingerprint=order,
            parts=parts,
            debtor_id=core,
            creditor_id=supplier,
            currency="USD",
            amount_minor=amount,
            documents=documents,
            registered_by=self.maker.person_id,
            registered_at=self.now,
        )
        payable = models.Payable(
            id=new_id(),
            claim_id=claim.id,
            debtor_id=core,
            creditor_id=supplier,
            currency="USD",
            amount_minor=amount,
            due_date=self.cast.today + timedelta(180),
            delivered_on=self.cast.today - timedelta(3),
            documents=documents,
            proposed_by=self.maker.person_id,
            proposed_at=self.now,
            decide_by=self.cast.today + timedelta(30),
        )
        self.confirm(payable)
        pile.claims.append(claim)
        pile.payables.append(payable)
        pile.show(claim.id, core, supplier)
        pile.show(payable.id, core, supplier, self.funder)
        for face in faces:
            used = self.vouchers.make(pile, claim, payable, face)
            claim.own_use_minor += used
            payable.used_minor += used
        claim.used_minor = claim.own_use_minor
        self.tell_payable(pile, claim, payable)

    def confirm(self, payable: Any) -> None:
        """The core's checker signs what the payable says."""
        from fourflow.platform.crypto.signing import SandboxSigner

        content = payable.to_type().content()
        signature = SandboxSigner().sign(self.checker.person_id, content, terms_version="1")
        payable.state, payable.signature = "confirmed", signature.to_body()
        payable.confirmed_by, payable.confirmed_at = self.checker.person_id, self.now

    def tell_payable(self, pile: Pile, claim: Any, payable: Any) -> None:
        from fourflow.capital.claims.events import ClaimRegistered, PayableConfirmed

        registered = ClaimRegistered(
            subject_id=claim.id,
            effective_at=self.now,
            scheme=claim.scheme,
            debtor_id=claim.debtor_id,
            creditor_id=claim.creditor_id,
            amount=payable.amount,
            ancestors=(),
            documents=tuple(claim.documents),
            registered_by=claim.registered_by,
        )
        confirmed = PayableConfirmed(
            subject_id=payable.id,
            effective_at=self.now,
            claim_id=claim.id,
            amount=payable.amount,
            due_date=payable.due_date,
            content=payable.to_type().content(),
            signature=payable.signature,
        )
        pile.facts.append((registered, [claim.evidence()]))
        pile.facts.append((confirmed, [payable.evidence()]))
