"""Semantic Scholar's list of the papers that cite one: newest first, 9,999 of them at most.

Shapes: api.semanticscholar.org/graph/v1 (swagger of 2026-02, ``CitationBatch``) and answers
seen in the wild.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from functools import partial

from citewatch.sandbox.citing import Citer, Citing, Part, passing
from citewatch.sandbox.events import event
from citewatch.sandbox.http import Request, Response, json_response
from citewatch.sandbox.mounts import S2
from citewatch.sandbox.records import Record, number_of
from citewatch.sandbox.s2_rows import DEFAULT_FIELDS, parse_fields, value_of
from citewatch.sandbox.world import World

PAGE = 100
PAGE_LIMIT = 1_000
REACH = 10_000
EDGE_FIELDS = frozenset({"contexts", "intents", "contextsWithIntent", "isInfluential"})
DROPPED = 10
"""The lasting fall takes every so many-th citing paper."""
UNDATED = 40
"""Every so many-th citing paper has neither date nor year."""
YEAR_ONLY = 11
UNNAMED = 61
"""Every so many-th has a null paperId; every second of these has no corpusId either."""
WITHHELD = "p45"
"""The paper whose citations its publisher keeps back."""
_DISCLAIMER = (
    "Notice: The following paper fields have been elided by the publisher: {'citations'}. "
    "Made up for a stand-in."
)
_WHEN = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_Place = tuple[Part, int]
"""(part, number in it)."""


class Citations:
    """The lists of one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, record: Record, request: Request, now: float) -> Response:
        """The answer to ``GET /paper/{id}/citations`` for a known paper."""
        asked = _fields(request.query.get("fields"))
        if isinstance(asked, Response):
            return asked
        page = _page(request)
        if isinstance(page, Response):
            return page
        offset, limit = page
        if self._world.eventful and record.key == WITHHELD:
            info = {"openAccessPdf": {"disclaimer": _DISCLAIMER}}
            return json_response(200, {"data": None, "citedPaperInfo": info}, ids=1)
        citing = Citing(source=S2, start=self._world.start, day=self._world.day(now))
        places = self._places(citing, self._parts(record, now))
        when = request.query.get("publicationDateOrYear")
        try:
            places = places if when is None else _within(citing, places, when)
        except ValueError:
            text = f"Unacceptable query params: [publicationDateOrYear={when}]"
            return json_response(400, {"error": text})
        return self._batch(citing, places, asked, offset=offset, limit=limit)

    def _batch(
        self,
        citing: Citing,
        places: Sequence[_Place],
        asked: tuple[tuple[str, ...], tuple[str, ...]],
        *,
        offset: int,
        limit: int,
    ) -> Response:
        paper, edge = asked
        rows = [
            self._row(citing.work(part, number), paper, edge)
            for part, number in places[offset : offset + limit]
        ]
        head: dict[str, object] = {"offset": offset}
        if len(places) > offset + limit:
            head["next"] = offset + limit
        return json_response(200, {**head, "data": rows}, ids=len(rows))

    def _parts(self, record: Record, now: float) -> list[Part]:
        return [
            Part(record=record, shown=shown, by_day=partial(self._world.grown, record))
            for record, shown in self._world.citing(record, now)
        ]

    def _places(self, citing: Citing, parts: Sequence[Part]) -> list[_Place]:
        """Where the listed works are, newest first; none is made yet."""
        if len(parts) == 1:
            (part,) = parts
            numbers = range(part.shown, 0, -1)
            thinned = self._is_thinned(citing, part.record)
            return [(part, passing(n, DROPPED) if thinned else n) for n in numbers]
        every = [(part, number) for part in parts for number in range(1, part.shown + 1)]
        return sorted(every, key=lambda place: citing.published(*place), reverse=True)

    def _is_thinned(self, citing: Citing, record: Record) -> bool:
        """Whether every `DROPPED`-th citing paper was cleaned away for good."""
        drop = event("s2_drop")
        return self._world.eventful and record.key == f"p{drop.paper}" and drop.on(citing.day)

    def _row(
        self, citer: Citer, paper: tuple[str, ...], edge: tuple[str, ...]
    ) -> dict[str, object]:
        row = {name: self._about(citer, name) for name in edge}
        return {**row, "citingPaper": {name: _of(citer, name) for name in paper}}

    def _about(self, citer: Citer, name: str) -> object:
        """A property of the citation itself."""
        if name == "isInfluential":
            return self._world.stirs(citer.cited, citer.number)
        if number_of(citer.record.key + "/contexts", 3) == 0:
            return []
        words = "Made-up words around the citation."
        return {
            "contexts": [words],
            "intents": ["background"],
            "contextsWithIntent": [{"context": words, "intents": ["background"]}],
        }[name]


