"""Logs are lines of JSON on standard error, ours and the libraries', each with the request that it was written in."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Any

import structlog

#: the code under which the present request is refused; empty while it is not
_refused: ContextVar[str] = ContextVar("refused", default="")

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
        "loggers": {name: {"level": "WARNING"} for name in ("httpx", "httpcore")},
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


def refuse(code: str) -> None:
    """Note why the present request is refused, so that its line in the log says so; the last code said counts."""
    _refused.set(code)


def refused() -> str:
    """The code under which the present request was refused, or nothing."""
    return _refused.get()
