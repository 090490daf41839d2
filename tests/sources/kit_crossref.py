"""How Crossref answers when all is well, written from its documentation. Made-up papers."""

from __future__ import annotations

from urllib.parse import unquote

from source_kits import Kit
from source_world import Reply, Request, json_reply

KNOWN = {"10.5555/alpha.2017.1": 900, "10.5555/beta.2020.2": 0, "10.5555/gamma.2021.3": 12}


def record(doi: str, count: object, **more: object) -> dict[str, object]:
    """A work as lists with ``select`` give it; underscores in names stand for hyphens."""
    return {
        "DOI": doi,
        "is-referenced-by-count": count,
        "title": [f"Paper {doi}"],
        "author": [
            {"given": "Ada", "family": "Lovelace", "sequence": "first", "affiliation": []},
            {"name": "The Analytical Collaboration", "sequence": "additional", "affiliation": []},
        ],
        "container-title": ["Journal of Made-Up Results"],
        "issued": {"date-parts": [[2020, 1, 2]]},
        "type": "journal-article",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


def listed(*records: object, total: object = None) -> dict[str, object]:
    """A ``work-list`` of these."""
    return {
        "status": "ok",
        "message-type": "work-list",
        "message-version": "1.0.0",
        "message": {
            "facets": {},
            "total-results": len(records) if total is None else total,
            "items": list(records),
            "items-per-page": 100,
            "query": {"start-index": 0, "search-terms": None},
        },
    }


def single(work: object) -> dict[str, object]:
    """A ``work``."""
    head = {"status": "ok", "message-type": "work", "message-version": "1.0.0"}
    return {**head, "message": work}


def not_found() -> Reply:
    return Reply(404, b"Resource not found.", content_type="text/plain")


def asked_dois(request: Request) -> list[str]:
    """The DOIs of a list's filter; a comma ends one."""
    parts = request.query.get("filter", "").split(",")
    return [part.removeprefix("doi:") for part in parts if part.startswith("doi:")]


def answer(request: Request) -> Reply:
    path = unquote(request.path)
    if "/works/" in path:
        doi = path.partition("/works/")[2]
        return json_reply(single(record(doi, KNOWN[doi]))) if doi in KNOWN else not_found()
    if "query.bibliographic" in request.query:
        words = request.query["query.bibliographic"]
        return json_reply(
            listed(*(record(d, n) for d, n in KNOWN.items() if f"Paper {d}" in words))
        )
    # Records come in an order of their own, and misses are absent.
    found = sorted((doi for doi in asked_dois(request) if doi in KNOWN), reverse=True)
    return json_reply(listed(*(record(doi, KNOWN[doi]) for doi in found)))


KIT = Kit(
    name="crossref",
    scheme="doi",
    known=tuple(KNOWN),
    unknown=("10.5555/nobody.1", "10.5555/nobody.2", "10.5555/nobody.3"),
    malformed="https://doi.org/10.5555/alpha.2017.1",
    answer=answer,
    count="is-referenced-by-count",
)
