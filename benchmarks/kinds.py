"""What a request to the stand-in was for."""

from __future__ import annotations

from citewatch.sandbox import Seen

LABELS = {
    "semantic_scholar": "Semantic Scholar", "openalex": "OpenAlex", "crossref": "Crossref",
    "arxiv": "arXiv", "arxiv_web": "arXiv, abs pages", "openreview_v1": "OpenReview",
    "openreview_v2": "OpenReview",
}  # fmt: skip
LISTS, TITLES, SINGLES, PAGES = "lists", "titles", "look-ups of one", "lists by landing page"


def kind(seen: Seen) -> str:
    """One of the words above; "" where a service has no such kinds."""
    path, asked = seen.path.rstrip("/"), seen.query
    match seen.service:
        case "semantic_scholar":
            return LISTS if path.endswith("/batch") else TITLES
        case "arxiv":
            return LISTS if "id_list" in asked else TITLES
        case "openalex" | "crossref" if path != "/works":
            return SINGLES
        case "openalex":
            return _filtered(asked.get("filter", ""))
        case "crossref":
            return LISTS if "filter" in asked else TITLES
    return ""


def _filtered(filters: str) -> str:
    name = filters.partition(":")[0]
    if name.endswith(".search"):
        return TITLES
    return PAGES if name.startswith("locations.") else LISTS


def label(seen: Seen) -> str:
    """The service and the kind, for people."""
    service, what = LABELS.get(seen.service, seen.service), kind(seen)
    return f"{service}, {what}" if what else service
