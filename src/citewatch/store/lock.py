"""One writer a database: a lock that the kernel lets go of when its holder dies."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from citewatch.domain.papers import Instant
from citewatch.errors import Busy, ReadOnly

DAEMON = "citewatch run"
"""The command that holds the lock for as long as it lives, and does what others ask."""

_NOTE_MAX = 1000


@contextmanager
def writer_lock(path: Path, *, now: Instant, who: str) -> Iterator[None]:
    """Hold ``PATH.lock`` for the block, as ``who`` (the command) since ``now``.

    Raises `Busy`, naming the holder, when it is taken, and `ReadOnly` where the lock
    file cannot be made. The file stays behind on purpose: removing it would let a third
    process lock a new file while a second one waits on the old.
    """
    lock = path.with_name(f"{path.name}.lock")
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ReadOnly(
            f"{lock} cannot be written ({error.strerror})",
            remedy="make the folder of the database writable, or choose another --database",
        ) from error
    try:
        _take(handle, path)
        note = f"{os.getpid()}\n{one_line(who)}\n{iso(now)}\n{one_line(socket.gethostname())}\n"
        os.ftruncate(handle, 0)
        os.pwrite(handle, note.encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _take(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = _holder(handle)
        raise Busy(
            f"{path} is in use by {described(holder)}", remedy=remedy(holder),
            who=holder.who if holder else "", process=holder.process if holder else None,
        ) from error  # fmt: skip
    except OSError as error:  # a network file system without locks
        raise ReadOnly(
            f"{path}: its folder cannot hold locks ({error.strerror})",
            remedy="keep the database on a local disk",
        ) from error


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock, in its own words."""

    process: int
    who: str
    since: str
    host: str


def _holder(handle: int) -> Holder | None:
    """Who holds the lock, as far as its file says; it may not have written that yet."""
    lines = os.pread(handle, _NOTE_MAX, 0).decode(errors="replace").split("\n")
    if len(lines) < 3 or not lines[0].isdecimal():
        return None
    return Holder(int(lines[0]), *(one_line(line) for line in (*lines[1:], "")[:3]))


def described(holder: Holder | None) -> str:
    """For people."""
    if holder is None:
        return "another citewatch"
    host = f" on {holder.host}" if holder.host else ""
    return f"'{holder.who}' (process {holder.process}{host}, since {holder.since})"


def remedy(holder: Holder | None) -> str:
    """What to do when it is in the way."""
    if holder is not None and holder.who == DAEMON:
        return (
            "the daemon does what 'sync' and 'resolve' ask; for anything else that writes stop it "
            f"first ('kill {holder.process}', or 'systemctl stop citewatch')"
        )
    return "wait until it is done, or stop it, and run the same again"


def one_line(text: str) -> str:
    """What may be shown of somebody's words."""
    return "".join(c if c.isprintable() else " " for c in text)[:200]


def iso(at: Instant) -> str:
    """An instant, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
