"""Search, file, search again: which step may follow, and what an answer leads to."""

from __future__ import annotations

import pytest

from fourflow.capital.claims.domain import steps
from fourflow.capital.claims.types import (
    ExchangeKind,
    ExchangeState,
    ExchangeStateWrong,
    Hit,
    RegistrationState,
    RegistrationStateWrong,
)

S, K, E = RegistrationState, ExchangeKind, ExchangeState
OURS, EARLIER, LATER = Hit("R5", "BANK-A", 5), Hit("R4", "BANK-B", 4), Hit("R6", "BANK-B", 6)

ALLOWED = {
    K.QUERY: {S.OPENED, S.ENCUMBERED, S.FOUND_CLEAN},
    K.REGISTER: {S.FOUND_CLEAN},
    K.REQUERY: {S.REGISTERED, S.CLEAR, S.ENCUMBERED},
    K.AMEND: {S.REGISTERED, S.CLEAR},
    K.CANCEL: {S.REGISTERED, S.CLEAR, S.ENCUMBERED},
}
FILED = {K.REQUERY, K.AMEND, K.CANCEL}


@pytest.mark.parametrize("kind", K)
@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("filed", [True, False])
def test_a_request_has_its_place(kind: ExchangeKind, state: RegistrationState, filed: bool) -> None:
    if state in ALLOWED[kind] and filed == (kind in FILED):
        steps.must_allow(kind, state, filed=filed)
    else:
        with pytest.raises(RegistrationStateWrong):
            steps.must_allow(kind, state, filed=filed)


@pytest.mark.parametrize(
    ("kind", "before", "hits", "after"),
    [
        (K.QUERY, S.OPENED, (), S.FOUND_CLEAN),
        (K.QUERY, S.OPENED, (EARLIER,), S.ENCUMBERED),
        (K.QUERY, S.ENCUMBERED, (), S.FOUND_CLEAN),
        (K.REGISTER, S.FOUND_CLEAN, (), S.REGISTERED),
        (K.REQUERY, S.REGISTERED, (OURS,), S.CLEAR),
        (K.REQUERY, S.REGISTERED, (OURS, LATER), S.CLEAR),
        (K.REQUERY, S.REGISTERED, (EARLIER, OURS), S.ENCUMBERED),
        (K.REQUERY, S.ENCUMBERED, (OURS,), S.CLEAR),
        (K.REQUERY, S.REGISTERED, (), S.REGISTERED),
        (K.REQUERY, S.REGISTERED, (LATER,), S.REGISTERED),
        (K.AMEND, S.CLEAR, (), S.REGISTERED),
        (K.CANCEL, S.CLEAR, (), S.CANCELLED),
    ],
)
def test_an_answer_leads_to_its_state(kind, before, hits, after) -> None:
    assert steps.state_after(kind, before, hits=hits, own_no="R5") is after


@pytest.mark.parametrize("after", E)
def test_from_unknown_only_an_answer_leads_on_and_nothing_is_sent_again(after: ExchangeState) -> None:
    if after in (E.ANSWERED, E.REFUSED, E.NOT_RECEIVED):
        steps.must_step(E.UNKNOWN, after)
    else:
        with pytest.raises(ExchangeStateWrong):
            steps.must_step(E.UNKNOWN, after)
    with pytest.raises(ExchangeStateWrong):
        steps.must_step(E.ANSWERED, after)
    with pytest.raises(ExchangeStateWrong):
        steps.must_step(E.NOT_RECEIVED, after)
