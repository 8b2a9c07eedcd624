"""Who is told of what, what is swept, and which outside parties stand behind the ports. The one place that knows all."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from fourflow.capital.claims import jobs as claims
from fourflow.capital.claims import queries as claim_queries
from fourflow.capital.claims.adapters.http_registry.client import HttpRegistry
from fourflow.capital.financing import jobs as financing
from fourflow.capital.financing import operations as financing_operations
from fourflow.capital.financing import queries as financing_queries
from fourflow.capital.financing.adapters.http_funder.client import HttpFunder
from fourflow.capital.financing.ports import FunderPort
from fourflow.capital.ledger import jobs as ledger
from fourflow.capital.ledger import queries as ledger_queries
from fourflow.capital.limits import operations as limit_operations
from fourflow.capital.limits import queries as limit_queries
from fourflow.capital.settlement import jobs as settlement
from fourflow.capital.settlement import queries as settlement_queries
from fourflow.capital.settlement.adapters.http_bank.client import HttpBank
from fourflow.capital.vouchers import jobs as vouchers
from fourflow.capital.vouchers import operations as voucher_operations
from fourflow.capital.vouchers import queries as voucher_queries
from fourflow.config import mail, outside
from fourflow.foundation.access import jobs as access
from fourflow.foundation.access import operations as access_operations
from fourflow.foundation.access import queries as access_queries
from fourflow.foundation.access.types import SessionView
from fourflow.foundation.approvals import jobs as approvals
from fourflow.foundation.approvals import queries as approval_queries
from fourflow.foundation.clients import jobs as clients
from fourflow.foundation.clients import operations as client_operations
from fourflow.foundation.clients import queries as client_queries
from fourflow.foundation.clients.adapters.http_webhook.courier import HttpCourier
from fourflow.foundation.evidence import queries as evidence_queries
from fourflow.foundation.evidence.adapters.home import LocalKey, open_log, read_policy
from fourflow.foundation.evidence.adapters.http_witness import HttpWitness
from fourflow.foundation.evidence.jobs import Writer
from fourflow.foundation.evidence.types import AuditReport
from fourflow.foundation.parameters import operations as parameter_operations
from fourflow.foundation.parameters import queries as parameter_queries
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties import operations as party_operations
from fourflow.foundation.parties import queries as party_queries
from fourflow.oversight.insight import queries as insight_queries
from fourflow.oversight.monitoring import queries as monitoring
from fourflow.oversight.monitoring.types import Reading
from fourflow.oversight.notices import jobs as notices
from fourflow.oversight.reports import jobs as reports
from fourflow.oversight.reports.ports import Maker
from fourflow.platform import clock
from fourflow.platform.crypto.keys import home, secret
from fourflow.platform.crypto.rotation import KeyRotated
from fourflow.platform.errors import FourflowError
from fourflow.platform.events.operations import consume, retry_parked
from fourflow.platform.events.types import Consumer, Event, Evidenced, RecordedEvent
from fourflow.platform.jobs import Sweeper, each
from fourflow.platform.pdf.sealing import SandboxSealer, Sealer
from fourflow.trade.documents import jobs as documents
from fourflow.trade.documents import queries as document_queries
from fourflow.trade.documents.adapters.scms import ScmsSource
from fourflow.trade.documents.adapters.table import TableSource
from fourflow.trade.documents.ports import DocumentSource

#: facts of the platform itself: no module's operations load them, and what is not loaded is in no catalogue and no filter
OF_THE_PLATFORM: tuple[type[Event], ...] = (KeyRotated,)


def _consumer(name: str, kind: str, function: Callable[[RecordedEvent], None]) -> Consumer:
    return Consumer(name, frozenset({kind}), function)


#: who follows which facts; a name is stored with every effect and never changes
CONSUMERS: tuple[Consumer, ...] = (
    _consumer("vouchers.redeem", "payment.settled", vouchers.on_payment_settled),
    _consumer("vouchers.rejected", "payment.rejected", vouchers.on_payment_rejected),
    _consumer("settlement.returned", "payment.settled", settlement.on_payment_settled),
    _consumer("settlement.return_failed", "payment.rejected", settlement.on_payment_rejected),
    _consumer("financing.gate", "registration.moved", financing.on_registration_moved),
    _consumer("financing.disbursed", "payment.settled", financing.on_payment_settled),
    _consumer("financing.rejected", "payment.rejected", financing.on_payment_rejected),
    _consumer("financing.collect", "voucher.paid", financing.on_voucher_paid),
    _consumer("financing.overdue", "voucher.overdue", financing.on_voucher_overdue),
    Consumer("vouchers.resolved", frozenset({"holding.unlocked", "holding.financed"}), vouchers.on_part_resolved),
    Consumer(
        "financing.release",
        frozenset({"financing.ended", "financing.collected", "financing.recourse"}),
        financing.on_over,
    ),
)

#: who lets go of what waited for a decision that nobody made in time, by the kind of the request
EXPIRED: Mapping[str, approvals.Expire] = {
    "access.recover": access_operations.expire_recovery,
    "client.terms": client_operations.expire,
    "financing.decide": financing_operations.expire_decision,
    "limit.publish": limit_operations.expire,
    "parameter.set": parameter_operations.expire,
    "party.change": party_operations.expire_change,
    "party.lift": party_operations.expire_lift,
    "party.onboard": party_operations.expire_application,
    "voucher.issue": voucher_operations.expire_draft,
}

#: every table that evidence covers, module by module; the audit recomputes them all
EVIDENCED: tuple[Callable[[], Iterator[Evidenced]], ...] = (
    approval_queries.evidenced,
    party_queries.evidenced,
    parameter_queries.evidenced,
    access_queries.evidenced,
    client_queries.evidenced,
    document_queries.evidenced,
    ledger_queries.evidenced,
    limit_queries.evidenced,
    claim_queries.evidenced,
    settlement_queries.evidenced,
    voucher_queries.evidenced,
    financing_queries.evidenced,
    insight_queries.evidenced,
)


@functools.cache
def funders() -> dict[UUID, FunderPort]:
    """The decision systems of the funders, by party."""
    return {bank.party_id: HttpFunder(bank.url) for bank in outside.read().banks if bank.party_id}


@functools.cache
def banks() -> dict[str, HttpBank]:
    return {bank.code: HttpBank(bank.code, bank.url) for bank in outside.read().banks}


@functools.cache
def registry() -> HttpRegistry | None:
    url = outside.read().registry
    return HttpRegistry(url) if url else None


def sweepers(every: float = 0.5) -> list[Sweeper]:
    """What the worker process sweeps."""
    found = [
        Sweeper("approvals.expire", 30.0, lambda: approvals.expire_due(EXPIRED)),
        Sweeper("access.lapse", 60.0, access.lapse_recoveries),
        Sweeper("access.seal", 30.0, access.seal_reads),
        Sweeper("ledger.expire", 60.0, ledger.expire_due),
        Sweeper("claims.lapse", 30.0, claims.lapse_payables),
        Sweeper("vouchers.lapse", 10.0, vouchers.lapse_offers),
        Sweeper("vouchers.mature", every, vouchers.mature_due),
        Sweeper("vouchers.unpaid", 5.0, vouchers.mark_unpaid),
        Sweeper("vouchers.defaults", 30.0, vouchers.mark_defaults),
        Sweeper("vouchers.totals", 30.0, vouchers.add_up_totals),
        Sweeper("financing.lapse", 5.0, financing.lapse_due),
        Sweeper("financing.ask", every, lambda: financing.ask_funders(funders)),
        Sweeper("financing.gate", every, financing.open_gates),
        Sweeper("financing.disburse", every, financing.disburse_due),
        Sweeper("financing.accrue", 10.0, financing.accrue_day),
        Sweeper("settlement.lapse", 30.0, settlement.lapse_proposals),
        *settlement.sweepers(banks(), every=every),
        *webhook_sweepers(every),
        *notice_sweepers(),
        Sweeper("reports.make", 10.0, lambda: reports.make_due(report_maker())),
        Sweeper("reports.forget", 60.0, reports.forget_old),
        Sweeper("parties.lapse", 60.0, lapse_applications),
        Sweeper("parties.forget", 60.0, forget_documents),
        Sweeper("documents.imports", 30.0, lambda: documents.continue_left(document_sources())),
        *import_module("fourflow.interfaces.web.jobs").sweepers(),
    ]
    if (found_registry := registry()) is not None:
        found.append(claims.registry_sweeper(found_registry, clock.now))
    return found


def lapse_applications() -> int:
    """End drafts and returned applications that nobody went on with, with the contents of their documents."""
    now = clock.now()
    before = now - timedelta(days=parameter_queries.integer(Key.ONBOARDING_IDLE_DAYS, clock.business_date(now)))
    return each(
        party_queries.idle_applications(before=before),
        lambda one: party_operations.abandon_application(application_id=one, idle_before=before, effective_at=now),
    )


def forget_documents() -> int:
    """Remove the contents of rejected applications' documents whose days are over; returns how many."""
    now = clock.now()
    days = parameter_queries.integer(Key.REFUSED_KEEP_DAYS, clock.business_date(now))
    return party_operations.forget_documents(refused_before=now - timedelta(days=days))


