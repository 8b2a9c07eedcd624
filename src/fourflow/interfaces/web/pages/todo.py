"""What waits for decisions: the rows of the inbox, each with who may take it on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fourflow.capital.claims.types import ConfirmedPayable
from fourflow.capital.financing.types import Financing
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import Complaint, Holding, Voucher
from fourflow.foundation.access.types import EmergencyView
from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.approvals.types import InboxItem
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Function, Permission
from fourflow.interfaces.web import menu, texts, waiting
from fourflow.interfaces.web.addresses import text, to
from fourflow.interfaces.web.components.listing import Row
from fourflow.interfaces.web.components.records import Due, Link
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.pages import snapshots
from fourflow.interfaces.web.pages.vouchers import short
from fourflow.interfaces.web.people import Visitor
from fourflow.oversight.insight.types import EvidenceRequest
from fourflow.platform.money import Money

#: names shown of those who may take a thing on
NAMED = 3
#: what is to be done besides deciding requests for approval
KINDS: dict[str, Words] = {
    "voucher.accept": gettext_lazy("Accept a voucher"),
    "holding.accept": gettext_lazy("Accept a transfer"),
    "voucher.cancel": gettext_lazy("Agree to a cancellation"),
    "financing": gettext_lazy("Decide a financing"),
    "payable": gettext_lazy("Confirm a payable"),
    "complaint": gettext_lazy("Answer a complaint"),
    "evidence": gettext_lazy("Hand out evidence"),
    "emergency": gettext_lazy("Review emergency permissions"),
} | {kind: one.label for kind, one in menu.APPROVALS.items()}
#: what a supplier answers
OFFERS = "voucher.accept,holding.accept"
#: nobody: whoever looks at the whole team's work has not made or decided any of it
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Item:
    """A row of the inbox: who has one of ``needs`` may take it on, but for ``done_by``, who made or decided it.

    ``kind`` is that of the request for approval, or what else is to be done (``KINDS``).
    """

    row: Row
    needs: frozenset[Permission]
    kind: str
    done_by: frozenset[UUID] = frozenset()


def own(visitor: Visitor) -> list[Row]:
    """Everything that this person can decide now. Inside ``visitor.reading()``."""
    return [item.row for item in _open(visitor)]


def named(visitor: Visitor, items: Sequence[Item]) -> list[Row]:
    """The rows, each with the people for whom it waits. Inside ``visitor.reading()``."""
    asked = {(visitor.id, needed) for item in items for needed in item.needs}
    may = parties.people_who_may(asked, visitor.today) if asked else {}
    found = [sorted({p for needed in item.needs for p in may[visitor.id, needed]} - item.done_by) for item in items]
    people = parties.person_names({person for some in found for person in some})
    return [
        replace(item.row, cells={**item.row.cells, "for": _names([people.get(one, "") for one in some])})
        for item, some in zip(items, found, strict=True)
    ]


def _names(people: list[str]) -> str:
    if not people:
        return _("Nobody: no colleague may decide it")
    more = len(people) - NAMED
    words = texts.listed(sorted(people)[:NAMED])
    return _("%(names)s and %(n)s more") % {"names": words, "n": more} if more > 0 else words


def mine(visitor: Visitor) -> list[Item]:
    """What this person can decide now. Inside ``visitor.reading()``."""
    return _open(visitor)


def handed_in(visitor: Visitor) -> list[Item]:
    """What this person has put up and waits for. Inside ``visitor.reading()``."""
    items = _requests(visitor, approvals.requested_by(visitor.actor))
    return [replace(item, row=replace(item.row, locked=_("Another person decides."))) for item in items]


def team(visitor: Visitor) -> list[Item]:
    """What waits in the whole organisation, whoever may decide it. Inside ``visitor.reading()``.

    It is what a person with every function would find; what this person cannot decide leads to the object, not to the form.
    """
    actor = visitor.actor
    everybody = replace(actor, person_id=NOBODY, permissions=parties.allowed(actor.roles, Function))
    found = _open(replace(visitor, actor=everybody))
    return [
        item
        if item.needs & actor.permissions and actor.person_id not in item.done_by
        else replace(item, row=_looked_at(item.row))
        for item in found
    ]


def _looked_at(row: Row) -> Row:
    """A row for who may look and not decide."""
    address = row.href.removesuffix("/answer").removesuffix("/decide").removesuffix("/cancel")
    if address.startswith("/complaints/"):
        address = f"/complaints?id={row.id}"  # complaints have no page of their own
    what = row.cells["what"]
    cells = {**row.cells, "what": replace(what, href=address) if isinstance(what, Link) else what}
    return replace(row, href=address, cells=cells, locked=_("Another person decides."))


def _open(visitor: Visitor) -> list[Item]:
    actor = visitor.actor
    found = approvals.inbox(actor, kinds=menu.kinds_of(actor), at=visitor.now)
    items = _requests(visitor, found)
    if waiting.answers_offers(actor):
        offered, parts = vouchers.offered_to(actor=actor, limit=waiting.LIMIT)
        ending = vouchers.cancellations_asked(actor=actor, limit=waiting.LIMIT)
        names = parties.names([v.issuer_id for v in [*offered, *ending]] + [p.holder_id for p in parts])
        rows = [_offer(visitor, voucher, names.get(voucher.issuer_id, "")) for voucher in offered]
        items += _needing(Permission.VOUCHER_ACCEPT, "voucher.accept", rows)
        rows = [_part(visitor, part, names.get(part.holder_id, "")) for part in parts]
        items += _needing(Permission.VOUCHER_ACCEPT, "holding.accept", rows)
        rows = [_ending(visitor, voucher, names.get(voucher.issuer_id, "")) for voucher in ending]
        items += _needing(Permission.VOUCHER_ACCEPT, "voucher.cancel", rows)
    open_, owed, complaints = waiting.undecided(actor), waiting.unconfirmed(actor), waiting.complained(actor)
    asking = [one.quote.applicant_id for one in open_] + [one.creditor_id for one in owed]
    asking += [one.organisation_id for one in complaints]
    names = parties.names(asking) if asking else {}
    rows = [_financing(found, names.get(found.quote.applicant_id, "")) for found in open_]
    items += _needing(Permission.FINANCING_DECIDE, "financing", rows)
    confirm = frozenset({Permission.CLAIM_CONFIRM})
    items += [
        Item(_payable(visitor, one, names.get(one.creditor_id, "")), confirm, "payable", frozenset({one.proposed_by}))
        for one in owed
    ]
    rows = [_complaint(visitor, found, names.get(found.organisation_id, "")) for found in complaints]
    items += _needing(Permission.COMPLAINT_ANSWER, "complaint", rows)
    asked = waiting.evidence_asked(actor)
    firms = parties.names([one.organisation_id for one in asked]) if asked else {}
    rows = [_evidence(visitor, one, firms.get(one.organisation_id, "")) for one in asked]
    items += _needing(Permission.EVIDENCE_EXPORT, "evidence", rows)
    broken = waiting.unreviewed(actor)
    people = parties.person_names({one.person_id for one in broken}) if broken else {}
    for one in broken:
        row = _emergency(one, people.get(one.person_id, ""))
        items.append(Item(row, frozenset({Permission.MEMBER_CHECK}), "emergency", frozenset({one.person_id})))
    return items


def _needing(permission: Permission, kind: str, rows: Iterable[Row]) -> list[Item]:
    return [Item(row, frozenset({permission}), kind) for row in rows]


def _payable(visitor: Visitor, found: ConfirmedPayable, creditor: str) -> Row:
    address = to("payable", found.id)
    what = Link(_("Confirm a payable"), address, texts.listed(document.number for document in found.documents))
    due = Due(found.decide_by, visitor.today)
    cells = {"what": what, "amount": found.amount, "who": creditor, "due": due, "since": found.proposed_at}
    return Row(text("payable", found.id), cells, address, amount=found.amount)


def _complaint(visitor: Visitor, found: Complaint, who: str) -> Row:
    address = to("complaint", found.id, "/answer")
    cells = {"who": who, "due": Due(found.answer_due_on, visitor.today), "since": found.made_on, "amount": None}
    return Row(text("complaint", found.id), {**cells, "what": _("Answer a complaint")}, address, locked=_alone())


def _evidence(visitor: Visitor, found: EvidenceRequest, who: str) -> Row:
    address = to("request", found.id, "/answer")
    what = Link(_("Hand out evidence"), address, found.authority)
    cells = {"what": what, "who": who, "due": Due(found.answer_by, visitor.today), "since": found.asked_at}
    return Row(text("request", found.id), {**cells, "amount": None}, address)


def _emergency(found: EmergencyView, who: str) -> Row:
    what = Link(_("Review emergency permissions"), "/emergencies", found.reason)
    cells = {"what": what, "amount": None, "who": who, "due": None, "since": found.began_at}
    return Row(str(found.id), cells, "/emergencies", locked=_alone())


def _financing(found: Financing, applicant: str) -> Row:
    cells = {"amount": found.quote.amount, "who": applicant, "due": None, "since": found.requested_at}
    address = to("financing", found.id, "/decide")
    return Row(text("financing", found.id), {**cells, "what": _("Decide a financing")}, address, locked=_alone())


def _requests(visitor: Visitor, found: Sequence[InboxItem]) -> list[Item]:
    makers = parties.person_names({item.approval.maker_person_id for item in found}) if found else {}
    return [_request(visitor, item, makers.get(item.approval.maker_person_id, "")) for item in found]


def _request(visitor: Visitor, item: InboxItem, maker: str) -> Item:
    approval = item.approval
    known = menu.APPROVALS.get(approval.kind)
    number = approval.snapshot.get("number") or approval.snapshot.get("key") or approval.snapshot.get("name") or ""
    shown = short(str(number)) if approval.kind == "voucher.issue" else str(number)
    row = Row(
        id=text("approval", approval.id),
        href=to("approval", approval.id),
        cells={
            "what": Link(known.label if known else approval.kind, to("approval", approval.id), shown),
            "amount": _amount(approval.snapshot),
            "who": maker,
            "due": Due(approval.decide_by, visitor.today),
            "since": approval.requested_at,
        },
        amount=_amount(approval.snapshot),
        locked="" if approval.kind in menu.TOGETHER else _alone(),
    )
    done_by = {approval.maker_person_id, *(decision.person_id for decision in approval.decisions)}
    return Item(row, known.permissions if known else frozenset(), approval.kind, frozenset(done_by))


def _alone() -> str:
    """Why a row cannot be ticked: only requests of some kinds are decided together."""
    return _("Decided one by one.")


def _amount(snapshot: object) -> Money | None:
    found = None
    if isinstance(snapshot, dict):
        quote = snapshot.get("quote")
        source = quote if isinstance(quote, dict) else snapshot
        found = snapshots.value(source.get("face") or source.get("amount") or source.get("sanctioned"))
    return found if isinstance(found, Money) else None


def _offer(visitor: Visitor, voucher: Voucher, issuer: str) -> Row:
    return Row(
        id=text("voucher", voucher.id),
        href=to("voucher", voucher.id, "/answer"),
        cells={
            "what": Link(_("Accept a voucher"), to("voucher", voucher.id, "/answer"), short(voucher.number)),
            "amount": voucher.face,
            "who": issuer,
            "due": Due(voucher.offer_expires_on, visitor.today) if voucher.offer_expires_on else None,
            "since": voucher.issued_on,
        },
        locked=_alone(),
    )


def _ending(visitor: Visitor, voucher: Voucher, issuer: str) -> Row:
    assert voucher.cancel_by is not None
    address = to("voucher", voucher.id, "/cancel")
    what = Link(_("Agree to a cancellation"), address, short(voucher.number))
    cells = {"what": what, "amount": voucher.face, "who": issuer, "due": Due(voucher.cancel_by, visitor.today)}
    return Row(text("voucher", voucher.id), {**cells, "since": None}, address, locked=_alone())


def _part(visitor: Visitor, part: Holding, holder: str) -> Row:
    return Row(
        id=text("holding", part.id),
        href=to("holding", part.id, "/answer"),
        cells={
            "what": Link(_("Accept a transfer"), to("holding", part.id, "/answer"), part.trade_basis),
            "amount": part.amount,
            "who": holder,
            "due": Due(part.expires_on, visitor.today) if part.expires_on else None,
            "since": part.acquired_at,
        },
        locked=_alone(),
    )
