"""A report of three papers: one counted, one only listed, one with a hostile title."""

from __future__ import annotations

import pytest

from citewatch.services.report import build_report
from citewatch.services.reported import Report
from worlds import World, day, paper

HOSTILE = '=HYPERLINK("http://x") \\input{/etc/passwd} <script>&é%_#{'


@pytest.fixture
def report() -> Report:
    """437 and 7 citations on day 40; the second paper was never counted."""
    world = World(
        paper("zoo-zeroth-order-2017", "ZOO", "arxiv:1708.03999", year=2017, venue="AISec"),
        paper("never-asked-about-2020", "Never asked about", year=2020),
        paper("hyperlink-http-x", HOSTILE),
    )
    world.ask(day(40), {0: 437, 2: 7})
    return build_report(world.store, world.question(day(41), sort="list"))
