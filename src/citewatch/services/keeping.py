"""Keeping what was seen: backups by hand and by the clock, and letting go of the rest.

`back_up_if_due` and `tidy_if_due` are called by whoever has just finished a pass: the
daemon at a tick, ``sync`` at its end. Both cost nothing when nothing is due.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from citewatch.domain.papers import DAY, Instant
from citewatch.errors import CitewatchError, InputError
from citewatch.ports import Contents, Keeper, Store

EVERY_S, KEEP, FOLDER = 7 * DAY, 8, "backups"
"""What holds where config.toml does not say."""

_STAMP = "%Y%m%dT%H%M%SZ"
_SLACK, _SLACK_MOST_S = 0.1, 3600
"""A job at the same time each day must find a daily backup due, as with readings."""
_AGAIN_S = 3600
"""After a backup that failed the next attempt is at least as far off."""
_MEMO, _TIDIED = "backup", "tidied"
_RUNS_KEPT_S = 30 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPlan:
    """How often, where to, and how many stay. ``keep`` 0: no automatic backups."""

    folder: Path
    stem: str
    """The database's name without its ending: several databases may share a folder."""
    every_s: int = EVERY_S
    keep: int = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """What came of a look at the plan."""

    made: Contents | None = None
    deleted: tuple[Path, ...] = ()
    news: str = ""
    """One sentence that people have not been told yet; "" where there is none."""
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupState:
    """How automatic backups stand, for the doctor."""

    newest_at: Instant | None = None
    newest: Path | None = None
    damage: str = ""
    """What is wrong with the newest one."""
    problem: str = ""
    """Why the last attempt failed."""
    problem_since: Instant | None = None


# --- by hand -----------------------------------------------------------------------


def back_up(keeper: Keeper, target: Path, *, force: bool = False) -> Contents:
    """Make a copy under a name that the user chose.

    An older backup of the same history is replaced, as a job that runs each night expects.
    Raises `InputError` for any other file, and for a backup that reaches further back or
    holds newer readings than the copy would, unless ``force``.
    """
    if target.is_dir():
        raise InputError(
            f"{target} is a folder", remedy=f"name a file: {target / 'citewatch-backup.db'}"
        )
    if target.exists() and target.stat().st_size:
        _may_replace(keeper, target, force=force)
    return keeper.copy_to(target)


def _may_replace(keeper: Keeper, target: Path, *, force: bool) -> None:
    for suffix in ("-wal", "-shm", ".lock"):
        if target.with_name(target.name + suffix).exists():
            raise InputError(
                f"{target} is a database in use, not a backup ({target.name}{suffix} is there)",
                remedy="give another path",
            )
    if not keeper.is_ours(target):
        raise InputError(
            f"{target} exists and is not a citewatch database; it is left alone",
            remedy="give another path, or remove it first",
        )
    if force:
        return
    try:
        before = keeper.contents(target)
    except CitewatchError:
        return  # damaged, or of another version: a sound copy is better
    there = keeper.contents(keeper.path)
    if _covers(there, before):
        return
    raise InputError(
        f"{target} holds readings that this database does not have "
        f"({before.readings} from {_day(before.oldest_reading_at)} to "
        f"{_day(before.newest_reading_at)}; here {there.readings} from "
        f"{_day(there.oldest_reading_at)} to {_day(there.newest_reading_at)}); it is left alone",
        remedy="'citewatch restore' brings them back; '--force' overwrites them",
    )


def _covers(there: Contents, before: Contents) -> bool:
    if before.oldest_reading_at is None or before.newest_reading_at is None:
        return True
    if there.oldest_reading_at is None or there.newest_reading_at is None:
        return False
    return (
        there.oldest_reading_at <= before.oldest_reading_at
        and there.newest_reading_at >= before.newest_reading_at
    )


def _day(at: Instant | None) -> str:
    return "never" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


# --- by the clock ------------------------------------------------------------------


def backup_name(plan: BackupPlan, now: Instant) -> str:
    """A name that sorts by time, in UTC."""
    return f"{plan.stem}-{datetime.fromtimestamp(now, UTC).strftime(_STAMP)}.db"


