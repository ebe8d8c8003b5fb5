"""Log lines on stderr: plain, or one JSON object each; with the number of the request, personal data covered."""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final, Literal

from app.masking import mask

REQUEST_ID: Final[ContextVar[str]] = ContextVar("request_id", default="")
"""The request being answered; empty outside of one."""

LEFT: Final[ContextVar[bool]] = ContextVar("left", default=False)
"""Whether whoever sent the request being answered is gone; then it is no accident that the answer is not whole."""

_QUIET: Final = ("alembic", "jieba", "uvicorn")


class _Masking(logging.Filter):
    """Covers personal data in what is logged, whoever logged it, and notes the request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = REQUEST_ID.get() or "-"
        record.msg, record.args = mask(record.getMessage()), ()
        return True


def is_news(_record: logging.LogRecord) -> bool:
    """Whether what the server says of the request being answered concerns anybody: not once its sender is gone."""
    return not LEFT.get()


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = mask(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def log_to_stderr(shape: Literal["text", "json"]) -> None:
    """Send all log lines of level INFO and up to stderr, and only there."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Masking())
    text = "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"
    handler.setFormatter(_JsonLines() if shape == "json" else logging.Formatter(text))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(is_news)
