"""[watchlists.*]: papers as the user names them, and links not placed yet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from citewatch.config import addresses, readers
from citewatch.config.problems import BadValue, Problems, dotted, must_be
from citewatch.config.readers import Reader, cleaned
from citewatch.config.settings import ListFile, Watchlist
from citewatch.config.table import Table
from citewatch.domain.identifiers import SCHEMES, Identifier, canonical, parse_identifier
from citewatch.domain.papers import LinkPage, Paper

IMPORTED = "imported"
"""The watchlist of papers that came with ``import-history --adopt``."""

_NAME_LENGTH = 100
_CLAIM = re.compile(r"(\d{1,9}|\d{1,3}(?:,\d{3}){1,2})\s*\+?(?:\s*citations?)?", re.IGNORECASE)
_FIRST_YEAR, _LAST_YEAR = 1400, 2999
_EXAMPLES = {
    "arxiv": "1708.03999",
    "doi": "10.1038/nature14539",
    "openreview": "5haAJAcofjc",
    "semantic_scholar": "the 40 digits and letters in the paper's address, or CorpusId:123",
    "openalex": "W2741809807",
    "acl": "2020.acl-main.1",
    "pmlr": "v97/zhang19p",
    "pubmed": "31978945",
    "dblp": "conf/nips/VaswaniSPUJGKP17",
    "mag": "2741809807",
    "inspire": "451647",
    "ads": "2012PhLB..716....1A",
    "url": "https://proceedings.mlr.press/v80/name18a.html",
}


def watchlists(root: Table, folder: Path) -> Mapping[str, Watchlist]:
    """Every watchlist by its name, in the order of the file."""
    found: dict[str, Watchlist] = {}
    for name, table in root.child("watchlists").children():
        found[name] = _watchlist(table, name, folder)
        if bad := bad_name(name):
            table.problems.add(table.place, bad)
    return MappingProxyType(found)


def bad_name(name: str) -> str | None:
    """Why a watchlist cannot have this name; None when it can."""
    if name == IMPORTED:
        return "this name is kept for papers that came with import-history; take another one"
    if not name or cleaned(name) != name or len(name) > _NAME_LENGTH:
        return f"a watchlist's name must be plain text of 1 to {_NAME_LENGTH} characters"
    return None


def _watchlist(table: Table, name: str, folder: Path) -> Watchlist:
    text = Reader(readers.read_text, readers.read_text)
    texts, keys = Reader(readers.read_texts), Reader(readers.read_keys)
    value = Watchlist(
        name=name,
        title=table.take("title", text, name),
        author_names=table.take("author_names", texts, ()),
        lists=table.take("lists", _list_files(folder), ()),
        ignore=table.take("ignore", keys, ()),
        papers=_papers(table),
        pages=tuple(_page(item) for item in table.items("pages")),
    )
    table.close()
    return value


def _list_files(folder: Path) -> Reader[tuple[ListFile, ...]]:
    path = addresses.path_from(folder)

    def read(value: object) -> tuple[ListFile, ...]:
        names = readers.read_texts(value)
        return tuple(ListFile(path.read(name), name) for name in names)

    return Reader(read)


_TEXTS = Reader(readers.read_texts)
_KEYS = Reader(readers.read_keys)
_KEY = Reader(readers.read_key)
_ANY_TEXT = Reader(readers.read_any_text)


def _page(table: Table) -> LinkPage:
    page = LinkPage(papers=table.take("papers", _KEYS, ()), links=table.take("links", _TEXTS, ()))
    table.close()
    return page


def _papers(table: Table) -> tuple[Paper, ...]:
    taken: dict[str, str] = {}
    papers: list[Paper] = []
    for item in table.items("papers"):
        paper = _paper(item)
        papers.append(paper)
        if paper.key in taken:
            place = (*item.place, "key")
            item.problems.add(place, f"{paper.key!r} is already the key of {taken[paper.key]}")
        elif paper.key:
            taken[paper.key] = dotted(item.place[-2:])
    return tuple(papers)


def _paper(table: Table) -> Paper:
    ids: dict[Identifier, None] = {}
    table.known.update(SCHEMES)
    for name in table.data:
        if reader := _IDENTIFIERS.get(name):
            found = table.take(name, reader, ())
            ids.update(dict.fromkeys(found))
    paper = Paper(
        key=table.take("key", _KEY, ""),
        title=table.take("title", _ANY_TEXT, ""),
        year=table.take("year", _YEAR, None),
        authors=table.take("authors", _TEXTS, ()),
        venue=table.take("venue", _ANY_TEXT, ""),
        ids=tuple(ids),
        claim=table.take("claim", _CLAIM_READER, None),
    )
    if not (paper.title or any(name in table.data for name in SCHEMES)):
        table.problems.add(table.place, "a paper needs a title or an identifier")
    table.close()
    return paper


def _identifiers(scheme: str) -> Reader[tuple[Identifier, ...]]:
    """One identifier or an array of them; the page's address does as well."""

    def one(value: object) -> Identifier:
        if not isinstance(value, str):
            raise must_be(f"a text such as '{_EXAMPLES[scheme]}'", value)
        found = canonical(scheme, value)
        if found is None and (linked := parse_identifier(value)) and linked.scheme == scheme:
            found = linked
        if found is None:
            raise BadValue(f"{must_be('an identifier', value)} (it looks like {_EXAMPLES[scheme]})")
        return found

    def read(value: object) -> tuple[Identifier, ...]:
        if isinstance(value, list):
            return tuple(one(item) for item in value)
        return (one(value),)

    return Reader(read)


_IDENTIFIERS = {scheme: _identifiers(scheme) for scheme in SCHEMES}


def _read_year(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        if _FIRST_YEAR <= value <= _LAST_YEAR:
            return value
        raise must_be(f"a year from {_FIRST_YEAR} to {_LAST_YEAR}", value)
    raise must_be("a year such as 2017, without quotes", value)


def read_claim(value: object) -> int | None:
    """The number in a badge: ``"1300+"``, ``"1,300+ citations"`` or 1300."""
    number = value if isinstance(value, int) and not isinstance(value, bool) else None
    if isinstance(value, str) and (found := _CLAIM.fullmatch(value.strip())):
        number = int(found[1].replace(",", ""))
    if number is None:
        raise must_be('the number of a badge such as "1300+"', value)
    if not 1 <= number <= readers.LARGEST:
        raise must_be(f"a number from 1 to {readers.LARGEST}", value)
    return number


_YEAR = Reader(_read_year)
_CLAIM_READER = Reader(read_claim)


def problems_of_paper(items: Mapping[str, object]) -> list[str]:
    """What the loader would have against this paper."""
    problems = Problems()
    _paper(Table(items, ("paper",), problems, None))
    return problems.render({})


def problems_of_page(items: Mapping[str, object]) -> list[str]:
    """What the loader would have against this page of links."""
    problems = Problems()
    _page(Table(items, ("page",), problems, None))
    return problems.render({})
