"""What is a server's alone: opening, refusals, what errors say, one writer and its end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from store_samples import NOW, S2, keep, milestone, one_series, paper, reading
from test_store_concurrency import VIEWS, WRITER

from citewatch.config import database_password
from citewatch.domain.papers import Change, Held, Kind, Status
from citewatch.errors import (
    Busy,
    InputError,
    Lost,
    NotOurs,
    ReadOnly,
    StoreError,
    TooNew,
)
from citewatch.ports import Batch
from citewatch.store import DAEMON, SqlStore, hold, open_store
from citewatch.store.dialect import for_postgresql
from citewatch.store.leading import lead_holder
from citewatch.store.migrate import revisions, scripts_folder
from citewatch.store.postgres import shown
from citewatch.store.serving import inspect_server, open_server
from citewatch.store.tables import Row
from servers import FreshServer, Server

NEWEST = revisions(scripts_folder())[-1]
FAR = 4_102_444_800
"""The year 2100, which 32 bits do not reach."""


@pytest.fixture
def url(postgres: Server) -> str:
    return postgres.emptied()


@contextmanager
def using(url: str, **options: object) -> Iterator[SqlStore]:
    with closing(open_store(url, now=NOW, **options)) as store:  # type: ignore[arg-type]
        yield store


# --- statements -------------------------------------------------------------------


def test_statements_become_the_server_s_own() -> None:
    assert for_postgresql("a = ? AND b LIKE 'x%'") == "a = %s AND b LIKE 'x%%'"
    assert "json_each" not in for_postgresql("SELECT n.value FROM json_each(?) n")


# --- opening ----------------------------------------------------------------------


def test_a_new_database_is_made_and_found_again(server: FreshServer, postgres: Server) -> None:
    url = server()
    with using(url, read_only=True) as store:
        assert store.papers() == [], "an empty one, in memory"
    assert postgres.ask("SELECT count(*) FROM pg_class WHERE relname = 'paper'", url) == [(0,)]
    with using(url) as store:
        one_series(store)
    with using(url, read_only=True) as store:
        assert len(store.papers()) == 1
        with pytest.raises(ReadOnly, match="reading only"):
            store.remember("a", "b")
    with using(url.replace("postgresql:", "postgresql+psycopg:")) as store:
        assert len(store.papers()) == 1


def test_two_processes_make_it_together_and_lose_nothing(server: FreshServer) -> None:
    url = server()
    command = [sys.executable, "-c", WRITER, url]
    with (
        subprocess.Popen([*command, "a"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as one,
        subprocess.Popen([*command, "b"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as two,
    ):
        for process in (one, two):
            assert process.stdout
            assert process.stdout.readline() == b"ready\n"
        for process in (one, two):
            process.communicate(b"\n")
            assert process.returncode == 0
    with using(url) as store:
        assert store.gate("shared").load().strikes == 200
        assert len({c.number for c in store.changes()}) == 200


def test_the_migrations_give_what_the_tables_say(url: str, server: FreshServer) -> None:
    from sqlalchemy import inspect

    from citewatch.store.postgres import make_engine

    drawn = make_engine(server())
    with drawn.begin() as connection:
        Row.metadata.create_all(connection)
    made = make_engine(url)
    for table in Row.metadata.tables:
        both = []
        for engine in (made, drawn):
            looked = inspect(engine)
            columns = {
                c["name"]: (type(c["type"]).__name__, c["nullable"])
                for c in looked.get_columns(table)
                if c["name"] != "rowid"  # SQLite has one without being told
            }
            indexes = {
                (i["name"], tuple(i["column_names"]), i["unique"], str(i["dialect_options"]))
                for i in looked.get_indexes(table)
            }
            both.append((columns, indexes, looked.get_pk_constraint(table)["constrained_columns"]))
        assert both[0] == both[1]
    for engine in (made, drawn):
        engine.dispose()


def test_an_older_schema_is_upgraded_by_whoever_may(server: FreshServer, tmp_path: Path) -> None:
    url = server()
    with using(url) as store:
        one_series(store)
    later = tmp_path / "later"
    shutil.copytree(scripts_folder(), later, ignore=shutil.ignore_patterns("__pycache__"))
    new = later / "versions" / "9000_new.py"
    new.write_text(
        f'from alembic import op\nrevision, down_revision = "9000", "{NEWEST}"\n'
        'def upgrade():\n    op.execute("CREATE TABLE more (x INT)")\n    op.execute("nonsense")\n'
    )
    with pytest.raises(Busy, match="older citewatch"):
        open_server(url, now=NOW, scripts=later, upgrade=False)
    with hold(url, now=NOW, who=DAEMON), pytest.raises(Busy, match="'citewatch run'"):
        open_server(url, now=NOW, scripts=later)  # under the daemon's feet
    with pytest.raises(StoreError, match="nonsense"):
        open_server(url, now=NOW, scripts=later)
    with using(url) as store:
        assert len(store.papers()) == 1, "all of it or nothing"
    new.write_text(new.read_text().replace('    op.execute("nonsense")\n', ""))
    open_server(url, now=NOW, scripts=later).close()
    with pytest.raises(TooNew, match="9000"):
        open_store(url, now=NOW)


def test_a_schema_of_another_program_is_left_alone(server: FreshServer, postgres: Server) -> None:
    url = server()
    postgres.ask("CREATE TABLE paper (weight INT)", url)
    with pytest.raises(NotOurs, match=r"'public' has tables of another program \(paper\)"):
        open_store(url, now=NOW)
    postgres.ask("CREATE SCHEMA ours", url)
    with using(f"{url}?options=-csearch_path%3Dours") as store:
        one_series(store)
    assert postgres.ask("SELECT count(*) FROM ours.track", url) == [(1,)]


# --- what is kept -----------------------------------------------------------------


@pytest.mark.parametrize("view", list(VIEWS))
def test_people_with_psql_can_read_it(url: str, view: str, postgres: Server) -> None:
    with using(url) as store:
        held = one_series(store)
        news = Change(kind=Kind.VERSION, at=NOW + 1, source="arxiv", text="new", old="v1", new="v2")
        store.apply(
            Batch(
                helds=[replace(held, citation_count=101, counted_at=NOW, status=Status.OK)],
                snapshots=[
                    (held.series, reading(NOW - 1, None, status=Status.MISSING)),
                    (held.series, reading(NOW, 101, influential_count=7)),
                    (held.series, reading(NOW + 1, 900, 101, status=Status.HELD)),
                ],
                changes=[milestone(held.paper), news],
            )
        )
    found = postgres.ask(f"SELECT * FROM {view} ORDER BY 1, 3", url)
    assert [tuple(map(str, row)) for row in found] == [tuple(map(str, r)) for r in VIEWS[view]]


def test_a_word_with_a_zero_byte_does_not_break_the_view(url: str, postgres: Server) -> None:
    with using(url) as store:
        news = Change(kind=Kind.VERSION, at=1, source="a", text="t", old="v\0", new='"\\u0000')
        (logged,) = store.apply(Batch(changes=[news]))
        assert store.changes()[0].change.old == "v\0"
    assert len(postgres.ask("SELECT old, new FROM changes", url)) == 1
    assert logged.number == 1


def test_times_after_2038_and_numbers_that_do_not_fit(url: str) -> None:
    with using(url) as store:
        held = one_series(store)
        store.apply(Batch(helds=[replace(held, next_check_at=FAR)]))
        store.gate(S2).sent(float(FAR))
        keep(store, held.series, reading(FAR, 3_000_000_000))
        assert store.helds(S2, [held.paper])[0].next_check_at == FAR
        assert store.gate(S2).load().last_request_at == FAR
        assert store.runs(since=FAR) == []
        with pytest.raises(StoreError, match="does not fit"):
            keep(store, held.series, reading(1, 2**70))


# --- one writer -------------------------------------------------------------------

HOLDER = """
import sys
from citewatch.store import hold
with hold(sys.argv[1], now=1_790_000_000, who="citewatch run"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that leads."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_second_process_is_told_who_leads_until_that_is_killed(
    url: str, holder: subprocess.Popen[bytes]
) -> None:
    with pytest.raises(Busy) as caught, hold(url, now=NOW, who="citewatch sync"):
        pass
    assert f"'citewatch run' (process {holder.pid} on " in caught.value.problem
    assert socket.gethostname()[:10] in caught.value.problem
    assert "since 2026-09-21T14:13:20Z" in caught.value.problem
    assert (caught.value.who, caught.value.process) == (DAEMON, holder.pid)
    assert lead_holder(url) == DAEMON
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    for _ in range(50):
        if not lead_holder(url):
            break
    with hold(url, now=NOW, who="citewatch sync") as guard:
        guard()
        assert lead_holder(url) == "citewatch sync"
    assert lead_holder(url) == ""


