"""Kinds, states and permissions: the closed vocabularies of parties."""

from __future__ import annotations

from enum import StrEnum


class PartyKind(StrEnum):
    LEGAL_ENTITY = "legal_entity"
    NATURAL_PERSON = "natural_person"


class PartyState(StrEnum):
    """A party is born by an approved application. CLOSED is final."""

    ACTIVE = "active"
    CLOSED = "closed"


class SizeClass(StrEnum):
    """Size of an enterprise (中小企业划型标准); large debtors pay small creditors within the statutory time."""

    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"
    MICRO = "micro"
    UNKNOWN = "unknown"


class IdentifierScheme(StrEnum):
    """`USCC` 统一社会信用代码 (GB 32100), `LEI` (ISO 17442), `SANDBOX` (no check character, never in production)."""

    USCC = "uscc"
    LEI = "lei"
    SANDBOX = "sandbox"


class RoleKind(StrEnum):
    OPERATOR = "operator"
    CORE = "core"
    SUPPLIER = "supplier"
    FUNDER = "funder"
    REGULATOR = "regulator"
    WAREHOUSE = "warehouse"
    CARRIER = "carrier"
    GUARANTOR = "guarantor"
    FUND = "fund"


class Function(StrEnum):
    """What a person does in an organisation. The maker's and the checker's are never one person for one object."""

    MAKER = "maker"
    CHECKER = "checker"
    SIGNER = "signer"
    VIEWER = "viewer"
    ADMIN = "admin"


class Permission(StrEnum):
    """One business verb. Names end in `.check` where a second person decides what a first one made."""

    IMPORT_ORDERS = "import.orders"
    DOCUMENT_VIEW = "document.view"
    CLAIM_RECORD = "claim.record"
    CLAIM_CONFIRM = "claim.confirm"
    CLAIM_CHECK = "claim.check"
    CLAIM_VIEW = "claim.view"
    VOUCHER_ISSUE = "voucher.issue"
    VOUCHER_CHECK = "voucher.check"
    VOUCHER_ACCEPT = "voucher.accept"
    VOUCHER_TRANSFER = "voucher.transfer"
    VOUCHER_CANCEL = "voucher.cancel"
    VOUCHER_DISPUTE = "voucher.dispute"
    VOUCHER_FREEZE = "voucher.freeze"
    VOUCHER_FREEZE_CHECK = "voucher.freeze_check"
    VOUCHER_COMPLAIN = "voucher.complain"
    VOUCHER_CREDIT = "voucher.credit"
    VOUCHER_PROMISE = "voucher.promise"
    VOUCHER_VIEW = "voucher.view"
    FINANCING_QUOTE = "financing.quote"
    FINANCING_REQUEST = "financing.request"
    FINANCING_CONSENT = "financing.consent"
    FINANCING_DECIDE = "financing.decide"
    FINANCING_CHECK = "financing.check"
    FINANCING_VIEW = "financing.view"
    LIMIT_SET = "limit.set"
    LIMIT_CHECK = "limit.check"
    LIMIT_VIEW = "limit.view"
    ACCOUNT_REGISTER = "account.register"
    ACCOUNT_CHECK = "account.check"
    PAYMENT_PREPARE = "payment.prepare"
    PAYMENT_RELEASE = "payment.release"
    PAYMENT_MATCH = "payment.match"
    PAYMENT_MATCH_CHECK = "payment.match_check"
    PAYMENT_VIEW = "payment.view"
    PARTY_ONBOARD = "party.onboard"
    PARTY_CHECK = "party.check"
    PARTY_VIEW = "party.view"
    MEMBER_EDIT = "member.edit"
    MEMBER_CHECK = "member.check"
    WEBHOOK_EDIT = "webhook.edit"
    CONSENT_GIVE = "consent.give"
    RESTRICTION_IMPOSE = "restriction.impose"
    RESTRICTION_LIFT = "restriction.lift"
    RESTRICTION_CHECK = "restriction.check"
    PARAMETER_PROPOSE = "parameter.propose"
    PARAMETER_CHECK = "parameter.check"
    PARAMETER_VIEW = "parameter.view"
    PRODUCT_PROPOSE = "product.propose"
    PRODUCT_CHECK = "product.check"
    COMPLAINT_ANSWER = "complaint.answer"
    EVIDENCE_EXPORT = "evidence.export"
    EVIDENCE_REQUEST = "evidence.request"
    AUDIT_READ = "audit.read"
    LEDGER_READ = "ledger.read"
    LEDGER_EXPORT = "ledger.export"
    REPORT_VIEW = "report.view"
    ACCESS_EMERGENCY = "access.emergency"


