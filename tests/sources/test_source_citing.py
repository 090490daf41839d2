"""Who cites a paper: what only Semantic Scholar does, what only OpenAlex does, and recorded lists."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from citing_kits import S2_SHA, InspireServer, OpenAlexServer, S2Server, oa_work, s2_citation
from kit_openalex import HOST, not_found, spent
from recordings import recordings
from source_world import START, Handler, MemoryGate, Reply, Request, World, json_reply, world
from test_contract_citing import listed, pages_of

from citewatch.domain.citing import CitingWork, Person
from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Failed, Missing, Throttled
from citewatch.ports import Ask, Cited, CitingPage, GateState

pytestmark = pytest.mark.anyio

DAY_S = 86_400
S2, OPENALEX = "semantic_scholar", "openalex"
PREPRINT = Identifier("arxiv", "1706.03762")
SHA = Identifier(S2, S2_SHA)
CITED = Identifier("doi", "10.5555/cited")
WORK = Identifier(OPENALEX, "W2741809807")


def s2(handler: Handler, **more: Any) -> Any:
    return world(S2, handler, secrets=more.pop("secrets", {}), **more)


def openalex(handler: Handler, **more: Any) -> Any:
    return world(OPENALEX, handler, secrets=more.pop("secrets", {}), **more)


async def works_of(w: World, identifier: Identifier, **more: Any) -> list[CitingWork]:
    return [work for page in pages_of(await listed(w, identifier, **more)) for work in page.works]


def lists_in(w: World) -> list[Request]:
    return [r for r in w.server.requests if "/citations" in r.path or "filter" in r.query]


# --- Semantic Scholar --------------------------------------------------------------------


async def test_at_most_9999_are_reached_and_it_is_said() -> None:
    async with s2(S2Server(12_345)) as w:
        pages = pages_of(await listed(w, PREPRINT))
    assert sum(len(page.works) for page in pages) == 9_999
    assert [page.last for page in pages] == [False] * 9 + [True]
    assert {page.cut for page in pages[:-1]} == {""}
    said = "Semantic Scholar lists no more than 9,999 of 12,345 citing works"
    assert (pages[-1].cut, pages[-1].total) == (said, 12_345)
    windows = [(r.query["offset"], r.query["limit"]) for r in lists_in(w)]
    assert windows[-1] == ("9000", "999")


async def test_exactly_9999_are_a_whole_list() -> None:
    async with s2(S2Server(9_999)) as w:
        pages = pages_of(await listed(w, PREPRINT))
    assert (sum(len(page.works) for page in pages), pages[-1].cut) == (9_999, "")


async def test_a_publisher_that_withholds_the_list_is_no_paper_without_citations() -> None:
    async with s2(S2Server(40, withheld=True)) as w:
        (page,) = pages_of(await listed(w, PREPRINT))
    assert (page.works, page.total, page.last) == ((), 40, True)
    assert page.cut == "the publisher withholds who cites this paper"


@pytest.mark.parametrize(
    ("listed_now", "cut"),
    [
        (0, "Semantic Scholar ended its list after 0 of 1,033 works"),
        (990, ""),
        (900, "Semantic Scholar ended its list after 900 of 1,033 works"),
        (1_033, ""),
        (1_040, ""),
    ],
)
async def test_a_list_that_ends_far_from_its_count_is_not_whole(listed_now: int, cut: str) -> None:
    """Pages beyond some place were seen empty, as if there were no more (s2-folks#117)."""
    server = S2Server(listed_now)

    def handler(request: Request) -> Reply:
        if request.path.endswith("/citations"):
            return server(request)
        return json_reply({"paperId": S2_SHA, "citationCount": 1_033, "authors": []})

    async with s2(handler) as w:
        pages = pages_of(await listed(w, PREPRINT))
    assert (pages[-1].last, pages[-1].cut) == (True, cut)


async def test_the_record_that_answered_before_is_asked_first() -> None:
    async with s2(S2Server(3)) as w:
        assert len(await works_of(w, Identifier("arxiv", "2001.00001"), answered=SHA)) == 3
    assert {r.path.split("/")[4] for r in w.server.requests} == {S2_SHA}


@pytest.mark.parametrize("since", ["", "2024-01-01"])
async def test_a_record_that_is_gone_leads_to_the_identifier(since: str) -> None:
    gone = Identifier(S2, "a" * 40)
    async with s2(S2Server(3)) as w:
        assert len(await works_of(w, PREPRINT, answered=gone, since=since)) == 3
    (outcome,) = await _outcomes(s2(S2Server(3)), Identifier("arxiv", "2001.00001"), answered=gone)
    assert outcome == Missing(asked=Identifier("arxiv", "2001.00001"))


async def _outcomes(context: Any, identifier: Identifier, **more: Any) -> list[Any]:
    async with context as w:
        return await listed(w, identifier, **more)


async def test_since_is_asked_for_and_the_paper_itself_is_not() -> None:
    async with s2(S2Server(3)) as w:
        (page,) = pages_of(await listed(w, PREPRINT, since="2024-05-06"))
    (request,) = w.server.requests
    assert request.query["publicationDateOrYear"] == "2024-05-06:"
    assert (page.total, page.cited_authors) == (None, ())
    async with s2(S2Server(3)) as w:
        await listed(w, PREPRINT)
    assert all("publicationDateOrYear" not in request.query for request in w.server.requests)


async def test_a_citing_paper_without_a_name_that_lasts_is_passed_over() -> None:
    rows = [
        s2_citation(1, paperId=None),
        s2_citation(2, paperId=None, corpusId=None, externalIds=None),
        s2_citation(3, paperId=None, corpusId=77, externalIds=None),
        s2_citation(4, paperId="not a sha", corpusId=None, externalIds={"CorpusId": 88}),
        s2_citation(5, paperId="X" * 40, corpusId=-3, externalIds={}),
        {"isInfluential": True, "citingPaper": None},
        None,
    ]
    server = S2Server(7, spoil=lambda _: rows)
    async with s2(server) as w:
        works = await works_of(w, PREPRINT)
    assert [work.record for work in works] == ["CorpusId:1001", "CorpusId:77", "CorpusId:88"]


async def test_what_is_influential_is_said_and_what_is_not_known_is_not() -> None:
    rows = [s2_citation(10), s2_citation(11), {**s2_citation(12), "isInfluential": "yes"}]
    async with s2(S2Server(3, spoil=lambda _: rows)) as w:
        works = await works_of(w, PREPRINT)
    assert [work.influential for work in works] == [True, False, None]


async def test_people_are_known_by_their_numbers_and_ids_are_read() -> None:
    async with s2(S2Server(3)) as w:
        work = (await works_of(w, PREPRINT))[2]
    assert work.authors == (
        Person("Ada Lovelace", "semantic_scholar:12"),
        Person("Émilie du Châtelet"),
    )
    assert work.ids == (Identifier("doi", "10.5555/citing.2"), Identifier(S2, "CorpusId:1002"))


async def test_an_answer_above_ten_megabytes_is_asked_for_in_smaller_pages() -> None:
    server = S2Server(700)

    def handler(request: Request) -> Reply:
        if int(request.query.get("limit", 0)) > 100:
            text = "Response would exceed maximum size of 10 MB"
            return json_reply({"error": text}, 400)
        return server(request)

    async with s2(handler) as w:
        works = await works_of(w, PREPRINT)
    assert len({work.record for work in works}) == len(works) == 700
    limits = [request.query["limit"] for request in lists_in(w)]
    assert limits[:3] == ["1000", "250", "62"]
    assert set(limits[2:]) == {"62"}


@pytest.mark.parametrize("more", [0, -1, 10**30, "5", 5.5, True, 5_000])
async def test_a_list_that_leads_nowhere_ends(more: object) -> None:
    def handler(request: Request) -> Reply:
        if not request.path.endswith("/citations"):
            return json_reply({"paperId": S2_SHA, "citationCount": 5, "authors": []})
        return json_reply({"offset": 0, "next": more, "data": [s2_citation(1)]})

    async with s2(handler) as w:
        (outcome,) = await listed(w, PREPRINT)
    assert isinstance(outcome, Failed)
    assert outcome.reason in ("endless", "shape")


async def test_a_list_that_goes_on_in_ones_comes_to_an_end() -> None:
    def handler(request: Request) -> Reply:
        if not request.path.endswith("/citations"):
            return json_reply({"paperId": S2_SHA, "citationCount": 5, "authors": []})
        offset = int(request.query["offset"])
        return json_reply({"offset": offset, "next": offset + 1, "data": []})

    async with s2(handler) as w:
        *_, last = await listed(w, PREPRINT)
    assert isinstance(last, Failed)
    assert len(w.server.requests) < 1_300


async def test_the_slashes_of_a_doi_stay_and_dots_between_them_are_not_sent() -> None:
    doi = Identifier("doi", "10.1000/a/b?c#d")
    async with s2(S2Server(3)) as w:
        await listed(w, doi)
        assert "/paper/DOI:10.1000/a/b%3Fc%23d?" in w.server.requests[0].line
        sent = len(w.server.requests)
        (outcome,) = await listed(w, Identifier("doi", "10.1000/../../x"))
        assert isinstance(outcome, Failed)
        assert outcome.reason == "bad_id"
        assert len(w.server.requests) == sent


@pytest.mark.parametrize("count", [None, -1, "12", 10**400, 1.5])
async def test_a_count_that_is_none_is_no_total(count: object) -> None:
    def handler(request: Request) -> Reply:
        if request.path.endswith("/citations"):
            return S2Server(2)(request)
        return json_reply({"paperId": S2_SHA, "citationCount": count, "authors": "nobody"})

    async with s2(handler) as w:
        (page,) = pages_of(await listed(w, PREPRINT))
    assert (page.total, page.cited_authors, len(page.works)) == (None, (), 2)


# --- OpenAlex ----------------------------------------------------------------------------


async def test_a_page_is_asked_for_as_documented() -> None:
    async with openalex(OpenAlexServer(3)) as w:
        await listed(w, CITED)
    look_up, request = w.server.requests
    assert look_up.path == "/works/doi:10.5555%2Fcited"
    assert request.query["filter"] == "cites:W2741809807"
    assert request.query["sort"] == "publication_date:desc"
    assert (request.query["page"], request.query["per_page"]) == ("1", "100")
    assert "cursor" not in request.query


KEY = {"api_key": "s3cret-key"}


async def test_with_a_key_cursors_lead_through_everything() -> None:
    async with openalex(OpenAlexServer(10_250), secrets=KEY) as w:
        pages = pages_of(await listed(w, CITED))
    assert len({work.record for page in pages for work in page.works}) == 10_250
    assert pages[-1].cut == ""
    cursors = [request.query["cursor"] for request in lists_in(w)]
    assert cursors[:3] == ["*", "at-100", "at-200"]
    assert not any("page" in request.query for request in lists_in(w))


async def test_without_a_key_10000_are_reached_and_it_is_said() -> None:
    async with openalex(OpenAlexServer(10_250)) as w:
        pages = pages_of(await listed(w, CITED))
    assert len({work.record for page in pages for work in page.works}) == 10_000
    said = "OpenAlex lists no more than 10,000 of 10,250 citing works without a key"
    assert (pages[-1].cut, {page.cut for page in pages[:-1]}) == (said, {""})


async def test_a_key_that_is_refused_leaves_pages_to_be_counted() -> None:
    server = OpenAlexServer(250)

    def handler(request: Request) -> Reply:
        keyed = "authorization" in request.headers
        return json_reply({"error": "Invalid API key"}, 401) if keyed else server(request)

    async with openalex(handler, secrets=KEY) as w:
        assert len(await works_of(w, CITED)) == 250
        assert "cursor" not in lists_in(w)[-1].query


async def test_a_key_that_is_lost_in_the_middle_ends_the_list() -> None:
    server = OpenAlexServer(550)

    def handler(request: Request) -> Reply:
        lost = server.lists >= 2 and "authorization" in request.headers
        return json_reply({"error": "Invalid API key"}, 401) if lost else server(request)

    async with openalex(handler, secrets=KEY) as w:
        *pages, end = await listed(w, CITED)
    assert len(pages) == 2
    assert isinstance(end, Failed)
    assert end.reason in ("key", "refused")


async def test_smaller_pages_are_counted_on_where_the_large_ones_ended() -> None:
    server = OpenAlexServer(250)

    def handler(request: Request) -> Reply:
        page, size = int(request.query.get("page", 1)), int(request.query.get("per_page", 1))
        late = (page - 1) * size >= 100
        return Reply(504) if late and size > 10 else server(request)

    async with openalex(handler) as w:
        works = await works_of(w, CITED)
    assert [work.record for work in works] == [f"W{3_000_000_000 + n}" for n in range(250)]


@pytest.mark.parametrize(
    ("since", "day"),
    [("2024-05-06", "2024-05-06"), ("2024-05", "2024-05-01"), ("2024", "2024-01-01")],
)
async def test_only_what_was_published_since(since: str, day: str) -> None:
    async with openalex(OpenAlexServer(3)) as w:
        await listed(w, CITED, since=since)
    (request,) = lists_in(w)
    assert request.query["filter"] == f"cites:W2741809807,from_publication_date:{day}"


async def test_counts_by_year_come_with_the_first_page() -> None:
    async with openalex(OpenAlexServer(150)) as w:
        first, second = pages_of(await listed(w, CITED))
    assert first.by_year == {2023: 7}
    assert second.by_year is None
    assert (first.total, second.total) == (150, 150)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (None, None),
        ("x", None),
        ([], {}),
        ([{"year": 2023, "cited_by_count": -1}], None),
        ([{"year": "soon", "cited_by_count": 1}], None),
        ([{"year": 2023, "cited_by_count": 1}, {"year": 2023, "cited_by_count": 2}], None),
        ([{"year": 2024, "cited_by_count": 1}, {"year": 2022, "cited_by_count": 2}], {2022: 2, 2024: 1}),
        ([7], None),
    ],
)  # fmt: skip
async def test_counts_by_year_are_whole_or_not_there(said: object, read: object) -> None:
    async with openalex(OpenAlexServer(1, cited={"counts_by_year": said})) as w:
        (page,) = pages_of(await listed(w, CITED))
    assert page.by_year == read


