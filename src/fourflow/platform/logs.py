"""Logs are lines of JSON on standard error, ours and the libraries', each with the request that it was written in."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

import structlog

#: the code under which the present request is refused; empty while it is not
_refused: ContextVar[str] = ContextVar("refused", default="")
#: who makes the present request, as far as it is known: identifiers, never names
_who: ContextVar[Mapping[str, str]] = ContextVar("who", default=MappingProxyType({}))

_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    structlog.processors.format_exc_info,
]


def configure() -> dict[str, Any]:
    """Make structlog write through the standard library; returns what Django's LOGGING wants."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": formatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        # an outside party is asked several times a second: what it answers stands in the tables
        # and Django's own line about a refusal says less than ours, without the request's id
        "loggers": {
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},
        },
    }


def formatter() -> logging.Formatter:
    """One line of JSON a record, whoever wrote it."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_SHARED, structlog.stdlib.ExtraAdder(allow=["request_id", "status_code"])],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    )


def begin() -> None:
    """A new request begins in this thread: nothing of it is refused yet."""
    _refused.set("")
    _who.set({})


def made_by(**who: str) -> None:
    """Note who makes the present request: said in the log only where it is refused."""
    _who.set({**_who.get(), **who})


def refuse(code: str) -> None:
    """Note why the present request is refused, so that its line in the log says so; the last code said counts."""
    _refused.set(code)


def refused() -> str:
    """The code under which the present request was refused, or nothing."""
    return _refused.get()


def refusal() -> dict[str, str]:
    """What the line of a request that was refused says besides: under which code, and whose it was."""
    return {"code": code, **_who.get()} if (code := _refused.get()) else {}
