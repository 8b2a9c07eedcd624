"""Who may do what: functions, mandates, licences, and whose name it is done in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourflow.foundation.parties.domain.matrix import MATRIX, permissions_of
from fourflow.foundation.parties.types import (
    BINDING,
    LICENSED,
    SYSTEM,
    Actor,
    Function,
    LicenceExpired,
    LicenceKind,
    LicenceMissing,
    LicenceTerm,
    MandateExceeded,
    MandateExpired,
    MandateMissing,
    MandateTerm,
    NotPermitted,
    Permission,
    RoleKind,
)
from fourflow.platform.errors import FourflowError
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

DAY = date(2014, 3, 3)
FIRM, SUBSIDIARY, STRANGER = new_id(), new_id(), new_id()
UNTIL = DAY + timedelta(days=10)


def actor(role: RoleKind = RoleKind.SUPPLIER, *functions: Function, **change: object) -> Actor:
    held = frozenset(functions or [Function.MAKER, Function.SIGNER])
    mandate = MandateTerm(FIRM, Permission.VOUCHER_ACCEPT, "CNY", 100_00, DAY, UNTIL)
    plain = Actor(
        person_id=new_id(),
        organisation_id=FIRM,
        on=DAY,
        functions=held,
        roles=frozenset({role}),
        permissions=permissions_of([role], held),
        mandates=(mandate,),
    )
    return replace(plain, **change)  # type: ignore[arg-type]


def refusal(who: Actor, permission: Permission, **asked: object) -> type[FourflowError] | None:
    try:
        who.require(permission, **asked)  # type: ignore[arg-type]
    except NotPermitted as error:
        return type(error)
    return None


ACCEPT = Permission.VOUCHER_ACCEPT


@pytest.mark.parametrize(
    ("amount", "day", "expected"),
    [
        (Money(100_00, "CNY"), DAY, None),
        (Money(100_01, "CNY"), DAY, MandateExceeded),
        (Money(-100_01, "CNY"), DAY, MandateExceeded),
        (Money(1, "USD"), DAY, MandateMissing),
        (Money(1, "CNY"), DAY - timedelta(days=1), MandateExpired),
        (Money(1, "CNY"), UNTIL - timedelta(days=1), None),
        (Money(1, "CNY"), UNTIL, MandateExpired),
        (None, DAY, None),
        (None, UNTIL, MandateExpired),
    ],
)
def test_a_mandate_binds_up_to_its_amount_in_its_currency_in_its_time(
    amount: Money | None, day: date, expected: type[FourflowError] | None
) -> None:
    assert refusal(actor(), ACCEPT, party=FIRM, amount=amount, today=day) is expected


def test_without_another_day_the_day_of_the_session_counts() -> None:
    assert refusal(actor(on=UNTIL), ACCEPT) is MandateExpired


def test_a_mandate_without_ceiling_covers_every_amount() -> None:
    open_ended = MandateTerm(FIRM, ACCEPT, "CNY", None, DAY)
    assert refusal(actor(mandates=(open_ended,)), ACCEPT, amount=Money(10**17, "CNY")) is None


def test_the_higher_of_two_mandates_counts() -> None:
    two = (MandateTerm(FIRM, ACCEPT, "CNY", 5, DAY), MandateTerm(FIRM, ACCEPT, "CNY", 50, DAY))
    assert refusal(actor(mandates=two), ACCEPT, amount=Money(50, "CNY")) is None
    assert refusal(actor(mandates=two), ACCEPT, amount=Money(51, "CNY")) is MandateExceeded


def test_nobody_binds_a_party_that_gave_no_mandate() -> None:
    assert refusal(actor(), ACCEPT, party=STRANGER, amount=Money(1, "CNY")) is NotPermitted
    assert refusal(actor(), Permission.FINANCING_QUOTE, party=STRANGER) is NotPermitted


def test_a_treasury_signs_for_a_subsidiary_that_gave_a_mandate() -> None:
    treasury = actor(mandates=(MandateTerm(SUBSIDIARY, ACCEPT, "CNY", 10, DAY),))
    assert refusal(treasury, ACCEPT, party=SUBSIDIARY, amount=Money(10, "CNY")) is None
    assert refusal(treasury, ACCEPT, party=FIRM, amount=Money(10, "CNY")) is MandateMissing


def test_a_mandate_without_the_function_is_not_enough() -> None:
    assert refusal(actor(RoleKind.SUPPLIER, Function.VIEWER), ACCEPT) is NotPermitted


def test_a_funder_decides_only_with_a_licence_in_force() -> None:
    decide = Permission.FINANCING_DECIDE
    mandate = (MandateTerm(FIRM, decide, "CNY", None, DAY),)
    bank = actor(RoleKind.FUNDER, mandates=mandate)
    amount = Money(1, "CNY")
    assert refusal(bank, decide, amount=amount) is LicenceMissing
    other = (LicenceTerm(LicenceKind.WAREHOUSING, DAY),)
    assert refusal(replace(bank, licences=other), decide, amount=amount) is LicenceMissing
    over = (LicenceTerm(LicenceKind.BANKING, DAY - timedelta(days=9), DAY),)
    assert refusal(replace(bank, licences=over), decide, amount=amount) is LicenceExpired
    held = (*over, LicenceTerm(LicenceKind.FACTORING, DAY))
    assert refusal(replace(bank, licences=held), decide, amount=amount) is None


def test_the_operator_and_the_regulator_see_all_and_others_do_not() -> None:
    seeing = {role for role in RoleKind if actor(role).sees_all}
    assert seeing == {RoleKind.OPERATOR, RoleKind.REGULATOR}


@pytest.mark.requirement("R394")
def test_no_maker_has_a_checkers_permission() -> None:
    for row in MATRIX.values():
        made = {p for p in row[Function.MAKER] if p.value.endswith("check")}
        assert made == set()


def test_the_operator_never_moves_vouchers_decides_credit_or_sets_limits() -> None:
    held = permissions_of([RoleKind.OPERATOR], Function)
    assert not held & {
        Permission.VOUCHER_ISSUE,
        Permission.VOUCHER_ACCEPT,
        Permission.VOUCHER_TRANSFER,
        Permission.FINANCING_DECIDE,
        Permission.FINANCING_CHECK,
        Permission.LIMIT_SET,
        Permission.LIMIT_CHECK,
    }


def test_the_regulator_only_reads_and_asks() -> None:
    # its own people, where it is told of what it may see, and asking the operator for evidence
    own = {Permission.MEMBER_EDIT, Permission.MEMBER_CHECK, Permission.WEBHOOK_EDIT, Permission.EVIDENCE_REQUEST}
    writing = {p for p in Permission if not p.value.endswith((".view", ".read", ".export"))} - own
    assert not permissions_of([RoleKind.REGULATOR], Function) & writing


@given(st.sets(st.sampled_from(RoleKind)), st.sets(st.sampled_from(Function)))
def test_more_functions_never_allow_less(roles: set[RoleKind], functions: set[Function]) -> None:
    whole = permissions_of(roles, functions)
    for function in functions:
        assert permissions_of(roles, functions - {function}) <= whole
    if not roles or not functions:
        assert whole == frozenset()


def test_every_role_names_every_function() -> None:
    assert all(set(MATRIX[role]) == set(Function) for role in RoleKind)


def test_what_needs_a_mandate_or_licence_is_somebodys_permission() -> None:
    everything = frozenset().union(*(p for row in MATRIX.values() for p in row.values()))
    assert everything >= BINDING | set(LICENSED)


def test_the_system_may_and_is_nobody() -> None:
    SYSTEM.require(ACCEPT, party=STRANGER, amount=Money(1, "CNY"))
    assert SYSTEM.is_system and SYSTEM.sees_all and SYSTEM.account_id is None
    assert not actor().is_system
