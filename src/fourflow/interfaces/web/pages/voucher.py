"""One voucher: its parts as a drawing, the legal chain, events with their evidence, overlays, documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import ClaimLinkView, ClaimNotFound, ConfirmedPayable, PayableId, PayableNotFound
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.vouchers import queries
from fourflow.capital.vouchers.types import (
    Act,
    Holding,
    HoldingId,
    HoldingState,
    Overlay,
    OverlayKind,
    SignedAct,
    Voucher,
    VoucherId,
)
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Actor, Permission
from fourflow.interfaces.web import texts
from fourflow.interfaces.web.addresses import link, text, to
from fourflow.interfaces.web.components.parts import Part, PartsBar
from fourflow.interfaces.web.components.records import Banner, Due, Link, Problem, Step
from fourflow.interfaces.web.components.status import status
from fourflow.interfaces.web.components.voucher_tree import Node
from fourflow.interfaces.web.names import DOCUMENTS
from fourflow.interfaces.web.pages import decisions, happened, papers, possible, promises, registrations
from fourflow.interfaces.web.pages.vouchers import short
from fourflow.interfaces.web.people import Visitor, page
from fourflow.platform.events import queries as events
from fourflow.platform.money import Money
from fourflow.trade.documents import queries as documents

#: so many promises stand on the page; the list has them all
SHOWN = 10


@require_GET
@page(Permission.VOUCHER_VIEW)
def voucher(request: HttpRequest, visitor: Visitor, voucher_id: UUID) -> HttpResponse:
    """Everything of a voucher that the organisation may see."""
    key = VoucherId(voucher_id)
    with visitor.reading() as actor:
        found = queries.get(actor=actor, voucher_id=key)
        parts = queries.parts(actor=actor, voucher_id=key)
        acts = queries.acts(actor=actor, voucher_id=key, among=parts)
        overlays = queries.overlays(actor=actor, voucher_id=key)
        promised = queries.promises(actor=actor, on=visitor.today, voucher_id=key, limit=SHOWN)
        payable, chain = ground(actor, found)
        deliveries = readable(actor, chain)
        facts = events.of_subject(voucher_id)
        payments = settlement.of_subjects(actor=actor, subject_ids=[part.id for part in parts])
        filings = registrations.of(actor, claim_ids=[found.claim_id])
        names = parties.names(_parties(found, parts, acts))
        people = parties.person_names({act.person_id for act in acts})
    context = {
        "voucher": found,
        "title": short(found.number),
        "state": status("voucher", found.state.value),
        "tree": tree(found, parts, names, visitor.id),
        "bar": bar(found, parts),
        "facts": decisions.voucher_facts(found, names),
        "due": Due(found.due_on, visitor.today, not found.state.is_living),
        "paid_on": texts.day(found.paid_on) if found.paid_on and not found.outstanding else "",
        "chain": legal_chain(acts, names, people, payable),
        "promised": promises.table_of(visitor, promised, names),
        "promised_url": f"/promises?voucher_id={text('voucher', voucher_id)}",
        "happened": happened.timeline(happened.about(facts, {part.id for part in parts}), names),
        "payable_link": to("payable", payable.id) if payable and visitor.can(Permission.CLAIM_VIEW) else "",
        "claims": chain,
        "opened": deliveries,
        "filings": filings,
        "payments_url": f"/payments?voucher_id={text('voucher', voucher_id)}",
        "payments": [(p, status("payment", p.state.value)) for p in payments],
        "banners": [*_ending(visitor, found), *(standing(visitor, o) for o in overlays if o.closed_on is None)],
        "mine": _mine(visitor, found, parts),
        "actions": _actions(visitor, found),
        "doors": possible.of_voucher(visitor, found),
        "papers": [paper for part in _papered(visitor, parts) for paper in papers.of_holding(part)],
    }
    return render(request, "web/pages/voucher.html", context)


def _ending(visitor: Visitor, voucher: Voucher) -> list[Banner]:
    """That the issuer wants it cancelled, as long as the holder may agree."""
    if voucher.cancel_by is None or voucher.cancel_by < visitor.today:
        return []
    until = {"day": texts.day(voucher.cancel_by)}
    if voucher.receiver_id == visitor.id:
        said = _("The issuer asks you to agree until %(day)s. If you do not, everything stays as it is.") % until
        return [Banner(_("Cancellation asked for"), said, "warn")]
    return [Banner(_("Cancellation asked for"), _("The holder may agree until %(day)s.") % until, "warn")]


def _parties(voucher: Voucher, parts: Iterable[Holding], acts: Iterable[SignedAct]) -> set[UUID]:
    found = {voucher.issuer_id, voucher.receiver_id, voucher.funder_id}
    found |= {part.holder_id for part in parts} | {act.organisation_id for act in acts}
    return found | {p for part in parts for p in (part.receiver_id, part.pledgee_id) if p}


def ground(actor: Actor, voucher: Voucher) -> tuple[ConfirmedPayable | None, Sequence[ClaimLinkView]]:
    """The signed payable and the documents behind it, as far as the organisation may see them."""
    payable, chain = None, []
    try:
        payable = claims.payable(actor=actor, payable_id=PayableId(voucher.payable_id))
        chain = claims.chain(actor=actor, claim_id=payable.claim_id)
    except (PayableNotFound, ClaimNotFound):
        pass
    return payable, chain


def readable(actor: Actor, chain: Sequence[ClaimLinkView]) -> frozenset[UUID]:
    """The deliveries behind the claims that the organisation may open."""
    return documents.seen(actor, {one.document_id for link in chain for one in link.claim.documents if one.document_id})


def tree(voucher: Voucher, parts: Sequence[Holding], names: Mapping[UUID, str], own: UUID) -> Node:
    """Hands instead of rows: splits within one hand are folded into the holding that was split."""
    children: dict[UUID | None, list[Holding]] = {}
    for part in parts:
        children.setdefault(part.parent_id, []).append(part)
    known = {part.id for part in parts}
    roots = [part for part in parts if part.parent_id is None or part.parent_id not in known]
    nodes = tuple(_node(root, children, names, own) for root in roots)
    note = _("due %(day)s") % {"day": voucher.due_on.isoformat()}
    state = status("voucher", voucher.state.value)
    return Node(
        names.get(voucher.issuer_id, ""), voucher.face, state, note, here=voucher.issuer_id == own, children=nodes
    )


def _node(root: Holding, children: Mapping[UUID | None, list[Holding]], names: Mapping[UUID, str], own: UUID) -> Node:
    kept = passed = financed = redeemed = 0
    below: list[Node] = []
    ends: list[Holding] = []
    waiting = [root]
    while waiting:
        part = waiting.pop()
        for child in children.get(part.id, []):
            if child.holder_id == root.holder_id:
                waiting.append(child)
            else:
                below.append(_node(child, children, names, own))
                passed += child.amount.minor
        if part.state is not HoldingState.SPLIT:
            ends.append(part)
    for part in ends:
        redeemed += part.paid.minor
        if part.is_financed:
            financed += part.outstanding.minor
        elif part.state is not HoldingState.CANCELLED:
            kept += part.outstanding.minor
    # what a credit note took away does not speak for the rest
    last = ([part for part in ends if part.state.is_live] or ends or [root])[-1]
    return Node(
        names.get(root.holder_id, ""),
        root.amount,
        status("holding", last.state.value),
        href=to("holding", last.id),
        kept=kept,
        passed=passed,
        financed=financed,
        redeemed=redeemed,
        here=root.holder_id == own,
        children=tuple(sorted(below, key=lambda node: -node.amount.minor)),
    )


def bar(voucher: Voucher, parts: Sequence[Holding]) -> PartsBar:
    """What has become of the face, over the living parts that the organisation sees."""
    zero = Money.zero(voucher.face.currency)
    financed = kept = zero
    for part in parts:
        if part.state.is_live and part.is_financed:
            financed = financed + part.outstanding
        elif part.state.is_live:
            kept = kept + part.outstanding
    shown = [
        Part(_("Held"), kept, "kept", "#flow"),
        Part(_("Financed"), financed, "financed", "#flow"),
        Part(_("Redeemed"), voucher.redeemed, "redeemed", "#flow"),
    ]
    if voucher.cancelled:
        shown.append(Part(_("Cancelled"), voucher.cancelled, "rest"))
    rest = voucher.face - kept - financed - voucher.redeemed - voucher.cancelled
    if rest.minor > 0:
        shown.append(Part(_("Not accepted, or not shown to you"), rest, "rest"))
    return PartsBar(_("What has become of the face"), tuple(shown))


def act_words(act: Act) -> str:
    """What a signature was given for."""
    return {
        Act.ISSUE: _("Made and signed"),
        Act.CHECK: _("Checked and signed: the issuer's promise to pay"),
        Act.ACCEPT: _("Accepted by the receiver"),
        Act.TRANSFER: _("Offered to the next party"),
        Act.TRANSFER_ACCEPT: _("Transfer accepted"),
        Act.FINANCE: _("Consented to a financing"),
        Act.CANCEL: _("Agreed to cancel"),
    }[act]


def legal_chain(
    acts: Iterable[SignedAct],
    names: Mapping[UUID, str],
    people: Mapping[UUID, str],
    payable: ConfirmedPayable | None,
) -> list[Step]:
    """Signature by signature from the core's confirmation to the last hand."""
    steps = []
    if payable is not None and payable.confirmed_at is not None:
        named = texts.listed(f"{DOCUMENTS.get(one.kind, one.kind)} {one.number}" for one in payable.documents)
        steps.append(Step(_("Payable confirmed and signed"), payable.confirmed_at, "", named, "ok"))
    for act in acts:
        figure = texts.amount_of(act.content.get("amount") or act.content.get("face"))
        who = " · ".join(one for one in (names.get(act.organisation_id, ""), people.get(act.person_id, "")) if one)
        digest = f"{act.signature.content_digest[:12]}…"
        steps.append(Step(act_words(act.act), act.effective_at, who, f"{figure} · {digest}" if figure else digest))
    return steps


