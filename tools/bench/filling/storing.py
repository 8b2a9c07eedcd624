"""Everything of a pile in one transaction."""

from __future__ import annotations

from tools.bench.filling.pile import Pile
from tools.bench.filling.staging import finish, insert
from tools.bench.filling.vouchers import Vouchers


def store(pile: Pile, of: Vouchers) -> None:
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
        _post(pile, of)
        publish_many(pile.facts)


def _post(pile: Pile, of: Vouchers) -> None:
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

    limit = Limit.objects.get(id=of.limit_id)
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
        transit = account(party, Chart.IN_TRANSIT, "USD", of.instruction)
        pays = party == of.cast.core
        debit, credit = (transit, bank) if pays else (bank, transit)
        pile.entries.append(
            Entry(debit, credit, Money(minor, "USD"), instrument=of.instruction, narrative_code="voucher.redeemed")
        )
    posted = ledger.post_many(pile.entries, reference=f"bench:{new_id()}", effective_at=of.now)
    pile.facts[-1][1].extend([limit.evidence(), ledger_queries.evidence_of(posted.batch_id)])
