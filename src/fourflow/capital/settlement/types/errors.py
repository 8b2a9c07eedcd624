"""What settlement refuses, and what a bank may do to us; each with its code."""

from __future__ import annotations

from typing import ClassVar

from fourflow.platform.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable


class InstructionNotFound(NotFound):
    """No such instruction, or the reader may not see it."""

    code: ClassVar[str] = "settlement.instruction_not_found"


class AccountNotFound(NotFound):
    """No such bank account."""

    code: ClassVar[str] = "settlement.account_not_found"


class EntryNotFound(NotFound):
    """No such bank entry, or the reader may not see it."""

    code: ClassVar[str] = "settlement.entry_not_found"


class ExpectationNotFound(NotFound):
    """No such expectation."""

    code: ClassVar[str] = "settlement.expectation_not_found"


class StepNotAllowed(Conflict):
    """The instruction does not go from this state to that one; from UNKNOWN the only way on is to ask."""

    code: ClassVar[str] = "settlement.step_not_allowed"


class AlreadySubmitted(Conflict):
    """An instruction goes to its bank once; what became of it is asked, never sent again."""

    code: ClassVar[str] = "settlement.already_submitted"


class PlatformAccountBarred(Forbidden):
    """A platform account receives only its own invoiced fees and pays only its own bills."""

    code: ClassVar[str] = "settlement.platform_account_barred"


class AmountNotPositive(Invalid):
    """Money moves in positive amounts."""

    code: ClassVar[str] = "settlement.amount_not_positive"


class CurrenciesDiffer(Invalid):
    """Accounts and amount of an instruction share one currency."""

    code: ClassVar[str] = "settlement.currencies_differ"


class OverMatched(Conflict):
    """More was given out than the entry holds, or than the expectation still waits for."""

    code: ClassVar[str] = "settlement.over_matched"


class AlreadyMatched(Conflict):
    """The expectation has a part of this entry already, or is named twice: one share says all that belongs there."""

    code: ClassVar[str] = "settlement.already_matched"


class InvoiceExceeded(Conflict):
    """Instructions on a platform invoice add up to more than the invoice."""

    code: ClassVar[str] = "settlement.invoice_exceeded"


class SamePersonTwice(Forbidden):
    """The second decision must come from another natural person."""

    code: ClassVar[str] = "settlement.same_person_twice"


class BankUnknown(Invalid):
    """The platform does not talk to a bank of this code."""

    code: ClassVar[str] = "settlement.bank_unknown"


class AccountClosed(Conflict):
    """The account was retired: nothing new is paid from or to it."""

    code: ClassVar[str] = "settlement.account_closed"


class AccountInUse(Conflict):
    """A payment over the account has no final answer of its bank yet: it is retired afterwards."""

    code: ClassVar[str] = "settlement.account_in_use"


class MessageRefused(Invalid):
    """A bank's message cannot be read: malformed, too large, or not of the announced kind."""

    code: ClassVar[str] = "settlement.message_refused"


class BankTimeout(Unavailable):
    """The bank did not answer in time: it may have acted or not. Ask, never send again."""

    code: ClassVar[str] = "settlement.bank_timeout"


class BankUnavailable(Unavailable):
    """The bank could not be reached, or said that it is out of order, before taking anything."""

    code: ClassVar[str] = "settlement.bank_unavailable"


class AccountTaken(Conflict):
    """The account number is registered to another party, or for another kind."""

    code: ClassVar[str] = "settlement.account_taken"


class ReferenceTaken(Conflict):
    """The reference names another payment or expectation, with other parties, amount or purpose."""

    code: ClassVar[str] = "settlement.reference_taken"


class ReconciliationNotFound(NotFound):
    """There is no such reconciliation, or the actor's organisation may not see it."""

    code: ClassVar[str] = "settlement.reconciliation_not_found"


class ExceptionNotFound(NotFound):
    """No such open exception."""

    code: ClassVar[str] = "settlement.exception_not_found"


class ExpectationInvalid(Invalid):
    """What is expected cannot be: the payer is the payee, the day is over, or no text could name its reference."""

    code: ClassVar[str] = "settlement.expectation_invalid"


class AccountNotWatched(Invalid):
    """Arrivals on the account are not fetched, so nothing could be recognised there."""

    code: ClassVar[str] = "settlement.account_not_watched"


class NothingUnmatched(Conflict):
    """Nothing of the credit is unmatched any more: it was placed, or is on its way back to its payer."""

    code: ClassVar[str] = "settlement.nothing_unmatched"


class PayerAccountUnknown(Conflict):
    """The bank did not name the account that the money came from, so it cannot be sent back there."""

    code: ClassVar[str] = "settlement.payer_account_unknown"


class NotReturnable(Conflict):
    """The credit is our own money coming back, or came from the account itself: nobody else is to have it."""

    code: ClassVar[str] = "settlement.not_returnable"


class ReturnInFull(Invalid):
    """What is unmatched of a credit goes back whole; what belongs to somebody is placed first."""

    code: ClassVar[str] = "settlement.return_in_full"


class NotTheProposer(Forbidden):
    """Only who proposed it takes it back; anybody else proposes something else in its place."""

    code: ClassVar[str] = "settlement.not_the_proposer"


class ProposalLate(Conflict):
    """The last day to decide what was proposed (a payment, or for unmatched cash) is over; it may be proposed again."""

    code: ClassVar[str] = "settlement.proposal_late"


class NothingProposed(Conflict):
    """There is no proposal to decide on, or not this one."""

    code: ClassVar[str] = "settlement.nothing_proposed"
