"""Which files have changed: looked at, not listened for, which works on every file system."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TypeAlias

Mark: TypeAlias = "tuple[int, int, int] | None"


def mark(path: Path) -> Mark:
    """What tells one state of a file from another; None where there is no file."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino


class Watched:
    """Files, each as it was when it was last taken notice of.

    A change counts when two looks in a row see the same: who saves is often half-way through.
    """

    def __init__(self) -> None:
        self._known: dict[Path, Mark] = {}
        self._seen: dict[Path, Mark] = {}

    def changed(self, paths: Collection[Path]) -> set[Path]:
        """Which of these have changed and settled; one that is new here is as it should be."""
        settled = set()
        for path in paths:
            now = mark(path)
            before = self._known.setdefault(path, now)
            if now == before:
                self._seen.pop(path, None)
            elif path in self._seen and self._seen[path] == now:
                del self._seen[path]
                self._known[path] = now
                settled.add(path)
            else:
                self._seen[path] = now
        for path in self._known.keys() - set(paths):
            del self._known[path]
            self._seen.pop(path, None)
        return settled
