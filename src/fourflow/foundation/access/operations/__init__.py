"""Writes of the door. `at` is the machine's clock, which no sandbox moves; `effective_at` the installation's."""

from fourflow.foundation.access.operations.attempts import attempt
from fourflow.foundation.access.operations.confirming import admit, confirm, confirm_by_passkey, knock
from fourflow.foundation.access.operations.emergency import break_glass, end_emergency, review_emergency
from fourflow.foundation.access.operations.factors import (
    add_passkey,
    enrol_app,
    remove_app,
    remove_passkey,
    renew_recovery_codes,
    use_code,
    use_passkey,
)
from fourflow.foundation.access.operations.identities import link_identity, unlink_identity
from fourflow.foundation.access.operations.reading import record_look, record_read
from fourflow.foundation.access.operations.recovery import (
    ask_recovery,
    decide_recovery,
    expire_recovery,
    lapse_recovery,
    new_half,
    recover,
)
from fourflow.foundation.access.operations.sealing import seal_reads
from fourflow.foundation.access.operations.sessions import act_for, begin, change_password, end, end_all, see, stay

__all__ = [
    "act_for",
    "add_passkey",
    "admit",
    "attempt",
    "ask_recovery",
    "begin",
    "break_glass",
    "change_password",
    "confirm",
    "confirm_by_passkey",
    "decide_recovery",
    "end",
    "end_all",
    "end_emergency",
    "enrol_app",
    "expire_recovery",
    "knock",
    "lapse_recovery",
    "link_identity",
    "new_half",
    "record_look",
    "record_read",
    "recover",
    "remove_app",
    "remove_passkey",
    "renew_recovery_codes",
    "review_emergency",
    "seal_reads",
    "see",
    "stay",
    "unlink_identity",
    "use_code",
    "use_passkey",
]
