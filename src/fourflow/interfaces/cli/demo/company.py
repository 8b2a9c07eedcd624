"""The cast: operator, programme, banks, vendors, makers; onboarded by two people each, with accounts and limits."""

from __future__ import annotations

import datetime
import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from fourflow.capital.limits import operations as limits
from fourflow.capital.settlement import operations as settlement
from fourflow.capital.settlement.types import AccountKind
from fourflow.config import outside
from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.parameters import operations as parameters
from fourflow.foundation.parameters import queries as parameter_queries
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties import operations as parties
from fourflow.foundation.parties import queries
from fourflow.foundation.parties.types import (
    Declaration,
    DocumentOf,
    Function,
    Identifier,
    IdentifierScheme,
    LicenceKind,
    LicenceTerms,
    MandateTerms,
    MemberTerms,
    PartyKind,
    Permission,
    RoleKind,
    RoleTerms,
    SizeClass,
)
from fourflow.interfaces.cli.demo.stage import Stage, email
from fourflow.platform.money import Money


@dataclass
class Company:
    """Who is on the stage, by role; firms by the name that the order file gives them."""

    operator: UUID
    core: UUID
    funders: dict[str, UUID] = field(default_factory=dict)
    firms: dict[str, UUID] = field(default_factory=dict)
    accounts: dict[UUID, tuple[str, str]] = field(default_factory=dict)

    def meet(self, others: Company) -> None:
        """Know whom a colleague has brought."""
        self.firms.update(others.firms)
        self.accounts.update(others.accounts)


def slug(name: str) -> str:
    """A short name out of a firm's name: letters and digits of its first words, and a check of the rest."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    return "-".join(words[:3])[:28] + "-" + hashlib.sha256(name.encode()).hexdigest()[:4]


#: what each kind of firm signs with third parties; nobody is given more
SIGNED = {
    RoleKind.CORE: (Permission.CLAIM_CONFIRM, Permission.VOUCHER_CHECK, Permission.PAYMENT_RELEASE),
    RoleKind.SUPPLIER: (
        Permission.VOUCHER_ACCEPT,
        Permission.VOUCHER_TRANSFER,
        Permission.FINANCING_REQUEST,
        Permission.FINANCING_CONSENT,
    ),
    RoleKind.FUNDER: (
        Permission.FINANCING_DECIDE,
        Permission.FINANCING_CHECK,
        Permission.LIMIT_CHECK,
        Permission.PAYMENT_RELEASE,
    ),
}


def _members(short: str, role: RoleKind, currency: str, since: datetime.date) -> tuple[MemberTerms, ...]:
    mandates = tuple(MandateTerms(p, currency, None, since, None) for p in SIGNED.get(role, ()))

    def member(who: str, title: str, *functions: Function) -> MemberTerms:
        held = mandates if Function.SIGNER in functions else ()
        return MemberTerms(f"{title} ({short})", email(short, who), frozenset(functions), since, mandates=held)

    return (
        member("maker", "Maker", Function.MAKER, Function.SIGNER, Function.ADMIN),
        member("checker", "Checker", Function.CHECKER, Function.SIGNER),
        member("viewer", "Viewer", Function.VIEWER),
    )


def declaration(stage: Stage, name: str, short: str, role: RoleKind, *, programme: UUID | None = None) -> Declaration:
    """What a firm declares. Identifiers are of the sandbox's own scheme: the file has no tax numbers."""
    since = stage.assumptions["start"]
    licences: tuple[LicenceTerms, ...] = ()
    if role is RoleKind.FUNDER:
        licences = (LicenceTerms(LicenceKind.BANKING, f"SANDBOX-{short}", "sandbox authority", since),)
    return Declaration(
        kind=PartyKind.LEGAL_ENTITY,
        name=name,
        short_name=short,
        country="US",
        identifiers=(Identifier(IdentifierScheme.SANDBOX, short.upper()),),
        roles=(RoleTerms(role, since, programme_id=programme),),
        size_class=SizeClass.LARGE if role is RoleKind.CORE else SizeClass.UNKNOWN,
        licences=licences,
        members=_members(short, role, stage.assumptions["currency"], since),
    )


