"""Which names mean the same firm, and which firms belong together: from a table of aliases with reasons."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from fourflow.trade.documents.types import FirmName, Relation


def normalise_name(name: str) -> str:
    """NFKC, case folded, runs of blanks as one: for comparing names as written, never for showing them."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


class FirmTable:
    """Names → firms → groups. A name that the table does not know is a firm of its own, in no group."""

    def __init__(self, names: Iterable[FirmName], *, no_maker: Iterable[str] = ()) -> None:
        """:raises ValueError: a name is given for two firms, or a firm is put in two groups."""
        self._names: dict[str, FirmName] = {}
        self._no_maker = {normalise_name(name) for name in no_maker} | {""}
        groups: dict[str, str] = {}
        for known in names:
            key = normalise_name(known.name)
            if normalise_name(self._names.setdefault(key, known).firm) != normalise_name(known.firm):
                raise ValueError(f"{known.name!r} is given for two firms")
            if groups.setdefault(known.firm, known.group) != known.group:
                raise ValueError(f"{known.firm!r} is put in two groups")

    def look_up(self, name: str) -> FirmName:
        """The firm that a name means; the name itself where the table says nothing."""
        return self._names.get(normalise_name(name)) or FirmName(name=name, firm=name)

    def knows(self, name: str) -> bool:
        return normalise_name(name) in self._names

    def names_no_maker(self, name: str) -> bool:
        return normalise_name(name) in self._no_maker

    def relation(self, seller: str, maker: str) -> Relation:
        """How a seller and the maker of the goods stand to each other."""
        if self.names_no_maker(maker):
            return Relation.UNKNOWN
        a, b = self.look_up(seller), self.look_up(maker)
        if a.firm == b.firm or normalise_name(a.firm) == normalise_name(b.firm):
            return Relation.SAME_FIRM
        return Relation.RELATED if a.group and a.group == b.group else Relation.INDEPENDENT

    def names(self) -> tuple[FirmName, ...]:
        return tuple(self._names.values())
