"""What OpenReview's notes mean, of API v1 and v2. Pure; nothing raises.

Shapes: github.com/openreview/openreview-py, docs.openreview.net. Every field may be
missing, and a v2 value is wrapped: ``{"value": …}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from citewatch.domain.identifiers import ARXIV, DBLP, DOI, OPENREVIEW, Identifier, canonical
from citewatch.domain.papers import Decision, Facts, Failed, Observed
from citewatch.sources.answers import Answer, JsonValue, load_json
from citewatch.sources.openreview_venues import (
    Stand,
    by_decision,
    by_venue,
    by_venueid,
    self_claimed,
)
from citewatch.sources.text import tidy_or_none

_RATING_KEYS = (
    "rating",
    "recommendation",
    "score",
    "overall_assessment",
    "overall_recommendation",
    "preliminary_rating",
    "overall",  # Agents4Science 2025
)
_RATING = re.compile(r"\s*(-?\d{1,4}(?:\.\d{1,6})?)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_MAX_RATING = 1_000.0
# 1990-01-01 and 2100-01-01 in milliseconds: seconds or nonsense fall outside.
_FIRST_MS, _LAST_MS = 631_152_000_000, 4_102_444_800_000
_EXTERNAL = {"doi": DOI, "arxiv": ARXIV, "dblp": DBLP}


@dataclass(frozen=True, slots=True)
class Note:
    """One note, unwrapped. ``content`` holds plain values."""

    id: str
    forum: str
    replyto: str
    content: dict[str, JsonValue]
    invitations: tuple[str, ...]
    signatures: tuple[str, ...]
    domain: str
    external_ids: tuple[str, ...]
    modified_ms: int
    created_ms: int | None
    published_ms: int | None
    public_ms: int | None
    deleted: bool
    v1: bool

    @property
    def is_root(self) -> bool:
        """Whether this is the submission itself and not a reply to it."""
        return bool(self.id) and (self.id == self.forum or (not self.forum and not self.replyto))

    def has(self, *suffixes: str) -> bool:
        """Whether any of its invitations ends so; a note has several of them."""
        return any(i.rpartition("/-/")[2] in suffixes for i in self.invitations)


def read_notes(answer: Answer) -> tuple[Note, ...] | Failed:
    """The notes of an answer with status 200."""
    value = load_json(answer)
    if isinstance(value, Failed):
        return value
    notes = value.get("notes") if type(value) is dict else None
    if type(notes) is not list:
        return Failed(reason="shape", detail="no list of notes")
    return notes_of(notes)


def notes_of(values: Sequence[JsonValue]) -> tuple[Note, ...]:
    """Notes from a list of JSON values; what is not an object is passed over."""
    return tuple(_note(value) for value in values if type(value) is dict)


def _note(value: dict[str, JsonValue]) -> Note:
    content = value.get("content")
    invitation = value.get("invitation")
    created = _ms(value.get("cdate")) or _ms(value.get("tcdate"))
    return Note(
        id=_text(value.get("id")),
        forum=_text(value.get("forum")),
        replyto=_text(value.get("replyto")),
        content=({name: _plain(v) for name, v in content.items()} if type(content) is dict else {}),
        invitations=_texts([invitation, *_list(value.get("invitations"))]),
        signatures=_texts(_list(value.get("signatures"))),
        domain=_text(value.get("domain")),
        external_ids=_texts([*_list(value.get("externalIds")), *_list(value.get("externalId"))]),
        modified_ms=_ms(value.get("tmdate")) or _ms(value.get("mdate")) or created or 0,
        created_ms=created,
        published_ms=_ms(value.get("pdate")),
        public_ms=_ms(value.get("odate")),
        deleted=_ms(value.get("ddate")) is not None,
        v1=type(invitation) is str,
    )


def observe(notes: Sequence[Note], asked: Identifier, *, hint: str) -> Observed | None:
    """What a forum says about its paper; None when no note belongs to it.

    Replies can be readable where the submission is not: then they alone speak.
    """
    own = [n for n in notes if n.id == asked.value or n.forum == asked.value]
    if not own:
        return None
    root = next((n for n in own if n.id == asked.value), None)
    replies = [n for n in own if n is not root]
    return Observed(
        asked=asked,
        answered=asked,
        facts=_facts(root, replies),
        hint=hint,
    )


def candidates(notes: Sequence[Note], *, hint: str) -> tuple[Observed, ...]:
    """The submissions among the notes of a search, without replies."""
    found = []
    for note in notes:
        identifier = canonical(OPENREVIEW, note.id)
        if note.is_root and identifier is not None and not note.deleted:
            observed = observe([note], identifier, hint=hint)
            if observed is not None:
                found.append(observed)
    return tuple(found)


def _facts(root: Note | None, replies: Sequence[Note]) -> Facts:
    venue = _first_text(root.content.get("venue")) if root else None
    stand = _stand(root, replies, venue)
    withdrawn = stand.decision is Decision.WITHDRAWN
    ids = _ids(root) if root else ()
    return Facts(
        title=_first_text(root.content.get("title")) if root else None,
        authors=_authors(root.content.get("authors")) if root else (),
        year=_year(root, venue) if root else None,
        published_on=_day(root.published_ms or root.public_ms) if root else None,
        venue=venue,
        doi=next((i.value for i in ids if i.scheme == DOI), None),
        decision=stand.decision,
        decision_text=stand.text,
        ratings=_ratings(replies),
        # "No" only where the submission itself could be read.
        withdrawn=withdrawn if root or withdrawn else None,
        ids=ids,
    )


def _stand(root: Note | None, replies: Sequence[Note], venue: str | None) -> Stand:
    """How the venue decided.

    The venue id is the state that OpenReview itself keeps. Replies (a decision, a
    withdrawal) come before it moves, and v1 has often none: then they speak, and
    last the venue line.
    """
    living = sorted((n for n in replies if not n.deleted), key=lambda n: n.modified_ms)
    words = _decision_words(living)
    text = words or venue
    if root is not None and (root.deleted or root.has("Withdrawn_Submission")):
        return Stand(Decision.WITHDRAWN, text)
    venueids, homes = _venueids(root), _homes(root)
    state = by_venueid(venueids, homes)
    if state not in (None, Decision.UNDER_REVIEW):
        return Stand(state, text)
    if any(n.has("Withdrawal") for n in living):
        return Stand(Decision.WITHDRAWN, text)
    rejected_by_desk = root is not None and root.has("Desk_Rejected_Submission")
    if rejected_by_desk or any(n.has("Desk_Rejection") for n in living):
        return Stand(Decision.REJECTED, text)
    claimed = None if self_claimed(venueids, homes) else by_venue(venue)
    return Stand(by_decision(words) or claimed or state, text)


def _decision_words(living: Sequence[Note]) -> str | None:
    """The newest decision in the venue's own words."""
    for note in reversed(living):
        if note.has("Decision", "Acceptance_Decision") or (note.v1 and note.has("Meta_Review")):
            # ICLR 2019 (v1) put the decision into the meta review.
            for key in ("decision", "recommendation"):
                if words := _first_text(note.content.get(key)):
                    return words
    return None


