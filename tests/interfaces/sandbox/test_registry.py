"""The registry keeps what is filed, in order of arrival, and certifies what it answered."""

from __future__ import annotations

import http.client
import json
import sqlite3
from datetime import date
from typing import Any

import pytest
from tests.interfaces.sandbox.party import Party

from fourflow_sandbox.registry.register import add_months


def filing(reference: str, asset: str, bank: str = "BANK-A", **more: Any) -> dict[str, Any]:
    return {
        "client_reference": reference,
        "kind": "receivable_pledge",
        "secured_party": {"identifier": bank, "name": f"Sandbox {bank}"},
        "debtor": {"identifier": f"debtor of {asset}", "name": "供应商"},
        "collateral": "receivable under PO 1, ASN 7",
        "asset_hashes": [asset],
        "term_months": 12,
    } | more


def ranks(registry: Party, asset: str) -> list[str]:
    return [hit["secured_party"]["identifier"] for hit in registry.get(f"/query?asset={asset}").json["hits"]]


def test_a_filing_is_found_by_asset_and_debtor_and_certified(registry: Party) -> None:
    empty = registry.get("/query?asset=h1").json
    filed = registry.post("/registrations", filing("r1", "h1"))
    assert (filed.status, filed.headers["x-sandbox"], filed.json["state"]) == (201, "true", "active")
    found = registry.get("/query?asset=h0,h1").json
    by_debtor = registry.get("/query?debtor=debtor%20of%20h1").json
    assert (empty["hit_count"], found["hit_count"], by_debtor["hit_count"]) == (0, 1, 1)
    assert found["hits"][0]["registration_no"] == filed.json["registration_no"]
    assert "modify_code" not in found["hits"][0]
    assert len({empty["certificate_no"], found["certificate_no"], by_debtor["certificate_no"]}) == 3
    assert registry.get(f"/certificates/{empty['certificate_no']}").json == empty
    assert registry.get("/query").status == 422


def test_a_repeat_is_the_same_filing_and_another_content_is_refused(registry: Party) -> None:
    first, again = (registry.post("/registrations", filing("r2", "h2")) for _ in range(2))
    assert (first.status, again.status) == (201, 200)
    assert first.json == again.json == registry.get("/registrations?client_reference=r2").json
    assert registry.post("/registrations", filing("r2", "h2", term_months=6)).json["code"] == "reference.differs"
    assert registry.get("/registrations?client_reference=never").status == 404


def test_another_bank_may_file_on_the_same_asset_and_ranks_behind(registry: Party) -> None:
    registry.post("/registrations", filing("r3", "h3", "BANK-B"))
    registry.post("/registrations", filing("r4", "h3", "BANK-A"))
    assert ranks(registry, "h3") == ["BANK-B", "BANK-A"]


def test_changes_need_the_code_happen_once_and_are_kept(registry: Party) -> None:
    filed = registry.post("/registrations", filing("r5", "h5")).json
    path, code = f"/registrations/{filed['registration_no']}", {"modify_code": filed["modify_code"]}
    assert registry.post(path + "/amend", {"client_reference": "c0", "modify_code": "x"}).status == 403
    amend = code | {"client_reference": "c1", "collateral": "other", "asset_hashes": ["h5b"]}
    assert registry.post(path + "/amend", amend).json["asset_hashes"] == ["h5b"]
    assert (ranks(registry, "h5"), ranks(registry, "h5b")) == ([], ["BANK-A"])
    extend = code | {"client_reference": "c2", "term_months": 12}
    once, twice = (registry.post(path + "/extend", extend).json["expires_on"] for _ in range(2))
    assert once == twice == add_months(date.fromisoformat(filed["expires_on"]), 12).isoformat()
    assert registry.post(path + "/extend", extend | {"term_months": 1}).status == 409
    registry.post(path + "/objection", {"client_reference": "c3", "text": "mine"})
    assert registry.post(path + "/cancel", code | {"client_reference": "c4"}).json["state"] == "cancelled"
    assert (
        registry.post(path + "/extend", extend | {"client_reference": "c5"}).json["code"] == "registration.not_active"
    )
    changes = [change["kind"] for change in registry.get(path).json["changes"]]
    assert changes == ["initial", "amend", "extend", "objection", "cancel"]
    assert ranks(registry, "h5b") == []
    assert registry.post("/registrations/0/cancel", code | {"client_reference": "c6"}).status == 404


