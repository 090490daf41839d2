"""Semantic Scholar's own traps: counts, positions, refused batches, keys, identifiers."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from source_kits import s2_answer, s2_record
from source_world import Reply, Request, asks_for, fetched, json_reply, searched, world

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Failed, Found, Missing, Observed
from citewatch.sources.answers import Answer
from citewatch.sources.semantic_scholar import SemanticScholar
from citewatch.sources.semantic_scholar_records import (
    FIELDS,
    KNOWN,
    paper_id,
    read_batch,
    read_record,
)

PAPERS = [Identifier("arxiv", f"2001.{n:05d}") for n in range(1, 9)]
SHA = "ab" * 20


def ids_of(request: Request) -> list[str]:
    ids: list[str] = json.loads(request.body)["ids"]
    return ids


def answer(value: object) -> Answer:
    return Answer(200, {}, json.dumps(value).encode(), "application/json", "")


def everything(request: Request) -> Reply:
    return json_reply([s2_record(i, 5) for i in ids_of(request)])


# --- records -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "count",
    [None, -1, "12", 12.0, 12.5, True, False, [], {}, 10_000_001, 10**30, float("nan"), "", "∞"],
)
def test_what_is_not_a_count_is_a_failure_and_never_a_number(count: object) -> None:
    good, bad = s2_record("ARXIV:2001.00001", 7), s2_record("ARXIV:2001.00002", count)
    outcomes = read_batch(answer([good, bad]), PAPERS[:2])
    assert isinstance(outcomes, list)
    assert isinstance(outcomes[0], Observed)
    assert outcomes[0].citation_count == 7
    assert isinstance(outcomes[1], Failed)
    assert outcomes[1].reason == "count"


def record_of(number: int, count: int = 5) -> dict[str, object]:
    return s2_record(f"ARXIV:{PAPERS[number].value}", count)


def test_an_answer_in_another_order_is_nobodys() -> None:
    shifted = [record_of(number) for number in (1, 2, 3, 0)]
    outcome = read_batch(answer(shifted), PAPERS[:4])
    assert isinstance(outcome, Failed)
    assert outcome.reason == "order"


def test_a_miss_that_moved_is_no_miss() -> None:
    assert isinstance(read_batch(answer([None, record_of(0)]), PAPERS[:2]), Failed)


def test_one_record_at_the_place_of_another_fails_alone() -> None:
    stray = {**record_of(0), "paperId": SHA}
    records = [record_of(0), stray, record_of(2), record_of(3)]
    outcomes = read_batch(answer(records), PAPERS[:4])
    assert isinstance(outcomes, list)
    assert [getattr(o, "reason", "") for o in outcomes] == ["", "order", "", ""]


def test_papers_that_were_merged_are_one_record_under_both_ids() -> None:
    outcomes = read_batch(answer([record_of(1, 9), record_of(1, 9)]), PAPERS[:2])
    assert isinstance(outcomes, list)
    assert [o.citation_count for o in outcomes if isinstance(o, Observed)] == [9, 9]


def test_a_missing_count_is_a_failure() -> None:
    record = s2_record("ARXIV:2001.00001", 7)
    del record["citationCount"]
    outcomes = read_batch(answer([record]), PAPERS[:1])
    assert isinstance(outcomes, list)
    assert isinstance(outcomes[0], Failed)


def test_zero_is_a_count() -> None:
    outcomes = read_batch(answer([s2_record("x", 0)]), PAPERS[:1])
    assert isinstance(outcomes, list)
    assert isinstance(outcomes[0], Observed)
    assert outcomes[0].citation_count == 0


def test_a_bad_influential_count_does_not_cost_the_reading() -> None:
    observed = read_record(s2_record("x", 7, influentialCitationCount="many"), PAPERS[0])
    assert isinstance(observed, Observed)
    assert (observed.citation_count, observed.influential_count) == (7, None)


@pytest.mark.parametrize("length", [0, 1, 3])
def test_an_answer_of_another_length_fails_for_all(length: int) -> None:
    outcome = read_batch(answer([s2_record("x", 7)] * length), PAPERS[:2])
    assert isinstance(outcome, Failed)
    assert outcome.reason == "shape"


@pytest.mark.parametrize("record", [7, "x", [], {}, {"paperId": None}, {"paperId": "short"}])
def test_what_is_not_a_record_fails_alone(record: object) -> None:
    outcomes = read_batch(answer([s2_record("x", 7), record]), PAPERS[:2])
    assert isinstance(outcomes, list)
    assert isinstance(outcomes[0], Observed)
    assert isinstance(outcomes[1], Failed)
    assert outcomes[1].reason == "shape"


def test_a_record_gives_the_facts_that_it_states() -> None:
    record = {
        "paperId": SHA.upper(),
        "title": "  Two\nlines ",
        "citationCount": 3,
        "year": 2019,
        "publicationDate": "2019-02-30",
        "venue": "",
        "authors": [{"authorId": None, "name": "Ada  Lovelace"}, {"name": None}, 7],
        "externalIds": {
            "ArXiv": "1901.00001",
            "DOI": "10.48550/arXiv.1901.00001",
            "ACL": "W12-3903",
            "PubMed": "123",
            "MAG": "456",
            "DBLP": "journals/corr/abs-1901-00001",
            "CorpusId": 789,
            "Later": "unheard of",
        },
    }
    observed = read_record(record, None)
    assert isinstance(observed, Observed)
    assert observed.asked == observed.answered == Identifier("semantic_scholar", SHA)
    facts = observed.facts
    assert (facts.title, facts.year, facts.published_on) == ("Two lines", 2019, None)
    assert (facts.venue, facts.authors, facts.doi) == (None, ("Ada Lovelace",), None)
    assert [str(i) for i in facts.ids] == [
        "arxiv:1901.00001",
        "acl:W12-3903",
        "pubmed:123",
        "mag:456",
        "dblp:journals/corr/abs-1901-00001",
        "semantic_scholar:CorpusId:789",
    ]


def test_control_characters_and_surrogates_do_not_get_in() -> None:
    observed = read_record(s2_record("x", 1, title="a\u0000b\ud800c\u001b[31m"), None)
    assert isinstance(observed, Observed)
    assert observed.facts.title == "abc[31m"


@pytest.mark.parametrize(
    ("identifier", "written"),
    [
        (Identifier("arxiv", "1706.03762"), "ARXIV:1706.03762"),
        (Identifier("arxiv", "hep-th/9901001"), "ARXIV:hep-th/9901001"),
        (Identifier("doi", "10.1038/nature14539"), "DOI:10.1038/nature14539"),
        (Identifier("semantic_scholar", SHA), SHA),
        (Identifier("semantic_scholar", "CorpusId:12"), "CorpusId:12"),
        (Identifier("acl", "N18-3011"), "ACL:N18-3011"),
        (Identifier("pubmed", "19872477"), "PMID:19872477"),
        (Identifier("mag", "112218234"), "MAG:112218234"),
        (Identifier("arxiv", "1706.03762v7"), None),
        (Identifier("arxiv", ""), None),
        (Identifier("doi", "https://doi.org/10.1038/nature14539"), None),
        (Identifier("dblp", "conf/nips/x"), None),
        (Identifier("nonsense", "x"), None),
    ],
)
def test_ids_are_written_as_the_service_reads_them(
    identifier: Identifier, written: str | None
) -> None:
    assert paper_id(identifier) == written


# --- batches -----------------------------------------------------------------------------


@pytest.mark.anyio
async def test_five_hundred_ids_go_into_one_request_and_no_more() -> None:
    many = [Identifier("arxiv", f"2001.{n:05d}") for n in range(1, 1_202)]
    async with world("semantic_scholar", everything) as w:
        await fetched(w.source, asks_for(many))
        assert sorted(len(ids_of(r)) for r in w.server.requests) == [201, 500, 500]
        assert {r.query["fields"] for r in w.server.requests} == {FIELDS}


@pytest.mark.anyio
async def test_positions_decide_even_when_records_are_of_other_papers() -> None:
    """A merged paper answers under another id: the asked one is what counts."""

    def merged(request: Request) -> Reply:
        return json_reply([s2_record(f"ARXIV:1999.{n}", n) for n in range(len(ids_of(request)))])

    async with world("semantic_scholar", merged) as w:
        outcomes = await fetched(w.source, asks_for(PAPERS[:3]))
    for number, outcome in outcomes.items():
        assert isinstance(outcome, Observed)
        assert outcome.asked == PAPERS[number - 1]
        assert outcome.citation_count == number - 1
        assert outcome.answered.scheme == "semantic_scholar"


@pytest.mark.anyio
async def test_an_all_unknown_batch_takes_one_request() -> None:
    async with world("semantic_scholar", s2_answer) as w:
        unknown = [Identifier("arxiv", f"2101.{n:05d}") for n in range(1, 60)]
        outcomes = await fetched(w.source, asks_for(unknown))
        assert len(w.server.requests) == 1
    assert {type(o) for o in outcomes.values()} == {Missing}


def refuses(culprit: str) -> Callable[[Request], Reply]:
    """The whole batch for one id, as is said of malformed ones."""

    def handler(request: Request) -> Reply:
        if culprit in ids_of(request):
            return json_reply({"error": "No valid paper ids given"}, 400)
        return everything(request)

    return handler


@pytest.mark.anyio
async def test_known_papers_are_not_missing_because_a_new_one_was_refused() -> None:
    many = [Identifier("arxiv", f"2001.{n:05d}") for n in range(1, 500)]
    asks = [*asks_for(many, hint=KNOWN)]
    new = Identifier("doi", "10.1000/strange")
    asks.append(type(asks[0])(9_999, new))
    async with world("semantic_scholar", refuses("DOI:10.1000/strange")) as w:
        outcomes = await fetched(w.source, asks)
        assert len(w.server.requests) <= 20
    assert outcomes.pop(9_999) == Missing(asked=new)
    assert {type(o) for o in outcomes.values()} == {Observed}


@pytest.mark.anyio
async def test_known_papers_that_are_all_refused_are_not_asked_for_one_by_one() -> None:
    many = [Identifier("arxiv", f"2001.{n:05d}") for n in range(1, 400)]

    def refuse_all(_request: Request) -> Reply:
        return json_reply({"error": "No valid paper ids given"}, 400)

    async with world("semantic_scholar", refuse_all) as w:
        outcomes = await fetched(w.source, asks_for(many, hint=KNOWN))
        assert len(w.server.requests) <= 40
    endings = {getattr(o, "reason", type(o).__name__) for o in outcomes.values()}
    assert endings <= {"batch_refused", "Missing"}
    assert "batch_refused" in endings


@pytest.mark.anyio
async def test_known_papers_that_are_gone_are_missing_beside_one_that_is_not() -> None:
    """What is asked for once more by other ids is refused as a whole where all are gone."""
    gone = [Identifier("doi", f"10.1000/{n:05d}") for n in range(20)]
    there = [Identifier("arxiv", f"2001.{n:05d}") for n in range(1, 41)]

    def handler(request: Request) -> Reply:
        ids = ids_of(request)
        if all(i.startswith("DOI:10.1000/") for i in ids):
            return json_reply({"error": "No valid paper ids given"}, 400)
        return json_reply([None if i.startswith("DOI:") else s2_record(i, 7) for i in ids])

    async with world("semantic_scholar", handler) as w:
        await fetched(w.source, asks_for(there, hint=KNOWN))
        outcomes = await fetched(w.source, asks_for(gone, hint=KNOWN))
        assert len(w.server.requests) == 3
    assert list(outcomes.values()) == [Missing(asked=i) for i in gone]


@pytest.mark.anyio
async def test_an_answer_that_would_be_too_large_is_asked_for_in_halves() -> None:
    def handler(request: Request) -> Reply:
        if len(ids_of(request)) > 3:
            return json_reply({"error": "Response would exceed maximum size"}, 400)
        return everything(request)

    async with world("semantic_scholar", handler) as w:
        outcomes = await fetched(w.source, asks_for(PAPERS))
    assert {type(o) for o in outcomes.values()} == {Observed}


@pytest.mark.anyio
async def test_another_400_is_our_fault_and_not_repeated() -> None:
    reply = json_reply({"error": "Unrecognized or unsupported fields: [x]"}, 400)
    async with world("semantic_scholar", lambda _r: reply) as w:
        outcomes = await fetched(w.source, asks_for(PAPERS))
        assert len(w.server.requests) == 1
    expected = Failed(
        reason="http_400", detail="Unrecognized or unsupported fields: [x]", retry=False
    )
    assert set(outcomes.values()) == {expected}


# --- keys --------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_the_key_is_sent_without_the_blanks_around_it() -> None:
    async with world("semantic_scholar", everything, secrets={"api_key": " s3cret\n"}) as w:
        await fetched(w.source, asks_for(PAPERS))
        assert w.server.requests[0].headers["x-api-key"] == "s3cret"


@pytest.mark.anyio
async def test_without_a_key_no_key_is_sent() -> None:
    async with world("semantic_scholar", everything, secrets={"api_key": "  "}) as w:
        await fetched(w.source, asks_for(PAPERS))
        assert "x-api-key" not in w.server.requests[0].headers


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.anyio
async def test_a_refused_key_is_dropped_and_said_once(status: int) -> None:
    def handler(request: Request) -> Reply:
        if "x-api-key" in request.headers:
            return json_reply({"message": "Forbidden"}, status)
        return everything(request)

    secrets = {"api_key": "pruned-key"}
    async with world("semantic_scholar", handler, secrets=secrets, batch_size=1) as w:
        outcomes = await fetched(w.source, asks_for(PAPERS))
        assert isinstance(w.source, SemanticScholar)
        assert w.source.notes == (f"key was refused ({status}); went on without it",)
    assert {type(o) for o in outcomes.values()} == {Observed}


@pytest.mark.anyio
async def test_a_refusal_without_a_key_is_a_failure() -> None:
    reply = json_reply({"message": "Forbidden"}, 403)
    async with world("semantic_scholar", lambda _r: reply, secrets={"api_key": "k"}) as w:
        outcomes = await fetched(w.source, asks_for(PAPERS[:1]))
        assert len(w.server.requests) == 3
    assert isinstance(outcomes[1], Failed)


@pytest.mark.anyio
async def test_a_key_that_cannot_be_one_is_not_sent() -> None:
    async with world("semantic_scholar", everything, secrets={"api_key": "schlüssel\r\nX: y"}) as w:
        outcomes = await fetched(w.source, asks_for(PAPERS[:1]))
        assert isinstance(w.source, SemanticScholar)
        assert len(w.source.notes) == 1
        assert "x-api-key" not in w.server.requests[0].headers
    assert isinstance(outcomes[1], Observed)


@pytest.mark.parametrize(("key", "interval"), [("a-key", 1.1), ("", 6.5)])
@pytest.mark.anyio
async def test_the_pace_depends_on_the_key(key: str, interval: float) -> None:
    async with world(
        "semantic_scholar",
        everything,
        secrets={"api_key": key},
        min_interval_s=None,
        batch_size=4,
        max_in_flight=1,
    ) as w:
        await fetched(w.source, asks_for(PAPERS))
        first, second = (r.at for r in w.server.requests)
    assert interval <= second - first <= 1.05 * interval


# --- titles ------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_a_match_brings_its_count_and_its_other_ids() -> None:
    async with world("semantic_scholar", s2_answer) as w:
        found = await searched(w.source, "Paper 1706.03762")
    assert isinstance(found[1], Found)
    (candidate,) = found[1].candidates
    assert candidate.citation_count == 900
    assert Identifier("arxiv", "1706.03762") in candidate.facts.ids


@pytest.mark.anyio
async def test_a_404_of_another_kind_is_not_an_empty_search() -> None:
    async with world("semantic_scholar", lambda _r: json_reply({"message": "no"}, 404)) as w:
        found = await searched(w.source, "Paper")
    assert isinstance(found[1], Failed)
    assert found[1].reason == "http_404"
