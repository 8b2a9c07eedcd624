"""Refusals in words: one table from codes to a sentence and the next step, one from kinds to HTTP statuses.

Codes never change, words may. A code that the table does not know is named as it is, beside the words of its kind.
"""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from fourflow.interfaces.web import expected as expectations
from fourflow.interfaces.web.components.records import Banner, Problem
from fourflow.interfaces.web.components.shell import Words
from fourflow.interfaces.web.rarely import RARE
from fourflow.platform import doing, logs
from fourflow.platform.errors import FourflowError, Kind

STATUSES: dict[Kind, int] = {
    Kind.INVALID: 422,
    Kind.NOT_FOUND: 404,
    Kind.FORBIDDEN: 403,
    Kind.CONFLICT: 409,
    Kind.BUSY: 409,
    Kind.INPUT_DIFFERS: 422,
    Kind.UNAVAILABLE: 503,
}
BY_KIND: dict[Kind, Words] = {
    Kind.INVALID: _("The input breaks a rule."),
    Kind.NOT_FOUND: _("There is nothing here, or your organisation may not see it."),
    Kind.FORBIDDEN: _("You may not do this."),
    Kind.CONFLICT: _("Its state does not allow this (any more)."),
    Kind.BUSY: _("This is being done right now."),
    Kind.INPUT_DIFFERS: _("This form was sent before with other content."),
    Kind.UNAVAILABLE: _("An outside party does not answer."),
}
_LOOK = _("Look at it again; someone may have acted meanwhile.")
_ADMIN = _("An administrator of your organisation can grant it.")
_AGAIN = _("Open the page again and decide on what it shows now.")

