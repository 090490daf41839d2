"""Semantic Scholar's Academic Graph: batch, one paper, who cites it, title match and search.

App errors carry ``error``, gateway errors ``message``; a 429 never says when to come back.
"""

from __future__ import annotations

import json
import re

from citewatch.sandbox.http import Request, Response, json_response
from citewatch.sandbox.limits import Pace
from citewatch.sandbox.records import Record, number_of
from citewatch.sandbox.s2_citing import Citations
from citewatch.sandbox.s2_rows import Rows, parse_fields, parse_id
from citewatch.sandbox.world import World

SANDBOX_S2_KEY = "sandbox-key-0123456789"
"""The one API key that the stand-in accepts."""
BATCH_LIMIT = 500
SEARCH_LIMIT = 100
MATCH_FROM = 0.3
"""Likeness from which the match endpoint gives an answer, right or wrong."""
INTERVAL_S = 1.0
NO_VALID_IDS = "No valid paper ids given"
THROTTLED = {
    "message": "Too Many Requests. Please wait and try again or apply for a key for higher rate "
    "limits. https://www.semanticscholar.org/product/api#api-key-form",
    "code": "429",
}
_PAPER = re.compile(r"/graph/v1/paper/(.+)", re.DOTALL)


class SemanticScholar:
    """The service over one world.

    Without a key ``keyless_interval_s`` is the pace of the shared pool, and on top of it
    ``keyless_429_share`` of all requests is refused at random (by count, so that the same
    run gives the same refusals).
    """

    def __init__(
        self,
        world: World,
        *,
        limits: bool,
        keyless_interval_s: float = INTERVAL_S,
        keyless_429_share: float = 0.0,
    ) -> None:
        self._world = world
        self._rows = Rows(world)
        self._citations = Citations(world)
        self._limits = limits
        self._share = keyless_429_share
        self._keyed = Pace(INTERVAL_S)
        self._keyless = Pace(keyless_interval_s)
        self._asked = 0

    def answer(self, request: Request, now: float) -> Response:
        """The answer to one request at ``now``."""
        if (refused := self._refused(request, now)) is not None:
            return refused
        found = _PAPER.fullmatch(request.path)
        match (request.method, found and found[1]):
            case ("POST", "batch"):
                return self._batch(request, now)
            case ("GET", "search/match"):
                return self._match(request, now)
            case ("GET", "search"):
                return self._search(request, now)
            case ("GET", str(asked)) if asked.endswith("/citations"):
                return self._cited(asked.removesuffix("/citations"), request, now)
            case ("GET", str(asked)):
                return self._paper(asked, request, now)
        return json_response(404, {"message": "Missing Authentication Token"})

    def _refused(self, request: Request, now: float) -> Response | None:
        key = request.headers.get("x-api-key")
        if key is not None and key != SANDBOX_S2_KEY:
            return json_response(403, {"message": "Forbidden"})
        if not self._limits:
            return None
        self._asked += 1
        pace = self._keyless if key is None else self._keyed
        unlucky = key is None and number_of(f"429/{self._asked}", 10_000) < self._share * 10_000
        return json_response(429, THROTTLED) if unlucky or not pace.allow(now) else None

    def _batch(self, request: Request, now: float) -> Response:
        fields, unknown = parse_fields(request.query.get("fields"))
        if unknown:
            return _bad_fields(unknown)
        ids = _asked_ids(request.body)
        if isinstance(ids, Response):
            return ids
        rows = []
        for text in ids:
            asked = parse_id(text) if isinstance(text, str) else None
            if asked is None:
                # Reported for empty and malformed ids: one of them spoils the whole batch.
                return json_response(400, {"error": NO_VALID_IDS}, ids=len(ids))
            record = self._world.record(*asked, now)
            rows.append(self._rows.row(record, fields, now) + "}" if record else "null")
        if all(row == "null" for row in rows):
            return json_response(400, {"error": NO_VALID_IDS}, ids=len(ids))
        return Response(status=200, body=f"[{','.join(rows)}]".encode(), ids=len(ids))

    def _paper(self, asked: str, request: Request, now: float) -> Response:
        fields, unknown = parse_fields(request.query.get("fields"))
        if unknown:
            return _bad_fields(unknown)
        record = self._known(asked, now)
        if record is None:
            return _not_found(asked)
        row = self._rows.row(record, fields, now) + "}"
        return Response(status=200, body=row.encode(), ids=1)

    def _cited(self, asked: str, request: Request, now: float) -> Response:
        record = self._known(asked, now)
        return _not_found(asked) if record is None else self._citations.answer(record, request, now)

    def _known(self, asked: str, now: float) -> Record | None:
        known = parse_id(asked)
        return self._world.record(*known, now) if known else None

    def _match(self, request: Request, now: float) -> Response:
        fields, unknown = parse_fields(request.query.get("fields"))
        if unknown:
            return _bad_fields(unknown)
        found = self._found(request.query.get("query", ""), now)
        if not found or found[0][0] < MATCH_FROM:
            return json_response(404, {"error": "Title match not found"})
        score, key = found[0]
        asked = fields if "title" in fields else (*fields, "title")
        row = self._rows.row(self._world.records[key], asked, now)
        body = f'{{"data":[{row},"matchScore":{score * 240:.5f}}}]}}'
        return Response(status=200, body=body.encode(), ids=1)

    def _search(self, request: Request, now: float) -> Response:
        fields, unknown = parse_fields(request.query.get("fields"))
        if unknown:
            return _bad_fields(unknown)
        try:
            offset = int(request.query.get("offset", "0"))
            limit = int(request.query.get("limit", str(SEARCH_LIMIT)))
        except ValueError:
            return json_response(400, {"error": "Unacceptable query params: [limit, offset]"})
        if limit > SEARCH_LIMIT or offset + limit > 1_000:
            text = "Relevance search offset + limit must be < 1000. Consider '/paper/search/bulk'"
            return json_response(400, {"error": text})
        found = self._found(request.query.get("query", ""), now)
        if not found[offset:]:
            return json_response(200, {"total": 0, "offset": 0})
        rows = [
            self._rows.row(self._world.records[at], fields, now) + "}"
            for _, at in found[offset : offset + limit]
        ]
        more = f',"next":{offset + limit}' if len(found) > offset + limit else ""
        body = f'{{"total":{len(found)},"offset":{offset}{more},"data":[{",".join(rows)}]}}'
        return Response(status=200, body=body.encode(), ids=len(rows))

    def _found(self, query: str, now: float) -> list[tuple[float, int]]:
        """Records by likeness; of equally like ones the more cited first, right or wrong."""
        records = self._world.records
        found = [
            (score, at)
            for score, at in self._world.title_index.search(query)
            if self._world.record("sha", records[at].sha, now) is records[at]
        ]
        return sorted(found, key=lambda pair: (-round(pair[0], 6), -records[pair[1]].count))


def _asked_ids(body: bytes) -> list[object] | Response:
    try:
        value = json.loads(body)
    except ValueError:
        return json_response(400, {"error": "Bad request: the body is not JSON"})
    ids = value.get("ids") if isinstance(value, dict) else None
    if not isinstance(ids, list) or not ids:
        return json_response(400, {"error": NO_VALID_IDS})
    if len(ids) > BATCH_LIMIT:
        text = f"Too many ids: {len(ids)}, at most {BATCH_LIMIT}"
        return json_response(400, {"error": text}, ids=len(ids))
    return ids


def _not_found(asked: str) -> Response:
    return json_response(404, {"error": f"Paper with id {asked} not found"}, ids=1)


def _bad_fields(unknown: tuple[str, ...]) -> Response:
    text = f"Unrecognized or unsupported fields: [{', '.join(unknown)}]"
    return json_response(400, {"error": text})
