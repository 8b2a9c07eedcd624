"""``fourflow demo`` on a few deliveries of the real file: the story, its last page, and the site that starts again over it."""

from __future__ import annotations

import csv
import datetime
import io
import json
import os
import re
import shutil
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

import pytest
import typer
import yaml
from tests.builders.tampering import NOT_COVERED
from tests.interfaces.cli.served import PATIENCE, Served
from tests.interfaces.sandbox.party import eventually, ports_in_a_row

from fourflow.interfaces.cli import running

#: of the real file: five of one fortnight, two whose makers are other firms, one of the day on which the programme is late
DELIVERIES = {
    ("SCMS-205010", "ASN-23353"),
    ("SCMS-199700", "ASN-23138"),
    ("SCMS-199700", "ASN-23139"),
    ("SCMS-199850", "ASN-23208"),
    ("SCMS-199710", "ASN-23182"),
    ("SCMS-204290", "ASN-23338"),
    ("SCMS-206101", "ASN-24548"),
    ("SCMS-221920", "ASN-24156"),
    ("SCMS-223470", "ASN-24712"),
}
#: operations that the story counts, and the event that each of them leaves
EVENTS = {
    "claim.register": "claim.registered",
    "payable.confirm": "payable.confirmed",
    "voucher.draft": "voucher.drafted",
    "voucher.check": "voucher.offered",
    "voucher.accept": "voucher.accepted",
    "transfer.offer": "holding.transfer_offered",
    "transfer.accept": "holding.transferred",
    "financing.request": "financing.requested",
    "limit.decide": "limit.published",
    "party.decide": "party.onboarded",
    "restriction.decide_lift": "party.restriction_lifted",
    "account.register": "account.registered",
}
#: vouchers paid by their due date, later, and not due by the end of the story
PAID = """
with paid as (
  select subject_id, max((effective_at at time zone 'Asia/Shanghai')::date) as day
  from platform_event where kind = 'voucher.paid' group by 1)
select count(*) filter (where day <= due_on), count(*) filter (where day > due_on), count(*) filter (where day is null)
from vouchers_voucher left join paid on subject_id = id
"""
#: financings, and those whose times follow each other: the funder's and the registry's word with ours
IN_ORDER = """
with at as (
  select subject_id as id, min(effective_at) filter (where kind = 'financing.decided') as decided,
         min(effective_at) filter (where kind = 'financing.registered') as registered,
         min(effective_at) filter (where kind = 'financing.disbursed') as disbursed
  from platform_event group by 1)
select count(*), count(*) filter (
  where requested_at <= said and said <= decided and decided <= requeried_at
    and requeried_at <= registered and registered <= disbursed)
from (select *, (decision->>'decided_at')::timestamptz as said from financing_financing) f join at using (id)
"""
RATES = """
select q.recourse, trim_scale(q.annual_rate)::text, count(*) from financing_financing f
join financing_quote q on q.id = f.quote_id where f.decided_rate = q.annual_rate group by 1, 2
"""


def few_orders() -> bytes:
    """These deliveries as they stand in the file that ships, and one line more whose amount cannot be."""
    shipped = resources.files("fourflow.interfaces.cli.demo_data") / "scms_delivery_history.csv"
    head, *rows = csv.reader(io.StringIO(shipped.read_text(encoding="utf-8")))
    order, delivery, value = (head.index(name) for name in ("PO / SO #", "ASN/DN #", "Line Item Value"))
    taken = [row for row in rows if (row[order], row[delivery]) in DELIVERIES]
    bad = list(taken[0])
    bad[0], bad[order], bad[delivery], bad[value] = "999999", "SCMS-0", "ASN-0", "-1.00"
    written = io.StringIO()
    csv.writer(written).writerows([head, *taken, bad])
    return written.getvalue().encode()


