"""What a look at the list of citing works says: who is new, who is gone. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from citewatch.domain.citing import CitingWork
from citewatch.domain.keys import squash
from citewatch.domain.papers import DAY
from citewatch.domain.reconstruction import year_of
from citewatch.domain.self_citations import Basis, Definition

DAILY_S = 20 * 3600
"""A day, less the slack of a job that runs at the same time each day."""
MOST_NAMED = 25
_SHORT_TITLE = 12
_LONG_TITLE, _LONG_NAME = 120, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is to be told of one look. Works in the order of their dates, newest first."""

    new: tuple[CitingWork, ...] = ()
    gone: tuple[CitingWork, ...] = ()
    again: tuple[CitingWork, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.again)


def is_whole(
    *, ended: bool, cut: str, seen: int, total: int | None, before: int | None, fall: int
) -> bool:
    """Whether a list that was read can be believed to be all there is.

    ``seen`` works were listed; ``before`` is what the last whole list held, ``fall`` how far
    the source's own count has fallen since. ``total`` is a count at some sources and not the
    length of the list, so it may differ by one in twenty. An answer that lacks many works
    which the count still counts is half an answer.
    """
    if not ended or cut:
        return False
    if total is not None and seen < total - max(1, total // 20):
        return False
    lost = 0 if before is None else before - seen
    return lost <= max(3, (before or 0) // 5) or lost <= 2 * fall + 3


def is_news(work: CitingWork, *, whole_baseline: bool, baseline_on: str) -> bool:
    """Whether a work that was not listed before is new, and not merely first seen now.

    Where the first list was cut, older works may turn up from beyond its end at any time:
    then only one that is dated after ``baseline_on``, an ISO date, is certainly new.
    """
    return whole_baseline or work.published_on > baseline_on[: len(work.published_on)]


def confirm_s(confirm_after_s: int) -> int:
    """How long an absence has to last until it is told: like a fall, and a day at least."""
    return max(DAILY_S, confirm_after_s - (DAY - DAILY_S))


def title_key(work: CitingWork) -> str:
    """What two records of one work share; "" for a title that says too little."""
    key = squash(work.title)
    return key if len(key) >= _SHORT_TITLE else ""


def newest_first(works: Sequence[CitingWork]) -> tuple[CitingWork, ...]:
    """By date, the newest first, undated ones last."""
    return tuple(sorted(works, key=lambda w: (w.published_on, w.record), reverse=True))


def describe(
    news: News,
    *,
    label: str,
    own: Mapping[str, Basis],
    definition: Definition,
    more: int = 0,
) -> str:
    """The line of the log: every new work by name, and those that are no longer listed.

    ``own`` has the self-citations among them by record, ``more`` how many further records
    of works that are listed already came along.
    """
    parts = []
    if news.new:
        self_count = sum(work.record in own for work in news.new)
        head = f"cited by {len(news.new)} new paper{_s(news.new)} at {label}"
        if self_count:
            head += f", {self_count} of them {_SELF[definition]}"
        parts.append(f"{head}: {_named(news.new, own)}")
    if news.again:
        parts.append(f"listed again at {label}: {_named(news.again, own)}")
    if news.gone:
        parts.append(f"no longer listed at {label}: {_named(news.gone, own)}")
    if more:
        parts.append(f"{more} further record{'' if more == 1 else 's'} of works listed before")
    return "; ".join(parts)


_SELF = {Definition.ME: "by yourself", Definition.COAUTHORS: "by authors of the paper"}
_BASIS = {Basis.IDENTITY: "self-citation", Basis.NAME: "self-citation, by name only"}


def _named(works: Sequence[CitingWork], own: Mapping[str, Basis]) -> str:
    some = [_name(work, own.get(work.record)) for work in works[:MOST_NAMED]]
    if (rest := len(works) - len(some)) > 0:
        some.append(f"and {rest} more")
    return "; ".join(some)


def _name(work: CitingWork, basis: Basis | None) -> str:
    title = _short(work.title, _LONG_TITLE) or "(no title)"
    facts = [who(work), _short(work.venue, _LONG_NAME), work.published_on or "undated"]
    if work.influential:
        facts.append("influential")
    if basis is not None:
        facts.append(_BASIS[basis])
    return f"“{title}” ({', '.join(f for f in facts if f)})"


def who(work: CitingWork) -> str:
    """The first author and how many more: ``A. Author +3``."""
    if not work.authors:
        return ""
    more = len(work.authors) - 1
    return _short(work.authors[0].name, _LONG_NAME) + (f" +{more}" if more else "")


def _short(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _s(things: Collection[object]) -> str:
    return "" if len(things) == 1 else "s"


def next_try_s(failures: int) -> int:
    """Seconds until a look that failed is tried again: an hour, doubled, at most a day."""
    return min(3600 << max(0, min(failures - 1, 5)), DAY)


def is_descending(dates: Sequence[str]) -> bool:
    """Whether a list is in order of time, newest first, but for a twentieth of its steps.

    Undated works say nothing; dates of different exactness compare by what both say.
    """
    known = [date for date in dates if year_of(date) is not None]
    wrong = sum(one[: len(other)] < other[: len(one)] for one, other in pairwise(known))
    return len(known) >= 2 and wrong <= len(known) // 20
