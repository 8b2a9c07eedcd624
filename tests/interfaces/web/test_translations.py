"""Every word that a page can show has a Chinese translation, with the same placeholders."""

from __future__ import annotations

import ast
import dataclasses
import gettext
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from django.utils import translation
from tools import i18n

from fourflow.capital.claims.types import ExchangeKind, RegistrationKind, RegistrationState, Scheme
from fourflow.capital.financing.types import CostKind, FeePayee, FinancingState
from fourflow.capital.settlement.types import (
    AccountKind,
    AnswerStatus,
    Direction,
    ExceptionKind,
    InstructionState,
    InvoiceDirection,
    MatchBasis,
    Purpose,
    Verdict,
)
from fourflow.capital.vouchers.types import Act, HoldingState, OverlayKind, VoucherState
from fourflow.foundation.access.types import Ending, ReadPurpose, Strength
from fourflow.foundation.approvals.types import ApprovalState
from fourflow.foundation.approvals.types import Verdict as Decided
from fourflow.foundation.parties.types import (
    BINDING,
    ApplicationState,
    Barred,
    ChangeKind,
    ChangeState,
    DeclarationInvalid,
    Function,
    LicenceKind,
    RestrictionSource,
    RoleKind,
    SizeClass,
)
from fourflow.interfaces.web import expected, menu, names, refusals
from fourflow.interfaces.web.components.status import KINDS, Status
from fourflow.interfaces.web.pages import admission, codes, payables, registrations, snapshots
from fourflow.oversight.reports.types import Rhythm, ScheduleState
from fourflow.platform.events.types import Event
from fourflow.trade.documents.types import DocumentKind, ImportMode, ImportState


def test_every_message_has_a_chinese_translation() -> None:
    assert i18n.missing() == []


def test_translations_keep_the_placeholders_of_their_message() -> None:
    faults = []
    for (_context, message, plural), entry in i18n.read(i18n.PAGES).items():
        wanted = set(re.findall(r"%\((\w+)\)[sd]", plural or message))
        if entry.translation and set(re.findall(r"%\((\w+)\)[sd]", entry.translation)) != wanted:
            faults.append(message)
    assert faults == []


def test_the_compiled_catalogue_is_what_gettext_reads() -> None:
    entries = {
        ("", "%(n)s row", "%(n)s rows"): i18n.Entry(("", "%(n)s row", "%(n)s rows"), "%(n)s 行"),
        ("state", "Held", ""): i18n.Entry(("state", "Held", ""), "持有中"),
        ("", 'a "quoted"\nline', ""): i18n.Entry(("", 'a "quoted"\nline', ""), "引文"),
    }
    catalogue = gettext.GNUTranslations(io.BytesIO(i18n.compiled(entries)))
    assert catalogue.ngettext("%(n)s row", "%(n)s rows", 5) == "%(n)s 行"
    assert catalogue.pgettext("state", "Held") == "持有中"
    assert catalogue.gettext('a "quoted"\nline') == "引文"
    assert catalogue.gettext("unknown") == "unknown"


def test_a_catalogue_survives_writing_and_reading(tmp_path) -> None:  # type: ignore[no-untyped-def]
    entries = i18n.read(i18n.PAGES)
    i18n.write(tmp_path / "again.po", entries, {})
    assert {k: e.translation for k, e in i18n.read(tmp_path / "again.po").items()} == {
        k: e.translation for k, e in entries.items()
    }


#: what pages show of closed vocabularies: the words, and everything that may stand there
VOCABULARIES: dict[str, tuple[Mapping[str, object], Iterable[str]]] = {
    **{
        kind: ({state.lower(): one.word for state, one in KINDS[kind].items()}, of)
        for kind, of in {
            "voucher": VoucherState,
            "holding": HoldingState,
            "financing": FinancingState,
            "payment": InstructionState,
            "approval": ApprovalState,
        }.items()
    },
    "licences": (names.LICENCES, LicenceKind),
    "functions": (names.FUNCTIONS, Function),
    "barred": (names.BARRED, Barred),
    "sources": (names.SOURCES, RestrictionSource),
    "sizes": (names.SIZES, SizeClass),
    "schemes": (names.SCHEMES, Scheme),
    "purposes": (names.PURPOSES, Purpose),
    "exceptions": (names.EXCEPTIONS, ExceptionKind),
    "answers": (names.ANSWERS, AnswerStatus),
    "verdicts": (names.VERDICTS, Verdict),
    "costs": (names.COSTS, CostKind),
    "payees": (names.PAYEES, FeePayee),
    "bases": (names.BASES, MatchBasis),
    "binding": (names.BINDING, BINDING),
}


