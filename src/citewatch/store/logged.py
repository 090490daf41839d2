"""The question for lines of the log, for those who put it together with other tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from citewatch.store.tables import ChangeRow, PaperRow


def logged_columns() -> Select[Any]:
    """The question for lines of the log, in the order that `logged` reads."""
    c, p = ChangeRow, PaperRow
    return (
        select(
            col(c.id),
            col(c.at),
            col(c.kind),
            col(c.paper_id),
            col(c.source),
            col(c.old),
            col(c.new),
            col(c.threshold),
            col(c.first_seen_at),
            col(c.text),
        )
        .add_columns(col(p.key), col(p.title))
        .select_from(c)
        .outerjoin(p, col(p.id) == col(c.paper_id))
    )
