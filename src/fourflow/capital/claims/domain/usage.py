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


def weight(own_use: int, share: int, amount: int) -> int:
    """What a claim's own use of ``own_use`` out of ``amount`` takes of an ancestor on which ``share`` of it lies.

    own_use × share ÷ amount, rounded up: never too little is taken above, never more than the share, and the whole amount
    takes the whole share. It depends on the total only, so that uses and releases in any order come out the same.
    """
    return -(-own_use * share // amount)


def added(before: int, after: int, level: Level, amount: int) -> int:
    """The change at one level when the own use of a claim of ``amount`` goes from ``before`` to ``after``."""
    return weight(after, level.share, amount) - weight(before, level.share, amount)


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
    after = {level.claim_id: (level, level.used + added(own_use, own_use + wanted, level, amount)) for level in levels}
    if any(used > level.amount for level, used in after.values()):
        raise ClaimInUse()
    return {claim_id: used for claim_id, (_, used) in after.items()}


def release(levels: Iterable[Level], *, amount: int, own_use: int, freed: int, open_amount: int) -> dict[UUID, int]:
    """Give back ``freed`` of a use that has ``open_amount`` open, at every level; the inverse of :func:`use`.

    :raises ClaimAmountInvalid: nothing, or less, is given back.
    :raises ReleaseExceeded: more than is open.
    """
    if freed <= 0:
        raise ClaimAmountInvalid(field="amount")
    if freed > open_amount:
        raise ReleaseExceeded()
    return {level.claim_id: level.used + added(own_use, own_use - freed, level, amount) for level in levels}


def closure_shares(
    amount: int, parents: Mapping[UUID, int], above: Mapping[UUID, Mapping[UUID, tuple[int, int]]]
) -> dict[UUID, tuple[int, int]]:
    """Every ancestor of a new claim with (share, distance), from its parents' shares and their own ancestors.

    ``above[parent]`` holds that parent's ancestors with (share, distance), itself included with (its amount, 0). What
    reaches an ancestor by several ways adds up, but is never more than the claim.

    :raises AncestorInvalid: a share is not positive, is more than the claim or than the parent; parents together carry
        more than the claim.
    """
    if sum(parents.values()) > amount:
        raise AncestorInvalid(field="share", expected="shares add up to at most the claim's amount")
    shares: dict[UUID, tuple[int, int]] = {}
    for parent, share in parents.items():
        parent_amount = above[parent][parent][0]
        if not 0 < share <= min(amount, parent_amount):
            raise AncestorInvalid(field="share")
        for ancestor, (upper_share, distance) in above[parent].items():
            before, nearest = shares.get(ancestor, (0, distance + 1))
            total = min(amount, before + weight(share, upper_share, parent_amount))
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
        more = weight(share, min(amounts[child], order_amount), amounts[child])
        shares[descendant] = (min(amounts[descendant], before + more), min(nearest, distance + 1))
    return shares


def left_under(amount: int, own_use: int, level: Level) -> int:
    """How much more of a claim one level still carries: the most whose weight is no more than what the level has left."""
    left = level.amount - level.used
    bound = weight(own_use, level.share, amount) + left
    return min(amount, bound * amount // level.share) - own_use
