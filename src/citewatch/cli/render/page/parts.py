"""The words and numbers of the page, cleaned; the template escapes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from citewatch.charts.figures import label_of, labels_of
from citewatch.charts.scales import iso_day
from citewatch.charts.spark import spark_svg
from citewatch.cli.render.report_data import health_line, totals_lines
from citewatch.cli.render.words import clean, plural, signed
from citewatch.domain.credits import credit, paper_url, record_page
from citewatch.domain.milestones import badge_text
from citewatch.domain.papers import Status
from citewatch.services.reported import Report, ReportedPaper, SourceHealth
from citewatch.services.standing import Count

STATUS_WORDS = {
    Status.STALE: "stale: older than twice the source's schedule",
    Status.HELD: "held: a newer, implausible reading waits to be seen again",
    Status.MISSING: "missing: the source does not know this paper (any more)",
    Status.NEVER: "never asked, or never answered",
}
_LINK_NAMES = {
    "doi": "DOI", "arxiv": "arXiv", "openreview": "OpenReview", "openalex": "OpenAlex",
    "semantic_scholar": "Semantic Scholar", "acl": "ACL", "inspire": "INSPIRE", "ads": "NASA ADS",
}  # fmt: skip
_WINDOW_WORDS = {"7d": "7 days", "30d": "30 days", "365d": "a year"}
_MOST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number of the headline, with what it stands on below it."""

    name: str
    value: str
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A count with its source and its day."""

    citations: str
    source: str
    url: str | None
    """The paper's page at this source, where it is known."""
    day: str
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRow:
    """One line of the table."""

    place: int
    title: str
    about: str
    links: tuple[tuple[str, str], ...]
    headline: Counted | None
    unknown: str
    """What stands in place of a count that is not known."""
    others: tuple[Counted, ...]
    badge: str
    badge_note: str
    gains: tuple[str, ...]
    """One a window; "" where it is unknown."""
    spark: str
    """Markup."""
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One source: how it is, and how it asks to be named."""

    label: str
    url: str | None
    health: str
    credit: str


def window_words(window: str) -> str:
    """``a year`` for ``365d``; any other window as the user wrote it."""
    return _WINDOW_WORDS.get(window) or clean(window)


def headline_figures(report: Report) -> list[Figure]:
    """The numbers that a reader looks for first; unknown ones are left out."""
    totals = report.totals
    basis = f"of {plural(totals.counted, 'paper')} with a count"
    figures = [Figure(name="Papers", value=str(totals.papers), basis=_papers_basis(report))]
    named = (
        ("Citations", totals.citations, f"each paper once, {basis[3:]}"),
        ("h-index", totals.h_index, basis),
        ("i10-index", totals.i10_index, basis),
        ("g-index", totals.g_index, basis),
    )
    for name, value, why in named:
        if value is not None:
            figures.append(Figure(name=name, value=str(value), basis=why))
    return figures


def _papers_basis(report: Report) -> str:
    totals = report.totals
    return (
        "all with a count" if totals.counted == totals.papers else f"{totals.counted} with a count"
    )


def basis_words(report: Report) -> str:
    """Whose counts the headline numbers are, and from which days; "" where that is not known."""
    labels = labels_of(report)
    by_source = dict(report.trend.by_source) or _by_source(report)
    days = [
        count.observed_at
        for paper in report.papers
        for count in paper.counts
        if count.source == paper.source and count.observed_at is not None
    ]
    if not by_source or not days:
        return ""
    shares = ", ".join(f"{label_of(labels, name)} for {n}" for name, n in by_source.items())
    first, last = iso_day(min(days)), iso_day(max(days))
    when = f"on {last}" if first == last else f"between {first} and {last}"
    return f"Counts of {shares}; last confirmed {when}. Counts of two sources are never added."


def _by_source(report: Report) -> dict[str, int]:
    papers = [p for p in report.papers if p.source is not None and p.same_as is None]
    if len(papers) < report.totals.counted:
        return {}
    return dict(Counter(p.source for p in papers if p.source is not None).most_common())


def gains_of(report: Report) -> str:
    """``gained: +17 in 7d · …``; "" where nothing is known."""
    return next(iter(totals_lines(report.totals)[1:]), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A short list under a heading of its own."""

    heading: str
    lines: tuple[str, ...]


