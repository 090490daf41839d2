"""How each source lists who cites a paper when all is well, written from its documentation."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kit_openalex import HOST, not_found
from source_world import Reply, Request, json_reply

from citewatch.domain.identifiers import Identifier

AUTHORS = 3


@dataclass(frozen=True)
class CitingKit:
    """One source's paper with its citing works, made up."""

    name: str
    known: Identifier
    unknown: Identifier
    malformed: Identifier
    page: int
    """Works that a full page holds."""
    server: Callable[[int], Server]
    """A server whose paper has so many citing works."""
    first: int
    """Requests for the first page; each further page takes one."""
    self_identity: str
    """The identity that an author of the cited paper also has in citing works."""


@dataclass
class Server:
    """A list of citing works; ``spoil`` changes the rows of each page."""

    count: int
    spoil: Callable[[list[Any]], list[Any]] = lambda rows: rows
    lists: int = 0

    def __call__(self, request: Request) -> Reply:
        raise NotImplementedError

    def is_list(self, request: Request) -> bool:
        raise NotImplementedError


# --- Semantic Scholar --------------------------------------------------------------------

S2_SHA = "649def34f8be52c8b66281af98ae884c09aef38b"


def s2_citation(number: int, **more: object) -> dict[str, Any]:
    day = f"2023-{1 + number % 12:02d}-{1 + number % 28:02d}"
    return {
        "isInfluential": number % 10 == 0,
        "citingPaper": {
            "paperId": f"{number:040x}",
            "corpusId": 1_000 + number,
            "externalIds": {"DOI": f"10.5555/citing.{number}", "CorpusId": 1_000 + number},
            "title": f"Citing {number}",
            "venue": "Journal of Made-Up Results",
            "year": 2023,
            "publicationDate": day,
            "authors": [
                {"authorId": str(10 + number % 5), "name": "Ada Lovelace"},
                {"authorId": None, "name": "Émilie du Châtelet"},
            ],
            **more,
        },
    }


@dataclass
class S2Server(Server):
    withheld: bool = False

    def is_list(self, request: Request) -> bool:
        return request.path.endswith("/citations")

    def __call__(self, request: Request) -> Reply:
        paper = request.path.removeprefix("/graph/v1/paper/").removesuffix("/citations")
        if paper not in ("ARXIV:1706.03762", S2_SHA):
            return json_reply({"error": f"Paper with id {paper} not found"}, 404)
        if not self.is_list(request):
            authors = [{"authorId": "12", "name": "Ada Lovelace"}]
            return json_reply({"paperId": S2_SHA, "citationCount": self.count, "authors": authors})
        offset, limit = int(request.query["offset"]), int(request.query["limit"])
        if offset + limit >= 10_000:
            return json_reply({"error": "offset + limit must be < 10000"}, 400)
        if limit > 1_000:
            return json_reply({"error": "limit must be <= 1000"}, 400)
        if self.withheld:
            return json_reply({"data": None, "citedPaperInfo": {"openAccessPdf": {}}})
        self.lists += 1
        end = min(self.count, offset + limit)
        rows = self.spoil([s2_citation(number) for number in range(offset, end)])
        more = {"next": end} if end < self.count else {}
        return json_reply({"offset": offset, **more, "data": rows})


# --- OpenAlex ----------------------------------------------------------------------------


def oa_work(number: int, **more: object) -> dict[str, Any]:
    author = {"id": f"{HOST}A{5_000_000_010 + number % 5}", "display_name": "Ada Lovelace"}
    return {
        "id": f"{HOST}W{3_000_000_000 + number}",
        "doi": f"https://doi.org/10.5555/citing.{number}",
        "ids": {"openalex": f"{HOST}W{3_000_000_000 + number}"},
        "title": f"Citing {number}",
        "publication_year": 2023,
        "publication_date": f"2023-{1 + number % 12:02d}-{2 + number % 27:02d}",
        "primary_location": {"source": {"display_name": "Made-Up Results", "type": "journal"}},
        "authorships": [
            {"author": {**author, "orcid": None}},
            {
                "author": {"id": None, "display_name": None, "orcid": None},
                "raw_author_name": "Émilie du Châtelet",
            },
        ],
        **more,
    }


