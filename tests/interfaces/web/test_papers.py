"""Papers on the pages: where to take them, and the check that the code on them leads to."""

from __future__ import annotations

from urllib.parse import urlencode

from tests.builders.financing import Desk
from tests.interfaces.web.scene import Scene

from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.web.addresses import to
from fourflow.oversight.papers import queries
from fourflow.platform.crypto.signing import authority


def test_a_holder_takes_the_certificate_from_the_page_and_checks_it_by_its_code(scene: Scene) -> None:
    held = scene.here.held("7300.00")
    page = scene.get("supplier", to("holding", held.id)).content.decode()
    address = to("holding", held.id, "/certificate.pdf")
    assert f"{address}?language=zh" in page and "/notice.pdf" not in page
    assert address in scene.get("core", to("voucher", held.voucher_id)).content.decode()
    answer = scene.get("supplier", f"{address}?language=zh")
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    assert scene.get("fourth", address).status_code == 404

    paper = queries.certificate(actor=SYSTEM, holding_id=held.id, as_of=scene.here.day)
    printed = {"kind": "certificate", "number": paper.number, "as_of": paper.as_of.isoformat(), "digest": paper.digest}
    check = scene.get("supplier", f"/papers/check?{urlencode(printed)}")
    assert check.status_code == 200 and "says what the register says" in check.content.decode()
    forged = scene.get("supplier", f"/papers/check?{urlencode({**printed, 'digest': '0' * 64})}")
    assert "does not say what the register says now" in forged.content.decode()
    assert scene.get("fourth", f"/papers/check?{urlencode(printed)}").status_code == 404
    for wrong in ({"kind": "letter"}, {"as_of": "yesterday"}, {"number": "hld_x"}):
        assert scene.get("supplier", f"/papers/check?{urlencode({**printed, **wrong})}").status_code == 404


def test_only_an_approved_financing_has_an_agreement_to_take(scene: Scene) -> None:
    asked = Desk(scene.here).requested(scene.here.held("7400.00"))
    page, file = to("financing", asked.id), to("financing", asked.id, "/agreement.pdf")
    assert file not in scene.get("supplier", page).content.decode()
    assert scene.get("supplier", file).status_code == 409
    Desk(scene.here).says(asked, rate=None)
    for who in ("supplier", "bank"):
        assert file in scene.get(who, page).content.decode()
        assert scene.get(who, file).content.startswith(b"%PDF")
    assert scene.get("fourth", file).status_code == 404


def test_the_authoritys_certificate_is_public(scene: Scene) -> None:
    from cryptography.x509 import load_pem_x509_certificate
    from django.test import Client

    found = load_pem_x509_certificate(Client().get("/papers/authority.pem").content)
    assert found.public_key() == authority()[1].public_key()
