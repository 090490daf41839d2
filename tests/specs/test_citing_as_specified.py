"""Lists of citing works: asked for as the specifications allow, read whatever they allow."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from source_world import Reply, Request, json_reply, world
from spec_world import Json, Spec
from test_requests_as_specified import samples

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Blocked, Failed, Missing, Throttled
from citewatch.ports import Ask, Cited, CitingOutcome, CitingPage
from citewatch.sources import openalex_citing, semantic_scholar_citing

pytestmark = pytest.mark.anyio

PREPRINT = Identifier("arxiv", "1706.03762")
SHA = "649def34f8be52c8b66281af98ae884c09aef38b"
WORK = {"$ref": "#/components/schemas/Work"}


def s2_answer(request: Request) -> Reply:
    if request.path.endswith("/citations"):
        more = {"next": 1_000} if request.query["offset"] == "0" else {}
        row = {"isInfluential": False, "citingPaper": {"paperId": SHA, "title": "A"}}
        return json_reply({"offset": int(request.query["offset"]), **more, "data": [row]})
    return json_reply({"paperId": SHA, "citationCount": 1_001, "authors": []})


def openalex_answer(request: Request) -> Reply:
    if "filter" not in request.query:
        return json_reply({"id": "https://openalex.org/W2741809807", "cited_by_count": 101})
    cursor = "more" if request.query["cursor"] == "*" else None
    rows = [{"id": f"https://openalex.org/W{9_000 if cursor else 9_001}", "title": "A"}]
    return json_reply({"meta": {"count": 101, "next_cursor": cursor}, "results": rows})


ANSWERS: dict[str, Callable[[Request], Reply]] = {
    "semantic_scholar": s2_answer,
    "openalex": openalex_answer,
}


async def listed(
    source: str, handler: Callable[[Request], Reply], *asks: Ask, since: str = ""
) -> tuple[list[CitingOutcome], list[Request]]:
    outcomes: list[CitingOutcome] = []
    async with world(source, handler, secrets={"api_key": "s3cret"}) as w:
        assert isinstance(w.source, Cited)
        for ask in asks:
            outcomes += [o async for o in w.source.citing(ask, since=since)]
        return outcomes, w.server.requests


async def asked_of(source: str) -> list[Request]:
    """Every request for the lists of papers of every kind of identifier."""
    asks = [Ask(1, identifier) for identifier in samples(source)]
    _, whole = await listed(source, ANSWERS[source], *asks)
    _, recent = await listed(source, ANSWERS[source], *asks, since="2024-05-06")
    return whole + recent


def one_name(request: Request) -> Request:
    """The request with the slashes of its identifier encoded.

    A specification cannot say that a part of a path holds slashes, as its own example of a
    DOI does.
    """
    path = request.path
    if (found := re.search(r"/(?:DOI|ARXIV):(.+?)(/citations)?$", path)) is not None:
        path = path[: found.start(1)] + quote(found[1], safe="%") + (found[2] or "")
    return replace(request, path=path)


@pytest.fixture(params=sorted(ANSWERS))
def source(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def spec(source: str, request: pytest.FixtureRequest) -> Spec:
    name = {"semantic_scholar": "s2_spec", "openalex": "openalex_spec"}[source]
    return request.getfixturevalue(name)


OPERATIONS = {
    "semantic_scholar": {"GET /paper/{paper_id}", "GET /paper/{paper_id}/citations"},
    "openalex": {"GET /works", "GET /works/{id}"},
}


async def test_every_request_is_one_that_the_specification_allows(source: str, spec: Spec) -> None:
    requests = [one_name(request) for request in await asked_of(source)]
    assert {c for request in requests for c in spec.complaints(request)} == set()
    assert {spec.label(request) for request in requests} == OPERATIONS[source]


def test_every_field_that_is_asked_for_exists(s2_spec: Spec, openalex_spec: Spec) -> None:
    citation = s2_spec.document["definitions"]["Citation"]["properties"]
    plain = ",".join(
        name for name in semantic_scholar_citing.FIELDS.split(",") if name not in citation
    )
    assert "isInfluential" in citation
    assert "isInfluential" not in plain
    assert s2_spec.unknown_names(plain, {"$ref": "#/definitions/BasePaper"}) == []
    paper = {"$ref": "#/definitions/FullPaper"}
    assert s2_spec.unknown_names(semantic_scholar_citing.PAPER_FIELDS, paper) == []
    for names in (openalex_citing.FIELDS, openalex_citing.WORK_FIELDS):
        assert openalex_spec.unknown_names(names, WORK) == []


def test_pages_are_as_large_as_they_may_be(s2_spec: Spec, openalex_spec: Spec) -> None:
    parameters = s2_spec.document["paths"]["/paper/{paper_id}/citations"]["parameters"]
    (limit,) = [p for p in parameters if p["name"] == "limit"]
    assert f"<= {semantic_scholar_citing.PAGE}" in limit["description"]
    most = openalex_spec.document["components"]["parameters"]["per_page"]["schema"]["maximum"]
    assert most == openalex_citing.SIZES[0]


async def test_a_day_is_asked_for_in_the_documented_form(s2_spec: Spec) -> None:
    parameters = s2_spec.document["paths"]["/paper/{paper_id}/citations"]["parameters"]
    (span,) = [p for p in parameters if p["name"] == "publicationDateOrYear"]
    assert "<code>1981-08-25:</code> on or after" in span["description"]
    _, requests = await listed("semantic_scholar", s2_answer, Ask(1, PREPRINT), since="1981-08-25")
    assert {request.query["publicationDateOrYear"] for request in requests} == {"1981-08-25:"}


# --- whatever may be answered ------------------------------------------------------------


def ended(outcomes: list[CitingOutcome]) -> None:
    assert outcomes
    for outcome in outcomes:
        assert isinstance(outcome, CitingPage | Missing | Throttled | Blocked | Failed)
        if isinstance(outcome, CitingPage):
            assert all(work.record for work in outcome.works)
            assert outcome.total is None or outcome.total >= 0
    assert all(isinstance(outcome, CitingPage) for outcome in outcomes[:-1])


async def test_whatever_the_schema_of_citations_allows_is_read(s2_spec: Spec) -> None:
    batches = s2_spec.draw({"$ref": "#/definitions/CitationBatch"})
    citations = s2_spec.draw({"$ref": "#/definitions/Citation"})
    named = [_named(row, n) for n, row in enumerate(citations)]
    answers: list[Json] = [*batches, {"offset": 0, "data": citations}, {"offset": 0, "data": named}]
    papers = s2_spec.draw({"$ref": "#/definitions/FullPaper"})
    for number, answer in enumerate(answers):
        paper = papers[number % len(papers)]

        def handler(request: Request, a: Json = answer, p: Json = paper) -> Reply:
            return json_reply(a if request.path.endswith("/citations") else p)

        outcomes, _ = await listed("semantic_scholar", handler, Ask(1, PREPRINT))
        ended(outcomes)
    (page,) = outcomes
    assert isinstance(page, CitingPage)
    assert len(page.works) == len(named)


def _named(row: dict[str, Any], number: int) -> dict[str, Any]:
    paper = row.get("citingPaper")
    inner = paper if isinstance(paper, dict) else {}
    return {**row, "citingPaper": {**inner, "paperId": f"{number:040x}"}}


async def test_whatever_the_schema_of_works_allows_is_read(openalex_spec: Spec) -> None:
    works = openalex_spec.draw(WORK)
    named = [{**work, "id": f"https://openalex.org/W{9_000 + n}"} for n, work in enumerate(works)]
    drawn = openalex_spec.draw(openalex_spec.answers("/works", "GET")[200])
    whole = {"meta": {"count": len(named), "next_cursor": None}, "results": named}
    for number, answer in enumerate([*drawn, whole]):
        cited = {**works[number % len(works)], "id": "https://openalex.org/W2741809807"}

        def handler(request: Request, a: Json = answer, c: Json = cited) -> Reply:
            return json_reply(a if "filter" in request.query else c)

        outcomes, _ = await listed("openalex", handler, Ask(1, Identifier("doi", "10.1000/1")))
        ended(outcomes)
    (page,) = outcomes
    assert isinstance(page, CitingPage)
    assert len(page.works) == len(named)
