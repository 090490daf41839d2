"""The adapters, asked to read whatever the specifications allow as an answer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import pytest
from source_world import asks_for, fetched, searched, world
from spec_mocks import HonestOpenAlex, HonestS2, Mock, WildOpenAlex, WildS2
from spec_world import Spec

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Blocked, Failed, Found, Missing, Observed, Throttled

pytestmark = pytest.mark.anyio

ARXIV = [Identifier("arxiv", f"2001.{number:05}") for number in range(1, 8)]
DOIS = [Identifier("doi", f"10.1000/{number:06}") for number in range(1, 8)]
OTHERS = {
    "semantic_scholar": [
        Identifier("semantic_scholar", "CorpusId:215416146"),
        Identifier("acl", "W12-3903"),
        Identifier("pubmed", "19872477"),
        Identifier("mag", "112218234"),
    ],
    "openalex": [
        Identifier("openalex", "W2741809807"),
        Identifier("pubmed", "19872477"),
        Identifier("mag", "112218234"),
    ],
}
HONEST: dict[str, type[Mock]] = {"semantic_scholar": HonestS2, "openalex": HonestOpenAlex}
WILD: dict[str, type[Mock]] = {"semantic_scholar": WildS2, "openalex": WildOpenAlex}
ROUNDS = 20

Make = Callable[[type[Mock], int], Mock]


@pytest.fixture(params=sorted(HONEST))
def source(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def make(source: str, request: pytest.FixtureRequest) -> Make:
    name = {"semantic_scholar": "s2_spec", "openalex": "openalex_spec"}[source]
    spec: Spec = request.getfixturevalue(name)
    return lambda kind, start: kind(spec, start=start)


async def test_honest_answers_are_readings(source: str, make: Make) -> None:
    mock = make(HONEST[source], 1)
    ids = [*ARXIV, *DOIS, *OTHERS[source]]
    async with world(source, mock) as w:
        outcomes = await fetched(w.source, asks_for(ids))
        found = await searched(w.source, "Attention Is All You Need")
    assert mock.complaints == []
    assert {type(outcome) for outcome in outcomes.values()} == {Observed}
    counts = {o.citation_count for o in outcomes.values() if isinstance(o, Observed)}
    assert counts <= {json.loads(count) for served in mock.counts.values() for count in served}
    assert len(counts) > len(ids) // 4
    assert isinstance(found[1], Found)
    assert [c.facts.title for c in found[1].candidates] == ["Attention Is All You Need"]


async def test_an_honest_answer_is_given_to_the_paper_that_it_is_about(
    source: str, make: Make
) -> None:
    mock = make(HONEST[source], 2)
    async with world(source, mock) as w:
        outcomes = await fetched(w.source, asks_for(DOIS))
    for number, identifier in enumerate(DOIS, 1):
        outcome = outcomes[number]
        assert isinstance(outcome, Observed)
        (served,) = [v for name, v in mock.counts.items() if name.endswith(identifier.value)]
        assert served == {json.dumps(outcome.citation_count)}


async def test_whatever_the_schema_allows_ends_in_one_named_outcome(
    source: str, make: Make
) -> None:
    mock = make(WILD[source], 3)
    seen: Counter[str] = Counter()
    ids = [*ARXIV[:2], *DOIS[:4], *OTHERS[source][:1]]
    for _ in range(ROUNDS):
        mock.counts.clear()
        async with world(source, mock) as w:
            outcomes = await fetched(w.source, asks_for(ids))
            for outcome in (await searched(w.source, "Attention Is All You Need")).values():
                assert isinstance(outcome, Found | Throttled | Blocked | Failed)
        for number, identifier in enumerate(ids, 1):
            outcome = outcomes[number]
            assert isinstance(outcome, Observed | Missing | Throttled | Blocked | Failed)
            seen[type(outcome).__name__] += 1
            if isinstance(outcome, Observed):
                written = {name for name in mock.counts if name.endswith(identifier.value)}
                served = {count for name in written for count in mock.counts[name]}
                assert type(outcome.citation_count) is int
                assert outcome.citation_count >= 0
                assert json.dumps(outcome.citation_count) in served
    assert mock.complaints == []
    assert min(seen["Failed"], seen["Observed"]) > 0, seen
