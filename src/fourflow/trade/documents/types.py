"""Trade documents in one language-neutral form, the problems found while reading them, and the errors.

A document is what another party's system said, kept as said. Amounts are :class:`Money`; quantities and unit prices
are decimals with the scale they were written with. Nothing that the source does not state is made up: a missing date
is ``None``, a missing name ``""``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, NewType
from uuid import UUID

from fourflow.platform.errors import Conflict, Invalid, NotFound
from fourflow.platform.money import Money

DocumentId = NewType("DocumentId", UUID)
ImportId = NewType("ImportId", UUID)


class DocumentKind(StrEnum):
    CONTRACT = "contract"
    ORDER = "order"
    DELIVERY = "delivery"
    INVOICE = "invoice"


class Severity(StrEnum):
    """What a problem does to its row.

    ``ERROR`` refuses the row; ``WARNING`` keeps the row and doubts the value; ``NOTE`` tells what was mended, resolved
    or declared missing by the source itself.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class FigureKind(StrEnum):
    """How a source states a weight or a freight cost of a line."""

    STATED = "stated"
    SHARED = "shared"
    """It is contained in another line's figure of the same delivery; it adds nothing of its own."""
    SEPARATE = "separate"
    """Captured or invoiced elsewhere: unknown here."""
    INCLUDED = "included"
    """Contained in the price of the goods."""
    ABSENT = "absent"


