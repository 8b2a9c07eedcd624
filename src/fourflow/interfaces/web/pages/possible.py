"""What a person may do about a voucher or a part of it: one row a door, with the state and the permission that open it."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from fourflow.capital.vouchers.types import Holding, HoldingState, Voucher, VoucherState
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web.addresses import to
from fourflow.interfaces.web.components.records import Link
from fourflow.interfaces.web.pages.obligations import PAYABLE, awaits_acknowledgement
from fourflow.interfaces.web.people import Visitor

#: so long before the due date an issuer is asked whether it will be late
SOON = timedelta(30)


def of_voucher(visitor: Visitor, voucher: Voucher) -> list[Link]:
    """What the person may do about a voucher beside answering it."""
    issues, receives = voucher.issuer_id == visitor.id, voucher.receiver_id == visitor.id
    state, can = voucher.state, visitor.can
    asked = voucher.cancel_by is not None
    living = state in (VoucherState.ACTIVE, *PAYABLE)
    late = state in PAYABLE or (living and voucher.due_on <= visitor.today + SOON)
    possible = (
        (_("Release a payment"), "/pay", issues and state in PAYABLE, Permission.PAYMENT_RELEASE),
        (_("Promise to pay"), "/promise", issues and late, Permission.VOUCHER_PROMISE),
        (_("Withdraw the offer"), "/withdraw", issues and state is VoucherState.OFFERED, Permission.VOUCHER_CANCEL),
        (
            _("Cancel the voucher"),
            "/cancel",
            issues and state is VoucherState.ACTIVE and not asked,
            Permission.VOUCHER_CANCEL,
        ),
        (_("Cancel the voucher"), "/cancel", receives and asked, Permission.VOUCHER_ACCEPT),
        (_("Open a dispute"), "/dispute", issues and living, Permission.VOUCHER_DISPUTE),
        (_("Settle a credit note outside"), "/credit", receives and living, Permission.VOUCHER_CREDIT),
        (_("Complain"), "/complain", not issues and state in PAYABLE, Permission.VOUCHER_COMPLAIN),
        (_("Freeze"), "/freeze", living, Permission.VOUCHER_FREEZE),
        (
            _("Acknowledge the term"),
            "/acknowledge",
            voucher.funder_id == visitor.id and awaits_acknowledgement(voucher),
            Permission.LIMIT_SET,
        ),
    )
    return [Link(words, to("voucher", voucher.id, tail)) for words, tail, fits, may in possible if fits and can(may)]


def of_part(visitor: Visitor, voucher: Voucher, part: Holding) -> list[Link]:
    """What the person may do about a part beside passing it on and turning it into cash."""
    holds = part.holder_id == visitor.id
    first = holds and part.holder_id == voucher.receiver_id and part.state is HoldingState.ACTIVE
    possible = (
        (
            _("Apply a credit note"),
            "/credit",
            first and voucher.state is VoucherState.ACTIVE,
            Permission.VOUCHER_CREDIT,
        ),
        (_("Open a dispute"), "/dispute", holds and part.state.is_live, Permission.VOUCHER_DISPUTE),
        (_("Freeze"), "/freeze", part.state.is_live, Permission.VOUCHER_FREEZE),
    )
    return [
        Link(words, to("holding", part.id, tail)) for words, tail, fits, may in possible if fits and visitor.can(may)
    ]
