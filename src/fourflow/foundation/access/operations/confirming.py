"""Recognising a person: at the door, and again before signing (step-up)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from fourflow.foundation.access import models, queries
from fourflow.foundation.access.domain import authority
from fourflow.foundation.access.events import SignerConfirmed
from fourflow.foundation.access.operations.attempts import attempt, forgive
from fourflow.foundation.access.operations.factors import use_code, use_passkey
from fourflow.foundation.access.types import (
    Confirmation,
    PasskeyRefused,
    PasswordWrong,
    Policy,
    Refused,
    SecondFactorNeeded,
    SessionNotFound,
    Site,
    Strength,
)
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import AccountView, Actor
from fourflow.platform.events import operations as events


def knock(
    *, email: str, password: str, address: str, policy: Policy, at: datetime, effective_at: datetime
) -> AccountView:
    """The account that an address and a password open. No transaction: the hash is slow on purpose.

    The attempt stays counted until :func:`admit` has asked for the second factor.

    :raises Locked: too many attempts. :raises Refused: they do not fit.
    """
    email = email.strip().lower()
    attempt(email=email, address=address, policy=policy, at=at, effective_at=effective_at)
    account = parties.authenticate(email, password)
    if account is None:
        raise Refused()
    return account


def admit(*, account: AccountView, code: str, address: str, at: datetime, effective_at: datetime) -> Strength:
    """After the password: the second factor where the account has one. Then the attempts are forgiven.

    :raises SecondFactorNeeded: there is one, and no code was given. :raises CodeWrong: see :func:`use_code`.
    """
    strength = Strength.PASSWORD
    if queries.factors(account.id).asked:
        if not code.strip():
            raise SecondFactorNeeded()
        strength = use_code(account_id=account.id, code=code, at=at, effective_at=effective_at)
    forgive(email=account.email, address=address, at=at)
    return strength


def confirm(
    *,
    actor: Actor,
    password: str,
    code: str,
    address: str,
    policy: Policy,
    at: datetime,
    effective_at: datetime,
) -> Confirmation:
    """The person behind a session is recognised again; good for signing for a few minutes in this session.

    :raises Locked: too many attempts. :raises PasswordWrong: it is not this account's.
    :raises SecondFactorNeeded: the account has a second factor and no code was given. :raises CodeWrong: it does not fit.
    """
    assert actor.account_id is not None
    account = parties.account(actor.account_id)
    attempt(email=account.email, address=address, policy=policy, at=at, effective_at=effective_at)
    if parties.authenticate(account.email, password) is None:
        raise PasswordWrong(field="password")
    strength = admit(account=account, code=code, address=address, at=at, effective_at=effective_at)
    return _confirmed(actor, strength, policy, at, effective_at)


def confirm_by_passkey(
    *,
    actor: Actor,
    site: Site,
    state: Mapping[str, Any],
    answer: Mapping[str, Any],
    policy: Policy,
    at: datetime,
    effective_at: datetime,
) -> Confirmation:
    """Like :func:`confirm`, by a passkey of this very account.

    :raises PasskeyRefused: see :func:`use_passkey`, or another account's.
    """
    account_id = use_passkey(site=site, state=state, answer=answer, at=at, effective_at=effective_at)
    if account_id != actor.account_id:
        raise PasskeyRefused()
    return _confirmed(actor, Strength.PASSKEY, policy, at, effective_at)


@transaction.atomic
def _confirmed(actor: Actor, strength: Strength, policy: Policy, at: datetime, effective_at: datetime) -> Confirmation:
    row = models.Session.objects.visible_to(actor).alive(at).lock(UUID(actor.session_id))
    if row.account_id != actor.account_id or row.organisation_id != actor.organisation_id:
        raise SessionNotFound(value=actor.session_id)
    row.confirmed_at, row.confirmed_until = at, at + timedelta(minutes=policy.step_up_minutes)
    row.confirmed_by, row.authority = strength.value, authority.of(actor)
    row.save(update_fields=["confirmed_at", "confirmed_until", "confirmed_by", "authority"])
    event = SignerConfirmed(
        subject_id=row.id,
        effective_at=effective_at,
        account_id=row.account_id,
        person_id=actor.person_id,
        organisation_id=actor.organisation_id,
        strength=strength.value,
        until=row.confirmed_until,
    )
    events.publish(event)
    return Confirmation(strength, at, row.confirmed_until)
