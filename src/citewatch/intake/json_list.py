"""JSON: CSL, the answers of the open sources, and whatever homepages keep their papers in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from citewatch.domain.badges import Badge, badges_in
from citewatch.intake.document import Document
from citewatch.intake.json_names import names_of
from citewatch.intake.json_tree import (
    Array,
    Node,
    Object,
    Scalar,
    folded,
    members,
    scalars,
    tree_of,
)
from citewatch.intake.json_values import ids_of, urls_of, venue_of, year_of
from citewatch.intake.records import (
    Findings,
    Record,
    count_at,
    field_title,
    listed,
    moved,
)
from citewatch.intake.sections import heading_of
from citewatch.ports import PublicationList

_TITLES = ("title", "papertitle", "displayname", "name", "paper")
_AUTHORS = ("authors", "author", "authorships", "creators", "authorlist", "authorfull")
_YEARS = (
    "year",
    "pubyear",
    "publicationyear",
    "issued",
    "published",
    "publishedprint",
    "publishedonline",
    "date",
    "publicationdate",
    "yearofpublication",
)
_VENUES = (
    "venue",
    "journal",
    "containertitle",
    "booktitle",
    "publication",
    "conference",
    "hostvenue",
    "primarylocation",
    "citation",
    "publisher",
    "source",
)
_COUNTS = (
    "cited",
    "citations",
    "citationcount",
    "citedbycount",
    "numcitations",
    "citedby",
    "cites",
    "isreferencedbycount",
    "timescited",
    "ncitations",
    "googlescholarcitations",
    "scholarcitations",
    "numcitedby",
    "citationscount",
    "totalcitations",
)
_WRAPPED = ("bib", "info", "attributes", "metadata", "paper", "data", "csl")
_SPOKEN = ("note", "notes", "annote", "comment", "extra", "badge")
_MOST_TOTALS = 20
_ONE_OF = frozenset({"authors", "author", "authorships", "authorlist", "creators"})


def read_json(document: Document) -> PublicationList:
    """The papers of a JSON file: objects with a title and something else of a publication.

    Raises ListError when there is none.
    """
    tree = tree_of(document.text, file=str(document.path))
    walk = _Walk(document.text)
    walk.run(tree)
    return listed(walk.found, document, kind="JSON")


class _Walk:
    """One way through a tree: papers are taken, all else is searched for papers."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found = Findings()

    def run(self, tree: Node) -> None:
        """Take every paper of the tree."""
        waiting: list[tuple[str, Node, bool]] = [("", tree, False)]
        while waiting:
            key, node, listed_ = waiting.pop()
            if _of_something_else(key) and not isinstance(node, Scalar):
                self.found.skip(f"values under {key[:40]!r}")
                continue
            if isinstance(node, Object):
                fields = _unwrapped(node)
                if self._paper(node, fields):
                    continue
                if not listed_:
                    self._totals(fields)
            children = [(k, v, isinstance(node, Array)) for k, v in members(node)]
            waiting.extend(reversed(children))

    def _paper(self, node: Object, fields: Mapping[str, Node]) -> bool:
        """Take an object as a paper, if it is one."""
        title = _title(fields)
        if not title:
            return False
        record = self._record(node, fields, title)
        told = [record.authors, record.year, record.ids, record.claim or record.badge]
        told.append(any(name in fields for name in ("journal", "venue", "containertitle")))
        named = "title" in fields or "papertitle" in fields or "authorships" in fields
        if not any(told) or not (named or record.authors):
            return False
        if not record.authors and "title" in folded(node) and _has_titles(node):
            return False
        self.found.records.append(record)
        return True

    def _record(self, node: Object, fields: Mapping[str, Node], title: str) -> Record:
        names = next(
            (found for key in _AUTHORS if (found := names_of(fields.get(key))).names), None
        )
        badge, claim = self._badge(fields)
        urls = tuple(dict.fromkeys(urls_of(fields)))
        return Record(
            start=node.start,
            end=node.end,
            title=title,
            authors=names.names if names else (),
            year=next((year for key in _YEARS if (year := year_of(fields.get(key)))), None),
            venue=next((venue for key in _VENUES if (venue := venue_of(fields.get(key)))), ""),
            ids=tuple(dict.fromkeys(ids_of(fields, urls))),
            links=urls,
            badge=badge,
            words=str(claim) if claim is not None and badge is None else "",
            claim=claim,
            doubts=("the author list is cut short",) if names and names.cut else (),
        )

    def _badge(self, fields: Mapping[str, Node]) -> tuple[Badge | None, int | None]:
        """The count of a paper at its place, and its number."""
        for key in _COUNTS:
            value = fields.get(key)
            if isinstance(value, Object):
                value = folded(value).get("value") or folded(value).get("total")
            if isinstance(value, Scalar) and (badge := self._count(value)):
                return badge, badge.claim
        for key in _SPOKEN:
            for value in scalars(fields.get(key)):
                words = self.text[value.start : value.end]
                if len(words) < _LONG and (spoken := badges_in(words)):
                    return moved(spoken[0], value.start), spoken[0].claim
        return None, None

    def _count(self, value: Scalar) -> Badge | None:
        if isinstance(value.value, bool):
            return None
        return count_at(self.text, value.start, value.end)

    def _totals(self, fields: Mapping[str, Node]) -> None:
        """Counts of an object that is no paper: a person's."""
        for key in _COUNTS:
            value = fields.get(key)
            if isinstance(value, Scalar) and (badge := self._count(value)) is not None:
                if len(self.found.totals) < _MOST_TOTALS:
                    self.found.totals.append((value.start, f"{key} {badge.text}", badge.claim))
                return


_LONG = 2_000


def _of_something_else(key: str) -> bool:
    """Whether what stands under a key is no list of papers: talks, awards, teaching."""
    words = re.sub(r"[_\W]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key)).strip()
    heading = heading_of(words.capitalize()) if words else None
    return heading is not None and heading.kind in _ELSEWHERE


_ELSEWHERE = frozenset(
    {"talks", "awards", "services", "teaching", "education", "appointments", "grants", "patents"}
)


def _unwrapped(node: Object) -> Mapping[str, Node]:
    """An object's values, with those of the object that it wraps around the paper's own."""
    fields = folded(node)
    if "title" in fields:
        return fields
    for key in _WRAPPED:
        inner = fields.get(key)
        if isinstance(inner, Object) and "title" in folded(inner):
            return {**fields, **folded(inner)}
    return fields


def _title(fields: Mapping[str, Node]) -> str:
    for key in _TITLES:
        value = fields.get(key)
        if isinstance(value, Object):
            value = folded(value).get("value") or folded(value).get("text")
        for scalar in scalars(value):
            if isinstance(scalar.value, str) and (title := field_title(scalar.value[:_LONG])):
                return title
    return ""


def _has_titles(node: Object) -> bool:
    """Whether objects with titles are within: then this one is a section, a site or a person."""
    waiting = [value for _, value in members(node)]
    for _ in range(_LOOK):
        if not waiting:
            return False
        value = waiting.pop()
        if isinstance(value, Object) and isinstance(value.items.get("title"), Scalar):
            return True
        waiting.extend(inner for _, inner in members(value))
    return False


_LOOK = 200
"""Values within an object that are looked at for titles."""
