"""The report as people and programs read it, whole."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from citewatch.cli.render.report_data import report_csv, report_json, report_markdown
from citewatch.cli.render.report_table import report_table
from citewatch.cli.render.words import rfc3339
from citewatch.domain.papers import Facts
from citewatch.services.report import build_report
from citewatch.services.reported import Report
from worlds import ARXIV, HELD, MISSING, OPENALEX, S2, Reading, World, day, paper

LONG = "ZOO: Zeroth Order Optimization based Black-box Attacks to Deep Neural Networks"
WIDE = "深度学习在自然语言处理中的应用以及各种其他的问题和挑战的综合研究报告"


def world() -> World:
    made = World(
        paper("zoo-zeroth-order-2017", LONG, "arxiv:1708.03999", year=2017, claim=1300),
        paper("b-2020", WIDE, year=2020, claim=500),
        paper("c-2021", "[bold]Pipes | and\x1b[31m colours[/bold]", year=2021),
        paper("d-2022", "Nobody knows this", year=2022, claim=10),
        paper("e-2018", "The same again", "arxiv:1708.03999", year=2018, claim=100),
    )
    for number in range(400):
        said: dict[int, Reading] = {
            0: 1300 + number * 2,
            1: 250 + number // 7,
            2: 90 + number // 10,
            3: MISSING,
        }
        made.ask(day(number), said | {4: 100})
        if number % 3 == 0:
            made.ask(day(number), {0: 900 + number, 1: None}, source="openalex")
    made.ask(day(400), {0: (HELD, 4000), 1: 300, 2: None, 3: MISSING, 4: 100})
    return made


def report(**asked: object) -> Report:
    made = world()
    question = made.question(day(400.5), sources=[S2, OPENALEX, ARXIV])
    return build_report(made.store, replace(question, **asked))  # type: ignore[arg-type]


def printed(told: Report, **console: object) -> str:
    out = io.StringIO()
    report_table(told, Console(file=out, **console))  # type: ignore[arg-type]
    return out.getvalue()


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


def test_the_table_in_a_pipe() -> None:
    assert lines(printed(report(), width=80)) == [
        "Citations as of 2026-02-05 12:00 UTC · mine",
        "",
        "paper                  year  cited  badge          Δ7d  Δ30d   Δ1y  trend         next            by",
        "────────────────────────────────────────────────────────────────────────────────────────────────────",
        "ZOO: Zeroth Order Op…  2017  2098~  1300+ → 2000+  +12   +58  +728  ▁▂▂▃▄▄▅▅▆▇▇█  2100+ ~2026-02  S2",
        "深度学习在自然语言处…  2020   300   500+ ?          -6    -2   +45  ▁▂▂▃▄▄▅▆▇▇██  400+ ~2028-11   S2",
        "[bold]Pipes | and co…  2021   129   (100+)           0    +2   +36  ▁▂▂▃▄▄▅▅▆▇▇█  200+ ~2028-02   S2",
        "The same again         2018   100=  100+             0     0     0  ▁▁▁▁▁▁▁▁▁▁▁▁                  S2",
        "Nobody knows this      2022     –!  10+              –     –     –",
        "",
        "~ a newer, implausible reading waits to be seen again",
        "! the source does not know this paper (any more)",
        "= another record of a paper in this table, counted once",
        "→ the badge in the list can be raised",
        "( ) earned, but the list shows no badge",
        "? the list claims more than this source counts",
        "4 papers (3 with a count) · 2527 citations · h-index 3 · g-index 3 · i10-index 3",
        "gained: +6 in 7d · +58 in 30d · +809 in 365d",
        "since 2025-02-05: citations ▁▂▂▃▄▄▅▅▆▇▇█ 1718 → 2527 · h 3 → 3 · g 3 → 3 · i10 3 → 3",
        "most in 30d: zoo-zeroth-order-2017 +58, c-2021 +2",
        "Semantic Scholar: ok, 4 found, 1 missing, last answer 2026-02-05 00:00",
        "OpenAlex: ok, 1 found, 0 missing, last answer 2026-02-04 00:00",
        "arXiv: never",
    ]


def test_no_line_is_wider_than_a_hundred_columns() -> None:
    for width in (80, 100, 250):
        assert max(cell_len(line) for line in lines(printed(report(), width=width))) <= 100


@pytest.mark.parametrize("width", [30, 40, 60, 72, 80])
def test_a_narrow_terminal_gets_fewer_columns_and_whole_numbers(width: int) -> None:
    text = printed(report(), width=width, force_terminal=True, color_system=None)
    assert max(cell_len(line) for line in lines(text)) <= width
    for number in ("2098~", "300", "129"):
        assert number in text


def test_markup_and_escapes_in_titles_are_only_text() -> None:
    text = printed(report(), force_terminal=True, color_system=None)
    assert "[bold]Pipes | and colours" in text
    assert "\x1b[31m" not in text


def test_colours_add_nothing_to_what_is_said() -> None:
    coloured = printed(report(), force_terminal=True, color_system="truecolor", width=100)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == printed(report())
    assert coloured != printed(report())


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    text = printed(report(), force_terminal=True, color_system="truecolor", width=100)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", text)


def test_without_marks_there_is_no_legend() -> None:
    made = World(paper("a", "A", year=2020))
    made.ask(day(0), {0: 5})
    told = build_report(made.store, made.question(day(0)))
    assert lines(printed(told)) == [
        "Citations as of 2025-01-01 00:00 UTC · mine",
        "",
        "paper  year  cited  badge  Δ7d  Δ30d  Δ1y  trend         by",
        "───────────────────────────────────────────────────────────",
        "A      2020      5           –     –    –             ▁  S2",
        "",
        "1 paper · 5 citations · h-index 1 · g-index 1 · i10-index 0",
        "Semantic Scholar: ok, 1 found, 0 missing, last answer 2025-01-01 00:00",
    ]


def test_before_anything_was_asked_the_table_says_so() -> None:
    made = World(paper("a", "A", year=2020, claim=100))
    told = build_report(made.store, made.question(day(0)))
    assert lines(printed(told)) == [
        "Citations as of 2025-01-01 00:00 UTC · mine",
        "",
        "paper  year  cited  badge  Δ7d  Δ30d  Δ1y  trend         by",
        "───────────────────────────────────────────────────────────",
        "A      2020      –  100+     –     –    –",
        "",
        "1 paper · no counts yet",
        "Semantic Scholar: never",
    ]


def test_a_report_of_nothing_has_no_table() -> None:
    made = World()
    told = build_report(made.store, made.question(day(0)))
    assert lines(printed(told)) == [
        "Citations as of 2025-01-01 00:00 UTC · mine",
        "",
        "0 papers · no counts yet",
        "Semantic Scholar: never",
    ]


def test_an_extra_window_takes_the_place_of_the_usual_ones() -> None:
    told = report(since=day(300), since_label="2025-10-28")
    header = lines(printed(told))[2]
    assert "Δ2025-10-28" in header
    assert "Δ7d" not in header


COVERAGE = (
    "Crossref: only citations whose publishers hand in references that it could match to a DOI"
)


def test_sources_are_set_side_by_side_with_the_reasons_that_are_known() -> None:
    made = World(
        paper("a-2020", "On DOIs", "doi:10.1000/a", year=2020),
        paper("b-2021", "On arXiv alone", "arxiv:2101.00001", year=2021),
    )
    crossref = replace(S2, name="crossref", label="Crossref")
    made.ask(day(0), {0: 135, 1: 20})
    made.ask(day(0), {0: 97, 1: 10}, source="openalex")
    made.ask(day(0), {0: 39, 1: MISSING}, source="crossref")
    made.ask(day(3), {0: 135, 1: (HELD, 900)})
    made.ask(day(3), {0: 40, 1: MISSING}, source="crossref")
    told = build_report(
        made.store, made.question(day(3), sources=[S2, OPENALEX, crossref], compare=True)
    )
    shown = lines(printed(told))
    assert shown[2:13] == [
        "paper             S2   OA   CR  spread",
        "──────────────────────────────────────",
        "On DOIs         135   97*  40     ×3.4",
        "On arXiv alone   20~  10*   –!    ×2.0",
        "",
        "* older than twice the source's schedule",
        "~ a newer, implausible reading waits to be seen again",
        "! the source does not know this paper (any more)",
        "- OpenAlex: the count is older than twice the source's schedule (2 papers: a-2020, b-2021)",
        "- Crossref: no DOI but arXiv's is known, and it counts published DOIs only (1 paper: b-2021)",
        f"- {COVERAGE} (1 paper: a-2020)",
    ]
    papers = as_json(told)["papers"]
    assert isinstance(papers, list)
    assert papers[0]["compare"] == {
        "lowest": 40,
        "highest": 135,
        "reasons": [
            "OpenAlex: the count is older than twice the source's schedule",
            COVERAGE,
        ],
    }
    out = io.StringIO()
    report_csv(told, out)
    assert out.getvalue().splitlines()[0].endswith(",forecast_365d_high,lowest,highest,reasons")
    out = io.StringIO()
    report_markdown(told, out)
    assert "| 40–135 | OpenAlex: the count is older" in out.getvalue()


def as_json(told: Report) -> dict[str, object]:
    out = io.StringIO()
    report_json(told, out)
    document: dict[str, object] = json.loads(out.getvalue())
    return document


def test_the_json_document() -> None:
    made = World(
        paper("a-2020", "A\x1b[1m title", "arxiv:1901.00001", year=2020, claim=100),
        paper("b-2021", "B"),
    )
    for number in range(41):
        made.ask(day(number), {0: 100 + number, 1: MISSING})
    made.say(day(2), 0, Facts(venue="ICML"), source="arxiv")
    told = build_report(made.store, made.question(day(40), sources=[S2, OPENALEX, ARXIV]))
    assert as_json(told) == {
        "as_of": "2025-02-10T00:00:00Z",
        "watchlist": "mine",
        "papers": [
            {
                "key": "a-2020",
                "title": "A title",
                "year": 2020,
                "venue": "ICML",
                "ids": {"arxiv": "1901.00001"},
                "claim": 100,
                "badge": 100,
                "citations": 140,
                "source": "semantic_scholar",
                "counts": {
                    "semantic_scholar": {
                        "citations": 140,
                        "observed_at": "2025-02-10T00:00:00Z",
                        "high": 140,
                        "status": "ok",
                    },
                    "openalex": {"status": "never"},
                },
                "delta": {"7d": 7, "30d": 30},
                "per_year": 365.0,
                "next": {
                    "threshold": 200,
                    "expected": "2025-04-18",
                    "low": "2025-03-17",
                    "high": "2025-07-24",
                    "coverage": 0.8,
                },
                "forecast": {
                    "90d": {"citations": 221, "low": 174, "high": 301},
                    "365d": {"citations": 492, "low": 258, "high": 926},
                },
                "trend": {
                    "age_years": 5.0,
                    "best_month": {"month": "2025-01", "gain": 31},
                    "rank_30d": 1,
                },
                "status": "ok",
            },
            {
                "key": "b-2021",
                "title": "B",
                "ids": {},
                "counts": {
                    "semantic_scholar": {"status": "missing"},
                    "openalex": {"status": "never"},
                },
                "status": "missing",
            },
        ],
        "totals": {
            "papers": 2,
            "counted": 1,
            "citations": 140,
            "h_index": 1,
            "i10_index": 1,
            "g_index": 1,
            "delta": {"7d": 7, "30d": 30},
            "delta_papers": {"7d": 1, "30d": 1},
        },
        "trend": {
            "over_time": [
                {
                    "at": rfc3339(at),
                    "papers": 1,
                    "citations": citations,
                    "h_index": 1,
                    "i10_index": 1,
                    "g_index": 1,
                }
                for at, citations in zip(told.axis, told.papers[0].spark, strict=True)
            ],
            "raises_h": [],
            "by_source": {"semantic_scholar": 1},
            "movers": [{"key": "a-2020", "gain": 30}],
            "woke": [],
        },
        "sources": {
            "semantic_scholar": {
                "status": "ok",
                "found": 1,
                "missing": 1,
                "last_success": "2025-02-10T00:00:00Z",
            },
            "openalex": {"status": "never"},
            "arxiv": {"status": "never", "found": 1, "missing": 0},
        },
    }


def test_the_keys_come_in_the_documented_order() -> None:
    document = as_json(report())
    assert list(document) == ["as_of", "watchlist", "papers", "totals", "trend", "sources"]
    papers = document["papers"]
    assert isinstance(papers, list)
    assert list(papers[0]) == [
        *("key", "title", "year", "ids", "claim", "badge", "citations", "source", "counts"),
        *("delta", "per_year", "next", "forecast", "trend", "status"),
    ]


def test_without_a_watchlist_there_is_no_key_for_it_and_papers_name_theirs() -> None:
    document = as_json(report(watchlist=None, limit=1))
    assert "watchlist" not in document
    papers = document["papers"]
    assert isinstance(papers, list)
    assert papers[0]["watchlists"] == ["mine"]


def test_json_before_anything_was_asked_knows_nothing() -> None:
    made = World(paper("a", "A", year=2020, claim=100))
    sources = [S2, replace(OPENALEX, enabled=False), ARXIV]
    told = build_report(made.store, made.question(day(0), sources=sources))
    assert as_json(told) == {
        "as_of": "2025-01-01T00:00:00Z",
        "watchlist": "mine",
        "papers": [
            {
                "key": "a",
                "title": "A",
                "year": 2020,
                "ids": {},
                "claim": 100,
                "counts": {"semantic_scholar": {"status": "never"}},
                "trend": {"age_years": 5.0},
                "status": "never",
            }
        ],
        "totals": {"papers": 1},
        "sources": {
            "semantic_scholar": {"status": "never"},
            "openalex": {"status": "off"},
            "arxiv": {"status": "never"},
        },
    }


def test_the_csv_has_one_row_a_paper_under_stable_columns() -> None:
    out = io.StringIO()
    report_csv(report(limit=2), out)
    assert out.getvalue().splitlines() == [
        "key,title,year,venue,claim,badge,citations,source,status,observed_at,high,per_year,delta_7d,delta_30d,delta_365d,counts,same_as,watchlists,arxiv,doi,semantic_scholar,openreview,openalex,age_years,acceleration,best_month,best_month_gain,rank_30d,next,next_expected,next_low,next_high,forecast_90d,forecast_90d_low,forecast_90d_high,forecast_365d,forecast_365d_low,forecast_365d_high",
        "zoo-zeroth-order-2017,ZOO: Zeroth Order Optimization based Black-box Attacks to Deep Neural Networks,2017,,1300,2000,2098,semantic_scholar,held,2026-02-04T00:00:00Z,2098,730.0,12,58,728,semantic_scholar=2098; openalex=1299,,mine,1708.03999,,,,,9.0,,2026-01,62,1,2100,2026-02-06,2026-02-06,2026-02-06,2279,2230,2338,2827,2619,3085",
        "b-2020,深度学习在自然语言处理中的应用以及各种其他的问题和挑战的综合研究报告,2020,,500,300,300,semantic_scholar,ok,2026-02-05T00:00:00Z,307,45.0,-6,-2,45,semantic_scholar=300,,mine,,,,,,6.0,,2025-12,5,3,400,2028-11-20,2027-12-22,2030-06-01,308,304,314,335,322,354",
    ]


def test_a_title_that_is_a_formula_is_text_in_csv() -> None:
    made = World(paper("a", '=HYPERLINK("http://evil";"x")'), paper("b", "-1+1|cmd"))
    out = io.StringIO()
    report_csv(build_report(made.store, made.question(day(0), sort="list")), out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert [row["title"] for row in rows] == ['\'=HYPERLINK("http://evil";"x")', "'-1+1|cmd"]


def test_the_markdown_report() -> None:
    out = io.StringIO()
    report_markdown(report(), out)
    assert out.getvalue().splitlines() == [
        "# Citations: mine",
        "",
        "As of 2026-02-05 12:00 UTC.",
        "",
        "| Paper | Year | Citations | Source | Badge | Claim | Δ 7d | Δ 30d | Δ 365d | Next |",
        "| --- | ---: | ---: | --- | --- | --- | ---: | ---: | ---: | --- |",
        "| ZOO: Zeroth Order Optimization based Black-box Attacks to Deep Neural Networks | 2017 | 2098 (held) | S2 | 2000+ | 1300+ | +12 | +58 | +728 | 2100+ ~2026-02 |",
        "| 深度学习在自然语言处理中的应用以及各种其他的问题和挑战的综合研究报告 | 2020 | 300 | S2 | 300+ | 500+ | -6 | -2 | +45 | 400+ ~2028-11 |",
        "| \\[bold\\]Pipes \\| and colours\\[/bold\\] | 2021 | 129 | S2 | 100+ |  | 0 | +2 | +36 | 200+ ~2028-02 |",
        "| The same again (same as zoo-zeroth-order-2017) | 2018 | 100 | S2 | 100+ | 100+ | 0 | 0 | 0 |  |",
        "| Nobody knows this | 2022 | missing |  |  | 10+ |  |  |  |  |",
        "",
        "4 papers (3 with a count) · 2527 citations · h-index 3 · g-index 3 · i10-index 3",
        "",
        "gained: +6 in 7d · +58 in 30d · +809 in 365d",
        "",
        "- since 2025-02-05: citations ▁▂▂▃▄▄▅▅▆▇▇█ 1718 → 2527 · h 3 → 3 · g 3 → 3 · i10 3 → 3",
        "- most in 30d: zoo-zeroth-order-2017 +58, c-2021 +2",
        "",
        "- Semantic Scholar: ok, 4 found, 1 missing, last answer 2026-02-05 00:00",
        "- OpenAlex: ok, 1 found, 0 missing, last answer 2026-02-04 00:00",
        "- arXiv: never",
    ]
