"""Papers that nobody watches, asked about for one check."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from checking_world import check, listed, one

from citewatch.domain.checking import Verdict
from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Facts, Failed, Found, Observed, Paper
from citewatch.services.strangers import Asked, ask_about
from fakes import ScriptedSource
from worlds import World, day, paper

ARXIV = Identifier("arxiv", "1708.03999")
RECORD = Identifier("semantic_scholar", "a" * 40)
PEOPLE = ("Ada Lovelace", "Bo Berg")
ZOO = paper("", "ZOO: Zeroth Order Attacks", "arxiv:1708.03999", year=2017, authors=PEOPLE)
UNNAMED = replace(ZOO, ids=())
FACTS = Facts(title=ZOO.title, authors=PEOPLE, year=2017)


def answer(count: int | None, facts: Facts = FACTS) -> Observed:
    return Observed(asked=ARXIV, answered=RECORD, citation_count=count, facts=facts)


def ask(wanted: Paper, *sources: ScriptedSource) -> Asked:
    return asyncio.run(ask_about({3: wanted}, sources, lambda: day(5)))


def counts(asked: Asked) -> list[tuple[str, int | None]]:
    return [(fresh.source, fresh.known.citations) for fresh in asked.found.values()]


def test_an_identifier_is_asked_for_and_the_first_source_that_knows_it_speaks() -> None:
    first = ScriptedSource()
    second = ScriptedSource("openalex", answers={str(ARXIV): answer(205)})
    third = ScriptedSource("crossref", answers={str(ARXIV): answer(437)})
    asked = ask(ZOO, first, second, third)
    assert counts(asked) == [("openalex", 205)]
    assert (third.requests, asked.troubles) == (0, ())
    assert first.closed
    assert third.closed


def test_a_title_is_looked_for_where_there_is_no_identifier() -> None:
    source = ScriptedSource(titles={ZOO.title: Found(candidates=(answer(437),))})
    assert counts(ask(UNNAMED, source)) == [("semantic_scholar", 437)]


def test_a_search_without_counts_is_followed_by_the_record() -> None:
    source = ScriptedSource(
        titles={ZOO.title: Found(candidates=(answer(None),), complete=False)},
        answers={str(RECORD): answer(437)},
    )
    assert counts(ask(UNNAMED, source)) == [("semantic_scholar", 437)]


def test_another_paper_s_count_is_never_taken() -> None:
    theirs = Facts(title="Gardening in Winter", authors=("Eve Earl",), year=2003)
    source = ScriptedSource(
        answers={str(ARXIV): answer(900, theirs)},
        titles={ZOO.title: Found(candidates=(answer(900, theirs),))},
    )
    assert counts(ask(ZOO, source)) == []


def test_silence_is_no_not_found_and_is_said() -> None:
    silent = ScriptedSource()
    silent.everything = Failed(reason="http_500")
    asked = ask(ZOO, silent)
    assert asked.found == {}
    assert silent.searched == []
    (words,) = asked.troubles
    assert words.endswith(": http_500")
    blocked = ScriptedSource("ads")
    blocked.needs = "needs a key"
    assert "needs a key" in ask(ZOO, blocked).troubles[0]


def test_what_was_asked_for_is_judged_like_the_rest() -> None:
    source = ScriptedSource(answers={str(ARXIV): answer(437)})
    found = listed("ZOO, 100+ citations", ZOO)
    world = World()
    first = check(world, found, 5)
    assert one(first).verdict is Verdict.UNKNOWN
    asked = asyncio.run(ask_about(first.strangers, [source], lambda: day(5)))
    row = one(check(world, found, 5, fresh=asked.found))
    assert (row.verdict, row.judged.suggest, row.key) == (Verdict.RAISE, "400+ citations", None)
    assert (row.citations, row.source, row.observed_at) == (437, "semantic_scholar", day(5))
