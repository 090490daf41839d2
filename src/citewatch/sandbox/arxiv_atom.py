"""arXiv's Atom feeds in the shape of the server that answers since November 2025."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote_plus
from xml.sax.saxutils import escape, quoteattr

from citewatch.sandbox.http import Response
from citewatch.sandbox.records import Preprint, Version, number_of

ATOM_TYPE = "application/atom+xml"
_HEAD = (
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" '
    'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">\n'
)
SCHEME = "http://arxiv.org/schemas/atom"
WITHDRAWN_COMMENT = "This paper has been withdrawn by the authors; see the published version"


def stamp(at: float) -> str:
    """An epoch second as arXiv writes it: UTC, whole seconds, Z."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was asked of the query API, as text for the feed's head."""

    search_query: str
    id_list: str
    start: int
    max_results: int


def feed(question: Question, entries: Iterable[str], *, total: int, now: float) -> Response:
    """A feed that answers a question; ``total`` counts everything found."""
    title = (
        f"arXiv Query: search_query={question.search_query}&id_list={question.id_list}"
        f"&start={question.start}&max_results={question.max_results}"
    )
    link = (
        f"https://arxiv.org/api/query?search_query={quote_plus(question.search_query)}"
        f"&start={question.start}&max_results={question.max_results}"
        f"&id_list={quote_plus(question.id_list)}"
    )
    digest = hashlib.sha1(title.encode(), usedforsecurity=False).digest()
    name = base64.b64encode(digest).decode().rstrip("=")
    head = (
        f"  <id>https://arxiv.org/api/{name}</id>\n"
        f"  <title>{escape(title)}</title>\n"
        f"  <updated>{stamp(now)}</updated>\n"
        f'  <link href={quoteattr(link)} type="application/atom+xml"/>\n'
        + _numbers(question.max_results, total, question.start)
    )
    body = _HEAD + head + "".join(entries) + "</feed>\n"
    return Response(status=200, body=body.encode(), content_type=ATOM_TYPE)


def _numbers(page: int, total: int, start: int) -> str:
    return (
        f"  <opensearch:itemsPerPage>{page}</opensearch:itemsPerPage>\n"
        f"  <opensearch:totalResults>{total}</opensearch:totalResults>\n"
        f"  <opensearch:startIndex>{start}</opensearch:startIndex>\n"
    )


def error_feed(status: int, summary: str, *, now: float, fragment: str = "") -> Response:
    """The one-entry feed that reports an error; it counts one result, the error itself."""
    link = f"https://arxiv.org/api/errors{'#' + fragment if fragment else ''}"
    body = (
        _HEAD + "  <id>https://arxiv.org/</id>\n  <title>arXiv Search Results</title>\n"
        f"  <updated>{stamp(now)}</updated>\n" + _numbers(1, 1, 0) + "  <entry>\n"
        f"    <id>{escape(link)}</id>\n    <title>Error</title>\n"
        f"    <updated>{stamp(now)}</updated>\n"
        f'    <link href={quoteattr(link)} rel="alternate" type="text/html"/>\n'
        f"    <summary>{escape(summary)}</summary>\n"
        "    <author>\n      <name>arXiv api core</name>\n    </author>\n  </entry>\n</feed>\n"
    )
    return Response(status=status, body=body.encode(), content_type=ATOM_TYPE)


def entry(preprint: Preprint, version: Version, number: int, now: float) -> str:
    """One entry: version ``number`` (from 1) of a preprint with today's remarks."""
    remarks = preprint.remarks(now)
    page = f"arxiv.org/abs/{preprint.id}v{number}"
    pdf = f"arxiv.org/pdf/{preprint.id}v{number}"
    comment = WITHDRAWN_COMMENT if version.withdrawn else remarks.comment
    return "".join(
        (
            f"  <entry>\n    <id>http://{page}</id>\n",
            f"    <title>{escape(version.title)}</title>\n",
            f"    <updated>{stamp(version.at)}</updated>\n",
            f'    <link href="https://{page}" rel="alternate" type="text/html"/>\n',
            f'    <link href="https://{pdf}" rel="related" type="application/pdf" title="pdf"/>\n',
            f"    <summary>{escape(preprint.abstract)}</summary>\n",
            f'    <category term="{preprint.category}" scheme="{SCHEME}"/>\n',
            f'    <category term="stat.ML" scheme="{SCHEME}"/>\n',
            f"    <published>{stamp(preprint.versions[0].at)}</published>\n",
            f"    <arxiv:comment>{escape(comment)}</arxiv:comment>\n" if comment else "",
            f'    <arxiv:primary_category term="{preprint.category}"/>\n',
            _journal(remarks.journal_ref),
            *(_author(preprint, name) for name in preprint.authors),
            *(_doi(doi) for doi in remarks.dois),
            "  </entry>\n",
        )
    )


def _journal(reference: str | None) -> str:
    if not reference:
        return ""
    return f"    <arxiv:journal_ref>{escape(reference)}</arxiv:journal_ref>\n"


def _author(preprint: Preprint, name: str) -> str:
    affiliation = (
        "      <arxiv:affiliation>A Made-Up Institute</arxiv:affiliation>\n"
        if number_of(preprint.id + name, 12) == 0
        else ""
    )
    return f"    <author>\n      <name>{escape(name)}</name>\n{affiliation}    </author>\n"


def _doi(doi: str) -> str:
    return (
        f"    <arxiv:doi>{escape(doi)}</arxiv:doi>\n"
        f'    <link rel="related" href={quoteattr("https://doi.org/" + doi)} title="doi"/>\n'
    )
