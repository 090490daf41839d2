"""HTML as a tree of blocks whose every character knows its place in the file.

The standard library's parser tells the position of each piece; nesting is mended as far
as reading needs it (https://html.spec.whatwg.org/multipage/syntax.html#optional-tags).
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from citewatch.intake.marked import Run
from citewatch.intake.printed import Printed
from citewatch.intake.tree import Block, Tree

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html li main menu nav ol p pre section "
    "summary table tbody td tfoot th thead tr ul".split()
)
_UNSEEN = frozenset(
    "script style template noscript head title select option textarea svg math object iframe "
    "canvas audio video button nav datalist".split()
)
_HIDING = frozenset("hidden d-none sr-only visually-hidden is-hidden screen-reader-text".split())
_CLOSES = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol", "menu"})),
    "dt": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "dd": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "tr": (frozenset({"tr", "td", "th"}), frozenset({"table"})),
    "td": (frozenset({"td", "th"}), frozenset({"tr", "table"})),
    "th": (frozenset({"td", "th"}), frozenset({"tr", "table"})),
}
_STRESS = frozenset("b strong em i u cite h3 h4 h5 h6".split())
_BADGE_IMAGE = re.compile(r"(?:img\.shields\.io|badgen\.net)/\S*", re.IGNORECASE)
_NO_DISPLAY = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_DEEPEST = 200
"""Elements inside one another: what lies deeper is read as part of the last one."""


def html_tree(text: str, *, start: int = 0, end: int | None = None) -> Tree:
    """The tree of the HTML in ``text[start:end]``; places count from the text's beginning."""
    end = len(text) if end is None else end
    builder = Builder(text, start, end)
    builder.feed(text[start:end])
    builder.close()
    return builder.tree()


