"""Which step of a registration may follow which, and what an answer of the registry leads to. The database knows the same."""

from __future__ import annotations

from collections.abc import Iterable

from fourflow.capital.claims.types import (
    ExchangeKind,
    ExchangeState,
    ExchangeStateWrong,
    Hit,
    RegistrationState,
    RegistrationStateWrong,
)

S, K = RegistrationState, ExchangeKind

#: From which states a request of a kind may be made.
MAY_ASK: dict[ExchangeKind, frozenset[RegistrationState]] = {
    K.QUERY: frozenset({S.OPENED, S.ENCUMBERED, S.FOUND_CLEAN}),
    K.REGISTER: frozenset({S.FOUND_CLEAN}),
    K.REQUERY: frozenset({S.REGISTERED, S.CLEAR, S.ENCUMBERED}),
    K.AMEND: frozenset({S.REGISTERED, S.CLEAR}),
    K.CANCEL: frozenset({S.REGISTERED, S.CLEAR, S.ENCUMBERED}),
}

#: Requests that need a filing; the others have no place once there is one. Only ENCUMBERED stands on both sides of it.
AFTER_FILING = frozenset({K.REQUERY, K.AMEND, K.CANCEL})

#: What an exchange may become. Nothing leads back to READY, and nothing but an answer leads out of UNKNOWN.
EXCHANGE_STEPS: dict[ExchangeState, frozenset[ExchangeState]] = {
    ExchangeState.READY: frozenset({ExchangeState.SENT}),
    ExchangeState.SENT: frozenset(
        {ExchangeState.ANSWERED, ExchangeState.REFUSED, ExchangeState.UNKNOWN, ExchangeState.NOT_RECEIVED}
    ),
    ExchangeState.UNKNOWN: frozenset({ExchangeState.ANSWERED, ExchangeState.REFUSED, ExchangeState.NOT_RECEIVED}),
    ExchangeState.ANSWERED: frozenset(),
    ExchangeState.REFUSED: frozenset(),
    ExchangeState.NOT_RECEIVED: frozenset(),
}


def must_allow(kind: ExchangeKind, state: RegistrationState, *, filed: bool) -> None:
    """:raises RegistrationStateWrong: a request of this kind has no place in this state, or on this side of the filing."""
    if state not in MAY_ASK[kind] or filed is not (kind in AFTER_FILING):
        raise RegistrationStateWrong(state=state.value, step=kind.value)


def must_step(before: ExchangeState, after: ExchangeState) -> None:
    """:raises ExchangeStateWrong: an exchange does not go from ``before`` to ``after``."""
    if after not in EXCHANGE_STEPS[before]:
        raise ExchangeStateWrong(state=before.value, step=after.value)


def state_after(kind: ExchangeKind, state: RegistrationState, *, hits: Iterable[Hit], own_no: str) -> RegistrationState:
    """Where a registration stands after an accepted answer.

    The first search must find nobody. The second must find our own filing and nobody who came before it: somebody earlier
    makes it ENCUMBERED; a search that does not even show our own filing says nothing, and it stays REGISTERED, to be
    searched again. After a change the second search is due again.
    """
    if kind is K.QUERY:
        return S.ENCUMBERED if any(True for _ in hits) else S.FOUND_CLEAN
    if kind is K.REQUERY:
        ranks = {hit.registration_no: hit.rank for hit in hits}
        if own_no not in ranks:
            return S.REGISTERED
        return S.CLEAR if ranks[own_no] == min(ranks.values()) else S.ENCUMBERED
    return S.CANCELLED if kind is K.CANCEL else S.REGISTERED
