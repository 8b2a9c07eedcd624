"""One confirmation, several signatures: while it holds, nobody types the password again; afterwards nothing is signed."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from tests.interfaces.web import seed
from tests.interfaces.web.scene import Scene, fields

from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import Voucher, VoucherState
from fourflow.foundation.access.models import Session
from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.web.addresses import to
from fourflow.platform import clock
from fourflow.platform.crypto.signing import SignatureWrong, verify


def press(scene: Scene, drafted: Voucher, who: str = "core checker", **more: str) -> Any:
    assert drafted.approval_id is not None
    path = to("approval", drafted.approval_id)
    given = {**fields(scene.get(who, path)), "outcome": "approve", "opinion": "fits", **more}
    return scene.clients[who].post(path, given)


def state(drafted: Voucher) -> VoucherState:
    return vouchers.get(actor=SYSTEM, voucher_id=drafted.id).state


def test_a_person_confirms_once_and_signs_several_times_until_the_time_is_over(scene: Scene) -> None:
    first, second, third = scene.here.drafted(), scene.here.drafted(), scene.here.drafted()
    unconfirmed = press(scene, first)
    assert unconfirmed.status_code == 403 and "Confirm first" in unconfirmed.content.decode()
    assert state(first) is VoucherState.DRAFT

    assert press(scene, first, password=seed.PASSWORD).status_code == 302
    page = scene.get("core checker", to("approval", second.approval_id)).content.decode()  # type: ignore[arg-type]
    assert 'name="password"' not in page and "You have confirmed that it is you" in page
    assert press(scene, second).status_code == 302
    assert (state(first), state(second)) == (VoucherState.OFFERED, VoucherState.OFFERED)

    past = clock.machine() - timedelta(minutes=10)
    account = scene.here.core.checker.account_id
    Session.objects.filter(account_id=account).exclude(confirmed_at=None).update(
        confirmed_at=past - timedelta(seconds=1), confirmed_until=past
    )
    stale = press(scene, third)
    assert stale.status_code == 403 and 'name="password"' in stale.content.decode()
    assert state(third) is VoucherState.DRAFT


def test_how_the_signer_was_recognised_is_signed_with_the_content(scene: Scene) -> None:
    drafted = scene.here.drafted()
    press(scene, drafted, password=seed.PASSWORD)
    act = [a for a in vouchers.acts(actor=SYSTEM, voucher_id=drafted.id) if a.signature.assurance][-1]
    session = Session.objects.exclude(confirmed_at=None).get(account_id=scene.here.core.checker.account_id)
    assert act.signature.assurance == "password"
    assert act.signature.session == str(session.id)
    assert act.signature.assured_at == session.confirmed_at.isoformat()
    content = vouchers.get(actor=SYSTEM, voucher_id=drafted.id).content()
    verify(act.signature, content)
    with pytest.raises(SignatureWrong):
        verify(dataclasses.replace(act.signature, assurance="passkey"), content)


def test_another_colleagues_confirmation_is_nobody_elses(scene: Scene) -> None:
    scene.clients["core"].post("/me", {"act": "confirm", "password": seed.PASSWORD})
    Session.objects.filter(account_id=scene.here.core.checker.account_id).update(
        confirmed_at=None, confirmed_until=None, confirmed_by="", authority=None
    )
    drafted = scene.here.drafted()
    assert press(scene, drafted).status_code == 403
    assert state(drafted) is VoucherState.DRAFT
