"""The table of services: where each is mounted, and what it is called in config.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

S2 = "semantic_scholar"
ARXIV = "arxiv"
ARXIV_WEB = "arxiv_web"
OPENREVIEW_1 = "openreview_v1"
OPENREVIEW_2 = "openreview_v2"
OPENALEX = "openalex"
CROSSREF = "crossref"
INSPIRE = "inspire"
ADS = "ads"
OPENCITATIONS = "opencitations"
DBLP = "dblp"
PAGE = "page"

_JSON = "application/json"
_ATOM = "application/atom+xml"
_SPARQL = "application/sparql-results+json"
_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """One service of the stand-in."""

    service: str
    """Its name for faults and in the log of requests."""
    prefix: str
    """The path under which it is found."""
    source: str
    """The section of config.toml that points at it."""
    setting: str = "base_url"
    """The key in that section."""
    content_type: str = _JSON
    """What a good answer is."""
    counts: tuple[str, ...] = ()
    """Keys under which its JSON gives counts."""


MOUNTS: tuple[Mount, ...] = (
    Mount(
        service=S2,
        prefix="/s2",
        source=S2,
        counts=("citationCount", "influentialCitationCount"),
    ),
    Mount(service=ARXIV, prefix="/arxiv", source=ARXIV, content_type=_ATOM),
    Mount(
        service=ARXIV_WEB,
        prefix="/arxiv-web",
        source=ARXIV,
        setting="abs_url",
        content_type=_HTML,
    ),
    Mount(service=OPENREVIEW_2, prefix="/openreview2", source="openreview"),
    Mount(service=OPENREVIEW_1, prefix="/openreview1", source="openreview", setting="v1_url"),
    Mount(service=OPENALEX, prefix="/openalex", source=OPENALEX, counts=("cited_by_count",)),
    Mount(
        service=CROSSREF, prefix="/crossref", source=CROSSREF, counts=("is-referenced-by-count",)
    ),
    Mount(
        service=INSPIRE,
        prefix="/inspire",
        source=INSPIRE,
        counts=("citation_count", "citation_count_without_self_citations"),
    ),
    Mount(service=ADS, prefix="/ads", source=ADS, counts=("citation_count",)),
    Mount(service=OPENCITATIONS, prefix="/opencitations", source=OPENCITATIONS, counts=("count",)),
    Mount(service=DBLP, prefix="/dblp", source=DBLP, content_type=_SPARQL),
    Mount(service=PAGE, prefix="/page", source=PAGE, content_type=_HTML),
)
MOUNTED: Mapping[str, Mount] = MappingProxyType({mount.service: mount for mount in MOUNTS})
SERVICES = tuple(MOUNTED)
GROUPS = {"openreview": (OPENREVIEW_1, OPENREVIEW_2), "all": SERVICES}


def services_of(name: str) -> tuple[str, ...]:
    """The services that a name stands for. Raises ValueError for an unknown one."""
    if name in GROUPS:
        return GROUPS[name]
    if name in SERVICES:
        return (name,)
    raise ValueError(f"no service {name!r}{near(name, (*SERVICES, *GROUPS))}")


def near(name: str, names: tuple[str, ...]) -> str:
    """What to add to "there is no such name": the nearest one, else all of them."""
    import difflib  # only after a mistake

    found = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {found[0]!r}?" if found else f"; there are {', '.join(names)}"
