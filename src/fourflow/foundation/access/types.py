"""Sessions, how a person was recognised, second factors, and what can go wrong at the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from fourflow.foundation.parties.types import Permission
from fourflow.platform.errors import Conflict, Forbidden, Invalid, NotFound
from fourflow.platform.ids import decode


class SessionKind(StrEnum):
    WEB = "web"
    API = "api"


class Strength(StrEnum):
    """How a person was recognised. It is signed with every signature that was given on the strength of it."""

    PASSWORD = "password"
    PASSWORD_CODE = "password+totp"
    PASSWORD_RECOVERY = "password+recovery_code"
    PASSKEY = "passkey"
    PROVIDER = "oidc"


class Ending(StrEnum):
    """Why a session is over before its time."""

    SIGNED_OUT = "signed_out"
    BY_OWNER = "by_owner"
    PASSWORD_CHANGED = "password_changed"
    RECOVERED = "recovered"


class GuardKind(StrEnum):
    """What attempts are counted by: the sign-in that is knocked at, and the network address that knocks."""

    ACCOUNT = "account"
    ADDRESS = "address"


class RecoveryState(StrEnum):
    """EXPIRED: nobody decided in time, or nobody used the halves while they were good."""

    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    USED = "used"
    EXPIRED = "expired"


class DataClass(StrEnum):
    """What an answer shows, at its highest: 公开、受限、核心; or what belongs to nobody but its reader."""

    PUBLIC = "public"
    OWN = "own"
    RESTRICTED = "restricted"
    CORE = "core"


class ReadPurpose(StrEnum):
    """Why another party's data was read; the authorisation number says by whose leave."""

    OPERATION = "operation"
    SUPERVISION = "supervision"
    EMERGENCY = "emergency"
    CONSENT = "consent"


#: requests for evidence are known to who oversees alone: a line about them names no firm, so that nobody is told of it
UNTOLD = frozenset({"requests", "evidence-requests"})
#: the subject of every seal over the log of reads, of which an installation has one
LOG_OF_READS = UUID("00000000-0000-7000-8000-00000000ead5")
#: lines under one seal: a bundle of it stays far below what a verifier takes (1 MiB)
SEALED_AT_ONCE = 1000
#: how an authorisation number begins that is an emergency's
GLASS = "emg"
EMERGENCY = frozenset(
    {
        Permission.AUDIT_READ,
        Permission.EVIDENCE_EXPORT,
        Permission.MEMBER_EDIT,
        Permission.RESTRICTION_IMPOSE,
        Permission.VOUCHER_FREEZE,
    }
)
"""What broken glass opens: looking, and stopping. It admits nobody, signs nothing and moves no money."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers of the door on a business day; see the catalogue of parameters."""

    step_up_minutes: int
    account_attempts: int
    address_attempts: int
    lock_minutes: int
    session_hours: int
    recovery_hours: int
    emergency_minutes: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from: network address and the program's own description."""

    address: str
    agent: str = ""

    @classmethod
    def of(cls, meta: Mapping[str, Any], *, behind_proxy: bool) -> Origin:
        """From the variables of a WSGI request. Behind a proxy of ours the last forwarded address is the one it saw."""
        address = str(meta.get("REMOTE_ADDR", ""))
        if behind_proxy:
            address = str(meta.get("HTTP_X_FORWARDED_FOR", address)).rpartition(",")[2].strip() or address
        return cls(address[:64], str(meta.get("HTTP_USER_AGENT", ""))[:200])

    def __str__(self) -> str:
        return f"{self.address} · {self.agent}" if self.agent else self.address


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The person was recognised again for signing; good until `until` in this session, for this authority."""

    strength: Strength
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session. `confirmation` is the last one given, for the `authority` that the person then had, whether or not it
    still holds; `emergency`: the glass that its person has broken, while the time of that is not over.
    """

    id: UUID
    account_id: UUID
    organisation_id: UUID | None
    kind: SessionKind
    strength: Strength
    origin: str
    began_at: datetime
    seen_at: datetime
    expires_at: datetime
    confirmation: Confirmation | None = None
    authority: bytes = b""
    emergency: UUID | None = None


@dataclass(frozen=True, slots=True)
class PasskeyView:
    id: UUID
    name: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """What an account has beside its password."""

    code: bool = False
    passkeys: tuple[PasskeyView, ...] = ()
    recovery_codes: int = 0

    @property
    def asked(self) -> bool:
        """Whether a password alone is not enough any more."""
        return self.code or bool(self.passkeys)

    @property
    def typed(self) -> bool:
        """Whether there is a code that can be typed: who has a passkey alone has none."""
        return self.code or self.recovery_codes > 0


@dataclass(frozen=True, slots=True)
class Site:
    """The relying party: its domain, and the one origin from which answers are heard."""

    domain: str
    origin: str
    name: str = "Fourflow"


