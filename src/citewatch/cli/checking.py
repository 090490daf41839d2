"""What ``check`` does: read, compare, show the patch, write, and let config.toml follow."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from citewatch.bootstrap import App
from citewatch.cli.asking import politely
from citewatch.config import read_config, set_claims, write_config
from citewatch.domain.papers import Paper
from citewatch.domain.roster import make_roster
from citewatch.errors import CitewatchError, InputError
from citewatch.intake import read_list
from citewatch.intake.document import Document, open_document
from citewatch.intake.patching import unified_patch
from citewatch.intake.replacing import replace_bytes
from citewatch.intake.rewrite import apply_edits
from citewatch.ports import PublicationList
from citewatch.services.check import TO_BE_CHANGED, Checked, CheckedBadge, CheckQuestion, check_list
from citewatch.services.corrections import Corrections, claims_shown, corrections, wanted
from citewatch.services.strangers import Asked, ask_about
from citewatch.services.watchlist import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the user asked for."""

    path: Path
    write: bool = False
    patch: bool = False
    """Whether the change is to be shown, made or not."""
    allow_lower: bool = False
    source: str | None = None
    badges_only: bool = False
    resolve: bool = False
    """Ask the sources about what is not watched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOutcome:
    """What a check found and did."""

    checked: Checked
    notes: tuple[str, ...]
    """How the file was read, where that was not certain."""
    patch: bytes
    """The change, made or not; b"" for none."""
    patch_folder: Path | None
    """Where the patch is to be applied, if that is not here."""
    by_hand: tuple[CheckedBadge, ...]
    written: tuple[CheckedBadge, ...] = ()
    backup: Path | None = None
    followed: int = 0
    """Claims of config.toml that were changed."""

    @property
    def is_stale(self) -> bool:
        """Whether a badge is out of date as the file is left."""
        return any(
            row.verdict in TO_BE_CHANGED and row not in self.written for row in self.checked.badges
        )


def check_file(app: App, wish: Wish) -> CheckOutcome:
    """Check a list; with ``write`` its stale badges are rewritten, and the claims follow.

    Raises `InputError`, and nothing was changed, when that cannot be done.
    """
    mark = _mark(wish.path)
    found = read_list(wish.path)
    with app.reading() as store:
        watch = app.watch(store)
        known = [p.paper for p in store.papers()]
        question = _question(app, found, watch, wish)
        checked = check_list(store, question)
        notes = found.notes
        if wish.resolve and checked.strangers:
            asked = _ask(app, checked, wish)
            checked = check_list(store, replace(question, fresh=asked.found))
            notes += asked.troubles
    document = _document(wish, checked)
    if document is not None and _mark(wish.path) != mark:
        raise InputError(
            f"{wish.path}: was changed by someone else meanwhile; nothing was written",
            remedy="run the command again",
        )
    text = None if document is None else document.text
    plan = corrections(checked, text, allow_lower=wish.allow_lower)
    before, after = _bytes(document, plan)
    folder, name = patch_name(Path(os.path.realpath(wish.path)), Path.cwd())
    outcome = CheckOutcome(
        checked=checked, notes=notes, patch=unified_patch(before, after, name=name),
        patch_folder=folder, by_hand=plan.by_hand,
    )  # fmt: skip
    if not wish.write:
        return outcome
    backup = replace_bytes(wish.path, after, expected=before)
    claims = claims_shown(checked, plan.rows)
    followed = _follow(app, claims, known, after_writing=backup)
    return CheckOutcome(
        checked=checked, notes=notes, patch=outcome.patch, patch_folder=folder,
        by_hand=plan.by_hand, written=plan.rows, backup=backup, followed=followed,
    )  # fmt: skip


def _mark(path: Path) -> tuple[int, ...]:
    """What tells a file from what it is after a change; () where there is none."""
    try:
        state = path.stat()
    except OSError:
        return ()
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns


def _question(app: App, found: PublicationList, watch: Watch, wish: Wish) -> CheckQuestion:
    return CheckQuestion(
        found=found, watched=watch.papers, keys=_listed(watch, wish.path), sources=app.schedules(),
        preferred=app.preferred, ladder=app.ladder(),
        confirm_after_s=app.settings.milestones.confirm_after_s, now=app.now(),
        source=wish.source, badges_only=wish.badges_only,
    )  # fmt: skip


def _ask(app: App, checked: Checked, wish: Wish) -> Asked:
    """Ask the sources of headlines about what is not watched, the best first."""
    with politely(app, "citewatch check") as store:
        only = (wish.source,) if wish.source is not None else ()
        sources = [source for source, _ in app.sources(store, only) if source.counts]
        ranks = {name: place for place, name in enumerate(app.preferred)}
        speaking = [s for s in sources if only or s.name in ranks]
        speaking.sort(key=lambda source: ranks.get(source.name, 0))
        return asyncio.run(ask_about(checked.strangers, speaking, app.now))


def _listed(watch: Watch, path: Path) -> tuple[str, ...]:
    """The keys of the file's entries, where it is one of those that are watched."""
    real = os.path.realpath(path)
    return next((keys for name, keys in watch.files if os.path.realpath(name) == real), ())


def _document(wish: Wish, checked: Checked) -> Document | None:
    """The file's text, where something in it is to be edited."""
    rows = wanted(checked, allow_lower=wish.allow_lower)
    if (wish.write or wish.patch) and any(row.place is not None for row in rows):
        return open_document(wish.path)
    return None


def _bytes(document: Document | None, plan: Corrections) -> tuple[bytes, bytes]:
    if document is None:
        return b"", b""
    return document.data, apply_edits(document, plan.edits)


def patch_name(real: Path, here: Path) -> tuple[Path | None, bytes]:
    """The folder in which a patch of this file is applied (None: here), and its name there.

    Patches are refused for files outside of the folder.
    """
    here = Path(os.path.realpath(here))
    if real.is_relative_to(here):
        return None, os.fsencode(real.relative_to(here))
    return real.parent, os.fsencode(real.name)


# --- claims -------------------------------------------------------------------------


def _follow(
    app: App,
    claims: Mapping[str, tuple[int, bool]],
    known: list[Paper],
    *,
    after_writing: Path | None,
) -> int:
    """Let the claims of papers that config.toml lists follow the file; how many changed."""
    path = app.settings.path
    try:
        before = read_config(path)
        text, changed = before.decode(), 0
        for name in app.settings.watchlists:
            new = _claims_of(app, name, claims, known)
            if new:
                text = set_claims(text, name, new)
                changed += len(new)
        if changed:
            write_config(path, text, expected=before)
    except CitewatchError as error:
        if after_writing is None:
            raise
        raise InputError(
            f"the list was written (before: {after_writing}), but not its claims: {error.problem}",
            remedy="run the same command again when that is mended",
        ) from error
    return changed


def _claims_of(
    app: App, name: str, claims: Mapping[str, tuple[int, bool]], known: list[Paper]
) -> dict[int, int]:
    """Position → new claim, of the papers of one watchlist whose claim is another.

    A claim that was right before this run only moves up: another file may show less.
    """
    papers = app.settings.watchlists[name].papers
    keys = make_roster([(name, paper) for paper in papers], known).keys
    new: dict[int, int] = {}
    for place, paper in enumerate(papers):
        claim, written = claims.get(keys[place], (paper.claim, False))
        if not claim or claim == paper.claim:
            continue  # "0 citations" claims nothing
        if written or paper.claim is None or claim > paper.claim:
            new[place] = claim
    return new
