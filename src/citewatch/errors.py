"""Every error that citewatch raises on purpose.

::

    CitewatchError
    ├── InputError            the user's words or files; nothing was changed        exit 2
    │   ├── ConfigError       config.toml: every problem at once, each with its line
    │   ├── ListError         a publication list that cannot be read
    │   ├── HistoryFileError  a history file with bad lines
    │   └── UnknownPaper      no paper, or several, answer to these words
    └── StoreError            the database                                          exit 2
        ├── NotOurs           a file that is not a citewatch database
        ├── TooNew            written by a newer citewatch
        ├── ReadOnly          the file or its folder cannot be written
        ├── Busy              another process holds it
        ├── Lost              the lock that let us write is gone: another may write now
        └── Full              no room on the disk; what was committed is safe

Outcomes of questions to a source are not errors: they are values (`domain.papers`).
Errors carry facts; only ``cli`` prints them.
"""

from __future__ import annotations

from collections.abc import Sequence


class CitewatchError(Exception):
    """Something the user can be told in one message.

    ``problem`` says what is wrong and where, ``remedy`` what to do about it.
    """

    exit_code = 2

    def __init__(self, problem: str, *, remedy: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem}\n{self.remedy}" if self.remedy else self.problem


class InputError(CitewatchError):
    """The command line or a file given on it is wrong; nothing was changed."""


class ConfigError(InputError):
    """config.toml has mistakes: all of them, in the order of their lines."""

    def __init__(self, path: str, problems: Sequence[str]) -> None:
        self.path = path
        self.problems = tuple(problems)
        count = len(self.problems)
        head = f"{path}: {count} problem{'s' if count != 1 else ''}; nothing was run"
        super().__init__("\n".join([head, *(f"  {p}" for p in self.problems)]))


class ListError(InputError):
    """A publication list that cannot be read, or that holds no paper."""


class HistoryFileError(InputError):
    """A file for import-history with lines that cannot be used."""

    def __init__(self, path: str, problems: Sequence[str], *, remedy: str = "") -> None:
        self.path = path
        self.problems = tuple(problems)
        shown = [f"  {p}" for p in self.problems[:20]]
        if len(self.problems) > len(shown):
            shown.append(f"  … and {len(self.problems) - len(shown)} more")
        head = f"{path}: {len(self.problems)} bad line(s); nothing was stored"
        super().__init__("\n".join([head, *shown]), remedy=remedy)


class UnknownPaper(InputError):
    """No watched paper, or more than one, answers to these words."""

    def __init__(self, words: str, matches: Sequence[str] = ()) -> None:
        self.words = words
        self.matches = tuple(matches)
        if self.matches:
            shown = ", ".join(self.matches[:8])
            super().__init__(
                f"{words!r} could be {len(self.matches)} papers: {shown}",
                remedy="give the key, an identifier or a longer piece of the title",
            )
        else:
            super().__init__(
                f"no watched paper answers to {words!r}",
                remedy="'citewatch list' shows the keys of all watched papers",
            )


class StoreError(CitewatchError):
    """The database cannot be used as asked."""


class NotOurs(StoreError):
    """The file exists and is not a citewatch database."""


class TooNew(StoreError):
    """The database was written by a newer citewatch."""


class ReadOnly(StoreError):
    """The database file or its folder cannot be written."""


class Busy(StoreError):
    """Another process is writing to this database: ``who`` (its command) and ``process``."""

    def __init__(
        self, problem: str, *, remedy: str = "", who: str = "", process: int | None = None
    ) -> None:
        super().__init__(problem, remedy=remedy)
        self.who = who
        self.process = process


class Lost(StoreError):
    """The lock on a server's database went with its connection; nothing may be written."""


class Full(StoreError):
    """The disk is full; what was committed before is safe."""
