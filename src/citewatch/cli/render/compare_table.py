"""Source against source, for people: one paper a line, one source a column, and the reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from citewatch.cli.render.grid import Cell, Column
from citewatch.cli.render.words import clean, plural, short_name
from citewatch.services.reported import ReportedPaper
from citewatch.services.standing import Count

_NAMED = 3


def compare_columns(
    papers: Sequence[ReportedPaper], titles: Sequence[Cell], marks: dict[str, str]
) -> Iterator[Column]:
    """The columns of the table: a source's counts are never added to another's."""
    yield Column(header="paper", cells=titles)
    for place, source in enumerate(sources_of(papers)):
        cells = [_count(_of(p, source), marks, headline=p.source == source) for p in papers]
        yield Column(
            header=short_name(source), cells=cells, right=True, give_way=0 if place < 3 else place
        )
    yield Column(header="spread", cells=[_spread(p) for p in papers], right=True, give_way=1)


def sources_of(papers: Sequence[ReportedPaper]) -> list[str]:
    """Every source that is asked for some paper, in the order of the report."""
    return list(dict.fromkeys(count.source for paper in papers for count in paper.counts))


def _of(paper: ReportedPaper, source: str) -> Count | None:
    return next((count for count in paper.counts if count.source == source), None)


def _count(count: Count | None, marks: dict[str, str], *, headline: bool) -> Cell:
    if count is None:
        return Cell(text="")
    mark = marks.get(count.status.value, "")
    number = "–" if count.citations is None else str(count.citations)
    return Cell(text=number + (mark or " "), style="bold" if headline else "")


def _spread(paper: ReportedPaper) -> Cell:
    compared = paper.compared
    if compared is None or compared.lowest == compared.highest:
        return Cell(text="")
    if compared.lowest == 0:
        return Cell(text=f"0–{compared.highest}")
    return Cell(text=f"×{compared.highest / compared.lowest:.1f}")


def reason_lines(papers: Sequence[ReportedPaper]) -> Iterator[str]:
    """Each reason once, with the papers that it is known of; the commonest first."""
    known: dict[str, list[str]] = {}
    for paper in papers:
        for reason in paper.compared.reasons if paper.compared else ():
            known.setdefault(clean(reason), []).append(paper.key)
    for reason, keys in sorted(known.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        named = ", ".join(clean(key) for key in keys[:_NAMED])
        more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
        yield f"- {reason} ({plural(len(keys), 'paper')}: {named}{more})"
