"""``backfill``, ``history``, ``changes --kind citing`` and ``report --without-self``."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from command_world import Citewatch

from citewatch.bootstrap import App, RealClock
from citewatch.bootstrap.jobs import jobs
from citewatch.cli.shared import Options
from citewatch.domain.citing import CitingWork, Person
from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import DAY, Facts, Failed, Observed, Throttled
from citewatch.ports import Job, Store
from citewatch.store import DAEMON
from fakes import CitingSource

ARXIV = Identifier("arxiv", "1708.03999")
SHA = Identifier("semantic_scholar", "a" * 40)
KEY = "zoo-zeroth-order-2017"
CONFIG = """
[milestones]
confirm_after = "0s"

[watchlists.mine]
{names}
papers = [
  {{ key = "{key}", title = "{title}", year = 2017, authors = {authors}, arxiv = "1708.03999" }},
]
"""
TITLE = "ZOO: Zeroth Order Optimization based Black-box Attacks"


def config(names: str = "") -> str:
    return CONFIG.format(names=names, key=KEY, title=TITLE, authors='["Pin-Yu Chen", "Huan Zhang"]')


class Wire:
    """The one source of these tests, with what it says."""

    def __init__(self) -> None:
        self.source = CitingSource()
        self.count(0)

    def count(self, number: int) -> None:
        facts = Facts(title=TITLE, year=2017)
        for asked in (ARXIV, SHA):
            self.source.answers[str(asked)] = Observed(
                asked=asked, answered=SHA, citation_count=number, facts=facts
            )

    def lists(self, *works: CitingWork) -> None:
        self.source.lists[str(SHA)] = list(works)
        self.count(len(works))


def work(number: int, date: str, author: str = "Ada Author", **more: object) -> CitingWork:
    return CitingWork(
        record=f"W{number}", title=f"A study that cites, number {number:03}", venue="ICML",
        authors=(Person(author), Person("Bo Blank")), published_on=date, **more,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.fixture
def wire(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire()
    told = App.rules

    def sources(
        app: App, _store: object, only: tuple[str, ...] = ()
    ) -> list[tuple[object, object]]:
        wire.source.requests = 0
        return [(wire.source, told(app, "semantic_scholar"))] if "openalex" not in only else []

    monkeypatch.setattr(App, "sources", sources)
    (folder / "config.toml").write_text(config(), encoding="utf-8")
    return wire


@pytest.fixture
def jump(jumping: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let days pass."""
    gone = [0.0]
    before = RealClock.time
    monkeypatch.setattr(RealClock, "time", lambda clock: before(clock) + gone[0])

    def days(number: float) -> None:
        gone[0] += number * DAY

    return days


def test_a_new_paper_has_its_past_after_the_first_sync(wire: Wire, citewatch: Citewatch) -> None:
    wire.lists(work(1, "2019-05-02"), work(2, "2018-02-01"), work(3, ""), work(4, "2018-02"))
    assert citewatch("sync").code == 0
    said = citewatch("history", KEY)
    assert "reconstructed, not observed" in said.out
    assert "3 dated works explain 75 % of 4; scaled by 1.33 to meet it; 1 undated" in said.out
    said = citewatch("backfill")
    assert (said.code, said.out) == (0, "nothing was due\n")


def test_backfill_says_what_the_past_was_made_from(wire: Wire, citewatch: Citewatch) -> None:
    wire.lists(work(1, "2019-05-02"), work(2, "2018-02-01"), work(3, ""))
    wire.source.breaks[1] = Failed(reason="http_500")
    citewatch("sync")
    wire.source.breaks.clear()
    said = citewatch("backfill", "zeroth order")
    assert said.code == 0
    assert "zoo-zeroth-order-2017  S2      ok" in said.out
    assert "2018-02 to 20" in said.out
    assert "67 %" in said.out


def test_reconstructed_counts_have_a_column_of_their_own(wire: Wire, citewatch: Citewatch) -> None:
    wire.lists(work(1, "2019-05-02"), work(2, "2018-02-01"))
    citewatch("sync")
    rows = list(csv.DictReader(io.StringIO(citewatch("history", KEY, "--format", "csv").out)))
    assert [
        (r["citations"], r["reconstructed"]) for r in rows if r["status"] != "reconstructed"
    ] == [("2", "")]
    past = [r for r in rows if r["status"] == "reconstructed"]
    assert [(r["at"], r["citations"], r["reconstructed"]) for r in past[:3]] == [
        ("2018-02-01T00:00:00Z", "", "0"),
        ("2018-03-01T00:00:00Z", "", "1"),
        ("2019-06-01T00:00:00Z", "", "2"),
    ]
    data = citewatch("history", KEY, "--format", "json").data
    assert [p["citations"] for p in data["series"]["semantic_scholar"]] == [2]
    made = data["reconstructed"]["semantic_scholar"]
    assert (made["works"], made["dated"], made["meets_citations"], made["method"]) == (
        2,
        2,
        2,
        "list",
    )
    assert made["points"][0] == {"at": "2018-02-01T00:00:00Z", "reconstructed": 0}
    assert (
        "reconstructed"
        not in citewatch("history", KEY, "--format", "json", "--source", "openalex").data
    )


def test_no_reconstructed_value_enters_the_report(wire: Wire, citewatch: Citewatch) -> None:
    wire.lists(*[work(n, "2018-02-01") for n in range(9)])
    citewatch("sync")
    (paper,) = citewatch("report", "--format", "json").data["papers"]
    assert paper["citations"] == 9
    assert "delta" not in paper
    assert "per_year" not in paper


