"""What every export says beside its numbers: whose they are, and of when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from citewatch.domain.credits import credit
from citewatch.domain.papers import Instant
from citewatch.services.reported import Report, ReportedPaper
from citewatch.services.standing import Count


def headline(paper: ReportedPaper) -> Count | None:
    """The count that speaks for a paper; None where none is known."""
    return next(
        (c for c in paper.counts if c.source == paper.source and c.citations is not None), None
    )


def day(at: Instant) -> str:
    """``2026-11-22``, UTC."""
    return datetime.fromtimestamp(at, tz=UTC).date().isoformat()


def as_of(report: Report) -> str:
    """The day of the newest count that is in the export, "" before the first.

    Not the day of the export: an export made twice from the same counts is the same.
    """
    return day(max(_times(report))) if any(_times(report)) else ""


def oldest(report: Report) -> str:
    """The day of the oldest count that is in the export, "" before the first."""
    return day(min(_times(report))) if any(_times(report)) else ""


def _times(report: Report) -> list[Instant]:
    known = (headline(paper) for paper in report.papers)
    return [count.observed_at for count in known if count and count.observed_at is not None]


def speaking(report: Report) -> tuple[str, ...]:
    """The sources whose counts are headlines, in alphabetical order."""
    return tuple(sorted({p.source for p in report.papers if p.source is not None}))


def named(source: str) -> str:
    """``Semantic Scholar, https://…: Data by Semantic Scholar.``"""
    one = credit(source)
    link = f", {one.url}" if one.url else ""
    return f"{one.label}{link}: {one.sentence}"


def preamble(report: Report) -> Iterator[str]:
    """Lines for the head of a text file, without comment signs."""
    yield "Written by citewatch; made anew at every export, so edit elsewhere."
    yield f"Counts as of {span(report)}."
    yield from (named(source) for source in speaking(report))


def span(report: Report) -> str:
    """``2026-11-22``, or ``2026-11-01 to 2026-11-22`` where counts are of different days."""
    first, last = oldest(report), as_of(report)
    if not last:
        return "no day yet"
    return last if first == last else f"{first} to {last}"


def counted(papers: Iterable[ReportedPaper]) -> Iterator[tuple[ReportedPaper, Count, int]]:
    """Papers whose count is known, with it."""
    for paper in papers:
        count = headline(paper)
        if count is not None and count.citations is not None:
            yield paper, count, count.citations
