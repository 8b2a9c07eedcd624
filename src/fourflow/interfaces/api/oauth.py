"""The token endpoint for partners' machines: OAuth 2 client credentials with ``private_key_jwt`` and nothing else.

RFC 6749 §4.4, RFC 7523 §2.2, RFC 7009 (revocation), RFC 8414 (metadata). Answers and errors are those of OAuth, not
problem details: partners' libraries read them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from fourflow.foundation.clients import operations
from fourflow.foundation.clients.operations.tokens import PREFIX
from fourflow.foundation.clients.types import (
    SCOPES,
    SIGNING,
    TOKEN_LIFETIME,
    AssertionInvalid,
    AssertionReplayed,
    ClientId,
    ClientRefused,
    ScopeNotGranted,
)
from fourflow.interfaces.api.auth import origin_of
from fourflow.interfaces.api.errors import request_id
from fourflow.interfaces.api.rates import Windows
from fourflow.platform import clock, logs
from fourflow.platform.ids import encode

#: each address may knock so often in a minute: checking a signature costs more than making a wrong one
KNOCKS = (120, 60)
WINDOWS = Windows()

BY_JWT = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LARGEST_REQUEST = 16 * 1024
FORM = "application/x-www-form-urlencoded"


class Wrong(Exception):
    """An OAuth error: its code of RFC 6749 §5.2, words for the developer who gets it, and our code for who reads the log."""

    def __init__(self, error: str, says: str, status: int = 400, *, code: str = "") -> None:
        super().__init__(error)
        self.error, self.says, self.status, self.code = error, says, status, code or f"oauth.{error}"


View = Callable[[HttpRequest], HttpResponse]


def _endpoint(view: View) -> View:
    """POST of a form; what is wrong becomes an OAuth error; nothing of an answer is ever stored on the way."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        rate = WINDOWS.take(origin_of(request).address, *KNOCKS)
        try:
            if rate.is_exceeded:
                raise Wrong("temporarily_unavailable", "too many requests", 429)
            response = view(request)
        except Wrong as wrong:
            logs.refuse(wrong.code)
            body = {"error": wrong.error, "error_description": wrong.says}
            response = JsonResponse(body, status=wrong.status)
        if rate.is_exceeded:
            rate.write(response)
        response["Cache-Control"], response["Pragma"] = "no-store", "no-cache"
        response["X-Request-Id"] = request_id(request)
        return response

    return answer


def issuer(request: HttpRequest) -> str:
    """The address that assertions are meant for: the configured one, or the one that the (allowed) host names."""
    return str(settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/"))


@_endpoint
def token(request: HttpRequest) -> HttpResponse:
    """A short-lived access token for a client that proves to hold its key."""
    form = _form(request)
    if form.get("grant_type") != "client_credentials":
        raise Wrong("unsupported_grant_type", "only client_credentials")
    client_id = _client(request, form)
    try:
        given = operations.issue(client_id=client_id, scopes=form.get("scope", "").split(), now=clock.machine())
    except ScopeNotGranted as refusal:
        says = f"not granted: {' '.join(refusal.params['scopes'])}"
        raise Wrong("invalid_scope", says, code=refusal.code) from None
    except ClientRefused as refusal:
        raise Wrong("invalid_client", "the client is not accepted", 401, code=refusal.code) from None
    return JsonResponse(
        {
            "access_token": given.text,
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFETIME.total_seconds()),
            "scope": " ".join(sorted(given.scopes)),
        }
    )


@_endpoint
def revoke(request: HttpRequest) -> HttpResponse:
    """End an access token of the client that asks; an unknown one is answered alike."""
    form = _form(request)
    client_id = _client(request, form)
    operations.revoke_token(text=form.get("token", ""), client_id=client_id, now=clock.machine())
    return JsonResponse({})


@require_GET
def metadata(request: HttpRequest) -> HttpResponse:
    """What partners' libraries need to know of this server (RFC 8414)."""
    here = issuer(request)
    return JsonResponse(
        {
            "issuer": here,
            "token_endpoint": f"{here}/oauth/token",
            "revocation_endpoint": f"{here}/oauth/revoke",
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": list(SIGNING),
            "scopes_supported": sorted(SCOPES),
        }
    )


def _form(request: HttpRequest) -> dict[str, str]:
    """The fields of the form, each once. Nothing of the address counts: addresses end up in logs."""
    if request.content_type != FORM or int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_REQUEST:
        raise Wrong("invalid_request", f"a small form ({FORM}) is expected")
    if any(len(values) > 1 for _, values in request.POST.lists()):
        raise Wrong("invalid_request", "a parameter is given twice")
    return {name: str(value) for name, value in request.POST.items()}


def _client(request: HttpRequest, form: dict[str, str]) -> ClientId:
    """Who asks. What is wrong with a claim is told to who holds the key, and to nobody else."""
    if "HTTP_AUTHORIZATION" in request.META or "client_secret" in form:
        raise Wrong("invalid_client", "only private_key_jwt", 401)
    if form.get("client_assertion_type") != BY_JWT or not form.get("client_assertion"):
        raise Wrong("invalid_client", f"a client_assertion of type {BY_JWT} is expected", 401)
    here = issuer(request)
    try:
        client_id = operations.authenticate(
            assertion=form["client_assertion"],
            audiences={here, f"{here}/oauth/token"},
            now=clock.machine(),
        )
    except AssertionReplayed as refusal:
        logs.made_by(client=refusal.params["client"])
        raise Wrong("invalid_client", "an assertion with this jti was used before", 401, code=refusal.code) from None
    except AssertionInvalid as refusal:
        claim, expected = refusal.params["claim"], refusal.params["expected"]
        logs.made_by(client=refusal.params["client"], claim=claim)
        raise Wrong("invalid_client", f"{claim}: {expected}", 401, code=refusal.code) from None
    except ClientRefused as refusal:
        raise Wrong("invalid_client", "the client is not accepted", 401, code=refusal.code) from None
    logs.made_by(client=encode(PREFIX, client_id))
    if form.get("client_id", encode(PREFIX, client_id)) != encode(PREFIX, client_id):
        raise Wrong("invalid_client", "client_id is not the assertion's subject", 401)
    return client_id
