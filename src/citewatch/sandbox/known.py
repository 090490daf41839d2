"""Papers as sources beside Semantic Scholar know them, with counts of each source's own.

Semantic Scholar's two records of one paper are one paper here, and its events (dips, zeros,
merges) are not shared: sources disagree by factors and go wrong on different days.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from citewatch.sandbox.counts import LivingCounts
from citewatch.sandbox.records import Preprint, Record, number_of
from citewatch.sandbox.world import World

PREPRINT_VENUE = "arXiv.org"
ALWAYS = -math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One paper: the identifiers it has, and since when its DOI is one of them."""

    key: str
    title: str
    authors: tuple[str, ...]
    year: int
    venue: str | None
    """Where it was published; None for a preprint that was not."""
    arxiv: str | None
    doi: str | None
    doi_at: float = ALWAYS
    """Epoch seconds from which on the DOI exists."""
    basis: Record
    """The record from which its counts are made."""

    def doi_by(self, now: float) -> str | None:
        """The published DOI as of ``now``."""
        return self.doi if self.doi_at <= now else None


def known_papers(world: World) -> tuple[Known, ...]:
    """Every paper of a world that has a record anywhere, in order of the records."""
    records = {record.key: record for record in world.records}
    return tuple(
        _known(record, records.get(record.key + "j"), world.preprints.get(record.arxiv or ""))
        for key, record in records.items()
        if not (key.endswith("j") and key[:-1] in records)
    )


def _known(first: Record, published: Record | None, preprint: Preprint | None) -> Known:
    last = published or first
    doi, doi_at = last.doi, ALWAYS
    if doi is None and preprint is not None:
        # Told of later on arXiv's own page: the paper has been published in the meantime.
        later = next((notes for notes in preprint.notes if notes.at and notes.dois), None)
        if later is not None:
            doi, doi_at = later.dois[0], later.at
    return Known(
        key=first.key,
        title=first.title,
        authors=first.authors,
        year=last.year,
        venue=None if last.venue == PREPRINT_VENUE else last.venue,
        arxiv=first.arxiv,
        doi=doi,
        doi_at=doi_at,
        basis=max(first, last, key=lambda record: record.count),
    )


def share_of(papers: Iterable[Known], source: str, *, percent: int) -> tuple[Known, ...]:
    """The papers that a source holds: ``percent`` of all, always the same ones."""
    return tuple(
        paper for paper in papers if number_of(f"{source}/holds/{paper.key}", 100) < percent
    )


class _QuietCounts(LivingCounts):
    """Growth and small falls alone."""

    def zeroed(self, record: Record) -> bool:  # noqa: ARG002 - the day belongs to one source
        return False


class OwnCounts:
    """The counts of one source: what Semantic Scholar has times a factor of the paper's own.

    The factor lies between ``low`` and ``high`` per cent and never changes, so that counts
    grow with the world's. In a world without events they move on the very days of its counts.
    """

    def __init__(self, world: World, source: str, *, low: int, high: int) -> None:
        self._world = world
        self._source = source
        self._low = low
        self._spread = high - low
        self._quiet = _QuietCounts(source)
        self._scaled: dict[str, Record] = {}

    def at(self, paper: Known, now: float) -> int:
        """Citations at ``now``; never negative."""
        if not self._world.eventful:
            count, _ = self._world.count(paper.basis, now)
            return int(count * self._factor(paper))
        scaled = self._scaled.get(paper.key)
        if scaled is None:
            scaled = self._scaled[paper.key] = self._scale(paper)
        return self._quiet.at(scaled, self._world.day(now))[0]

    def grown(self, paper: Known, day: int) -> int:
        """Citing works that have ever come by a day of the world."""
        if not self._world.eventful:
            return int(self._world.grown(paper.basis, day) * self._factor(paper))
        self.at(paper, self._world.start)
        return self._quiet.grown(self._scaled[paper.key], day)

    def share(self, paper: Known) -> float:
        """What the source sees of all citing works."""
        return min(1.0, self._factor(paper))

    def _factor(self, paper: Known) -> float:
        part = number_of(f"{self._source}/factor/{paper.key}", 1_000) / 1_000
        return (self._low + self._spread * part) / 100

    def _scale(self, paper: Known) -> Record:
        factor, basis = self._factor(paper), paper.basis
        return replace(
            basis,
            # A key of the source's own: dips fall on other days, and no event knows it.
            key=f"{self._source}/{basis.key}",
            count=round(basis.count * factor),
            per_year=basis.per_year * factor,
        )


def inverted(name: str) -> str:
    """A name with the family name first: "Chen, Pin-Yu"."""
    first, _, last = name.strip().rpartition(" ")
    return f"{last}, {first}" if first else last
