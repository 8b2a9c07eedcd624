"""What is financed once cannot be financed again: through the operations."""

from __future__ import annotations

from uuid import UUID

import pytest
from tests.builders.claims import AT, Trade, person

from fourflow.capital.claims import operations, queries
from fourflow.capital.claims.types import (
    Ancestor,
    AncestorInvalid,
    Claim,
    ClaimAmountInvalid,
    ClaimDiffers,
    ClaimInUse,
    ClaimNotFound,
    ClaimPartiesInvalid,
    ClaimReferenceTaken,
    ClaimUseNotFound,
    ReleaseExceeded,
    Scheme,
    Underlying,
)
from fourflow.foundation.parties.types import NotPermitted, Permission, RoleKind
from fourflow.platform.events import queries as events
from fourflow.platform.money import Money

pytestmark = pytest.mark.django_db

OPERATOR = person(None, Permission.CLAIM_RECORD, roles=[RoleKind.OPERATOR])


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


def used(claim: Claim) -> str:
    found = queries.get(actor=OPERATOR, claim_id=claim.id).used
    assert found is not None
    return f"{found.decimal:.2f}"


def use(claim: Claim, amount: str, reference: str) -> None:
    operations.use(claim_id=claim.id, amount=usd(amount), reference=reference, effective_at=AT)


def test_the_same_party_registering_again_gets_the_same_claim() -> None:
    trade = Trade()
    first = trade.claim("100.00", buyer="SCMS", order="PO-1", delivery="ASN 7")
    again = trade.claim("100.00", buyer="scms", order="po 1", delivery="asn-7")
    by_supplier = trade.claim("100.00", actor=trade.supplier, buyer="SCMS", order="PO1", delivery="ASN7")
    assert first.id == again.id == by_supplier.id
    assert len(events.of_subject(first.id)) == 1


def test_the_same_document_with_another_amount_is_pointed_out_to_its_party() -> None:
    trade = Trade()
    trade.claim("100.00", buyer="SCMS", order="PO-1", delivery="ASN-7")
    with pytest.raises(ClaimDiffers):
        trade.claim("100.01", buyer="SCMS", order="PO-1", delivery="ASN-7")
    with pytest.raises(ClaimDiffers):
        trade.claim("100.00", currency="CNY", buyer="SCMS", order="PO-1", delivery="ASN-7")


@pytest.mark.requirement("R277")
def test_a_duplicate_by_somebody_else_is_refused_and_the_refusal_names_nobody() -> None:
    Trade().claim("100.00", scheme=Scheme.INVOICE_CN, number="24312000000012345678")
    with pytest.raises(ClaimInUse) as refused:
        Trade().claim("100.00", scheme=Scheme.INVOICE_CN, number="2431 2000 0000 1234 5678")
    assert refused.value.params == {}
    assert str(refused.value) == "claim.in_use()"


def test_only_a_party_or_the_operator_registers_and_only_with_the_permission() -> None:
    trade = Trade()
    assert trade.claim(actor=OPERATOR).amount == usd("1000.00")
    with pytest.raises(ClaimPartiesInvalid):
        trade.claim(actor=person(None, Permission.CLAIM_RECORD, roles=[RoleKind.SUPPLIER]))
    with pytest.raises(NotPermitted):
        trade.claim(actor=person(trade.core_id))
    with pytest.raises(ClaimAmountInvalid):
        trade.claim("0.00")
    with pytest.raises(ClaimPartiesInvalid):
        operations.register_claim(
            underlying=Underlying(Scheme.PO_ASN, trade.parts(Scheme.PO_ASN)),
            debtor_id=trade.core_id,
            creditor_id=trade.core_id,
            amount=usd("1.00"),
            actor=trade.core_maker,
            effective_at=AT,
        )


def test_a_claim_is_used_up_to_its_amount_and_not_one_cent_more() -> None:
    claim = Trade().claim("100.00")
    use(claim, "60.00", "vch_1")
    with pytest.raises(ClaimInUse) as refused:
        use(claim, "40.01", "vch_2")
    assert refused.value.params == {}
    use(claim, "40.00", "vch_2")
    assert used(claim) == "100.00"


def test_one_reference_uses_a_claim_once() -> None:
    claim = Trade().claim("100.00")
    use(claim, "10.00", "vch_1")
    with pytest.raises(ClaimReferenceTaken):
        use(claim, "10.00", "vch_1")
    with pytest.raises(ClaimAmountInvalid):
        operations.use(claim_id=claim.id, amount=Money(1, "CNY"), reference="x", effective_at=AT)
    with pytest.raises(ClaimNotFound):
        operations.use(claim_id=UUID(int=1), amount=usd("1"), reference="x", effective_at=AT)


