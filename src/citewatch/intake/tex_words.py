"""LaTeX in a short string (a title, a name) as the text that it prints."""

from __future__ import annotations

import re
from functools import lru_cache

from pylatexenc.latex2text import LatexNodes2Text  # type: ignore[import-untyped]

_LETTERS = re.compile(
    r"\{\\(?:[\"'`^~=.]|[cdbuvHkrt](?![A-Za-z]))\s*(?:\\?[A-Za-z](?![A-Za-z])|\{\\?[A-Za-z]\})\}"
    r"|\\(?:[\"'`^~=.]|[cdbuvHkrt](?![A-Za-z]))\s*(?:\\[ijIJ](?![A-Za-z])|[A-Za-z]|\{\\?[A-Za-z]\})"
    r"|\{\\(?:o|O|l|L|ss|ae|AE|oe|OE|aa|AA|i|j)\s*\}"
    r"|\\(?:o|O|l|L|ss|ae|AE|oe|OE|aa|AA|i|j)(?![A-Za-z])\s?(?:\{\})?"
)
"""Accents and letters of other languages: by far the most of what names and titles have."""
_MARKUP = re.compile(r"[\\$]")
_COMMENT = re.compile(r"(?<!\\)%")
_PRINTED = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("~", " "))
_DASHES = re.compile(r"-{2,3}|``|''|(?<!\\)~")
_BRACES = str.maketrans("", "", "{}")
_LONGEST = 2_000
"""Characters that are given to the parser of LaTeX: a title with formulas is far shorter."""
_DEEPEST = 12
"""Braces within braces that are given to it."""


@lru_cache(maxsize=4_096)
def letter(code: str) -> str:
    r"""One accent or letter: ``\v{s}`` is š. What is none stays as it is."""
    return _decoded(code)


@lru_cache(maxsize=4_096)
def formula(code: str) -> str:
    r"""Mathematics as text: ``$\alpha$`` is α, ``$H_2$`` is H_2."""
    if len(code) > _LONGEST or _depth(code) > _DEEPEST:
        return code.strip("$")
    return " ".join(_decoded(code).split())


def plain(text: str) -> str:
    """The text that a LaTeX string prints, on one line; other text stays as it is."""
    if "\\" in text:
        text = _LETTERS.sub(lambda found: letter(found[0]), text)
    if _MARKUP.search(text):
        text = _parsed(text)
    text = _DASHES.sub(lambda found: dict(_PRINTED)[found[0]], text)
    return " ".join(text.translate(_BRACES).split())


def _parsed(text: str) -> str:
    """What is left of markup, by the parser; its cost grows with depth, so that is bounded."""
    if len(text) > _LONGEST or _depth(text) > _DEEPEST:
        return re.sub(r"\\[A-Za-z]+\*?|[\\$]", " ", text)
    # A per cent sign begins a comment in a file, never in a title.
    return _decoded(_COMMENT.sub(r"\\%", text))


def _depth(text: str) -> int:
    depth = deepest = 0
    for found in re.finditer(r"[{}]", text):
        depth += 1 if found[0] == "{" else -1
        deepest = max(deepest, depth)
    return deepest


_DECODER = LatexNodes2Text(keep_comments=False, math_mode="text")


def _decoded(code: str) -> str:
    try:
        return str(_DECODER.latex_to_text(code, tolerant_parsing=True))
    except Exception:  # noqa: BLE001 - hostile input: whatever the parser trips over is no text
        return re.sub(r"\\[A-Za-z]+\*?|[\\${}]", " ", code)
