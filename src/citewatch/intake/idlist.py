"""Lists of identifiers or URLs, one on each line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from citewatch.domain.identifiers import ACL, PMLR, Identifier, canonical, parse_identifier
from citewatch.domain.papers import Paper
from citewatch.intake.badge_places import View
from citewatch.intake.ledger import Ledger
from citewatch.intake.lines import Fate, Line
from citewatch.ports import Entry

_COMMENT = re.compile(r"#|//|%|;")
_BULLET = re.compile(r"(?:[-*•+]|\(?\d{1,4}[.)]|\[\d{1,4}\])\s+")
_SHARE = 0.8
"""Share of lines that begin with an identifier or URL in such a list."""


def is_identifier_list(lines: Sequence[Line]) -> bool:
    """Whether the text is a list of identifiers rather than of publications."""
    content = [line for line in lines if line.text and not _COMMENT.match(line.text)]
    known = sum(_first(line)[0] is not None for line in content)
    fitting = sum(_first(line)[0] is not None or bool(line.links) for line in content)
    return known > 0 and fitting >= _SHARE * len(content)


def read_identifiers(
    lines: Sequence[Line], ledger: Ledger, *, view: View | None = None
) -> list[Entry]:
    """One entry a line, with an empty title and the identifier that the line gives.

    A count that is claimed behind it is its badge; ``view`` says where in the file it is.
    """
    entries: list[Entry] = []
    for line in lines:
        if not line.text:
            continue
        if _COMMENT.match(line.text):
            ledger.skip(line, "comments")
            continue
        identifier, word, rest = _first(line)
        if identifier is None:
            link = bool(line.links)
            why = "no identifier of a paper in this address" if link else "not an identifier"
            ledger.leave([line], why)
            continue
        ledger.note([line], Fate.ENTRY)
        claims = view.badges(line.start, line.end) if view and rest else ()
        badge = claims[0] if claims else None
        comment = not rest or badge is not None or _COMMENT.match(rest) or rest[0] in "[("
        doubts = () if comment else (f"the words behind the identifier are not used: {rest[:80]}",)
        paper = Paper(title="", ids=(identifier,), claim=badge.claim if badge else None)
        links = (word,) if word.lower().startswith("http") else ()
        number = len(entries) + 1
        entries.append(
            Entry(
                number=number,
                line=line.number,
                paper=paper,
                links=links,
                badge=badge.text if badge else "",
                doubts=doubts,
                place=badge,
                badge_line=line.number if badge else None,
                span=(line.start, line.end),
            )
        )
    return entries


def _first(line: Line) -> tuple[Identifier | None, str, str]:
    """The identifier with which a line begins, its word, and what follows."""
    text = _BULLET.sub("", line.text)
    word, _, rest = text.partition(" ")
    if word.endswith(":"):
        # A blank may stand behind the scheme's colon.
        value, _, rest = rest.partition(" ")
        word = f"{word}{value}"
    word = word.rstrip(",;")
    return parse_identifier(word) or _bare(word), word, rest.strip()


def _bare(word: str) -> Identifier | None:
    """An identifier of the ACL Anthology or of PMLR, which no word says to be one."""
    return canonical(ACL, word) or canonical(PMLR, word)
