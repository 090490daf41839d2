"""One paper's counts over time: JSON, CSV."""

from __future__ import annotations

from typing import TextIO

from citewatch.cli.render.past import LABEL, reconstructed_json
from citewatch.cli.render.words import clean, rfc3339, write_csv, write_json
from citewatch.services.log import HistoryPoint, PaperHistory

COLUMNS = ("at", "source", "citations", "influential", "status", LABEL)


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
    if history.reconstructed:
        document[LABEL] = {name: reconstructed_json(made) for name, made in history.reconstructed}
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
    """One row a snapshot, source by source; then the reconstructed pasts.

    These have their number in a column of its own: whoever reads ``citations`` alone never
    takes one of them for an observed count.
    """
    rows: list[tuple[object, ...]] = [
        (rfc3339(p.at), s.source, p.citations, p.influential, p.status.value, None)
        for s in history.series
        for p in s.points
    ]
    rows += [
        (rfc3339(at), source, None, None, LABEL, count)
        for source, made in history.reconstructed
        for at, count in zip(made.times, made.counts, strict=True)
    ]
    write_csv(COLUMNS, rows, out)
