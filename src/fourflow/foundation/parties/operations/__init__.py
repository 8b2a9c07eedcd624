"""Writes of parties. One public function per business verb; the files beside hold them by subject."""

from fourflow.foundation.parties.operations.accounts import close_account, set_password
from fourflow.foundation.parties.operations.changing import (
    decide_change,
    expire_change,
    propose_change,
    withdraw_change,
)
from fourflow.foundation.parties.operations.consents import give_consent, withdraw_consent
from fourflow.foundation.parties.operations.documents import abandon_application, add_document, forget_documents
from fourflow.foundation.parties.operations.founding import found
from fourflow.foundation.parties.operations.onboarding import (
    apply,
    decide_application,
    expire_application,
    revise,
    submit,
)
from fourflow.foundation.parties.operations.restrictions import (
    decide_lift,
    expire_lift,
    hold,
    impose,
    request_lift,
)
from fourflow.foundation.parties.operations.showing import introduce

__all__ = [
    "abandon_application",
    "add_document",
    "apply",
    "close_account",
    "decide_application",
    "decide_change",
    "decide_lift",
    "expire_application",
    "expire_change",
    "expire_lift",
    "forget_documents",
    "found",
    "give_consent",
    "hold",
    "impose",
    "introduce",
    "propose_change",
    "request_lift",
    "revise",
    "set_password",
    "submit",
    "withdraw_change",
    "withdraw_consent",
]
