"""Exports: what is made, and where it goes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from citewatch.bootstrap import App
from citewatch.domain.papers import Status
from citewatch.errors import InputError
from citewatch.exports.badges import badges
from citewatch.exports.bibtex import as_bibtex
from citewatch.exports.document import as_json
from citewatch.exports.feed import as_feed
from citewatch.exports.homepages import as_al_folio, as_scholar_json, scholar_name
from citewatch.exports.macros import as_macros
from citewatch.exports.sheet import (
    Reading,
    Sheet,
    as_csv,
    as_parquet,
    counts_sheet,
    readings_sheet,
)
from citewatch.notify.files import replace_whole
from citewatch.ports import Store
from citewatch.services.exported import all_readings
from citewatch.services.report import build_report
from citewatch.services.reported import Report, ReportQuestion
from citewatch.services.selection import on_watchlist
from citewatch.services.watchlist import WatchedPaper


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One file (under the name "") or several by name."""

    files: Mapping[str, bytes]
    empty: bool
    """Whether no count is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    report: Report
    papers: tuple[WatchedPaper, ...]
    readings: tuple[Reading, ...] | None
    feed: bytes
    person: str

    @property
    def authors(self) -> dict[str, tuple[str, ...]]:
        return {w.paper.key: w.paper.authors for w in self.papers}

    @property
    def scholar_names(self) -> dict[str, str]:
        found = {w.paper.key: scholar_name(w.paper.ids) for w in self.papers}
        return {key: name for key, name in found.items() if name is not None}


def export(app: App, kind: str, *, watchlist: str | None, history: bool) -> Made:
    """Make one kind of export. Raises `InputError` for a watchlist that there is none of."""
    with app.reading() as store:
        papers = on_watchlist(app.watch(store).papers, watchlist, app.settings.watchlists)
        question = ReportQuestion(
            papers=papers, sources=app.schedules(), preferred=app.settings.preferred,
            badge_for=app.ladder().highest_at, now=app.now(), watchlist=watchlist, sort="list",
        )  # fmt: skip
        ground = _Ground(
            report=build_report(store, question),
            papers=papers,
            readings=tuple(_readings(store, papers)) if history else None,
            feed=as_feed(store.outbox()) if kind == "feed" else b"",
            person=_person(app, watchlist),
        )
    unknown = ground.report.totals.citations is None
    return Made(files=_files(kind, ground), empty=unknown and kind != "feed")


def _readings(store: Store, papers: tuple[WatchedPaper, ...]) -> Iterator[Reading]:
    for key, source, at, count, status in all_readings(store, papers):
        said = Status.OK if count is not None and status is not Status.HELD else status
        yield Reading(key=key, source=source, at=at, count=count, status=said.value)


def _person(app: App, watchlist: str | None) -> str:
    lists = app.settings.watchlists
    names = [watchlist] if watchlist in lists else list(lists)
    return ", ".join(lists[name].title or name for name in names if name is not None)


def _files(kind: str, ground: _Ground) -> Mapping[str, bytes]:
    report = ground.report
    match kind:
        case "badges":
            return badges(report)
        case "scholar-json":
            return as_scholar_json(report, ground.scholar_names, person=ground.person)
        case "al-folio":
            return {"": as_al_folio(report, ground.scholar_names)}
        case "bibtex":
            return {"": as_bibtex(report, ground.authors)}
        case "latex-macros":
            return {"": as_macros(report)}
        case "feed":
            return {"": ground.feed}
        case "json":
            return {"": as_json(report, ground.readings)}
        case "parquet":
            return {"": as_parquet(_sheet(ground))}
        case _:
            return {"": as_csv(_sheet(ground))}


def _sheet(ground: _Ground) -> Sheet:
    if ground.readings is None:
        return counts_sheet(ground.report)
    return readings_sheet(ground.readings, ground.report)


def put(made: Made, kind: str, output: Path | None) -> Iterator[str]:
    """Write the files and say where, or the one file to standard output.

    Each appears whole or not at all; one that has these bytes already is left alone.
    """
    if "" in made.files and output is None:
        _to_stdout(made.files[""], kind)
        return
    target = output or Path(kind)
    if "" in made.files:
        _write(target, made.files[""])
        yield f"wrote {target}"
        return
    _make_folder(target)
    for name, content in made.files.items():
        _write(target / name, content)
    yield f"wrote {len(made.files)} files to {target}"


def _to_stdout(content: bytes, kind: str) -> None:
    if kind == "parquet" and sys.stdout.isatty():
        raise InputError("parquet is no text for a terminal", remedy="give --output FILE")
    sys.stdout.flush()
    sys.stdout.buffer.write(content)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: no folder for the files: {error.strerror}") from error


def _write(path: Path, content: bytes) -> None:
    try:
        replace_whole(path, content)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