TEXTS: dict[str, tuple[Words, Words]] = {
    "approval.already_decided": (_("This was decided before."), _LOOK),
    "approval.expired": (_("The time to decide has passed."), _("Ask the maker to submit it again.")),
    "approval.payload_changed": (_("What you saw is not what is to be approved."), _AGAIN),
    "approval.pending": (_("It already waits for an approval."), _LOOK),
    "approval.reason_missing": (_("A rejection needs a reason."), _("Write it into the opinion.")),
    "approval.same_person": (
        _("You made it yourself, or checked it before."),
        _("Another person of your organisation decides; a second account does not change who you are."),
    ),
    "claim.amount_invalid": (_("The amount is not positive, too large, or in another currency."), ""),
    "claim.documents_missing": (
        _("The document that the claim is about is missing."),
        _("Name the order, delivery, invoice, contract or waybill behind it."),
    ),
    "claim.sequence_wrong": (
        _("The days do not follow each other: delivered, confirmed, due."),
        _("Nothing is owed for goods that have not come."),
    ),
    "claim.in_use": (
        _("The underlying document is already registered or used."),
        _("A delivery is financed once. By whom it was used is not told."),
    ),
    "claim.payable_exceeded": (_("More than is left of the confirmed payable."), _("Lower the amount.")),
    "claim.payable_late": (_("The time to confirm the payable has passed."), _("Ask the maker to propose it again.")),
    "clock.not_movable": (_("The clock only moves forward."), ""),
    "sandbox.only": (_("A production installation has no test mode."), ""),
    "sandbox.party_unknown": (_("There is no such outside party here."), _("Choose one from the list.")),
    "sandbox.refused": (_("The outside party did not accept this."), _("Choose another failure or endpoint.")),
    "claim.payable_not_found": (_("There is no such payable, or your organisation may not see it."), ""),
    "claim.payable_state": (_("The payable is not in a state that allows this."), _LOOK),
    "claim.same_person": (_("Who proposed a payable does not confirm it."), _("Another person confirms.")),
    "financing.account_missing": (
        _("A party has no bank account in this currency."),
        _("Register one, then try again."),
    ),
    "financing.decision_not_theirs": (_("Only the funder decides."), ""),
    "financing.no_limit": (
        _("The funder has no open line on the issuer, or not enough of it."),
        _("Ask another funder."),
    ),
    "financing.nothing_left": (_("The cost is as large as the amount."), ""),
    "financing.quote_expired": (_("The price is no longer valid."), _("Ask for a new one: it takes a second.")),
    "financing.quote_used": (_("A financing was already requested at this price."), _LOOK),
    "financing.rate_above_consent": (
        _("The rate is higher than the supplier consented to."),
        _("Decide at or below the consented rate, or refuse."),
    ),
    "financing.state": (_("The financing is not in a state that allows this."), _LOOK),
    "financing.too_close_to_maturity": (
        _("Too few days are left until the due date."),
        _("Waiting for the payment is the better way."),
    ),
    "holding.amount_invalid": (
        _("The amount is not positive, more than you hold, or in another currency."),
        _("Choose an amount up to what you hold."),
    ),
    "holding.below_minimum_lot": (
        _("A part would be smaller than the minimum lot."),
        _("Pass on all of it, or leave at least one lot."),
    ),
    "holding.blocked": (_("A dispute or freeze lies on it."), _("Its source stands on the voucher's page.")),
    "holding.party_barred": (_("One of the two sides is barred from transfers."), ""),
    "holding.related_parties": (
        _("The two sides belong to one group: a transfer between them shows no trade."),
        _("Choose a receiver outside your group."),
    ),
    "holding.round_trip": (_("The receiver held this part before, or issued the voucher."), _("Choose another.")),
    "holding.split_abnormal": (_("More parts or splits than the rules against abnormal splitting allow."), ""),
    "holding.state": (_("It is locked, financed, spent, paid or cancelled."), _LOOK),
    "holding.too_many_tiers": (_("It has been passed down as far as it may be."), ""),
    "holding.trade_basis_missing": (_("The trade behind it is not named."), _("Name kind and number of a document.")),
    "idempotency.input_differs": (_("This form was sent before with other content."), _AGAIN),
    "idempotency.key_missing": (_("The form is incomplete."), _AGAIN),
    "idempotency.still_running": (_("This is being done right now."), _("Wait a moment and reload.")),
    "limit.begins_later": (
        _("The line is in force: a change that begins later would stop it until then."),
        _("Choose today, and announce what holds later on its first day."),
    ),
    "limit.exceeded": (
        _("The credit line has less available than is asked for."),
        _("Lower the amount, or ask the bank for a larger line."),
    ),
    "limit.frozen": (_("The bank has frozen the credit line."), _("Ask the bank.")),
    "limit.not_in_force": (_("The credit line has not begun, or is over."), _("Ask the bank.")),
    "limit.proposal_open": (_("Another announcement of this line waits for its second person."), _LOOK),
    "limit.publication_decided": (_("The announcement was decided before."), _LOOK),
    "money.malformed": (
        _("This is not an amount."),
        _("Digits and at most two decimals, without thousands separators: 1234.50"),
    ),
    "notices.preference_invalid": (
        _("Language or moment is not among the choices, or security was to be switched off."),
        "",
    ),
    "page.invalid": (_("This list has no such page or order."), ""),
    "draft.changed": (
        _("Another window has kept other answers of this form, or has finished it."),
        _("Nothing of either is lost: say which answers stay."),
    ),
    "draft.invalid": (
        _("This cannot be kept as a draft."),
        _("Only forms in several steps keep drafts, up to 8,000 letters."),
    ),
    "view.invalid": (_("The view needs a name of its own, of at most 40 letters."), _("Give it another name.")),
    "view.too_many": (_("You keep thirty views of this list already."), _("Delete one of them first.")),
    "view.not_found": (_("There is no such view."), ""),
    "parameter.date_in_past": (_("A value may not begin before the day of its approval."), _("Propose a later day.")),
    "parameter.dated": (_("An approved value already begins on that day."), ""),
    "parameter.state": (_("The value is not proposed any more."), _LOOK),
    "paper.not_yet": (
        _("There is nothing to write down yet."),
        _("The agreement exists once the bank has approved, the notice once a part was transferred."),
    ),
    "pdf.fonts_missing": (_("The fonts for papers are missing here."), _("The operator builds them: make assets.")),
    "pdf.not_printable": (
        _("A name has a character that the printing fonts do not have."),
        _("Ask the operator; the facts can be read from the API."),
    ),
    "party.licence_expired": (_("Your organisation's licence for this is over."), _("Renew it with the operator.")),
    "party.licence_missing": (_("Your organisation has no licence for this."), ""),
    "party.mandate_exceeded": (
        _("The amount is more than you may sign for."),
        _("A person with a higher mandate signs."),
    ),
    "party.mandate_expired": (_("Your mandate for this is over."), _ADMIN),
    "party.mandate_missing": (_("You have no mandate to bind your organisation in this."), _ADMIN),
    "party.not_found": (_("There is no such firm here."), _("Choose one from the list.")),
    "party.person_elsewhere": (
        _("This person acts for another organisation here."),
        _("Ask the operator: its people add such a person to a firm, on the firm's page."),
    ),
    "party.not_permitted": (_("Your functions do not include this."), _ADMIN),
    "party.identifier_taken": (_("Another party has this identifier."), ""),
    "party.period_overlaps": (_("The same already holds in a part of the period."), ""),
    "service.unavailable": (_("Something outside that is needed does not answer."), _("Try again in a few minutes.")),
    "session.code_wrong": (
        _("The code is wrong, over, or was used before."),
        _("Wait for the next code of your app, or use a recovery code."),
    ),
    "session.confirmation_needed": (
        _("Confirm first that it is you. Nothing was signed."),
        _("Enter your password once; it holds for some minutes."),
    ),
    "session.locked": (_("Too many attempts."), _("The sign-in is locked for some minutes. A passkey still opens.")),
    "session.not_found": (_("There is no such session of yours, or it is over."), ""),
    "session.second_factor_needed": (
        _("Your account has a second factor. Nothing was signed."),
        _("Enter the code of your app too, or use your passkey."),
    ),
    "passkey.refused": (_("The passkey does not fit."), _("Try again, or sign in by password.")),
    "provider.refused": (
        _("The identity provider's answer does not fit."),
        _("Sign in by password; then link the provider under “My sign-in”."),
    ),
    "provider.silent": (_("The identity provider does not answer."), _("Sign in by password or passkey.")),
    "factor.taken": (_("It is in use already."), _("Remove it first.")),
    "factor.not_found": (_("There is no such second factor."), _LOOK),
    "access.reason_missing": (_("It needs a reason of at least ten characters."), _("Write what happened.")),
    "recovery.elsewhere": (
        _("The person acts for other organisations too."),
        _("Ask the operator: its people let him in again."),
    ),
    "recovery.own_account": (_("Nobody helps himself to his own account."), _("Two other people do.")),
    "recovery.refused": (
        _("The two halves do not fit this address, or their time is over."),
        _("Ask both helpers again; each of them has one half."),
    ),
    "recovery.state": (_("It is decided, or another one of this account is open."), _LOOK),
    "emergency.state": (_("It is over, was reviewed, or another one of yours runs."), _LOOK),
    "party.account_not_found": (_("No open sign-in of your people has this address."), ""),
    "party.declaration_invalid": (_("A part is missing or does not fit."), ""),
    "session.password_wrong": (
        _("The password is wrong. Nothing was signed."),
        _("Enter the password of this account."),
    ),
    "session.refused": (_("Address or password is wrong."), _("Check both and try again.")),
    "settlement.proposal_late": (_("The time to decide has passed."), _("It may be proposed again.")),
    "settlement.nothing_proposed": (_("There is no proposal to decide on."), _LOOK),
    "settlement.not_the_proposer": (_("Only who proposed it takes it back."), ""),
    "settlement.nothing_unmatched": (_("Nothing of it is unmatched: it was placed, or is on its way back."), _LOOK),
    "settlement.not_returnable": (_("It is a payment of our own that came back, or came from this very account."), ""),
    "settlement.payer_account_unknown": (
        _("The bank did not name the payer's account."),
        _("Ask the bank who paid, or place the money."),
    ),
    "settlement.platform_account_barred": (
        _("A platform account receives only its own fees and pays only its own bills."),
        _("The operator settles it with the bank."),
    ),
    "action.forbidden": (_("You may not see it (any more)."), _ADMIN),
    "report.reader_gone": (_("You did not act for this organisation any more."), _ADMIN),
    "report.refused": (
        _("This address gives you no report."),
        _("Open the list itself, and press Subscribe beside Excel."),
    ),
    "report.schedule_invalid": (_("A report has a name and the address of a list."), ""),
    "report.schedule_state": (_("The report is not in a state that allows this."), _LOOK),
    "report.too_many": (_("These are too many reports."), _("At most 20; end one that you do not need.")),
    "service.failed": (_("It broke on our side, again and again."), _("The operator finds the cause in the log.")),
    "rows.cell": (_("A cell of this row is missing or malformed."), ""),
    "rows.invalid": (
        _("The file cannot be read."),
        _("Every needed column once, each row under its heads, up to 1,000 of them."),
    ),
    "rows.refused": (_("Rows have errors, and all or none was asked for."), _("Try the file again.")),
    "rows.repeated": (_("The row repeats an earlier one."), _("Take one of the two out.")),
    "settlement.return_in_full": (_("What is unmatched goes back whole."), _("Place first what belongs to somebody.")),
    "settlement.already_matched": (_("This payment has a part for that expectation already."), _LOOK),
    "settlement.over_matched": (_("More than the entry holds, or than is still expected."), _LOOK),
    "settlement.same_person_twice": (_("The second decision must come from another person."), ""),
    "signature.content_changed": (_("What would be signed is not what was shown."), _AGAIN),
    "signature.wrong": (_("The signature does not belong to the content or the person."), _AGAIN),
    "voucher.contract_clause_missing": (
        _("The due date is later than the statutory one."),
        _("Name the contract's clause that allows it, or choose an earlier day."),
    ),
    "voucher.due_date_invalid": (
        _("The due date is not after the issue date, or no business day."),
        _("Choose a business day."),
    ),
    "voucher.face_invalid": (_("The amount is not positive, or not in the payable's currency."), ""),
    "voucher.issuer_barred": (
        _("The issuer is on the stop list."),
        _("It may issue again when the overdue payment is made and the restriction is lifted."),
    ),
    "voucher.limit_missing": (_("The bank has no line on the issuer in this currency."), _("Choose another bank.")),
    "voucher.plan_used": (_("A voucher was already drafted from this form."), _LOOK),
    "voucher.same_person": (_("Who made it does not check it."), ""),
    "voucher.state": (_("The voucher is not in a state that allows this."), _LOOK),
    "voucher.term_not_acknowledged": (
        _("The term is long, and the bank has not acknowledged it."),
        _("The bank looks at the term first."),
    ),
    "voucher.term_reason_missing": (_("A long term needs a reason."), _("Write why the term is this long.")),
    "voucher.term_too_long": (_("The term is longer than the rules allow."), _("Choose an earlier day.")),
    "batch.empty": (_("Nothing is ticked."), _("Tick the requests that you want to decide together.")),
    "batch.mixed": (
        _("These cannot be decided together."),
        _("Tick requests of one kind and one currency; what releases money is decided one by one."),
    ),
    "batch.too_many": (_("Too many at once."), _("At most 100.")),
    "claim.differs": (
        _("The document is registered with another amount or creditor."),
        _("Take the registered ones, or ask the other side."),
    ),
    "claim.parties_invalid": (_("Debtor and creditor are one, or you act for neither."), _("Choose another firm.")),
    "claim.payable_exists": (_("The document already has an open payable."), _("Open it in the list, or withdraw it.")),
    "claim.underlying_invalid": (_("A part of the document is missing or malformed."), ""),
    "input.missing": (_("This is needed."), ""),
    "input.not_a_choice": (_("This is not on offer."), ""),
    "input.not_a_day": (_("There is no such day."), ""),
    "input.not_an_address": (_("This is no e-mail address."), ""),
    "input.not_a_number": (_("This is not a number."), ""),
    "input.too_long": (_("This is too long."), ""),
    "input.unreadable": (_("There is a character in it that no text has."), ""),
    "limit.already": (_("The line already stands as you want it."), _LOOK),
    "limit.amount_not_positive": (_("A line is not negative."), _("Zero closes it for new use.")),
    "limit.funder_is_core": (_("A bank grants no line to itself."), _("Choose a core enterprise.")),
    "limit.same_person": (_("Who froze the line does not open it again."), _("Another person does.")),
    "limit.unchanged": (_("The line says this already."), _("Take the row out.")),
    "limit.term_invalid": (_("The line would end before it begins."), _("Choose a later day.")),
    "money.unknown_currency": (_("This currency is not known here."), ""),
    "parameter.scope_invalid": (
        _("This is no scope."),
        _("The platform, a party, or product: and its code."),
    ),
    "parameter.unknown": (_("There is no such parameter."), ""),
    "parameter.value_invalid": (_("The value does not fit the parameter."), ""),
    "party.account_taken": (_("This address already signs in."), _("Take another address.")),
    "party.application_state": (_("The application is not in a state that allows this."), _LOOK),
    "party.document_altered": (
        _("What is kept of the document is not what was handed in; it is not shown."),
        _("Ask the applicant for the file anew and tell whoever runs the installation."),
    ),
    "party.document_missing": (_("A document that the role needs is missing."), ""),
    "party.identifier_invalid": (
        _("The number does not fit its scheme."),
        _("Check every character; the last ones are check characters."),
    ),
    "party.period_invalid": (_("The period ends before it begins."), _("Choose a later day.")),
    "settlement.step_not_allowed": (_("The payment is not in a state that allows this."), _LOOK),
    "voucher.account_missing": (_("A side has no bank account in this currency."), _("Register one, then try again.")),
    "voucher.cancel_late": (_("The time to agree to the cancellation has passed."), _("The issuer may sign again.")),
    "voucher.cancel_not_asked": (_("The issuer has not signed for the cancellation."), _("The issuer asks first.")),
    "voucher.complaint_not_found": (_("There is no such open complaint."), _LOOK),
    "voucher.credit_after_transfer": (
        _("The part was passed on, locked or financed: its holders are not touched."),
        _("Settle the credit note outside, from the voucher's page."),
    ),
    "voucher.credit_exceeded": (_("The amount is not positive, too large, or in another currency."), ""),
    "voucher.role_missing": (
        _("The receiver is not on the white list of the core enterprise."),
        _("The operator adds it: a new role, in the core's programme."),
    ),
    "voucher.not_a_holder": (_("Your organisation has no part in it."), ""),
    "voucher.promise_day_invalid": (_("No business day to come after the due date, or too far away."), ""),
    "voucher.payment_underway": (
        _("An earlier payment has no final answer of its bank yet."),
        _("Wait for the answer; it is asked for."),
    ),
    "insight.request_answered": (_("This request is answered."), _("Ask anew for what was recorded since.")),
    "insight.request_open": (_("The operator has not handed it out yet."), _LOOK),
    "insight.request_invalid": (_("A request says why, on whose authority, and by when."), ""),
    "insight.nothing_numbered": (_("No fact about it has a place in the log yet."), _("A second later it has.")),
    "evidence.not_yet_in_log": (
        _("The fact is recorded, but no signed checkpoint covers it yet."),
        _("Try again in a second."),
    ),
    "document.file_refused": (_("The file as a whole cannot be read."), _("Take the template and save it again.")),
    "document.exists": (
        _("It is recorded already with another content."),
        _("What was recorded first stays; a mistake in it is put right with the other side."),
    ),
    "document.invalid": (_("It contradicts itself, or a text of it is too long or no text."), ""),
    "document.already_imported": (_("This very file was taken over before."), ""),
    "upload.unreadable": (
        _("The file cannot be read."),
        _("An Excel workbook (.xlsx) or a CSV file in UTF-8, with the columns of the template."),
    ),
    "upload.not_a_document": (
        _("The file is no document that is taken here."),
        _("Hand in a PDF, PNG or JPEG of at most 10 MB."),
    ),
    "upload.too_large": (_("The file is too large."), _("At most 1,000 rows and 2 MB; split it.")),
    **RARE,
}


