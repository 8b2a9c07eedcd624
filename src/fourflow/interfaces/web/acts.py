"""Acts: what a person does through a form and a confirmation. One flow for all of them, with or without JavaScript.

GET asks; the first POST reads every field and shows what will happen, with the amount in figures and words; the second one,
under the confirmation's token, does it once. Nothing is written before. A refusal goes back beside its field, or above the
confirmation, with all that was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from fourflow.interfaces.web import doors, drafts, refusals, texts
from fourflow.interfaces.web.components.records import Banner, Check, Decision, Link
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.drafts import Draft
from fourflow.interfaces.web.forms import Field, FieldsRefused, Form, Values
from fourflow.interfaces.web.narrowing import Narrowing
from fourflow.interfaces.web.people import Visitor
from fourflow.platform.crypto.signing import Signature
from fourflow.platform.errors import FourflowError
from fourflow.platform.money import Money

Facts = Sequence[tuple[Words, object]]


@dataclass(frozen=True, slots=True)
class Signing:
    """What the person signs with the password: the content for these answers, under these terms."""

    content: Callable[[Values], dict[str, Any]]
    terms: str


@dataclass(frozen=True, slots=True)
class Act:
    """An act on its way: ``run`` gets the answers and, where the act is ``signed``, the signature; it returns ids.

    ``shown`` adds facts that only the answers tell, such as what each part will get; it may refuse. ``confirmed`` asks for the
    password where money may move and nothing is signed. ``to`` is where the act leads, given what ``run`` returned.
    ``narrowing`` searches among more choices than the form offers. At the addresses ``drafts.KEPT`` what is answered is kept as
    a draft, with the step.
    """

    title: Words
    operation: str
    run: Callable[[Values, Signature | None], dict[str, Any]]
    to: Callable[[Mapping[str, Any]], str]
    done: Words
    button: Words
    fields: tuple[Field, ...] = ()
    facts: Facts = ()
    shown: Callable[[Values], Facts] = field(default=lambda values: ())
    amount: Callable[[Values], Money | None] = field(default=lambda values: None)
    label: Words = ""
    consequence: Words = ""
    checks: tuple[Check, ...] = ()
    blocked: Words = ""
    signed: Signing | None = None
    confirmed: bool = False
    crumbs: tuple[Link, ...] = ()
    state: Status | None = None
    about: Mapping[str, str] = field(default_factory=dict)
    narrowing: Narrowing | None = None


def conduct(request: HttpRequest, visitor: Visitor, act: Act) -> HttpResponse:
    """Take an act one step further; see the module's text."""
    draft = drafts.kept(request, visitor) if _keeps(request) else None
    given = request.POST if request.method == "POST" else draft.given if draft and draft.version else None
    form = Form(act.fields, given)
    unfinished = request.method == "GET" and not (draft and draft.step > 1)
    if act.fields and (given is None or unfinished or given.get("outcome") == "back"):
        return _ask(request, act, form, draft)
    refused, code = None, 200
    try:
        values = form.read() if given is not None else {}
        if given is not None and given.get("outcome") == "approve":
            return _carry_out(request, visitor, act, values)
        if draft and drafts.keeping(request):
            draft = drafts.keep(visitor, draft.key, request.POST, step=2, seen=drafts.seen(request.POST))
    except FieldsRefused as wrong:
        return _ask(request, act, form.refused(wrong.errors), draft, code=422)
    except drafts.DraftChanged as error:
        return _ask(request, act, form, draft, refusals.banner(error), 409)
    except FourflowError as error:
        if name := form.about(error):
            return _ask(request, act, form.refused({name: error}), draft, code=_beside(error))
        code = refusals.status_of(error)
        if code == 404:
            raise
        refused = refusals.banner(error)
    try:
        return _confirm(request, act, form, values, draft, refused, code)
    except FourflowError as error:
        name = form.about(error)
        above = None if name else refusals.banner(error)
        return _ask(request, act, form.refused({name: error} if name else {}), draft, above, _beside(error))


def _keeps(request: HttpRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.url_name in drafts.KEPT


def _beside(error: FourflowError) -> int:
    """A field that names nothing is bad input; the page itself is there."""
    code = refusals.status_of(error)
    return 422 if code == 404 else code


def _carry_out(request: HttpRequest, visitor: Visitor, act: Act, values: Values) -> HttpResponse:
    if act.signed or act.confirmed:
        doors.confirm(request, visitor)

    def run() -> dict[str, Any]:
        signature = None
        if act.signed:
            signature = doors.sign(request, visitor, act.signed.content(values), act.signed.terms)
        return act.run(values, signature)

    done = doors.perform(request, visitor, act.operation, run, **act.about)
    if _keeps(request):
        drafts.drop(visitor, request.path)
    messages.success(request, str(act.done))
    return redirect(act.to(done.result))


def _ask(
    request: HttpRequest,
    act: Act,
    form: Form,
    draft: Draft | None,
    refused: Banner | None = None,
    code: int = 200,
) -> HttpResponse:
    context = {**_head(act), "form": form, "draft": draft, "refused": refused, "step": 1, "facts": act.facts}
    context["narrowing"] = act.narrowing
    return render(request, "web/pages/act.html", context, status=code)


def _confirm(
    request: HttpRequest,
    act: Act,
    form: Form,
    values: Values,
    draft: Draft | None,
    refused: Banner | None,
    code: int,
) -> HttpResponse:
    hidden = form.hidden if form.given is not None else ()
    area = Decision(
        action=request.get_full_path(),
        amount=act.amount(values),
        label=act.label,
        approve=act.button,
        back=_("Change") if act.fields else "",
        token=doors.token(),
        checks=act.checks,
        blocked=act.blocked,
        consequence=act.consequence,
        digest=doors.shown(act.signed.content(values)) if act.signed else "",
        password=act.confirmed,
        opinion=False,
        hidden=(*hidden, ("draft", str(draft.version))) if draft else hidden,
    )
    given = [(one.label, _told(one, values.get(one.name))) for one in act.fields]
    facts = [*act.facts, *given, *act.shown(values)]
    context = {**_head(act), "decision": area, "refused": refused, "step": 2, "facts": facts}
    return render(request, "web/pages/act.html", context, status=code)


def _head(act: Act) -> dict[str, Any]:
    steps = (_("What"), _("Confirm")) if act.fields else ()
    return {"title": act.title, "crumbs": act.crumbs, "state": act.state, "steps": steps, "blocked": act.blocked}


def _told(one: Field, value: Any) -> object:
    """An answer as the confirmation shows it: the words of a choice, figures by their type."""
    words = {choice.value: choice.label for choice in one.choices}
    if isinstance(value, list):
        return texts.listed(str(words.get(each, each)) for each in value)
    if isinstance(value, str):
        return words.get(value, value)
    return value if isinstance(value, Money | date) or value is None else str(value)
