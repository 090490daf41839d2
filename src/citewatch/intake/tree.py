"""A page as a tree of blocks over its printed text: what HTML and Markdown have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from citewatch.intake.marked import Run
from citewatch.intake.printed import Printed


@dataclass(slots=True, eq=False)
class Block:
    """A piece of a page that stands on lines of its own: a heading, an item, a row, a box."""

    tag: str
    """As in HTML: "h2", "li", "tr", "td", "p", "div"."""
    start: int
    """Printed characters [start, end)."""
    source: tuple[int, int]
    """Characters of the file, markup included."""
    end: int = 0
    names: frozenset[str] = frozenset()
    """Its classes and id."""
    children: list[Block] = field(default_factory=list)

    @property
    def level(self) -> int:
        """Of a heading, 1 to 6; 0 for all else."""
        return int(self.tag[1]) if len(self.tag) == 2 and self.tag[1] in "123456" else 0

    def walk(self) -> Iterator[Block]:
        """This block and all below it, in the order of the page."""
        stack = [self]
        while stack:
            block = stack.pop()
            yield block
            stack.extend(reversed(block.children))


@dataclass(slots=True)
class Tree:
    """A whole page. ``runs`` are links, emphasis and headings over printed characters."""

    printed: Printed
    root: Block
    runs: list[Run]
    seen: str
    """The file's text with everything that is not shown as blanks; addresses of badge
    images stay."""

    def words(self, block: Block) -> str:
        """A block's text, its lines parted by line ends."""
        return self.printed.text[block.start : block.end]
