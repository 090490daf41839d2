"""The log of changes as people and programs read it, whole."""

from __future__ import annotations

import io
import json

from rich.cells import cell_len
from rich.console import Console

from citewatch.cli.render.changes import changes_csv, changes_json, changes_markdown
from citewatch.cli.render.changes_table import changes_table
from citewatch.domain.papers import Change, Kind
from citewatch.ports import Batch, LoggedChange
from citewatch.services.log import find_changes
from worlds import World, day, paper


def log() -> list[LoggedChange]:
    world = World(
        paper("zoo-zeroth-order-2017", "ZOO: Zeroth Order Optimization based Black-box Attacks"),
        paper("b", "[red]=Pipes | \x1b[31mand\x1b[0m more[/red]"),
    )
    world.store.apply(
        Batch(
            changes=[
                Change(
                    kind=Kind.MILESTONE,
                    at=day(3),
                    source="semantic_scholar",
                    paper=1,
                    text="reached 100+ citations on Semantic Scholar (101 now)",
                    old=98,
                    new=101,
                    threshold=100,
                    first_seen_at=day(0),
                ),
                Change(
                    kind=Kind.RETITLED,
                    at=day(3.25),
                    source="arxiv",
                    paper=2,
                    text="arXiv calls it =new\nnow",
                    old="old",
                    new="=new\x1b[1m",
                ),
                Change(
                    kind=Kind.SOURCE_DOWN,
                    at=day(4),
                    source="openalex",
                    text="OpenAlex has not answered since 2025-01-01 00:00 UTC (http_500)",
                ),
            ]
        )
    )
    return find_changes(world.store)


def printed(changes: list[LoggedChange], **console: object) -> list[str]:
    out = io.StringIO()
    changes_table(changes, Console(file=out, **console))  # type: ignore[arg-type]
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_the_log_by_day() -> None:
    assert printed(log(), width=80) == [
        "2025-01-04",
        "#1  00:00  milestone    ZOO: Zeroth Order Optimization base…  reached 100+ citations on Semantic",
        "                                                              Scholar (101 now)",
        "#2  06:00  retitled     [red]=Pipes | and more[/red]          arXiv calls it =new now",
        "2025-01-05",
        "#3  00:00  source down  openalex                              OpenAlex has not answered since",
        "                                                              2025-01-01 00:00 UTC (http_500)",
        "",
        "3 changes",
    ]


def test_no_line_of_the_log_is_wider_than_the_page_and_no_word_is_lost() -> None:
    for width in (50, 60, 100, 300):
        text = printed(log(), width=width, force_terminal=True, color_system=None)
        assert max(cell_len(line) for line in text) <= min(width, 100)
        assert "http_500" in " ".join(text)


def test_an_empty_log_says_so() -> None:
    assert printed([]) == ["Nothing changed."]


def test_the_log_as_json() -> None:
    out = io.StringIO()
    changes_json(log(), out)
    assert json.loads(out.getvalue()) == {
        "changes": [
            {
                "id": 1,
                "at": "2025-01-04T00:00:00Z",
                "kind": "milestone",
                "paper": "zoo-zeroth-order-2017",
                "title": "ZOO: Zeroth Order Optimization based Black-box Attacks",
                "source": "semantic_scholar",
                "old": 98,
                "new": 101,
                "threshold": 100,
                "first_seen_at": "2025-01-01T00:00:00Z",
                "text": "reached 100+ citations on Semantic Scholar (101 now)",
            },
            {
                "id": 2,
                "at": "2025-01-04T06:00:00Z",
                "kind": "retitled",
                "paper": "b",
                "title": "[red]=Pipes | and more[/red]",
                "source": "arxiv",
                "old": "old",
                "new": "=new",
                "text": "arXiv calls it =new now",
            },
            {
                "id": 3,
                "at": "2025-01-05T00:00:00Z",
                "kind": "source_down",
                "source": "openalex",
                "text": "OpenAlex has not answered since 2025-01-01 00:00 UTC (http_500)",
            },
        ]
    }


def test_an_empty_log_as_json_is_an_empty_list() -> None:
    out = io.StringIO()
    changes_json([], out)
    assert json.loads(out.getvalue()) == {"changes": []}


def test_the_log_as_csv() -> None:
    out = io.StringIO()
    changes_csv(log(), out)
    assert out.getvalue().splitlines() == [
        "id,at,kind,paper,title,source,old,new,threshold,first_seen_at,text",
        (
            "1,2025-01-04T00:00:00Z,milestone,zoo-zeroth-order-2017,"
            "ZOO: Zeroth Order Optimization based Black-box Attacks,semantic_scholar,"
            "98,101,100,2025-01-01T00:00:00Z,reached 100+ citations on Semantic Scholar (101 now)"
        ),
        (
            "2,2025-01-04T06:00:00Z,retitled,b,[red]=Pipes | and more[/red],arxiv,old,'=new,,,"
            "arXiv calls it =new now"
        ),
        (
            "3,2025-01-05T00:00:00Z,source_down,,,openalex,,,,,"
            "OpenAlex has not answered since 2025-01-01 00:00 UTC (http_500)"
        ),
    ]


def test_the_log_as_markdown() -> None:
    out = io.StringIO()
    changes_markdown(log(), out)
    assert out.getvalue().splitlines() == [
        "| Number | When (UTC) | Kind | Paper | What |",
        "| --- | --- | --- | --- | --- |",
        (
            "| 1 | 2025-01-04 00:00 | milestone | ZOO: Zeroth Order Optimization based Black-box Attacks |"
            " reached 100+ citations on Semantic Scholar (101 now) |"
        ),
        (
            "| 2 | 2025-01-04 06:00 | retitled | \\[red\\]=Pipes \\| and more\\[/red\\] |"
            " arXiv calls it =new now |"
        ),
        (
            "| 3 | 2025-01-05 00:00 | source down |  |"
            " OpenAlex has not answered since 2025-01-01 00:00 UTC (http\\_500) |"
        ),
    ]
