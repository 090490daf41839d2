"""Parsers meet anything at all: a value or a named failure, never an exception."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Blocked, Failed, Found, Missing, Observed
from citewatch.sources.answers import Answer, load_json, message
from citewatch.sources.arxiv_atom import AtomError, Feed, read_feed
from citewatch.sources.arxiv_page import AbsPage, observe, read_page
from citewatch.sources.body import BodyReader, TooLarge, Undecodable
from citewatch.sources.openreview import error_name, reset_time, wants_login
from citewatch.sources.openreview_login import read_login
from citewatch.sources.openreview_notes import candidates, read_notes
from citewatch.sources.openreview_notes import observe as observe_forum
from citewatch.sources.options import SourceOptions, is_loopback
from citewatch.sources.semantic_scholar_records import read_batch, read_match
from citewatch.sources.text import DETAIL_LENGTH, detail, tidy

ASKED = [Identifier("arxiv", "2001.00001"), Identifier("arxiv", "2001.00002")]
FORUM = Identifier("openreview", "aaaaaaaaaa")

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["aaaaaaaaaa", "ab" * 20, "10.1000/x", 1_700_000_000_000, -1, 10**400]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def shaped(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with the right names and anything at all under them."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, JSON))


RECORDS = shaped(
    "paperId",
    "title",
    "citationCount",
    "influentialCitationCount",
    "year",
    "publicationDate",
    "venue",
    "authors",
    "externalIds",
    "corpusId",
)
NOTES = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["aaaaaaaaaa", "reply"]) | JSON,
        "forum": st.just("aaaaaaaaaa") | JSON,
        "content": JSON
        | shaped("title", "authors", "venue", "venueid", "rating", "decision", "recommendation"),
    },
    optional=dict.fromkeys(
        ("invitation", "invitations", "signatures", "externalIds", "cdate", "pdate", "ddate"), JSON
    ),
)


def answer(value: object, status: int = 200) -> Answer:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Answer(status, {}, body, "application/json", "")


@given(st.lists(RECORDS | JSON, max_size=3))
def test_any_batch_is_outcomes_or_a_failure(records: list[Any]) -> None:
    outcomes = read_batch(answer(records), ASKED)
    if isinstance(outcomes, Failed):
        return
    assert len(outcomes) == len(ASKED)
    for outcome, record in zip(outcomes, records, strict=True):
        assert isinstance(outcome, Observed | Missing | Failed)
        if isinstance(outcome, Observed):
            assert outcome.citation_count == record["citationCount"]


@given(
    JSON | st.builds(lambda r: {"data": r}, st.lists(RECORDS, max_size=3)), st.integers(200, 599)
)
def test_any_match_is_found_or_a_failure(value: object, status: int) -> None:
    assert isinstance(read_match(answer(value, status)), Found | Failed)


@given(JSON | st.builds(lambda n: {"notes": n}, st.lists(NOTES | JSON, max_size=4)))
def test_any_notes_are_facts_or_a_failure(value: object) -> None:
    notes = read_notes(answer(value))
    if isinstance(notes, Failed):
        return
    assert isinstance(observe_forum(notes, FORUM, hint="v2"), Observed | None)
    assert isinstance(candidates(notes, hint="v2"), tuple)


@given(JSON | st.binary(max_size=40), st.integers(200, 599))
def test_any_error_body_can_be_looked_at(value: object, status: int) -> None:
    given_answer = answer(value, status)
    assert len(message(given_answer)) <= DETAIL_LENGTH
    assert isinstance(error_name(given_answer), str)
    assert isinstance(wants_login(given_answer), bool)
    assert isinstance(reset_time(given_answer), float | None)
    assert isinstance(read_login(given_answer), str | Blocked | Failed)


PIECES = [*"<>/&;!?[]ae \n\"'=:0é", "<feed>", "</feed>", "<entry>", "</entry>", "[v1]"]
XML = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@given(XML | st.text())
def test_any_feed_is_read_or_refused(text: str) -> None:
    for body in (text, f'<feed xmlns="http://www.w3.org/2005/Atom">{text}</feed>'):
        reading = read_feed(body.encode("utf-8", "surrogatepass"))
        assert isinstance(reading, Feed | AtomError | Failed)


@given(XML | st.text())
@example("<![")
def test_any_page_is_read_or_refused(text: str) -> None:
    head = '<meta name="citation_arxiv_id" content="2001.00001">'
    history = f'<div class="submission-history">{text}</div>'
    for body in (text, head + text, head + history):
        page = read_page(body.encode("utf-8", "surrogatepass"))
        assert isinstance(page, AbsPage | Failed)
        if isinstance(page, AbsPage):
            assert isinstance(observe(page, ASKED[0]), Observed | Failed)


@given(st.binary())
def test_any_bytes_are_json_or_a_failure(body: bytes) -> None:
    value = load_json(answer(body))
    if isinstance(value, Failed):
        assert value.reason in ("empty", "not_json", "charset")


@given(st.text())
def test_tidied_text_is_one_line_that_can_be_stored(text: str) -> None:
    clean = tidy(text)
    clean.encode("utf-8")
    assert not set("\n\r\t\x00\x1b") & set(clean)
    assert clean == clean.strip()
    assert tidy(clean) == clean
    assert len(detail(text)) <= DETAIL_LENGTH


@given(st.text())
def test_any_address_is_loopback_or_not(text: str) -> None:
    assert isinstance(is_loopback(text), bool)
    assert is_loopback(f"http://127.0.0.1/{text.encode('ascii', 'ignore').hex()}") is True


# --- bodies ----------------------------------------------------------------------------------


@given(st.binary(max_size=500), st.integers(1, 50))
def test_a_body_comes_out_as_it_went_in(body: bytes, size: int) -> None:
    for encoding, wire in (("", body), ("gzip", gzip.compress(body))):
        reader = BodyReader(encoding, 500)
        for at in range(0, len(wire), size):
            reader.feed(wire[at : at + size])
        assert reader.finish() == body


def test_several_gzip_members_are_one_body() -> None:
    reader = BodyReader("gzip", 100)
    reader.feed(gzip.compress(b"one ") + gzip.compress(b"two"))
    assert reader.finish() == b"one two"


def test_a_bomb_is_stopped_at_the_limit() -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    reader = BodyReader("gzip", 1_000)
    with pytest.raises(TooLarge):
        reader.feed(bomb)
    assert len(reader._body) <= 1_000


def test_a_body_of_exactly_the_limit_passes() -> None:
    reader = BodyReader("gzip", 1_000)
    reader.feed(gzip.compress(b"0" * 1_000))
    assert len(reader.finish()) == 1_000


@given(st.binary(min_size=1))
def test_any_gzip_is_decoded_or_refused(wire: bytes) -> None:
    try:
        reader = BodyReader("gzip", 1_000)
        reader.feed(wire)
        reader.finish()
    except (TooLarge, Undecodable):
        return


# --- addresses and imports -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base_url", "given_urls", "expected"),
    [
        (None, {}, "https://real.example"),
        ("http://127.0.0.1:9/s2/", {}, "http://127.0.0.1:9/s2"),
        ("http://[::1]:9", {"x": "https://real.example"}, "http://[::1]:9"),
        ("http://localhost:9", {"x": "http://localhost:8/y/"}, "http://localhost:8/y"),
        ("https://mirror.example", {}, "https://real.example"),
        ("http://127.0.0.1.evil.example", {}, "https://real.example"),
    ],
)
def test_a_loopback_base_leads_every_address_away_from_the_real_one(
    base_url: str | None, given_urls: dict[str, str], expected: str
) -> None:
    options = SourceOptions(base_url=base_url, urls=given_urls)
    assert options.further_url("x", "https://real.example") == expected


def test_the_registry_is_cheap_to_import() -> None:
    code = (
        "import sys, citewatch.sources.registry;"
        "print(sorted({'httpx', 'bs4', 'ssl', 'asyncio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
