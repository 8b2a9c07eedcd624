"""The documents behind a voucher side by side, each figure marked by whether it agrees with the next one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from django.utils.translation import gettext as _

from fourflow.capital.claims.types import Claim, ClaimLinkView, ConfirmedPayable
from fourflow.capital.vouchers.types import Voucher
from fourflow.interfaces.web import names, texts
from fourflow.interfaces.web.addresses import to
from fourflow.interfaces.web.components.records import Link
from fourflow.interfaces.web.components.shell import Words

#: parts of a claim's document that name a firm and no number
FIRMS = frozenset({"buyer", "seller", "carrier"})


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of one document; ``mark`` is pass, fail or "" where there is nothing to compare it with."""

    value: object
    mark: str = ""

    @property
    def words(self) -> Words:
        return {"pass": _("agrees"), "fail": _("does not agree")}.get(self.mark, "")


@dataclass(frozen=True, slots=True)
class TradeSet:
    """``heads`` name the documents from the trade to the voucher; each line has a cell for each of them."""

    heads: tuple[Words, ...]
    lines: tuple[tuple[Words, tuple[Cell, ...]], ...]

    @property
    def rows(self) -> list[tuple[Words, list[tuple[Words, Cell]]]]:
        """The lines, each cell with the document that it stands under."""
        return [(label, list(zip(self.heads, cells, strict=True))) for label, cells in self.lines]

    @property
    def disagreements(self) -> int:
        return sum(cell.mark == "fail" for _label, cells in self.lines for cell in cells)


def trade_set(
    voucher: Voucher,
    payable: ConfirmedPayable | None,
    chain: Sequence[ClaimLinkView],
    firms: Mapping[UUID, str],
    opened: Collection[UUID] = (),
) -> TradeSet:
    """Claims (order, delivery, invoice: what the chain holds), the confirmed payable, the voucher.

    Debtor and creditor of each must be the voucher's issuer and first holder; no document may be worth less than what rests
    on it; the delivery must lie before the issue and the payable must name the document of its claim. ``opened`` are the
    deliveries that lead to their page.
    """
    claims = [link.claim for link in sorted(chain, key=lambda link: -link.distance)]
    heads = [names.SCHEMES.get(claim.scheme.value, claim.scheme.value) for claim in claims]
    documents: list[Claim | ConfirmedPayable] = [*claims, *([payable] if payable else [])]
    heads += [_("Confirmed payable")] if payable else []
    amounts = [one.amount for one in documents] + [voucher.face]
    numbers = [Cell(_number(claim, opened), _named(claim, payable)) for claim in claims]
    numbers += [Cell(Link(_("Open"), to("payable", payable.id)))] if payable else []
    debtors = [Cell(firms.get(one.debtor_id, ""), _same(one.debtor_id, voucher.issuer_id)) for one in documents]
    creditors = [Cell(firms.get(one.creditor_id, ""), _same(one.creditor_id, voucher.receiver_id)) for one in documents]
    worth = [
        Cell(amount, "pass" if amount.currency == below.currency and amount >= below else "fail")
        for amount, below in pairwise(amounts)
    ]
    days = [Cell(None) for _claim in claims]
    if payable:
        delivered = payable.delivered_on
        days.append(Cell(delivered, ("pass" if delivered <= voucher.issued_on else "fail") if delivered else ""))
    lines = (
        (_("Number"), (*numbers, Cell(Link(voucher.number, to("voucher", voucher.id))))),
        (_("Debtor"), (*debtors, Cell(firms.get(voucher.issuer_id, "")))),
        (_("Creditor"), (*creditors, Cell(firms.get(voucher.receiver_id, "")))),
        (_("Amount"), (*worth, Cell(voucher.face))),
        (_("Delivered; issued"), (*days, Cell(voucher.issued_on))),
        (_("Due"), (*(Cell(None) for _claim in claims), *_due(voucher, payable), Cell(voucher.due_on))),
    )
    return TradeSet((*heads, _("Voucher")), lines)


def _number(claim: Claim, opened: Collection[UUID]) -> str | Link:
    """The document as it was handed in, with the way to it; else the parts that make it one of a kind."""
    named = [document.number for document in claim.documents]
    first = claim.documents[0].document_id if len(named) == 1 else None
    if first and first in opened:
        return Link(named[0], to("delivery", first))
    return texts.listed(named) or " / ".join(value for name, value in claim.parts.items() if name not in FIRMS)


def _named(claim: Claim, payable: ConfirmedPayable | None) -> str:
    """Whether the payable names this claim's document; claims further up are not named by it."""
    if payable is None or payable.claim_id != claim.id or not claim.documents:
        return ""
    named = {(document.kind, document.number) for document in payable.documents}
    return "pass" if any((document.kind, document.number) in named for document in claim.documents) else "fail"


def _same(left: UUID, right: UUID) -> str:
    return "pass" if left == right else "fail"


def _due(voucher: Voucher, payable: ConfirmedPayable | None) -> tuple[Cell, ...]:
    """A voucher may be due later than its payable only with the contract's clause."""
    if payable is None:
        return ()
    agrees = voucher.due_on <= payable.due_date or bool(voucher.contract_clause)
    return (Cell(payable.due_date, "pass" if agrees else "fail"),)
