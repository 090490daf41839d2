"""Files that others read while we write them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


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
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(mode)
        Path(beside).replace(path)
    finally:
        Path(beside).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
