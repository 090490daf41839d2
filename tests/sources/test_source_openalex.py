"""OpenAlex's own traps: lists that miss, credits, four kinds of 429, merged and hidden works."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit_openalex import CATALOG, KNOWN, Catalog, listed, not_found, spent, work
from source_world import (
    START,
    MemoryGate,
    Reply,
    Request,
    RunningClock,
    asks_for,
    fetched,
    json_reply,
    searched,
    world,
)

from citewatch.domain.identifiers import Identifier, arxiv_doi, canonical
from citewatch.domain.papers import Failed, Found, Missing, Observed, Outcome, Throttled, Twin
from citewatch.ports import Ask, Comparer, GateState, Telling
from citewatch.sources.answers import Answer
from citewatch.sources.openalex_limits import Limit, read_quota, read_refusal
from citewatch.sources.openalex_questions import AUTHORS, FIELDS
from citewatch.sources.openalex_questions import KNOWN as SEEN
from citewatch.sources.openalex_works import Works, read_found, read_list, read_one, read_work

anyio = pytest.mark.anyio
DAY_S = 86_400
MIDNIGHT = (int(START) // DAY_S + 1) * DAY_S
OPEN_AGAIN = MIDNIGHT + 300


def doi(value: str) -> Identifier:
    return Identifier("doi", value)


def arxiv(number: int) -> Identifier:
    return Identifier("arxiv", f"2001.{number:05d}")


def preprint(number: int, count: object = 7, **more: object) -> dict[str, object]:
    """The record of a preprint that has its own DOI."""
    name = f"2001.{number:05d}"
    pages = [f"https://arxiv.org/abs/{name}"]
    return work(3_000_000_000 + number, f"10.48550/arxiv.{name}", count, pages=pages, **more)


def answer(value: object, status: int = 200, **headers: str) -> Answer:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Answer(status, headers, body, "application/json", "")


def read(record: dict[str, object]) -> Observed:
    found = read_work(record)  # type: ignore[arg-type]
    assert found is not None
    return found.observed


def lists(requests: Sequence[Request]) -> list[str]:
    """The filters of all lists that were asked for."""
    return [r.query["filter"] for r in requests if "filter" in r.query]


def singles(requests: Sequence[Request]) -> list[str]:
    """The last part of the path of all single look-ups, as sent."""
    paths = [r.line.split(" ")[1].partition("?")[0] for r in requests]
    return [path.partition("/works/")[2] for path in paths if "/works/" in path]


def counts(outcomes: dict[int, Outcome]) -> list[int | None]:
    return [o.citation_count if isinstance(o, Observed) else None for o in by_series(outcomes)]


def by_series(outcomes: dict[int, Outcome]) -> list[Outcome]:
    return [outcomes[series] for series in sorted(outcomes)]


# --- works -------------------------------------------------------------------------------


@anyio
@pytest.mark.parametrize(
    "count",
    [None, -1, "12", 12.0, 12.5, True, False, [], {}, 10_000_001, 10**30, float("nan"), ""],
)
async def test_what_is_not_a_count_is_a_failure_and_never_a_number(count: object) -> None:
    catalog = Catalog(
        [work(2_000_000_001, "10.5555/good"), work(2_000_000_002, "10.5555/bad", count)]
    )
    async with world("openalex", catalog.answer) as w:
        outcomes = await fetched(w.source, asks_for([doi("10.5555/good"), doi("10.5555/bad")]))
    assert counts(outcomes) == [7, None]
    bad = outcomes[2]
    assert isinstance(bad, Failed)
    assert bad.reason == "count"


@anyio
async def test_a_missing_count_is_a_failure_in_a_list_and_in_a_single_work() -> None:
    record = work(2_000_000_001, "10.5555/a")
    del record["cited_by_count"]
    for ask in (doi("10.5555/a"), doi("10.5555/a,b")):
        async with world(
            "openalex", lambda r: json_reply(listed([record]) if "filter" in r.query else record)
        ) as w:
            outcomes = await fetched(w.source, asks_for([ask]))
        bad = outcomes[1]
        assert isinstance(bad, Failed)
        assert bad.reason == "count"


def test_zero_is_a_count() -> None:
    assert read(work(2_000_000_001, "10.5555/a", 0)).citation_count == 0


def test_a_work_gives_the_facts_that_it_states() -> None:
    record = work(
        2_741_809_807,
        "10.5555/ABC.1",
        title=" <i>E.  coli</i> &amp; <jats:sub>2</jats:sub>\nfriends",
        is_retracted=True,
        pages=["https://doi.org/10.5555/abc.1", "http://arxiv.org/abs/1706.03762v5"],
    )
    ids = record["ids"]
    assert isinstance(ids, dict)
    ids |= {"pmid": "https://pubmed.ncbi.nlm.nih.gov/38799228", "mag": 2_741_809_807}
    observed = read(record)
    assert observed.answered == Identifier("openalex", "W2741809807")
    facts = observed.facts
    assert facts.title == "E. coli & 2 friends"
    assert facts.authors == ("Ada Lovelace", "Émilie du Châtelet")
    assert (facts.year, facts.published_on) == (2020, "2020-01-02")
    assert (facts.venue, facts.doi) == ("Journal of Made-Up Results", "10.5555/abc.1")
    assert facts.retracted is True
    assert [str(i) for i in facts.ids] == [
        "doi:10.5555/abc.1",
        "pubmed:38799228",
        "mag:2741809807",
        "arxiv:1706.03762",
    ]


def test_a_preprint_has_an_arxiv_id_and_no_doi_or_publication() -> None:
    facts = read(preprint(7)).facts
    assert (facts.doi, facts.ids, facts.venue) == (None, (arxiv(7),), "arXiv")


@pytest.mark.parametrize(
    ("source", "venue"),
    [
        ({"display_name": "Nature", "type": "journal"}, "Nature"),
        (
            {"display_name": "bioRxiv (Cold Spring Harbor Laboratory)", "type": "repository"},
            "bioRxiv",
        ),
        ({"display_name": "DSpace@MIT (MIT)", "type": "repository"}, None),
        ({"display_name": "arXiv (Cornell University)"}, "arXiv"),
        ({"display_name": "Journal of Physics (A)", "type": None}, "Journal of Physics (A)"),
        ({"display_name": None}, None),
        ({"display_name": 7}, None),
        (None, None),
        ("Nature", None),
    ],
)
def test_a_repository_is_not_taken_for_a_publication(source: object, venue: str | None) -> None:
    record = work(2_000_000_001, "10.5555/a", primary_location={"source": source})
    assert read(record).facts.venue == venue


def test_what_a_work_does_not_say_stays_unknown() -> None:
    facts = read({"id": "https://openalex.org/W2000000001", "cited_by_count": 3}).facts
    assert (facts.title, facts.authors, facts.year, facts.ids) == (None, (), None, ())
    assert (facts.published_on, facts.venue, facts.doi, facts.retracted) == (None,) * 4


def test_a_work_that_lies_at_two_preprints_names_neither() -> None:
    pages = [f"https://arxiv.org/abs/2001.0000{n}" for n in (1, 2)]
    assert [i.scheme for i in read(work(2_000_000_001, "10.5555/a", pages=pages)).facts.ids] == [
        "doi"
    ]


@pytest.mark.parametrize(
    "odd", ["10.5555/\ud800", "10.5555/\x00a", "10.5555/" + "9" * 600, 7, ["10.5555/a"]]
)
def test_a_doi_that_cannot_be_stored_is_passed_over(odd: object) -> None:
    record = {**work(2_000_000_001), "doi": odd}
    assert read(record).facts.ids == ()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["https://openalex.org/W123456", "https://arxiv.org/abs/2001.00001", -1, 10**400]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
NAMES = (*FIELDS.split(","), "authorships")
WORKS = st.fixed_dictionaries(
    {"id": st.just("https://openalex.org/W123456") | JSON},
    optional={name: JSON for name in NAMES if name != "id"}
    | {"ids": st.dictionaries(st.sampled_from(["doi", "pmid", "mag"]), JSON)}
    | {"locations": st.lists(st.fixed_dictionaries({"landing_page_url": JSON}), max_size=3)},
)


@given(
    JSON
    | st.builds(lambda w, m: {"results": w, "meta": m}, st.lists(WORKS | JSON, max_size=3), JSON)
)
def test_any_list_is_works_or_a_failure(value: object) -> None:
    for by_page in (False, True):
        works = read_list(answer(value), by_page=by_page)
        assert isinstance(works, Works | Failed)
        for record in works.records if isinstance(works, Works) else ():
            assert all(canonical(key.scheme, key.value) == key for key in record.keys)
    assert isinstance(read_found(answer(value)), Found | Failed)
    assert isinstance(read_one(answer(value)), Observed | Failed)


@given(JSON | st.binary(max_size=40), st.sampled_from([200, 404, 429, 503]))
def test_any_refusal_can_be_looked_at(value: object, status: int) -> None:
    refusal = read_refusal(answer(value, status))
    assert refusal is None or (status in (429, 503) and refusal.words.isprintable())


# --- lists -------------------------------------------------------------------------------


def many(number: int, *, width: int = 8) -> list[Identifier]:
    return [doi(f"10.5555/{n:0{width}d}") for n in range(number)]


def catalog_of(ids: Sequence[Identifier]) -> Catalog:
    return Catalog([work(2_000_000_000 + n, i.value, n) for n, i in enumerate(ids)])


@anyio
async def test_a_hundred_dois_are_one_list_in_whatever_order_it_comes() -> None:
    ids = many(250)
    async with world("openalex", catalog_of(ids).answer) as w:
        outcomes = await fetched(w.source, asks_for(ids))
        sizes = [condition.count("|") + 1 for condition in lists(w.server.requests)]
    assert (sorted(sizes), len(w.server.requests)) == ([50, 100, 100], 3)
    assert counts(outcomes) == list(range(250))


@anyio
async def test_lists_of_long_dois_stay_within_the_request_line() -> None:
    ids = many(150, width=200)
    async with world("openalex", catalog_of(ids).answer) as w:
        outcomes = await fetched(w.source, asks_for(ids))
        assert max(len(r.line) for r in w.server.requests) <= 8_190
        # One that is sure to be shorter would be a waste: most of a line is used.
        assert len(w.server.requests) == 5
    assert counts(outcomes) == list(range(150))


@anyio
async def test_a_preprint_is_asked_by_its_doi_once_for_both_its_names() -> None:
    async with world("openalex", Catalog([preprint(1), preprint(2, 9)]).answer) as w:
        outcomes = await fetched(w.source, asks_for([arxiv(1), arxiv_doi(arxiv(1)), arxiv(2)]))
        asked = lists(w.server.requests)
    assert asked == ["doi:10.48550/arxiv.2001.00001|10.48550/arxiv.2001.00002"]
    assert counts(outcomes) == [7, 7, 9]
    assert [o.asked for o in by_series(outcomes) if isinstance(o, Observed)] == [
        arxiv(1),
        arxiv_doi(arxiv(1)),
        arxiv(2),
    ]


@anyio
async def test_every_scheme_has_its_own_filter() -> None:
    record = work(2_000_000_001, "10.5555/a", 4)
    record["ids"] |= {"pmid": "https://pubmed.ncbi.nlm.nih.gov/12", "mag": "34"}  # type: ignore[operator]
    ids = [
        Identifier("openalex", "W2000000001"),
        Identifier("pubmed", "12"),
        Identifier("mag", "34"),
    ]
    async with world("openalex", Catalog([record]).answer) as w:
        outcomes = await fetched(w.source, asks_for([*ids, doi("10.5555/a")]))
        asked = sorted(lists(w.server.requests))
    assert asked == ["doi:10.5555/a", "mag:34", "openalex:W2000000001", "pmid:12"]
    assert counts(outcomes) == [4] * 4


@anyio
async def test_only_what_is_used_is_asked_for_and_authors_only_once() -> None:
    ids = [doi(value) for value in KNOWN]
    async with world("openalex", CATALOG.answer) as w:
        first = await fetched(w.source, asks_for(ids))
        seen = first[1]
        assert isinstance(seen, Observed)
        again = await fetched(w.source, asks_for(ids, seen.hint))
        partly = [Ask(1, ids[0], SEEN), Ask(2, ids[1])]
        await fetched(w.source, partly)
        selected = [r.query["select"] for r in w.server.requests]
        pages = {r.query["per_page"] for r in w.server.requests}
    assert selected == [FIELDS + AUTHORS, FIELDS, FIELDS + AUTHORS]
    assert pages == {"100"}
    same = again[1]
    assert isinstance(same, Observed)
    assert (same.hint, same.facts.authors, seen.facts.authors[0]) == (SEEN, (), "Ada Lovelace")


@anyio
async def test_a_doi_that_would_break_the_filter_is_looked_up_singly() -> None:
    odd = [doi("10.5555/a,b"), doi("10.5555/a|b")]
    catalog = Catalog(
        [work(2_000_000_001 + n, i.value, n) for n, i in enumerate([*odd, doi("10.5555/c")])]
    )
    async with world("openalex", catalog.answer) as w:
        outcomes = await fetched(w.source, asks_for([*odd, doi("10.5555/c")]))
        assert lists(w.server.requests) == ["doi:10.5555/c"]
        assert sorted(singles(w.server.requests)) == ["doi:10.5555%2Fa%2Cb", "doi:10.5555%2Fa%7Cb"]
    assert counts(outcomes) == [0, 1, 2]


@anyio
async def test_two_works_with_one_doi_are_a_reading_and_a_twin() -> None:
    works = [work(2_000_000_001, "10.5555/a", 5), work(2_000_000_002, "10.5555/a", 50)]
    async with world("openalex", lambda _r: json_reply(listed(works))) as w:
        outcomes = await fetched(w.source, asks_for([doi("10.5555/a")]))
    seen = outcomes[1]
    assert isinstance(seen, Observed)
    assert (seen.answered.value, seen.citation_count) == ("W2000000001", 5)
    assert seen.twins == (Twin(Identifier("openalex", "W2000000002"), 50),)


@anyio
async def test_a_work_does_not_answer_to_a_preprint_that_only_lies_beside_it() -> None:
    published = work(2_000_000_001, "10.5555/a", 50, pages=["https://arxiv.org/abs/2001.00001"])
    catalog = Catalog([published, preprint(1, 3)])
    async with world("openalex", catalog.answer) as w:
        outcomes = await fetched(w.source, asks_for([doi("10.5555/a"), arxiv(1)]))
    assert counts(outcomes) == [50, 3]


@anyio
async def test_something_that_is_no_work_costs_only_itself() -> None:
    good = work(2_000_000_001, "10.5555/a", 5)

    def handler(request: Request) -> Reply:
        return (
            json_reply(listed([7, {"id": None}, good]))
            if "filter" in request.query
            else not_found()
        )

    async with world("openalex", handler) as w:
        outcomes = await fetched(w.source, asks_for([doi("10.5555/a"), doi("10.5555/b")]))
    assert counts(outcomes) == [5, None]
    assert outcomes[2] == Missing(asked=doi("10.5555/b"))


@anyio
@pytest.mark.parametrize("path", ["", "/openalex", "/mirror/of/it/"])
async def test_it_works_at_any_address(path: str) -> None:
    ids = [doi("10.5555/alpha.2017.1"), doi("10.5555/nobody")]
    async with world("openalex", CATALOG.answer) as other:
        base = other.server.url + path
        async with world("openalex", CATALOG.answer, base_url=base) as w:
            await fetched(w.source, asks_for(ids))
        lines = [r.line.split(" ")[1].partition("?")[0] for r in other.server.requests]
    prefix = path.rstrip("/")
    assert lines == [f"{prefix}/works", f"{prefix}/works/doi:10.5555%2Fnobody"]


# --- what a list misses ------------------------------------------------------------------


@anyio
async def test_works_that_lists_hide_are_looked_up_singly() -> None:
    hidden = work(2_000_000_009, "10.5555/h(1)/<x>;2-#", 8)
    catalog = Catalog([work(2_000_000_001, "10.5555/a", 5)], hidden=[hidden])
    ids = [doi("10.5555/a"), doi("10.5555/h(1)/<x>;2-#"), doi("10.5555/unknown")]
    async with world("openalex", catalog.answer) as w:
        outcomes = await fetched(w.source, asks_for(ids))
        asked = singles(w.server.requests)
        assert len(w.server.requests) == 3
    assert sorted(asked) == sorted(f"doi:{quote(i.value, safe='')}" for i in ids[1:])
    assert counts(outcomes) == [5, 8, None]
    assert outcomes[3] == Missing(asked=ids[2])


@anyio
async def test_a_miss_that_was_only_asked_along_costs_no_request() -> None:
    asks = [Ask(1, doi("10.5555/alpha.2017.1")), Ask(2, doi("10.5555/nobody"), casual=True)]
    asks.append(Ask(3, arxiv(9), casual=True))
    async with world("openalex", CATALOG.answer) as w:
        outcomes = await fetched(w.source, asks)
        assert len(w.server.requests) == 1
    assert [type(o) for o in by_series(outcomes)] == [Observed, Missing, Missing]


@anyio
async def test_the_look_up_of_a_file_name_is_not_paid_for() -> None:
    ids = [doi("10.5555/paper.pdf"), doi("10.5555/paper,2.pdf")]
    async with world("openalex", CATALOG.answer) as w:
        outcomes = await fetched(w.source, asks_for(ids))
        assert singles(w.server.requests) == []
    assert [type(o) for o in by_series(outcomes)] == [Missing, Failed]


@anyio
async def test_preprints_without_a_doi_are_found_by_their_pages_in_one_list() -> None:
    works = [
        work(2_000_000_000 + n, f"10.5555/{n}", n, pages=[f"{scheme}://arxiv.org/abs/2001.{n:05d}"])
        for n, scheme in ((1, "http"), (2, "https"))
    ]
    async with world("openalex", Catalog(works).answer) as w:
        outcomes = await fetched(w.source, asks_for([arxiv(1), arxiv(2), arxiv(3), arxiv(1)]))
        asked = lists(w.server.requests)
        assert len(singles(w.server.requests)) == 3
    assert len(asked) == 2
    assert asked[1].startswith("locations.landing_page_url:https://arxiv.org/abs/2001.00001|http:")
    assert asked[1].count("|") == 5
    assert counts(outcomes) == [1, 2, None, 1]
    first = outcomes[1]
    assert isinstance(first, Observed)
    assert first.asked == first.answered == Identifier("openalex", "W2000000001")
    assert outcomes[3] == Missing(asked=arxiv(3))


@anyio
async def test_hundreds_of_lost_preprints_are_a_few_lists_within_the_line() -> None:
    ids = [arxiv(n) for n in range(1, 121)]
    async with world("openalex", Catalog([]).answer) as w:
        outcomes = await fetched(w.source, asks_for(ids))
        by_page = [c for c in lists(w.server.requests) if c.startswith("locations")]
        assert max(len(r.line) for r in w.server.requests) <= 8_190
    assert len(by_page) == 3
    assert set(by_series(outcomes)) == {Missing(asked=i) for i in ids}


@anyio
@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (json_reply(listed([], count=140)), "incomplete"),
        (Reply(200, b"<html>", content_type="text/html"), "not_json"),
        (json_reply({"error": "Invalid query parameters error."}, 400), "http_400"),
    ],
)
async def test_a_list_of_pages_that_fails_does_not_make_a_preprint_missing(
    reply: Reply, reason: str
) -> None:
    def handler(request: Request) -> Reply:
        if "/works/" in request.path:
            return not_found()
        return reply if "landing" in request.query["filter"] else json_reply(listed([]))

    async with world("openalex", handler) as w:
        outcomes = await fetched(w.source, asks_for([arxiv(1)]))
    failed = outcomes[1]
    assert isinstance(failed, Failed)
    assert failed.reason == reason


@anyio
async def test_a_merged_work_is_answered_under_its_new_id() -> None:
    def handler(request: Request) -> Reply:
        if request.path.endswith("/works/W2000000001"):
            query = request.line.split(" ")[1].partition("?")[2]
            return Reply(301, b"", {"Location": f"/works/W2000000002?{query}"})
        return Catalog([work(2_000_000_002, "10.5555/a", 9)]).answer(request)

    asked = Identifier("openalex", "W2000000001")
    async with world("openalex", handler) as w:
        outcomes = await fetched(w.source, asks_for([asked]))
        assert len(w.server.requests) == 3
    seen = outcomes[1]
    assert isinstance(seen, Observed)
    assert (seen.asked, seen.answered.value, seen.citation_count) == (asked, "W2000000002", 9)


@anyio
async def test_a_deleted_work_is_missing() -> None:
    asked = Identifier("openalex", "W2999999999")
    async with world("openalex", CATALOG.answer) as w:
        outcomes = await fetched(w.source, asks_for([asked]))
    assert outcomes[1] == Missing(asked=asked)


# --- refused and oversized lists -----------------------------------------------------------

BAD_REQUEST = {"error": "Invalid query parameters error.", "message": "not valid"}


@anyio
async def test_one_value_that_is_refused_costs_the_others_nothing() -> None:
    ids = many(32)

    def handler(request: Request) -> Reply:
        if ids[13].value in request.query.get("filter", ""):
            return json_reply(BAD_REQUEST, 400)
        return catalog_of(ids).answer(request)

    async with world("openalex", handler) as w:
        outcomes = await fetched(w.source, asks_for(ids))
        assert singles(w.server.requests) == [f"doi:{quote(ids[13].value, safe='')}"]
        assert len(w.server.requests) == 12  # the list, 2 x log2(32), one look-up
    assert counts(outcomes) == list(range(32))


@anyio
@pytest.mark.parametrize("scheme", ["pubmed", "mag"])
async def test_lists_by_other_ids_that_are_refused_become_look_ups(scheme: str) -> None:
    name = {"pubmed": "pmid"}.get(scheme, scheme)
    works = [work(2_000_000_000 + n, None, n) for n in (1, 2, 3)]
    for n, record in enumerate(works, 1):
        record["ids"] |= {name: str(n)}  # type: ignore[operator]

    def handler(request: Request) -> Reply:
        refused = request.query.get("filter", "").startswith(name)
        return json_reply(BAD_REQUEST, 400) if refused else Catalog(works).answer(request)

    ids = [Identifier(scheme, str(n)) for n in (1, 2, 3)]
    async with world("openalex", handler) as w:
        outcomes = await fetched(w.source, asks_for(ids))
        assert sorted(singles(w.server.requests)) == [f"{name}:{n}" for n in (1, 2, 3)]
    assert counts(outcomes) == [1, 2, 3]


@anyio
@pytest.mark.parametrize("trouble", ["too large", "too slow"])
async def test_a_list_that_is_too_much_is_asked_for_in_halves(trouble: str) -> None:
    ids = many(8)
    large = Reply(200, b" " * 20_000_001)
    slow = json_reply({"error": "Gateway timeout", "reason": "query_timeout"}, 504)

    def handler(request: Request) -> Reply:
        if request.query["filter"].count("|") > 3:
            return large if trouble == "too large" else slow
        return catalog_of(ids).answer(request)

    async with world("openalex", handler) as w:
        outcomes = await fetched(w.source, asks_for(ids))
        assert len(w.server.requests) == 3
    assert counts(outcomes) == list(range(8))


# --- limits --------------------------------------------------------------------------------


def costs(request: Request) -> bool:
    return "filter" in request.query


def without_credits(catalog: Catalog, lists_left: int = 0) -> Callable[[Request], Reply]:
    """Answers so many lists, then none."""
    left = iter(range(lists_left))

    def handler(request: Request) -> Reply:
        if costs(request) and next(left, None) is None:
            return spent()
        return catalog.answer(request)

    return handler


@anyio
async def test_spent_credits_are_remembered_and_papers_looked_up_one_by_one() -> None:
    ids = many(300)
    async with world("openalex", without_credits(catalog_of(ids), lists_left=1)) as w:
        outcomes = await fetched(w.source, asks_for(ids))
        looked_up = len(singles(w.server.requests))
        sent = len(w.server.requests)
        titles = await searched(w.source, "A title")
        assert len(w.server.requests) == sent
        assert isinstance(w.source, Telling)
        (note,) = w.source.notes
    assert w.gate.state.spent_until == OPEN_AGAIN
    assert w.gate.parkings == []
    assert (looked_up, w.clock.sleeps) == (200, [])
    assert counts(outcomes) == list(range(300))
    assert isinstance(titles[1], Throttled)
    assert "200 looked up one by one" in note
    assert "a free key has ten times as many" in note


@anyio
async def test_beyond_200_look_ups_papers_wait_for_new_credits() -> None:
    ids = many(450)
    async with world("openalex", without_credits(catalog_of(ids))) as w:
        outcomes = await fetched(w.source, asks_for(ids))
        more = await fetched(w.source, asks_for([doi("10.5555/alpha.2017.1")]))
        assert len(singles(w.server.requests)) == 200
    waiting = [o for o in (*outcomes.values(), *more.values()) if isinstance(o, Throttled)]
    assert len(waiting) == 251
    assert {o.until for o in waiting} == {OPEN_AGAIN}
    assert "credits are spent" in waiting[0].reason
    assert f"{START:.0f}" not in waiting[0].reason
    assert "00:05 UTC" in waiting[0].reason


@anyio
async def test_a_pass_that_begins_without_credits_asks_for_no_list() -> None:
    gate = MemoryGate(GateState(spent_until=OPEN_AGAIN))
    asks = [*asks_for([doi(value) for value in KNOWN]), Ask(9, doi("10.5555/nobody"), casual=True)]
    async with world("openalex", CATALOG.answer, gate=gate) as w:
        outcomes = await fetched(w.source, asks)
        assert isinstance(w.source, Comparer)
        assert w.source.spare(asks) == 0
        assert lists(w.server.requests) == []
        assert len(w.server.requests) == 3
    assert counts(outcomes) == [900, 0, 12, None]
    assert isinstance(outcomes[9], Throttled)


@anyio
async def test_when_there_are_new_credits_lists_are_asked_for_again() -> None:
    clock = RunningClock()
    gate = MemoryGate(GateState(spent_until=OPEN_AGAIN))
    async with world("openalex", CATALOG.answer, gate=gate, clock=clock) as w:
        await fetched(w.source, asks_for([doi("10.5555/alpha.2017.1")]))
        clock.now = OPEN_AGAIN - START
        outcomes = await fetched(w.source, asks_for([doi("10.5555/gamma.2021.3")]))
        assert lists(w.server.requests) == ["doi:10.5555/gamma.2021.3"]
    assert counts(outcomes) == [12]


@anyio
async def test_a_preprint_is_not_missing_while_its_page_cannot_be_asked_for() -> None:
    async with world("openalex", without_credits(Catalog([]))) as w:
        outcomes = await fetched(w.source, asks_for([arxiv(1), doi("10.5555/a")]))
    waiting = outcomes[1]
    assert isinstance(waiting, Throttled)
    assert waiting.until == OPEN_AGAIN
    assert outcomes[2] == Missing(asked=doi("10.5555/a"))


PER_SECOND = json_reply(
    {
        "error": "Rate limit exceeded",
        "message": "Rate limit exceeded: 10 requests per second. Please slow down.",
        "retryAfter": 0.1,
        "creditsRequired": 1,
        "creditsRemaining": 900,
    },
    429,
    **{"Retry-After": "0.1"},
)


@anyio
async def test_too_many_requests_in_a_second_are_waited_out() -> None:
    first = iter([PER_SECOND] * 2)
    async with world("openalex", lambda r: next(first, None) or CATALOG.answer(r)) as w:
        outcomes = await fetched(w.source, asks_for([doi("10.5555/alpha.2017.1")]))
    assert counts(outcomes) == [900]
    assert 2 <= w.clock.now <= 4
    assert (w.gate.parkings, w.gate.state.spent_until) == ([], None)


@anyio
async def test_what_needs_a_paid_plan_is_not_asked_again() -> None:
    body = {"error": "Plan upgrade required", "message": "This filter needs another plan."}
    async with world("openalex", lambda _r: json_reply(body, 429, **{"Retry-After": "3600"})) as w:
        outcomes = await fetched(w.source, asks_for([doi(value) for value in KNOWN]))
        assert len(w.server.requests) == 1
    assert {(o.reason, o.retry) for o in outcomes.values() if isinstance(o, Failed)} == {
        ("plan", False)
    }
    assert len(outcomes) == 3
    assert (w.gate.parkings, w.clock.sleeps) == ([], [])


ANONYMOUS = {"error": "Anonymous search is unavailable", "message": "Use an API key."}
UNAVAILABLE = {"error": "Search temporarily unavailable", "message": "Busy."}


@anyio
@pytest.mark.parametrize(
    "refusal",
    [
        json_reply(ANONYMOUS, 429, **{"Retry-After": "7200"}),
        json_reply(UNAVAILABLE, 503),
        spent(cost=10, left=3),
    ],
)
async def test_searches_that_are_refused_stop_searches_and_nothing_else(refusal: Reply) -> None:
    def handler(request: Request) -> Reply:
        searching = request.query.get("filter", "").startswith("title.search")
        return refusal if searching else CATALOG.answer(request)

    async with world("openalex", handler) as w:
        titles = await searched(w.source, "One title", "Another title")
        # Two may have left before the first answer came; then no more.
        sent = len(w.server.requests)
        more = await searched(w.source, "A third title")
        assert len(w.server.requests) == sent
        outcomes = await fetched(w.source, asks_for([doi(value) for value in KNOWN]))
    assert {type(o) for o in (*titles.values(), *more.values())} == {Throttled}
    assert counts(outcomes) == [900, 0, 12]
    assert (w.gate.parkings, w.gate.state.spent_until, w.clock.sleeps) == ([], None, [])


@pytest.mark.parametrize(
    ("status", "body", "limit"),
    [
        (429, {"message": "Rate limit exceeded: 10 requests per second."}, Limit.PACE),
        (429, {"message": "Insufficient credits. This request requires 1 credits."}, Limit.CREDITS),
        (
            429,
            {"message": "New words.", "creditsRequired": 1, "creditsRemaining": 0},
            Limit.CREDITS,
        ),
        (429, {"message": "New words.", "creditsRequired": True, "creditsRemaining": False}, None),
        (429, {"error": "Plan upgrade required"}, Limit.PLAN),
        (429, {"error": "Too many"}, None),
        (503, {"error": "Search temporarily unavailable"}, Limit.SEARCH),
        (503, {"message": "Insufficient budget"}, None),
        (500, {"error": "Search temporarily unavailable"}, None),
        (429, ["Insufficient budget"], None),
    ],
)
def test_refusals_are_told_apart_by_what_they_say(
    status: int, body: object, limit: Limit | None
) -> None:
    refusal = read_refusal(answer(body, status))
    assert (refusal.limit if refusal else None) == limit


def test_the_quota_is_read_from_the_headers() -> None:
    headers = {
        "x-ratelimit-remaining": "987",
        "x-ratelimit-limit": "1000",
        "x-ratelimit-reset": "3600",
    }
    quota = read_quota(headers, START)
    assert quota is not None
    assert (quota.left, quota.of, quota.unit, quota.resets_at) == (
        987,
        1000,
        "credits",
        START + 3600,
    )


@pytest.mark.parametrize("left", ["", "-1", "many", "nan", "inf", "1e9", "٣", "9" * 40])
def test_a_senseless_quota_is_none(left: str) -> None:
    assert read_quota({"x-ratelimit-remaining": left}, START) is None


def test_a_reset_that_is_no_number_of_seconds_in_a_day_is_passed_over() -> None:
    for reset in ("1770000000", "soon", "-3"):
        quota = read_quota({"x-ratelimit-remaining": "5", "x-ratelimit-reset": reset}, START)
        assert quota is not None
        assert (quota.resets_at, quota.of) == (None, None)


@anyio
async def test_the_quota_is_that_of_the_last_answer() -> None:
    left = iter(range(999, 0, -1))

    def handler(request: Request) -> Reply:
        plain = CATALOG.answer(request)
        headers = {"X-RateLimit-Remaining": str(next(left)), "X-RateLimit-Limit": "1000"}
        return Reply(plain.status, plain.body, headers, plain.content_type)

    async with world("openalex", handler) as w:
        assert isinstance(w.source, Telling)
        assert w.source.quota is None
        await fetched(w.source, asks_for([doi(value) for value in KNOWN]))
        await fetched(w.source, asks_for([doi("10.5555/nobody")]))
        quota = w.source.quota
    assert quota is not None
    assert (quota.left, quota.of) == (997, 1000)


# --- the key -------------------------------------------------------------------------------


@anyio
async def test_the_key_goes_into_a_header_and_never_into_the_address() -> None:
    secrets = {"api_key": " k3y-s3cret "}
    async with world("openalex", CATALOG.answer, secrets=secrets) as w:
        await fetched(w.source, asks_for([doi("10.5555/nobody")]))
        await searched(w.source, "A title")
        assert isinstance(w.source, Telling)
        assert w.source.key_state == "accepted"
    assert {r.headers["authorization"] for r in w.server.requests} == {"Bearer k3y-s3cret"}
    assert [r.line for r in w.server.requests if "k3y" in r.line or "api_key" in r.line] == []


@anyio
@pytest.mark.parametrize("secret", ["", "   ", "\t\n"])
async def test_a_blank_key_is_not_sent(secret: str) -> None:
    async with world("openalex", CATALOG.answer, secrets={"api_key": secret}) as w:
        await fetched(w.source, asks_for([doi("10.5555/alpha.2017.1")]))
    assert "authorization" not in w.server.requests[0].headers


@anyio
async def test_a_key_that_is_refused_twice_is_set_aside() -> None:
    def handler(request: Request) -> Reply:
        if "authorization" in request.headers:
            return json_reply({"error": "Invalid or missing API key"}, 401)
        return CATALOG.answer(request)

    async with world("openalex", handler, secrets={"api_key": "wrong-key"}) as w:
        outcomes = await fetched(w.source, asks_for([doi(value) for value in KNOWN]))
        assert isinstance(w.source, Telling)
        assert (w.source.key_state, len(w.source.notes)) == ("refused", 1)
        assert len(w.server.requests) == 3
    assert counts(outcomes) == [900, 0, 12]


# --- titles --------------------------------------------------------------------------------


@anyio
@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("PaperQA: Retrieval-Augmented Generation", "PaperQA Retrieval-Augmented Generation"),
        ('A | B, "C" (D): *E* ~F? !G - H', "A B C D E F G H"),
        ("TO BE OR NOT TO BE AND SO ON", "TO BE or not TO BE and SO ON"),
        ("Don’t panic: 'quoted' -minus", "Don’t panic quoted minus"),
        ("हिन्दी में शोध", "हिन्दी में शोध"),
        ("x " * 400, ("x " * 150).strip()),
    ],
)
async def test_a_title_is_searched_for_without_marks_that_mean_something(
    title: str, words: str
) -> None:
    async with world("openalex", CATALOG.answer) as w:
        await searched(w.source, title)
        (request,) = w.server.requests
    assert request.query["filter"] == f"title.search:{words}"
    assert (request.query["per_page"], request.query["select"]) == ("5", FIELDS + AUTHORS)


@anyio
async def test_a_title_without_a_word_is_not_searched_for() -> None:
    async with world("openalex", CATALOG.answer) as w:
        assert await searched(w.source, "…?!", " - ") == {n: Found(candidates=()) for n in (1, 2)}
        assert w.server.requests == []


@anyio
async def test_candidates_are_complete_and_count() -> None:
    async with world("openalex", CATALOG.answer) as w:
        found = (await searched(w.source, "paper 10 5555 alpha 2017 1"))[1]
    assert isinstance(found, Found)
    (candidate,) = found.candidates
    assert (candidate.citation_count, found.complete) == (900, True)
    assert candidate.asked == candidate.answered
    assert candidate.facts.authors[0] == "Ada Lovelace"


# --- recorded answers ------------------------------------------------------------------------


def parse_recording(status: int, content_type: str, body: bytes, url: str) -> str:
    """What becomes of a recorded answer: "observed", "works", or the reason of a failure."""
    recorded = Answer(status, {}, body, content_type, url)
    if status != 200:
        refusal = read_refusal(recorded)
        return "missing" if status == 404 else refusal.limit if refusal else f"http_{status}"
    parsed = read_one(recorded) if "/works/" in url else read_list(recorded)
    if isinstance(parsed, Works):
        return (
            "works"
            if all(r.observed.citation_count is not None for r in parsed.records)
            else "count"
        )
    if isinstance(parsed, Failed):
        return parsed.reason
    return "observed" if parsed.citation_count is not None else "count"


def recordings(data_dir: Path) -> Iterator[tuple[str, int, str, bytes, str]]:
    """(file, status, content type, body, address) of everything recorded of OpenAlex."""
    folders = ("openalex", "captured_2026/openalex")
    answers = [p for f in folders for p in sorted((data_dir / "real" / f).rglob("*.json*"))]
    if not answers:
        pytest.skip("none of these recordings are here")
    for path in answers:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        value = json.loads(raw)
        if isinstance(value, dict) and "response" in value:
            response = value["response"]
            kind = response["headers"].get("content-type", "")
            body = (response["body_text"] or "").encode()
            yield path.name, response["status"], kind, body, value["request"]["uri"]
        else:  # what somebody made out of answers
            yield path.name, 200, "application/json", raw, "/works"


def test_every_recorded_answer_is_a_value_or_a_named_failure(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = Counter(parse_recording(*rest) for _, *rest in recordings(data_dir))
    with capsys.disabled():
        print(f"\nOpenAlex recordings: {dict(sorted(ended.items()))}", end=" ")  # noqa: T201
    assert ended["works"] >= 12
    assert ended["observed"] >= 7
    assert set(ended) <= {"works", "observed", "shape"}


def test_recorded_works_keep_the_counts_that_they_state(data_dir: Path) -> None:
    seen = 0
    for name, _, _kind, body, _url in recordings(data_dir):
        if not name.startswith("paperqa"):
            continue
        value = json.loads(body)
        for record in value.get("results", [value]):
            found = read_work(record)
            if found is None:
                continue
            seen += 1
            observed = found.observed
            assert observed.citation_count == record["cited_by_count"], name
            assert observed.answered.value == record["id"].rpartition("/")[2], name
            assert observed.facts.title, name
            assert observed.facts.authors or not record["authorships"], name
            own = canonical("doi", record["doi"])
            assert own in observed.facts.ids, name
            assert own in found.keys, name
    assert seen >= 20


def test_the_recorded_split_of_one_paper_is_two_works(data_dir: Path) -> None:
    folder = data_dir / "real/openalex"
    name = "paperqa_200_works_filter_title_search_Augmenting_large_language_models_w_2e24dd_2025-09-11.json"
    if not (folder / name).is_file():
        pytest.skip("not recorded here")
    body = json.loads((folder / name).read_bytes())["response"]["body_text"]
    found = read_found(answer(body.encode()))
    assert isinstance(found, Found)
    assert [(c.answered.value, c.citation_count, c.facts.venue) for c in found.candidates] == [
        ("W4396723768", 236, "Nature Machine Intelligence"),
        ("W4365597205", 106, "arXiv"),
    ]
    assert [str(i) for c in found.candidates for i in c.facts.ids] == [
        "doi:10.1038/s42256-024-00832-8",
        "pubmed:38799228",
        "arxiv:2304.05376",
    ]
