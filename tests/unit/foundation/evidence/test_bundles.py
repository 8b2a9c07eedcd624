"""Bundles, checked by the platform's verifier and by the stand-alone one, which must always agree."""

from __future__ import annotations

import ast
import base64
import hashlib
import hmac
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders.evidence import BANK_A, BANK_B, LOG, MOMENT, STRANGER, SUBJECT, bundle, leaf, policy_text

from fourflow.foundation.evidence.domain.bundles import Bundle, parse_entry, verify_bundle
from fourflow.foundation.evidence.domain.policy import parse_policy
from fourflow.foundation.evidence.types import BundleInvalid, Result, Verdict
from fourflow.platform.canonical_json import canonical
from fourflow.platform.events.leaf import LABELS, build_leaf, field_digest, field_salt

SCRIPT = Path(__file__).resolve().parents[4] / "tools" / "verify" / "fourflow_verify.py"
GOOD = str(bundle(size=9, index=4))


def standalone() -> ModuleType:
    module = ModuleType("fourflow_verify")
    exec(compile(SCRIPT.read_text(), str(SCRIPT), "exec"), module.__dict__)
    return module


ALONE = standalone()


def both(text: str, policy: str) -> tuple[Verdict, dict[str, Any], int]:
    """The verdicts of the two verifiers, after checking that they say the same."""
    ours = verify_bundle(text, parse_policy(policy))
    theirs, status = ALONE.Verifier(policy).run(text)
    mine = ours.to_body()
    assert mine["verdict"] == theirs["verdict"] and ours.exit_code == status
    if ours.result is Result.REJECTED:
        assert not mine["checks"][-1]["ok"] and not theirs["checks"][-1]["ok"]
    else:
        for one in (mine, theirs):
            one["checks"] = [(check["check"], check["ok"]) for check in one["checks"]]
        assert mine == theirs
    return ours, theirs, status


def test_a_witnessed_bundle_opens_only_what_it_discloses() -> None:
    verdict, _, status = both(str(bundle()), policy_text())
    assert (verdict.result, status, len(verdict.witnesses)) == (Result.WITNESSED, 0, 2)
    assert sorted(verdict.disclosed) == ["amount", "event/version", "note"]
    assert verdict.undisclosed == 6 and "Acme" not in str(bundle())
    assert (verdict.size, verdict.index, verdict.kind) == (300, 256, "voucher.accepted")


def test_without_an_independent_cosignature_it_is_the_operators_word_only() -> None:
    for made in (bundle(witnesses=()), bundle(witnesses=(STRANGER,))):
        assert both(str(made), policy_text())[0].result is Result.OPERATOR_ONLY
        assert both(str(made), policy_text(quorum=None))[2] == 3


def test_the_operator_is_no_witness_of_himself() -> None:
    himself = type(LOG)("friend.example", LOG.seed)
    verdict, _, status = both(str(bundle(witnesses=(himself,))), policy_text(witnesses=(himself,)))
    assert (verdict.result, status) == (Result.OPERATOR_ONLY, 3)


def test_a_quorum_that_is_not_met_is_said_so() -> None:
    policy = policy_text().replace("group banks any", "group banks all")
    assert both(str(bundle(witnesses=(BANK_A,))), policy)[2] == 4
    assert both(str(bundle()), policy)[2] == 0


def test_another_logs_bundle_is_rejected_whatever_keys_it_brings() -> None:
    assert both(str(bundle(log=STRANGER)), policy_text())[0].result is Result.REJECTED
    forged = bundle(log=type(LOG)(LOG.name, BANK_B.seed))
    assert both(str(forged), policy_text())[0].result is Result.REJECTED


@given(st.data())
@settings(deadline=None, max_examples=250)
def test_no_flipped_bit_gets_past_either_verifier_and_both_agree(data: st.DataObject) -> None:
    raw = bytearray(GOOD.encode())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    text = raw.decode("utf-8", "surrogateescape")
    verdict, _, _ = both(text, policy_text())
    if verdict.result is Result.WITNESSED and len(verdict.witnesses) == 2:
        # white space outside of values, or the name of a stranger: the content is still what was sealed
        assert verdict.disclosed == verify_bundle(GOOD, parse_policy(policy_text())).disclosed
        assert Bundle.parse(text) == Bundle.parse(GOOD)


