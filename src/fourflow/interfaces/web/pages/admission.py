"""Onboarding: applications at the operator's desk, their documents, and putting them before the second person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parties import operations
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import (
    MAX_DOCUMENT,
    ApplicationState,
    ApplicationView,
    DeclarationInvalid,
    DocumentOf,
    NotADocument,
    Permission,
    RoleKind,
)
from fourflow.interfaces.web import doors, lists, menu, names, narrowing, refusals, texts
from fourflow.interfaces.web.acts import Act, conduct
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Choice, Column, Filter, ListState, Pager, Row
from fourflow.interfaces.web.components.records import Empty, Link
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.forms import Values
from fourflow.interfaces.web.pages import declaring
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.errors import FourflowError

BACK = "/applications"
OPEN = (ApplicationState.DRAFT, ApplicationState.RETURNED)
STATES = {
    ApplicationState.DRAFT: Status(gettext_lazy("Draft")),
    ApplicationState.SUBMITTED: Status(gettext_lazy("Submitted"), "info", True),
    ApplicationState.ACTIVE: Status(gettext_lazy("Admitted"), "ok"),
    ApplicationState.REJECTED: Status(gettext_lazy("Rejected"), "bad"),
    ApplicationState.RETURNED: Status(gettext_lazy("Returned"), "warn"),
    ApplicationState.EXPIRED: Status(pgettext_lazy("state", "Expired")),
}


@require_GET
@page(Permission.PARTY_VIEW)
def applications(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Applications at the desk, the latest first."""
    may = visitor.can(Permission.PARTY_ONBOARD)
    actions = (Link(_("New application"), f"{BACK}/new"),) if may else ()

    def read(state: ListState) -> tuple[Sequence[ApplicationView], Pager]:
        wanted, ticked = lists.chosen(state, "state", ApplicationState), lists.only(state)
        return lists.after(
            state,
            lambda before, size: parties.applications(
                visitor.actor,
                state=wanted[0] if wanted else None,
                sort=state.sort,
                before=before,
                only=ticked,
                limit=size,
            ),
        )

    table = lists.Table(
        id="applications",
        title=_("Applications"),
        columns=(
            Column("name", _("Name"), sortable=False, lead=True),
            Column("state", _("State"), "status", sortable=False, corner=True),
            Column("role", _("Role"), sortable=False),
            Column("identifier", _("Registration number"), "id", sortable=False),
            Column("documents", _("Documents"), "number", sortable=False),
            Column("applied", _("Declared on"), "date", phone=False),
        ),
        filters=(Filter("state", _("State"), "choice", tuple(Choice(s.value, STATES[s].word) for s in STATES)),),
        read=read,
        draw=lambda found: [_row(one) for one in found],
        empty=Empty("first", _("No application here"), _("A firm that wants in is declared here."), *actions),
        actions=actions,
    )
    return lists.show(request, visitor, table)


def _row(one: ApplicationView) -> Row:
    return Row(
        text("application", one.id),
        {
            "name": one.declaration.name,
            "state": STATES[one.state],
            "role": texts.listed(str(menu.ROLES[role.kind]) for role in one.declaration.roles),
            "identifier": one.declaration.identifiers[0].value,
            "documents": len(one.documents),
            "applied": one.applied_at,
        },
        to("application", one.id),
    )


