"""The newest changes as an Atom feed (RFC 4287) in a file, for feed readers and web servers."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

from citewatch.domain.credits import credit
from citewatch.domain.papers import Instant
from citewatch.domain.printable import clean, rfc3339
from citewatch.notify.files import replace_whole
from citewatch.notify.letter import kind_word, title_of
from citewatch.ports import LoggedChange, Message, Refusal

NAME = "feed"
MOST_ENTRIES = 200

_ATOM = "http://www.w3.org/2005/Atom"
_SPACE = uuid.UUID("6f1b3b0e-2f5c-5d43-9d0e-1f6a7f4f3c11")
"""Ours alone; ids of entries are made within it, the same for ever."""
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Feed:
    """`citewatch.ports.Channel` over a file that holds the newest changes.

    The file is made from the log each time, so that a message sent twice changes nothing.
    """

    path: Path
    origin: Callable[[], str]
    recent: Callable[[int], Sequence[LoggedChange]]
    """The newest changes, newest first."""
    name: str = NAME
    for_people: bool = False

    async def send(self, message: Message) -> Refusal | None:
        """Write the file anew."""
        origin = self.origin()
        # Without a database of its own (before the first sync) entries have no lasting ids.
        rows = self.recent(MOST_ENTRIES) if origin else ()
        content = atom(rows, origin, trial_at=message.at if message.test else None)
        try:
            replace_whole(self.path, content)
        except OSError as error:
            return Refusal(f"{self.path}: {error.strerror or 'cannot be written'}")
        return None


def atom(rows: Sequence[LoggedChange], origin: str, *, trial_at: Instant | None = None) -> bytes:
    """The feed of these changes, newest first; ``trial_at`` puts a test entry on top."""
    feed = Element("feed", xmlns=_ATOM)
    _text(feed, "title", "citewatch")
    _text(feed, "id", _urn(f"{origin}/feed"))
    times = [row.change.at for row in rows] + ([] if trial_at is None else [trial_at])
    _text(feed, "updated", rfc3339(max(times, default=0)))
    _text(SubElement(feed, "author"), "name", "citewatch")
    if speaking := {row.change.source for row in rows if row.change.source}:
        _text(feed, "rights", " ".join(_named(source) for source in sorted(speaking)))
    if trial_at is not None:
        words = ("A test message from citewatch", "this channel works", "test")
        _entry(feed, f"{origin}/test/{trial_at}", trial_at, words)
    for row in rows:
        word = kind_word(row.change.kind)
        words = (f"{word}: {title_of(row)}", row.change.text, row.change.kind.value)
        _entry(feed, f"{origin}/{row.number}", row.change.at, words)
    written: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _named(source: str) -> str:
    one = credit(source)
    return f"{one.sentence} {one.url}".strip()


def _entry(feed: Element, name: str, at: Instant, words: tuple[str, str, str]) -> None:
    title, text, kind = words
    entry = SubElement(feed, "entry")
    _text(entry, "id", _urn(name))
    _text(entry, "title", title)
    _text(entry, "updated", rfc3339(at))
    SubElement(entry, "category", term=kind)
    _text(entry, "content", text, type="text")


def _text(parent: Element, tag: str, text: str, **attributes: str) -> None:
    # What XML cannot say at all would make the whole feed unreadable.
    SubElement(parent, tag, attributes).text = _NO_XML.sub("\ufffd", clean(text))


def _urn(name: str) -> str:
    return uuid.uuid5(_SPACE, name).urn
