"""Semantic Scholar's paper objects: identifiers, fields, and rows as JSON text.

Shapes: api.semanticscholar.org/graph/v1 (swagger of 2026-02) and answers seen in the wild.
Rows are put together from a cached text and the two counts, which alone move every day.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

from citewatch.sandbox.made import submitted_at
from citewatch.sandbox.records import Record, number_of
from citewatch.sandbox.world import World

FIELDS = frozenset(
    {
        "paperId",
        "corpusId",
        "externalIds",
        "url",
        "title",
        "abstract",
        "venue",
        "publicationVenue",
        "year",
        "publicationDate",
        "publicationTypes",
        "journal",
        "referenceCount",
        "citationCount",
        "influentialCitationCount",
        "isOpenAccess",
        "openAccessPdf",
        "fieldsOfStudy",
        "s2FieldsOfStudy",
        "citationStyles",
        "authors",
        "tldr",
        "embedding",
        "textAvailability",
        "citations",
        "references",
    }
)
NESTING = ("authors", "citations", "references", "publicationVenue", "embedding")
DEFAULT_FIELDS = ("paperId", "title")
COUNTS = ("citationCount", "influentialCitationCount")
_SHA = re.compile(r"[0-9a-f]{40}", re.IGNORECASE)
_DIGIT_SCHEMES = ("corpusid", "mag", "pmid", "pmcid")
_URL_ARXIV = re.compile(r"https?://(?:www\.)?arxiv\.org/(?:abs|pdf)/(.+?)(?:v\d+)?(?:\.pdf)?")
_URL_S2 = re.compile(r"https?://(?:www\.)?semanticscholar\.org/paper/(?:.*/)?([0-9a-f]{40})")
_URL_ACL = re.compile(r"https?://(?:www\.)?aclweb\.org/anthology/(.+?)/?")


def parse_id(text: str) -> tuple[str, str] | None:
    """(scheme, value in lower case) of one asked id; None when it has no known form.

    A version on an arXiv id is kept: it then finds nothing, as at the real service.
    A DOI written as a URL has no known form.
    """
    if _SHA.fullmatch(text):
        return "sha", text.lower()
    if text.startswith("10.") and "/" in text:
        return "doi", text.lower()
    prefix, colon, rest = text.partition(":")
    scheme, value = prefix.lower(), rest.lower()
    if not colon or not value:
        return None
    if scheme in _DIGIT_SCHEMES:
        return (scheme, value) if value.isdecimal() else None
    if scheme == "doi":
        return (scheme, value) if value.startswith("10.") and "/" in value else None
    if scheme in ("arxiv", "acl"):
        return scheme, value
    return _from_url(rest) if scheme == "url" else None


def _from_url(url: str) -> tuple[str, str] | None:
    for scheme, pattern in (("arxiv", _URL_ARXIV), ("sha", _URL_S2), ("acl", _URL_ACL)):
        if found := pattern.fullmatch(url):
            return scheme, found[1].lower()
    return None


def parse_fields(text: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(known fields, unknown fields) of a ``fields`` value; nested ones count as their parent."""
    if not text:
        return DEFAULT_FIELDS, ()
    known: dict[str, None] = {"paperId": None}
    unknown = []
    for name in text.split(","):
        parent, dot, _ = name.partition(".")
        if name in FIELDS or (dot and parent in NESTING):
            known[parent] = None
        else:
            unknown.append(name)
    return tuple(known), tuple(unknown)


class Rows:
    """Rows of one world as JSON text."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._heads: dict[tuple[str, bool, tuple[str, ...]], str] = {}

    def row(self, record: Record, fields: tuple[str, ...], now: float) -> str:
        """One paper object without its closing brace."""
        taken = self._world.taken_in(record, now)
        key = (record.key, taken is not None, fields)
        head = self._heads.get(key)
        if head is None:
            head = self._heads[key] = self._head(record, fields, taken)
        if COUNTS[0] not in fields and COUNTS[1] not in fields:
            return head
        for name, count in zip(COUNTS, self._world.count(record, now), strict=True):
            if name in fields:
                head += f',"{name}":{count}'
        return head

    def _head(self, record: Record, fields: tuple[str, ...], taken: Record | None) -> str:
        row: dict[str, object] = {"paperId": record.sha}
        for name in fields:
            if name not in COUNTS:
                row[name] = value_of(record, name, taken)
        if "openAccessPdf" not in fields and {"abstract", "references"} & set(fields):
            # Unasked, and without the fields it has when asked for.
            row["openAccessPdf"] = {"disclaimer": "Notice: made up."}
        return json.dumps(row, ensure_ascii=False, separators=(",", ":"))[:-1]


def value_of(record: Record, name: str, taken: Record | None = None) -> object:
    """One field of a paper, of those that do not move; None where there is none."""
    match name:
        case "paperId":
            return record.sha
        case "corpusId":
            return record.corpus
        case "externalIds":
            return _external_ids(record, taken)
        case "title" | "venue" | "year":
            return getattr(record, name)
        case "authors":
            return _authors(record)
        case "publicationDate":
            return _published_on(record)
        case "referenceCount":
            return 20 + number_of(record.key + "/references", 50)
        case "publicationTypes":
            return ["JournalArticle"] if record.arxiv else ["JournalArticle", "Conference"]
        case _:
            return _rare(record, name)


def _rare(record: Record, name: str) -> object:
    match name:
        case "url":
            return f"https://www.semanticscholar.org/paper/{record.sha}"
        case "isOpenAccess":
            return record.arxiv is not None
        case "openAccessPdf":
            return {"url": "", "status": None, "license": None, "disclaimer": "Notice: made up."}
        case "fieldsOfStudy":
            return ["Computer Science"]
        case "s2FieldsOfStudy":
            return [{"category": "Computer Science", "source": "s2-fos-model"}]
        case "citationStyles":
            return {"bibtex": f"@Article{{{record.key}, title = {{{record.title}}}}}"}
        case "textAvailability":
            return "none"
        case "citations":
            return []
    # The rest is what the real service often does not have, or what publishers elide.
    return None


def _external_ids(record: Record, taken: Record | None) -> dict[str, object]:
    arxiv = record.arxiv or (taken.arxiv if taken else None)
    ids: dict[str, object] = {}
    if arxiv:
        ids["ArXiv"] = arxiv
    if record.acl:
        ids["ACL"] = record.acl
    if record.doi:
        ids["DOI"] = record.doi
    elif record.arxiv_doi:
        ids["DOI"] = f"10.48550/arXiv.{arxiv}"
    ids["CorpusId"] = record.corpus
    return ids


def _authors(record: Record) -> list[dict[str, object]]:
    """Authors; now and then one whose authorId is null."""
    return [
        {
            "authorId": None
            if number_of(f"{record.key}/{name}", 40) == 0
            else str(1_000_000 + number_of(f"author/{name}", 90_000_000)),
            "name": name.strip(),
        }
        for name in record.authors
    ]


def _published_on(record: Record) -> str | None:
    if record.arxiv and record.arxiv[:4].isdecimal():
        return datetime.fromtimestamp(submitted_at(record.arxiv), UTC).date().isoformat()
    return None
