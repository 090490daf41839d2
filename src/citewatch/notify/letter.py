"""Many changes as one readable letter: what is said, in which order. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from citewatch.domain.papers import Kind
from citewatch.domain.printable import clean
from citewatch.ports import HeldBack, LoggedChange

MOST_PAPERS = 100
"""Papers in one letter; about 30 kB, which mail takes in one piece."""
_SUBJECT_MOST = 150
_SUMMARY_MOST = 4

MILESTONES = "Milestones"
NEWS = "Decisions, versions, publications"
LOST = "Lost"
HELD = "Held back"
SOURCES = "Sources"
CITED = "Cited by"

_TOPICS: dict[str, tuple[Kind, ...]] = {
    MILESTONES: (Kind.MILESTONE, Kind.CLAIM_STALE),
    NEWS: (
        *(Kind.ACCEPTED, Kind.PUBLISHED, Kind.VERSION, Kind.REJECTED, Kind.WITHDRAWN),
        *(Kind.RETITLED, Kind.CORRECTED),
    ),
    LOST: (Kind.RETRACTED, Kind.MILESTONE_LOST, Kind.DROP, Kind.LOST),
    HELD: (Kind.SOURCE_FAULT,),
    SOURCES: (
        *(Kind.CHANNEL_DOWN, Kind.CHANNEL_UP, Kind.SOURCE_DOWN, Kind.SOURCE_UP),
        *(Kind.SOURCE_STALLED, Kind.FOUND, Kind.MERGED, Kind.SPLIT),
    ),
    CITED: (Kind.CITING,),
}
_ORDER = {kind: place for place, kind in enumerate(k for ks in _TOPICS.values() for k in ks)}
_TOPIC_OF = {kind: topic for topic, kinds in _TOPICS.items() for kind in kinds}

_WORDS: dict[Kind, tuple[str, str]] = {
    Kind.MILESTONE: ("milestone", "milestones"),
    Kind.CLAIM_STALE: ("badge out of date", "badges out of date"),
    Kind.ACCEPTED: ("acceptance", "acceptances"),
    Kind.PUBLISHED: ("publication", "publications"),
    Kind.VERSION: ("new version", "new versions"),
    Kind.REJECTED: ("rejection", "rejections"),
    Kind.WITHDRAWN: ("withdrawal", "withdrawals"),
    Kind.RETITLED: ("new title", "new titles"),
    Kind.CORRECTED: ("correction", "corrections"),
    Kind.RETRACTED: ("RETRACTION", "RETRACTIONS"),
    Kind.MILESTONE_LOST: ("lost milestone", "lost milestones"),
    Kind.DROP: ("drop", "drops"),
    Kind.LOST: ("lost record", "lost records"),
    Kind.SOURCE_FAULT: ("doubtful source", "doubtful sources"),
    Kind.CHANNEL_DOWN: ("dead channel", "dead channels"),
    Kind.CHANNEL_UP: ("channel is back", "channels are back"),
    Kind.SOURCE_DOWN: ("source down", "sources down"),
    Kind.SOURCE_UP: ("source is back", "sources are back"),
    Kind.SOURCE_STALLED: ("stalled source", "stalled sources"),
    Kind.FOUND: ("paper found again", "papers found again"),
    Kind.MERGED: ("merged record", "merged records"),
    Kind.SPLIT: ("split record", "split records"),
    Kind.CITING: ("citing paper", "citing papers"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One change."""

    text: str
    kind: str
    source: str
    date: str
    """ISO date in the user's time zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One paper (or source) with everything that changed about it."""

    title: str
    """In full, on one line."""
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One part of the letter."""

    heading: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is said; all of it is one-line text without control characters."""

    subject: str
    lead: str
    """What must not be overlooked; "" where there is nothing like that."""
    topics: tuple[Topic, ...]
    rest: str
    """What was left out of a letter that would be too long, and where it is."""
    count: int
    """Changes."""


def compose(changes: Sequence[LoggedChange], zone: tzinfo, held: Sequence[HeldBack] = ()) -> Letter:
    """Gather the changes: each paper once, under the weightiest thing about it.

    What is held back of papers that did not change follows under its own heading.
    """
    waiting: dict[int, list[HeldBack]] = {}
    for one in held:
        waiting.setdefault(one.paper, []).append(one)
    groups: dict[object, list[LoggedChange]] = {}
    for row in changes:
        about = row.change.paper if row.change.paper is not None else row.change.source
        groups.setdefault(about, []).append(row)
    ranked = sorted(groups.values(), key=_rank)
    shown, hidden = ranked[:MOST_PAPERS], ranked[MOST_PAPERS:]
    topics: dict[str, list[Item]] = {}
    for rows in shown:
        item = _item(rows, zone)
        if waits := waiting.pop(_main(rows).change.paper or 0, None):
            item = replace(item, lines=(*item.lines, *(_held_line(one, zone) for one in waits)))
        topics.setdefault(_topic(rows), []).append(item)
    for waits in waiting.values():
        lines = tuple(_held_line(one, zone) for one in waits)
        topics.setdefault(HELD, []).append(Item(title=clean(waits[0].title), lines=lines))
    return Letter(
        subject=_subject(changes),
        lead=_lead(ranked),
        topics=tuple(
            Topic(heading=name, items=tuple(topics[name])) for name in _TOPICS if name in topics
        ),
        rest=_rest(hidden),
        count=len(changes),
    )


