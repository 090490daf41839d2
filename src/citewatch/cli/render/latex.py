"""Text from strangers as LaTeX that prints as itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from pylatexenc.latexencode import UnicodeToLatexEncoder  # type: ignore[import-untyped]

from citewatch.cli.render.words import clean

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\symbol{34}",
    "`": r"\textasciigrave{}", "'": r"\textquotesingle{}", "[": "{[}", "]": "{]}",
    "–": r"\textendash{}", "—": r"\textemdash{}", "‘": r"\textquoteleft{}",
    "’": r"\textquoteright{}", "“": r"\textquotedblleft{}", "”": r"\textquotedblright{}",
    "…": r"\textellipsis{}", "‐": "-", "‑": "-", "→": r"{\ensuremath{\rightarrow}}",
    "Ű": r"{\H{U}}", "ű": r"{\H{u}}", "Δ": r"{\ensuremath{\Delta}}",
    "«": r"{\ensuremath{\ll}}", "»": r"{\ensuremath{\gg}}",
}  # fmt: skip
# Letters that TeX's fonts would join into another character: -- to –, ,, to „.
_JOINED = re.compile(r"-(?=-)|,(?=,)|[?!](?=`)")
_PLAIN = re.compile(r"[ -~]")
_TAKEN_WRONGLY = frozenset("ĦħŦŧŊŋĿŀ")
"""The encoder writes these as other letters."""


def latex(text: str) -> str:
    r"""Text that shows as itself inside a LaTeX table.

    Accents, Greek and mathematical signs become commands that every LaTeX knows. What pdfLaTeX has
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
    if _PLAIN.fullmatch(character):
        return character
    if character in _TAKEN_WRONGLY:
        return rf"\beyond{{{character}}}"
    said = _encoder()(character)
    return said if _is_plain(said) else rf"\beyond{{{character}}}"


def _is_plain(said: str) -> bool:
    """Whether this is ASCII out of commands that need no package."""
    return said.isascii() and set(re.findall(r"\\([A-Za-z]+)", said)) <= _COMMANDS


@cache
def _encoder() -> Callable[[str], str]:
    encoder = UnicodeToLatexEncoder(
        unknown_char_policy="keep",
        unknown_char_warning=False,
        replacement_latex_protection="braces-all",
    )
    encode: Callable[[str], str] = encoder.unicode_to_latex
    return encode


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
_TEXT = (
    "i j u v H c k r b d l L o O ae AE oe OE aa AA ss textexclamdown textcent textsterling "
    "textcurrency textyen textbrokenbar textsection textasciidieresis textcopyright "
    "textordfeminine textlnot textregistered textasciimacron textdegree texttwosuperior "
    "textthreesuperior "
    "textasciiacute textmu textparagraph textperiodcentered textonesuperior textordmasculine "
    "textonequarter textonehalf textthreequarters textquestiondown texttimes textdiv texteuro "
    "texttrademark textdagger textdaggerdbl textbullet"
)
_COMMANDS = frozenset(f"{_GREEK} {_SIGNS} {_TEXT}".split())
