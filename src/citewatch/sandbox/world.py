"""The made world: what every source would say at a given time. Pure: the time is an argument."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cached_property

from citewatch.sandbox.counts import CountModel, LivingCounts
from citewatch.sandbox.events import active, event
from citewatch.sandbox.made import Contents, living_contents
from citewatch.sandbox.records import DAY_S, Listed, Preprint, Record, Submission
from citewatch.sandbox.titles import TitleIndex

DEFAULT_START = 1_732_233_600.0
"""2024-11-22T00:00:00Z."""
OVERLAP = 0.9
"""Share of a merged record's citations that the other record did not have."""


class World:
    """Papers, preprints and forums, and how they stand at any time from ``start`` on.

    ``start`` is in epoch seconds. The same ``seed`` gives the same world. ``contents``
    replaces the living world by another one, in which no event happens.
    """

    def __init__(
        self,
        start: float = DEFAULT_START,
        *,
        seed: str = "citewatch",
        contents: Contents | None = None,
        counts: CountModel | None = None,
    ) -> None:
        self.start = start
        self.eventful = contents is None
        self._contents = living_contents(start) if contents is None else contents
        self._counts = counts or LivingCounts(seed)
        self.records: tuple[Record, ...] = self._contents.records
        self._by_id = _index(self.records)
        self._preprint_indexes: dict[bool, TitleIndex] = {}
        self.preprints = {preprint.id: preprint for preprint in self._contents.preprints}
        self.submissions = {forum.id: forum for forum in self._contents.submissions}

    @property
    def listed(self) -> tuple[Listed, ...]:
        """The papers of the publication list, in its order."""
        return self._contents.listed

    def day(self, now: float) -> int:
        """Days since the start; 0 on the first day and before."""
        return max(0, math.floor((now - self.start) / DAY_S))

    def on(self, name: str, now: float) -> bool:
        """Whether the named event of `events.EVENTS` holds at ``now``."""
        return self.eventful and active(name, self.day(now))

    def record(self, scheme: str, value: str, now: float) -> Record | None:
        """The Semantic Scholar record that answers to an identifier at ``now``.

        ``scheme`` is sha, corpusid, doi, arxiv or acl; ``value`` in lower case.
        """
        found = self._by_id.get((scheme, value))
        if found is None:
            return None
        if self.on("s2_forgets", now) and found.key == f"p{event('s2_forgets').paper}":
            return None
        return self._merged(found, now)

    def _merged(self, record: Record, now: float) -> Record:
        """The record itself, or after the merge the one that took it in."""
        if self.on("s2_merge", now) and record.key == f"p{event('s2_merge').paper}":
            return self._keyed[record.key + "j"]
        return record

    @cached_property
    def _keyed(self) -> dict[str, Record]:
        return {record.key: record for record in self.records}

    def count(self, record: Record, now: float) -> tuple[int, int]:
        """(citations, influential citations) of a record at ``now``."""
        day = self.day(now)
        count, influential = self._counts.at(record, day)
        if (taken := self.taken_in(record, now)) is not None:
            more, also = self._counts.at(taken, day)
            return count + round(more * OVERLAP), influential + round(also * OVERLAP)
        return count, influential

    def citing(self, record: Record, now: float) -> tuple[tuple[Record, int], ...]:
        """What `count` is made of: records, and how many works that cite each one."""
        day = self.day(now)
        own = self._counts.at(record, day)[0]
        if (taken := self.taken_in(record, now)) is None:
            return ((record, own),)
        return ((record, own), (taken, round(self._counts.at(taken, day)[0] * OVERLAP)))

    def grown(self, record: Record, day: int) -> int:
        """Works that have ever cited a record by a day, those that were lost again too."""
        return self._counts.grown(record, day)

    def stirs(self, record: Record, number: int) -> bool:
        """Whether the citing work of that number is an influential one."""
        return self._counts.stirs(record, number)

    def taken_in(self, record: Record, now: float) -> Record | None:
        """The record that has been merged into this one by ``now``."""
        if self.on("s2_merge", now) and record.key == f"p{event('s2_merge').paper}j":
            return self._keyed[record.key.removesuffix("j")]
        return None

    @cached_property
    def title_index(self) -> TitleIndex:
        """Titles of `records`, by position."""
        return TitleIndex(record.title for record in self.records)

    @cached_property
    def preprint_order(self) -> tuple[Preprint, ...]:
        """The preprints in a fixed order of their own."""
        return tuple(self.preprints.values())

    def preprint_index(self, now: float) -> TitleIndex:
        """Titles of `preprint_order` as of ``now``, by position; only current ones are searched."""
        retitled = self.on("arxiv_retitled", now)
        index = self._preprint_indexes.get(retitled)
        if index is None:
            index = self._preprint_indexes[retitled] = TitleIndex(
                (preprint.visible(now) or preprint.versions)[-1].title
                for preprint in self.preprint_order
            )
        return index

    @cached_property
    def forum_order(self) -> tuple[Submission, ...]:
        """The forums in a fixed order."""
        return tuple(self.submissions.values())

    @cached_property
    def forum_index(self) -> TitleIndex:
        """Titles of `forum_order`, by position."""
        return TitleIndex(forum.title for forum in self.forum_order)

    def truth(self, number: int) -> frozenset[str]:
        """Every identifier that rightly denotes a listed paper, as ``scheme:value``.

        Schemes arxiv, doi (lower case), acl, openreview, semantic_scholar (a sha or
        CorpusId:n). Empty for the paper that no source knows.
        """
        paper = next(paper for paper in self.listed if paper.number == number)
        keys = {f"p{number}", f"p{number}j"}
        names: set[str] = set()
        for record in self.records:
            if record.key in keys:
                names |= {f"semantic_scholar:{sha}" for sha in (record.sha, *record.more_shas)}
                names |= {f"semantic_scholar:CorpusId:{record.corpus}"}
        if names:
            names |= {f"arxiv:{paper.arxiv}", f"doi:{(paper.doi or '').lower()}"}
            names |= {f"acl:{paper.acl}", f"openreview:{paper.openreview}"}
        if preprint := self.preprints.get(paper.arxiv or ""):
            names |= {f"doi:{doi.lower()}" for notes in preprint.notes for doi in notes.dois}
        return frozenset(name for name in names if not name.endswith((":", ":None")))


def _index(records: Iterable[Record]) -> dict[tuple[str, str], Record]:
    found: dict[tuple[str, str], Record] = {}
    for record in records:
        for sha in (record.sha, *record.more_shas):
            found["sha", sha] = record
        found["corpusid", str(record.corpus)] = record
        if record.arxiv:
            found["arxiv", record.arxiv] = record
            if record.arxiv_doi:
                found["doi", f"10.48550/arxiv.{record.arxiv}"] = record
        if record.doi:
            found["doi", record.doi.lower()] = record
        if record.acl:
            found["acl", record.acl.lower()] = record
    return found
