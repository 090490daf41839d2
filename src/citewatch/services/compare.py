"""One paper at all its sources: how far they are apart, and why, as far as that is known.

Counts of several sources are set side by side. They are never added: the same citing works
are among them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from citewatch.domain.papers import Kind, Status
from citewatch.ports import ChangeFilter, Store
from citewatch.services.reported import Comparison, ReportedPaper
from citewatch.services.standing import Count, Standing
from citewatch.services.world import World

_PREPRINT = "10.48550/"
"""The DOIs that arXiv itself registers."""
_BY_DOI = {
    "crossref": "it counts published DOIs only",
    "opencitations": "it knows works by their DOIs only",
}
_COVERAGE = {
    "crossref": "only citations whose publishers hand in references that it could match to a DOI",
    "opencitations": "a lower bound from open references, months behind",
    "inspire": "only citations from particle physics and near it",
    "ads": "mostly citations from astronomy and physics",
}
"""What a source leaves out by its nature, for when it has the lowest count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One paper with what is known of it beside its counts."""

    line: ReportedPaper
    standings: Mapping[str, Standing]
    split: frozenset[str]
    """Sources of which the log says that they hold two records of it."""
    labels: Mapping[str, str]

    @property
    def dois(self) -> tuple[str, ...]:
        return tuple(value for scheme, value in self.line.ids if scheme == "doi")

    def label(self, source: str) -> str:
        return self.labels.get(source, source)


def compared(store: Store, world: World, lines: Sequence[ReportedPaper]) -> list[ReportedPaper]:
    """The lines with what sets their sources apart; without where no source has a count."""
    numbers = {w.paper.key: w.number for w in world.papers if w.number is not None}
    wanted = {numbers[line.key] for line in lines if line.key in numbers}
    split: dict[int, set[str]] = {}
    if wanted:
        asked = ChangeFilter(kinds={Kind.SPLIT}, papers=wanted, until=world.as_of)
        for row in store.changes(asked):
            split.setdefault(row.change.paper or 0, set()).add(row.change.source)
    labels = {s.name: s.label for s in world.question.sources}
    return [
        replace(
            line,
            compared=compare(
                _Case(
                    line=line,
                    standings=world.standings.get(numbers.get(line.key, 0), {}),
                    split=frozenset(split.get(numbers.get(line.key, 0), ())),
                    labels=labels,
                )
            ),
        )
        for line in lines
    ]


def compare(case: _Case) -> Comparison | None:
    """The spread of the counts, and the reasons in sentences, the weightiest first."""
    counts = [c.citations for c in case.line.counts if c.citations is not None]
    if not counts:
        return None
    unknown = dict(_identifiers(case))
    reasons = [*_records(case), *unknown.values(), *_troubles(case, unknown)]
    if max(counts) > min(counts):
        reasons += _coverage(case, min(counts))
    return Comparison(lowest=min(counts), highest=max(counts), reasons=tuple(reasons))


def _records(case: _Case) -> Iterator[str]:
    """Preprint and journal record apart."""
    for source in sorted(case.split):
        yield (
            f"{case.label(source)} holds two records of it, as of a preprint and its journal "
            "version, and counts each apart"
        )
    if case.line.same_as is not None:
        yield f"the list has another record of it, {case.line.same_as}; each is counted apart"
    preprint = [s for s in case.standings.values() if _is_preprint(s.answered)]
    other = [s for s in case.standings.values() if s.answered and not _is_preprint(s.answered)]
    if other:
        for standing in preprint:
            yield f"{case.label(standing.count.source)} answers with the record of the preprint"


def _is_preprint(answered: str) -> bool:
    return answered.startswith(f"doi:{_PREPRINT}")


def _identifiers(case: _Case) -> Iterator[tuple[str, str]]:
    """Sources that cannot be asked without a DOI, or know nothing, and why."""
    published = [doi for doi in case.dois if not doi.startswith(_PREPRINT)]
    if published:
        return
    on_arxiv = any(scheme == "arxiv" for scheme, _ in case.line.ids)
    why = "no DOI but arXiv's is known" if on_arxiv else "no DOI is known"
    for count in case.line.counts:
        if count.source in _BY_DOI and count.citations is None:
            text = f"{case.label(count.source)}: {why}, and {_BY_DOI[count.source]}"
            yield count.source, text


def _troubles(case: _Case, explained: Collection[str]) -> Iterator[str]:
    """A count that is old, held or gone is not the source's word of today."""
    for count in case.line.counts:
        if count.source not in explained and (text := _trouble(count)):
            yield f"{case.label(count.source)}: {text}"


def _trouble(count: Count) -> str:
    match count.status:
        case Status.STALE:
            return "the count is older than twice the source's schedule"
        case Status.HELD:
            return "a newer, implausible reading waits to be seen again"
        case Status.MISSING if count.citations is None:
            return "the source does not know this paper"
        case Status.MISSING:
            return "the source no longer knows this paper; the count is its last"
        case _:
            return ""


def _coverage(case: _Case, lowest: int) -> Iterator[str]:
    for count in case.line.counts:
        if count.citations == lowest and count.source in _COVERAGE:
            yield f"{case.label(count.source)}: {_COVERAGE[count.source]}"
