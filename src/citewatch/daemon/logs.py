"""What the daemon writes: readable lines on a terminal, one JSON object a line elsewhere.

On the standard library's logging, so that what libraries have to say comes out the same way.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

_NAME = "citewatch.daemon"
_SHORTEST_SECRET = 4
_NOISY = ("apscheduler", "httpx", "httpcore")
"""They log at every turn, httpx with whole addresses, keys included."""


class Log:
    """Says what happened: an event's name for programs, a sentence for people, and fields."""

    def __init__(self, logger: logging.Logger, blotter: _Blotter) -> None:
        self._logger = logger
        self._blotter = blotter

    def debug(self, event: str, text: str, **fields: object) -> None:
        """For those who want to see it work."""
        self._say(logging.DEBUG, event, text, fields)

    def info(self, event: str, text: str, **fields: object) -> None:
        """What is worth a line on a good day."""
        self._say(logging.INFO, event, text, fields)

    def warning(self, event: str, text: str, **fields: object) -> None:
        """Something is wrong; it goes on."""
        self._say(logging.WARNING, event, text, fields)

    def error(self, event: str, text: str, **fields: object) -> None:
        """Something is wrong that a person has to mend."""
        self._say(logging.ERROR, event, text, fields)

    def defect(self, event: str, text: str) -> None:
        """An exception that nobody foresaw, with its traceback for those who want to see it."""
        wanted = self._logger.isEnabledFor(logging.DEBUG)
        extra = {"event": event, "fields": {}}
        self._logger.error(text, extra=extra, exc_info=wanted)

    def hide(self, secrets: Iterable[str]) -> None:
        """Blot these out of everything from now on."""
        self._blotter.secrets = frozenset(s for s in secrets if len(s) >= _SHORTEST_SECRET)

    def _say(self, level: int, event: str, text: str, fields: dict[str, object]) -> None:
        self._logger.log(level, "%s", text, extra={"event": event, "fields": fields})


def open_log(stream: TextIO, *, level: int = logging.INFO, json_lines: bool) -> Log:
    """A log on a stream; whatever libraries have to say comes out there too."""
    logging.raiseExceptions = False  # a terminal that has gone must not end the daemon
    handler = logging.StreamHandler(stream)
    blotter: _Blotter = _JsonLines() if json_lines else _Lines()
    handler.setFormatter(blotter)
    root = logging.getLogger()
    for old in root.handlers[:]:
        if isinstance(old.formatter, _Blotter):
            root.removeHandler(old)
    root.addHandler(handler)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.ERROR)
    logger = logging.getLogger(_NAME)
    logger.setLevel(level)
    return Log(logger, blotter)


class _Blotter(logging.Formatter):
    """Takes secrets out of finished lines: an address in an error may hold one."""

    secrets: frozenset[str] = frozenset()

    def format(self, record: logging.LogRecord) -> str:
        line = self.line(record)
        for secret in self.secrets:
            for spelling in (secret, json.dumps(secret)[1:-1]):
                line = line.replace(spelling, "***")
        return line

    def line(self, record: logging.LogRecord) -> str:
        raise NotImplementedError


class _JsonLines(_Blotter):
    """One JSON object a line."""

    def line(self, record: logging.LogRecord) -> str:
        fields = getattr(record, "fields", {})
        what = {
            "time": _moment(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": getattr(record, "event", "library"),
            "text": record.getMessage(),
            **fields,
        }
        if record.exc_info:
            what["traceback"] = self.formatException(record.exc_info)
        return json.dumps(what, ensure_ascii=False, default=str)


class _Lines(_Blotter):
    """For people: the time (UTC), how bad it is, a sentence."""

    def line(self, record: logging.LogRecord) -> str:
        first, *rest = record.getMessage().splitlines() or [""]
        at = _moment(record).strftime("%Y-%m-%d %H:%M:%SZ")
        lines = [f"{at}  {record.levelname.lower():<7}  {first}", *(f"    {x}" for x in rest)]
        if record.exc_info:
            lines.append(self.formatException(record.exc_info))
        return "\n".join(
            "".join(c if c.isprintable() or c == "\n" else " " for c in line) for line in lines
        )


def _moment(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)
