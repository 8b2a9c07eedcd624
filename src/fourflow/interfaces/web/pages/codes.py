"""Words for the codes that stand in facts: by the field that they stand in, for one code may mean two things."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as pg

from fourflow.interfaces.web import menu, names
from fourflow.interfaces.web.components import status
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.pages import registrations

_ROLES: dict[str, Words] = {kind.value: word for kind, word in menu.ROLES.items()}
_ENDS: dict[str, Words] = {
    "confirmed": pg("outcome", "Confirmed"),
    "accepted": pg("outcome", "Accepted"),
    "cancelled": pg("outcome", "Cancelled"),
    "overtaken": pg("outcome", "Overtaken by another step"),
}
#: states of several kinds of objects; those that have words of their own elsewhere come first
STATES: dict[str, Words] = {
    **{name.lower(): one.word for table in (status.JOB, status.CHANGE, status.APPROVAL) for name, one in table.items()},
    **{state.value: one.word for state, one in (*registrations.STATES.items(), *registrations.ANSWERS.items())},
    **{state: names.RECOVERIES[state] for state in ("asked", "used")},
    "active": pg("state", "Active"),
    "paused": _("Paused"),
    "stopped": _("Stopped"),
    "ended": _("Ended"),
    "disabled": _("Disabled"),
    "draft": _("Draft"),
    "submitted": _("Submitted"),
    "received": pg("file", "Received"),
    "storing": pg("state", "Running"),
    "refused": pg("state", "Failed"),
    "revoked": pg("state", "Revoked"),
}
_STRENGTHS: dict[str, Words] = {
    "password": _("Password"),
    "password+totp": _("Password and code of the app"),
    "password+recovery_code": _("Password and recovery code"),
    "passkey": _("Passkey"),
    "oidc": _("Identity provider"),
}
WORDS: dict[str, Mapping[str, Words]] = {
    "about": {
        "party": _("Firm"),
        "voucher": _("Voucher"),
        "holding": _("Part of a voucher"),
        "payable": _("Payable"),
        "claim": _("Claim"),
        "financing": _("Financing"),
        "limit": _("Credit line"),
        "instruction": _("Payment order"),
    },
    "account_kind": {
        "operating": pg("account", "Operating account"),
        "supervised": pg("account", "Supervised account"),
        "collection": pg("account", "Collection account"),
        "platform_fee": pg("account", "Platform's account for fees"),
        "platform_expense": pg("account", "Platform's account for expenses"),
    },
    "act": {
        **names.BINDING,
        "voucher.issue": menu.APPROVALS["voucher.issue"].label,
        "voucher.cancel": pg("act", "Agree to a cancellation"),
        "holding.transfer": names.BINDING["voucher.transfer"],
        "holding.accept": pg("act", "Accept a transfer"),
        "holding.finance": names.BINDING["financing.consent"],
    },
    "bars": names.BARRED,
    "basis": names.BASES,
    "by": {"account": pg("lock", "Sign-in"), "address": pg("lock", "Network address")},
    "change": {"added": _("added"), "removed": _("removed"), "used": pg("code", "used")},
    "direction": {
        "credit": _("Money in"),
        "debit": _("Money out"),
        "issued": pg("invoice", "Issued by the platform"),
        "received": pg("invoice", "Received by the platform"),
    },
    "door": {"web": _("Pages"), "api": "API"},
    "exception": names.EXCEPTIONS,
    "exchange": {kind.value: word for kind, word in registrations.ASKED.items()},
    "exchange_kind": {kind.value: word for kind, word in registrations.ASKED.items()},
    "factor": {
        "totp": _("Authenticator app"),
        "passkey": _("Passkey"),
        "recovery_code": _("Recovery code"),
        "recovery_codes": _("Recovery codes"),
        "identity": _("Identity provider"),
        "all": _("All second factors"),
    },
    "functions": names.FUNCTIONS,
    "how": {"by its owner": _("by its owner"), "recovery by two": _("recovery by two")},
    "kind": {
        "legal_entity": _("Legal entity"),
        "natural_person": _("Natural person"),
        **names.CHANGES,
        **names.DOCUMENTS,
        **_ROLES,
        **names.LICENCES,
        **names.PAPERS,
    },
    "language": {"zh": "中文", "en": "English"},
    "mode": {"strict": _("All rows or none"), "good_rows": _("The good rows")},
    "outcome": {
        **{name.lower(): one.word for name, one in status.RETURN.items()},
        **{name.lower(): one.word for name, one in status.APPROVAL.items()},
        **_ENDS,
    },
    "overlay": {"disputed": pg("state", "Disputed"), "frozen": pg("state", "Frozen")},
    "permission": names.BINDING,
    "purpose": {**names.PURPOSES, **names.READ_PURPOSES},
    "reason": {
        "signed_out": _("Signed out"),
        "by_owner": _("Ended by its owner"),
        "password_changed": _("The password was changed"),
        "recovered": _("Recovery by two people"),
    },
    "registration_kind": {kind.value: word for kind, word in registrations.KINDS.items()},
    "rhythm": {
        "daily": _("Every business day"),
        "weekly": _("The first business day of each week"),
        "monthly": _("The first business day of each month"),
    },
    "roles": _ROLES,
    "scheme": {
        **names.SCHEMES,
        "uscc": _("Unified social credit code"),
        "lei": "LEI",
        "sandbox": pg("scheme", "Sandbox number"),
    },
    "scope": {"platform": _("Whole platform")},
    "size_class": names.SIZES,
    "source": {**names.SOURCES, "table": _("Table of deliveries"), "invoices": _("Table of invoices")},
    "state": STATES,
    "step": {"ended": _("Ended"), "reviewed": _("Reviewed")},
    "strength": _STRENGTHS,
    "verdict": {**names.VERDICTS, "approve": _("Approve"), "reject": pg("verdict", "Reject")},
    "what": {
        **{kind: waiting.label for kind, waiting in menu.APPROVALS.items()},
        **names.DOCUMENTS,
        **names.CHANGES,
        "end": pg("change", "End of a row"),
        "registered": pg("webhook", "Set up"),
        "enabled": pg("webhook", "Enabled"),
        "disabled": _("Disabled"),
        "another key": pg("webhook", "New key"),
        "tried": pg("webhook", "Tried"),
    },
}
