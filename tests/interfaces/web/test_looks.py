"""Who oversees looks at the data of others: a line for each answer of either door, or there is no answer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from tests.builders import api
from tests.interfaces.api.test_access import ROUTES
from tests.interfaces.web import seed
from tests.interfaces.web.scene import Scene
from tests.scenes import outermost

from fourflow.capital.vouchers import queries as vouchers
from fourflow.foundation.access import operations, queries
from fourflow.foundation.access.domain.looking import class_of, look
from fourflow.foundation.access.models import Read
from fourflow.foundation.access.types import DataClass, Look
from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.api import looks as of_api
from fourflow.interfaces.web import looks as of_pages
from fourflow.interfaces.web import names
from fourflow.interfaces.web.addresses import text, to
from fourflow.platform import clock
from fourflow.platform.db.reading import reading
from fourflow.platform.events import queries as events
from fourflow.platform.models import StoredEvent

LOGGED = (DataClass.RESTRICTED, DataClass.CORE)


def pages() -> list[str]:
    """Every address of the pages, as the table of classes writes them."""
    from fourflow.interfaces.web.urls import urlpatterns

    return [re.sub(r"<\w+:\w+>", "*", str(one.pattern)).strip("^$") or "home" for one in urlpatterns]


@pytest.mark.requirement("R285")
def test_every_address_of_both_doors_says_what_class_of_data_it_shows() -> None:
    routes = [re.sub(r"{\w+_id}", "*", path).strip("/") for _method, path, _name in ROUTES]
    assert get_resolver().url_patterns and len(pages()) > 100 and len(routes) > 200
    for classes, addresses in ((of_pages.CLASSES, pages()), (of_api.CLASSES, routes)):
        assert [one for one in addresses if class_of(one, classes) is None] == [], "declare what it shows, in looks.py"
        used = {begin for one in addresses for begin in classes if f"{one}/".startswith(f"{begin}/")}
        passkeys_and_served_elsewhere = {"passkeys"}
        assert set(classes) - used - passkeys_and_served_elsewhere == set(), "declared, but there is no such address"
        spoken = {one.split("/")[0] for one in addresses if class_of(one, classes) in LOGGED}
        assert {one for one in spoken if names.read_what(one) == one} == set(), "give it a word in names.READ_WHAT"


def test_an_address_says_what_it_shows_and_whose_it_is() -> None:
    party = "prt_" + "0" * 25 + "1"
    voucher = "vch_" + "0" * 25 + "2"
    classes = {"vouchers": DataClass.RESTRICTED, "parties": DataClass.PUBLIC, "parties/*": DataClass.CORE}
    assert look(f"/vouchers/{voucher}/answer", [], classes) == Look(DataClass.RESTRICTED, "vouchers", voucher)
    found = look("/vouchers", [("state", "overdue"), ("holder", party)], classes)
    assert (found.object_id, found.filters) == ("", f"state=overdue&holder={party}")
    assert found.subject_party_id is not None and text("party", found.subject_party_id) == party
    assert look("/parties", [], classes).data_class is DataClass.PUBLIC
    assert look(f"/parties/{party}", [], classes).subject_party_id == found.subject_party_id
    assert look("/vouchers", [("holder", "prt_nonsense")], classes).subject_party_id is None
    own = found.subject_party_id
    assert look("/vouchers", [("holder", party)], classes, reader_id=own).subject_party_id is None
    assert look(f"/parties/{party}", [], classes, reader_id=own).subject_party_id == own
    assert look(f"/vouchers/{voucher}", [("of", party)], classes).subject_party_id is None, (
        "the object says whose it is"
    )
    assert len(look("/vouchers", [("q", "x" * 5000)], classes).filters) == 1000
    with pytest.raises(LookupError):
        look("/elsewhere", [], classes)


def door(firm: Any, person: str = "maker") -> api.Session:
    """The person, signed in at the API."""
    made = api.Session().post("tokens", {"email": seed.email(firm, person), "password": seed.PASSWORD}, 201, key=None)
    return api.Session(made["access_token"])


def told(firm: Any, since: int, query: str = "") -> list[Any]:
    """The lines that were written after the first ones and that a firm is told, the latest first."""
    lately = {text("read", one.id) for one in left(since)}
    return [one for one in door(firm).get(f"reads?limit=200{query}")["data"] if one["id"] in lately]


def left(since: int) -> list[Read]:
    """The lines that were written after the first ones."""
    return list(Read.objects.order_by("id")[since:])


@pytest.mark.requirement("R404")
def test_each_look_of_who_oversees_leaves_one_line_and_costs_one_statement(scene: Scene) -> None:
    voucher = vouchers.vouchers(actor=SYSTEM, limit=1).rows[0]
    begun, facts = Read.objects.count(), StoredEvent.objects.count()
    scene.get("operator", to("voucher", voucher.id))
    scene.get("regulator", "/vouchers?state=overdue&due[gte]=2014-01-01")
    scene.get("operator", "/vouchers?format=xlsx&sort=-face")
    assert scene.get("operator", to("voucher", voucher.id, "/freeze")).status_code == 200
    one, listed, file, form = left(begun)
    operator, regulator = scene.here.cast.operator, scene.here.cast.regulator
    assert (one.reader_person_id, one.organisation_id) == (operator.maker.person_id, operator.id)
    assert (one.account_id, one.session_id != "", one.data_class) == (operator.maker.account_id, True, "restricted")
    assert (one.what, one.object_id, one.filters, one.subject_party_id) == (
        "vouchers",
        text("voucher", voucher.id),
        "",
        None,
    )
    assert (one.purpose, one.authorisation_number) == ("operation", operator.maker.office)
    assert re.fullmatch(r"rec_\w{26}", operator.maker.office), "the grant of the operator's role"
    assert (listed.organisation_id, listed.what, listed.object_id) == (regulator.id, "vouchers", "")
    assert listed.filters == "state=overdue&due%5Bgte%5D=2014-01-01"
    assert (listed.purpose, listed.authorisation_number) == ("supervision", regulator.viewer.office)
    assert (file.filters, form.object_id) == ("format=xlsx&sort=-face", text("voucher", voucher.id))
    assert StoredEvent.objects.count() == facts, "looks at restricted data are lines, not facts"
    with CaptureQueriesContext(connection) as captured:
        scene.get("operator", "/payments")
    written = [query["sql"] for query in captured.captured_queries if "access_read" in query["sql"]]
    assert len(written) == 1 and written[0].upper().startswith("INSERT")


def test_what_is_public_or_ones_own_and_what_nobody_was_shown_leave_no_line(scene: Scene) -> None:
    begun = Read.objects.count()
    own = scene.here.cast.operator
    for path in ("/parameters", "/me", "/team", "/reads", "/audit", "/schedules", to("party", own.id)):
        assert scene.get("operator", path).status_code == 200, path
    assert scene.get("operator", "/vouchers/vch_00000000000000000000000000").status_code == 404
    assert scene.get("operator", "/issue").status_code == 403
    assert scene.get("regulator", f"/parties?q={text('party', own.id)}").status_code == 200
    assert scene.get("supplier", "/vouchers").status_code == scene.get("bank", "/financing").status_code == 200
    assert [(one.what, one.purpose) for one in left(begun)] == [("parties", "supervision")]


def test_core_data_is_a_fact_of_the_log_as_well_and_says_whose_it_is(scene: Scene) -> None:
    begun, core = Read.objects.count(), scene.here.core
    scene.get("regulator", to("party", core.id))
    (line,) = left(begun)
    assert (line.data_class, line.what, line.subject_party_id) == ("core", "parties", core.id)
    assert [fact.kind for fact in events.of_subject(line.id)] == ["access.data_read"]


def test_the_other_door_leaves_the_same_lines(scene: Scene) -> None:
    operator = door(scene.here.cast.operator)
    voucher = text("voucher", vouchers.vouchers(actor=SYSTEM, limit=1).rows[0].id)
    begun = Read.objects.count()
    operator.get(f"vouchers/{voucher}")
    operator.get("vouchers?state=overdue&limit=7")
    operator.get("parameters")
    operator.get("reads")
    operator.get("vouchers/vch_00000000000000000000000000", 404)
    door(scene.here.core).get("vouchers")
    told = [(one.what, one.object_id, one.filters, one.purpose) for one in left(begun)]
    assert told == [("vouchers", voucher, "", "operation"), ("vouchers", "", "state=overdue&limit=7", "operation")]


def test_what_cannot_be_logged_is_not_shown(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither while the database takes no line, nor where nobody declared what an address shows."""
    voucher = vouchers.vouchers(actor=SYSTEM, limit=1).rows[0]
    number, machine = text("voucher", voucher.id), door(scene.here.cast.operator)
    shown = scene.here.core.name
    assert shown in scene.get("operator", to("voucher", voucher.id)).content.decode()

    def full(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('INSERT INTO "access_read"'):
            raise OperationalError("disk full")
        return execute(sql, *rest)

    def tried() -> tuple[Any, Any]:
        client = scene.clients["operator"]
        monkeypatch.setattr(client, "raise_request_exception", False)
        with outermost(undone=True):
            page = client.get(to("voucher", voucher.id))
        with outermost(undone=True):
            return page, machine.call("GET", f"vouchers/{number}")

    with connection.execute_wrapper(full):
        page, answer = tried()
        assert scene.get("core", to("voucher", voucher.id)).status_code == 200, "nobody's look but an overseer's"
    assert page.status_code == 500 and shown not in page.content.decode()
    assert (machine.status, answer["code"]) == (503, "service.unavailable") and "face" not in answer
    for classes in (of_pages.CLASSES, of_api.CLASSES):
        monkeypatch.delitem(classes, "vouchers")
    page, answer = tried()
    assert page.status_code == machine.status == 500
    assert shown not in page.content.decode() and "face" not in answer


def test_the_log_of_reads_is_searched_by_what_firm_object_and_day(scene: Scene) -> None:
    core = scene.here.core
    voucher = text("voucher", vouchers.vouchers(actor=SYSTEM, limit=1).rows[0].id)
    for path in (f"/vouchers/{voucher}", to("party", core.id), "/limits"):
        scene.get("regulator", path)
    today = clock.today().isoformat()
    page = scene.get("operator", f"/reads?q={voucher}").content.decode()
    assert voucher in page and "/limits" not in re.sub(r"(?s)<nav.*?</nav>", "", page)
    regulator = door(scene.here.cast.regulator, "viewer")
    of = {"what": "parties", "party_id": text("party", core.id), "at%5Bgte%5D": today, "at%5Blte%5D": today}
    found = regulator.get("reads?" + "&".join(f"{name}={value}" for name, value in of.items()))["data"]
    assert found and {(one["what"], one["subject_party_id"], one["data_class"]) for one in found} == {
        ("parties", of["party_id"], "core")
    }
    assert regulator.get("reads?at%5Blte%5D=2000-01-01")["data"] == []
    ends = "at%5Bgte%5D=0001-01-01&at%5Blte%5D=9999-12-31"
    for asked in (f"reads?{ends}", f"audit/events?{ends}"):
        assert regulator.get(asked)["data"], "days at the ends of the calendar bound nothing"
    assert {scene.get("operator", f"/{page}?{ends}").status_code for page in ("reads", "events")} == {200}
    assert {one["what"] for one in regulator.get("reads?what=limits,vouchers")["data"]} == {"limits", "vouchers"}
    assert {one["object_id"] for one in regulator.get(f"reads?object_id={voucher}")["data"]} == {voucher}
    assert scene.get("operator", "/reads?party_id=nobody+of+this+name").content.decode().count("vch_") == 0


@pytest.mark.requirement("R404")
def test_a_party_sees_who_looked_at_it_and_at_what_it_may_see_and_nothing_else(scene: Scene) -> None:
    here = scene.here
    operator, core, holder, stranger = here.cast.operator, here.core, here.cast.suppliers[0], here.cast.suppliers[3]
    voucher, begun = here.accepted("640.00"), Read.objects.count()
    scene.get("operator", to("voucher", voucher.id))
    scene.get("regulator", to("party", core.id))
    scene.get("operator", to("party", holder.id))
    scene.get("operator", f"/vouchers?issuer_id={text('party', core.id)}&q={holder.name}")
    scene.get("operator", "/vouchers?state=overdue")
    asked = told(core, begun)
    assert [(one["what"], one["object_id"], one["purpose"]) for one in asked] == [
        ("vouchers", "", "operation"),
        ("parties", text("party", core.id), "supervision"),
        ("vouchers", text("voucher", voucher.id), "operation"),
    ]
    assert {(one["reader_person_id"], one["filters"]) for one in asked} == {(None, "")}, (
        "neither the person nor what else was asked for"
    )
    assert asked[0]["authorisation_number"] == operator.maker.office
    of_holder = [(one["what"], one["subject_party_id"]) for one in told(holder, begun)]
    assert of_holder == [("parties", text("party", holder.id)), ("vouchers", None)]
    assert told(stranger, begun) == told(core, begun, "&what=limits") == []
    assert told(core, begun, f"&party_id={text('party', holder.id)}") == []
    for firm, lines in ((core, 3), (holder, 2), (stranger, 0)):
        lately = [one.id for one in left(begun)]
        with reading(firm.maker):
            assert Read.objects.filter(id__in=lately).count() == lines, "the database shows no others"

    page = re.sub(r"(?s)<nav.*?</nav>", "", scene.get("core", "/reads").content.decode())
    assert holder.name not in page
    for said in (operator.name, here.cast.regulator.name, "Supervision", operator.maker.office, "Regulator"):
        assert said in page, said
    assert "maker of operator" not in page and "viewer of regulator" not in page
    line = asked[1]["id"]
    assert scene.get("operator", f"/reads?q={line}").content.decode().count('<tr id="') == 1, (
        "the number names the line"
    )
    assert scene.get("fourth", f"/reads?q={line}").content.decode().count('<tr id="') == 0
    assert "/reads" in scene.get("bank", "/").content.decode(), "every workspace leads there"


def test_who_is_looked_into_is_not_told_that_evidence_is_asked_for(scene: Scene) -> None:
    core = scene.here.core
    begun = Read.objects.count()
    assert scene.get("regulator", f"/requests/new?party={text('party', core.id)}").status_code == 200
    (line,) = left(begun)
    asked_about = f"party={text('party', core.id)}"
    assert (line.what, line.filters, line.subject_party_id) == ("requests", asked_about, None), "for who oversees"
    door(scene.here.cast.regulator, "viewer").get(f"evidence-requests?about={text('party', core.id)}")
    assert Read.objects.count() == begun + 2 and told(core, begun) == []


def test_a_readers_own_number_in_the_address_hides_no_look(scene: Scene) -> None:
    own = text("party", scene.here.cast.operator.id)
    voucher = vouchers.vouchers(actor=SYSTEM, limit=1).rows[0]
    begun = Read.objects.count()
    for path in (to("voucher", voucher.id), "/vouchers", "/payments"):
        assert scene.get("operator", f"{path}?of={own}").status_code == 200
    assert [(one.what, one.object_id) for one in left(begun)] == [
        ("vouchers", text("voucher", voucher.id)),
        ("vouchers", ""),
        ("payments", ""),
    ]


def test_broken_glass_is_the_number_under_which_its_person_reads(scene: Scene) -> None:
    begun = Read.objects.count()
    broken = operations.break_glass(
        reason="a stolen key is used",
        actor=scene.here.cast.operator.maker,
        policy=queries.policy(clock.today()),
        at=clock.machine(),
        effective_at=clock.now(),
    )
    scene.get("operator", "/payments")
    (line,) = left(begun)
    assert (line.purpose, line.authorisation_number) == ("emergency", api.encode("emg", broken.id))