def test_what_is_released_can_be_used_again_and_no_more_than_was_used_is_released() -> None:
    claim = Trade().claim("100.00")
    use(claim, "60.00", "vch_1")
    operations.release(reference="vch_1", amount=usd("20.00"), effective_at=AT)
    assert used(claim) == "40.00"
    with pytest.raises(ReleaseExceeded):
        operations.release(reference="vch_1", amount=usd("40.01"), effective_at=AT)
    (rest,) = operations.release(reference="vch_1", effective_at=AT)
    assert rest.open == usd("0.00")
    assert used(claim) == "0.00"
    with pytest.raises(ReleaseExceeded):
        operations.release(reference="vch_1", effective_at=AT)
    with pytest.raises(ClaimUseNotFound):
        operations.release(reference="vch_9", effective_at=AT)


@pytest.mark.requirement("R277")
def test_an_order_loan_and_an_invoice_voucher_on_the_same_goods_collide() -> None:
    trade = Trade()
    order = trade.claim("1000.00", scheme=Scheme.ORDER, buyer="B", order="PO-5")
    delivery = trade.claim("400.00", buyer="B", order="po 5", delivery="ASN-1")
    invoice = trade.claim("400.00", scheme=Scheme.INVOICE, ancestors=[Ancestor(delivery.id)])
    use(order, "700.00", "loan_1")
    with pytest.raises(ClaimInUse):
        use(invoice, "300.01", "vch_1")
    use(invoice, "300.00", "vch_1")
    assert (used(order), used(delivery), used(invoice)) == ("1000.00", "300.00", "300.00")
    with pytest.raises(ClaimInUse):
        use(delivery, "0.01", "vch_2")
    operations.release(reference="loan_1", effective_at=AT)
    use(delivery, "100.00", "vch_2")
    with pytest.raises(ClaimInUse):
        use(invoice, "0.01", "vch_3")
    assert (used(order), used(delivery), used(invoice)) == ("400.00", "400.00", "300.00")


def test_an_order_that_is_registered_after_its_deliveries_takes_over_what_is_used_of_them() -> None:
    trade = Trade()
    delivery = trade.claim("400.00", buyer="B", order="PO-6", delivery="ASN-1")
    line = trade.claim("100.00", scheme=Scheme.ORDER_LINE, buyer="B", order="PO-6", line="2")
    invoice = trade.claim("400.00", scheme=Scheme.INVOICE, ancestors=[Ancestor(delivery.id)])
    use(invoice, "250.00", "vch_1")
    use(line, "50.00", "vch_2")
    with pytest.raises(ClaimInUse):
        trade.claim("299.99", scheme=Scheme.ORDER, buyer="B", order="PO-6")
    order = trade.claim("350.00", scheme=Scheme.ORDER, buyer="B", order="PO-6")
    assert used(order) == "300.00"
    with pytest.raises(ClaimInUse):
        use(invoice, "50.01", "vch_3")
    chain = queries.chain(actor=trade.supplier, claim_id=invoice.id)
    assert [(link.claim.id, link.distance) for link in chain] == [(invoice.id, 0), (delivery.id, 1), (order.id, 2)]


def test_an_invoice_over_two_deliveries_weighs_on_each_with_its_share() -> None:
    trade = Trade()
    order = trade.claim("200.00", scheme=Scheme.ORDER, buyer="B", order="PO-7")
    first = trade.claim("60.00", buyer="B", order="PO-7", delivery="1")
    second = trade.claim("80.00", buyer="B", order="PO-7", delivery="2")
    both = [Ancestor(first.id, usd("60.00")), Ancestor(second.id, usd("40.00"))]
    invoice = trade.claim("100.00", scheme=Scheme.INVOICE, ancestors=both)
    use(invoice, "50.00", "vch_1")
    assert (used(first), used(second), used(order)) == ("50.00", "40.00", "50.00")
    use(invoice, "50.00", "vch_2")
    assert (used(first), used(second), used(order)) == ("60.00", "40.00", "100.00")
    operations.release(reference="vch_2", effective_at=AT)
    operations.release(reference="vch_1", effective_at=AT)
    assert (used(first), used(second), used(order)) == ("0.00", "0.00", "0.00")


def test_ancestors_must_be_known_fit_and_share_the_currency() -> None:
    trade, stranger = Trade(), Trade()
    delivery = trade.claim("60.00")
    hidden = stranger.claim("60.00")
    for ancestors in (
        [Ancestor(hidden.id)],
        [Ancestor(delivery.id, usd("60.01"))],
        [Ancestor(delivery.id, Money(1, "CNY"))],
        [Ancestor(delivery.id), Ancestor(delivery.id)],
    ):
        with pytest.raises(AncestorInvalid):
            trade.claim("100.00", scheme=Scheme.INVOICE, ancestors=ancestors)
    with pytest.raises(AncestorInvalid):
        trade.claim("10.00", scheme=Scheme.INVOICE, currency="CNY", ancestors=[Ancestor(delivery.id)])


