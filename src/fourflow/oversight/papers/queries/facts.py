"""What papers say, collected from the modules as the asking organisation may see it.

Objects are read under row-level security. Names and identifiers of the parties are read beside it: who is a party to a
contract knows whom it is with, and the object was seen first.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import ConfirmedPayable, PayableId, PayableNotFound, Registration
from fourflow.capital.financing import queries as financing
from fourflow.capital.financing.types import Financing, FinancingId
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.queries import Link
from fourflow.capital.vouchers.types import Act, HoldingId, SignedAct, Voucher, VoucherId
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Actor
from fourflow.oversight.papers.types import Paper, PaperKind, PaperNotYet
from fourflow.platform.crypto.signing import Signature
from fourflow.platform.db.reading import reading
from fourflow.platform.ids import encode

Facts = dict[str, Any]


def agreement(*, actor: Actor, financing_id: FinancingId, as_of: date) -> Paper:
    """The agreement of a financing: who, over what, at which price, with which recourse, registered and paid when.

    :raises FinancingNotFound: no such financing, or the actor's organisation is none of its parties.
    :raises PaperNotYet: the funder has not approved, so there is no agreement.
    """
    with reading(actor):
        one = financing.get(actor=actor, financing_id=financing_id)
        consent = financing.consent(actor=actor, financing_id=financing_id)
        registration = claims.registration_of(actor=actor, reference=one.reference)
        voucher = vouchers.get(actor=actor, voucher_id=VoucherId(one.quote.voucher_id))
    if one.decision is None or not one.decision.approved:
        raise PaperNotYet(financing=encode("fin", one.id), state=one.state.value, expected="approved by the funder")
    quote = one.quote
    known = _parties([quote.applicant_id, quote.funder_id, quote.obligor_id], as_of)
    facts = {
        "applicant": known[quote.applicant_id],
        "funder": known[quote.funder_id],
        "obligor": known[quote.obligor_id],
        "voucher": {"number": voucher.number, "face": voucher.face, "issued_on": voucher.issued_on},
        "holding": encode("hld", quote.holding_id),
        "price": _price(one),
        "recourse": quote.recourse,
        "consent": {**_signature(consent), "at": one.requested_at},
        "decision": _decision(one),
        "registration": _registration(registration),
        "disbursed_on": one.disbursed_on,
    }
    return Paper(PaperKind.AGREEMENT, encode("fin", one.id), as_of, facts)


def _price(one: Financing) -> Facts:
    quote = one.quote
    return {
        "amount": quote.amount,
        "net": quote.net,
        "cost": quote.cost,
        "annual_rate": quote.annual_rate,
        "annualised": quote.annualised,
        "day_count": quote.day_count,
        "start_on": quote.start_on,
        "due_on": quote.due_on,
        "days": quote.days,
        "platform_share": quote.platform_share,
        "lines": [
            {"kind": line.kind.value, "payee": line.payee.value, "amount": line.amount, "formula": line.formula}
            for line in quote.lines
        ],
    }


def _decision(one: Financing) -> Facts:
    assert one.decision is not None
    by = one.decision.decided_by
    who = str(by.get("model") or by.get("person") or by.get("name") or "")
    return {"at": one.decision.decided_at, "by": who, "reference": one.decision.bank_reference}


def _registration(found: Registration | None) -> Facts | None:
    if found is None or not found.registration_no:
        return None
    return {
        "number": found.registration_no,
        "at": found.registered_at,
        "expires_on": found.expires_on,
        "search": found.requery_certificate or found.query_certificate,
    }


def certificate(*, actor: Actor, holding_id: HoldingId, as_of: date) -> Paper:
    """The certificate of a holding: the core's signed promise, and every hand and signature down to the holder.

    :raises HoldingNotFound: no such holding, or the actor's organisation may not see it.
    """
    with reading(actor):
        voucher, links, issued, payable = _chain(actor, holding_id)
    last = links[-1].holding
    ids = {voucher.issuer_id, voucher.receiver_id, voucher.funder_id, last.payee_id}
    ids |= {link.holding.holder_id for link in links} | {payable.debtor_id for payable in [payable] if payable}
    ids |= {act.organisation_id for acts in [issued, *(link.acts for link in links)] for act in acts}
    known = _parties(ids, as_of)
    facts = {
        "issuer": known[voucher.issuer_id],
        "receiver": known[voucher.receiver_id],
        "line_of": known[voucher.funder_id],
        "holder": known[last.holder_id],
        "payee": known[last.payee_id],
        "voucher": {**_obligation(voucher), "state": voucher.state.value},
        "holding": {
            "id": encode("hld", last.id),
            "amount": last.amount,
            "paid": last.paid,
            "outstanding": last.outstanding,
            "state": last.state.value,
            "tier": last.tier,
        },
        "confirmation": _confirmation(payable, known),
        "commitment": [_act(act, known) for act in issued],
        "links": [_link(link, known) for link in links],
    }
    return Paper(PaperKind.CERTIFICATE, encode("hld", last.id), as_of, facts)


def notice(*, actor: Actor, holding_id: HoldingId, as_of: date) -> Paper:
    """The notice of a transfer to the debtor (民法典 art. 546): who passed which part on to whom, when, for which trade.

    :raises HoldingNotFound: no such holding, or the actor's organisation may not see it.
    :raises PaperNotYet: the holder is the first supplier: nothing was transferred to it.
    """
    with reading(actor):
        voucher, links, _, _ = _chain(actor, holding_id)
    *before, last = (link.holding for link in links)
    giver = next((one for one in reversed(before) if one.holder_id != last.holder_id), None)
    if giver is None:
        raise PaperNotYet(holding=encode("hld", last.id), expected="a part that was transferred")
    signed = [
        *_last_act(links, giver.holder_id, Act.TRANSFER),
        *_last_act(links, last.holder_id, Act.TRANSFER_ACCEPT),
    ]
    known = _parties(
        {voucher.issuer_id, *(act.organisation_id for act in signed), giver.holder_id, last.holder_id}, as_of
    )
    facts = {
        "debtor": known[voucher.issuer_id],
        "giver": known[giver.holder_id],
        "taker": known[last.holder_id],
        "voucher": _obligation(voucher),
        "amount": giver.amount,
        "trade_basis": giver.trade_basis,
        "acts": [_act(act, known) for act in signed],
    }
    return Paper(PaperKind.NOTICE, encode("hld", last.id), as_of, facts)


def _last_act(links: list[Link], holder_id: UUID, act: Act) -> list[SignedAct]:
    """The latest signature of a kind over a holder's parts, where there is one."""
    return [one for link in links if link.holding.holder_id == holder_id for one in link.acts if one.act is act][-1:]


