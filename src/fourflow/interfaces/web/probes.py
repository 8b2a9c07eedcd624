"""What machines ask: is the process alive, may it be sent visitors, which version is it, and how is everything.

All readings come from the tables at the moment of asking, so that it does not matter which process answers.
"""

from __future__ import annotations

import hmac
import ipaddress
import os
from collections.abc import Iterator
from importlib.metadata import version as version_of
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from fourflow.config import wiring
from fourflow.oversight.monitoring.types import LIMITS, Gauge

#: what a reading of a gauge is of
LABELS = {
    Gauge.WITNESS_LAG: "witness",
    Gauge.CONSUMER_LAG: "consumer",
    Gauge.BANK_MESSAGE_LAG: "bank",
    Gauge.LEDGER_IMBALANCE: "currency",
}
HELP = {
    Gauge.UNSEQUENCED_LEAVES: "Committed events that have no number in the evidence log yet.",
    Gauge.UNSEQUENCED_AGE: "Age of the oldest of them.",
    Gauge.CHECKPOINT_AGE: "Age of the oldest leaf that no signed head covers; 0 when all are covered.",
    Gauge.WITNESS_LAG: "Age of the oldest leaf that a witness has not cosigned.",
    Gauge.CONSUMER_LAG: "Age of the next event in a consumer's queue.",
    Gauge.PARKED_EVENTS: "Events that a consumer could not handle.",
    Gauge.WEBHOOK_LAG: "Seconds that the oldest webhook has been due.",
    Gauge.BANK_MESSAGE_LAG: "Age of the oldest order that a bank has not answered in full.",
    Gauge.UNCALLED_AGE: "Time since the day began on which the oldest voucher fell due whose payment nobody has asked for.",
    Gauge.UNMATCHED_CASH: "Credits that lie in suspense.",
    Gauge.UNMATCHED_CASH_AGE: "Age of the oldest of them.",
    Gauge.UNSENT_NOTICES: "E-mails that wait longer than they should, were refused, or are in doubt.",
    Gauge.LEDGER_IMBALANCE: "Debits less credits, added up over books without sign, in minor units.",
}


@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers. Nothing else is looked at: a database that is away is no reason to start it again."""
    return JsonResponse({"alive": True})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The process can serve visitors: its database answers and has been set up. Otherwise 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from platform_installation")
    except DatabaseError:
        return JsonResponse({"ready": False, "database": "does not answer, or is not set up"}, status=503)
    return JsonResponse({"ready": True})


@require_safe
def version(request: HttpRequest) -> HttpResponse:
    """Which release runs here, and whether it is a sandbox."""
    environment = "sandbox" if settings.SANDBOX else "production"
    return JsonResponse({"name": "fourflow", "version": version_of("fourflow"), "environment": environment})


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Gauges in the text format of Prometheus, for the machine itself and for who carries the operator's token.

    Anybody else is told 404: how much cash is unmatched is nobody's business.
    """
    if not (_local(request) or _carries_token(request)):
        return JsonResponse({"error": "nothing here"}, status=404)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Readings())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Readings(Collector):
    """Every reading, and beside each gauge its limit, so that one alert rule serves all."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = wiring.readings()
        for gauge in Gauge:
            label = LABELS.get(gauge)
            family = GaugeMetricFamily(f"fourflow_{gauge}", HELP[gauge], labels=[label] if label else [])
            for reading in found:
                if reading.gauge is gauge:
                    family.add_metric([reading.of] if label else [], reading.value)
            yield family
        limits = GaugeMetricFamily("fourflow_limit", "Above it the gauge alarms.", labels=["gauge"])
        for gauge, limit in LIMITS.items():
            limits.add_metric([gauge], limit)
        yield limits


def _local(request: HttpRequest) -> bool:
    """From the loopback and not through a proxy, which has the same address."""
    if any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via")):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _carries_token(request: HttpRequest) -> bool:
    """``Authorization: Bearer`` with what stands in the file that FOURFLOW_METRICS_TOKEN_FILE names."""
    file = os.environ.get("FOURFLOW_METRICS_TOKEN_FILE")
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if not file or scheme.lower() != "bearer":
        return False
    expected = Path(file).read_text(encoding="utf-8").strip()
    return len(expected) >= 16 and hmac.compare_digest(expected.encode(), given.strip().encode())
