"""The columns of the file and the words with which it says that it does not know."""

from __future__ import annotations

from typing import Final

LINE_ID: Final = "ID"
PROJECT: Final = "Project Code"
QUOTE: Final = "PQ #"
ORDER: Final = "PO / SO #"
DELIVERY: Final = "ASN/DN #"
COUNTRY: Final = "Country"
FULFIL: Final = "Fulfill Via"
INCOTERM: Final = "Vendor INCO Term"
MODE: Final = "Shipment Mode"
QUOTED_ON: Final = "PQ First Sent to Client Date"
ORDERED_ON: Final = "PO Sent to Vendor Date"
SCHEDULED_ON: Final = "Scheduled Delivery Date"
DELIVERED_ON: Final = "Delivered to Client Date"
RECORDED_ON: Final = "Delivery Recorded Date"
GROUP: Final = "Product Group"
VENDOR: Final = "Vendor"
ITEM: Final = "Item Description"
PACK: Final = "Unit of Measure (Per Pack)"
QUANTITY: Final = "Line Item Quantity"
VALUE: Final = "Line Item Value"
PACK_PRICE: Final = "Pack Price"
SITE: Final = "Manufacturing Site"
WEIGHT: Final = "Weight (Kilograms)"
FREIGHT: Final = "Freight Cost (USD)"
INSURANCE: Final = "Line Item Insurance (USD)"

REQUIRED: Final = (
    LINE_ID, PROJECT, QUOTE, ORDER, DELIVERY, COUNTRY, FULFIL, INCOTERM, MODE, QUOTED_ON, ORDERED_ON, SCHEDULED_ON,
    DELIVERED_ON, RECORDED_ON, GROUP, VENDOR, ITEM, PACK, QUANTITY, VALUE, PACK_PRICE, SITE, WEIGHT, FREIGHT, INSURANCE,
)  # fmt: skip
"""Columns that are read; others of the file are kept in the original and in the refused rows only."""

KNOWN_UNREAD: Final = (
    "Managed By", "Sub Classification", "Molecule/Test Type", "Brand", "Dosage", "Dosage Form", "Unit Price",
    "First Line Designation",
)  # fmt: skip

REJECT_ROW: Final = "Refused row"
REJECT_REASONS: Final = "Reasons"
"""The two columns that a file of refused rows has in front; read over when the mended file comes back."""

NOT_NUMERIC: Final = frozenset(
    {
        LINE_ID, PROJECT, QUOTE, ORDER, DELIVERY, COUNTRY, FULFIL, INCOTERM, MODE, GROUP, VENDOR, ITEM, SITE,
        "Managed By", "Sub Classification", "Molecule/Test Type", "Brand", "Dosage", "Dosage Form",
    }
)  # fmt: skip

CURRENCY: Final = "USD"
DATE_NOT_CAPTURED: Final = "Date Not Captured"
BEFORE_PROCESS: Final = "Pre-PQ Process"
FROM_WAREHOUSE: Final = "N/A - From RDC"
FULFILLED_FROM_WAREHOUSE: Final = "From RDC"
OWN_WAREHOUSE: Final = "SCMS from RDC"
NO_SITE: Final = ("Not Applicable", "INVERNESS ANY")
"""In the column of sites: no maker is named (a wildcard counts as none)."""

WEIGHT_SEPARATE: Final = "Weight Captured Separately"
FREIGHT_SEPARATE: Final = "Invoiced Separately"
FREIGHT_INCLUDED: Final = "Freight Included in Commodity Cost"
