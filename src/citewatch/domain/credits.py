"""Whose numbers these are: every source named and linked as its terms ask.

Semantic Scholar's API licence (semanticscholar.org/product/api/license, 2023-05-17) asks for
its name and a link wherever its data are shown; OpenAlex, Crossref, OpenCitations and INSPIRE
give their data away (CC0) and are named all the same; arXiv asks to be thanked
(info.arxiv.org/help/api/tou.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from citewatch.domain.identifiers import (
    ACL,
    ADS,
    ARXIV,
    DOI,
    INSPIRE,
    OPENALEX,
    OPENREVIEW,
    SEMANTIC_SCHOLAR,
)
from citewatch.domain.printable import clean

SHORT_NAMES: Mapping[str, str] = {
    "semantic_scholar": "S2",
    "openalex": "OA",
    "crossref": "CR",
    "arxiv": "arXiv",
    "openreview": "OR",
}


def short_name(source: str) -> str:
    """A source's name for narrow columns: ``S2``; eight characters of any other."""
    return SHORT_NAMES.get(source) or clean(source)[:8]


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
        sentence="Data from Semantic Scholar. Whoever shows these counts in public is asked for "
        "its name, a link to it and its logo, which citewatch does not bring.",
    ),
    "openalex": Credit(
        label="OpenAlex", url="https://openalex.org/", sentence="Data by OpenAlex (CC0)."
    ),
    "crossref": Credit(
        label="Crossref", url="https://www.crossref.org/", sentence="Data by Crossref."
    ),
    "arxiv": Credit(
        label="arXiv",
        url="https://arxiv.org/",
        sentence="Thank you to arXiv for use of its open access interoperability.",
    ),
    "openreview": Credit(
        label="OpenReview", url="https://openreview.net/", sentence="Data by OpenReview."
    ),
    "inspire": Credit(
        label="INSPIRE", url="https://inspirehep.net/", sentence="Data by INSPIRE (CC0)."
    ),
    "ads": Credit(
        label="NASA ADS",
        url="https://ui.adsabs.harvard.edu/",
        sentence="Made with data of the NASA Astrophysics Data System.",
    ),
    "opencitations": Credit(
        label="OpenCitations",
        url="https://opencitations.net/",
        sentence="Data by OpenCitations (CC0).",
    ),
    "dblp": Credit(label="DBLP", url="https://dblp.org/", sentence="Data by DBLP (CC0)."),
}


def credit(source: str) -> Credit:
    """The credit of a source; of one that only an import names, its name as given."""
    return _CREDITS.get(source) or Credit(label=source, url="", sentence=f"Counts by {source}.")


_PLACES: Mapping[str, str] = {
    DOI: "https://doi.org/{}",
    ARXIV: "https://arxiv.org/abs/{}",
    OPENREVIEW: "https://openreview.net/forum?id={}",
    SEMANTIC_SCHOLAR: "https://www.semanticscholar.org/paper/{}?utm_source=api",
    OPENALEX: "https://openalex.org/{}",
    ACL: "https://aclanthology.org/{}",
    INSPIRE: "https://inspirehep.net/literature/{}",
    ADS: "https://ui.adsabs.harvard.edu/abs/{}",
}
_SCHEMES = {"crossref": DOI, "opencitations": DOI}
"""By which identifier a source shows a paper, where that is not one of its own name."""


def paper_url(scheme: str, value: str) -> str | None:
    """Where a paper is shown under an identifier; None for a scheme without such pages."""
    place = _PLACES.get(scheme)
    if place is None or not value:
        return None
    if value.startswith("CorpusId:"):
        return f"https://api.semanticscholar.org/{quote(value, safe=':')}"
    return place.format(quote(value, safe="/:."))


def record_page(source: str, ids: Mapping[str, str]) -> str:
    """The paper's page at the source, else the source's own; "" where neither is known.

    ``ids`` are the paper's identifiers by scheme.
    """
    scheme = _SCHEMES.get(source, source)
    return paper_url(scheme, ids.get(scheme, "")) or credit(source).url
