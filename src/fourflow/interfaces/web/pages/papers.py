"""Papers: sealed PDFs to take away, and the check that the code on them leads to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from fourflow.capital.financing.types import FinancingId
from fourflow.capital.vouchers.types import Holding, HoldingId
from fourflow.config import wiring
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import refusals, texts
from fourflow.interfaces.web.addresses import to
from fourflow.interfaces.web.components.records import Banner, Link, Problem
from fourflow.interfaces.web.people import Visitor, page
from fourflow.oversight.papers import queries
from fourflow.oversight.papers.types import NUMBERED, Paper, PaperKind, PaperNotYet
from fourflow.platform.errors import NotFound
from fourflow.platform.ids import decode
from fourflow.platform.pdf.sealing import authority_pem


@require_GET
@page(Permission.FINANCING_VIEW)
def agreement(request: HttpRequest, visitor: Visitor, financing_id: UUID) -> HttpResponse:
    """The agreement of a financing."""
    return _file(
        request,
        visitor,
        lambda on: queries.agreement(actor=visitor.actor, financing_id=FinancingId(financing_id), as_of=on),
    )


@require_GET
@page(Permission.VOUCHER_VIEW)
def certificate(request: HttpRequest, visitor: Visitor, holding_id: UUID) -> HttpResponse:
    """The certificate of a holding."""
    return _file(
        request,
        visitor,
        lambda on: queries.certificate(actor=visitor.actor, holding_id=HoldingId(holding_id), as_of=on),
    )


@require_GET
@page(Permission.VOUCHER_VIEW)
def notice(request: HttpRequest, visitor: Visitor, holding_id: UUID) -> HttpResponse:
    """The notice of a transfer to the debtor."""
    return _file(
        request, visitor, lambda on: queries.notice(actor=visitor.actor, holding_id=HoldingId(holding_id), as_of=on)
    )


def _file(request: HttpRequest, visitor: Visitor, make: Callable[[date], Paper]) -> HttpResponse:
    """In the reader's language, or the one that ``?language=`` names."""
    paper = make(visitor.today)
    asked = request.GET.get("language", "")
    language: queries.Language = "zh" if (asked or texts.language()) == "zh" else "en"
    site = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    made = queries.pdf(paper, language=language, site=site, sandbox=settings.SANDBOX, sealer=wiring.sealer())
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{paper.file_name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def of_financing(financing_id: UUID) -> list[Link]:
    """What there is to take away of an approved financing."""
    return [Link(_("Financing agreement"), to("financing", financing_id, "/agreement.pdf"))]


def of_holding(part: Holding) -> list[Link]:
    """What there is to take away of a holding; the notice once it was transferred."""
    found = [Link(_("Certificate of the holding"), to("holding", part.id, "/certificate.pdf"))]
    if part.tier > 1:
        found.append(Link(_("Notice of the transfer"), to("holding", part.id, "/notice.pdf")))
    return found


@require_GET
@page()
def check(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Whether a paper in hand says what the register says: for those who may see what it is about."""
    number, digest = request.GET.get("number", ""), request.GET.get("digest", "")
    try:
        kind, as_of = PaperKind(request.GET.get("kind", "")), date.fromisoformat(request.GET.get("as_of", ""))
    except ValueError:
        raise NotFound(value=number[:40]) from None
    paper = None
    try:
        paper = queries.again(actor=visitor.actor, kind=kind, number=number, as_of=as_of)
    except PaperNotYet as error:
        banner = Banner(_("There is no such paper (any more)"), "", "bad", (refusals.problem(error),))
    if paper is not None:
        banner = _same() if queries.matches(paper, digest) else _another()
    context = {
        "title": _("Check of a paper"),
        "banner": banner,
        "facts": [
            (_("Paper"), kind_words(kind)),
            (_("Number"), number),
            (_("Register as of"), as_of),
            (_("Digest on the paper"), digest[:64]),
            (_("Digest of the register"), paper.digest if paper else "–"),
        ],
        "papers": [_object(kind, number), Link(_("Certificate of the authority (PEM)"), "/papers/authority.pem")],
    }
    return render(request, "web/pages/paper.html", context)


def _same() -> Banner:
    return Banner(
        _("The paper says what the register says"), _("Every fact of it is the register's, as of its day."), "ok"
    )


def _another() -> Banner:
    first = Problem(_("The register has gone on since, or the paper was changed. What holds is the register."))
    return Banner(_("The paper does not say what the register says now"), "", "warn", (first,))


def _object(kind: PaperKind, number: str) -> Link:
    about = decode(NUMBERED[kind], number)
    if kind is PaperKind.AGREEMENT:
        return Link(_("Open the financing"), to("financing", about))
    return Link(_("Open the holding"), to("holding", about))


def kind_words(kind: PaperKind) -> str:
    """The name of a kind of paper."""
    return {
        PaperKind.AGREEMENT: _("Financing agreement"),
        PaperKind.CERTIFICATE: _("Certificate of the holding"),
        PaperKind.NOTICE: _("Notice of the transfer"),
    }[kind]


@require_GET
def authority(request: HttpRequest) -> HttpResponse:
    """The certificate that a reader of sealed papers has to trust; public, as the papers leave the house."""
    response = HttpResponse(authority_pem(), content_type="application/x-pem-file")
    response["Content-Disposition"] = 'attachment; filename="fourflow-authority.pem"'
    return response
