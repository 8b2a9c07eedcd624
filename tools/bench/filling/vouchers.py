"""One voucher in a state of the mix, with its uses, parts, entries and the event of its last step."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tools.bench.filling.pile import Pile
from tools.bench.scratch import Cast

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
PAID_LATE = 0.02
"""Share of the redeemed vouchers that were paid some days after their due date."""
PASSED_ON = 0.08
"""Share of the active vouchers of which a part went to another supplier."""


class Vouchers:
    """The vouchers of one process on its bank's line."""

    def __init__(self, cast: Cast, worker: int, dice: random.Random, suppliers: Sequence[UUID], now: datetime) -> None:
        self.cast, self.dice, self.suppliers, self.now = cast, dice, suppliers, now
        self.funder, self.limit_id = cast.funders[worker], cast.limits[worker]
        self.maker, self.checker = cast.actor(cast.core), cast.actor(cast.core, "checker")
        self.states = [state for state, _ in MIX]
        self.shares = [share for _, share in MIX]
        self.signature = {"person_id": str(self.checker.person_id), "value": "x" * 96, "content_digest": "0" * 64}

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

    def delay(self) -> timedelta:
        """How many days after its due date a voucher was paid."""
        return timedelta(self.dice.randrange(1, 5) if self.dice.random() < PAID_LATE else 0)

    def make(self, pile: Pile, claim: Any, payable: Any, face: int) -> int:
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
            paid_on=due + self.delay() if state == "redeemed" else None,
            overdue_on=due + timedelta(1) if state == "overdue" else None,
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
        pile.show(row.id, row.issuer_id, row.receiver_id, self.funder)
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
        from fourflow.foundation.parameters.queries import decide_by
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
            decide_by=decide_by(self.now),
        )
        row.approval_id = approval.id
        pile.approvals.append(approval)
        pile.show(row.id, row.issuer_id)
        asked = ApprovalRequested(
            subject_id=approval.id,
            effective_at=self.now,
            what=approval.kind,
            object_id=row.id,
            organisation_id=row.issuer_id,
            maker_person_id=self.maker.person_id,
            payload_hash=approval.payload_hash,
            checks=1,
            decide_by=approval.decide_by,
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
        pile.show(root.id, row.receiver_id, row.issuer_id)
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
        pile.show(made[0].id, other, row.issuer_id, root.holder_id)
        pile.show(made[1].id, root.holder_id, row.issuer_id)
        for object_id in (row.id, row.payable_id, root.id):
            pile.show(object_id, other)
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
