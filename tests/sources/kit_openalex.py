"""How OpenAlex answers when all is well, written from its documentation. Made-up works."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from source_kits import Kit
from source_world import Reply, Request, json_reply

HOST = "https://openalex.org/"
KNOWN = {"10.5555/alpha.2017.1": 900, "10.5555/beta.2020.2": 0, "10.5555/gamma.2021.3": 12}
NOT_FOUND = (
    b"<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"
    b"<p>The requested URL was not found on the server.</p>\n"
)
BUDGET = "Insufficient budget. This request costs $0.0001. Resets at midnight UTC."


def work(
    number: int, doi: str | None = None, count: object = 7, **more: object
) -> dict[str, object]:
    """A work as lists with ``select`` give it."""
    pages = more.pop("pages", [f"https://doi.org/{doi}"] if doi else [])
    assert isinstance(pages, list)
    ids: dict[str, object] = {"openalex": f"{HOST}W{number}"}
    if doi:
        ids["doi"] = f"https://doi.org/{doi}"
    locations = [location(page) for page in pages]
    return {
        "id": f"{HOST}W{number}",
        "doi": f"https://doi.org/{doi}" if doi else None,
        "ids": ids,
        "title": f"Paper {doi}",
        "publication_year": 2020,
        "publication_date": "2020-01-02",
        "cited_by_count": count,
        "is_retracted": False,
        "primary_location": locations[0] if locations else None,
        "locations": locations,
        "authorships": [
            {"author": {"id": f"{HOST}A1", "display_name": "Ada Lovelace"}, "institutions": []},
            {"author": {"id": None, "display_name": None}, "raw_author_name": "Émilie du Châtelet"},
        ],
        **more,
    }


def location(page: str) -> dict[str, object]:
    """A place where a work lies; a preprint's is a repository."""
    preprint = "arxiv" in page
    name = "arXiv (Cornell University)" if preprint else "Journal of Made-Up Results"
    kind = "repository" if preprint else "journal"
    source = {"id": f"{HOST}S1", "display_name": name, "type": kind}
    return {"landing_page_url": page, "pdf_url": None, "version": None, "source": source}


def listed(works: Sequence[object], **meta: object) -> dict[str, object]:
    """The envelope of a list."""
    head = {"count": len(works), "db_response_time_ms": 12, "page": 1, "per_page": 100, **meta}
    return {"meta": head, "results": list(works), "group_by": []}


def not_found() -> Reply:
    return Reply(404, NOT_FOUND, content_type="text/html; charset=utf-8")


def spent(cost: int = 1, left: int = 0, wait_s: int = 50_000) -> Reply:
    """429 until midnight."""
    body = {
        "error": "Rate limit exceeded",
        "message": BUDGET,
        "retryAfter": wait_s,
        "creditsRequired": cost,
        "creditsRemaining": left,
    }
    return json_reply(body, 429, **{"Retry-After": str(wait_s)})


@dataclass
class Catalog:
    """Works, found as OpenAlex finds them; ``hidden`` ones are in no list."""

    works: list[dict[str, object]]
    hidden: list[dict[str, object]] = field(default_factory=list)

    def answer(self, request: Request) -> Reply:
        if "/works/" in request.line:
            return self.single(request)
        name, _, value = request.query["filter"].partition(":")
        if name == "title.search":
            found = [w for w in self.works if plain(value) in plain(str(w["title"]))]
        else:
            values = value.split("|")
            # Answers come in an order of their own.
            found = [w for w in reversed(self.works) if self.has(w, name, values)]
        shown = found[: int(request.query["per_page"])]
        return json_reply(listed([chosen(w, request) for w in shown], count=len(found)))

    def single(self, request: Request) -> Reply:
        # What is under /works/ is one part of the path, percent-encoded.
        asked = unquote(request.line.split(" ")[1].partition("?")[0].partition("/works/")[2])
        name, _, value = asked.rpartition(":") if asked[:4] in ("pmid", "mag:") else ("", "", asked)
        if asked.startswith("doi:"):
            name, value = "doi", asked[4:]
        for found in (*self.works, *self.hidden):
            if self.has(found, name or "openalex", [value]):
                return json_reply(chosen(found, request))
        return not_found()

    def has(self, record: dict[str, object], name: str, values: Sequence[str]) -> bool:
        ids = record["ids"]
        assert isinstance(ids, dict)
        if name == "locations.landing_page_url":
            places = record["locations"]
            assert isinstance(places, list)
            return any(place["landing_page_url"] in values for place in places)
        own = str(ids.get(name, ""))
        bare = own.removeprefix("https://doi.org/") if name == "doi" else own.rpartition("/")[2]
        return bool(own) and bare in values


def chosen(record: dict[str, object], request: Request) -> dict[str, object]:
    """The fields that ``select`` names."""
    names = request.query["select"].split(",")
    return {name: record[name] for name in names}


def plain(title: str) -> str:
    return " ".join(re.findall(r"\w+", title.lower()))


CATALOG = Catalog([work(2_000_000_000 + n, doi, KNOWN[doi]) for n, doi in enumerate(KNOWN)])

KIT = Kit(
    name="openalex",
    scheme="doi",
    known=tuple(KNOWN),
    unknown=("10.5555/nobody.1", "10.5555/nobody.2", "10.5555/nobody.3"),
    malformed="10.5555/Not-Lower-Case",
    answer=CATALOG.answer,
    count="cited_by_count",
)
