"""DBLP's own traps: injection, spellings, rows, preprints apart from publications, the wall."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit_dblp import KNOWN, RECORDS, Row, answer, asked, rows, table
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
from citewatch.domain.papers import Failed, Found, Missing, Observed, Outcome, Throttled
from citewatch.ports import Comparer
from citewatch.sources.answers import Answer
from citewatch.sources.dblp_queries import (
    ROWS_LIMIT,
    by_nodes,
    by_titles,
    nodes,
    title_literals,
    usual_literal,
)
from citewatch.sources.dblp_records import fold, read_records, read_search, with_publication

pytestmark = pytest.mark.anyio

ASKED = Identifier("arxiv", "2301.00001")
CORR = "journals/corr/abs-2301-00001"
CONF = "conf/nips/LovelaceB23"
TITLE = "Engines of Analysis."
IRIS = re.compile(r"<[^<>\"{}|^`\\\x00-\x20]*>(?: <[^<>\"{}|^`\\\x00-\x20]*>)*")
STRING = re.compile(r'"(?:[^"\\\n\r]|\\["\\])*"')

PREPRINT = rows(CORR, TITLE, venue="CoRR", year="2023", dois=["10.48550/arXiv.2301.00001"])
PUBLISHED = rows(CONF, TITLE, venue="NeurIPS", year="2024", dois=["10.5555/Engines.24"])


def given_answer(value: object, status: int = 200) -> Answer:
    kind = "application/sparql-results+json"
    return Answer(status, {}, json.dumps(value).encode(), kind, "")


def observed(*bindings: Row) -> list[Observed]:
    records = read_records(given_answer(table(bindings)))
    assert isinstance(records, list)
    return [record.observed for record in records]


def graph(*bindings: Row) -> Callable[[Request], Reply]:
    """An endpoint that holds these rows."""

    def handler(request: Request) -> Reply:
        iris, literals = asked(request.query["query"])
        asked_doi = any(iri.startswith("https://doi.org/") for iri in iris)
        wanted = {
            row["publ"]["value"]
            for row in bindings
            if row["publ"]["value"] in iris
            or row["title"]["value"] in literals
            or (asked_doi and row.get("doi", {}).get("value") in iris)
        }
        return json_reply(table(row for row in bindings if row["publ"]["value"] in wanted))

    return handler


async def outcome_of(identifier: Identifier, *bindings: Row) -> Outcome:
    async with world("dblp", graph(*bindings)) as w:
        return (await fetched(w.source, asks_for([identifier])))[1]


# --- questions -------------------------------------------------------------------------


async def test_records_and_dois_are_asked_for_in_two_queries() -> None:
    ids = [Identifier("dblp", KNOWN[0]), Identifier("doi", "10.1145/1.2"), ASKED]
    async with world("dblp", answer) as w:
        await fetched(w.source, asks_for(ids))
        by_name, by_doi = (r for r in w.server.requests)
    assert {r.path for r in (by_name, by_doi)} == {"/sparql"}
    assert by_name.headers["accept"] == "application/sparql-results+json"
    assert asked(by_name.query["query"]) == ({RECORDS + KNOWN[0]}, set())
    assert asked(by_doi.query["query"]) == (
        {
            "https://doi.org/10.1145/1.2",
            "https://doi.org/10.48550/arxiv.2301.00001",
            "https://doi.org/10.48550/arXiv.2301.00001",
            "https://doi.org/10.48550/ARXIV.2301.00001",
        },
        set(),
    )


async def test_an_address_with_a_path_is_kept() -> None:
    async with Server(answer) as server:
        base = f"{server.url}/mirror/dblp/"
        async with world("dblp", answer, base_url=base) as w:
            await fetched(w.source, asks_for([ASKED]))
            await searched(w.source, "A title")
        assert [r.path for r in server.requests] == ["/mirror/dblp/sparql"] * 2


@pytest.mark.parametrize("scheme", ["arxiv", "doi", "dblp"])
async def test_no_request_line_is_too_long(scheme: str) -> None:
    written = {
        "arxiv": "2001.{:05d}",
        "doi": "10.1016/j.artint.2020.{:06d}",
        "dblp": "journals/pami/Lovelace{}",
    }[scheme]
    ids = [Identifier(scheme, written.format(n)) for n in range(1, 121)]
    async with world("dblp", answer) as w:
        await fetched(w.source, asks_for(ids))
        sent = w.server.requests
    assert max(len(r.line) for r in sent) < 8_000
    assert len(sent) <= 5


@pytest.mark.parametrize(
    ("doi", "spelling"),
    [
        ("10.1109/cvpr.2016.90", "10.1109/CVPR.2016.90"),
        ("10.18653/v1/p18-1001", "10.18653/v1/P18-1001"),
        ("10.4230/lipics.itcs.2019.1", "10.4230/LIPIcs.ITCS.2019.1"),
        ("10.21437/interspeech.2019-1234", "10.21437/Interspeech.2019-1234"),
        ("10.1016/j.artint.2020.103", "10.1016/j.artint.2020.103"),
    ],
)
async def test_a_doi_is_found_in_its_publishers_spelling(doi: str, spelling: str) -> None:
    outcome = await outcome_of(Identifier("doi", doi), *rows(CONF, dois=[spelling]))
    assert isinstance(outcome, Observed)
    assert outcome.facts.doi == doi


async def test_a_preprint_is_asked_for_by_arxivs_own_doi() -> None:
    for identifier in (ASKED, arxiv_doi(ASKED)):
        outcome = await outcome_of(identifier, *PREPRINT)
        assert isinstance(outcome, Observed)
        assert (outcome.asked, outcome.answered) == (identifier, Identifier("dblp", CORR))
        assert outcome.facts.ids == (ASKED,)


# --- nothing gets out of its place in a query ------------------------------------------

HOSTILE = [
    "10.1000/x>",
    "10.1000/x>}}SELECT*{?s?p?o}#",
    '10.1000/x"y',
    "10.1000/x{y}",
    "10.1000/x\\u003e}",
    "10.1000/x|y^z`",
    "10.1000/x%3E",
    "10.1000/x#y",
    "10.1000/x?y=<z>",
    "10.1000/\x07\x85x",
    "10.1000/é\u202e\u2028x",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_doi_stays_within_its_brackets(value: str) -> None:
    written = nodes(Identifier("doi", value))
    assert written is not None
    assert IRIS.fullmatch(written)
    assert written.isascii()


@given(st.text(max_size=30), st.sampled_from(["doi", "dblp", "arxiv"]))
def test_any_identifier_is_iris_or_nothing(text: str, scheme: str) -> None:
    prefix = {"doi": "10.1000/", "dblp": "conf/", "arxiv": ""}[scheme]
    identifier = canonical(scheme, prefix + text)
    written = nodes(identifier) if identifier else None
    assert written is None or IRIS.fullmatch(written)


@given(st.text(max_size=40))
def test_a_doi_is_read_back_as_it_was_asked(text: str) -> None:
    identifier = canonical("doi", f"10.1000/{text}")
    if identifier is None or "%" in identifier.value or not identifier.value.isprintable():
        return
    written = nodes(identifier)
    assert written is not None
    first = written.split(" ")[0].strip("<>")
    (record,) = observed(*rows(CONF, dois=[first.removeprefix("https://doi.org/")]))
    assert identifier in record.facts.ids


@pytest.mark.parametrize(
    "title",
    ['Say "no" } #', 'x" . ?s ?p ?o . "', "{} <x> ?y", "two\nlines\r\nof it", "nul \x00 it", "'a'"],
)
def test_a_hostile_title_stays_within_its_quotes(title: str) -> None:
    literals = title_literals(title)
    assert literals
    for literal in literals:
        assert STRING.fullmatch(literal)
    assert asked(by_titles(literals))[1] == {json.loads(text) for text in literals}


@pytest.mark.parametrize("title", ["a \\ b", "x\\u0022 } #", "\\", "", " . ", "\ud800", "y" * 501])
def test_a_title_that_cannot_be_one_of_dblps_is_refused(title: str) -> None:
    assert title_literals(title) == ()
    assert usual_literal(title) is None


@given(st.text(max_size=60))
def test_any_title_is_literals_or_nothing(title: str) -> None:
    for literal in title_literals(title):
        assert STRING.fullmatch(literal)
        literal.encode()


async def test_a_record_of_a_kind_that_is_never_asked_for_fails() -> None:
    ids = [Identifier("dblp", "homepages/l/AdaLovelace"), Identifier("dblp", KNOWN[0])]
    async with world("dblp", answer) as w:
        outcomes = await fetched(w.source, asks_for(ids))
    assert isinstance(outcomes[1], Failed)
    assert outcomes[1].reason == "bad_id"
    assert isinstance(outcomes[2], Observed)


# --- rows ------------------------------------------------------------------------------


async def test_rows_become_one_record() -> None:
    made = rows(
        CONF,
        "Why Engines?",
        venue="ACL (1)",
        year="2023",
        dois=["10.1000/A", "10.1000/B"],
        authors=["Wei Wang 0001", "Émilie du Châtelet", "Ada Lovelace"],
    )
    assert len(made) == 6
    outcome = await outcome_of(Identifier("dblp", CONF), *made)
    assert isinstance(outcome, Observed)
    assert (outcome.answered, outcome.citation_count) == (Identifier("dblp", CONF), None)
    facts = outcome.facts
    assert (facts.title, facts.year, facts.venue) == ("Why Engines?", 2023, "ACL (1)")
    assert facts.authors == ("Wei Wang", "Émilie du Châtelet", "Ada Lovelace")
    assert (facts.doi, [str(i) for i in facts.ids]) == (
        "10.1000/a",
        ["doi:10.1000/a", "doi:10.1000/b"],
    )


def test_only_the_last_full_stop_goes() -> None:
    (seen,) = observed(*rows(CONF, "E.T. et al.."))
    assert seen.facts.title == "E.T. et al."
    assert usual_literal("E.T. et al") == '"E.T. et al."'
    assert usual_literal("Why?") == '"Why?"'


@pytest.mark.parametrize("server", ["CoRR", "IACR Cryptol. ePrint Arch."])
def test_a_server_of_preprints_is_no_venue(server: str) -> None:
    (seen,) = observed(*rows(CORR, venue=server))
    assert seen.facts.venue is None


def test_records_of_older_preprints_name_the_arxiv_id_by_their_key() -> None:
    (seen,) = observed(*rows("journals/corr/abs-1707-06347", venue="CoRR"))
    assert seen.facts.ids == (Identifier("arxiv", "1707.06347"),)


def test_what_is_no_year_name_or_place_is_passed_over() -> None:
    odd: list[Row] = rows(CONF, year="-17", venue=" ", authors=["\x00", " "])
    odd[0]["place"] = {"type": "literal", "value": "first"}
    odd[1]["doi"] = {"type": "uri", "value": "https://example.org/x"}
    (seen,) = observed(*odd)
    facts = seen.facts
    assert (facts.year, facts.venue, facts.authors, facts.doi) == (None, None, (), None)


@pytest.mark.parametrize(
    "value",
    [
        {"head": {}, "results": {}},
        {"head": {}, "results": {"bindings": None}},
        {"results": []},
        {"boolean": True},
        {"exception": "query", "status": "ERROR"},
        table([None]),
        table([{}]),
        table([{"publ": {"type": "uri", "value": RECORDS + CONF}}]),
        table([{**rows(CONF)[0], "title": {"type": "uri", "value": "https://x"}}]),
        table([{**rows(CONF)[0], "publ": {"type": "bnode", "value": "b0"}}]),
        table([{**rows(CONF)[0], "publ": {"type": "uri", "value": 7}}]),
    ],
)
def test_another_shape_is_a_failure(value: object) -> None:
    read = read_records(given_answer(value))
    assert isinstance(read, Failed)
    assert read.reason == "shape"


async def test_records_of_a_kind_that_was_not_asked_for_answer_nobody() -> None:
    other = rows("homepages/l/AdaLovelace")
    assert await outcome_of(ASKED, *other) == Missing(asked=ASKED)


# --- preprints and publications --------------------------------------------------------


async def test_a_preprint_that_appeared_gives_the_venue_and_keeps_its_record() -> None:
    async with world("dblp", graph(*PREPRINT, *PUBLISHED)) as w:
        outcome = (await fetched(w.source, asks_for([ASKED])))[1]
        first, second = w.server.requests
    assert asked(second.query["query"]) == (set(), {TITLE})
    assert first.path == second.path
    assert isinstance(outcome, Observed)
    assert outcome.answered == Identifier("dblp", CORR)
    facts = outcome.facts
    assert (facts.venue, facts.doi, facts.year) == ("NeurIPS", "10.5555/engines.24", 2023)
    assert facts.ids == (
        ASKED,
        Identifier("dblp", CONF),
        Identifier("doi", "10.5555/engines.24"),
    )


async def test_publications_are_not_looked_for_twice() -> None:
    async with world("dblp", graph(*PUBLISHED)) as w:
        await fetched(w.source, asks_for([Identifier("dblp", CONF)]))
        assert len(w.server.requests) == 1


@pytest.mark.parametrize(
    "other",
    [
        rows(CONF, TITLE, authors=["Somebody Else", "George G. Byron II"]),
        rows(CONF, TITLE, authors=[]),
        rows(CONF, "Engines of Synthesis."),
        rows(CONF, TITLE, year="2037"),
        rows("journals/iacr/LovelaceB23", TITLE, venue="IACR Cryptol. ePrint Arch.", year="2023"),
    ],
)
async def test_another_work_is_no_publication_of_a_preprint(other: list[Row]) -> None:
    outcome = await outcome_of(ASKED, *PREPRINT, *other)
    assert isinstance(outcome, Observed)
    assert (outcome.facts.venue, outcome.facts.ids) == (None, (ASKED,))


def test_the_earliest_publication_counts() -> None:
    late = rows("journals/jmlr/LovelaceB25", TITLE, venue="J. Mach. Learn. Res.", year="2025")
    preprint, *others = observed(*PREPRINT, *late, *PUBLISHED)
    assert with_publication(preprint, others).facts.venue == "NeurIPS"


@pytest.mark.parametrize(
    "trouble",
    [
        Reply(400, b'{"exception": "no"}'),
        Reply(500, b"{}"),
        Reply(200, b"{}"),
        Reply(429, b"", {"Retry-After": "3600"}),
    ],
)
async def test_a_preprint_is_read_also_when_its_publication_cannot_be_looked_for(
    trouble: Reply,
) -> None:
    inner = graph(*PREPRINT, *PUBLISHED)

    def handler(request: Request) -> Reply:
        return trouble if asked(request.query["query"])[1] else inner(request)

    async with world("dblp", handler) as w:
        outcome = (await fetched(w.source, asks_for([ASKED])))[1]
    assert isinstance(outcome, Observed)
    assert outcome.facts.venue is None


async def test_titles_of_many_preprints_fit_into_request_lines() -> None:
    keys = [f"journals/corr/abs-2001-{n:05d}" for n in range(1, 51)]
    made = [r for k in keys for r in rows(k, f"{k}: {'On Engines ' * 20}.", venue="CoRR")]
    async with world("dblp", graph(*made)) as w:
        outcomes = await fetched(w.source, asks_for(Identifier("dblp", k) for k in keys))
        sent = w.server.requests
    assert {type(o) for o in outcomes.values()} == {Observed}
    assert max(len(r.line) for r in sent) < 8_000
    assert sum(len(asked(r.query["query"])[1]) for r in sent) == 50


async def test_a_found_title_is_one_work_with_the_names_of_both_records() -> None:
    async with world("dblp", graph(*PREPRINT, *PUBLISHED)) as w:
        found = (await searched(w.source, "Engines of Analysis"))[1]
    assert isinstance(found, Found)
    (candidate,) = found.candidates
    assert candidate.answered == Identifier("dblp", CONF)
    assert candidate.facts.ids == (
        Identifier("doi", "10.5555/engines.24"),
        Identifier("dblp", CORR),
        ASKED,
    )
    assert found.complete


def test_works_that_only_share_a_title_stay_apart() -> None:
    foreign = rows("conf/icml/Byron23", TITLE, authors=["Somebody Else"])
    assert len(fold(observed(*PREPRINT, *foreign))) == 2


def test_a_title_of_thousands_is_incomplete() -> None:
    made = rows(CONF, authors=[f"A {n}" for n in range(ROWS_LIMIT)])
    assert isinstance(read_records(given_answer(table(made))), list)
    found = read_search(given_answer(table(made)))
    assert isinstance(found, Failed)
    assert found.reason == "incomplete"


async def test_two_records_of_one_paper_are_no_split() -> None:
    twice = [*rows(CONF, dois=["10.5555/x"]), *rows(f"{CONF}a", dois=["10.5555/x"])]
    outcome = await outcome_of(Identifier("doi", "10.5555/x"), *twice)
    assert isinstance(outcome, Observed)
    assert outcome.twins == ()
    async with world("dblp", answer) as w:
        assert isinstance(w.source, Comparer)
        assert list(w.source.doubles([ASKED, Identifier("doi", "10.1000/x")])) == []


# --- the wall --------------------------------------------------------------------------

WALL = b"<!doctype html><html><title>Making sure you&#39;re not a bot!</title></html>"
ANUBIS = b'\n<html><script id="anubis_challenge"></script></html>'
WITHIN = b'<!DOCTYPE HTML><link href="/.WITHIN.website/x/xess.css">'
UNTIL = int(START) + 86_400
REASON = "asks for a proof that no robot asks; not circumvented"


@pytest.mark.parametrize("status", [200, 403, 500, 503])
@pytest.mark.parametrize("body", [WALL, ANUBIS, WITHIN])
async def test_the_wall_parks_for_a_day(status: int, body: bytes) -> None:
    gate = MemoryGate()
    wall = Reply(status, body, content_type="text/html; charset=utf-8")
    ids = [Identifier("dblp", KNOWN[0]), Identifier("doi", "10.1145/1.2"), ASKED]
    async with world("dblp", lambda _r: wall, gate=gate) as w:
        outcomes = await fetched(w.source, asks_for(ids))
        found = await searched(w.source, "A title", "Another")
        assert len(w.server.requests) == 1
        assert w.clock.sleeps == []
    assert {*outcomes.values(), *found.values()} == {Throttled(until=UNTIL, reason=REASON)}
    assert gate.parkings == [(START + 86_400, REASON)]
    async with world("dblp", answer, gate=gate) as w:
        again = await fetched(w.source, asks_for(ids))
        assert w.server.requests == []
    assert {*again.values()} == {Throttled(until=int(START) + 86_400, reason=REASON)}


async def test_a_wall_that_claims_to_be_json_is_seen() -> None:
    async with world("dblp", lambda _r: Reply(200, WALL)) as w:
        outcomes = await fetched(w.source, asks_for([ASKED]))
    assert outcomes[1] == Throttled(until=UNTIL, reason=REASON)


async def test_a_wall_at_the_second_look_keeps_what_the_first_gave() -> None:
    inner = graph(*PREPRINT)

    def handler(request: Request) -> Reply:
        titles = asked(request.query["query"])[1]
        return Reply(200, WALL, content_type="text/html") if titles else inner(request)

    async with world("dblp", handler, batch_size=1) as w:
        outcomes = await fetched(w.source, asks_for([ASKED, Identifier("arxiv", "2301.00002")]))
    assert isinstance(outcomes[1], Observed)
    assert outcomes[2] == Throttled(until=UNTIL, reason=REASON)
    assert len(w.gate.parkings) == 1


@pytest.mark.parametrize("status", [200, 500])
async def test_another_page_is_no_wall(status: int) -> None:
    page = Reply(status, b"<html>Down for maintenance</html>", content_type="text/html")
    async with world("dblp", lambda _r: page) as w:
        outcomes = await fetched(w.source, asks_for([ASKED]))
    assert {getattr(o, "reason", "") for o in outcomes.values()} <= {"not_json", "http_500"}
    assert w.gate.parkings == []


async def test_a_paper_about_the_wall_is_no_wall() -> None:
    made = rows(CONF, "Anubis: Making sure you are not a bot with .within.website.")
    outcome = await outcome_of(Identifier("dblp", CONF), *made)
    assert isinstance(outcome, Observed)


# --- manners ---------------------------------------------------------------------------


async def test_six_seconds_lie_between_two_questions() -> None:
    ids = [Identifier("dblp", key) for key in KNOWN]
    async with world("dblp", answer, batch_size=1, min_interval_s=None) as w:
        await fetched(w.source, asks_for(ids))
        times = [request.at for request in w.server.requests]
    assert [b - a >= 6.0 for a, b in pairwise(times)] == [True, True]


# --- recorded answers ------------------------------------------------------------------


def test_recorded_answers_of_the_search_are_named_failures_here(data_dir: Path) -> None:
    folder = data_dir / "real/dblp"
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    if not paths:
        pytest.skip("not recorded here")
    reasons = set()
    for path in paths:
        recorded = Answer(200, {}, path.read_bytes(), "application/json", "")
        for read in (read_records(recorded), read_search(recorded)):
            assert isinstance(read, Failed), path.name
            reasons.add(read.reason)
    assert reasons == {"shape", "not_json"}


def test_the_facts_of_recorded_hits_are_read_from_rows_alike(data_dir: Path) -> None:
    path = data_dir / "real/dblp/search_publ_api_test.json"
    if not path.is_file():
        pytest.skip("not recorded here")
    hits = [hit["info"] for hit in json.loads(path.read_bytes())["result"]["hits"]["hit"]]
    for info in hits:
        names = info["authors"]["author"]
        authors = [names] if isinstance(names, str) else names
        venues = info.get("venue", "")
        venue = venues if isinstance(venues, str) else venues[0]
        dois = [info["doi"]] if "doi" in info else []
        made = rows(
            info["key"], info["title"], venue=venue, year=info["year"], dois=dois, authors=authors
        )
        (seen,) = observed(*made)
        assert seen.answered == Identifier("dblp", info["key"])
        facts = seen.facts
        assert facts.title == info["title"].removesuffix(".")
        assert (facts.year, facts.venue) == (int(info["year"]), venue or None)
        assert len(facts.authors) == len(authors)
        assert not any(name[-1].isdecimal() for name in facts.authors)
        assert (facts.doi is None) == (not dois)
    assert len(hits) == 20


# --- anything at all -------------------------------------------------------------------

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([RECORDS + CONF, "https://doi.org/10.1000/x", "uri", "literal", "2020"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
TERMS = st.fixed_dictionaries(
    {"type": st.sampled_from(["uri", "literal", "bnode", "typed-literal"]), "value": JSON}
)
NAMES = ("title", "year", "venue", "doi", "author", "place", "publ")
BINDINGS = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, TERMS | JSON)).map(
    lambda more: {**rows(CONF)[0], **more}
)


@given(st.lists(BINDINGS | JSON, max_size=3), st.sampled_from([200, 404]))
def test_any_answer_is_records_or_a_failure(bindings: list[Any], status: int) -> None:
    made = given_answer(table(bindings), status)
    records = read_records(made)
    assert isinstance(read_search(made), Found | Failed)
    if isinstance(records, Failed):
        assert records.reason in ("shape", "not_json")
        return
    for record in records:
        assert record.observed.citation_count is None


def test_queries_are_as_they_are_written_down() -> None:
    query = by_nodes("asked", ["<https://doi.org/10.1145/1.2>"])
    assert query.splitlines()[:4] == [
        "PREFIX dblp: <https://dblp.org/rdf/schema#>",
        "SELECT DISTINCT ?publ ?title ?year ?venue ?doi ?author ?place WHERE {",
        "  VALUES ?asked { <https://doi.org/10.1145/1.2> }",
        "  ?publ dblp:doi ?asked .",
    ]
    assert query.count("{") == query.count("}")
    assert by_titles(['"A."']).endswith(f"}} LIMIT {ROWS_LIMIT}")