@pytest.mark.parametrize("name", VOCABULARIES)
def test_whatever_may_stand_on_a_page_has_its_word(name: str) -> None:
    words, possible = VOCABULARIES[name]
    assert sorted(set(possible) - set(words)) == []


@pytest.mark.requirement("R361")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_guides_draw_a_vouchers_way_in_the_words_of_the_pages(language: str) -> None:
    guide = (i18n.ROOT / "docs" / "user-guide" / f"{language}.md").read_text(encoding="utf-8")
    drawn = set(re.findall(r"\w+[\[(]+([^\])]+)[\])]+$", guide.partition("```mermaid")[2].partition("```")[0], re.M))
    with translation.override("zh-hans" if language == "zh" else "en"):
        states = {str(KINDS["voucher"][state.name].word) for state in VoucherState}
        parts = {
            str(KINDS["holding"][name].word) for name in ("ACTIVE", "LOCKED_TRANSFER", "LOCKED_FINANCE", "FINANCED")
        }
    assert sorted((states | parts) - drawn) == []


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_two_states_of_one_object_never_bear_the_same_word(language: str) -> None:
    """A filter with the same choice twice leaves the reader guessing: a rejected application is not a returned one."""
    own = {"application": admission.STATES, "payable": payables.STATES, "registration": registrations.STATES}
    tables: Mapping[str, Mapping[Any, Status]] = {**KINDS, **own}
    with translation.override(language):
        for kind, states in tables.items():
            words = [str(one.word) for one in set(states.values())]
            assert sorted({word for word in words if words.count(word) > 1}) == [], kind


#: what no page of a person hands on: the log of evidence and the command line speak to programs and operators in English,
#: and so do a client's assertion and the readers of banks' messages and of the ERP's own file, whose problems stand by code
FOR_PROGRAMS = (
    "foundation/evidence",
    "interfaces/cli",
    "platform/crypto",
    "capital/settlement/adapters",
    "trade/documents/adapters",
)


def expectations() -> dict[str, str]:
    """Every text in the product that a refusal says it expected, with 7 for each value in it, and where it stands."""
    found = {}
    for path in sorted(i18n.SOURCE.rglob("*.py")):
        where = str(path.relative_to(i18n.SOURCE))
        if where.startswith(FOR_PROGRAMS):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            given: list[ast.expr] = []
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") != "AssertionInvalid":
                given = [word.value for word in node.keywords if word.arg == "expected"]
                given += node.args[2:] if getattr(node.func, "id", "") in ("_wrong", "_conflict") else []
            elif isinstance(node, ast.Assign) and any(getattr(one, "id", "") == "expected" for one in node.targets):
                given = [node.value]
            for text in (text for one in given for text in said(one)):
                found[text] = f"{where}:{node.lineno}"
    return found


def said(node: ast.expr) -> Iterable[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(one.value) if isinstance(one, ast.Constant) else "7" for one in node.values)
    elif isinstance(node, ast.BoolOp | ast.IfExp):
        for each in node.values if isinstance(node, ast.BoolOp) else (node.body, node.orelse):
            yield from said(each)


#: names of things, the same in every language
NAMES = {
    "OpenID Connect",
    "PCI DSS",
    "Aurobindo Pharma Limited",
    "Joseph Mwangi",
    "fourflow evidence verify",
    "make assets",
    "C2SP tlog-checkpoint",
}
#: what stands in a text for something else
VALUES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def english_in(text: str) -> list[str]:
    """Runs of two or more words that are not Chinese, names of things left out."""
    runs = re.findall(r"[A-Za-z][\w-]*(?:[ ,]+[A-Za-z][\w-]*)+", VALUES.sub("·", text))
    return [run for run in runs if run not in NAMES and ", " not in run and re.search("[a-z]{2}", run)]


