"""Files that others read while we write them."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

_ABANDONED_S = 3600
"""A file that was being made for so long is nobody's any more: its maker was killed."""


def replace_whole(path: Path, content: bytes) -> None:
    """Put the content in the place of the file, whole or not at all; readable as others are.

    Its folder is made when only that is missing. A link stays a link. Raises `OSError`.
    """
    path = path.resolve()
    path.parent.mkdir(exist_ok=True)
    try:
        if path.read_bytes() == content:
            return
        mode = path.stat().st_mode & 0o777
    except FileNotFoundError:
        mode = 0o666 & ~_umask()
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            _clear_away(path, before=os.fstat(handle).st_mtime - _ABANDONED_S)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(mode)
        Path(beside).replace(path)
    finally:
        Path(beside).unlink(missing_ok=True)


def _clear_away(path: Path, *, before: float) -> None:
    """Delete what makers of this file left behind that were killed."""
    ours = re.compile(rf"\.{re.escape(path.name)}\.[a-z0-9_]{{8}}")
    for other in path.parent.iterdir():
        if ours.fullmatch(other.name) and other.lstat().st_mtime < before:
            other.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
