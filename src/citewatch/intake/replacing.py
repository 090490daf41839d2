"""A list's file gets new bytes: all of them or none, the old ones kept beside it.

The new file is written beside the old one and moves into its place, so whoever reads
sees one or the other. Locks are advisory: they part two of us. An editor that saves
is noticed by the bytes, compared right before the move.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from citewatch.errors import InputError

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_MOST_BACKUPS = 10_000
_OURS = ".citewatch-new"
_LEFT_BEHIND_S = 3600
"""A new file that is so much older than ours was left by a process that was killed."""


def replace_bytes(path: Path, data: bytes, *, expected: bytes) -> Path | None:
    """Put ``data`` in the place of the file that held ``expected``; where the backup is.

    Through a symbolic link the file it points to is replaced. Mode, owner and extended
    attributes stay. The backup is ``NAME.bak``, ``NAME.bak2``, …: the first that is free,
    or holds the same already. None when nothing was to be changed.

    Raises `InputError`, and has changed nothing, when the file is another one by now or
    cannot be replaced as it is.
    """
    if data == expected:
        return None
    target = Path(os.path.realpath(path))
    try:
        with _locked(path, target) as handle:
            state = os.fstat(handle)
            _check(path, target, state, expected)
            return _replace(path, target, state, data=data, expected=expected)
    except OSError as error:
        raise _cannot(path, error) from None


def _cannot(path: Path, error: OSError) -> InputError:
    if error.errno in _NO_ROOM:
        return InputError(
            f"{path}: no room on the disk; nothing was changed",
            remedy="make room, then run the command again",
        )
    return InputError(
        f"{path}: cannot be written: {error.strerror or error}; nothing was changed",
        remedy="the file and its folder must be writable; --diff shows the changes without them",
    )


@contextmanager
def _locked(path: Path, target: Path) -> Iterator[int]:
    # A pipe in the file's place must not make us wait.
    handle = os.open(target, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Waiting could take for ever: an editor may hold it.
            raise InputError(
                f"{path}: another program holds it right now; nothing was changed",
                remedy="run the command again when that has let go of it",
            ) from None
        except OSError:
            pass  # some network file systems know no locks
        yield handle
    finally:
        os.close(handle)


def _check(path: Path, target: Path, state: os.stat_result, expected: bytes) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise InputError(f"{path}: no regular file; nothing was changed")
    if state.st_nlink > 1:
        raise InputError(
            f"{path}: has {state.st_nlink} names (hard links), which would part; "
            "nothing was changed",
            remedy="use --diff and make the changes by hand",
        )
    # A move would get past the write protection of the file itself.
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    _check_unchanged(path, target, state, expected)


def _check_unchanged(path: Path, target: Path, state: os.stat_result, expected: bytes) -> None:
    """Whether the path still leads to this file, and the file still holds these bytes."""
    try:
        now = target.lstat()
        same = (now.st_dev, now.st_ino) == (state.st_dev, state.st_ino)
        same = same and target.read_bytes() == expected
    except FileNotFoundError:
        same = False
    if not same:
        raise InputError(
            f"{path}: was changed by someone else meanwhile; nothing was written",
            remedy="run the command again",
        )


def _replace(
    path: Path, target: Path, state: os.stat_result, *, data: bytes, expected: bytes
) -> Path:
    beside = _write_new(target, data, state, path=path)
    backup: Path | None = None
    made = False
    try:
        _clear_away(target, beside)
        _copy_attributes(target, beside)
        backup, made = _back_up(target, expected, state)
        _check_unchanged(path, target, state, expected)
        made = False  # from here on it may be the only copy
        beside.replace(target)
    except BaseException:
        _remove(beside)
        if made and backup is not None:
            _remove(backup)
        raise
    _sync_folder(target.parent)
    return backup


def _write_new(target: Path, data: bytes, state: os.stat_result, *, path: Path) -> Path:
    """A file of ours beside the target, on the disk, with the target's mode and owner."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=_OURS, dir=target.parent)
    place = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            made = os.fstat(file.fileno())
            if (made.st_uid, made.st_gid) != (state.st_uid, state.st_gid):
                _give(file.fileno(), state, path)
            os.fchmod(file.fileno(), stat.S_IMODE(state.st_mode))
            os.fsync(file.fileno())
    except BaseException:
        _remove(place)
        raise
    return place


def _remove(place: Path) -> None:
    with contextlib.suppress(OSError):
        place.unlink(missing_ok=True)


def _clear_away(target: Path, ours: Path) -> None:
    """Remove what killed processes have left beside the target."""
    now_s = ours.stat().st_mtime
    with contextlib.suppress(OSError):
        for place in target.parent.iterdir():
            mine = place.name.startswith(f".{target.name}.") and place.name.endswith(_OURS)
            if mine and now_s - place.lstat().st_mtime > _LEFT_BEHIND_S:
                _remove(place)


def _give(handle: int, state: os.stat_result, path: Path) -> None:
    try:
        os.fchown(handle, state.st_uid, state.st_gid)
    except PermissionError:
        raise InputError(
            f"{path}: belongs to another user or group, which would be lost; nothing was changed",
            remedy="run the command as its owner, or use --diff",
        ) from None


def _copy_attributes(target: Path, beside: Path) -> None:
    """Extended attributes (labels, access lists), as far as there are any."""
    if not hasattr(os, "listxattr"):
        return
    with contextlib.suppress(OSError):
        for name in os.listxattr(target):
            with contextlib.suppress(OSError):
                os.setxattr(beside, name, os.getxattr(target, name))


def _back_up(target: Path, data: bytes, state: os.stat_result) -> tuple[Path, bool]:
    """The backup, and whether it is new; none that is there is ever written over."""
    for number in range(1, _MOST_BACKUPS):
        place = target.with_name(f"{target.name}.bak{'' if number == 1 else number}")
        if _holds(place, data):
            return place, False
        if not os.path.lexists(place):
            whole = _write_new(target, data, state, path=target)
            try:
                # Unlike a rename, a link never takes the place of a file that has just appeared.
                _move_to_new(whole, place)
            except FileExistsError:
                continue
            finally:
                _remove(whole)
            return place, True
    raise InputError(
        f"{target}: has {_MOST_BACKUPS} backups beside it; nothing was changed",
        remedy="remove those that you do not need",
    )


def _move_to_new(whole: Path, place: Path) -> None:
    try:
        os.link(whole, place)
    except FileExistsError:
        raise
    except OSError:
        if os.path.lexists(place):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        whole.replace(place)


def _holds(place: Path, data: bytes) -> bool:
    try:
        return (
            stat.S_ISREG(place.lstat().st_mode)
            and place.stat().st_size == len(data)
            and place.read_bytes() == data
        )
    except OSError:
        return False


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
