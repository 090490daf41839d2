"""A past out of dates: what holds for every list, and what hep-th's true histories say."""

from __future__ import annotations

import csv
import gzip
import json
import statistics
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewatch.domain.reconstruction import (
    MIN_EXPLAINED,
    Evidence,
    Method,
    Reconstruction,
    begins_at,
    month_of,
    percent,
    reconstruct,
)


def at(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


def made(
    *dates: str,
    count: int | None = None,
    born: str = "2017",
    first: str = "2020-07-15",
    **more: object,
) -> Reconstruction:
    return reconstruct(
        Evidence(dates=dates, **more),  # type: ignore[arg-type]
        born=born, first_at=at(first), first_count=len(dates) if count is None else count,
        made_at=at("2020-07-20"),
    )  # fmt: skip


def levels(series: Reconstruction) -> dict[str, int]:
    return {
        datetime.fromtimestamp(t, UTC).date().isoformat(): n
        for t, n in zip(series.times, series.counts, strict=True)
    }


def test_works_by_month_end_in_the_first_observed_count() -> None:
    series = made("2019-01-20", "2019-01-31", "2019-04-02", "2020-07-01")
    assert levels(series) == {"2019-01-01": 0, "2019-02-01": 2, "2019-05-01": 3, "2020-07-15": 4}
    assert (series.scale, series.explained, series.reason) == (1.0, 1.0, "")
    assert series.note == "4 dated works explain 100 % of 4"


def test_what_the_list_lacks_is_made_up_by_scaling_and_said() -> None:
    series = made("2019-01-20", "2019-02-20", "", "", count=8)
    assert levels(series) == {"2019-01-01": 0, "2019-02-01": 4, "2019-03-01": 8, "2020-07-15": 8}
    assert series.note == (
        "2 dated works explain 25 % of 8; scaled by 4 to meet it; 4 not listed; 2 undated"
    )


def test_more_works_than_the_count_are_scaled_down() -> None:
    series = made("2019-01-20", "2019-02-20", "2019-03-20", "2019-04-20", count=2)
    assert series.counts[-1] == 2
    assert max(series.counts) == 2
    assert series.explained == 1.0
    assert "scaled by 0.5" in series.note


def test_a_year_alone_is_spread_over_its_months() -> None:
    series = made(*["2018"] * 12)
    assert series.counts == (*range(13), 12)
    assert series.times[1] == at("2018-02-01")


def test_the_year_of_the_paper_begins_with_the_paper() -> None:
    assert made(*["2018"] * 6, born="2018-07-04").times[0] == at("2018-07-01")


def test_the_year_of_the_look_ends_with_the_look() -> None:
    series = made(*["2020"] * 7)
    assert series.counts == (0, 1, 2, 3, 4, 5, 6, 7)


def test_the_first_of_january_is_a_year_alone() -> None:
    assert made(*["2018-01-01"] * 12) == made(*["2018"] * 12)


def test_dates_that_cannot_be_are_treated_as_undated_and_said() -> None:
    series = made("2009-07-06", "2023-01-02", "2019-02", "2019-03-08")
    assert (series.early, series.future, series.dated, series.undated) == (1, 1, 2, 0)
    assert "1 dated before the paper; 1 dated in the future" in series.note
    assert series.counts[-1] == 4


def test_what_came_after_the_first_count_is_no_part_of_it() -> None:
    series = made("2019-02-03", "2020-07-16", count=1)
    assert (series.dated, series.later, series.scale) == (1, 1, 1.0)


@pytest.mark.parametrize("date", ["", "0000", "n.d.", "19", "2019-13-40", "99999-01-01", "١٩٩٩"])
def test_hostile_dates_do_no_harm(date: str) -> None:
    assert made(date, "2019-02-03", count=2).counts[-1] == 2


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        (made(count=0), "the first count was 0"),
        (made(count=9), "lists no citing works, though it counts 9"),
        (made("", "", count=2), "none of 2 listed works has a date"),
        (made("2019-01-02", count=400), "explain under 1 % of 400: too little"),
    ],
)
def test_no_past_is_invented(series: Reconstruction, reason: str) -> None:
    assert reason in series.reason
    assert (series.times, series.counts) == ((), ())
    assert series.note == series.reason