@pytest.mark.parametrize("change", ["value", "name", "salt", "digest", "order", "drop", "entry", "index", "twice"])
def test_each_part_of_a_bundle_is_bound_to_the_rest(change: str) -> None:
    raw = json.loads(GOOD)
    opened = [one for one in raw["fields"] if "name" in one]
    if change == "value":
        opened[0]["value"]["minor"] += 1
    elif change == "name":
        opened[0]["name"] = "amounts"
    elif change == "salt":
        opened[0]["salt"] = "00" * 32
    elif change == "digest":
        next(one for one in raw["fields"] if "digest" in one)["digest"] = "00" * 32
    elif change == "order":
        raw["fields"].reverse()
    elif change == "drop":
        raw["fields"].pop()
    elif change == "twice":
        raw["fields"].append(raw["fields"][-1])
    elif change == "entry":
        raw["entry"] = raw["entry"].replace("voucher.accepted", "voucher.rejected")
    else:
        raw["proof"] = raw["proof"].replace("index 4", "index 5")
    assert both(json.dumps(raw), policy_text())[2] == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[" * 100_000,
        "1.5",
        GOOD.replace('"format"', '"formats"'),
        GOOD.replace("bundle/1", "bundle/2"),
        GOOD.replace("123456", "123456.0"),
        GOOD.replace("123456", "9007199254740993"),
        GOOD.replace("123456", "NaN"),
        GOOD.replace('"entry"', '"entry": "", "entry"'),
        GOOD + " " * (1 << 20),
        GOOD.replace("voucher", "\ud800"),
    ],
)
def test_malformed_bundles_are_rejected_not_crashed_on(text: str) -> None:
    assert both(text, policy_text())[2] == 1


def test_policies_are_read_alike() -> None:
    for text in (policy_text(), policy_text(quorum=None), "# nothing\nquorum none\n"):
        parse_policy(text)
        ALONE.parse_policy(text)
    good = policy_text()
    for text in (
        "",
        "quorum x",
        good + "quorum none",
        good.replace("any", "3"),
        good.replace("any", "0"),
        good.replace("+", "-", 1),
    ):
        with pytest.raises(Exception, match=r"policy"):
            parse_policy(text)
        with pytest.raises(ALONE.Bad):
            ALONE.parse_policy(text)


def test_the_stand_alone_verifier_imports_the_standard_library_only() -> None:
    names = set()
    for node in ast.walk(ast.parse(SCRIPT.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    assert names <= set(sys.stdlib_module_names)


def test_the_stand_alone_verifier_runs_isolated_and_tells_by_its_exit_status(tmp_path: Path) -> None:
    (tmp_path / "policy").write_text(policy_text())
    cases = {
        "good": (str(bundle(size=5, index=0)), 0),
        "alone": (str(bundle(size=5, index=0, witnesses=())), 3),
        "bad": (str(bundle(size=5, index=0)).replace("123456", "123457"), 1),
    }
    for name, (text, status) in cases.items():
        (tmp_path / name).write_text(text)
        ran = subprocess.run(
            [sys.executable, "-I", "-S", str(SCRIPT), str(tmp_path / name), "--policy", str(tmp_path / "policy")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == status, ran.stderr
        assert json.loads(ran.stdout)["verdict"] == verify_bundle(text, parse_policy(policy_text())).result
    ran = subprocess.run([sys.executable, "-I", "-S", str(SCRIPT)], capture_output=True, check=False)
    assert ran.returncode == 2


def test_no_label_is_the_beginning_of_another() -> None:
    labels = list(LABELS.values())
    for one in labels:
        assert not any(other.startswith(one) for other in labels if other is not one)
        assert one[0] > 1  # 0x00 and 0x01 belong to the tree


def test_a_leaf_entry_has_one_canonical_form_and_hides_its_values() -> None:
    made, _, _ = leaf(3)
    assert canonical(json.loads(made.entry)) == made.entry and parse_entry(made.entry).kind == "voucher.accepted"
    assert b"Acme" not in made.entry and str(SUBJECT).encode() not in made.entry
    with pytest.raises(BundleInvalid):
        parse_entry(made.entry.replace(b",", b", ", 1))
    with pytest.raises(TypeError):
        build_leaf(kind="x", version=1, subject_id=SUBJECT, body={"rate": 0.1}, salt=b"s" * 32, effective_at=MOMENT)
    with pytest.raises(ValueError, match="salt"):
        build_leaf(kind="x", version=1, subject_id=SUBJECT, body={}, salt=b"s", effective_at=MOMENT)


@given(st.one_of(st.text(), st.integers(-(2**53) + 1, 2**53 - 1), st.booleans(), st.none()), st.text(max_size=8))
def test_quick_and_careful_canonical_forms_are_the_same(value: Any, name: str) -> None:
    salt, careful = field_salt(b"s" * 32, name), canonical([name, value])
    assert careful == ALONE.canonical([name, value]).encode()
    assert field_digest(name, value, salt) == hashlib.sha256(LABELS["field"] + salt + careful).digest()


@given(st.binary(max_size=100), st.text(max_size=20))
def test_the_salt_of_a_field_is_the_standard_librarys_hmac(secret: bytes, name: str) -> None:
    assert field_salt(secret, name) == hmac.digest(secret, LABELS["salt"] + name.encode(), "sha256")


def test_canonical_json_of_the_reference_implementation(shared: Path) -> None:
    found = json.loads((shared / "data" / "evidence" / "rfc8785-vectors.json").read_text())
    checked = 0
    for one in found["vectors"]:
        value = json.loads(base64.b64decode(one["input_base64"]))
        if one["name"] in ("values", "structures"):  # floats, which this format refuses
            with pytest.raises(TypeError):
                canonical(value)
            continue
        assert canonical(value).hex() == one["canonical_hex"] == ALONE.canonical(value).encode().hex()
        checked += 1
    assert checked == len(found["vectors"]) - 2
