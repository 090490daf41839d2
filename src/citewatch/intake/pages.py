"""Links at the feet of pages: placed where certain, kept with their page elsewhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from citewatch.domain.identifiers import Identifier, parse_identifier
from citewatch.domain.placement import PaperOnPage, link_for, place
from citewatch.intake.ledger import Ledger
from citewatch.intake.lines import Fate, web_links
from citewatch.intake.links import certain
from citewatch.intake.segment import Foot
from citewatch.ports import Entry

_MOST = 250_000
"""Pairs of paper and link that are compared; a real page has a few hundred."""


@dataclasses.dataclass(frozen=True, slots=True)
class Feet:
    """What `PublicationList` says of links that stand apart from the entries."""

    pages: tuple[tuple[tuple[int, ...], tuple[str, ...]], ...]
    links: tuple[str, ...]


def attach(
    entries: list[Entry], feet: Sequence[Foot], positions: dict[int, int], *, ledger: Ledger
) -> Feet:
    """Attach what is certain to ``entries`` (in place) and return the rest.

    ``positions`` leads from a draft to its entry; drafts that were not understood are
    missing there.
    """
    pages: list[tuple[tuple[int, ...], tuple[str, ...]]] = []
    others: list[str] = []
    for foot in feet:
        on_page = list(dict.fromkeys(positions[d] for d in foot.drafts if d in positions))
        fate = Fate.PAGE_LINK if on_page else Fate.OTHER_LINK
        ledger.note(foot.lines, fate)
        urls = list(dict.fromkeys(url for line in foot.lines for url in web_links(line.links)))
        if not on_page:
            others += urls
            continue
        # A draft above that was not understood may own any of the links.
        clear = all(d in positions for d in foot.drafts) and len(on_page) * len(urls) <= _MOST
        rest = _place(entries, on_page, urls) if clear else urls
        if rest:
            pages.append((tuple(on_page), tuple(rest)))
    return Feet(tuple(pages), tuple(dict.fromkeys(others)))


def _place(entries: list[Entry], on_page: Sequence[int], urls: Sequence[str]) -> list[str]:
    papers = [
        PaperOnPage(p.title, p.authors, p.year, p.venue)
        for p in (entries[position].paper for position in on_page)
    ]
    placement = place(papers, [link_for(url, {}) for url in urls])
    for at, paper in placement.placed.items():
        position = on_page[paper]
        entries[position] = with_link(entries[position], urls[at])
    return [urls[at] for at in placement.unplaced]


def with_link(entry: Entry, url: str) -> Entry:
    """The entry with one more link and the identifier that it carries."""
    identifier: Identifier | None = parse_identifier(url)
    ids = (*entry.paper.ids, *([identifier] if identifier else []))
    kept, doubts = certain(ids)
    return dataclasses.replace(
        entry,
        paper=dataclasses.replace(entry.paper, ids=kept),
        links=tuple(dict.fromkeys((*entry.links, url))),
        doubts=tuple(dict.fromkeys((*entry.doubts, *doubts))),
    )
