"""Declarations: what is refused, what a checker sees, and that JSON gives back what was said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourflow.foundation.parties.domain.onboarding import missing_documents
from fourflow.foundation.parties.domain.search import bigrams, sort_key
from fourflow.foundation.parties.domain.terms import (
    checked,
    checked_terms,
    declaration_from_json,
    for_approval,
    kind_of,
    terms_from_json,
    to_json,
)
from fourflow.foundation.parties.types import (
    ChangeKind,
    Declaration,
    DeclarationInvalid,
    EndTerms,
    Function,
    Identifier,
    IdentifierInvalid,
    IdentifierScheme,
    LicenceKind,
    LicenceTerms,
    MandateTerms,
    MemberTerms,
    PartyKind,
    PeriodInvalid,
    Permission,
    RelationKind,
    RelationTerms,
    RoleKind,
    RoleTerms,
    Terms,
)
from fourflow.platform.ids import new_id

DAY, NEXT = date(2014, 1, 1), date(2015, 1, 1)
MANDATE = MandateTerms(Permission.VOUCHER_ACCEPT, "CNY", 2**60, DAY, NEXT, person_id=new_id())
MEMBER = MemberTerms("Wang Fang", "fang@acme.example", frozenset({Function.MAKER}), DAY, mandates=(MANDATE,))
DECLARED = Declaration(
    kind=PartyKind.LEGAL_ENTITY,
    name="Acme 钢铁",
    country="CN",
    identifiers=(Identifier(IdentifierScheme.SANDBOX, "ACME"),),
    roles=(RoleTerms(RoleKind.SUPPLIER, DAY, programme_id=new_id()),),
    licences=(LicenceTerms(LicenceKind.WAREHOUSING, "W-1", "city", DAY),),
    members=(MEMBER,),
)
TERMS: list[Terms] = [
    MANDATE,
    MEMBER,
    *DECLARED.roles,
    *DECLARED.licences,
    RelationTerms(new_id(), RelationKind.OWNERSHIP, "register", DAY),
    EndTerms(ChangeKind.MANDATE, new_id(), DAY),
]


def test_a_declaration_survives_json() -> None:
    assert declaration_from_json(to_json(checked(DECLARED))) == checked(DECLARED)


@pytest.mark.parametrize("terms", TERMS, ids=lambda terms: type(terms).__name__)
def test_terms_survive_json(terms: Terms) -> None:
    assert terms_from_json(kind_of(terms), to_json(checked_terms(terms))) == terms


def test_a_checker_sees_functions_and_ceilings_but_no_names_of_people() -> None:
    shown = for_approval(DECLARED)
    assert shown["members"][0]["mandates"][0]["max_minor"] == str(2**60)
    assert "Fang" not in str(shown) and "@" not in str(shown)
    other = replace(DECLARED, members=(replace(MEMBER, email="else@acme.example"),))
    assert for_approval(other)["digest"] != shown["digest"]


def test_addresses_are_folded_and_identifiers_normal() -> None:
    loose = replace(
        DECLARED,
        members=(replace(MEMBER, email=" Fang@Acme.Example "),),
        identifiers=(Identifier(IdentifierScheme.SANDBOX, "acme"),),
    )
    assert checked(loose) == DECLARED


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": " "}, DeclarationInvalid),
        ({"identifiers": ()}, DeclarationInvalid),
        ({"roles": ()}, DeclarationInvalid),
        ({"country": "cn"}, DeclarationInvalid),
        ({"country": "CHN"}, DeclarationInvalid),
        ({"identifiers": (Identifier(IdentifierScheme.USCC, "91350100M000100Y42"),)}, IdentifierInvalid),
        ({"roles": (RoleTerms(RoleKind.SUPPLIER, DAY, DAY),)}, PeriodInvalid),
        ({"licences": (LicenceTerms(LicenceKind.ICP, " ", "x", DAY),)}, DeclarationInvalid),
        ({"members": (replace(MEMBER, email="nobody"),)}, DeclarationInvalid),
        ({"members": (replace(MEMBER, email="a b@c"),)}, DeclarationInvalid),
        ({"members": (replace(MEMBER, email="a@b@c"),)}, DeclarationInvalid),
        ({"members": (replace(MEMBER, functions=frozenset()),)}, DeclarationInvalid),
        ({"members": (replace(MEMBER, name=""),)}, DeclarationInvalid),
        ({"members": (replace(MEMBER, valid_to=DAY),)}, PeriodInvalid),
        ({"members": (replace(MEMBER, mandates=(replace(MANDATE, max_minor=0),)),)}, DeclarationInvalid),
        ({"members": (replace(MEMBER, mandates=(replace(MANDATE, valid_to=DAY),)),)}, PeriodInvalid),
        ({"members": (replace(MEMBER, mandates=(replace(MANDATE, organisation_id=new_id()),)),)}, DeclarationInvalid),
        (
            {"members": (replace(MEMBER, mandates=(replace(MANDATE, permission=Permission.VOUCHER_VIEW),)),)},
            DeclarationInvalid,
        ),
    ],
)
def test_what_cannot_be_declared(change: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        checked(replace(DECLARED, **change))  # type: ignore[arg-type]


def test_an_end_does_not_end_an_end() -> None:
    with pytest.raises(DeclarationInvalid):
        checked_terms(EndTerms(ChangeKind.END, new_id(), DAY))


def test_a_licence_holder_hands_in_registration_and_licence() -> None:
    assert missing_documents(DECLARED, []) == {"registration", "licence"}
    assert missing_documents(DECLARED, ["licence", "registration", "other"]) == set()
    person = replace(DECLARED, kind=PartyKind.NATURAL_PERSON, licences=())
    assert missing_documents(person, []) == {"identity"}


def test_chinese_names_are_found_by_pairs_of_characters() -> None:
    assert bigrams("宝山钢铁 A") == ["宝山", "山钢", "钢铁", "a"]
    assert sort_key("  Château-Rouge, S.A.") == "chateau rouge s a"


@given(st.text(min_size=1, max_size=12), st.integers(0, 10), st.integers(1, 10))
def test_a_part_of_a_word_shares_its_pairs(word: str, start: int, length: int) -> None:
    joined = "".join(c for c in word if c.isalnum() and c.isascii())
    part = joined[start : start + length]
    if len(part) > 1:
        assert set(bigrams(part)) <= set(bigrams(joined))
