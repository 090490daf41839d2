"""The Markdown report as a renderer takes it: every title shows as itself."""

from __future__ import annotations

import html
import io
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from citewatch.cli.render.report_data import report_markdown
from citewatch.cli.render.words import markdown, write_markdown
from citewatch.domain.printable import clean
from citewatch.services.report import build_report
from worlds import World, day, paper

HOSTILE = (
    "A | pipe, a \\| and [a link](javascript:alert(1)) ![i](x)",
    "<script>alert(1)</script> &amp; &lt; <!-- c -->",
    "`code` *stars* _lines_ ~~gone~~ # no heading",
    "$x_1$ and $$y$$",
    "1. no list\n\n- none",
    "https://example.org/a_b_c and <https://example.org>",
)


def rendered(text: str) -> str:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)


def cells(page: str) -> list[str]:
    """The text of each cell; links, code and emphasis would leave elements inside."""
    found = re.findall(r"<td[^>]*>(.*?)</td>", page, re.DOTALL)
    assert not [cell for cell in found if "<" in cell]
    return [html.unescape(cell) for cell in found]


def test_titles_show_as_themselves_and_rows_keep_their_cells() -> None:
    made = World(*(paper(f"k-{n}", title, year=2020) for n, title in enumerate(HOSTILE)))
    made.ask(day(0), {n: 100 - n for n in range(len(HOSTILE))})
    out = io.StringIO()
    report_markdown(build_report(made.store, made.question(day(0))), out)
    page = rendered(out.getvalue())
    assert page.count("<table>") == 1
    assert page.count("<tr>") == len(HOSTILE) + 1
    assert cells(page)[:: page.count("<th") - 1] == [clean(title) for title in HOSTILE]
    assert "<script" not in page


@given(st.text())
@example("\\")
@example("a\\|b")
@example("$a$")
@example("==a==")
def test_any_text_shows_as_itself_in_a_cell(text: str) -> None:
    out = io.StringIO()
    write_markdown(["A", "B"], [[markdown(text), "end"]], out)
    assert [cell.strip() for cell in cells(rendered(out.getvalue()))] == [clean(text), "end"]


@pytest.mark.parametrize("text", ["$x$", "$$", "a $ b"])
def test_no_formula_is_begun(text: str) -> None:
    assert re.search(r"(?<!\\)\$", markdown(text)) is None
