"""The watchlist: config.toml and the list files that it names, against the store."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from citewatch.config import Settings
from citewatch.domain.identifiers import Identifier, parse_identifier
from citewatch.domain.keys import squash
from citewatch.domain.papers import Instant, LinkPage, Paper
from citewatch.domain.roster import Member, make_roster
from citewatch.errors import CitewatchError, InputError, UnknownPaper
from citewatch.ports import KnownIdentifier, PublicationList, Store, StoredPaper
from citewatch.services.decisions import let_go
from citewatch.services.enlist import with_links

IMPORTED = "imported"
"""The watchlist of papers that came with import-history alone."""

ReadList = Callable[[Path], PublicationList]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedPaper:
    """A paper that is watched; ``number`` is None while the store does not know it."""

    number: int | None
    paper: Paper
    """As the lists have it, with the identifiers accepted from everywhere."""
    watchlists: tuple[str, ...]
    listed: tuple[Identifier, ...] = ()
    """The identifiers that the lists themselves give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Everything that is watched now."""

    papers: tuple[WatchedPaper, ...]
    pages: tuple[LinkPage, ...]
    """Pages of lists whose links may still have to be placed, by keys."""
    problems: tuple[str, ...]
    """List files that could not be used; what they named before stays watched."""
    files: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(path, keys) of each list file that was read."""
    named: tuple[str, ...] = ()
    """Paths of all list files that config.toml names."""


def assemble(settings: Settings, store: Store, read_list: ReadList) -> Watch:
    """Read config.toml's lists and the files they name. Writes nothing."""
    stored = {paper.paper.key: paper for paper in store.papers()}
    entries: list[tuple[str, Paper]] = []
    pages: list[tuple[tuple[int, ...], tuple[str, ...]]] = []
    problems: list[str] = []
    files: list[tuple[str, range]] = []
    named: list[LinkPage] = []
    for name, watchlist in settings.watchlists.items():
        entries += [(name, paper) for paper in watchlist.papers]
        named += watchlist.pages
        for path in (file.path for file in watchlist.lists):
            start = len(entries)
            papers, found, problem = _read_file(path, store, read_list, stored)
            entries += [(name, paper) for paper in papers]
            pages += [(tuple(start + p for p in places), links) for places, links in found]
            if problem:
                problems.append(problem)
            else:
                files.append((str(path), range(start, len(entries))))
    rejected = _rejected(store)
    roster = make_roster(
        entries,
        [p.paper for p in stored.values()],
        editable={p.paper.key for p in stored.values() if p.watched and not p.adopted},
    )
    ignored = {(n, key) for n, w in settings.watchlists.items() for key in w.ignore}
    placed = [LinkPage(papers=tuple(roster.keys[p] for p in ps), links=ls) for ps, ls in pages]
    return Watch(
        papers=(
            *(
                _watched(m, stored, ignored, rejected)
                for m in roster.members
                if _wanted(m, ignored)
            ),
            *_adopted(stored.values(), roster.keys),
        ),
        pages=(*named, *placed),
        problems=tuple(problems),
        files=tuple((path, tuple(roster.keys[i] for i in places)) for path, places in files),
        named=tuple(str(f.path) for w in settings.watchlists.values() for f in w.lists),
    )


def _rejected(store: Store) -> frozenset[tuple[int, Identifier]]:
    """What the user said is not the paper, whatever the list says."""
    rows = store.identifiers(states=("rejected",))
    return frozenset((row.paper, row.identifier) for row in rows if row.origin == "user")


def _adopted(stored: Iterable[StoredPaper], listed: Collection[str]) -> Iterator[WatchedPaper]:
    """Papers that came with import-history alone, each by itself however alike."""
    for known in stored:
        if known.adopted and known.paper.key not in listed:
            yield WatchedPaper(number=known.number, paper=known.paper, watchlists=(IMPORTED,))


def _wanted(member: Member, ignored: Collection[tuple[str, str]]) -> bool:
    return any((name, member.paper.key) not in ignored for name in member.watchlists)


def _watched(
    member: Member,
    stored: dict[str, StoredPaper],
    ignored: Collection[tuple[str, str]],
    rejected: Collection[tuple[int, Identifier]],
) -> WatchedPaper:
    before = stored.get(member.paper.key)
    ids = dict.fromkeys((*member.paper.ids, *(before.paper.ids if before else ())))
    ids = {i: None for i in ids if before is None or (before.number, i) not in rejected}
    lists = tuple(n for n in member.watchlists if (n, member.paper.key) not in ignored)
    return WatchedPaper(
        number=before.number if before else None,
        paper=_with_ids(member.paper, tuple(ids)),
        watchlists=lists,
        listed=member.paper.ids,
    )


def _with_ids(paper: Paper, ids: tuple[Identifier, ...]) -> Paper:
    return paper if paper.ids == ids else replace(paper, ids=ids)


_Pages = Sequence[tuple[tuple[int, ...], tuple[str, ...]]]


