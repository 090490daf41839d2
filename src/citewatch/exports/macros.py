r"""The counts as LaTeX macros: ``\citations{key}``, ``\badge{key}``, totals, the day.

The file needs no package and works in any class: it is read by ``\input``. A paper can be
named by its key, its arXiv identifier or its DOI.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from citewatch.domain.credits import credit
from citewatch.domain.latex import latex
from citewatch.domain.milestones import badge_text
from citewatch.exports.stand import as_of, counted, day, preamble, speaking
from citewatch.services.reported import Report

_NAME = re.compile(r"[\w.:/()<>;+-]+", re.ASCII)
_LOOKUP = r"""
\makeatletter
% \citewatchof{what}{paper}: what is known, else "??" and a warning; nothing is ever invented.
\def\citewatchof#1#2{%
  \expandafter\ifx\csname citewatch@#1@#2\endcsname\relax
    \expandafter\ifx\csname citewatch@known@#2\endcsname\relax
      \typeout{citewatch warning: no count is known of '#2'}\textbf{??}%
    \fi
  \else\csname citewatch@#1@#2\endcsname\fi}
\def\citewatch@set#1#2#3{\expandafter\gdef\csname citewatch@#1@#2\endcsname{#3}}
\def\citewatch@offer#1#2{%
  \expandafter\ifx\csname #1\endcsname\relax
    \expandafter\gdef\csname #1\endcsname##1{\citewatchof{#2}{##1}}%
  \else
    \typeout{citewatch warning: the name #1 is taken; use \string\citewatchof{#2}{...}}%
  \fi}
\ifx\citewatchloaded\undefined
\gdef\citewatchloaded{}
\citewatch@offer{citations}{citations}
\citewatch@offer{badge}{badge}
\citewatch@offer{citationsource}{source}
\citewatch@offer{citationdate}{date}
\fi
"""
_END = "\\makeatother\n"


def as_macros(report: Report) -> bytes:
    r"""The file for ``\input``."""
    head = "".join(f"% {line}\n" for line in preamble(report))
    return (head + _LOOKUP.lstrip("\n") + "".join(_lines(report)) + _END).encode()


def _lines(report: Report) -> Iterator[str]:
    totals = report.totals
    numbers = {
        "citewatchpapers": totals.papers,
        "citewatchcitations": totals.citations,
        "citewatchhindex": totals.h_index,
        "citewatchitenindex": totals.i10_index,
        "citewatchgindex": totals.g_index,
    }
    for name, number in numbers.items():
        yield rf"\gdef\{name}{{{'??' if number is None else number}}}" + "\n"
    yield rf"\gdef\citewatchasof{{{as_of(report) or '??'}}}" + "\n"
    labels = " and ".join(latex(credit(source).label) for source in speaking(report))
    yield rf"\gdef\citewatchsources{{{labels or '??'}}}" + "\n"
    for paper, count, citations in counted(report.papers):
        said = {
            "citations": str(citations),
            "source": latex(credit(count.source).label),
            "date": "" if count.observed_at is None else day(count.observed_at),
            "known": "",
        }
        if paper.badge is not None:
            said["badge"] = f"{badge_text(paper.badge)} citations"
        for name in _names(paper.key, dict(paper.ids)):
            yield "".join(
                rf"\citewatch@set{{{what}}}{{{name}}}{{{words}}}" + "\n"
                for what, words in said.items()
            )


def _names(key: str, ids: dict[str, str]) -> list[str]:
    """What a paper can be called by; a name with signs that TeX reads differently is none."""
    wanted = dict.fromkeys([key, *(ids[s] for s in ("arxiv", "doi") if s in ids)])
    return [name for name in wanted if _NAME.fullmatch(name)]
