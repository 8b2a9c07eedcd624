"""The table of firms: names of vendors and manufacturing sites, and why two of them are the same firm."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml

from fourflow.trade.documents.adapters.scms import columns as c
from fourflow.trade.documents.domain.firms import FirmTable
from fourflow.trade.documents.types import FirmName


@cache
def load_firms() -> FirmTable:
    """Read ``firms.yaml`` beside this file.

    :raises ValueError: the table gives one name to two firms, or a firm two groups.
    """
    text = resources.files(__package__ or "").joinpath("firms.yaml").read_text(encoding="utf-8")
    table = yaml.safe_load(text)
    return FirmTable(
        (
            FirmName(name=name, firm=firm["firm"], group=firm.get("group", ""), reason=firm["reason"])
            for firm in table["firms"]
            for name in firm["names"]
        ),
        no_maker=c.NO_SITE,
    )
