"""A report without self-citations: only where it is known who cites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from citewatch.domain.indices import h_index, i10_index
from citewatch.domain.self_citations import Definition
from citewatch.ports import KnownWork, Look, Store
from citewatch.services.reported import ListTrend, PaperTrend, Report, ReportedPaper, Totals
from citewatch.services.selves import Selves
from citewatch.services.standing import Count

_OWN_DEFINITION = Definition.COAUTHORS
"""What a source's own count without self-citations leaves out: works that share an author."""

WORDS = {
    Definition.ME: "of the people named as author_names",
    Definition.COAUTHORS: "of any author of the cited paper",
}


def without_self(
    report: Report,
    store: Store,
    selves: Selves,
    *,
    present: bool,
    sort: str = "citations",
    limit: int | None = None,
) -> Report:
    """The same report with the citations that are no self-citations.

    The source's own count is taken where it gives one and means the same. Else the
    self-citations among the listed works are subtracted, where the list was read whole and
    holds what is counted. ``present`` False is a past day, of which no list is known. All
    that moves (deltas, rates, forecasts, badges) speaks of whole counts and is left out.
    """
    definition = selves.definition_of_all()
    numbers = {w.paper.key: number for number, w in selves.papers.items()}
    looks = store.past().looks(list(selves.papers)) if present else {}
    lines = [
        _line(paper, store, selves, definition, looks, number=numbers.get(paper.key))
        for paper in report.papers
    ]
    if sort == "citations":
        lines.sort(key=lambda p: (p.citations is None, -(p.citations or 0)))
    return replace(
        report, papers=tuple(lines[:limit]), totals=_totals(lines, report.totals), windows=(),
        trend=ListTrend(), without_self=definition.value,
    )  # fmt: skip


def in_words(report: Report) -> str:
    """What is left out, and of how many papers that is known."""
    words = WORDS[Definition(report.without_self)]
    known = report.totals.counted
    said = f"without self-citations ({report.without_self}: those {words})"
    return f"{said}; known of {known} of {report.totals.papers} papers"


def _line(
    paper: ReportedPaper,
    store: Store,
    selves: Selves,
    definition: Definition,
    looks: Mapping[tuple[int, str], Look],
    *,
    number: int | None,
) -> ReportedPaper:
    counts = tuple(
        _count(count, store, selves, definition, looks.get((number or 0, count.source)), number)
        for count in paper.counts
    )
    headline = next((c.citations for c in counts if c.source == paper.source), None)
    return replace(
        paper, citations=headline, counts=counts, claim=None, badge=None, delta={},
        per_year=None, spark=(None,) * len(paper.spark), trend=PaperTrend(), forecast=None,
        compared=None, lines=(),
    )  # fmt: skip


def _count(
    count: Count,
    store: Store,
    selves: Selves,
    definition: Definition,
    look: Look | None,
    number: int | None,
) -> Count:
    if definition is _OWN_DEFINITION and count.without_self is not None:
        left: int | None = count.without_self
    elif look is None or number is None or count.citations is None:
        left = None
    else:
        works = store.past().works(look.series)
        left = _subtracted(count.citations, works, look, selves, definition, number)
    return replace(count, citations=left, influential=None, without_self=None, high=None)


def _subtracted(
    citations: int,
    works: Sequence[KnownWork],
    look: Look,
    selves: Selves,
    definition: Definition,
    paper: int,
) -> int | None:
    listed = [w.work for w in works if w.gone_at is None and w.gone_since is None]
    named = [work for work in listed if work.authors]
    # Who wrote the rest is unknown: more than one in a hundred, and nothing is said.
    unknown = abs(citations - len(listed)) + len(listed) - len(named)
    if look.complete_at is None or look.cut or unknown > citations // 100:
        return None
    return max(0, citations - len(selves.among(paper, named, definition)))


def _totals(lines: Sequence[ReportedPaper], whole: Totals) -> Totals:
    once: dict[str, ReportedPaper] = {}
    for line in lines:
        key = line.same_as or line.key
        if key not in once or once[key].citations is None:
            once[key] = line
    counts = [p.citations for p in once.values() if p.citations is not None]
    if not counts:
        return Totals(papers=whole.papers)
    return Totals(
        papers=whole.papers, counted=len(counts), citations=sum(counts),
        h_index=h_index(counts), i10_index=i10_index(counts),
    )  # fmt: skip
