"""A stand-in that notes what it has served, and which of it the asker had to have stored.

A source that is asked one question at a time sends the next one only when the answer
before it is stored: so each further question acknowledges the answer before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress

from citewatch.sandbox import Sandbox, World
from citewatch.sandbox.http import Request, Response

Counts = Mapping[int, int]
"""Citations by the paper's place in the world."""
_LISTS = {"/s2/": "semantic_scholar", "/openalex/": "openalex", "/crossref/": "crossref"}


class Witness(Sandbox):
    """`Sandbox` with a memory of what it said."""

    def __init__(self, world: World, clock: Callable[[], float]) -> None:
        super().__init__(world, clock, limits=False)
        self.asked: Callable[[], None] = lambda: None
        """Called at every request, before it is answered."""
        self.acknowledged: dict[tuple[str, int], int] = {}
        """The last count that was acknowledged, by source and paper."""
        self.open: dict[str, Counts] = {}
        """The last answer of each source, which nothing has acknowledged yet."""
        self.served = 0
        """Counts in all answers."""
        self._by_sha = {record.sha: at for at, record in enumerate(world.records)}
        self._by_doi = {(record.doi or "").lower(): at for at, record in enumerate(world.records)}

    def begin(self) -> None:
        """Forget: another process will ask."""
        self.acknowledged, self.open = {}, {}

    def settle(self, source: str) -> None:
        """All that the source said is acknowledged."""
        for at, count in self.open.pop(source, {}).items():
            self.acknowledged[source, at] = count

    async def _respond(self, request: Request) -> Response:
        source = _source_of(request)
        if source:
            self.settle(source)
        self.asked()
        response = await super()._respond(request)
        if source and response.status == 200:
            with suppress(ValueError, KeyError, TypeError, AttributeError):  # spoiled on purpose
                self.open[source] = self._counts(source, response.body)
                self.served += len(self.open[source])
        return response

    def _counts(self, source: str, body: bytes) -> Counts:
        said = json.loads(body)
        if source == "semantic_scholar":
            return {self._by_sha[row["paperId"]]: row["citationCount"] for row in said if row}
        if source == "openalex":
            rows = [(row["doi"], row["cited_by_count"]) for row in said["results"]]
        else:
            items = said["message"]["items"]
            rows = [(row["DOI"], row["is-referenced-by-count"]) for row in items]
        places = ((self._by_doi.get(_bare(doi)), count) for doi, count in rows)
        return {at: count for at, count in places if at is not None}


def _source_of(request: Request) -> str:
    """The source of a question about many papers; "" for any other request."""
    for mark, source in _LISTS.items():
        if mark in request.path and request.path.endswith(("/batch", "/works")):
            return source
    return ""


def _bare(doi: str) -> str:
    return doi.lower().removeprefix("https://doi.org/")
