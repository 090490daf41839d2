"""What a killed process has left behind: the database, the files, the messages."""

from __future__ import annotations

import copy
import json
import shutil
import sqlite3
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from citewatch.domain.milestones import Ladder
from citewatch.notify.feed import MOST_ENTRIES
from receiver import Receipt
from witness import Witness

Row = tuple[object, ...]
_ATOM = "{http://www.w3.org/2005/Atom}entry"
_TRACKS = """SELECT
p.key, t.source, t.citation_count, t.answered_at, t.pending, t.confirmed_high, t.id
FROM track AS t JOIN paper AS p ON p.id = t.paper_id"""
_FIRST = """SELECT series_id, citation_count FROM snapshot AS s WHERE at =
(SELECT min(at) FROM snapshot WHERE series_id = s.series_id AND status = 0)"""
_LATEST = """SELECT series_id, citation_count FROM snapshot AS s WHERE at =
(SELECT max(at) FROM snapshot WHERE series_id = s.series_id)"""
_HIGHEST = """SELECT t.id, max(c.threshold) FROM change AS c
JOIN track AS t USING (paper_id, source) WHERE c.kind = 'milestone' GROUP BY 1"""
_TWICE = """SELECT paper_id, source, kind, threshold, old, new, first_seen_at, count(*) FROM change
GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING count(*) > 1"""

_LINE = "INSERT INTO change (at, kind, source, text, imported) VALUES (1, 'drop', 's', 't', 0)"
_DAMAGE = {
    "foreign_key_check": "UPDATE change SET paper_id = 99999 WHERE id = 1",
    "has gone": "DELETE FROM snapshot WHERE at = (SELECT min(at) FROM snapshot)",
    "stored is": "UPDATE track SET answered_at = answered_at - 86400",
    "has no reading": "UPDATE track SET citation_count = citation_count + 1",
    "stands above": "UPDATE track SET confirmed_high = 50000 WHERE id = 1",
    "is there twice": f"{_LINE}, (1, 'drop', 's', 't', 0)",
    "neither told nor waiting": _LINE,
}
"""What is done to a copy on purpose, and a piece of what has to be said of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What has to be known of the configuration."""

    ladder: tuple[int, ...]
    every: int
    keys: Sequence[str]
    """Papers by their place in the world."""


@dataclass(slots=True)
class Found:
    """After one process."""

    checked: int = 0
    unfinished: int = 0
    unsound: list[str] = field(default_factory=list)
    lost_readings: list[str] = field(default_factory=list)
    lost_changes: list[str] = field(default_factory=list)
    lost_messages: list[str] = field(default_factory=list)


def complaints(found: Found) -> list[str]:
    """All that is wrong, in words."""
    kinds = (found.unsound, found.lost_readings, found.lost_changes, found.lost_messages)
    return [words for kind in kinds for words in kind]


