"""Sending unmatched cash back to whoever paid it: two people, the whole of it, to the account it came from, once."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from fourflow.capital.ledger import operations as ledger
from fourflow.capital.ledger import queries as ledger_queries
from fourflow.capital.settlement import events, models
from fourflow.capital.settlement.domain.cash import CashSide, returned
from fourflow.capital.settlement.models.evidence import evidenced
from fourflow.capital.settlement.operations.facts import of_instruction, publish
from fourflow.capital.settlement.operations.placing import in_time
from fourflow.capital.settlement.types import (
    AccountClosed,
    InstructionState,
    NothingProposed,
    NothingUnmatched,
    NotReturnable,
    NotTheProposer,
    PayerAccountUnknown,
    PaymentInstruction,
    PlatformAccountBarred,
    Purpose,
    ReturnInFull,
    ReturnState,
    SamePersonTwice,
)
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parties.types import SYSTEM, Actor, Permission
from fourflow.platform.clock import business_date
from fourflow.platform.db import visibility
from fourflow.platform.db.joining import joins
from fourflow.platform.events import operations as stream
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money


@joins
def propose_return(*, actor: Actor, entry_id: UUID, amount: Money | None, reason: str, effective_at: datetime) -> None:
    """A first person proposes to send back what is unmatched of a credit; see :func:`carry_out_return`.

    ``amount`` is what the person saw lying there, all of it (None: nothing any more). A new proposal replaces an undecided
    one, of either kind. It waits until its last day (``parameters.queries.decide_by``).

    :raises EntryNotFound: no such unmatched entry, or not the actor's to see.
    :raises NotPermitted: the actor does not match payments for the receiving party.
    :raises NothingUnmatched: it was placed, or is on its way back.
    :raises ReturnInFull: not the whole of what is unmatched.
    :raises PayerAccountUnknown: the bank did not name the account it came from.
    :raises NotReturnable: it is our own payment coming back, or came from the account itself.
    :raises PlatformAccountBarred: a platform account would pay or be paid.
    :raises AccountClosed: one of the two accounts was retired.
    """
    item = models.Suspense.objects.visible_to(actor).lock(entry_id)
    actor.require(Permission.PAYMENT_MATCH, party=None if actor.sees_all else item.party_id)
    rest = _unmatched(item)
    if amount != rest:
        raise ReturnInFull(field="amount", value=str(amount or ""), expected=str(rest))
    _payee_of(item.entry)
    until = parameters.decide_by(effective_at)
    item.propose(actor.person_id, until, return_reason=reason)
    fact = events.ReturnProposed(
        subject_id=entry_id, effective_at=effective_at, by_person_id=actor.person_id, amount=amount, decide_by=until
    )
    publish(fact, item)


@joins
def withdraw_proposal(*, actor: Actor, entry_id: UUID, effective_at: datetime) -> None:
    """Who proposed to send unmatched cash back, or where it belongs, takes that back; it lies there as before.

    :raises EntryNotFound: no such unmatched entry, or not the actor's to see.
    :raises NotPermitted: the actor does not match payments for the receiving party.
    :raises NothingUnmatched: it was placed, or is on its way back.
    :raises NothingProposed: nobody proposed anything.
    :raises NotTheProposer: somebody else did.
    """
    item = models.Suspense.objects.visible_to(actor).lock(entry_id)
    actor.require(Permission.PAYMENT_MATCH, party=None if actor.sees_all else item.party_id)
    rest = _unmatched(item)
    if item.proposed_by is None:
        raise NothingProposed(value=str(entry_id))
    if item.proposed_by != actor.person_id:
        raise NotTheProposer(entry=str(entry_id))
    item.clear_proposal()
    item.save()
    fact = events.ProposalWithdrawn(
        subject_id=entry_id, effective_at=effective_at, by_person_id=actor.person_id, amount=rest
    )
    publish(fact, item)


@joins
def expire_proposal(*, entry_id: UUID, effective_at: datetime) -> None:
    """Nobody decided in time what was proposed, of either kind: the cash lies there as before; called by the sweeper.

    :raises NothingProposed: it was decided, replaced or taken back meanwhile, or its last day is not over yet.
    """
    item = models.Suspense.objects.visible_to(SYSTEM).lock(entry_id)
    if item.proposed_by is None or item.decide_by is None or business_date(effective_at) <= item.decide_by:
        raise NothingProposed(value=str(entry_id))
    fact = events.ProposalExpired(
        subject_id=entry_id,
        effective_at=effective_at,
        proposed_by=item.proposed_by,
        amount=Money(item.rest, item.currency),
    )
    item.clear_proposal()
    item.save()
    publish(fact, item)


@joins
def carry_out_return(
    *, actor: Actor, entry_id: UUID, execution_date: date, effective_at: datetime
) -> PaymentInstruction:
    """A second person agrees: the bank is told to pay the money back; a job sends the order after the commit.

    It leaves suspense now; where the bank does not pay, it lies there again (:func:`fail_return`).

    :raises EntryNotFound: no such unmatched entry, or not the actor's to see.
    :raises NotPermitted: the actor does not decide on unmatched cash.
    :raises NothingUnmatched: it was placed, or is on its way back.
    :raises NothingProposed: nobody proposed to send it back.
    :raises SamePersonTwice: the actor proposed it.
    :raises ProposalLate: its last day is over, whether or not the sweeper has come.
    :raises PayerAccountUnknown: and the other refusals of :func:`propose_return`.
    """
    item = models.Suspense.objects.visible_to(actor).lock(entry_id)
    actor.require(Permission.PAYMENT_MATCH_CHECK, party=None if actor.sees_all else item.party_id)
    amount = _unmatched(item)
    if not item.return_reason or item.proposed_by is None:
        raise NothingProposed(value=str(entry_id))
    if item.proposed_by == actor.person_id:
        raise SamePersonTwice(entry=str(entry_id))
    in_time(item, effective_at)
    payment = _instruct(actor, item, amount, execution_date, effective_at)
    row = models.Return.objects.create(
        entry=item.entry,
        instruction=payment,
        account_id=item.entry.account_id,
        party_id=item.party_id,
        currency=item.currency,
        minor=amount.minor,
        reason=item.return_reason,
        maker_person_id=item.proposed_by,
        checker_person_id=actor.person_id,
        state=ReturnState.INSTRUCTED.value,
        at=effective_at,
    )
    item.take_out(amount.minor, at=effective_at)
    publish(of_instruction(events.InstructionGiven, payment, effective_at, execution_date=execution_date), payment)
    publish(_fact(events.ReturnInstructed, row, effective_at), row, item)
    return payment.to_type()


@joins
def settle_return(*, actor: Actor, instruction_id: UUID, effective_at: datetime) -> None:
    """The bank paid it back: what was owed to nobody known is owed no more. Told again it changes nothing."""
    row, _item = _under_way(actor, instruction_id)
    if row.state != ReturnState.INSTRUCTED.value:
        return
    row.state, row.finished_at = ReturnState.PAID.value, effective_at
    row.save(update_fields=["state", "finished_at"])
    entry = returned(CashSide(row.party_id, row.account_id), row.amount, instruction_id, row.entry_id)
    posted = ledger.post_many([entry], reference=f"returned/{instruction_id.hex}", effective_at=effective_at)
    fact = _fact(events.CashReturned, row, effective_at)
    stream.publish(fact, rows=[evidenced(row), ledger_queries.evidence_of(posted.batch_id)])


@joins
def fail_return(*, actor: Actor, instruction_id: UUID, effective_at: datetime) -> None:
    """The bank did not pay it back, or the order was withdrawn: the money is unmatched again. Twice changes nothing."""
    row, item = _under_way(actor, instruction_id)
    if row.state != ReturnState.INSTRUCTED.value:
        return
    row.state, row.finished_at = ReturnState.FAILED.value, effective_at
    row.save(update_fields=["state", "finished_at"])
    item.lay_back(row.minor)
    publish(_fact(events.ReturnFailed, row, effective_at), row, item)


def _unmatched(item: models.Suspense) -> Money:
    if item.closed_at is not None:
        raise NothingUnmatched(value=str(item.entry_id))
    return Money(item.rest, item.currency)


def _payee_of(entry: models.Entry) -> models.BankAccount | None:
    """The registered account that the money came from; None where nobody registered it."""
    if entry.is_reversal:
        raise NotReturnable(reason="reversal")
    if not entry.counterparty_account:
        raise PayerAccountUnknown(entry=str(entry.id))
    if entry.account.closed_on is not None:
        raise AccountClosed(value=str(entry.account_id))
    found = models.BankAccount.objects.filter(number=entry.counterparty_account, currency=entry.currency)
    if bank := entry.counterparty_bank:
        found = found.filter(Q(bank_id=bank) | Q(bank__bic=bank))
    accounts = list(found[:2])
    if entry.account.is_platform or any(account.is_platform for account in accounts):
        raise PlatformAccountBarred(purpose=Purpose.RETURN.value)
    payee = accounts[0] if len(accounts) == 1 else None
    if payee is not None and payee.id == entry.account_id:
        raise NotReturnable(reason="own_account")
    if payee is not None and payee.closed_on is not None:
        raise AccountClosed(value=str(payee.id))
    return payee


def _instruct(
    actor: Actor, item: models.Suspense, amount: Money, execution_date: date, effective_at: datetime
) -> models.Instruction:
    """The order to pay back: from the account where the money lies to the one it came from, as the bank named it."""
    entry, payee, key = item.entry, _payee_of(item.entry), new_id()
    models.BankAccount.objects.hold([entry.account_id, *([payee.id] if payee is not None else [])])
    row = models.Instruction.objects.create(
        id=key,
        reference=f"return:{key.hex}",
        bank_id=entry.bank_id,
        payer_account=entry.account,
        payer_id=entry.party_id,
        payer_is_platform=False,
        payer_name=entry.account.holder,
        payer_number=entry.account.number,
        payee_account=payee,
        payee_id=payee.party_id if payee is not None else None,
        payee_is_platform=False,
        payee_name=entry.counterparty or (payee.holder if payee is not None else entry.counterparty_account),
        payee_number=entry.counterparty_account,
        payee_bank=entry.counterparty_bank,
        currency=amount.currency,
        minor=amount.minor,
        purpose=Purpose.RETURN.value,
        subject_id=entry.id,
        mandate=f"unmatched:{entry.id.hex}",
        execution_date=execution_date,
        remittance=f"RETURN {entry.bank_reference} {entry.remittance}"[:140].strip(),
        state=InstructionState.INSTRUCTED.value,
        maker_person_id=item.proposed_by,
        instructed_at=effective_at,
    )
    visibility.grant(row.id, {one for one in (row.payer_id, row.payee_id) if one is not None}, "payment")
    return row


def _under_way(actor: Actor, instruction_id: UUID) -> tuple[models.Return, models.Suspense]:
    """A return and the unmatched cash that it comes from, locked in the order in which placing locks them."""
    seen = models.Return.objects.visible_to(actor)
    found = seen.get(instruction_id=instruction_id)
    item = models.Suspense.objects.visible_to(actor).lock(found.entry_id)
    return seen.lock(found.id), item


def _fact(kind: type[events.OfReturn], row: models.Return, effective_at: datetime) -> events.OfReturn:
    return kind(
        subject_id=row.entry_id,
        effective_at=effective_at,
        instruction_id=row.instruction_id,
        party_id=row.party_id,
        amount=row.amount,
    )
