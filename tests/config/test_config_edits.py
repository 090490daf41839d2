"""Edits of config.toml change what they must and not one byte more."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from citewatch.config import (
    add_papers,
    give_keys,
    ignore_key,
    initial_config,
    remove_paper,
    set_claims,
    settings_from_text,
)
from citewatch.config.readers import cleaned
from citewatch.config.writing import toml_string
from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import LinkPage, Paper
from citewatch.errors import InputError, UnknownPaper

PAPER = Paper(
    key="zoo-zeroth-order-2017",
    title='ZOO: "Zeroth" Order',
    year=2017,
    authors=("Ada L", "Bo B"),
    venue="AISec",
    ids=(Identifier("arxiv", "1708.03999"),),
    claim=1300,
)
ROW = (
    '{ key = "zoo-zeroth-order-2017", title = "ZOO: \\"Zeroth\\" Order", year = 2017,'
    ' authors = ["Ada L", "Bo B"], venue = "AISec", arxiv = "1708.03999", claim = "1300+" }'
)
SHORT = Paper(title="New")
NEW = '{ title = "New" }'
PAGE = LinkPage(papers=("a-2001",), links=("https://example.org/x",))
PAGE_ROW = '{ papers = ["a-2001"], links = ["https://example.org/x"] }'


def add(text: str, *papers: Paper) -> str:
    return add_papers(text, "me", papers or (SHORT,))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # an array over several lines, with comments
        (
            'papers = [\n    { title = "A" },  # first\n    # last\n] # end\n\n# foot\n[web]\n',
            (
                'papers = [\n    { title = "A" },  # first\n    # last\n    {NEW},\n] # end\n\n'
                "# foot\n[web]\n"
            ),
        ),
        # no comma behind the last one, and a comment there
        (
            'papers = [\n  { title = "A" } # no, comma\n]\n',
            'papers = [\n  { title = "A" }, # no, comma\n  {NEW},\n]\n',
        ),
        # one line
        ('papers = [ { title = "A" } ]\n', 'papers = [ { title = "A" },\n  {NEW},\n]\n'),
        ('papers = [{ title = "A" },]\n', 'papers = [{ title = "A" },\n  {NEW},\n]\n'),
        # empty, with and without a comment
        ("papers = []\n", "papers = [\n  {NEW},\n]\n"),
        ("papers = [ # none yet\n]\n", "papers = [ # none yet\n  {NEW},\n]\n"),
        # a bracket on the line of the last one
        (
            'papers = [\n\t{ title = "A" },\n\t{ title = "B" }]\n',
            'papers = [\n\t{ title = "A" },\n\t{ title = "B" },\n\t{NEW},\n]\n',
        ),
        # absent
        ("\n# end", "papers = [\n  {NEW},\n]\n\n# end"),
        ('title = "t" # t', 'title = "t" # t\npapers = [\n  {NEW},\n]\n'),
        ("ignore = []\n\n\n[web]\n", "ignore = []\npapers = [\n  {NEW},\n]\n\n\n[web]\n"),
    ],
)
def test_a_paper_is_added_and_every_other_byte_stays(before: str, after: str) -> None:
    head = "# top\n[watchlists.other]\ntitle = 'x'\n\n[watchlists.me]\n"
    assert add(head + before) == head + after.replace("{NEW}", NEW)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '[[watchlists.me.papers]]\ntitle = "A"\n\n# about web\n[web]\n',
            (
                '[[watchlists.me.papers]]\ntitle = "A"\n\n[[watchlists.me.papers]]\ntitle = "New"\n'
                "\n# about web\n[web]\n"
            ),
        ),
        (
            "[[watchlists.me.pages]]\nlinks = []\n",
            "[[watchlists.me.pages]]\nlinks = []\n\n[watchlists.me]\npapers = [\n  {NEW},\n]\n",
        ),
        (
            "watchlists.me.title = 'T' # t\n[web]\n",
            "watchlists.me.title = 'T' # t\nwatchlists.me.papers = [\n  {NEW},\n]\n[web]\n",
        ),
        (
            "[watchlists]\nme.title = 'T'",
            "[watchlists]\nme.title = 'T'\nme.papers = [\n  {NEW},\n]\n",
        ),
        (
            "[watchlists]\nme = { title = 'T' } # x\n",
            "[watchlists]\nme = { title = 'T', papers = [\n  {NEW},\n] } # x\n",
        ),
        ("[watchlists]\nme = {}\n", "[watchlists]\nme = { papers = [\n  {NEW},\n] }\n"),
        (
            "watchlists = { me.title = 'T' }\n",
            "watchlists = { me.title = 'T', me.papers = [\n  {NEW},\n] }\n",
        ),
        (
            "watchlists = { you.title = 'T' }\n",
            "watchlists = { you.title = 'T', me = { title = \"me\", papers = [{NEW}] } }\n",
        ),
        ("", '[watchlists.me]\ntitle = "me"\npapers = [\n  {NEW},\n]\n'),
        (
            "[web]\nport = 1",
            '[web]\nport = 1\n\n[watchlists.me]\ntitle = "me"\npapers = [\n  {NEW},\n]\n',
        ),
    ],
)
def test_a_paper_is_added_however_the_watchlist_is_written(before: str, after: str) -> None:
    assert add(before) == after.replace("{NEW}", NEW)


def test_a_paper_is_one_line_with_all_that_is_known() -> None:
    assert add("[watchlists.me]\npapers = [\n]\n", PAPER) == (
        f"[watchlists.me]\npapers = [\n  {ROW},\n]\n"
    )


def test_a_claim_of_nothing_is_none() -> None:
    assert "claim" not in add("", replace(PAPER, claim=0))


def test_a_new_watchlist_gets_its_title_papers_and_pages() -> None:
    got = add_papers("[web]\n", "two words", [PAPER], pages=[PAGE], title="T")
    assert got == (
        '[web]\n\n[watchlists."two words"]\ntitle = "T"\n'
        f"papers = [\n  {ROW},\n]\npages = [\n  {PAGE_ROW},\n]\n"
    )


def test_papers_and_pages_are_added_together() -> None:
    got = add_papers("[watchlists.me]\ntitle = 'x'\n\n[web]\n", "me", [SHORT], pages=[PAGE])
    assert got == (
        f"[watchlists.me]\ntitle = 'x'\npapers = [\n  {NEW},\n]\n"
        f"pages = [\n  {PAGE_ROW},\n]\n\n[web]\n"
    )


def test_windows_line_ends_and_a_byte_order_mark_stay() -> None:
    text = '\ufeff# c\r\n[watchlists.me]\r\npapers = [\r\n  { title = "A" }\r\n]\r\n# end'
    assert add(text) == (
        '\ufeff# c\r\n[watchlists.me]\r\npapers = [\r\n  { title = "A" },\r\n'
        f"  {NEW},\r\n]\r\n# end"
    )
    text = '[watchlists.me]\r\npapers = [\r\n  { key = "a-1" },\r\n]\r\n'
    assert remove_paper(text, "me", "a-1") == "[watchlists.me]\r\npapers = [\r\n]\r\n"


def test_adding_nothing_changes_nothing() -> None:
    text = "[watchlists.me]\n"
    assert add_papers(text, "me", []) == text


@pytest.mark.parametrize(
    ("text", "paper", "problem"),
    [
        (
            '[watchlists.me]\npapers = [{ key = "zoo-zeroth-order-2017" }]',
            PAPER,
            "'zoo-zeroth-order-2017' is already the key of a paper in 'me'",
        ),
        (
            "",
            Paper(title="", key="a-1"),
            "'a-1' cannot be added: paper: a paper needs a title or an identifier",
        ),
        (
            "",
            Paper(title="A", year=3),
            "'A' cannot be added: paper.year: must be a year from 1400 to 2999, not 3",
        ),
        ("a = ", SHORT, "config.toml is not valid TOML: Invalid value (at end of document)"),
        (
            "watchlists = 3",
            SHORT,
            (
                "watchlists cannot be edited without risk to the rest of the file;"
                " nothing was changed"
            ),
        ),
        (
            "[watchlists.me]\npapers = 3",
            SHORT,
            (
                "watchlists.me.papers cannot be edited without risk to the rest of the file;"
                " nothing was changed"
            ),
        ),
    ],
)
def test_what_cannot_be_added_is_refused(text: str, paper: Paper, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        add(text, paper)
    assert caught.value.problem == problem


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '[\n  { key = "a-1" }, # a\n  # of b\n  { key = "b-1" }, # b\n  { key = "c-1" },\n]',
            '[\n  { key = "a-1" }, # a\n  # of b\n  { key = "c-1" },\n]',
        ),
        ('[\n  { key = "a-1" },\n  { key = "b-1" }\n]', '[\n  { key = "a-1" },\n]'),
        ('[\n  { key = "b-1" },\n]', "[\n]"),
        ('[ { key = "b-1" } ]', "[  ]"),
        ('[ { key = "b-1" }, { key = "a-1" } ]', '[ { key = "a-1" } ]'),
        ('[ { key = "a-1" }, { key = "b-1" } ]', '[ { key = "a-1" } ]'),
        (
            '[ { key = "a-1" }, { key = "b-1" }, { key = "c-1" } ]',
            '[ { key = "a-1" }, { key = "c-1" } ]',
        ),
        (
            '[\n  { key = "a-1" }\n, { key = "b-1" }\n, { key = "c-1" }\n]',
            '[\n  { key = "a-1" }\n, { key = "c-1" }\n]',
        ),
        (
            '[\n  { key = "b-1" }\n  , { key = "c-1" }\n]',
            '[\n  \n  { key = "c-1" }\n]',
        ),
        (
            '[\n  { key = "b-1", authors = [\n    "A",\n  ] }, # long\n  { key = "c-1" }]',
            '[\n  { key = "c-1" }]',
        ),
    ],
)
def test_a_paper_is_removed_with_its_line(before: str, after: str) -> None:
    head = "# top\n[watchlists.me]\npapers = "
    got = remove_paper(f"{head}{before}\n# foot\n", "me", "b-1")
    assert got == f"{head}{after}\n# foot\n"


def test_a_paper_with_a_header_of_its_own_is_removed() -> None:
    block = '[[watchlists.me.papers]]\nkey = "{}-1"\n'
    text = f"# top\n{block.format('a')}\n# of b\n{block.format('b')}\n{block.format('c')}"
    assert remove_paper(text, "me", "b-1") == (
        f"# top\n{block.format('a')}\n# of b\n\n{block.format('c')}"
    )
    assert remove_paper(text, "me", "c-1") == (
        f"# top\n{block.format('a')}\n# of b\n{block.format('b')}\n"
    )


def test_the_last_paper_does_not_take_the_watchlist_with_it() -> None:
    text = '[web]\n[[watchlists.me.papers]]\nkey = "a-1"\n'
    assert remove_paper(text, "me", "a-1") == "[web]\n[watchlists.me]\n"


def test_a_paper_that_is_not_there_is_unknown() -> None:
    with pytest.raises(UnknownPaper):
        remove_paper("[watchlists.me]\npapers = [{ title = 'A' }]\n", "me", "a-1")
    with pytest.raises(InputError, match="there is no watchlist 'you'"):
        remove_paper("[watchlists.me]\n", "you", "a-1")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ignore = [] # x\n", 'ignore = ["a-1"] # x\n'),
        ('ignore = ["b-1"]\n', 'ignore = ["b-1", "a-1"]\n'),
        ('ignore = ["b-1",]\n', 'ignore = ["b-1", "a-1"]\n'),
        ('ignore = [\n  "b-1" # b\n]\n', 'ignore = [\n  "b-1", # b\n  "a-1",\n]\n'),
        ("title = 'x'\n", "title = 'x'\nignore = [\"a-1\"]\n"),
        ('ignore = ["a-1"]\n', 'ignore = ["a-1"]\n'),
    ],
)
def test_a_key_is_ignored(before: str, after: str) -> None:
    assert ignore_key(f"[watchlists.me]\n{before}", "me", "a-1") == f"[watchlists.me]\n{after}"


def test_keys_are_given_to_papers_without_one() -> None:
    text = "[watchlists.me]\npapers = [\n  { title = 'A' }, # a\n  {title = 'B'},\n]\n"
    assert give_keys(text, "me", {0: "a-1", 1: "b-1"}) == (
        "[watchlists.me]\npapers = [\n"
        "  { key = \"a-1\", title = 'A' }, # a\n  { key = \"b-1\",title = 'B'},\n]\n"
    )
    text = "[[watchlists.me.papers]] # x\ntitle = 'A'\n"
    assert give_keys(text, "me", {0: "a-1"}) == (
        "[[watchlists.me.papers]] # x\nkey = \"a-1\"\ntitle = 'A'\n"
    )


# --- the first config --------------------------------------------------------------


def load(text: str) -> tuple[Paper, ...]:
    got = settings_from_text(text, path=Path("/x/config.toml"), environ={})
    return got.watchlists["me"].papers


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{ title = "A", claim = "100+" },  # a', '{ title = "A", claim = "400+" },  # a'),
        ('{ title = "A", claim = 100 }', '{ title = "A", claim = 400 }'),
        ('{ title = "A",  claim="1,300+ citations" }', '{ title = "A",  claim="400+" }'),
        ('{ title = "A" }', '{ title = "A", claim = "400+" }'),
        ('{ title = "A", claim = "400+" }', '{ title = "A", claim = "400+" }'),
        ('{ title = "A", claim = "400 citations" }', '{ title = "A", claim = "400 citations" }'),
    ],
)
def test_a_claim_follows_and_nothing_else_moves(before: str, after: str) -> None:
    head, tail = (
        '# head\r\n[watchlists.me]\r\npapers = [ { title = "B" }, ',
        "\r\n]\r\n[web]\r\n# end",
    )
    assert set_claims(head + before + tail, "me", {1: 400}) == head + after + tail


def test_claims_follow_in_tables_with_headers_and_several_at_once() -> None:
    text = (
        '[[watchlists.me.papers]]\ntitle = "A" # a\n\n'
        '[[watchlists.me.papers]]\nclaim = "10+" # ten\ntitle = "B"\n'
    )
    assert set_claims(text, "me", {0: 25, 1: 50}) == (
        '[[watchlists.me.papers]]\ntitle = "A" # a\nclaim = "25+"\n\n'
        '[[watchlists.me.papers]]\nclaim = "50+" # ten\ntitle = "B"\n'
    )


def test_claims_of_an_unknown_watchlist_are_an_error() -> None:
    with pytest.raises(InputError, match="no watchlist 'you'"):
        set_claims("[watchlists.me]\npapers = []\n", "you", {})


def test_the_first_config_loads_and_holds_papers_and_pages() -> None:
    text = initial_config("me", "Me", [PAPER, SHORT], [PAGE])
    got = settings_from_text(text, path=Path("/x/config.toml"), environ={})
    assert got.watchlists["me"].papers == (PAPER, SHORT)
    assert got.watchlists["me"].pages == (PAGE,)
    assert got.watchlists["me"].title == "Me"
    assert text.endswith(
        f'[watchlists.me]\ntitle = "Me"\npapers = [\n  {ROW},\n  {NEW},\n]\n'
        f"pages = [\n  {PAGE_ROW},\n]\n"
    )


def test_what_the_first_config_shows_as_comments_is_valid_too() -> None:
    text = initial_config("me", "Me", [])
    assert load(text) == ()
    shown = "\n".join(
        line.removeprefix("# ")
        if line.startswith("# ") and (" = " in line or line.startswith("# [")) and "`" not in line
        else line.replace("  # {", "  {")
        for line in text.splitlines()
    )
    assert shown.count("\n[") == 19
    assert load(shown)[0].claim == 100


def test_a_first_config_is_refused_for_a_name_that_no_watchlist_may_have() -> None:
    for name in ("imported", "", "a\nb"):
        with pytest.raises(InputError, match=r"^watchlist "):
            initial_config(name, "Me", [])


# --- hostile words -----------------------------------------------------------------

HOSTILE = st.one_of(
    st.text(max_size=40),
    st.text("\"'\\\n\r\t#[]{}=,\x00\x1b\x7f\u202e\u2028\ud800 a", max_size=30),
)


@settings(deadline=None)
@given(st.text())
def test_any_text_survives_as_a_toml_string(text: str) -> None:
    written = f"k = {toml_string(text)}"
    assert tomllib.loads(written)["k"] == text
    assert tomlkit.parse(written)["k"] == text


@settings(deadline=None)
@given(HOSTILE, st.lists(HOSTILE, max_size=3), HOSTILE)
def test_hostile_titles_authors_and_venues_come_back_as_they_were(
    title: str, authors: list[str], venue: str
) -> None:
    paper = Paper(
        key="a-1", title=f"T {title}", authors=tuple(authors), venue=venue, claim=100, year=2001
    )
    expected = Paper(
        key="a-1",
        title=cleaned(f"T {title}"),
        authors=tuple(name for author in authors if (name := cleaned(author))),
        venue=cleaned(venue),
        claim=100,
        year=2001,
    )
    for text in (
        initial_config("me", title, [paper]),
        add_papers("[[watchlists.me.papers]]\ntitle = 'A'\n", "me", [paper]),
        add_papers("", "me", [paper], title=title),
    ):
        assert load(text)[-1] == expected
        assert expected not in load(remove_paper(text, "me", "a-1"))


@settings(deadline=None)
@given(HOSTILE)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = cleaned(text)
    assert cleaned(once) == once
    assert not set(once) & set("\n\r\t\x00\x1b\x7f\u202e")


LAYOUTS = st.sampled_from(["\n", "\r\n", " ", "\n  # note ]\n", "", "\n\n\t"])


@settings(deadline=None)
@given(st.data(), st.integers(0, 4), st.booleans())
def test_removing_an_added_paper_gives_the_same_papers_in_any_layout(
    data: st.DataObject, count: int, comma: bool
) -> None:
    gaps = [data.draw(LAYOUTS) for _ in range(2 * count + 1)]
    body = "".join(
        f'{gaps[2 * i]}{{ key = "p-{i}" , title = "t" }}{gaps[2 * i + 1]}'
        f"{',' if comma or i + 1 < count else ''}"
        for i in range(count)
    )
    text = f"# top\n[watchlists.me]\npapers = [{body}{gaps[-1]}]\n# end\n"
    added = add(text, PAPER)
    assert load(added) == (*load(text), PAPER)
    assert load(remove_paper(added, "me", PAPER.key)) == load(text)
    assert added.count("# note ]") == text.count("# note ]")
    for i in range(count):
        kept = tuple(paper for paper in load(text) if paper.key != f"p-{i}")
        assert load(remove_paper(text, "me", f"p-{i}")) == kept
