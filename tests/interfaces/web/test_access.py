"""Who gets which page: every address for every workspace, strangers, wrong roles, repeated presses, odd input."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook
from tests.interfaces.web import seed
from tests.interfaces.web.scene import Scene, fields
from tests.statements import CEILING, asked

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import PayableState
from fourflow.capital.financing import queries as financings
from fourflow.capital.limits import queries as limits
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import HoldingState, VoucherState
from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.web.addresses import text, to
from fourflow.platform.events import queries as events
from fourflow.trade.documents import queries as documents

LISTS = (
    "/", "/inbox", "/inbox?whose=mine", "/inbox?whose=team", "/payables", "/deliveries", "/complaints",
    "/vouchers", "/vouchers?sort=-face&limit=25", "/financing",
    "/limits", "/payments", "/unmatched", "/parties", "/parties?q=supplier", "/audit", "/overdue", "/alerts", "/placed",
    "/promises", "/expected-cash", "/returned-cash", "/exceptions", "/reconciliations",
    "/alerts?state=ended",
)  # fmt: skip


def first(scene: Scene, state: VoucherState) -> Any:
    return vouchers.vouchers(actor=SYSTEM, where=vouchers.VoucherFilter(states=(state,))).rows[0]


def pages_of(scene: Scene) -> dict[str, list[str]]:
    """The pages of single objects that each workspace may open."""
    core = scene.here.core.maker
    waiting = approvals.requested_by(core)[0].approval
    offered = first(scene, VoucherState.OFFERED)
    financing = financings.financings(actor=SYSTEM)[0]
    held = next(h for h in vouchers.holdings(actor=scene.here.supplier().maker) if h.state is HoldingState.ACTIVE)
    line = limits.board(actor=SYSTEM)[0]
    one = to("voucher", financing.quote.voucher_id)
    payable = claims.payables(actor=core, states=[PayableState.PROPOSED], size=1)[0]
    delivery = documents.deliveries(core).items[0]
    return {
        "core": [
            one,
            "/issue",
            "/issue/batch",
            to("approval", waiting.id),
            to("limit", line.id),
            to("payable", payable.id),
            to("payable", payable.id, "/withdraw"),
            to("delivery", delivery.id, "/confirm"),
            to("voucher", offered.id, "/withdraw"),
            to("voucher", held.voucher_id, "/cancel"),
            to("voucher", held.voucher_id, "/dispute"),
        ],
        "core checker": [to("approval", waiting.id), to("payable", payable.id), to("voucher", held.voucher_id, "/pay")],
        "supplier": [
            one,
            to("voucher", offered.id, "/answer"),
            to("holding", held.id),
            to("holding", held.id, "/cash"),
            to("holding", held.id, "/transfer"),
            to("financing", financing.id),
            to("holding", held.id, "/credit"),
            to("holding", held.id, "/dispute"),
            to("voucher", held.voucher_id, "/complain"),
            "/holdings",
        ],
        "bank": [
            one,
            "/limits/announce",
            to("limit", line.id, "/change"),
            to("limit", line.id, "/freeze"),
            to("financing", financing.id),
            to("financing", financing.id, "/decide"),
            to("financing", financing.id, "/plan"),
            to("limit", line.id),
        ],
        "operator": [
            one,
            "/parameters",
            "/parameters/propose",
            "/parameters/propose?key=term.soft_months",
            to("voucher", held.voucher_id, "/freeze"),
            to("party", scene.here.core.id),
        ],
        "regulator": [
            one,
            "/parameters",
            "/statistics",
            "/requests",
            f"/requests/new?party={text('party', scene.here.core.id)}",
        ],
    }


def test_every_page_is_drawn_for_every_workspace_with_few_queries(scene: Scene) -> None:
    single = pages_of(scene)
    for who in scene.clients:
        for path in (*LISTS, *single.get(who, [])):
            answer, statements = asked(lambda who=who, path=path: scene.get(who, path))
            assert answer.status_code == 200, (who, path)
            assert len(statements) <= CEILING, (who, path, len(statements))
            assert "SANDBOX" in answer.content.decode()
            assert "'unsafe-inline'" not in answer["Content-Security-Policy"]


def test_both_languages_draw_every_page_without_leftovers(scene: Scene) -> None:
    client = scene.clients["supplier"]
    for path in (*LISTS, *pages_of(scene)["supplier"]):
        body = client.get(path, headers={"accept-language": "zh-CN"}).content.decode()
        assert '<html lang="zh-Hans"' in body
        assert "沙盒环境" in body
        assert "Where you are" not in body and "To sign" not in body


def test_a_stranger_finds_nothing(scene: Scene) -> None:
    financing = financings.financings(actor=SYSTEM)[0]
    waiting = approvals.requested_by(scene.here.core.maker)[0].approval
    for path in (
        to("financing", financing.id),
        to("approval", waiting.id),
        to("voucher", first(scene, VoucherState.OFFERED).id),
        "/vouchers/vch_00000000000000000000000000",
        "/vouchers/vch_nonsense",
    ):
        answer = scene.get("fourth", path)
        assert answer.status_code == 404, path
        assert "There is nothing here" in answer.content.decode()


def test_a_holder_does_not_read_what_happens_to_other_holders_parts(scene: Scene) -> None:
    financing = financings.financings(actor=SYSTEM)[0]
    path = to("voucher", financing.quote.voucher_id)
    assert "locked for financing" in scene.get("supplier", path).content.decode()
    assert "locked for financing" not in scene.get("second", path).content.decode()
    locked = next(e for e in events.of_subject(financing.quote.voucher_id) if e.kind == "holding.locked_for_finance")
    assert scene.get("supplier", f"/events/{text('event', locked.id)}").status_code == 200
    assert scene.get("second", f"/events/{text('event', locked.id)}").status_code == 404
    assert scene.get("second", f"/events/{text('event', locked.id)}/bundle").status_code == 404


def test_a_wrong_role_gets_the_page_that_says_so(scene: Scene) -> None:
    for who, path in (("supplier", "/issue"), ("bank", "/issue/batch"), ("regulator", "/issue")):
        answer = scene.get(who, path)
        assert answer.status_code == 403, (who, path)
        assert "You may not do this" in answer.content.decode()


def test_without_a_session_every_page_leads_to_the_sign_in_and_back() -> None:
    answer = Client().get("/vouchers?sort=-face")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in?next=%2Fvouchers%3Fsort%3D-face"


def test_the_sign_in_leads_nowhere_outside(scene: Scene) -> None:
    email = seed.email(scene.here.core)
    for target in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        answer = Client().post("/sign-in", {"email": email, "password": seed.PASSWORD, "next": target})
        assert answer.status_code == 302 and answer["Location"] == "/", target
    wrong = Client(headers={"accept-language": "en"}).post("/sign-in", {"email": email, "password": "wrong"})
    assert wrong.status_code == 401
    assert "Address or password is wrong" in wrong.content.decode()


def test_a_decision_pressed_twice_is_one_decision(scene: Scene) -> None:
    client = scene.clients["core checker"]
    waiting = approvals.requested_by(scene.here.core.maker)[0].approval
    path = to("approval", waiting.id)
    given = {**fields(client.get(path)), "outcome": "approve", "opinion": "fits", "password": seed.PASSWORD}
    wrong = client.post(path, {**given, "password": "not it"})
    assert wrong.status_code == 403 and "Nothing was signed" in wrong.content.decode()
    assert vouchers.get(actor=SYSTEM, voucher_id=waiting.object_id).state is VoucherState.DRAFT
    changed = client.post(path, {**given, "digest": "00" * 32})
    assert changed.status_code == 409
    assert client.post(path, given).status_code == 302
    assert client.post(path, given).status_code == 302, "the same press again is answered, not performed"
    assert vouchers.get(actor=SYSTEM, voucher_id=waiting.object_id).state is VoucherState.OFFERED
    other = client.post(path, {**given, "opinion": "something else"})
    assert other.status_code == 422, "the same token with another content"
    late = client.post(path, {**given, "token": "new"})
    assert late.status_code == 409


def test_the_maker_cannot_decide(scene: Scene) -> None:
    waiting = scene.here.drafted()
    path = to("approval", waiting.approval_id)
    page = scene.get("core", path)
    assert "another person decides" in page.content.decode()
    answer = scene.clients["core"].post(path, {**fields(page), "outcome": "approve", "password": seed.PASSWORD})
    assert answer.status_code in (403, 409)
    assert vouchers.get(actor=SYSTEM, voucher_id=waiting.id).state is VoucherState.DRAFT


def test_a_list_leaves_as_excel_with_long_numbers_as_text(scene: Scene) -> None:
    answer = scene.get("core", "/vouchers?format=xlsx&sort=-face")
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(min_row=2))
    assert len(rows) == len(vouchers.vouchers(actor=SYSTEM, limit=200).rows)
    assert all(row[0].data_type == "s" and row[0].number_format == "@" and len(row[0].value) == 28 for row in rows)
    faces = [row[4].value for row in rows]
    assert faces == sorted(faces, reverse=True)


def test_a_batch_names_every_bad_row_and_submits_the_good_ones(scene: Scene) -> None:
    client = scene.clients["core"]
    payable = scene.here.payable("5000.00")
    number = payable.documents[0].number
    due = payable.due_date.isoformat()
    bank = scene.here.funder.name
    lines = ["document,face,due_on,bank,contract_clause,term_reason"]
    lines.append(f"{number},3000.00,{due},{bank},clause 4,")
    lines.append(f"{number},2500.00,{due},{bank},clause 4,")
    lines.append(f'{number},"=1+1",{due},{bank},,')
    lines.append(f"nothing,1.00,{due},{bank},,")
    file = io.BytesIO("\n".join(lines).encode())
    file.name = "batch.csv"
    dry = client.post("/issue/batch", {"file": file})
    body = dry.content.decode()
    assert dry.status_code == 200
    assert "1 can be issued" in body and "3 with errors" in body
    before = len(vouchers.vouchers(actor=SYSTEM, limit=200).rows)
    sent = {**fields(dry), "outcome": "approve", "password": seed.PASSWORD}
    assert client.post("/issue/batch", sent).status_code == 302
    assert client.post("/issue/batch", sent).status_code == 302
    assert len(vouchers.vouchers(actor=SYSTEM, limit=200).rows) == before + 1


def test_an_upload_that_is_no_table_is_refused_in_words(scene: Scene) -> None:
    client = scene.clients["core"]
    for content in (b"PK\x03\x04 not a workbook", b"\xff\xfe\x00", b"a,b\n1,2\n", b"x" * (2 * 1024 * 1024 + 1)):
        file = io.BytesIO(content)
        file.name = "batch.xlsx"
        answer = client.post("/issue/batch", {"file": file})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "Nothing was changed" in page and answer["X-Request-Id"] in page


@pytest.mark.requirement("R401")
def test_text_that_people_typed_is_never_markup(scene: Scene) -> None:
    attack = "<script>alert(1)</script>"
    for who, path in (
        ("core", f"/vouchers?q={attack}"),
        ("core", f"/parties?q={attack}"),
        ("core", f"/payments?q={attack}"),
    ):
        assert attack not in scene.get(who, path).content.decode()


def test_a_page_from_before_another_sign_in_is_called_out_of_date_and_not_forbidden(scene: Scene) -> None:
    """Two tabs of one browser: the form of the first has the secret of a sign-in that is over; its person may do the act."""
    browser = Client(enforce_csrf_checks=True)
    browser.cookies.load(scene.clients["core"].cookies.output(header="", sep=";"))
    refused = browser.post("/messages/settings", {"language": "en"}, headers={"accept-language": "en"})
    body = refused.content.decode()
    assert refused.status_code == 403 and "This page is out of date" in body and "Nothing was changed." in body
    assert "Your functions" not in body