def _read_file(
    path: Path, store: Store, read_list: ReadList, stored: dict[str, StoredPaper]
) -> tuple[Sequence[Paper], _Pages, str]:
    """A list file's papers; those it named before when it cannot be trusted today."""
    before: list[str] = json.loads(store.recall(f"list:{path}") or "[]")
    try:
        read = read_list(path)
    except CitewatchError as error:
        problem = error.problem
    else:
        if 2 * len(read.entries) >= len(before):
            return [with_links(entry) for entry in read.entries], read.pages, ""
        problem = (
            f"{path}: {len(read.entries)} entries where there were {len(before)}; "
            "nothing was changed; if that is right, take the file out of 'lists' for one sync"
        )
    kept = [stored[key].paper for key in before if key in stored]
    return kept, (), problem


def save(watch: Watch, store: Store, *, now: Instant) -> tuple[Watch, tuple[str, ...]]:
    """Make the store know what is watched; the watch with all numbers, and what is news.

    A problem with a list file is news once, until the file can be read again.
    """
    new = [w.paper for w in watch.papers if w.number is None]
    numbers = dict(zip([p.key for p in new], store.add_papers(new, now=now), strict=True))
    papers = tuple(
        w if w.number is not None else replace(w, number=numbers[w.paper.key]) for w in watch.papers
    )
    stored = {p.number: p for p in store.papers()}
    for one in papers:
        known = stored[one.number or 0].paper
        if _said(known) != _said(one.paper) and one.watchlists != (IMPORTED,):
            store.update_paper(one.number or 0, one.paper, now=now)
    watched = [w.number for w in papers if w.number is not None and w.watchlists != (IMPORTED,)]
    store.set_watched(watched)
    named = set(json.loads(store.recall("lists") or "[]"))
    for path, keys in watch.files:
        store.remember(f"list:{path}", json.dumps(keys))
    for path in named - set(watch.named):
        store.remember(f"list:{path}", "[]")
    if named != set(watch.named):
        store.remember("lists", json.dumps(sorted(watch.named)))
    said = store.recall("list-problems") or "[]"
    if said != (problems := json.dumps(watch.problems)):
        store.remember("list-problems", problems)
    news = tuple(p for p in watch.problems if p not in json.loads(said))
    return replace(watch, papers=papers), news


def _said(paper: Paper) -> tuple[object, ...]:
    return paper.title, paper.year, paper.authors, paper.venue, paper.claim


def note_listed_ids(watch: Watch, store: Store, sources: Sequence[str], *, now: Instant) -> bool:
    """Accept the identifiers that the lists give, and let go of those they gave before.

    One that was replaced by another of its scheme was wrong, and goes with all that it
    led to; one that is merely gone is a candidate, which a source may still vouch for.
    A user's own rejection outlasts the list. Returns whether anything was new.
    """
    known = {(row.paper, row.identifier): row for row in store.identifiers()}
    listed = {
        w.number: w.listed
        for w in watch.papers
        if w.number is not None and w.watchlists != (IMPORTED,)
    }
    rows = []
    for number, ids in listed.items():
        for identifier in ids:
            row = known.get((number, identifier))
            if row is None or (row.state != "accepted" and row.origin != "user"):
                rows.append(_listed(number, identifier, "accepted", "", now))
    replaced = []
    for (number, identifier), row in known.items():
        gone = row.origin == "list" and row.state == "accepted" and number in listed
        if not gone or identifier in listed[number]:
            continue
        if any(i.scheme == identifier.scheme for i in listed[number]):
            replaced.append(_listed(number, identifier, "rejected", "replaced in the list", now))
        else:
            rows.append(_listed(number, identifier, "candidate", "no longer in the list", now))
    if rows:
        store.save_identifiers(rows)
    for row in replaced:
        let_go(row, store, sources)
    return bool(rows or replaced)


def _listed(
    number: int, identifier: Identifier, state: str, note: str, now: Instant
) -> KnownIdentifier:
    return KnownIdentifier(
        paper=number, identifier=identifier, state=state, origin="list", note=note, at=now
    )


def find_paper(words: str, papers: Sequence[WatchedPaper]) -> WatchedPaper:
    """The one paper that a key, an identifier or a piece of a title names.

    Raises `UnknownPaper` when none or several do.
    """
    text = words.strip()
    if not text:
        raise InputError("a paper was expected", remedy="'citewatch list' shows all keys")
    for watched in papers:
        if watched.paper.key == text:
            return watched
    identifier = parse_identifier(text)
    if identifier is not None:
        same = [w for w in papers if identifier in w.paper.ids]
        if same:
            return same[0]
    piece = squash(text)
    matches = [w for w in papers if piece and piece in squash(w.paper.title)]
    exact = [w for w in matches if squash(w.paper.title) == piece]
    if len(exact or matches) == 1:
        return (exact or matches)[0]
    raise UnknownPaper(text, [w.paper.key for w in matches])
