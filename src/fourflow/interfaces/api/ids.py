"""Identifiers at the edge: one table of prefixes, and the field types that read and write them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from fourflow.platform.errors import FourflowError
from fourflow.platform.ids import decode, encode

#: every kind of object that has an address, and how its identifiers begin
PREFIXES: dict[str, str] = {
    "account": "acc",
    "application": "app",
    "approval": "apr",
    "bank_account": "bac",
    "change": "chg",
    "claim": "clm",
    "client": "cli",
    "client_proposal": "cpr",
    "complaint": "cmp",
    "consent": "con",
    "delivery": "dlv",
    "document": "doc",
    "emergency": "emg",
    "entry": "ent",
    "event": "evt",
    "exception": "exc",
    "expectation": "exp",
    "financing": "fin",
    "holding": "hld",
    "import": "imp",
    "instruction": "ins",
    "licence": "lic",
    "limit": "lim",
    "message": "msg",
    "order": "ord",
    "overlay": "ovl",
    "parameter": "par",
    "party": "prt",
    "passkey": "psk",
    "payable": "pay",
    "person": "per",
    "promise": "prm",
    "publication": "pub",
    "quote": "quo",
    "read": "rea",
    "reconciliation": "rcn",
    "record": "rec",
    "recovery": "rcv",
    "registration": "reg",
    "report": "rpt",
    "request": "req",
    "restriction": "rst",
    "return": "rtn",
    "schedule": "sch",
    "session": "ses",
    "voucher": "vch",
    "webhook": "whk",
    "webhook_delivery": "whd",
}


def pattern(prefix: str) -> str:
    """The regular expression of identifiers that begin so."""
    return f"^{prefix}_[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{{26}}$"


@dataclass(frozen=True, slots=True)
class IdOf:
    """Pydantic's view of a UUID that is written as ``prefix_`` and 26 Crockford base-32 characters."""

    prefix: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        written = core_schema.plain_serializer_function_ser_schema(
            self.write, return_schema=core_schema.str_schema(), when_used="always"
        )
        return core_schema.no_info_plain_validator_function(self.read, serialization=written)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": pattern(self.prefix)}

    def read(self, value: Any) -> UUID:
        if isinstance(value, UUID):
            return value
        try:
            return decode(self.prefix, str(value))
        except FourflowError:
            raise PydanticCustomError(
                "id.malformed", "not an identifier that begins with {prefix}_", {"prefix": self.prefix}
            ) from None

    def write(self, value: UUID) -> str:
        return encode(self.prefix, value)


AccountId = Annotated[UUID, IdOf(PREFIXES["account"])]
ApplicationId = Annotated[UUID, IdOf(PREFIXES["application"])]
ApprovalId = Annotated[UUID, IdOf(PREFIXES["approval"])]
BankAccountId = Annotated[UUID, IdOf(PREFIXES["bank_account"])]
ChangeId = Annotated[UUID, IdOf(PREFIXES["change"])]
ClaimId = Annotated[UUID, IdOf(PREFIXES["claim"])]
ClientId = Annotated[UUID, IdOf(PREFIXES["client"])]
ExceptionId = Annotated[UUID, IdOf(PREFIXES["exception"])]
EmergencyId = Annotated[UUID, IdOf(PREFIXES["emergency"])]
PasskeyId = Annotated[UUID, IdOf(PREFIXES["passkey"])]
ReadId = Annotated[UUID, IdOf(PREFIXES["read"])]
ReconciliationId = Annotated[UUID, IdOf(PREFIXES["reconciliation"])]
RecoveryId = Annotated[UUID, IdOf(PREFIXES["recovery"])]
ClientProposalId = Annotated[UUID, IdOf(PREFIXES["client_proposal"])]
ComplaintId = Annotated[UUID, IdOf(PREFIXES["complaint"])]
ConsentId = Annotated[UUID, IdOf(PREFIXES["consent"])]
DeliveryId = Annotated[UUID, IdOf(PREFIXES["delivery"])]
DocumentId = Annotated[UUID, IdOf(PREFIXES["document"])]
EntryId = Annotated[UUID, IdOf(PREFIXES["entry"])]
EventId = Annotated[UUID, IdOf(PREFIXES["event"])]
ReportId = Annotated[UUID, IdOf(PREFIXES["report"])]
ScheduleId = Annotated[UUID, IdOf(PREFIXES["schedule"])]
EvidenceRequestId = Annotated[UUID, IdOf(PREFIXES["request"])]
ExpectationId = Annotated[UUID, IdOf(PREFIXES["expectation"])]
FinancingId = Annotated[UUID, IdOf(PREFIXES["financing"])]
HoldingId = Annotated[UUID, IdOf(PREFIXES["holding"])]
ImportId = Annotated[UUID, IdOf(PREFIXES["import"])]
InstructionId = Annotated[UUID, IdOf(PREFIXES["instruction"])]
LicenceId = Annotated[UUID, IdOf(PREFIXES["licence"])]
LimitId = Annotated[UUID, IdOf(PREFIXES["limit"])]
MessageId = Annotated[UUID, IdOf(PREFIXES["message"])]
OrderId = Annotated[UUID, IdOf(PREFIXES["order"])]
OverlayId = Annotated[UUID, IdOf(PREFIXES["overlay"])]
ParameterId = Annotated[UUID, IdOf(PREFIXES["parameter"])]
PartyId = Annotated[UUID, IdOf(PREFIXES["party"])]
PayableId = Annotated[UUID, IdOf(PREFIXES["payable"])]
PersonId = Annotated[UUID, IdOf(PREFIXES["person"])]
PromiseId = Annotated[UUID, IdOf(PREFIXES["promise"])]
PublicationId = Annotated[UUID, IdOf(PREFIXES["publication"])]
QuoteId = Annotated[UUID, IdOf(PREFIXES["quote"])]
RecordId = Annotated[UUID, IdOf(PREFIXES["record"])]
RegistrationId = Annotated[UUID, IdOf(PREFIXES["registration"])]
ReturnId = Annotated[UUID, IdOf(PREFIXES["return"])]
RestrictionId = Annotated[UUID, IdOf(PREFIXES["restriction"])]
SessionId = Annotated[UUID, IdOf(PREFIXES["session"])]
VoucherId = Annotated[UUID, IdOf(PREFIXES["voucher"])]
WebhookId = Annotated[UUID, IdOf(PREFIXES["webhook"])]
WebhookDeliveryId = Annotated[UUID, IdOf(PREFIXES["webhook_delivery"])]
