"""The pages' way into operations: a token makes a repeated press the same request; a password makes a signature."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from fourflow.foundation.parties import queries as parties
from fourflow.interfaces.web.people import Visitor
from fourflow.platform import perform as platform
from fourflow.platform.canonical_json import digest
from fourflow.platform.crypto.signing import SandboxSigner, Signature, Signer
from fourflow.platform.errors import Conflict, Forbidden
from fourflow.platform.ids import new_id
from fourflow.platform.perform import Performed

#: whose signatures the pages ask for; a UKey or a third-party CA takes this place
SIGNER: Signer = SandboxSigner()
#: fields of a form that are no part of what is performed
_NOT_INPUT = ("csrfmiddlewaretoken", "token", "password")


class PasswordWrong(Forbidden):
    """The password that confirms a signature is not the signer's."""

    code = "session.password_wrong"


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
    """Step-up: the person enters the password again before signing. Outside the transaction, for it is slow on purpose.

    :raises PasswordWrong: it is not this account's.
    """
    actor = visitor.actor
    mine = parties.accounts_of([actor.person_id]).get(actor.person_id, [])
    address = next((account.email for account in mine if account.id == actor.account_id), "")
    account = parties.authenticate(address, request.POST.get("password", ""))
    if account is None or account.id != actor.account_id:
        raise PasswordWrong(field="password")


def sign(request: HttpRequest, visitor: Visitor, content: dict[str, Any], terms_version: str) -> Signature:
    """The person's signature over what the page showed, after :func:`confirm`.

    :raises ContentChanged: the content is not (any more) what the page showed.
    """
    if not hmac.compare_digest(shown(content), request.POST.get("digest", "")):
        raise ContentChanged()
    return SIGNER.sign(visitor.actor.person_id, content, terms_version=terms_version)
