"""Field types and base models of every body: money, rates, text, what objects share."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar

from django.conf import settings
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    SecretStr,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from fourflow.interfaces.api.ids import ApprovalId, PersonId
from fourflow.platform.errors import FourflowError
from fourflow.platform.money import EXPONENTS
from fourflow.platform.money import Money as PlatformMoney

K = TypeVar("K", bound=StrEnum)


class _MoneyField:
    """``{"amount": "3200000.00", "currency": "CNY"}``: a decimal string, never a JSON number."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        written = core_schema.plain_serializer_function_ser_schema(lambda m: m.to_body(), when_used="always")
        return core_schema.no_info_plain_validator_function(self.read, serialization=written)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {
            "type": "object",
            "title": "Money",
            "properties": {
                "amount": {"type": "string", "pattern": r"^-?\d{1,18}(\.\d{1,2})?$", "examples": ["3200000.00"]},
                "currency": {"type": "string", "enum": sorted(EXPONENTS)},
            },
            "required": ["amount", "currency"],
            "additionalProperties": False,
        }

    @staticmethod
    def read(value: Any) -> PlatformMoney:
        if isinstance(value, PlatformMoney):
            return value
        if not isinstance(value, dict) or set(value) != {"amount", "currency"}:
            raise PydanticCustomError("money.malformed", "an object with amount and currency")
        amount, currency = value["amount"], value["currency"]
        if not isinstance(amount, str) or not isinstance(currency, str):
            raise PydanticCustomError("money.malformed", "amount and currency are strings")
        try:
            return PlatformMoney.parse(amount, currency)
        except FourflowError as error:
            raise PydanticCustomError(error.code, "amount refused") from None


Money = Annotated[PlatformMoney, _MoneyField()]


def _read_decimal(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    try:
        read = Decimal(value) if isinstance(value, str) and len(value) <= 40 else Decimal("NaN")
    except InvalidOperation:
        read = Decimal("NaN")
    if not read.is_finite() or "e" in str(value).lower():
        raise PydanticCustomError("input.decimal", "a decimal number as a string")
    return read


Rate = Annotated[
    Decimal,
    PlainValidator(_read_decimal),
    PlainSerializer(lambda value: format(value, "f"), return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?\d+(\.\d+)?$", "examples": ["0.0395"]}),
]
"""A rate, quantity or unit price: a decimal string, ``"0.0395"`` for 3.95 %."""


def _clean(value: str) -> str:
    if any(ord(character) < 32 and character not in "\n\t" for character in value):
        raise PydanticCustomError("input.control_character", "no control characters")
    return value


def _parted(value: Any) -> Any:
    return [word for word in value.split(",") if word] if isinstance(value, str) else value


if TYPE_CHECKING:
    Several: TypeAlias = tuple[K, ...]
else:

    class Several:
        """Words of one vocabulary in a query parameter, parted by commas; none of them means no filter."""

        def __class_getitem__(cls, kind: type[StrEnum]) -> Any:
            words = "|".join(kind)
            described = WithJsonSchema({"type": "string", "pattern": f"^(({words})(,({words}))*)?$", "default": ""})
            return Annotated[tuple[kind, ...], BeforeValidator(_parted), described]


Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_clean)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_clean)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def _readable(value: SecretStr) -> SecretStr:
    """Half of a surrogate pair is no letter: nothing can be computed over it."""
    try:
        value.get_secret_value().encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("input.control_character", "letters only") from None
    return value


Password = Annotated[SecretStr, AfterValidator(_readable)]


class Body(BaseModel):
    """What a caller sends: a field that is not declared is refused."""

    model_config = ConfigDict(extra="forbid")

    def plain(self) -> dict[str, Any]:
        """The input as its idempotency hash sees it: everything but the password."""
        body: dict[str, Any] = self.model_dump(mode="json", exclude={"password"})
        return body


class Signed(Body):
    """A step that a person signs, over the digest of exactly the content that was shown.

    ``password`` confirms the person for some minutes; without it ``POST /v1/session/confirmation`` was called before.
    """

    password: Password | None = None
    content_digest: Digest


class Reasoned(Body):
    reason: Text = ""


class Intention(Body):
    """Nothing but the intention: the address says what is to be done."""


class Part(BaseModel):
    """A part of an object that is shown."""

    model_config = ConfigDict(from_attributes=True)


def livemode() -> bool:
    """False in a sandbox."""
    return not settings.SANDBOX


class PendingApproval(Part):
    """A second person's decision that this object waits for."""

    id: ApprovalId
    kind: str
    maker_person_id: PersonId
    requested_at: AwareDatetime
    decide_by: date
    checks_missing: int


class Shown(Part):
    """An object as the API shows it."""

    livemode: bool = Field(default_factory=livemode)


class Approvable(Shown):
    """An object that may wait for a second person."""

    pending_approvals: list[PendingApproval] = []


class SignatureBody(Part):
    """A person's signature with what is needed to check it years later."""

    person_id: PersonId
    algorithm: str
    content_digest: str
    terms_version: str
    value: str
    certificate: str
    assurance: str = ""
    assured_at: str = ""


class ToSign(Shown):
    """What a person is about to sign. ``content_digest`` is the SHA-256 of ``content`` as canonical JSON (RFC 8785)."""

    content: dict[str, Any]
    content_digest: str
    terms_version: str


class Page(BaseModel):
    """A page of a list; ``next_cursor`` is given back as ``cursor``."""

    has_more: bool = False
    next_cursor: str | None = None


class ProblemError(BaseModel):
    """One thing that is wrong with the input: where (JSON pointer) and what."""

    pointer: str
    code: str
    detail: str


class Problem(BaseModel):
    """An error (RFC 9457). ``code`` never changes with the language; ``title`` and ``detail`` do."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    retryable: bool
    errors: list[ProblemError] = []
    params: dict[str, Any] = {}
