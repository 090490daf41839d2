"""The report as LaTeX: a document of its own, or a table inside another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from citewatch.cli.render.latex import latex
from citewatch.cli.render.report_data import MARK_WORDS, health_line, totals_lines
from citewatch.cli.render.words import clean, minute, short_name, signed
from citewatch.domain.milestones import badge_text
from citewatch.services.reported import Report, ReportedPaper

# Before \documentclass LaTeX's own command is there; after it a second one is an error,
# by the name \@twoclasseserror. So the file knows whether it was \input into another.
_HEAD = r"""% Made by citewatch. It compiles by itself: pdflatex FILE, or lualatex FILE.
% In a document of your own: \usepackage[T1]{fontenc} \usepackage{longtable,array} \input{FILE}
\expandafter\ifx\csname @twoclasseserror\endcsname\documentclass\else
  \documentclass[a4paper,10pt]{article}
  \def\citewatchalone{\end{document}}
\fi
\ifdefined\citewatchalone
  \usepackage[a4paper,margin=18mm]{geometry}
  \ifdefined\XeTeXversion\else\ifdefined\directlua
    \IfFileExists{luaotfload.sty}{}{\usepackage[T1]{fontenc}}
  \else
    \usepackage[T1]{fontenc}
    \usepackage{textcomp}
  \fi\fi
  \IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
  \usepackage{longtable,array}
  \begin{document}
\fi
% What pdfLaTeX has no letter for is printed as a box; LuaLaTeX prints it if its font can.
\ifdefined\directlua\providecommand{\beyond}[1]{#1}\else
\ifdefined\XeTeXversion\providecommand{\beyond}[1]{#1}\else
\providecommand{\beyond}[1]{\rule{.5em}{.5em}}\fi\fi
"""
_GAP_PT = 4
_FOOT = r"""
\ifdefined\citewatchalone\expandafter\citewatchalone\fi
"""


def report_latex(report: Report, out: TextIO, *, title: str) -> None:
    """Write the report; ``title`` says whose papers they are, "" for everything watched."""
    out.write(_HEAD)
    name = f": {latex(title)}" if clean(title) else ""
    out.write("\\subsection*{Citations" + name + "}\n")
    out.write(f"\\noindent As of {minute(report.as_of)} UTC.\n")
    if report.papers:
        _table(report, out)
    out.writelines(f"\n\\noindent {latex(line)}\n" for line in _below(report))
    out.write("\n\\begin{itemize}\\setlength{\\itemsep}{0pt}\n")
    out.writelines(f"\\item {latex(health_line(source))}\n" for source in report.sources)
    out.write("\\end{itemize}\n")
    out.write(_FOOT)


def _below(report: Report) -> Iterator[str]:
    """What the short names mean, and the totals."""
    used = dict.fromkeys(p.source for p in report.papers if p.source is not None)
    labels = {source.name: source.label for source in report.sources}
    names = [f"{short_name(n)}: {labels[n]}" for n in used if n in labels]
    if names:
        yield "; ".join(names)
    yield from totals_lines(report.totals)


def _table(report: Report, out: TextIO) -> None:
    header = ["Paper", "Year", "Cited", "By", "Badge", "Claim"]
    header += [f"{{\\ensuremath{{\\Delta}}}} {latex(window)}" for window in report.windows]
    rows = [list(_cells(paper, report)) for paper in report.papers]
    # What the numbers leave is the titles': about 4.8 pt a letter in \small, and the gaps.
    widest = [max(len(row[place]) for row in rows) for place in range(1, len(header))]
    numbers_pt = sum(max(letters, 5) * 4.8 + 2 * _GAP_PT for letters in widest)
    title = f">{{\\raggedright\\arraybackslash}}p{{\\dimexpr\\linewidth-{numbers_pt:.0f}pt\\relax}}"
    out.write(f"\n{{\\small\\setlength{{\\tabcolsep}}{{{_GAP_PT}pt}}\n")
    out.write(f"\\begin{{longtable}}{{@{{}}{title}rrlrr{'r' * len(report.windows)}@{{}}}}\n")
    out.write(f"\\hline\n{_row(header)}\\hline\n\\endhead\n\\hline\n\\endfoot\n")
    out.writelines(_row(row) for row in rows)
    out.write("\\end{longtable}}\n")


def _row(cells: Iterable[str]) -> str:
    return " & ".join(cells) + " \\\\[1pt]\n"


def _cells(paper: ReportedPaper, report: Report) -> Iterator[str]:
    same = f" (same as {paper.same_as})" if paper.same_as else ""
    yield latex((clean(paper.title) or paper.key) + same)
    yield "" if paper.year is None else str(paper.year)
    mark = MARK_WORDS.get(paper.status.value)
    counted = paper.status.value if paper.citations is None else str(paper.citations)
    yield f"{counted} ({mark})" if mark and paper.citations is not None else counted
    yield "" if paper.source is None else latex(short_name(paper.source))
    yield "" if paper.badge is None else badge_text(paper.badge)
    yield "" if paper.claim is None else badge_text(paper.claim)
    for window in report.windows:
        gained = paper.delta.get(window)
        yield "" if gained is None else f"${signed(gained)}$"
