"""HTML made safe to parse in time that grows with its length alone.

Comments, declarations and instructions become blanks; a bracket that no tag can follow
becomes one too. Every character keeps its place. What is left cannot make the standard
library's parser search the rest of the file again and again.
"""

from __future__ import annotations

import re
from bisect import bisect_left

_LONGEST_TAG = 3_000
"""Characters of a tag; longer ones hold pictures as data."""
_OPENERS = (("<!--", "-->"), ("<!", ">"), ("<?", ">"))


def tamed(text: str) -> str:
    """The text with blanks for everything in it that shows nothing and may cost much."""
    for opener, closer in _OPENERS:
        text = _without(text, opener, closer)
    ends = [found.start() for found in re.finditer(">", text)]
    parts: list[str] = []
    last = 0
    for found in re.finditer("<", text):
        start = found.start()
        if start < last:
            continue
        at = bisect_left(ends, start)
        end = ends[at] if at < len(ends) else -1
        if 0 <= end - start <= _LONGEST_TAG:
            continue
        whole = end >= 0 and text.find("<", start + 1, end) < 0
        after = end + 1 if whole else start + 1
        parts += [text[last:start], blank(text[start:after])]
        last = after
    return "".join([*parts, text[last:]])


def without_comments(text: str) -> str:
    """The text with blanks for its HTML comments; one that does not end goes to the end."""
    return _without(text, "<!--", "-->")


def _without(text: str, opener: str, closer: str) -> str:
    parts: list[str] = []
    last = 0
    start = text.find(opener)
    while start >= 0:
        end = text.find(closer, start + len(opener))
        after = end + len(closer) if end >= 0 else len(text)
        parts += [text[last:start], blank(text[start:after])]
        last = after
        start = text.find(opener, last)
    return "".join([*parts, text[last:]])


def blank(text: str) -> str:
    """Blanks in the place of a text; line ends stay."""
    return re.sub(r"[^\r\n]", " ", text)
