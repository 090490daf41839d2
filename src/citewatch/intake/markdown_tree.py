"""Markdown as a tree of blocks whose every character knows its place in the file.

markdown-it tells which lines are a heading, an item or a table
(https://markdown-it-py.readthedocs.io); what stands in the lines is printed by
`markdown_inline`, which keeps the places that markdown-it does not tell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

from citewatch.intake.html_tree import Builder
from citewatch.intake.markdown_inline import Inline
from citewatch.intake.tree import Block, Tree

_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?:.*\r?\n){0,400}?(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)")
_LIQUID = re.compile(r"\{%.{0,2000}?%\}|\{\{.{0,2000}?\}\}")
_LINES = re.compile(r"\r\n|\n|\r")
_CELL_END = re.compile(r"(?<!\\)\|")
_NESTING = 40
"""Lists and quotes inside one another; hostile text has more."""
_TAGS = {
    "bullet_list": "ul",
    "ordered_list": "ol",
    "list_item": "li",
    "blockquote": "blockquote",
    "paragraph": "p",
    "table": "table",
    "tr": "tr",
}


@dataclass(slots=True)
class _Page:
    text: str
    starts: list[int]
    """Where each line begins, and behind the last one where the file ends."""
    builder: Builder
    references: dict[str, str] = field(default_factory=dict)

    def place(self, line: int) -> int:
        """Where a line begins."""
        return self.starts[min(line, len(self.starts) - 1)]


def markdown_tree(text: str) -> Tree:
    """The tree of a Markdown text; front matter, comments and template commands are blanks."""
    bare = _LIQUID.sub(_blanks, _FRONT.sub(_blanks, text))
    # Line ends of one character, so that markdown-it and we count the same lines.
    counted = _LINES.sub("\n", bare).replace("\0", " ")
    parser = MarkdownIt("commonmark", {"maxNesting": _NESTING}).enable("table")
    # What stands in the lines is printed by us.
    parser.core.ruler.enableOnly(["normalize", "block"])
    env: dict[str, dict[str, dict[str, str]]] = {}
    tokens = parser.parse(counted, env)
    starts = [0, *(found.end() for found in _LINES.finditer(bare)), len(bare)]
    page = _Page(bare, starts, Builder(bare, 0, len(bare)))
    page.references = {
        name: entry["href"] for name, entry in env.get("references", {}).items()
    }  # fmt: skip
    _walk(page, tokens)
    return page.builder.tree()


def _blanks(found: re.Match[str]) -> str:
    return re.sub(r"[^\r\n]", " ", found[0])


def _walk(page: _Page, tokens: Sequence[Token]) -> None:
    row = 0
    columns: list[tuple[int, int]] = []
    for token in tokens:
        name = token.type.removesuffix("_open").removesuffix("_close")
        if token.map and name == "tr" and token.nesting == 1:
            row = token.map[0]
            columns = _cells(page.text, page.place(row), page.place(row + 1))
        tag = token.tag if name in ("heading", "th", "td") else _TAGS.get(name)
        if tag and token.nesting:
            _open_or_close(page, token, tag, row)
        elif token.type == "inline" and columns and token.level and not token.map:
            _print(page, *columns.pop(0))
        elif token.type == "inline":
            _inline(page, token, columns)
        elif token.type == "html_block" and token.map:
            page.builder.piece(page.place(token.map[0]), page.place(token.map[1]))


def _open_or_close(page: _Page, token: Token, tag: str, row: int) -> None:
    if token.nesting == 1:
        first, last = token.map or (row, row + 1)
        page.builder.begin(tag, page.place(first), page.place(last))
    else:
        page.builder.finish(tag)


def _inline(page: _Page, token: Token, columns: list[tuple[int, int]]) -> None:
    """The words of a heading, a paragraph or a cell, each line found in its line."""
    if columns:
        _print(page, *columns.pop(0))
        return
    if not token.map:
        return
    first = token.map[0]
    pieces: list[tuple[int, int]] = []
    for at, words in enumerate(token.content.split("\n")):
        start, end = page.place(first + at), page.place(first + at + 1)
        found = page.text.rfind(words, start, end) if words else -1
        if found >= 0:
            pieces.append((found, found + len(words)))
    Inline(page.builder, page.text, page.references).lines(pieces)


def _print(page: _Page, start: int, end: int) -> None:
    Inline(page.builder, page.text, page.references).lines([(start, end)])


def _cells(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The cells of a table's line, between its bars."""
    line = text[start:end]
    bars = [found.start() for found in _CELL_END.finditer(line)]
    body = line.rstrip()
    edges = bars if line.lstrip().startswith("|") else [len(line) - len(line.lstrip()) - 1, *bars]
    if not body.endswith("|") or body.endswith("\\|"):
        edges = [*edges, len(body)]
    cells: list[tuple[int, int]] = []
    for left, right in zip(edges, edges[1:], strict=False):
        words = line[left + 1 : right]
        ahead = len(words) - len(words.lstrip())
        cells.append((start + left + 1 + ahead, start + left + 1 + max(len(words.rstrip()), ahead)))
    return cells
