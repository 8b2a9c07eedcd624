"""Second factors: authenticator app, recovery codes, passkeys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from fourflow.foundation.access import models
from fourflow.foundation.access.domain import codes, passkeys
from fourflow.foundation.access.events import FactorChanged, PasskeyCopied
from fourflow.foundation.access.operations.sessions import unconfirm
from fourflow.foundation.access.types import (
    CodeWrong,
    FactorNotFound,
    FactorTaken,
    PasskeyRefused,
    PasskeyView,
    Site,
    Strength,
)
from fourflow.platform.crypto.sealing import blind_index
from fourflow.platform.events import operations as events
from fourflow.platform.events.types import Evidenced

log = structlog.get_logger()
RECOVERY_CODES = 10


@transaction.atomic
def enrol_app(*, account_id: UUID, secret: str, code: str, at: datetime, effective_at: datetime) -> None:
    """Take an authenticator app into use, once it has shown a fitting code.

    :raises FactorTaken: the account has one. :raises CodeWrong: the code does not fit the secret now.
    """
    if models.Totp.objects.lock(account_id) is not None:
        raise FactorTaken(factor="totp")
    step = codes.matching_step(secret, code, at, after=-1)
    if step is None:
        raise CodeWrong(field="code")
    row = models.Totp.objects.create(account_id=account_id, secret=secret, last_step=step)
    _changed(account_id, "totp", "added", effective_at, [row.evidenced()])


@transaction.atomic
def remove_app(*, account_id: UUID, at: datetime, effective_at: datetime) -> None:
    """:raises FactorNotFound: there is none."""
    row = models.Totp.objects.lock(account_id)
    if row is None:
        raise FactorNotFound(value="totp")
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    _changed(account_id, "totp", "removed", effective_at, [row.evidenced()])


@transaction.atomic
def renew_recovery_codes(*, account_id: UUID, at: datetime, effective_at: datetime) -> list[str]:
    """Ten new codes to be written down; the old ones open nothing any more. They are shown this once."""
    ended = _end_codes(account_id, at)
    made = [codes.paper_code() for _ in range(RECOVERY_CODES)]
    rows = [models.RecoveryCode(account_id=account_id, digest=_digest(account_id, code)) for code in made]
    models.RecoveryCode.objects.bulk_create(rows)
    _changed(account_id, "recovery_codes", "added", effective_at, [row.evidenced() for row in (*ended, *rows)])
    return made


@transaction.atomic
def use_code(*, account_id: UUID, code: str, at: datetime, effective_at: datetime) -> Strength:
    """A code of the authenticator app, or a recovery code: either opens once.

    :raises CodeWrong: wrong, over, or used before.
    """
    app = models.Totp.objects.lock(account_id)
    if app is not None:
        step = codes.matching_step(app.secret, code, at, after=app.last_step)
        if step is not None:
            app.last_step = step
            app.save(update_fields=["last_step"])
            return Strength.PASSWORD_CODE
    paper = models.RecoveryCode.objects.lock(account_id, digest=_digest(account_id, code))
    if paper is None:
        raise CodeWrong(field="code")
    paper.ended_at = at
    paper.save(update_fields=["ended_at"])
    event = FactorChanged(subject_id=account_id, effective_at=effective_at, factor="recovery_code", change="used")
    events.publish(event, rows=[paper.evidenced()])
    return Strength.PASSWORD_RECOVERY


@transaction.atomic
def add_passkey(
    *,
    account_id: UUID,
    name: str,
    site: Site,
    state: Mapping[str, Any],
    answer: Mapping[str, Any],
    at: datetime,
    effective_at: datetime,
) -> PasskeyView:
    """Keep the passkey that a browser has made for the question in `state`.

    :raises PasskeyRefused: the answer does not fit. :raises FactorTaken: the passkey is known.
    """
    made = passkeys.read_new(site, state, answer)
    if models.Passkey.objects.filter(credential_id=made.credential_id).exists():
        raise FactorTaken(factor="passkey")
    row = models.Passkey.objects.create(
        account_id=account_id,
        name=name.strip()[:80] or "passkey",
        site=site.domain,
        credential_id=made.credential_id,
        credential=made.credential,
        sign_count=made.sign_count,
        added_at=at,
    )
    _changed(account_id, "passkey", "added", effective_at, [row.evidenced()])
    view: PasskeyView = row.to_type()
    return view


@transaction.atomic
def remove_passkey(*, account_id: UUID, passkey_id: UUID, at: datetime, effective_at: datetime) -> None:
    """:raises FactorNotFound: the account has no such passkey."""
    row = models.Passkey.objects.lock(account_id, pk=passkey_id)
    if row is None:
        raise FactorNotFound(value=str(passkey_id))
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    _changed(account_id, "passkey", "removed", effective_at, [row.evidenced()])


def use_passkey(
    *, site: Site, state: Mapping[str, Any], answer: Mapping[str, Any], at: datetime, effective_at: datetime
) -> UUID:
    """The account whose passkey signed the question in `state`.

    A counter that does not rise where it should is an alarm: somebody may have a copy.

    :raises PasskeyRefused: unknown or removed passkey, wrong signature, origin or question, or a copy.
    """
    credential_id = passkeys.credential_id_of(answer)
    with transaction.atomic():
        row = models.Passkey.objects.filter(
            credential_id=credential_id, ended_at__isnull=True, site=site.domain
        ).first()
        row = row and models.Passkey.objects.lock(row.account_id, pk=row.pk)
        if row is None:
            raise PasskeyRefused()
        count = passkeys.read(site, state, bytes(row.credential), answer)
        copied = (count or row.sign_count) and count <= row.sign_count
        if copied:
            events.publish(PasskeyCopied(subject_id=row.account_id, effective_at=effective_at, passkey_id=row.pk))
            log.warning("alarm", alarm="access.passkey_copied", passkey=str(row.pk))
        else:
            row.sign_count, row.used_at = count, at
            row.save(update_fields=["sign_count", "used_at"])
    if copied:
        raise PasskeyRefused()
    account_id: UUID = row.account_id
    return account_id


def end_all_factors(*, account_id: UUID, at: datetime, effective_at: datetime) -> None:
    """After a recovery: whoever has the old telephone or key has nothing. Within the caller's transaction."""
    rows = list(models.Totp.objects.filter(account_id=account_id, ended_at__isnull=True))
    rows += list(models.Identity.objects.filter(account_id=account_id, ended_at__isnull=True))
    rows += list(models.Passkey.objects.filter(account_id=account_id, ended_at__isnull=True))
    for row in rows:
        row.ended_at = at
        row.save(update_fields=["ended_at"])
    rows += _end_codes(account_id, at)
    _changed(account_id, "all", "removed", effective_at, [row.evidenced() for row in rows])


def _end_codes(account_id: UUID, at: datetime) -> list[models.RecoveryCode]:
    rows = list(models.RecoveryCode.objects.filter(account_id=account_id, ended_at__isnull=True).order_by("pk"))
    for row in rows:
        row.ended_at = at
    models.RecoveryCode.objects.bulk_update(rows, ["ended_at"])
    return rows


def _changed(account_id: UUID, factor: str, change: str, effective_at: datetime, rows: list[Evidenced]) -> None:
    unconfirm(account_id=account_id)
    event = FactorChanged(subject_id=account_id, effective_at=effective_at, factor=factor, change=change)
    events.publish(event, rows=rows)


def _digest(account_id: UUID, code: str) -> bytes:
    return blind_index(f"recovery code {account_id} {codes.normal(code)}")
