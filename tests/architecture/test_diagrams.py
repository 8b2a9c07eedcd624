"""The state diagrams in the READMEs: every state is drawn, and where the database knows the steps, exactly these."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

import pytest
from django.db import connection
from tests.conftest import ROOT

from fourflow.capital.claims.types import ExchangeState, PayableState, RegistrationState
from fourflow.capital.financing.types import FinancingState
from fourflow.capital.settlement.types import InstructionState
from fourflow.capital.vouchers.types import HoldingState, VoucherState
from fourflow.foundation.access.types import RecoveryState
from fourflow.foundation.approvals.types import ApprovalState
from fourflow.foundation.clients.types import ClientState, DeliveryState, EndpointState, ProposalState
from fourflow.foundation.parameters.types import ParameterState
from fourflow.foundation.parties.types import ApplicationState, ChangeState
from fourflow.oversight.notices.types import NoticeState
from fourflow.oversight.reports.types import ScheduleState
from fourflow.trade.documents.types import ImportState

Steps = set[tuple[str, str]]

#: where each machine is drawn: module, and which of its diagrams
DRAWN: Mapping[type[StrEnum], tuple[str, int]] = {
    PayableState: ("capital/claims", 0),
    RegistrationState: ("capital/claims", 1),
    ExchangeState: ("capital/claims", 2),
    FinancingState: ("capital/financing", 0),
    InstructionState: ("capital/settlement", 0),
    VoucherState: ("capital/vouchers", 0),
    HoldingState: ("capital/vouchers", 1),
    RecoveryState: ("foundation/access", 1),
    ApprovalState: ("foundation/approvals", 0),
    ProposalState: ("foundation/clients", 0),
    ClientState: ("foundation/clients", 1),
    DeliveryState: ("foundation/clients", 2),
    EndpointState: ("foundation/clients", 3),
    ParameterState: ("foundation/parameters", 0),
    ApplicationState: ("foundation/parties", 0),
    ChangeState: ("foundation/parties", 1),
    NoticeState: ("oversight/notices", 0),
    ScheduleState: ("oversight/reports", 0),
    ImportState: ("trade/documents", 0),
}
#: the functions of triggers that know every step by name
GUARDED: Mapping[type[StrEnum], str] = {
    PayableState: "claims_payable_guard",
    RegistrationState: "claims_registration_guard",
    ExchangeState: "claims_exchange_guard",
    FinancingState: "financing_step",
    HoldingState: "vouchers_holding_step",
    InstructionState: "settlement_instruction_guard",
    RecoveryState: "access_recovery_guard",
    ApplicationState: "parties_application_guard",
    VoucherState: "vouchers_step",
}
#: states that no row is in: what a payable is used for says them
DERIVED = {PayableState: {"partly_used", "used"}}
#: a word for what a later operation will do; nothing leads there yet
UNREACHED = {HoldingState.WRITTEN_OFF}


def _drawn(machine: type[StrEnum]) -> Steps:
    """The steps of a diagram, its beginning and end (``[*]``) and what changes no state left out."""
    module, number = DRAWN[machine]
    text = (ROOT / "src" / "fourflow" / module / "README.md").read_text()
    diagram = re.findall(r"```mermaid\nstateDiagram-v2\n(.*?)```", text, re.S)[number]
    steps = re.findall(r"^ *(\w+|\[\*\]) --> (\w+|\[\*\])", diagram, re.M)
    return {(before.lower(), after.lower()) for before, after in steps if before != after}


@pytest.mark.parametrize("machine", DRAWN, ids=lambda machine: machine.__name__)
def test_a_diagram_draws_every_state_and_no_other(machine: type[StrEnum]) -> None:
    drawn = {state for step in _drawn(machine) for state in step} - {"[*]"}
    assert drawn == {state.value for state in machine if state not in UNREACHED}


@pytest.mark.django_db
@pytest.mark.parametrize("machine", GUARDED, ids=lambda machine: machine.__name__)
def test_a_diagram_draws_the_steps_that_the_database_allows(machine: type[StrEnum]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select prosrc from pg_proc where proname = %s", [GUARDED[machine]])
        (source,) = cursor.fetchone()
    allowed = re.search(r"\(old\.state, new\.state\) (?:not )?in\s*\(((?:\s*\('\w+',\s*'\w+'\),?)+)", source)
    assert allowed
    steps = {(before, after) for before, after in re.findall(r"\('(\w+)',\s*'(\w+)'\)", allowed[1])}
    drawn = {step for step in _drawn(machine) if not {"[*]", *DERIVED.get(machine, ())} & set(step)}
    assert drawn == {(before, after) for before, after in steps if before != after}
