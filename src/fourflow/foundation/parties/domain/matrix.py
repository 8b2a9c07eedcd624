"""Which function in which kind of organisation has which permission. Data, so that a reader sees it whole."""

from __future__ import annotations

from collections.abc import Iterable

from fourflow.foundation.parties.types import Function, Permission, RoleKind

P = Permission
_VIEW = frozenset(
    {P.DOCUMENT_VIEW, P.CLAIM_VIEW, P.VOUCHER_VIEW, P.FINANCING_VIEW, P.LIMIT_VIEW, P.PAYMENT_VIEW, P.PARTY_VIEW}
    | {P.PARAMETER_VIEW, P.LEDGER_READ, P.REPORT_VIEW}
)
_SELF_SERVICE = frozenset({P.MEMBER_EDIT, P.WEBHOOK_EDIT, P.PARTY_VIEW})

_Row = dict[Function, frozenset[Permission]]

_OPERATOR: _Row = {
    Function.MAKER: frozenset(
        {P.IMPORT_ORDERS, P.PARTY_ONBOARD, P.MEMBER_EDIT, P.WEBHOOK_EDIT, P.RESTRICTION_IMPOSE, P.RESTRICTION_LIFT}
        | {P.PARAMETER_PROPOSE, P.PRODUCT_PROPOSE, P.VOUCHER_FREEZE, P.PAYMENT_PREPARE, P.PAYMENT_MATCH}
        | {P.COMPLAINT_ANSWER, P.EVIDENCE_EXPORT, P.LEDGER_EXPORT, P.ACCOUNT_REGISTER}
    ),
    Function.CHECKER: frozenset(
        {P.PARTY_CHECK, P.MEMBER_CHECK, P.RESTRICTION_CHECK, P.PARAMETER_CHECK, P.PRODUCT_CHECK}
        | {P.VOUCHER_FREEZE_CHECK, P.PAYMENT_RELEASE, P.PAYMENT_MATCH_CHECK, P.ACCOUNT_CHECK, P.EVIDENCE_EXPORT}
    ),
    Function.SIGNER: frozenset({P.PAYMENT_RELEASE}),
    Function.VIEWER: frozenset({P.AUDIT_READ}),
    Function.ADMIN: _SELF_SERVICE | {P.ACCESS_EMERGENCY},
}
_CORE: _Row = {
    Function.MAKER: frozenset(
        {P.IMPORT_ORDERS, P.CLAIM_RECORD, P.CLAIM_CONFIRM, P.VOUCHER_ISSUE, P.VOUCHER_CANCEL, P.VOUCHER_DISPUTE}
        | {
            P.VOUCHER_CREDIT,
            P.VOUCHER_PROMISE,
            P.PAYMENT_PREPARE,
            P.ACCOUNT_REGISTER,
            P.EVIDENCE_EXPORT,
            P.LEDGER_EXPORT,
        }
    ),
    Function.CHECKER: frozenset(
        {P.CLAIM_CONFIRM, P.CLAIM_CHECK, P.VOUCHER_CHECK, P.VOUCHER_CANCEL, P.VOUCHER_CREDIT, P.PAYMENT_RELEASE}
        | {P.VOUCHER_PROMISE, P.ACCOUNT_CHECK, P.MEMBER_CHECK}
    ),
    Function.SIGNER: frozenset(
        {P.CLAIM_CONFIRM, P.CLAIM_CHECK, P.VOUCHER_CHECK, P.VOUCHER_CANCEL, P.PAYMENT_RELEASE, P.CONSENT_GIVE}
    ),
    Function.VIEWER: frozenset(),
    Function.ADMIN: _SELF_SERVICE,
}
_HOLDER = frozenset(
    {P.VOUCHER_ACCEPT, P.VOUCHER_TRANSFER, P.VOUCHER_COMPLAIN, P.VOUCHER_DISPUTE, P.VOUCHER_CANCEL, P.VOUCHER_CREDIT}
    | {P.FINANCING_QUOTE, P.FINANCING_REQUEST, P.FINANCING_CONSENT, P.CONSENT_GIVE}
)
_SUPPLIER: _Row = {
    Function.MAKER: _HOLDER | {P.CLAIM_RECORD, P.ACCOUNT_REGISTER, P.EVIDENCE_EXPORT, P.LEDGER_EXPORT},
    Function.CHECKER: _HOLDER | {P.ACCOUNT_CHECK, P.MEMBER_CHECK},
    Function.SIGNER: _HOLDER,
    Function.VIEWER: frozenset(),
    Function.ADMIN: _SELF_SERVICE,
}
_FUNDER: _Row = {
    Function.MAKER: frozenset(
        {P.FINANCING_DECIDE, P.LIMIT_SET, P.PAYMENT_PREPARE, P.VOUCHER_FREEZE, P.VOUCHER_COMPLAIN}
        | {P.ACCOUNT_REGISTER, P.EVIDENCE_EXPORT, P.LEDGER_EXPORT}
    ),
    Function.CHECKER: frozenset(
        {P.FINANCING_DECIDE, P.FINANCING_CHECK, P.LIMIT_CHECK, P.PAYMENT_RELEASE, P.ACCOUNT_CHECK, P.MEMBER_CHECK}
    ),
    Function.SIGNER: frozenset({P.FINANCING_DECIDE, P.FINANCING_CHECK, P.LIMIT_CHECK, P.PAYMENT_RELEASE}),
    Function.VIEWER: frozenset(),
    Function.ADMIN: _SELF_SERVICE,
}
_REGULATOR: _Row = {
    Function.VIEWER: frozenset({P.AUDIT_READ, P.EVIDENCE_EXPORT, P.EVIDENCE_REQUEST}),
    Function.MAKER: frozenset(),
    Function.CHECKER: frozenset({P.MEMBER_CHECK}),
    Function.SIGNER: frozenset(),
    Function.ADMIN: _SELF_SERVICE,
}
_OTHER: _Row = {
    Function.MAKER: frozenset({P.CLAIM_RECORD, P.ACCOUNT_REGISTER, P.EVIDENCE_EXPORT}),
    Function.CHECKER: frozenset({P.ACCOUNT_CHECK, P.MEMBER_CHECK}),
    Function.SIGNER: frozenset({P.CONSENT_GIVE}),
    Function.VIEWER: frozenset(),
    Function.ADMIN: _SELF_SERVICE,
}

MATRIX: dict[RoleKind, _Row] = {
    RoleKind.OPERATOR: _OPERATOR,
    RoleKind.CORE: _CORE,
    RoleKind.SUPPLIER: _SUPPLIER,
    RoleKind.FUNDER: _FUNDER,
    RoleKind.REGULATOR: _REGULATOR,
    RoleKind.WAREHOUSE: _OTHER,
    RoleKind.CARRIER: _OTHER,
    RoleKind.GUARANTOR: _OTHER,
    RoleKind.FUND: _OTHER,
}


def permissions_of(roles: Iterable[RoleKind], functions: Iterable[Function]) -> frozenset[Permission]:
    """What functions in an organisation with these roles allow. Every function of an active role may also read."""
    held, kinds = frozenset(functions), frozenset(roles)
    if not held or not kinds:
        return frozenset()
    return _VIEW.union(*(MATRIX[role][function] for role in kinds for function in held))
