"""Papers: the agreement of a financing, the certificate of a holding, the notice of a transfer, as sealed PDFs or as facts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from ninja import Router

from fourflow.capital.financing.types import FinancingId as Financed
from fourflow.capital.vouchers.types import HoldingId as Held
from fourflow.config import wiring
from fourflow.foundation.parties.types import Actor
from fourflow.interfaces.api.auth import caller
from fourflow.interfaces.api.fields import Shown
from fourflow.interfaces.api.ids import FinancingId, HoldingId
from fourflow.interfaces.api.oauth import issuer
from fourflow.interfaces.api.replies import file, reply
from fourflow.oversight.papers import queries
from fourflow.oversight.papers.types import Paper

router = Router(tags=["papers"])

PDF = "application/pdf"
Wanted = Literal["zh", "en"] | None


class SealedPaperBody(Shown):
    """What a paper says, as it is attached to the PDF; ``digest`` is the SHA-256 of ``content`` in canonical JSON."""

    digest: str
    content: dict[str, Any]


#: a PDF where the caller asks for one, else the facts
PAPER: dict[str, Any] = {
    "response": {200: SealedPaperBody},
    "openapi_extra": {
        "responses": {200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}}},
    },
}


@router.get("/financings/{financing_id}/agreement", **PAPER)
def financing_agreement(request: HttpRequest, financing_id: FinancingId, language: Wanted = None) -> HttpResponse:
    """The agreement of a financing that its funder has approved."""
    return _paper(
        request,
        language,
        lambda actor, on: queries.agreement(actor=actor, financing_id=Financed(financing_id), as_of=on),
    )


@router.get("/holdings/{holding_id}/certificate", **PAPER)
def holding_certificate(request: HttpRequest, holding_id: HoldingId, language: Wanted = None) -> HttpResponse:
    """The certificate of a holding with its legal chain from the core's signed confirmation on."""
    return _paper(
        request, language, lambda actor, on: queries.certificate(actor=actor, holding_id=Held(holding_id), as_of=on)
    )


@router.get("/holdings/{holding_id}/notice", **PAPER)
def transfer_notice(request: HttpRequest, holding_id: HoldingId, language: Wanted = None) -> HttpResponse:
    """The notice to the debtor that a part was transferred to its holder."""
    return _paper(
        request, language, lambda actor, on: queries.notice(actor=actor, holding_id=Held(holding_id), as_of=on)
    )


def _paper(request: HttpRequest, language: Wanted, make: Callable[[Actor, date], Paper]) -> HttpResponse:
    """``Accept: application/pdf`` answers the sealed document in the caller's language, everything else its facts."""
    who = caller(request)
    paper = make(who.actor, who.today)
    if PDF in request.headers.get("Accept", ""):
        tongue: Literal["zh", "en"] = language or ("zh" if (get_language() or "").startswith("zh") else "en")
        made = queries.pdf(
            paper, language=tongue, site=issuer(request), sandbox=settings.SANDBOX, sealer=wiring.sealer()
        )
        response = file(request, made, PDF, paper.file_name)
    else:
        response = reply(request, SealedPaperBody(digest=paper.digest, content=paper.content()))
    patch_vary_headers(response, ["Accept", "Accept-Language"])
    return response
