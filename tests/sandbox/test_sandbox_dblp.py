"""The stand-in's DBLP, by its documents."""

from __future__ import annotations

import json
from time import process_time
from typing import Any
from urllib.parse import urlencode

import pytest

from citewatch.sandbox.dblp import Dblp
from citewatch.sandbox.events import event
from citewatch.sandbox.http import Request, Response
from citewatch.sandbox.synthetic import synthetic_world
from citewatch.sandbox.world import DEFAULT_START, World

DAY_S = 86_400
NOW = DEFAULT_START + 3_600.0
SPARQL_JSON = "application/sparql-results+json"
DOI = "https://doi.org/"
CORR = "https://dblp.org/rec/journals/corr/abs-"
PREFIXES = """PREFIX dblp: <https://dblp.org/rdf/schema#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
TITLE = "RecurJac: An Efficient Recursive Algorithm for Bounding Jacobian Matrix of Neural Networks and Its Applications"


@pytest.fixture(scope="module")
def dblp(living_world: World) -> Dblp:
    return Dblp(living_world, limits=False)


def ask(
    service: Dblp,
    query: str,
    *,
    now: float = NOW,
    accept: str = SPARQL_JSON,
    fault: str | None = None,
    path: str = "/sparql",
) -> Response:
    request = Request(
        method="GET", target=path, path=path, query={"query": query}, headers={"accept": accept}
    )
    return service.answer(request, now, fault)


def rows(service: Dblp, query: str, **options: Any) -> list[dict[str, str]]:
    answer = ask(service, PREFIXES + query, **options)
    assert answer.status == 200, answer.body
    assert answer.content_type == SPARQL_JSON
    bindings = json.loads(answer.body)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in bindings]


BY_DOI = """SELECT ?publ ?doi ?title ?venue ?year WHERE {
  VALUES ?doi { %s }
  ?publ dblp:doi ?doi ; dblp:title ?title .
  OPTIONAL { ?publ dblp:publishedIn ?venue }
  OPTIONAL { ?publ dblp:yearOfPublication ?year . }
}"""


def test_dois_are_asked_for_as_iris(dblp: Dblp) -> None:
    asked = ("10.1609/aaai.v33i01.33015757", "10.18653/v1/P18-1241", "10.9999/none")
    found = rows(dblp, BY_DOI % " ".join(f"<{DOI}{doi}>" for doi in asked))
    assert [(row["doi"], row["venue"], row["year"]) for row in found] == [
        (DOI + asked[0], "AAAI", "2019"),
        (DOI + asked[1], "ACL", "2018"),
    ]
    assert found[0]["title"] == TITLE + "."


def test_iris_are_compared_letter_by_letter(dblp: Dblp) -> None:
    assert len(rows(dblp, BY_DOI % f"<{DOI}10.1109/ICCV.2019.00039>")) == 1
    assert rows(dblp, BY_DOI % f"<{DOI}10.1109/iccv.2019.00039>") == []


def test_the_preprint_and_the_publication_are_two_records(dblp: Dblp) -> None:
    query = """SELECT DISTINCT ?publ ?venue WHERE {
      VALUES ?title { "%s." "Nothing." }
      ?publ dblp:title ?title . ?publ dblp:publishedIn ?venue .
    }"""
    found = {row["venue"]: row["publ"] for row in rows(dblp, query % TITLE)}
    assert set(found) == {"CoRR", "AAAI"}
    assert found["CoRR"] == CORR + "1810-11783"
    assert found["AAAI"].startswith("https://dblp.org/rec/conf/aaai/")


def test_records_are_asked_for_by_their_own_iris(dblp: Dblp) -> None:
    query = """SELECT * WHERE {
      VALUES ?publ { <https://dblp.org/rec/journals/corr/abs-1810-11783> <https://dblp.org/rec/x> }
      ?publ a dblp:Informal ; rdfs:label ?label ; dblp:doi ?doi
    }"""
    (row,) = rows(dblp, query)
    assert set(row) == {"publ", "label", "doi"}
    assert row["label"].startswith("Huan Zhang 0001, ")
    assert row["label"].endswith(". (2018)")
    assert row["doi"] == DOI + "10.48550/arXiv.1810.11783"


def test_a_record_without_a_doi_leaves_it_unbound(dblp: Dblp) -> None:
    query = """SELECT ?doi ?venue WHERE {
      VALUES ?title { "Robustness Verification for Transformers." }
      ?publ dblp:title ?title ; dblp:publishedIn ?venue .
      OPTIONAL { ?publ dblp:doi ?doi }
    }"""
    found = {row["venue"]: row.get("doi") for row in rows(dblp, query)}
    assert found == {"CoRR": DOI + "10.48550/arXiv.2002.06622", "ICLR": None}


def test_authors_come_by_person_or_by_signature_and_in_order(dblp: Dblp) -> None:
    one = f"VALUES ?publ {{ <{CORR}1810-11783> }}"
    joined = rows(
        dblp,
        'SELECT ?publ (GROUP_CONCAT(?name; SEPARATOR="|") AS ?authors) WHERE { '
        f"{one} ?publ dblp:authoredBy/dblp:primaryCreatorName ?name }} GROUP BY ?publ",
    )
    signed = rows(
        dblp,
        f"SELECT ?n ?name WHERE {{ {one} ?publ dblp:hasSignature ?s . "
        "?s dblp:signatureOrdinal ?n ; dblp:signatureDblpName ?name }",
    )
    assert joined[0]["authors"].split("|") == [row["name"] for row in signed]
    assert [row["n"] for row in signed] == ["1", "2", "3"]
    # Namesakes carry a number.
    assert signed[0]["name"] == "Huan Zhang 0001"


def test_a_year_has_a_type_and_the_columns_are_named(dblp: Dblp) -> None:
    answer = json.loads(ask(dblp, PREFIXES + BY_DOI % f"<{DOI}10.18653/v1/P18-1241>").body)
    assert answer["head"]["vars"] == ["publ", "doi", "title", "venue", "year"]
    (row,) = answer["results"]["bindings"]
    assert row["publ"]["type"] == row["doi"]["type"] == "uri"
    assert row["title"]["type"] == row["venue"]["type"] == "literal"
    assert row["year"]["datatype"].endswith("#gYear")


def test_titles_with_quotes_and_backslashes_are_escaped_strings(dblp: Dblp) -> None:
    query = 'SELECT ?publ WHERE { VALUES ?title { "%s" } ?publ dblp:title ?title }'
    latex = "On $\\\\ell_p$-norm Robustness of Ensemble Decision Stumps and Trees."
    assert len(rows(dblp, query % latex)) == 2
    assert rows(dblp, query % 'A \\"quoted\\" title.') == []


def test_the_published_record_appears_on_its_day(dblp: Dblp) -> None:
    day = event("dblp_published").first_day
    query = """SELECT ?publ ?venue WHERE { VALUES ?doi { <https://doi.org/10.48550/arXiv.2101.08452> }
      ?preprint dblp:doi ?doi ; dblp:title ?title .
      ?publ dblp:title ?title ; dblp:publishedIn ?venue }"""
    venues = [
        sorted(row["venue"] for row in rows(dblp, query, now=NOW + at * DAY_S))
        for at in (day - 1, day)
    ]
    assert venues == [["CoRR"], ["CoRR", "ICLR"]]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "SELECT ?x WHERE { ?x dblp:title ?t }",
        PREFIXES + "SELECT ?x WHERE { ?x dblp:title ?t FILTER(?t > 1) }",
        PREFIXES + "SELECT ?x WHERE { { ?x dblp:title ?t } UNION { ?x dblp:doi ?t } }",
        PREFIXES + "SELECT ?x WHERE { ?x dblp:title ?t",
        PREFIXES + "SELECT ?x WHERE { ?x ?p ?t }",
        PREFIXES + "SELECT ?x WHERE { VALUES { 'a' } ?x dblp:title ?t }",
        PREFIXES + 'SELECT ?x WHERE { ?x dblp:title "open }',
        PREFIXES + "SELECT ?x (COUNT(?t) AS ?n) WHERE { ?x dblp:title ?t }",
        PREFIXES + "DESCRIBE <x>",
    ],
)
def test_what_is_not_understood_is_a_400(dblp: Dblp, query: str) -> None:
    answer = ask(dblp, query)
    assert (answer.status, json.loads(answer.body)["status"]) == (400, "ERROR")


def test_a_form_and_a_bare_query_may_be_posted(dblp: Dblp) -> None:
    query = PREFIXES + BY_DOI % f"<{DOI}10.18653/v1/P18-1241>"
    posts = {
        "application/x-www-form-urlencoded; charset=utf-8": urlencode({"query": query}),
        "application/sparql-query": query,
    }
    for kind, text in posts.items():
        request = Request(
            method="POST",
            target="/sparql",
            path="/sparql",
            query={},
            headers={"accept": SPARQL_JSON, "content-type": kind},
            body=text.encode(),
        )
        answer = service_json(dblp.answer(request, NOW, None))
        assert len(answer["results"]["bindings"]) == 1


def service_json(answer: Response) -> Any:
    assert answer.status == 200
    return json.loads(answer.body)


def test_without_its_accept_header_the_answer_is_no_json(dblp: Dblp) -> None:
    answer = ask(dblp, PREFIXES + BY_DOI % f"<{DOI}10.18653/v1/P18-1241>", accept="*/*")
    assert answer.content_type.startswith("text/tab-separated-values")
    assert answer.body.decode().splitlines()[0] == "?publ\t?doi\t?title\t?venue\t?year"


@pytest.mark.parametrize(("fault", "status"), [("botwall", 200), ("botwall-500", 500)])
def test_the_wall_is_a_page_with_either_status(dblp: Dblp, fault: str, status: int) -> None:
    answer = ask(dblp, "", fault=fault)
    assert (answer.status, answer.content_type) == (status, "text/html; charset=utf-8")
    for mark in (b"not a bot!", b"anubis", b".within.website"):
        assert mark in answer.body


def test_one_request_a_second(living_world: World) -> None:
    service = Dblp(living_world)
    query = PREFIXES + BY_DOI % f"<{DOI}10.18653/v1/P18-1241>"
    answers = [ask(service, query, now=NOW + at) for at in (0, 0.5, 1.0)]
    assert [answer.status for answer in answers] == [200, 429, 200]
    assert dict(answers[1].headers)["Retry-After"] == "10"


def test_there_is_nothing_beside_the_endpoint(dblp: Dblp) -> None:
    assert ask(dblp, "", path="/search/publ/api").status == 404


def test_a_large_world_answers_at_once() -> None:
    world = synthetic_world(10_000)
    service = Dblp(world, limits=False)
    query = BY_DOI % " ".join(
        f"<{DOI}10.48550/arXiv.{record.arxiv}>" for record in world.records[::200]
    )
    took_s = []
    for _ in range(5):
        began = process_time()
        assert [row["venue"] for row in rows(service, query)] == ["CoRR"] * 50
        took_s.append(process_time() - began)
    assert min(took_s) < 0.02
