"""The stand-in's Crossref, by its documents: DOIs, lists, notices, pools, errors."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sandbox_asking import DAY_S, Asker, error, header, request

from citewatch.sandbox import DEFAULT_START, World, event, synthetic_world
from citewatch.sandbox.crossref import Crossref
from citewatch.sandbox.crossref_works import PREPRINT_DOI
from citewatch.sandbox.miscounts import COUNT_FAULTS

CAPTION = "10.18653/v1/p18-1241"
ZOO = "10.1145/3128572.3140448"
NO_TITLE, NO_DATE = "10.1007/978-3-030-01234-2_23", "10.1007/978-3-030-01258-8_39"
NO_TITLE_KEY = "10.5555/wm.2013.204"
PREPRINTED = "10.1609/aaai.v33i01.3301742"
CORRECTED, RETRACTED = "10.1109/iccv.2019.00039", "10.1109/icdm.2016.0074"
DROPPED = "10.1609/aaai.v32i1.11302"
LATE = "10.5555/jmr.2025.101"
UNKNOWN = "10.5555/nobody.knows"
POLITE = {"mailto": "someone@example.org"}
COUNT = "is-referenced-by-count"


@pytest.fixture
def crossref(living_world: World) -> Asker:
    """The service without limits, an hour after the start."""
    return Asker(Crossref(living_world, limits=False), DEFAULT_START + 3_600)


@pytest.fixture
def strict(living_world: World) -> Asker:
    """The service with limits."""
    return Asker(Crossref(living_world), DEFAULT_START + 3_600)


def to_day(asker: Asker, day: int) -> None:
    asker.now = DEFAULT_START + day * DAY_S + 3_600


def single(asker: Asker, doi: str, fault: str | None = None) -> Any:
    return asker.json(f"/works/{quote(doi, safe='')}", fault)["message"]


def listed(asker: Asker, *dois: str, fault: str | None = None, **query: object) -> list[Any]:
    filters = ",".join(f"doi:{doi}" for doi in dois)
    return list(asker.json("/works", fault, filter=filters, **query)["message"]["items"])


def failure(answer: Any) -> tuple[str, str, str]:
    """(message-type, type, value) of an answer that says what was wrong."""
    body = error(answer)
    assert body["status"] == "failed"
    (what,) = body["message"]
    assert what["message"]
    return body["message-type"], what["type"], what["value"]


# One DOI


def test_a_doi_is_found_in_any_case_encoded_or_not_and_under_v1(crossref: Asker) -> None:
    paths = (
        f"/works/{CAPTION}",
        f"/works/{quote(CAPTION.upper(), safe='')}",
        f"/v1/works/{CAPTION}",
    )
    answers = [crossref.json(path) for path in paths]
    assert answers[0] == answers[1] == answers[2]
    envelope = {name: answers[0][name] for name in answers[0] if name != "message"}
    assert envelope == {"status": "ok", "message-type": "work", "message-version": "1.0.0"}
    assert answers[0]["message"]["DOI"] == CAPTION


@pytest.mark.parametrize(
    "doi", [UNKNOWN, "10.48550/arXiv.1712.02051", "10.48550%2Farxiv.2003.08938", "nonsense"]
)
def test_an_unknown_doi_and_every_arxiv_doi_is_a_404_in_plain_text(
    crossref: Asker, doi: str
) -> None:
    answer = crossref.get(f"/works/{doi}")
    assert (answer.status, answer.content_type) == (404, "text/plain")
    assert answer.body == b"Resource not found."
    assert header(answer, "x-api-pool") == "public-single"


def test_a_single_doi_takes_no_select(crossref: Asker) -> None:
    answer = crossref.get(f"/works/{CAPTION}", select="DOI")
    assert answer.status == 400
    assert failure(answer) == ("validation-failure", "parameter-not-allowed", "select")


def test_the_agency_of_a_doi(crossref: Asker) -> None:
    answer = crossref.json(f"/works/{CAPTION}/agency")
    assert answer["message-type"] == "work-agency"
    assert answer["message"]["agency"]["id"] == "crossref"
    assert crossref.get(f"/works/{UNKNOWN}/agency").status == 404


def test_what_is_no_route_says_so_in_json(crossref: Asker) -> None:
    answer = crossref.get("/nothing")
    assert answer.status == 404
    assert error(answer)["message-type"] == "route-not-found"


def test_titles_and_dates_may_be_empty_or_missing(crossref: Asker) -> None:
    assert single(crossref, NO_TITLE)["title"] == []
    assert "title" not in single(crossref, NO_TITLE_KEY)
    without = single(crossref, NO_DATE)
    assert without["issued"] == {"date-parts": [[None]]}
    assert "published" not in without
    assert len(single(crossref, CAPTION)["title"]) == 1


def test_dates_have_one_two_or_three_parts(crossref: Asker) -> None:
    items = crossref.json("/works", rows=1_000)["message"]["items"]
    lengths = {len(item["issued"]["date-parts"][0]) for item in items}
    assert lengths == {1, 2, 3}


def test_papers_of_venues_without_dois_are_not_there(crossref: Asker, living_world: World) -> None:
    known = {paper.doi.lower() for paper in living_world.listed if paper.doi}
    items = crossref.json("/works", rows=1_000)["message"]["items"]
    assert known <= {item["DOI"] for item in items}
    assert len(items) < 25
    assert all(item["DOI"] == item["DOI"].lower() for item in items)


# Counts


def test_counts_are_lower_than_elsewhere_and_grow(crossref: Asker, living_world: World) -> None:
    record = living_world.record("doi", ZOO, DEFAULT_START)
    assert record is not None
    series = []
    for day in range(0, 720, 5):
        to_day(crossref, day)
        series.append(single(crossref, ZOO)[COUNT])
    assert 0.4 * record.count < series[0] < 0.5 * record.count
    assert series == sorted(series)
    assert series[-1] > series[0]


def test_the_scheduled_fall_lasts(crossref: Asker) -> None:
    day = event("crossref_drop").first_day
    counts = []
    for each in (day - 1, day, day + 30):
        to_day(crossref, each)
        counts.append(single(crossref, DROPPED)[COUNT])
    assert counts[1] < 0.95 * counts[0]
    assert counts[1] <= counts[2] < counts[0]


@pytest.mark.parametrize("fault", COUNT_FAULTS)
def test_a_fault_in_the_counts_changes_single_dois_and_lists_alike(
    crossref: Asker, fault: str
) -> None:
    true, wrong = single(crossref, CAPTION), single(crossref, CAPTION, fault)
    assert listed(crossref, CAPTION, fault=fault) == [wrong]
    assert wrong != true
    assert {name: wrong[name] for name in wrong if name != COUNT} == {
        name: true[name] for name in true if name != COUNT
    }


# Lists


def test_a_list_leaves_out_the_unknown_and_keeps_no_order(crossref: Asker) -> None:
    asked = (CAPTION, UNKNOWN, ZOO.upper(), NO_DATE, NO_TITLE, PREPRINTED, RETRACTED)
    items = listed(crossref, *asked)
    found = [item["DOI"] for item in items]
    known = [doi.lower() for doi in asked if doi != UNKNOWN]
    assert set(found) == set(known)
    assert found != known
    assert items == listed(crossref, *reversed(asked))
    assert listed(crossref, UNKNOWN) == []


def test_the_envelope_of_a_list(crossref: Asker) -> None:
    answer = crossref.json("/works", filter=f"doi:{CAPTION}", rows=5)
    assert answer["message-type"] == "work-list"
    message = answer["message"]
    assert (message["total-results"], message["items-per-page"]) == (1, 5)
    assert message["query"] == {"start-index": 0, "search-terms": None}
    assert "next-cursor" not in message


def test_twenty_rows_unless_asked_for_more_or_fewer() -> None:
    world = synthetic_world(200, preprints=False)
    asker = Asker(Crossref(world, limits=False), DEFAULT_START)
    dois = [record.doi for record in world.records if record.doi][:60]
    assert [len(listed(asker, *dois, **rows)) for rows in ({}, {"rows": 60}, {"rows": 0})] == [
        20,
        60,
        0,
    ]


def test_select_leaves_exactly_what_it_names(crossref: Asker) -> None:
    (item,) = listed(crossref, CAPTION, select=f"DOI,title,{COUNT},updated-by,volume")
    assert set(item) == {"DOI", "title", COUNT}


@pytest.mark.parametrize(
    ("query", "kind", "value"),
    [
        ({"select": "DOI,citations"}, "select-not-available", "citations"),
        ({"filter": "made-up:1"}, "filter-not-available", "made-up"),
        ({"filter": "doi:10.1/a,b"}, "filter-not-available", "b"),
        ({"rows": "1001"}, "integer-not-valid", "1001"),
        ({"rows": "-1"}, "integer-not-valid", "-1"),
        ({"offset": "10001"}, "integer-not-valid", "10001"),
        ({"api_key": "x"}, "unknown-parameter", "api_key"),
    ],
)
def test_a_question_that_is_wrong_is_a_400_that_names_it(
    crossref: Asker, query: dict[str, str], kind: str, value: str
) -> None:
    answer = crossref.get("/works", **query)
    assert answer.status == 400
    assert failure(answer) == ("validation-failure", kind, value)


def test_a_cursor_walks_to_an_empty_page_and_must_be_encoded(crossref: Asker) -> None:
    total = crossref.json("/works")["message"]["total-results"]
    seen: list[str] = []
    cursor = "*"
    while True:
        message = crossref.json("/works", rows=4, cursor=cursor)["message"]
        if not message["items"]:
            break
        seen += [item["DOI"] for item in message["items"]]
        cursor = message["next-cursor"]
    assert len(set(seen)) == len(seen) == total
    assert seen[3:7] == [
        item["DOI"] for item in crossref.json("/works", rows=4, offset=3)["message"]["items"]
    ]
    raw = crossref.service.answer(request(f"/works?cursor={cursor}"), crossref.now)
    assert raw.status == 404
    assert failure(raw)[:2] == ("resource-failure", "cursor-invalid")


def test_a_search_finds_the_title_first_and_always_finds_something(crossref: Asker) -> None:
    title = "Attacking Visual Language Grounding with Adversarial Examples"
    message = crossref.json("/works", **{"query.bibliographic": title, "rows": 3})["message"]
    assert message["items"][0]["DOI"] == CAPTION
    scores = [item["score"] for item in message["items"]]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 2 * scores[1] > 0
    assert message["query"]["search-terms"] == title
    loose = crossref.json("/works", **{"query.bibliographic": "Quokkas in neural networks"})
    assert loose["message"]["items"]


# Notices and preprints


@pytest.mark.parametrize(
    ("doi", "name", "kind"),
    [
        (RETRACTED, "crossref_retracted", "retraction"),
        (CORRECTED, "crossref_corrected", "correction"),
    ],
)
def test_a_notice_and_what_it_is_about_point_at_each_other(
    crossref: Asker, doi: str, name: str, kind: str
) -> None:
    day = event(name).first_day
    to_day(crossref, day - 1)
    assert "updated-by" not in single(crossref, doi)
    assert "updated-by" not in listed(crossref, doi, select="DOI,updated-by")[0]
    to_day(crossref, day)
    (by,) = single(crossref, doi)["updated-by"]
    assert (by["type"], by["label"]) == (kind, kind.capitalize())
    assert by["updated"]["timestamp"] == (DEFAULT_START + day * DAY_S) * 1_000
    notice = single(crossref, by["DOI"])
    (to,) = notice["update-to"]
    assert (to["DOI"], to["type"]) == (doi, kind)
    assert notice[COUNT] == 0
    found = crossref.json("/works", filter=f"updates:{doi}")["message"]["items"]
    assert [item["DOI"] for item in found] == [by["DOI"]]
    to_day(crossref, day - 1)
    assert crossref.get(f"/works/{by['DOI']}").status == 404


def test_a_preprint_counts_apart_and_each_names_the_other(crossref: Asker) -> None:
    preprint, published = single(crossref, PREPRINT_DOI), single(crossref, PREPRINTED)
    assert (preprint["type"], preprint["subtype"]) == ("posted-content", "preprint")
    assert "container-title" not in preprint
    (of,) = preprint["relation"]["is-preprint-of"]
    assert of["id"].lower() == PREPRINTED
    assert (of["id-type"], of["asserted-by"]) == ("doi", "subject")
    (has,) = published["relation"]["has-preprint"]
    assert (has["id"], has["asserted-by"]) == (PREPRINT_DOI, "object")
    assert 0 < preprint[COUNT] < published[COUNT]


def test_a_doi_appears_with_its_publication(crossref: Asker) -> None:
    to_day(crossref, event("crossref_published").first_day - 1)
    assert crossref.get(f"/works/{LATE}").status == 404
    assert listed(crossref, LATE) == []
    to_day(crossref, event("crossref_published").first_day)
    assert single(crossref, LATE)["type"] == "journal-article"


# Pools


@pytest.mark.parametrize(
    ("query", "path", "pool", "limit", "at_once"),
    [
        ({}, f"/works/{CAPTION}", "public-single", 5, 1),
        ({}, "/works", "public-array", 1, 1),
        (POLITE, f"/works/{CAPTION}", "polite-single", 10, 3),
        (POLITE, "/v1/works", "polite-array", 3, 3),
    ],
)
def test_each_pool_lets_so_many_through_a_second(
    strict: Asker, query: dict[str, str], path: str, pool: str, limit: int, at_once: int
) -> None:
    answers = [strict.get(path, **query) for _ in range(limit)]
    assert {answer.status for answer in answers} == {200}
    assert header(answers[0], "x-api-pool") == pool
    assert header(answers[0], "x-rate-limit-limit") == str(limit)
    assert header(answers[0], "x-rate-limit-interval") == "1s"
    assert header(answers[0], "x-concurrency-limit") == str(at_once)
    refused = strict.get(path, **query)
    assert (refused.status, refused.headers) == (429, ())
    assert refused.content_type.startswith("text/html")
    strict.now += 1
    assert strict.get(path, **query).status == 200


@pytest.mark.parametrize(
    ("headers", "query", "polite"),
    [
        ({"user-agent": "tool/1 (+https://example.org; mailto:me@example.org)"}, {}, True),
        ({"user-agent": "tool/1 (me@example.org)"}, {}, False),
        ({"user-agent": "tool/1"}, POLITE, True),
        ({}, {"mailto": ""}, False),
        ({}, {"mailto": "nobody"}, False),
    ],
)
def test_polite_is_who_says_how_to_be_reached(
    crossref: Asker, headers: dict[str, str], query: dict[str, str], polite: bool
) -> None:
    answer = crossref.as_client(headers, "/works", **query)
    assert header(answer, "x-api-pool") == ("polite-array" if polite else "public-array")


def test_a_request_more_at_once_than_allowed_is_turned_away(living_world: World) -> None:
    service = Crossref(living_world)
    polite = request("/works?mailto=me@example.org")
    public = request("/works")
    assert service.crowded(public, at_once=1) is None
    assert service.crowded(polite, at_once=3) is None
    for asked, at_once in ((public, 2), (polite, 4)):
        refused = service.crowded(asked, at_once=at_once)
        assert refused is not None
        assert refused.status == 503
    assert Crossref(living_world, limits=False).crowded(public, at_once=9) is None


def test_a_token_that_nobody_gave_is_401(crossref: Asker) -> None:
    headers = {"crossref-plus-api-token": "Bearer wrong"}
    assert crossref.as_client(headers, "/works").status == 401


def test_without_limits_nobody_is_refused(crossref: Asker) -> None:
    assert {crossref.get("/works", rows=0).status for _ in range(50)} == {200}


# Recorded answers


def test_a_real_answer_has_no_member_of_another_type(crossref: Asker, data_dir: Path) -> None:
    rows = [single(crossref, doi) for doi in (CAPTION, PREPRINT_DOI)]
    seen = 0
    for path in sorted((data_dir / "real" / "crossref").glob("paperqa_200_works_10*")):
        body = json.loads(path.read_text("utf-8"))["response"]["body_text"]
        if not body.lstrip().startswith("{"):
            continue
        real = json.loads(body)["message"]
        for row in rows:
            for name in set(real) & set(row):
                assert type(real[name]) is type(row[name]) or name == "score", name
                seen += 1
    assert seen > 200


# A large world


def test_a_large_world_answers_a_hundred_dois_in_a_few_milliseconds() -> None:
    world = synthetic_world(10_000, preprints=False)
    asker = Asker(Crossref(world, limits=False), DEFAULT_START)
    records = [record for record in world.records if record.doi][3_000:3_100]
    dois = [record.doi or "" for record in records]
    times = []
    for day in range(6):
        to_day(asker, day)
        began = time.perf_counter()
        items = listed(asker, *dois, rows=100, select=f"DOI,{COUNT}")
        times.append(time.perf_counter() - began)
    assert min(times) < 0.02
    by_doi = {item["DOI"]: item[COUNT] for item in items}
    assert len(by_doi) == 100
    for record in records:
        count, _ = world.count(record, asker.now)
        assert abs(by_doi[record.doi or ""] - 0.45 * count) <= 1
