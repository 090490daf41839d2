"""What the lists of citing works of all sources have in common. Pure; nothing raises.

A list may hold ten thousand works that strangers named: everything is bounded here.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from citewatch.domain.citing import CitingWork, Person
from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Blocked, Facts, Failed
from citewatch.sources.answers import Answer, JsonValue
from citewatch.sources.http import Call
from citewatch.sources.markup import plain
from citewatch.sources.policy import MAY_BE_THE_QUESTION
from citewatch.sources.polite import Refusal
from citewatch.sources.text import tidy
from citewatch.sources.values import day_of, year_of

Send: TypeAlias = Callable[[Call], Awaitable[Answer | Refusal | Blocked]]
"""One request at the source's own pace, with its key."""

BAD_ID: Final = Failed(reason="bad_id", detail="not an id that this source knows", retry=False)
ENDLESS: Final = Failed(reason="endless", detail="a list that leads back to itself", retry=False)

LEAST = 10
"""Works on the smallest page: one that is refused as too large is asked for in quarters."""
MOST_AUTHORS = 500
"""Of one work; large collaborations have three thousand."""
_TITLE, _VENUE, _NAME = 1_000, 300, 200
_IDS = 8
_DATE = re.compile(r"([12]\d{3})-(\d{2})(?:-\d{2})?", re.ASCII)
_TOO_MUCH = (*MAY_BE_THE_QUESTION, "too_large")


def citing_work(
    record: str,
    facts: Facts,
    *,
    authors: tuple[Person, ...],
    published_on: str,
    influential: bool | None = None,
) -> CitingWork:
    """A work within bounds."""
    return CitingWork(
        record=record,
        title=plain(facts.title)[:_TITLE].rstrip() if facts.title else "",
        authors=authors,
        venue=plain(facts.venue)[:_VENUE].rstrip() if facts.venue else "",
        published_on=published_on,
        influential=influential,
        ids=tuple(facts.ids[:_IDS]),
    )


def person(name: JsonValue, identity: str = "") -> Person | None:
    """Somebody with a name; nobody without."""
    if type(name) is not str or not (said := tidy(name)[:_NAME].rstrip()):
        return None
    return Person(said, identity)


def published(day: JsonValue, year: JsonValue) -> str:
    """A date as exact as it is known: a day, a month, a year, or "".

    ``2023-05-00`` is a month and ``2023-02-30`` one too; ``0000-00-00`` is nothing. What lies
    ahead is kept: issues bear the dates of months to come.
    """
    if (exact := day_of(day)) is not None and year_of(exact[:4]) is not None:
        return exact
    if type(day) is str and (found := _DATE.fullmatch(day)) and year_of(found[1]) is not None:
        return f"{found[1]}-{found[2]}" if 1 <= int(found[2]) <= 12 else found[1]
    known = year_of(year) or year_of(day)
    return "" if known is None else str(known)


def first_day(date: str) -> str:
    """The day on which a month or a year begins; a day as it is."""
    return date + "-01-01"[-max(0, 10 - len(date)) :] if len(date) < 10 else date


def may_be_smaller(outcome: object) -> bool:
    """Whether a page of fewer works may be answered where this one was not."""
    return isinstance(outcome, Failed) and outcome.reason in _TOO_MUCH


def usable(identifier: Identifier) -> bool:
    """Whether it may stand in a path: dots between slashes would lead elsewhere."""
    return not {".", ".."} & set(identifier.value.split("/"))
