"""INSPIRE-HEP's literature API: search, one record by recid, arXiv id or DOI, and its limits.

It holds `HOLDS_PERCENT` of the papers with an arXiv id, in a world without events all of
them. What the documents leave open is chosen here: a 404 and a 429 have INSPIRE's body of a
400, words without a keyword are looked for in titles, hits come newest record first.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from functools import cached_property

from citewatch.sandbox.citing import Citing
from citewatch.sandbox.http import HTML_TYPE, Request, Response, json_response, text_response
from citewatch.sandbox.inspire_records import COUNTS, InspireRecords
from citewatch.sandbox.known import Known, known_papers, share_of
from citewatch.sandbox.miscounts import COUNT_FAULTS, miscounted
from citewatch.sandbox.records import number_of
from citewatch.sandbox.titles import TitleIndex
from citewatch.sandbox.world import World

HOLDS_PERCENT = 35
LIMIT, WINDOW_S = 15, 5.0
DEFAULT_SIZE, SIZE_LIMIT = 10, 1_000
RESULT_LIMIT = 10_000
_FIRST_RECID = 1_000_000
_WORD = re.compile(r'"[^"]*"|[^\s"]+|"')
_CITED = re.compile(r"refersto:recid:(\d+)")
_KEYWORDS = {
    "recid": "recid",
    "control_number": "recid",
    "arxiv": "arxiv",
    "eprint": "arxiv",
    "doi": "doi",
    "title": "title",
    "t": "title",
}
_BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body></body></html>"


class Inspire:
    """The service over one world.

    ``huge`` is the recid of the one record that is too large to be sent whole: without
    ``fields`` every answer that would hold it is a 502.
    """

    def __init__(self, world: World, *, limits: bool = True) -> None:
        self._world = world
        self._records = InspireRecords(world)
        self._limits = limits
        self._recent: deque[float] = deque()

    # What follows is made at the first question: most runs ask some of the services only.

    @cached_property
    def _papers(self) -> tuple[Known, ...]:
        papers = tuple(paper for paper in known_papers(self._world) if paper.arxiv)
        if self._world.eventful:
            return share_of(papers, "inspire", percent=HOLDS_PERCENT)
        return papers

    @cached_property
    def _recids(self) -> tuple[int, ...]:
        """Distinct and rising with the position, as if in order of entry."""
        return tuple(
            _FIRST_RECID + 7 * at + number_of(f"inspire/{paper.key}", 7)
            for at, paper in enumerate(self._papers)
        )

    @cached_property
    def huge(self) -> int:
        """The recid of the largest record; 0 where there is none at all."""
        return min(self._recids, key=lambda recid: number_of(f"huge/{recid}", 10**9), default=0)

    @cached_property
    def _where(self) -> dict[tuple[str, str], int]:
        where: dict[tuple[str, str], int] = {}
        for at, paper in enumerate(self._papers):
            where["recid", str(self._recids[at])] = at
            where["arxiv", str(paper.arxiv).lower()] = at
            if paper.doi:
                where["doi", paper.doi.lower()] = at
        return where

    @cached_property
    def _titles(self) -> TitleIndex:
        return TitleIndex(paper.title for paper in self._papers)

    def answer(self, request: Request, now: float, fault: str | None = None) -> Response:
        """The answer to one request at ``now``; ``fault`` names a fault in the counts."""
        response = self._answer(request, now)
        return miscounted(response, fault, COUNTS) if fault and fault in COUNT_FAULTS else response

    def _answer(self, request: Request, now: float) -> Response:
        if self._limits and not self._allow(now):
            return _error(429, "Too many requests.")
        if request.method != "GET":
            return _error(405, "The method is not allowed for the requested URL.")
        match request.path.rstrip("/").split("/", 3)[1:]:
            case ["api", "literature"]:
                return self._search(request.query, now)
            case ["api", "literature" | "arxiv" | "doi" as kind, value]:
                scheme = "recid" if kind == "literature" else kind
                return self._single(scheme, value, request.query, now)
        return _error(404, "The requested URL was not found on the server.")

    def _allow(self, now: float) -> bool:
        """Whether fewer than `LIMIT` requests, refused ones too, came in the last seconds."""
        recent = self._recent
        # A simulated clock may be set back; then the old times mean nothing.
        while recent and not 0 <= now - recent[0] < WINDOW_S:
            recent.popleft()
        recent.append(now)
        return len(recent) <= LIMIT

    def _find(self, scheme: str, value: str, now: float) -> int | None:
        at = self._where.get((scheme, value.lower()))
        if at is not None and scheme == "doi" and self._papers[at].doi_by(now) is None:
            return None
        return at

    def _single(self, scheme: str, value: str, query: Mapping[str, str], now: float) -> Response:
        at = self._find(scheme, value, now)
        if at is None:
            return _error(404, "PID does not exist.")
        hit = self._hit(at, query.get("fields"), now)
        if hit is None:
            return _bad_gateway()
        return json_response(200, {"uuid": self._records.uuid(self._papers[at])} | hit, ids=1)

    def _search(self, query: Mapping[str, str], now: float) -> Response:
        try:
            size = int(query.get("size", DEFAULT_SIZE))
            page = int(query.get("page", 1))
        except ValueError:
            return _error(400, "size and page must be numbers.")
        if size < 0 or page < 1 or size > SIZE_LIMIT:
            return _error(400, f"Maximum search page size of `{SIZE_LIMIT}` results exceeded.")
        if size * page > RESULT_LIMIT:
            return _error(400, f"Maximum number of {RESULT_LIMIT} results have been reached.")
        asked = query.get("q", "").strip()
        if cited := _CITED.fullmatch(asked):
            return self._citing(cited[1], query, now, size=size, page=page)
        terms = _terms(asked)
        found = self._found(terms, now) if asked else set(range(len(self._papers)))
        shown = sorted(found, reverse=True)[size * (page - 1) : size * page]
        hits = [self._hit(at, query.get("fields"), now) for at in shown]
        if None in hits:
            return _bad_gateway()
        links = {"self": _page_link(asked, size, page)}
        if size * page < len(found):
            links["next"] = _page_link(asked, size, page + 1)
        body = {"hits": {"hits": hits, "total": len(found)}, "links": links}
        return json_response(200, body, ids=len(terms))

    def _citing(
        self, recid: str, query: Mapping[str, str], now: float, *, size: int, page: int
    ) -> Response:
        """The records that cite one, with ``sort=mostrecent`` the latest first."""
        at = self._find("recid", recid, now)
        day = self._world.day(now)
        citing = Citing(source="inspire", start=self._world.start, day=day)
        part = None if at is None else self._records.cited_by(self._papers[at], now, day)
        total = 0 if part is None else part.shown
        numbers = range(1, total + 1)
        if query.get("sort") == "mostrecent":
            numbers = numbers[::-1]
        shown = numbers[size * (page - 1) : size * page] if part else ()
        hits = [
            self._records.citing_hit(citing.work(part, number), query.get("fields"), now)
            for number in shown
            if part is not None
        ]
        body = {"hits": {"hits": hits, "total": total}, "links": {}}
        return json_response(200, body, ids=1)

    def _hit(self, at: int, fields: str | None, now: float) -> dict[str, object] | None:
        """One record, cut down to the fields asked for; None when it is too large for that."""
        recid = self._recids[at]
        if fields is None and recid == self.huge:
            return None
        return self._records.hit(self._papers[at], recid, fields, now)

    def _found(self, terms: list[tuple[str, str]], now: float) -> set[int]:
        found: set[int] = set()
        for scheme, value in terms:
            if scheme == "title":
                exact = value.startswith('"')
                found |= self._titles.holding(value.strip('"'), exact=exact)
            elif (at := self._find(scheme, value.strip('"'), now)) is not None:
                found.add(at)
        return found


def _terms(query: str) -> list[tuple[str, str]]:
    """(keyword, value) of each part of ``a or b or …``; parts without a keyword are titles."""
    while query.startswith("(") and query.endswith(")"):
        query = query[1:-1].strip()
    parts: list[list[str]] = [[]]
    for word in _WORD.findall(query):
        if word.lower() == "or":
            parts.append([])
        else:
            parts[-1].append(word)
    return [_term(part) for part in parts if part]


def _term(words: list[str]) -> tuple[str, str]:
    name, colon, rest = words[0].partition(":")
    keyword = _KEYWORDS.get(name.lower())
    if keyword is None or not (colon or len(words) > 1):
        return "title", " ".join(words)
    return keyword, " ".join([rest] * bool(rest) + words[1:])


def _page_link(query: str, size: int, page: int) -> str:
    return f"https://inspirehep.net/api/literature/?q={query}&size={size}&page={page}"


def _error(status: int, message: str) -> Response:
    return json_response(status, {"status": status, "message": message})


def _bad_gateway() -> Response:
    return text_response(502, _BAD_GATEWAY, content_type=HTML_TYPE)
