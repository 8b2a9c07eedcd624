"""A typed client of the Fourflow API: one object a signed-in person, one namespace a kind of thing."""

from fourflow_client.aio.client import AsyncClient
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
from fourflow_client.exchange import VERSION, Answer

__all__ = [
    "VERSION",
    "Answer",
    "ApiError",
    "AsyncClient",
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
