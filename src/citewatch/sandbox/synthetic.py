"""A large made-up world for benchmarks: cheap to build, cheap to serve, no events."""

from __future__ import annotations

from citewatch.sandbox.counts import SteadyCounts
from citewatch.sandbox.made import Contents, submitted_at
from citewatch.sandbox.records import Preprint, Record, Version, sha_of
from citewatch.sandbox.world import DEFAULT_START, World

ADJECTIVES = (
    "Adaptive",
    "Sparse",
    "Robust",
    "Spectral",
    "Causal",
    "Neural",
    "Convex",
    "Latent",
    "Modular",
    "Private",
)
NOUNS = (
    "Kernels",
    "Graphs",
    "Lattices",
    "Policies",
    "Filters",
    "Manifolds",
    "Ensembles",
    "Schedules",
    "Codes",
    "Forests",
)
GOALS = (
    "Retrieval",
    "Planning",
    "Imaging",
    "Forecasting",
    "Control",
    "Compression",
    "Search",
    "Alignment",
)
GIVEN = (
    "Ada",
    "Ben",
    "Cleo",
    "Dag",
    "Eva",
    "Finn",
    "Gro",
    "Hal",
    "Ida",
    "Jon",
    "Kim",
    "Lea",
    "Max",
    "Nia",
    "Odd",
    "Pia",
)
FAMILY = (
    "Aldous",
    "Berger",
    "Castell",
    "Dvorak",
    "Eide",
    "Fontane",
    "Grieg",
    "Holub",
    "Iversen",
    "Jansson",
    "Keller",
)
PER_MONTH = 20_000
FIRST_YEAR = 16


def synthetic_world(
    n: int, start: float = DEFAULT_START, change_share: float = 0.05, *, preprints: bool = True
) -> World:
    """A world of ``n`` papers; each day about ``change_share`` of them gain a citation.

    Every paper has a paperId, a corpusId and an arXiv id, and six of ten a published DOI
    (see `synthetic_doi`); ``preprints=False`` leaves arXiv empty, which halves the memory.
    """
    records = tuple(_record(at) for at in range(n))
    contents = Contents(
        records=records,
        preprints=tuple(_preprint(record) for record in records) if preprints else (),
    )
    return World(start, contents=contents, counts=SteadyCounts(change_share))


def synthetic_doi(at: int) -> str | None:
    """The published DOI of paper ``at``, counted from 0; None for those that have none.

    Under 10.5555, the prefix for DOIs that are examples, and as long as real ones are.
    """
    return f"10.5555/jmr.{FIRST_YEAR + 1:02d}.{at:07d}" if at % 10 < 6 else None


def _pick(choices: tuple[str, ...], number: int) -> str:
    return choices[number % len(choices)]


def _record(at: int) -> Record:
    month = at // PER_MONTH
    arxiv = f"{FIRST_YEAR + month // 12:02d}{1 + month % 12:02d}.{1 + at % PER_MONTH:05d}"
    authors = tuple(
        f"{_pick(GIVEN, at * 7 + k * 5)} {_pick(FAMILY, at * 3 + k * 2)}" for k in range(2 + at % 3)
    )
    title = (
        f"{_pick(ADJECTIVES, at)} {_pick(NOUNS, at // 10)} for {_pick(ADJECTIVES, at // 100 + 3)} "
        f"{_pick(GOALS, at // 1_000)}: Study {at}"
    )
    return Record(
        key=f"s{at}",
        sha=sha_of(f"synthetic/{at}"),
        corpus=1_000_000 + at,
        title=title,
        authors=authors,
        year=2000 + int(arxiv[:2]),
        venue="arXiv.org",
        count=(at * at) % 977,
        per_year=0.0,
        arxiv=arxiv,
        doi=synthetic_doi(at),
    )


def _preprint(record: Record) -> Preprint:
    arxiv = record.arxiv or ""
    return Preprint(
        id=arxiv,
        authors=record.authors,
        category="cs.LG",
        abstract=f"Made-up abstract of {record.title}.",
        versions=(Version(at=submitted_at(arxiv), title=record.title),),
    )
