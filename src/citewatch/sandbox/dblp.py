"""DBLP's SPARQL endpoint, and the wall against robots that it may stand behind.

Understood is what `dblp_sparql` understands. What the documents leave open is chosen here:
another Accept header than that of SPARQL's JSON is answered with tab-separated values, a
query that is not understood with a 400, a second request within a second with a 429.
"""

from __future__ import annotations

from functools import cached_property
from urllib.parse import parse_qsl

from citewatch.sandbox.dblp_answers import as_json, solve
from citewatch.sandbox.dblp_query import InvalidQuery
from citewatch.sandbox.dblp_records import DblpGraph, DblpView
from citewatch.sandbox.dblp_sparql import parse_sparql
from citewatch.sandbox.http import HTML_TYPE, Request, Response, json_response, text_response
from citewatch.sandbox.limits import Pace
from citewatch.sandbox.miscounts import COUNT_FAULTS, miscounted
from citewatch.sandbox.world import World

SPARQL_JSON = "application/sparql-results+json"
INTERVAL_S = 1.0
RETRY_AFTER_S = 10
BOT_WALL_FAULTS = {"botwall": 200, "botwall-500": 500}
"""The wall by name: the page of the mirrors (status 200), and that of dblp.org itself."""
_WALL = (
    '<!doctype html><html lang="en"><head><title>Making sure you&#39;re not a bot!</title>'
    '<link rel="stylesheet" href="/.within.website/x/xess/xess.css"></head>'
    "<body><h1>Making sure you&#39;re not a bot!</h1>"
    '<script id="anubis_challenge" type="application/json">{}</script></body></html>'
)


class Dblp:
    """The service over one world. Every record has a year and a venue, and none a count."""

    def __init__(self, world: World, *, limits: bool = True) -> None:
        self._world = world
        self._pace = Pace(INTERVAL_S) if limits else None

    @cached_property
    def _graph(self) -> DblpGraph:
        """Made at the first question."""
        return DblpGraph(self._world)

    def answer(self, request: Request, now: float, fault: str | None = None) -> Response:
        """The answer to one request at ``now``; ``fault`` names a wall or a fault in the rows."""
        response = self._answer(request, now, fault)
        return miscounted(response, fault, ()) if fault and fault in COUNT_FAULTS else response

    def _answer(self, request: Request, now: float, fault: str | None) -> Response:
        if (status := BOT_WALL_FAULTS.get(fault or "")) is not None:
            return text_response(status, _WALL, content_type=HTML_TYPE)
        if request.path.rstrip("/") != "/sparql":
            page = "<html><head><title>404 Not Found</title></head><body></body></html>"
            return text_response(404, page, content_type=HTML_TYPE)
        if self._pace is not None and not self._pace.allow(now):
            headers = (("Retry-After", str(RETRY_AFTER_S)),)
            return Response(status=429, body=b"", content_type=HTML_TYPE, headers=headers)
        query = _asked(request)
        if not query:
            return _refused("Invalid SPARQL query: there is none")
        try:
            names, rows = solve(parse_sparql(query), DblpView(self._graph, now))
        except InvalidQuery as error:
            return _refused(str(error))
        if SPARQL_JSON not in request.headers.get("accept", ""):
            lines = ["\t".join(f"?{name}" for name in names)]
            lines += ["\t".join(row[n].value if n in row else "" for n in names) for row in rows]
            kind = "text/tab-separated-values; charset=utf-8"
            return text_response(200, "\n".join(lines) + "\n", content_type=kind)
        answer = json_response(200, as_json(names, rows))
        return Response(status=200, body=answer.body, content_type=SPARQL_JSON, ids=len(rows))


def _asked(request: Request) -> str:
    """The query of a GET, of a form, or of a body that is nothing else; empty for none."""
    if request.method == "GET":
        return request.query.get("query", "")
    if request.method != "POST":
        return ""
    text = request.body.decode("utf-8", "replace")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/sparql-query":
        return text
    return dict(parse_qsl(text)).get("query", "")


def _refused(message: str) -> Response:
    return json_response(400, {"exception": message, "status": "ERROR"})