@pytest.mark.parametrize(
    "change", [{"term_months": 0}, {"term_months": 361}, {"kind": "house"}, {"debtor": "x"}, {"collateral": ""}]
)
def test_a_wrong_field_files_nothing(registry: Party, change: dict[str, Any]) -> None:
    assert registry.post("/registrations", filing("bad", "hbad") | change).status == 422
    assert registry.get("/registrations?client_reference=bad").status == 404


def test_a_registry_that_misbehaves_can_be_asked(registry: Party) -> None:
    for mode, known in (("timeout", 200), ("lost", 404)):
        registry.fault("registrations", mode)
        with pytest.raises((http.client.BadStatusLine, ConnectionError)):
            registry.post("/registrations", filing(f"f-{mode}", "hf"))
        assert registry.get(f"/registrations?client_reference=f-{mode}").status == known
    for mode, known in (("reject", 404), ("contradict", 200)):
        registry.fault("registrations", mode)
        assert registry.post("/registrations", filing(f"f-{mode}", "hf")).json["code"] == "registration.refused"
        assert registry.get(f"/registrations?client_reference=f-{mode}").status == known
    registry.fault("registrations", "twice")
    registry.post("/registrations", filing("f-twice", "hf2"))
    assert ranks(registry, "hf2") == ["BANK-A", "BANK-A"]
    registry.fault("query", "contradict", match="hf2")
    assert (ranks(registry, "hf2"), len(ranks(registry, "hf2"))) == ([], 2)


def test_a_registry_killed_while_filing_files_once_and_forgets_no_certificate(registry: Party) -> None:
    certificate = registry.get("/query?asset=hk").json
    for mode, reference in (("crash-before", "k1"), ("crash-after", "k2")):
        registry.fault("registrations", mode)
        with pytest.raises((http.client.BadStatusLine, ConnectionError)):
            registry.post("/registrations", filing(reference, "hk"))
        assert registry.gone() == -9
        registry.start()
        assert registry.post("/registrations", filing(reference, "hk")).status == (201 if reference == "k1" else 200)
    assert len(ranks(registry, "hk")) == 2
    assert registry.get(f"/certificates/{certificate['certificate_no']}").json == certificate


def test_filings_expire_by_the_registry_s_own_clock_which_never_goes_back(registry: Party) -> None:
    registry.post("/registrations", filing("r9", "h9", term_months=1))
    assert ranks(registry, "h9") == ["BANK-A"]
    registry.post("/clock", {"date": "2014-02-02"})
    assert ranks(registry, "h9") == ["BANK-A"]
    registry.post("/clock", {"date": "2014-02-03"})
    assert ranks(registry, "h9") == []
    assert registry.get("/registrations?client_reference=r9").json["state"] == "expired"
    assert registry.post("/clock", {"date": "2014-02-02"}).json["code"] == "clock.set_back"


def test_nothing_filed_or_certified_is_changed_or_removed_by_sql(registry: Party) -> None:
    registry.post("/registrations", filing("r8", "h8"))
    registry.get("/query?asset=h8")
    with sqlite3.connect(registry.home / "registry.sqlite3", timeout=20) as database:
        for statement in (
            "DELETE FROM registration",
            "UPDATE registration SET rank = rank + 100",
            "UPDATE registration SET filed_at = ''",
            "DELETE FROM change",
            "UPDATE change SET content = '{}'",
            "DELETE FROM certificate",
            "UPDATE certificate SET answer = '{}'",
        ):
            with pytest.raises(sqlite3.IntegrityError):
                database.execute(statement)
        content = json.loads(database.execute("SELECT content FROM change ORDER BY id DESC").fetchone()[0])
    database.close()
    assert content["client_reference"] == "r8"


def test_characters_that_nothing_can_store_are_refused_and_not_a_crash(registry: Party) -> None:
    assert registry.post("/registrations", filing("bad\ud800", "h")).status == 422
    assert registry.post("/registrations", filing("odd", "hodd", collateral="a\x00b")).status == 422
    assert registry.post("/registrations", filing("odd", "hodd", comment="\ud800")).status == 201
    assert registry.post("/faults", {"endpoint": "query", "mode": "down", "match": "\ud800"}).status == 422


@pytest.mark.parametrize(
    ("day", "months", "wanted"),
    [("2014-01-31", 1, "2014-02-28"), ("2016-01-31", 1, "2016-02-29"), ("2014-12-15", 360, "2044-12-15")],
)
def test_a_term_ends_on_the_same_day_or_the_last_of_the_month(day: str, months: int, wanted: str) -> None:
    assert add_months(date.fromisoformat(day), months).isoformat() == wanted
