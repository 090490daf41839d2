"""Counts that another tool saw."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from citewatch.domain.identifiers import Identifier
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Kind, Paper
from citewatch.domain.rules import Rules
from citewatch.errors import HistoryFileError, InputError
from citewatch.ports import ChangeFilter, Store
from citewatch.services.history_file import parse_columns, read_history
from citewatch.services.import_history import Imported, import_history
from citewatch.services.watchlist import IMPORTED, WatchedPaper
from citewatch.store import open_store

NOW = 20_600 * DAY
ZOO = Paper(
    key="zoo-zeroth-order-2017", title="ZOO: Zeroth Order Optimization", year=2017,
    ids=(Identifier("arxiv", "1708.03999"),),
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'c.db'}", now=NOW)
    yield store
    store.close()


def rules(label: str) -> Rules:
    return Rules(ladder=Ladder(), confirm_after_s=3 * DAY, every_s=DAY, label=label)


def watched(store: Store) -> list[WatchedPaper]:
    known = {p.paper.key: p for p in store.papers()}
    if ZOO.key not in known:
        store.add_papers([ZOO], now=NOW)
    return [
        WatchedPaper(
            number=p.number, paper=p.paper, watchlists=(IMPORTED,) if p.adopted else ("me",)
        )
        for p in store.papers()
    ]


def take_in(
    store: Store, path: Path, text: str, *, adopt: bool = False, skip_bad: bool = False
) -> Imported:
    path.write_text(text, encoding="utf-8")
    read = read_history(path, {}, now=NOW)
    return import_history(
        read, store, watched(store), path=path, rules=rules, now=NOW, adopt=adopt,
        skip_bad=skip_bad,
    )  # fmt: skip


def lines(*rows: str) -> str:
    return "\n".join(["paper,source,date,count", *rows]) + "\n"


RISING = lines(
    "1708.03999,google_scholar,2024-01-01,98",
    "zoo-zeroth-order-2017,google_scholar,2024-01-02,101",
    "ZOO: zeroth order optimization,google_scholar,2024-01-06,102",
)


def test_a_paper_is_named_by_key_identifier_or_title(store: Store, tmp_path: Path) -> None:
    done = take_in(store, tmp_path / "h.csv", RISING)
    assert (done.points, done.papers, done.stored) == (3, 1, 3)


def test_changes_are_logged_with_their_own_dates_and_not_notified(
    store: Store, tmp_path: Path
) -> None:
    done = take_in(store, tmp_path / "h.csv", RISING)
    (change,) = done.changes
    assert change.change.kind is Kind.MILESTONE
    assert change.change.threshold == 100
    assert change.change.at == 19_728 * DAY
    assert [c.number for c in store.changes()] == [change.number]


def test_importing_twice_changes_nothing(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path / "h.csv", RISING)
    before = store.histories(), store.changes(), store.runs()
    again = take_in(store, tmp_path / "h.csv", RISING)
    assert (again.stored, again.changes) == (0, ())
    assert (store.histories(), store.changes(), store.runs()) == before


def test_two_halves_in_the_wrong_order_give_the_whole(store: Store, tmp_path: Path) -> None:
    days = [f"zoo-zeroth-order-2017,gs,2024-01-{d:02d},{90 + d}" for d in range(1, 29)]
    take_in(store, tmp_path / "h.csv", lines(*days[14:]))
    take_in(store, tmp_path / "h.csv", lines(*days[:14]))
    (history,) = store.histories()
    assert [s.citation_count for s in history.snapshots] == [90 + d for d in range(1, 29)]
    assert history.held is not None
    assert (history.held.citation_count, history.held.high) == (118, 118)


def test_a_point_between_confirmations_does_not_outlast_them(store: Store, tmp_path: Path) -> None:
    days = [f"zoo-zeroth-order-2017,gs,2024-01-{d:02d},10" for d in (1, 5, 9)]
    take_in(store, tmp_path / "h.csv", lines(*days))
    take_in(store, tmp_path / "h.csv", lines("zoo-zeroth-order-2017,gs,2024-01-03,12"))
    (history,) = store.histories()
    assert [s.citation_count for s in history.snapshots] == [10, 12, 10]


def test_a_bad_line_stops_everything_and_is_named(store: Store, tmp_path: Path) -> None:
    text = lines(
        "zoo-zeroth-order-2017,gs,2024-01-01,10",
        "zoo-zeroth-order-2017,gs,2024-01-02,",
        "zoo-zeroth-order-2017,gs,soon,12",
        "zoo-zeroth-order-2017,gs,2024-01-04,-3",
        "Unheard of,gs,2024-01-04,3",
        "zoo-zeroth-order-2017,gs,2999-01-01,3",
    )
    with pytest.raises(HistoryFileError) as caught:
        take_in(store, tmp_path / "h.csv", text)
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "line 3", "line 4", "line 5", "line 6", "line 7",
    ]  # fmt: skip
    assert [h.snapshots for h in store.histories()] in ([], [()])
    done = take_in(store, tmp_path / "h.csv", text, skip_bad=True)
    assert (done.points, len(done.skipped)) == (1, 5)


def test_strangers_are_adopted_under_their_own_text(store: Store, tmp_path: Path) -> None:
    text = lines("A Paper of Mine,gs,2024-01-01,10", "a paper of mine,gs,2024-01-01,20")
    done = take_in(store, tmp_path / "h.csv", text, adopt=True)
    assert (done.adopted, done.papers) == (2, 2)
    titles = {p.paper.title: p.adopted for p in store.papers()}
    assert titles == {ZOO.title: False, "A Paper of Mine": True, "a paper of mine": True}
    again = take_in(store, tmp_path / "h.csv", text, adopt=True)
    assert (again.adopted, again.stored) == (0, 0)


def test_an_imported_count_never_joins_a_live_series(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path / "h.csv", RISING)
    assert {h.source for h in store.histories()} == {"google_scholar"}


def test_imports_before_the_living_series_settle_its_milestones(
    store: Store, tmp_path: Path
) -> None:
    (number,) = store.add_papers([ZOO], now=NOW)
    (held,) = store.helds("gs", [number])
    from citewatch.ports import Batch

    alive = replace(
        held, citation_count=105, confirmed_high=105, high=105, answered_at=NOW - DAY,
        counted_at=NOW - DAY, changed_at=NOW - DAY,
    )  # fmt: skip
    from citewatch.domain.papers import Snapshot

    first = Snapshot(at=NOW - DAY, citation_count=105, previous_count=None)
    store.apply(Batch(helds=[alive], snapshots=[(held.series, first)]))
    take_in(store, tmp_path / "h.csv", RISING.replace("google_scholar", "gs"))
    (after,) = store.helds("gs", [number])
    assert (after.citation_count, after.answered_at) == (105, NOW - DAY)
    assert [c.change.threshold for c in store.changes(ChangeFilter())] == [100]


def test_gzip_and_other_column_names_are_read(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "h.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.write("title,where,day,cites\nZOO: Zeroth Order Optimization,gs,2024-01-01,7\n")
    columns = parse_columns("paper=title,source=where,date=day,count=cites")
    read = read_history(path, columns, now=NOW)
    assert [(p.paper, p.source, p.count) for p in read.points] == [(ZOO.title, "gs", 7)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"a,b\n1,2\n", "no column"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"\x1f\x8bbroken", "damaged gzip"),
        (b"paper,source\x00,date,count\n", "not a text file"),
    ],
)
def test_a_file_that_is_something_else_is_refused(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "h.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_history(path, {}, now=NOW)


def test_a_column_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="citations"):
        parse_columns("citations=count")


def test_two_counts_of_one_day_are_both_kept(store: Store, tmp_path: Path) -> None:
    text = lines("zoo-zeroth-order-2017,gs,2024-01-01,10", "zoo-zeroth-order-2017,gs,2024-01-01,12")
    take_in(store, tmp_path / "h.csv", text)
    (history,) = store.histories()
    assert [s.citation_count for s in history.snapshots] == [10, 12]
    assert take_in(store, tmp_path / "h.csv", text).stored == 0