def _of(citer: Citer, name: str) -> object:
    """A property of the citing paper."""
    record, number = citer.record, citer.number
    unnamed = number % UNNAMED == 0
    match name:
        case "paperId":
            return None if unnamed else record.sha
        case "corpusId" if unnamed and number % (2 * UNNAMED) == 0:
            return None
        case "externalIds" if unnamed:
            return None
        case "year":
            return None if number % UNDATED == 0 else citer.day.year
        case "publicationDate":
            vague = number % UNDATED == 0 or number % YEAR_ONLY == 3
            return None if vague else citer.day.isoformat()
        case "citationCount":
            return record.count
        case "influentialCitationCount":
            return record.count // 12
    return value_of(record, name)


def _within(citing: Citing, places: Sequence[_Place], when: str) -> list[_Place]:
    """Those published in a span; what has neither date nor year is never among them."""
    first, last = _span(when)
    found = []
    for part, number in places:
        day = citing.published(part, number)
        if number % YEAR_ONLY == 3:
            day = date(day.year, 1, 1)
        if number % UNDATED and first <= day <= last:
            found.append((part, number))
    return found


def _span(when: str) -> tuple[date, date]:
    """The first and last day of ``2020``, ``2020-06:``, ``:2020-06-01``… Raises ValueError."""
    begin, colon, end = when.partition(":")
    if not colon:
        end = begin
    return (_days(begin)[0] if begin else date.min), (_days(end)[1] if end else date.max)


def _days(text: str) -> tuple[date, date]:
    """The first and the last day of a year, a month or a day."""
    found = _WHEN.fullmatch(text)
    if not found:
        raise ValueError(text)
    year, month, day = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    last_day = monthrange(year, month or 12)[1]
    return date(year, month or 1, day or 1), date(year, month or 12, day or last_day)


def _fields(text: str | None) -> tuple[tuple[str, ...], tuple[str, ...]] | Response:
    """(fields of the paper, fields of the citation); a 400 for what there is not."""
    names = text.split(",") if text else list(DEFAULT_FIELDS)
    edge = tuple(dict.fromkeys(name for name in names if name in EDGE_FIELDS))
    paper, unknown = parse_fields(",".join(name for name in names if name not in EDGE_FIELDS))
    if unknown:
        error = f"Unrecognized or unsupported fields: [{', '.join(unknown)}]"
        return json_response(400, {"error": error})
    return paper, edge


def _page(request: Request) -> tuple[int, int] | Response:
    """(offset, limit); a 400 for a page that there is not."""
    try:
        offset = int(request.query.get("offset", "0"))
        limit = int(request.query.get("limit", str(PAGE)))
    except ValueError:
        return json_response(400, {"error": "Unacceptable query params: [limit, offset]"})
    if offset < 0 or not 1 <= limit <= PAGE_LIMIT:
        text = f"Unacceptable query params: [limit={limit}, offset={offset}]"
        return json_response(400, {"error": text})
    if offset + limit >= REACH:
        return json_response(400, {"error": f"offset + limit must be < {REACH}"})
    return offset, limit
