"""Order lines of the SCMS delivery history: a flat CSV whose rows are order line, delivery line and shipment in one."""

from fourflow.trade.documents.adapters.scms.firms import load_firms
from fourflow.trade.documents.adapters.scms.source import ScmsSource

__all__ = ["ScmsSource", "load_firms"]
