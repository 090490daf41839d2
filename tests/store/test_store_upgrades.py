"""The schema and its migrations."""

from __future__ import annotations

import ast
import resource
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import event
from store_samples import S2, Nobody, Opener, keep, one_series, reading

from citewatch.domain.papers import Pending, Rise, Stand
from citewatch.errors import Busy, Full, ReadOnly, StoreError
from citewatch.ports import ChangeFilter
from citewatch.store import migrate
from citewatch.store.engine import make_engine
from citewatch.store.tables import VIEWS, Row

SCRIPTS = migrate.scripts_folder()
NEWEST = tuple(migrate.revisions(SCRIPTS))[-1]

NEXT = """
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "{newest}"

def upgrade():
    with op.batch_alter_table("paper") as batch:
        batch.add_column(sa.Column("colour", sa.Text(), nullable=False, server_default="red"))
    {then}
"""


def later_scripts(folder: Path, *, then: str = "pass") -> Path:
    """The migrations of a next release, with one that remakes the table of papers."""
    scripts = folder / "migrations"
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    script = NEXT.format(then=then, newest=NEWEST)
    (scripts / "versions" / "9999_colour.py").write_text(script)
    return scripts


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as plain:
        return plain.execute(query).fetchall()


def fill(opened: Opener) -> None:
    with closing(opened()) as store:
        held = one_series(store)
        keep(store, held.series, reading(1, 5))


