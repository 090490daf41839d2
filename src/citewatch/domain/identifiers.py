"""Parse and normalise the identifiers of papers, and the URLs that carry them.

Forms and traps: https://info.arxiv.org/help/arxiv_identifier.html,
https://www.doi.org/the-identifier/resources/handbook, api.semanticscholar.org/api-docs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

ARXIV = "arxiv"
DOI = "doi"
OPENREVIEW = "openreview"
SEMANTIC_SCHOLAR = "semantic_scholar"
OPENALEX = "openalex"
ACL = "acl"
PMLR = "pmlr"
PUBMED = "pubmed"
DBLP = "dblp"
MAG = "mag"
INSPIRE = "inspire"
ADS = "ads"
URL = "url"
"""A link that names a paper and is no identifier: a PDF on a homepage."""

SCHEMES = (
    ARXIV,
    DOI,
    OPENREVIEW,
    SEMANTIC_SCHOLAR,
    OPENALEX,
    ACL,
    PMLR,
    PUBMED,
    DBLP,
    MAG,
    INSPIRE,
    ADS,
    URL,
)

_NEW_ARXIV = re.compile(r"(\d{2}(?:0[1-9]|1[0-2])\.\d{4,5})(?:v[1-9]\d*)?", re.IGNORECASE)
_OLD_ARXIV = re.compile(
    r"([a-z]+(?:-[a-z]+)?)(?:\.[a-z]{2})?/(\d{2}(?:0[1-9]|1[0-2])\d{3})(?:v[1-9]\d*)?",
    re.IGNORECASE,
)
# What no request line and no database takes: control characters and lone surrogates.
_NO_TEXT = r"\x00-\x1f\x7f-\x9f\ud800-\udfff"
_DOI = re.compile(rf"10\.\d{{4,9}}(?:\.\d+)*/[^\s{_NO_TEXT}]+")
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)
_OPENREVIEW = re.compile(r"[A-Za-z0-9_-]{6,24}")
_SHA = re.compile(r"[0-9a-f]{40}", re.IGNORECASE)
_CORPUS = re.compile(r"corpusid:\s*(\d{1,15})", re.IGNORECASE)
_OPENALEX = re.compile(r"w\d{4,12}", re.IGNORECASE)
_ACL = re.compile(r"[A-Z]\d{2}-\d{4}|\d{4}\.[a-z0-9_]+-[a-z0-9_]+\.\d+", re.IGNORECASE)
_PMLR = re.compile(r"v?(\d{1,4})/([a-z]+[a-z-]*\d{2}[a-z]*)", re.IGNORECASE)
_DIGITS = re.compile(r"\d{1,12}")
_BIBCODE = re.compile(r"\d{4}[A-Za-z0-9.&]{14}[A-Za-z.]")
_DBLP = re.compile(r"(?:conf|journals|books|phd|series|reference)/[\w/.-]+")
_URL = re.compile(rf"https?://[^\s<>\"'“”{_NO_TEXT}]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """A scheme and its canonical value; ``str()`` gives ``arxiv:1706.03762``."""

    scheme: str
    value: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


def canonical(scheme: str, value: str) -> Identifier | None:
    """The identifier that ``value`` is under ``scheme``, None when it is malformed.

    A version on an arXiv id is dropped; DOIs become lower case; a DOI that arXiv
    made for a preprint (10.48550/arXiv.…) is the arXiv id that it stands for.
    """
    text = value.strip()
    match scheme:
        case "arxiv":
            return _arxiv(text)
        case "doi":
            return _doi(text)
        case "openreview":
            found = _OPENREVIEW.fullmatch(text)
            return Identifier(OPENREVIEW, text) if found else None
        case "semantic_scholar":
            return _semantic_scholar(text)
        case "openalex":
            text = text.rsplit("/", 1)[-1]
            return Identifier(OPENALEX, text.upper()) if _OPENALEX.fullmatch(text) else None
        case "acl":
            return Identifier(ACL, text) if _ACL.fullmatch(text) else None
        case "pmlr":
            found = _PMLR.fullmatch(text)
            return Identifier(PMLR, f"v{found[1]}/{found[2].lower()}") if found else None
        case "pubmed" | "mag" | "inspire":
            return Identifier(scheme, text) if _DIGITS.fullmatch(text) else None
        case "dblp":
            return Identifier(DBLP, text) if _DBLP.fullmatch(text) else None
        case "ads":
            return Identifier(ADS, text) if _BIBCODE.fullmatch(text) else None
        case "url":
            return Identifier(URL, text) if _URL.fullmatch(text) and len(text) < 500 else None
    return None


def arxiv_doi(identifier: Identifier) -> Identifier:
    """The DOI that arXiv registers for a preprint, as an identifier of its own.

    `canonical` folds it into the arXiv id; a source that keeps two records of one paper
    may answer differently to the two, so that it can be asked by each.
    """
    return Identifier(DOI, f"10.48550/arxiv.{identifier.value}")


_PREPRINT_DOI = re.compile(
    r"10\.(?:48550|5281|2139|21203|64898|31234|31235|31219|31223|26434|36227|20944|22541|35542"
    r"|17605|6084|13140)/.*|10\.1101/\d.*"
)
"""arXiv, Zenodo, SSRN, Research Square, openRxiv, PsyArXiv and its sisters, ChemRxiv,
TechRxiv, Preprints.org, Authorea, figshare, ResearchGate; bioRxiv shares 10.1101 with
journals, whose suffixes begin with letters."""


def is_preprint_doi(doi: str) -> bool:
    """Whether a DOI is that of a preprint server or repository, and no publication's."""
    return _PREPRINT_DOI.fullmatch(doi.lower()) is not None


