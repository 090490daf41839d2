"""What the contract suite has to be told of a source: papers, a server, its documented ways."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from source_world import Reply, Request

from citewatch.domain.identifiers import Identifier
from citewatch.sources.registry import SourceSpec

Rows = list[Any]
"""The records of one answer, in the dialect's own form."""
UNREADABLE, ODD = "failed:unreadable", "failed:odd"
"""Endings that each dialect has a name of its own for."""


class Dialect(Protocol):
    """What answers are written in; all of it acts on the bodies of good answers."""

    @property
    def content_type(self) -> str: ...

    @property
    def unreadable(self) -> str:
        """The reason of a failure for what is not written in it at all."""

    @property
    def odd(self) -> str:
        """The reason of a failure for what is, and says something else."""

    def changed(self, body: bytes, change: Callable[[Rows], Rows]) -> bytes:
        """The body with other records."""

    def extended(self, body: bytes, words: str, *, depth: int = 1) -> bytes:
        """The body with something that nobody has heard of at every place where it may stand."""

    def soiled(self, body: bytes) -> bytes:
        """The body with characters before each title that no line of text may hold."""


@dataclass(frozen=True)
class JsonDialect:
    """JSON; the records are its first list of objects."""

    content_type: str = "application/json"
    unreadable: str = "not_json"
    odd: str = "shape"

    def changed(self, body: bytes, change: Callable[[Rows], Rows]) -> bytes:
        try:
            value = json.loads(body)
        except ValueError:
            return body  # a page that says "not found"
        rows = _rows(value)
        if rows is not None:
            rows[:] = change(list(rows))
        return json.dumps(value).encode()

    def extended(self, body: bytes, words: str, *, depth: int = 1) -> bytes:
        # By hand: json.dumps gives up on depth where the reader should.
        nest = "[" * depth + json.dumps(words, ensure_ascii=False) + "]" * depth
        text = re.sub(r"\{(?=\s*\")", lambda _: f'{{"unheard_of": {nest}, ', body.decode())
        return text.encode()

    def soiled(self, body: bytes) -> bytes:
        return body.replace(b'"Paper ', rb'"\ud800\u0000\u001b[31m\u202ePaper ')


def _rows(value: Any) -> Rows | None:
    """The list of objects that is the least deep; an empty list where there is none."""
    empty: Rows | None = None
    todo = deque([value])
    while todo:
        this = todo.popleft()
        if isinstance(this, list):
            if this and all(each is None or isinstance(each, dict) for each in this):
                return this
            empty = this if not this and empty is None else empty
        todo.extend(this.values() if isinstance(this, dict) else ())
    return empty


@dataclass(frozen=True)
class AtomDialect:
    """An Atom feed; the records are its entries."""

    content_type: str = "application/atom+xml"
    unreadable: str = "not_xml"
    odd: str = "not_xml"

    def changed(self, body: bytes, change: Callable[[Rows], Rows]) -> bytes:
        head, *entries = re.split(r"(?=<entry>)", body.decode())
        if not entries:
            return body
        entries[-1], mark, tail = entries[-1].partition("</entry>")
        return (head + "".join(change([*entries[:-1], entries[-1] + mark])) + tail).encode()

    def extended(self, body: bytes, words: str, *, depth: int = 1) -> bytes:
        nest = "<odd:one>" * depth + words + "</odd:one>" * depth
        text = body.decode().replace("</entry>", f"{nest}</entry>")
        return text.replace("<feed ", '<feed xmlns:odd="urn:unheard-of" ').encode()

    def soiled(self, body: bytes) -> bytes:
        return body.replace(b"Paper ", b"&#xD800;&#x202e;Paper ")


@dataclass(frozen=True)
class HtmlDialect:
    """A page; it is one record."""

    content_type: str = "text/html"
    unreadable: str = "not_html"
    odd: str = "not_html"

    def changed(self, body: bytes, change: Callable[[Rows], Rows]) -> bytes:
        del change
        return body

    def extended(self, body: bytes, words: str, *, depth: int = 1) -> bytes:
        tags = f'<meta name="citation_unheard_of" content="{words}"><meta charset>'
        nest = "<div>" * depth + words + "</div>" * depth
        return body.decode().replace("</head>", f"{tags}</head>{nest}").encode()

    def soiled(self, body: bytes) -> bytes:
        return body.replace(b"Paper ", "&#xD800;&#0;\x1b[31m\u202ePaper ".encode())


@dataclass(frozen=True)
class Kit:
    """One source's known papers, its server when all is well, and how it is special."""

    name: str
    scheme: str
    known: tuple[str, ...]
    """At least two; the title of each is "Paper " and its value, where there are titles."""
    unknown: tuple[str, ...]
    """Three."""
    malformed: str
    answer: Callable[[Request], Reply]
    spec: SourceSpec | None = None
    """For a source that is not in the registry of this process."""
    dialect: Dialect = field(default_factory=JsonDialect)
    count: str = ""
    """The name of the citation count in a record; "" where the source does not count."""
    titles: bool = True
    """Whether its answers have titles."""
    searches: bool = True
    """Whether it can be asked for a title."""
    private: bool = False
    """Whether a 403 may be about one paper alone, so that the others are asked all the same."""
    otherwise: Mapping[str, str] = field(default_factory=dict)
    """Case of the suite → ending, where the source's documents want another than the usual.

    Each with its reason beside it. Endings are written as `contract_cases.ending` does,
    several with "or" between them.
    """

    def ids(self, *values: str) -> list[Identifier]:
        return [Identifier(self.scheme, value) for value in values]

    def endings(self, case: str, *usual: str) -> set[str]:
        """How the case may end here."""
        words = {UNREADABLE: self.dialect.unreadable, ODD: self.dialect.odd}
        wanted = self.otherwise[case].split(" or ") if case in self.otherwise else usual
        return {f"failed:{words[each]}" if each in words else each for each in wanted}
