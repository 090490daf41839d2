"""arXiv's query API: id lists, searches, paging and the errors of each.

Behaves like the server of November 2025: ids are checked by a loose pattern but looked
up as typed, entries come in an order of their own, unknown ids are silently absent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from citewatch.sandbox.arxiv_atom import Question, entry, error_feed, feed
from citewatch.sandbox.arxiv_search import InvalidQuery, run_query
from citewatch.sandbox.http import HTML_TYPE, Request, Response, text_response
from citewatch.sandbox.limits import Pace
from citewatch.sandbox.records import Notes, Preprint, number_of
from citewatch.sandbox.world import World

DEFAULT_RESULTS = 10
WINDOW = 10_000
LINE_LIMIT = 4_094
INTERVAL_S = 3.0
RATE_EXCEEDED = "Rate exceeded."
LOOSE_ID = re.compile(r"\d{4}\.\d{4,5}(v\d*)?|[a-z-]+(\.[A-Z]{2})?/\d{2}[01]\d{4}(v\d*)?")
EXACT_ID = re.compile(r"(?P<id>\d{4}\.\d{4,5}|[a-z-]+/\d{7})(?:v(?P<version>\d+))?")
SORT_BY = ("relevance", "lastUpdatedDate", "submittedDate")
SORT_ORDER = ("ascending", "descending")
INTERNAL = "The server encountered an internal error and was unable to complete your request."
NO_QUESTION = "Either a search_query or id_list must be specified for the classic API."


class BadQuestion(Exception):
    """The request is answered with an error feed."""

    def __init__(self, status: int, summary: str, fragment: str = "") -> None:
        super().__init__(summary)
        self.status = status
        self.summary = summary
        self.fragment = fragment


class Arxiv:
    """The query API over one world. ``empty`` on a request makes it find nothing."""

    def __init__(self, world: World, *, limits: bool) -> None:
        self._world = world
        self._limits = limits
        self._pace = Pace(INTERVAL_S, strict=True)
        self._entries: dict[tuple[str, int, Notes], str] = {}

    def throttles(self, now: float, *, at_once: int) -> Response | None:
        """A refusal when requests come too close, or ``at_once`` shows two at a time."""
        if not self._limits:
            return None
        allowed = self._pace.allow(now)
        return None if allowed and at_once <= 1 else text_response(429, RATE_EXCEEDED)

    def answer(self, request: Request, now: float, *, empty: bool = False) -> Response:
        """The answer to one request at ``now``."""
        if request.path != "/api/query":
            return text_response(404, "<h1>Not Found</h1>", content_type=HTML_TYPE)
        if request.line_bytes > LINE_LIMIT:
            text = f"Request Line is too large ({request.line_bytes} &gt; {LINE_LIMIT})"
            page = f"<html><body><h1>Bad Request</h1>{text}</body></html>"
            return text_response(400, page, content_type=HTML_TYPE)
        try:
            return self._query(_parameters(request), now, empty=empty)
        except BadQuestion as bad:
            return error_feed(bad.status, bad.summary, now=now, fragment=bad.fragment)

    def _query(self, asked: Mapping[str, str], now: float, *, empty: bool) -> Response:
        start = _whole(asked, "start", 0)
        results = _whole(asked, "max_results", DEFAULT_RESULTS)
        sort_by, order = _sorting(asked)
        query, id_list = asked.get("search_query", ""), asked.get("id_list", "")
        if not query and not id_list:
            raise BadQuestion(400, NO_QUESTION)
        ids = id_list.split(",") if id_list else []
        for text in ids:
            if not LOOSE_ID.search(text):
                message = f"incorrect id format for {text}"
                raise BadQuestion(400, message, message.replace(" ", "_"))
        if results == 0 or start + results > WINDOW:
            raise BadQuestion(500, INTERNAL)
        if results == WINDOW:
            return text_response(503, "Error 503 Backend fetch failed", content_type=HTML_TYPE)
        found = [] if empty else self._find(query, ids, now)
        ordered = _ordered(found, sort_by, now, descending=order == "descending")
        page = ordered[start : start + results]
        question = Question(search_query=query, id_list=id_list, start=start, max_results=results)
        texts = [self._entry(preprint, number, now) for preprint, number in page]
        answer = feed(question, texts, total=len(ordered), now=now)
        return Response(
            status=200, body=answer.body, content_type=answer.content_type, ids=len(ids)
        )

    def _find(self, query: str, ids: list[str], now: float) -> list[tuple[Preprint, int]]:
        """(preprint, version number from 1) of everything asked for that exists."""
        found = [hit for text in ids if (hit := self._by_id(text, now))]
        hits = list(
            {(preprint.id, number): (preprint, number) for preprint, number in found}.values()
        )
        if not query:
            return hits
        try:
            places = run_query(query, self._world.preprint_order, self._world.preprint_index(now))
        except InvalidQuery as error:
            raise BadQuestion(400, f"Invalid query string: '{query}'") from error
        matching = [self._world.preprint_order[at] for at in places]
        if ids:
            names = {preprint.id for preprint in matching}
            return [hit for hit in hits if hit[0].id in names]
        return [(preprint, n) for preprint in matching if (n := len(preprint.visible(now)))]

    def _by_id(self, text: str, now: float) -> tuple[Preprint, int] | None:
        exact = EXACT_ID.fullmatch(text)
        preprint = self._world.preprints.get(exact["id"]) if exact else None
        if exact is None or preprint is None:
            return None
        newest = len(preprint.visible(now))
        number = int(exact["version"] or newest)
        return (preprint, number) if 1 <= number <= newest else None

    def _entry(self, preprint: Preprint, number: int, now: float) -> str:
        key = (preprint.id, number, preprint.remarks(now))
        text = self._entries.get(key)
        if text is None:
            text = entry(preprint, preprint.versions[number - 1], number, now)
            self._entries[key] = text
        return text


def _parameters(request: Request) -> dict[str, str]:
    """Query parameters, and those of a form when there is one."""
    form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    body = request.body.decode("utf-8", "replace") if request.method == "POST" and form else ""
    return {**request.query, **dict(parse_qsl(body, keep_blank_values=True))}


def _whole(asked: Mapping[str, str], name: str, default: int) -> int:
    text = asked.get(name)
    if text is None or text == "":
        return default
    if not re.fullmatch(r"[+-]?\d{1,9}", text.strip()):
        message = f"{name} must be an integer"
        raise BadQuestion(400, message, message.replace(" ", "_"))
    number = int(text)
    if number < 0:
        message = f"{name} must be non-negative"
        raise BadQuestion(400, message, message.replace(" ", "_"))
    return number


def _sorting(asked: Mapping[str, str]) -> tuple[str, str]:
    sort_by = asked.get("sortBy") or SORT_BY[0]
    order = asked.get("sortOrder") or SORT_ORDER[1]
    if sort_by not in SORT_BY:
        raise BadQuestion(400, f"sortBy must be in: {', '.join(SORT_BY)}")
    if order not in SORT_ORDER:
        raise BadQuestion(400, f"sortOrder must be in: {', '.join(SORT_ORDER)}")
    return sort_by, order


def _ordered(
    found: list[tuple[Preprint, int]], sort_by: str, now: float, *, descending: bool
) -> list[tuple[Preprint, int]]:
    def key(hit: tuple[Preprint, int]) -> tuple[float, int]:
        preprint, number = hit
        if sort_by == "submittedDate":
            return preprint.versions[0].at, number
        if sort_by == "lastUpdatedDate":
            return preprint.visible(now)[-1].at, number
        # Relevance means nothing for an id list; in any case not the order asked.
        return float(number_of(f"relevance/{preprint.id}", 1 << 30)), number

    return sorted(found, key=key, reverse=descending)
