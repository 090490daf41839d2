"""What is watched: keys, titles, identifiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TextIO

from rich.console import Console

from citewatch.cli.render.grid import fit, page_width, print_line
from citewatch.cli.render.words import clean, plural, write_json
from citewatch.domain.identifiers import Identifier
from citewatch.services.watchlist import WatchedPaper

_SHOWN = ("arxiv", "doi", "openreview", "acl", "pmlr", "openalex", "semantic_scholar", "url")


def watched_json(papers: Sequence[WatchedPaper], titles: Mapping[str, str], out: TextIO) -> None:
    """``{"papers": [{"key", "title", "year", "ids", "claim", "watchlists"}]}``."""
    write_json({"papers": [_paper(w, titles) for w in papers]}, out)


def _paper(watched: WatchedPaper, titles: Mapping[str, str]) -> dict[str, object]:
    paper = watched.paper
    ids: dict[str, list[str]] = {}
    for identifier in paper.ids:
        ids.setdefault(identifier.scheme, []).append(identifier.value)
    about = {
        "key": paper.key,
        "title": titles.get(paper.key) or paper.title,
        "year": paper.year,
        "authors": list(paper.authors),
        "ids": ids,
        "claim": paper.claim,
        "watchlists": list(watched.watchlists),
    }
    return {name: value for name, value in about.items() if value is not None}


def watched_table(
    papers: Sequence[WatchedPaper], titles: Mapping[str, str], console: Console
) -> None:
    """Three lines a paper: key, claim and lists; title; identifiers."""
    for watched in papers:
        paper = watched.paper
        claim = f"  claims {paper.claim}+" if paper.claim is not None else ""
        lists = f"  ({', '.join(map(clean, watched.watchlists))})"
        print_line(f"{clean(paper.key)}{claim}{lists}", console)
        title = clean(titles.get(paper.key) or paper.title) or "(title not known yet)"
        print_line(f"    {fit(title, page_width(console) - 4)}", console)
        print_line(f"    {_identifiers(paper.ids)}", console)
    print_line(plural(len(papers), "paper"), console)


def _identifiers(ids: Sequence[Identifier]) -> str:
    """All of them, those that say most to a person first; hashes shortened."""
    if not ids:
        return "no identifier yet"
    return "  ".join(_short(i) for i in sorted(ids, key=_rank))


def _short(identifier: Identifier) -> str:
    text = clean(str(identifier))
    return f"{text[:27]}…" if identifier.scheme == "semantic_scholar" and len(text) > 40 else text


def _rank(identifier: Identifier) -> tuple[int, str]:
    scheme = identifier.scheme
    return (_SHOWN.index(scheme) if scheme in _SHOWN else len(_SHOWN), str(identifier))