class Builder(HTMLParser):
    """Prints what is shown, and keeps blocks, links and emphasis."""

    def __init__(self, text: str, start: int, end: int) -> None:
        super().__init__(convert_charrefs=False)
        self.text = text
        self.base = start
        self.stop = end
        self.starts = [0, *(found.end() for found in re.finditer("\n", text[start:end]))]
        self.printed = Printed()
        self.root = Block("body", 0, (start, end))
        self.open: list[Block] = [self.root]
        self.inline: list[tuple[str, int, str, int]] = []
        """(tag, printed start, address, depth of blocks) of open links and emphasis."""
        self.runs: list[Run] = []
        self.unseen: list[str] = []
        """Open elements that are not shown, from the outermost."""
        self.seen: list[tuple[int, int]] = []
        self.fresh = True
        """Whether nothing was printed since the last line's end."""
        self.at: int | None = None
        """Where we are, when somebody else than the parser leads."""

    def place(self) -> int:
        """Where the piece that is being handled begins in the file."""
        if self.at is not None:
            return self.at
        line, column = self.getpos()
        return self.base + self.starts[min(line, len(self.starts)) - 1] + column

    def begin(self, tag: str, start: int, end: int) -> None:
        """A block begins that is known to take [start, end) of the file."""
        self.at = start
        self._begin(tag, frozenset())
        if self.open[-1].tag == tag:
            self.open[-1].source = start, end
        self.at = end

    def finish(self, tag: str) -> None:
        """The innermost block with this tag ends where it was said to."""
        if any(block.tag == tag for block in self.open[1:]):
            while self.open[-1].tag != tag:
                self._end()
            known = self.open[-1].source
            block = self.open[-1]
            self.at = known[1]
            self._end()
            block.source = known

    def piece(self, start: int, end: int) -> None:
        """HTML inside another format: [start, end) of the file."""
        self.at, self.base = None, start
        self.starts = [0, *(found.end() for found in re.finditer("\n", self.text[start:end]))]
        self.reset()
        self.feed(self.text[start:end])
        self.close()
        self.at = end

    def words(self, start: int, end: int) -> None:
        """Show [start, end) of the file as it stands."""
        self.at = start
        if start < end:
            self.handle_data(self.text[start:end])
        self.at = end

    def show(self, text: str, start: int, end: int) -> None:
        """Show a text for [start, end) of the file."""
        if self.unseen:
            return
        self.at = start
        self.seen.append((start, end))
        if text.isspace():
            if not self.fresh:
                self.printed.add(" ", start, end)
        else:
            self._print(text, start, end)
        self.at = end

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        given = dict(attrs)
        if self.unseen:
            if tag == self.unseen[0] and tag not in _VOID:
                self.unseen.append(tag)
            return
        if tag == "img" and (found := _BADGE_IMAGE.search(given.get("src") or "")):
            self._image(found[0])
        if tag == "br":
            self.line_end()
        if tag in _VOID and tag != "hr":
            return
        names = frozenset(f"{given.get('class') or ''} {given.get('id') or ''}".split())
        if tag in _UNSEEN or _hidden(given, names):
            self.unseen = [tag]
        elif tag in _BLOCKS:
            self._begin(tag, names)
        elif tag == "a" or tag in _STRESS:
            self._stress(tag, given.get("href") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """``<br/>``, and ``<div/>``, which HTML reads as ``<div>``."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """An element ends, and with it all that it holds."""
        if self.unseen:
            if tag == self.unseen[0]:
                self.unseen.pop()
            return
        if tag in _BLOCKS:
            if any(block.tag == tag for block in self.open[1:]):
                while self.open[-1].tag != tag:
                    self._end()
                self._end(whole=True)
        else:
            for at in range(len(self.inline) - 1, -1, -1):
                if self.inline[at][0] == tag:
                    self._settle(self.inline.pop(at))
                    break

    def handle_data(self, data: str) -> None:
        """Text: blanks and line ends are one blank."""
        if self.unseen:
            return
        at = self.place()
        self.seen.append((at, at + len(data)))
        last = 0
        for found in _SPACES.finditer(data):
            self._print(data[last : found.start()], at + last, at + found.start())
            if not self.fresh:
                self.printed.add(" ", at + found.start(), at + found.end())
            last = found.end()
        self._print(data[last:], at + last, at + len(data))

    def handle_entityref(self, name: str) -> None:
        """``&amp;``"""
        self._entity(f"&{name}")

    def handle_charref(self, name: str) -> None:
        """``&#38;``"""
        self._entity(f"&#{name}")

    def unknown_decl(self, data: str) -> None:
        """``<![CDATA[…]]>`` shows nothing."""

    def _entity(self, written: str) -> None:
        if self.unseen:
            return
        at = self.place()
        after = at + len(written)
        after += self.text[after : after + 1] == ";"
        shown = html.unescape(f"{written};").replace("\xa0", " ")
        self.seen.append((at, after))
        self._print(shown, at, after)

    def _print(self, text: str, start: int, end: int) -> None:
        if text:
            self.printed.add(text, start, end)
            self.fresh = False

    def line_end(self) -> None:
        """What follows stands on a line of its own."""
        if not self.fresh:
            at = self.place()
            self.printed.add("\n", at, at)
            self.fresh = True

    def _begin(self, tag: str, names: frozenset[str]) -> None:
        closing, within = _CLOSES.get(tag, (frozenset(), frozenset()))
        if tag in _BLOCKS and self.open[-1].tag == "p" and tag != "p":
            self._end()
        elif tag == "p" and self.open[-1].tag == "p":
            self._end()
        for at in range(len(self.open) - 1, 0, -1):
            if self.open[at].tag in within:
                break
            if self.open[at].tag in closing:
                while len(self.open) > at:
                    self._end()
                break
        self.line_end()
        if len(self.open) > _DEEPEST or tag == "hr":
            return
        at = self.place()
        block = Block(tag, self.printed.length, (at, self.stop), names=names)
        self.open[-1].children.append(block)
        self.open.append(block)
        if tag in _STRESS:
            self._stress(tag, "")

    def _end(self, *, whole: bool = False) -> None:
        block = self.open.pop()
        depth = len(self.open)
        while self.inline and self.inline[-1][3] > depth:
            self._settle(self.inline.pop())
        block.end = self.printed.length
        at = self.place()
        if whole:
            close = self.text.find(">", at, self.stop)
            at = close + 1 if close >= 0 else self.stop
        block.source = block.source[0], max(at, block.source[0])
        self.line_end()

    def _stress(self, tag: str, address: str) -> None:
        self.inline.append((tag, self.printed.length, address, len(self.open)))

    def _settle(self, one: tuple[str, int, str, int]) -> None:
        tag, start, address, _ = one
        kind = "link" if tag == "a" else "emphasis"
        if kind == "emphasis" or address:
            self.runs.append(Run(kind, start, self.printed.length, address.strip()))

    def _image(self, address: str) -> None:
        at = self.place()
        tag = self.get_starttag_text() or ""
        found = tag.find(address)
        if found >= 0:
            self.seen.append((at + found, at + found + len(address)))

    def tree(self) -> Tree:
        """The page, when all of it was fed."""
        while len(self.open) > 1:
            self._end()
        while self.inline:
            self._settle(self.inline.pop())
        self.root.end = self.printed.length
        self.runs.sort(key=lambda run: (run.start, -run.end))
        return Tree(self.printed, self.root, self.runs, _shown(self.text, self.seen))


def _hidden(given: dict[str, str | None], names: frozenset[str]) -> bool:
    if "hidden" in given or not _HIDING.isdisjoint(names):
        return True
    return bool(_NO_DISPLAY.search(given.get("style") or ""))


def _shown(text: str, places: list[tuple[int, int]]) -> str:
    """The text with blanks where nothing is shown; line ends stay."""
    parts: list[str] = []
    last = 0
    for start, end in sorted(places):
        if start < last:
            continue
        parts += [_blank(text[last:start]), text[start:end]]
        last = end
    return "".join([*parts, _blank(text[last:])])


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)
