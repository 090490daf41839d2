"""Text from strangers inside a LaTeX document: shown, never obeyed."""

from __future__ import annotations

import re

from citewatch.domain.printable import clean

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"{\char34}",
}
_ANY = re.compile("|".join(re.escape(one) for one in _SPECIAL))


def latex(text: str) -> str:
    """One line of text with every character that means something to LaTeX made to show.

    Letters beyond ASCII stay: LaTeX reads UTF-8 since 2018. No command survives, so a title
    can neither read files nor run programs.
    """
    return _ANY.sub(lambda found: _SPECIAL[found[0]], clean(text))
