"""A SPARQL query, parsed: what `dblp_sparql` makes and `dblp_answers` answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class InvalidQuery(ValueError):
    """The query is no SPARQL, or more of it than the stand-in understands."""


class Term(NamedTuple):
    """A node of the graph."""

    kind: str
    """uri, literal or bnode."""
    value: str
    datatype: str | None = None


Node = Term | str
"""A term, or the name of a variable."""


class Pattern(NamedTuple):
    """One triple; the predicate is an IRI."""

    subject: Node
    predicate: str
    object: Node


class Column(NamedTuple):
    """One selected column: a variable, or an aggregate of one under another name."""

    name: str
    of: str
    aggregate: str | None = None
    distinct: bool = False
    separator: str = " "


@dataclass(slots=True)
class Query:
    """A SELECT query, parsed."""

    columns: list[Column] = field(default_factory=list)
    """Empty for ``SELECT *``."""
    distinct: bool = False
    values: list[tuple[list[str], list[list[Term | None]]]] = field(default_factory=list)
    patterns: list[Pattern] = field(default_factory=list)
    optional: list[list[Pattern]] = field(default_factory=list)
    group_by: list[str] = field(default_factory=list)
    limit: int | None = None
