"""Log lines: one JSON document each, on stderr, and nothing in them but what the allow-list names (A-4).

Personal data and secrets stay out because a key that is not listed is dropped, not because everybody remembers.
"""

import logging
from typing import TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

ALLOWED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "actor",
        "applied",
        "attempt",
        "case",
        "code",
        "command",
        "correlation_id",
        "count",
        "error",
        "lag_events",
        "method",
        "ms",
        "position",
        "route",
        "rule",
        "state",
        "status",
        "topic",
        "traceback",
        "view",
    }
)
"""The keys a log line may have. `error` and `traceback` name classes and places in the code, never values."""


def only_allowed(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Drop every key that is not in ALLOWED."""
    return {key: value for key, value in line.items() if key in ALLOWED}


def configure(stream: TextIO) -> None:
    """Send structlog, and what libraries log, through the allow-list to this stream, each line in one write.

    Who answers and who follows share a stderr: what is written in parts, as where it has no buffer, would mix.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_LibraryLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


class _LibraryLines(logging.Formatter):
    """What libraries log: their logger's name and the level; their words may hold values, so those stay out."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON line."""
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        line = {"event": f"library: {record.name}", "level": record.levelname.lower(), "error": error}
        return structlog.processors.JSONRenderer()(None, "", line)  # type: ignore[return-value]