def standing(visitor: Visitor, overlay: Overlay) -> Banner:
    """The note on a voucher that is disputed or frozen."""
    frozen = overlay.kind is OverlayKind.FROZEN
    title = _("Frozen") if frozen else _("Disputed")
    opened = overlay.organisation_id == visitor.id and visitor.can(Permission.VOUCHER_DISPUTE)
    door = visitor.can(Permission.VOUCHER_FREEZE_CHECK) if frozen else opened
    href = to("voucher", overlay.voucher_id, f"/overlays/{text('overlay', overlay.id)}/close") if door else ""
    words = _("Lift the freeze") if frozen else _("Settle the dispute")
    until = _("No transfer and no financing until it is settled. The due date runs on.")
    problem = Problem(until, next_step=words if door else "", href=href)
    return Banner(title, f"{overlay.source} · {overlay.opened_on.isoformat()}", "warn", (problem,))


def _mine(visitor: Visitor, voucher: Voucher, parts: Iterable[Holding]) -> list[tuple[Holding, object, Link]]:
    """The living parts in the visitor's own hand."""
    return [
        (part, status("holding", part.state.value), link("holding", part.id, _("Open")))
        for part in parts
        if part.holder_id == visitor.id and part.state.is_live
    ]


def _papered(visitor: Visitor, parts: Sequence[Holding]) -> Sequence[Holding]:
    """Whose certificate stands on the voucher's page: the first own living part's, or else the first supplier's."""
    return [part for part in parts if part.holder_id == visitor.id and part.state.is_live][:1] or parts[:1]


