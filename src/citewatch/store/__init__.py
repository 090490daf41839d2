"""The memory of citewatch: a SQLite file, or a PostgreSQL server, behind `citewatch.ports.Store`.

The only users of SQLModel, SQLAlchemy and Alembic; rows never leave.
"""

from citewatch.store.copies import FileKeeper, is_ours, look_into, write_copy
from citewatch.store.inspection import FileState, inspect_file
from citewatch.store.lock import DAEMON, writer_lock
from citewatch.store.opening import Guard, database_path, hold, open_store
from citewatch.store.restoring import restore
from citewatch.store.sqlstore import SqlStore

__all__ = [
    "DAEMON",
    "FileKeeper",
    "FileState",
    "Guard",
    "SqlStore",
    "database_path",
    "hold",
    "inspect_file",
    "is_ours",
    "look_into",
    "open_store",
    "restore",
    "write_copy",
    "writer_lock",
]
