"""How series stood at an instant of the past, from what was kept of that time.

A state row says how its series stands now. Where the source has not answered since, and
nothing has turned, that is how it stood then. Otherwise the newest `turn` up to that
instant says what answered and how, the snapshots what was believed, and `heard` when it
was last confirmed. For a time before turns were kept ``counted_at`` is None: whoever asks
has to go by the passes over the source.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection

from citewatch.domain.papers import Instant, Status
from citewatch.ports import Track
from citewatch.store.catalog import numbers_text
from citewatch.store.engine import raw_rows
from citewatch.store.heard import last_heard
from citewatch.store.tracks import read_tracks

_STATUS = {status.value: status for status in Status}
_OF_SNAPSHOT = (Status.OK, Status.HELD, Status.MISSING)

# Of the newest turn up to the instant, and of what has been believed since the record began.
_THEN = """SELECT t.id, u.at, u.status, u.answered, u.begun_at, u.counted_at,
        (SELECT s.status FROM snapshot s WHERE s.series_id = t.id AND s.at <= ?
            ORDER BY s.at DESC LIMIT 1),
        b.at, b.citation_count, b.influential_count, b.without_self_count,
        (SELECT max(s.citation_count) FROM snapshot s WHERE s.series_id = t.id AND s.at <= ?
            AND s.at >= coalesce(u.begun_at, 0) AND s.status = 0),
        (SELECT min(x.at) FROM turn x WHERE x.series_id = t.id AND x.at > ?)
    FROM json_each(?) n JOIN track t ON t.id = n.value
    LEFT JOIN turn u ON u.series_id = t.id AND u.at =
        (SELECT max(v.at) FROM turn v WHERE v.series_id = t.id AND v.at <= ?)
    LEFT JOIN snapshot b ON b.series_id = t.id AND b.at =
        (SELECT s.at FROM snapshot s WHERE s.series_id = t.id AND s.at <= ?
            AND s.at >= coalesce(u.begun_at, 0)
            AND s.status = 0 AND s.citation_count IS NOT NULL ORDER BY s.at DESC LIMIT 1)"""


def read_tracks_then(
    connection: Connection, papers: Collection[int], *, until: Instant
) -> list[Track]:
    """Each series as it stood at ``until``."""
    now = read_tracks(connection, papers)
    rows = raw_rows(
        connection, _THEN, (*(until,) * 3, numbers_text(t.series for t in now), *(until,) * 2)
    )
    then = {row[0]: row for row in rows}
    moved = [t for t in now if not _as_now(t, then[t.series][12], until)]
    heard = last_heard(connection, [t.series for t in moved if then[t.series][1]], until)
    changed = {t.series: _then(t, then[t.series], heard.get(t.series)) for t in moved}
    return [changed.get(t.series, t) for t in now]


def _as_now(track: Track, next_turn_at: Instant | None, until: Instant) -> bool:
    answered = track.answered_at is not None and track.answered_at <= until
    return answered and next_turn_at is None


def _then(track: Track, row: tuple[Any, ...], heard_at: Instant | None) -> Track:
    _, turned_at, status, answered, begun_at, confirmed_at, last, *believed = row
    believed_at, count, influential, without_self, high, _ = believed
    if turned_at is None:
        return _before_turns(track, last, tuple(believed))
    is_ = _STATUS[status]
    # A record that was let go turned the series without an answer.
    answered_at = heard_at if is_ is Status.NEVER else max(turned_at, heard_at or 0)
    counted_at = answered_at if is_ is Status.OK else confirmed_at
    if is_ is Status.NEVER or believed_at is None:
        return track._replace(
            status=is_, citation_count=None, influential_count=None, without_self_count=None,
            high=None, counted_at=None, answered_at=answered_at, begun_at=begun_at,
            answered=answered or "",
        )  # fmt: skip
    return track._replace(
        status=is_, citation_count=count, influential_count=influential,
        without_self_count=without_self, high=high, counted_at=counted_at,
        answered_at=answered_at, begun_at=begun_at, answered=answered or "",
    )  # fmt: skip


def _before_turns(track: Track, last: int | None, believed: tuple[Any, ...]) -> Track:
    """From the snapshots alone: of that time nothing else was kept."""
    _, count, influential, without_self, high, _ = believed
    return track._replace(
        status=Status.NEVER if last is None else _OF_SNAPSHOT[last], citation_count=count,
        influential_count=influential, without_self_count=without_self, high=high,
        counted_at=None, answered_at=None, begun_at=None, answered="",
    )  # fmt: skip
