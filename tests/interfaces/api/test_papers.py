"""Papers at the API: sealed PDFs for whoever asks for one, their facts for machines, nothing for strangers."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from tests.builders import api, api_routes

from fourflow.platform.canonical_json import canonical


def test_a_party_takes_the_paper_as_pdf_or_as_facts_and_a_stranger_finds_nothing(world: api.World) -> None:
    held = api_routes.objects(world)
    path = f"holdings/{held['holding_id']}/certificate"
    facts = world.supplier.get(path)
    assert sha256(canonical(facts["content"])).hexdigest() == facts["digest"]
    assert facts["content"]["number"] == held["holding_id"]

    def as_pdf(who: api.Session, query: str = "") -> Any:
        return who.call("GET", f"{path}{query}", HTTP_ACCEPT="application/pdf")

    document = as_pdf(world.supplier)
    assert document.startswith(b"%PDF-1.7") and b"/Lang(en)" in document
    assert (
        world.supplier.last.headers["Content-Disposition"]
        == f'attachment; filename="certificate-{held["holding_id"]}.pdf"'
    )
    assert "Accept" in world.supplier.last.headers["Vary"]
    assert b"/Lang(zh-CN)" in as_pdf(world.supplier, "?language=zh")
    stranger = api.sign_in(world.cast.suppliers[2])
    assert (as_pdf(stranger)["code"], stranger.status) == ("holding.not_found", 404)


def test_there_is_no_agreement_before_the_bank_has_said_yes(world: api.World) -> None:
    held = api_routes.objects(world)
    refused = world.supplier.get(f"financings/{held['financing_id']}/agreement", 409)
    assert refused["code"] == "paper.not_yet"
    assert world.supplier.get(f"holdings/{held['holding_id']}/notice", 409)["code"] == "paper.not_yet"
