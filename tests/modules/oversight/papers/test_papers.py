"""Agreements, certificates and notices: what they say, that they are sealed, and that the register can be compared."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import segno
from django.utils import translation
from tests.browsing import ROOT
from tests.builders.financing import EARLY, Desk

from fourflow.capital.financing.types import Financing, FinancingNotFound
from fourflow.capital.vouchers.types import HoldingNotFound, HoldingState
from fourflow.interfaces.web.components.status import KINDS
from fourflow.oversight.papers import queries
from fourflow.oversight.papers.types import TEMPLATES, Paper, PaperKind, PaperNotYet
from fourflow.platform.ids import encode, new_id
from fourflow.platform.pdf.sealing import SandboxSealer, authority_pem
from fourflow.platform.pdf.typesetting import NotPrintable

SITE = "https://fourflow.example"
needs_poppler = pytest.mark.skipif(not shutil.which("pdfsig"), reason="poppler-utils are missing")


@pytest.fixture
def paid(desk: Desk) -> Financing:
    """300,000.00 that supplier 2 holds at tier 2, financed with recourse and paid out."""
    return desk.on(EARLY).paid_out(recourse=True)


@pytest.fixture
def papers(desk: Desk, paid: Financing) -> list[Paper]:
    """Agreement, certificate and notice, as the supplier gets them."""
    actor = desk.company.actor(desk.company.firm_of(paid.quote.applicant_id))
    return [
        queries.agreement(actor=actor, financing_id=paid.id, as_of=EARLY),
        queries.certificate(actor=actor, holding_id=paid.holding_id, as_of=EARLY),  # type: ignore[arg-type]
        queries.notice(actor=actor, holding_id=paid.holding_id, as_of=EARLY),  # type: ignore[arg-type]
    ]


def draw(paper: Paper, language: Any = "zh", *, sandbox: bool = True) -> bytes:
    return queries.unsealed(paper, language=language, site=SITE, sandbox=sandbox)


def poppler(tool: str, document: bytes, folder: Path, *options: str) -> str:
    file = folder / "paper.pdf"
    file.write_bytes(document)
    done = subprocess.run([tool, *options, str(file)], capture_output=True, text=True, check=False, cwd=folder)
    return done.stdout + done.stderr


def words(document: bytes, folder: Path) -> str:
    """The text without the breaks and gaps that the setting put in."""
    poppler("pdftotext", document, folder, "-raw")
    return "".join((folder / "paper.txt").read_text().split())


@needs_poppler
def test_the_agreement_says_the_signed_price_in_figures_and_words_of_both_languages(
    papers: list[Paper], tmp_path: Path
) -> None:
    agreement = papers[0]
    consent = agreement.facts["consent"]["digest"]
    zh, en = (words(draw(agreement, language), tmp_path) for language in ("zh", "en"))
    for said in (
        "USD300,000.00",
        "美元叁拾万元整",
        "有追索权",
        "登记编号R-1",
        "综合年化成本4.63%",
        "第1页/共2页",
        consent,
    ):
        assert said in zh
    for said in ("USdollarsthreehundredthousandonly", "withrecourse", "RegistrationnumberR-1", "Page1of2", consent):
        assert said in en
    for said in (agreement.digest, agreement.number, "SUPPLIER-TWO", "BANK-ONE"):
        assert said in zh and said in en


@needs_poppler
def test_the_agreement_says_whether_a_person_of_the_bank_or_its_system_decided(
    papers: list[Paper], tmp_path: Path
) -> None:
    by_system, person = papers[0], new_id()
    facts = by_system.facts
    by_person = replace(by_system, facts={**facts, "decision": {**facts["decision"], "by": str(person)}})
    assert "DecidedbyB'sownsystem:sme-7" in words(draw(by_system, "en"), tmp_path).replace("’", "'")
    assert "由乙方自有系统决定：sme-7" in words(draw(by_system, "zh"), tmp_path)
    for language, said in (("en", "Decidedbyperson"), ("zh", "决定人编号：")):
        paper = words(draw(by_person, language), tmp_path)
        assert said + encode("per", person) in paper and str(person) not in paper


@needs_poppler
def test_a_certificate_leads_from_the_cores_two_signatures_to_the_holder_and_a_notice_names_the_trade(
    papers: list[Paper], tmp_path: Path
) -> None:
    _, certificate, notice = papers
    said = words(draw(certificate), tmp_path)
    for act in certificate.facts["commitment"]:
        assert act["digest"] in said
    assert [link["holder"] for link in certificate.facts["links"]][-1] == "Supplier Two Ltd"
    (trade,) = certificate.facts["confirmation"]["documents"]
    assert (
        trade.removeprefix("delivery ") in said
        and "交货单" in said
        and "delivery" not in said
        and "美元叁拾万元整" in said
    )
    assert (notice.facts["giver"]["name"], notice.facts["taker"]["name"]) == ("Supplier One Ltd", "Supplier Two Ltd")
    assert [act["act"] for act in notice.facts["acts"]] == ["holding.transfer", "holding.accept"]
    assert "orderSO-7" in words(draw(notice), tmp_path)
    for paper in papers:
        assert not re.search("(maker|checker) of", json.dumps(paper.content())), "people stand by number, not by name"


def test_papers_call_a_parts_states_what_the_pages_call_them() -> None:
    template = ROOT / "src/fourflow/oversight/papers/templates" / TEMPLATES / "certificate.zh.typ"
    said = dict(re.findall(r"(\w+): \[([^\]]+)\]", template.read_text(encoding="utf-8").split("#let acts")[0]))
    with translation.override("zh-hans"):
        assert {state: said.get(state) for state in HoldingState} == {
            state: str(KINDS["holding"][state.name].word) for state in HoldingState
        }


@needs_poppler
def test_the_code_on_the_first_page_leads_to_the_check_of_this_paper(papers: list[Paper], tmp_path: Path) -> None:
    """The picture of the page is read module by module: 25 mm wide, at the right margin (layout.typ), ten dots a millimetre."""
    file = tmp_path / "paper.pdf"
    for paper, language in itertools.product(papers, ("zh", "en")):
        file.write_bytes(draw(paper, language))
        picture = subprocess.run(
            ["pdftoppm", "-r", "254", "-gray", "-singlefile", file], capture_output=True, check=True
        )
        _, size, _, dots = picture.stdout.split(b"\n", 3)
        asked = {"kind": paper.kind.value, "number": paper.number, "as_of": EARLY.isoformat(), "digest": paper.digest}
        code = segno.make(f"{SITE}/papers/check?{urlencode(asked)}", error="m").matrix
        places = [int((module + 0.5) * 250 / len(code)) for module in range(len(code))]
        width, left, top = int(size.split()[0]), 1630, 240
        printed = [[dots[(top + y) * width + left + x] < 128 for x in places] for y in places]
        assert printed == [[bool(module) for module in row] for row in code]


def test_the_same_facts_give_the_same_bytes_and_both_languages_the_same_digest(papers: list[Paper]) -> None:
    for paper in papers:
        assert draw(paper) == draw(paper)
        assert draw(paper) != draw(paper, "en")
        other = replace(paper, facts={**paper.facts, "more": "x"})
        assert other.digest != paper.digest and draw(other) != draw(paper)


@needs_poppler
def test_any_reader_sees_the_seal_and_a_changed_byte_breaks_it(papers: list[Paper], tmp_path: Path) -> None:
    sealed = queries.pdf(papers[0], language="zh", site=SITE, sandbox=True, sealer=SandboxSealer())
    assert sealed.startswith(draw(papers[0]))
    told = poppler("pdfsig", sealed, tmp_path, "-nocert")
    assert "Signature is Valid" in told and "Total document signed" in told
    at = sealed.index(b"facts.json")
    forged = sealed[:at] + b"fects.json" + sealed[at + 10 :]
    assert "Signature is Valid" not in poppler("pdfsig", forged, tmp_path, "-nocert")


def test_the_seal_is_certified_by_this_installations_authority(papers: list[Paper]) -> None:
    from asn1crypto import pem, x509
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    sealed = queries.pdf(papers[1], language="en", site=SITE, sandbox=True, sealer=SandboxSealer())
    root = x509.Certificate.load(pem.unarmor(authority_pem())[2])
    (signature,) = PdfFileReader(BytesIO(sealed)).embedded_signatures
    for roots, trusted in (([root], True), ([], False)):
        with ThreadPoolExecutor(1) as own:  # the library brings an event loop; a browser test may have left one here
            found = own.submit(validate_pdf_signature, signature, ValidationContext(trust_roots=roots)).result()
        assert (found.intact, found.valid, found.trusted) == (True, True, trusted)


@needs_poppler
def test_the_facts_are_attached_for_machines_and_their_digest_stands_in_the_margin(
    papers: list[Paper], tmp_path: Path
) -> None:
    for paper in papers:
        poppler("pdfdetach", draw(paper, "en"), tmp_path, "-saveall")
        attached = (tmp_path / "facts.json").read_bytes()
        assert sha256(attached).hexdigest() == paper.digest
        assert json.loads(attached) == paper.content()


@needs_poppler
def test_a_sandboxs_paper_says_on_every_page_that_it_has_no_effect(papers: list[Paper], tmp_path: Path) -> None:
    for language, mark in (("zh", "沙盒样本,无法律效力"), ("en", "SANDBOX,nolegaleffect")):
        assert words(draw(papers[0], language), tmp_path).count(mark) == 2
        assert mark not in words(draw(papers[0], language, sandbox=False), tmp_path)


def test_there_is_no_agreement_before_the_funders_yes_and_no_notice_to_the_first_supplier(desk: Desk) -> None:
    early = desk.on(EARLY)
    asked = early.requested()
    supplier = desk.company.actor(desk.company.firm_of(asked.quote.applicant_id))
    with pytest.raises(PaperNotYet):
        queries.agreement(actor=supplier, financing_id=asked.id, as_of=EARLY)
    held = early.company.held()
    first = desk.company.actor(desk.company.firm_of(held.holder_id))
    with pytest.raises(PaperNotYet):
        queries.notice(actor=first, holding_id=held.id, as_of=EARLY)


def test_a_stranger_gets_no_paper_and_is_not_told_why(desk: Desk, paid: Financing) -> None:
    stranger = desk.company.actor(desk.company.supplier(4))
    asked: list[tuple[type[Exception], Callable[[], Paper]]] = [
        (
            FinancingNotFound,
            lambda: queries.agreement(actor=stranger, financing_id=paid.id, as_of=EARLY),
        ),
        (
            HoldingNotFound,
            lambda: queries.certificate(actor=stranger, holding_id=paid.holding_id, as_of=EARLY),  # type: ignore[arg-type]
        ),
        (
            HoldingNotFound,
            lambda: queries.notice(actor=stranger, holding_id=paid.holding_id, as_of=EARLY),  # type: ignore[arg-type]
        ),
    ]
    for refusal, ask in asked:
        with pytest.raises(refusal):
            ask()


def test_a_paper_is_compared_with_the_register_as_it_is_now(desk: Desk, paid: Financing) -> None:
    actor = desk.company.actor(desk.company.firm_of(paid.quote.applicant_id))
    before = queries.certificate(actor=actor, holding_id=paid.holding_id, as_of=EARLY)  # type: ignore[arg-type]

    def now() -> Paper:
        return queries.again(actor=actor, kind=PaperKind.CERTIFICATE, number=before.number, as_of=EARLY)

    assert queries.matches(now(), before.digest)
    assert not queries.matches(now(), "0" * 64)
    desk.overdue(paid)
    assert not queries.matches(now(), before.digest)


def test_a_character_that_the_fonts_lack_is_refused_instead_of_printed_as_a_box(papers: list[Paper]) -> None:
    rare = replace(
        papers[1], facts={**papers[1].facts, "holder": {**papers[1].facts["holder"], "name": "\U00020bb7野"}}
    )
    with pytest.raises(NotPrintable) as refused:
        draw(rare)
    assert "\U00020bb7" in refused.value.params["reason"]


@needs_poppler
def test_long_names_and_numbers_stand_beside_each_other_and_not_upon_each_other(
    papers: list[Paper], tmp_path: Path
) -> None:
    long = {"name": "Supply Chain Management System (SCMS) programme", "party": "Supply Chain Management System (SCMS)"}

    def stretched(facts: Any) -> Any:
        if isinstance(facts, list):
            return [stretched(one) for one in facts]
        if not isinstance(facts, dict):
            return facts
        if "identifiers" in facts:
            return {**facts, **long, "identifiers": [{"scheme": "sandbox", "value": "AUROBINDO-PHARMA-LIMITED-45D8"}]}
        return {key: long.get(key, stretched(one)) if key == "party" else stretched(one) for key, one in facts.items()}

    for paper in papers:
        poppler("pdftotext", draw(replace(paper, facts=stretched(paper.facts)), sandbox=False), tmp_path, "-bbox")
        for page in (tmp_path / "paper.html").read_text().split("<page ")[1:]:
            found = re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)<', page)
            boxes = [(*map(float, place), word) for *place, word in found]
            upon = [
                (a[4], b[4])
                for a, b in itertools.combinations(boxes, 2)
                if min(a[2], b[2]) - max(a[0], b[0]) > 7 and min(a[3], b[3]) - max(a[1], b[1]) > 4
            ]
            assert upon == [], paper.kind
