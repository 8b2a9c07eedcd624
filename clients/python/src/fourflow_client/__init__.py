"""A typed client of the Fourflow API: one object a signed-in person, one namespace a kind of thing."""

from fourflow_client.client import Client
from fourflow_client.errors import (
    ApiError,
    BadRequest,
    Conflict,
    FieldError,
    Forbidden,
    FourflowError,
    InvalidInput,
    NotFound,
    PreconditionFailed,
    Problem,
    RateLimited,
    ServerError,
    Unauthenticated,
    Unreachable,
)
from fourflow_client.transport import VERSION, Answer

__all__ = [
    "VERSION",
    "Answer",
    "ApiError",
    "BadRequest",
    "Client",
    "Conflict",
    "FieldError",
    "Forbidden",
    "FourflowError",
    "InvalidInput",
    "NotFound",
    "PreconditionFailed",
    "Problem",
    "RateLimited",
    "ServerError",
    "Unauthenticated",
    "Unreachable",
]
