"""Whose numbers these are: every source named and linked as its terms ask.

Semantic Scholar's API licence (semanticscholar.org/product/api/license, 2023-05-17) asks for
its name and a link wherever its data are shown; OpenAlex, Crossref, OpenCitations and INSPIRE
give their data away (CC0) and are named all the same; arXiv asks to be thanked
(info.arxiv.org/help/api/tou.html).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from citewatch.domain.identifiers import (
    ADS,
    ARXIV,
    DOI,
    INSPIRE,
    OPENALEX,
    OPENREVIEW,
    SEMANTIC_SCHOLAR,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """How a source is to be named."""

    label: str
    url: str
    """Its home page; "" for a source that citewatch does not know (an import)."""
    sentence: str
    """What its terms want to be said."""


_CREDITS: Mapping[str, Credit] = {
    "semantic_scholar": Credit(
        label="Semantic Scholar",
        url="https://www.semanticscholar.org/?utm_source=api",
        sentence="Data by Semantic Scholar.",
    ),
    "openalex": Credit(
        label="OpenAlex", url="https://openalex.org", sentence="Data by OpenAlex (CC0)."
    ),
    "crossref": Credit(
        label="Crossref", url="https://www.crossref.org", sentence="Data by Crossref."
    ),
    "arxiv": Credit(
        label="arXiv",
        url="https://arxiv.org",
        sentence="Thank you to arXiv for use of its open access interoperability.",
    ),
    "openreview": Credit(
        label="OpenReview", url="https://openreview.net", sentence="Data by OpenReview."
    ),
    "inspire": Credit(
        label="INSPIRE", url="https://inspirehep.net", sentence="Data by INSPIRE (CC0)."
    ),
    "ads": Credit(
        label="NASA ADS",
        url="https://ui.adsabs.harvard.edu",
        sentence="Made with data of the NASA Astrophysics Data System.",
    ),
    "opencitations": Credit(
        label="OpenCitations",
        url="https://opencitations.net",
        sentence="Data by OpenCitations (CC0).",
    ),
    "dblp": Credit(label="DBLP", url="https://dblp.org", sentence="Data by DBLP (CC0)."),
}


def credit(source: str) -> Credit:
    """The credit of a source; of one that only an import names, its name as given."""
    return _CREDITS.get(source) or Credit(label=source, url="", sentence=f"Counts by {source}.")


def _semantic_scholar(value: str) -> str:
    if value.startswith("CorpusId:"):
        return f"https://api.semanticscholar.org/{quote(value, safe=':')}"
    return f"https://www.semanticscholar.org/paper/{quote(value)}?utm_source=api"


_PAGES: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "semantic_scholar": (SEMANTIC_SCHOLAR, _semantic_scholar),
    "openalex": (OPENALEX, lambda value: f"https://openalex.org/{quote(value)}"),
    "crossref": (DOI, lambda value: f"https://doi.org/{quote(value, safe='/')}"),
    "opencitations": (DOI, lambda value: f"https://doi.org/{quote(value, safe='/')}"),
    "arxiv": (ARXIV, lambda value: f"https://arxiv.org/abs/{quote(value, safe='/')}"),
    "openreview": (OPENREVIEW, lambda value: f"https://openreview.net/forum?id={quote(value)}"),
    "inspire": (INSPIRE, lambda value: f"https://inspirehep.net/literature/{quote(value)}"),
    "ads": (ADS, lambda value: f"https://ui.adsabs.harvard.edu/abs/{quote(value)}"),
}


def record_page(source: str, ids: Mapping[str, str]) -> str:
    """The paper's page at the source, else the source's own; "" where neither is known.

    ``ids`` are the paper's identifiers by scheme.
    """
    if source in _PAGES:
        scheme, page = _PAGES[source]
        if scheme in ids:
            return page(ids[scheme])
    return credit(source).url