def sealer() -> Sealer:
    """Who seals the papers; a licensed authority's seal takes this place."""
    return SandboxSealer()


def courier() -> HttpCourier:
    """Who posts webhooks; to this machine only where the sandbox says so."""
    return HttpCourier(loopback=settings.WEBHOOK_LOOPBACK)


def webhook_body(event: RecordedEvent) -> bytes:
    """What partners are told of an event; the API says how it looks outside."""
    body: bytes = import_module("fourflow.interfaces.api.webhook_bodies").write(event)
    return body


def api_description() -> dict[str, Any]:
    """The OpenAPI description, for the pages that explain it."""
    schema: dict[str, Any] = import_module("fourflow.interfaces.api.inside").description()
    return schema


def api_read(page: HttpRequest, session: SessionView, path: str, query: str) -> HttpResponse:
    """What the API answers the person of a session who is signed in on a page."""
    answer: HttpResponse = import_module("fourflow.interfaces.api.inside").read(page, session, path, query)
    return answer


def webhook_sweepers(every: float = 0.5) -> list[Sweeper]:
    """What tells partners of events."""
    return clients.sweepers(courier(), webhook_body, every=every)


def notice_sweepers(every: float = 1.0) -> list[Sweeper]:
    """What tells people by e-mail; the pages say who decides what, and where an object is shown."""
    menu, addresses = (import_module(f"fourflow.interfaces.web.{name}") for name in ("menu", "addresses"))
    return notices.sweepers(
        mail.mailer(),
        checkers={kind: one.permissions for kind, one in menu.APPROVALS.items()},
        link=addresses.to,
        site=settings.PUBLIC_URL or settings.LOCAL_URL,
        sandbox=settings.SANDBOX,
        every=every,
    )


