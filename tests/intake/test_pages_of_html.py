"""Reading homepages and saved profiles, with exact places in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from citewatch.errors import ListError
from citewatch.intake import read_list
from citewatch.intake.document import parse_document
from citewatch.intake.html import read_html
from citewatch.ports import Entry, PublicationList


def read(page: str) -> PublicationList:
    return read_html(parse_document(page.encode(), path=Path("cv.html")))


def check_places(page: str, found: PublicationList) -> None:
    """Every badge stands where it says, on the line that it says, within its entry."""
    for entry in found.entries:
        assert entry.span is not None
        if entry.place is None:
            continue
        assert page[entry.place.start : entry.place.end] == entry.place.text
        assert entry.span[0] <= entry.place.start < entry.place.end <= entry.span[1]
        assert entry.badge_line == page.count("\n", 0, entry.place.start) + 1


def said(entry: Entry) -> tuple[str, tuple[str, ...], int | None]:
    return entry.paper.title, entry.paper.authors, entry.paper.year


LIST = """<html><head><title>300 citations</title><script>x = "99 citations"</script></head><body>
<h1>Jane Roe</h1><p>My work has been cited over 3,000 times.
See <a href="https://scholar.google.com/citations?user=AAA12">my profile</a>.</p>
<h2>Publications</h2>
<!-- <li>Old Thing. Jane Roe. Made Letters, 2010. 99 citations -->
<ol>
<li><b>Robust Trees for Noisy Forests.</b> <u>Jane Roe</u>, Bo Li. <i>Made Conference</i>, 2024.
  <a href="https://arxiv.org/abs/2401.00001">[PDF]</a> <span>447&nbsp;citations</span>
<li>Jane Roe, Bo Li. <a href="https://doi.org/10.1234/abc.5">Learning to Count</a>.
  <em>Made Journal</em>, 12(3):45&ndash;67, 2023 (1,300+ citations).
<li>J. Roe &amp; B. Li, &ldquo;Sorting Unseen Bolts,&rdquo; <em>Made Letters</em>, 2022.
  <img src="https://img.shields.io/badge/citations-412-blue">
  <span hidden>77 citations</span> <span class="badge">Citations --</span>
