"""INSPIRE's records as JSON: identifiers, titles, dates, and both kinds of counts."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from citewatch.sandbox.citing import Citer, Part
from citewatch.sandbox.known import Known, OwnCounts, inverted
from citewatch.sandbox.made import submitted_at
from citewatch.sandbox.records import number_of, sha_of
from citewatch.sandbox.world import World

COUNTS = ("citation_count", "citation_count_without_self_citations")
LOW, HIGH = 20, 60
"""What INSPIRE counts, per cent of Semantic Scholar's."""
SELF_PER_MILLE = (30, 150)
"""Share of the citations that are the authors' own, by paper."""
_API = "https://inspirehep.net/api/literature"


class InspireRecords:
    """Records of one world."""

    def __init__(self, world: World) -> None:
        self._counts = OwnCounts(world, "inspire", low=LOW, high=HIGH)

    def cited_by(self, paper: Known, now: float, day: int) -> Part:
        """The works that the count of a paper is made of."""
        return Part(
            record=paper.basis,
            shown=min(self._counts.at(paper, now), self._counts.grown(paper, day)),
            by_day=partial(self._counts.grown, paper),
            share=self._counts.share(paper),
        )

    def uuid(self, paper: Known) -> str:
        """The identifier of the record's row, which only single answers carry."""
        text = sha_of(f"inspire/uuid/{paper.key}")
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32]))

    def hit(self, paper: Known, recid: int, fields: str | None, now: float) -> dict[str, object]:
        """One record as search gives it; ``fields`` names the metadata wanted, None all."""
        metadata = _metadata(paper, recid, now)
        metadata |= zip(COUNTS, self._both(paper, now), strict=True)
        return _hit(metadata, recid, paper.year, fields, now)

    def citing_hit(self, citer: Citer, fields: str | None, now: float) -> dict[str, object]:
        """A citing work as search gives it."""
        record = citer.record
        recid = 2_000_000 + number_of(f"inspire/{record.key}", 900_000_000)
        published: dict[str, object] = {"year": citer.day.year, "journal_title": record.venue}
        metadata: dict[str, object] = {
            "control_number": recid,
            "titles": [{"title": record.title}],
            "authors": [author(name) for name in record.authors],
            "earliest_date": citer.day.isoformat()[: 10 if citer.number % 5 else 7],
            "publication_info": [published] if record.doi else [],
            "citation_count": record.count,
            "citation_count_without_self_citations": record.count,
        }
        if record.arxiv:
            metadata["arxiv_eprints"] = [{"value": record.arxiv, "categories": ["cs.LG"]}]
        if record.doi:
            metadata["dois"] = [{"value": record.doi}]
        return _hit(metadata, recid, citer.day.year, fields, now)

    def _both(self, paper: Known, now: float) -> tuple[int, int]:
        """(citations, citations by others than the authors)."""
        count = self._counts.at(paper, now)
        low, high = SELF_PER_MILLE
        share = low + number_of(f"inspire/self/{paper.key}", high - low)
        return count, count - -(-count * share // 1_000)


def _hit(
    metadata: dict[str, object], recid: int, year: int, fields: str | None, now: float
) -> dict[str, object]:
    if fields is not None:
        names = set(fields.split(","))
        wanted = {name.partition(".")[0] for name in names}
        metadata = {name: value for name, value in metadata.items() if name in wanted}
        if "authors" in metadata and "authors" not in names:
            metadata["authors"] = _parts_of(metadata["authors"], "authors", names)
    return {
        "id": str(recid),
        "created": f"{year}-02-03T00:00:00+00:00",
        "updated": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT00:00:00.000001+00:00"),
        "links": {
            "json": f"{_API}/{recid}?format=json",
            "citations": f"{_API}/?q=refersto%3Arecid%3A{recid}",
        },
        "metadata": metadata,
    }


def _parts_of(items: object, name: str, names: set[str]) -> list[dict[str, object]]:
    """The members of a list's objects that are asked for by their paths."""
    return [
        {key: value for key, value in item.items() if f"{name}.{key}" in names}
        for item in (items if isinstance(items, list) else ())
    ]


def _metadata(paper: Known, recid: int, now: float) -> dict[str, object]:
    doi = paper.doi_by(now)
    published: dict[str, object] = {"year": paper.year}
    if paper.venue:
        published["journal_title"] = paper.venue
    found: dict[str, object] = {
        "control_number": recid,
        "titles": [{"title": paper.title, "source": "arXiv"}],
        "authors": [author(name) for name in paper.authors],
        "arxiv_eprints": [{"value": paper.arxiv, "categories": ["cs.LG"]}],
        "earliest_date": _first_day(paper),
        "publication_info": [published],
        "document_type": ["article"],
        "texkeys": [f"{inverted(paper.authors[0]).partition(',')[0]}:{paper.year}xyz"],
        "citeable": True,
    }
    if doi:
        found["dois"] = [{"value": doi, "source": "publisher"}]
    return found


def author(name: str) -> dict[str, object]:
    """One author; most have a record of their own."""
    found: dict[str, object] = {"full_name": inverted(name)}
    if number := number_of(f"inspire/author/{name}", 12):
        recid = 1_000_000 + 10 * number_of(f"inspire/authors/{name}", 200_000) + number % 10
        found["record"] = {"$ref": f"https://inspirehep.net/api/authors/{recid}"}
    return found


def _first_day(paper: Known) -> str:
    """The day of the first version; only the month for ids whose month says no more."""
    arxiv = paper.arxiv or ""
    if not arxiv[:4].isdecimal():
        return str(paper.year)
    day = datetime.fromtimestamp(submitted_at(arxiv), UTC).date().isoformat()
    return day if number_of(f"inspire/day/{paper.key}", 5) else day[:7]
