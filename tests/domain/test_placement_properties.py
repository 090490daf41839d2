"""What holds for every page of papers and links."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from citewatch.domain.placement import PageLink, PaperOnPage, link_for, place

ICLR = "International Conference on Learning Representations (ICLR)"
ICML = "International Conference on Machine Learning (ICML)"
CVPR = "Computer Vision and Pattern Recognition (CVPR)"
TITLES = [
    "Robust Trees for Noisy Forests",
    "Counting without Looking",
    "Nothing at All",
    "Sorting Unseen Bolts",
    "Fixing Parallel Descent",
]
papers_on_page = st.lists(
    st.builds(
        PaperOnPage,
        st.sampled_from(TITLES),
        st.sampled_from([(), ("Jane Roe",), ("Bo Li", "Jane Roe")]),
        st.one_of(st.none(), st.integers(2015, 2024)),
        st.sampled_from(["", ICLR, ICML, CVPR, "Journal of Made Things"]),
    ),
    max_size=6,
)
urls = st.one_of(
    st.integers(1501, 1512).map(lambda n: f"https://arxiv.org/abs/{n}.00001"),
    st.integers(2001, 2012).map(lambda n: f"https://arxiv.org/abs/{n}.00001"),
    st.sampled_from(["roe20a", "li18b", "roe22"]).map(
        lambda key: f"https://proceedings.mlr.press/v1/{key}.html"
    ),
    st.sampled_from(
        [
            "https://openreview.net/forum?id=abcdefgh",
            "https://openreview.net/forum?id=hgfedcba",
            "https://example.org/fix.pdf",
            "https://example.org/NAA.pdf",
            "https://aclanthology.org/P18-1001",
            "https://doi.org/10.1000/xyz",
            "http://[",
        ]
    ),
)


@st.composite
def pages(draw: st.DrawFn) -> tuple[list[PaperOnPage], list[PageLink]]:
    links = [
        PageLink(link.url, link.identifier, draw(st.one_of(st.none(), st.sampled_from(TITLES))))
        for link in (link_for(url, {}) for url in draw(st.lists(urls, max_size=6)))
    ]
    return draw(papers_on_page), links


@given(pages())
def test_every_link_is_placed_once_or_not_at_all(
    page: tuple[list[PaperOnPage], list[PageLink]],
) -> None:
    papers, links = page
    found = place(papers, links)
    assert sorted([*found.placed, *found.unplaced]) == list(range(len(links)))
    assert set(found.evidence) == set(found.placed)
    assert all(0 <= at < len(papers) for at in found.placed.values())


@given(pages())
def test_links_are_placed_in_the_order_of_the_papers_unless_titles_say_otherwise(
    page: tuple[list[PaperOnPage], list[PageLink]],
) -> None:
    papers, links = page
    found = place(papers, links)
    firsts: dict[str, int] = {}
    for link in sorted(found.placed):
        firsts.setdefault(str(links[link].identifier or links[link].url), link)
    order = [found.placed[link] for link in sorted(firsts.values())]
    if order != sorted(order):
        assert all(found.evidence[link] == "title" for link in found.placed)


@given(pages())
def test_a_link_with_a_known_title_goes_only_to_a_paper_of_that_title(
    page: tuple[list[PaperOnPage], list[PageLink]],
) -> None:
    papers, links = page
    for link, at in place(papers, links).placed.items():
        name = links[link].identifier or links[link].url
        same = [one for one in links if (one.identifier or one.url) == name]
        titles = {one.known_title for one in same if one.known_title}
        assert not titles or papers[at].title in titles
