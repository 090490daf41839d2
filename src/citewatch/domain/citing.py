"""Works that cite a watched paper."""

from __future__ import annotations

from dataclasses import dataclass

from citewatch.domain.identifiers import Identifier


@dataclass(frozen=True, slots=True)
class Person:
    """An author as a source names one; ``identity`` is its own name for the person."""

    name: str
    identity: str = ""
    """``semantic_scholar:1741101``, ``openalex:A5023888391``, ``orcid:0000-…``; "" unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CitingWork:
    """One work in a source's list of those that cite a paper."""

    record: str
    """The source's own name for it, stable while the source keeps it; never empty."""
    title: str
    """"" where the source has none: the work still counts."""
    authors: tuple[Person, ...] = ()
    venue: str = ""
    published_on: str = ""
    """ISO date as exact as known: ``2023-05-01``, ``2023-05``, ``2023``; "" undated."""
    influential: bool | None = None
    """Whether the source marks the citation as influential; None where it does not say."""
    ids: tuple[Identifier, ...] = ()
