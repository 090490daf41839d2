"""Letters to people: what is said, in which order, and nothing that titles do."""

from __future__ import annotations

import html
import re
from datetime import UTC
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from notify_samples import HOSTILE, NOW, ZOO, message, row

from citewatch.domain.papers import Kind
from citewatch.notify.letter import MOST_PAPERS, compose
from citewatch.notify.templates import BUILT_IN, NAMES, load_templates
from citewatch.notify.writing import Writer, Written
from citewatch.ports import HeldBack, LoggedChange, Message

TEXT = """\
1 paper was RETRACTED, see under 'Lost'.

Milestones

ZOO: Zeroth Order Optimization based Black-box Attacks to Deep Neural Networks
  * crossed 1300+ (2026-09-21)
  * fell from 1310 to 1200 (2026-09-21)

Second
  * crossed 100+ (2026-09-21)

Decisions, versions, publications

Third
  * version 3 at arXiv (2026-09-21)

Lost

Gone
  * RETRACTED: Crossref: retracted (2026-09-21)
  * accepted at X (2026-09-21)

Held back

openalex
  * 40 of 49 papers moved at once (2026-09-21)

Sources

crossref
  * is down (2026-09-21)

Cited by

Sixth
  * by Somebody (2026-09-21)

--\x20
citewatch, message 0123456789-abc
"""

MIXED = (
    row(1, Kind.CITING, paper=6, title="Sixth", text="by Somebody"),
    row(2, Kind.SOURCE_DOWN, paper=None, source="crossref", text="is down"),
    row(3, Kind.SOURCE_FAULT, paper=None, source="openalex", text="40 of 49 papers moved at once"),
    row(4, Kind.DROP, text="fell from 1310 to 1200"),
    row(5, Kind.ACCEPTED, paper=4, title="Gone", text="accepted at X"),
    row(6, Kind.VERSION, paper=3, title="Third", text="version 3 at arXiv"),
    row(7, Kind.MILESTONE, paper=2, title="Second", text="crossed 100+", threshold=100),
    row(8, Kind.MILESTONE, text="crossed 1300+", threshold=1300),
    row(9, Kind.RETRACTED, paper=4, title="Gone", text="Crossref: retracted", source="crossref"),
)


def written(*changes: LoggedChange, folder: Path | None = None) -> Written:
    return Writer(load_templates(folder), UTC).write(message(*changes))


def test_a_badge_that_can_be_raised_stands_with_its_milestone() -> None:
    letter = compose(
        [
            row(1, Kind.CLAIM_STALE, text="the badge 100+ can be 400+"),
            row(2, Kind.MILESTONE, text="reached 400+", threshold=400),
            row(3, Kind.CLAIM_STALE, paper=2, title="Other", text="the badge 10+ can be 25+"),
        ],
        UTC,
    )
    (topic,) = letter.topics
    assert topic.heading == "Milestones"
    assert [[line.text for line in item.lines] for item in topic.items] == [
        ["reached 400+", "the badge 100+ can be 400+"],
        ["the badge 10+ can be 25+"],
    ]
    assert letter.subject == "citewatch: 1 milestone, 2 badges out of date"


def test_a_digest_is_one_letter_with_milestones_first_and_each_title_once() -> None:
    got = written(*MIXED)
    assert got.text == TEXT
    assert (
        got.subject
        == "citewatch: 1 RETRACTION, 2 milestones, 1 acceptance, 1 new version and 4 more"
    )
    assert got.text.count(ZOO) == got.html.count(ZOO) == 1


def test_the_page_says_what_the_text_says() -> None:
    got = written(*MIXED)
    page = re.sub(r"<[^>]+>", " ", got.html)
    text = got.text.replace("-- \n", "").replace("*", "")
    assert html.unescape(page).split() == text.split()


def test_a_single_change_is_its_own_subject() -> None:
    got = written(row(1, Kind.MILESTONE, text="crossed 100+", title="Short"))
    assert got.subject == "citewatch: Short: crossed 100+"
    gone = written(row(1, Kind.RETRACTED, text="Crossref: retracted"))
    assert gone.subject == f"citewatch: RETRACTED: {ZOO}"
    long = written(row(1, Kind.MILESTONE, title="x" * 500))
    assert len(long.subject) == 150
    assert "x" * 500 in long.text.splitlines(), "in full and unwrapped"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_titles_are_text_whatever_is_in_them() -> None:
    got = written(
        row(1, Kind.MILESTONE, title=HOSTILE, text=HOSTILE),
        row(2, Kind.SOURCE_DOWN, paper=None, source=HOSTILE, text=HOSTILE),
    )
    tags = Tags()
    tags.feed(got.html)
    assert tags.found == {"html", "head", "meta", "body", "h2", "p", "b", "ul", "li", "small"}
    assert tags.attributes == {"charset"}
    for text in (got.subject, got.text, got.html):
        assert not re.search(
            "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\udc80]", text
        )
    assert "\n" not in got.subject
    assert "${subject} $key {{7*7}}" in got.text, "no template inside a title"
    title = next(line for line in got.text.splitlines() if line.startswith("</title>"))
    assert title.endswith("“Grüße” 𝒵")