def made_at(plan: BackupPlan, path: Path) -> Instant | None:
    """When one of our own backups was made, by its name; None for any other file."""
    found = re.fullmatch(rf"{re.escape(plan.stem)}-(\d{{8}}T\d{{6}}Z)\.db", path.name)
    if found is None:
        return None
    try:
        return int(datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None


def _cut_short(plan: BackupPlan, path: Path) -> bool:
    """Whether a file is what a backup left behind that was killed; only one writes at a time."""
    return bool(
        re.fullmatch(rf"\.{re.escape(plan.stem)}-\d{{8}}T\d{{6}}Z\.db\.\d+\.tmp", path.name)
    )


def own_backups(keeper: Keeper, plan: BackupPlan) -> list[tuple[Instant, Path]]:
    """Our own backups with their times, oldest first."""
    found = [(made_at(plan, path), path) for path in keeper.copies(plan.folder)]
    return sorted((at, path) for at, path in found if at is not None)


def is_due(times: Sequence[Instant], every_s: int, now: Instant) -> bool:
    """Whether none is young enough.

    One with a time to come was made by a clock that ran ahead: it must not keep us
    waiting until then.
    """
    wait = every_s - min(_SLACK_MOST_S, int(_SLACK * every_s))
    return not any(now - wait < at <= now for at in times)


def back_up_if_due(keeper: Keeper, store: Store, plan: BackupPlan, *, now: Instant) -> BackedUp:
    """Make a backup when the newest one is old enough, then let the oldest go.

    Never raises for a backup that fails: that deletes nothing, is news once, is told by
    the doctor until it is mended, and is tried again within an hour. A backup that
    reaches further back than the new one is never deleted: then the database was begun
    anew, and the old backups are all there is of the time before.
    """
    if not plan.keep:
        return BackedUp()
    memo = _recall(store)
    existing = own_backups(keeper, plan)
    tried_at = memo.get("tried_at")
    waits = isinstance(tried_at, int) and 0 <= now - tried_at < min(_AGAIN_S, plan.every_s)
    if waits or not is_due([at for at, _ in existing], plan.every_s, now):
        return BackedUp()
    try:
        keeper.make_folder(plan.folder)
        for path in keeper.copies(plan.folder):
            if _cut_short(plan, path):
                keeper.delete(path)
        made = keeper.copy_to(plan.folder / backup_name(plan, now))
        deleted, spared = _rotate(keeper, plan, made, existing)
    except CitewatchError as error:
        return _failed(store, memo, error.problem, now)
    news = "automatic backups work again" if memo.get("problem") else ""
    if spared and spared != memo.get("spared"):
        news = (
            f"{plan.folder / spared} reaches further back than this database and is kept; "
            "'citewatch restore' brings it back"
        )
    if memo.get("problem") or spared != memo.get("spared", ""):
        store.remember(_MEMO, json.dumps({"spared": spared}))
    return BackedUp(made=made, deleted=tuple(deleted), news=news)


def _rotate(
    keeper: Keeper, plan: BackupPlan, made: Contents, before: Sequence[tuple[Instant, Path]]
) -> tuple[list[Path], str]:
    """Delete what is one too many, oldest first; the names deleted, and the first one spared."""
    others = [path for _, path in before if path != made.path]
    deleted, spared = [], ""
    for path in others[: max(0, len(others) - (plan.keep - 1))]:
        oldest = keeper.oldest_reading(path)
        if oldest is not None and (made.oldest_reading_at or oldest + 1) > oldest:
            spared = spared or path.name
        else:
            keeper.delete(path)
            deleted.append(path)
    return deleted, spared


def _failed(store: Store, memo: dict[str, object], problem: str, now: Instant) -> BackedUp:
    known = bool(memo.get("problem"))
    since = memo.get("since", now) if known else now
    after = {**memo, "problem": problem, "since": since, "tried_at": now}
    try:
        store.remember(_MEMO, json.dumps(after))
    except CitewatchError:
        return BackedUp(news=f"the automatic backup failed: {problem}", failed=True)
    return BackedUp(news="" if known else f"the automatic backup failed: {problem}", failed=True)


def _recall(store: Store) -> dict[str, object]:
    found = json.loads(store.recall(_MEMO) or "{}")
    return found if isinstance(found, dict) else {}


def backup_state(
    keeper: Keeper, store: Store | None, plan: BackupPlan, *, now: Instant
) -> BackupState:
    """How automatic backups stand; without a store by what lies in the folder alone."""
    memo = {} if store is None else _recall(store)
    known = [(at, path) for at, path in own_backups(keeper, plan) if at <= now]
    newest_at, newest = known[-1] if known else (None, None)
    damage = ""
    if newest is not None:
        try:
            keeper.contents(newest)
        except CitewatchError as error:
            damage = error.problem
    since = memo.get("since")
    return BackupState(
        newest_at=newest_at,
        newest=newest,
        damage=damage,
        problem=str(memo.get("problem") or ""),
        problem_since=since if isinstance(since, int) else None,
    )


def lost_database(keeper: Keeper, plan: BackupPlan) -> str:
    """What to say where a database was and is no more; "" in every other case."""
    path = keeper.path
    if path.exists() and path.stat().st_size:
        return ""
    copies = [path for _, path in own_backups(keeper, plan)]
    copies += [p for p in keeper.copies(path.parent) if p.name.startswith(f"{path.stem}.before-")]
    if not copies and not path.with_name(f"{path.name}.lock").exists():
        return ""
    text = (
        f"{path} is gone: everything begins anew, and what the lists claim is not "
        "announced again at the headline sources"
    )
    if not copies:
        return text
    newest = max(copies, key=lambda copy: made_at(plan, copy) or 0)
    return f"{text}\n'citewatch restore {newest}' brings back what was seen before"


# --- what is not needed any more ------------------------------------------------------


def tidy_if_due(store: Store, *, now: Instant) -> int:
    """Once a day, let go of rows that no report can ever read; how many that were.

    A pass that asked nothing, one that never came to an end, and the repetitions of an
    outage go after 30 days. Passes that were answered stay for ever: gains and rates of
    any past day are measured against them. Snapshots stay for ever.
    """
    tidied_at = int(store.recall(_TIDIED) or 0)
    if 0 <= now - tidied_at < DAY:
        return 0
    gone = store.prune(before=now - _RUNS_KEPT_S)
    store.remember(_TIDIED, str(now))
    return gone
