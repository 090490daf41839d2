"""OpenCitations' index: one count a request, as a string, and 0 for what it has never seen.

It holds every paper with a published DOI. What the documents leave open is chosen here: a
path that fits no operation is a 404 in plain text, as are a DOI without its prefix and one
whose slash is escaped; a DOI that is not in lower case finds nothing.
"""

from __future__ import annotations

from functools import cached_property

from citewatch.sandbox.http import Request, Response, json_response, text_response
from citewatch.sandbox.known import Known, OwnCounts, known_papers
from citewatch.sandbox.limits import Window
from citewatch.sandbox.miscounts import COUNT_FAULTS, miscounted
from citewatch.sandbox.world import World

LOW, HIGH = 15, 50
"""What OpenCitations counts, per cent of Semantic Scholar's."""
LIMIT, WINDOW_S = 180, 60.0
_OPERATION = "/index/v2/citation-count/"
_PREFIXES = ("doi:", "pmid:", "omid:")


class OpenCitations:
    """The service over one world. A token in ``authorization`` is welcome and not looked at."""

    def __init__(self, world: World, *, limits: bool = True) -> None:
        self._world = world
        self._counts = OwnCounts(world, "opencitations", low=LOW, high=HIGH)
        self._window = Window(limit=LIMIT, seconds=WINDOW_S) if limits else None

    @cached_property
    def _papers(self) -> dict[str, Known]:
        """Papers by DOI; made at the first question."""
        return {paper.doi.lower(): paper for paper in known_papers(self._world) if paper.doi}

    def answer(self, request: Request, now: float, fault: str | None = None) -> Response:
        """The answer to one request at ``now``; ``fault`` names a fault in the counts."""
        response = self._answer(request, now)
        return (
            miscounted(response, fault, ("count",)) if fault and fault in COUNT_FAULTS else response
        )

    def _answer(self, request: Request, now: float) -> Response:
        if self._window is not None and not self._window.allow(now):
            return text_response(429, "Too many requests")
        asked = request.path.removeprefix(_OPERATION)
        escaped = "%2f" in request.target.lower()
        if request.method != "GET" or not asked.startswith(_PREFIXES) or escaped:
            text = "HTTP status code 404: the operation requested does not exist"
            return text_response(404, text)
        return json_response(200, [{"count": str(self._count(asked, now))}], ids=1)

    def _count(self, asked: str, now: float) -> int:
        """Citations since the DOI exists; 0 for an unknown identifier and for one without any."""
        scheme, _, value = asked.partition(":")
        paper = self._papers.get(value) if scheme == "doi" else None
        if paper is None or paper.doi_by(now) is None:
            return 0
        count = self._counts.at(paper, now)
        return max(0, count - self._counts.at(paper, paper.doi_at)) if paper.doi_at > 0 else count
