"""Tables of the register."""

from fourflow.capital.vouchers.models.acts import Complaint, Overlay, SignedAct
from fourflow.capital.vouchers.models.register import WHOLE, ConservationDue, Holding, Tally, Voucher, VoucherQuerySet

__all__ = [
    "WHOLE",
    "Complaint",
    "ConservationDue",
    "Holding",
    "Overlay",
    "SignedAct",
    "Tally",
    "Voucher",
    "VoucherQuerySet",
]
