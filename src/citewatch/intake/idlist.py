"""Lists of identifiers or URLs, one on each line."""

from __future__ import annotations

from collections.abc import Sequence

from citewatch.domain.identifiers import Identifier, parse_identifier
from citewatch.domain.papers import Paper
from citewatch.intake.ledger import Ledger
from citewatch.intake.lines import Fate, Line
from citewatch.ports import Entry

_SHARE = 0.8
"""Share of lines that begin with an identifier or URL in such a list."""


def is_identifier_list(lines: Sequence[Line]) -> bool:
    """Whether the text is a list of identifiers rather than of publications."""
    content = [line for line in lines if line.text and not line.text.startswith("#")]
    known = sum(_first(line)[0] is not None for line in content)
    fitting = sum(_first(line)[0] is not None or bool(line.links) for line in content)
    return known > 0 and fitting >= _SHARE * len(content)


def read_identifiers(lines: Sequence[Line], ledger: Ledger) -> list[Entry]:
    """One entry a line, with an empty title and the identifier that the line gives."""
    entries: list[Entry] = []
    for line in lines:
        if not line.text:
            continue
        if line.text.startswith("#"):
            ledger.skip(line, "comments")
            continue
        identifier, word, rest = _first(line)
        if identifier is None:
            link = bool(line.links)
            why = "no identifier of a paper in this address" if link else "not an identifier"
            ledger.leave([line], why)
            continue
        ledger.note([line], Fate.ENTRY)
        comment = not rest or rest.startswith(("#", "[", "("))
        doubts = () if comment else (f"the words behind the identifier are not used: {rest[:80]}",)
        paper = Paper(title="", ids=(identifier,))
        links = (word,) if word.lower().startswith("http") else ()
        number = len(entries) + 1
        entries.append(
            Entry(
                number=number,
                line=line.number,
                paper=paper,
                links=links,
                doubts=doubts,
                span=(line.start, line.end),
            )
        )
    return entries


def _first(line: Line) -> tuple[Identifier | None, str, str]:
    """The identifier with which a line begins, its word, and what follows."""
    text = line.text.removeprefix("- ").removeprefix("* ").removeprefix("• ")
    word, _, rest = text.partition(" ")
    if word.endswith(":"):
        # A blank may stand behind the scheme's colon.
        value, _, rest = rest.partition(" ")
        word = f"{word}{value}"
    word = word.rstrip(",;")
    return parse_identifier(word), word, rest.strip()
