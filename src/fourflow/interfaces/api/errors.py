"""Refusals as problem details (RFC 9457): the one table from kinds to HTTP statuses, and words in the caller's language."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from ninja.errors import HttpError, ValidationError

from fourflow.interfaces.api.ids import PREFIXES
from fourflow.interfaces.api.texts import TEXTS, TITLES
from fourflow.platform import logs
from fourflow.platform.errors import FourflowError, Kind
from fourflow.platform.ids import encode, new_id

log = logging.getLogger("fourflow.api")

STATUSES: dict[Kind, int] = {
    Kind.INVALID: 422,
    Kind.NOT_FOUND: 404,
    Kind.FORBIDDEN: 403,
    Kind.CONFLICT: 409,
    Kind.BUSY: 409,
    Kind.INPUT_DIFFERS: 422,
    Kind.UNAVAILABLE: 503,
}
#: codes whose status does not follow from their kind
EXCEPTIONS: dict[str, int] = {
    "idempotency.key_missing": 400,
    "version.unknown": 400,
    "precondition.required": 428,
    "precondition.failed": 412,
    "token.missing": 401,
    "token.invalid": 401,
    "client.refused": 401,
    "client.assertion_invalid": 401,
    "client.assertion_replayed": 401,
    "session.refused": 401,
    "session.locked": 429,
}
RETRYABLE = {"idempotency.still_running", "evidence.not_yet_in_log", "rate.exceeded"}
PROBLEM = "application/problem+json"
JSON = "application/json"
MULTIPART = "multipart/form-data"
_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")


class Unauthenticated(FourflowError):
    """No token, one that does not verify, or one whose time is over."""

    code = "token.missing"
    kind = Kind.FORBIDDEN


class TokenInvalid(Unauthenticated):
    """The token was not made here, is too old, or its account does not act for the organisation any more."""

    code = "token.invalid"


class SignInRefused(Unauthenticated):
    """Address or password are wrong, or the account does not act for that organisation: the three are not told apart."""

    code = "session.refused"


class ContentChanged(FourflowError):
    """What would be signed is not what was shown: read it again."""

    code = "signature.content_changed"
    kind = Kind.CONFLICT


class VersionUnknown(FourflowError):
    """The dated version that the caller asked for was never published, or is not answered any more."""

    code = "version.unknown"
    kind = Kind.INVALID


class MediaTypeUnsupported(FourflowError):
    """The body is not sent as what the route reads."""

    code = "request.media_type"
    kind = Kind.INVALID


class PreconditionFailed(FourflowError):
    """The object is not any more what the caller last read (``If-Match``)."""

    code = "precondition.failed"
    kind = Kind.CONFLICT


class PreconditionRequired(FourflowError):
    """The write replaces what another may have changed meanwhile: it needs ``If-Match`` with the ETag that was read."""

    code = "precondition.required"
    kind = Kind.INVALID


class VoucherIdTaken(FourflowError):
    """A voucher was already drafted from this plan."""

    code = "voucher.plan_used"
    kind = Kind.CONFLICT


def request_id(request: HttpRequest) -> str:
    """The caller's X-Request-Id if it looks like one, else a new one; the same for the whole request."""
    known = getattr(request, "request_id", "")
    if not known:
        given = request.headers.get("X-Request-Id", "")
        known = given if _ID.match(given) else new_id().hex
        request.request_id = known  # type: ignore[attr-defined]
    return str(known)


def text_of(code: str) -> str:
    """The sentence for a code in the active language."""
    return gettext(TEXTS[code]) if code in TEXTS else ""


def problem(
    request: HttpRequest,
    status: int,
    code: str,
    *,
    errors: Iterable[dict[str, str]] = (),
    params: dict[str, Any] | None = None,
) -> HttpResponse:
    """The answer to a request that is refused; the log says the code."""
    logs.refuse(code)
    title = gettext(TITLES.get(status, TITLES[500]))
    body = {
        "type": f"https://fourflow.dev/problems/{code}",
        "title": title,
        "status": status,
        "detail": text_of(code) or title,
        "code": code,
        "request_id": request_id(request),
        "retryable": status == 503 or code in RETRYABLE,
        "errors": list(errors),
        "params": params or {},
    }
    response = HttpResponse(json.dumps(body, ensure_ascii=False, default=str), status=status, content_type=PROBLEM)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="fourflow"'
    if body["retryable"] and status != 429:  # there the rate knows how long
        response["Retry-After"] = "1"
    return response


