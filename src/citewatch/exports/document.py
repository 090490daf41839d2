"""Everything that is known now, as one JSON document."""

from __future__ import annotations

import json
from collections.abc import Iterable

from citewatch.domain.credits import credit, record_page
from citewatch.domain.known import known_only
from citewatch.domain.printable import clean, rfc3339
from citewatch.exports.sheet import Reading
from citewatch.exports.stand import as_of
from citewatch.services.reported import Report, ReportedPaper
from citewatch.services.standing import Count


def as_json(report: Report, readings: Iterable[Reading] | None = None) -> bytes:
    """The document; what is unknown is absent. With ``readings`` also every one of them."""
    totals = report.totals
    known: dict[str, object] = {
        "as_of": as_of(report) or None,
        "papers": [_paper(paper) for paper in report.papers],
        "totals": known_only(
            {
                "papers": totals.papers,
                "counted": totals.counted or None,
                "citations": totals.citations,
                "h_index": totals.h_index,
                "i10_index": totals.i10_index,
                "g_index": totals.g_index,
            }
        ),
        "sources": {name: _credit(name) for name in _sources(report)},
    }
    if readings is not None:
        known["readings"] = [_reading(one) for one in readings]
    return (json.dumps(known_only(known), ensure_ascii=False, indent=1) + "\n").encode()


def _sources(report: Report) -> list[str]:
    return sorted({c.source for p in report.papers for c in p.counts if c.citations is not None})


def _credit(source: str) -> dict[str, object]:
    one = credit(source)
    return known_only({"name": one.label, "url": one.url or None, "credit": one.sentence})


def _paper(paper: ReportedPaper) -> dict[str, object]:
    ids = dict(paper.ids)
    return known_only(
        {
            "key": paper.key,
            "title": clean(paper.title),
            "year": paper.year,
            "venue": clean(paper.venue) or None,
            "ids": ids or None,
            "claim": paper.claim,
            "badge": paper.badge,
            "citations": paper.citations,
            "source": paper.source,
            "counts": {c.source: _count(c, ids) for c in paper.counts},
            "status": paper.status.value,
            "same_as": paper.same_as,
        }
    )


def _count(count: Count, ids: dict[str, str]) -> dict[str, object]:
    seen = count.observed_at
    return known_only(
        {
            "citations": count.citations,
            "influential": count.influential,
            "without_self": count.without_self,
            "high": count.high,
            "observed_at": None if seen is None else rfc3339(seen),
            "status": count.status.value,
            "url": record_page(count.source, ids) or None,
        }
    )


def _reading(one: Reading) -> dict[str, object]:
    return known_only(
        {
            "paper": one.key,
            "source": one.source,
            "at": rfc3339(one.at),
            "count": one.count,
            "status": one.status,
        }
    )
