"""The sources that citewatch knows: one line each, and those that other packages bring.

Importing this is cheap on purpose: ``list``, ``report`` and ``sources`` need names and
schemes, not httpx (fifteen bare interpreter starts), so adapters are imported in ``make``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

from citewatch.ports import Source
from citewatch.sources.options import SourceOptions, Tools
from citewatch.sources.text import detail

__all__ = [
    "BUILT_IN",
    "GROUP",
    "SourceOptions",
    "SourceSpec",
    "Tools",
    "broken_plugins",
    "known_sources",
    "plugin_names",
]

GROUP = "citewatch.sources"
"""The entry-point group in which other packages name a `SourceSpec`."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
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
    rule_s: float = 1.0
    """The source's own rule: seconds between two requests; ``doctor`` warns below it."""
    vague_misses: bool = False
    """Whether its answers do not tell a paper that it does not know from one not cited."""
    on: bool = True
    """Whether it is asked unless config.toml says otherwise."""
    secret: str = ""
    """What it cannot be asked without (``token``); off while that is absent."""
    about: str = ""
    """One sentence: what it is good for, or where its key comes from."""
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


def _openalex(options: SourceOptions, tools: Tools) -> Source:
    from citewatch.sources.openalex import OpenAlex

    return OpenAlex(options, tools)


def _crossref(options: SourceOptions, tools: Tools) -> Source:
    from citewatch.sources.crossref import Crossref

    return Crossref(options, tools)


def _inspire(options: SourceOptions, tools: Tools) -> Source:
    from citewatch.sources.inspire import Inspire

    return Inspire(options, tools)


def _ads(options: SourceOptions, tools: Tools) -> Source:
    from citewatch.sources.ads import Ads

    return Ads(options, tools)


def _opencitations(options: SourceOptions, tools: Tools) -> Source:
    from citewatch.sources.opencitations import OpenCitations

    return OpenCitations(options, tools)


def _dblp(options: SourceOptions, tools: Tools) -> Source:
    from citewatch.sources.dblp import Dblp

    return Dblp(options, tools)


def _page(options: SourceOptions, tools: Tools) -> Source:
    from citewatch.sources.page import Page

    return Page(options, tools)


_SPECS = (
    SourceSpec(
        name="semantic_scholar",
        label="Semantic Scholar",
        counts=True,
        schemes=("semantic_scholar", "arxiv", "doi", "acl", "pubmed", "mag"),
        about="counts for nearly every paper; a free key makes it quicker and surer",
        make=_semantic_scholar,
    ),
    SourceSpec(
        name="arxiv",
        label="arXiv",
        counts=False,
        schemes=("arxiv",),
        rule_s=3.0,
        about="versions, comments and journal references; it does not count",
        make=_arxiv,
    ),
    SourceSpec(
        name="openreview",
        label="OpenReview",
        counts=False,
        schemes=("openreview",),
        rule_s=5.0,
        about="decisions; answers nobody without a login since July 2026",
        make=_openreview,
    ),
    SourceSpec(
        name="openalex",
        label="OpenAlex",
        counts=True,
        schemes=("openalex", "doi", "arxiv", "pubmed", "mag"),
        rule_s=0.2,
        about="counts and retractions; a free key allows ten times as many questions a day",
        make=_openalex,
    ),
    SourceSpec(
        name="crossref",
        label="Crossref",
        counts=True,
        schemes=("doi",),
        about="counts of published DOIs, retractions and corrections; not arXiv's DOIs",
        make=_crossref,
    ),
    SourceSpec(
        name="inspire",
        label="INSPIRE",
        counts=True,
        schemes=("inspire", "arxiv", "doi"),
        rule_s=0.5,
        on=False,
        about="particle physics and near it; counts with and without self-citations",
        make=_inspire,
    ),
    SourceSpec(
        name="ads",
        label="NASA ADS",
        counts=True,
        schemes=("arxiv", "doi", "ads"),
        secret="token",  # noqa: S106
        about="astronomy and physics; a token comes free with an account at ui.adsabs.harvard.edu",
        make=_ads,
    ),
    SourceSpec(
        name="opencitations",
        label="OpenCitations",
        counts=True,
        schemes=("doi", "pubmed"),
        every_s=30 * _DAY_S,
        vague_misses=True,
        on=False,
        about="a lower bound from open references, months behind; one request a paper",
        make=_opencitations,
    ),
    SourceSpec(
        name="dblp",
        label="DBLP",
        counts=False,
        schemes=("dblp", "doi", "arxiv"),
        every_s=7 * _DAY_S,
        rule_s=6.0,
        on=False,
        about="where a computer science preprint was published; it does not count",
        make=_dblp,
    ),
    SourceSpec(
        name="page",
        label="Page",
        counts=False,
        schemes=("pmlr", "acl", "url"),
        every_s=365 * _DAY_S,
        rule_s=5.0,
        on=False,
        about="identifies papers by the page that the list links to; it does not count",
        make=_page,
    ),
)
BUILT_IN: Mapping[str, SourceSpec] = MappingProxyType({spec.name: spec for spec in _SPECS})


def _offered() -> tuple[Mapping[str, EntryPoint], Mapping[str, str]]:
    """Entry points by name, the first of each; and why others cannot be sources."""
    offered: dict[str, EntryPoint] = {}
    refused: dict[str, str] = {}
    for point in entry_points(group=GROUP):
        if not _NAME.fullmatch(point.name):
            refused[point.name] = "the name has more than small letters, digits and _"
        elif point.name in BUILT_IN:
            refused[point.name] = f"the name is one of citewatch's own ({point.value})"
        elif point.name in offered:
            first = offered[point.name].value
            refused[point.name] = f"{point.value} comes after {first}, which has the same name"
        else:
            offered[point.name] = point
    return offered, refused


def plugin_names() -> tuple[str, ...]:
    """The sources that other packages bring, by name, without importing them."""
    return tuple(sorted(_offered()[0]))


@cache
def _loaded() -> tuple[Mapping[str, SourceSpec], Mapping[str, str]]:
    offered, refused = _offered()
    specs, broken = dict(BUILT_IN), dict(refused)
    for name, point in sorted(offered.items()):
        try:
            spec = point.load()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code must not stop us
            broken[name] = detail(f"cannot be imported ({type(error).__name__}: {error})")
            continue
        if not isinstance(spec, SourceSpec) or spec.name != name:
            broken[name] = detail(f"{point.value} is no SourceSpec with the name {name!r}")
        elif lacking := _lacking(spec.make):
            broken[name] = detail(f"nothing can be made of it; it lacks: {lacking}")
        else:
            specs[name] = spec
    return MappingProxyType(specs), MappingProxyType(broken)


def _lacking(make: object) -> str:
    """What a source's maker leaves out; "" if nothing."""
    if not callable(make):
        return "make"
    return ", ".join(sorted(getattr(make, "__abstractmethods__", ())))


def known_sources() -> Mapping[str, SourceSpec]:
    """Every source by name: citewatch's own, then those of other packages."""
    return _loaded()[0]


def broken_plugins() -> Mapping[str, str]:
    """Entry points that gave no source, with the reason."""
    return _loaded()[1]
