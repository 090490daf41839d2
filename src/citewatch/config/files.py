"""Reading config.toml as bytes, and putting a new text in its place."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from pathlib import Path

from citewatch.errors import ConfigError, InputError

LARGEST_BYTES = 20_000_000

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


def read_config(path: Path) -> bytes:
    """The bytes of a config.toml, checked to be UTF-8 text of a sensible size.

    Raises `ConfigError` with the one thing that is wrong.
    """
    raw = _read(path)
    if len(raw) > LARGEST_BYTES:
        raise ConfigError(str(path), [f"larger than {LARGEST_BYTES // 10**6} MB"])
    if b"\0" in raw:
        raise ConfigError(str(path), ["not a text file (it holds a zero byte)"])
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problem = f"line {line}: not UTF-8 (byte {error.start + 1}); save the file as UTF-8"
        raise ConfigError(str(path), [problem]) from None
    return raw


def _read(path: Path) -> bytes:
    try:
        # A pipe or a device would make the reading wait for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            what = "a folder" if path.is_dir() else "no regular file"
            raise ConfigError(str(path), [f"is {what}, not a config.toml"])
        with path.open("rb") as file:
            return file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise ConfigError(str(path), [f"cannot be read: {error.strerror}"]) from None


def write_config(path: Path, text: str, *, expected: bytes | None) -> None:
    """Put ``text`` in the place of the file, all of it or nothing.

    ``expected`` is what the file held when it was read; None: there must be no file.
    A symbolic link stays and the file it points to is replaced; the mode is kept.
    Raises `InputError` when the file is another one by now or cannot be written.
    """
    target = Path(os.path.realpath(path))
    try:
        _check_unchanged(path, target, expected)
        _replace(target, text.encode(), new=expected is None)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise InputError(
                f"{path}: no room on the disk; nothing was changed",
                remedy="make room, then run the command again",
            ) from None
        raise InputError(
            f"{path}: cannot be written: {error.strerror}; nothing was changed",
            remedy="the file and its folder must be writable",
        ) from None


def _exists(path: Path) -> InputError:
    return InputError(
        f"{path}: exists already; nothing was changed",
        remedy="edit it, or move it away first",
    )


def _check_unchanged(path: Path, target: Path, expected: bytes | None) -> None:
    if expected is None:
        if path.is_symlink() or target.exists():
            raise _exists(path)
        return
    try:
        held = target.read_bytes()
    except FileNotFoundError:
        held = None
    if held != expected:
        raise InputError(
            f"{path}: was changed by someone else meanwhile; nothing was written",
            remedy="run the command again",
        )
    # A rename would get past the write protection of the file itself.
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _replace(target: Path, raw: bytes, *, new: bool) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(_new_file_mode() if new else stat.S_IMODE(target.stat().st_mode))
        if new:
            _move_to_new(beside, target)
        else:
            beside.replace(target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            beside.unlink()


def _move_to_new(beside: Path, target: Path) -> None:
    """Unlike a rename, a link never replaces a file that has just appeared."""
    try:
        os.link(beside, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        beside.replace(target)


def _new_file_mode() -> int:
    """What an ordinary new file gets: the umask can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask
