"""The debtor's signed word: proposed by one, confirmed by another, used no further than it goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.builders.claims import AT, TODAY, Trade, person

from fourflow.capital.claims import operations, queries
from fourflow.capital.claims.types import (
    ClaimAmountInvalid,
    ClaimPartiesInvalid,
    ConfirmedPayable,
    DocumentsMissing,
    PayableExceeded,
    PayableExists,
    PayableNotFound,
    PayableState,
    PayableStateWrong,
    SamePerson,
    Scheme,
    SequenceWrong,
)
from fourflow.foundation.parties.types import Actor, MandateExceeded, NotPermitted, Permission
from fourflow.platform.crypto.signing import SandboxSigner, SignatureWrong, verify
from fourflow.platform.events import queries as events
from fourflow.platform.money import Money

pytestmark = pytest.mark.django_db


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


def sign(payable: ConfirmedPayable, actor: Actor) -> ConfirmedPayable:
    signature = SandboxSigner().sign(actor.person_id, payable.content(), terms_version="1")
    return operations.confirm(payable_id=payable.id, actor=actor, signature=signature, effective_at=AT)


def state(trade: Trade, payable: ConfirmedPayable) -> PayableState:
    return queries.payable(actor=trade.supplier, payable_id=payable.id).state


def test_a_payable_carries_the_debtors_signature_over_exactly_what_it_says() -> None:
    trade = Trade()
    payable = trade.confirmed(trade.claim("100.00"))
    assert payable.state is PayableState.CONFIRMED
    found = queries.payable(actor=trade.supplier, payable_id=payable.id)
    assert found == payable
    assert found.signature is not None
    verify(found.signature, found.content())
    assert found.signature.person_id == trade.core_signer.person_id
    assert found.content()["due_date"] == "2014-08-30"
    assert [event.kind for event in events.of_subject(payable.id)] == ["payable.proposed", "payable.confirmed"]


def test_a_signature_over_anything_else_confirms_nothing() -> None:
    trade = Trade()
    payable = trade.proposed(trade.claim("100.00"))
    signer = trade.core_signer
    for content in (
        replace(payable, amount=usd("99.99")).content(),
        replace(payable, due_date=date(2014, 8, 31)).content(),
        replace(payable, documents=()).content(),
    ):
        signature = SandboxSigner().sign(signer.person_id, content, terms_version="1")
        with pytest.raises(SignatureWrong):
            operations.confirm(payable_id=payable.id, actor=signer, signature=signature, effective_at=AT)
    other = SandboxSigner().sign(trade.supplier.person_id, payable.content(), terms_version="1")
    with pytest.raises(SignatureWrong):
        operations.confirm(payable_id=payable.id, actor=signer, signature=other, effective_at=AT)
    assert state(trade, payable) is PayableState.PROPOSED


def test_only_the_debtors_signer_confirms_within_his_mandate_and_not_what_he_proposed() -> None:
    trade = Trade()
    payable = trade.proposed(trade.claim("100.00"))
    with pytest.raises(NotPermitted):
        sign(payable, trade.supplier)
    with pytest.raises(NotPermitted):
        sign(payable, person(trade.supplier_id, Permission.CLAIM_CONFIRM))
    with pytest.raises(PayableNotFound):
        sign(payable, person(None, Permission.CLAIM_CONFIRM))
    with pytest.raises(MandateExceeded):
        sign(payable, person(trade.core_id, Permission.CLAIM_CONFIRM, ceiling=99_99))
    with pytest.raises(SamePerson):
        sign(payable, person(trade.core_id, Permission.CLAIM_CONFIRM, person_id=trade.core_maker.person_id))
    sign(payable, person(trade.core_id, Permission.CLAIM_CONFIRM, ceiling=100_00))
    with pytest.raises(PayableStateWrong):
        sign(payable, trade.core_signer)


def test_a_payable_is_no_more_than_its_claim_and_there_is_one_at_a_time() -> None:
    trade = Trade()
    claim = trade.claim("100.00")
    for wrong in ("100.01", "0.00"):
        with pytest.raises(ClaimAmountInvalid):
            trade.proposed(claim, amount=wrong)
    payable = trade.proposed(claim, amount="80.00")
    with pytest.raises(PayableExists):
        trade.proposed(claim, amount="20.00")
    operations.withdraw_payable(payable_id=payable.id, actor=trade.core_maker, reason="wrong", effective_at=AT)
    assert trade.proposed(claim, amount="20.00").state is PayableState.PROPOSED


@pytest.mark.requirement("R042")
@pytest.mark.parametrize(
    ("scheme", "kind"),
    [
        (Scheme.CONTRACT, "contract"),
        (Scheme.ORDER, "order"),
        (Scheme.ORDER_LINE, "order"),
        (Scheme.PO_ASN, "delivery"),
        (Scheme.INVOICE_CN, "invoice"),
        (Scheme.INVOICE, "invoice"),
        (Scheme.WAYBILL, "waybill"),
    ],
)
def test_a_payable_names_the_document_that_its_claim_is_about(scheme: Scheme, kind: str) -> None:
    trade = Trade()
    bare = trade.claim("100.00", scheme, documents=())
    for papers in ((), ("letter",), tuple({"contract", "order", "delivery", "invoice", "waybill"} - {kind})):
        with pytest.raises(DocumentsMissing) as caught:
            trade.proposed(bare, papers=papers)
        assert caught.value.params["expected"] == kind
    assert trade.proposed(bare, papers=("letter", kind)).state is PayableState.PROPOSED
    named = trade.claim("100.00", scheme)
    assert [document.kind for document in trade.proposed(named).documents] == [kind], "else the claim's own"


@pytest.mark.requirement("R043")
def test_first_the_goods_come_then_the_debt_is_confirmed_then_it_falls_due() -> None:
    trade, day = Trade(), timedelta(days=1)
    claim = trade.claim("100.00")
    for delivered, due, field in ((TODAY + day, TODAY + 2 * day, "delivered_on"), (TODAY, TODAY - day, "due_date")):
        with pytest.raises(SequenceWrong) as caught:
            trade.proposed(claim, due, delivered=delivered)
        assert caught.value.params["field"] == field
    assert trade.proposed(claim, TODAY, delivered=TODAY).due_date == TODAY


def test_a_party_to_whom_the_claim_is_only_shown_proposes_nothing() -> None:
    trade, holder = Trade(), person(None, Permission.CLAIM_RECORD)
    claim = trade.claim("100.00")
    operations.reveal(object_ids=[claim.id], organisation_ids=[holder.organisation_id], reason="holder")
    with pytest.raises(ClaimPartiesInvalid):
        operations.propose_payable(
            claim_id=claim.id, amount=usd("1.00"), due_date=date(2014, 8, 30), actor=holder, effective_at=AT
        )


@pytest.mark.requirement("R348")
def test_a_payable_is_used_in_parts_once_confirmed_and_its_state_follows() -> None:
    trade = Trade()
    claim = trade.claim("100.00")
    proposed = trade.proposed(claim, amount="80.00")
    with pytest.raises(PayableStateWrong):
        operations.use(claim_id=claim.id, amount=usd("1.00"), reference="v0", effective_at=AT, payable_id=proposed.id)
    payable = sign(proposed, trade.core_signer)

    def use(amount: str, reference: str) -> None:
        operations.use(
            claim_id=claim.id, amount=usd(amount), reference=reference, effective_at=AT, payable_id=payable.id
        )

    use("30.00", "v1")
    assert state(trade, payable) is PayableState.PARTLY_USED
    with pytest.raises(PayableExceeded):
        use("50.01", "v2")
    use("50.00", "v2")
    assert state(trade, payable) is PayableState.USED
    with pytest.raises(PayableStateWrong):
        operations.withdraw_payable(payable_id=payable.id, actor=trade.core_signer, reason="x", effective_at=AT)
    operations.release(reference="v1", effective_at=AT)
    operations.release(reference="v2", effective_at=AT)
    assert state(trade, payable) is PayableState.CONFIRMED


def test_a_payable_of_another_claim_is_not_used() -> None:
    trade = Trade()
    payable = trade.confirmed(trade.claim("100.00"))
    with pytest.raises(PayableNotFound):
        operations.use(
            claim_id=trade.claim("100.00").id,
            amount=usd("1.00"),
            reference="v",
            effective_at=AT,
            payable_id=payable.id,
        )


def test_an_unused_confirmation_is_withdrawn_by_the_debtor_only_and_stays_on_record() -> None:
    trade = Trade()
    payable = trade.confirmed(trade.claim("100.00"))
    with pytest.raises(NotPermitted):
        operations.withdraw_payable(payable_id=payable.id, actor=trade.supplier, reason="x", effective_at=AT)
    operations.withdraw_payable(payable_id=payable.id, actor=trade.core_signer, reason="goods refused", effective_at=AT)
    found = queries.payable(actor=trade.supplier, payable_id=payable.id)
    assert (found.state, found.reason) == (PayableState.WITHDRAWN, "goods refused")
    assert found.signature == payable.signature
    with pytest.raises(PayableStateWrong):
        operations.withdraw_payable(payable_id=payable.id, actor=trade.core_signer, reason="x", effective_at=AT)
