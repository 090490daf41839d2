"""A publication list as it looks after coming out of a PDF, written from the world's papers.

Wrapped and hyphenated titles, stars on co-first authors, badges in the venue line, page
breaks with the page's links gathered at the foot, and a first page that holds no paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from citewatch.sandbox.records import Listed
from citewatch.sandbox.world import World

TITLE_COLUMNS = 90
TEXT_COLUMNS = 98
PAGE_LINES = 44
PAGE_GAP = ("", "")
_SYLLABLES = re.compile(r"(?:[^aeiou]?[aeiou]|[aeiou][^aeiou])[^aeiou][aeiou]", re.IGNORECASE)
"""Two letters on each side of a place where a word may be cut."""

FRONT_MATTER = """Appointments
Research Lead, Institute for Dependable Computing, Example City (since March 2024).
Section for Learning and Verification
Guest Lecturer, University of the Northern Lakes, Lakeside (2021 - 2024).
Host: the Department of Applied Logic

Distinctions
2024 Early Career Prize of the Society for Dependable Software, with a grant of 50,000 kr
2022 Second Place, Open Contest on Verified Control (OCVC 2022), leading a team of seven from
three universities and one company.
2019 Travel Scholarship, School on Numerical Methods
2016 Honourable Mention, National Programming Contest, 2016.

Service
2023 Co-organizer, Workshop on Proofs and Networks, held together with a larger conference.
2021 Area Chair, Conference on Dependable Learning 2022.
Reviewer, CDL 2019, 2020, 2021; Journal of Verified Systems; Letters on Optimization.

Talks by Invitation
2023 Lakeside Colloquium, title “What a Network Promises: Bounds, Proofs and Their
Price”.
2022 Spring School on Verification, title “Robustness by Construction, and When It Is Not
Enough”.
2021 Northern Industry Day, title “Testing Learned Controllers”."""
FRONT_LINKS = (
    "https://people.example.org/home",
    "https://contest.example.org/ocvc2022",
    "mailto:colloquium@lakeside.example.org",
    "https://talks.example.org/watch?v=4711",
)
CONFERENCE_HEADING = "Peer-reviewed Conference papers (* indicates co-first authors)"
WORKSHOP_HEADING = "Peer-reviewed workshop papers (* indicates co-first authors)"


def publication_list(world: World) -> str:
    """The world's listed papers as one text, pages separated by their links and blank lines."""
    conference = [_block(paper) for paper in world.listed if not paper.workshop]
    workshop = [_block(paper) for paper in world.listed if paper.workshop]
    first = Page([*FRONT_MATTER.splitlines(), "", "Publications"], list(FRONT_LINKS))
    pages = [first]
    for heading, blocks in ((CONFERENCE_HEADING, conference), (WORKSHOP_HEADING, workshop)):
        for at, (lines, links) in enumerate(blocks):
            whole = [heading, "", *lines] if at == 0 else lines
            if len(pages[-1].lines) + len(whole) > PAGE_LINES:
                pages.append(Page([], []))
            pages[-1].lines.extend(("", *whole) if pages[-1].lines else whole)
            pages[-1].links.extend(links)
    return "\n".join(line for page in pages for line in page.text()) + "\n"


class Page:
    """The lines of one page and the links that a PDF reader finds on it."""

    def __init__(self, lines: list[str], links: list[str]) -> None:
        self.lines = lines
        self.links = links

    def text(self) -> Iterable[str]:
        """The page's lines, its links after a blank line, and the gap to the next page."""
        return (*self.lines, "", *self.links, *PAGE_GAP)


def _block(paper: Listed) -> tuple[list[str], Sequence[str]]:
    """The lines of one entry, and its links."""
    title = _wrapped(f"[{paper.number}] {paper.title}", TITLE_COLUMNS, hyphenate=True)
    authors = _wrapped(_authors(paper), TEXT_COLUMNS, hyphenate=False)
    venue = _wrapped(paper.venue, TEXT_COLUMNS + 4, hyphenate=False)
    return [*title, *authors, *venue], paper.links


def _authors(paper: Listed) -> str:
    """The author line: stars on co-first authors, sometimes "and" before the last."""
    names = [name + "*" * (at < paper.stars) for at, name in enumerate(paper.authors)]
    match paper.number % 4:
        case 0 | 1:
            return f"{', '.join(names[:-1])} and {names[-1]}"
        case 2:
            return f"{', '.join(names[:-1])}, and {names[-1]}" if len(names) > 2 else _plain(names)
    return _plain(names) + ("." if paper.number % 12 == 11 else "")


def _plain(names: Sequence[str]) -> str:
    return ", ".join(names)


def _wrapped(text: str, columns: int, *, hyphenate: bool) -> list[str]:
    """The text in lines of at most ``columns``, words cut with a hyphen where that helps."""
    lines, line = [], ""
    for word in text.split(" "):
        rest = word
        if line and len(line) + 1 + len(rest) > columns:
            head, rest = _cut(word, columns - len(line) - 2) if hyphenate else ("", word)
            lines.append(f"{line} {head}" if head else line)
            line = ""
        line = f"{line} {rest}" if line else rest
    return [*lines, line]


def _cut(word: str, room: int) -> tuple[str, str]:
    """(part with its hyphen, rest): at a hyphen of the word, or between two of its syllables."""
    hyphens = [at.end() for at in re.finditer("-", word) if 3 <= at.end() <= room]
    if hyphens:
        return word[: hyphens[-1]], word[hyphens[-1] :]
    if len(word) < 8 or not word.isalpha() or not word.isascii():
        return "", word
    for at in range(min(room, len(word) - 3), 3, -1):
        if _SYLLABLES.fullmatch(word, at - 2, at + 2) and word[at].islower():
            return word[:at] + "-", word[at:]
    return "", word
