"""Text from strangers as LaTeX that prints as itself."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from pylatexenc.latexencode import UnicodeToLatexEncoder  # type: ignore[import-untyped]

from citewatch.cli.render.words import clean

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}", "'": r"\textquotesingle{}", "[": "{[}", "]": "{]}",
    "–": r"\textendash{}", "—": r"\textemdash{}", "‘": r"\textquoteleft{}",
    "’": r"\textquoteright{}", "“": r"\textquotedblleft{}", "”": r"\textquotedblright{}",
    "…": r"\textellipsis{}", "‐": "-", "‑": "-", "→": r"{\ensuremath{\rightarrow}}",
    "Δ": r"{\ensuremath{\Delta}}",
}  # fmt: skip
# Letters that TeX's fonts would join into another character: -- to –, ,, to „.
_JOINED = re.compile(r"-(?=-)|,(?=,)|[?!](?=`)")
_AS_THEY_ARE = re.compile(r"[ -~]|(?![ĦħĸĿŀŉŦŧſ])[\u00a1-\u017f]")
"""What pdfLaTeX and LuaLaTeX both print without being told how."""


def latex(text: str) -> str:
    r"""Text that shows as itself inside a LaTeX table.

    Greek and mathematical signs become commands that every LaTeX knows. What pdfLaTeX has
    no letter for is wrapped in ``\beyond{…}``, which the document has to define.
    """
    text = clean(text)
    joined = {found.start() for found in _JOINED.finditer(text)}
    return "".join(
        _letter(character) + ("{}" if place in joined else "")
        for place, character in enumerate(text)
    )


@cache
def _letter(character: str) -> str:
    known = _SPECIAL.get(character)
    if known is not None:
        return known
    if _AS_THEY_ARE.fullmatch(character):
        return character
    said = str(_encoder().unicode_to_latex(character))
    return said if _is_plain(said) else rf"\beyond{{{character}}}"


def _is_plain(said: str) -> bool:
    """Whether this is ASCII out of commands that need no package."""
    return said.isascii() and set(re.findall(r"\\([A-Za-z]+)", said)) <= _COMMANDS


@cache
def _encoder() -> Any:
    return UnicodeToLatexEncoder(
        unknown_char_policy="keep",
        unknown_char_warning=False,
        replacement_latex_protection="braces-all",
    )


_GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi "
    "pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta "
    "Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
_SIGNS = (
    "ensuremath infty times pm mp div cdot leq geq neq approx equiv sim propto partial nabla "
    "sum prod int in ni subset supset subseteq supseteq cup cap wedge vee forall exists "
    "rightarrow leftarrow leftrightarrow Rightarrow Leftarrow Leftrightarrow ell hbar Re Im aleph "
    "circ bullet star dagger ddagger prime langle rangle otimes oplus perp parallel"
)
_ACCENTS = "i j u v H c k r b d"
_COMMANDS = frozenset(f"{_GREEK} {_SIGNS} {_ACCENTS}".split())
