"""The report as LaTeX: it compiles, and every title prints as itself."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path
from unicodedata import normalize

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text  # type: ignore[import-untyped]

from citewatch.cli.render.latex import latex
from citewatch.cli.render.report_latex import report_latex
from citewatch.domain.printable import clean
from citewatch.services.report import build_report
from worlds import HELD, MISSING, World, day, paper

HOSTILE = (
    r"100% & more_of #1 \input{/etc/passwd} {un}balanced} ^up^ ~til~ $\x$ <b> | \end{document}",
    "Über naïve Łukasz Ĉaelo ğüzel Ő ¿qué? ½ × ° µ © Ħ ŉ",
    "ℓp-norm: α-β-CROWN, Δ ≤ ∞ → ∑ −1 ‐ – — ‘q’ “Q” …",
    "深度学习 и кириллица 😀 ﬁ ☃",
    "-- --- ,, ?` !` << >> `' '' \"q\" [1] *",
    "[0.5ex] first in its row",
    "%",
)


def test_specials_are_escaped_and_greek_is_a_command() -> None:
    assert latex("a%b & c_d") == r"a\%b \& c\_d"
    assert latex("α") == r"{\ensuremath{\alpha}}"
    assert latex("ü") == r"{\"u}"
    assert latex("深") == r"\beyond{深}"
    assert latex("a--b") == "a-{}-b"
    assert latex("x\n\x1b[31my") == "x y"


UNREAD = {r"\textless{}": "<", r"\textgreater{}": ">", r"\textbar{}": "|", r"\symbol{34}": "\x01",
          r"\textasciigrave{}": "\x02", r"\textquotesingle{}": "\x03",
          r"\textasciicircum{}": "\x04", r"\textasciitilde{}": "\x05"}  # fmt: skip
"""Commands that the reader of LaTeX does not know; quotes it would make typographic."""


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_ascii_reads_back_as_it_was(text: str) -> None:
    said = latex(text)
    for command, stands_for in UNREAD.items():
        said = said.replace(command, stands_for)
    back = LatexNodes2Text(strict_latex_spaces=True).latex_to_text(said)
    assert back.translate({1: '"', 2: "`", 3: "'", 4: "^", 5: "~"}) == clean(text)


@pytest.mark.parametrize("letter", "éüñçşőÅØœßžŁıαΩ≤×½€")
def test_letters_read_back_as_they_were(letter: str) -> None:
    said = latex(letter)
    assert said.isascii()
    assert normalize("NFKC", LatexNodes2Text().latex_to_text(said)) == normalize("NFKC", letter)


@given(st.text())
def test_no_text_opens_a_command_or_a_group_of_its_own(text: str) -> None:
    said = latex(text)
    assert said.count("{") - said.count(r"\{") == said.count("}") - said.count(r"\}")
    assert "\n" not in said
    assert "%" not in said.replace(r"\%", "")


def document(*, papers: int = 0) -> str:
    titles = [
        *HOSTILE,
        *(f"Paper number {n} of many, with a title of some length" for n in range(papers)),
    ]
    made = World(
        *(paper(f"key-{n}", title, year=2020, claim=100) for n, title in enumerate(titles))
    )
    for number in range(40):
        made.ask(day(number), {place: 120 + place + number for place in range(len(titles) - 1)})
    made.ask(day(40), {0: (HELD, 9000), len(titles) - 1: MISSING})
    out = io.StringIO()
    report_latex(build_report(made.store, made.question(day(40))), out, title="Ü & 100% me_")
    return out.getvalue()


def test_the_table_has_a_row_a_paper_and_says_what_is_unknown() -> None:
    text = document()
    assert text.count(" \\\\[1pt]\n") == len(HOSTILE) + 1
    assert "& missing &" in text
    assert "159 (held)" in text
    assert "S2: Semantic Scholar" in text
    assert "h-index" in text


def compiled(folder: Path, program: str, text: str) -> str:
    """The text of the PDF that a LaTeX makes of a document."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"no {program} on this machine")
    (folder / "doc.tex").write_text(text, encoding="utf-8")
    words = [found, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "doc.tex"]
    done = subprocess.run(words, cwd=folder, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-2000:]
    pages = pypdfium2.PdfDocument(folder / "doc.pdf")
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in pages)
    finally:
        pages.close()


@pytest.mark.slow
@pytest.mark.parametrize("program", ["pdflatex", "lualatex"])
def test_it_compiles_by_itself(tmp_path: Path, program: str) -> None:
    text = compiled(tmp_path, program, document(papers=80))
    assert "& 100% me_" in text
    assert "\\input{/etc/passwd}" in " ".join(text.split())
    assert "Paper number 79" in text


@pytest.mark.slow
def test_it_is_a_table_inside_another_document(tmp_path: Path) -> None:
    (tmp_path / "report.tex").write_text(document(), encoding="utf-8")
    outer = (
        "\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage{longtable,array}\n"
        "\\begin{document}Before.\\input{report}After.\\end{document}\n"
    )
    text = compiled(tmp_path, "pdflatex", outer)
    assert "Before." in text
    assert "After." in text
