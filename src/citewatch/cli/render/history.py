"""One paper's counts over time: JSON, CSV."""

from __future__ import annotations

from typing import TextIO

from citewatch.cli.render.words import clean, rfc3339, write_csv, write_json
from citewatch.services.log import HistoryPoint, PaperHistory

COLUMNS = ("at", "source", "citations", "influential", "status")


def history_json(history: PaperHistory, out: TextIO) -> None:
    """The document of ``history --format json``; what is unknown is absent."""
    observed_at = {
        s.source: rfc3339(s.observed_at) for s in history.series if s.observed_at is not None
    }
    document = {
        "paper": history.key,
        "title": clean(history.title),
        "series": {s.source: [_point(p) for p in s.points] for s in history.series},
        "observed_at": observed_at,
    }
    write_json(document, out)


def _point(point: HistoryPoint) -> dict[str, object]:
    pairs: dict[str, object] = {
        "at": rfc3339(point.at),
        "citations": point.citations,
        "influential": point.influential,
        "without_self": point.without_self,
        "status": point.status.value,
    }
    return {name: value for name, value in pairs.items() if value is not None}


def history_csv(history: PaperHistory, out: TextIO) -> None:
    """One row a snapshot, source by source."""
    rows = (
        (rfc3339(p.at), s.source, p.citations, p.influential, p.status.value)
        for s in history.series
        for p in s.points
    )
    write_csv(COLUMNS, rows, out)
