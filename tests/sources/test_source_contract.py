"""What every source owes when all is well: the right papers, asked for decently.

The other halves of the contract are the files test_contract_*.py beside this one.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from contract_cases import found_for, kit_world, outcomes_of, truth_of
from source_kit import Kit
from source_world import Reply, Request, asks_for, fetched, gzipped, searched

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Failed, Found, Missing, Observed
from citewatch.ports import Inspector, Source
from citewatch.sources.registry import known_sources

pytestmark = pytest.mark.anyio


async def test_the_source_says_what_the_registry_says_of_it(kit: Kit) -> None:
    async with kit_world(kit) as w:
        spec = kit.spec or known_sources()[kit.name]
        source: Source = w.source
        assert (source.name, source.label, source.counts, source.schemes) == (
            spec.name,
            spec.label,
            spec.counts,
            spec.schemes,
        )


async def test_known_papers_are_observed(kit: Kit) -> None:
    outcomes = await truth_of(kit, *kit.known)
    for identifier, outcome in zip(kit.ids(*kit.known), outcomes, strict=True):
        assert isinstance(outcome, Observed)
        assert outcome.asked == identifier
        assert outcome.facts.title == (f"Paper {identifier.value}" if kit.titles else None)


async def test_only_a_source_that_counts_gives_numbers(kit: Kit) -> None:
    outcomes = await truth_of(kit, *kit.known)
    counted = {isinstance(o, Observed) and o.citation_count is not None for o in outcomes}
    assert counted == {(kit.spec or known_sources()[kit.name]).counts}


async def test_an_unknown_paper_is_missing_among_known_ones(kit: Kit) -> None:
    asked = (kit.known[0], kit.unknown[0], kit.known[1])
    outcomes, _ = await outcomes_of(kit, kit.answer, *asked)
    assert outcomes == await truth_of(kit, *asked)
    assert outcomes[1] == Missing(asked=kit.ids(*asked)[1])


async def test_all_unknown_papers_are_missing(kit: Kit) -> None:
    outcomes, _ = await outcomes_of(kit, kit.answer, *kit.unknown)
    assert [type(o) for o in outcomes] == [Missing] * 3


async def test_a_malformed_id_fails_alone_and_is_not_sent(kit: Kit) -> None:
    outcomes, w = await outcomes_of(kit, kit.answer, kit.known[0], kit.malformed, kit.known[1])
    good, bad, also_good = outcomes
    assert [good, also_good] == await truth_of(kit)
    assert isinstance(bad, Failed)
    assert (bad.reason, bad.retry) == ("bad_id", False)
    sent = "".join(r.line + r.body.decode() for r in w.server.requests)
    assert f'"{kit.malformed}"' not in sent


HOSTILE_VALUES = {
    "nothing": "",
    "a line break": "10.5555/x\r\nX-Evil: 1",
    "a NUL": "10.5555/\x00",
    "a lone surrogate": "10.5555/\ud800",
    "another path": "10.5555/../../admin",
    "a query": "10.5555/x?api_key=1&y#z",
    "a long one": "10.5555/" + "x" * 20_000,
    "an address": "http://169.254.169.254/latest/meta-data/",
}


@pytest.mark.parametrize("what", HOSTILE_VALUES)
async def test_an_id_from_hell_harms_no_other(kit: Kit, what: str) -> None:
    outcomes, w = await outcomes_of(kit, kit.answer, kit.known[0], HOSTILE_VALUES[what])
    assert [outcomes[0]] == await truth_of(kit, kit.known[0])
    assert isinstance(outcomes[1], Failed | Missing)
    assert not [r for r in w.server.requests if "x-evil" in r.headers or "/../" in r.path]


async def test_an_id_of_a_foreign_scheme_fails_and_is_not_sent(kit: Kit) -> None:
    async with kit_world(kit) as w:
        outcomes = await fetched(w.source, asks_for([Identifier("nobodys", "v80/gowal18a")]))
        assert w.server.requests == []
    assert isinstance(outcomes[1], Failed)


async def test_duplicate_ids_are_asked_once_and_answered_to_all(kit: Kit) -> None:
    first, second = kit.known[:2]
    outcomes, w = await outcomes_of(kit, kit.answer, first, second, first, first)
    assert outcomes == await truth_of(kit, first, second, first, first)
    sent = "".join(r.line + r.body.decode() for r in w.server.requests)
    plain = await outcomes_of(kit, kit.answer, first, second)
    assert sent == "".join(r.line + r.body.decode() for r in plain[1].server.requests)


async def test_nothing_asked_is_nothing_sent(kit: Kit) -> None:
    async with kit_world(kit) as w:
        assert await fetched(w.source, []) == {}
        assert await searched(w.source) == {}
        assert (w.server.requests, w.source.requests) == ([], 0)


async def test_many_papers_one_a_request_are_all_answered(kit: Kit) -> None:
    asked = (*kit.known, *kit.unknown)
    outcomes, w = await outcomes_of(kit, kit.answer, *asked, batch_size=1, max_in_flight=3)
    assert outcomes == await truth_of(kit, *asked)
    assert w.server.open_most <= 3


async def test_a_title_is_found_and_an_unknown_title_finds_nothing(kit: Kit) -> None:
    async with kit_world(kit) as w:
        found = await searched(w.source, f"Paper {kit.known[0]}", "Nothing of the kind", "  ")
        if not kit.searches:
            assert set(found.values()) == {Found(candidates=())}
            assert w.server.requests == []
            return
    hit = found[1]
    assert isinstance(hit, Found)
    assert [c.facts.title for c in hit.candidates] == [f"Paper {kit.known[0]}"]
    assert found[2] == found[3] == Found(candidates=())


@pytest.mark.parametrize(
    "title", ['"', "\\", "\ud800", "\x00\x1b[31m", "*:* OR 1=1 #", "é" * 9_000]
)
async def test_a_title_from_hell_is_found_or_not(kit: Kit, title: str) -> None:
    async with kit_world(kit) as w:
        found = await found_for(w, title)
        assert all(len(r.line) < 8_190 for r in w.server.requests)
    assert found == Found(candidates=())


# --- how it is asked -------------------------------------------------------------------


async def test_every_request_says_who_asks_and_takes_gzip(kit: Kit) -> None:
    _, w = await outcomes_of(kit, kit.answer, *kit.known)
    assert w.server.requests
    for request in w.server.requests:
        assert request.headers["user-agent"] == "citewatch/9.9 (+mailto:me@example.org)"
        assert request.headers["accept-encoding"] == "gzip"
        assert "cookie" not in request.headers
    assert w.source.requests == len(w.server.requests)


async def test_a_gzipped_answer_is_understood(kit: Kit) -> None:
    def handler(request: Request) -> Reply:
        plain = kit.answer(request)
        return gzipped(plain.body, plain.content_type)

    outcomes, _ = await outcomes_of(kit, handler)
    assert outcomes == await truth_of(kit)


async def test_cookies_are_not_kept(kit: Kit) -> None:
    def handler(request: Request) -> Reply:
        return replace(kit.answer(request), headers={"Set-Cookie": "visitor=7; Path=/"})

    _, w = await outcomes_of(kit, handler, *kit.known, batch_size=1)
    assert not [r for r in w.server.requests if "cookie" in r.headers]


@pytest.mark.parametrize("end", ["", "/"])
async def test_a_path_in_the_base_url_is_kept(kit: Kit, end: str) -> None:
    folder = "/kept/below"

    def handler(request: Request) -> Reply:
        line = request.line.replace(folder, "", 1)
        return kit.answer(replace(request, path=request.path.removeprefix(folder), line=line))

    outcomes, w = await outcomes_of(kit, handler, folder=folder + end)
    paths = [request.path for request in w.server.requests]
    assert paths
    assert [p for p in paths if not p.startswith(f"{folder}/") or "//" in p] == []
    assert outcomes == await truth_of(kit)


async def test_closing_early_leaves_nothing_behind(kit: Kit) -> None:
    async with kit_world(kit, batch_size=1, max_in_flight=3) as w:
        before = asyncio.all_tasks()
        answers = w.source.fetch(asks_for(kit.ids(*kit.known)))
        await anext(answers)
        await answers.aclose()  # type: ignore[attr-defined]
        assert [t for t in asyncio.all_tasks() - before if "_talk" not in repr(t)] == []


async def test_a_loopback_address_keeps_every_request_on_this_machine(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    asked = (kit.unknown[0], kit.known[0])  # unknown papers make some go on to a second address
    async with kit_world(kit) as w:
        outcomes = await fetched(w.source, asks_for(kit.ids(*asked)))
        answers = [outcomes[series] for series in sorted(outcomes)]
        if isinstance(w.source, Inspector):
            readings = [r async for r in w.source.inspect(asks_for(kit.ids(kit.known[0])))]
            assert isinstance(readings[0][0][1], Observed)
    assert answers == await truth_of(kit, *asked)
