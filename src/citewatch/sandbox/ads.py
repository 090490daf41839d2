"""NASA ADS: search and bigquery behind a token, with a daily quota that ends at midnight UTC.

It holds `HOLDS_PERCENT` of the papers with an arXiv id or a DOI, in a world without events
all of them. What the documents leave open is chosen here: the bodies of 401, 429 and 400,
`id` where no ``fl`` is given, the newest paper first, and a quota of bigquery of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from citewatch.sandbox.ads_docs import COUNT, AdsDocs
from citewatch.sandbox.ads_query import InvalidQuery, parse_query
from citewatch.sandbox.http import Request, Response, json_response
from citewatch.sandbox.known import Known, known_papers, share_of
from citewatch.sandbox.miscounts import COUNT_FAULTS, miscounted
from citewatch.sandbox.records import DAY_S
from citewatch.sandbox.titles import TitleIndex, words
from citewatch.sandbox.world import World

HOLDS_PERCENT = 85
TOKEN_START = "good"  # noqa: S105 - the stand-in's own, published on purpose
"""A token that starts like this is valid, any other is not."""
QUERY_LIMIT = 1_000
DEFAULT_ROWS, ROWS_LIMIT = 10, 2_000
BIBCODE_LIMIT = 2_000
DAILY_LIMIT = 5_000
DAILY_BIG_LIMIT = 100
EVERYTHING = "*:*"


@dataclass(slots=True)
class DailyQuota:
    """So many requests a day of the calendar, UTC; refused ones are not counted."""

    limit: int
    day: int = -1
    used: int = 0

    def allow(self, now: float) -> bool:
        """Count a request at ``now``; False when the day's quota is spent."""
        today = int(now // DAY_S)
        if today != self.day:
            self.day, self.used = today, 0
        if self.used >= self.limit:
            return False
        self.used += 1
        return True

    def headers(self, now: float) -> tuple[tuple[str, str], ...]:
        """What every answer tells of the quota; the reset in epoch seconds."""
        reset = (int(now // DAY_S) + 1) * DAY_S
        return (
            ("X-RateLimit-Limit", str(self.limit)),
            ("X-RateLimit-Remaining", str(self.limit - self.used)),
            ("X-RateLimit-Reset", str(reset)),
        )


class Ads:
    """The service over one world; each token has quotas of its own.

    Paper 20 gets another bibcode on the day of the event ``ads_published``.
    """

    def __init__(self, world: World, *, limits: bool = True) -> None:
        self._world = world
        self._docs = AdsDocs(world)
        self._limits = limits
        self._quotas: dict[tuple[str, str], DailyQuota] = {}

    # What follows is made at the first question: most runs ask some of the services only.

    @cached_property
    def _papers(self) -> tuple[Known, ...]:
        papers = tuple(paper for paper in known_papers(self._world) if paper.arxiv or paper.doi)
        return share_of(papers, "ads", percent=HOLDS_PERCENT) if self._world.eventful else papers

    @cached_property
    def _where(self) -> dict[str, int]:
        return {
            name.lower(): at
            for at, paper in enumerate(self._papers)
            for name in self._docs.every_name(at, paper)
        }

    @cached_property
    def _titles(self) -> TitleIndex:
        return TitleIndex(paper.title for paper in self._papers)

    def answer(self, request: Request, now: float, fault: str | None = None) -> Response:
        """The answer to one request at ``now``; ``fault`` names a fault in the counts."""
        response = self._answer(request, now)
        return (
            miscounted(response, fault, (COUNT,)) if fault and fault in COUNT_FAULTS else response
        )

    def _answer(self, request: Request, now: float) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not token.startswith(TOKEN_START):
            return json_response(401, {"error": "Unauthorized"})
        handlers: dict[tuple[str, str], tuple[int, _Handler]] = {
            ("GET", "/v1/search/query"): (DAILY_LIMIT, self._query),
            ("POST", "/v1/search/bigquery"): (DAILY_BIG_LIMIT, self._bigquery),
        }
        if (request.method, request.path) not in handlers:
            return json_response(404, {"error": "Not found"})
        limit, handler = handlers[request.method, request.path]
        quota = self._quotas.setdefault((token, request.path), DailyQuota(limit))
        allowed = not self._limits or quota.allow(now)
        if allowed:
            response = handler(request, now)
        else:
            response = json_response(429, {"error": "Rate limit was exceeded"})
        return replace(response, headers=quota.headers(now))

    def _query(self, request: Request, now: float) -> Response:
        query = request.query.get("q", "")
        if not query:
            return _bad_request("No query was given")
        if len(query) > QUERY_LIMIT:
            return _bad_request(f"The query is longer than {QUERY_LIMIT} characters")
        try:
            found, asked = parse_query(query, lambda field, text: self._lookup(field, text, now))
        except InvalidQuery as error:
            return _bad_request(f"org.apache.solr.search.SyntaxError: {error}")
        return self._page(found, request.query, now, ids=asked)

    def _bigquery(self, request: Request, now: float) -> Response:
        lines = request.body.decode("utf-8", "replace").split()
        if request.query.get("fq") != "{!bitset}" or lines[:1] != ["bibcode"]:
            return _bad_request("bigquery takes fq={!bitset} and a body that starts with bibcode")
        if len(lines) - 1 > BIBCODE_LIMIT:
            return _bad_request(f"More than {BIBCODE_LIMIT} bibcodes")
        if request.query.get("q") != EVERYTHING:
            return _bad_request(f"This stand-in answers bigquery for q={EVERYTHING} only")
        found = {
            at
            for name in lines[1:]
            if (at := self._where.get(name.lower())) is not None
            # Only the bibcode of today: an older one is an identifier, not the bibcode.
            and self._docs.bibcode(at, self._papers[at], now) == name
        }
        return self._page(found, request.query, now, ids=len(lines) - 1)

    def _lookup(self, field: str, text: str, now: float) -> set[int]:
        """Positions of the papers that a field's value denotes."""
        exact, value = text.startswith('"'), text.strip('"')
        match field:
            case "identifier" | "bibcode" | "alternate_bibcode" | "doi" | "arxiv":
                at = self._where.get(value.lower())
                return set() if at is None or not self._is_named(at, value, now) else {at}
            case "title":
                return self._titles.holding(value, exact=exact)
            case "year":
                return {at for at, paper in enumerate(self._papers) if str(paper.year) == value}
            case "author":
                asked = set(words(value))
                return {at for at, paper in enumerate(self._papers) if _wrote(paper, asked)}
            case "*":
                return set(range(len(self._papers)))
        return self._titles.holding(value, exact=exact)

    def _is_named(self, at: int, value: str, now: float) -> bool:
        names = self._docs.names(at, self._papers[at], now)
        return value.lower() in {name.lower() for name in names}

    def _page(self, found: set[int], query: Mapping[str, str], now: float, *, ids: int) -> Response:
        try:
            rows = min(int(query.get("rows", DEFAULT_ROWS)), ROWS_LIMIT)
            start = int(query.get("start", 0))
        except ValueError:
            return _bad_request("rows and start must be numbers")
        if rows < 0 or start < 0:
            return _bad_request("rows and start must not be negative")
        fields = tuple(name for name in query.get("fl", "id").replace(" ", ",").split(",") if name)
        docs = [
            self._docs.doc(at, self._papers[at], fields, now)
            for at in sorted(found, reverse=True)[start : start + rows]
        ]
        header = {"status": 0, "QTime": 1 + len(found) % 50, "params": {"q": query.get("q", "")}}
        inner = {"numFound": len(found), "start": start, "docs": docs}
        return json_response(200, {"responseHeader": header, "response": inner}, ids=ids)


_Handler = Callable[[Request, float], Response]


def _wrote(paper: Known, asked: set[str]) -> bool:
    return bool(asked) and any(asked <= set(words(name)) for name in paper.authors)


def _bad_request(message: str) -> Response:
    header = {"status": 400, "QTime": 0}
    error = {"msg": message, "code": 400}
    return json_response(400, {"responseHeader": header, "error": error})
