"""What a JSON answer may hold: lists, counts, years, days, names. Pure; nothing here raises."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from citewatch.domain.papers import Failed
from citewatch.sources.answers import Answer, JsonValue, load_json
from citewatch.sources.text import tidy

_YEAR = re.compile(r"[12]\d{3}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NOT_IN_A_PHRASE = re.compile(r"[^\w\s'’.,-]|_")

# The most cited paper of all has some 500,000 citations: ten million is nonsense.
MOST_CITATIONS = 10_000_000


def objects_under(answer: Answer, name: str) -> list[dict[str, JsonValue]] | Failed:
    """The objects of the list under ``name`` in a JSON object, or why there are none.

    A null among them is left out; anything else that is no object is a failure.
    """
    value = load_json(answer)
    if isinstance(value, Failed):
        return value
    found = value.get(name) if type(value) is dict else None
    if type(found) is not list:
        return Failed(reason="shape", detail=f"no list under {name!r}")
    objects = [item for item in found if type(item) is dict]
    if len(objects) < sum(item is not None for item in found):
        return Failed(reason="shape", detail=f"not only objects under {name!r}")
    return objects


def count_or_none(value: JsonValue) -> int | None:
    """A count that can be one; None for null, texts, fractions, what is negative or huge."""
    # bool is an int in Python: `true` must not become one citation.
    return value if type(value) is int and 0 <= value <= MOST_CITATIONS else None


def texts(value: JsonValue) -> list[str]:
    """The texts of a list, tidied; what says nothing or is no text is left out."""
    if type(value) is not list:
        return []
    return [said for item in value if type(item) is str and (said := tidy(item))]


def texts_under(value: JsonValue, name: str) -> list[str]:
    """The texts that the objects of a list hold under a name."""
    if type(value) is not list:
        return []
    return texts([item.get(name) for item in value if type(item) is dict])


def people(names: Sequence[str]) -> tuple[str, ...]:
    """Names as people say them: "Lovelace, Ada" becomes "Ada Lovelace"."""
    return tuple(
        " ".join(part for part in (given.strip(), last.strip()) if part)
        for last, _, given in (name.partition(",") for name in names)
    )


def year_of(value: JsonValue) -> int | None:
    """A year between 1000 and 2200, written as a number or as four digits."""
    if type(value) is str and _YEAR.fullmatch(value):
        value = int(value)
    return value if type(value) is int and 1000 <= value <= 2200 else None


def day_of(value: JsonValue) -> str | None:
    """An ISO day; None for less (ADS writes "2020-01-00") and for what is no day."""
    if type(value) is not str or not _DAY.fullmatch(value):
        return None
    try:
        date.fromisoformat(value)
    except ValueError:
        return None
    return value


def phrase(title: str, length: int) -> str | None:
    """A title as the words of a quoted phrase, of at most so many characters; None without any.

    Quotes, colons, slashes and TeX mean something in query languages, or break them.
    """
    words = tidy(_NOT_IN_A_PHRASE.sub(" ", tidy(title)))
    if len(words) > length:
        words = words[:length].rpartition(" ")[0]
    return words.strip(" -.,'’") or None
