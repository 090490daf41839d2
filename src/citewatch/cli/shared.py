"""What all commands share: options, the application, arguments that are times."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from rich.console import Console

    from citewatch.bootstrap import App

_UNITS = {"h": 3600, "d": 86_400, "w": 7 * 86_400, "m": 30 * 86_400, "y": 365 * 86_400}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options that stand before the command."""

    config: Path | None = None
    database: str | None = None
    quiet: bool = False
    verbose: bool = False

    def app(self) -> App:
        """The application, as config.toml describes it."""
        # Imported here: a usage error must not pay for the whole house.
        from citewatch.bootstrap import current_environment, open_app

        return open_app(
            self.config, self.database, environ=current_environment(), cwd=Path.cwd(),
            user_folder=user_folder(),
        )  # fmt: skip

    def hint(self, message: str) -> None:
        """Say something to the person, never to the pipe."""
        if not self.quiet:
            click.echo(message, err=True)

    def detail(self, message: str) -> None:
        """Say it with --verbose only."""
        if self.verbose:
            click.echo(message, err=True)


def user_folder() -> Path:
    """The platform's folder for citewatch's configuration."""
    from platformdirs import user_config_path

    return user_config_path("citewatch")


def console(out: TextIO | None = None) -> Console:
    """A console on a stream; colour only on a terminal, NO_COLOR is honoured."""
    from rich.console import Console

    stream = out or sys.stdout
    # Piped output has no width of its own; 100 columns are what the tables are made for.
    width = None if stream.isatty() else 100
    return Console(file=stream, width=width, highlight=False, markup=False, soft_wrap=False)


class Span(click.ParamType[int]):
    """A length of time in seconds: ``12h``, ``30d``."""

    name = "SPAN"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """The seconds."""
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d{1,5})([hdwmy])", str(value).strip())
        if not found or not int(found[1]):
            self.fail(f"{value!r} is no length of time; expected '12h', '1d', '2w'", param, ctx)
        return int(found[1]) * _UNITS[found[2]]


class When(click.ParamType[int]):
    """An instant: a date (its end, UTC), a full time, or so long ago: ``30d``."""

    name = "DATE"

    def __init__(self, *, spans: bool = False) -> None:
        self.spans = spans
        self.name = "30d|DATE" if spans else "DATE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """The instant in seconds; spans count back from ``now`` and come out negative."""
        if isinstance(value, int):
            return value
        text = str(value).strip()
        if ctx is not None and param is not None:
            ctx.meta[f"typed.{param.name}"] = text
        if self.spans and (found := re.fullmatch(r"(\d{1,5})([hdwmy])", text)):
            return -int(found[1]) * _UNITS[found[2]]
        moment = _moment(text)
        if moment is None:
            examples = "'30d', '2026-01-31'" if self.spans else "'2026-01-31'"
            self.fail(f"{text!r} is no date; expected {examples}", param, ctx)
        return moment


def _moment(text: str) -> int | None:
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            day = date.fromisoformat(text)
            end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
            return max(0, int(end.timestamp()) - 1)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        return None
    return max(0, int(moment.timestamp()))


def typed(ctx: click.Context, option: str) -> str | None:
    """What the user wrote for a `When` option."""
    text = ctx.meta.get(f"typed.{option}")
    return text if isinstance(text, str) else None


def since_now(when: int | None, now: int) -> int | None:
    """The instant that a `When` with spans means."""
    return when if when is None or when >= 0 else now + when


@contextmanager
def file_or_stdout(path: Path | None) -> Iterator[TextIO]:
    """Where data goes: stdout, or a file that appears whole or not at all."""
    if path is None:
        yield sys.stdout
        return
    with _beside(path) as beside, beside.open("w", encoding="utf-8", newline="") as out:
        yield out


def whole_file(path: Path, data: bytes) -> None:
    """Write a file that appears whole or not at all."""
    with _beside(path) as beside:
        beside.write_bytes(data)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A file next to ``path`` that takes its place when nothing went wrong."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield beside
        beside.replace(path)
    except OSError as error:
        from citewatch.errors import InputError

        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        beside.unlink(missing_ok=True)
