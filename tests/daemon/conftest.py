"""A stand-in for the sources, and a folder that watches three papers at it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from daemon_world import Place

from citewatch.sandbox import Sandbox, World

DAY = 86_400
PAPERS = """
[watchlists.mine]
papers = [
  { key = "zoo-zeroth-order-2017", title = "ZOO: Zeroth Order Optimization", year = 2017, arxiv = "1708.03999" },
  { key = "ead-elastic-net-2018", title = "EAD: Elastic-Net Attacks", year = 2018, arxiv = "1709.04114" },
]
"""


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """A stand-in without limits whose world began ten days ago."""
    with Sandbox(World(time.time() - 10 * DAY), time.time, limits=False) as server:
        yield server


@pytest.fixture
def place(tmp_path: Path, box: Sandbox) -> Iterator[Place]:
    """A folder in which two sources are asked about two papers."""
    folder = tmp_path / "work"
    folder.mkdir()
    environ = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("CITEWATCH_", "S2_", "NOTIFY_", "WATCHDOG_"))
    }
    environ |= {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    sections = []
    for name in ("semantic_scholar", "arxiv", "openreview", "openalex", "crossref"):
        urls = "".join(f'{key} = "{url}"\n' for key, url in box.urls[name].items())
        on = str(name in ("semantic_scholar", "arxiv")).lower()
        sections.append(f'[sources.{name}]\nenabled = {on}\nmin_interval = "0s"\n{urls}')
    (folder / "config.toml").write_text("\n".join(sections) + PAPERS, encoding="utf-8")
    made = Place(folder, environ)
    yield made
    made.end()