async def test_the_work_that_is_followed_is_the_one_whose_list_it_is() -> None:
    async with openalex(OpenAlexServer(2)) as w:
        await listed(w, Identifier("arxiv", "1706.03762"), answered=WORK)
    assert w.server.requests[0].path == "/works/W2741809807"


async def test_a_work_that_another_took_in_is_found_by_identifier() -> None:
    gone = Identifier(OPENALEX, "W1111111111")
    async with openalex(OpenAlexServer(2)) as w:
        assert len(await works_of(w, CITED, answered=gone)) == 2
    paths = [request.path for request in w.server.requests]
    assert paths[:2] == ["/works/W1111111111", "/works/doi:10.5555%2Fcited"]
    async with openalex(lambda _r: not_found()) as w:
        assert await listed(w, CITED, answered=gone) == [Missing(asked=CITED)]


async def test_a_preprint_without_a_doi_is_found_by_its_page() -> None:
    server = OpenAlexServer(2)

    def handler(request: Request) -> Reply:
        if "landing_page_url" not in request.query.get("filter", ""):
            return server(request)
        page = {"landing_page_url": "http://arxiv.org/abs/1706.03762", "source": None}
        work = {"id": f"{HOST}W2741809807", "cited_by_count": 2, "locations": [page]}
        return json_reply({"meta": {"count": 1}, "results": [work]})

    async with openalex(handler) as w:
        assert len(await works_of(w, PREPRINT)) == 2
        (outcome,) = await listed(w, Identifier("arxiv", "2001.00001"))
    assert outcome == Missing(asked=Identifier("arxiv", "2001.00001"))


