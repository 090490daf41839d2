"""OpenAlex: single works, lists by filter, title search, autocomplete, and what they cost.

Single look-ups are free and stay so when the day's credits are spent. 429 has four meanings;
404 is a page of HTML; a work that a list leaves out may still answer by itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from citewatch.sandbox import openalex_meter as meter
from citewatch.sandbox.http import HTML_TYPE, Request, Response, json_response, text_response
from citewatch.sandbox.miscounts import COUNT_FAULTS, miscounted
from citewatch.sandbox.mounts import MOUNTED, OPENALEX
from citewatch.sandbox.openalex_asked import (
    CITES,
    FACTS,
    SCHEMES,
    SEARCHES,
    SPANS,
    BadQuestion,
    check_parameters,
    cost_of,
    cursor_at,
    filters,
    identifier,
    is_paid,
    page_of,
    selected,
    value_of,
)
from citewatch.sandbox.openalex_citing import CitingLists
from citewatch.sandbox.openalex_meter import COSTS, Account, Meter
from citewatch.sandbox.openalex_rows import Rows, doi_url, published_on, work_url
from citewatch.sandbox.openalex_works import Work, Works
from citewatch.sandbox.world import World

LINE_LIMIT = 8_190
"""Longest request line, bytes; the edge refuses longer ones."""
COMPLETIONS = 10
OPENALEX_FAULTS = ("query-timeout", "search-shed", "budget-spent", "too-fast", "plan-required")
"""Faults that only OpenAlex has; see `OpenAlex.answer`."""
NOT_FOUND_PAGE = """<!doctype html>
<html lang=en>
<title>404 Not Found</title>
<h1>Not Found</h1>
<p>The requested URL was not found on the server.</p>
"""
_SORTS: dict[str, Callable[[Work], object]] = {
    "publication_date": published_on,
    "publication_year": lambda work: published_on(work)[:4],
    "display_name": lambda work: work.record.title,
}
_Hit = tuple[float | None, Work]
"""(score of a search, work)."""


class OpenAlex:
    """The service over one world. Without ``limits`` nobody is refused for asking too much."""

    def __init__(self, world: World, *, limits: bool = True) -> None:
        self._world = world
        self._works = Works(world)
        self._rows = Rows(world)
        self._lists = CitingLists(world, self._rows)
        self._meter = Meter()
        self._limits = limits

    def answer(self, request: Request, now: float, fault: str | None = None) -> Response:
        """The answer to one request at ``now``.

        ``fault`` names a fault in the counts or one of `OPENALEX_FAULTS`: query-timeout and
        plan-required concern lists, search-shed searches, budget-spent all that costs.
        """
        if request.line_bytes > LINE_LIMIT:
            page = "<html><head><title>400 Bad Request</title></head></html>"
            return text_response(400, page, content_type=HTML_TYPE)
        key = meter.key_of(request)
        if key is not None and not key.startswith(meter.GOOD_KEY):
            return meter.bad_key()
        if key is None and request.query.get("cursor", "*") != "*":
            return meter.key_wanted()
        account = self._meter.account(key, now)
        if request.path == "/rate-limit":
            return meter.bad_key() if key is None else meter.report(key, account, now)
        cost = cost_of(request.path, request.query)
        refused = self._refused(request, account, now, cost=cost)
        refused = refused or _faulty(fault, account, now, cost=cost, keyed=key is not None)
        if refused is not None:
            return replace(refused, headers=refused.headers + meter.headers(account, 0, now))
        answer = self._routed(request, now, cost=cost)
        if fault is not None and fault in COUNT_FAULTS:
            answer = miscounted(answer, fault, MOUNTED[OPENALEX].counts)
        account.used += cost
        return replace(answer, headers=answer.headers + meter.headers(account, cost, now))

    def _refused(
        self, request: Request, account: Account, now: float, *, cost: int
    ) -> Response | None:
        if is_paid(request.query):
            return meter.plan_required()
        if not self._limits:
            return None
        if not account.window.allow(now):
            return meter.too_fast(account.per_second)
        return meter.budget_spent(cost, account.left, now) if account.left < cost else None

    def _routed(self, request: Request, now: float, *, cost: int) -> Response:
        parts = request.path.strip("/").split("/", 1)
        try:
            match (request.method, *parts):
                case ("GET", "works"):
                    return self._list(request, now, cost=cost)
                case ("GET", "works", asked):
                    return self._single(asked, request, now)
                case ("GET", "autocomplete", "works"):
                    return self._complete(request, now)
        except BadQuestion as bad:
            error = {"error": "Invalid query parameters error.", "message": str(bad)}
            return json_response(400, error)
        return not_found()

    # Single works

    def _single(self, asked: str, request: Request, now: float) -> Response:
        check_parameters(request.query)
        fields = selected(request.query.get("select"))
        known = identifier(asked)
        if known is None:
            return not_found()
        found = self._works.find(*known, now)
        if found:
            body = self._rows.row(found[0], fields, now) + "\n"
            return Response(status=200, body=body.encode(), ids=1)
        ended = self._works.ended(known[1], now) if known[0] == "openalex" else None
        if ended is None or ended.moved_to is None:
            return not_found()
        _, mark, query = request.target.partition("?")
        answer = text_response(301, "<h1>Redirecting</h1>", content_type=HTML_TYPE)
        location = f"W{ended.moved_to}{mark}{query}"
        return replace(answer, headers=(("Location", location),), ids=1)

    # Lists

    def _list(self, request: Request, now: float, *, cost: int) -> Response:
        query = request.query
        check_parameters(query)
        fields, page = selected(query.get("select")), page_of(query)
        asked = filters(query.get("filter"))
        if any(name == CITES for name, _ in asked):
            total, rows = self._citing(request, asked, now)
        else:
            hits = self._ordered(self._found(request, asked, now), query.get("sort"), now)
            shown = hits[page.offset : page.offset + page.per_page]
            rows = [self._rows.row(work, fields, now, score=score) for score, work in shown]
            total = len(hits)
        meta: dict[str, object] = {
            "count": total,
            "db_response_time_ms": 12,
            "page": page.number,
            "per_page": page.per_page,
            "groups_count": None,
        }
        if page.number is None:
            more = page.offset + page.per_page < total
            meta["next_cursor"] = cursor_at(page.offset + page.per_page) if more else None
        target = request.target[request.target.find("/works") :]
        meta["x_query"] = {"oql": "", "oqo": {}, "url": target}
        meta["cost_usd"] = meter.usd(cost)
        body = f'{{"meta":{json.dumps(meta)},"results":[{",".join(rows)}],"group_by":[]}}\n'
        ids = max((len(values) for name, values in asked if name in SCHEMES), default=0)
        return Response(status=200, body=body.encode(), ids=ids)

    def _citing(
        self, request: Request, asked: list[tuple[str, list[str]]], now: float
    ) -> tuple[int, list[str]]:
        """How many cite one of the works, and the page that is wanted of them."""
        numbers = [value_of("openalex", v) for n, values in asked if n == CITES for v in values]
        works = {work: None for n in numbers for work in self._works.find("openalex", n, now)}
        lists, query = self._lists, request.query
        citing, places = lists.listed(tuple(works), asked, now, sort=query.get("sort"))
        rows = lists.rows(citing, places, selected(query.get("select")), page_of(query))
        return len(places), rows

    def _found(
        self, request: Request, asked: list[tuple[str, list[str]]], now: float
    ) -> list[_Hit]:
        """All that satisfies every filter and search, without what lists do not show."""
        query = request.query
        wanted = [pair for pair in asked if pair[0] not in (*FACTS, *SPANS)]
        wanted += [(SEARCHES[0], [text]) for name, text in query.items() if name[:6] == "search"]
        hits: dict[Work, float | None] | None = None
        for name, values in wanted:
            found = self._matching(name, values, now)
            hits = {work: found[work] for work in found if hits is None or work in hits}
        if hits is None:
            hits = dict.fromkeys(self._works.everything(now))
        for name, values in asked:
            if name in (*FACTS, *SPANS):
                hits = {work: hits[work] for work in hits if self._is(work, name, values, now)}
        every = query.get("corpus") == "all" or query.get("include_xpac") == "true"
        return [(score, work) for work, score in hits.items() if every or not work.xpac]

    def _matching(self, name: str, values: list[str], now: float) -> dict[Work, float | None]:
        if scheme := SCHEMES.get(name):
            return {
                work: None
                for value in values
                for work in self._works.find(scheme, value_of(scheme, value), now)
            }
        return {
            work: round(likeness * (100 + self._rows.count(work, now)), 4)
            for value in values
            for likeness, work in self._works.titled(value, now)
        }

    def _is(self, work: Work, name: str, values: list[str], now: float) -> bool:
        if name in SPANS:
            late = published_on(work) > values[0]
            return late is (name == SPANS[0]) or published_on(work) == values[0]
        truth = {
            "type": work.kind,
            "publication_year": published_on(work)[:4],
            "is_retracted": str(work.retracted_at <= now).lower(),
            "is_xpac": str(work.xpac).lower(),
            "has_doi": str(work.doi is not None).lower(),
        }
        return truth[name] in values

    def _ordered(self, hits: list[_Hit], sort: str | None, now: float) -> list[_Hit]:
        """By relevance where something was searched, else in an order of the works' own."""
        hits.sort(key=lambda hit: hit[1].number * 2_654_435_761 % (1 << 32))
        hits.sort(key=lambda hit: -(hit[0] or 0))
        for text in reversed(sort.split(",") if sort else ()):
            name, _, direction = text.lstrip("-").partition(":")
            down = text.startswith("-") or direction == "desc"
            if name == "cited_by_count":
                hits.sort(key=lambda hit: self._rows.count(hit[1], now), reverse=down)
            elif name in _SORTS:
                by = _SORTS[name]
                hits.sort(key=lambda hit: str(by(hit[1])), reverse=down)
            elif name != "relevance_score":
                raise BadQuestion(f"{name} is not a valid sort field.")
        return hits

    def _complete(self, request: Request, now: float) -> Response:
        text = request.query.get("q", "")
        if not text.strip():
            raise BadQuestion("q is a required parameter.")
        hits = self._works.titled(text, now, in_order=True)
        works = [work for _, work in hits if not work.xpac]
        works.sort(key=lambda work: -self._rows.count(work, now))
        results = [
            {
                "id": work_url(work),
                "display_name": work.record.title,
                "hint": ", ".join(name.strip() for name in work.record.authors[:3]) or None,
                **json.loads(self._rows.row(work, ("cited_by_count",), now)),
                "entity_type": "work",
                "external_id": doi_url(work),
            }
            for work in works[:COMPLETIONS]
        ]
        meta = {"count": len(works), "db_response_time_ms": 5, "page": 1, "per_page": COMPLETIONS}
        return json_response(200, {"meta": meta, "results": results}, ids=1)


def not_found() -> Response:
    """404 as the service says it: a page, not JSON."""
    return text_response(404, NOT_FOUND_PAGE, content_type=HTML_TYPE)


def _faulty(
    fault: str | None, account: Account, now: float, *, cost: int, keyed: bool
) -> Response | None:
    match fault:
        case "too-fast":
            return meter.too_fast(account.per_second)
        case "query-timeout" if cost:
            return meter.query_timeout()
        case "plan-required" if cost:
            return meter.plan_required()
        case "budget-spent" if cost:
            return meter.budget_spent(cost, 0, now)
        case "search-shed" if cost == COSTS["search"]:
            return meter.search_shed(keyed=keyed)
    return None
