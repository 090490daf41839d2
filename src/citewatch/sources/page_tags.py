"""What a scholarly page says about its paper: bytes in, facts out. Pure.

Rules learned from pages of PMLR, ACL, USENIX, HAL, NBER and PeerJ; tags:
https://scholar.google.com/intl/en/scholar/inclusion.html#indexing.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from bs4.dammit import EncodingDetector

from citewatch.domain.identifiers import (
    ARXIV,
    DOI,
    URL,
    Identifier,
    canonical,
    parse_identifier,
)
from citewatch.domain.papers import Facts, Failed
from citewatch.sources.answers import Answer
from citewatch.sources.highwire import (
    Tags,
    citation_elements,
    citation_tags,
    first_last,
    parse_html,
    read_date,
)
from citewatch.sources.text import tidy

# Some proxies say text/plain of everything.
_PAGE_TYPES = frozenset({"", "text/html", "application/xhtml+xml", "text/plain"})
_LOOKED_AT = 65_536
"""Bytes of a page in which a document type, a charset or a robot check is looked for."""
_BEGINNINGS = ("<!doctype html", "<html", "<head", "<meta", "<title", "<body")
# Minified pages leave out the head's end and the body's beginning.
_HEAD_ENDS = re.compile(
    r"</head|</html|<(?:body|div|p|h[1-6]|header|nav|main|section|article|table|form|ul)\b",
    re.IGNORECASE,
)

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"),
         (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})")
_SINGLE_BYTE = frozenset(
    {"ascii", "iso8859-1", "iso8859-2", "iso8859-5", "iso8859-7", "iso8859-9", "iso8859-15",
     "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "koi8-r"}
)  # fmt: skip
_CHARSETS = _SINGLE_BYTE | {
    "utf-8", "utf-16", "utf-16-be", "utf-16-le", "gb2312", "gbk", "gb18030", "big5", "shift_jis",
    "cp932", "euc_jp", "iso2022_jp", "euc_kr", "cp949",
}  # fmt: skip
"""What pages are written in; Python knows further names (`unicode_escape`) that are no charset."""

_INLINE = re.compile(
    r"</?(?:i|b|em|strong|u|sub|sup|span|scp|sc|tt|inf|mml:[a-z]{1,12})(?:\s[^<>]{0,200})?/?>",
    re.IGNORECASE,
)
_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{0,300})")
_WALL_TITLES = re.compile(
    r"just a moment|attention required|access (?:to this page has been )?denied|not a bot|"
    r"are you a (?:robot|human)|pardon our interruption|(?:checking|verifying) your browser|"
    r"ddos-guard|security (?:checkpoint|check|verification)|human verification|robot check|"
    r"captcha|client challenge|one moment, please|bot manager|verify you are (?:a )?human",
    re.IGNORECASE,
)
_WALL_MARKS = (
    "_cf_chl_opt", "/cdn-cgi/challenge-platform/h/", ".within.website", "anubis_challenge",
    "_incapsula_resource", "px-captcha", "captcha-delivery.com", "awswafintegration",
    "ddos-guard", "checking your browser", "verify you are human", "making sure you're not a bot",
)  # fmt: skip


def is_page(content_type: str) -> bool:
    """Whether a body of this type is worth reading: not that of a PDF or a picture."""
    kind = _kind(content_type)
    return kind in _PAGE_TYPES or kind.endswith(("json", "xml"))


def has_head(body: bytes) -> bool:
    """Whether the beginning of a page holds its whole head."""
    return _HEAD_ENDS.search(body.decode("latin-1")) is not None


def is_wall(answer: Answer) -> bool:
    """Whether a page asks its reader to prove to be no robot, instead of answering."""
    text = answer.body[:_LOOKED_AT].decode("utf-8", "replace").lower()
    if not _begins_like_html(text):
        return False
    title = _TITLE.search(text)
    has_title = title is not None and _WALL_TITLES.search(title[1]) is not None
    return has_title or any(mark in text for mark in _WALL_MARKS)


def read_paper(answer: Answer) -> Facts | Failed | None:
    """The facts of an answer with status 200; None where nothing there identifies a paper."""
    kind = _kind(answer.content_type)
    if not is_page(kind) or answer.body.startswith(b"%PDF-"):
        return None
    if not answer.body.strip():
        return Failed(reason="empty", detail="an answer without a body")
    text = _decode(answer.body, answer.content_type)
    if text is None:
        return Failed(reason="charset", detail="in none of the charsets that pages have")
    if not _begins_like_html(text[:_LOOKED_AT].lower()):
        if kind == "text/plain":
            return None
        return Failed(reason="not_html", detail=f"no page, but {kind or 'something else'}")
    soup = parse_html(citation_elements(text))
    if isinstance(soup, Failed):
        return soup
    tags = citation_tags(soup)
    if "citation_title" not in tags and is_wall(answer):
        return Failed(reason="bot_wall", detail="a page that wants proof of no robot", retry=False)
    if _HEAD_ENDS.search(text) is None:
        return Failed(reason="truncated", detail="a page that ends in its head")
    return _facts(tags) if "citation_title" in tags else None


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _begins_like_html(lower_text: str) -> bool:
    return any(beginning in lower_text for beginning in _BEGINNINGS)


# --- characters ------------------------------------------------------------------------


def _decode(body: bytes, content_type: str) -> str | None:
    """The text: byte order mark, then what header or page declare, then Latin-1.

    What decodes as UTF-8 is UTF-8 where a single-byte charset is declared: servers send
    ``iso-8859-1`` by default, and text in it is next to never UTF-8 by chance.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _strictly(body[len(mark) :], name)
    declared = _charset(_CHARSET.search(content_type))
    if declared is None:
        named = EncodingDetector.find_declared_encoding(body[:_LOOKED_AT], is_html=True)
        declared = _charset(_CHARSET.fullmatch(f"charset={named}")) if named else None
        if declared and declared.startswith("utf-16"):
            declared = "utf-8"  # it could be read, so it is not
    if declared is None or declared in _SINGLE_BYTE:
        order = ("utf-8", declared or "cp1252")
    else:
        order = (declared, "utf-8")
    texts = (_strictly(body, name) for name in order)
    plain = next((text for text in texts if text is not None), None)
    return plain if plain is not None else _strictly(body, "cp1252", errors="replace")


