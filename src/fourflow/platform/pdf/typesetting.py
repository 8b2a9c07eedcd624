"""Typst: a template and its data become PDF/A-3a and PDF/UA-1, byte for byte the same from the same input.

The fonts are the installation's own (``fonts/``, built by ``make assets``), never the machine's: a paper looks the same
everywhere. A character that they do not have is refused instead of being printed as an empty box.
"""

from __future__ import annotations

import functools
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from fourflow.platform.errors import Conflict, Unavailable

if TYPE_CHECKING:
    from typst import Fonts

FONTS = Path(__file__).with_name("fonts")


class FontsMissing(Unavailable):
    """The fonts were not built: ``make assets``."""

    code: ClassVar[str] = "pdf.fonts_missing"


class NotPrintable(Conflict):
    """A text has a character that the fonts do not have."""

    code: ClassVar[str] = "pdf.not_printable"


@functools.cache
def _fonts() -> Fonts:
    import typst  # a library of 80 MB: only who prints loads it

    found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    if not found.families():
        raise FontsMissing(folder=str(FONTS))
    return found


def typeset(template: Path, inputs: dict[str, str], *, dated: date) -> bytes:
    """A document from a template file and its ``sys.inputs``; ``dated`` is the creation date that it carries.

    :raises FontsMissing: the fonts were not built.
    :raises NotPrintable: the fonts lack a character of the data.
    """
    import typst

    year, month, day = dated.timetuple()[:3]
    compiler = typst.Compiler(
        str(template),
        root=str(template.parent),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={**inputs, "year": str(year), "month": str(month), "day": str(day)},
    )
    try:
        # archived with what it is made of (attachments), and readable aloud
        made = compiler.compile(format="pdf", pdf_standards=["a-3a", "ua-1"])
    except typst.TypstError as error:
        if "could not be displayed with" in error.message:
            raise NotPrintable(reason=error.message.partition("error: ")[2][:120]) from error
        raise
    assert isinstance(made, bytes)
    return made
