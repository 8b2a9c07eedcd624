"""Clients through the operations: two people let a machine in, one sends it away, and its tokens end with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.builders import clients as build
from tests.builders import parties
from tests.builders.clients import AUDIENCE, P256
from tests.builders.parties import NOON, TODAY, Firm
from tests.builders.refusals import refuse

from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.approvals.types import PayloadChanged, SamePerson, Verdict
from fourflow.foundation.clients import operations, queries
from fourflow.foundation.clients.types import (
    AccessToken,
    AssertionReplayed,
    ClientId,
    ClientNotFound,
    ClientRefused,
    ClientState,
    ClientStateWrong,
    ClientTermsInvalid,
    Proposal,
    ProposalState,
    ScopeNotGranted,
    TokenRefused,
)
from fourflow.foundation.parties import operations as party_operations
from fourflow.foundation.parties.types import BINDING, ChangeKind, EndTerms, NotPermitted, Permission
from fourflow.platform.events import queries as events
from fourflow.platform.ids import new_id

pytestmark = pytest.mark.django_db
#: the machine's clock, far from the story's day
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.fixture
def op(db: None) -> Firm:
    return parties.operator()


@pytest.fixture
def firm(op: Firm) -> Firm:
    return parties.supplier(op)


def propose(firm: Firm, *scopes: str, **changes: Any) -> Proposal:
    return operations.propose(terms=build.terms(*scopes, **changes), actor=firm.maker, effective_at=NOON)


def decide(firm: Firm, proposal: Proposal, verdict: Verdict = Verdict.APPROVE, **changes: Any) -> Proposal:
    assert proposal.approval_id is not None
    shown = approvals.get(firm.checker, proposal.approval_id).approval.payload_hash
    given = {"actor": firm.checker, "payload_hash": shown, "effective_at": NOON, "reason": "", **changes}
    return operations.decide(proposal_id=proposal.id, verdict=verdict, **given)


def let_in(text: str, now: datetime = NOW) -> ClientId:
    return operations.authenticate(assertion=text, audiences={AUDIENCE}, now=now)


def token(client_id: ClientId, *scopes: str, now: datetime = NOW) -> AccessToken:
    return operations.issue(client_id=client_id, scopes=scopes, now=now)


def behind(given: AccessToken, now: datetime = NOW) -> Any:
    return queries.behind(given.text, now=now, today=TODAY)


def test_a_client_exists_when_a_second_person_has_admitted_it(firm: Firm) -> None:
    proposed = propose(firm, "vouchers:read", "trade:write")
    assert queries.clients(actor=firm.maker) == []
    assert decide(firm, proposed).state is ProposalState.APPLIED
    client = queries.client(actor=firm.maker, client_id=proposed.client_id)
    assert client.terms.scopes == {"vouchers:read", "trade:write"}
    assert (client.state, client.person_id) == (ClientState.ACTIVE, firm.maker.person_id)
    assert [event.kind for event in events.of_subject(proposed.id)] == ["client.proposed", "client.decided"]


def test_who_proposes_a_client_does_not_admit_it_and_a_rejected_one_never_comes(firm: Firm) -> None:
    proposed = propose(firm)
    both = replace(firm.maker, permissions=firm.maker.permissions | {Permission.MEMBER_CHECK})
    with pytest.raises(SamePerson):
        decide(firm, proposed, actor=both)
    with pytest.raises(NotPermitted):
        decide(firm, proposed, actor=firm.viewer)
    with pytest.raises(PayloadChanged):
        decide(firm, proposed, payload_hash=bytes(32))
    assert decide(firm, proposed, Verdict.REJECT, reason="not needed").state is ProposalState.REJECTED
    with pytest.raises(ClientNotFound):
        queries.client(actor=firm.maker, client_id=proposed.client_id)
    with pytest.raises(ClientStateWrong):
        decide(firm, proposed)


def test_another_organisation_sees_no_client_and_the_operator_sees_but_does_not_touch(op: Firm, firm: Firm) -> None:
    client_id = build.admit(firm)
    other = parties.supplier(op, "supplier-two")
    assert queries.clients(actor=other.maker) == []
    for stranger in (other.maker, op.maker):
        with pytest.raises(ClientNotFound):
            operations.revoke(client_id=client_id, actor=stranger, effective_at=NOON, reason="mine now")
        with pytest.raises(ClientNotFound):
            operations.propose(terms=build.terms(), actor=stranger, effective_at=NOON, client_id=client_id)
    assert [client.id for client in queries.clients(actor=op.viewer)] == [client_id]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "x\x00"}),
        ("scopes", {"scopes": ("vouchers:read", "everything")}),
        ("requests_per_minute", {"requests_per_minute": 0}),
        ("requests_per_minute", {"requests_per_minute": 6001}),
        ("keys", {"keys": ()}),
    ],
)
def test_terms_that_cannot_be_are_refused_with_their_field(firm: Firm, field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ClientTermsInvalid) as refusal:
        propose(firm, *changes.pop("scopes", ()), **changes)
    assert refusal.value.params["field"] == field


def test_new_keys_come_the_same_way_and_the_old_ones_go_with_the_decision(firm: Firm) -> None:
    client_id = build.admit(firm)
    proposed = operations.propose(
        terms=build.terms(keys=(P256,)), actor=firm.maker, effective_at=NOON, client_id=client_id
    )
    let_in(build.assertion(build.claims(client_id, NOW)))
    with pytest.raises(ClientStateWrong):
        operations.propose(terms=build.terms(), actor=firm.maker, effective_at=NOON, client_id=client_id)
    decide(firm, proposed)
    with pytest.raises(ClientRefused):
        let_in(build.assertion(build.claims(client_id, NOW)))
    assert let_in(build.assertion(build.claims(client_id, NOW), P256, "ES256")) == client_id


def test_an_assertion_lets_in_once(firm: Firm) -> None:
    client_id = build.admit(firm)
    text = build.assertion(build.claims(client_id, NOW))
    assert let_in(text) == client_id
    with pytest.raises(AssertionReplayed):
        let_in(text, NOW + timedelta(seconds=80))
    again = build.assertion(build.claims(client_id, NOW, jti=build.claims(client_id, NOW)["jti"]))
    assert let_in(again) == client_id


def test_a_used_number_is_remembered_for_as_long_as_it_could_come_back(firm: Firm) -> None:
    client_id = build.admit(firm)
    text = build.assertion(build.claims(client_id, NOW))
    let_in(text)
    assert operations.clear(now=NOW + timedelta(seconds=90)) == 0
    with pytest.raises(AssertionReplayed):
        let_in(text, NOW + timedelta(seconds=89))
    assert operations.clear(now=NOW + timedelta(seconds=121)) == 1
    with pytest.raises(ClientRefused) as refusal:
        let_in(text, NOW + timedelta(seconds=121))
    assert refusal.value.params["claim"] == "exp"


def test_clients_do_not_share_numbers(firm: Firm) -> None:
    one, two = build.admit(firm), build.admit(firm)
    assert let_in(build.assertion(build.claims(one, NOW, jti="1"))) == one
    assert let_in(build.assertion(build.claims(two, NOW, jti="1"))) == two


def test_nobody_gets_in_under_a_name_that_is_none(firm: Firm) -> None:
    unknown = ClientId(new_id())
    for text in ("", "a.b.c", build.assertion(build.claims(unknown, NOW)), build.assertion({"sub": "cli_x"})):
        with pytest.raises(ClientRefused):
            let_in(text)


def test_a_token_carries_what_was_asked_for_and_never_more_than_was_granted(firm: Firm) -> None:
    client_id = build.admit(firm, "vouchers:read", "trade:write")
    assert behind(token(client_id)).scopes == {"vouchers:read", "trade:write"}
    assert behind(token(client_id, "vouchers:read")).scopes == {"vouchers:read"}
    with pytest.raises(ScopeNotGranted) as refusal:
        token(client_id, "vouchers:read", "vouchers:write")
    assert refusal.value.params == {"scopes": ["vouchers:write"]}


def test_a_machine_acts_for_its_organisation_but_neither_binds_nor_checks(firm: Firm) -> None:
    machine = behind(token(build.admit(firm, "vouchers:write", "claims:write")))
    actor = machine.actor
    assert (actor.organisation_id, actor.person_id) == (firm.id, firm.maker.person_id)
    assert actor.can(Permission.CLAIM_RECORD) and firm.maker.can(Permission.VOUCHER_TRANSFER)
    assert actor.mandates == () and not actor.permissions & BINDING
    assert not [one for one in actor.permissions if one.endswith("check")]
    assert not actor.can(Permission.MEMBER_EDIT)


def test_a_token_ends_after_ten_minutes_of_the_machines_clock(firm: Firm) -> None:
    given = token(build.admit(firm))
    assert behind(given, NOW + timedelta(minutes=9, seconds=59))
    with pytest.raises(TokenRefused):
        behind(given, NOW + timedelta(minutes=10))
    assert operations.clear(now=NOW + timedelta(minutes=11)) == 1


def test_a_token_that_was_given_back_or_never_given_opens_nothing(firm: Firm) -> None:
    client_id, other = build.admit(firm), build.admit(firm)
    given = token(client_id)
    operations.revoke_token(text=given.text, client_id=other, now=NOW)
    assert behind(given)
    operations.revoke_token(text=given.text, client_id=client_id, now=NOW)
    for text in (given.text, given.text + "x", "fft_", ""):
        with pytest.raises(TokenRefused):
            queries.behind(text, now=NOW, today=TODAY)


def test_a_revoked_client_and_its_tokens_are_out_at_once_and_for_good(firm: Firm) -> None:
    client_id = build.admit(firm)
    given, text = token(client_id), build.assertion(build.claims(client_id, NOW))
    operations.revoke(client_id=client_id, actor=firm.checker, effective_at=NOON, reason="the key was lost")
    with pytest.raises(TokenRefused):
        behind(given)
    for step in (lambda: let_in(text), lambda: token(client_id)):
        with pytest.raises(ClientRefused):
            step()
    with pytest.raises(ClientStateWrong):
        operations.revoke(client_id=client_id, actor=firm.maker, effective_at=NOON, reason="again")
    with pytest.raises(ClientStateWrong):
        operations.propose(terms=build.terms(), actor=firm.maker, effective_at=NOON, client_id=client_id)


def test_when_the_person_who_answers_for_it_leaves_the_machine_stops(op: Firm, firm: Firm) -> None:
    given = token(build.admit(firm))
    assert firm.maker.account_id is not None
    party_operations.close_account(account_id=firm.maker.account_id, actor=op.maker, effective_at=NOON)
    with pytest.raises(TokenRefused):
        behind(given)


def test_narrower_terms_narrow_the_tokens_that_are_out(firm: Firm) -> None:
    client_id = build.admit(firm, "vouchers:read", "trade:write")
    given = token(client_id)
    build.admit(firm, "vouchers:read", client_id=client_id)
    assert behind(given).scopes == {"vouchers:read"}


def test_the_database_knows_tokens_and_numbers_only_as_hashes(firm: Firm, raw: Any) -> None:
    from django.db import connection

    client_id = build.admit(firm)
    claims = build.claims(client_id, NOW)
    let_in(build.assertion(claims))
    given = token(client_id)
    with connection.cursor() as cursor:
        cursor.execute("select t::text from clients_token t union all select u::text from clients_used_assertion u")
        stored = " ".join(text for (text,) in cursor.fetchall())
    for secret in (given.text, claims["jti"]):
        assert secret not in stored and secret.encode().hex() not in stored


def test_behind_the_codes_back_nobody_admits_or_revives_a_client(firm: Firm) -> None:
    proposed, client_id = propose(firm), build.admit(firm)
    refuse(
        "update clients_proposal set state = 'applied' where id = %s", proposed.id, constraint="client_approved_by_two"
    )
    refuse(
        "update clients_proposal set content = content || '{\"scopes\": []}' where id = %s",
        proposed.id,
        constraint="client_proposal_fixed",
    )
    refuse(
        "insert into clients_client (id, organisation_id, proposal_id, state) values (%s, %s, %s, 'active')",
        proposed.client_id,
        firm.id,
        proposed.id,
        constraint="client_terms_approved",
    )
    operations.revoke(client_id=client_id, actor=firm.maker, effective_at=NOON, reason="over")
    refuse(
        "update clients_client set state = 'active', revoked_at = null where id = %s",
        client_id,
        constraint="client_fixed",
    )


def test_the_end_of_a_membership_is_an_end_for_the_machine_too(op: Firm, firm: Firm) -> None:
    given = token(build.admit(firm))
    from fourflow.foundation.parties import models

    row = models.Membership.objects.get(person_id=firm.maker.person_id, organisation_id=firm.id)
    parties.change(op, firm.id, EndTerms(ChangeKind.MEMBER, row.id, TODAY + timedelta(days=1)))
    assert behind(given)
    with pytest.raises(TokenRefused):
        queries.behind(given.text, now=NOW, today=TODAY + timedelta(days=1))