def copies(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*.before-*"))


def test_an_old_database_is_upgraded_by_opening_it(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    fill(opened)
    store = opened(scripts=later_scripts(tmp_path))
    assert rows(path, "SELECT colour FROM paper") == [("red",)]
    assert rows(path, "SELECT version_num FROM alembic_version") == [("9999",)]
    assert len(store.histories()[0].snapshots) == 1


def test_a_copy_of_the_old_database_is_kept_and_can_be_opened(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    fill(opened)
    opened(scripts=later_scripts(tmp_path))
    (copy,) = copies(path)
    assert copy.name == f"citewatch.before-{NEWEST}-20260921T141320Z.db"
    assert len(opened(copy).papers()) == 1


def test_a_copy_never_takes_the_place_of_another(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    fill(opened)
    other = path.with_name(f"citewatch.before-{NEWEST}-20260921T141320Z.db")
    other.write_text("mine")
    opened(scripts=later_scripts(tmp_path))
    assert other.read_text() == "mine"
    assert len(copies(path)) == 2


def test_a_database_that_is_up_to_date_is_not_copied(path: Path, opened: Opener) -> None:
    fill(opened)
    opened()
    assert copies(path) == []


def test_reading_only_upgrades_an_old_database_first(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    fill(opened)
    store = opened(scripts=later_scripts(tmp_path), read_only=True)
    assert len(store.papers()) == 1
    assert rows(path, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_beside_a_daemon_of_an_older_version_nothing_is_upgraded(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    fill(opened)
    with pytest.raises(Busy, match="older citewatch"):
        opened(scripts=later_scripts(tmp_path), upgrade=False)
    assert rows(path, "SELECT version_num FROM alembic_version") == [(NEWEST,)]


def test_an_old_database_that_cannot_be_written_is_not_read(
    open_folder: Path, opened: Opener, nobody: Nobody
) -> None:
    path = open_folder / "c.db"
    opened(path).close()
    scripts = later_scripts(open_folder)
    with nobody(), pytest.raises(ReadOnly):
        opened(path, scripts=scripts, read_only=True)
    assert {p.name for p in open_folder.iterdir()} == {"c.db", "migrations"}


def test_an_upgrade_that_fails_half_way_leaves_the_old_database(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    fill(opened)
    before = path.read_bytes()
    broken = later_scripts(tmp_path, then='raise ValueError("power cut")')
    with pytest.raises(StoreError, match="power cut") as caught:
        opened(scripts=broken)
    assert "nothing was changed" in caught.value.remedy
    assert path.read_bytes() == before
    assert copies(path) == []
    assert len(opened().papers()) == 1


def test_an_upgrade_that_breaks_a_reference_is_taken_back(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    fill(opened)
    broken = later_scripts(tmp_path, then='op.execute("DELETE FROM paper")')
    with pytest.raises(StoreError, match="refer to rows that are gone"):
        opened(scripts=broken)
    assert len(opened().papers()) == 1


def test_an_upgrade_waits_for_no_one_for_long(path: Path, opened: Opener, tmp_path: Path) -> None:
    fill(opened)
    scripts = later_scripts(tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy):
            opened(scripts=scripts, busy_ms=20)
    assert copies(path) == []


def test_a_full_disk_during_an_upgrade_leaves_the_old_database(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    fill(opened)
    full = later_scripts(
        tmp_path,
        then='op.execute("PRAGMA max_page_count = 1")\n'
        '    op.execute("CREATE TABLE much AS SELECT randomblob(100000) AS x")',
    )
    with pytest.raises(Full):
        opened(scripts=full)
    assert copies(path) == []
    assert len(opened().papers()) == 1


def test_a_full_disk_during_the_copy_leaves_the_old_database(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    fill(opened)
    before = path.read_bytes()
    scripts = later_scripts(tmp_path)
    names = {p.name for p in tmp_path.iterdir()}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(Full):
            opened(scripts=scripts)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    assert {p.name for p in tmp_path.iterdir()} == names
    assert len(opened().papers()) == 1


def test_a_damaged_database_is_not_upgraded(path: Path, opened: Opener, tmp_path: Path) -> None:
    with closing(opened()) as store:
        keep(store, one_series(store).series, *(reading(at, at) for at in range(5000)))
    whole = path.read_bytes()
    half = len(whole) // 2
    path.write_bytes(whole[:half] + b"\xee" * half)
    with pytest.raises(StoreError, match="damaged"):
        opened(scripts=later_scripts(tmp_path))
    assert copies(path) == []
    assert path.read_bytes()[half:] == b"\xee" * half


def test_of_the_copies_of_earlier_upgrades_three_stay(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    fill(opened)
    for name in ("0002-20250101T000000Z", "0001-20260101T000000Z", "0001-20240101T000000Z"):
        path.with_name(f"citewatch.before-{name}.db").write_text("a copy")
    restored = path.with_name("citewatch.before-restore-20200101T000000Z.db")
    restored.write_text("put aside by the user's own act")
    opened(scripts=later_scripts(tmp_path))
    assert [copy.name for copy in copies(path)] == [
        "citewatch.before-0001-20260101T000000Z.db",
        "citewatch.before-0002-20250101T000000Z.db",
        f"citewatch.before-{NEWEST}-20260921T141320Z.db",
        restored.name,
    ]


def test_the_migrations_give_what_the_tables_say(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    opened()
    drawn = tmp_path / "drawn.db"
    drawn.touch()
    engine = make_engine(drawn, immediate=True)
    with engine.begin() as connection:
        Row.metadata.create_all(connection)
        for view in VIEWS.values():
            connection.exec_driver_sql(view)
    engine.dispose()
    assert schema(path) == schema(drawn)


def schema(path: Path) -> dict[str, object]:
    """Every table, index and view: its words in order, a table's columns in any order.

    A column that was added later stands behind the constraints in SQLite's own text.
    """
    found: dict[str, object] = {}
    for name, kind, sql in rows(path, "SELECT name, type, sql FROM sqlite_master"):
        if sql is None or name in ("alembic_version", "sqlite_sequence"):
            continue
        found[f"{kind} {name}"] = sorted(elements(str(sql)))
        if kind == "table":
            found[f"columns of {name}"] = rows(path, f"PRAGMA table_xinfo({name})")
            found[f"options of {name}"] = rows(path, f"PRAGMA table_list({name})")
            found[f"references of {name}"] = rows(path, f"PRAGMA foreign_key_list({name})")
    return found


def elements(sql: str) -> list[str]:
    """The parts of a statement between commas that no bracket encloses, its own aside."""
    head, bracket, rest = sql.partition("(")
    body, _, tail = rest.rpartition(")")
    parts, depth = [""], 0
    for letter in body:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [" ".join(part.split()) for part in (head + bracket, *parts, tail)]


def test_alembic_finds_nothing_to_do(path: Path, opened: Opener) -> None:
    opened().close()
    engine = make_engine(path, immediate=True)
    try:
        with engine.connect() as connection:
            config = Config()
            config.set_main_option("script_location", str(SCRIPTS))
            config.attributes.update(connection=connection, metadata=Row.metadata)
            command.check(config)
    finally:
        engine.dispose()


def scripts_until(folder: Path, revision: str) -> Path:
    """The migrations as a release had them that knew none after ``revision``."""
    scripts = folder / f"until-{revision}"
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (scripts / "versions").glob("*.py"):
        if file.name.partition("_")[0] > revision:
            file.unlink()
    return scripts


def test_what_was_announced_before_the_judge_kept_book_of_it_still_stands(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    opened(scripts=scripts_until(tmp_path, "0002")).close()
    with closing(sqlite3.connect(path)) as plain:
        plain.executescript("""
            INSERT INTO paper VALUES (1, 'zoo-2017', 'ZOO', 2017, '[]', '', NULL, 1, 0, 1);
            INSERT INTO track (id, paper_id, source, status, citation_count, confirmed_high,
                               answered_at, rises, pending)
            VALUES (1, 1, 's2', 'held', 214, 220, 9, '[[5, 214, 2, 210]]', '[9, 0, 1, 0, 0]'),
                   (2, 1, 'crossref', 'ok', 30, NULL, 9, NULL, NULL);
            INSERT INTO change (at, kind, paper_id, source, threshold, text, imported)
            VALUES (7, 'milestone', 1, 's2', 200, '', 0), (5, 'milestone', 1, 's2', 100, '', 0);
        """)
    with closing(opened()) as store:
        (held,) = store.helds("s2", [1])
        (other,) = store.helds("crossref", [1])
    assert (held.firm, held.stands) == (214, (Stand(100), Stand(200)))
    assert held.rises == (Rise(5, 214, 2, 210),)
    assert held.pending == Pending(9, 0, 1, 0)
    assert (other.firm, other.stands) == (30, ())


def test_counts_lie_in_a_strict_table_without_rowids(path: Path, opened: Opener) -> None:
    opened()
    (row,) = rows(path, "PRAGMA table_list(snapshot)")
    assert row[4:6] == (1, 1)


def test_file_names_tell_the_revisions_in_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    walked = [s.revision for s in ScriptDirectory.from_config(config).walk_revisions()]
    assert list(migrate.revisions(SCRIPTS)) == walked[::-1]


def test_a_folder_without_migrations_is_an_installation_fault(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no migrations"):
        migrate.revisions(tmp_path)


@pytest.mark.parametrize("file", sorted((SCRIPTS / "versions").glob("*.py")), ids=lambda p: p.stem)
def test_a_migration_is_frozen(file: Path) -> None:
    """It must mean the same for ever, so it may not lean on code that changes."""
    roots = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            roots.add((node.module or "").partition(".")[0])
    assert roots - sys.stdlib_module_names <= {"alembic", "sqlalchemy"}


def test_every_index_is_used_by_the_query_it_is_named_for(path: Path, opened: Opener) -> None:
    store = opened()
    seen: list[str] = []
    event.listen(
        store._database._engine,
        "before_cursor_execute",
        lambda _c, _cur, sql, *_rest: seen.append(sql),
    )
    held = one_series(store)
    store.due(S2, now=1)
    store.histories(papers=[held.paper])
    store.runs(source=S2)
    store.runs(since=1)
    store.changes(ChangeFilter(since=1, until=2))
    store.changes(ChangeFilter(papers=[held.paper]))
    plans = ""
    with closing(sqlite3.connect(path)) as plain:
        for sql in seen:
            if sql.lstrip().startswith("SELECT"):
                values = [None] * sql.count("?")
                plans += str(plain.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall())
    for index in (
        "track_due",
        "track_of_paper",
        "run_of_source",
        "run_by_time",
        "change_by_time",
        "change_of_paper",
    ):
        assert index in plans
