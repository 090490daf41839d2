"""What the adapters ask of Semantic Scholar and OpenAlex is what their specifications allow."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import unquote, urlencode

import pytest
from source_world import Reply, Request, asks_for, fetched, json_reply, searched, world
from spec_world import Json, Spec

from citewatch.domain.identifiers import Identifier, arxiv_doi
from citewatch.sources.registry import known_sources

pytestmark = pytest.mark.anyio

SAMPLES = {
    "semantic_scholar": ("649def34f8be52c8b66281af98ae884c09aef38b", "CorpusId:215416146"),
    "arxiv": ("1706.03762", "hep-th/9901001", "0704.0001"),
    "doi": (
        "10.18653/v1/n18-3011",
        "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2",
        "10.1000/a,b|c",
        "10.1000/50%#?&=+é",
    ),
    "acl": ("W12-3903", "2020.acl-main.447"),
    "pubmed": ("19872477",),
    "mag": ("112218234",),
    "openalex": ("W2741809807",),
}
TITLES = ("Attention Is All You Need", 'A "quoted", (bracketed): title | with +&=?#% é', "漢字")


def samples(source: str) -> list[Identifier]:
    """Some of every scheme that a source can be asked by; an arXiv id also by its DOI."""
    own = [Identifier(s, value) for s in known_sources()[source].schemes for value in SAMPLES[s]]
    return [*own, arxiv_doi(Identifier("arxiv", "2106.15928"))]


def s2_knows(request: Request) -> Reply:
    if request.method == "GET":
        return json_reply({"data": []})
    record = {"paperId": "649def34f8be52c8b66281af98ae884c09aef38b", "citationCount": 3}
    return json_reply([record for _ in json.loads(request.body)["ids"]])


def s2_knows_nothing(request: Request) -> Reply:
    if request.method == "GET":
        return json_reply({"error": "Title match not found"}, 404)
    return json_reply({"error": "No valid paper ids given"}, 400)


def openalex_knows_nothing(request: Request) -> Reply:
    """Every miss of a list is then looked up by itself."""
    if request.path.endswith("/works"):
        return json_reply({"meta": {"count": 0}, "results": []})
    return Reply(404, b"<!doctype html><title>404 Not Found</title>", content_type="text/html")


Handler = Callable[[Request], Reply]
WORLDS: dict[str, tuple[Handler, ...]] = {
    "semantic_scholar": (s2_knows, s2_knows_nothing),
    "openalex": (openalex_knows_nothing,),
}


async def asked_of(
    source: str, identifiers: Sequence[Identifier], titles: Sequence[str] = ()
) -> list[Request]:
    """Every request that one source sends, whether the papers are known there or not."""
    requests: list[Request] = []
    for handler in WORLDS[source]:
        async with world(source, handler, secrets={"api_key": "s3cret"}) as w:
            await fetched(w.source, asks_for(identifiers))
            await searched(w.source, *titles)
            requests += w.server.requests
    return requests


@pytest.fixture(params=sorted(WORLDS))
def source(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def spec(source: str, request: pytest.FixtureRequest) -> Spec:
    name = {"semantic_scholar": "s2_spec", "openalex": "openalex_spec"}[source]
    return request.getfixturevalue(name)


OPERATIONS = {
    "semantic_scholar": {"POST /paper/batch", "GET /paper/search/match"},
    "openalex": {"GET /works", "GET /works/{id}"},
}
RECORDS = {
    "POST /paper/batch": {"$ref": "#/definitions/FullPaper"},
    "GET /paper/search/match": {"$ref": "#/definitions/Title Match Paper"},
    "GET /works": {"$ref": "#/components/schemas/Work"},
    "GET /works/{id}": {"$ref": "#/components/schemas/Work"},
}
CHOICE = {"semantic_scholar": "fields", "openalex": "select"}


async def test_every_request_is_one_that_the_specification_allows(source: str, spec: Spec) -> None:
    requests = await asked_of(source, samples(source), TITLES)
    complaints = {c for request in requests for c in spec.complaints(request)}
    assert complaints == set()
    assert {spec.label(request) for request in requests} >= OPERATIONS[source]


async def test_every_field_that_is_asked_for_exists(source: str, spec: Spec) -> None:
    requests = await asked_of(source, samples(source), TITLES)
    chosen = {
        (spec.label(r), r.query[CHOICE[source]]) for r in requests if CHOICE[source] in r.query
    }
    assert {label for label, _ in chosen} >= OPERATIONS[source]
    for label, names in chosen:
        assert spec.unknown_names(names, RECORDS[label]) == []


async def test_semantic_scholar_is_asked_for_as_many_as_it_takes_at_once(s2_spec: Spec) -> None:
    words = s2_spec.document["paths"]["/paper/batch"]["post"]["description"]
    found = re.search(r"Can only process (\d+) paper ids", words)
    assert found is not None
    most = int(found[1])
    ids = [Identifier("arxiv", f"2001.{number:05}") for number in range(1, 1_204)]
    async with world("semantic_scholar", s2_knows) as w:
        await fetched(w.source, asks_for(ids))
    batches = [json.loads(request.body)["ids"] for request in w.server.requests]
    assert sorted(map(len, batches)) == [203, most, most]
    assert len({written for batch in batches for written in batch}) == len(ids)


async def test_semantic_scholar_is_asked_by_the_forms_of_id_that_it_lists(s2_spec: Spec) -> None:
    words = s2_spec.document["paths"]["/paper/{paper_id}"]["parameters"][0]["description"]
    prefixes = tuple(re.findall(r"<code>(\w+:)&lt;", words))
    assert "ARXIV:" in prefixes
    ids = samples("semantic_scholar")
    requests = await asked_of("semantic_scholar", ids)
    written = {w for request in requests for w in json.loads(request.body)["ids"]}
    assert len(written) == len(ids)
    bare = {w for w in written if not w.startswith(prefixes)}
    assert all(re.fullmatch(r"[0-9a-f]{40}", w) for w in bare)


async def test_openalex_lists_hold_at_most_a_page(openalex_spec: Spec) -> None:
    most = openalex_spec.document["components"]["parameters"]["per_page"]["schema"]["maximum"]
    ids = [Identifier("doi", f"10.1000/{number:06}") for number in range(450)]

    def lists_only(request: Request) -> Reply:
        values = request.query["filter"].partition(":")[2].split("|")
        works = [
            {
                "id": f"https://openalex.org/W{9_000 + int(v[-6:])}",
                "doi": f"https://doi.org/{v[-14:]}",
                "cited_by_count": 1,
            }
            for v in values
        ]
        return json_reply({"meta": {"count": len(works)}, "results": works})

    async with world("openalex", lists_only) as w:
        await fetched(w.source, asks_for(ids))
    asked = [r.query["filter"].partition(":")[2].split("|") for r in w.server.requests]
    assert sorted(map(len, asked)) == [50, most, most, most, most]
    for request, values in zip(w.server.requests, asked, strict=True):
        assert openalex_spec.complaints(request) == []
        assert len(values) <= int(request.query["per_page"]) <= most
        assert len(request.line) < 8_190


async def test_openalex_is_filtered_by_fields_and_looked_up_by_ids_that_exist(
    openalex_spec: Spec,
) -> None:
    work = RECORDS["GET /works"]
    other_ids = openalex_spec.follow(work)["properties"]["ids"]["properties"]
    for request in await asked_of("openalex", samples("openalex"), TITLES):
        if openalex_spec.label(request) == "GET /works/{id}":
            one = unquote(request.path.rpartition("/")[2])
            scheme = one.partition(":")[0]
            assert re.fullmatch(r"W\d+", one) or scheme in other_ids, one
        elif "filter" in request.query:
            name = request.query["filter"].partition(":")[0].removesuffix(".search")
            plain = name.removeprefix("ids.")
            assert plain in other_ids or openalex_spec.unknown_names(name, work) == [], name


# --- the check itself -------------------------------------------------------------------


def changed(request: Request, **query: str) -> Request:
    """The request with another query; what is "" is left out."""
    whole = {name: value for name, value in {**request.query, **query}.items() if value != ""}
    line = f"{request.method} {request.path}?{urlencode(whole)} HTTP/1.1"
    return replace(request, query=whole, line=line)


def with_body(request: Request, value: Json) -> Request:
    return replace(request, body=json.dumps(value).encode())


@pytest.fixture
async def batch(s2_spec: Spec) -> Request:
    (request,) = await asked_of_one("semantic_scholar", s2_knows)
    assert s2_spec.complaints(changed(request)) == []
    return request


async def asked_of_one(source: str, handler: Handler) -> list[Request]:
    async with world(source, handler) as w:
        await fetched(w.source, asks_for([Identifier("doi", "10.1000/1")]))
        return w.server.requests


Spoil = Callable[[Request], Request]
WRONG_BATCHES: dict[str, tuple[Spoil, str]] = {
    "another path": (lambda r: replace(r, path=r.path + "es"), "no operation"),
    "a path without its base": (lambda r: replace(r, path="/paper/batch"), "no operation"),
    "another method": (lambda r: replace(r, method="PUT"), "no operation"),
    "a parameter of another operation": (lambda r: changed(r, limit="10"), "no parameter limit"),
    "fields twice": (lambda r: replace(r, line=r.line.replace("?", "?fields=title&")), "once"),
    "a misspelt body": (lambda r: with_body(r, {"id": ["ARXIV:1706.03762"]}), "no properties"),
    "numbers for ids": (lambda r: with_body(r, {"ids": [17]}), "body is not valid"),
    "a bare list": (lambda r: with_body(r, ["ARXIV:1706.03762"]), "body is not valid"),
    "a form": (
        lambda r: replace(r, headers={**r.headers, "content-type": "text/plain"}),
        "not application/json",
    ),
}


@pytest.mark.parametrize("wrong", WRONG_BATCHES)
async def test_a_wrong_batch_is_refused_by_the_check(
    s2_spec: Spec, batch: Request, wrong: str
) -> None:
    spoil, words = WRONG_BATCHES[wrong]
    (complaint,) = s2_spec.complaints(spoil(batch))
    assert words in complaint


async def test_a_field_that_does_not_exist_is_refused_by_the_check(
    s2_spec: Spec, openalex_spec: Spec
) -> None:
    paper, work = RECORDS["POST /paper/batch"], RECORDS["GET /works"]
    assert s2_spec.unknown_names("title,citation_count,authors.name,authors.nom", paper) == [
        "citation_count",
        "authors.nom",
    ]
    assert openalex_spec.unknown_names("id,cited_by_count,citations,ids.arxiv", work) == [
        "citations",
        "ids.arxiv",
    ]


WRONG_LISTS: dict[str, tuple[Spoil, str]] = {
    "too many on a page": (lambda r: changed(r, per_page="200"), "per_page='200'"),
    "a word for a number": (lambda r: changed(r, per_page="many"), "per_page='many'"),
    "a parameter that is gone": (lambda r: changed(r, mailto="me@example.org"), "mailto"),
    "two filters": (lambda r: replace(r, line=r.line.replace("?", "?filter=doi:x&")), "once"),
    "another path": (lambda r: replace(r, path="/work"), "no operation"),
    "a DOI with its slash": (lambda r: replace(r, path="/works/10.1000/1"), "no operation"),
    "a body": (lambda r: replace(r, body=b"{}"), "takes no body"),
}


@pytest.mark.parametrize("wrong", WRONG_LISTS)
async def test_a_wrong_list_is_refused_by_the_check(openalex_spec: Spec, wrong: str) -> None:
    spoil, words = WRONG_LISTS[wrong]
    requests = await asked_of_one("openalex", openalex_knows_nothing)
    (request,) = [r for r in requests if r.path == "/works"]
    assert openalex_spec.complaints(changed(request)) == []
    (complaint,) = openalex_spec.complaints(spoil(request))
    assert words in complaint


async def test_a_title_search_without_its_query_is_refused_by_the_check(s2_spec: Spec) -> None:
    requests = await asked_of("semantic_scholar", [], TITLES[:1])
    request = requests[0]
    assert s2_spec.complaints(changed(request)) == []
    assert s2_spec.complaints(changed(request, query="")) == ["query is missing"]
