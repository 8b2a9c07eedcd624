"""Search, file, search again, against the sandbox registry as its own process, with every way in which it misbehaves."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.builders.claims import AT, Trade, person
from tests.builders.clients import receiving
from tests.interfaces.sandbox.party import eventually

from fourflow.capital.claims import jobs, operations, queries
from fourflow.capital.claims.adapters.http_registry import HttpRegistry
from fourflow.capital.claims.ports import Filing, PartyAtRegistry
from fourflow.capital.claims.types import (
    ClaimReferenceTaken,
    ExchangeState,
    ExchangeStateWrong,
    Registration,
    RegistrationKind,
    RegistrationNotFound,
    RegistrationState,
    RegistrationStateWrong,
    RegistryTimeout,
)
from fourflow.foundation.parties.types import RoleKind
from fourflow.platform.events import queries as events
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

pytestmark = pytest.mark.django_db

BANK, OPERATOR = person(roles=[RoleKind.FUNDER]), person(roles=[RoleKind.OPERATOR])
S, E = RegistrationState, ExchangeState


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home: Path = tmp_path_factory.mktemp("registry")
    command = [sys.executable, "-m", "fourflow_sandbox", "registry", "--port", "0", "--home", str(home)]
    process = subprocess.Popen(
        [*command, "--start-date", "2014-01-02", "--die-with-parent"],
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(Path(__file__).resolve().parents[4] / "src"), "PATH": ""},
    )
    assert process.stdout is not None
    yield json.loads(process.stdout.readline())["url"]
    process.terminate()
    process.wait(60)
    process.stdout.close()


@pytest.fixture
def registry(url: str) -> Iterator[HttpRegistry]:
    httpx.delete(f"{url}/faults", trust_env=False)
    port = HttpRegistry(url, timeout=30.0)
    yield port
    port.close()


@pytest.fixture
def fault(url: str) -> Callable[..., None]:
    def set_(endpoint: str, mode: str, **more: Any) -> None:
        body = {"endpoint": endpoint, "mode": mode, "times": 1, "delay_seconds": 0.05, **more}
        httpx.post(f"{url}/faults", json=body, trust_env=False).raise_for_status()

    return set_


@pytest.fixture
def url_get(url: str) -> Callable[[str], Any]:
    return lambda path: httpx.get(f"{url}{path}", trust_env=False).json()


def opened(trade: Trade, assets: tuple[str, ...] = ()) -> Registration:
    claim = trade.claim("100.00")
    return operations.open_registration(
        reference=f"fin_{claim.id}",
        kind=RegistrationKind.RECEIVABLE_TRANSFER,
        claim_ids=[claim.id],
        secured_party_id=BANK.organisation_id,
        debtor_id=trade.supplier_id,
        secured_party=PartyAtRegistry("Sandbox Bank Alfa", "BANK-A"),
        debtor=PartyAtRegistry("Supplier", "X2"),
        amount=Money.parse("100.00", "USD"),
        collateral="receivable under PO 1, ASN 7",
        assets=assets or (claim.id.hex,),
        term_months=12,
        effective_at=AT,
    )


def now_state(registration: Registration) -> RegistrationState:
    return queries.registration(actor=BANK, registration_id=registration.id).state


def exchange_states(registration: Registration) -> list[tuple[str, int, ExchangeState]]:
    found = queries.exchanges(actor=BANK, registration_id=registration.id)
    return [(exchange.kind.value, exchange.attempt, exchange.state) for exchange in found]


def sweep(registry: HttpRegistry, minutes: int = 0) -> int:
    return jobs.sweep(registry, AT + timedelta(minutes=minutes))


def registered(trade: Trade, registry: HttpRegistry) -> Registration:
    registration = opened(trade)
    sweep(registry)
    operations.register_security(registration_id=registration.id, effective_at=AT)
    sweep(registry)
    return queries.registration(actor=BANK, registration_id=registration.id)


def test_search_file_search_again_opens_the_way_to_a_payout(registry: HttpRegistry) -> None:
    trade = Trade()
    registration = opened(trade)
    assert (registration.state, registration.opens_payout) == (S.OPENED, False)
    with pytest.raises(ExchangeStateWrong):
        operations.search_again_before_filing(registration_id=registration.id, effective_at=AT)
    with pytest.raises(RegistrationStateWrong):
        operations.register_security(registration_id=registration.id, effective_at=AT)
    assert sweep(registry) == 1
    found = queries.registration_of(actor=BANK, reference=registration.reference)
    assert found is not None
    assert found.state is S.FOUND_CLEAN
    assert found.query_certificate.startswith("Q2014")
    operations.register_security(registration_id=registration.id, effective_at=AT)
    sweep(registry)
    found = queries.registration(actor=trade.supplier, registration_id=registration.id)
    assert found.state is S.REGISTERED
    assert found.registration_no.startswith("20140102")
    assert (str(found.expires_on), found.opens_payout) == ("2015-01-02", False)
    operations.query_again(registration_id=registration.id, effective_at=AT)
    sweep(registry)
    found = queries.registration(actor=BANK, registration_id=registration.id)
    assert (found.state, found.opens_payout) == (S.CLEAR, True)
    assert found.requery_certificate > found.query_certificate
    assert sweep(registry) == 0
    with pytest.raises(RegistrationNotFound):
        queries.registration(actor=person(), registration_id=registration.id)
    with pytest.raises(RegistrationNotFound):
        queries.exchanges(actor=trade.core_maker, registration_id=registration.id)


def test_somebody_elses_registration_stops_the_way_until_it_ends(registry: HttpRegistry) -> None:
    first = registered(Trade(), registry)
    second = opened(Trade(), assets=first.assets)
    sweep(registry)
    assert now_state(second) is S.ENCUMBERED
    with pytest.raises(RegistrationStateWrong):
        operations.register_security(registration_id=second.id, effective_at=AT)
    operations.search_again_before_filing(registration_id=second.id, effective_at=AT)
    operations.cancel_registration(registration_id=first.id, effective_at=AT)
    sweep(registry)
    assert (now_state(first), now_state(second)) == (S.CANCELLED, S.ENCUMBERED)
    operations.search_again_before_filing(registration_id=second.id, effective_at=AT)
    sweep(registry)
    assert now_state(second) is S.FOUND_CLEAN
    operations.abandon_registration(registration_id=second.id, reason="offer lapsed", effective_at=AT)
    assert now_state(second) is S.ABANDONED
    with pytest.raises(RegistrationStateWrong):
        operations.abandon_registration(registration_id=second.id, reason="again", effective_at=AT)


def test_who_came_between_search_and_filing_stops_the_payout(registry: HttpRegistry) -> None:
    ours = opened(Trade())
    theirs = opened(Trade(), assets=ours.assets)
    sweep(registry)
    operations.register_security(registration_id=theirs.id, effective_at=AT)
    sweep(registry)
    operations.register_security(registration_id=ours.id, effective_at=AT)
    sweep(registry)
    for registration in (ours, theirs):
        operations.query_again(registration_id=registration.id, effective_at=AT)
    sweep(registry)
    assert (now_state(ours), now_state(theirs)) == (S.ENCUMBERED, S.CLEAR)
    with pytest.raises(RegistrationStateWrong):
        operations.abandon_registration(registration_id=ours.id, reason="x", effective_at=AT)
    operations.cancel_registration(registration_id=theirs.id, effective_at=AT)
    assert now_state(theirs) is S.REGISTERED
    sweep(registry)
    operations.query_again(registration_id=ours.id, effective_at=AT)
    sweep(registry)
    assert (now_state(ours), now_state(theirs)) == (S.CLEAR, S.CANCELLED)


def test_a_search_that_hides_even_our_own_filing_opens_nothing(registry: HttpRegistry, fault: Any) -> None:
    registration = registered(Trade(), registry)
    fault("query", "contradict")
    operations.query_again(registration_id=registration.id, effective_at=AT)
    sweep(registry)
    assert now_state(registration) is S.REGISTERED
    operations.query_again(registration_id=registration.id, effective_at=AT)
    sweep(registry)
    assert now_state(registration) is S.CLEAR


def test_a_filing_without_an_answer_is_asked_about_and_not_sent_again(
    registry: HttpRegistry, fault: Any, url_get: Any
) -> None:
    registration = opened(Trade())
    sweep(registry)
    operations.register_security(registration_id=registration.id, effective_at=AT)
    fault("registrations", "timeout")
    sweep(registry)
    assert exchange_states(registration)[-1] == ("register", 1, E.UNKNOWN)
    with pytest.raises(RegistrationStateWrong):
        operations.query_again(registration_id=registration.id, effective_at=AT)
    with pytest.raises(ExchangeStateWrong):
        operations.register_security(registration_id=registration.id, effective_at=AT)
    assert sweep(registry) == 0
    assert sweep(registry, minutes=1) == 1
    assert exchange_states(registration)[-1] == ("register", 1, E.ANSWERED)
    found = queries.registration(actor=BANK, registration_id=registration.id)
    assert found.state is S.REGISTERED
    hits = url_get(f"/query?asset={registration.assets[0]}")["hits"]
    assert [hit["registration_no"] for hit in hits] == [found.registration_no]


def test_a_filing_that_the_registry_takes_late_is_found_by_asking_and_stands_once(
    url: str, registry: HttpRegistry, fault: Any, url_get: Any
) -> None:
    registration = opened(Trade())
    sweep(registry)
    operations.register_security(registration_id=registration.id, effective_at=AT)
    fault("registrations", "late", delay_seconds=1.5)
    impatient = HttpRegistry(url, timeout=0.5)
    sweep(impatient)
    impatient.close()
    assert exchange_states(registration)[-1] == ("register", 1, E.UNKNOWN)
    address = f"/query?asset={registration.assets[0]}"
    eventually(lambda: bool(url_get(address)["hits"]))
    assert sweep(registry, minutes=1) == 1
    assert (now_state(registration), exchange_states(registration)[-1]) == (S.REGISTERED, ("register", 1, E.ANSWERED))
    found = queries.registration(actor=BANK, registration_id=registration.id)
    assert [hit["registration_no"] for hit in url_get(address)["hits"]] == [found.registration_no]


def test_a_filing_that_was_lost_is_tried_again_only_after_the_registry_says_so(
    registry: HttpRegistry, fault: Any, url_get: Any
) -> None:
    registration = opened(Trade())
    sweep(registry)
    operations.register_security(registration_id=registration.id, effective_at=AT)
    fault("registrations", "lost")
    sweep(registry)
    sweep(registry, minutes=1)
    assert exchange_states(registration)[-1] == ("register", 1, E.NOT_RECEIVED)
    with pytest.raises(ExchangeStateWrong):
        operations.abandon_registration(registration_id=registration.id, reason="x", effective_at=AT)
    assert sweep(registry, minutes=2) == 1
    assert exchange_states(registration)[-2:] == [("register", 1, E.NOT_RECEIVED), ("register", 2, E.ANSWERED)]
    references = {e.client_reference for e in queries.exchanges(actor=BANK, registration_id=registration.id)}
    assert len(references) == 2
    assert len(url_get(f"/query?asset={registration.assets[0]}")["hits"]) == 1


def test_a_registry_that_files_and_says_no_is_not_believed(registry: HttpRegistry, fault: Any) -> None:
    registration = opened(Trade())
    sweep(registry)
    operations.register_security(registration_id=registration.id, effective_at=AT)
    fault("registrations", "contradict")
    sweep(registry)
    assert now_state(registration) is S.REGISTERED


def test_a_refused_filing_leaves_everything_as_it_was(registry: HttpRegistry, fault: Any) -> None:
    registration = opened(Trade())
    sweep(registry)
    operations.register_security(registration_id=registration.id, effective_at=AT)
    fault("registrations", "reject")
    sweep(registry)
    assert now_state(registration) is S.FOUND_CLEAN
    assert exchange_states(registration)[-1] == ("register", 1, E.REFUSED)
    operations.register_security(registration_id=registration.id, effective_at=AT)
    sweep(registry)
    assert now_state(registration) is S.REGISTERED


def test_a_registry_that_is_down_takes_nothing_and_gets_it_later(registry: HttpRegistry, fault: Any) -> None:
    registration = opened(Trade())
    fault("query", "down")
    sweep(registry)
    assert exchange_states(registration) == [("query", 1, E.NOT_RECEIVED)]
    assert sweep(registry, minutes=1) == 1
    assert now_state(registration) is S.FOUND_CLEAN
    away = HttpRegistry("http://127.0.0.1:9", timeout=0.2)
    operations.register_security(registration_id=registration.id, effective_at=AT)
    assert sweep(away) == 0
    away.close()
    assert exchange_states(registration)[-1] == ("register", 1, E.READY)


def test_a_worker_that_died_after_handing_over_leaves_a_request_that_is_asked_about(registry: HttpRegistry) -> None:
    registration = opened(Trade())
    sweep(registry)
    operations.register_security(registration_id=registration.id, effective_at=AT)
    exchange = queries.exchanges(actor=BANK, registration_id=registration.id)[-1]
    operations.hand_over(exchange_id=exchange.id, effective_at=AT)
    assert sweep(registry) == 0
    assert sweep(registry, minutes=1) == 1
    assert exchange_states(registration)[-1] == ("register", 1, E.NOT_RECEIVED)
    with pytest.raises(ExchangeStateWrong):
        operations.hand_over(exchange_id=exchange.id, effective_at=AT)


def test_a_changed_registration_must_be_searched_again(registry: HttpRegistry, url_get: Any) -> None:
    registration = registered(Trade(), registry)
    operations.query_again(registration_id=registration.id, effective_at=AT)
    sweep(registry)
    asset = new_id().hex
    operations.amend_registration(registration_id=registration.id, collateral="less", assets=[asset], effective_at=AT)
    sweep(registry)
    found = queries.registration(actor=BANK, registration_id=registration.id)
    assert (found.state, found.collateral, found.assets) == (S.REGISTERED, "less", (asset,))
    assert url_get(f"/registrations/{found.registration_no}")["collateral"] == "less"
    operations.query_again(registration_id=registration.id, effective_at=AT)
    sweep(registry)
    assert now_state(registration) is S.CLEAR


@pytest.mark.parametrize("mode", ["timeout", "lost"])
def test_an_end_without_an_answer_is_asked_about(registry: HttpRegistry, fault: Any, mode: str) -> None:
    registration = registered(Trade(), registry)
    operations.cancel_registration(registration_id=registration.id, effective_at=AT)
    fault("cancel", mode)
    sweep(registry)
    assert exchange_states(registration)[-1][2] is E.UNKNOWN
    sweep(registry, minutes=1)
    sweep(registry, minutes=2)
    assert now_state(registration) is S.CANCELLED


def test_an_answer_is_applied_once_and_every_row_stands_as_its_last_event_said(registry: HttpRegistry) -> None:
    registration = registered(Trade(), registry)
    exchange = queries.exchanges(actor=BANK, registration_id=registration.id)[-1]
    before = len(events.of_subject(registration.id))
    answer = registry.ask(exchange.kind, exchange.client_reference, "")
    operations.record_answer(exchange_id=exchange.id, answer=answer, effective_at=AT)  # type: ignore[arg-type]
    assert len(events.of_subject(registration.id)) == before
    recorded = {(row.table, row.key): row.digest for row in events.evidenced_rows()}
    assert {(row.table, row.key): row.digest() for row in queries.evidenced()} == recorded


def test_one_reference_has_one_registration() -> None:
    trade = Trade()
    registration = opened(trade)
    with pytest.raises(ClaimReferenceTaken):
        operations.open_registration(
            reference=registration.reference,
            kind=registration.kind,
            claim_ids=registration.claim_ids,
            secured_party_id=BANK.organisation_id,
            debtor_id=trade.supplier_id,
            secured_party=PartyAtRegistry("A", "A"),
            debtor=PartyAtRegistry("B", "B"),
            amount=registration.amount,
            collateral="x",
            assets=["a"],
            term_months=12,
            effective_at=AT,
        )


def test_requests_without_an_answer_hold_up_no_new_one(
    registry: HttpRegistry, fault: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BATCH", 1)
    silent = opened(Trade())
    fault("query", "timeout")
    sweep(registry)
    assert exchange_states(silent) == [("query", 1, E.UNKNOWN)]
    later = opened(Trade())
    assert sweep(registry) == 1
    assert now_state(later) is S.FOUND_CLEAN


def test_an_answer_that_nobody_can_read_is_no_answer() -> None:
    filing = Filing(
        client_reference=new_id().hex,
        kind=RegistrationKind.RECEIVABLE_TRANSFER,
        secured_party=PartyAtRegistry("A", "A"),
        debtor=PartyAtRegistry("B", "B"),
        collateral="x",
        assets=("a",),
        term_months=12,
    )
    with receiving(200) as says_nothing:
        garbled = HttpRegistry(says_nothing.url)
        with pytest.raises(RegistryTimeout, match="malformed"):
            garbled.register(filing)
        garbled.close()