def half_a_year() -> str:
    """The assumptions that ship, but for the time: five looks at the clock instead of thirty, everything turned into cash."""
    given = yaml.safe_load((resources.files("fourflow.interfaces.cli.demo") / "assumptions.yaml").read_text())
    given |= {"until": datetime.date(2014, 5, 15), "step_days": 28, "payment_term_days": 60}
    given["finance"]["every"] = 1
    return yaml.safe_dump(given)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The story was played once, by a user who is not root (other tests run as whoever runs them), in a path with spaces.

    Nothing may live in its home afterwards.
    """
    folder = tmp_path_factory.mktemp("demo")
    (folder / "orders.csv").write_bytes(few_orders())
    (folder / "assumptions.yaml").write_text(half_a_year())
    home = folder / "four flow"
    home.mkdir()
    served = Served(home, "demo", root=False)
    inputs = ("--orders", str(folder / "orders.csv"), "--assumptions", str(folder / "assumptions.yaml"))
    served.run("-m", "fourflow", "demo", "--once", "--port", str(served.port), *inputs)
    assert served.processes() == {}, "the story ended, and so did everything that it started"
    yield served
    served.kill_what_is_left()


def test_the_story_prints_what_it_assumed_what_it_did_and_that_all_books_agree(played: Served) -> None:
    page = (played.home / "story.txt").read_text()
    assert "payment_term_days" in played.talk and "sandbox-2026" not in played.talk, "assumptions are printed"
    assert page.splitlines()[1:12] == [
        "Order lines read 11, refused 1; 8 orders, 9 deliveries; 0 doubtful values reported by row.",
        "Deliveries of 2014 without the programme's own warehouse: 10 lines, 1419752.40 USD, 9 payables.",
        "Vouchers issued and accepted 9, parts passed to tier 2 2, financings asked for 8, paid out 8.",
        "Of 8 vouchers that fell due 7 paid by the due date, 1 late (by 28 days), 0 unpaid.",
        "Cash brought forward 930050.27 USD, that is 26,041,407 USD-days, at a cost of 3677.57 USD.",
        "Register 5400000 = ledger 5400000 minor units over 13 parties; the banks' own books hold 24000000000.",
        *page.splitlines()[7:8],
        "Refused as it must be: the same delivery financed twice (claim.payable_exceeded).",
        "Refused as it must be: one cent more than is held (holding.amount_invalid).",
        "Refused as it must be: back to the programme itself (holding.round_trip).",
        "Refused as it must be: to a related party (holding.related_parties).",
    ]
    assert "Refused as it must be: a new voucher while one is overdue (voucher.issuer_barred)." in page
    assert re.search(
        r"Evidence: \d+ leaves, sound, newest head cosigned by 2 witnesses; \d+ rows agree .*, 0 do not\.", page
    )
    assert "DIFFERS" not in page and "FINDING" not in page
    told = json.loads((played.home / "story.json").read_text())
    counts = told["counts"]
    assert told["agrees"] is True
    assert {name: counts[name] for name in counts if name.startswith("sandbox fault")} == {
        "sandbox fault: timeout": 1,
        "sandbox fault: twice": 1,
        "sandbox fault: reject": 2,
    }
    assert all(f"{name} {count}" in page for name, count in counts.items()), "operations are counted and printed"


@pytest.mark.requirement("R392")
def test_the_audit_names_every_row_of_which_any_column_was_changed(played: Served) -> None:
    told = json.loads(played.run("-m", "tests.builders.tampering").splitlines()[-1])
    assert len(told["tables"]) >= 40 and told["columns"] >= 500, told
    assert {column for column in told["missed"] if not column.endswith(".recorded_at")} == NOT_COVERED


@pytest.mark.requirement("R193")
def test_the_site_starts_over_what_was_played_whatever_is_killed_and_ctrl_c_ends_everything(
    played: Served, tmp_path: Path
) -> None:
    counts = json.loads((played.home / "story.json").read_text())["counts"]
    played.port = ports_in_a_row(4)  # another one than the story had: its witnesses are found where they are now
    served = played.start()
    owner = Path(json.loads((served.home / "database.json").read_text())["host"]).name.split("-")[1]
    assert owner != "0", "the database believes that it is run by somebody else than root"
    kinds = dict(served.asked("select kind, count(*) from platform_event group by kind"))
    assert {operation: kinds[kind] for operation, kind in EVENTS.items()} == {name: counts[name] for name in EVENTS}
    # one order was not answered in time and asked about; each was sent once, and booked once however often it was told
    assert kinds["payment.unknown"] >= 1 and kinds["voucher.overdue"] == 1
    assert (
        kinds["instruction.given"] == kinds["instruction.sent"] == kinds["payment.settled"] + kinds["payment.rejected"]
    )
    assert kinds["cash.booked"] == 2 * kinds["payment.settled"]
    assert served.asked(PAID) == [(7, 1, 1)], "one was late on purpose; another is not due yet"
    assert served.asked(IN_ORDER) == [(8, 8)], "asked, decided, searched, registered, paid out: one after the other"
    # three of bank Alfa's with recourse cost less; the bank's own list says the same
    assert sorted(map(tuple, served.asked(RATES))) == [(False, "0.051", 1), (False, "0.054", 4), (True, "0.045", 3)]
    for line in json.loads((played.home / "story.json").read_text())["sign_ins"]:
        assert line["email"] in served.told()
    assert served.sign_in(line["email"], line["password"]) == 201

    before = served.log_size()
    served.happen(3)
    eventually(lambda: served.log_size() >= before + 3, PATIENCE)
    killed = {word: served.pid_of(word) for word in ("web", "worker", "sequencer")}
    for pid in killed.values():
        os.kill(pid, signal.SIGKILL)
    for word, pid in killed.items():
        eventually(lambda pid=pid, word=word: served.pid_of(word) not in (0, pid), PATIENCE)
    eventually(served.ready, PATIENCE)
    served.happen(2)
    eventually(lambda: served.log_size() >= before + 5, PATIENCE)
    served.run("-m", "fourflow", "backup", "create", str(tmp_path / "copy"))

    assert served.process is not None
    size = served.log_size()
    served.process.kill()  # the supervisor: the kernel ends its children, the database ends by itself
    served.process.wait()
    eventually(lambda: not [c for c in served.processes().values() if "fourflow" in c], PATIENCE)
    served.start()
    assert served.log_size() >= size
    assert served.asked("select count(*), sum(face_minor) from vouchers_voucher") == [(9, 141975240)]

    assert served.end(signal.SIGINT) == 0
    assert served.processes() == {}
    served.run("-m", "fourflow", "backup", "restore", "--yes", str(tmp_path / "copy"))
    assert served.processes() == {}, "a command that starts the database ends it"


def test_two_homes_run_side_by_side_and_the_end_of_one_is_not_the_end_of_the_other(
    played: Served, tmp_path: Path
) -> None:
    """Both are brought up at once by the command that people type, each with a database, ports and processes of its own."""
    both = []
    for name in ("one", "the other"):
        shutil.copytree(played.home, tmp_path / name)
        both.append(Served(tmp_path / name, root=False))
    one, other = both
    line = json.loads((played.home / "story.json").read_text())["sign_ins"][0]

    def sessions() -> list[int]:
        return [served.asked("select count(*) from access_session")[0][0] for served in both]

    try:
        with ThreadPoolExecutor(2) as starting:
            list(starting.map(Served.start, both))
        assert one.ready() and other.ready()
        members = other.processes()
        assert one.processes().keys().isdisjoint(members)
        before = sessions()
        assert one.sign_in(line["email"], line["password"]) == 201
        assert sessions() == [before[0] + 1, before[1]], "what happens in one is nothing to the other"
        assert one.end(signal.SIGINT) == 0
        assert (one.processes(), other.processes()) == ({}, members)
        assert other.ready() and other.sign_in(line["email"], line["password"]) == 201
        assert other.end(signal.SIGINT) == 0
        assert other.processes() == {}
    finally:
        for served in both:
            served.kill_what_is_left()


def test_of_two_checkouts_the_second_is_told_that_the_port_is_taken() -> None:
    with socket.socket() as first:
        first.bind(("127.0.0.1", port := ports_in_a_row(4)))
        first.listen()
        with running.talk.capture() as said, pytest.raises(typer.Exit) as ended:
            running.choose_ports(port)
    assert ended.value.exit_code == 2
    assert f"port {port} is in use" in said.get() and "PORT=" in said.get()
