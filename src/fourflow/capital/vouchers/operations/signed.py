"""Keeping what a person signed: checked against the content, stored once, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.types import Act
from fourflow.foundation.parties.types import Actor
from fourflow.platform.canonical_json import jsonable
from fourflow.platform.crypto.signing import Signature, SignatureWrong, verify


def record(
    *,
    act: Act,
    voucher_id: UUID,
    holding_id: UUID | None,
    actor: Actor,
    content: dict[str, Any],
    signature: Signature,
    effective_at: datetime,
) -> models.SignedAct:
    """Store one link of the legal chain.

    :raises SignatureWrong: the signature is another person's, or over another content.
    """
    if signature.person_id != actor.person_id:
        raise SignatureWrong(person=str(signature.person_id), reason="signed by another person than the one who acts")
    verify(signature, content)
    return models.SignedAct.objects.create(
        act=act,
        voucher_id=voucher_id,
        holding_id=holding_id,
        organisation_id=actor.organisation_id,
        person_id=actor.person_id,
        content=jsonable(content),
        signature=signature.to_body(),
        effective_at=effective_at,
    )
