"""One SQL for two databases: it is written for SQLite, and read for PostgreSQL here.

SQLite is given every statement as it stands. For PostgreSQL the marks of parameters are
replaced, lists are unpacked in its own way, and a statement for which that is not enough
is written out twice (`either`). Everything else in the store keeps to what both know:
CASE in place of max() of two values, COALESCE, comparisons in place of flags.
"""

from __future__ import annotations

from functools import cache

_TWICE: dict[str, str] = {}

# A list travels as one JSON text, so that there is no limit on how many. The letter
# behind it says of what: numbers, words, or pairs out of an object of numbers.
_LISTS = (
    ("json_each(?) n", "unnest(translate(?, '[]', '{}')::bigint[]) AS n(value)"),
    ("json_each(?) w", "json_array_elements_text(?::json) AS w(value)"),
    ("json_each(?) o", "json_each_text(?::json) AS o(key, value)"),
)


def either(sqlite: str, *, postgresql: str) -> str:
    """A statement that the two need in words of their own."""
    _TWICE[sqlite] = postgresql
    return sqlite


@cache
def for_postgresql(sql: str) -> str:
    """A statement of the store in PostgreSQL's words and with psycopg's marks."""
    sql = _TWICE.get(sql, sql)
    for ours, theirs in _LISTS:
        sql = sql.replace(ours, theirs)
    return sql.replace("%", "%%").replace("?", "%s")
