"""Trade documents for tests: SCMS files row by row, and imports of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

HEADER = (
    "ID", "Project Code", "PQ #", "PO / SO #", "ASN/DN #", "Country", "Managed By", "Fulfill Via", "Vendor INCO Term",
    "Shipment Mode", "PQ First Sent to Client Date", "PO Sent to Vendor Date", "Scheduled Delivery Date",
    "Delivered to Client Date", "Delivery Recorded Date", "Product Group", "Sub Classification", "Vendor",
    "Item Description", "Molecule/Test Type", "Brand", "Dosage", "Dosage Form", "Unit of Measure (Per Pack)",
    "Line Item Quantity", "Line Item Value", "Pack Price", "Unit Price", "Manufacturing Site", "First Line Designation",
    "Weight (Kilograms)", "Freight Cost (USD)", "Line Item Insurance (USD)",
)  # fmt: skip

GOOD = dict(
    zip(
        HEADER,
        (
            "1", "104-CI-T30", "FPQ-1", "SCMS-1", "ASN-1", "Côte d'Ivoire", "PMO - US", "Direct Drop", "EXW", "Air",
            "2014-01-02", "2014-01-10", "2014-03-01", "2014-03-03", "2014-03-04", "ARV", "Adult",
            "Aurobindo Pharma Limited", "Efavirenz 600mg, tablets, 30 Tabs", "Efavirenz", "Generic", "600mg", "Tablet",
            "30", "100", "320.0", "3.2", "0.11", "Aurobindo Unit III, India", "Yes", "14", "55.5", "1.25",
        ),
        strict=True,
    )
)  # fmt: skip


def scms_row(**changes: str) -> dict[str, str]:
    """A good row with some cells changed; column names as keyword arguments through ``**{"Pack Price": "1"}``."""
    unknown = set(changes) - set(HEADER)
    assert not unknown, f"no such columns: {unknown}"
    return {**GOOD, **changes}


def scms_file(rows: Iterable[Mapping[str, str]], *, header: Iterable[str] = HEADER, encoding: str = "utf-8") -> bytes:
    """A file of these rows with LF line ends, as the original has them."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    columns = list(header)
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return out.getvalue().encode(encoding)