def test_a_cut_list_goes_on_by_year() -> None:
    series = made(
        *["2020-01-10", "2019-12-05"], count=26, cut="it shows 2", newest_first=True, total=26,
        by_year={2020: 1, 2019: 1, 2018: 24},
    )  # fmt: skip
    assert (series.method, series.dated, series.by_year) == (Method.YEARS, 2, 24)
    assert levels(series)["2018-07-01"] == 12
    assert levels(series)["2019-01-01"] == 24
    assert "24 more known by year only" in series.note
    assert "the list is cut (it shows 2)" in series.note


def test_counts_by_year_that_begin_late_leave_the_time_before_open() -> None:
    series = made(
        "2020-01-10", count=100, born="1998", cut="c", total=100, by_year={2020: 1, 2012: 48}
    )
    assert series.times[0] == at("2012-01-01")
    assert series.counts[0] == 51


def test_a_cut_list_that_is_newest_first_goes_as_far_back_as_it_reaches() -> None:
    dates = ["2020-06-01", "2020-05-01", "2020-05-01", "2020-04-01"]
    series = made(*dates, count=10_000, cut="it shows 4", newest_first=True)
    assert series.method is Method.NEWEST
    assert levels(series) == {
        "2020-04-01": 9997, "2020-06-01": 9999, "2020-07-01": 10_000, "2020-07-15": 10_000,
    }  # fmt: skip


def test_a_cut_list_in_no_order_is_taken_as_a_sample_and_said() -> None:
    series = made("2018-02-01", "2020-05-01", count=4, cut="it shows 2")
    assert series.method is Method.SAMPLE
    assert "taken as a sample" in series.note


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.001, "under 1 %"), (0.5, "50 %"), (0.999, "over 99 %"), (1, "100 %")],
)
def test_shares_are_not_rounded_to_all_or_nothing(share: float, text: str) -> None:
    assert percent(share) == text


DAYS = st.dates(date(2010, 1, 1), date(2022, 1, 1)).map(lambda day: day.isoformat())
DATES = st.one_of(
    st.just(""),
    st.integers(2005, 2023).map(str),
    DAYS,
    DAYS.map(lambda day: day[:7]),
    st.text(max_size=12),
)
EVIDENCE = st.builds(
    Evidence,
    dates=st.lists(DATES, max_size=40),
    total=st.none() | st.integers(0, 100_000),
    by_year=st.dictionaries(st.integers(1990, 2025), st.integers(1, 500), max_size=6),
    cut=st.sampled_from(["", "cut"]),
    newest_first=st.booleans(),
)


@given(EVIDENCE, st.sampled_from(["", "2012", "2012-05", "2012-05-09"]), st.integers(0, 20_000))
def test_every_series_rises_to_the_first_count_and_says_where_all_works_are(
    evidence: Evidence, born: str, count: int
) -> None:
    first_at = at("2020-07-15")
    series = reconstruct(
        evidence, born=born, first_at=first_at, first_count=count, made_at=at("2020-07-20")
    )
    assert bool(series.times) == (not series.reason)
    assert list(series.times) == sorted(set(series.times))
    assert list(series.counts) == sorted(series.counts)
    assert 0 <= series.explained <= 1
    known = series.dated + series.undated + series.early + series.future + series.later
    assert abs(known - len(evidence.dates)) <= 1  # a year is spread: its parts are rounded
    if series.times:
        assert (series.times[-1], series.counts[-1]) == (first_at, count)
        assert series.counts[0] >= 0
        assert all(begins_at(month_of(t)) == t for t in series.times[:-1])
        assert series.explained >= MIN_EXPLAINED or series.method is Method.NEWEST


# --- against what is known -------------------------------------------------------------

END = at("2002-04-01")
Known = dict[str, list[str]]