def _actions(visitor: Visitor, voucher: Voucher) -> list[Link]:
    found = []
    offered = voucher.state.value == "offered"
    if offered and voucher.receiver_id == visitor.id and visitor.can(Permission.VOUCHER_ACCEPT):
        found.append(Link(_("Answer the offer"), to("voucher", voucher.id, "/answer")))
    if visitor.can(Permission.EVIDENCE_REQUEST):
        found.append(Link(_("Ask for evidence"), f"/requests/new?voucher={text('voucher', voucher.id)}"))
    return found


@require_GET
@page(Permission.VOUCHER_VIEW)
def holding(request: HttpRequest, visitor: Visitor, holding_id: UUID) -> HttpResponse:
    """One holding with its way back to the core's signed commitment, and what its holder can do with it."""
    with visitor.reading() as actor:
        found, links = queries.chain(actor=actor, holding_id=HoldingId(holding_id))
        own = links[-1].holding
        overlays = queries.overlays(actor=actor, voucher_id=found.id, open_only=True)
        payable, chain = ground(actor, found)
        acts = [act for one in links for act in one.acts]
        issued = [a for a in queries.acts(actor=actor, voucher_id=found.id) if a.holding_id is None]
        names = parties.names(_parties(found, [one.holding for one in links], [*acts, *issued]))
        people = parties.person_names({act.person_id for act in [*acts, *issued]})
    free = own.state is HoldingState.ACTIVE and own.holder_id == visitor.id and not overlays
    context = {
        "voucher": found,
        "holding": own,
        "title": names.get(own.holder_id, ""),
        "state": status("holding", own.state.value),
        "facts": _holding_facts(found, own, names, visitor),
        "chain": legal_chain([*issued, *acts], names, people, payable),
        "path": [(one.holding, names.get(one.holding.holder_id, "")) for one in links],
        "claims": chain,
        "banners": [standing(visitor, o) for o in overlays],
        "free": free,
        "may_transfer": free and visitor.can(Permission.VOUCHER_TRANSFER),
        "may_quote": free and visitor.can(Permission.FINANCING_QUOTE),
        "offered_to_me": own.state is HoldingState.LOCKED_TRANSFER and own.receiver_id == visitor.id,
        "doors": possible.of_part(visitor, found, own),
        "papers": papers.of_holding(own),
        "address": to("holding", own.id),
        "voucher_link": to("voucher", found.id),
        "voucher_number": short(found.number),
    }
    return render(request, "web/pages/holding.html", context)


def _holding_facts(
    voucher: Voucher, holding: Holding, names: Mapping[UUID, str], visitor: Visitor
) -> list[tuple[object, object]]:
    return [
        (_("Voucher"), Link(voucher.number, to("voucher", voucher.id))),
        (_("Debtor"), names.get(voucher.issuer_id, "")),
        (_("Holder"), names.get(holding.holder_id, "")),
        (_("Amount"), holding.amount),
        (_("Paid"), holding.paid),
        (_("Due"), Due(voucher.due_on, visitor.today, not holding.state.is_live)),
        (_("Tier"), holding.tier),
        (_("Acquired"), holding.acquired_at),
        (_("Offered to"), names.get(holding.receiver_id, "") if holding.receiver_id else ""),
        (_("Pledged or sold to"), names.get(holding.pledgee_id, "") if holding.pledgee_id else ""),
        (_("Trade behind it"), holding.trade_basis),
        (_("Id"), text("holding", holding.id)),
    ]