@dataclass
class OpenAlexServer(Server):
    left: int | None = 900
    """Credits; None: the service does not say."""
    works: Sequence[str] = ("W2741809807",)
    cited: dict[str, object] = field(default_factory=dict)

    def is_list(self, request: Request) -> bool:
        return request.path.endswith("/works")

    def __call__(self, request: Request) -> Reply:
        told = {} if self.left is None else {
            "X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": str(self.left)
        }  # fmt: skip
        if not self.is_list(request):
            asked = request.path.rpartition("/")[2]
            if asked not in (*self.works, "doi:10.5555%2Fcited"):
                return not_found()
            by_year = [{"year": 2023, "cited_by_count": 7}, {"year": 2021, "cited_by_count": 0}]
            author = {"id": f"{HOST}A5000000012", "display_name": "Ada Lovelace"}
            work = {"id": f"{HOST}{self.works[0]}", "cited_by_count": self.count,
                    "counts_by_year": by_year, "authorships": [{"author": author}]}  # fmt: skip
            return json_reply({**work, **self.cited}, **told)
        if not request.query["filter"].startswith("cites:"):
            return json_reply({"meta": {"count": 0}, "results": []}, **told)
        self.lists += 1
        assert request.query["filter"].startswith(f"cites:{self.works[0]}")
        size, cursor = int(request.query["per_page"]), request.query.get("cursor", "*")
        assert size <= 100
        if cursor != "*" and "authorization" not in request.headers:
            return json_reply({"error": "API key required"}, 401)
        offset = 0 if cursor == "*" else int(cursor.removeprefix("at-"))
        if "page" in request.query:
            offset = size * (int(request.query["page"]) - 1)
            if offset + size > 10_000:
                return json_reply({"error": "Maximum results size of 10000"}, 400)
        end = min(self.count, offset + size)
        rows = self.spoil([oa_work(number) for number in range(offset, end)])
        meta = {"count": self.count, "next_cursor": f"at-{end}" if end < self.count else None}
        return json_reply({"meta": meta, "results": rows, "group_by": []}, **told)


# --- INSPIRE -----------------------------------------------------------------------------


def inspire_hit(number: int) -> dict[str, Any]:
    people = [
        {
            "full_name": "Lovelace, Ada",
            "record": {"$ref": f"https://inspirehep.net/api/authors/{1_000_010 + number % 5}"},
        },
        {"full_name": "du Châtelet, Émilie"},
    ]
    return {
        "id": str(number),
        "metadata": {
            "control_number": 500_000 + number,
            "titles": [{"title": f"Citing {number}"}],
            "authors": people,
            "earliest_date": f"2023-{1 + number % 12:02d}-{1 + number % 28:02d}",
            "publication_info": [{"year": 2023, "journal_title": "Made-Up Results"}],
            "dois": [{"value": f"10.5555/citing.{number}"}],
        },
    }


@dataclass
class InspireServer(Server):
    def is_list(self, request: Request) -> bool:
        return request.query["q"].startswith("refersto:")

    def __call__(self, request: Request) -> Reply:
        query, size = request.query["q"], int(request.query["size"])
        if not self.is_list(request):
            paper = inspire_hit(0)
            paper["metadata"] |= {
                "control_number": 451_647,
                "citation_count": self.count,
                "arxiv_eprints": [{"value": "1706.03762"}],
                "dois": [],
                "authors": [
                    {
                        "full_name": "Lovelace, Ada",
                        "record": {"$ref": "https://inspirehep.net/api/authors/1000012"},
                    }
                ],
            }
            # What is not understood finds something else.
            found = [paper] if query != "recid:7" else []
            return json_reply({"hits": {"hits": found, "total": len(found)}})
        self.lists += 1
        assert query == "refersto:recid:451647"
        offset = size * (int(request.query["page"]) - 1)
        if offset + size > 10_000:
            return json_reply({"status": 400, "message": "Maximum number of 10000"}, 400)
        rows = [inspire_hit(n) for n in range(offset, min(self.count, offset + size))]
        return json_reply({"hits": {"hits": self.spoil(rows), "total": self.count}})


KITS = {
    kit.name: kit
    for kit in (
        CitingKit(
            name="semantic_scholar",
            known=Identifier("arxiv", "1706.03762"),
            unknown=Identifier("arxiv", "2101.00001"),
            malformed=Identifier("arxiv", "1706.03762v7"),
            page=1_000,
            server=S2Server,
            first=2,
            self_identity="semantic_scholar:12",
        ),
        CitingKit(
            name="openalex",
            known=Identifier("doi", "10.5555/cited"),
            unknown=Identifier("doi", "10.5555/nobody"),
            malformed=Identifier("doi", "10.5555/Not-Lower-Case"),
            page=100,
            server=OpenAlexServer,
            first=2,
            self_identity="openalex:A5000000012",
        ),
        CitingKit(
            name="inspire",
            known=Identifier("arxiv", "1706.03762"),
            unknown=Identifier("arxiv", "2101.00001"),
            malformed=Identifier("arxiv", "1706.03762v7"),
            page=100,
            server=InspireServer,
            first=2,
            self_identity="inspire:1000012",
        ),
    )
}


def body_of(value: object) -> bytes:
    return json.dumps(value).encode()