async def test_a_work_that_redirects_is_listed_under_its_new_id() -> None:
    server = OpenAlexServer(2)

    def handler(request: Request) -> Reply:
        if request.path == "/works/W1111111111":
            return Reply(301, b"", {"Location": "W2741809807?select=id"}, "text/html")
        return server(request)

    async with openalex(handler) as w:
        assert len(await works_of(w, Identifier(OPENALEX, "W1111111111"))) == 2


async def test_a_list_that_ends_early_says_so() -> None:
    """Half a list must not pass for a whole one: the rest would seem to have disappeared."""

    def handler(request: Request) -> Reply:
        if "filter" not in request.query:
            return OpenAlexServer(40)(request)
        rows = [oa_work(n) for n in range(10)]
        return json_reply({"meta": {"count": 40, "next_cursor": None}, "results": rows})

    async with openalex(handler) as w:
        (page,) = pages_of(await listed(w, CITED))
    assert (page.last, page.cut) == (True, "OpenAlex ended its list after 10 of 40 works")


async def test_rows_that_come_twice_do_not_end_a_list() -> None:
    server = OpenAlexServer(250, spoil=lambda rows: [row for row in rows for _ in range(2)])
    async with openalex(server) as w:
        pages = pages_of(await listed(w, CITED))
    assert len({work.record for page in pages for work in page.works}) == 250
    assert (len(pages), pages[-1].cut) == (3, "")