def _chain(actor: Actor, holding_id: HoldingId) -> tuple[Voucher, list[Link], list[SignedAct], ConfirmedPayable | None]:
    voucher, links = vouchers.chain(actor=actor, holding_id=holding_id)
    issued = vouchers.commitment(actor=actor, voucher_id=voucher.id)
    payable = None
    with suppress(PayableNotFound):
        payable = claims.payable(actor=actor, payable_id=PayableId(voucher.payable_id))
    return voucher, links, issued, payable


def _obligation(voucher: Voucher) -> Facts:
    return {
        "number": voucher.number,
        "face": voucher.face,
        "issued_on": voucher.issued_on,
        "due_on": voucher.due_on,
        "statutory_due_on": voucher.statutory_due_on,
    }


def _confirmation(payable: ConfirmedPayable | None, known: dict[UUID, Facts]) -> Facts | None:
    if payable is None or payable.signature is None:
        return None
    return {
        "at": payable.confirmed_at,
        "party": known[payable.debtor_id]["name"],
        "person": _person(payable.signature.person_id),
        "amount": payable.amount,
        "documents": [f"{document.kind} {document.number}" for document in payable.documents],
        "digest": payable.signature.content_digest,
    }


def _link(link: Link, known: dict[UUID, Facts]) -> Facts:
    return {
        "tier": link.holding.tier,
        "holder": known[link.holding.holder_id]["name"],
        "amount": link.holding.amount,
        "trade_basis": link.holding.trade_basis,
        "acts": [_act(act, known) for act in link.acts],
    }


def _act(act: SignedAct, known: dict[UUID, Facts]) -> Facts:
    return {
        "act": act.act.value,
        "at": act.effective_at,
        "party": known[act.organisation_id]["name"],
        "person": _person(act.person_id),
        "digest": act.signature.content_digest,
    }


def _signature(signature: Signature) -> Facts:
    return {
        "person": _person(signature.person_id),
        "digest": signature.content_digest,
        "terms": signature.terms_version,
        "assurance": signature.assurance,
    }


def _person(person_id: UUID) -> str:
    """People stand by their number, as in their certificates: other firms' people are not named to those who ask."""
    return encode("per", person_id)


def _parties(party_ids: Iterable[UUID], on: date) -> dict[UUID, Facts]:
    """Name, country and identifiers of each party."""
    return {
        party_id: {
            "id": encode("prt", party_id),
            "name": view.name,
            "country": view.country,
            "identifiers": [{"scheme": one.scheme.value, "value": one.value} for one in view.identifiers],
        }
        for party_id, view in parties.views(party_ids, on).items()
    }
