"""Keeping: copies of the database, what is in them, and what comes back out of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from citewatch.domain.papers import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a sound database file holds."""

    path: Path
    bytes: int
    revision: str
    papers: int
    readings: int
    changes: int
    oldest_reading_at: Instant | None
    newest_reading_at: Instant | None
    """When a source last answered, or the newest reading that was read in from a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What a database holds that the one to replace it does not."""

    readings: int
    changes: int
    decisions: int
    """Identifiers that the user accepted or rejected."""
    since: Instant | None
    """The earliest of the readings and changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did."""

    contents: Contents
    """Of the backup."""
    aside: Path | None
    """Where the replaced database is now; None when there was none."""
    loss: Loss | None
    """None when there was nothing to lose, or when it could not be read."""
    settled: int | None
    """Milestones carried over, so that nobody hears of them twice; None: not readable."""


class Keeper(Protocol):
    """Makes copies of one database and looks into them."""

    @property
    def path(self) -> Path:
        """The database that is copied."""

    def copy_to(self, target: Path) -> Contents:
        """A sound copy, whole or not at all, while others read and write."""

    def contents(self, path: Path) -> Contents:
        """Look into a file, thoroughly. Raises `StoreError` when it is of no use."""

    def is_ours(self, path: Path) -> bool:
        """Whether a file is a citewatch database, sound or not."""

    def oldest_reading(self, path: Path) -> Instant | None:
        """How far a copy reaches back; None when it holds nothing or cannot be read."""

    def copies(self, folder: Path) -> list[Path]:
        """Files in a folder, in the order of their names; empty where there is none."""

    def make_folder(self, folder: Path) -> None:
        """Make a folder where there is none."""

    def delete(self, path: Path) -> None:
        """Delete a copy."""
