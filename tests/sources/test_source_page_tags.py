"""What pages say of their papers: every spelling of the tags, every kind of nonsense."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit_page import page

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Facts, Failed
from citewatch.sources.answers import Answer
from citewatch.sources.highwire import first_last, read_date
from citewatch.sources.page_tags import read_paper

TITLE = ("citation_title", "A Title")


def reading(body: bytes, content_type: str = "text/html") -> Facts | Failed | None:
    return read_paper(Answer(200, {}, body, content_type, ""))


def facts(head: str | bytes, content_type: str = "text/html; charset=utf-8") -> Facts:
    """The facts of a page with this head."""
    inner = head.encode() if isinstance(head, str) else head
    read = reading(b"<!DOCTYPE html><html><head>" + inner + b"</head></html>", content_type)
    assert isinstance(read, Facts)
    return read


def tagged(*tags: tuple[str, str]) -> Facts:
    """The facts of a page with these tags and a title."""
    read = reading(page(None, TITLE, *tags))
    assert isinstance(read, Facts)
    return read


# --- spellings ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tag",
    [
        '<meta name="citation_title" content="Tom & Jerry\'s > Law">',
        '<meta content="Tom &amp; Jerry&#39;s &gt; Law" name="citation_title"/>',
        "<META CONTENT='Tom &amp; Jerry&#x27;s &gt; Law' NAME='citation_title'>",
        "<meta name=citation_title content='Tom &amp; Jerry&apos;s &gt; Law'>",
        '<meta property="citation_title" content="Tom &amp; Jerry\'s &gt; Law" />',
        '<meta name="Citation_Title"content="Tom & Jerry\'s > Law">',
        '<meta\n  name = "citation_title"\n  content = "Tom\n  &amp;  Jerry\'s &gt; Law"\n>',
        '<meta itemprop=x data-y name="citation_title" lang=en content="Tom & Jerry\'s > Law">',
        '<meta name="citation_title" content="<i>Tom</i> &amp; Jerry\'s > <sub>Law</sub>">',
    ],
)
def test_a_title_is_read_in_every_spelling_of_the_tag(tag: str) -> None:
    assert facts(tag).title == "Tom & Jerry's > Law"


def test_attributes_need_no_quotes() -> None:
    read = facts(
        "<meta content=Engines name=citation_title>"
        "<meta content=https://aclanthology.org/N04-1001.pdf name=citation_pdf_url>"
    )
    assert (read.title, read.ids) == ("Engines", (Identifier("acl", "N04-1001"),))


@pytest.mark.parametrize(
    "hidden",
    [
        '<!-- <meta name="citation_title" content="Old"> -->',
        '<script>var t = \'<meta name="citation_title" content="Old">\';</script>',
        '<style>/* <meta name="citation_title" content="Old"> */</style>',
        '<title>The <meta name="citation_title" content="Old"> tag</title>',
        '<metadata name="citation_title" content="Old">',
        '<meta name="citation_title" content="O"l"d">',
        '<meta name="citation_title" content=" ">',
    ],
)
def test_what_only_looks_like_a_tag_is_none(hidden: str) -> None:
    assert facts(hidden + '<meta name="citation_title" content="New">').title == "New"
    assert reading(b"<html>" + hidden.encode() + b"</head>") is None


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.95])
def test_a_page_that_ends_in_its_head_is_no_reading(share: float) -> None:
    head = page("A Title", ("citation_author", "A. B."), ("citation_doi", "10.5555/1"))
    read = reading(head[: int(head.index(b"</head") * share)])
    assert isinstance(read, Failed)
    assert read.reason == "truncated"


def test_a_minified_page_needs_no_end_of_its_head() -> None:
    body = b"<!doctype html><meta content=Engines name=citation_title><div>An abstract."
    read = reading(body)
    assert isinstance(read, Facts)
    assert read.title == "Engines"


def test_a_page_that_is_sent_as_plain_text_is_a_page() -> None:
    assert isinstance(reading(page("A Title"), "text/plain"), Facts)
    assert reading(b"Read me", "text/plain; charset=utf-8") is None


def test_an_xhtml_page_is_a_page() -> None:
    body = b'<?xml version="1.0" encoding="UTF-8"?>\n' + page("A Title").partition(b"\n")[2]
    read = reading(body, "application/xhtml+xml")
    assert isinstance(read, Facts)
    assert read.title == "A Title"


# --- authors -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Lovelace, Ada", "Ada Lovelace"),
        ("Lovelace,Ada", "Ada Lovelace"),
        ("Ada Lovelace", "Ada Lovelace"),
        ("du Châtelet, Émilie", "Émilie du Châtelet"),
        ("King, Martin Luther, Jr.", "Martin Luther King Jr."),
        ("King, Jr., Martin Luther", "Martin Luther King Jr."),
        ("Martin Luther King, Jr.", "Martin Luther King, Jr."),
        ("The ATLAS Collaboration", "The ATLAS Collaboration"),
        ("A, B, C", "A, B, C"),
        (", Ada", ", Ada"),
    ],
)
def test_authors_are_first_name_first(written: str, name: str) -> None:
    assert first_last(written) == name


def test_authors_stand_in_order_between_their_institutions() -> None:
    read = tagged(
        ("citation_author", "Lovelace, Ada"),
        ("citation_author_institution", "Analytical Society"),
        ("citation_author_email", "ada@example.org"),
        ("citation_author", "Charles Babbage"),
    )
    assert read.authors == ("Ada Lovelace", "Charles Babbage")


def test_authors_may_stand_in_one_tag() -> None:
    read = tagged(("citation_authors", "Lovelace, Ada; Babbage, Charles;"))
    assert read.authors == ("Ada Lovelace", "Charles Babbage")


# --- dates and venues --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "year", "day"),
    [
        ("2023/07/11", 2023, "2023-07-11"),
        ("2023/7/1", 2023, "2023-07-01"),
        ("2026-04-23", 2026, "2026-04-23"),
        ("2026-04-23T10:00:00Z", 2026, "2026-04-23"),
        ("2021/6", 2021, None),
        ("2021-06", 2021, None),
        ("2004", 2004, None),
        ("11 July 2023", 2023, "2023-07-11"),
        ("Jul 11, 2023", 2023, "2023-07-11"),
        ("2023 Sept 1", 2023, "2023-09-01"),
        ("July 2023", 2023, None),
        ("07/11/2023", 2023, None),
        ("2023/02/30", 2023, None),
        ("2023/13/01", 2023, None),
        ("Summer 2019", 2019, None),
        ("0000", None, None),
        ("9999-01-01", None, None),
        ("in press", None, None),
        ("2004 or 2005", None, None),
        ("20230711", None, None),
        ("", None, None),
    ],
)
def test_dates_are_read_in_every_form(written: str, year: int | None, day: str | None) -> None:
    assert read_date(written) == (year, day)


def test_print_counts_before_online() -> None:
    read = tagged(("citation_online_date", "2008/02/04"), ("citation_publication_date", "1955"))
    assert (read.year, read.published_on) == (1955, None)


def test_a_date_that_is_none_leaves_it_to_the_next() -> None:
    read = tagged(("citation_publication_date", "forthcoming"), ("citation_date", "2020-01-02"))
    assert read.published_on == "2020-01-02"


@pytest.mark.parametrize("kind", ["conference_title", "journal_title", "inbook_title"])
def test_a_venue_is_a_conference_a_journal_or_a_book(kind: str) -> None:
    assert tagged((f"citation_{kind}", "Made-Up &amp; Results")).venue == "Made-Up &amp; Results"


# --- identifiers -------------------------------------------------------------------------


def test_of_each_scheme_the_most_trusted_identifier_counts() -> None:
    read = tagged(
        ("citation_pdf_url", "https://journal.example.org/doi/pdf/10.5555/other.2"),
        ("citation_fulltext_html_url", "https://arxiv.org/abs/2001.00009"),
        ("citation_abstract_html_url", "https://openreview.net/forum?id=aaaaaaaaaa"),
        ("citation_arxiv_id", "2001.00001"),
        ("citation_doi", "doi:10.5555/ONE.1"),
    )
    assert read.doi == "10.5555/one.1"
    assert read.ids == (
        Identifier("doi", "10.5555/one.1"),
        Identifier("arxiv", "2001.00001"),
        Identifier("openreview", "aaaaaaaaaa"),
    )


def test_a_doi_that_arxiv_made_is_an_arxiv_id() -> None:
    read = tagged(("citation_doi", "https://doi.org/10.48550/arXiv.2001.00001"))
    assert (read.doi, read.ids) == (None, (Identifier("arxiv", "2001.00001"),))


@pytest.mark.parametrize("doi", ["", "none", "10.1/x", "10.5555/", "https://example.org/10"])
def test_what_is_no_doi_is_passed_over(doi: str) -> None:
    read = tagged(("citation_doi", doi))
    assert (read.doi, read.ids) == (None, ())


def test_a_plain_link_is_no_identifier() -> None:
    assert tagged(("citation_pdf_url", "https://example.org/paper.pdf")).ids == ()


# --- characters --------------------------------------------------------------------------

NAME = '<html><meta name="citation_title" content="Déplacement – Žižek"><body>'
WEST = '<meta name="citation_title" content="Déplacement">'


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (NAME.encode(), "text/html; charset=utf-8"),
        (NAME.encode(), "text/html"),
        (NAME.encode(), "text/html; charset=iso-8859-1"),
        (NAME.encode(), 'text/html; charset="no-such"'),
        (NAME.encode(), "text/html; charset=unicode_escape"),
        (b'<meta charset="utf-8">' + NAME.encode(), "text/html"),
        (b"<meta charset=windows-1250>" + NAME.encode("cp1250"), "text/html"),
        (NAME.encode("cp1250"), "text/html; charset=windows-1250"),
        (NAME.encode("utf-16"), "text/html"),
        (NAME.encode("utf-16-be"), "text/html; charset=utf-16be"),
        (b"\xef\xbb\xbf" + NAME.encode(), "text/html; charset=iso-8859-1"),
    ],
)
def test_a_page_is_read_in_its_own_charset(body: bytes, content_type: str) -> None:
    read = reading(body, content_type)
    assert isinstance(read, Facts)
    assert read.title == "Déplacement – Žižek"


@pytest.mark.parametrize(
    "content_type", ["text/html", "text/html; charset=iso-8859-1", "text/html; charset=utf-8"]
)
def test_latin_1_is_understood_declared_or_not(content_type: str) -> None:
    assert facts(WEST.encode("latin-1"), content_type).title == "Déplacement"


def test_a_japanese_page_is_understood() -> None:
    head = '<meta charset="Shift_JIS"><meta name="citation_title" content="日本語の題">'
    assert facts(head.encode("shift_jis"), "text/html").title == "日本語の題"


def test_a_page_cut_in_the_middle_of_a_character_is_read() -> None:
    body = page("A Title", body="é").partition(b"\xc3")[0] + b"\xc3"
    read = reading(body)
    assert isinstance(read, Facts)


# --- nonsense ----------------------------------------------------------------------------


@given(st.binary(max_size=400), st.sampled_from(["", "text/html", "text/html; charset=utf-16"]))
def test_any_bytes_are_facts_nothing_or_a_named_failure(body: bytes, content_type: str) -> None:
    for whole in (body, b"<html>" + body, page("A Title", body="").replace(b"A Title", body)):
        read = reading(whole, content_type)
        assert read is None or isinstance(read, Facts | Failed)


@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_stands_in_tags_comes_out_in_one_printable_line(title: str, date: str) -> None:
    read = reading(page(None, TITLE, ("citation_author", title), ("citation_date", date)))
    assert isinstance(read, Facts)
    for words in (read.title, *read.authors):
        assert words is None or "\n" not in words


SLOW = {
    "comments": b"<!--",
    "declarations": b"<![",
    "instructions": b"<?",
    "open tags": b"<a ",
    "nested elements": b"<a>",
    "scripts": b"<script>",
    "half a tag": b"<meta ",
    "open quotes": b'<meta a="<meta a=" b=',
    "tags": b"<meta name=citation_author content=a>",
}


@pytest.mark.parametrize("what", SLOW)
def test_a_page_made_to_be_slow_is_read_in_a_moment(what: str) -> None:
    """Read as it is, half a megabyte of some of these takes html.parser minutes."""
    body = b"<html>" + SLOW[what] * (500_000 // len(SLOW[what]))
    assert not isinstance(reading(body), Facts)


# --- recorded pages ----------------------------------------------------------------------

FOLDERS = ("pmlr/v232_abs_html", "publisher_html", "arxiv_abs_html", "captured_2026/arxiv")


def recorded(data_dir: Path) -> list[tuple[str, bytes]]:
    paths = [p for f in FOLDERS for p in sorted((data_dir / "real" / f).glob("*.html*"))]
    if not paths:
        pytest.skip("no recorded pages here")
    return [
        (p.name, gzip.decompress(p.read_bytes()) if p.suffix == ".gz" else p.read_bytes())
        for p in paths
    ]


def test_every_recorded_page_is_a_paper_or_a_named_nothing(data_dir: Path) -> None:
    endings: Counter[str] = Counter()
    for name, body in recorded(data_dir):
        read = reading(body)
        match read:
            case Facts():
                endings["a paper"] += 1
                assert read.title, name
                assert read.authors, name
                assert read.year, name
            case Failed():
                endings[f"failed: {read.reason}"] += 1
            case None:
                endings["names no paper"] += 1
    assert endings == {"a paper": 43, "names no paper": 1, "failed: bot_wall": 1}


@pytest.mark.parametrize(
    ("name", "title", "year", "venue", "ids"),
    [
        (
            "ACL_N04-1001.html",
            "A Statistical Model for Multilingual Entity Detection and Tracking",
            2004,
            "Proceedings of the Human Language Technology Conference",
            ["acl:N04-1001"],
        ),
        (
            "HAL_HAL_jpa_00235190.html.gz",
            "Déplacement de Knight dans les alliages",
            1955,
            "Journal de Physique et le Radium",
            ["doi:10.1051/jphysrad:01955001606044400"],
        ),
        ("NBER_w33843.html.gz", "Meaning At Work", 2025, "", ["doi:10.3386/w33843"]),
        ("USENIX_goyal.html", "Backpressure Flow Control", 2022, "19th USENIX Symposium", []),
        (
            "abbas23a.html",
            "Loss of Plasticity in Continual Deep Reinforcement Learning",
            2023,
            "Conference on Lifelong Learning Agents",
            ["pmlr:v232/abbas23a"],
        ),
        (
            "2405.12311.head.html",
            "SpotKube: Cost-Optimal Microservices Deployment with Cluster Autoscaling",
            2024,
            "",
            ["doi:10.1109/cloudcom62794.2024.00026", "arxiv:2405.12311"],
        ),
    ],
)
def test_recorded_pages_say_what_they_say(
    data_dir: Path, name: str, title: str, year: int, venue: str, ids: list[str]
) -> None:
    read = reading(dict(recorded(data_dir))[name])
    assert isinstance(read, Facts)
    assert (read.title or "").startswith(title)
    assert (read.venue or "").startswith(venue)
    assert (read.year, [str(i) for i in read.ids]) == (year, ids)
