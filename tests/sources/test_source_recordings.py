"""Every recorded answer, through the parser that it would meet: a value or a named failure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from recordings import FOLDERS, Recording, answer, counts_in, recordings
from source_world import Reply, asks_for, fetched, searched, world

from citewatch.domain.identifiers import Identifier, canonical
from citewatch.domain.papers import (
    Blocked,
    Facts,
    Failed,
    Found,
    Missing,
    Observed,
    Throttled,
)
from citewatch.sources.answers import refused
from citewatch.sources.arxiv_atom import AtomError, Feed, read_feed
from citewatch.sources.arxiv_page import AbsPage, observe, read_page
from citewatch.sources.openreview_notes import notes_of, read_notes
from citewatch.sources.openreview_notes import observe as observe_forum
from citewatch.sources.page_tags import read_paper
from citewatch.sources.questions import Question
from citewatch.sources.semantic_scholar_records import read_batch, read_match

pytestmark = pytest.mark.anyio

COUNTS = {
    "semantic_scholar": {
        "citation_count": ("paperId", "citationCount"),
        "influential_count": ("paperId", "influentialCitationCount"),
    },
    "openalex": {"citation_count": ("id", "cited_by_count")},
    "crossref": {"citation_count": ("DOI", "is-referenced-by-count")},
    "inspire": {
        "citation_count": ("control_number", "citation_count"),
        "without_self_count": ("control_number", "citation_count_without_self_citations"),
    },
}
"""Source → each number that is read → the id of the record beside it, and its name there."""
NUMBERS = ("citation_count", "influential_count", "without_self_count")
ASKED = {
    source: tuple(Identifier(*asked.split(":", 1)) for asked in known.split())
    for source, known in {
        "semantic_scholar": "arxiv:1706.03762",
        "arxiv": "arxiv:1707.08567 arxiv:2104.12255",
        "openreview": "openreview:017F77AYeQ",
        "openalex": "openalex:W1554322594 doi:10.1023/a:1007154515475",
        "crossref": "doi:10.1371/journal.pone.0033693 doi:10.1000/a,b",
        "inspire": "inspire:451647 arxiv:hep-th/9711200",
        "dblp": "dblp:series/sci/2023-1062 arxiv:1706.03762",
        "page": "pmlr:v232/abbas23a url:https://example.org/paper.html",
    }.items()
}
ENDINGS = ("a count", "a paper, no count", "not known", "nothing found")


def observations(ending: object) -> Iterator[Observed]:
    """Everything that a parser understood."""
    if isinstance(ending, Observed):
        yield ending
    elif isinstance(ending, Found):
        yield from ending.candidates
    elif isinstance(ending, list | tuple):
        for one in ending:
            yield from observations(getattr(one, "observed", one))
    elif isinstance(ending, Feed):
        yield from ending.papers.values()


def named(ending: object) -> str:
    """How it ended, in words for the table."""
    seen = list(observations(ending))
    if any(o.citation_count is not None for o in seen):
        return ENDINGS[0]
    if seen or isinstance(ending, Facts):
        return ENDINGS[1]
    if isinstance(ending, AtomError):
        return f"failed: {ending.summary[:40]}"
    if isinstance(ending, Missing):
        return ENDINGS[2]
    failures = [e for e in (ending if isinstance(ending, list) else [ending]) if type(e) is Failed]
    if failures:
        return f"failed: {failures[0].reason}"
    assert ending is None or isinstance(ending, Found | Feed | list | tuple), ending
    return ENDINGS[3]


# --- the parser that each answer would meet --------------------------------------------


def by_semantic_scholar(recording: Recording, _source: Any) -> object:
    value = recording.value
    if recording.answer.status == 200 and isinstance(value, dict) and "paperId" in value:
        # Only batches are asked: a single record is a batch of one.
        return read_batch(answer(b"[" + recording.answer.body + b"]"), some_ids(1))
    if "/search/match" in recording.uri or recording.uri == "":
        return read_match(recording.answer)
    if recording.answer.status != 200:
        return refused(recording.answer)
    return read_batch(recording.answer, some_ids(len(value) if isinstance(value, list) else 1))


def some_ids(number: int) -> list[Identifier]:
    return [Identifier("arxiv", f"2001.{n:05}") for n in range(1, number + 1)]


def by_arxiv(recording: Recording, _source: Any) -> object:
    if "html" not in recording.answer.content_type:
        return read_feed(recording.answer.body)
    page = read_page(recording.answer.body)
    return observe(page, page.identifier) if isinstance(page, AbsPage) else page


def by_openreview(recording: Recording, _source: Any) -> object:
    """Forums lie there as lists of notes, submissions as one with replies, reviews as content."""
    value = recording.value
    if isinstance(value, dict) and "replies" in value:
        notes: Any = notes_of([value, *value["replies"]])
    elif isinstance(value, dict) and "rating" in value:
        review = {"id": "HJetJMY9hQ", "forum": "HJMXus0ct7", "invitation": "P1/-/Official_Review"}
        notes = notes_of([{**review, "content": value}])
    elif isinstance(value, list):
        notes = read_notes(answer(b'{"notes": ' + recording.answer.body + b"}"))
    else:
        notes = read_notes(recording.answer)
    if isinstance(notes, Failed):
        return notes
    forum = Identifier("openreview", notes[0].forum if notes else "aaaaaaaaaa")
    return observe_forum(notes, forum, hint="v2")


def by_list_source(recording: Recording, source: Any) -> object:
    """A source that is asked for lists: its three readers, by what was asked."""
    path = unquote(urlsplit(recording.uri).path)
    question = Question(Identifier("doi", path.partition("/works/")[2] or "10.1000/1"), "", ())
    value = recording.value
    listed = value.get("message", value) if isinstance(value, dict) else {}
    is_list = isinstance(listed, dict) and {"items", "results", "hits"} & listed.keys()
    if recording.answer.status != 200 or not is_list:
        return source.read_single(recording.answer, question)
    found = source.read_search(recording.answer)
    records = source.read(recording.answer, [question])
    if not isinstance(records, Failed):
        read = {r.observed.answered: r.observed for r in records}
        assert {o.answered: o for o in observations(found)}.items() <= read.items()
    return records


def by_dblp(recording: Recording, source: Any) -> object:
    """The search of dblp.org and its BibTeX, which are not asked: nothing is understood."""
    return [source.read_search(recording.answer), source.read(recording.answer, [])]


def by_page(recording: Recording, _source: Any) -> object:
    return read_paper(recording.answer)


PARSERS: dict[str, Callable[[Recording, Any], object]] = {
    "semantic_scholar": by_semantic_scholar,
    "arxiv": by_arxiv,
    "openreview": by_openreview,
    "openalex": by_list_source,
    "crossref": by_list_source,
    "inspire": by_list_source,
    "dblp": by_dblp,
    "page": by_page,
}


# --- the table --------------------------------------------------------------------------


class Table:
    """How many recordings ended how; shown after the last test."""

    def __init__(self) -> None:
        self.endings: dict[str, Counter[str]] = {}

    def lines(self) -> Iterator[str]:
        for folder, endings in sorted(self.endings.items()):
            words = ", ".join(f"{number} {word}" for word, number in endings.most_common())
            yield f"{folder:<30}{endings.total():>5}  {words}"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("recorded answers and how they ended")
        for line in self.lines():
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def table(pytestconfig: pytest.Config) -> Table:
    made = Table()
    pytestconfig.pluginmanager.register(made)
    return made


# --- the tests ----------------------------------------------------------------------------


def plays(name: str, recording: Recording) -> AbstractAsyncContextManager[Any]:
    """A source whose every question is answered by this recording."""
    recorded = recording.answer
    kind = recorded.content_type or "application/octet-stream"
    return world(name, lambda _: Reply(recorded.status, recorded.body, content_type=kind))


def check_numbers(recording: Recording, seen: Iterable[Observed], source: str) -> None:
    """Each number is the recorded one of that record; none is there without one."""
    known = COUNTS.get(source, {})
    recorded = {field: counts_in(recording.value, *names) for field, names in known.items()}
    for observed in seen:
        for field in NUMBERS:
            number = getattr(observed, field)
            where = (recording.path.name, field, observed.answered)
            if field in known:
                assert type(number) in (int, type(None)), where
                assert number in recorded[field][observed.answered.value.lower()], where
            else:
                assert number is None, where


@pytest.mark.parametrize("folder", FOLDERS)
async def test_every_recorded_answer_is_a_value_or_a_named_failure(
    data_dir: Path, folder: str, table: Table
) -> None:
    endings: Counter[str] = Counter()
    source = FOLDERS[folder]
    known = recordings(data_dir, folder)
    async with plays(source, known[0]) as w:
        for recording in known:
            ending = PARSERS[source](recording, w.source)
            endings[named(ending)] += 1
            check_numbers(recording, observations(ending), source)
    table.endings[folder] = endings


@pytest.mark.parametrize("folder", FOLDERS)
async def test_every_recorded_answer_to_any_question_ends_it_with_a_name(
    data_dir: Path, folder: str
) -> None:
    """Sent over a connection, to a source that asked for something else or for the same."""
    source = FOLDERS[folder]
    for recording in recordings(data_dir, folder):
        doi = unquote(urlsplit(recording.uri).path).partition("/works/")[2]
        asked = [i for i in (canonical("doi", doi), *ASKED[source]) if i is not None]
        async with plays(source, recording) as w:
            outcomes = list((await fetched(w.source, asks_for(asked[:2]))).values())
            found = list((await searched(w.source, "Attention is all you need")).values())
        assert {type(o) for o in outcomes} <= {Observed, Missing, Throttled, Blocked, Failed}
        assert {type(o) for o in found} <= {Found, Throttled, Blocked, Failed}
        seen = [*observations(outcomes), *observations(found)]
        check_numbers(recording, seen, source)
