"""A LaTeX file as tokens, each with its place in the file."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple


class T(Enum):
    """What a token is."""

    COMMAND = auto()
    ADDRESS = auto()
    """A command whose argument is an address, which has its own rules for % and #."""
    OPEN = auto()
    CLOSE = auto()
    BRACKET = auto()
    """[ or ], which delimit an argument or are printed."""
    MATH = auto()
    LETTER = auto()
    """An accent or a letter of another language."""
    COMMENT = auto()
    PARAGRAPH = auto()
    BLANK = auto()
    TIE = auto()
    CELL = auto()
    PARAMETER = auto()
    SIGN = auto()
    """Quotes, dashes and escaped signs: a few characters that print as one."""
    WORDS = auto()


class Token(NamedTuple):
    """``text`` is what stands at [start, end) of the file."""

    kind: T
    start: int
    end: int
    text: str
    printed: str = ""
    """What a sign prints; the address of an address command."""


_EOL = r"(?:\r\n|\n|\r)"
_ADDRESS = r"(?:[^{}\\\r\n]|\\.|\{[^{}\r\n]{0,400}\}){0,1500}"
_TOKEN = re.compile(
    rf"""
    (?P<ADDRESS>\\(?:href(?:@noop)?|url|nolinkurl)\s*(?:\[[^\[\]{{}}]{{0,200}}\]\s*)?
        \{{(?P<address>{_ADDRESS})\}})
  | (?P<LETTER>\\(?:["'`^~=.]|[cdbuvHkrt](?![A-Za-z@]))[ \t]*
        (?:\\[ij](?![A-Za-z@])|[A-Za-z]|\{{\\?[A-Za-z]\}})
      | \\(?:o|O|l|L|ss|ae|AE|oe|OE|aa|AA|i|j)(?![A-Za-z@])(?:[ \t]*\{{\}}|[ \t]+)?)
  | (?P<SIGN>\\[&%$\#_{{}}]|``|''|-{{2,3}})
  | (?P<COMMENT>\\(?:penalty|kern|[hv]skip)[ \t]*-?\d[\d.]{{0,9}}(?:pt|em|ex|cm|mm|in)?
      | %[^\r\n]*(?:{_EOL}[ \t]*(?![\r\n]))?)
  | (?P<COMMAND>\\(?:[A-Za-z@]+\*?(?:[ \t]+|(?={_EOL}))?|{_EOL}|.|\Z))
  | (?P<PARAGRAPH>{_EOL}[ \t]*(?:{_EOL}[ \t]*)+)
  | (?P<BLANK>{_EOL}[ \t]*)
  | (?P<MATH>\$\$?(?:[^$\\\r\n]|\\.|{_EOL}(?![ \t]*[\r\n])){{1,400}}?\$\$?)
  | (?P<OPEN>\{{)
  | (?P<CLOSE>\}})
  | (?P<BRACKET>[\[\]])
  | (?P<TIE>~)
  | (?P<CELL>&)
  | (?P<PARAMETER>\#\d)
  | (?P<WORDS>[^\\{{}}\[\]$%~&\#\r\n`'-]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_KINDS = {kind.name: kind for kind in T}
_SIGNS = {"``": "“", "''": "”", "--": "–", "---": "—"}
_ESCAPED = re.compile(r"\\([%#_&~{}$])(?:\{\})?")


def tokens_of(text: str) -> tuple[Token, ...]:
    """The whole text as tokens; comments are among them, and nothing is left out."""
    return tuple(_token(found) for found in _TOKEN.finditer(text))


def _token(found: re.Match[str]) -> Token:
    kind = _KINDS[str(found.lastgroup if found.lastgroup != "address" else "ADDRESS")]
    text = found[0]
    printed = ""
    if kind is T.SIGN:
        printed = _SIGNS.get(text, text[1:])
    elif kind is T.ADDRESS:
        printed = _ESCAPED.sub(r"\1", found["address"]).strip()
    return Token(kind, found.start(), found.end(), text, printed)


def pairs(tokens: tuple[Token, ...]) -> dict[int, int]:
    """The position of each opening brace's or bracket's closing one; others are left out.

    A bracket closes within the braces and the paragraph in which it opens.
    """
    found: dict[int, int] = {}
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind is T.OPEN or token.text == "[":
            opened.append(at)
        elif token.kind is T.CLOSE or token.kind is T.PARAGRAPH:
            while opened and tokens[opened[-1]].kind is not T.OPEN:
                opened.pop()
            if opened and token.kind is T.CLOSE:
                found[opened.pop()] = at
        elif token.text == "]" and opened and tokens[opened[-1]].text == "[":
            found[opened.pop()] = at
    return found
