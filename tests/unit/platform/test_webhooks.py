"""Standard Webhooks with Ed25519, against a signature that another library made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fourflow.platform.crypto import webhooks
from fourflow.platform.crypto.webhooks import WebhookWrong

# The key of RFC 8037, appendix A. The signature was made with OpenSSL:
#   printf 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W.1674087231.{"type":"voucher.accepted"}' > m
#   openssl pkeyutl -sign -rawin -inkey key.pem -in m | base64
SECRET = "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
PUBLIC = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
MESSAGE, AT = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", datetime.fromtimestamp(1674087231, UTC)
BODY = b'{"type":"voucher.accepted"}'
SIGNATURE = "v1a,E2FxyMGu0g8Kp7CRVx13N28owNlh4VKqT91pHVEd8qbe0kv/mDzhzd1WBkMZo/DBUzFR+LrYsBH7iwALg7VUCw=="


def test_a_message_is_signed_as_another_library_signs_it() -> None:
    made = webhooks.headers([SECRET], message_id=MESSAGE, at=AT, body=BODY)
    assert made == {
        "webhook-id": MESSAGE,
        "webhook-timestamp": "1674087231",
        "webhook-signature": SIGNATURE,
    }
    assert webhooks.public_of(SECRET) == PUBLIC


def given(**changes: str) -> dict[str, str]:
    made = webhooks.headers([SECRET], message_id=MESSAGE, at=AT, body=BODY)
    return {**{name.title(): value for name, value in made.items()}, **changes}


def test_the_receiver_learns_the_id_of_what_was_signed() -> None:
    assert webhooks.verify(PUBLIC, given(), BODY, now=AT + timedelta(minutes=4)) == MESSAGE


@pytest.mark.parametrize(
    ("changes", "body", "late", "wrong"),
    [
        ({}, BODY + b" ", 0, "webhook-signature"),
        ({"Webhook-Id": "msg_other"}, BODY, 0, "webhook-signature"),
        ({"Webhook-Timestamp": "1674087232"}, BODY, 0, "webhook-signature"),
        ({"Webhook-Signature": SIGNATURE.replace("v1a,", "v1,")}, BODY, 0, "webhook-signature"),
        ({"Webhook-Signature": "v1a,%%%"}, BODY, 0, "webhook-signature"),
        ({"Webhook-Signature": ""}, BODY, 0, "webhook-signature"),
        ({}, BODY, 301, "webhook-timestamp"),
        ({}, BODY, -301, "webhook-timestamp"),
        ({"Webhook-Timestamp": "soon"}, BODY, 0, "webhook-timestamp"),
        ({"Webhook-Id": ""}, BODY, 0, "webhook-id"),
    ],
)
def test_whatever_was_changed_or_is_old_is_refused(changes: dict[str, str], body: bytes, late: int, wrong: str) -> None:
    with pytest.raises(WebhookWrong) as refusal:
        webhooks.verify(PUBLIC, given(**changes), body, now=AT + timedelta(seconds=late))
    assert refusal.value.params["field"] == wrong


def test_while_keys_change_a_message_carries_both_signatures() -> None:
    new = webhooks.new_secret()
    made = webhooks.headers([new, SECRET], message_id=MESSAGE, at=AT, body=BODY)
    for public in (PUBLIC, webhooks.public_of(new)):
        assert webhooks.verify(public, made, BODY, now=AT) == MESSAGE
    with pytest.raises(WebhookWrong):
        webhooks.verify(webhooks.public_of(webhooks.new_secret()), made, BODY, now=AT)


@pytest.mark.parametrize("key", ["", "whpk_", "whpk_AAAA", SECRET, PUBLIC.removeprefix("whpk_"), "whpk_%%%"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(WebhookWrong):
        webhooks.verify(key, given(), BODY, now=AT)