async def test_a_cursor_after_the_last_page_is_not_followed() -> None:
    def handler(request: Request) -> Reply:
        if "filter" not in request.query:
            return OpenAlexServer(2)(request)
        rows = [oa_work(n) for n in range(2)]
        return json_reply({"meta": {"count": 2, "next_cursor": "more"}, "results": rows})

    async with openalex(handler, secrets=KEY) as w:
        (page,) = pages_of(await listed(w, CITED))
    assert page.last
    assert len(lists_in(w)) == 1


@pytest.mark.parametrize("cursor", ["*", 7, "x" * 5_000, "a\nb", ["at-1"]])
async def test_a_cursor_that_leads_nowhere_ends_the_list(cursor: object) -> None:
    def handler(request: Request) -> Reply:
        if "filter" not in request.query:
            return OpenAlexServer(200)(request)
        meta = {"count": 200, "next_cursor": cursor}
        return json_reply({"meta": meta, "results": [oa_work(1)]})

    async with openalex(handler, secrets=KEY) as w:
        (outcome,) = await listed(w, CITED)
    assert isinstance(outcome, Failed)
    assert outcome.reason in ("endless", "shape")


async def test_people_are_known_by_their_id_or_else_by_their_orcid() -> None:
    people = [
        {"author": {"id": f"{HOST}A5007713390", "orcid": "https://orcid.org/0000-0001-7376-4755"}},
        {"author": {"id": None, "orcid": "https://orcid.org/0000-0001-7376-4755"}},
        {"author": {"id": "https://elsewhere.org/A5", "orcid": "0000-0001"}},
        {"author": None, "raw_author_name": "Nobody"},
    ]
    named = [
        {**p, "author": p["author"] and {**p["author"], "display_name": f"N {n}"}}
        for n, p in enumerate(people)
    ]
    async with openalex(OpenAlexServer(1, spoil=lambda _: [oa_work(1, authorships=named)])) as w:
        (work,) = await works_of(w, CITED)
    assert work.authors == (
        Person("N 0", "openalex:A5007713390"),
        Person("N 1", "orcid:0000-0001-7376-4755"),
        Person("N 2"),
    )