def refused(request: HttpRequest, error: FourflowError) -> HttpResponse:
    """A refusal of an operation or query. What is not found tells nothing but its code."""
    status = EXCEPTIONS.get(error.code, STATUSES[error.kind])
    told = {} if error.kind is Kind.NOT_FOUND else {k: v for k, v in error.params.items() if k != "field"}
    params = {name: _identified(name, value) for name, value in told.items()}
    field = error.params.get("field")
    errors = []
    if isinstance(field, str) and status == 422:
        pointer = "/" + field.replace(".", "/")
        errors = [{"pointer": pointer, "code": error.code, "detail": text_of(error.code)}]
    return problem(request, status, error.code, errors=errors, params=params)


#: roles under which refusals name a party
_PARTIES = {"core", "creditor", "debtor", "funder", "holder", "issuer", "payee", "payer", "receiver", "supplier"}


def _identified(name: str, value: Any) -> Any:
    """What a refusal names, by the identifier that opens it at the API."""
    kind = "party" if name in _PARTIES else name.removesuffix("_id")
    if kind not in PREFIXES or not isinstance(value, str | UUID):
        return value
    try:
        return encode(PREFIXES[kind], UUID(str(value)))
    except ValueError:
        return value


#: pydantic's error types → our codes; all others are input.invalid
_TYPES = {
    "missing": "input.missing",
    "extra_forbidden": "input.unknown_field",
    "string_too_long": "input.too_long",
    "string_too_short": "input.too_short",
    "string_type": "input.not_text",
    "enum": "input.not_a_choice",
    "literal_error": "input.not_a_choice",
    "json_invalid": "input.not_json",
}


def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Input that does not fit its declaration; an identifier in the path that is none is an object that is not there."""
    sources = {found["loc"][:1] for found in error.errors}
    if ("path",) in sources:
        return problem(request, 404, "object.not_found")
    if ("file",) in sources and request.content_type != MULTIPART:
        return unsupported(request, MULTIPART)
    rows = []
    for found in error.errors:
        kind = str(found["type"])
        code = kind if "." in kind else _TYPES.get(kind, _by_family(kind))
        rows.append({"pointer": _pointer(found["loc"]), "code": code, "detail": text_of(code) or found["msg"]})
    return problem(request, 422, "input.invalid", errors=rows)


def _by_family(kind: str) -> str:
    for family in ("date", "int", "bool", "list", "greater", "less"):
        if kind.startswith(family):
            return f"input.{family}"
    return "input.invalid"


def _pointer(location: tuple[Any, ...]) -> str:
    """``("body", "body", "face")`` → ``/face``; parameters of query and header keep their source."""
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in location]
    if parts[:1] in (["form"], ["file"]):
        parts = parts[1:]
    elif parts[:1] == ["body"]:
        parts = parts[2:]
    return "".join(f"/{part}" for part in parts)


def http(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja itself refuses; a parser's own refusal stands behind its 400."""
    if isinstance(error.__cause__, MediaTypeUnsupported):
        return unsupported(request, JSON)
    known = {400: "input.not_json", 401: "token.missing", 404: "object.not_found", 429: "rate.exceeded"}
    return problem(request, error.status_code, known.get(error.status_code, "input.invalid"))


def unsupported(request: HttpRequest, expected: str) -> HttpResponse:
    """The body is of another media type than the route reads."""
    response = problem(request, 415, MediaTypeUnsupported.code, params={"expected": expected})
    response["Accept"] = expected
    return response


def gone(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(request, 404, "object.not_found")


@csrf_exempt
def nothing_here(request: HttpRequest, rest: str = "") -> HttpResponse:
    """The view for addresses below the API that no route has."""
    return problem(request, 404, "object.not_found")


def too_big(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(request, 413, "input.too_large")


def constraint(request: HttpRequest, error: IntegrityError) -> HttpResponse:
    """The database refused what the code let through: nothing was changed; it is logged, for a rule is missing above."""
    log.error("constraint refused a request", exc_info=error, extra={"request_id": request_id(request)})
    return problem(request, 409, "object.conflict")


def data(request: HttpRequest, error: DataError) -> HttpResponse:
    log.warning("the database cannot hold a value", exc_info=error, extra={"request_id": request_id(request)})
    return problem(request, 422, "input.invalid")


def database(request: HttpRequest, error: OperationalError) -> HttpResponse:
    log.error("the database does not answer", exc_info=error, extra={"request_id": request_id(request)})
    return problem(request, 503, "service.unavailable")


def failed(request: HttpRequest, error: Exception) -> HttpResponse:
    log.exception("unexpected error", exc_info=error, extra={"request_id": request_id(request)})
    return problem(request, 500, "service.failed")


HANDLERS: tuple[tuple[type[Exception], Any], ...] = (
    (Exception, failed),
    (FourflowError, refused),
    (ValidationError, invalid),
    (HttpError, http),
    (Http404, gone),
    (IntegrityError, constraint),
    (DataError, data),
    (OperationalError, database),
    (RequestDataTooBig, too_big),
    (TooManyFilesSent, too_big),
)