def report_maker() -> Maker:
    """What makes the files that people subscribe to: the pages, as they would show a list to that person."""
    maker: Maker = import_module("fourflow.interfaces.web.reports").make
    return maker


def consumer_sweepers(every: float = 0.2) -> list[Sweeper]:
    """One sweep a consumer, and one that tries parked events again."""
    follow = [Sweeper(f"consume.{c.name}", every, functools.partial(consume, c)) for c in CONSUMERS]
    return [*follow, Sweeper("consume.retry", 30.0, retry_all)]


def retry_all() -> int:
    """Try every parked event again."""
    return sum(retry_parked(consumer, clock.now()) for consumer in CONSUMERS)


def readings(now: datetime | None = None) -> tuple[Reading, ...]:
    """What the operations page, ``/metrics`` and ``fourflow doctor`` show; at the request's instant where there is one."""
    names = [consumer.name for consumer in CONSUMERS]
    return monitoring.readings(consumers=names, now=now or clock.now(), at=clock.machine())


def audit_log() -> AuditReport:
    """The evidence log made anew, under the operator's own policy file; an unreadable file trusts nobody."""
    try:
        policy = read_policy(home())
    except (FourflowError, OSError):
        policy = None
    return evidence_queries.audit_log(policy=policy, log_vkey=LocalKey(secret("log")).vkey)


def writer() -> Writer:
    """The one writer of this installation's evidence log, with its witnesses."""
    return Writer(open_log(home=home(), seed=secret("log"), connect=HttpWitness))


def document_sources() -> dict[str, DocumentSource]:
    """Readers of other systems' files by name; an installation with further ones names their classes in its settings."""
    further = {name: import_string(path)() for name, path in getattr(settings, "DOCUMENT_SOURCES", {}).items()}
    return {"scms": ScmsSource(), "table": TableSource(), **further}
