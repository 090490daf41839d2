"""The publication list that the world's papers are written into."""

from __future__ import annotations

import re

import pytest

from citewatch.sandbox import World, publication_list, synthetic_world


@pytest.fixture(scope="module")
def text(living_world: World) -> str:
    return publication_list(living_world)


def blocks(text: str) -> list[str]:
    """The entries: each from its number to the next blank line."""
    return re.findall(r"^\[\d+\] .*?(?=\n\n)", text, re.MULTILINE | re.DOTALL)


def test_every_paper_is_an_entry_in_order(text: str, living_world: World) -> None:
    numbers = [int(block[1 : block.index("]")]) for block in blocks(text)]
    assert numbers == [paper.number for paper in living_world.listed]


def test_titles_are_whole_once_lines_are_joined(text: str, living_world: World) -> None:
    for block, paper in zip(blocks(text), living_world.listed, strict=True):
        flat = re.sub(r"[-\s]", "", block)
        assert flat.startswith(re.sub(r"[-\s]", "", f"[{paper.number}] {paper.title}"))


def test_some_titles_are_wrapped_and_some_words_cut_with_a_hyphen(text: str) -> None:
    lines = text.splitlines()
    cut = [line for line in lines if line.startswith("[") and line.endswith("-")]
    wrapped = [block for block in blocks(text) if len(block.splitlines()) > 3]
    assert len(cut) >= 4
    assert len(wrapped) >= 10


def test_no_line_is_longer_than_a_page_is_wide(text: str) -> None:
    assert max(len(line) for line in text.splitlines() if "://" not in line) <= 102


def test_stars_mark_co_first_authors(text: str) -> None:
    assert "Huan Zhang*, Shiqi Wang*, Kaidi Xu*, Linyi Li, Bo Li" in text


def test_authors_end_with_and_or_with_a_comma(text: str) -> None:
    assert "Suman Jana, Cho-Jui Hsieh and Zico Kolter\n" in text
    assert "Junbo Li, Huan Zhang, Cihang Xie\n" in text


def test_badges_stand_in_the_venue_lines(text: str) -> None:
    badges = re.findall(r"(\d+)\+\s+citations\)", text)
    assert len(badges) == 18
    assert "2020 (Spotlight paper, 100+ citations)" in text
    assert "1300" in badges


def test_links_stand_at_the_foot_of_their_page_some_of_them_twice(
    text: str, living_world: World
) -> None:
    links = [line for line in text.splitlines() if re.match(r"https?://|mailto:", line)]
    wanted = [link for paper in living_world.listed for link in paper.links]
    assert [link for link in links if "example.org" not in link] == wanted
    assert len(wanted) > len(set(wanted)) == 32


def test_links_follow_the_entries_of_their_page(text: str, living_world: World) -> None:
    pages = text.split("\n\n\n")
    assert len(pages) >= 6
    for paper in living_world.listed:
        page = next(page for page in pages if f"[{paper.number}] " in page)
        assert all(link in page for link in paper.links)


def test_the_first_page_holds_no_paper(text: str) -> None:
    front = text[: text.index("[1] ")]
    assert "Talks by Invitation" in front
    assert "“What a Network Promises" in front
    assert "[" not in front


def test_workshop_papers_come_under_their_own_heading(text: str) -> None:
    after = text[text.index("Peer-reviewed workshop papers") :]
    assert [block[1:3] for block in blocks(after)] == ["49", "50", "51", "52", "53"]


def test_the_text_is_the_same_every_time(text: str, living_world: World) -> None:
    assert publication_list(living_world) == text


def test_a_world_without_a_list_still_gives_a_front_page() -> None:
    assert "[1]" not in publication_list(synthetic_world(5))