async def test_the_first_of_january_is_a_year() -> None:
    rows = [oa_work(1, publication_date="2023-01-01"), oa_work(2, publication_date="2023-01-02")]
    async with openalex(OpenAlexServer(2, spoil=lambda _: rows)) as w:
        works = await works_of(w, CITED)
    assert [work.published_on for work in works] == ["2023", "2023-01-02"]


async def test_no_page_is_paid_from_the_half_that_is_kept_for_counts() -> None:
    server = OpenAlexServer(5_000, left=503)

    def handler(request: Request) -> Reply:
        if "filter" in request.query:
            assert server.left is not None
            server.left -= 1
        return server(request)

    async with openalex(handler) as w:
        *pages, outcome = await listed(w, CITED)
        assert len(pages) == 3
        assert isinstance(outcome, Throttled)
        assert outcome.until == (int(START) // DAY_S + 1) * DAY_S + 300
        assert "half of the day's credits is kept for counts (500 of 1,000 are left)" in (
            outcome.reason
        )
        sent = len(w.server.requests)
        (again,) = await listed(w, CITED)
        assert isinstance(again, Throttled)
        assert len(w.server.requests) == sent + 1  # the look-up, which is free
        readings = [r async for batch in w.source.fetch([Ask(1, CITED)]) for r in batch]
        assert len(readings) == 1
        assert w.gate.parkings == []
        assert w.gate.state.spent_until is None


async def test_credits_that_were_spent_before_are_not_asked_for() -> None:
    gate = MemoryGate(GateState(spent_until=int(START) + 5_000))
    async with openalex(OpenAlexServer(5), gate=gate) as w:
        (outcome,) = await listed(w, CITED)
        assert isinstance(outcome, Throttled)
        assert outcome.until == int(START) + 5_000
        assert lists_in(w) == []


async def test_a_refusal_for_want_of_credits_is_remembered() -> None:
    server = OpenAlexServer(5)
    async with openalex(lambda r: spent() if "filter" in r.query else server(r)) as w:
        (outcome,) = await listed(w, CITED)
        assert isinstance(outcome, Throttled)
        assert w.gate.state.spent_until == outcome.until


async def test_a_service_that_does_not_say_what_is_left_is_asked_for_a_hundred_pages() -> None:
    async with openalex(OpenAlexServer(20_000, left=None), secrets=KEY) as w:
        *pages, outcome = await listed(w, CITED)
    assert len(pages) == 100
    assert isinstance(outcome, Throttled)


# --- INSPIRE -----------------------------------------------------------------------------


def inspire(handler: Handler) -> Any:
    return world("inspire", handler, secrets={})


async def test_a_list_is_asked_for_by_record_number_the_latest_first() -> None:
    async with inspire(InspireServer(3)) as w:
        await listed(w, PREPRINT)
    first, second = [request.query for request in w.server.requests]
    assert first["q"] == "arxiv:1706.03762"
    assert (second["q"], second["sort"]) == ("refersto:recid:451647", "mostrecent")


async def test_at_most_10000_are_listed_and_it_is_said() -> None:
    async with inspire(InspireServer(12_000)) as w:
        pages = pages_of(await listed(w, PREPRINT))
    works = {work.record for page in pages for work in page.works}
    assert (len(works), len(pages)) == (10_000, 100)
    assert pages[-1].cut == "INSPIRE lists no more than 10,000 of 12,000 citing works"
    assert {page.cut for page in pages[:-1]} == {""}


async def test_smaller_pages_go_on_where_the_large_ones_ended() -> None:
    """Works of collaborations, with thousands of authors each, begin in the middle."""
    server = InspireServer(150)

    def handler(request: Request) -> Reply:
        offset = (int(request.query.get("page", 1)) - 1) * int(request.query["size"])
        too_much = int(request.query["size"]) > (100 if offset < 100 else 10)
        return Reply(502) if too_much else server(request)

    async with inspire(handler) as w:
        works = await works_of(w, PREPRINT)
    assert [work.record for work in works] == [str(500_000 + n) for n in range(150)]


async def test_a_record_that_does_not_bear_the_identifier_is_another_paper() -> None:
    async with inspire(InspireServer(3)) as w:
        (outcome,) = await listed(w, Identifier("doi", "10.1000/another"))
    assert outcome == Missing(asked=Identifier("doi", "10.1000/another"))


async def test_the_record_that_is_followed_is_asked_for_by_its_number() -> None:
    async with inspire(InspireServer(3)) as w:
        works = await works_of(w, CITED, answered=Identifier("inspire", "451647"))
        assert len(works) == 3
        assert works[2].authors[0] == Person("Ada Lovelace", "inspire:1000012")
        (outcome,) = await listed(w, CITED, answered=Identifier("inspire", "7"))
    assert outcome == Missing(asked=CITED)


async def test_a_short_list_of_records_is_not_taken_for_a_whole_one() -> None:
    server = InspireServer(40, spoil=lambda rows: rows[:7])
    async with inspire(server) as w:
        (page,) = pages_of(await listed(w, PREPRINT))
    assert page.cut == "INSPIRE ended its list after 7 of 40 works"


# --- recorded ----------------------------------------------------------------------------


async def test_the_recorded_first_list_is_read(data_dir: Path) -> None:
    (value,) = [
        r.value
        for r in recordings(data_dir, "captured_2026/semanticscholar")
        if r.uri.endswith("/citations") and r.answer.status == 200
    ]

    def handler(request: Request) -> Reply:
        if request.path.endswith("/citations"):
            return json_reply(value)
        return json_reply({"paperId": S2_SHA, "citationCount": 7, "authors": []})

    async with s2(handler) as w:
        (page,) = pages_of(await listed(w, PREPRINT))
    assert [work.published_on[:7] for work in page.works] == [
        "2026-07", "2026-03", "2025-12", "2025-11", "2025-10", "2025-02", "2025-02",
    ]  # fmt: skip
    assert page.works[0].ids == (Identifier("doi", "10.1016/j.jsbmb.2026.107090"),)
    assert (page.last, page.works[0].title, page.works[0].influential) == (True, "", None)


async def test_the_recorded_refusals_are_failures(data_dir: Path) -> None:
    seen = Counter[str]()
    for folder in ("captured_2026/semanticscholar", "semanticscholar"):
        for recording in recordings(data_dir, folder):
            if "/citations" not in recording.uri or recording.answer.status == 200:
                continue
            body, status = recording.answer.body, recording.answer.status
            async with s2(lambda _r, b=body, s=status: Reply(s, b)) as w:
                (outcome,) = await listed(w, PREPRINT, since="2020-01-01")
            assert isinstance(outcome, Failed | Missing)
            seen[outcome.reason if isinstance(outcome, Failed) else "missing"] += 1
    assert seen["http_504"] == 2
    assert seen["http_400"] >= 1


async def test_the_recorded_citations_of_a_paper_are_all_read(data_dir: Path) -> None:
    path = data_dir / "real/semanticscholar/lib_Paper.json.gz"
    if not path.is_file():
        pytest.skip("not recorded here")
    papers = json.loads(gzip.decompress(path.read_bytes()))["citations"]
    rows = [{"isInfluential": False, "citingPaper": paper} for paper in papers]

    def handler(request: Request) -> Reply:
        if request.path.endswith("/citations"):
            return json_reply({"offset": 0, "data": rows})
        return json_reply({"paperId": S2_SHA, "citationCount": 10_059, "authors": []})

    async with s2(handler) as w:
        works = await works_of(w, PREPRINT)
    assert [work.record for work in works] == [paper["paperId"] for paper in papers]
    assert all(work.published_on and work.title for work in works)
    for work, paper in zip(works, papers, strict=True):
        assert work.published_on == (paper["publicationDate"] or str(paper["year"]))
        assert len(work.authors) == len([a for a in paper["authors"] if a["name"]])
        known = [f"{S2}:{a['authorId']}" if a["authorId"] else "" for a in paper["authors"]]
        assert [person.identity for person in work.authors] == known


NETWORKS = ("aido-cell", "cell2sentence", "cellplm", "geneformer", "langcell", "nicheformer",
            "scprint", "state", "transcriptformer", "uce")  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
async def test_recorded_lists_of_citing_works_are_read_whole(data_dir: Path, name: str) -> None:
    path = data_dir / f"real/networks/openalex_citing_{name}.json.gz"
    if not path.is_file():
        pytest.skip("not recorded here")
    kept = json.loads(gzip.decompress(path.read_bytes()))
    rows = [
        {
            "id": HOST + row["id"],
            "doi": row["doi"],
            "ids": {"openalex": HOST + row["id"]},
            "title": row["title"],
            "publication_year": row["year"],
            "publication_date": row["date"],
            "primary_location": {"source": {"display_name": row["venue"], "type": "journal"}},
            "authorships": [{"author": {"id": None, "display_name": row["first_author"]}}],
        }
        for row in kept
    ]
    server = OpenAlexServer(len(rows))
    server.spoil = lambda shown: [
        rows[int(r["id"].rpartition("W")[2]) - 3_000_000_000] for r in shown
    ]
    async with openalex(server) as w:
        works = await works_of(w, CITED)
    assert [work.record for work in works] == [row["id"] for row in kept]
    years = Counter(work.published_on[:4] for work in works)
    assert years == Counter(str(row["year"]) for row in kept)
    whole = [work for work in works if len(work.published_on) == 10]
    assert len(whole) == sum(not row["date"].endswith("-01-01") for row in kept)
    assert not any("<i>" in work.title or "&amp;" in work.title for work in works)


async def test_recorded_works_say_how_often_and_by_whom_they_are_cited(data_dir: Path) -> None:
    seen = 0
    for recording in recordings(data_dir, "openalex"):
        value = recording.value
        if not isinstance(value, dict) or "counts_by_year" not in value:
            continue
        seen += 1

        def handler(request: Request, cited: dict[str, Any] = value) -> Reply:
            if "filter" in request.query:
                return json_reply({"meta": {"count": 0, "next_cursor": None}, "results": []})
            return json_reply(cited)

        async with openalex(handler) as w:
            assert isinstance(w.source, Cited)
            (page,) = [p async for p in w.source.citing(Ask(1, CITED))]
        assert isinstance(page, CitingPage)
        assert page.total == value["cited_by_count"]
        years = {row["year"]: row["cited_by_count"] for row in value["counts_by_year"]}
        assert page.by_year == {year: n for year, n in years.items() if n}
        own = [a["author"]["id"].rpartition("/")[2] for a in value["authorships"]]
        assert [p.identity for p in page.cited_authors] == [f"openalex:{a}" for a in own]
    assert seen >= 3
