"""Readers of single values: one object out of TOML, or one text out of the environment.

Each raises `BadValue` with a text that says what the value must be.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from citewatch.config.problems import BadValue, must_be, nearest
from citewatch.domain.papers import DAY, Kind

T = TypeVar("T")

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(s|m|h|d|w)")
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": DAY, "w": 7 * DAY}
_LONGEST_S = 100 * 366 * DAY
_EMAIL = re.compile(r"[!-?A-~]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUIET = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]")
_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LARGEST = 10**9
"""Above every citation count there is; keeps all sums far inside 64 bits."""


@dataclass(frozen=True, slots=True)
class Reader(Generic[T]):
    """How a value is read from TOML, and from a variable where that can be."""

    read: Callable[[object], T]
    of_text: Callable[[str], T] | None = None


def cleaned(text: str) -> str:
    """The text on one line without control, direction-changing and broken characters."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    text = _BIDI.sub("", text)
    return " ".join("".join(map(_plain, text)).split())


def _plain(char: str) -> str:
    match unicodedata.category(char):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cs":
            return "�"
    return char


def read_text(value: object) -> str:
    """A text of at least one visible character."""
    if isinstance(value, str) and (text := cleaned(value)):
        return text
    raise must_be("a text", value)


def read_any_text(value: object) -> str:
    """A text, also an empty one."""
    if isinstance(value, str):
        return cleaned(value)
    raise must_be("a text", value)


def read_texts(value: object) -> tuple[str, ...]:
    """An array of texts."""
    if not isinstance(value, list):
        raise must_be('an array of texts such as ["one", "two"]', value)
    for position, item in enumerate(value, 1):
        if not isinstance(item, str) or not cleaned(item):
            raise BadValue(f"item {position}: {must_be('a text', item)}")
    return tuple(map(cleaned, value))


def read_keys(value: object) -> tuple[str, ...]:
    """An array of keys of papers."""
    keys = read_texts(value)
    for position, key in enumerate(keys, 1):
        if not _KEY.fullmatch(key):
            raise BadValue(f"item {position}: {_bad_key(key)}")
    return keys


def read_key(value: object) -> str:
    """The key of a paper: ``zoo-zeroth-order-2017``; "" where there is none yet."""
    key = read_any_text(value)
    if key and not _KEY.fullmatch(key):
        raise _bad_key(key)
    return key


def _bad_key(key: str) -> BadValue:
    return must_be("a key such as 'zoo-zeroth-order-2017' (a-z, 0-9 and single hyphens)", key)


def flag() -> Reader[bool]:
    """True or false."""

    def read(value: object) -> bool:
        if isinstance(value, bool):
            return value
        raise must_be("true or false", value)

    def of_text(text: str) -> bool:
        return read({"true": True, "false": False}.get(text.strip().lower(), text))

    return Reader(read, of_text)


def whole(low: int, high: int = LARGEST) -> Reader[int]:
    """A whole number from ``low`` to ``high``."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise must_be("a whole number", value)
        if not low <= value <= high:
            raise must_be(f"a whole number from {low} to {high}", value)
        return value

    def of_text(text: str) -> int:
        short = re.fullmatch(r"[+-]?[0-9]{1,18}", text.strip())
        return read(int(text) if short else text)

    return Reader(read, of_text)


def read_ladder(value: object) -> tuple[int, ...]:
    """Thresholds: whole numbers from 1, each above the one before."""
    if not isinstance(value, list):
        raise must_be("an array of ascending whole numbers such as [10, 25, 50]", value)
    read = whole(1).read
    ladder: list[int] = []
    for position, item in enumerate(value, 1):
        try:
            number = read(item)
        except BadValue as bad:
            raise BadValue(f"item {position}: {bad}") from None
        if ladder and number <= ladder[-1]:
            raise BadValue(f"item {position}: must be above {ladder[-1]}, not {number}")
        ladder.append(number)
    return tuple(ladder)


def seconds(low: float, *, example: str, above: bool = False) -> Reader[float]:
    """A duration in seconds of at least ``low`` (above it with ``above``)."""

    def read(value: object) -> float:
        found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
        if not found:
            raise must_be(f'a duration such as "{example}" (units s, m, h, d, w)', value)
        duration = float(found[1]) * _UNIT_S[found[2]]
        if duration < low or (above and duration == low):
            raise must_be(f'{"more than" if above else "at least"} "{low:g}s"', value)
        if duration > _LONGEST_S:
            raise must_be("at most 100 years", value)
        return duration

    return Reader(read, read)


def whole_seconds(low: int, *, example: str) -> Reader[int]:
    """A duration, rounded up to whole seconds."""
    exact = seconds(low, example=example)

    def read(value: object) -> int:
        return math.ceil(exact.read(value))

    return Reader(read, read)


def one_of(*choices: str) -> Reader[str]:
    """One of a few words."""

    def read(value: object) -> str:
        if isinstance(value, str) and value in choices:
            return value
        raise must_be(" or ".join(f"'{c}'" for c in choices), value)

    return Reader(read, read)


def read_kinds(value: object) -> tuple[Kind, ...]:
    """Kinds of changes."""
    valid = [kind.value for kind in Kind]
    for position, word in enumerate(words := read_texts(value), 1):
        if word not in valid:
            near = nearest(word, valid) or f"; valid: {', '.join(valid)}"
            raise BadValue(f"item {position}: {word!r} is no kind of change{near}")
    return tuple(map(Kind, words))


def read_email(value: object) -> str:
    """An address in plain ASCII: it goes into headers."""
    if isinstance(value, str) and _EMAIL.fullmatch(value) and len(value) <= 254:
        return value
    raise must_be("an e-mail address such as 'me@example.org'", value)


def read_variable(value: object) -> str:
    """The name of an environment variable. Never repeated: it may be a secret."""
    if isinstance(value, str) and _VARIABLE.fullmatch(value):
        return value
    raise BadValue(
        "must be the name of an environment variable (letters, digits and _), not its value"
    )


def read_timezone(value: object) -> str:
    """A time zone by its IANA name."""
    # Imported here: 4 ms that only a configured time zone has to pay.
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(read_text(value)).key
    except (ValueError, OSError, KeyError):
        raise must_be("a time zone such as 'Europe/Berlin'", value) from None


def read_quiet_hours(value: object) -> tuple[int, int]:
    """``22:00-07:00`` as minutes after midnight."""
    found = _QUIET.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise must_be('two times such as "22:00-07:00"', value)
    start, end = (int(found[i]) * 60 + int(found[i + 1]) for i in (1, 3))
    if start == end:
        raise BadValue("must be two different times")
    return start, end