@require_http_methods(["GET", "POST"])
@page(Permission.PARTY_ONBOARD)
def new(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Declare a firm: a draft, to which documents are added before it is submitted."""

    def run(values: Values, _signature: object) -> dict[str, Any]:
        made = operations.apply(
            declaration=declaring.declaration(values), actor=visitor.actor, effective_at=visitor.now
        )
        return {"id": str(made.id)}

    return conduct(request, visitor, _declaring(request, visitor, _("New application"), "party.apply", run, None))


@require_http_methods(["GET", "POST"])
@page(Permission.PARTY_ONBOARD)
def revise(request: HttpRequest, visitor: Visitor, application_id: UUID) -> HttpResponse:
    """Change what a draft or returned application declares."""
    with visitor.reading() as actor:
        found = parties.application(actor, application_id)

    def run(values: Values, _signature: object) -> dict[str, Any]:
        operations.revise(
            application_id=application_id,
            declaration=declaring.declaration(values),
            actor=visitor.actor,
            effective_at=visitor.now,
        )
        return {"id": str(application_id)}

    return conduct(
        request, visitor, _declaring(request, visitor, _("Change the application"), "party.revise", run, found)
    )


def _declaring(
    request: HttpRequest, visitor: Visitor, title: str, operation: str, run: Any, found: ApplicationView | None
) -> Act:
    with visitor.reading() as actor:
        declared = found.declaration.roles if found else ()
        kept = [one.programme_id for one in declared if one.programme_id]
        cores, narrowed = narrowing.firms(request, actor, RoleKind.CORE, field="programme", also=kept)
    crumbs = [Link(_("Applications"), BACK)]
    if found is not None:
        crumbs.append(Link(found.declaration.name, to("application", found.id)))
    return Act(
        title=title,
        operation=operation,
        run=run,
        to=lambda done: to("application", UUID(done["id"])),
        done=_("Saved as a draft. Add the documents, then submit it."),
        button=_("Save as a draft"),
        fields=declaring.fields(cores, visitor.today, found.declaration if found else None),
        consequence=_("Nothing is admitted before another person of the operator decides."),
        blocked=_("It is submitted or decided.") if found and found.state not in OPEN else "",
        crumbs=tuple(crumbs),
        state=STATES[found.state] if found else None,
        about={"application": str(found.id)} if found else {},
        narrowing=narrowed,
    )


@require_http_methods(["GET", "POST"])
@page(Permission.PARTY_VIEW)
def application(request: HttpRequest, visitor: Visitor, application_id: UUID) -> HttpResponse:
    """One application; a POST hands a document in."""
    refused, code = None, 200
    if request.method == "POST":
        try:
            return _hand_in(request, visitor, application_id)
        except FourflowError as error:
            code = refusals.status_of(error)
            if code == 404:
                raise
            refused = error
    with visitor.reading() as actor:
        found = parties.application(actor, application_id)
        programmes = parties.names(role.programme_id for role in found.declaration.roles if role.programme_id)
    request.subject_party_id = found.party_id  # type: ignore[attr-defined]
    may = visitor.can(Permission.PARTY_ONBOARD) and found.state in OPEN
    beside = refused is not None and refused.params.get("field") in ("file", "kind", "sha256")
    context = {
        "title": found.declaration.name,
        "state": STATES[found.state],
        "crumbs": (Link(_("Applications"), BACK),),
        "actions": _actions(found) if may else _outcome(visitor, found),
        "primary": may,
        "facts": [*declaring.facts(found.declaration, programmes), (_("Note of the second person"), found.note)],
        "people": declaring.people(found.declaration),
        "documents": [(names.PAPERS.get(one.kind, one.kind), one, address(found, one)) for one in found.documents],
        "gone": _("Removed after its days, or never here: digest only")
        if found.state in (ApplicationState.REJECTED, ApplicationState.EXPIRED)
        else _("Kept by the applicant: digest only"),
        "kinds": names.PAPERS,
        "chosen": request.POST.get("kind", ""),
        "may": may,
        "token": doors.token(),
        "refused": refusals.banner(refused) if refused and not beside else None,
        "wrong": refusals.problem(refused) if refused and beside else None,
        "wrong_code": refused.code if refused else "",
    }
    return render(request, "web/pages/application.html", context, status=code)


def _actions(found: ApplicationView) -> list[Link]:
    return [
        Link(_("Change"), to("application", found.id, "/revise")),
        Link(_("Submit"), to("application", found.id, "/submit")),
    ]


def _outcome(visitor: Visitor, found: ApplicationView) -> list[Link]:
    if found.party_id is not None:
        return [Link(_("Open the firm"), to("party", found.party_id))]
    if found.state is ApplicationState.SUBMITTED and found.approval_id and visitor.can(Permission.PARTY_CHECK):
        return [Link(_("Decide"), to("approval", found.approval_id))]
    return []


def _hand_in(request: HttpRequest, visitor: Visitor, application_id: UUID) -> HttpResponse:
    """Keep a document sealed, with its kind, name, type and SHA-256.

    :raises NotADocument: no PDF, PNG or JPEG of at most 10 MB.
    :raises DeclarationInvalid: an unknown kind. :raises DocumentKnown: the same file was handed in before.
    """
    kind, upload = request.POST.get("kind", ""), request.FILES.get("file")
    if kind not in names.PAPERS:
        raise DeclarationInvalid(field="kind", expected=_("one of the list"))
    if upload is None or not upload.size or upload.size > MAX_DOCUMENT:
        raise NotADocument(field="file")
    content = upload.read()
    document = DocumentOf.of(kind, upload.name or "", content)

    def run() -> dict[str, str]:
        operations.add_document(
            application_id=application_id,
            document=document,
            content=content,
            actor=visitor.actor,
            effective_at=visitor.now,
        )
        return {"id": str(application_id)}

    about = {"application": str(application_id), "sha256": document.sha256}
    doors.perform(request, visitor, "party.add_document", run, **about)
    messages.success(request, _("Handed in and kept, with its SHA-256."))
    return redirect(to("application", application_id))


def address(found: ApplicationView, document: DocumentOf) -> str:
    """Where a document's content is read; nowhere if it is not kept."""
    return to("application", found.id, f"/documents/{document.sha256}") if document.kept else ""


@require_GET
@page(Permission.PARTY_VIEW)
def document(request: HttpRequest, visitor: Visitor, application_id: UUID, sha256: str) -> HttpResponse:
    """A document as it was handed in, to be saved."""
    with visitor.reading() as actor:
        request.subject_party_id = parties.application(actor, application_id).party_id  # type: ignore[attr-defined]
        found, content = parties.document(actor, application_id, sha256)
    answer = HttpResponse(content, content_type=found.media_type)
    answer["Content-Disposition"] = str(content_disposition_header(True, found.file_name))
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_http_methods(["GET", "POST"])
@page(Permission.PARTY_ONBOARD)
def submit(request: HttpRequest, visitor: Visitor, application_id: UUID) -> HttpResponse:
    """Put a complete application before the second person."""
    with visitor.reading() as actor:
        found = parties.application(actor, application_id)
        programmes = parties.names(role.programme_id for role in found.declaration.roles if role.programme_id)

    def run(values: Values, _signature: object) -> dict[str, Any]:
        operations.submit(
            application_id=application_id,
            actor=visitor.actor,
            effective_at=visitor.now,
            decide_by=parameters.decide_by(visitor.now),
        )
        return {"id": str(application_id)}

    act = Act(
        title=_("Submit the application"),
        operation="party.submit",
        run=run,
        to=lambda done: to("application", application_id),
        done=_("Submitted. Another person of the operator decides in the inbox."),
        button=_("Submit"),
        facts=[
            *declaring.facts(found.declaration, programmes),
            *((_("Document"), f"{names.PAPERS.get(d.kind, d.kind)} · {d.file_name}") for d in found.documents),
        ],
        consequence=_("It cannot be changed while the second person decides."),
        blocked="" if found.state in OPEN else _("It is submitted or decided."),
        crumbs=(Link(_("Applications"), BACK), Link(found.declaration.name, to("application", application_id))),
        state=STATES[found.state],
        about={"application": str(application_id)},
    )
    return conduct(request, visitor, act)
