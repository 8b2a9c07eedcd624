"""What claims refuse."""

from __future__ import annotations

from typing import ClassVar

from fourflow.platform.errors import Conflict, Forbidden, FourflowError, Invalid, Kind, NotFound, Unavailable


class ClaimNotFound(NotFound):
    """No such claim, or the actor's organisation is none of its parties."""

    code: ClassVar[str] = "claim.not_found"


class ClaimUseNotFound(NotFound):
    """Nothing is used under this reference."""

    code: ClassVar[str] = "claim.use_not_found"


class PayableNotFound(NotFound):
    """No such payable, or the actor's organisation is none of its parties."""

    code: ClassVar[str] = "claim.payable_not_found"


class RegistrationNotFound(NotFound):
    """No such registration, or the actor's organisation is none of its parties."""

    code: ClassVar[str] = "claim.registration_not_found"


class ClaimInUse(Conflict):
    """The underlying document is already registered or used, wholly or too far. Carries no parameters: it names nobody
    and tells nothing of what others did with it."""

    code: ClassVar[str] = "claim.in_use"

    def __init__(self) -> None:
        super().__init__()


class ClaimDiffers(FourflowError):
    """The same party registered this document before, with another amount, debtor or ancestry."""

    code: ClassVar[str] = "claim.differs"
    kind: ClassVar[Kind] = Kind.INPUT_DIFFERS


class UnderlyingInvalid(Invalid):
    """A part of the underlying document is missing, unknown or not of the scheme's form."""

    code: ClassVar[str] = "claim.underlying_invalid"


class AncestorInvalid(Invalid):
    """A share is not positive, exceeds the claim or its ancestor, or is of another currency."""

    code: ClassVar[str] = "claim.ancestor_invalid"


class ClaimAmountInvalid(Invalid):
    """The amount is not positive, or not in the claim's currency."""

    code: ClassVar[str] = "claim.amount_invalid"


class DocumentsMissing(Invalid):
    """The payable names no document of the kind that its claim is about."""

    code: ClassVar[str] = "claim.documents_missing"


class SequenceWrong(Invalid):
    """The goods would be delivered after the debt over them is confirmed, or after it falls due."""

    code: ClassVar[str] = "claim.sequence_wrong"


class ClaimPartiesInvalid(Invalid):
    """Debtor and creditor are one party, or the registering organisation is neither of them nor the operator."""

    code: ClassVar[str] = "claim.parties_invalid"


class ClaimReferenceTaken(Conflict):
    """The reference already has its use."""

    code: ClassVar[str] = "claim.reference_taken"


class ReleaseExceeded(Conflict):
    """More is to be released than the use has open."""

    code: ClassVar[str] = "claim.release_exceeded"


class PayableStateWrong(Conflict):
    """The payable is not in a state that allows this."""

    code: ClassVar[str] = "claim.payable_state"


class PayableLate(Conflict):
    """The last day to confirm the payable is over; it may be proposed again."""

    code: ClassVar[str] = "claim.payable_late"


class PayableExists(Conflict):
    """The claim already has an open payable; withdraw it first."""

    code: ClassVar[str] = "claim.payable_exists"


class PayableExceeded(Conflict):
    """More is to be used than the debtor has confirmed and is left."""

    code: ClassVar[str] = "claim.payable_exceeded"


class SamePerson(Forbidden):
    """Who proposed a payable does not confirm it."""

    code: ClassVar[str] = "claim.same_person"


class RegistrationStateWrong(Conflict):
    """The registration is not in a state that allows this step."""

    code: ClassVar[str] = "claim.registration_state"


class ExchangeStateWrong(Conflict):
    """A request that may have reached the registry is asked about, never sent again."""

    code: ClassVar[str] = "claim.exchange_state"


class RegistryTimeout(Unavailable):
    """The registry did not answer in time: it may have acted or not."""

    code: ClassVar[str] = "claim.registry_timeout"


class RegistryUnavailable(Unavailable):
    """The registry could not be reached: it certainly took nothing."""

    code: ClassVar[str] = "claim.registry_unavailable"
