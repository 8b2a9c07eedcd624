"""What the database refuses whoever asks: raw SQL as the writer role against every rule of the register."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from tests.builders.refusals import locker_of, refuse, settle
from tests.builders.vouchers import Company

from fourflow.capital.vouchers import operations, queries
from fourflow.capital.vouchers.types import Holding, HoldingNotFound, Voucher, VoucherNotFound
from fourflow.foundation.parties.types import SYSTEM
from fourflow.platform.db.reading import reading
from fourflow.platform.ids import new_id

HOLDING = (
    "insert into vouchers_holding (id, voucher_id, holder_id, currency, amount_minor, paid_minor, parent_id, path, tier, "
    "state, receiver_id, pledgee_id, limit_reference, trade_basis, expires_on, acquired_at, split_on) values "
    "(%s, %s, %s, 'USD', %s, %s, %s, %s, 1, %s, null, null, '', '', null, now(), null)"
)


def root(company: Company) -> tuple[Voucher, Holding]:
    holding = company.held("1000.00")
    return queries.get(actor=SYSTEM, voucher_id=holding.voucher_id), holding


def added(voucher: Voucher, parent: Holding | None, amount: int, state: str = "active", paid: int = 0) -> list[Any]:
    path = [*parent.path, parent.id] if parent else []
    return [new_id(), voucher.id, voucher.receiver_id, amount, paid, parent.id if parent else None, path, state]


@pytest.mark.requirement("R346")
def test_the_parts_of_a_voucher_are_always_its_face(company: Company) -> None:
    voucher, part = root(company)
    refuse("update vouchers_holding set amount_minor = 100001 where id = %s", part.id, constraint="fixed_columns")
    refuse(HOLDING, *added(voucher, part, 1), constraint="voucher_conserved")
    refuse("update vouchers_holding set state = 'cancelled' where id = %s", part.id, constraint="voucher_conserved")
    refuse("update vouchers_voucher set cancelled_minor = 1 where id = %s", voucher.id, constraint="voucher_conserved")
    paid = "update vouchers_voucher set redeemed_minor = 1, paid_on = due_on where id = %s"
    refuse(paid, voucher.id, constraint="voucher_conserved")
    refuse("update vouchers_holding set paid_minor = 1 where id = %s", part.id, constraint="voucher_conserved")
    settle()


def test_the_children_of_a_spent_part_are_that_part(company: Company) -> None:
    voucher, part = root(company)
    company.offer(part, company.supplier(2), "400.00")
    first, _ = company.living(voucher)
    refuse("update vouchers_holding set state = 'split' where id = %s", first.id, constraint="voucher_conserved")
    refuse(HOLDING, *added(voucher, first, 1, "split"), constraint="holding_children_conserved")
    settle()


def test_an_offered_voucher_has_no_parts_and_an_accepted_one_has_one_root(company: Company) -> None:
    offered = company.offered("100.00")
    refuse(HOLDING, *added(offered, None, 10000), constraint="voucher_conserved")
    voucher, _ = root(company)
    refuse(HOLDING, *added(voucher, None, 10000), constraint="holding_one_root_a_voucher")


@pytest.mark.parametrize(
    "change",
    [
        "face_minor = face_minor + 1",
        "due_on = due_on + 1",
        "issuer_id = receiver_id",
        "receiver_id = gen_random_uuid()",
        "currency = 'CNY'",
        "funder_id = gen_random_uuid()",
        "contract_clause = 'another'",
        "statutory_due_on = null",
        "claim_id = gen_random_uuid()",
        "number = 'SX0'",
    ],
)
def test_an_obligation_is_never_rewritten(company: Company, change: str) -> None:
    voucher, _ = root(company)
    refuse(f"update vouchers_voucher set {change} where id = %s", voucher.id, constraint="fixed_columns")


@pytest.mark.parametrize(
    "change",
    ["holder_id = gen_random_uuid()", "path = '{}'::uuid[] || gen_random_uuid()", "tier = 3", "parent_id = id"],
)
def test_a_part_never_changes_hands_in_place(company: Company, change: str) -> None:
    _, part = root(company)
    refuse(f"update vouchers_holding set {change} where id = %s", part.id, constraint="fixed_columns")


def test_nothing_in_the_register_is_deleted(company: Company) -> None:
    for table in (
        "vouchers_voucher",
        "vouchers_holding",
        "vouchers_signedact",
        "vouchers_overlay",
        "vouchers_complaint",
    ):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"delete from {table}")


def test_what_was_signed_is_never_changed(company: Company) -> None:
    voucher, _ = root(company)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "update vouchers_signedact set person_id = gen_random_uuid() where voucher_id = %s", [voucher.id]
        )


def test_an_end_is_an_end(company: Company) -> None:
    offered = company.offered("100.00")
    operations.reject(voucher_id=offered.id, actor=company.supplier().maker, effective_at=company.now, reason="no")
    refuse("update vouchers_voucher set state = 'offered' where id = %s", offered.id, constraint="voucher_final")
    voucher, part = root(company)
    company.passed(part, company.supplier(2))
    refuse("update vouchers_holding set state = 'active' where id = %s", part.id, constraint="holding_final")
    company.matured(voucher)
    (last,) = company.living(voucher)
    company.redeem(last, "400.00")
    refuse("update vouchers_holding set paid_minor = 1 where id = %s", last.id, constraint="holding_forward")
    refuse("update vouchers_voucher set redeemed_minor = 1 where id = %s", voucher.id, constraint="voucher_forward")
    settle()


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("state = 'lost'", "voucher_state_known"),
        ("redeemed_minor = 100001, paid_on = due_on", "voucher_paid_within_face"),
        ("state = 'redeemed'", "voucher_redeemed_means_paid"),
        ("redeemed_minor = 1", "voucher_paid_on_a_day"),
        ("paid_on = due_on", "voucher_paid_on_a_day"),
        ("state = 'overdue'", "voucher_overdue_since_a_day"),
        ("state = 'overdue', overdue_on = due_on", "voucher_overdue_since_a_day"),
        ("state = 'offered', offer_expires_on = null", "voucher_offer_expires"),
        ("state = 'maturing', cancel_by = due_on", "voucher_asked_while_active"),
    ],
)
def test_a_voucher_is_in_a_known_state_and_never_overpaid(company: Company, change: str, constraint: str) -> None:
    voucher, _ = root(company)
    refuse(f"update vouchers_voucher set {change} where id = %s", voucher.id, constraint=constraint)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("state = 'lost'", "holding_state_known"),
        ("paid_minor = 100001", "holding_paid_within_amount"),
        ("state = 'redeemed'", "holding_redeemed_means_paid"),
        ("paid_minor = 100000", "holding_redeemed_means_paid"),
        ("state = 'locked_transfer'", "holding_locked_has_receiver"),
    ],
)
def test_a_part_is_in_a_known_state_and_never_overpaid(company: Company, change: str, constraint: str) -> None:
    _, part = root(company)
    refuse(f"update vouchers_holding set {change} where id = %s", part.id, constraint=constraint)


def test_nothing_skips_a_step_or_goes_back(company: Company) -> None:
    offered = company.offered("100.00")
    refuse("update vouchers_voucher set state = 'maturing' where id = %s", offered.id, constraint="voucher_step")
    voucher, part = root(company)
    for state in ("draft", "overdue", "defaulted"):
        late = f"update vouchers_voucher set state = '{state}', overdue_on = due_on + 1 where id = %s"
        refuse(late, voucher.id, constraint="voucher_step")
    for state in ("financed", "overdue", "partly_paid"):
        refuse(f"update vouchers_holding set state = '{state}' where id = %s", part.id, constraint="holding_step")
    company.matured(voucher)
    refuse("update vouchers_voucher set state = 'active' where id = %s", voucher.id, constraint="voucher_step")
    refuse("update vouchers_holding set state = 'active' where id = %s", part.id, constraint="holding_step")
    settle()


INSERT = (
    "insert into vouchers_voucher (id, number, payable_id, claim_id, issuer_id, receiver_id, funder_id, currency, face_minor, "
    "redeemed_minor, cancelled_minor, issued_on, due_on, delivered_on, statutory_due_on, offer_expires_on, state, "
    "term_reason, term_needs_ack, term_acknowledged_by, contract_clause, creditor_size, restricted_on, maker_person_id, "
    "approval_id) select gen_random_uuid(), gen_random_uuid()::text, payable_id, claim_id, issuer_id, {receiver}, funder_id, "
    "currency, {face}, 0, 0, issued_on, {due}, delivered_on, {statutory}, offer_expires_on, {state}, term_reason, {long}, "
    "null, {clause}, creditor_size, null, maker_person_id, null from vouchers_voucher where id = %s"
)
PLAIN = {
    "receiver": "receiver_id",
    "face": "face_minor",
    "due": "due_on",
    "statutory": "statutory_due_on",
    "state": "'draft'",
    "long": "false",
    "clause": "contract_clause",
}


@pytest.mark.requirement("R297")
@pytest.mark.parametrize(
    ("given", "constraint"),
    [
        ({"face": "0"}, "voucher_face_positive"),
        ({"receiver": "issuer_id"}, "voucher_two_parties"),
        ({"due": "issued_on"}, "voucher_due_after_issue"),
        ({"clause": "''"}, "voucher_late_due_has_clause"),
        ({"long": "true", "state": "'offered'"}, "voucher_long_term_acknowledged"),
    ],
)
def test_no_impossible_voucher_is_written(company: Company, given: dict[str, str], constraint: str) -> None:
    voucher, _ = root(company)
    refuse(INSERT.format(**{**PLAIN, **given}), voucher.id, constraint=constraint)


def test_an_overlay_has_a_source_and_ends_after_it_began(company: Company) -> None:
    voucher, _ = root(company)
    overlay = operations.freeze(
        voucher_id=voucher.id,
        source="paper",
        actor=company.cast.operator.maker,
        effective_at=company.now,
        today=company.day,
    )
    refuse(
        "update vouchers_overlay set closed_on = opened_on - 1 where id = %s", overlay.id, constraint="overlay_period"
    )
    refuse("update vouchers_overlay set source = 'other' where id = %s", overlay.id, constraint="fixed_columns")
    refuse(
        "update vouchers_overlay set voucher_id = %s where id = %s", new_id(), overlay.id, constraint="fixed_columns"
    )


def test_a_complaint_is_answered_whole_or_not_at_all(company: Company) -> None:
    voucher, _ = root(company)
    number = operations.complain(
        voucher_id=voucher.id, text="late", actor=company.supplier().maker, effective_at=company.now, today=company.day
    )
    refuse("update vouchers_complaint set answer = 'x' where id = %s", number, constraint="complaint_answered_whole")
    refuse("update vouchers_complaint set text = 'x' where id = %s", number, constraint="fixed_columns")


PROMISE = (
    "insert into vouchers_promise (id, voucher_id, organisation_id, person_id, said_on, pays_on, currency, amount_minor, "
    "reason) "
    "select gen_random_uuid(), id, {who}, maker_person_id, {said}, {pays}, {currency}, {minor}, {why} "
    "from vouchers_voucher where id = %s"
)
SAID = {
    "who": "issuer_id",
    "said": "due_on",
    "pays": "due_on + 3",
    "currency": "currency",
    "minor": "face_minor",
    "why": "'late'",
}


@pytest.mark.parametrize(
    ("given", "constraint"),
    [
        ({"who": "receiver_id"}, "promise_of_the_issuer"),
        ({"pays": "due_on", "said": "due_on - 1"}, "promise_after_due"),
        ({"pays": "due_on + 3", "said": "due_on + 3"}, "promise_after_it_is_said"),
        ({"minor": "face_minor + 1"}, "promise_of_what_is_owed"),
        ({"currency": "'CNY'"}, "promise_of_what_is_owed"),
        ({"minor": "0"}, "promise_amount_positive"),
        ({"why": "''"}, "promise_has_reason"),
    ],
)
def test_no_promise_is_written_that_is_none(company: Company, given: dict[str, str], constraint: str) -> None:
    voucher, _ = root(company)
    refuse(PROMISE.format(**{**SAID, **given}), voucher.id, constraint=constraint)


def test_what_was_promised_and_since_when_it_was_late_stays(company: Company) -> None:
    voucher, _ = root(company)
    company.overdue(voucher)
    refuse(
        "update vouchers_voucher set overdue_on = due_on + 9 where id = %s",
        voucher.id,
        constraint="voucher_overdue_stays",
    )
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update vouchers_promise set reason = 'better' where voucher_id = %s", [voucher.id])
    gone = company.offered("100.00")
    operations.reject(voucher_id=gone.id, actor=company.supplier().maker, effective_at=company.now, reason="no")
    refuse(PROMISE.format(**SAID), gone.id, constraint="promise_of_what_is_owed")


# --- who sees what


def test_for_a_stranger_nothing_is_there_and_no_row_is_locked(company: Company) -> None:
    voucher, part = root(company)
    stranger = company.supplier(4).maker
    before = (locker_of("vouchers_voucher", voucher.id), locker_of("vouchers_holding", part.id))
    with pytest.raises(VoucherNotFound):
        operations.withdraw_offer(voucher_id=voucher.id, actor=stranger, effective_at=company.now, reason="x")
    with pytest.raises(HoldingNotFound):
        company.offer(part, company.supplier(2), "1.00", actor=stranger)
    assert (locker_of("vouchers_voucher", voucher.id), locker_of("vouchers_holding", part.id)) == before
    for read in (queries.get, queries.acts, queries.commitment):
        with pytest.raises(VoucherNotFound):
            read(actor=stranger, voucher_id=voucher.id)
    with pytest.raises(HoldingNotFound):
        queries.chain(actor=stranger, holding_id=part.id)
    assert queries.parts(actor=stranger, voucher_id=voucher.id) == []
    assert queries.overlays(actor=stranger, voucher_id=voucher.id) == []


def test_as_the_reader_role_everybody_reads_only_what_is_his(company: Company) -> None:
    voucher, part = root(company)
    second = company.passed(part, company.supplier(2), "400.00")
    rest = company.rest(part)
    with reading(company.supplier(2).maker):
        found = {one.id for one in queries.parts(actor=company.supplier(2).maker, voucher_id=voucher.id)}
        assert second.id in found and rest.id not in found
    with reading(company.supplier(4).maker):
        assert queries.vouchers(actor=company.supplier(4).maker).rows == ()
    with reading(company.core.viewer):
        assert len(queries.parts(actor=company.core.viewer, voucher_id=voucher.id)) == 4
    with reading(company.cast.regulator.viewer):
        assert queries.get(actor=company.cast.regulator.viewer, voucher_id=voucher.id).id == voucher.id
