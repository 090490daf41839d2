"""The sources that citewatch knows: one line each.

Importing this is cheap on purpose: ``list``, ``report`` and ``sources`` need names and
schemes, not httpx (fifteen bare interpreter starts), so adapters are imported in ``make``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from citewatch.ports import Source
from citewatch.sources.options import SourceOptions, Tools

__all__ = ["SOURCES", "SourceOptions", "SourceSpec", "Tools"]

_DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """What is known of a source before it is built."""

    name: str
    """In config.toml and in the database."""
    label: str
    """For people."""
    counts: bool
    """Whether its answers carry citation counts."""
    schemes: tuple[str, ...]
    """Identifier schemes it can be asked by, best first."""
    every_s: int = _DAY_S
    """How often a paper is asked about by default, seconds."""
    make: Callable[[SourceOptions, Tools], Source]
    """Build it anew for every pass: a source that gave up stays silent for a while."""


# Imports inside functions: httpx and bs4 cost 150 ms that most commands need not pay.


def _semantic_scholar(options: SourceOptions, tools: Tools) -> Source:
    from citewatch.sources.semantic_scholar import SemanticScholar

    return SemanticScholar(options, tools)


def _arxiv(options: SourceOptions, tools: Tools) -> Source:
    from citewatch.sources.arxiv import Arxiv

    return Arxiv(options, tools)


def _openreview(options: SourceOptions, tools: Tools) -> Source:
    from citewatch.sources.openreview import OpenReview

    return OpenReview(options, tools)


SOURCES: dict[str, SourceSpec] = {
    spec.name: spec
    for spec in (
        SourceSpec(
            name="semantic_scholar",
            label="Semantic Scholar",
            counts=True,
            schemes=("semantic_scholar", "arxiv", "doi", "acl", "pubmed", "mag"),
            make=_semantic_scholar,
        ),
        SourceSpec(name="arxiv", label="arXiv", counts=False, schemes=("arxiv",), make=_arxiv),
        SourceSpec(
            name="openreview",
            label="OpenReview",
            counts=False,
            schemes=("openreview",),
            make=_openreview,
        ),
    )
}