def trial_letter(date: str) -> Letter:
    """What ``notify --test`` says."""
    line = Line(text="this channel works", kind="test", source="citewatch", date=date)
    item = Item(title="A test message from citewatch", lines=(line,))
    topics = (Topic(heading="Test", items=(item,)),)
    return Letter(subject="citewatch: test message", lead="", topics=topics, rest="", count=0)


def kind_word(kind: Kind) -> str:
    """A kind as people read it: ``milestone lost``, and a retraction so that all do."""
    return "RETRACTED" if kind is Kind.RETRACTED else kind.value.replace("_", " ")


def title_of(row: LoggedChange) -> str:
    """What the change is about: the paper's title, else its key, else the source's name."""
    return clean(row.title or "") or clean(row.key or "") or clean(row.change.source)


def _main(rows: Sequence[LoggedChange]) -> LoggedChange:
    """A retraction outweighs whatever else happened to the paper."""
    retracted = [row for row in rows if row.change.kind is Kind.RETRACTED]
    return (retracted or sorted(rows, key=lambda row: _ORDER[row.change.kind]))[0]


def _topic(rows: Sequence[LoggedChange]) -> str:
    return _TOPIC_OF[_main(rows).change.kind]


def _rank(rows: Sequence[LoggedChange]) -> tuple[int, int, int]:
    main = _main(rows)
    return (_ORDER[main.change.kind], -(main.change.threshold or 0), main.number)


def _item(rows: Sequence[LoggedChange], zone: tzinfo) -> Item:
    ordered = sorted(
        rows,
        key=lambda row: (
            row.change.kind is not Kind.RETRACTED,
            _ORDER[row.change.kind],
            row.number,
        ),
    )
    lines = tuple(
        Line(
            text=_text(row),
            kind=row.change.kind.value,
            source=clean(row.change.source),
            date=datetime.fromtimestamp(row.change.at, zone).date().isoformat(),
        )
        for row in ordered
    )
    return Item(title=title_of(_main(rows)), lines=lines)


def _held_line(held: HeldBack, zone: tzinfo) -> Line:
    believed = "nothing" if held.believed is None else f"{held.believed}"
    date = datetime.fromtimestamp(held.since_at, zone).date().isoformat()
    source = clean(held.source)
    text = f"{source} says {held.said} since {date}; {believed} is believed until that is confirmed"
    return Line(text=text, kind="held", source=source, date=date)


def _text(row: LoggedChange) -> str:
    text = clean(row.change.text) or kind_word(row.change.kind)
    return f"RETRACTED: {text}" if row.change.kind is Kind.RETRACTED else text


def _subject(changes: Sequence[LoggedChange]) -> str:
    if len(changes) == 1 and changes[0].change.kind is Kind.RETRACTED:
        words = f"RETRACTED: {title_of(changes[0])}"
    elif len(changes) == 1:
        words = f"{title_of(changes[0])}: {_text(changes[0])}"
    else:
        counts = Counter(row.change.kind for row in changes)
        order = sorted(counts, key=lambda kind: (kind is not Kind.RETRACTED, _ORDER[kind]))
        named = [_counted(counts[kind], kind) for kind in order[:_SUMMARY_MOST]]
        left = sum(counts[kind] for kind in order[_SUMMARY_MOST:])
        words = ", ".join(named) + (f" and {left} more" if left else "")
    subject = f"citewatch: {words}"
    return subject if len(subject) <= _SUBJECT_MOST else subject[: _SUBJECT_MOST - 1] + "…"


def _counted(number: int, kind: Kind) -> str:
    one, many = _WORDS[kind]
    return f"{number} {one if number == 1 else many}"


def _lead(groups: Sequence[Sequence[LoggedChange]]) -> str:
    number = sum(any(row.change.kind is Kind.RETRACTED for row in rows) for rows in groups)
    if not number:
        return ""
    return f"{number} paper{' was' if number == 1 else 's were'} RETRACTED, see under {LOST!r}."


def _rest(hidden: Sequence[Sequence[LoggedChange]]) -> str:
    if not hidden:
        return ""
    changes = sum(map(len, hidden))
    return f"… and {changes} more changes of {len(hidden)} papers: 'citewatch changes' shows all."