def notices(report: Report) -> list[Notice]:
    """What moves: only what is known."""
    titles = {p.key: clean(p.title) or p.key for p in report.papers}
    trend = report.trend

    def named(key: str) -> str:
        return titles.get(key, clean(key))

    movers = [f"{signed(n)} {named(k)}" for k, n in trend.movers if n > 0][:_MOST]
    missing = [f"{named(k)}: {n} more" for k, n in trend.raises_h][:_MOST]
    woke = [f"{named(k)}: {clean(why)}" for k, why in trend.woke][:_MOST]
    retracted = [
        f"{named(p.key)} (so {', '.join(label_of(labels_of(report), s) for s in p.retracted_by)})"
        for p in report.papers
        if p.retracted_by
    ]
    found = (
        ("Retracted", retracted),
        ("Gained most in 30 days", movers),
        ("Would raise the h-index next", missing),
        ("Cited again after a long silence", woke),
    )
    return [Notice(heading=h, lines=tuple(lines)) for h, lines in found if lines]


def paper_rows(report: Report) -> Iterator[PaperRow]:
    """The lines of the table, in the report's order."""
    labels = labels_of(report)
    for place, paper in enumerate(report.papers, start=1):
        counts = {c.source: c for c in paper.counts if c.citations is not None}
        headline = counts.get(paper.source or "")
        badge, note = badge_words(paper)
        yield PaperRow(
            place=place,
            title=clean(paper.title) or paper.key,
            about=" · ".join(w for w in (str(paper.year or ""), clean(paper.venue)) if w),
            links=tuple(_links(paper)),
            headline=_counted(headline, paper, labels) if headline else None,
            unknown=STATUS_WORDS.get(paper.status, "no count"),
            others=tuple(_counted(c, paper, labels) for c in counts.values() if c is not headline),
            badge=badge,
            badge_note=note,
            gains=tuple(signed(paper.delta[w]) if w in paper.delta else "" for w in report.windows),
            spark=spark_svg(paper.spark),
            notes=tuple(_notes(paper)),
        )


def _counted(count: Count, paper: ReportedPaper, labels: Mapping[str, str]) -> Counted:
    return Counted(
        citations=str(count.citations),
        source=label_of(labels, count.source),
        url=record_page(count.source, dict(paper.ids)) or None,
        day="" if count.observed_at is None else iso_day(count.observed_at),
        mark="" if count.status is Status.OK else STATUS_WORDS[count.status],
    )


def _links(paper: ReportedPaper) -> Iterator[tuple[str, str]]:
    for scheme, value in paper.ids:
        url = paper_url(scheme, value)
        if url is not None:
            yield _LINK_NAMES[scheme], url


def badge_words(paper: ReportedPaper) -> tuple[str, str]:
    """The badge that the list shows or could show, and what is to be said about it."""
    claim, badge, citations = paper.claim, paper.badge, paper.citations
    if claim is None:
        return ("", "") if badge is None else (badge_text(badge), "earned, not in the list")
    if badge is not None and badge > claim:
        return badge_text(badge), f"the list says {badge_text(claim)}"
    if citations is not None and citations < claim:
        return badge_text(claim), "claimed by the list, more than this source counts"
    return badge_text(claim), "as the list says"


def _notes(paper: ReportedPaper) -> Iterator[str]:
    if paper.retracted_by:
        yield "retracted"
    if paper.same_as:
        yield f"another record of {clean(paper.same_as)}, counted once with it"
    if paper.compared is not None:
        yield f"from {paper.compared.lowest} to {paper.compared.highest}, by source"
        yield from (clean(reason) for reason in paper.compared.reasons)


def source_rows(report: Report) -> Iterator[SourceRow]:
    """The sources that were asked or gave a count, and those of imported counts."""
    used = {
        count.source for p in report.papers for count in p.counts if count.citations is not None
    }
    for source in report.sources:
        if source.status == "off" and source.found is None and source.name not in used:
            continue
        yield _source_row(source.name, clean(source.label), _health(source))
    known = {source.name for source in report.sources}
    for name in sorted(used - known):
        yield _source_row(name, clean(name), "read from a file")


def _source_row(name: str, label: str, health: str) -> SourceRow:
    one = credit(name)
    return SourceRow(label=label, url=one.url or None, health=health, credit=one.sentence)


def _health(source: SourceHealth) -> str:
    return health_line(source).removeprefix(f"{clean(source.label)}: ")
