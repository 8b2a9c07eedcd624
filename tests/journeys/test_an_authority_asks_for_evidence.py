"""The regulator's case by pages alone: a figure, what it is made of, a request, and a pack that proves itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.browsing import ROOT, go
from tests.builders.evidence_log import LocalWitness
from tests.journeys.tongues import Tongue

from fourflow.foundation.evidence.adapters.home import HeadFile, LocalKey
from fourflow.foundation.evidence.jobs import Writer
from fourflow.foundation.evidence.ports import Log
from fourflow.platform.crypto.keys import secret

ENGLISH = Tongue("en-GB")
CHINESE = Tongue(
    "zh-CN",
    {
        "Regulator": "监管方",
        "Statistics": "统计",
        "Overdue": "逾期",
        "Outstanding": "未付余额",
        "Vouchers by state": "按状态列示的数信",
        "Stop list": "停单名单",
        "Ask for evidence": "申请证据",
        "Purpose": "用途",
        "Authority": "依据",
        "Answer by": "答复期限",
        "This is needed.": "此项必填。",
        "Continue": "继续",
        "Ask": "申请",
        "Open": "待处理",
        "Answered": "已答复",
        "Inbox": "待办",
        "Hand out": "提供",
        "Note": "说明",
        "Facts in the pack": "证据包中的事实",
        "Pack with proofs": "证据包（含证明）",
        "Data read": "数据查阅记录",
        "Supervision": "监管",
    },
)
SCRIPT = ROOT / "tools" / "verify" / "fourflow_verify.py"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """The site's log with a bank's witness; the head is kept where both stories find it."""
    key = LocalKey(secret("log"))
    head = HeadFile(tmp_path_factory.mktemp("log") / "head.txt")
    return Log(signer=key, head=head, witnesses=(LocalWitness("bank-a.example", key),))


def minor(text: str) -> int:
    """A sum as read, in minor units."""
    return int(re.sub(r"\D", "", text))


@pytest.mark.parametrize("say", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_a_figure_is_followed_to_its_rows_and_a_late_one_is_asked_about(
    company_site: str,
    enter: Callable[..., Any],
    behind: Callable[[], AbstractContextManager[None]],
    log: Log,
    tmp_path: Path,
    say: Tongue,
) -> None:
    regulator = enter("viewer@regulator.example", language=say.locale)
    expect(regulator.locator(".top .org")).to_contain_text(say("Regulator"))
    say.menu(regulator, "Statistics")
    states = regulator.locator("section", has=regulator.get_by_role("heading", name=say("Vouchers by state")))
    late = states.locator("tbody tr", has_text=say("Overdue"))
    outstanding = late.locator("td").last
    told, sum_of = outstanding.inner_text(), minor(outstanding.inner_text())
    go(outstanding.locator("a"))
    parts = regulator.locator("main tbody tr")
    assert parts.locator(".side-top").all_inner_texts() == [say("Overdue")] * parts.count() != []
    amounts = parts.locator(f"td[data-label='{say('Outstanding')}']").all_inner_texts()
    assert sum(map(minor, amounts)) == sum_of, told

    say.menu(regulator, "Overdue")
    expect(regulator.get_by_role("heading", name=say("Stop list"))).to_be_visible()
    go(regulator.locator("#overdue tbody a").first)
    go(regulator.locator("main tbody a.main").first)
    assert regulator.locator("main").get_by_role("button").count() == 0, "who oversees changes nothing"
    say.follow(regulator, "Ask for evidence")
    authority = f"{say('Authority')} 2014-7"
    regulator.get_by_label(say("Purpose")).fill("unpaid on its due date")
    regulator.get_by_label(say("Answer by")).fill("2014-06-30")
    say.press(regulator, "Continue")
    expect(regulator.locator(".field.bad .error")).to_contain_text(say("This is needed."))
    regulator.get_by_label(say("Authority")).fill(authority)
    say.press(regulator, "Continue")
    expect(regulator.locator(".facts").first).to_contain_text(authority)
    say.press(regulator, "Ask")
    regulator.wait_for_url(re.compile("/requests/"))
    expect(regulator.locator(".page-head .tag")).to_have_text(say("Open"))

    with behind():
        assert Writer(log, every=0).run_once().signed
    operator = enter("maker@operator.example", language=say.locale)
    say.menu(operator, "Inbox")
    go(operator.locator("main tbody tr", has_text=authority).locator("a").first)
    operator.get_by_label(say("Note")).fill("complete")
    say.press(operator, "Continue")
    say.press(operator, "Hand out")
    expect(operator.locator(".page-head .tag")).to_have_text(say("Answered"))
    with behind():
        assert Writer(log, every=0).run_once(at_once=True).signed

    regulator.reload()
    facts = regulator.locator("section", has=regulator.get_by_role("heading", name=say("Facts in the pack")))
    with regulator.expect_download() as held:
        regulator.get_by_role("link", name=say("Pack with proofs")).click()
    held.value.save_as(tmp_path / "pack.zip")
    proves_itself(tmp_path / "pack.zip", log, named=facts.locator("tbody tr").count())

    say.menu(operator, "Data read")
    look = operator.locator("main tbody tr", has_text=f"req_{regulator.url[-6:]}").first
    expect(look).to_contain_text(say("Supervision"))  # the pack that was just taken along
    assert [one for one in regulator.problems if "422" not in one] == operator.problems == []


def proves_itself(pack: Path, log: Log, named: int) -> None:
    """As a stranger checks it with a policy of their own: the answer signs the manifest, and each fact is in the log."""
    (witness,) = log.witnesses
    policy = pack.with_name("policy.txt")
    policy.write_text(f"log {log.signer.vkey}\nwitness a {witness.vkey}\ngroup banks all a\nquorum banks\n")
    with zipfile.ZipFile(pack) as file:
        file.extractall(pack.parent)
    manifest = (pack.parent / "manifest.json").read_bytes()
    facts = sorted((pack.parent / "facts").iterdir())
    listed = {(fact["position"], fact["kind"]) for fact in json.loads(manifest)["facts"]}
    assert len(listed) == len(facts) == named > 0

    def verdict(bundle: Path) -> Any:
        """Fails unless the log's key and the bank's witness signed for it."""
        command = [sys.executable, "-I", "-S", str(SCRIPT), str(bundle), "--policy", str(policy)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
        return json.loads(answer.stdout)

    answer = verdict(pack.parent / "answer.tlog-proof")
    assert answer["disclosed"]["sha256"] == sha256(manifest).hexdigest()
    assert {(one["index"], one["kind"]) for one in map(verdict, (facts[0], facts[-1]))} <= listed