class Relation(StrEnum):
    """How the seller of a line and the maker of its goods stand to each other."""

    SAME_FIRM = "same_firm"
    RELATED = "related"
    INDEPENDENT = "independent"
    UNKNOWN = "unknown"
    """The source names no maker."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to a document, known by its content: `sha256` in lower-case hex, `size` in bytes."""

    sha256: str
    file_name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A reference from one document to another by kind and number, as written; it need not be known here."""

    kind: DocumentKind
    number: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A weight (kg) or freight cost (of `unit`) as the source states it.

    `value` is set when STATED. For SHARED `shared_with` is the number of the line that carries the figure and
    `carried` that line's value, None where that line does not state one either.
    """

    kind: FigureKind
    unit: str
    value: Decimal | None = None
    shared_with: str = ""
    carried: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One ordered item. `unit` says what `quantity` counts; `amount` is what the source states, not a product."""

    number: str
    item: str
    quantity: Decimal
    unit: str
    unit_price: Decimal | None
    amount: Money
    maker: str = ""
    """Manufacturing site as written; ``""`` where the source names none."""
    item_group: str = ""


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """An order of a buyer to a seller. `ordered_on` None = not captured by the source."""

    number: str
    seller: str
    currency: str
    lines: tuple[OrderLine, ...]
    ordered_on: date | None = None
    destination: str = ""
    incoterm: str = ""
    own_stock: bool = False
    """Filled from the buyer's own warehouse: nobody is owed anything for it."""
    project: str = ""
    refs: tuple[DocumentRef, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def amount(self) -> Money:
        return Money(sum(line.amount.minor for line in self.lines), self.currency)


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """What one delivery brought of one order line."""

    order_line: str
    item: str
    quantity: Decimal
    amount: Money
    maker: str = ""
    weight: Figure = Figure(FigureKind.ABSENT, "kg")
    freight: Figure = Figure(FigureKind.ABSENT, "")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Goods of one order handed over on one day. `recorded_on` is when the buyer's system noted it."""

    number: str
    order_number: str
    seller: str
    currency: str
    delivered_on: date
    lines: tuple[DeliveryLine, ...]
    recorded_on: date | None = None
    scheduled_on: date | None = None
    transport: str = ""
    own_stock: bool = False
    refs: tuple[DocumentRef, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def amount(self) -> Money:
        return Money(sum(line.amount.minor for line in self.lines), self.currency)


@dataclass(frozen=True, slots=True)
class Invoice:
    """A tax invoice with its official number; refers to the deliveries or orders that it bills."""

    number: str
    seller: str
    amount: Money
    issued_on: date
    code: str = ""
    """发票代码 of older Chinese invoices; empty for fully digital ones (数电票), whose number has 20 digits."""
    tax: Money | None = None
    due_on: date | None = None
    refs: tuple[DocumentRef, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Contract:
    """A frame under which orders are placed. `amount` None = no ceiling agreed."""

    number: str
    seller: str
    signed_on: date
    valid_to: date | None = None
    amount: Money | None = None
    payment_days: int | None = None
    refs: tuple[DocumentRef, ...] = ()
    attachments: tuple[Attachment, ...] = ()


Document = PurchaseOrder | Delivery | Invoice | Contract


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing found in one field of one row.

    `row` is the spreadsheet's row number (the header is row 1; 0 = the file as a whole), `line` the source's own
    number of the line. `value` is as found, cut to 120 characters; `expected` a short pattern or text;
    `became` what the value was turned into, for what was mended or resolved.
    """

    code: str
    severity: Severity
    row: int
    field: str = ""
    value: str = ""
    expected: str = ""
    line: str = ""
    became: str = ""


@dataclass(frozen=True, slots=True)
class FirmName:
    """What is known of a name as written: which firm it means, that firm's group (``""`` = none known), and why."""

    name: str
    firm: str
    group: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SourceReading:
    """What a source made of a file: documents, problems, and the rows that were refused.

    `rows_read` = rows of good documents + `rows_refused`. `rejects` are the refused rows as CSV with the columns of
    the file and their reasons, safe to open in a spreadsheet; empty where nothing was refused.
    """

    rows_read: int
    rows_refused: int
    orders: tuple[PurchaseOrder, ...]
    deliveries: tuple[Delivery, ...]
    problems: tuple[RowProblem, ...]
    names: tuple[FirmName, ...] = ()
    rejects: bytes = b""
    sha256: str = ""
    encoding: str = "utf-8"

    def count(self, severity: Severity) -> int:
        return sum(problem.severity is severity for problem in self.problems)

    def counts_by_code(self) -> dict[str, int]:
        """How often each problem code occurs, by code."""
        counts: dict[str, int] = {}
        for problem in self.problems:
            counts[problem.code] = counts.get(problem.code, 0) + 1
        return dict(sorted(counts.items()))


@dataclass(frozen=True, slots=True)
class PayableLine:
    line: str
    maker: str
    amount_minor: int
    relation: Relation


@dataclass(frozen=True, slots=True)
class DeliveryPayable:
    """What one delivery makes payable to its vendor, and how much of it each manufacturing site supplied.

    `amount_minor` is in minor units of `currency`. The shares of the sites add up to it exactly, because each is a sum
    of whole lines. `same_firm`: every line was made by the vendor itself, so that there is no second tier.
    """

    po_number: str
    asn_number: str
    vendor: str
    currency: str
    amount_minor: int
    delivered_on: date
    lines: tuple[PayableLine, ...]
    site_shares: Mapping[str, int] = field(default_factory=dict)
    same_firm: bool = False
    delivery_id: UUID | None = None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    def shares(self, *relations: Relation) -> dict[str, int]:
        """Minor units per site over the lines whose maker stands in one of these relations to the vendor."""
        sums: dict[str, int] = {}
        for line in self.lines:
            if line.relation in relations:
                sums[line.maker] = sums.get(line.maker, 0) + line.amount_minor
        return sums


class FileRefused(Invalid):
    """The file as a whole cannot be read. Parameter `reason` says what is wrong, the others where.

    Reasons: empty, too_large, nul_byte, encoding, no_header, columns_missing, columns_repeated, csv_malformed,
    line_too_long, too_many_rows.
    """

    code: ClassVar[str] = "document.file_refused"


class RowsRefused(Invalid):
    """In strict mode a bad row refuses the file. Parameters: `rows` refused, and the first problem's."""

    code: ClassVar[str] = "document.rows_refused"


class AlreadyImported(Conflict):
    """A file with these very bytes was imported for this buyer. Parameter `import_id`."""

    code: ClassVar[str] = "document.already_imported"


class ImportStateWrong(Conflict):
    """The import is not in a state that allows this step."""

    code: ClassVar[str] = "document.import_state"


class DocumentExists(Conflict):
    """A document of this kind and number of this buyer and seller is already here, with another content."""

    code: ClassVar[str] = "document.exists"


class DocumentInvalid(Invalid):
    """A document contradicts itself or one it refers to. Parameters `field`, `value`, `expected`."""

    code: ClassVar[str] = "document.invalid"


class DocumentNotFound(NotFound):
    """No such document or import, or the actor's organisation may not see it."""

    code: ClassVar[str] = "document.not_found"
