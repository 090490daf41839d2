"""What every client is asked for at each source: the identifiers and the fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import httpx

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
    "inspire": "arxiv",
}  # fmt: skip
"""The identifiers by which papers are asked for."""
PREFIXES: Mapping[str, str] = {"semantic_scholar": "ARXIV:"}
"""What the other client wants before an identifier."""
FIELDS: Mapping[str, Sequence[str]] = {
    "semantic_scholar": SEMANTIC_SCHOLAR.split(","),
    "openalex": (OPENALEX + AUTHORS).split(","),
    "crossref": CROSSREF,
    "arxiv": (),
    "inspire": (),
}
"""What citewatch asks for, so that everybody gets the same bytes; arXiv knows no choice."""


def plain_request(client: httpx.Client, source: str, ids: Sequence[str]) -> httpx.Request:
    """A list of papers by their identifiers, asked for without any of citewatch's code."""
    fields = ",".join(FIELDS[source])
    match source:
        case "semantic_scholar":
            asked = {"ids": [f"ARXIV:{one}" for one in ids]}
            url = "/graph/v1/paper/batch"
            return client.build_request("POST", url, params={"fields": fields}, json=asked)
        case "openalex":
            params = {"filter": "doi:" + "|".join(ids), "per_page": len(ids), "select": fields}
            return client.build_request("GET", "/works", params=params)
        case "crossref":
            filters = ",".join(f"doi:{one}" for one in ids)
            params = {"filter": filters, "rows": 2 * len(ids), "select": fields}
            return client.build_request("GET", "/works", params=params)
        case "inspire":
            query = " or ".join(f"arxiv:{one}" for one in ids)
            return client.build_request("GET", "/api/literature", params={"q": query})
    params = {"id_list": ",".join(ids), "max_results": len(ids)}
    return client.build_request("GET", "/api/query", params=params)
