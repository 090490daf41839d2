"""The words in lines of Markdown: links, emphasis, code, tags and escapes, with their places.

https://spec.commonmark.org/0.31.2/#inlines, as far as a reader of publication lists needs it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from citewatch.intake.html_tree import Builder
from citewatch.intake.marked import Run

_URL = r"<(?P<angle{0}>[^<>\n]{{0,2000}})>|(?P<plain{0}>[^\s()<>]{{0,2000}}(?:\([^\s()]{{0,500}}\)[^\s()]{{0,2000}}){{0,4}})"
_WORDS = r"(?:\\.|!\[[^\[\]]{0,200}\]\([^()\s]{0,800}\)|\[[^\[\]]{0,200}\]|[^\[\]\\]){0,1500}?"
_PIECE = re.compile(
    r"(?P<escape>\\[!-/:-@\[-`{-~])"
    r"|(?P<code>(?P<ticks>`{1,3})(?!`)(?P<inner>[^`]{1,2000})(?P=ticks)(?!`))"
    rf"|(?P<image>!\[[^\[\]]{{0,600}}\]\(\s{{0,9}}(?:{_URL.format(1)})[^()]{{0,300}}\))"
    rf"|(?P<link>\[(?P<words>{_WORDS})\]\(\s{{0,9}}(?:{_URL.format(2)})\s{{0,9}}(?:[\"'(][^\"'()]{{0,300}}[\"')])?\s{{0,9}}\))"
    r"|(?P<named>\[(?P<shown>[^\[\]]{1,400})\](?:\[(?P<ref>[^\[\]]{0,200})\])?)"
    r"|(?P<auto><(?P<address>https?://[^\s<>]{1,2000})>)"
    r"|(?P<comment><!--(?:.|\n){0,20000}?-->)"
    r"|(?P<tag></?[a-zA-Z][^<>]{0,2000}>)"
    r"|(?P<entity>&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});)"
    r"|(?P<stress>\*{1,3}|(?<![^\W_])_{1,3}(?=\S)|_{1,3}(?![^\W_]))"
)
_BADGE_IMAGE = re.compile(r"(?:img\.shields\.io|badgen\.net)/[^\s<>()\"']*", re.IGNORECASE)
_DEEPEST = 6


class Inline:
    """Prints lines into a page."""

    def __init__(self, builder: Builder, text: str, references: dict[str, str]) -> None:
        self.builder = builder
        self.text = text
        self.references = references

    def lines(self, pieces: Sequence[tuple[int, int]]) -> None:
        """Lines that follow on one another; two blanks or a backslash at an end part them.

        What is marked may go on over line ends, so the lines are printed as one stretch,
        without what stands between them (indents, the marks of quotes).
        """
        if not pieces:
            return
        start, end = pieces[0][0], pieces[-1][1]
        between = [(a[1], b[0]) for a, b in zip(pieces, pieces[1:], strict=False)]
        self.stretch(start, end, between, 0)

    def stretch(self, start: int, end: int, between: list[tuple[int, int]], depth: int) -> None:
        """Print the file's [start, end)."""
        open_: list[tuple[str, int]] = []
        at = start
        while at < end:
            found = _PIECE.search(self.text, at, end)
            if found is None:
                break
            self._plain(at, found.start(), between)
            at = found.end()
            kind = found.lastgroup or ""
            kind = next(k for k in _KINDS if found[k] is not None)
            if kind == "stress":
                self._stress(found, open_, between, start, end)
            else:
                self._one(kind, found, between, depth)
        self._plain(at, end, between)

    def _one(
        self, kind: str, found: re.Match[str], between: list[tuple[int, int]], depth: int
    ) -> None:
        builder, (start, end) = self.builder, found.span()
        match kind:
            case "escape":
                builder.show(found[0][1], start + 1, end)
            case "code":
                self._plain(*found.span("inner"), between)
            case "image":
                self._image(found)
            case "link":
                url = found["angle2"] or found["plain2"] or ""
                self._link(found.span("words"), url, between, depth)
                self._image(found, found.end("words"))
            case "named":
                name = (found["ref"] or found["shown"]).casefold()
                url = self.references.get(" ".join(name.upper().split()), "")
                if url:
                    self._link(found.span("shown"), url, between, depth)
                else:
                    self._bracket(found, between, depth)
            case "auto":
                self._link(found.span("address"), found["address"], between, _DEEPEST)
            case "tag":
                builder.piece(start, end)
            case "entity":
                builder.show(html.unescape(found[0]).replace("\xa0", " "), start, end)

    def _bracket(self, found: re.Match[str], between: list[tuple[int, int]], depth: int) -> None:
        """Brackets that are no link stay."""
        for group in ("shown", "ref"):
            if found[group] is None:
                continue
            start, end = found.span(group)
            self.builder.show("[", start - 1, start)
            if depth < _DEEPEST:
                self.stretch(start, end, between, depth + 1)
            else:
                self._plain(start, end, between)
            self.builder.show("]", end, end + 1)

    def _link(
        self, words: tuple[int, int], url: str, between: list[tuple[int, int]], depth: int
    ) -> None:
        first = self.builder.printed.length
        if depth < _DEEPEST:
            self.stretch(*words, between, depth + 1)
        else:
            self._plain(*words, between)
        self.builder.runs.append(Run("link", first, self.builder.printed.length, url))

    def _image(self, found: re.Match[str], start: int | None = None) -> None:
        """The address of a badge image stays to be seen."""
        image = _BADGE_IMAGE.search(self.text, start or found.start(), found.end())
        if image is not None:
            self.builder.seen.append(image.span())

    def _stress(
        self,
        found: re.Match[str],
        open_: list[tuple[str, int]],
        between: list[tuple[int, int]],
        start: int,
        end: int,
    ) -> None:
        """Stars and strokes open and close; one between blanks, or alone, is itself."""
        first, last = found.span()
        before = self.text[first - 1 : first] if first > start else " "
        after = self.text[last : last + 1] if last < end else " "
        sign = found[0]
        for at in range(len(open_) - 1, -1, -1):
            if open_[at][0] == sign and not before.isspace():
                begun = open_[at][1]
                del open_[at:]
                length = self.builder.printed.length
                self.builder.runs.append(Run("emphasis", begun, length))
                return
        closes = re.compile(re.escape(sign)).search(self.text, last, min(end, last + _FAR))
        if not after.isspace() and closes and not (before.isalnum() and _mark_of_author(after)):
            open_.append((sign, self.builder.printed.length))
        else:
            self._plain(first, last, between)

    def _plain(self, start: int, end: int, between: list[tuple[int, int]]) -> None:
        """Text as it stands, blanks instead of what parts the lines."""
        at = start
        for left, right in between:
            if right <= at or left >= end:
                continue
            self.builder.words(at, max(at, min(left, end)))
            line_end = self.text[max(at, left - 2) : left]
            if line_end.endswith("  ") or line_end.endswith("\\"):
                self.builder.line_end()
            else:
                gap = max(at, left), min(right, end)
                hard = re.match(r"[ \t]{2,}[\r\n]", self.text[gap[0] : gap[1] + 1])
                if hard:
                    self.builder.line_end()
                else:
                    self.builder.show(" ", *gap)
            at = max(at, min(right, end))
        self.builder.words(at, end)


def _mark_of_author(after: str) -> bool:
    """Whether a star behind a word marks an author: "Jane Roe*, Bo Li*"."""
    return bool(re.match(r"[,;.)\s&]", after))


_KINDS = (
    "escape",
    "code",
    "image",
    "link",
    "named",
    "auto",
    "comment",
    "tag",
    "entity",
    "stress",
)
_FAR = 2_000
"""Characters within which emphasis ends."""
