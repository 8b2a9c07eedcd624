"""The ledger against a plain model in memory: any sequence of batches, at any dates, gives the same balances at any moment."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from itertools import count

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders.entries import at, entry, key, limit
from tests.builders.ledger import post

from fourflow.capital.ledger import queries
from fourflow.capital.ledger.types import AccountKey, Balance, Chart, Entry, EntryKind, Transfer, TransferId
from fourflow.platform.errors import FourflowError
from fourflow.platform.money import Money

pytestmark = pytest.mark.django_db

FREE = [key(code) for code in (Chart.AP_OPEN, Chart.AP_VOUCHER, Chart.BANK)]
BOUNDED = [limit(code) for code in (Chart.LIMIT_SANCTIONED, Chart.LIMIT_AVAILABLE, Chart.LIMIT_BLOCKED)]
CREDIT_NORMAL = {BOUNDED[0]}


Totals = tuple[int, int, int, int]


@dataclass
class Step:
    """What hypothesis draws: a batch of choices, turned into entries when the state before it is known."""

    choices: list[tuple[str, int, int, int]]
    second: int


@dataclass
class Model:
    """Four totals per account and a list of what moved them; nothing else."""

    moves: list[tuple[AccountKey, datetime.datetime, datetime.datetime, tuple[int, int, int, int]]] = field(
        default_factory=list
    )
    holds: dict[TransferId, Transfer] = field(default_factory=dict)
    postings: dict[TransferId, Transfer] = field(default_factory=dict)

    def totals(
        self, key: AccountKey, effective: datetime.datetime | None = None, recorded: datetime.datetime | None = None
    ) -> Balance:
        seen = [
            amounts
            for account, e, r, amounts in self.moves
            if account == key and (effective is None or e <= effective) and (recorded is None or r <= recorded)
        ]
        return Balance(
            *(Money(sum(column), key.currency) for column in (zip(*seen, strict=True) if seen else [(0,)] * 4))
        )

    def sides(self, made: Entry) -> list[tuple[AccountKey, Totals]]:
        posted = made.amount.minor if made.kind in (EntryKind.POSTED, EntryKind.POST, EntryKind.REVERSAL) else 0
        pending = made.amount.minor if made.kind is EntryKind.HOLD else 0
        if made.hold is not None:
            pending = -self.holds[made.hold].amount.minor
        return [(made.debit, (posted, 0, pending, 0)), (made.credit, (0, posted, 0, pending))]

    def allows(self, entries: list[Entry], when: datetime.datetime) -> bool:
        """Whether the batch may be posted, said independently of the database."""
        targets = [made.refers_to for made in entries if made.refers_to is not None]
        if len(targets) != len(set(targets)):
            return False
        for made in entries:
            target = (
                self.holds.get(made.hold) if made.hold else self.postings.get(made.reverses) if made.reverses else None
            )
            if made.refers_to is not None:
                if target is None or when < target.effective_at:
                    return False
                if made.kind is EntryKind.POST and target.expires_at is not None and target.expires_at <= when:
                    return False
        change: dict[AccountKey, list[int]] = {}
        for made in entries:
            for account, amounts in self.sides(made):
                before = change.setdefault(account, [0, 0, 0, 0])
                change[account] = [x + y for x, y in zip(before, amounts, strict=True)]
        for account in [a for a in change if a in BOUNDED]:
            b = self.totals(account)
            before = (b.debits_posted, b.credits_posted, b.debits_pending, b.credits_pending)
            dp, cp, dn, cn = (m.minor + c for m, c in zip(before, change[account], strict=True))
            if (dp + dn > cp) if account in CREDIT_NORMAL else (cp + cn > dp):
                return False
        return True

    def record(self, entries: list[Entry], posted: list[Transfer]) -> None:
        for made, transfer in zip(entries, posted, strict=True):
            for account, amounts in self.sides(made):
                self.moves.append((account, transfer.effective_at, transfer.recorded_at, amounts))
        for transfer in posted:
            if transfer.kind is EntryKind.HOLD:
                self.holds[transfer.id] = transfer
            if transfer.kind in (EntryKind.POSTED, EntryKind.POST):
                self.postings[transfer.id] = transfer
            if transfer.refers_to is not None:
                self.holds.pop(transfer.refers_to, None)
                self.postings.pop(transfer.refers_to, None)

    def entry_for(self, choice: tuple[str, int, int, int], when: datetime.datetime) -> Entry | None:
        verb, first, second, minor = choice
        group = BOUNDED if first % 2 else FREE
        debit, credit = group[first % 3], group[second % 3]
        holds, postings = list(self.holds.values()), list(self.postings.values())
        if verb in ("posted", "hold") and debit != credit:
            expires = when + datetime.timedelta(seconds=minor) if verb == "hold" and minor % 2 else None
            return entry(debit, credit, minor, EntryKind(verb), expires_at=expires)
        if verb in ("post", "void") and holds:
            hold = holds[first % len(holds)]
            part = Money(min(minor, hold.amount.minor), hold.amount.currency)
            return hold.post(part) if verb == "post" else hold.void()
        if verb == "reversal" and postings:
            return postings[first % len(postings)].reversal()
        return None


choices = st.tuples(
    st.sampled_from(["posted", "posted", "posted", "hold", "hold", "post", "void", "reversal"]),
    st.integers(0, 11),
    st.integers(0, 11),
    st.integers(1, 60),
)
steps = st.lists(
    st.builds(Step, choices=st.lists(choices, min_size=1, max_size=6), second=st.integers(0, 90)),
    min_size=1,
    max_size=14,
)
_run = count()


@given(steps=steps)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
def test_every_sequence_of_batches_gives_the_balances_of_the_model_at_every_moment(steps: list[Step]) -> None:
    with transaction.atomic():
        model, run = Model(), next(_run)
        for number, step in enumerate(steps):
            when = at(step.second)
            entries = [made for c in step.choices if (made := model.entry_for(c, when)) is not None]
            if not entries:
                continue
            allowed = model.allows(entries, when)
            try:
                with transaction.atomic():
                    posted = post(*entries, reference=f"{run}/{number}", when=when)
            except FourflowError:
                assert not allowed
                continue
            assert allowed
            model.record(entries, queries.transfers(posted.transfer_ids))
        compare(model)
        transaction.set_rollback(True)


def compare(model: Model) -> None:
    accounts = FREE + BOUNDED
    recorded = sorted({move[2] for move in model.moves})
    for effective in (None, at(-1), at(20), at(45.5), at(90)):
        for moment in (None, *recorded[:: max(1, len(recorded) // 3)]):
            found = queries.balances(accounts, effective_at=effective, recorded_at=moment)
            assert found == {a: model.totals(a, effective, moment) for a in accounts}
    assert queries.verify().differences == ()
