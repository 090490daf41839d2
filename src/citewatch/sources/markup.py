"""Titles and names out of HTML, JATS and MathML, as publishers deposit them. Pure."""

from __future__ import annotations

import re
from html import unescape

from citewatch.sources.text import tidy

_LENGTH = 20_000
# Only what is certainly markup: "a<b" and "x <y> z" are titles of papers, too.
_TAG = re.compile(
    r"""</?(?P<name>\w{1,8}:[\w-]{1,40}
        |a|abbr|alternatives|b|bold|big|br|div|em|font|hr|i|inline-formula|inline-graphic|italic
        |math|monospace|named-content|overline|p|roman|sans-serif|sc|scp|sec|small|span|strike
        |strong|styled-content|sub|sup|tex-math|title|tt|u|underline|xref)
        (?:\s+[\w:-]{1,60}\s*=\s*(?:"[^"<>]{0,300}"|'[^'<>]{0,300}')){0,12}\s*/?>""",
    re.IGNORECASE | re.VERBOSE,
)
_APART = frozenset({"br", "div", "hr", "p", "sec", "title", "jats:p", "jats:sec", "jats:title"})


def plain(text: str) -> str:
    """One line without tags and entities; entities may be encoded twice."""
    text = text[:_LENGTH]
    if "&" in text:
        text = unescape(text)
    if "<" in text:
        text = _TAG.sub(_gap, text)
    if "&" in text:
        text = unescape(text)
        if "<" in text:
            text = _TAG.sub(_gap, text)
    return tidy(text)


def _gap(tag: re.Match[str]) -> str:
    """A blank for what starts a new line; H<sub>2</sub>O stays one word."""
    return " " if tag["name"].lower() in _APART else ""