@pytest.fixture(scope="module")
def hep_th(data_dir: Path) -> Known:
    path = data_dir / "real" / "networks" / "cit_hepth_2000_2002_edges.csv.gz"
    if not path.is_file():
        pytest.skip(f"no {path.name}")
    found: Known = defaultdict(list)
    with gzip.open(path, "rt") as lines:
        for row in csv.DictReader(lines):
            found[row["cited"]].append(row["citing_date"])
    return {
        cited: sorted(dates, reverse=True) for cited, dates in found.items() if len(dates) >= 15
    }


def worst_month(true: list[str], series: Reconstruction) -> float:
    """How far off the worst month is, as a share of the count."""
    worst = 0.0
    for month in range(month_of(series.times[0]), month_of(END) + 1):
        now = begins_at(month)
        known = [n for t, n in zip(series.times, series.counts, strict=True) if t <= now]
        was = sum(at(date) < now for date in true)
        worst = max(worst, abs((known[-1] if known else 0) - was) / len(true))
    return worst


def errors(hep_th: Known, seen: Callable[[list[str]], Evidence]) -> list[float]:
    """The worst month of each paper for which there is a series, ascending."""
    found = []
    for cited, dates in hep_th.items():
        series = reconstruct(
            seen(dates), born="2000" if cited else "", first_at=END, first_count=len(dates),
            made_at=END,
        )  # fmt: skip
        if series.times:
            found.append(worst_month(dates, series))
    return sorted(found)


def test_dated_works_give_back_the_true_history_of_hep_th_papers(hep_th: Known) -> None:
    exact = errors(hep_th, lambda dates: Evidence(dates=[date[:7] for date in dates]))
    assert len(exact) == len(hep_th) > 400
    assert exact[-1] == 0.0


@pytest.mark.parametrize(("share", "middle", "nine_in_ten"), [(0.5, 0.15, 0.27), (0.2, 0.25, 0.42)])
def test_some_dates_give_a_sketch(
    hep_th: Known, share: float, middle: float, nine_in_ten: float
) -> None:
    def some(dates: list[str]) -> Evidence:
        chosen = [
            zlib.crc32(f"{n} {d}".encode()) % 1000 < share * 1000 for n, d in enumerate(dates)
        ]
        return Evidence(dates=[d if c else "" for d, c in zip(dates, chosen, strict=True)])

    found = errors(hep_th, some)
    assert statistics.median(found) < middle
    assert found[len(found) * 9 // 10] < nine_in_ten


def test_the_newest_half_is_right_as_far_as_it_reaches(hep_th: Known) -> None:
    def half(dates: list[str]) -> Evidence:
        seen = dates[: len(dates) // 2]
        return Evidence(dates=seen, total=len(dates), cut="half", newest_first=True)

    def half_and_years(dates: list[str]) -> Evidence:
        years = Counter(int(date[:4]) for date in dates)
        seen = dates[: len(dates) // 2]
        return Evidence(dates=seen, total=len(dates), cut="half", by_year=years, newest_first=True)

    assert statistics.median(errors(hep_th, half)) < 0.12
    assert statistics.median(errors(hep_th, half_and_years)) < 0.22


def test_recorded_lists_of_openalex_give_a_past(data_dir: Path) -> None:
    folder = data_dir / "real" / "networks"
    files = sorted(folder.glob("openalex_citing_*.json.gz"))
    if not files:
        pytest.skip(f"no lists of citing works in {folder}")
    for file in files:
        with gzip.open(file, "rt", encoding="utf-8") as text:
            works = json.load(text)
        series = reconstruct(
            Evidence(dates=[work["date"] or "" for work in works], total=len(works)),
            born="2023", first_at=at("2026-08-20"), first_count=len(works), made_at=at("2026-08-20"),
        )  # fmt: skip
        if not works:
            assert series.reason == "the first count was 0: there is no past to reconstruct"
            continue
        assert series.counts[-1] == len(works)
        assert series.early + series.dated + series.future == len(works), file.name
        assert series.early == sum(work["date"] < "2023" for work in works)
        assert series.explained > 0.9
