"""What can go wrong with a party, a mandate, a licence or a record; each with its code."""

from __future__ import annotations

from typing import ClassVar

from fourflow.platform.errors import Conflict, Forbidden, Invalid, NotFound


class NotPermitted(Forbidden):
    """The actor does not act for this party, or has no function with this permission."""

    code: ClassVar[str] = "party.not_permitted"


class PersonElsewhere(NotPermitted):
    """The person acts for others, and a firm alone makes nobody its own: the operator's people add him."""

    code: ClassVar[str] = "party.person_elsewhere"


class MandateMissing(NotPermitted):
    """The permission binds the organisation and the person has no mandate for it in this currency."""

    code: ClassVar[str] = "party.mandate_missing"


class MandateExpired(NotPermitted):
    """Every mandate of the person for this permission is over, or not yet begun."""

    code: ClassVar[str] = "party.mandate_expired"


class MandateExceeded(NotPermitted):
    """The amount is more than the person may sign for."""

    code: ClassVar[str] = "party.mandate_exceeded"


class LicenceMissing(NotPermitted):
    """The organisation has no licence of a kind that this act needs."""

    code: ClassVar[str] = "party.licence_missing"


class LicenceExpired(NotPermitted):
    """The organisation's licence for this act is over, or not yet begun."""

    code: ClassVar[str] = "party.licence_expired"


class PartyNotFound(NotFound):
    """No such party, or the actor's organisation has nothing to do with it."""

    code: ClassVar[str] = "party.not_found"


class AccountNotFound(NotFound):
    """The account does not exist, is closed, or is no member of the organisation on that day."""

    code: ClassVar[str] = "party.account_not_found"


class PartyRecordNotFound(NotFound):
    """No such application, licence, mandate, restriction or consent for this actor."""

    code: ClassVar[str] = "party.record_not_found"


class IdentifierInvalid(Invalid):
    """Wrong length, an alphabet error, or the check character does not fit."""

    code: ClassVar[str] = "party.identifier_invalid"


class IdentifierTaken(Conflict):
    """Another party has this identifier."""

    code: ClassVar[str] = "party.identifier_taken"


class ApplicationStateWrong(Conflict):
    """The application is not in a state that allows this step."""

    code: ClassVar[str] = "party.application_state"


class DocumentMissing(Invalid):
    """An application is submitted with at least one document of the required kinds."""

    code: ClassVar[str] = "party.document_missing"


class DocumentKnown(Invalid):
    """The application has this very file already, under whichever kind."""

    code: ClassVar[str] = "party.document_known"


class NotADocument(Invalid):
    """No file, a file that does not begin as one of the taken types, or one that is too large."""

    code: ClassVar[str] = "upload.not_a_document"


class DocumentAltered(Conflict):
    """What is kept of a document is not what was handed in: it does not open, or has another digest. It is not shown."""

    code: ClassVar[str] = "party.document_altered"


class PeriodOverlaps(Conflict):
    """The same role, membership, mandate or licence already exists for a part of the period."""

    code: ClassVar[str] = "party.period_overlaps"


class PeriodInvalid(Invalid):
    """The period ends before it begins."""

    code: ClassVar[str] = "party.period_invalid"


class AlreadyLifted(Conflict):
    """The restriction, licence or consent has already ended."""

    code: ClassVar[str] = "party.already_ended"


class RelationInvalid(Invalid):
    """A party is not related to itself; a relation names two parties."""

    code: ClassVar[str] = "party.relation_invalid"


class AccountTaken(Conflict):
    """The e-mail address already signs in."""

    code: ClassVar[str] = "party.account_taken"


class DeclarationInvalid(Invalid):
    """A declaration or a proposed change lacks a part, or a part does not fit."""

    code: ClassVar[str] = "party.declaration_invalid"


class ChangeStateWrong(Conflict):
    """The change is not proposed any more."""

    code: ClassVar[str] = "party.change_state"


class AlreadyFounded(Conflict):
    """The installation has its operator; every other party applies."""

    code: ClassVar[str] = "party.already_founded"


class ConsentNumberTaken(Conflict):
    """The authorisation number was used before."""

    code: ClassVar[str] = "party.consent_number_taken"