BINDING = frozenset(
    {
        Permission.CLAIM_CONFIRM,
        Permission.VOUCHER_CHECK,
        Permission.VOUCHER_ACCEPT,
        Permission.VOUCHER_TRANSFER,
        Permission.FINANCING_REQUEST,
        Permission.FINANCING_CONSENT,
        Permission.FINANCING_DECIDE,
        Permission.FINANCING_CHECK,
        Permission.LIMIT_CHECK,
        Permission.PAYMENT_RELEASE,
    }
)
"""Permissions that bind the organisation to third parties: the function is not enough, a mandate is needed."""


class LicenceKind(StrEnum):
    BANKING = "banking"
    FACTORING = "factoring"
    FINANCING_GUARANTEE = "financing_guarantee"
    INSURANCE = "insurance"
    NETWORK_FREIGHT = "network_freight"
    ROAD_TRANSPORT = "road_transport"
    WAREHOUSING = "warehousing"
    ICP = "icp"
    EDI = "edi"
    PCI_DSS = "pci_dss"
    BLOCKCHAIN_FILING = "blockchain_filing"
    SECURITY_GRADE = "security_grade"
    """What a security body has certified of machine room, hardware, network and software (等级保护备案与测评)."""
    EXCHANGE_FILING = "exchange_filing"
    """A local exchange's registration with the ministries' joint conference (部际联席会议备案)."""


ROLE_LICENCES: dict[RoleKind, frozenset[LicenceKind]] = {
    RoleKind.FUNDER: frozenset({LicenceKind.BANKING, LicenceKind.FACTORING}),
    RoleKind.GUARANTOR: frozenset({LicenceKind.FINANCING_GUARANTEE, LicenceKind.BANKING, LicenceKind.INSURANCE}),
}
"""Roles that only a licence holder takes (银发〔2025〕77号 art. 4); also a CHECK on the table of roles."""

LICENSED: dict[Permission, frozenset[LicenceKind]] = {
    Permission.FINANCING_DECIDE: ROLE_LICENCES[RoleKind.FUNDER],
    Permission.FINANCING_CHECK: ROLE_LICENCES[RoleKind.FUNDER],
    Permission.LIMIT_SET: ROLE_LICENCES[RoleKind.FUNDER],
    Permission.LIMIT_CHECK: ROLE_LICENCES[RoleKind.FUNDER],
}
"""Acts that are refused when none of these licences of the organisation is in force on the day."""


class ApplicationState(StrEnum):
    """States of an onboarding application. Approval and the birth of the party are one step: ACTIVE.

    EXPIRED: nobody went on with a draft or what was returned.
    """

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACTIVE = "active"
    REJECTED = "rejected"
    RETURNED = "returned"
    EXPIRED = "expired"


class Barred(StrEnum):
    """What a restriction bars. EVERYTHING includes the others."""

    EVERYTHING = "everything"
    ISSUE = "issue"
    TRANSFER = "transfer"
    FINANCE = "finance"


class RestrictionSource(StrEnum):
    OVERDUE = "overdue"
    BILL_OVERDUE = "bill_overdue"
    BOND_DEFAULT = "bond_default"
    COURT = "court"
    OPERATOR = "operator"
    SANCTIONS = "sanctions"


class RelationKind(StrEnum):
    """How two parties belong to one group."""

    OWNERSHIP = "ownership"
    CONTROL = "control"
    SAME_FIRM = "same_firm"
    FAMILY = "family"


class ChangeKind(StrEnum):
    """What a proposed change adds to a party; END closes a row of one of the other kinds on a day."""

    ROLE = "role"
    LICENCE = "licence"
    MEMBER = "member"
    MANDATE = "mandate"
    RELATION = "relation"
    END = "end"


class ChangeState(StrEnum):
    PROPOSED = "proposed"
    APPLIED = "applied"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
