"""Reading Markdown: lists, tables, links, images and HTML, with exact places in the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_pages_of_html import check_places, said

from citewatch.intake import read_list
from citewatch.intake.document import parse_document
from citewatch.intake.markdown import read_markdown
from citewatch.ports import PublicationList


def read(page: str) -> PublicationList:
    return read_markdown(parse_document(page.encode(), path=Path("cv.md")))


PAGE = """---
title: "Papers, 300 citations"
---
# 📝 publications

## 2024

- **Robust Trees for Noisy Forests**
  Jane Roe\\*, Bo Li\\*
  *Made Conference (MC)*, 2024 — ![c](https://img.shields.io/badge/citations-412-blue) [PDF](https://arxiv.org/abs/2401.00001)
- Jane Roe, **Bo Li**. [Learning to
  Count](https://doi.org/10.1234/abc.5). *Made Journal* 12(3), 2023. \\[[1,300+
  citations](https://example.org/who)\\]

1. J. Roe, B. Li, "Sorting Unseen Bolts," *Made Letters*, 2022. **447 citations**
2. `ICML 2021` [Fixing Descent in the Dark][dark], Jane Roe, Bo Li

<ul>
<li><b>Things of Old</b>. Jane Roe, Bo Li. Made Journal, 2021. Cited by <a href="/s?cites=12">77</a></li>
</ul>

# Talks
- Jane Roe. Robust Trees for Noisy Forests. 2024. 99 citations

<!-- - Old Thing. Jane Roe. MC 2010. 98 citations -->
```
- Code Thing. Jane Roe. MC 2010. 97 citations
```
{% include papers.md citations=96 %}

[dark]: https://arxiv.org/abs/2101.00001
"""


def test_lists_links_images_and_html_are_read_in_place() -> None:
    found = read(PAGE)
    check_places(PAGE, found)
    assert [said(entry) for entry in found.entries] == [
        ("Robust Trees for Noisy Forests", ("Jane Roe", "Bo Li"), 2024),
        ("Learning to Count", ("Jane Roe", "Bo Li"), 2023),
        ("Sorting Unseen Bolts", ("J. Roe", "B. Li"), 2022),
        ("Fixing Descent in the Dark", ("Jane Roe", "Bo Li"), 2021),
        ("Things of Old", ("Jane Roe", "Bo Li"), 2021),
    ]
    assert [e.place and e.place.text for e in found.entries] == [
        "citations-412",
        "1,300+\n  citations",
        "447 citations",
        None,
        'Cited by <a href="/s?cites=12">77',
    ]
    assert [str(i) for i in found.entries[3].paper.ids] == ["arxiv:2101.00001"]


TABLE = """## Paper Citations

| Paper | Citations | Year | Venue |
| :---- | --------: | ---- | ----- |
| Counting \\| Sheep | **1,204** | 2020 | Made Journal |
| [Sheep again](https://arxiv.org/abs/1901.00001) | 100+ | 2019 | |
| Sheep of nobody | 0 | N/A | |

| Date | Total Citations | H-index |
| ---- | --------------- | ------- |
| 2026-08-21 | 1347 | 15 |

| Paper | Previous | New |
| ----- | -------- | --- |
| Counting \\| Sheep | 1199 | 1204 |
"""


def test_tables_are_read_by_their_columns() -> None:
    found = read(TABLE)
    check_places(TABLE, found)
    assert [(e.paper.title, e.paper.year) for e in found.entries] == [
        ("Counting | Sheep", 2020),
        ("Sheep again", 2019),
        ("Sheep of nobody", None),
    ]
    assert [
        e.place and (e.place.text, e.place.claim, str(e.place.style)) for e in found.entries
    ] == [
        ("1,204", 1204, "exact"),
        ("100+", 100, "floor"),
        ("0", 0, "exact"),
    ]


def test_plain_text_under_a_name_of_markdown_is_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "cv.md"
    path.write_text("Publications\n\n[1] Robust Trees\nJane Roe, Bo Li\nMade Journal, 2019\n")
    (entry,) = read_list(path).entries
    assert entry.paper.title == "Robust Trees"


@pytest.mark.parametrize(
    ("name", "entries", "badges"),
    [
        ("abhi0395__README", 50, 46),
        ("dfm__README", 121, 115),
        ("dominic789654__citations", 46, 46),
        ("dominic789654__2025-03-31_citations", 16, 16),
    ],
)
def test_real_files_are_read_whole(data_dir: Path, name: str, entries: int, badges: int) -> None:
    path = data_dir / "real" / "cvs" / f"{name}.md"
    found = read_list(path)
    assert len(found.entries) == entries
    assert sum(entry.place is not None for entry in found.entries) == badges
    assert found.leftovers == ()
    check_places(path.read_bytes().decode("utf-8"), found)
