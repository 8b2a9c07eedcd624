"""The client checks what the platform sends, with its own code: a message of the platform holds, and nothing else does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from fourflow_client import webhooks
from fourflow_client.webhooks import WebhookWrong, verify

from fourflow.platform.crypto import webhooks as sender

AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
SECRET, OTHER = sender.new_secret(), sender.new_secret()
PUBLIC = sender.public_of(SECRET)
SAID = {
    "type": "voucher.accepted",
    "timestamp": "2026-12-01T09:00:00+08:00",
    "livemode": False,
    "data": {"id": "evt_1"},
}
BODY = json.dumps(SAID).encode()


def given(body: bytes = BODY, secrets: tuple[str, ...] = (SECRET,), **changes: str) -> dict[str, str]:
    made = sender.headers(secrets, message_id="whd_1", at=AT, body=body)
    return {**{name.title(): value for name, value in made.items()}, **changes}


def test_a_message_of_the_platform_is_read_once_it_is_checked() -> None:
    told = verify(PUBLIC, given(), BODY, now=AT + timedelta(minutes=4))
    assert (told.id, told.type, told.livemode, told.data) == ("whd_1", "voucher.accepted", False, {"id": "evt_1"})


def test_while_keys_change_either_side_may_have_both() -> None:
    both = given(secrets=(OTHER, SECRET))
    assert verify(PUBLIC, both, BODY, now=AT).id == verify(sender.public_of(OTHER), both, BODY, now=AT).id
    assert verify([sender.public_of(OTHER), PUBLIC], given(), BODY, now=AT).id == "whd_1"


@pytest.mark.parametrize(
    ("headers", "body", "late", "wrong"),
    [
        (given(), BODY + b" ", 0, "webhook-signature"),
        (given(secrets=(OTHER,)), BODY, 0, "webhook-signature"),
        (given(**{"Webhook-Id": "whd_2"}), BODY, 0, "webhook-signature"),
        (given(**{"Webhook-Signature": "v1,AAAA v1a,%%%"}), BODY, 0, "webhook-signature"),
        (given(), BODY, 301, "webhook-timestamp"),
        (given(), BODY, -301, "webhook-timestamp"),
        (given(**{"Webhook-Timestamp": "soon"}), BODY, 0, "webhook-timestamp"),
        ({}, BODY, 0, "webhook-id"),
        (given(b"[]"), b"[]", 0, "body"),
        (given(b"no json"), b"no json", 0, "body"),
    ],
)
def test_whatever_was_changed_is_old_or_is_no_message_is_refused(
    headers: dict[str, str], body: bytes, late: int, wrong: str
) -> None:
    with pytest.raises(WebhookWrong) as refused:
        verify(PUBLIC, headers, body, now=AT + timedelta(seconds=late))
    assert refused.value.what == wrong


@pytest.mark.parametrize("key", ["", "whpk_", "whpk_AAAA", "whpk_%%%"])
def test_a_key_that_is_none_is_told_as_a_mistake_of_the_caller(key: str) -> None:
    with pytest.raises(ValueError, match=webhooks.PREFIX):
        verify(key, given(), BODY, now=AT)