def is_askable(identifier: Identifier) -> bool:
    """Whether this is in canonical form, or the DOI form of a canonical arXiv id."""
    read = canonical(identifier.scheme, identifier.value)
    if read is None or read == identifier:
        return read is not None
    return read.scheme == ARXIV and arxiv_doi(read) == identifier


def from_link(url: str) -> Identifier | None:
    """The identifier that a link carries, else the link itself."""
    return parse_identifier(url) or canonical(URL, url)


def _arxiv(text: str) -> Identifier | None:
    text = re.sub(r"^arxiv:\s*", "", text, flags=re.IGNORECASE)
    if found := _NEW_ARXIV.fullmatch(text):
        number = found[1]
        # Five digits since January 2015, four before (help/arxiv_identifier).
        wide = int(number[:4]) >= 1501
        return Identifier(ARXIV, number) if (len(number) == 10) == wide else None
    if found := _OLD_ARXIV.fullmatch(text):
        return Identifier(ARXIV, f"{found[1].lower()}/{found[2]}")
    return None


def _doi(text: str) -> Identifier | None:
    text = re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", text, flags=re.IGNORECASE)
    text = unquote(text).strip()
    # What a sentence puts behind a DOI: stops, quotes, a bracket that was opened before.
    text = _ended(text, ".,;:'\"”’")
    if not _DOI.fullmatch(text):
        return None
    if found := _ARXIV_DOI.fullmatch(text):
        return _arxiv(found[1])
    return Identifier(DOI, text.lower())


def _ended(text: str, stops: str) -> str:
    """A text without the stops behind it, and without brackets that close none of its own."""
    open_ones = {close: text.count(close) - text.count(opened) for opened, close in _PAIRS}
    end = len(text)
    while end and (text[end - 1] in stops or open_ones.get(text[end - 1], 0) > 0):
        if text[end - 1] in open_ones:
            open_ones[text[end - 1]] -= 1
        end -= 1
    return text[:end]


_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"))


def _semantic_scholar(text: str) -> Identifier | None:
    if _SHA.fullmatch(text):
        return Identifier(SEMANTIC_SCHOLAR, text.lower())
    if found := _CORPUS.fullmatch(text):
        return Identifier(SEMANTIC_SCHOLAR, f"CorpusId:{int(found[1])}")
    return None