def test_who_has_lost_the_lead_writes_nothing_more(url: str, postgres: Server) -> None:
    with hold(url, now=NOW, who=DAEMON) as guard, using(url, guard=guard) as store:
        held = one_series(store)
        postgres.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE application_name LIKE 'citewatch run/{os.getpid()}/%'"
        )
        with hold(url, now=NOW, who="another"), using(url) as other:
            with pytest.raises(Lost, match="nothing more is written"):
                keep(store, held.series, reading(1, 1))
            with pytest.raises(Lost):
                guard()
            assert other.histories()[0].snapshots == ()
            assert len(store.papers()) == 1, "it may still look"


def test_a_new_leader_waits_for_the_last_words_of_the_old_one(url: str) -> None:
    impatient = f"{url}?options=-clock_timeout%3D100ms"
    with using(impatient) as store, psycopg.connect(url) as old:
        one_series(store)
        old.execute("SELECT pg_advisory_xact_lock(1667855462, hashtext(current_schema()))")
        with (
            pytest.raises(Busy, match="locked"),
            hold(impatient, now=1, who="n"),
        ):
            pass
        with pytest.raises(Busy, match="locked"):
            store.remember("a", "b")


def test_each_schema_has_a_leader_of_its_own(url: str, postgres: Server) -> None:
    postgres.ask("CREATE SCHEMA IF NOT EXISTS second", url)
    other = f"{url}?options=-csearch_path%3Dsecond"
    with hold(url, now=NOW, who="one"), hold(other, now=NOW, who="two"):
        assert (lead_holder(url), lead_holder(other)) == ("one", "two")
    postgres.ask("DROP SCHEMA second", url)


