#!/usr/bin/env python3
"""Verify a fourflow proof bundle offline. Standard library only; nothing of fourflow is imported.

    python -I -S fourflow_verify.py BUNDLE --policy POLICY

Written apart from the platform's own verifier, from RFC 6962 (tree), RFC 8032 (Ed25519), RFC 8785 (canonical JSON) and
the C2SP texts signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof and tlog-policy. Trusted keys come from
the policy file only. Prints a verdict as JSON. Exit status: 0 witnessed, 1 rejected, 2 wrong call or unreadable
policy, 3 operator's word only (no independent cosignature), 4 quorum not met. ML-DSA-44 cosignatures cannot be
checked with the standard library: they are named and not counted.
"""

import base64
import hashlib
import json
import re
import sys

LIMIT, MAX_HASHES, MAX_SIGNATURES, SAFE = 1 << 20, 63, 16, 2**53 - 1
LABEL = b"fourflow-evidence/1 "


class Bad(Exception):
    """The thing checked is wrong."""


def need(condition, why):
    if not condition:
        raise Bad(why)


# ---------------------------------------------------------------- RFC 8032: Ed25519 verification

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def point_add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    left, right = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = right - left, d - c, d + c, right + left
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_mul(scalar, point):
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = point_add(total, point)
        point = point_add(point, point)
        scalar >>= 1
    return total


def recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def point_decompress(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def point_compress(point):
    inverse = pow(point[2], P - 2, P)
    return (point[1] * inverse % P | (point[0] * inverse % P & 1) << 255).to_bytes(32, "little")


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def ed25519_valid(public, signature, message):
    """RFC 8032 section 5.1.7, without the cofactor, as most libraries do."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key = point_decompress(public)
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or scalar >= L:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(digest, "little") % L
    minus_key = (-key[0] % P, key[1], 1, -key[3] % P)
    expected = point_add(point_mul(scalar, BASE), point_mul(challenge, minus_key))
    return point_compress(expected) == signature[:32]


def unbase64(text, what):
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Bad(f"{what}: not base64") from None
    need(base64.b64encode(raw).decode() == text, f"{what}: not canonical base64")
    return raw


def decimal(text, what):
    need(re.fullmatch(r"0|[1-9][0-9]{0,18}", text) is not None and int(text) < 2**63, f"{what}: not a number")
    return int(text)


def load_json(text):
    """JSON without floats, repeated keys, or integers beyond 2^53 - 1."""

    def no_number(_):
        raise Bad("json: a number that is not a safe integer")

    def integer(digits):
        need(len(digits) <= 17 and abs(int(digits)) <= SAFE, "json: a number that is not a safe integer")
        return int(digits)

    def unique(pairs):
        need(len({key for key, _ in pairs}) == len(pairs), "json: repeated key")
        return dict(pairs)

    try:
        numbers = {"parse_float": no_number, "parse_constant": no_number, "parse_int": integer}
        return json.loads(text, object_pairs_hook=unique, **numbers)
    except (ValueError, RecursionError):
        raise Bad("json: syntax") from None


def canonical(value):
    """RFC 8785 for JSON without floats."""
    if value is None or isinstance(value, int):
        return json.dumps(value)
    if isinstance(value, str):
        need(not any("\ud800" <= c <= "\udfff" for c in value), "json: lone surrogate")
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(canonical(one) for one in value) + "]"
    keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(canonical(key) + ":" + canonical(value[key]) for key in keys) + "}"


def as_hash(value, what):
    need(isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None, f"{what}: not a hash")
    return bytes.fromhex(value)


def as_object(value, keys, what):
    need(isinstance(value, dict) and set(value) == set(keys), f"{what}: keys are not {', '.join(sorted(keys))}")
    return value


def key_id(name, kind, public):
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def key_name(name, what):
    need(name and not any(c == "+" or c.isspace() or c < " " for c in name), f"{what}: bad key name")
    return name


def parse_vkey(text):
    parts = text.split("+", 2)
    need(len(parts) == 3, "policy: malformed key")
    raw = unbase64(parts[2], "policy key")
    need({1: 33, 4: 33, 6: 1313}.get(raw[0] if raw else 0) == len(raw), "policy: unknown key type or length")
    name = key_name(parts[0], "policy")
    need(key_id(name, raw[0], raw[1:]).hex() == parts[1], "policy: wrong key id")
    return name, raw[0], raw[1:]


def parse_policy(text):
    logs, witnesses, groups, members, quorum = [], {}, {}, set(), None
    for number, line in enumerate(text.split("\n"), 1):
        where = f"policy line {number}"
        need(not any((c < " " and c != "\t") or c == "\x7f" for c in line), f"{where}: control character")
        items = []
        for item in re.split("[ \t]+", line.strip(" \t")):
            if item.startswith("#"):
                break
            items += [item] if item else []
        if not items:
            continue
        verb, rest = items[0], items[1:]
        if verb == "log" and len(rest) in (1, 2):
            key = parse_vkey(rest[0])
            need(key[1] != 4 and all(key[2] != other[2] for other in logs), f"{where}: key type, or same key twice")
            logs.append(key)
        elif verb == "witness" and len(rest) in (2, 3):
            key = parse_vkey(rest[1])
            need(rest[0] != "none" and rest[0] not in witnesses and rest[0] not in groups, f"{where}: name taken")
            need(all(key[2] != other[2] for other in witnesses.values()), f"{where}: same key twice")
            witnesses[rest[0]] = key
        elif verb == "group" and len(rest) >= 3:
            name, rule, names = rest[0], rest[1], rest[2:]
            need(name != "none" and name not in witnesses and name not in groups, f"{where}: name taken")
            for member in names:
                need((member in witnesses or member in groups) and member not in members, f"{where}: member")
                members.add(member)
            need(rule in ("all", "any") or re.fullmatch("[0-9]{1,9}", rule) is not None, f"{where}: threshold")
            threshold = {"all": len(names), "any": 1}.get(rule) or int(rule if rule.isdigit() else 0)
            need(1 <= threshold <= len(names), f"{where}: threshold")
            groups[name] = threshold, names
        elif verb == "quorum" and len(rest) == 1 and quorum is None:
            quorum = rest[0]
            need(quorum == "none" or quorum in witnesses or quorum in groups, f"{where}: unknown quorum")
        else:
            raise Bad(f"{where}: not understood")
    need(quorum is not None, "policy: no quorum line")
    return logs, witnesses, groups, quorum


def quorum_met(name, groups, have):
    if name not in groups:
        return name == "none" or name in have
    return sum(quorum_met(one, groups, have) for one in groups[name][1]) >= groups[name][0]


def parse_note(note):
    """Text and signature lines of a signed note."""
    need(len(note.encode("utf-8", "surrogatepass")) <= LIMIT, "note: too long")
    need(not any((c < " " and c != "\n") or "\ud800" <= c <= "\udfff" for c in note), "note: control character")
    cut = note.rfind("\n\n")
    need(cut >= 0 and note.endswith("\n"), "note: shape")
    lines = note[cut + 2 :].split("\n")[:-1]
    need(1 <= len(lines) <= MAX_SIGNATURES, "note: number of signatures")
    found = []
    for line in lines:
        name, space, encoded = line[2:].partition(" ")
        need(line.startswith("\u2014 ") and space, "note: signature line")
        raw = unbase64(encoded, "signature")
        need(len(raw) >= 5, "signature: too short")
        found.append((key_name(name, "note"), raw[:4], raw[4:]))
    return note[: cut + 1], found


class Verifier:
    def __init__(self, policy_text):
        self.logs, self.witnesses, self.groups, self.quorum = parse_policy(policy_text)
        self.checks = []
        self.shown = {
            "origin": "",
            "size": None,
            "index": None,
            "kind": "",
            "at": "",
            "disclosed": {},
            "undisclosed": 0,
        }
        self.shown.update(oldest_cosignature=None, newest_cosignature=None, checks=self.checks)

    def run(self, text):
        """The verdict on a bundle, and the exit status."""
        steps = (self.bundle, self.entry, self.commitment, self.log_signature, self.inclusion, self.cosignatures)
        for step in steps:
            name = step.__name__.replace("_", " ")
            try:
                detail = step(text) or ""
                self.checks.append({"check": name, "ok": True, "detail": detail})
            except (Bad, ValueError, RecursionError) as error:
                self.checks.append({"check": name, "ok": False, "detail": str(error)})
                return self.verdict("rejected", ()), 1
        met = quorum_met(self.quorum, self.groups, self.have) and bool(self.have)
        self.checks.append({"check": "quorum", "ok": met, "detail": "none asked" if self.quorum == "none" else ""})
        result, status = ("quorum not met", 4) if self.have else ("operator's word only", 3)
        return (self.verdict("witnessed", self.have), 0) if met else (self.verdict(result, self.have), status)

    def verdict(self, result, names):
        return {"verdict": result, "independent_witnesses": len(names), "witnesses": list(names), **self.shown}

    def bundle(self, text):
        need(len(text.encode()) <= LIMIT, "bundle: over 1 MiB")
        raw = as_object(load_json(text), ("format", "entry", "fields", "proof"), "bundle")
        need(raw["format"] == "fourflow-evidence-bundle/1", "bundle: unknown format")
        need(isinstance(raw["entry"], str) and isinstance(raw["proof"], str), "bundle: shape")
        need(isinstance(raw["fields"], list) and len(raw["fields"]) <= 4096, "bundle: fields")
        self.raw, self.leaf = raw, raw["entry"].encode()
        head, gap, note = raw["proof"].partition("\n\n")
        lines = head.split("\n")
        need(gap and lines.pop(0) == "c2sp.org/tlog-proof@v1", "proof: shape")
        if lines and lines[0].startswith("extra "):
            unbase64(lines.pop(0)[6:], "proof extra")
        need(lines and lines[0].startswith("index "), "proof: no index")
        self.index = decimal(lines.pop(0)[6:], "proof index")
        need(len(lines) <= MAX_HASHES, "proof: more than 63 hashes")
        self.path = [unbase64(line, "proof hash") for line in lines]
        need(all(len(one) == 32 for one in self.path), "proof: hash length")
        self.text, self.signatures = parse_note(note)
        rows = self.text.split("\n")
        need(len(rows) >= 4 and rows[0] and rows[-1] == "" and "" not in rows[3:-1], "checkpoint: shape")
        self.origin, self.size = rows[0], decimal(rows[1], "checkpoint size")
        self.root = unbase64(rows[2], "checkpoint root")
        need(len(self.root) == 32, "checkpoint: root length")

    def entry(self, _):
        need(len(self.leaf) <= 65535, "entry: too long")
        keys = ("alg", "at", "body", "kind", "parents", "stream", "v")
        found = as_object(load_json(self.leaf.decode()), keys, "entry")
        need(canonical(found).encode() == self.leaf, "entry: not canonical")
        need(found["v"] == "fourflow-evidence/1" and found["alg"] == "sha256", "entry: unknown format")
        at = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
        need(isinstance(found["kind"], str) and isinstance(found["at"], str), "entry: shape")
        need(re.fullmatch(at, found["at"]), "entry: instant")
        need(isinstance(found["parents"], list), "entry: parents")
        for one in [found["stream"], *found["parents"]]:
            as_hash(one, "entry")
        self.body = as_hash(found["body"], "entry")
        self.shown.update(kind=found["kind"], at=found["at"])

    def commitment(self, _):
        digests, opened = [], {}
        for one in self.raw["fields"]:
            if isinstance(one, dict) and "digest" in one:
                digests.append(as_hash(as_object(one, ("digest",), "field")["digest"], "field"))
                continue
            one = as_object(one, ("name", "salt", "value"), "field")
            need(isinstance(one["name"], str), "field: name")
            need(not opened or one["name"] > list(opened)[-1], "fields: out of order")
            pair = canonical([one["name"], one["value"]]).encode()
            digests.append(hashlib.sha256(LABEL + b"field\0" + as_hash(one["salt"], "salt") + pair).digest())
            opened[one["name"]] = one["value"]
        committed = hashlib.sha256(LABEL + b"body\0" + b"".join(digests)).digest()
        need(committed == self.body, "fields: not what the leaf commits to")
        self.shown.update(disclosed=opened, undisclosed=len(digests) - len(opened))

    def log_signature(self, _):
        signed = ""
        for name, identity, signature in self.signatures:
            for log, kind, public in self.logs:
                if log == self.origin and kind == 1 and name == log and identity == key_id(log, kind, public):
                    need(ed25519_valid(public, signature, self.text.encode()), "log signature does not verify")
                    signed = log
        need(signed, "no trusted log key signed the checkpoint")
        self.shown.update(origin=self.origin, size=self.size)
        return signed

    def inclusion(self, _):
        """RFC 9162 section 2.1.3.2."""
        need(self.index < self.size, "inclusion: index beyond the tree")
        first, last = self.index, self.size - 1
        digest = hashlib.sha256(b"\0" + self.leaf).digest()
        for other in self.path:
            need(last > 0, "inclusion: path too long")
            if first & 1 or first == last:
                digest = hashlib.sha256(b"\1" + other + digest).digest()
                while first and not first & 1:
                    first, last = first >> 1, last >> 1
            else:
                digest = hashlib.sha256(b"\1" + digest + other).digest()
            first, last = first >> 1, last >> 1
        need(last == 0 and digest == self.root, "inclusion: does not lead to the root")
        self.shown.update(index=self.index)

    def cosignatures(self, _):
        log_keys, found, times, unread = {public for _, _, public in self.logs}, set(), [], 0
        for name, identity, signature in self.signatures:
            for policy_name, (witness, kind, public) in self.witnesses.items():
                kind = 4 if kind == 1 else kind
                if name != witness or identity != key_id(witness, kind, public) or policy_name in found:
                    continue
                if kind == 6:
                    unread += 1
                    continue
                stamp = int.from_bytes(signature[:8], "big")
                message = f"cosignature/v1\ntime {stamp}\n{self.text}".encode()
                valid = 0 < stamp < 2**63 and ed25519_valid(public, signature[8:], message)
                need(valid, f"cosignature of {name} does not verify")
                found.add(policy_name)
                times.append(stamp)
        self.have = tuple(n for n in self.witnesses if n in found and self.witnesses[n][2] not in log_keys)
        if times:
            self.shown.update(oldest_cosignature=min(times), newest_cosignature=max(times))
        return str(len(self.have)) + (f"; {unread} ML-DSA-44 not checked" if unread else "")


def main(arguments):
    try:
        need(len(arguments) == 3 and arguments[1] == "--policy", "usage: fourflow_verify.py BUNDLE --policy POLICY")
        with open(arguments[2], "rb") as file:
            verifier = Verifier(file.read(LIMIT).decode("utf-8", "surrogateescape"))
        with open(arguments[0], "rb") as file:
            raw = file.read(LIMIT + 1)
    except (OSError, Bad) as error:
        print(f"cannot verify: {error}", file=sys.stderr)
        return 2
    verdict, status = verifier.run(raw.decode("utf-8", "surrogateescape"))
    print(json.dumps(verdict, ensure_ascii=True, indent=1))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
