"""Kept totals that somebody changed behind the platform's back: doctor says so, one command mends it."""

from __future__ import annotations

import json

from tests.builders.installation import Installation

TAMPER = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("insert into vouchers_tally (organisation_id, state, currency, term, due_on, vouchers, face_minor, "
                   "redeemed_minor, cancelled_minor) values ('00000000-0000-0000-0000-000000000000', 'active', 'USD', "
                   "'to3', '2026-06-30', 3, 900, 0, 0)")
"""
SAID = """
from fourflow.platform.models import StoredEvent
answer = [row.body for row in StoredEvent.objects.filter(kind="voucher.totals_corrected")]
"""


def test_doctor_finds_a_wrong_total_and_the_recount_mends_it_and_says_what_it_corrected(
    installation: Installation,
) -> None:
    def doctor() -> tuple[bool, str]:
        checks = json.loads(
            installation.fourflow("doctor", "--json", status=1)
        )  # no bank, no log: never all is well here
        return next((one["ok"], one["detail"]) for one in checks if one["name"] == "totals")

    installation.python(TAMPER)
    assert doctor() == (False, "1 kept totals of vouchers differ from the register; fourflow totals recount")
    said = installation.fourflow("totals", "recount")
    assert "state=active\tcurrency=USD\tterm=to3\tdue_on=2026-06-30\tvouchers=-3\tface_minor=-900" in said
    assert "1 kept totals corrected" in said
    assert doctor()[0]
    assert "every kept total is what the register gives" in installation.fourflow("totals", "recount")
    (fact,) = installation.python(SAID)
    assert [one["vouchers"] for one in fact["corrections"]] == [-3] and fact["by"]
