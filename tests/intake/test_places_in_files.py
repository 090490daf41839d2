"""Places in text files, and badges written anew and back: the file is the first again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citewatch.domain.badges import Badge, rewritten
from citewatch.errors import ListError
from citewatch.intake.document import Document, open_document, parse_document
from citewatch.intake.formats import READERS, format_of
from citewatch.ports import PublicationList


def floor(citations: int) -> int | None:
    return citations // 100 * 100 if citations >= 100 else None


def read(document: Document) -> PublicationList:
    return READERS[format_of(document)](document)


def badges(found: PublicationList) -> list[Badge]:
    placed = [entry.place for entry in found.entries if entry.place]
    placed += [badge for entry in found.entries for _, badge in entry.also]
    return sorted(placed, key=lambda badge: badge.start)


def written(text: str, texts: list[tuple[Badge, str | None]]) -> str:
    for badge, new in reversed(texts):
        assert text[badge.start : badge.end] == badge.text
        text = f"{text[: badge.start]}{new}{text[badge.end :]}"
    return text


def check_there_and_back(document: Document) -> int:
    """Write made-up counts, read again, write the old ones; how many badges there were."""
    first = badges(read(document))
    made_up = [(b, rewritten(b, b.claim * 3 + 700, floor=floor)) for b in first]
    changed = written(document.text, made_up)
    data = document.mark + changed.encode(document.encoding)
    second = badges(read(parse_document(data, path=document.path)))
    assert len(second) == len(first)
    old = [(b, rewritten(b, one.claim, floor=floor)) for b, one in zip(second, first, strict=True)]
    assert written(changed, old) == document.text
    return len(first)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_places_count_the_characters_of_the_file(newline: str, encoding: str) -> None:
    text = (
        "Publications\n\n[1] Robust Trees\nJürgen Möller, Bo Li\nMade Things, 2019 (100+ citations)\n"
        "[2] Learning to Count\nJane Roe, Bo Li\nMade Letters, 2018, 1,300+\ncitations\n"
    ).replace("\n", newline)
    document = parse_document(text.encode(encoding), path=Path("cv.txt"))
    one, two = read(document).entries
    assert one.place is not None
    assert two.place is not None
    assert document.text[one.place.start : one.place.end] == "100+ citations"
    assert document.text[two.place.start : two.place.end] == f"1,300+{newline}citations"
    assert (one.badge_line, two.badge_line) == (5, 8)
    assert one.span is not None
    assert document.text[slice(*one.span)].startswith("[1] Robust Trees")
    assert document.text[slice(*one.span)].endswith("(100+ citations)")
    assert check_there_and_back(document) == 2


def test_of_several_numbers_in_an_entry_the_first_is_taken_and_the_rest_doubted() -> None:
    text = (
        "Publications\n\n[1] Robust Trees\nJane Roe, Bo Li\n"
        "Made Things, 2019 (512 citations; 300 Scopus citations)\n"
    )
    (entry,) = read(parse_document(text.encode(), path=Path("cv.txt"))).entries
    assert (entry.paper.claim, entry.badge) == (512, "512 citations")
    assert entry.doubts == (
        "claims another number too: 300 Scopus citations; only the first is taken",
    )


def test_a_paper_that_is_listed_twice_keeps_both_badges() -> None:
    text = (
        "Selected Publications\n\n[1] Robust Trees\nJane Roe, Bo Li\nMade Things, 2019 (100+ citations)\n"
        "\nAll Publications\n\n[1] Robust Trees\nJane Roe, Bo Li\nMade Things, 2019 (200+ citations)\n"
    )
    document = parse_document(text.encode(), path=Path("cv.txt"))
    (entry,) = read(document).entries
    assert entry.place is not None
    assert entry.place.claim == entry.paper.claim == 200
    assert [(line, badge.claim) for line, badge in entry.also] == [(5, 100)]
    assert check_there_and_back(document) == 2


def test_real_files_survive_made_up_counts(data_dir: Path) -> None:
    paths = [data_dir / "cv" / "huan-zhang.txt"]
    paths += sorted((data_dir / "real" / "cvs").glob("*.md"))
    seen = 0
    for path in paths:
        document = open_document(path)
        assert document.data == path.read_bytes()
        try:
            seen += check_there_and_back(document)
        except ListError:
            continue
    assert seen == 18 + 46 + 115 + 46 + 16


PIECES = [
    "<li>", "</li>", "<p>", "<div class='a b'>", "</div>", "<b>", "</b>", "<a href='https://x.org'>",
    "</a>", "<!--", "-->", "<script>", "</script>", "<table>", "<tr>", "<td>", "</table>", "<dl><dt>",
    "<dd>", "<br>", "&nbsp;", "&", "<", ">", "<h2>Publications</h2>", "<tr class=gsc_a_tr>",
    "\n", "\n\n", "- ", "* ", "1. ", "# Papers\n", "| Title | Citations |\n|--|--|\n", "| a title | 12 |\n",
    "[", "](https://arxiv.org/abs/1901.00001)", "](", ")", "![", "`", "```\n", "**", "_", "\\", "---\n",
    "{% x %}", "    ", "> ", "Robust Trees", "Jane Roe, Bo Li", "Made Journal, 2019", ". ", ", ",
    "100+ citations", "(cited 340 times)", "https://img.shields.io/badge/citations-412-blue", "\r\n", "\f",
]  # fmt: skip
pages = st.lists(
    st.one_of(st.sampled_from(PIECES), st.sampled_from(PIECES), st.text(max_size=8)), max_size=60
).map("".join)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pages, st.sampled_from(sorted(READERS)))
def test_any_text_is_read_or_refused_and_no_place_is_wrong(text: str, kind: str) -> None:
    data = text.encode("utf-8", "replace")
    try:
        document = parse_document(data, path=Path("cv.any"))
        found = READERS[kind](document)
    except ListError as error:
        assert "cv.any" in error.problem  # noqa: PT017 - refusing is the other good end
        return
    for entry in found.entries:
        assert entry.span is not None
        assert 0 <= entry.span[0] <= entry.span[1] <= len(document.text)
    last = 0
    for badge in badges(found):
        assert document.text[badge.start : badge.end] == badge.text
        assert badge.start >= last
        last = badge.end


@pytest.mark.parametrize("kind", ["HTML", "Markdown"])
@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<!--",
        "<!",
        "<?",
        "</",
        "<a href='",
        "<p>a",
        "[",
        "![",
        "[](",
        "* ",
        "*a *",
        "{{",
        "|-",
        "- ",
    ],
)
def test_hostile_text_takes_time_by_its_length_alone(kind: str, piece: str) -> None:
    """Four times the text in hardly more than four times the time: counted in steps."""
    steps = [_steps(kind, piece * count) for count in (500, 2_000)]
    assert steps[1] < 7 * steps[0] + 20_000


def _steps(kind: str, text: str) -> int:
    """Calls that reading makes: a measure of time that no other program disturbs."""
    import sys

    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    document = parse_document(text.encode(), path=Path("cv.any"))
    sys.setprofile(count)
    try:
        READERS[kind](document)
    except ListError:
        pass
    finally:
        sys.setprofile(None)
    return calls
