"""How INSPIRE answers when all is well, written from its documentation. Made-up papers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from source_kits import Kit
from source_world import Reply, Request, json_reply

from citewatch.domain.identifiers import ARXIV

KNOWN = {"1706.03762": 900, "hep-th/9901001": 0, "2002.00002": 12}
RECIDS = {number: 1_000_001 + at for at, number in enumerate(KNOWN)}
_TERM = re.compile(r'(recid|arxiv|doi):("[^"]*"|\S+)')


def metadata(number: str, count: object = 7, **more: object) -> dict[str, object]:
    """What search gives of one record when the fields are named."""
    return {
        "control_number": RECIDS.get(number, 1_999_999),
        "titles": [{"title": f"Paper {number}", "source": "arXiv"}],
        "authors": [{"full_name": "Lovelace, Ada"}, {"full_name": "The Analytical Collaboration"}],
        "arxiv_eprints": [{"value": number, "categories": ["hep-th"]}],
        "dois": [{"value": f"10.5555/Journal.{number}", "source": "publisher"}],
        "publication_info": [{"year": 2020, "journal_title": "Journal of Made-Up Results"}],
        "earliest_date": "2019-12-03",
        "citation_count": count,
        "citation_count_without_self_citations": count,
        **more,
    }


def hit(number: str, count: object = 7, **more: object) -> dict[str, object]:
    """One hit of a search."""
    found = metadata(number, count, **more)
    return {
        "id": str(found["control_number"]),
        "created": "2020-01-01T00:00:00+00:00",
        "updated": "2021-01-01T00:00:00+00:00",
        "links": {},
        "metadata": found,
    }


def listed(hits: Sequence[object], total: object = None) -> dict[str, object]:
    """The envelope of a search."""
    found = len(hits) if total is None else total
    return {"hits": {"hits": list(hits), "total": found}, "links": {"self": "…"}}


def asked(query: str) -> list[tuple[str, str]]:
    """(keyword, value) of each term of ``a or b or …``."""
    return [(name, value.strip('"')) for name, value in _TERM.findall(query)]


def plain(title: str) -> str:
    return re.sub(r"\W+", " ", title)


def answer(request: Request) -> Reply:
    query = request.query["q"]
    if query.startswith("t "):
        words = query.removeprefix("t ").strip('"')
        # Titles are found by their words: stops and slashes make none.
        found = [n for n in KNOWN if plain(f"Paper {n}") == plain(words)]
    else:
        wanted = {value for _, value in asked(query)}
        # The most relevant come first, which is an order of its own.
        found = sorted((n for n in KNOWN if wanted & {n, str(RECIDS[n])}), reverse=True)
    hits = [hit(number, KNOWN[number]) for number in found]
    return json_reply(listed(hits[: int(request.query["size"])], len(hits)))


KIT = Kit(
    name="inspire",
    scheme=ARXIV,
    known=tuple(KNOWN),
    unknown=("2101.00001", "2101.00002", "2101.00003"),
    malformed="1706.03762v7",
    answer=answer,
    count="citation_count",
)