def _charset(found: re.Match[str] | None) -> str | None:
    """Python's name of a charset that pages are written in, None for all others."""
    if found is None:
        return None
    try:
        name = codecs.lookup(found[1]).name
    except LookupError:
        return None
    if name in ("ascii", "iso8859-1"):
        return "cp1252"  # as browsers have it
    return name if name in _CHARSETS else None


def _strictly(body: bytes, charset: str, *, errors: str = "strict") -> str | None:
    """The text, or None where it is not in this charset; the end may be cut short."""
    try:
        return codecs.getincrementaldecoder(charset)(errors).decode(body)
    except UnicodeError:
        return None


# --- facts -------------------------------------------------------------------------------


def _facts(tags: Tags) -> Facts:
    year, published_on = _published(tags)
    doi = _doi(tags)
    return Facts(
        title=_plain(tags["citation_title"][0]),
        authors=tuple(_authors(tags)),
        year=year,
        published_on=published_on,
        venue=_first(tags, "conference_title", "journal_title", "inbook_title"),
        doi=doi.value if doi is not None and doi.scheme == DOI else None,
        ids=tuple(_identifiers(tags)),
    )


def _first(tags: Tags, *names: str) -> str | None:
    found = (words for name in names for words in tags.get(f"citation_{name}", ()))
    return next((plain for words in found if (plain := _plain(words))), None)


def _plain(words: str) -> str | None:
    """Without the markup that journals put into titles: ``<i>E. coli</i>``."""
    return tidy(_INLINE.sub("", words)) or None


def _authors(tags: Tags) -> Iterator[str]:
    """One tag an author, or all in one with semicolons between them."""
    for words in tags.get("citation_author") or tags.get("citation_authors", ()):
        for name in words.split(";"):
            if plain := _plain(name):
                yield first_last(plain)


def _published(tags: Tags) -> tuple[int | None, str | None]:
    """Print before online: a page put up in 2008 may be about a paper of 1955 (HAL)."""
    for name in ("publication_date", "date", "cover_date", "year", "online_date"):
        for words in tags.get(f"citation_{name}", ())[:1]:
            year, day = read_date(words)
            if year is not None:
                return year, day
    return None, None


def _doi(tags: Tags) -> Identifier | None:
    """The DOI, or the arXiv id that it stands for."""
    found = (canonical(DOI, words) for words in tags.get("citation_doi", ()))
    return next((doi for doi in found if doi is not None), None)


def _identifiers(tags: Tags) -> Iterator[Identifier]:
    """The most trusted of each scheme: DOI, arXiv id, then what the addresses say."""
    numbers = (canonical(ARXIV, words) for words in tags.get("citation_arxiv_id", ()))
    names = ("pdf_url", "abstract_html_url", "fulltext_html_url")
    addresses = (parse_identifier(words) for name in names
                 for words in tags.get(f"citation_{name}", ()) if "://" in words)  # fmt: skip
    seen: set[str] = set()
    for identifier in (_doi(tags), *numbers, *addresses):
        if identifier is not None and identifier.scheme not in (URL, *seen):
            seen.add(identifier.scheme)
            yield identifier
