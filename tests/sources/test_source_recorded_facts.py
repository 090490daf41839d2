"""What is in some recorded answers, read out of them by hand, and what the parsers make of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from recordings import answer, files, read, recordings

from citewatch.domain.identifiers import ARXIV, OPENREVIEW, PMLR, Identifier
from citewatch.domain.papers import Decision, Facts, Failed, Found, Missing, Observed
from citewatch.sources.arxiv_atom import AtomError, Feed, read_feed
from citewatch.sources.arxiv_page import AbsPage, observe, read_page
from citewatch.sources.openreview_notes import notes_of, read_notes
from citewatch.sources.openreview_notes import observe as observe_forum
from citewatch.sources.page_tags import read_paper
from citewatch.sources.semantic_scholar_records import read_batch, read_match, read_record

ARXIV_FOLDERS = ("arxiv", "captured_2026/arxiv")

# --- Semantic Scholar ------------------------------------------------------------------


def test_recorded_matches_give_the_paper_and_recorded_misses_nothing(data_dir: Path) -> None:
    hits = misses = 0
    for recording in recordings(data_dir, "semanticscholar"):
        if "/paper/search/match" not in recording.uri:
            continue
        match = read_match(recording.answer)
        assert isinstance(match, Found), recording.path.name
        if recording.answer.status == 404:
            assert match.candidates == ()
            misses += 1
        elif recording.answer.status == 200:
            assert len(match.candidates) == 1
            hits += 1
    assert (hits > 10, misses > 2) == (True, True)


def test_the_recorded_batch_with_a_null_is_matched_by_position(data_dir: Path) -> None:
    path = data_dir / "real/captured_2026/semanticscholar/p4_batch_null.json"
    if not path.is_file():
        pytest.skip("not recorded here")
    recorded = json.loads(path.read_bytes())
    asked = [Identifier(ARXIV, i.rpartition("arxiv.")[2]) for i in recorded["ids"]]
    outcomes = read_batch(answer(json.dumps(recorded["body"]).encode()), asked)
    assert isinstance(outcomes, list)
    first, second, third = outcomes
    assert isinstance(first, Observed)
    assert (first.citation_count, first.facts.ids[0]) == (5, asked[0])
    assert isinstance(second, Observed)
    assert second.citation_count == 34
    assert third == Missing(asked=asked[2])


def test_the_recorded_record_of_a_whole_paper_is_read(data_dir: Path) -> None:
    path = data_dir / "real/semanticscholar/lib_Paper.json.gz"
    if not path.is_file():
        pytest.skip("not recorded here")
    record = json.loads(read(path))
    observed = read_record(record, None)
    assert isinstance(observed, Observed)
    assert observed.citation_count == record["citationCount"]
    assert observed.facts.title == record["title"]


def test_the_recorded_record_with_nulls_has_no_number(data_dir: Path) -> None:
    path = data_dir / "real/semanticscholar/lib_PaperWithNullValues.json"
    if not path.is_file():
        pytest.skip("not recorded here")
    observed = read_record(json.loads(read(path)), None)
    assert isinstance(observed, Observed)
    assert observed.citation_count is None
    outcomes = read_batch(answer(b"[" + read(path) + b"]"), [Identifier(ARXIV, "2001.00001")])
    assert isinstance(outcomes, list)
    assert isinstance(outcomes[0], Failed)
    assert outcomes[0].reason == "count"


# --- arXiv -------------------------------------------------------------------------------


def test_every_recorded_feed_is_read_whole(data_dir: Path) -> None:
    feeds = 0
    for path in files(data_dir, *ARXIV_FOLDERS):
        if ".atom.xml" not in path.name and not path.name.startswith("api_"):
            continue
        body = read(path)
        reading = read_feed(body)
        feeds += 1
        if "error" in path.name:
            assert reading == AtomError("start must be an integer")
            continue
        assert isinstance(reading, Feed), path.name
        assert len(reading.papers) == body.count(b"<entry>"), path.name
        for identifier, observed in reading.papers.items():
            assert observed.citation_count is None
            assert observed.facts.title, (path.name, identifier)
            assert observed.facts.authors, (path.name, identifier)
            assert observed.facts.version, (path.name, identifier)
    assert feeds > 10


def test_the_recorded_empty_feeds_are_empty(data_dir: Path) -> None:
    folder = data_dir / "real"
    names = (
        "captured_2026/arxiv/api_zero_results.xml",
        "arxiv/id_0808.05394_s0_m100_7b0c7d0a7cdd.status200.atom.xml",
    )
    for name in names:
        path = folder / name
        if not path.is_file():
            pytest.skip("not recorded here")
        reading = read_feed(path.read_bytes())
        assert isinstance(reading, Feed)
        assert (reading.empty, reading.complete, dict(reading.papers)) == (True, True, {})


def test_a_recorded_paper_called_0_keeps_its_title(data_dir: Path) -> None:
    found = [p for p in files(data_dir, "arxiv") if p.name.startswith("id_2104.12255v1")]
    bodies = [read(p) for p in found if p.name.endswith(".xml")]
    if not bodies:
        pytest.skip("not recorded here")
    reading = read_feed(bodies[0])
    assert isinstance(reading, Feed)
    assert reading.papers[Identifier(ARXIV, "2104.12255")].facts.title == "0"


@pytest.mark.parametrize(
    ("name", "versions", "withdrawn"),
    [
        ("abs_0902.4054_withdrawn.html", 2, True),
        ("abs_1706.03762.html", 7, False),
        ("abs_1207.7214.html", 2, False),
        ("abs_hep-th_9711200.html", 3, False),
    ],
)
def test_recorded_pages_tell_versions_and_withdrawal(
    data_dir: Path, name: str, versions: int, withdrawn: bool
) -> None:
    path = data_dir / "real/captured_2026/arxiv" / name
    if not path.is_file():
        pytest.skip("not recorded here")
    page = read_page(path.read_bytes())
    assert isinstance(page, AbsPage)
    assert [v.number for v in page.versions] == list(range(1, versions + 1))
    observed = observe(page, page.identifier)
    assert isinstance(observed, Observed)
    assert (observed.facts.version, observed.facts.withdrawn) == (versions, withdrawn)


@pytest.mark.parametrize("number", ["1706.03762", "1207.7214", "hep-th_9711200"])
def test_page_and_feed_agree_on_what_both_state(data_dir: Path, number: str) -> None:
    folder = data_dir / "real/captured_2026/arxiv"
    if not (folder / f"api_{number}.xml").is_file():
        pytest.skip("not recorded here")
    page = read_page((folder / f"abs_{number}.html").read_bytes())
    feed = read_feed((folder / f"api_{number}.xml").read_bytes())
    assert isinstance(page, AbsPage)
    assert isinstance(feed, Feed)
    looked = observe(page, page.identifier)
    assert isinstance(looked, Observed)
    a, b = looked.facts, feed.papers[page.identifier].facts
    assert (a.title, a.authors, a.year, a.published_on, a.version, a.doi, a.ids) == (
        b.title,
        b.authors,
        b.year,
        b.published_on,
        b.version,
        b.doi,
        b.ids,
    )


def test_recorded_page_heads_without_a_history_are_named_failures(data_dir: Path) -> None:
    for path in files(data_dir, "arxiv_abs_html"):
        page = read_page(path.read_bytes())
        assert isinstance(page, AbsPage)
        assert page.title
        assert page.doi is None or page.doi.value.startswith("10.")
        observed = observe(page, page.identifier)
        assert isinstance(observed, Failed)
        assert observed.reason == "shape"


# --- OpenReview --------------------------------------------------------------------------


def test_recorded_forums_agree_with_their_decisions(data_dir: Path) -> None:
    seen = {Decision.ACCEPTED: 0, Decision.REJECTED: 0}
    for path in files(data_dir, "openreview_v2_forums"):
        if not path.name.endswith(".json.gz"):
            continue
        forum = Identifier(OPENREVIEW, path.name.removesuffix(".json.gz"))
        body = read(path)
        notes = read_notes(answer(b'{"notes": ' + body + b"}"))
        assert isinstance(notes, tuple), path.name
        observed = observe_forum(notes, forum, hint="v2")
        assert observed is not None, path.name
        facts = observed.facts
        assert (facts.title is not None, observed.citation_count) == (True, None), path.name
        words = {
            n["content"]["decision"]["value"]
            for n in json.loads(body)
            if "decision" in n["content"]
        }
        if words == {"Accept"}:
            assert facts.decision is Decision.ACCEPTED, path.name
        elif words == {"Reject"}:
            assert facts.decision is Decision.REJECTED, path.name
        if facts.decision in seen:
            seen[facts.decision] += 1
    assert (seen[Decision.ACCEPTED] >= 10, seen[Decision.REJECTED] >= 45) == (True, True)


def test_recorded_submissions_give_ratings_and_withdrawals(data_dir: Path) -> None:
    withdrawn = rated = 0
    for path in files(data_dir, "openreview_v2_iclr2026"):
        dump = json.loads(read(path))
        forum = Identifier(OPENREVIEW, dump["id"])
        notes = notes_of([dump, *dump["replies"]])
        observed = observe_forum(notes, forum, hint="v2")
        assert observed is not None
        assert observed.facts.withdrawn is dump["withdrawn"], path.name
        # One reviewer changed 4 to 6, and both versions of the review are in the dump.
        newest: dict[str, tuple[int, float]] = {}
        for reply in dump["replies"]:
            if "rating" in reply["content"]:
                rating = (reply["tmdate"], float(reply["content"]["rating"]["value"]))
                who = reply["signatures"][0]
                newest[who] = max(newest.get(who, rating), rating)
        expected = sorted(value for _, value in newest.values())
        assert sorted(observed.facts.ratings) == expected, path.name
        withdrawn += observed.facts.withdrawn is True
        rated += bool(observed.facts.ratings)
    assert (withdrawn, rated > 30) == (10, True)


def test_recorded_ratings_with_words_are_numbers(data_dir: Path) -> None:
    values = []
    for path in files(data_dir, "captured_2026/openreview"):
        review = {
            "id": path.stem,
            "forum": "HJMXus0ct7",
            "invitation": "Paper1/-/Official_Review",
            "content": json.loads(path.read_bytes()),
        }
        observed = observe_forum(
            notes_of([review]), Identifier(OPENREVIEW, "HJMXus0ct7"), hint="v1"
        )
        assert observed is not None
        values += observed.facts.ratings
    assert sorted(values) == [2.0, 3.0]


# --- pages ---------------------------------------------------------------------------------


def test_recorded_pages_of_proceedings_name_the_paper_that_the_proceedings_list(
    data_dir: Path,
) -> None:
    pages = [p for p in files(data_dir, "pmlr/v232_abs_html") if p.suffix == ".html"]
    for path in pages:
        listed = next((data_dir / "real/pmlr/v232_posts").glob(f"*-{path.stem}.md"))
        words = " ".join(listed.read_text(encoding="utf-8").split())
        facts = read_paper(answer(path.read_bytes(), content_type="text/html"))
        assert isinstance(facts, Facts), path.name
        assert facts.title
        assert facts.title in words.replace("''", "'"), path.name
        assert len(facts.authors) == words.count("- given:"), path.name
        assert facts.year == 2023
        assert Identifier(PMLR, f"v232/{path.stem}") in facts.ids
    assert len(pages) > 20


def test_a_recorded_page_names_a_paper_exactly_when_it_has_a_title_tag(data_dir: Path) -> None:
    for recording in recordings(data_dir, "publisher_html"):
        facts = read_paper(recording.answer)
        tagged = b"citation_title" in recording.answer.body
        assert isinstance(facts, Facts) == tagged, recording.path.name
        if isinstance(facts, Facts):
            assert facts.title
            assert facts.authors
