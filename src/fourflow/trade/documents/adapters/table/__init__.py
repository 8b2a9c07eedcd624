"""A table that people fill in: one row for each line of a delivery, as a workbook or as CSV."""

from fourflow.trade.documents.adapters.table.source import TableSource

__all__ = ["TableSource"]
