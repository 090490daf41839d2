"""A real process, really killed, while a real receiver has its message."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from citewatch.bootstrap import App
from citewatch.config import load_settings
from citewatch.domain.delivery import LEASE_S
from citewatch.domain.papers import Change, Kind
from citewatch.ports import Batch
from citewatch.services.deliver import Delivered, deliver_due
from citewatch.store import open_store
from fakes import FakeClock
from notify_server import serving

NOW = 1_790_000_000
CHILD = """
import asyncio, os, sys
from pathlib import Path
from citewatch.bootstrap import current_environment, open_app
from citewatch.services.deliver import deliver_due

class Still:
    time = staticmethod(lambda: float(sys.argv[2]))

folder = Path(sys.argv[1])
app = open_app(
    folder / "config.toml", None, environ=current_environment(), cwd=folder, user_folder=folder
)
app.clock = Still()
with app.delivering() as store:
    asyncio.run(deliver_due(app.post(store)))
"""
CONFIG = """[notify]
webhook_url_env = "HOOK"
feed = "feed.atom"
jsonl = "changes.jsonl"
"""


def test_killed_while_the_receiver_has_it_the_message_comes_again_under_its_key(
    tmp_path: Path,
) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    with serving() as server:
        environ = {"HOOK": server.url}
        settings = load_settings(tmp_path / "config.toml", environ=environ)
        clock = FakeClock(NOW)
        app = App(
            settings=settings, environ=environ, clock=clock, database_url=settings.database_url
        )

        def deliver() -> Delivered:
            with app.delivering() as store:
                return asyncio.run(deliver_due(app.post(store)))

        change = Change(kind=Kind.DROP, at=NOW, source="s2", text="fell")
        with closing(open_store(app.database_url, now=NOW)) as store:
            (row,) = store.apply(Batch(changes=[change]))
        pids: list[int] = []
        server.before = lambda: os.kill(pids[0], signal.SIGKILL)
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path), str(NOW)], env={**os.environ, **environ}
        )
        pids.append(child.pid)
        assert child.wait(60) == -signal.SIGKILL
        server.before = lambda: None
        assert deliver().channels["webhook"].waiting == 1, "the lease of the dead holds"
        clock.advance(LEASE_S)
        deliver()
        assert deliver().waiting == 0
        first, again = server.seen
    assert first.headers["Idempotency-Key"] == again.headers["Idempotency-Key"]
    assert first.body == again.body
    assert [c["id"] for c in json.loads(first.body)["changes"]] == [row.number]
    assert len((tmp_path / "changes.jsonl").read_text().splitlines()) == 1
    assert (tmp_path / "feed.atom").read_text().count("<entry>") == 1