def found(stage: Stage) -> Company:
    """The operator, the programme, the regulator and the banks."""
    given = stage.assumptions
    declared = declaration(stage, given["operator"]["name"], given["operator"]["short"], RoleKind.OPERATOR)
    operator = parties.found(declaration=declared, effective_at=stage.now())
    stage.counts["party.found"] += 1
    stage.short[operator.id] = given["operator"]["short"]
    passwords(stage, operator.id)
    company = Company(operator.id, operator.id)
    company.core = onboard(stage, company, given["programme"]["name"], given["programme"]["short"], RoleKind.CORE)
    onboard(stage, company, given["regulator"]["name"], given["regulator"]["short"], RoleKind.REGULATOR)
    for bank in given["banks"]:
        company.funders[bank["code"]] = onboard(stage, company, bank["name"], bank["code"].lower(), RoleKind.FUNDER)
    return company


def onboard(
    stage: Stage, company: Company, name: str, short: str, role: RoleKind, programme: UUID | None = None
) -> UUID:
    """Application, documents, submission, and a second person's approval."""
    maker, checker = stage.actor(company.operator, "maker"), stage.actor(company.operator, "checker")
    declared = declaration(stage, name, short, role, programme=programme)
    applied = stage.do(
        "party.apply",
        short,
        maker,
        lambda: parties.apply(declaration=declared, actor=maker, effective_at=stage.now()),
        lambda a: a.id,
    )
    for kind in ("registration", *(["licence"] if declared.licences else [])):
        digest = hashlib.sha256(f"{name} {kind}".encode()).hexdigest()
        paper = DocumentOf(kind, f"{kind}.pdf", "application/pdf", digest)
        stage.do(
            "party.add_document",
            f"{short} {kind}",
            maker,
            partial(
                parties.add_document, application_id=applied.id, document=paper, actor=maker, effective_at=stage.now()
            ),
            lambda a: a.id,
        )
    submitted = stage.do(
        "party.submit",
        short,
        maker,
        lambda: parties.submit(
            application_id=applied.id,
            actor=maker,
            effective_at=stage.now(),
            decide_by=parameter_queries.decide_by(stage.now()),
        ),
        lambda a: a.id,
    )
    payload = stage.payload_hash(checker, submitted.approval_id)
    active = stage.do(
        "party.decide",
        short,
        checker,
        lambda: parties.decide_application(
            application_id=applied.id,
            actor=checker,
            payload_hash=payload,
            verdict=Verdict.APPROVE,
            effective_at=stage.now(),
        ),
        lambda a: a.id,
    )
    party_id = active.party_id
    assert party_id is not None
    stage.short[party_id] = short
    if role is not RoleKind.SUPPLIER:
        passwords(stage, party_id)
    return party_id


def passwords(stage: Stage, party_id: UUID) -> None:
    """Sandbox passwords, so that a visitor can sign in; a slow hash, hence only where the story prints the sign-in."""
    regulator = stage.short[party_id] == stage.assumptions["regulator"]["short"]
    for who in ("viewer",) if regulator else ("maker", "checker"):
        account = queries.account_by_email(email(stage.short[party_id], who))
        parties.set_password(account_id=account.id, password=stage.assumptions["password"])
        stage.counts["account.set_password"] += 1


def open_account(stage: Stage, company: Company, party_id: UUID, bank: str, balance: str, *, fee: bool = False) -> None:
    """Open an account at a sandbox bank, have the owner checked, and make it known."""
    short = stage.short[party_id]
    name = queries.names([party_id])[party_id]
    url = next(b.url for b in outside.read().banks if b.code == bank)
    currency = stage.assumptions["currency"]
    body = {
        "client_reference": f"open-{short}{'-fee' if fee else ''}",
        "owner": {"identifier": short.upper(), "name": name},
        "currency": currency,
        "kind": "current",
        "opening_balance": balance,
        "allowed_payees": None,
    }
    answer = stage.http.post(f"{url}/accounts", json=body)
    answer.raise_for_status()
    number = answer.json()["account"]
    check = {"name": name, "identifier": short.upper()}
    checked = stage.http.get(f"{url}/accounts/{number}/owner-check", params=check)
    operator = stage.actor(company.operator, "maker")
    account = stage.do(
        "account.register",
        number,
        operator,
        lambda: settlement.register_account(
            actor=operator,
            party_id=party_id,
            bank_code=bank,
            number=number,
            holder=name,
            currency=currency,
            kind=AccountKind.PLATFORM_FEE if fee else AccountKind.OPERATING,
            effective_at=stage.now(),
            watched=True,
        ),
        lambda a: a.id,
    )
    matches = checked.json()["result"] == "match"
    stage.do(
        "account.owner_check",
        number,
        operator,
        lambda: settlement.record_owner_check(
            actor=operator, account_id=account.id, matches=matches, effective_at=stage.now()
        ),
        lambda a: a.id,
    )
    if not fee:
        company.accounts[party_id] = (bank, number)


