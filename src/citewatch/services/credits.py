"""What sources are called, how they ask to be named, and where they show papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from citewatch.domain.printable import clean

SHORT_NAMES: Mapping[str, str] = {
    "semantic_scholar": "S2",
    "openalex": "OA",
    "crossref": "CR",
    "arxiv": "arXiv",
    "openreview": "OR",
}


@dataclass(frozen=True, slots=True)
class Credit:
    """A source's own address, and a sentence that its terms ask for."""

    url: str
    words: str = ""


CREDITS: Mapping[str, Credit] = {
    # https://www.semanticscholar.org/product/api/license, 2023-05-17
    "semantic_scholar": Credit(
        "https://www.semanticscholar.org/?utm_source=api",
        "Data from Semantic Scholar. Its API licence is for non-commercial research and education; "
        "whoever shows these counts in public is asked for its name, a link to it and its logo, "
        "which this file does not bring.",
    ),
    "openalex": Credit("https://openalex.org/", "Data from OpenAlex, CC0."),
    "crossref": Credit("https://www.crossref.org/", "Metadata from Crossref."),
    # https://info.arxiv.org/help/api/tou.html
    "arxiv": Credit(
        "https://arxiv.org/", "Thank you to arXiv for use of its open access interoperability."
    ),
    "openreview": Credit("https://openreview.net/", "Data from OpenReview."),
    "inspire": Credit("https://inspirehep.net/", "Data from INSPIRE, CC0."),
    "ads": Credit(
        "https://ui.adsabs.harvard.edu/",
        "This report has made use of NASA's Astrophysics Data System.",
    ),
    "opencitations": Credit("https://opencitations.net/", "Data from OpenCitations, CC0."),
    "dblp": Credit("https://dblp.org/", "Data from DBLP, CC0."),
}
"""Sources of other packages and of imported files are named, and asked nothing of."""

_PLACES: Mapping[str, str] = {
    "doi": "https://doi.org/{}",
    "arxiv": "https://arxiv.org/abs/{}",
    "openreview": "https://openreview.net/forum?id={}",
    "semantic_scholar": "https://www.semanticscholar.org/paper/{}?utm_source=api",
    "openalex": "https://openalex.org/{}",
    "acl": "https://aclanthology.org/{}",
    "inspire": "https://inspirehep.net/literature/{}",
    "ads": "https://ui.adsabs.harvard.edu/abs/{}",
}


def paper_url(scheme: str, value: str) -> str | None:
    """Where a paper is shown under an identifier; None for a scheme without such pages."""
    place = _PLACES.get(scheme)
    if place is None or not value or value.startswith("CorpusId:"):
        return None
    return place.format(quote(value, safe="/:."))


def short_name(source: str) -> str:
    """A source's name for narrow columns: ``S2``; eight characters of any other."""
    return SHORT_NAMES.get(source) or clean(source)[:8]
