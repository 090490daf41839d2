"""The main job, end to end: a list, the sources, the report."""

from __future__ import annotations

import csv
import sqlite3
from collections import Counter
from datetime import date, timedelta
from math import inf
from pathlib import Path

import pytest
from command_world import Citewatch

from citewatch.sandbox import Sandbox
from citewatch.sandbox.crossref_works import Deposits
from citewatch.sandbox.openalex_works import Works


def accepted(folder: Path) -> list[tuple[int, str]]:
    """(number in the list, identifier) of everything that was accepted."""
    with sqlite3.connect(folder / "citewatch.db") as database:
        rows = database.execute(
            "select paper_id, scheme || ':' || value from identifier where state = 'accepted'"
            " and scheme not in ('url', 'pmlr') order by paper_id"
        ).fetchall()
    database.close()
    return rows


def rightly(box: Sandbox, number: int) -> frozenset[str]:
    """Every identifier that rightly denotes a listed paper, at every source."""
    works = [w for w in Works(box.world).everything(inf) if w.record.key in _keys(number)]
    works += [w for w in Works(box.world).everything(0) if w.record.key in _keys(number)]
    own = {f"openalex:W{w.number}" for w in works} | {f"mag:{w.mag}" for w in works}
    deposits = Deposits(box.world).everything(inf)
    own |= {f"doi:{d.doi.lower()}" for d in deposits if d.record.key in _keys(number)}
    return box.world.truth(number) | own | {f"pubmed:{w.pmid}" for w in works}


def _keys(number: int) -> set[str]:
    return {f"p{number}", f"p{number}j"}


def test_one_sync_takes_a_list_to_a_report(listed: Sandbox, citewatch: Citewatch) -> None:
    synced = citewatch("sync", "--format", "json")
    assert synced.code == 0
    assert synced.err == ""
    assert synced.data["sources"]["openreview"]["status"] == "blocked"
    source = synced.data["sources"]["semantic_scholar"]
    assert source["status"] == "ok"
    assert source["papers"] == 53
    assert source["found"] + source["missing"] == 53
    report = citewatch("report", "--format", "json").data
    assert len(report["papers"]) == 53
    assert report["totals"]["papers"] == 53
    best = report["papers"][0]
    assert best["key"] == "zoo-zeroth-order-2017"
    assert best["source"] == "semantic_scholar"
    assert best["badge"] == best["citations"] // 100 * 100
    assert best["counts"]["semantic_scholar"]["status"] == "ok"
    assert best["claim"] == 1300
    assert "delta" not in best or not best["delta"]


def test_there_is_no_wrong_match(
    listed: Sandbox, citewatch: Citewatch, login: None, folder: Path
) -> None:
    assert citewatch("resolve").code == 0
    rows = accepted(folder)
    assert len(rows) > 100
    right = {number: rightly(listed, number) for number, _ in rows}
    assert [row for row in rows if row[1] not in right[row[0]]] == []


def test_the_links_of_all_pages_are_placed(listed: Sandbox, citewatch: Citewatch) -> None:
    resolved = citewatch("resolve", "--format", "json").data
    assert all("example.org" in link for link in resolved["links"]["unplaced"])


def test_the_first_pass_asks_no_more_than_it_must(listed: Sandbox, citewatch: Citewatch) -> None:
    citewatch("sync")
    asked = Counter((seen.service, seen.path.rpartition("/")[2]) for seen in listed.requests)
    assert asked["semantic_scholar", "batch"] <= 2, "the second by identifiers that others gave"
    unnamed = {p["key"] for p in citewatch("list", "--format", "json").data["papers"]}
    assert asked["semantic_scholar", "match"] <= len(unnamed) - 27, "27 have an identifier"
    by_ids = [s for s in listed.requests if s.service == "arxiv" and s.ids]
    assert len(by_ids) <= 3, "titles of links, then what Semantic Scholar and OpenAlex named"
    searched = asked["arxiv", "query"] - len(by_ids)
    assert searched <= 5


def test_a_later_pass_is_one_request_a_source(listed: Sandbox, citewatch: Citewatch) -> None:
    citewatch("sync")
    citewatch("backfill")
    before = len(listed.requests)
    assert citewatch("sync").code == 0
    assert len(listed.requests) == before, "nothing was due"
    later = citewatch("sync", "--force", "--format", "json").data["sources"]
    assert later["semantic_scholar"]["found"] >= 48