def status_of(error: FourflowError) -> int:
    """The HTTP status of a refusal."""
    return 400 if error.code == "idempotency.key_missing" else STATUSES[error.kind]


def words(error: FourflowError) -> tuple[Words, Words]:
    """What is wrong and what to do next."""
    known = TEXTS.get(error.code)
    return known if known else (BY_KIND[error.kind], "")


def problem(error: FourflowError, where: Words = "") -> Problem:
    """A refusal as a line; what was expected stands behind it where that is a short text."""
    message, following = words(error)
    if expected := expectations.of(error):
        return Problem(gettext("%(what)s (%(expected)s)") % {"what": message, "expected": expected}, where, following)
    return Problem(message if error.code in TEXTS else f"{message} [{error.code}]", where, following)


def banner(error: FourflowError) -> Banner:
    """The note above a form that was refused: nothing was changed, why, and the request. The log says the code."""
    logs.refuse(error.code)
    request_id = doing.request_id()
    return Banner(_("Nothing was changed"), tone="bad", problems=(problem(error),), request_id=request_id)


def told(error: FourflowError) -> tuple[Banner, int]:
    """The note and the status with which a refused page is drawn again; what is not there has no page, and raises."""
    status = status_of(error)
    if status == STATUSES[Kind.NOT_FOUND]:
        raise error
    return banner(error), status