@dataclass(frozen=True, slots=True)
class Question:
    """``options`` go to the browser, ``state`` waits in the session for the answer, which it is good for once."""

    options: dict[str, Any]
    state: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A secret that is shown once, for an authenticator app; `offer` is the same, sealed, for the form to send back."""

    secret: str
    uri: str
    offer: str


@dataclass(frozen=True, slots=True)
class RecoveryView:
    id: UUID
    account_id: UUID
    person_id: UUID
    organisation_id: UUID
    reason: str
    state: RecoveryState
    approval_id: UUID | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class EmergencyView:
    """Glass that was broken: who, why, for how long, and who looked at it afterwards."""

    id: UUID
    person_id: UUID
    organisation_id: UUID
    reason: str
    began_at: datetime
    until: datetime
    ended_at: datetime | None
    reviewed_by: UUID | None
    review: str


@dataclass(frozen=True, slots=True)
class Look:
    """What an answer showed: the part of the house, one object of it or the list under some filters, and whose it is,
    where it is a single party's."""

    data_class: DataClass
    what: str
    object_id: str = ""
    filters: str = ""
    subject_party_id: UUID | None = None

    @property
    def visible_id(self) -> UUID | None:
        """The object by which a line is told to parties: whoever may see it, may see who looked at it. None for a list.

        A line about one firm is that firm's alone: others may see the firm, but not who looked at it.
        """
        if self.subject_party_id is not None or not self.object_id:
            return None
        return decode(self.object_id[:3], self.object_id)


@dataclass(frozen=True, slots=True)
class ReadView:
    """One line of the log of reads; `session_id` is the session or the API client by which the person read.

    Who oversees sees it whole. A party is told the organisation that read, not its person, nor the filters, which may
    name others: `reader_person_id` is None, `session_id` and `filters` are empty.
    """

    id: UUID
    reader_person_id: UUID | None
    session_id: str
    organisation_id: UUID
    subject_party_id: UUID | None
    data_class: DataClass
    what: str
    object_id: str
    filters: str
    purpose: ReadPurpose
    authorisation_number: str
    read_at: datetime


class Refused(Forbidden):
    """Address, password or second factor do not fit: which of them is not told."""

    code: ClassVar[str] = "session.refused"


class PasswordWrong(Forbidden):
    """The password that confirms a signature is not the signer's."""

    code: ClassVar[str] = "session.password_wrong"


class Locked(Forbidden):
    """Too many attempts, for this sign-in or from this address; `until` says when the next one is heard."""

    code: ClassVar[str] = "session.locked"


class SecondFactorNeeded(Forbidden):
    """The password is right and not enough: the account has a second factor."""

    code: ClassVar[str] = "session.second_factor_needed"


class CodeWrong(Forbidden):
    """The code is wrong, over, or was used before."""

    code: ClassVar[str] = "session.code_wrong"


class ConfirmationNeeded(Forbidden):
    """Signing and moving money need a recent confirmation by password (and second factor) in this session."""

    code: ClassVar[str] = "session.confirmation_needed"


class SessionNotFound(NotFound):
    """No such session of this person, or it is over."""

    code: ClassVar[str] = "session.not_found"


class FactorNotFound(NotFound):
    """No such second factor of this account."""

    code: ClassVar[str] = "factor.not_found"


class FactorTaken(Conflict):
    """The account has an authenticator app already, or the passkey is somebody's."""

    code: ClassVar[str] = "factor.taken"


class PasskeyRefused(Forbidden):
    """What the passkey answered does not fit the question, the site or the key on record."""

    code: ClassVar[str] = "passkey.refused"


class RecoveryNotFound(NotFound):
    """No such recovery for this actor."""

    code: ClassVar[str] = "recovery.not_found"


class RecoveryOwn(Forbidden):
    """Nobody helps himself to his own account: two other people do."""

    code: ClassVar[str] = "recovery.own_account"


class RecoveryElsewhere(Forbidden):
    """The person acts for other organisations too: whoever lets him in opens theirs, so only the operator's people do."""

    code: ClassVar[str] = "recovery.elsewhere"


class RecoveryStateWrong(Conflict):
    """The recovery is decided already, or the account has one open."""

    code: ClassVar[str] = "recovery.state"


class RecoveryRefused(Forbidden):
    """The two halves do not fit this sign-in, or their time is over."""

    code: ClassVar[str] = "recovery.refused"


class ReasonMissing(Invalid):
    """It needs a reason of at least ten characters."""

    code: ClassVar[str] = "access.reason_missing"


class EmergencyNotFound(NotFound):
    """No such emergency for this actor."""

    code: ClassVar[str] = "emergency.not_found"


class EmergencyStateWrong(Conflict):
    """It is over, was reviewed before, or another one of the same person runs."""

    code: ClassVar[str] = "emergency.state"