def test_new_citing_works_are_in_the_log_in_every_format(
    wire: Wire, citewatch: Citewatch, jump: Callable[[float], None]
) -> None:
    wire.lists(work(1, "2019-05-02"))
    citewatch("sync")
    jump(2)
    wire.lists(work(2, "2024-01-02", "Huan Zhang", influential=True), work(1, "2019-05-02"))
    told = citewatch("sync", "--force", "--format", "json").data["changes"]
    line = (
        "cited by 1 new paper at Semantic Scholar, 1 of them by authors of the paper: “A study "
        "that cites, number 002” (Huan Zhang +1, ICML, 2024-01-02, influential, "
        "self-citation, by name only)"
    )
    assert [c["text"] for c in told if c["kind"] == "citing"] == [line]
    (change,) = citewatch("changes", "--kind", "citing", "--format", "json").data["changes"]
    assert (change["text"], change["new"], change["paper"]) == (line, 1, KEY)
    for form in ("csv", "markdown", "table"):
        said = " ".join(citewatch("changes", "--kind", "citing", "--format", form).out.split())
        assert "number 002” (Huan Zhang" in said
    why = citewatch("changes", "--why", change["id"])
    assert why.code == 0
    assert "whole lists have lacked" in " ".join(why.out.split())


@pytest.mark.parametrize(
    ("names", "known", "definition"),
    [("", 4, "coauthors"), ('author_names = ["Pin-Yu Chen"]', 5, "me")],
)
def test_a_report_without_self_citations_names_its_definition(
    wire: Wire, citewatch: Citewatch, folder: Path, names: str, known: int, definition: str
) -> None:
    (folder / "config.toml").write_text(config(names), encoding="utf-8")
    people = ["A One", "B Two", "C Three", "D Four", "P. Y. Chen", "Huan Zhang"]
    wire.lists(*[work(n, "2018-02-01", name) for n, name in enumerate(people)])
    citewatch("sync")
    said = citewatch("report", "--without-self", "--format", "json")
    assert said.data["without_self"] == definition
    (paper,) = said.data["papers"]
    assert paper["citations"] == known
    assert "badge" not in paper
    assert f"without self-citations ({definition}:" in said.err
    assert "known of 1 of 1 papers" in said.err
    assert citewatch("report", "--without-self").code == 0


def test_what_is_not_known_without_self_citations_is_absent(
    wire: Wire, citewatch: Citewatch
) -> None:
    wire.lists(work(1, "2018-02-01"), work(2, "2018-02-01"))
    wire.count(7)  # five are not listed
    citewatch("sync")
    said = citewatch("report", "--without-self", "--format", "json")
    (paper,) = said.data["papers"]
    assert "citations" not in paper
    assert "citations" not in said.data["totals"]
    assert "known of 0 of 1 papers" in said.err
    past = citewatch("report", "--without-self", "--as-of", "2020-01-01", "--format", "json")
    assert past.data["papers"] == []  # it was not watched then


def test_exit_codes_say_what_did_not_go_well(wire: Wire, citewatch: Citewatch) -> None:
    wire.lists(work(1, "2018-02-01"))
    wire.source.breaks[1] = Throttled(until=4_000_000_000, reason="too many requests")
    assert citewatch("sync").code == 0  # the counts went well
    said = citewatch("backfill")
    assert said.code == 4
    assert "asks nothing before 2096-10-02 07:06 UTC" in said.out
    wire.source.needs = "needs an API key"
    said = citewatch("backfill")
    assert said.code == 0
    assert "blocked: needs an API key" in said.out


def test_a_paper_without_a_count_is_named(wire: Wire, citewatch: Citewatch) -> None:
    said = citewatch("backfill", KEY)
    assert said.code == 0
    assert f"{KEY}, semantic_scholar: has no count there yet" in said.out
    said = citewatch("backfill", "no such paper")
    assert (said.code, said.out) == (2, "")


def test_the_daemon_looks_back_where_no_counts_are_due(
    wire: Wire, citewatch: Citewatch, jump: Callable[[float], None]
) -> None:
    wire.lists(work(1, "2018-02-01"))
    citewatch("sync")
    jump(2)
    wire.lists(work(1, "2018-02-01"), work(2, "2018-03-01"))
    app = Options().app()
    with app.writing("a test") as store:
        assert asyncio.run(job_of(app, store).run()) == ""  # a count is due
    citewatch("sync", "--source", "semantic_scholar")
    jump(1)
    citewatch("sync", "--source", "semantic_scholar")
    with app.writing("a test") as store:
        assert asyncio.run(job_of(app, store).run()) in (
            "",
            "semantic_scholar: 1 list, 1 with news",
        )
    assert len(citewatch("changes", "--kind", "citing", "--format", "json").data["changes"]) == 1


def job_of(app: App, store: Store) -> Job:
    return next(job for job in jobs(app, store) if job.name == "past")


def test_beside_a_daemon_it_works_on_and_tells_nothing_twice(
    wire: Wire, citewatch: Citewatch, jump: Callable[[float], None], folder: Path
) -> None:
    wire.lists(work(1, "2018-02-01"))
    citewatch("sync")
    with Options().app().writing(DAEMON):
        said = citewatch("backfill", KEY)
    assert said.code == 0
    assert "this goes on beside it" in said.err
    assert "100 %" in said.out