def _venueids(root: Note | None) -> tuple[str, ...]:
    return _texts(_list(root.content.get("venueid"))) if root else ()


def _homes(root: Note | None) -> frozenset[str]:
    """Groups that the submission was made to: an accepted paper's venue id is one of them."""
    if root is None:
        return frozenset()
    groups = {i.rpartition("/-/")[0] for i in root.invitations}
    return frozenset(g for g in (*groups, root.domain) if g)


def _ratings(replies: Iterable[Note]) -> tuple[float, ...]:
    """One number a reviewer, the newest where one gave several; in the order of signatures."""
    newest: dict[tuple[str, ...], tuple[int, float]] = {}
    for note in replies:
        if note.deleted or not note.has("Official_Review", "Review"):
            continue
        rating = _rating(note.content)
        if rating is None:
            continue
        who = note.signatures or (note.id,)
        if who not in newest or note.modified_ms >= newest[who][0]:
            newest[who] = (note.modified_ms, rating)
    return tuple(newest[who][1] for who in sorted(newest))


def _rating(content: dict[str, JsonValue]) -> float | None:
    """A number, or a text that begins with one ("3: Clear rejection"); 0 is legal."""
    for key in _RATING_KEYS:
        value = content.get(key)
        if type(value) is str and (found := _RATING.match(value)):
            value = float(found[1])
        if type(value) in (int, float) and isinstance(value, int | float):
            # Comparison is false for NaN; huge integers never become floats.
            return float(value) if -_MAX_RATING <= value <= _MAX_RATING else None
    return None


def _authors(value: JsonValue) -> tuple[str, ...]:
    """Names; since April 2026 they may be ``{"fullname": …, "username": …}``."""
    names: list[str] = []
    for item in _list(value):
        plain = item
        if type(item) is dict:
            plain = item.get("fullname") or item.get("name")
        if name := tidy_or_none(plain):
            names.append(name)
    return tuple(names)


def _ids(root: Note) -> tuple[Identifier, ...]:
    found: list[Identifier] = []
    for text in root.external_ids:
        scheme, _, value = text.partition(":")
        known = _EXTERNAL.get(scheme.lower())
        identifier = canonical(known, value) if known else None
        if identifier is not None and identifier not in found:
            found.append(identifier)
    return tuple(found)


def _year(root: Note, venue: str | None) -> int | None:
    """The year of publication, else that of the venue, else that of the submission."""
    if root.published_ms:
        return _utc(root.published_ms).year
    for text in (venue or "", *_venueids(root)):
        if found := _YEAR.search(text):
            return int(found[0])
    return _utc(root.created_ms).year if root.created_ms else None


def _day(ms: int | None) -> str | None:
    return _utc(ms).date().isoformat() if ms else None


def _utc(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, tz=UTC)


def _ms(value: JsonValue) -> int | None:
    """Milliseconds since 1970, where it can be nothing else."""
    return value if type(value) is int and _FIRST_MS <= value <= _LAST_MS else None


def _plain(value: JsonValue) -> JsonValue:
    return value["value"] if type(value) is dict and "value" in value else value


def _list(value: JsonValue) -> list[JsonValue]:
    """A list as it is, one value as a list of one: several fields come either way."""
    if type(value) is list:
        return value
    return [] if value is None else [value]


def _text(value: JsonValue) -> str:
    return value if type(value) is str else ""


def _texts(values: Iterable[JsonValue]) -> tuple[str, ...]:
    return tuple(v.strip() for v in values if type(v) is str and v.strip())


def _first_text(value: JsonValue) -> str | None:
    return next((words for v in _list(value) if (words := tidy_or_none(v))), None)
