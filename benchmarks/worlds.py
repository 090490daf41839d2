"""The made-up papers that benchmarks ask about, each with an arXiv id and a published DOI."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Paper
from citewatch.sandbox import World, synthetic_world
from citewatch.sandbox.counts import SteadyCounts
from citewatch.sandbox.made import Contents
from citewatch.sandbox.records import Record

CHANGE_SHARE = 0.05
ABSTRACT = "  " + " ".join(
    f"Sentence {number} of a made-up abstract is about as long as sentences in abstracts are,\n"
    "and has a second line."
    for number in range(1, 11)
)
"""1,200 characters, as is usual, with the line ends and blanks that arXiv leaves in."""


def bulk_world(papers: int) -> World:
    """So many papers, all known everywhere; 5 % of the counts grow a day."""
    made = synthetic_world(papers)
    preprints = [replace(p, abstract=ABSTRACT) for p in made.preprints.values()]
    contents = Contents(records=tuple(_records(made)), preprints=tuple(preprints))
    return World(made.start, contents=contents, counts=SteadyCounts(CHANGE_SHARE))


def _records(made: World) -> Sequence[Record]:
    return [
        replace(record, doi=record.doi or f"10.5555/jmr.99.{at:07d}")
        for at, record in enumerate(made.records)
    ]


def watched(records: Sequence[Record]) -> list[Paper]:
    """The papers as a user's list has them, with both identifiers."""
    return [
        Paper(
            key=f"study-{at}-{record.year}", title=record.title, year=record.year,
            authors=record.authors,
            ids=(Identifier("arxiv", record.arxiv or ""), Identifier("doi", record.doi or "")),
        )
        for at, record in enumerate(records)
    ]  # fmt: skip


def unknown(papers: int, *, preprints: bool) -> list[Paper]:
    """Papers with good identifiers that no source knows: a DOI, and maybe an arXiv id too."""
    return [
        Paper(
            key=f"unknown-{at}-2015", title=f"A Paper That Nobody Indexed, Part {at}", year=2015,
            authors=("Una Known", "Ivo Nemo"),
            ids=(
                *([Identifier("arxiv", f"1507.{at + 1:05d}")] if preprints else []),
                Identifier("doi", f"10.5555/unknown.15.{at:07d}"),
            ),
        )
        for at in range(papers)
    ]  # fmt: skip


def mixed(known: Sequence[Paper], strangers: Sequence[Paper]) -> list[Paper]:
    """Both, the strangers spread evenly: a list full of them would be a case of its own."""
    listed = list(known)
    for at, stranger in enumerate(strangers):
        listed.insert(at * len(known) // len(strangers) + at, stranger)
    return listed