def test_days_are_those_of_the_reader() -> None:
    late = row(1, Kind.DROP, at=NOW - NOW % 86_400 + 23 * 3600)
    assert "(2026-09-21)" in written(late).text
    tokyo = Writer(load_templates(None), ZoneInfo("Asia/Tokyo")).write(message(late))
    assert "(2026-09-22)" in tokyo.text


def test_a_letter_that_would_be_endless_says_what_it_leaves_out() -> None:
    rows = [row(n, Kind.MILESTONE, paper=n, title=f"Paper {n}", threshold=n) for n in range(1, 301)]
    got = written(*rows)
    assert got.text.count("Paper ") == MOST_PAPERS
    assert "Paper 300" in got.text, "the highest thresholds come first"
    assert "… and 200 more changes of 200 papers: 'citewatch changes' shows all." in got.text
    assert html.escape("'citewatch changes'") in got.html


def test_a_digest_names_what_is_held_back_and_each_title_once() -> None:
    held = (
        HeldBack(paper=1, title="First", source="openalex", believed=400, said=0, since_at=NOW),
        HeldBack(paper=2, title="Se\ncond", source="crossref", believed=None, said=9, since_at=NOW),
    )
    rows = (row(1, Kind.MILESTONE, paper=1, title="First", text="crossed 400+"),)
    got = Writer(load_templates(None), UTC).write(Message(key="k", at=NOW, changes=rows, held=held))
    assert (
        "Milestones\n\nFirst\n"
        "  * crossed 400+ (2026-09-21)\n"
        "  * openalex says 0 since 2026-09-21; 400 is believed until that is confirmed (2026-09-21)\n"
        "\nHeld back\n\nSe cond\n"
        "  * crossref says 9 since 2026-09-21; nothing is believed until that is confirmed"
    ) in got.text
    assert got.html.count("First") == 1


def test_every_kind_of_change_has_its_place_and_word() -> None:
    for kind in Kind:
        letter = compose([row(1, kind), row(2, kind, paper=2)], UTC)
        assert [len(topic.items) for topic in letter.topics] == [2], kind
        assert letter.subject.startswith("citewatch: 2 "), kind


def test_the_same_changes_give_the_same_words_whenever_they_are_sent() -> None:
    writer = Writer(load_templates(None), UTC)
    assert writer.write(message(*MIXED, at=NOW)) == writer.write(message(*MIXED, at=NOW + 99_999))


def test_a_test_message_says_so() -> None:
    got = Writer(load_templates(None), UTC).write(Message(key="test-1", at=NOW, test=True))
    assert got.subject == "citewatch: test message"
    assert "A test message from citewatch\n  * this channel works (2026-09-21)\n" in got.text


# --- templates ---------------------------------------------------------------------


def test_own_templates_take_the_place_of_the_built_in_ones(tmp_path: Path) -> None:
    (tmp_path / "subject.txt").write_text("[cites] $count changes, $date\n")
    (tmp_path / "message.txt").write_text("Costs $$5.\n$topics")
    (tmp_path / "topic.txt").write_text("== $heading ==\n$papers")
    (tmp_path / "paper.txt").write_text("$title\n$changes")
    (tmp_path / "change.txt").write_text("- $kind by $source: $text\n")
    (tmp_path / "change.html").write_text("<li class='x'>$text</li>")
    got = written(row(1, Kind.DROP, title="A <b> title", text="fell <i>"), folder=tmp_path)
    assert got.subject == "[cites] 1 changes, 2026-09-21"
    assert got.text == (
        "Costs $5.\n== Lost ==\nA <b> title\n- drop by semantic_scholar: fell <i>\n"
    )
    assert "<li class='x'>fell &lt;i&gt;</li>" in got.html
    assert "<p><b>A &lt;b&gt; title</b></p>" in got.html


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"fine\n$titel", "line 2: there is no $titel; valid: $changes, $title"),
        (b"costs 5$ only", "line 1: a '$' without a name (a dollar sign is '$$')"),
        (b"$title ${__class__.x}", "line 1: a '$' without a name"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"x" * 70_000, "is larger than 64 kB"),
    ],
)
def test_a_broken_template_gives_way_to_the_built_in_one(
    tmp_path: Path, text: bytes, problem: str
) -> None:
    (tmp_path / "paper.txt").write_bytes(text)
    templates = load_templates(tmp_path)
    (said,) = templates.problems
    assert said.startswith(f"{tmp_path / 'paper.txt'}: {problem}")
    assert said.endswith("; the built-in template is used")
    assert Writer(templates, UTC).write(message(*MIXED)).text == TEXT


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    templates = load_templates(tmp_path / "none")
    assert templates.problems == (
        f"{tmp_path / 'none'}: there is no such folder; the built-in templates are used",
    )


def test_the_built_in_templates_use_no_more_than_what_is_promised() -> None:
    templates = load_templates(None)
    for name, template in templates.texts.items():
        assert template.is_valid()
        promised = NAMES.get(name) or NAMES[name.partition(".")[0]]
        assert set(template.get_identifiers()) <= promised
    assert len(BUILT_IN) == 9
