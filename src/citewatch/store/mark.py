"""How a SQLite file says that it is ours."""

from __future__ import annotations

APPLICATION_ID = 0x63697465
"""``cite`` in ASCII, in the file's header: this SQLite file is ours."""
