"""What a report reads: how each series stands, and its counts at a few instants.

A history of five years has ninety rows a series, and a report looks at some thirty
instants of it. One step down the clustered table finds the count of an instant, so that
reading is a matter of instants and not of years.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection

from citewatch.domain.papers import Instant, Status
from citewatch.ports import Said, Track
from citewatch.store.catalog import numbers_text
from citewatch.store.codec import compact
from citewatch.store.dialect import either
from citewatch.store.engine import raw_rows

_END_OF_TIME = 2**62
_STATUS = {status.value: status for status in Status}

_TRACKS = """SELECT t.id, t.paper_id, t.source, t.status, t.citation_count, t.influential_count,
        t.without_self_count, t.high, t.counted_at, t.answered_at, t.begun_at, t.answered
    FROM track t WHERE t.paper_id IN (SELECT n.value FROM json_each(?) n)
    ORDER BY t.paper_id, t.id"""

_NEWEST_FACTS = """FROM track t JOIN facts f ON f.series_id = t.id
    WHERE t.paper_id IN (SELECT n.value FROM json_each(?) n)
    AND f.at = (SELECT max(b.at) FROM facts b WHERE b.series_id = t.id AND b.at <= ?)
    ORDER BY t.paper_id, t.id"""
# Read there: the database takes five values out of a text in a third of the time.
_SAID = either(
    f"""SELECT t.paper_id, t.source, json_extract(f.data, '$.title'),
        json_extract(f.data, '$.year'), json_extract(f.data, '$.venue'),
        json_extract(f.data, '$.published_on'), json_extract(f.data, '$.retracted')
    {_NEWEST_FACTS}""",
    postgresql=f"""SELECT t.paper_id, t.source, f.data::json->>'title',
        (f.data::json->>'year')::bigint, f.data::json->>'venue',
        f.data::json->>'published_on', (f.data::json->>'retracted')::boolean
    {_NEWEST_FACTS}""",
)  # fmt: skip

_BELIEVED = "s.status = 0 AND s.citation_count IS NOT NULL"
_COUNT_AT = f"""(SELECT s.citation_count FROM snapshot s WHERE s.series_id = n.value
    AND s.at <= ? AND {_BELIEVED} ORDER BY s.at DESC LIMIT 1)"""  # noqa: S608  (constants)
_BEGINS_AT = f"""(SELECT s.at FROM snapshot s WHERE s.series_id = n.value
    AND {_BELIEVED} ORDER BY s.at LIMIT 1)"""  # noqa: S608  (constants)
_OWN_AT = f"""SELECT CAST(o.key AS BIGINT), (SELECT s.citation_count FROM snapshot s
        WHERE s.series_id = CAST(o.key AS BIGINT) AND s.at <= CAST(o.value AS BIGINT)
        AND {_BELIEVED} ORDER BY s.at DESC LIMIT 1)
    FROM json_each(?) o"""  # noqa: S608  (constants)


def read_tracks(connection: Connection, papers: Collection[int]) -> list[Track]:
    """The state rows of these papers, as far as reports read them, by paper."""
    return [
        Track._make((*row[:3], _STATUS[row[3]], *row[4:11], row[11] or ""))
        for row in raw_rows(connection, _TRACKS, (numbers_text(papers),))
    ]


def read_said(
    connection: Connection, papers: Collection[int], *, until: Instant | None
) -> list[tuple[int, str, Said]]:
    """(paper, source, facts) with the newest facts up to ``until``."""
    values = (numbers_text(papers), _END_OF_TIME if until is None else until)
    return [
        (row[0], row[1], Said._make((*row[2:6], bool(row[6]))))
        for row in raw_rows(connection, _SAID, values)
    ]


def read_samples(
    connection: Connection, series: Collection[int], instants: Sequence[Instant]
) -> dict[int, Sequence[int | None]]:
    """By series: when its first believed reading was, then the counts at the instants."""
    columns = ", ".join(("n.value", _BEGINS_AT, *(_COUNT_AT for _ in instants)))
    sql = f"SELECT {columns} FROM json_each(?) n"  # noqa: S608  (constants)
    rows = raw_rows(connection, sql, (*instants, numbers_text(series)))
    return {row[0]: row[1:] for row in rows}


def read_samples_at(
    connection: Connection, instants: Mapping[int, Instant]
) -> dict[int, int | None]:
    """The believed count of each series at an instant of its own."""
    asked = compact({str(number): at for number, at in instants.items()})
    return {int(number): count for number, count in raw_rows(connection, _OWN_AT, (asked,))}
