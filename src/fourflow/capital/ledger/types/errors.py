"""What the ledger refuses."""

from __future__ import annotations

from fourflow.platform.errors import Conflict, FourflowError, Invalid, Kind, NotFound


class BookNotFound(NotFound):
    """No such book, or the acting organisation may not see it."""

    code = "ledger.book_not_found"


class AccountNotFound(NotFound):
    """No such account: nothing was ever posted to it."""

    code = "ledger.account_not_found"


class TransferNotFound(NotFound):
    """An entry refers to a transfer that does not exist."""

    code = "ledger.transfer_not_found"


class UnknownChartCode(Invalid):
    """The code is not in the catalogue of accounts."""

    code = "ledger.unknown_chart_code"


class WrongBook(Invalid):
    """The account does not belong into a book of this kind."""

    code = "ledger.wrong_book"


class BooksDiffer(Invalid):
    """Debit and credit are accounts of two books: an entry balances within one."""

    code = "ledger.books_differ"


class CurrenciesDiffer(Invalid):
    """Debit account, credit account and amount are not all of one currency."""

    code = "ledger.currencies_differ"


class SameAccount(Invalid):
    """Debit and credit are the same account."""

    code = "ledger.same_account"


class AmountNotPositive(Invalid):
    """An amount is zero or negative: direction is said by debit and credit."""

    code = "ledger.amount_not_positive"


class AmountTooLarge(Invalid):
    """A balance would leave the range of a 64-bit integer."""

    code = "ledger.amount_too_large"


class EntryMalformed(Invalid):
    """A field does not suit the kind of entry: ``field`` and ``kind`` say which."""

    code = "ledger.entry_malformed"


class BatchSizeWrong(Invalid):
    """A batch has no entry, or more than ``expected``."""

    code = "ledger.batch_size"


class ReferenceMissing(Invalid):
    """A batch needs a reference: the name under which it counts once."""

    code = "ledger.reference_missing"


class InputDiffers(FourflowError):
    """The reference was posted before with other entries; nothing moved."""

    code = "ledger.input_differs"
    kind = Kind.INPUT_DIFFERS


class DebitsExceedCredits(Conflict):
    """More would leave the account than it has, holds counted."""

    code = "ledger.debits_exceed_credits"


class CreditsExceedDebits(Conflict):
    """More would leave the account than it has, holds counted."""

    code = "ledger.credits_exceed_debits"


class AccountClosed(Conflict):
    """The account takes no further transfers."""

    code = "ledger.account_closed"


class AccountNotAtZero(Conflict):
    """Only an account without balance and holds can be closed."""

    code = "ledger.account_not_at_zero"


class NotAHold(Conflict):
    """The transfer that should be posted, voided or expired is no hold."""

    code = "ledger.not_a_hold"


class AlreadyResolved(Conflict):
    """The hold was resolved before; ``by`` says how: post, void or expire."""

    code = "ledger.already_resolved"


class AlreadyReversed(Conflict):
    """The transfer was reversed before."""

    code = "ledger.already_reversed"


class NotReversible(Conflict):
    """Only a posting is reversed, whole, by its own two accounts: no hold, no release, no reversal."""

    code = "ledger.not_reversible"


class ExceedsHold(Conflict):
    """More is posted than was held."""

    code = "ledger.exceeds_hold"


class HoldExpired(Conflict):
    """The hold lapsed before the date of the posting."""

    code = "ledger.hold_expired"


class HoldNotDue(Conflict):
    """The hold has not lapsed yet (or never does)."""

    code = "ledger.hold_not_due"


class LedgerRefused(Conflict):
    """The database refused the batch for a reason named in ``constraint``; nothing moved."""

    code = "ledger.refused"
