"""The pages' way into operations: a token makes a repeated press the same request; a confirmation makes a signature."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model, update_session_auth_hash
from django.http import HttpRequest

from fourflow.foundation.access import operations as access_operations
from fourflow.foundation.access import queries as access
from fourflow.foundation.access.types import ConfirmationNeeded
from fourflow.interfaces.web.people import Visitor
from fourflow.platform import perform as platform
from fourflow.platform.canonical_json import digest
from fourflow.platform.crypto.signing import Assurance, SandboxSigner, Signature, Signer
from fourflow.platform.errors import Conflict
from fourflow.platform.ids import new_id
from fourflow.platform.perform import Performed

#: whose signatures the pages ask for; a UKey or a third-party CA takes this place
SIGNER: Signer = SandboxSigner()
#: fields of a form that are no part of what is performed
_NOT_INPUT = ("csrfmiddlewaretoken", "token", "password", "code", "draft", "draft_key")


class ContentChanged(Conflict):
    """What would be signed is not what was shown."""

    code = "signature.content_changed"


def token() -> str:
    """The idempotency key of a form that is drawn now."""
    return new_id().hex


def shown(content: dict[str, Any]) -> str:
    """The digest of what a page shows for signing; the form sends it back."""
    return digest(content).hex()


def perform(
    request: HttpRequest, visitor: Visitor, operation: str, run: Callable[[], dict[str, Any]], **about: str
) -> Performed:
    """Perform an operation once under the form's token; what the form said is its input.

    :raises fourflow.platform.perform.KeyMissing: the form has no token.
    """
    given = {name: values for name, values in sorted(request.POST.lists()) if name not in _NOT_INPUT}
    key = request.POST.get("token", "")
    return platform.perform(
        scope=visitor.scope, key=f"web:{key}" if key else "", operation=operation, input={**given, **about}, run=run
    )


def confirm(request: HttpRequest, visitor: Visitor) -> None:
    """Step-up: before signing the person is recognised again, unless that happened in this session a few minutes ago.

    Outside the transaction, for the password's hash is slow on purpose.

    :raises ConfirmationNeeded: nothing was given, and there is no confirmation (any more).
    :raises PasswordWrong: and the other errors of :func:`fourflow.foundation.access.operations.confirm`.
    """
    password = request.POST.get("password", "")
    if password:
        access_operations.confirm(
            actor=visitor.actor,
            password=password,
            code=request.POST.get("code", ""),
            address=visitor.origin.address,
            policy=access.policy(visitor.today),
            at=visitor.at,
            effective_at=visitor.now,
        )
    elif access.confirmation(visitor.actor, visitor.at) is None:
        raise ConfirmationNeeded(field="password")


def sign(request: HttpRequest, visitor: Visitor, content: dict[str, Any], terms_version: str) -> Signature:
    """The person's signature over what the page showed, after :func:`confirm`; how he was recognised is signed with it.

    A page that shows several contents sends back the digest of each.

    :raises ContentChanged: the content is not (any more) what the page showed.
    :raises ConfirmationNeeded: nobody has confirmed.
    """
    held = access.confirmation(visitor.actor, visitor.at)
    if held is None:
        raise ConfirmationNeeded(field="password")
    wanted = shown(content)
    if not any(hmac.compare_digest(wanted, digest) for digest in request.POST.getlist("digest")):
        raise ContentChanged()
    assurance = Assurance(held.strength.value, held.at, visitor.actor.session_id)
    return SIGNER.sign(visitor.actor.person_id, content, terms_version=terms_version, assurance=assurance)


def payload_shown(request: HttpRequest, wanted: bytes) -> bytes:
    """What is put up for approval, if the page showed it, alone or among others; else nothing, which no request has."""
    return wanted if wanted.hex() in request.POST.getlist("payload_hash") else b""


def stay(request: HttpRequest, visitor: Visitor) -> None:
    """After a change of the password: Django's session was bound to the old one; this browser stays signed in."""
    user = get_user_model()._default_manager.get(pk=visitor.session.account_id)
    update_session_auth_hash(request, user)
