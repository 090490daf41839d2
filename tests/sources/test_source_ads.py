"""NASA ADS's own traps: a token, a short query line, a day's allowance, bibcodes that change."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit_ads import answer, asked, bibcode, doc, listed
from source_world import (
    START,
    MemoryGate,
    Reply,
    Request,
    Server,
    asks_for,
    fetched,
    json_reply,
    searched,
    world,
)

from citewatch.domain.identifiers import Identifier, arxiv_doi, canonical
from citewatch.domain.papers import Blocked, Failed, Found, Missing, Observed, Outcome, Throttled
from citewatch.ports import Quota, Telling
from citewatch.sources.ads_records import (
    FIELDS,
    LISTING,
    quota_of,
    read_doc,
    term,
    title_query,
)
from citewatch.sources.answers import Answer

pytestmark = pytest.mark.anyio

PAPER = "1706.03762"
ASKED = Identifier("arxiv", PAPER)
JOURNAL = "2020JMUR....1..123L"
TOMORROW = (int(START) // 86_400 + 1) * 86_400


def given_answer(value: object, status: int = 200) -> Answer:
    return Answer(status, {}, json.dumps(value).encode(), "application/json", "")


async def outcome_of(identifier: Identifier, *docs: object, total: object = None) -> Outcome:
    """What comes of one question when the search gives these documents."""
    async with world("ads", lambda _r: json_reply(listed(docs, total))) as w:
        return (await fetched(w.source, asks_for([identifier])))[1]


def many(number: int) -> list[Identifier]:
    return [Identifier("arxiv", f"2001.{n:05d}") for n in range(1, number + 1)]


def everything(request: Request) -> Reply:
    names = asked(request.query["q"])
    return json_reply(listed([doc(name.removeprefix("arXiv:")) for name in names]))


# --- questions -------------------------------------------------------------------------


async def test_arxiv_ids_dois_and_bibcodes_share_one_query() -> None:
    ids = [
        Identifier("arxiv", "astro-ph/0601001"),
        Identifier("doi", "10.1088/0004-637x/1/2"),
        Identifier("ads", "2012A&A...542A..16R"),
    ]
    async with world("ads", answer) as w:
        await fetched(w.source, asks_for(ids))
        (request,) = w.server.requests
    assert request.path == "/v1/search/query"
    assert request.query["q"] == (
        'identifier:("arXiv:astro-ph/0601001" OR "10.1088/0004-637x/1/2" OR "2012A&A...542A..16R")'
    )
    assert request.query["fl"] == FIELDS
    assert request.headers["authorization"] == "Bearer pasted-token"


@pytest.mark.parametrize("scheme", ["arxiv", "doi", "ads"])
async def test_no_query_is_longer_than_allowed_even_when_encoded(scheme: str) -> None:
    written = {
        "arxiv": "2001.{:05d}",
        "doi": "10.1093/mnras/stz{:04d}/(a)&b;{:03d}",
        "ads": "2012A&A...{:03d}A..16R",
    }[scheme]
    ids = [Identifier(scheme, written.format(n, n)) for n in range(1, 121)]
    async with world("ads", everything) as w:
        await fetched(w.source, asks_for(ids))
        sent = w.server.requests
    queries = [r.query["q"] for r in sent]
    assert sum(len(asked(q)) for q in queries) == 120
    lengths = [len(quote_plus(q)) for q in queries]
    assert max(lengths) <= 1_000
    # Nor is the room wasted.
    assert min(lengths[:-1]) >= 900
    assert all(int(r.query["rows"]) >= len(asked(r.query["q"])) for r in sent)


async def test_an_address_with_a_path_is_kept() -> None:
    async with Server(answer) as server:
        base = f"{server.url}/mirror/ads/"
        async with world("ads", answer, base_url=base) as w:
            await fetched(w.source, asks_for([ASKED]))
            await searched(w.source, "A title")
        assert [r.path for r in server.requests] == ["/mirror/ads/v1/search/query"] * 2


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("10.1000/a(b):c{d}[e]^~!", '"10.1000/a(b):c{d}[e]^~!"'),
        ('10.1000/x"OR"*:*', '"10.1000/x\\"OR\\"\\*:\\*"'),
        ("10.1000/x\\", '"10.1000/x\\\\"'),
        ("10.1002/x;2-?", '"10.1002/x;2-\\?"'),
        ("10.1000/&&||", '"10.1000/&&||"'),
    ],
)
def test_what_means_something_between_quotes_is_escaped(value: str, written: str) -> None:
    assert term(Identifier("doi", value)) == written


@given(st.text(min_size=1, max_size=30))
def test_any_doi_is_one_phrase_or_none(text: str) -> None:
    identifier = canonical("doi", f"10.1000/{text}")
    if identifier is not None and (written := term(identifier)) is not None:
        name = identifier.value if identifier.scheme == "doi" else f"arXiv:{identifier.value}"
        assert asked(f'"first" OR {written} OR "last"') == ["first", name, "last"]


def test_what_cannot_be_printed_is_refused() -> None:
    assert term(Identifier("doi", "10.1000/x\x00")) is None
    assert term(Identifier("openalex", "W123456")) is None


# --- the token -------------------------------------------------------------------------


async def test_without_a_token_nothing_is_sent_and_the_user_is_told() -> None:
    async with world("ads", answer, secrets={}) as w:
        words = w.source.blocked()
        outcomes = await fetched(w.source, asks_for([ASKED]))
        found = await searched(w.source, "A title")
        assert w.server.requests == []
    assert words == "needs a token: free with an account, then set ADS_API_TOKEN"
    assert outcomes[1] == found[1] == Blocked(reason=words)


async def test_a_token_that_is_refused_twice_is_set_aside() -> None:
    async with world("ads", lambda _r: json_reply({"error": "Unauthorized"}, 401)) as w:
        outcomes = await fetched(w.source, asks_for(many(100)))
        assert len(w.server.requests) == 2
        assert isinstance(w.source, Telling)
        assert (w.source.key_state, len(w.source.notes)) == ("refused", 1)
    assert set(outcomes.values()) == {Blocked(reason=w.source.notes[0])}
    assert "token was refused (401)" in w.source.notes[0]


# --- whole answers ---------------------------------------------------------------------


async def test_a_list_with_holes_is_incomplete_and_nobody_is_missing() -> None:
    async with world("ads", lambda _r: json_reply(listed([doc(PAPER)], total=2))) as w:
        outcomes = await fetched(w.source, asks_for(many(2)))
    assert {getattr(o, "reason", "") for o in outcomes.values()} == {"incomplete"}


async def test_documents_that_nobody_asked_for_answer_nobody() -> None:
    assert await outcome_of(ASKED, doc("2002.00002")) == Missing(asked=ASKED)


@pytest.mark.parametrize(
    "value",
    [
        {"response": {"docs": [], "numFound": None}},
        {"response": {"docs": [], "numFound": "0"}},
        {"response": {"docs": [], "numFound": False}},
        {"response": {"docs": [], "numFound": -1}},
        {"response": {"docs": None, "numFound": 0}},
        {"response": []},
        {"error": {"msg": "oh", "code": 400}},
        {"response": {"docs": [None], "numFound": 1}},
        {"response": {"docs": [{"citation_count": 3}], "numFound": 1}},
        {"response": {"docs": [{"bibcode": "short"}], "numFound": 1}},
        {"response": {"docs": [{"bibcode": ["2012A&A...542A..16R"]}], "numFound": 1}},
    ],
)
def test_another_shape_is_a_failure(value: object) -> None:
    read = LISTING.read_records(given_answer(value))
    assert isinstance(read, Failed)
    assert read.reason == "shape"


# --- records ---------------------------------------------------------------------------


@pytest.mark.parametrize("count", [None, -1, 10**8, 10**30, "7", 7.0, True, [7], {"value": 7}])
async def test_a_count_that_is_none_is_no_reading(count: object) -> None:
    outcome = await outcome_of(ASKED, doc(PAPER, count))
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.retry) == ("count", True)


async def test_an_absent_count_is_no_reading() -> None:
    bare = doc(PAPER)
    del bare["citation_count"]
    outcome = await outcome_of(ASKED, bare)
    assert isinstance(outcome, Failed)
    assert outcome.reason == "count"


async def test_zero_is_a_reading() -> None:
    outcome = await outcome_of(ASKED, doc(PAPER, 0))
    assert isinstance(outcome, Observed)
    assert outcome.citation_count == 0


async def test_a_document_gives_the_count_and_its_facts() -> None:
    outcome = await outcome_of(ASKED, doc(PAPER, 9, pubdate="2020-01-02"))
    assert isinstance(outcome, Observed)
    assert (outcome.asked, outcome.answered) == (ASKED, Identifier("ads", bibcode(PAPER)))
    assert (outcome.citation_count, outcome.without_self_count) == (9, None)
    facts = outcome.facts
    assert (facts.title, facts.year, facts.published_on) == (f"Paper {PAPER}", 2020, "2020-01-02")
    assert facts.authors == ("Ada Lovelace", "The Analytical Collaboration")
    assert (facts.venue, facts.doi) == ("Journal of Made-Up Results", f"10.5555/journal.{PAPER}")
    assert facts.ids == (ASKED, Identifier("doi", f"10.5555/journal.{PAPER}"))


async def test_a_changed_bibcode_is_known_to_be_the_same_record() -> None:
    names = [bibcode(PAPER), JOURNAL, f"arXiv:{PAPER}"]
    published = doc(PAPER, 9, bibcode=JOURNAL, identifier=names)
    old = Identifier("ads", bibcode(PAPER))
    for identifier in (ASKED, old, Identifier("ads", JOURNAL), arxiv_doi(ASKED)):
        outcome = await outcome_of(identifier, doc("2002.00002"), published)
        assert isinstance(outcome, Observed)
        assert outcome.answered == Identifier("ads", JOURNAL)
        assert old in outcome.facts.ids
        assert outcome.answered not in outcome.facts.ids


@pytest.mark.parametrize(
    "more", [{"doctype": "eprint", "pub": "arXiv e-prints"}, {"pub": "ArXiv Astrophysics e-prints"}]
)
def test_a_preprint_server_is_no_venue(more: dict[str, object]) -> None:
    seen = read_doc(doc(PAPER, **more))
    assert isinstance(seen, Observed)
    assert seen.facts.venue is None


def test_a_record_with_an_odd_bibcode_is_read_all_the_same() -> None:
    seen = read_doc(doc(PAPER, bibcode="2012A+A...542A..16R"))
    assert isinstance(seen, Observed)
    assert seen.answered == Identifier("ads", "2012A+A...542A..16R")


# --- titles ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ('Dust: "cold" & (old)', 'title:"Dust cold old"'),
        ('x" OR *:* OR "', 'title:"x OR OR"'),
        ("α-Cen's disc?", 'title:"α-Cen\'s disc"'),
        ("***", None),
        ("", None),
    ],
)
def test_a_title_is_a_phrase_of_words(title: str, query: str | None) -> None:
    assert title_query(title) == query


def test_a_long_title_is_cut_between_words() -> None:
    query = title_query("word " * 500)
    assert query is not None
    assert len(query) < 270


async def test_a_candidate_without_a_count_says_who_it_is() -> None:
    async with world("ads", lambda _r: json_reply(listed([doc(PAPER, None)], 70))) as w:
        found = (await searched(w.source, "A title"))[1]
    assert isinstance(found, Found)
    assert [c.answered.value for c in found.candidates] == [bibcode(PAPER)]
    assert found.complete


# --- the day's allowance ---------------------------------------------------------------

SPENT = {
    "X-RateLimit-Limit": "5000",
    "X-RateLimit-Remaining": "0",
    "X-RateLimit-Reset": str(TOMORROW),
}


async def test_what_is_left_of_the_day_is_known() -> None:
    def told(request: Request) -> Reply:
        left = {**SPENT, "X-RateLimit-Remaining": "4987"}
        return json_reply(listed([doc(PAPER)]), 200, **left)

    async with world("ads", told) as w:
        assert isinstance(w.source, Telling)
        assert w.source.quota is None
        await fetched(w.source, asks_for([ASKED]))
        assert w.source.quota == Quota(left=4987, of=5000, resets_at=TOMORROW)
        assert w.source.key_state == "accepted"


async def test_a_spent_day_parks_the_source_until_its_end() -> None:
    async with world("ads", lambda _r: Reply(429, b"{}", SPENT)) as w:
        outcomes = await fetched(w.source, asks_for(many(100)))
        assert len(w.server.requests) == 1
    assert w.gate.parkings[0][0] == TOMORROW
    assert {getattr(o, "until", None) for o in outcomes.values()} == {TOMORROW}
    assert {type(o) for o in outcomes.values()} == {Throttled}


@pytest.mark.parametrize(
    "headers",
    [
        {**SPENT, "X-RateLimit-Remaining": "12"},
        {**SPENT, "X-RateLimit-Reset": "99999999999"},
        {**SPENT, "X-RateLimit-Reset": "soon"},
        {**SPENT, "X-RateLimit-Reset": "1"},
        {},
    ],
)
async def test_a_429_that_is_not_of_the_day_is_waited_out(headers: dict[str, str]) -> None:
    first = iter([Reply(429, b"{}", headers)])
    async with world("ads", lambda r: next(first, None) or answer(r)) as w:
        outcomes = await fetched(w.source, asks_for([ASKED]))
    assert isinstance(outcomes[1], Observed)
    assert w.gate.parkings == []
    assert 0 < w.clock.now <= 60


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e9", "٣", "9" * 30, "nan"])
def test_a_senseless_number_of_requests_is_no_number(text: str) -> None:
    assert quota_of({"x-ratelimit-remaining": text}) is None


@pytest.mark.parametrize("status", [499, 504])
async def test_a_busy_index_is_asked_again(status: int) -> None:
    first = iter([json_reply({"error": "timeout"}, status)])
    async with world("ads", lambda r: next(first, None) or answer(r)) as w:
        outcomes = await fetched(w.source, asks_for([ASKED]))
        assert len(w.server.requests) == 2
    assert isinstance(outcomes[1], Observed)


@pytest.mark.parametrize("status", [499, 504])
async def test_a_question_that_is_too_heavy_is_halved(status: int) -> None:
    def heavy(request: Request) -> Reply:
        if len(asked(request.query["q"])) > 5:
            return json_reply({"error": "timeout"}, status)
        return everything(request)

    async with world("ads", heavy) as w:
        outcomes = await fetched(w.source, asks_for(many(20)))
    assert {type(o) for o in outcomes.values()} == {Observed}


async def test_an_index_that_stays_busy_is_left_for_the_pass() -> None:
    gate = MemoryGate()
    async with world("ads", lambda _r: json_reply({"error": "timeout"}, 499), gate=gate) as w:
        outcomes = await fetched(w.source, asks_for([ASKED]))
        assert 4 <= len(w.server.requests) <= 8
    assert [getattr(o, "reason", "") for o in outcomes.values()] == ["http_499"]
    assert gate.parkings == []


# --- recorded answers ------------------------------------------------------------------


def exports(data_dir: Path) -> list[Path]:
    found = sorted((data_dir / "real/ads_raw").glob("*.json.gz"))
    return found or pytest.skip("not recorded here")


def test_recorded_exports_are_read_back_as_the_documents_they_were_made_of(data_dir: Path) -> None:
    read = preprints = 0
    for path in exports(data_dir):
        rows = json.loads(gzip.decompress(path.read_bytes()))
        # What the export kept of the documents, under the names that they have there.
        docs = [
            {
                "bibcode": row["url"].rpartition("/")[2],
                "citation_count": row["citations"],
                "title": [row["title"]],
                "author": row["authors"],
                "identifier": [f"arXiv:{row['arxiv']}"] if row["arxiv"] else [],
                "doi": [row["doi"]] if row["doi"] else None,
                "pub": row["pub"],
                "year": row["year"],
                "pubdate": row["pubdate"],
                "doctype": row["doctype"],
            }
            for row in rows
        ]
        records = LISTING.read_records(given_answer(listed(docs)))
        assert isinstance(records, list), path.name
        for record, row in zip(records, rows, strict=True):
            seen = record.observed
            assert seen.citation_count == row["citations"], path.name
            assert canonical("ads", seen.answered.value) == seen.answered, path.name
            assert seen.facts.title, path.name
            assert seen.facts.year == int(row["year"]), path.name
            arxiv = canonical("arxiv", row["arxiv"] or "")
            assert arxiv is None or arxiv in record.keys, path.name
            preprints += seen.facts.venue is None
            read += 1
    assert (read > 500, 0 < preprints < read) == (True, True)


def test_a_recorded_export_as_it_is_is_no_answer_of_the_service(data_dir: Path) -> None:
    for path in exports(data_dir):
        body = gzip.decompress(path.read_bytes())
        for read in (
            LISTING.read_records(Answer(200, {}, body, "application/json", "")),
            LISTING.read_search(Answer(200, {}, body, "application/json", "")),
        ):
            assert isinstance(read, Failed)
            assert read.reason == "shape"


# --- anything at all -------------------------------------------------------------------

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([f"arXiv:{PAPER}", "10.1000/x", JOURNAL, "2020", 10**400]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
DOCS = st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS.split(","), JSON)).map(
    lambda d: {"bibcode": JOURNAL, **d}
)


@given(st.lists(DOCS | JSON, max_size=3), st.sampled_from([200, 404]))
def test_any_answer_is_records_or_a_failure(docs: list[Any], status: int) -> None:
    made = given_answer(listed(docs), status)
    records = LISTING.read_records(made)
    assert isinstance(LISTING.read_search(made), Found | Failed)
    if isinstance(records, Failed):
        assert records.reason in ("shape", "not_json")
        return
    for record, raw in zip(records, docs, strict=True):
        count = record.observed.citation_count
        assert count is None or count == raw["citation_count"]