def test_goods_that_came_back_are_financed_neither_by_invoice_nor_by_delivery() -> None:
    trade = Trade()
    delivery = trade.claim("100.00")
    invoice = trade.claim("100.00", scheme=Scheme.INVOICE, ancestors=[Ancestor(delivery.id)])
    use(invoice, "100.00", "vch_1")
    note = operations.credit_note(reference="vch_1", credit_note="CN-1", amount=usd("30.00"), effective_at=AT)
    assert note.amount == usd("30.00")
    found = queries.get(actor=OPERATOR, claim_id=invoice.id)
    assert (found.used, found.credited) == (usd("100.00"), usd("30.00"))
    operations.release(reference="vch_1", effective_at=AT)
    assert (used(invoice), used(delivery)) == ("30.00", "30.00")
    with pytest.raises(ClaimInUse):
        use(delivery, "70.01", "vch_2")
    with pytest.raises(ClaimUseNotFound):
        operations.release(reference="CN-1", effective_at=AT)
    with pytest.raises(ReleaseExceeded):
        operations.credit_note(reference="vch_1", credit_note="CN-2", amount=usd("0.01"), effective_at=AT)
    with pytest.raises(ClaimReferenceTaken):
        operations.credit_note(reference="vch_1", credit_note="CN-1", amount=usd("0.01"), effective_at=AT)


def test_a_loan_on_several_claims_is_released_from_all_of_them() -> None:
    trade = Trade()
    first, second = trade.claim("100.00"), trade.claim("50.00")
    use(first, "100.00", "loan_1")
    use(second, "50.00", "loan_1")
    with pytest.raises(ClaimAmountInvalid):
        operations.release(reference="loan_1", amount=usd("10.00"), effective_at=AT)
    operations.release(reference="loan_1", claim_id=first.id, amount=usd("10.00"), effective_at=AT)
    assert (used(first), used(second)) == ("90.00", "50.00")
    assert len(operations.release(reference="loan_1", effective_at=AT)) == 2
    assert (used(first), used(second)) == ("0.00", "0.00")


def test_a_strangers_claim_does_not_exist_and_a_debtor_does_not_learn_what_is_used() -> None:
    trade, stranger = Trade(), person()
    claim = trade.claim("100.00")
    use(claim, "30.00", "vch_1")
    with pytest.raises(ClaimNotFound):
        queries.get(actor=stranger, claim_id=claim.id)
    with pytest.raises(ClaimNotFound):
        queries.chain(actor=stranger, claim_id=claim.id)
    assert queries.get(actor=trade.core_maker, claim_id=claim.id).remaining is None
    for ask in (queries.remaining, queries.uses):
        with pytest.raises(ClaimNotFound):
            ask(actor=trade.core_maker, claim_id=claim.id)
    assert queries.remaining(actor=trade.supplier, claim_id=claim.id) == usd("70.00")
    assert [u.reference for u in queries.uses(actor=trade.supplier, claim_id=claim.id)] == ["vch_1"]
    parts = {"buyer": "X", "order": "1", "delivery": "1"}
    assert queries.find(actor=trade.supplier, underlying=Underlying(Scheme.PO_ASN, parts)) is None


def test_what_remains_considers_the_claims_above() -> None:
    trade = Trade()
    order = trade.claim("1000.00", scheme=Scheme.ORDER, buyer="B", order="PO-8")
    delivery = trade.claim("400.00", buyer="B", order="PO-8", delivery="1")
    use(order, "900.00", "loan_1")
    assert queries.remaining(actor=trade.supplier, claim_id=delivery.id) == usd("100.00")


def test_a_later_holder_sees_the_chain_but_not_its_use() -> None:
    trade, holder = Trade(), person()
    claim = trade.claim("100.00")
    payable = trade.confirmed(claim)
    operations.reveal(object_ids=[claim.id, payable.id], organisation_ids=[holder.organisation_id], reason="holder")
    ((link),) = queries.chain(actor=holder, claim_id=claim.id)
    assert link.claim.used is None
    assert queries.payable(actor=holder, payable_id=payable.id).signature is not None
    assert [c.id for c in queries.claims(actor=holder)] == [claim.id]
    assert [p.id for p in queries.payables(actor=holder, debtor_id=trade.core_id)] == [payable.id]


def test_every_row_stands_as_its_last_event_said() -> None:
    trade = Trade()
    order = trade.claim("1000.00", scheme=Scheme.ORDER, buyer="B", order="PO-9")
    delivery = trade.claim("400.00", buyer="B", order="PO-9", delivery="1")
    payable = trade.confirmed(delivery)
    operations.use(
        claim_id=delivery.id, amount=usd("300.00"), reference="vch_1", effective_at=AT, payable_id=payable.id
    )
    operations.credit_note(reference="vch_1", credit_note="CN", amount=usd("50.00"), effective_at=AT)
    operations.release(reference="vch_1", amount=usd("100.00"), effective_at=AT)
    trade.claim("2000.00", scheme=Scheme.ORDER, buyer="B", order="PO-10")
    assert used(order) == "200.00"
    recorded = {(row.table, row.key): row.digest for row in events.evidenced_rows()}
    rows = list(queries.evidenced())
    assert len(rows) == len({row.key for row in rows}) > 5
    assert {(row.table, row.key): row.digest() for row in rows} == recorded
