"""Papers as PDF: the template of the language, the facts attached, a code that leads to the check, and the seal."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

import segno

from fourflow.oversight.papers.domain.writing import decider, written
from fourflow.oversight.papers.types import TEMPLATES, Paper
from fourflow.platform.canonical_json import canonical
from fourflow.platform.pdf.sealing import Sealer
from fourflow.platform.pdf.typesetting import typeset

Language = Literal["zh", "en"]
FOLDER = Path(__file__).parents[1] / "templates"


def unsealed(paper: Paper, *, language: Language, site: str, sandbox: bool) -> bytes:
    """The document before the seal: the same facts, language and site give the same bytes.

    ``site`` is the address of this installation, for the check that is printed on the paper.

    :raises NotPrintable: the fonts lack a character of a name.
    """
    asked = {"kind": paper.kind.value, "number": paper.number, "as_of": paper.as_of.isoformat(), "digest": paper.digest}
    address = f"{site}/papers/check?{urlencode(asked)}"
    shown = {
        "number": paper.number,
        "as_of": paper.as_of,
        "digest": paper.digest,
        "template": TEMPLATES,
        "facts": paper.facts,
        "decider": decider(paper.facts.get("decision", {}).get("by", "")),
        "sandbox": sandbox,
        "site": site,
    }
    inputs = {
        "shown": json.dumps(written(shown, language), ensure_ascii=False),
        "attached": canonical(paper.content()).decode(),
        "code": _code(address),
    }
    return typeset(FOLDER / TEMPLATES / f"{paper.kind.value}.{language}.typ", inputs, dated=paper.as_of)


def pdf(paper: Paper, *, language: Language, site: str, sandbox: bool, sealer: Sealer) -> bytes:
    """The document with the installation's seal.

    :raises NotPrintable: the fonts lack a character of a name.
    """
    plain = unsealed(paper, language=language, site=site, sandbox=sandbox)
    return sealer.seal(plain, reason=f"{paper.kind.value} {paper.number} {paper.digest}")


def _code(address: str) -> str:
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", border=0, xmldecl=False)
    return out.getvalue().decode()