# --- what errors say --------------------------------------------------------------


def problem(url: str) -> StoreError:
    with pytest.raises(StoreError) as caught:
        open_store(url, now=NOW)
    assert "geheim" not in str(caught.value)
    return caught.value


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port = line.getsockname()[1]
    error = problem(f"postgresql://me:geheim@127.0.0.1:{port}/x?sslmode=prefer")
    assert str(error).startswith(f"postgresql://127.0.0.1:{port}/x cannot be reached: ")
    assert "server runs" in error.remedy


def test_a_database_that_is_not_there(postgres: Server) -> None:
    error = problem(f"{postgres.url.rpartition('/')[0]}/absent")
    assert 'database "absent" does not exist' in error.problem
    assert "createdb" in error.remedy


def test_a_user_who_is_not_let_in(postgres: Server) -> None:
    error = problem(postgres.url.replace("citewatch@", "nobody:geheim@"))
    assert "nobody" in error.problem


def test_a_wrong_password(postgres: Server) -> None:
    postgres.ask("DROP ROLE IF EXISTS citewatch_locked")
    postgres.ask("CREATE ROLE citewatch_locked LOGIN PASSWORD 'right'")
    url = postgres.url.replace("citewatch@", "citewatch_locked:geheim@")
    try:
        if not inspect_server(url).problem:
            pytest.skip("this server asks for no password")
        error = problem(url)
        assert "password authentication failed" in error.problem
        assert "~/.pgpass" in error.remedy
    finally:
        postgres.ask("DROP ROLE citewatch_locked")


def test_what_is_shown_of_an_address_is_no_secret() -> None:
    secret = "postgresql://me:ge@db/x?password=a@b"
    assert shown(secret) == "postgresql://db/x"
    assert database_password(secret) == {"ge", "a@b"}
    assert database_password("sqlite:////home/me:x@y.db") == frozenset()


def test_a_url_that_cannot_be_read_is_not_repeated() -> None:
    with pytest.raises(InputError) as caught:
        open_store("postgresql://me:gehe/im@host:abc/x", now=NOW)
    assert "gehe" not in str(caught.value)
    assert "%2F" in caught.value.remedy


def test_a_user_without_rights(server: FreshServer, postgres: Server) -> None:
    url = server()
    postgres.ask("DROP ROLE IF EXISTS citewatch_guest")
    postgres.ask("CREATE ROLE citewatch_guest LOGIN")
    guest = url.replace("citewatch@", "citewatch_guest@")
    try:
        error = problem(guest)
        assert isinstance(error, ReadOnly)
        assert "no permission" in error.problem
        assert "GRANT" in error.remedy
    finally:
        postgres.ask("DROP ROLE citewatch_guest")


def test_texts_that_are_not_utf_8(server: FreshServer) -> None:
    url = server("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    assert "--encoding=UTF8" in problem(url).remedy


def test_a_connection_that_is_lost_in_the_middle(url: str, postgres: Server) -> None:
    with using(url) as store:
        held: Held = one_series(store)
        name = url.rpartition("/")[2]
        postgres.ask(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' "
            "AND pid <> pg_backend_pid()"
        )
        with pytest.raises(StoreError, match="connection was lost") as caught:
            store.papers()
        assert "stored before is safe" in caught.value.remedy
        keep(store, held.series, reading(1, 1))
        assert len(store.papers()) == 1, "the next one is made anew"


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InputError, match="psycopg") as caught:
        open_store("postgresql://host/x", now=NOW)
    assert "citewatch[postgres]" in caught.value.remedy


def test_a_file_needs_no_driver() -> None:
    code = "import sys, citewatch.store, citewatch.bootstrap; sys.exit('psycopg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- the doctor -------------------------------------------------------------------


def test_a_look_at_the_server(url: str, server: FreshServer) -> None:
    with using(url) as store:
        store.add_papers([paper("p")], now=NOW)
        store.apply(Batch(changes=[milestone(None, at=NOW)]))
    state = inspect_server(url)
    assert (state.exists, state.revision, state.problem) == (True, NEWEST, "")
    assert state.bytes > 1_000_000
    assert state.newest_answer_at == NOW
    assert inspect_server(server()).exists is False
    assert "cannot be reached" in inspect_server(f"{url}x").problem
