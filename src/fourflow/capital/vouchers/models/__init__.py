"""Tables of the register."""

from fourflow.capital.vouchers.models.acts import Complaint, Overlay, SignedAct
from fourflow.capital.vouchers.models.register import ConservationDue, Holding, Tally, Voucher, VoucherQuerySet

__all__ = ["Complaint", "ConservationDue", "Holding", "Overlay", "SignedAct", "Tally", "Voucher", "VoucherQuerySet"]
