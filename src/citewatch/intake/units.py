"""Which blocks of a page are entries, and under which heading each of them stands.

No template is known by name. A block is an entry when its words alone read as one; a box
whose parts do not (a title, an author line, a venue, each in a box of its own) is judged as
a whole; and brothers of a kind are all entries when most of them are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from citewatch.intake.outline import FRONT, PAPERS
from citewatch.intake.sections import heading_of
from citewatch.intake.tree import Block, Tree

_LONGEST = 6_000
_TALLEST = 60
"""Characters and lines of an entry: what is larger holds several."""
_ITEMS = frozenset({"li", "tr", "article", "p", "dd", "blockquote", "details"})
_HEADING = 120
"""Characters of a heading."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A block that may be an entry."""

    block: Block
    section: str
    """As in `outline`: "papers", the kind of another section, or front matter."""
    year: int | None
    whole: bool
    """Whether its words alone read as an entry, or those of most of its brothers do."""


@dataclass(slots=True)
class _Section:
    kind: str
    level: int = 0
    year: int | None = None


def units_of(tree: Tree, reads: Callable[[Block], bool]) -> tuple[list[Unit], list[Block]]:
    """The blocks that may be entries, in the order of the page, and its headings.

    ``reads`` says whether the words of a block read as one entry.
    """
    heads = {id(block): kind for block in tree.root.walk() if (kind := _heading(tree, block))}
    opened = any(kind == PAPERS for kind, _ in heads.values())
    chosen = _Choice(tree, reads, heads).of(tree.root)
    at = _Section(FRONT if opened else PAPERS)
    units: list[Unit] = []
    headings: list[Block] = []
    ends = 0
    picked = {id(block): whole for block, whole in chosen}
    for block in tree.root.walk():
        if block.start < ends:
            continue
        if id(block) in heads:
            headings.append(block)
            _turn(at, heads[id(block)], block.level)
            ends = block.end
        elif id(block) in picked:
            units.append(Unit(block, at.kind, at.year, picked[id(block)]))
            ends = block.end
    return units, headings


def _turn(at: _Section, heading: tuple[str, int | None], level: int) -> None:
    """A heading opens, closes or dates a section; one below a list of papers parts it only."""
    kind, year = heading
    level = level or 7
    if kind == "year":
        at.year = year
    elif kind == PAPERS:
        deeper = at.kind == PAPERS and 0 < at.level < level
        at.kind, at.year, at.level = PAPERS, None, at.level if deeper else level
    elif not (at.kind == PAPERS and level > at.level > 0 and kind == "other sections"):
        at.kind, at.year, at.level = kind, None, level


def _heading(tree: Tree, block: Block) -> tuple[str, int | None] | None:
    """What a block says as a heading: by its tag, or, of a short line, by its words."""
    if block.children and not block.level:
        return None
    words = " ".join(tree.words(block).split())
    if not words or len(words) > _HEADING:
        return None
    named = heading_of(words)
    if named is not None:
        marked = block.level or block.tag in ("dt", "summary", "th") or _all_stressed(tree, block)
        year = named.kind == "year"
        if marked or (named.kind == PAPERS and block.tag in ("p", "div", "center")):
            return named.kind, named.year
        return (named.kind, named.year) if year and block.tag in ("p", "div") else None
    # A heading of unknown words; in an entry it is a title, which `_Choice` decides.
    return ("other sections", None) if 0 < block.level <= _SECTION else None


_SECTION = 2
"""Headings of this depth or less never are titles of papers."""


def _all_stressed(tree: Tree, block: Block) -> bool:
    words = tree.words(block).strip()
    return any(
        run.kind == "emphasis" and tree.printed.text[run.start : run.end].strip() == words
        for run in tree.runs
        if block.start <= run.start < block.end
    )


class _Choice:
    """Picks the blocks, from the innermost outwards."""

    def __init__(
        self,
        tree: Tree,
        reads: Callable[[Block], bool],
        heads: dict[int, tuple[str, int | None]],
    ) -> None:
        self.tree = tree
        self.reads = reads
        self.heads = heads

    def of(self, block: Block) -> list[tuple[Block, bool]]:
        """(block, whether its words read as an entry) in a block or below it."""
        if id(block) in self.heads:
            return []
        if not block.children:
            return [(block, self._reads(block))] if self._words(block) else []
        below = [self.of(child) for child in block.children]
        found = [one for some in below for one in some]
        found = self._brothers(block.children, below, found)
        if any(whole for _, whole in found):
            return found
        if self._reads(block) and not any(id(b) in self.heads for b in block.walk()):
            return [(block, True)]
        if block.tag in _ITEMS and self._small(block):
            return [(block, False)]
        return found

    def _brothers(
        self,
        children: Sequence[Block],
        below: Sequence[list[tuple[Block, bool]]],
        found: list[tuple[Block, bool]],
    ) -> list[tuple[Block, bool]]:
        """Brothers of a kind, of which most read as entries, are entries all."""
        kinds: dict[tuple[str, frozenset[str]], list[int]] = {}
        for at, child in enumerate(children):
            kinds.setdefault((child.tag, child.names), []).append(at)
        kept: dict[int, list[tuple[Block, bool]]] = {}
        for places in kinds.values():
            own = [at for at in places if [b for b, w in below[at] if w] == [children[at]]]
            if len(own) * 2 <= len(places) or len(places) < 2:
                continue
            for at in places:
                if not any(whole for _, whole in below[at]) and self._small(children[at]):
                    kept[at] = [(children[at], True)] if self._words(children[at]) else []
        if not kept:
            return found
        return [one for at, some in enumerate(below) for one in kept.get(at, some)]

    def _words(self, block: Block) -> bool:
        return bool(self.tree.words(block).strip())

    def _small(self, block: Block) -> bool:
        words = self.tree.words(block)
        return len(words) <= _LONGEST and words.count("\n") <= _TALLEST

    def _reads(self, block: Block) -> bool:
        return self._small(block) and self.reads(block)
