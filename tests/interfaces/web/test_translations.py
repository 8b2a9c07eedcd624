"""Every word that a page can show has a Chinese translation, with the same placeholders."""

from __future__ import annotations

import gettext
import io
import re

from tools import i18n


def test_every_message_has_a_chinese_translation() -> None:
    assert i18n.missing() == []


def test_translations_keep_the_placeholders_of_their_message() -> None:
    faults = []
    for (_context, message, plural), entry in i18n.read(i18n.CATALOGUE).items():
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
    entries = i18n.read(i18n.CATALOGUE)
    i18n.write(tmp_path / "again.po", entries, {})
    assert {k: e.translation for k, e in i18n.read(tmp_path / "again.po").items()} == {
        k: e.translation for k, e in entries.items()
    }
