"""One question for each service of the stand-in to which it has a good answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from citewatch.sandbox import SANDBOX_ADS_TOKEN, SANDBOX_TOKEN, World
from citewatch.sandbox.pages import Pages

ARXIV_A, ARXIV_B = "1810.11783", "1805.11770"
DOI_A, DOI_B = "10.1609/aaai.v33i01.33015757", "10.1609/aaai.v33i01.3301742"
_LOGIN = {"Authorization": f"Bearer {SANDBOX_TOKEN}"}
_SPARQL = f"""PREFIX dblp: <https://dblp.org/rdf/schema#>
SELECT ?publ ?venue WHERE {{
  VALUES ?doi {{ <https://doi.org/{DOI_A}> <https://doi.org/{DOI_B}> }}
  ?publ dblp:doi ?doi . ?publ dblp:publishedIn ?venue .
}}"""


@dataclass(frozen=True)
class Question:
    """A GET below the address of a service."""

    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    several: bool = True
    """Whether the answer has two rows or more."""


QUESTIONS = {
    "semantic_scholar": Question("/graph/v1/paper/search?query=robustness&fields=citationCount"),
    "arxiv": Question(f"/api/query?id_list={ARXIV_A},{ARXIV_B}"),
    "arxiv_web": Question(f"/abs/{ARXIV_A}", several=False),
    "openreview_v1": Question("/notes?forum=5haAJAcofjc", _LOGIN),
    "openreview_v2": Question("/notes?forum=GrF7lnPr2x", _LOGIN),
    "openalex": Question(f"/works?filter=doi:{DOI_A}|{DOI_B}&select=doi,title,cited_by_count"),
    "crossref": Question(
        f"/works?filter=doi:{DOI_A},doi:{DOI_B}&select=DOI,title,is-referenced-by-count"
    ),
    "inspire": Question(
        "/api/literature?q="
        + quote("title robustness or title recurjac or title neural")
        + "&fields=citation_count,citation_count_without_self_citations,titles"
    ),
    "ads": Question(
        f"/v1/search/query?q={quote(f'identifier:({ARXIV_A} OR {ARXIV_B})')}"
        "&fl=bibcode,citation_count,title",
        {"Authorization": f"Bearer {SANDBOX_ADS_TOKEN}"},
    ),
    "opencitations": Question(f"/index/v2/citation-count/doi:{DOI_A}", several=False),
    "dblp": Question(
        f"/sparql?query={quote(_SPARQL)}", {"Accept": "application/sparql-results+json"}
    ),
    "page": Question(min(Pages(World()).paths.values()), several=False),
}
