"""What the columns of a table of papers are called, in the exports that are about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_NAMES: Mapping[str, tuple[str, ...]] = {
    "title": (
        "title",
        "papertitle",
        "articletitle",
        "documenttitle",
        "worktitle",
        "paper",
        "titel",
        "publicationname",
        "displayname",
        "ti",
        "article",
        "name",
        "titles",
        "название",
    ),
    "authors": (
        "authors",
        "author",
        "authornames",
        "authorfullnames",
        "authorslist",
        "creators",
        "creator",
        "au",
        "af",
        "autoren",
        "auteurs",
        "autores",
        "authorships",
        "writers",
        "авторы",
    ),
    "year": (
        "year",
        "pubyear",
        "publicationyear",
        "publishedyear",
        "yearpublished",
        "date",
        "py",
        "published",
        "publicationdate",
        "pubdate",
        "coverdate",
        "dateissued",
        "issued",
        "jahr",
        "année",
        "año",
        "год",
    ),
    "venue": (
        "venue",
        "journal",
        "publication",
        "publicationtitle",
        "source",
        "sourcetitle",
        "journalbook",
        "booktitle",
        "conference",
        "journaltitle",
        "containertitle",
        "so",
        "publishedin",
        "outlet",
        "sourcename",
        "publisher",
        "revue",
        "zeitschrift",
    ),
    "count": (
        "cites",
        "citations",
        "citedby",
        "citationcount",
        "citedbycount",
        "timescited",
        "numcitations",
        "ncitations",
        "numberofcitations",
        "totalcitations",
        "citation",
        "citationsnumber",
        "tc",
        "timescitedwoscore",
        "timescitedalldatabases",
        "googlescholarcitations",
        "gscitations",
        "scholarcitations",
        "scopuscitations",
        "citescount",
        "citationsgooglescholar",
        "zitationen",
        "citationscount",
        "citecount",
        "cited",
        "gscites",
    ),
    "id": (
        "doi",
        "arxiv",
        "arxivid",
        "arxivnumber",
        "pmid",
        "pubmedid",
        "openalex",
        "openalexid",
        "semanticscholar",
        "semanticscholarid",
        "s2id",
        "corpusid",
        "paperid",
        "acl",
        "aclid",
        "bibcode",
        "eprint",
        "di",
        "id",
        "identifier",
        "openreview",
        "doilink",
        "inspireid",
    ),
    "link": (
        "url",
        "link",
        "articleurl",
        "fulltexturl",
        "pdf",
        "paperurl",
        "links",
        "urls",
        "pdfurl",
        "website",
        "ee",
        "landingpage",
    ),
    "note": ("note", "notes", "comments", "extra", "remarks", "badge", "badges"),
}
_BY_NAME = {name: kind for kind, names in reversed(list(_NAMES.items())) for name in names}
_SCHEMES = {
    "doi": "doi",
    "di": "doi",
    "doilink": "doi",
    "arxiv": "arxiv",
    "arxivid": "arxiv",
    "arxivnumber": "arxiv",
    "eprint": "arxiv",
    "pmid": "pubmed",
    "pubmedid": "pubmed",
    "openalex": "openalex",
    "openalexid": "openalex",
    "semanticscholar": "semantic_scholar",
    "semanticscholarid": "semantic_scholar",
    "s2id": "semantic_scholar",
    "paperid": "semantic_scholar",
    "corpusid": "semantic_scholar",
    "acl": "acl",
    "aclid": "acl",
    "bibcode": "ads",
    "openreview": "openreview",
    "inspireid": "inspire",
}


def squeezed(name: str) -> str:
    """A column's name without case, blanks and signs."""
    return re.sub(r"[\W_]", "", name.casefold())


def kind_of(name: str) -> str | None:
    """What a column holds by its name: "title", "count", …; None when that is not known."""
    return _BY_NAME.get(squeezed(name))


def scheme_of(name: str) -> str | None:
    """The scheme of the identifiers that a column of this name holds."""
    return _SCHEMES.get(squeezed(name))


def columns_of(names: Sequence[str]) -> dict[str, list[int]]:
    """The columns by what they hold, the better known name first."""
    found: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        if kind := kind_of(name):
            found.setdefault(kind, []).append(at)
    for kind, places in found.items():
        order = _NAMES[kind]
        places.sort(key=lambda at: order.index(squeezed(names[at])))
    return found