def test_nothing_asked_means_nothing_claimed(listed: Sandbox, citewatch: Citewatch) -> None:
    said = citewatch("report", "--format", "json")
    assert said.code == 0
    assert "citewatch sync" in said.err
    assert said.data["totals"] == {"papers": 53}
    for paper in said.data["papers"]:
        counting = ("semantic_scholar", "openalex", "crossref")
        assert paper["counts"] == {name: {"status": "never"} for name in counting}
        assert not {"citations", "badge", "delta"} & paper.keys()
    assert not listed.requests


@pytest.mark.parametrize("form", ["table", "csv", "markdown"])
def test_the_report_has_every_paper_in_every_format(
    listed: Sandbox, citewatch: Citewatch, form: str
) -> None:
    citewatch("sync")
    out = citewatch("report", "--format", form).out
    assert "ZOO" in out
    assert "HySIM" in out
    if form == "table":
        assert max(map(len, out.splitlines())) <= 100


def test_history_and_list_name_a_paper_in_three_ways(listed: Sandbox, citewatch: Citewatch) -> None:
    citewatch("sync")
    by_key = citewatch("history", "zoo-zeroth-order-2017", "--format", "json").data
    assert by_key["series"]["semantic_scholar"][0]["citations"] > 1300
    assert citewatch("history", "arxiv:1708.03999", "--format", "json").data == by_key
    assert citewatch("history", "ZOO: zeroth", "--format", "json").data == by_key
    assert "arxiv:1708.03999" in citewatch("list").out
    unclear = citewatch("history", "Robustness")
    assert unclear.code == 2
    assert "could be" in unclear.err


def test_a_database_that_people_can_read(
    listed: Sandbox, citewatch: Citewatch, folder: Path
) -> None:
    citewatch("sync")
    database = sqlite3.connect(folder / "citewatch.db")
    try:
        key, source, count = database.execute(
            "select key, source, citations from latest_counts order by citations desc"
        ).fetchone()
    finally:
        database.close()
    assert (key, source) == ("zoo-zeroth-order-2017", "semantic_scholar")
    assert count > 1300


def test_what_is_expected_is_told_in_every_format(
    listed: Sandbox, citewatch: Citewatch, folder: Path
) -> None:
    first = date(2025, 1, 1)
    rows = [
        f"zoo-zeroth-order-2017,mine,{first + timedelta(n)},{1700 + n // 2}" for n in range(300)
    ]
    (folder / "h.csv").write_text("\n".join(["paper,source,date,count", *rows]) + "\n")
    assert citewatch("import-history", "h.csv").code == 0
    then = ("report", "--as-of", "2025-10-20", "--source", "mine", "--limit", "1")
    (paper,) = citewatch(*then, "--format", "json").data["papers"]
    assert paper["citations"] == 1846
    assert paper["next"].keys() == {"threshold", "expected", "low", "high", "coverage"}
    assert (paper["next"]["threshold"], paper["next"]["coverage"]) == (1900, 0.8)
    assert "2025-12-01" < paper["next"]["low"] < paper["next"]["expected"] < paper["next"]["high"]
    near, far = (paper["forecast"][days] for days in ("90d", "365d"))
    assert near["low"] < near["citations"] < near["high"] < far["high"]
    month = paper["next"]["expected"][:7]
    assert f"1900+ ~{month}" in citewatch(*then).out
    assert f"1900+ ~{month}" in citewatch(*then, "--format", "markdown").out
    (line,) = csv.DictReader(citewatch(*then, "--format", "csv").out.splitlines())
    assert line["next_expected"] == paper["next"]["expected"]
    assert int(line["forecast_365d"]) == far["citations"]


def test_forecasts_are_scored_or_said_to_be_waiting(
    listed: Sandbox, citewatch: Citewatch, folder: Path
) -> None:
    assert "no forecast has been made yet" in citewatch("report", "--forecasts").out
    scores = citewatch("report", "--forecasts", "--format", "json").data
    assert scores["made"] == 0
    assert scores["horizons"]["90d"]["scored"] == 0
    for wrong in (("--format", "csv"), ("--sort", "title"), ("--limit", "3"), ("--since", "30d")):
        said = citewatch("report", "--forecasts", *wrong)
        assert said.code == 2
        assert "--forecasts goes with" in said.err
