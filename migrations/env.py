"""Run migrations on the connection that the program hands over.

There is no alembic.ini and no address of a database here: the program opens it,
takes the copy of a file aside and passes ``connection`` (and, for comparisons, ``metadata``)
in ``config.attributes``.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

connection: Connection | None = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("migrations are run by the program: open the database with citewatch")


def foreign_keys(conn: Connection, state: str) -> None:
    """Switch enforcement; SQLite ignores the pragma inside a transaction, hence the raw cursor."""
    driver = conn.connection.driver_connection
    if driver is not None and conn.dialect.name == "sqlite":
        driver.execute(f"PRAGMA foreign_keys = {state}")


# A batch ALTER drops and remakes its table: with enforcement on, rows of the tables
# that refer to it with ON DELETE CASCADE would go with it.
foreign_keys(connection, "OFF")
try:
    # One transaction around everything: DDL is transactional in SQLite and PostgreSQL, so
    # an upgrade that fails leaves the database as it was.
    with connection.begin():
        context.configure(
            connection=connection,
            target_metadata=context.config.attributes.get("metadata"),
            render_as_batch=True,
            transactional_ddl=True,
            compare_server_default=True,
        )
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise RuntimeError(f"{len(broken)} rows refer to rows that are gone: {broken[:3]}")
finally:
    foreign_keys(connection, "ON")
