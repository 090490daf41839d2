"""The Atom feed: a file that every reader can read, whatever the titles are."""

from __future__ import annotations

import asyncio
import os
import re
import stat
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from notify_samples import HOSTILE, NOW, message, row

from citewatch.domain.papers import Kind
from citewatch.notify.feed import MOST_ENTRIES, Feed, atom
from citewatch.ports import LoggedChange, Message

NS = {"a": "http://www.w3.org/2005/Atom"}


def parsed(content: bytes) -> ET.Element:
    """The feed, held against what RFC 4287 demands of it."""
    feed = ET.fromstring(content)  # noqa: S314  (ours)
    assert feed.tag == "{http://www.w3.org/2005/Atom}feed"
    assert feed.findtext("a:author/a:name", None, NS)
    ids = []
    for element in (feed, *feed.findall("a:entry", NS)):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"a:{name}", NS)) == 1
        assert datetime.fromisoformat(element.findtext("a:updated", "", NS)).tzinfo is not None
        ids.append(element.findtext("a:id", "", NS))
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", name) for name in ids)
    assert len(ids) == len(set(ids))
    for entry in feed.findall("a:entry", NS):
        assert entry.findtext("a:content", None, NS), "else it would need a link"
    return feed


def feed_of(path: Path, rows: Sequence[LoggedChange], origin: str = "0123456789") -> Feed:
    return Feed(path, lambda: origin, lambda limit: rows[:limit])


def send(feed: Feed, given: Message) -> str:
    refusal = asyncio.run(feed.send(given))
    return "" if refusal is None else refusal.reason


def test_the_feed_is_valid_with_entries_newest_first() -> None:
    rows = [row(2, Kind.MILESTONE, text="crossed 100+", at=NOW + 60), row(1, Kind.RETRACTED)]
    feed = parsed(atom(rows, "o"))
    titles = [entry.findtext("a:title", "", NS) for entry in feed.findall("a:entry", NS)]
    assert [title.partition(":")[0] for title in titles] == ["milestone", "RETRACTED"]
    assert feed.findtext("a:updated", "", NS) == "2026-09-21T14:14:20Z"
    assert feed.find("a:entry/a:content", NS).get("type") == "text"  # type: ignore[union-attr]


def test_hostile_titles_are_text() -> None:
    content = atom([row(1, Kind.DROP, title=HOSTILE, text=HOSTILE)], "o")
    entry = parsed(content).find("a:entry", NS)
    assert entry is not None
    title = entry.findtext("a:title", "", NS)
    assert title.startswith("drop: </title><script>alert(1)</script> & red line break evil")
    assert "“Grüße” 𝒵" in title
    assert not re.search("[\x00-\x1f\u202a-\u202e\u2066-\u2069\ufffe]", title)


def test_ids_stay_the_same_for_ever_and_differ_between_databases() -> None:
    def ids(origin: str, rows: list[LoggedChange]) -> list[str]:
        entries = parsed(atom(rows, origin)).findall("a:entry", NS)
        return [entry.findtext("a:id", "", NS) for entry in entries]

    old = [row(1, Kind.DROP)]
    new = [row(2, Kind.LOST, at=NOW + 5), row(1, Kind.DROP, title="Retitled since")]
    assert ids("o", old) == ids("o", new)[1:]
    assert ids("o", old) != ids("p", old)


def test_the_file_is_replaced_whole_and_readable_for_others(tmp_path: Path) -> None:
    path = tmp_path / "public" / "feed.atom"
    rows = [row(1, Kind.DROP)]
    assert send(feed_of(path, rows), message(*rows)) == ""
    first = path.stat()
    assert stat.S_IMODE(first.st_mode) & 0o444 == 0o444 & ~_umask()
    parsed(path.read_bytes())
    send(feed_of(path, rows), message(*rows))
    assert path.stat().st_ino == first.st_ino, "the same again is not written again"
    more = [row(2, Kind.LOST), *rows]
    send(feed_of(path, more), message(*more[:1]))
    assert len(parsed(path.read_bytes()).findall("a:entry", NS)) == 2
    assert [p.name for p in path.parent.iterdir()] == ["feed.atom"]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.atom", tmp_path / "feed.atom"
    real.write_text("old")
    link.symlink_to(real)
    send(feed_of(link, [row(1, Kind.DROP)]), message())
    assert link.is_symlink()
    parsed(real.read_bytes())


def test_the_feed_does_not_grow_without_end(tmp_path: Path) -> None:
    rows = [row(n, Kind.CITING) for n in range(1000, 0, -1)]
    send(feed_of(tmp_path / "f", rows), message(*rows[:1]))
    assert len(parsed((tmp_path / "f").read_bytes()).findall("a:entry", NS)) == MOST_ENTRIES


def test_an_empty_feed_is_a_feed() -> None:
    assert parsed(atom([], "o")).findall("a:entry", NS) == []


def test_a_test_message_is_one_more_entry_until_the_next_change(tmp_path: Path) -> None:
    feed = feed_of(tmp_path / "f", [row(1, Kind.DROP)])
    send(feed, Message(key="test-1", at=NOW, test=True))
    assert len(parsed((tmp_path / "f").read_bytes()).findall("a:entry", NS)) == 2
    send(feed, message(row(1, Kind.DROP)))
    assert len(parsed((tmp_path / "f").read_bytes()).findall("a:entry", NS)) == 1


@pytest.mark.parametrize("place", ["missing/folder/f", "file/f", "."])
def test_a_file_that_cannot_be_written_is_a_refusal(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    assert send(feed_of(tmp_path / place, []), message()).startswith(str(tmp_path))


def test_what_a_killed_maker_left_behind_is_cleared_away_an_hour_later(tmp_path: Path) -> None:
    left, young, foreign = (tmp_path / f".feed.atom.{x}" for x in ("ab12_cd9", "12345678", "swp"))
    for path in (left, young, foreign):
        path.write_text("half")
    for path in (left, foreign):
        os.utime(path, (NOW, NOW))
    assert send(feed_of(tmp_path / "feed.atom", [row(1, Kind.RETRACTED)]), message()) == ""
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"feed.atom", young.name, foreign.name}
