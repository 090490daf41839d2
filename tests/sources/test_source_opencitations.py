"""OpenCitations' own traps: strings, zeros that mean nothing, paths with slashes, tokens."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit_opencitations import KIT, answer
from source_world import Reply, Request, asks_for, fetched, json_reply, searched, world

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Failed, Found, Missing, Observed
from citewatch.ports import Ask
from citewatch.sources.answers import Answer
from citewatch.sources.opencitations import COUNTED, OpenCitations, read_count

DOI = Identifier("doi", "10.5555/alpha.2017.1")


def reply(value: object) -> Answer:
    return Answer(200, {}, json.dumps(value).encode(), "application/json", "")


# --- readings ----------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "read"), [("34", 34), (34, 34), ("1", 1), (" 7 ", 7)])
def test_a_count_is_a_string_or_a_number(count: object, read: int) -> None:
    observed = read_count(reply([{"count": count}]), DOI, known=False)
    assert observed == Observed(asked=DOI, answered=DOI, citation_count=read, hint=COUNTED)


@pytest.mark.parametrize("value", [[{"count": "0"}], [{"count": 0}], []])
def test_zero_of_a_paper_without_a_count_says_nothing(value: object) -> None:
    assert read_count(reply(value), DOI, known=False) is None


@pytest.mark.parametrize("count", ["0", 0])
def test_zero_of_a_paper_that_had_citations_is_a_reading(count: object) -> None:
    observed = read_count(reply([{"count": count}]), DOI, known=True)
    assert isinstance(observed, Observed)
    assert (observed.citation_count, observed.hint) == (0, COUNTED)


@pytest.mark.parametrize(
    "count",
    [
        None,
        -1,
        "-1",
        "",
        "many",
        "3.0",
        3.0,
        True,
        False,
        [],
        {},
        10_000_001,
        "9" * 30,
        "١٢",
        "1e3",
    ],
)
@pytest.mark.anyio
async def test_what_is_not_a_count_is_a_failure_and_never_a_number(count: object) -> None:
    async with world("opencitations", lambda _r: json_reply([{"count": count}])) as w:
        outcomes = await fetched(w.source, asks_for([DOI]))
    assert isinstance(outcomes[1], Failed)
    assert outcomes[1].reason == "count"


@pytest.mark.anyio
async def test_a_missing_count_is_a_failure() -> None:
    async with world("opencitations", lambda _r: json_reply([{}])) as w:
        outcomes = await fetched(w.source, asks_for([DOI]))
    assert getattr(outcomes[1], "reason", "") == "count"


@pytest.mark.parametrize(
    "value", [None, 7, "x", {"count": "3"}, [3], [[]], [{"count": "3"}, {"count": "4"}]]
)
def test_another_shape_is_a_failure(value: object) -> None:
    observed = read_count(reply(value), DOI, known=True)
    assert isinstance(observed, Failed)
    assert observed.reason == "shape"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=2) | st.fixed_dictionaries({}, optional={"count": inner})
        ),
    )
)
def test_anything_is_a_reading_no_data_or_a_named_failure(value: object) -> None:
    observed = read_count(reply(value), DOI, known=False)
    assert observed is None or isinstance(observed, Observed | Failed)
    if isinstance(observed, Observed):
        assert observed.citation_count is None or 0 < observed.citation_count <= 10_000_000


@pytest.mark.anyio
async def test_no_data_is_missing_and_a_fall_to_zero_is_seen() -> None:
    async with world("opencitations", lambda _r: json_reply([{"count": "0"}])) as w:
        new, known = Identifier("doi", "10.5555/new"), Identifier("doi", "10.5555/known")
        outcomes = await fetched(w.source, [Ask(1, new), Ask(2, known, hint=COUNTED)])
    assert outcomes[1] == Missing(asked=new)
    assert isinstance(outcomes[2], Observed)
    assert outcomes[2].citation_count == 0


@pytest.mark.anyio
async def test_a_reading_says_what_was_asked_and_nothing_else() -> None:
    async with world("opencitations", answer) as w:
        outcomes = await fetched(w.source, asks_for(KIT.ids(*KIT.known)))
    for identifier, outcome in zip(KIT.ids(*KIT.known), outcomes.values(), strict=True):
        assert isinstance(outcome, Observed)
        assert outcome.asked == outcome.answered == identifier
        assert (outcome.facts.title, outcome.facts.ids) == (None, ())


# --- requests ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identifier", "path"),
    [
        (DOI, "doi:10.5555/alpha.2017.1"),
        (Identifier("doi", "10.5555/a/b/c"), "doi:10.5555/a/b/c"),
        (
            Identifier("doi", "10.1002/(sici)1097(1998)49:8<693::aid-asi4>3.0.co;2-o"),
            "doi:10.1002/%28sici%291097%281998%2949%3A8%3C693%3A%3Aaid-asi4%3E3.0.co%3B2-o",
        ),
        (Identifier("doi", "10.5555/a?b#c%d"), "doi:10.5555/a%3Fb%23c%25d"),
        (Identifier("pubmed", "12345"), "pmid:12345"),
    ],
)
@pytest.mark.anyio
async def test_slashes_stay_in_the_path_and_the_rest_is_encoded(
    identifier: Identifier, path: str
) -> None:
    async with world("opencitations", lambda _r: json_reply([{"count": "5"}])) as w:
        outcomes = await fetched(w.source, asks_for([identifier]))
        (request,) = w.server.requests
        assert request.line.split(" ")[1] == f"/index/v2/citation-count/{path}"
    assert isinstance(outcomes[1], Observed)


@pytest.mark.parametrize("value", ["10.5555/../../admin", "10.5555/./x"])
@pytest.mark.anyio
async def test_a_doi_that_leads_elsewhere_is_not_sent(value: str) -> None:
    async with world("opencitations", answer) as w:
        outcomes = await fetched(w.source, asks_for([Identifier("doi", value)]))
        assert w.server.requests == []
    assert getattr(outcomes[1], "reason", "") == "bad_id"


@pytest.mark.anyio
async def test_the_base_address_may_have_a_path() -> None:
    async with world("opencitations", answer) as w:
        base = f"{w.server.url}/mounted/here/"
        async with world("opencitations", answer, base_url=base) as other:
            outcomes = await fetched(other.source, asks_for([DOI]))
        (request,) = w.server.requests
    assert request.path == "/mounted/here/index/v2/citation-count/doi:10.5555/alpha.2017.1"
    assert isinstance(outcomes[1], Observed)


@pytest.mark.anyio
async def test_titles_cannot_be_looked_for_and_cost_no_request() -> None:
    async with world("opencitations", answer) as w:
        found = await searched(w.source, "A title", "Another")
        assert w.server.requests == []
    assert set(found.values()) == {Found(candidates=())}


@pytest.mark.anyio
async def test_the_token_stands_alone_in_its_header() -> None:
    async with world("opencitations", answer, secrets={"token": " t0ken "}) as w:
        await fetched(w.source, asks_for([DOI]))
        assert w.server.requests[0].headers["authorization"] == "t0ken"
        assert isinstance(w.source, OpenCitations)
        assert w.source.key_state == "accepted"


@pytest.mark.anyio
async def test_without_a_token_none_is_sent() -> None:
    async with world("opencitations", answer, secrets={}) as w:
        await fetched(w.source, asks_for([DOI]))
        assert "authorization" not in w.server.requests[0].headers


@pytest.mark.anyio
async def test_a_refused_token_is_dropped_and_said_once() -> None:
    def handler(request: Request) -> Reply:
        if "authorization" in request.headers:
            return Reply(401, b"who?", content_type="text/plain")
        return answer(request)

    async with world("opencitations", handler, secrets={"token": "0ld-token"}) as w:
        outcomes = await fetched(w.source, asks_for(KIT.ids(*KIT.known)))
        assert isinstance(w.source, OpenCitations)
        assert w.source.notes == ("token was refused (401); went on without it",)
        assert len(w.server.requests) == 2 + len(KIT.known)
    assert {type(o) for o in outcomes.values()} == {Observed}


@pytest.mark.anyio
async def test_a_refusal_ends_the_pass() -> None:
    many = [Identifier("doi", f"10.5555/{n}") for n in range(50)]
    async with world("opencitations", lambda _r: Reply(403, b"no"), secrets={}) as w:
        outcomes = await fetched(w.source, asks_for(many))
        assert len(w.server.requests) == 1
    assert {getattr(o, "reason", "") for o in outcomes.values()} == {"refused"}


# --- pace --------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_one_request_a_second_is_the_pace() -> None:
    async with world("opencitations", answer, min_interval_s=None, max_in_flight=1) as w:
        await fetched(w.source, asks_for(KIT.ids(*KIT.known)))
        first, second, third = (r.at for r in w.server.requests)
    assert 1.0 <= second - first <= 1.05
    assert 1.0 <= third - second <= 1.05


@pytest.mark.anyio
async def test_the_first_question_goes_alone_and_then_several_are_under_way() -> None:
    before_the_first_answer: list[int] = []

    async def handler(request: Request) -> Reply:
        await asyncio.sleep(0.05)
        before_the_first_answer.append(len(w.server.requests))
        return answer(request)

    many = [Identifier("doi", f"10.5555/{n}") for n in range(9)]
    async with world("opencitations", handler) as w:
        await fetched(w.source, asks_for(many))
        assert w.server.open_most == 4
    assert before_the_first_answer[0] == 1