def set_rates(stage: Stage, company: Company) -> None:
    """The banks' rates and the platform's share as dated parameters, two people each."""
    maker, checker = stage.actor(company.operator, "maker"), stage.actor(company.operator, "checker")
    fees = stage.assumptions["fees"]
    wanted: list[tuple[Key, str, str]] = [
        (Key.FUNDER_FEE_RATE, "platform", fees["funder_fee"]),
        (Key.PLATFORM_FEE_RATE, "platform", fees["platform_fee_per_year"]),
        (Key.PLATFORM_SHARE, "platform", fees["platform_share_of_interest"]),
    ]
    for bank in stage.assumptions["banks"]:
        for kind, spread in (("purchase", "without_recourse"), ("recourse", "with_recourse")):
            rate = Decimal(bank["rate"]) + Decimal(stage.assumptions["spread"][spread])
            wanted.append((Key.FINANCING_ANNUAL_RATE, f"funder:{company.funders[bank['code']]}:{kind}", str(rate)))
    for key, scope, value in wanted:
        _parameter(stage, maker, checker, key, scope, value)


def _parameter(stage: Stage, maker: Any, checker: Any, key: Key, scope: str, value: str) -> None:
    proposed = stage.do(
        "parameter.propose",
        f"{key} {scope}",
        maker,
        lambda: parameters.propose(
            key=key,
            scope=scope,
            value=Decimal(value),
            valid_from=stage.today,
            source="assumptions of the story",
            actor=maker,
            effective_at=stage.now(),
        ),
        lambda p: p.id,
    )
    payload = stage.payload_hash(checker, proposed.approval_id)
    stage.do(
        "parameter.decide",
        f"{key} {scope}",
        checker,
        lambda: parameters.decide(
            parameter_id=proposed.id,
            actor=checker,
            payload_hash=payload,
            verdict=Verdict.APPROVE,
            effective_at=stage.now(),
        ),
        lambda p: p.id,
    )


def sanction(stage: Stage, company: Company) -> None:
    """Each bank publishes its line on the programme: announced by one person, decided by another."""
    for bank in stage.assumptions["banks"]:
        funder = company.funders[bank["code"]]
        maker, checker = stage.actor(funder, "maker"), stage.actor(funder, "checker")
        amount = Money.parse(bank["limit"], stage.assumptions["currency"])
        proposed = stage.do(
            "limit.propose",
            bank["code"],
            maker,
            partial(
                limits.propose,
                actor=maker,
                core_id=company.core,
                sanctioned=amount,
                valid_from=stage.today,
                valid_to=None,
                source="credit approval (assumption)",
                effective_at=stage.now(),
            ),
            lambda p: p.id,
        )
        stage.do(
            "limit.decide",
            bank["code"],
            checker,
            partial(
                limits.decide,
                publication_id=proposed.id,
                actor=checker,
                verdict=Verdict.APPROVE,
                effective_at=stage.now(),
            ),
            lambda p: p.id,
        )


def invite(stage: Stage, company: Company, number: int, name: str) -> None:
    """Onboard a vendor or maker that the year needs, and open its account at one bank or the other."""
    codes = [bank["code"] for bank in stage.assumptions["banks"]]
    party = onboard(stage, company, name, slug(name), RoleKind.SUPPLIER, company.core)
    company.firms[name] = party
    open_account(stage, company, party, codes[number % len(codes)], stage.assumptions["accounts"]["supplier"])
