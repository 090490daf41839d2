"""Crossref's REST API: one DOI, lists by filter, bibliographic search, and its limits.

Misses are absent from lists. A single DOI takes no ``select``. 404 is a line of plain text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from citewatch.sandbox.crossref_pools import Pools, crowded, throttled
from citewatch.sandbox.crossref_rows import SELECTS, Rows
from citewatch.sandbox.crossref_works import Deposit, Deposits
from citewatch.sandbox.http import Request, Response, json_response, text_response
from citewatch.sandbox.miscounts import COUNT_FAULTS, miscounted
from citewatch.sandbox.mounts import CROSSREF, MOUNTED
from citewatch.sandbox.records import number_of
from citewatch.sandbox.world import World

ROWS = 20
ROWS_LIMIT = 1_000
OFFSET_LIMIT = 10_000
FILTERS = ("doi", "has-relation", "is-update", "type", "updates")
QUERIES = ("query", "query.bibliographic", "query.title", "query.author", "query.container-title")
PARAMETERS = (*QUERIES, "filter", "rows", "offset", "cursor", "select", "mailto")
NOT_FOUND = "Resource not found."
_VERSION = {"message-version": "1.0.0"}
_CURSOR = re.compile(r"DnF1ZXJ5\+([0-9]{1,8})/==")
_Hit = tuple[float, Deposit]
"""(score, deposit)."""


class Invalid(Exception):
    """A request that fails validation: what kind, which value, and why."""

    def __init__(self, kind: str, value: str, why: str, *, status: int = 400) -> None:
        super().__init__(why)
        self.kind = kind
        self.value = value
        self.why = why
        self.status = status

    def answer(self) -> Response:
        """The answer that says so."""
        name = "validation-failure" if self.status == 400 else "resource-failure"
        what = {"type": self.kind, "value": self.value, "message": self.why}
        body = {"status": "failed", "message-type": name, "message": [what]}
        return json_response(self.status, body)


class Crossref:
    """The service over one world. Without ``limits`` nobody is refused for asking too often."""

    def __init__(self, world: World, *, limits: bool = True) -> None:
        self._world = world
        self._deposits = Deposits(world)
        self._rows = Rows(world, self._deposits)
        self._pools = Pools()
        self._limits = limits

    def crowded(self, request: Request, *, at_once: int) -> Response | None:
        """503 when ``at_once`` requests, this one included, are more than the pool allows."""
        pool = self._pools.of(request, single=_is_single(request))
        return crowded() if self._limits and at_once > pool.at_once else None

    def answer(self, request: Request, now: float, fault: str | None = None) -> Response:
        """The answer to one request at ``now``; ``fault`` names a fault in the counts."""
        if "crossref-plus-api-token" in request.headers:
            return text_response(401, "Unauthorized")
        pool = self._pools.of(request, single=_is_single(request))
        if self._limits and not pool.window.allow(now):
            return throttled()
        try:
            answer = self._routed(request, now)
            if fault is not None and fault in COUNT_FAULTS:
                answer = miscounted(answer, fault, MOUNTED[CROSSREF].counts)
        except Invalid as invalid:
            answer = invalid.answer()
        return replace(answer, headers=pool.headers)

    def _routed(self, request: Request, now: float) -> Response:
        path = request.path.removeprefix("/v1")
        if request.method == "GET" and path.rstrip("/") == "/works":
            return self._list(request, now)
        if request.method == "GET" and path.startswith("/works/"):
            return self._single(path.removeprefix("/works/"), request, now)
        body = {"status": "error", "message-type": "route-not-found", **_VERSION}
        return json_response(404, {**body, "message": "Route not found"})

    # One DOI

    def _single(self, asked: str, request: Request, now: float) -> Response:
        for name in request.query:
            if name != "mailto":
                raise Invalid("parameter-not-allowed", name, f"This route does not support {name}")
        doi = asked.removesuffix("/agency")
        deposit = self._deposits.find(doi, now)
        if deposit is None:
            return replace(text_response(404, NOT_FOUND), ids=1)
        if doi != asked:
            agency = {"DOI": deposit.doi, "agency": {"id": "crossref", "label": "Crossref"}}
            body = {"status": "ok", "message-type": "work-agency", **_VERSION, "message": agency}
            return json_response(200, body, ids=1)
        row = self._rows.row(deposit, None, now)
        head = '{"status":"ok","message-type":"work","message-version":"1.0.0","message":'
        return Response(status=200, body=f"{head}{row}}}".encode(), ids=1)

    # Lists

    def _list(self, request: Request, now: float) -> Response:
        asked = request.query
        for name in asked:
            if name not in PARAMETERS:
                raise Invalid("unknown-parameter", name, f"There is no parameter {name}")
        fields, filters = _selected(asked.get("select")), _filters(asked.get("filter"))
        rows = _whole(asked, "rows", ROWS, ROWS_LIMIT)
        offset = _offset(asked)
        hits = self._found(asked, filters, now)
        shown = hits[offset : offset + rows]
        items = [self._rows.row(deposit, fields, now, score=score) for score, deposit in shown]
        terms = next((asked[name] for name in QUERIES if name in asked), None)
        query = {"start-index": offset, "search-terms": terms}
        cursor = ""
        if "cursor" in asked:
            cursor = f'"next-cursor":"{_cursor_at(offset + len(shown))}",'
            query["start-index"] = 0
        body = (
            '{"status":"ok","message-type":"work-list","message-version":"1.0.0",'
            f'"message":{{"facets":{{}},{cursor}"total-results":{len(hits)},'
            f'"items":[{",".join(items)}],"items-per-page":{rows},"query":{json.dumps(query)}}}}}'
        )
        return Response(status=200, body=body.encode(), ids=len(filters.get("doi", ())))

    def _found(
        self, asked: Mapping[str, str], filters: Mapping[str, list[str]], now: float
    ) -> list[_Hit]:
        """What satisfies the queries and filters: values of one filter are alternatives."""
        text = " ".join(asked[name] for name in QUERIES if name in asked)
        if text:
            hits = self._deposits.searched(text, now)
        elif "doi" in filters:
            found = dict.fromkeys(self._deposits.find(doi, now) for doi in filters["doi"])
            hits = [(1.0, deposit) for deposit in found if deposit is not None]
        else:
            hits = [(1.0, deposit) for deposit in self._deposits.everything(now)]
        if not text:
            hits.sort(key=lambda hit: number_of(hit[1].doi, 1 << 32))
        return [hit for hit in hits if _satisfies(hit[1], filters)]


def _satisfies(deposit: Deposit, filters: Mapping[str, list[str]]) -> bool:
    update = deposit.update_to
    truths = {
        "doi": deposit.doi,
        "type": deposit.kind,
        "is-update": str(update is not None).lower(),
        "has-relation": str(bool(deposit.relation)).lower(),
        "updates": update.of if update else "",
    }
    return all(truths[name] in values for name, values in filters.items())


def _is_single(request: Request) -> bool:
    return request.path.removeprefix("/v1").startswith("/works/")


def _selected(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        if name not in SELECTS:
            why = f"Select '{name}' specified but there is no such select for this route. "
            raise Invalid(
                "select-not-available",
                name,
                f"{why}Valid selects for this route are: {', '.join(SELECTS)}",
            )
    return names


def _filters(text: str | None) -> dict[str, list[str]]:
    """Values by filter. A comma ends a value, also inside a DOI."""
    found: dict[str, list[str]] = {}
    for part in text.split(",") if text else ():
        name, colon, value = part.partition(":")
        if not colon or name not in FILTERS:
            why = f"Filter '{name}' specified but there is no such filter for this route. "
            raise Invalid(
                "filter-not-available",
                name,
                f"{why}Valid filters for this route are: {', '.join(FILTERS)}",
            )
        found.setdefault(name, []).append(value.strip().lower())
    return found


def _offset(asked: Mapping[str, str]) -> int:
    cursor = asked.get("cursor")
    if cursor is None or cursor == "*":
        return _whole(asked, "offset", 0, OFFSET_LIMIT)
    found = _CURSOR.fullmatch(cursor)
    if not found:
        why = "Cursor specified but it is invalid"
        raise Invalid("cursor-invalid", cursor, why, status=404)
    return int(found[1])


def _cursor_at(place: int) -> str:
    """A cursor with the characters that make it need encoding in an address."""
    return f"DnF1ZXJ5+{place}/=="


def _whole(asked: Mapping[str, str], name: str, default: int, limit: int) -> int:
    text = asked.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) > limit:
        why = f"Integer specified as {text} but must be a whole number from 0 to {limit}"
        raise Invalid("integer-not-valid", text, why)
    return int(text)
