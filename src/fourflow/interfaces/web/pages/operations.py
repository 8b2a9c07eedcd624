"""How the installation is, for the operator: every gauge with its limit, alarms first, and where one looks further."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from fourflow.config import wiring
from fourflow.foundation.parties.types import Permission, RoleKind
from fourflow.interfaces.web.components.records import Kpi
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.errors import error_page
from fourflow.interfaces.web.forms import Form
from fourflow.interfaces.web.pages import testing
from fourflow.interfaces.web.people import Visitor, page
from fourflow.oversight.monitoring.types import Gauge, Reading

WORDS: dict[Gauge, Words] = {
    Gauge.UNSEQUENCED_LEAVES: gettext_lazy("Facts without a number in the evidence log"),
    Gauge.UNSEQUENCED_AGE: gettext_lazy("Oldest fact without a number"),
    Gauge.CHECKPOINT_AGE: gettext_lazy("Oldest fact under no signed head"),
    Gauge.WITNESS_LAG: gettext_lazy("Oldest fact that a witness has not cosigned"),
    Gauge.CONSUMER_LAG: gettext_lazy("Longest wait for an effect"),
    Gauge.PARKED_EVENTS: gettext_lazy("Facts whose effect failed"),
    Gauge.WEBHOOK_LAG: gettext_lazy("Longest wait for a webhook to be sent"),
    Gauge.BANK_MESSAGE_LAG: gettext_lazy("Longest wait for a bank's answer"),
    Gauge.UNCALLED_AGE: gettext_lazy("Longest due without a payment asked for"),
    Gauge.UNMATCHED_CASH: gettext_lazy("Credits that nobody has placed"),
    Gauge.UNMATCHED_CASH_AGE: gettext_lazy("Oldest credit that nobody has placed"),
    Gauge.UNSENT_NOTICES: gettext_lazy("E-mails late, refused or in doubt"),
    Gauge.LEDGER_IMBALANCE: gettext_lazy("Debits less credits, in the smallest unit"),
}
LOOK: dict[Gauge, str] = {
    Gauge.CHECKPOINT_AGE: "/audit",
    Gauge.WITNESS_LAG: "/audit",
    Gauge.UNSEQUENCED_LEAVES: "/audit",
    Gauge.UNSEQUENCED_AGE: "/audit",
    Gauge.WEBHOOK_LAG: "/webhooks/log?state=pending",
    Gauge.BANK_MESSAGE_LAG: "/payments",
    Gauge.UNCALLED_AGE: "/vouchers?state=active&sort=due_on",
    Gauge.UNMATCHED_CASH: "/unmatched",
    Gauge.UNMATCHED_CASH_AGE: "/unmatched",
}
ALARM, FINE = Status(gettext_lazy("Alarm"), "bad"), Status(gettext_lazy("Fine"), "ok")


@dataclass(frozen=True, slots=True)
class Row:
    """One reading in words."""

    gauge: Gauge
    label: Words
    of: str
    value: str
    limit: str
    status: Status
    href: str


@require_safe
@page()
def operations(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The operator's page; how much is unmatched or late is nobody else's business."""
    if RoleKind.OPERATOR not in visitor.actor.roles:
        return error_page(request, 403)
    found = sorted(wiring.readings(visitor.now), key=lambda reading: not reading.alarms)
    alarms = sum(reading.alarms for reading in found)
    kpis = [
        Kpi(
            _("Alarms"), alarms, tone="bad" if alarms else "ok", note=_("of %(count)s readings") % {"count": len(found)}
        ),
        *(_kpi(gauge, found) for gauge in (Gauge.CONSUMER_LAG, Gauge.BANK_MESSAGE_LAG, Gauge.UNMATCHED_CASH)),
    ]
    context: dict[str, Any] = {"kpis": kpis, "rows": [_row(reading) for reading in found]}
    if settings.SANDBOX and visitor.can(Permission.PARAMETER_PROPOSE):
        context["tests"] = [
            (_("Test clock"), testing.CLOCK, Form(testing.clock_fields(visitor)), _("Move the clock"), ""),
            (
                _("Forced failures"),
                testing.FAULTS,
                Form(testing.fault_fields()),
                _("Let it fail"),
                _("Switches that are set"),
            ),
        ]
    return render(request, "web/pages/operations.html", context)


def _kpi(gauge: Gauge, found: list[Reading]) -> Kpi:
    worst = max((r for r in found if r.gauge is gauge), key=lambda r: r.value, default=Reading(gauge, 0))
    shown = _amount(gauge, worst.value)
    return Kpi(WORDS[gauge], shown, LOOK.get(gauge, ""), worst.of, tone="bad" if worst.alarms else "ok")


def _row(reading: Reading) -> Row:
    gauge = reading.gauge
    return Row(
        gauge,
        WORDS[gauge],
        reading.of,
        _amount(gauge, reading.value),
        _amount(gauge, reading.limit),
        ALARM if reading.alarms else FINE,
        LOOK.get(gauge, ""),
    )


def _amount(gauge: Gauge, value: int) -> str:
    """A count as it is; seconds in the largest unit that tells enough."""
    if not gauge.endswith("_seconds"):
        return f"{value:,}"
    if value < 120:
        return ngettext("%(count)s second", "%(count)s seconds", value) % {"count": value}
    if value < 7200:
        return ngettext("%(count)s minute", "%(count)s minutes", value // 60) % {"count": value // 60}
    return ngettext("%(count)s hour", "%(count)s hours", value // 3600) % {"count": value // 3600}