def parse_identifier(text: str) -> Identifier | None:
    """Read one identifier: ``arxiv:1706.03762``, a bare id or DOI, or a URL."""
    text = text.strip().strip("<>")
    if re.match(r"https?://", text, re.IGNORECASE):
        return _from_url(text)
    scheme, colon, rest = text.partition(":")
    if colon and scheme.lower() == "corpusid":
        return _semantic_scholar(text)
    if colon and (known := _SCHEME_WORDS.get(scheme.strip().lower())):
        return canonical(known, rest)
    return _arxiv(text) or _doi(text) or _bare(text)


_SCHEME_WORDS = {
    **{s: s for s in SCHEMES},
    "s2": SEMANTIC_SCHOLAR,
    "semanticscholar": SEMANTIC_SCHOLAR,
    "pmid": PUBMED,
}


_ACL_PATH = (ACL, r"/(?:anthology/)?(.+?)(?:\.pdf)?/?$")
_ADS_PATH = (ADS, r"/abs/([^/]+)(?:/|$)")
_PATHS = {
    "openalex.org": (OPENALEX, r"(/.*?)/*$"),
    "api.openalex.org": (OPENALEX, r"(/.*?)/*$"),
    "aclanthology.org": _ACL_PATH,
    "aclanthology.info": _ACL_PATH,
    "aclweb.org": _ACL_PATH,
    "inspirehep.net": (INSPIRE, r"/(?:api/)?(?:literature|record)/(\d+)/?$"),
    "ui.adsabs.harvard.edu": _ADS_PATH,
    "adsabs.harvard.edu": _ADS_PATH,
    "scixplorer.org": _ADS_PATH,
    "proceedings.mlr.press": (PMLR, r"/(v\d+/[a-z][a-z-]*\d{2}[a-z]*)(?:[./]|$)"),
}
"""Hosts whose paths name a paper: the scheme, and where in the path its identifier is."""


def _bare(text: str) -> Identifier | None:
    if _SHA.fullmatch(text):
        return _semantic_scholar(text)
    if re.fullmatch(r"W\d{6,12}", text):
        return Identifier(OPENALEX, text)
    return None


def _from_url(url: str) -> Identifier | None:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    path = unquote(parts.path)
    if host in ("arxiv.org", "export.arxiv.org", "ar5iv.org", "ar5iv.labs.arxiv.org"):
        found = re.match(r"/(?:abs|pdf|html|format|ps|src|e-print)/(.+?)(?:\.pdf)?/?$", path)
        return _arxiv(found[1]) if found else None
    if host in ("doi.org", "dx.doi.org"):
        return _doi(path.lstrip("/"))
    if host == "openreview.net":
        query = parse_qs(parts.query)
        of_a_paper = path.rstrip("/") in ("/forum", "/pdf", "/attachment")
        return canonical(OPENREVIEW, query["id"][0]) if of_a_paper and "id" in query else None
    if host in ("semanticscholar.org", "api.semanticscholar.org"):
        if found := re.search(r"/(?:CorpusID:|arXiv:)?([0-9a-f]{40})(?:/|$)", path):
            return _semantic_scholar(found[1])
        found = re.search(r"/(corpusid:\d+)", path, re.IGNORECASE)
        return _semantic_scholar(found[1]) if found else None
    if (form := _PATHS.get(host)) is not None:
        scheme, pattern = form
        found = re.match(pattern, path)
        return canonical(scheme, found[1]) if found else None
    if re.search(r"/(?:book|proceedings|toc|journal)/10\.", path):
        return None  # a whole volume
    if found := re.search(r"/(10\.\d{4,9}/[^?#]+)", path):
        return _doi(re.sub(r"(?:\.pdf|/(?:full|abstract|pdf|epdf))$", "", found[1]))
    return None


def find_urls(text: str) -> Iterator[str]:
    """Every http(s) URL in a text, without the punctuation that follows it."""
    for found in _URL.finditer(text):
        yield _ended(found[0], ".,;:!?'\"”’»")
