"""arXiv's own traps: order, versions, error feeds, empty feeds, malformed ids, pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from source_kits import (
    ARXIV_KNOWN,
    abs_page,
    arxiv_answer,
    atom_entry,
    atom_error,
    atom_feed,
    atom_reply,
)
from source_world import Reply, Request, asks_for, fetched, searched, world

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Failed, Found, Missing, Observed, Outcome
from citewatch.ports import Inspector
from citewatch.sources.arxiv_atom import AtomError, Feed, read_feed
from citewatch.sources.arxiv_page import AbsPage, observe, read_page
from citewatch.sources.arxiv_questions import phrase


def arxiv(*values: str) -> list[Identifier]:
    return [Identifier("arxiv", value) for value in values]


MANY = arxiv(*(f"2001.{n:05d}" for n in range(1, 251)))
OLD = arxiv(*(f"cond-mat/99{1 + n // 900:02d}{n % 900 + 1:03d}" for n in range(300)))


def everything(request: Request) -> Reply:
    return atom_reply(atom_feed([atom_entry(i, 1) for i in request.query["id_list"].split(",")]))


# --- questions -----------------------------------------------------------------------------


@pytest.mark.anyio
async def test_a_hundred_ids_go_into_one_request_and_all_results_are_asked_for() -> None:
    async with world("arxiv", everything) as w:
        outcomes = await fetched(w.source, asks_for(MANY))
        asked = [r.query for r in w.server.requests]
    assert [len(q["id_list"].split(",")) for q in asked] == [100, 100, 50]
    assert [(q["max_results"], q["start"]) for q in asked] == [("100", "0")] * 2 + [("50", "0")]
    assert {type(o) for o in outcomes.values()} == {Observed}


@pytest.mark.anyio
async def test_request_lines_stay_short_enough_for_the_server() -> None:
    async with world("arxiv", everything, base_url=None) as w:
        outcomes = await fetched(w.source, asks_for(OLD))
        assert max(len(r.line) for r in w.server.requests) <= 4_000
    assert {type(o) for o in outcomes.values()} == {Observed}


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Attention Is All You Need", "Attention Is All You Need"),
        ('The "Lottery": Sparse (+50%) Nets', "The Lottery Sparse 50 Nets"),
        ("Cats AND Dogs OR Birds ANDNOT Fish", "Cats and Dogs or Birds andnot Fish"),
        ("β-VAE: l’été 漢字", "β-VAE l été 漢字"),
        ("$\\ell_p$ norms", "ell p norms"),
        ("?!*", ""),
        ("x" * 500, ""),
        ("word " * 100, "word " * 59 + "word"),
    ],
)
def test_titles_become_phrases_without_the_query_language(title: str, words: str) -> None:
    assert phrase(title) == words


@pytest.mark.anyio
async def test_a_title_is_searched_as_a_phrase() -> None:
    async with world("arxiv", arxiv_answer) as w:
        await searched(w.source, "Paper: 2001.00001")
        query = w.server.requests[0].query
    assert (query["search_query"], query["max_results"]) == ('ti:"Paper 2001.00001"', "5")


# --- feeds ---------------------------------------------------------------------------------


def test_the_newest_of_several_versions_is_taken() -> None:
    feed = read_feed(atom_feed([atom_entry("2001.00001", v) for v in (2, 10, 9)]))
    assert isinstance(feed, Feed)
    assert feed.papers[Identifier("arxiv", "2001.00001")].facts.version == 10


def test_an_entry_gives_the_facts_that_it_states() -> None:
    extra = """<arxiv:comment> Accepted
      at X </arxiv:comment><arxiv:journal_ref>J. 1 (2012) 1-29</arxiv:journal_ref>
      <arxiv:doi>10.1016/J.physletb.2012.08.020</arxiv:doi><arxiv:doi>10.1000/second</arxiv:doi>
      <arxiv:doi>not one</arxiv:doi><arxiv:doi>10.48550/arXiv.hep-th/9901001</arxiv:doi>"""
    feed = read_feed(atom_feed([atom_entry("hep-th/9901001", 2, " A\n  Title ", extra)]))
    assert isinstance(feed, Feed)
    facts = feed.papers[Identifier("arxiv", "hep-th/9901001")].facts
    assert (facts.title, facts.version, facts.year) == ("A Title", 2, 2017)
    assert facts.published_on == "2017-06-12"
    assert facts.authors == ("Ada Lovelace", "Émilie du Châtelet")
    assert (facts.comment, facts.journal_ref) == ("Accepted at X", "J. 1 (2012) 1-29")
    assert facts.doi == "10.1016/j.physletb.2012.08.020"
    assert [i.value for i in facts.ids] == ["10.1016/j.physletb.2012.08.020", "10.1000/second"]
    assert facts.withdrawn is None


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.anyio
async def test_an_error_feed_is_a_failure_at_any_status_and_not_repeated(status: int) -> None:
    body = atom_error("The server encountered an internal error")
    async with world("arxiv", lambda _r: atom_reply(body, status)) as w:
        outcomes = await fetched(w.source, asks_for(MANY[:3]))
        found = await searched(w.source, "A title")
        assert len(w.server.requests) == 2
    for outcome in (*outcomes.values(), found[1]):
        assert isinstance(outcome, Failed)
        assert (outcome.reason, outcome.retry) == ("arxiv_error", False)
        assert outcome.detail == "The server encountered an internal error"


def test_a_paper_called_error_is_a_paper() -> None:
    feed = read_feed(atom_feed([atom_entry("2001.00001", 1, "Error")]))
    assert isinstance(feed, Feed)
    assert len(feed.papers) == 1


def pedantic(*bad: str, named: bool = True) -> Callable[[Request], Reply]:
    """One id fails the whole request."""

    def handler(request: Request) -> Reply:
        for value in request.query["id_list"].split(","):
            if value in bad:
                words = f"incorrect id format for {value if named else 'something'}"
                return atom_reply(atom_error(words), 400)
        return everything(request)

    return handler


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.anyio
async def test_an_id_that_the_server_refuses_fails_alone(named: bool) -> None:
    bad = MANY[37].value
    async with world("arxiv", pedantic(bad, named=named)) as w:
        outcomes = await fetched(w.source, asks_for(MANY[:100]))
        assert len(w.server.requests) <= 20
    wrong: dict[int, Outcome] = {n: o for n, o in outcomes.items() if not isinstance(o, Observed)}
    assert set(wrong) == {38}
    outcome = wrong[38]
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.retry) == ("bad_id", False)


@pytest.mark.anyio
async def test_a_server_that_refuses_everything_is_not_asked_for_ever() -> None:
    bad = [identifier.value for identifier in MANY]
    async with world("arxiv", pedantic(*bad)) as w:
        outcomes = await fetched(w.source, asks_for(MANY))
        assert len(w.server.requests) <= 40
    assert {getattr(o, "reason", "") for o in outcomes.values()} == {"bad_id", "batch_refused"}


@pytest.mark.anyio
async def test_an_empty_feed_is_asked_for_again_before_it_is_believed() -> None:
    empty = iter([atom_reply(atom_feed([]))])
    async with world("arxiv", lambda r: next(empty, None) or everything(r)) as w:
        outcomes = await fetched(w.source, asks_for(MANY[:3]))
        assert len(w.server.requests) == 2
    assert {type(o) for o in outcomes.values()} == {Observed}


@pytest.mark.anyio
async def test_an_empty_feed_twice_is_believed() -> None:
    async with world("arxiv", lambda _r: atom_reply(atom_feed([]))) as w:
        outcomes = await fetched(w.source, asks_for(MANY[:3]))
        assert len(w.server.requests) == 2
    assert set(outcomes.values()) == {Missing(asked=i) for i in MANY[:3]}


@pytest.mark.anyio
async def test_a_feed_that_holds_less_than_it_found_makes_nothing_missing() -> None:
    body = atom_feed([atom_entry(MANY[0].value, 1)], total=3)
    async with world("arxiv", lambda _r: atom_reply(body)) as w:
        outcomes = await fetched(w.source, asks_for(MANY[:3]))
    assert isinstance(outcomes[1], Observed)
    assert [getattr(outcomes[n], "reason", "") for n in (2, 3)] == ["incomplete"] * 2


@pytest.mark.anyio
async def test_a_line_that_is_too_long_is_cut_in_halves() -> None:
    def handler(request: Request) -> Reply:
        if len(request.query["id_list"]) > 300:
            html = b"<html><h1>Bad Request</h1>Request Line is too large</html>"
            return Reply(400, html, content_type="text/html")
        return everything(request)

    async with world("arxiv", handler) as w:
        outcomes = await fetched(w.source, asks_for(MANY[:100]))
    assert {type(o) for o in outcomes.values()} == {Observed}


ATTACKS = {
    "an entity": b'<!DOCTYPE f [<!ENTITY a "b">]><feed xmlns="http://www.w3.org/2005/Atom">&a;</feed>',
    "a file": b'<!DOCTYPE f [<!ENTITY a SYSTEM "file:///etc/passwd">]><feed>&a;</feed>',
    "laughs": b'<!DOCTYPE f [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><feed>&b;</feed>',
    "an external DTD": b'<!DOCTYPE f SYSTEM "http://x.example/d.dtd"><feed/>',
    "half a feed": atom_feed([atom_entry("2001.00001", 1)])[:-40],
    "a stray entity": b'<feed xmlns="http://www.w3.org/2005/Atom">&nbsp;</feed>',
    "control characters": b'<feed xmlns="http://www.w3.org/2005/Atom">\x01</feed>',
}


@pytest.mark.parametrize("what", ATTACKS)
def test_dangerous_or_broken_xml_is_refused(what: str) -> None:
    reading = read_feed(ATTACKS[what])
    assert isinstance(reading, Failed)
    assert reading.reason == "not_xml"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-7", "iso-8859-1", "cp037"])
def test_other_encodings_are_refused(encoding: str) -> None:
    text = f"<?xml version='1.0' encoding='{encoding}'?><feed/>"
    body = text.encode(encoding if encoding == "utf-16" else "ascii")
    reading = read_feed(body)
    assert isinstance(reading, Failed)
    assert reading.reason == "charset"


def test_a_deep_tree_is_read_or_refused_but_never_raises() -> None:
    deep = b'<feed xmlns="http://www.w3.org/2005/Atom">' + b"<a>" * 300_000
    assert isinstance(read_feed(deep), Failed)
    closed = deep + b"</a>" * 300_000 + b"</feed>"
    assert isinstance(read_feed(closed), Feed | Failed | AtomError)


# --- pages ---------------------------------------------------------------------------------

V1 = '<strong><a href="/abs/x">[v1]</a></strong>\n Tue, 24 Feb 2009 02:41:08 UTC (7 KB)'
V2 = "<strong>[v2]</strong>\n Thu, 26 Mar 2009 04:20:50 UTC (1,102 KB)"
GONE = " <em>(withdrawn)</em>"


@pytest.mark.parametrize(
    ("history", "withdrawn"),
    [
        (f"{V1}<br/>{V2}<br/>", False),
        (f"{V1}<br/>{V2}{GONE}<br/>", True),
        (f"{V1}{GONE}<br/>{V2}<br/>", False),
        (f"{V2}<br/>{V1}{GONE}<br/>", False),
    ],
)
def test_only_a_withdrawn_newest_version_withdraws_the_paper(history: str, withdrawn: bool) -> None:
    identifier = Identifier("arxiv", "0902.4054")
    page = read_page(abs_page("0902.4054", history))
    assert isinstance(page, AbsPage)
    observed = observe(page, identifier)
    assert isinstance(observed, Observed)
    assert (observed.facts.withdrawn, observed.facts.version) == (withdrawn, 2)
    assert observed.facts.published_on == "2009-02-24"
    assert observed.facts.authors == ("Ada Lovelace", "The Analytical Collaboration")
    assert observed.facts.title == "Paper & 0902.4054"


def test_a_withdrawn_paper_that_is_only_mentioned_is_not_withdrawn() -> None:
    page = read_page(abs_page("0902.4054", V1, "<p>(withdrawn)</p>"))
    assert isinstance(page, AbsPage)
    assert [v.withdrawn for v in page.versions] == [False]


def test_a_page_about_another_paper_is_a_failure() -> None:
    page = read_page(abs_page("0902.4054", V1))
    assert isinstance(page, AbsPage)
    outcome = observe(page, Identifier("arxiv", "2001.00001"))
    assert isinstance(outcome, Failed)
    assert outcome.reason == "other_paper"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"<html><body>Checking your browser</body></html>", "shape"),
        (b"\xff\xfe", "charset"),
        (b"<![bogus", "shape"),
        (b"<div>" * 50_000, "shape"),
        (b"plain", "shape"),
    ],
)
def test_what_is_not_an_abstract_page_is_a_named_failure(body: bytes, reason: str) -> None:
    outcome = read_page(body)
    assert isinstance(outcome, Failed)
    assert outcome.reason in (reason, "not_html")


@pytest.mark.anyio
async def test_pages_have_a_pace_of_their_own() -> None:
    async with world("arxiv", arxiv_answer, min_interval_s=None) as w:
        assert isinstance(w.source, Inspector)
        readings = [r async for r in w.source.inspect(asks_for(arxiv(*ARXIV_KNOWN, "2101.00001")))]
        gaps = [b.at - a.at for a, b in zip(w.server.requests, w.server.requests[1:], strict=False)]
        paths = [r.path for r in w.server.requests]
    assert min(gaps) >= 15.0
    assert "/abs/hep-th/9901001" in paths
    assert [type(outcome) for ((_, outcome),) in readings] == [Observed] * 3 + [Missing]


@pytest.mark.anyio
async def test_a_page_of_more_than_a_megabyte_is_not_read() -> None:
    reply = Reply(200, abs_page("1706.03762", V1) + b" " * 1_000_001, content_type="text/html")
    async with world("arxiv", lambda _r: reply) as w:
        assert isinstance(w.source, Inspector)
        readings = [r async for r in w.source.inspect(asks_for(arxiv("1706.03762")))]
    ((_, outcome),) = readings[0]
    assert isinstance(outcome, Failed)
    assert outcome.reason == "too_large"


@pytest.mark.anyio
async def test_a_search_gives_five_candidates_at_most() -> None:
    body = atom_feed([atom_entry(i.value, 1) for i in MANY[:9]])
    async with world("arxiv", lambda _r: atom_reply(body)) as w:
        found = await searched(w.source, "A title")
    assert isinstance(found[1], Found)
    assert len(found[1].candidates) == 5