</ol>
<h2>Talks</h2><ul><li>Jane Roe. Robust Trees. Made University, 2024. 55 citations</li></ul>
</body></html>
"""


def test_items_of_a_list_are_read_with_their_badges_in_place() -> None:
    found = read(LIST)
    check_places(LIST, found)
    assert [said(entry) for entry in found.entries] == [
        ("Robust Trees for Noisy Forests", ("Jane Roe", "Bo Li"), 2024),
        ("Learning to Count", ("Jane Roe", "Bo Li"), 2023),
        ("Sorting Unseen Bolts", ("J. Roe", "B. Li"), 2022),
    ]
    assert [(e.paper.claim, e.place and e.place.text) for e in found.entries] == [
        (447, "447&nbsp;citations"),
        (1300, "1,300+ citations"),
        (412, "citations-412"),
    ]
    assert found.entries[1].links == ("https://doi.org/10.1234/abc.5",)
    assert [(line, number) for line, _, number in found.totals] == [(2, 3000)]
    assert found.links == ("https://scholar.google.com/citations?user=AAA12",)


CARDS = """<h2>Selected papers</h2>
<div class="pub"><div class="t">Robust Trees for Noisy Forests</div>
<div class="a">Jane Roe*, Bo Li*</div><div class="v">MC 2019</div>
<div class="bibtex hidden">@article{x, citations={99}}</div></div>
<div class="pub"><h4><a href="https://arxiv.org/abs/2001.00001">Learning to Count</a>
<span class="citation-badge">Citations --</span></h4><p>Jane Roe, Erika Muster</p>
<p>MJ 2020 | <a href="https://x.org/code">Code</a> <span>Citations: 88</span></p></div>
<p>* equal contribution</p>
"""
ROWS = """<table><tr><td><img src="a.png"></td><td><a href="https://x.org/n">Neural Things as Scenes</a>
<br><b>Jane Roe</b>, <a href="https://bo.li">Bo Li</a><br><em>MCCV</em>, 2020 (Oral)<br>
<a href="https://arxiv.org/abs/2003.00934">arXiv</a><p>We show things. Cited by 120</p></td></tr></table>
"""
TERMS = """<h3>Papers</h3><dl><dt>Robust Trees for Noisy Forests
<dd>Jane Roe and Bo Li. In <i>Proc. Made Conference</i>, pages 3-14, 2019. Cited 300+ times.
<dt>Learning to Count without Looking<dd>Jane Roe, Bo Li. <i>Made Journal</i> 12, 2018.</dl>
<h3>Teaching</h3><dl><dt>Trees for beginners<dd>Made University, 2019</dl>
"""
PARAGRAPHS = """<center><h2>Jane Roe's papers</h2></center>
<p>J. Roe and B. Li, <b>Robust trees for noisy forests</b>, <i>J. Made Things</i> (2019), 3&ndash;14.
<p>J. Roe, <b>Learning to count</b>, <i>Made Letters</i> <b>3</b> (2018), 1&ndash;9. 12 citations.
"""


@pytest.mark.parametrize(
    ("page", "titles", "claims"),
    [
        (CARDS, ["Robust Trees for Noisy Forests", "Learning to Count"], [None, 88]),
        (ROWS, ["Neural Things as Scenes"], [120]),
        (
            TERMS,
            ["Robust Trees for Noisy Forests", "Learning to Count without Looking"],
            [300, None],
        ),
        (PARAGRAPHS, ["Robust trees for noisy forests", "Learning to count"], [None, 12]),
    ],
)
def test_cards_rows_terms_and_paragraphs_are_entries(
    page: str, titles: list[str], claims: list[int | None]
) -> None:
    found = read(page)
    check_places(page, found)
    assert [entry.paper.title for entry in found.entries] == titles
    assert [entry.paper.claim for entry in found.entries] == claims
    assert all(entry.paper.authors for entry in found.entries)


PROFILE = """<div id="gsc_prf_in">Jane Roe</div>
<table id="gsc_rsb_st"><tr><th></th><th>All</th><th>Since 2019</th></tr>
<tr><td class="gsc_rsb_sc1"><a>Citations</a></td><td class="gsc_rsb_std">1873</td>
<td class="gsc_rsb_std">900</td></tr></table>
<table id="gsc_a_t"><tr id="gsc_a_trh"><th>Title</th><th>Cited by</th><th>Year</th></tr>
<tr class="gsc_a_tr"><td class="gsc_a_t"><a class="gsc_a_at" href="/citations?x&amp;y">Robust trees
for forests</a><div class="gs_gray">J Roe, B Li, ...</div><div class="gs_gray">Made Conference 12,
45-67<span class="gs_oph">, 2019</span></div></td><td class="gsc_a_c"><a class="gsc_a_ac gs_ibl"
href="https://scholar.google.com/scholar?cites=123">1300</a></td>
<td class="gsc_a_y"><span class="gsc_a_h">2019</span></td></tr>
<tr class="gsc_a_tr"><td class="gsc_a_t"><a class="gsc_a_at" href="x">Learning to count</a>
<div class="gs_gray">J Roe</div><div class="gs_gray">arXiv preprint arXiv:2001.00002</div></td>
<td class="gsc_a_c"><a class="gsc_a_ac"></a></td><td class="gsc_a_y"><span>2020</span></td></tr>
</table>
"""


def test_a_saved_profile_gives_its_counts_as_exact_claims() -> None:
    found = read(PROFILE)
    check_places(PROFILE, found)
    assert [said(entry) for entry in found.entries] == [
        ("Robust trees for forests", ("J Roe", "B Li"), 2019),
        ("Learning to count", ("J Roe",), 2020),
    ]
    place = found.entries[0].place
    assert place is not None
    assert (place.text, place.claim, str(place.style)) == ("1300", 1300, "exact")
    assert "the author list is cut short" in found.entries[0].doubts
    assert found.entries[1].paper.claim is None
    assert found.totals == ((3, "Citations: 1873", 1873),)


def test_a_page_without_papers_is_refused_with_what_was_seen() -> None:
    with pytest.raises(ListError, match="no paper found"):
        read("<html><body><h1>Jane Roe</h1><p>I like trees.</p></body></html>")


def test_a_real_homepage_is_read_whole(data_dir: Path) -> None:
    found = read_list(data_dir / "real" / "cvs" / "boyuanjiang__index.html")
    assert len(found.entries) == 27
    # Its badges are filled in by a script: the file has none.
    assert [entry for entry in found.entries if entry.badge] == []
    assert found.leftovers == ()
