"""What every client is asked for at each source: the identifiers and the fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from citewatch.sources.crossref_works import FIELDS as CROSSREF
from citewatch.sources.openalex_questions import AUTHORS
from citewatch.sources.openalex_questions import FIELDS as OPENALEX
from citewatch.sources.semantic_scholar_records import FIELDS as SEMANTIC_SCHOLAR

CLIENTS: Mapping[str, str] = {
    "semantic_scholar": "semanticscholar", "openalex": "pyalex", "crossref": "habanero",
    "arxiv": "arxiv",
}  # fmt: skip
"""The other client, by source."""
SCHEMES: Mapping[str, str] = {
    "semantic_scholar": "arxiv", "openalex": "doi", "crossref": "doi", "arxiv": "arxiv",
}  # fmt: skip
"""The identifiers by which papers are asked for."""
PREFIXES: Mapping[str, str] = {"semantic_scholar": "ARXIV:"}
"""What the other client wants before an identifier."""
FIELDS: Mapping[str, Sequence[str]] = {
    "semantic_scholar": SEMANTIC_SCHOLAR.split(","),
    "openalex": (OPENALEX + AUTHORS).split(","),
    "crossref": CROSSREF,
    "arxiv": (),
}
"""What citewatch asks for, so that everybody gets the same bytes; arXiv knows no choice."""
