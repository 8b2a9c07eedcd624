"""Signing on by an identity provider: out to it with state, nonce and PKCE, back with a code that is good once."""

from __future__ import annotations

import hmac
import secrets
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from fourflow.config import identity
from fourflow.foundation.access import operations
from fourflow.foundation.access import queries as access
from fourflow.foundation.access.ports import IdentityProvider, ProviderRefused
from fourflow.foundation.access.types import ConfirmationNeeded, Strength
from fourflow.foundation.parties import queries as parties
from fourflow.interfaces.web import refusals
from fourflow.interfaces.web.errors import error_page
from fourflow.interfaces.web.pages.sign_in import back, enter, inside
from fourflow.interfaces.web.people import Visitor
from fourflow.platform import clock
from fourflow.platform.errors import FourflowError

#: what waits in the session until the browser comes back
SENT = "provider"
SECONDS = 10 * 60


@never_cache
@require_GET
def leave(request: HttpRequest, name: str) -> HttpResponse:
    """To the provider. Signed in (and confirmed) the answer links the account; otherwise it signs in."""
    provider = _provider(name)
    visitor: Visitor | None = request.visitor  # type: ignore[attr-defined]
    try:
        if visitor is not None and access.confirmation(visitor.actor, visitor.at) is None:
            raise ConfirmationNeeded()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _part in range(3))
        address = provider.ask(back=_here(request, name), state=state, nonce=nonce, verifier=verifier)
    except FourflowError as error:
        return _refused(request, error)
    request.session[SENT] = [name, state, nonce, verifier, back(request), clock.machine().timestamp()]
    return redirect(address)


@never_cache
@require_GET
def come_back(request: HttpRequest, name: str) -> HttpResponse:
    """From the provider: the state is this browser's, the code is exchanged once, the token verifies in every part."""
    provider = _provider(name)
    sent, state, nonce, verifier, target, since = request.session.pop(SENT, None) or ("", "", "", "", "/", 0)
    visitor: Visitor | None = request.visitor  # type: ignore[attr-defined]
    try:
        late = clock.machine().timestamp() - since > SECONDS
        if sent != name or late or not hmac.compare_digest(state.encode(), request.GET.get("state", "").encode()):
            raise ProviderRefused()
        subject = provider.subject(
            code=request.GET.get("code", ""), back=_here(request, name), nonce=nonce, verifier=verifier
        )
        if visitor is not None:
            return _link(request, visitor, provider, subject)
        account_id: UUID | None = access.account_of_identity(provider.issuer, subject)
        if account_id is None:
            raise ProviderRefused()
        return enter(request, parties.account(account_id), Strength.PROVIDER, inside(target))
    except FourflowError as error:
        return _refused(request, error)


def _link(request: HttpRequest, visitor: Visitor, provider: IdentityProvider, subject: str) -> HttpResponse:
    if access.confirmation(visitor.actor, visitor.at) is None:
        raise ConfirmationNeeded()
    operations.link_identity(
        account_id=visitor.session.account_id, issuer=provider.issuer, subject=subject, effective_at=visitor.now
    )
    messages.success(request, _("Linked: you can sign in there from now on."))
    return redirect("/me")


def _here(request: HttpRequest, name: str) -> str:
    return request.build_absolute_uri(f"/sign-in/with/{name}/back")


def _provider(name: str) -> IdentityProvider:
    found = identity.providers().get(name)
    if found is None:
        raise Http404
    return found


def _refused(request: HttpRequest, error: FourflowError) -> HttpResponse:
    return error_page(request, refusals.status_of(error), [refusals.problem(error)], retry="/sign-in")