def test_whatever_a_refusal_expected_is_said_in_chinese() -> None:
    told = expectations()
    assert len(told) > 80
    with translation.override("zh-hans"):
        english = {
            f"{where}: {text}"
            for text, where in told.items()
            if re.search("[a-z]{2}", re.sub(r"\.\w+|utf-8", "", text)) and expected.told(text) == text
        }
        assert english == set(), "their sentences stand in interfaces/web/expected.py"
        assert expected.told("up to 1200.50 CNY") == "不超过 ¥1,200.50"
        shown = refusals.problem(DeclarationInvalid(field="reason", expected="at least 10 characters"))
        assert str(shown.message).endswith("（至少 10 个字符）")


def test_no_chinese_text_has_a_sentence_of_another_language_in_it() -> None:
    faults = {
        entry.translation
        for path in (i18n.PAGES, i18n.CODES)
        for entry in i18n.read(path).values()
        if english_in(entry.translation)
    }
    assert faults == set()


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (r"(?<!红字)凭证", "数信 is a voucher; only a credit note is a 红字凭证"),
        (r"帐户|帐号|登陆|其它", "账户, 账号, 登录, 其他"),
        (r"沙箱|紧急权限|第二(验证)?因素|数据推送", "沙盒, 应急权限, 第二验证方式, Webhook"),
        (r"开立人|贵机构|贵公司|牌照|贷项|入驻|否决", "开立方, 贵单位, 许可证, 红字凭证, 准入, 驳回"),
        (r"[\u4e00-\u9fff][,;:?!]|[,;?!][\u4e00-\u9fff]", "full-width punctuation between characters"),
        (r"\d[，：．]\d", "half-width punctuation between digits"),
    ],
)
def test_chinese_texts_keep_to_the_terms_and_the_punctuation_of_the_house(wrong: str, right: str) -> None:
    faults = {
        entry.translation
        for path in (i18n.PAGES, i18n.CODES)
        for entry in i18n.read(path).values()
        if re.search(wrong, VALUES.sub("甲", entry.translation))
    }
    assert faults == set(), right


#: fields of facts that pages leave out
UNNAMED: set[str] = set()


def kinds_of(kind: type[Event]) -> Iterable[type[Event]]:
    """The facts that are published, not what several of them share."""
    for one in kind.__subclasses__():
        if hasattr(one, "kind"):
            yield one
        yield from kinds_of(one)


def test_every_field_and_code_of_a_fact_has_its_words() -> None:
    """A fact's page shows its fields by name: whatever an event may carry, and the codes that stand there, has words."""
    published = list(kinds_of(Event))
    named = {one.name for kind in published for one in dataclasses.fields(kind)} - {"subject_id", "effective_at"}
    assert len(published) > 60 and len(named) > 90
    assert {name for name in named if name not in snapshots.LABELS and not name.endswith(snapshots.IDS)} == UNNAMED
    vocabularies: dict[str, Iterable[str]] = {
        "account_kind": AccountKind,
        "act": Act,
        "bars": Barred,
        "basis": MatchBasis,
        "direction": [*Direction, *InvoiceDirection],
        "exception": ExceptionKind,
        "exchange": ExchangeKind,
        "mode": ImportMode,
        "overlay": OverlayKind,
        "purpose": [*Purpose, *ReadPurpose],
        "reason": Ending,
        "registration_kind": RegistrationKind,
        "rhythm": Rhythm,
        "roles": RoleKind,
        "scheme": Scheme,
        "state": [*ApprovalState, *ApplicationState, *ChangeState, *ImportState, *RegistrationState, *ScheduleState],
        "strength": Strength,
        "verdict": Decided,
        "what": [*menu.APPROVALS, *DocumentKind, *ChangeKind],
    }
    assert {(name, one) for name, of in vocabularies.items() for one in of if one not in codes.WORDS[name]} == set()
