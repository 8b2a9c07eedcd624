"""Vouchers in every state, with all that hangs on them, as consistent as if each had gone through its operations.

Transfers go through ``ledger.post_many``, facts through ``events.publish_many``. What is left out, compared with the
operations: the signed acts and the decided approvals of each voucher; and a voucher has the event of its last step, not
one of every step.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from tools.bench.filling.pile import Pile
from tools.bench.filling.staging import finish, insert
from tools.bench.scratch import Cast

WORKERS = 2
CHUNK = 1_000
GROUP = 10
"""Vouchers on one payable."""
SMALL_GROUPS = 20
"""Payables of the small supplier, all within the first ten thousand vouchers: 200 vouchers."""
#: (state, how many in a thousand)
MIX = (
    ("active", 620),
    ("redeemed", 250),
    ("offered", 60),
    ("draft", 20),
    ("maturing", 15),
    ("overdue", 15),
    ("rejected", 15),
    ("expired", 5),
)
PASSED_ON = 0.08
"""Share of the active vouchers of which a part went to another supplier."""


class Filler:
    """One process: its bank, its suppliers, its own dice."""

    def __init__(self, cast: Cast, worker: int, seed: int) -> None:
        self.cast, self.worker = cast, worker
        self.dice = random.Random(seed)
        self.funder, self.limit_id = cast.funders[worker], cast.limits[worker]
        self.suppliers = [one for n, one in enumerate(cast.suppliers[1:]) if n % WORKERS == worker]
        self.weights = [1 / (n + 3) for n in range(len(self.suppliers))]
        self.maker, self.checker = cast.actor(cast.core), cast.actor(cast.core, "checker")
        self.states = [state for state, _ in MIX]
        self.shares = [share for _, share in MIX]
        self.now = datetime.now(UTC)
        self.signature = {"person_id": str(self.checker.person_id), "value": "x" * 96, "content_digest": "0" * 64}

    def run(self, vouchers: int, small_groups: int) -> None:
        """Make vouchers, CHUNK a transaction; the small supplier's groups are spread over the first ones."""
        groups = vouchers // GROUP
        small = set(range(0, groups, max(1, groups // small_groups))[:small_groups]) if small_groups else set()
        for first in range(0, groups, CHUNK // GROUP):
            pile = Pile()
            for number in range(first, min(groups, first + CHUNK // GROUP)):
                chosen = self.dice.choices(self.suppliers, self.weights)[0]
                self.group(pile, self.cast.small if number in small else chosen)
            self.store(pile)

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
        )
        self.confirm(payable)
        pile.claims.append(claim)
        pile.payables.append(payable)
        self.show(pile, claim.id, core, supplier)
        self.show(pile, payable.id, core, supplier, self.funder)
        for face in faces:
            used = self.voucher(pile, claim, payable, face)
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

    def dates(self, state: str) -> tuple[date, date]:
        """Issued on, due on."""
        today, dice = self.cast.today, self.dice
        if state == "redeemed":
            issued = today - timedelta(dice.randrange(185, 900))
            return issued, issued + timedelta(dice.randrange(30, 180))
        if state in ("maturing", "overdue"):
            due = today - timedelta(0 if state == "maturing" else dice.randrange(1, 60))
            return due - timedelta(dice.randrange(60, 180)), due
        return today - timedelta(dice.randrange(1, 60)), today + timedelta(dice.randrange(2, 120))

    def voucher(self, pile: Pile, claim: Any, payable: Any, face: int) -> int:
        """One voucher with all that hangs on it; returns what of the claim it uses."""
        from fourflow.capital.claims.models import ClaimUse
        from fourflow.capital.limits.models import LimitUse
        from fourflow.capital.vouchers.models import Voucher
        from fourflow.platform.ids import encode, new_id

        state = self.dice.choices(self.states, self.shares)[0]
        issued, due = self.dates(state)
        voucher_id = new_id()
        row = Voucher(
            id=voucher_id,
            number=encode("SX", voucher_id).replace("_", ""),
            payable_id=payable.id,
            claim_id=claim.id,
            issuer_id=claim.debtor_id,
            receiver_id=claim.creditor_id,
            funder_id=self.funder,
            currency="USD",
            face_minor=face,
            redeemed_minor=face if state == "redeemed" else 0,
            issued_on=issued,
            due_on=due,
            delivered_on=issued - timedelta(3),
            contract_clause="contract 7, clause 4",
            creditor_size="small",
            state=state,
            offer_expires_on=None if state == "draft" else max(issued, self.cast.today) + timedelta(30),
            maker_person_id=self.maker.person_id,
        )
        pile.vouchers.append(row)
        if state == "draft":
            self.draft(pile, row)
            return 0
        self.show(pile, row.id, row.issuer_id, row.receiver_id, self.funder)
        closed = state in ("rejected", "expired")
        reference = f"voucher:{row.id}"
        use = ClaimUse(
            claim_id=claim.id,
            payable_id=payable.id,
            kind="finance",
            reference=reference,
            currency="USD",
            amount_minor=face,
            released_minor=face if closed else 0,
            used_at=self.now,
        )
        open_ = {"blocked_minor": 0, "utilised_minor": 0, "released_minor": 0}
        stage_ = "blocked" if state == "offered" else "released" if closed or state == "redeemed" else "utilised"
        open_[f"{stage_}_minor"] = face
        limit_use = LimitUse(
            limit_id=self.limit_id,
            currency="USD",
            reference=reference,
            amount_minor=face,
            opened_at=self.now,
            **open_,
        )
        pile.uses.append(use)
        pile.limit_uses.append(limit_use)
        self.count(pile, state, face)
        rows = [use.evidence(), limit_use.evidence()]
        self.tell(pile, row, rows, self.parts(pile, row))
        return 0 if closed else face

    @staticmethod
    def count(pile: Pile, state: str, face: int) -> None:
        """What the memo book of the bank will say of this voucher, summed for one entry a transaction."""
        pile.blocked += face
        if state in ("offered", "rejected", "expired"):
            blocked, utilised = pile.released
            pile.released = (blocked + (0 if state == "offered" else face), utilised)
            return
        pile.utilised += face
        if state == "redeemed":
            pile.released = (pile.released[0], pile.released[1] + face)

    def draft(self, pile: Pile, row: Any) -> None:
        """A draft waits for its checker."""
        from fourflow.capital.vouchers.events import VoucherDrafted
        from fourflow.foundation.approvals.events import ApprovalRequested
        from fourflow.foundation.approvals.models import ApprovalRow
        from fourflow.platform.canonical_json import digest

        content = row.to_type().content()
        approval = ApprovalRow(
            kind="voucher.issue",
            object_id=row.id,
            organisation_id=row.issuer_id,
            maker_person_id=self.maker.person_id,
            maker_account_id=self.maker.account_id,
            snapshot=content,
            payload_hash=digest(content),
            requested_at=self.now,
        )
        row.approval_id = approval.id
        pile.approvals.append(approval)
        self.show(pile, row.id, row.issuer_id)
        asked = ApprovalRequested(
            subject_id=approval.id,
            effective_at=self.now,
            what=approval.kind,
            object_id=row.id,
            organisation_id=row.issuer_id,
            maker_person_id=self.maker.person_id,
            payload_hash=approval.payload_hash,
            checks=1,
        )
        drafted = VoucherDrafted(
            subject_id=row.id,
            effective_at=self.now,
            number=row.number,
            payable_id=row.payable_id,
            issuer_id=row.issuer_id,
            receiver_id=row.receiver_id,
            funder_id=row.funder_id,
            face=row.money(row.face_minor),
            due_on=row.due_on,
            signature=self.signature,
        )
        pile.facts.append((asked, [approval.evidenced()]))
        pile.facts.append((drafted, [row.evidence()]))

    def parts(self, pile: Pile, row: Any) -> list[Any]:
        """The holdings of a voucher, with their entries in the books; none before it is accepted."""
        from fourflow.capital.vouchers.domain import postings
        from fourflow.capital.vouchers.models import Holding

        if row.state not in ("active", "redeemed", "maturing", "overdue"):
            return []
        redeemed = row.state == "redeemed"
        voucher = row.to_type()
        root = Holding(
            voucher_id=row.id,
            holder_id=row.receiver_id,
            currency="USD",
            amount_minor=row.face_minor,
            paid_minor=row.face_minor if redeemed else 0,
            path=[],
            state="matured" if row.state == "maturing" else row.state,
            acquired_at=self.now,
        )
        found = [root]
        pile.holdings.append(root)
        self.show(pile, root.id, row.receiver_id, row.issuer_id)
        pile.entries += postings.accepted(voucher)
        if redeemed:
            for party in (row.issuer_id, row.receiver_id):
                pile.paid[party] = pile.paid.get(party, 0) + row.face_minor
            pile.entries += postings.redeemed(voucher, root.to_type(), voucher.face, self.instruction)
        elif row.state == "active" and self.dice.random() < PASSED_ON:
            found += self.pass_on(pile, row, root)
        return found

    @property
    def instruction(self) -> UUID:
        """The payment that redeemed everything of this process."""
        return self.funder

    def pass_on(self, pile: Pile, row: Any, root: Any) -> list[Any]:
        """A part of the root goes to another supplier."""
        from fourflow.capital.vouchers.domain import postings
        from fourflow.capital.vouchers.models import Holding

        other = self.dice.choice([one for one in self.suppliers[:20] if one != root.holder_id])
        cut = root.amount_minor * self.dice.randrange(20, 80) // 100
        root.state, root.split_on = "split", row.issued_on
        made = [
            Holding(
                voucher_id=row.id,
                holder_id=holder,
                currency="USD",
                amount_minor=amount,
                parent_id=root.id,
                path=[root.id],
                tier=tier,
                state="active",
                acquired_at=self.now,
            )
            for holder, amount, tier in ((other, cut, 2), (root.holder_id, root.amount_minor - cut, 1))
        ]
        pile.holdings += made
        self.show(pile, made[0].id, other, row.issuer_id, root.holder_id)
        self.show(pile, made[1].id, root.holder_id, row.issuer_id)
        for object_id in (row.id, row.payable_id, root.id):
            self.show(pile, object_id, other)
        amount = row.money(cut)
        pile.entries += postings.transferred(row.to_type(), root.holder_id, other, amount, made[0].id)
        return made

    def tell(self, pile: Pile, row: Any, rows: list[Any], parts: list[Any]) -> None:
        """The event of the voucher's last step, with every row of it."""
        from fourflow.capital.vouchers import events

        about = {"subject_id": row.id, "effective_at": self.now}
        face = row.money(row.face_minor)
        fact: Any
        if row.state == "offered":
            fact = events.VoucherOffered(
                **about,
                issuer_id=row.issuer_id,
                receiver_id=row.receiver_id,
                face=face,
                due_on=row.due_on,
                later_than_statutory=False,
                signature=self.signature,
            )
        elif row.state == "redeemed":
            fact = events.VoucherPaid(
                **about,
                holding_id=parts[0].id,
                payee_id=parts[0].holder_id,
                instruction_id=self.instruction,
                amount=face,
                redeemed=face,
                wholly=True,
            )
        elif row.state == "overdue":
            fact = events.VoucherOverdue(**about, issuer_id=row.issuer_id, outstanding=face, due_on=row.due_on)
        elif not parts:
            fact = events.VoucherClosed(
                **about,
                outcome=str(row.state),
                reason="",
                organisation_id=row.receiver_id,
                person_id=self.maker.person_id,
            )
        else:
            fact = events.VoucherAccepted(
                **about,
                holding_id=parts[0].id,
                receiver_id=row.receiver_id,
                face=face,
                signature=self.signature,
            )
        pile.facts.append((fact, [row.evidence(), *(part.evidence() for part in parts), *rows]))

    def show(self, pile: Pile, object_id: UUID, *parties: UUID) -> None:
        for party in parties:
            pile.seen[object_id, party, "party"] = None

    def store(self, pile: Pile) -> None:
        """Everything of a pile in one transaction, lines and books last because others wait for them."""
        from django.db import transaction

        from fourflow.capital.claims import models as claims
        from fourflow.capital.limits import models as limits
        from fourflow.capital.vouchers import models as vouchers
        from fourflow.foundation.approvals.models import ApprovalRow
        from fourflow.platform.events.operations import publish_many
        from fourflow.platform.models import Visibility

        with transaction.atomic():
            insert(claims.Claim, pile.claims, own_use_minor="0", used_minor="0")
            insert(
                claims.Payable,
                pile.payables,
                state="'proposed'",
                used_minor="0",
                signature="null",
                confirmed_by="null",
                confirmed_at="null",
            )
            finish(claims.Payable, "state", "signature", "confirmed_by", "confirmed_at")
            insert(claims.ClaimUse, pile.uses, released_minor="0")
            finish(claims.ClaimUse, "released_minor", where="s.released_minor > 0")
            insert(ApprovalRow, pile.approvals)
            insert(vouchers.Voucher, pile.vouchers)
            insert(vouchers.Holding, pile.holdings)
            insert(Visibility, list(pile.seen))
            insert(
                limits.LimitUse,
                pile.limit_uses,
                blocked_minor="amount_minor",
                utilised_minor="0",
                released_minor="0",
            )
            finish(limits.LimitUse, "blocked_minor", "utilised_minor", "released_minor", where="s.blocked_minor = 0")
            self.post(pile)
            publish_many(pile.facts)

    def post(self, pile: Pile) -> None:
        """One batch of transfers, bound with the line into the last fact."""
        from fourflow.capital.ledger import operations as ledger
        from fourflow.capital.ledger import queries as ledger_queries
        from fourflow.capital.ledger.types import Chart, Entry
        from fourflow.capital.limits.domain import entries, position
        from fourflow.capital.limits.models import Limit
        from fourflow.capital.limits.types import Stage
        from fourflow.capital.vouchers.domain.postings import account
        from fourflow.platform.ids import new_id
        from fourflow.platform.money import Money

        limit = Limit.objects.get(id=self.limit_id)
        start = position.Position(limit.sanctioned_minor, 0, 0)
        after, blocked = position.block(start, pile.blocked)
        steps = [(blocked, "limit.blocked")]
        if pile.utilised:
            after, utilised = position.utilise(after, pile.utilised)
            steps.append((utilised, "limit.utilised"))
        for minor, stage_ in zip(pile.released, (Stage.BLOCKED, Stage.UTILISED), strict=True):
            if minor:
                after, released = position.release(after, minor, stage_)
                steps.append((released, "limit.released"))
        for shifts, narrative in steps:
            pile.entries += entries.of(limit.to_type(), shifts, narrative)
        for party, minor in pile.paid.items():
            bank = account(party, Chart.BANK, "USD", None)
            transit = account(party, Chart.IN_TRANSIT, "USD", self.instruction)
            pays = party == self.cast.core
            debit, credit = (transit, bank) if pays else (bank, transit)
            pile.entries.append(
                Entry(
                    debit, credit, Money(minor, "USD"), instrument=self.instruction, narrative_code="voucher.redeemed"
                )
            )
        posted = ledger.post_many(pile.entries, reference=f"bench:{new_id()}", effective_at=self.now)
        pile.facts[-1][1].extend([limit.evidence(), ledger_queries.evidence_of(posted.batch_id)])
