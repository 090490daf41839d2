"""What ``add`` and ``remove`` do to config.toml."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from citewatch.bootstrap import App
from citewatch.cli.asking import politely
from citewatch.cli.shared import Options
from citewatch.config import (
    Settings,
    add_papers,
    give_keys,
    ignore_key,
    read_config,
    remove_paper,
    stop_ignoring,
    write_config,
)
from citewatch.domain.identifiers import parse_identifier
from citewatch.domain.papers import Paper
from citewatch.domain.roster import make_roster
from citewatch.errors import InputError
from citewatch.intake import read_list
from citewatch.ports import Entry, PublicationList
from citewatch.services.enlist import enlist
from citewatch.services.lookup import look_up
from citewatch.services.watchlist import IMPORTED, find_paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What ``add`` did."""

    watchlist: str
    papers: tuple[Paper, ...]
    read: tuple[PublicationList, ...]
    notes: tuple[str, ...]


def add_refs(options: Options, refs: Sequence[str], watchlist: str | None) -> Added:
    """Add files and identifiers to config.toml; nothing is written when one is wrong."""
    app = options.app()
    name = _watchlist(app.settings, watchlist)
    files = [read_list(Path(ref)) for ref in refs if _is_file(ref)]
    single = [_identified(ref) for ref in refs if not _is_file(ref)]
    lists = _with_titles(app, [*files, *([_as_list(single)] if single else [])])
    with app.reading() as store:
        watch = app.watch(store)
        listed = {w.paper.key: w.paper for w in watch.papers}
        known = {p.paper.key: p.paper for p in store.papers()} | listed
    here = {w.paper.key for w in watch.papers if name in w.watchlists}
    enlisted = enlist(lists, known=tuple(known.values()), watched=here)
    if enlisted.papers:
        path = app.settings.path
        before = read_config(path)
        text = before.decode()
        for paper in enlisted.papers:
            text = stop_ignoring(text, name, paper.key)
        # What a file of the list names is watched again as soon as it is not ignored.
        in_files = {key for _, keys in watch.files for key in keys}
        new = [paper for paper in enlisted.papers if paper.key not in in_files]
        if new:
            text = add_papers(text, name, new, pages=enlisted.pages, title=name)
        write_config(path, text, expected=before)
    return Added(
        watchlist=name,
        papers=enlisted.papers,
        read=tuple(files),
        notes=(*enlisted.doubles, *_unnamed(enlisted.papers)),
    )


def _watchlist(settings: Settings, name: str | None) -> str:
    if name is not None:
        return name
    return next(iter(settings.watchlists), "papers")


def _is_file(ref: str) -> bool:
    if Path(ref).exists():
        return True
    return parse_identifier(ref) is None and "://" not in ref and ("/" in ref or "." in ref)


def _identified(ref: str) -> Paper:
    identifier = parse_identifier(ref)
    if identifier is None:
        raise InputError(
            f"{ref!r} is neither a file nor an identifier",
            remedy="for example cv.txt, arxiv:1708.03999, 10.1145/3128572.3140448 or a URL of one",
        )
    return Paper(title="", ids=(identifier,))


def _as_list(papers: Sequence[Paper]) -> PublicationList:
    entries = tuple(Entry(number=n, line=n, paper=paper) for n, paper in enumerate(papers, start=1))
    return PublicationList(file="", entries=entries)


def _with_titles(app: App, lists: Sequence[PublicationList]) -> list[PublicationList]:
    """Entries that are mere identifiers get the title that a source has for them."""
    bare = [entry.paper for one in lists for entry in one.entries if not entry.paper.title]
    if not bare:
        return list(lists)
    with politely(app, "citewatch add") as store:
        sources = [source for source, _ in app.sources(store)]
        sources.sort(key=lambda source: source.counts)
        named = dict(zip(map(id, bare), asyncio.run(look_up(bare, sources)), strict=True))
    return [
        replace(
            one,
            entries=tuple(replace(e, paper=named.get(id(e.paper), e.paper)) for e in one.entries),
        )
        for one in lists
    ]


def _unnamed(papers: Sequence[Paper]) -> list[str]:
    return [
        f"{paper.key}: no source gave its title; it goes by its identifier until one does"
        for paper in papers
        if not paper.title
    ]


def remove_paper_everywhere(options: Options, words: str) -> list[str]:
    """Take a paper out of every list that names it; what was done, in sentences."""
    app = options.app()
    with app.reading() as store:
        watch = app.watch(store)
        watched = find_paper(words, watch.papers)
        known = [p.paper for p in store.papers()]
    key, done = watched.paper.key, []
    before = read_config(app.settings.path)
    text = before.decode()
    for name in watched.watchlists:
        if name == IMPORTED:
            raise InputError(
                f"{key} came with import-history; it is reported and never asked for",
                remedy="there is nothing to stop",
            )
        listed = _places(app.settings, name, key, known)
        if listed:
            text = give_keys(text, name, {place: key for place, given in listed if not given})
            for _ in listed:
                text = remove_paper(text, name, key)
        if key in {k for _, keys in watch.files for k in keys} or not listed:
            text = ignore_key(text, name, key)
            done.append(f"{key}: ignored in the files of the watchlist {name!r}")
        else:
            done.append(f"{key}: no longer in the watchlist {name!r}")
    write_config(app.settings.path, text, expected=before)
    return [*done, "its history is kept"]


def _places(
    settings: Settings, name: str, key: str, known: Sequence[Paper]
) -> list[tuple[int, str]]:
    """(position, given key) of the entries under ``papers`` that are this paper."""
    papers = settings.watchlists[name].papers
    keys = make_roster([(name, paper) for paper in papers], known).keys
    return [(place, paper.key) for place, paper in enumerate(papers) if keys[place] == key]
