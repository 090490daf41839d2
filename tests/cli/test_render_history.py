"""One paper's counts over time as people and programs read them, whole."""

from __future__ import annotations

import io
import json

from rich.cells import cell_len
from rich.console import Console

from citewatch.cli.render.history import history_csv, history_json
from citewatch.cli.render.history_table import history_table
from citewatch.services.log import PaperHistory, paper_history
from worlds import HELD, MISSING, Reading, World, day, paper


def history() -> PaperHistory:
    world = World(paper("zoo-2017", "ZOO [i]and\x1b[31m more[/i]"))
    readings: list[Reading] = [98, 98, 101, (HELD, 4000), 103, 102, MISSING]
    for number, said in enumerate(readings):
        world.ask(day(number), {0: said})
    for number, count in enumerate((40, 40, 45)):
        world.ask(day(3 + number), {0: count}, source="=cmd")
    return paper_history(world.store, world.store.papers()[0])


def printed(told: PaperHistory, **console: object) -> list[str]:
    out = io.StringIO()
    history_table(told, Console(file=out, **console))  # type: ignore[arg-type]
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_the_history_source_by_source() -> None:
    assert printed(history()) == [
        "ZOO [i]and more[/i] (zoo-2017)",
        "",
        "=cmd: 45 citations, highest 45, confirmed 2025-01-06 00:00 UTC",
        "                        ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁█",
        "since (UTC)       cited  change  status",
        "───────────────────────────────────────",
        "2025-01-04 00:00     40          ok",
        "2025-01-06 00:00     45      +5  ok",
        "",
        "semantic_scholar: 102 citations, highest 103, confirmed 2025-01-06 00:00 UTC",
        "▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅███████▇",
        "since (UTC)       cited  change  status",
        "────────────────────────────────────────",
        "2025-01-01 00:00     98          ok",
        "2025-01-03 00:00    101      +3  ok",
        "2025-01-04 00:00   4000          held",
        "2025-01-05 00:00    103      +2  ok",
        "2025-01-06 00:00    102      -1  ok",
        "2025-01-07 00:00      –          missing",
    ]


def test_no_line_of_a_history_is_wider_than_a_hundred_columns() -> None:
    assert max(cell_len(line) for line in printed(history(), width=300)) <= 100


def test_a_history_without_counts_says_so() -> None:
    told = PaperHistory(key="zoo-2017", title="ZOO", series=())
    assert printed(told) == ["ZOO (zoo-2017)", "No counts yet."]


def test_the_history_as_json() -> None:
    out = io.StringIO()
    history_json(history(), out)
    assert json.loads(out.getvalue()) == {
        "paper": "zoo-2017",
        "title": "ZOO [i]and more[/i]",
        "series": {
            "=cmd": [
                {"at": "2025-01-04T00:00:00Z", "citations": 40, "status": "ok"},
                {"at": "2025-01-06T00:00:00Z", "citations": 45, "status": "ok"},
            ],
            "semantic_scholar": [
                {"at": "2025-01-01T00:00:00Z", "citations": 98, "status": "ok"},
                {"at": "2025-01-03T00:00:00Z", "citations": 101, "status": "ok"},
                {"at": "2025-01-04T00:00:00Z", "citations": 4000, "status": "held"},
                {"at": "2025-01-05T00:00:00Z", "citations": 103, "status": "ok"},
                {"at": "2025-01-06T00:00:00Z", "citations": 102, "status": "ok"},
                {"at": "2025-01-07T00:00:00Z", "status": "missing"},
            ],
        },
        "observed_at": {
            "=cmd": "2025-01-06T00:00:00Z",
            "semantic_scholar": "2025-01-06T00:00:00Z",
        },
    }


def test_the_history_as_csv() -> None:
    out = io.StringIO()
    history_csv(history(), out)
    assert out.getvalue().splitlines() == [
        "at,source,citations,influential,status,reconstructed",
        "2025-01-04T00:00:00Z,'=cmd,40,,ok,",
        "2025-01-06T00:00:00Z,'=cmd,45,,ok,",
        "2025-01-01T00:00:00Z,semantic_scholar,98,,ok,",
        "2025-01-03T00:00:00Z,semantic_scholar,101,,ok,",
        "2025-01-04T00:00:00Z,semantic_scholar,4000,,held,",
        "2025-01-05T00:00:00Z,semantic_scholar,103,,ok,",
        "2025-01-06T00:00:00Z,semantic_scholar,102,,ok,",
        "2025-01-07T00:00:00Z,semantic_scholar,,,missing,",
    ]
