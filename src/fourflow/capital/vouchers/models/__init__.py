"""Tables of the register."""

from fourflow.capital.vouchers.models.acts import Complaint, Overlay, Promise, SignedAct
from fourflow.capital.vouchers.models.register import WHOLE, ConservationDue, Holding, Tally, Voucher, VoucherQuerySet

__all__ = [
    "WHOLE",
    "Complaint",
    "ConservationDue",
    "Holding",
    "Overlay",
    "Promise",
    "SignedAct",
    "Tally",
    "Voucher",
    "VoucherQuerySet",
]