class Evidence:
    """What was there before must be there afterwards; remembered from process to process."""

    def __init__(self, folder: Path, setup: Setup) -> None:
        self._folder = folder
        self._keys = setup.keys
        self._ladder = Ladder(setup.ladder, setup.every)
        self._snapshots: set[Row] = set()
        self._changes: set[Row] = set()
        self.received: Sequence[Receipt] = ()

    @property
    def readings(self) -> int:
        """Readings in the database."""
        return len(self._snapshots)

    @property
    def changes(self) -> int:
        """Changes in the log."""
        return len(self._changes)

    def after(self, box: Witness, *, since: float, ended: bool) -> Found:
        """Look at everything. A copy is read: the next process has to recover the original."""
        found = Found()
        if not (self._folder / "citewatch.db").exists():
            return found  # killed before there was one
        with self._copy() as bare:
            self.look_into(bare, box, found, since=since, ended=ended)
        return found

    def unseen_damage(self, box: Witness, *, since: float) -> list[str]:
        """What would be done to a copy without being noticed: nothing, it is to be hoped."""
        unseen = []
        for words, statement in _DAMAGE.items():
            found, twin = Found(), copy.copy(self)
            with self._copy() as bare:
                bare.execute(statement)
                twin.look_into(bare, box, found, since=since, ended=True)
            if not any(words in complaint for complaint in complaints(found)):
                unseen.append(f"damage that is not seen: {statement}")
        return unseen

    @contextmanager
    def _copy(self) -> Iterator[sqlite3.Connection]:
        with tempfile.TemporaryDirectory() as name:
            for suffix in ("", "-wal", "-shm"):
                file = self._folder / f"citewatch.db{suffix}"
                if file.exists():
                    shutil.copy(file, Path(name) / file.name)
            with closing(sqlite3.connect(Path(name) / "citewatch.db")) as bare:
                yield bare

    def look_into(
        self, bare: sqlite3.Connection, box: Witness, found: Found, *, since: float, ended: bool
    ) -> None:
        """Look at a database that may be changed."""
        if self._is_sound(bare, found):
            self._readings(bare, box, found, since=since, ended=ended)
            self._log(bare, found)
            self._messages(bare, found)

    def _is_sound(self, bare: sqlite3.Connection, found: Found) -> bool:
        tables = {name for (name,) in bare.execute("SELECT name FROM sqlite_master")}
        if not tables:
            return False  # killed before the tables were made, which is one transaction
        for pragma, good in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
            if (said := bare.execute(f"PRAGMA {pragma}").fetchall()) != good:
                found.unsound.append(f"{pragma}: {said[:3]}")
        return not found.unsound

    def _readings(
        self, bare: sqlite3.Connection, box: Witness, found: Found, *, since: float, ended: bool
    ) -> None:
        runs = bare.execute("SELECT source, finished_at FROM run WHERE started_at > ?", (since,))
        for source, finished_at in runs.fetchall():
            found.unfinished += finished_at is None
            if finished_at is not None or ended:
                box.settle(source)  # the row of the pass says that all is stored
        tracks = {(row[1], row[0]): row for row in bare.execute(_TRACKS)}
        for (source, at), count in box.acknowledged.items():
            found.checked += 1
            row = tracks.get((source, self._keys[at]))
            stored = row is not None and (row[3] or 0) > since and (row[2] == count or row[4])
            if not stored:
                words = f"{source} said {count} of {self._keys[at]}; stored is {row}"
                found.lost_readings.append(words)
        rows = set(bare.execute("SELECT series_id, at, citation_count FROM snapshot"))
        found.lost_readings += [f"reading {row} has gone" for row in self._snapshots - rows]
        self._snapshots = rows
        latest = dict(bare.execute(_LATEST).fetchall())
        for row in tracks.values():
            if row[4] is None and latest.get(row[6]) != row[2]:
                found.lost_readings.append(
                    f"{row} has no reading: the last is {latest.get(row[6])}"
                )

    def _log(self, bare: sqlite3.Connection, found: Found) -> None:
        for row in bare.execute(_TWICE):
            found.lost_changes.append(f"a change is there twice: {row}")
        columns = "id, at, kind, paper_id, source, threshold, text"
        rows = set(bare.execute(f"SELECT {columns} FROM change"))
        found.lost_changes += [f"change {row} has gone" for row in self._changes - rows]
        self._changes = rows
        first = dict(bare.execute(_FIRST).fetchall())
        highest = dict(bare.execute(_HIGHEST).fetchall())
        for row in bare.execute(_TRACKS):
            reached = self._ladder.highest_at(row[5] or 0) or 0
            before = self._ladder.highest_at(first.get(row[6]) or 0) or 0
            if reached > before and highest.get(row[6]) != reached:
                found.lost_changes.append(f"{row} stands above {reached}, which no change says")

    def _messages(self, bare: sqlite3.Connection, found: Found) -> None:
        """Each change has been taken by each channel, or waits for it."""
        waits = defaultdict(set)
        for channel, number in bare.execute("SELECT channel, change_id FROM delivery"):
            waits[channel].add(number)
        everywhere = {number for (number,) in bare.execute("SELECT change_id FROM outbox")}
        known = {name for (name,) in bare.execute("SELECT name FROM channel")}
        told = {
            "webhook": {n for r in self.received for n in r.changes},
            "jsonl": set(self.lines()),
        }
        numbers = {int(str(row[0])) for row in self._changes}
        for name, taken in told.items():
            lost = numbers - taken - waits[name] - everywhere
            if lost and (known or self._changes):
                found.lost_messages.append(f"{name}: {sorted(lost)[:5]} neither told nor waiting")
        for number, times in self.lines().items():
            if times > 1:
                found.lost_messages.append(f"jsonl: change {number} is there {times} times")

    def lines(self) -> Mapping[int, int]:
        """How often each change stands in the file of JSON lines; a cut last line is none."""
        path = self._folder / "changes.jsonl"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        whole = text[: text.rfind("\n") + 1]
        return Counter(json.loads(line)["id"] for line in whole.splitlines())

    # --- at the end -------------------------------------------------------------

    def doubled(self, killed: set[int]) -> tuple[int, int, list[str]]:
        """Messages that came again: unanswered before, answered to a dead man, and for no reason.

        ``killed``: the lives that ended by a kill.
        """
        by_key: dict[str, list[Receipt]] = defaultdict(list)
        last: dict[int, Receipt] = {}
        for receipt in self.received:
            by_key[receipt.key].append(receipt)
            last[receipt.spell] = receipt
        unanswered, to_the_dead, wrong = 0, 0, []
        for key, receipts in by_key.items():
            if len({r.changes for r in receipts}) > 1:
                wrong.append(f"{key} has come with different changes")
            for receipt in receipts[:-1]:
                if receipt.status != 200:
                    unanswered += 1
                elif receipt.spell in killed and last[receipt.spell] is receipt:
                    to_the_dead += 1
                else:
                    wrong.append(f"{key} came again although its sender lived on")
        return unanswered, to_the_dead, wrong

    def at_the_end(self) -> list[str]:
        """What is wrong when everything had time to be delivered."""
        numbers = {int(str(row[0])) for row in self._changes}
        keys: dict[int, set[str]] = defaultdict(set)
        for receipt in self.received:
            for number in receipt.changes:
                keys[number].add(receipt.key)
        wrong = [f"change {n} never reached the webhook" for n in numbers - keys.keys()]
        wrong += [f"change {n} came in {len(k)} messages" for n, k in keys.items() if len(k) > 1]
        wrong += [f"change {n} is not in the file" for n in numbers - self.lines().keys()]
        entries = ET.parse(self._folder / "feed.atom").getroot().findall(_ATOM)
        if len(entries) != min(len(numbers), MOST_ENTRIES):
            wrong.append(f"the feed has {len(entries)} entries of {len(numbers)} changes")
        return wrong

    def left_over(self) -> list[str]:
        """Files that a killed process was making, still there."""
        places = [self._folder, self._folder / "backups"]
        return [p.name for place in places if place.is_dir() for p in place.glob(".*")]
