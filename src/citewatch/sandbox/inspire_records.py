"""INSPIRE's records as JSON: identifiers, titles, dates, and both kinds of counts."""

from __future__ import annotations

from datetime import UTC, datetime

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

    def uuid(self, paper: Known) -> str:
        """The identifier of the record's row, which only single answers carry."""
        text = sha_of(f"inspire/uuid/{paper.key}")
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32]))

    def hit(self, paper: Known, recid: int, fields: str | None, now: float) -> dict[str, object]:
        """One record as search gives it; ``fields`` names the metadata wanted, None all."""
        metadata = _metadata(paper, recid, now)
        wanted = None if fields is None else {name.partition(".")[0] for name in fields.split(",")}
        if wanted is None or wanted & set(COUNTS):
            metadata |= zip(COUNTS, self._both(paper, now), strict=True)
        if wanted is not None:
            metadata = {name: value for name, value in metadata.items() if name in wanted}
        return {
            "id": str(recid),
            "created": f"{paper.year}-02-03T00:00:00+00:00",
            "updated": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT00:00:00.000001+00:00"),
            "links": {"json": f"{_API}/{recid}?format=json"},
            "metadata": metadata,
        }

    def _both(self, paper: Known, now: float) -> tuple[int, int]:
        """(citations, citations by others than the authors)."""
        count = self._counts.at(paper, now)
        low, high = SELF_PER_MILLE
        share = low + number_of(f"inspire/self/{paper.key}", high - low)
        return count, count - -(-count * share // 1_000)


def _metadata(paper: Known, recid: int, now: float) -> dict[str, object]:
    doi = paper.doi_by(now)
    published: dict[str, object] = {"year": paper.year}
    if paper.venue:
        published["journal_title"] = paper.venue
    found: dict[str, object] = {
        "control_number": recid,
        "titles": [{"title": paper.title, "source": "arXiv"}],
        "authors": [{"full_name": inverted(name)} for name in paper.authors],
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


def _first_day(paper: Known) -> str:
    """The day of the first version; only the month for ids whose month says no more."""
    arxiv = paper.arxiv or ""
    if not arxiv[:4].isdecimal():
        return str(paper.year)
    day = datetime.fromtimestamp(submitted_at(arxiv), UTC).date().isoformat()
    return day if number_of(f"inspire/day/{paper.key}", 5) else day[:7]
