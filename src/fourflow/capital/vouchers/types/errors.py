"""The refusals of the register, each with its code."""

from __future__ import annotations

from typing import ClassVar

from fourflow.platform.errors import Conflict, Forbidden, Invalid, NotFound


class VoucherNotFound(NotFound):
    """No such voucher, or the actor's organisation may not see it."""

    code: ClassVar[str] = "voucher.not_found"


class HoldingNotFound(NotFound):
    """No such holding, or the actor's organisation may not see it."""

    code: ClassVar[str] = "holding.not_found"


class OverlayNotFound(NotFound):
    """No such dispute or freeze, or it is closed."""

    code: ClassVar[str] = "voucher.overlay_not_found"


class ComplaintNotFound(NotFound):
    """No such complaint for this actor, or it is answered."""

    code: ClassVar[str] = "voucher.complaint_not_found"


class VoucherStateWrong(Conflict):
    """The voucher is not in a state that allows this."""

    code: ClassVar[str] = "voucher.state"


class HoldingStateWrong(Conflict):
    """The holding is locked, financed, spent, paid or cancelled."""

    code: ClassVar[str] = "holding.state"


class HoldingBlocked(Conflict):
    """A dispute or freeze lies on the holding, on the voucher or on something it grew out of."""

    code: ClassVar[str] = "holding.blocked"


class FaceInvalid(Invalid):
    """The face is not positive, or not in the payable's currency."""

    code: ClassVar[str] = "voucher.face_invalid"


class DueDateInvalid(Invalid):
    """The due date is not after the issue date, or not a business day of the calendar."""

    code: ClassVar[str] = "voucher.due_date_invalid"


class TermTooLong(Invalid):
    """The term is over the hard limit in force on the issue date."""

    code: ClassVar[str] = "voucher.term_too_long"


class TermReasonMissing(Invalid):
    """A term over the soft limit needs a reason."""

    code: ClassVar[str] = "voucher.term_reason_missing"


class TermNotAcknowledged(Conflict):
    """A term over the soft limit needs the funder's acknowledgement before the checker can decide."""

    code: ClassVar[str] = "voucher.term_not_acknowledged"


class ContractClauseMissing(Invalid):
    """A due date later than the statutory one needs the contract's clause."""

    code: ClassVar[str] = "voucher.contract_clause_missing"


class IssuerBarred(Forbidden):
    """The issuer is on the stop list."""

    code: ClassVar[str] = "voucher.issuer_barred"


class PartyBarred(Forbidden):
    """One of the two sides of a transfer may not transfer or receive."""

    code: ClassVar[str] = "holding.party_barred"


class LimitMissing(Conflict):
    """The funder has no line on the issuer in this currency on this day."""

    code: ClassVar[str] = "voucher.limit_missing"


class AmountInvalid(Invalid):
    """Not positive, not the holding's currency, more than the holding, or leaving a rest under the minimum lot."""

    code: ClassVar[str] = "holding.amount_invalid"


class BelowMinimumLot(Invalid):
    """A part of a split would be smaller than the minimum lot."""

    code: ClassVar[str] = "holding.below_minimum_lot"


class TooManyTiers(Conflict):
    """The voucher has been passed down as far as it may be."""

    code: ClassVar[str] = "holding.too_many_tiers"


class SplitAbnormal(Conflict):
    """More parts, or more splits in a day, than the abnormal-split rules allow."""

    code: ClassVar[str] = "holding.split_abnormal"


class RoundTrip(Conflict):
    """The receiver held this part before, or issued the voucher: A→B→A is refused."""

    code: ClassVar[str] = "holding.round_trip"


class RelatedParties(Conflict):
    """The two sides belong to one group: a transfer between them shows no trade."""

    code: ClassVar[str] = "holding.related_parties"


class TradeBasisMissing(Invalid):
    """A transfer names the trade between the two sides: kind and number of a document."""

    code: ClassVar[str] = "holding.trade_basis_missing"


class SamePerson(Forbidden):
    """Who made it does not check it."""

    code: ClassVar[str] = "voucher.same_person"


class CreditExceeded(Conflict):
    """The supplier holds less, unlocked, than the credit note takes away."""

    code: ClassVar[str] = "voucher.credit_exceeded"


class PaymentExceeded(Conflict):
    """More is to be redeemed than is outstanding."""

    code: ClassVar[str] = "voucher.payment_exceeded"


class CreditAfterTransfer(Conflict):
    """The part is not the first supplier's any more: the voucher is an unconditional promise, the note is settled outside."""

    code: ClassVar[str] = "voucher.credit_after_transfer"


class CancelNotAsked(Conflict):
    """The issuer has not signed that the voucher shall be cancelled."""

    code: ClassVar[str] = "voucher.cancel_not_asked"


class CancelLate(Conflict):
    """The last day to agree to the cancellation is over; the issuer may sign for it again."""

    code: ClassVar[str] = "voucher.cancel_late"


class OfferExpired(Conflict):
    """The time to answer the offer is over."""

    code: ClassVar[str] = "voucher.offer_expired"


class VoucherDue(Conflict):
    """The due date has come: nothing is passed on or financed any more."""

    code: ClassVar[str] = "voucher.due"


class RoleMissing(Conflict):
    """A voucher goes from a core enterprise to a supplier on its list, both with their role in force on the day."""

    code: ClassVar[str] = "voucher.role_missing"


class PromiseDayInvalid(Invalid):
    """The promised day is not after today and the due date, too far away, or no business day."""

    code: ClassVar[str] = "voucher.promise_day_invalid"


class PromiseReasonMissing(Invalid):
    """Who pays late says why."""

    code: ClassVar[str] = "voucher.promise_reason_missing"


class NotAHolder(Forbidden):
    """Only who holds a living part (or has its pledge) may do this for it."""

    code: ClassVar[str] = "voucher.not_a_holder"


class PaymentUnderway(Conflict):
    """A payment of a part is under way; its bank's answer comes first."""

    code: ClassVar[str] = "voucher.payment_underway"


class AccountMissing(Conflict):
    """A side has no bank account in the currency to pay from or to."""

    code: ClassVar[str] = "voucher.account_missing"
