"""INSPIRE's own traps: a query language with fallbacks, holes, two counts, a window of 5 s."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit_inspire import RECIDS, answer, asked, hit, listed
from source_world import (
    Reply,
    Request,
    Server,
    World,
    asks_for,
    fetched,
    json_reply,
    searched,
    world,
)

from citewatch.domain.identifiers import Identifier, arxiv_doi, canonical
from citewatch.domain.papers import Failed, Found, Missing, Observed, Outcome, Twin
from citewatch.sources.answers import Answer
from citewatch.sources.inspire_records import (
    FIELDS,
    KNOWN,
    LISTING,
    read_hit,
    term,
    title_query,
)

pytestmark = pytest.mark.anyio

PAPER = "1706.03762"
ASKED = Identifier("arxiv", PAPER)


def given_answer(value: object, status: int = 200) -> Answer:
    return Answer(status, {}, json.dumps(value).encode(), "application/json", "")


async def outcome_of(identifier: Identifier, *hits: object, total: object = None) -> Outcome:
    """What comes of one question when the search gives these hits."""
    async with world("inspire", lambda _r: json_reply(listed(hits, total))) as w:
        return (await fetched(w.source, asks_for([identifier])))[1]


def many(number: int) -> list[Identifier]:
    return [Identifier("arxiv", f"2001.{n:05d}") for n in range(1, number + 1)]


def everything(request: Request) -> Reply:
    hits = [hit(value) for _, value in asked(request.query["q"])]
    return json_reply(listed(hits))


# --- questions -------------------------------------------------------------------------


async def test_numbers_arxiv_ids_and_dois_share_one_query() -> None:
    ids = [
        Identifier("inspire", str(RECIDS[PAPER])),
        Identifier("arxiv", "hep-th/9901001"),
        Identifier("doi", "10.1016/0550-3213(96)00172-1"),
    ]
    async with world("inspire", answer) as w:
        await fetched(w.source, asks_for(ids))
        (request,) = w.server.requests
    assert request.path == "/api/literature"
    assert request.query["q"] == (
        'recid:1000001 or arxiv:hep-th/9901001 or doi:"10.1016/0550-3213(96)00172-1"'
    )
    assert request.query["fields"] == FIELDS


async def test_fifty_go_into_a_request_and_there_is_room_for_all() -> None:
    async with world("inspire", everything) as w:
        outcomes = await fetched(w.source, asks_for(many(120)))
        sent = w.server.requests
    assert {type(o) for o in outcomes.values()} == {Observed}
    assert [len(asked(r.query["q"])) for r in sent] == [50, 50, 20]
    assert all(int(r.query["size"]) >= len(asked(r.query["q"])) for r in sent)
    assert max(len(r.line) for r in sent) < 8_000


async def test_an_address_with_a_path_is_kept() -> None:
    async with Server(answer) as server:
        base = f"{server.url}/mirror/inspire/"
        async with world("inspire", answer, base_url=base) as w:
            await fetched(w.source, asks_for([ASKED]))
            await searched(w.source, "A title")
        assert [r.path for r in server.requests] == ["/mirror/inspire/api/literature"] * 2


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("10.1103/physrevd.1.2", "doi:10.1103/physrevd.1.2"),
        ("10.1000/a:b", 'doi:"10.1000/a:b"'),
        ("10.1002/(sici)1(1998)49:8<693::aid>3.0.co;2-o", None),
        ("10.1000/x*", None),
        ("10.1000/or|and", None),
        ("10.1000/é", None),
        ("10.1000/a'b'c", None),
    ],
)
def test_what_means_something_in_the_language_stands_between_quotes(
    value: str, written: str | None
) -> None:
    assert term(Identifier("doi", value)) == (written or f'doi:"{value}"')


@pytest.mark.parametrize("value", ['10.1000/x"or"recid:1', "10.1000/x\u202e", "10.1000/x\x00"])
def test_what_would_end_the_quotes_is_refused(value: str) -> None:
    assert term(Identifier("doi", value)) is None


@given(st.text(min_size=1, max_size=30))
def test_any_doi_is_one_term_or_none(text: str) -> None:
    identifier = canonical("doi", f"10.1000/{text}")
    if identifier is None or (written := term(identifier)) is None:
        return
    if identifier.scheme == "doi":
        assert asked(f"recid:1 or {written} or recid:2") == [
            ("recid", "1"),
            ("doi", identifier.value),
            ("recid", "2"),
        ]


async def test_a_hostile_doi_fails_alone() -> None:
    ids = [Identifier("doi", '10.1000/a"or"b'), ASKED]
    async with world("inspire", answer) as w:
        outcomes = await fetched(w.source, asks_for(ids))
        assert [r.query["q"] for r in w.server.requests] == [f"arxiv:{PAPER}"]
    bad = outcomes[1]
    assert isinstance(bad, Failed)
    assert bad.reason == "bad_id"
    assert isinstance(outcomes[2], Observed)


# --- whole answers ---------------------------------------------------------------------


async def test_a_list_with_holes_is_incomplete_and_nobody_is_missing() -> None:
    def holes(_request: Request) -> Reply:
        return json_reply(listed([hit(PAPER)], total=2))

    async with world("inspire", holes) as w:
        outcomes = await fetched(w.source, asks_for(many(2)))
    for outcome in outcomes.values():
        assert isinstance(outcome, Failed)
        assert outcome.reason == "incomplete"


async def test_hits_that_nobody_asked_for_answer_nobody() -> None:
    assert await outcome_of(ASKED, hit("2002.00002")) == Missing(asked=ASKED)


@pytest.mark.parametrize(
    "value",
    [
        {"hits": {"hits": [], "total": None}},
        {"hits": {"hits": [], "total": "0"}},
        {"hits": {"hits": [], "total": True}},
        {"hits": {"hits": [], "total": -1}},
        {"hits": {"hits": {}, "total": 0}},
        {"hits": {"total": 0}},
        {"hits": []},
        {"hits": {"hits": [7], "total": 1}},
        {"hits": {"hits": [{"metadata": None}], "total": 1}},
        {"hits": {"hits": [{"metadata": {"citation_count": 3}}], "total": 1}},
        {"hits": {"hits": [{"metadata": {"control_number": "1000001"}}], "total": 1}},
        {"hits": {"hits": [{"metadata": {"control_number": True}}], "total": 1}},
        {"hits": {"hits": [{"metadata": {"control_number": 0}}], "total": 1}},
    ],
)
def test_another_shape_is_a_failure(value: object) -> None:
    read = LISTING.read_records(given_answer(value))
    assert isinstance(read, Failed)
    assert read.reason == "shape"


async def test_a_known_paper_is_asked_for_alone_before_it_is_missing() -> None:
    def forgetful(request: Request) -> Reply:
        # As if a query of several had been understood as free text.
        alone = " or " not in request.query["q"]
        return answer(request) if alone else json_reply(listed([]))

    ids = [ASKED, Identifier("arxiv", "2101.00001"), Identifier("arxiv", "2002.00002")]
    async with world("inspire", forgetful) as w:
        outcomes = await fetched(w.source, asks_for(ids, hint=KNOWN))
        assert len(w.server.requests) == 4
        newcomers = await fetched(w.source, asks_for(ids))
        assert len(w.server.requests) == 5
    assert [type(outcomes[n]) for n in (1, 2, 3)] == [Observed, Missing, Observed]
    assert {type(o) for o in newcomers.values()} == {Missing}


async def test_a_second_look_that_fails_is_a_failure_and_no_miss() -> None:
    def broken(request: Request) -> Reply:
        alone = " or " not in request.query["q"]
        return json_reply({"message": "no"}, 400) if alone else json_reply(listed([]))

    async with world("inspire", broken) as w:
        outcomes = await fetched(w.source, asks_for(many(2), hint=KNOWN))
    assert {getattr(o, "reason", "") for o in outcomes.values()} == {"http_400"}


# --- records ---------------------------------------------------------------------------


@pytest.mark.parametrize("count", [None, -1, 10**8, 10**30, "7", 7.0, True, [7], {"value": 7}])
async def test_a_count_that_is_none_is_no_reading(count: object) -> None:
    outcome = await outcome_of(ASKED, hit(PAPER, count))
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.retry) == ("count", True)


async def test_an_absent_count_is_no_reading() -> None:
    bare = hit(PAPER)
    del bare["metadata"]["citation_count"]  # type: ignore[attr-defined]
    outcome = await outcome_of(ASKED, bare)
    assert isinstance(outcome, Failed)
    assert outcome.reason == "count"


async def test_zero_is_a_reading() -> None:
    outcome = await outcome_of(ASKED, hit(PAPER, 0))
    assert isinstance(outcome, Observed)
    assert (outcome.citation_count, outcome.without_self_count) == (0, 0)


@pytest.mark.parametrize("without", [None, "3", -1, 3.0, True])
async def test_an_unusable_count_without_self_citations_is_unknown(without: object) -> None:
    odd = hit(PAPER, 9, citation_count_without_self_citations=without)
    outcome = await outcome_of(ASKED, odd)
    assert isinstance(outcome, Observed)
    assert (outcome.citation_count, outcome.without_self_count) == (9, None)


async def test_a_record_gives_both_counts_and_its_facts() -> None:
    found = hit(PAPER, 9, citation_count_without_self_citations=6)
    outcome = await outcome_of(ASKED, found)
    assert isinstance(outcome, Observed)
    assert (outcome.asked, outcome.answered) == (ASKED, Identifier("inspire", "1000001"))
    assert (outcome.citation_count, outcome.without_self_count, outcome.hint) == (9, 6, KNOWN)
    facts = outcome.facts
    assert (facts.title, facts.year, facts.published_on) == (f"Paper {PAPER}", 2020, "2019-12-03")
    assert facts.authors == ("Ada Lovelace", "The Analytical Collaboration")
    assert (facts.venue, facts.doi) == ("Journal of Made-Up Results", f"10.5555/journal.{PAPER}")
    assert facts.ids == (ASKED, Identifier("doi", f"10.5555/journal.{PAPER}"))


@pytest.mark.parametrize(
    "identifier",
    [
        Identifier("inspire", "1000001"),
        ASKED,
        arxiv_doi(ASKED),
        Identifier("doi", f"10.5555/journal.{PAPER}"),
    ],
)
async def test_a_record_answers_to_every_name_it_has(identifier: Identifier) -> None:
    outcome = await outcome_of(identifier, hit("2002.00002"), hit(PAPER))
    assert isinstance(outcome, Observed)
    assert (outcome.asked, outcome.answered.value) == (identifier, "1000001")


async def test_two_records_under_one_doi_are_told_apart() -> None:
    doi = [{"value": "10.5555/both"}]
    first, second = hit(PAPER, 9, dois=doi), hit("2002.00002", 2, dois=doi)
    outcome = await outcome_of(Identifier("doi", "10.5555/both"), first, second)
    assert isinstance(outcome, Observed)
    assert (outcome.citation_count, outcome.answered.value) == (9, "1000001")
    assert outcome.twins == (Twin(Identifier("inspire", "1000003"), 2),)


def test_a_preprint_has_the_year_of_its_first_day_and_no_venue() -> None:
    seen = read_hit(hit(PAPER, publication_info=[{}], earliest_date="2019-12", dois=None))
    assert isinstance(seen, Observed)
    facts = seen.facts
    assert (facts.year, facts.published_on, facts.venue, facts.doi) == (2019, None, None, None)


def test_markup_in_titles_is_taken_out() -> None:
    titles = [{"title": "B <sup>0</sup>&amp; <inline-formula>K</inline-formula>"}]
    seen = read_hit(hit(PAPER, titles=titles))
    assert isinstance(seen, Observed)
    assert seen.facts.title == "B 0& K"


# --- titles ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ('Spin 1/2 from "gravity"', 't "Spin 1 2 from gravity"'),
        ("The muon g-2: Feynman's view", 't "The muon g-2 Feynman\'s view"'),
        ('x" or recid:1 or t "', 't "x or recid 1 or t"'),
        ("Über $\\alpha_s$ & (α)", 't "Über alpha s α"'),
        ("...", None),
        ("\x00\ud800", None),
        ("'", None),
    ],
)
def test_a_title_is_a_phrase_of_words(title: str, query: str | None) -> None:
    assert title_query(title) == query


def test_a_long_title_is_cut_between_words() -> None:
    query = title_query("word " * 500)
    assert query is not None
    assert len(query) < 320
    assert query.endswith('word"')


async def test_a_candidate_without_a_count_says_who_it_is() -> None:
    async with world("inspire", lambda _r: json_reply(listed([hit(PAPER, None)], 70))) as w:
        found = (await searched(w.source, "A title"))[1]
    assert isinstance(found, Found)
    assert [(c.citation_count, c.answered.value) for c in found.candidates] == [(None, "1000001")]
    assert found.complete


# --- manners ---------------------------------------------------------------------------


async def busy(w: World, number: int) -> list[float]:
    await fetched(w.source, asks_for(many(number)))
    return [request.at for request in w.server.requests]


async def test_never_more_than_fifteen_leave_within_five_seconds() -> None:
    async with world("inspire", everything, batch_size=1, min_interval_s=None) as w:
        times = await busy(w, 40)
    assert len(times) == 40
    assert min(b - a for a, b in zip(times, times[15:], strict=False)) > 5.0
    assert times[-1] - times[0] <= 1.1 * 39 * 0.5


async def test_after_a_429_nothing_leaves_for_five_seconds() -> None:
    first = iter([Reply(429, b"slow"), Reply(429, b"slow")])
    async with world(
        "inspire", lambda r: next(first, None) or everything(r), min_interval_s=None
    ) as w:
        times = await busy(w, 2)
    assert [b - a >= 5.0 for a, b in pairwise(times)] == [True, True]
    assert w.gate.parkings == []


# --- recorded answers ------------------------------------------------------------------


def recorded(data_dir: Path, name: str) -> Answer:
    path = data_dir / "real/captured_2026/inspire" / name
    if not path.is_file():
        pytest.skip("not recorded here")
    return Answer(200, {}, path.read_bytes(), "application/json", "")


def test_the_recorded_search_is_read(data_dir: Path) -> None:
    records = LISTING.read_records(recorded(data_dir, "literature_search_2021_trimmed.json"))
    assert isinstance(records, list)
    (record,) = records
    doi = Identifier("doi", "10.1016/j.nuclphysa.2021.122138")
    assert record.keys == {Identifier("inspire", "1842768"), doi}
    seen = record.observed
    assert (seen.citation_count, seen.without_self_count) == (0, 0)
    facts = seen.facts
    assert (facts.year, facts.venue, facts.doi) == (2021, "Nucl.Phys.A", doi.value)
    assert facts.title == (
        "Systematics of electric dipole excitations for odd-mass 233−239 U isotopes"
    )


def test_the_recorded_single_record_is_no_search(data_dir: Path) -> None:
    single = recorded(data_dir, "literature_single_2021_trimmed.json")
    for read in (LISTING.read_records(single), LISTING.read_search(single)):
        assert isinstance(read, Failed)
        assert read.reason == "shape"
    # Its metadata are those of a hit.
    seen = read_hit(json.loads(single.body))
    assert isinstance(seen, Observed)
    assert (seen.citation_count, seen.answered.value) == (0, "1842768")


# --- anything at all -------------------------------------------------------------------

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([PAPER, "10.1000/x", "2020-01-01", 1_000_001, 10**400]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
NAMES = (*(name.partition(".")[0] for name in FIELDS.split(",")), "citation_count")
METADATA = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, JSON))
HITS = METADATA.map(lambda m: {"metadata": {"control_number": 7, **m}}) | JSON


@given(st.lists(HITS, max_size=3), st.sampled_from([200, 404]))
def test_any_answer_is_records_or_a_failure(hits: list[Any], status: int) -> None:
    made = given_answer(listed(hits), status)
    records = LISTING.read_records(made)
    found = LISTING.read_search(made)
    assert isinstance(found, Found | Failed)
    if isinstance(records, Failed):
        assert records.reason in ("shape", "not_json")
        return
    for record, raw in zip(records, hits, strict=True):
        count = record.observed.citation_count
        assert count is None or count == raw["metadata"]["citation_count"]
