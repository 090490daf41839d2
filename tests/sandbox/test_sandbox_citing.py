"""The stand-in's lists of citing works: they say what the counts say, and are cut as the real ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sandbox_asking import DAY_S, Asker, error, header

from citewatch.sandbox import DEFAULT_START, SANDBOX_OPENALEX_KEY, World, event
from citewatch.sandbox.http import Request, Response
from citewatch.sandbox.openalex import OpenAlex
from citewatch.sandbox.s2 import SemanticScholar

ZOO = "ARXIV:1708.03999"
"""Paper 51."""
FALLEN = event("s2_drop").paper
DIPPED = event("s2_dip").paper
FIELDS = "title,venue,year,publicationDate,authors,externalIds,corpusId,isInfluential"
GIANT = "DOI:10.5555/jmr.2016.001"
ZOO_DOI = "10.1145/3128572.3140448"
SELECT = "id,doi,title,publication_date,publication_year,authorships"


class _Scholar:
    def __init__(self, world: World) -> None:
        self._service = SemanticScholar(world, limits=False)

    def answer(self, request: Request, now: float, fault: str | None = None) -> Response:
        return self._service.answer(request, now)


@pytest.fixture
def scholar(living_world: World) -> Asker:
    return Asker(_Scholar(living_world), DEFAULT_START + 3_600)


@pytest.fixture
def openalex(living_world: World) -> Asker:
    return Asker(OpenAlex(living_world, limits=False), DEFAULT_START + 3_600)


def to_day(asker: Asker, day: int) -> None:
    asker.now = DEFAULT_START + day * DAY_S + 3_600


def start() -> date:
    return datetime.fromtimestamp(DEFAULT_START, UTC).date()


def place(paper: str) -> str:
    return f"/graph/v1/paper/{paper}/citations"


def citations(scholar: Asker, paper: str, **query: object) -> list[Any]:
    rows: list[Any] = []
    query = {"fields": FIELDS, "limit": 1_000, **query}
    while True:
        batch = scholar.json(place(paper), offset=len(rows), **query)
        rows += batch["data"]
        if "next" not in batch:
            return rows
        assert batch["next"] == len(rows)


def counted(scholar: Asker, paper: str) -> tuple[int, int]:
    row = scholar.json(f"/graph/v1/paper/{paper}", fields="citationCount,influentialCitationCount")
    return row["citationCount"], row["influentialCitationCount"]


def sha(world: World, number: int | None) -> str:
    return next(record.sha for record in world.records if record.key == f"p{number}")


def titles(rows: list[Any]) -> set[str]:
    return {row["citingPaper"]["title"] for row in rows}


# Semantic Scholar


@pytest.mark.parametrize("day", [0, 100, 203, 240, 300, 400])
@pytest.mark.parametrize("number", [51, DIPPED, FALLEN, 19, 41])
def test_the_list_is_as_long_as_the_count(
    scholar: Asker, living_world: World, number: int, day: int
) -> None:
    to_day(scholar, day)
    paper = sha(living_world, number)
    assert len(citations(scholar, paper)) == counted(scholar, paper)[0]


def test_dates_tell_what_the_count_was(scholar: Asker, living_world: World) -> None:
    to_day(scholar, 500)
    (record,) = [record for record in living_world.records if record.key == "p51"]
    rows = [row["citingPaper"] for row in citations(scholar, ZOO)]
    days = [row["publicationDate"] for row in rows if row["publicationDate"]]
    assert days == sorted(days, reverse=True)
    dated = len(days) / len(rows)
    for day in (0, 100, 250, 400, 499):
        on_that_day = date.fromordinal(start().toordinal() + day).isoformat()
        by_dates = sum(published <= on_that_day for published in days)
        assert by_dates / dated == pytest.approx(living_world.grown(record, day), rel=0.01)


def test_some_have_no_date_some_only_a_year_some_no_name(scholar: Asker) -> None:
    rows = [row["citingPaper"] for row in citations(scholar, ZOO)]
    undated = [row for row in rows if row["year"] is None]
    assert 0.02 < len(undated) / len(rows) < 0.03
    assert all(row["publicationDate"] is None for row in undated)
    assert sum(row["publicationDate"] is None for row in rows) > 3 * len(undated)
    unnamed = [row for row in rows if row["paperId"] is None]
    assert {row["corpusId"] is None for row in unnamed} == {True, False}
    assert len(unnamed) < len(rows) / 50


def test_a_tenth_is_by_the_authors_themselves_and_under_the_same_ids(scholar: Asker) -> None:
    paper = scholar.json(f"/graph/v1/paper/{ZOO}", fields="authors")
    own = {author["authorId"] for author in paper["authors"]} - {None}
    rows = [row["citingPaper"] for row in citations(scholar, ZOO)]
    selfs = [row for row in rows if own & {author["authorId"] for author in row["authors"]}]
    assert 0.06 < len(selfs) / len(rows) < 0.14


def test_as_many_are_influential_as_the_count_says(scholar: Asker) -> None:
    marked = sum(row["isInfluential"] for row in citations(scholar, ZOO))
    assert marked == counted(scholar, ZOO)[1]


def test_a_list_ends_without_next_and_goes_on_from_an_offset(scholar: Asker) -> None:
    first = scholar.json(place(ZOO))
    assert (first["offset"], first["next"], len(first["data"])) == (0, 100, 100)
    assert set(first["data"][0]) == {"citingPaper"}
    assert set(first["data"][0]["citingPaper"]) == {"paperId", "title"}
    beyond = scholar.json(place(ZOO), offset=5_000)
    assert beyond == {"offset": 5_000, "data": []}


def test_at_most_9999_are_reached(scholar: Asker) -> None:
    assert counted(scholar, GIANT)[0] > 12_000 - 1
    last = scholar.json(place(GIANT), offset=9_000, limit=999)
    assert (len(last["data"]), last["next"]) == (999, 9_999)
    for query in ({"offset": 9_000, "limit": 1_000}, {"offset": 9_999, "limit": 1}):
        refused = scholar.get(place(GIANT), **query)
        assert (refused.status, error(refused)) == (
            400,
            {"error": "offset + limit must be < 10000"},
        )
    assert scholar.get(place(GIANT), limit=1_001).status == 400


def test_works_disappear_and_others_stand_in_their_place(scholar: Asker) -> None:
    to_day(scholar, 30)
    before = titles(citations(scholar, ZOO))
    to_day(scholar, 60)
    after = titles(citations(scholar, ZOO))
    assert 0 < len(before - after) < len(before) / 50


def test_a_lasting_fall_takes_works_with_it_and_a_dip_gives_them_back(
    scholar: Asker, living_world: World
) -> None:
    paper = sha(living_world, FALLEN)
    days = []
    for day in (364, 366, 400):
        to_day(scholar, day)
        days.append(titles(citations(scholar, paper)))
    gone = days[0] - days[1]
    assert len(gone) > len(days[0]) / 12
    assert len(gone & days[2]) == 0


def test_a_span_of_dates_leaves_out_what_has_no_year(scholar: Asker) -> None:
    every = [row["citingPaper"] for row in citations(scholar, ZOO)]
    span = [
        row["citingPaper"]
        for row in citations(scholar, ZOO, publicationDateOrYear="2020-06:2021-03-15")
    ]
    assert span
    assert all(row["year"] for row in span)
    assert {row["title"] for row in span} == {
        row["title"]
        for row in every
        if row["year"]
        and "2020-06-01" <= (row["publicationDate"] or f"{row['year']}-01-01") <= "2021-03-15"
    }
    refused = scholar.get(place(ZOO), publicationDateOrYear="yesterday")
    assert refused.status == 400


def test_a_publisher_may_keep_the_list_back(scholar: Asker, living_world: World) -> None:
    answer = scholar.json(place(sha(living_world, 45)))
    assert answer["data"] is None
    assert "elided by the publisher" in answer["citedPaperInfo"]["openAccessPdf"]["disclaimer"]


def test_an_unknown_paper_and_an_unknown_field_are_refused(scholar: Asker) -> None:
    unknown = scholar.get(place("DOI:10.5555/nobody"))
    assert (unknown.status, error(unknown)) == (
        404,
        {"error": "Paper with id DOI:10.5555/nobody not found"},
    )
    wrong = scholar.get(place(ZOO), fields="title,citingPaper.title")
    assert error(wrong) == {"error": "Unrecognized or unsupported fields: [citingPaper.title]"}


# OpenAlex


def work(openalex: Asker, doi: str = ZOO_DOI) -> Any:
    return openalex.json(f"/works/doi:{doi}")


def pages(openalex: Asker, number: str, **query: object) -> Iterator[Any]:
    cursor: str | None = "*"
    query = {"filter": f"cites:{number}", "per_page": 100, "select": SELECT, **query}
    query["api_key"] = SANDBOX_OPENALEX_KEY
    while cursor is not None:
        page = openalex.json("/works", cursor=cursor, **query)
        yield page
        cursor = page["meta"]["next_cursor"]


def citing(openalex: Asker, number: str, **query: object) -> list[Any]:
    return [row for page in pages(openalex, number, **query) for row in page["results"]]


def number_of(row: Any) -> str:
    return str(row["id"]).rpartition("/")[2]


@pytest.mark.parametrize("day", [0, 312, 400])
@pytest.mark.parametrize(
    "doi",
    [
        ZOO_DOI,
        "10.48550/arxiv.1808.01664",
        "10.48550/arxiv.1906.06316",  # takes in a duplicate of its own
        "10.5555/jmr.2016.001",
    ],
)
def test_as_many_works_cite_as_the_count_says(openalex: Asker, doi: str, day: int) -> None:
    to_day(openalex, day)
    found = work(openalex, doi)
    rows = citing(openalex, number_of(found))
    assert len(rows) == found["cited_by_count"]
    assert len({row["id"] for row in rows}) == len(rows)


def test_years_of_works_are_those_of_the_counts_by_year(openalex: Asker) -> None:
    to_day(openalex, 400)
    found = work(openalex)
    years = Counter(row["publication_year"] for row in citing(openalex, number_of(found)))
    assert years.pop(None) == pytest.approx(0.03 * found["cited_by_count"], rel=0.1)
    by_year = {row["year"]: row["cited_by_count"] for row in found["counts_by_year"]}
    assert by_year.keys() == years.keys()
    for year, count in by_year.items():
        assert years[year] == pytest.approx(count, abs=1 + 0.03 * count)


def test_works_come_newest_first_when_asked_to_and_undated_ones_last(openalex: Asker) -> None:
    rows = citing(openalex, number_of(work(openalex)), sort="publication_date:desc")
    days = [row["publication_date"] for row in rows]
    dated = [day for day in days if day]
    assert dated == sorted(dated, reverse=True)
    assert days[len(dated) :] == [None] * (len(days) - len(dated))
    assert len(days) > len(dated)
    plain = citing(openalex, number_of(work(openalex)))
    assert [row["id"] for row in plain] != [row["id"] for row in rows]


def test_only_those_since_a_day(openalex: Asker) -> None:
    number = number_of(work(openalex))
    wanted = f"cites:{number},from_publication_date:2021-01-01"
    rows = citing(openalex, number, filter=wanted)
    every = [row["publication_date"] or "" for row in citing(openalex, number)]
    assert sorted(row["publication_date"] for row in rows) == sorted(
        day for day in every if day >= "2021-01-01"
    )
    bad = openalex.get("/works", filter=f"cites:{number},from_publication_date:soon")
    assert bad.status == 400


def test_nobody_cites_a_work_that_there_is_not(openalex: Asker) -> None:
    (page,) = pages(openalex, "W4999999999")
    assert (page["meta"]["count"], page["results"]) == (0, [])


def test_people_have_ids_or_an_orcid(openalex: Asker) -> None:
    rows = citing(openalex, number_of(work(openalex)))
    people = [a["author"] for row in rows for a in row["authorships"]]
    assert any(person["orcid"] and person["id"] is None for person in people)
    own = {a["author"]["id"] for a in work(openalex)["authorships"]}
    selfs = [row for row in rows if own & {a["author"]["id"] for a in row["authorships"]}]
    assert 0.05 < len(selfs) / len(rows) < 0.15


def test_both_sources_list_some_of_the_same_works(openalex: Asker, scholar: Asker) -> None:
    here = {row["doi"].removeprefix("https://doi.org/") for row in citing(
        openalex, number_of(work(openalex)))}  # fmt: skip
    there = [row["citingPaper"]["externalIds"] or {} for row in citations(scholar, ZOO)]
    both = here & {str(ids.get("DOI")).lower() for ids in there}
    assert len(both) > len(here) / 2


def test_without_a_key_pages_are_counted_and_only_the_first_has_a_cursor(openalex: Asker) -> None:
    query = {"filter": f"cites:{number_of(work(openalex))}", "per_page": 100}
    first = openalex.json("/works", cursor="*", **query)
    refused = openalex.get("/works", cursor=first["meta"]["next_cursor"], **query)
    assert refused.status == 401
    second = openalex.json("/works", page=2, **query)
    assert {row["id"] for row in second["results"]}.isdisjoint(r["id"] for r in first["results"])


def test_a_page_costs_a_credit_and_limits_are_as_everywhere(living_world: World) -> None:
    openalex = Asker(OpenAlex(living_world), DEFAULT_START + 3_600)
    number = number_of(work(openalex))
    page = openalex.get("/works", filter=f"cites:{number}", cursor="*", per_page=100)
    assert header(page, "X-RateLimit-Credits-Used") == "1"
    assert header(page, "X-RateLimit-Remaining") == "999"
    key = {"api_key": SANDBOX_OPENALEX_KEY}
    wrong = {"per_page": 201}, {"cursor": "bogus", **key}, {"page": 101, "per_page": 100}
    for query in wrong:
        assert openalex.get("/works", filter=f"cites:{number}", **query).status == 400
    spent = openalex.get("/works", "budget-spent", filter=f"cites:{number}")
    assert spent.status == 429
