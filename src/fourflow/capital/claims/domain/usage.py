"""How a use of a claim weighs on the claims above it, and what is left. Minor units of one currency throughout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from uuid import UUID

from fourflow.capital.claims.types import AncestorInvalid, ClaimAmountInvalid, ClaimInUse, ReleaseExceeded


@dataclass(frozen=True, slots=True)
class Level:
    """A claim as a use meets it: the claim itself (share = its amount) or an ancestor with the share that lies on it."""

    claim_id: UUID
    amount: int
    used: int
    share: int


def weight(own_use: int, share: int) -> int:
    """What a claim's own use takes of an ancestor on which ``share`` of the claim lies: the use, as far as the share goes.

    A use of a part of an invoice may be about any of its deliveries, so it weighs in full on each; never too little is taken
    above. There is nothing to round, and it depends on the total only: uses and releases in any order come out the same.
    """
    return min(own_use, share)


def added(before: int, after: int, level: Level) -> int:
    """The change at one level when the own use of a claim goes from ``before`` to ``after``."""
    return weight(after, level.share) - weight(before, level.share)


def use(levels: Iterable[Level], *, amount: int, own_use: int, wanted: int) -> dict[UUID, int]:
    """Take ``wanted`` of a claim of ``amount`` with ``own_use`` taken before, at every level at once.

    :returns: the used amount of every level afterwards.
    :raises ClaimAmountInvalid: nothing, or less, is wanted.
    :raises ClaimInUse: at some level less is left.
    """
    if wanted <= 0:
        raise ClaimAmountInvalid(field="amount")
    if own_use + wanted > amount:
        raise ClaimInUse()
    after = {level.claim_id: (level, level.used + added(own_use, own_use + wanted, level)) for level in levels}
    if any(used > level.amount for level, used in after.values()):
        raise ClaimInUse()
    return {claim_id: used for claim_id, (_, used) in after.items()}


def release(levels: Iterable[Level], *, own_use: int, freed: int, open_amount: int) -> dict[UUID, int]:
    """Give back ``freed`` of a use that has ``open_amount`` open, at every level; the inverse of :func:`use`.

    :raises ClaimAmountInvalid: nothing, or less, is given back.
    :raises ReleaseExceeded: more than is open.
    """
    if freed <= 0:
        raise ClaimAmountInvalid(field="amount")
    if freed > open_amount:
        raise ReleaseExceeded()
    return {level.claim_id: level.used + added(own_use, own_use - freed, level) for level in levels}


def closure_shares(
    amount: int,
    parents: Mapping[UUID, int],
    above: Mapping[UUID, Mapping[UUID, tuple[int, int]]],
    amounts: Mapping[UUID, int],
) -> dict[UUID, tuple[int, int]]:
    """Every ancestor of a new claim with (share, distance), from its parents' shares and their own ancestors.

    ``above[parent]`` holds that parent's ancestors with (share, distance), itself included with (its amount, 0);
    ``amounts`` those of all ancestors. What reaches an ancestor by several ways adds up, but is never more than either claim.

    :raises AncestorInvalid: a share is not positive, is more than the claim or than the parent; parents together carry
        more than the claim.
    """
    if sum(parents.values()) > amount:
        raise AncestorInvalid(field="share", expected="shares add up to at most the claim's amount")
    shares: dict[UUID, tuple[int, int]] = {}
    for parent, share in parents.items():
        if not 0 < share <= min(amount, amounts[parent]):
            raise AncestorInvalid(field="share")
        for ancestor, (upper_share, distance) in above[parent].items():
            before, nearest = shares.get(ancestor, (0, distance + 1))
            total = min(amount, amounts[ancestor], before + weight(share, upper_share))
            shares[ancestor] = (total, min(nearest, distance + 1))
    return shares


def shares_from_below(
    order_amount: int,
    amounts: Mapping[UUID, int],
    children: Set[UUID],
    links: Iterable[tuple[UUID, UUID, int, int]],
) -> dict[UUID, tuple[int, int]]:
    """What of each claim lies, with its distance, on an order registered after them.

    ``amounts`` holds every claim below; ``children`` lie on the order themselves, as far as it reaches; ``links`` are
    (descendant, child, share, distance) of what grew out of the children.
    """
    shares = {child: (min(amounts[child], order_amount), 1) for child in children}
    for descendant, child, share, distance in links:
        before, nearest = shares.get(descendant, (0, distance + 1))
        more = weight(share, min(amounts[child], order_amount))
        shares[descendant] = (min(amounts[descendant], order_amount, before + more), min(nearest, distance + 1))
    return shares


def left_under(amount: int, own_use: int, level: Level) -> int:
    """How much more of a claim one level still carries: the most whose weight is no more than what the level has left."""
    left = level.amount - level.used
    if weight(own_use, level.share) + left >= level.share:
        return amount - own_use
    return left
