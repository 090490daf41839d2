"""The report against small worlds of which everything is known."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citewatch.domain.identifiers import Identifier
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Facts, Held, Snapshot, Status
from citewatch.domain.rules import Rules
from citewatch.errors import InputError
from citewatch.ports import Batch, KnownIdentifier, Run
from citewatch.services.foreseeing import note_forecasts
from citewatch.services.history_file import read_history
from citewatch.services.import_history import import_history
from citewatch.services.report import build_report
from citewatch.services.reported import ListTrend, PaperTrend, Report, ReportedPaper, Totals
from citewatch.services.standing import Count
from citewatch.services.watchlist import WatchedPaper
from citewatch.store.opening import open_path
from fakes import MemoryStore
from worlds import ARXIV, HELD, MISSING, OPENALEX, S2, Reading, World, day, paper

ZOO = paper("zoo-zeroth-order-2017", "ZOO", "arxiv:1708.03999", year=2017, claim=1300)
FAST = paper("towards-fast-computation-2018", "Towards Fast", year=2018, venue="ICML")


def one(report: Report, key: str) -> ReportedPaper:
    (line,) = [p for p in report.papers if p.key == key]
    return line


def steady(papers: int = 1, days: int = 40, *, step: int = 1) -> World:
    """Papers that all had 100 citations on day 0 and gain ``step`` a day."""
    world = World(*(paper(f"p{n}", f"Paper {n}") for n in range(papers)))
    for number in range(days):
        world.ask(day(number), dict.fromkeys(range(papers), 100 + step * number))
    return world


# --- a whole report --------------------------------------------------------------


def test_a_plain_report_says_everything_at_once() -> None:
    world = World(ZOO, FAST)
    for number in range(41):
        world.ask(day(number), {0: 1800 + number, 1: 9 if number < 35 else 12})
    report = build_report(world.store, world.question(day(40)))
    assert all(p.forecast is not None for p in report.papers)
    unforeseen = tuple(replace(p, forecast=None) for p in report.papers)
    assert replace(report, papers=unforeseen) == Report(
        as_of=day(40),
        watchlist="mine",
        windows=("7d", "30d", "365d"),
        papers=(
            ReportedPaper(
                key="zoo-zeroth-order-2017",
                title="ZOO",
                year=2017,
                venue="",
                ids=(("arxiv", "1708.03999"),),
                claim=1300,
                badge=1800,
                citations=1840,
                source="semantic_scholar",
                counts=(
                    Count(
                        source="semantic_scholar",
                        status=Status.OK,
                        citations=1840,
                        observed_at=day(40),
                        high=1840,
                    ),
                ),
                delta={"7d": 7, "30d": 30},
                per_year=365.0,
                status=Status.OK,
                same_as=None,
                watchlists=("mine",),
                spark=(1800, 1803, 1807, 1810, 1814, 1818, 1821, 1825, 1829, 1832, 1836, 1840),
                trend=PaperTrend(age_years=8.0, best_month=("2025-01", 31), rank=1),
            ),
            ReportedPaper(
                key="towards-fast-computation-2018",
                title="Towards Fast",
                year=2018,
                venue="ICML",
                ids=(),
                claim=None,
                badge=10,
                citations=12,
                source="semantic_scholar",
                counts=(
                    Count(
                        source="semantic_scholar",
                        status=Status.OK,
                        citations=12,
                        observed_at=day(40),
                        high=12,
                    ),
                ),
                delta={"7d": 3, "30d": 3},
                per_year=27.375,
                status=Status.OK,
                same_as=None,
                watchlists=("mine",),
                spark=(9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 12, 12),
                trend=PaperTrend(age_years=7.0, rank=2),
            ),
        ),
        totals=Totals(
            papers=2,
            counted=2,
            citations=1852,
            h_index=2,
            i10_index=2,
            g_index=2,
            delta={"7d": 10, "30d": 33},
            delta_papers={"7d": 2, "30d": 2},
        ),
        sources=report.sources,
        trend=ListTrend(
            over_time=report.trend.over_time,
            by_source=(("semantic_scholar", 2),),
            movers=(("zoo-zeroth-order-2017", 30), ("towards-fast-computation-2018", 3)),
        ),
        axis=report.axis,
    )
    assert [(t.citations, t.h_index) for t in report.trend.over_time][:2] == [(1809, 2), (1812, 2)]
    (health,) = report.sources
    assert (health.status, health.found, health.missing) == ("ok", 2, 0)
    assert health.last_success == day(40)
    assert not report.never_asked


def test_before_anything_was_asked_totals_give_papers_only() -> None:
    world = World(ZOO, FAST)
    sources = [S2, replace(OPENALEX, enabled=False), ARXIV]
    report = build_report(world.store, world.question(day(0), sources=sources))
    line = report.papers[0]
    assert line.counts == (Count(source="semantic_scholar", status=Status.NEVER),)
    assert (line.citations, line.badge, line.source, line.per_year) == (None, None, None, None)
    assert (line.delta, line.status) == ({}, Status.NEVER)
    assert report.totals == Totals(papers=2)
    assert [(s.name, s.status, s.found, s.missing) for s in report.sources] == [
        ("semantic_scholar", "never", None, None),
        ("openalex", "off", None, None),
        ("arxiv", "never", None, None),
    ]
    assert report.never_asked


def test_a_source_that_answered_without_counting_was_asked() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: None}, source="arxiv")
    world.say(day(0), 0, Facts(title="ZOO"), source="arxiv")
    report = build_report(world.store, world.question(day(0), sources=[ARXIV], source="arxiv"))
    assert (report.papers[0].counts, report.never_asked) == ((), False)


def test_papers_that_the_store_has_not_met_are_listed_as_never_asked() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: 5})
    fresh = WatchedPaper(number=None, paper=FAST, watchlists=("mine",))
    question = world.question(day(0), papers=[*world.watched(), fresh])
    line = one(build_report(world.store, question), FAST.key)
    assert line.counts == (Count(source="semantic_scholar", status=Status.NEVER),)


def test_a_report_of_no_papers_is_empty() -> None:
    world = steady()
    report = build_report(world.store, world.question(day(40), papers=[]))
    assert (report.papers, report.totals) == ((), Totals(papers=0))


def test_the_present_takes_one_call_of_each_kind() -> None:
    memory = MemoryStore()
    world = World(ZOO, store=memory)
    for number in range(40):
        world.ask(day(number), {0: 5 + number})
    note_forecasts(memory, S2.name, [1], above=Ladder().above, now=day(39) + 60)
    memory.calls.clear()
    build_report(memory, world.question(day(40)))
    assert sorted(memory.calls) == [
        *("accepted", "runs", "said", "samples", "samples", "samples_at", "tracks")
    ]


# --- statuses --------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "status"), [(48, Status.OK), (49, Status.STALE)])
def test_a_count_is_stale_when_older_than_twice_its_schedule(hours: int, status: Status) -> None:
    world = World(ZOO)
    world.ask(day(0), {0: 5})
    line = one(build_report(world.store, world.question(day(hours / 24))), ZOO.key)
    assert (line.status, line.citations) == (status, 5)


def test_a_paper_that_alone_gets_no_answer_goes_stale() -> None:
    world = World(ZOO, FAST)
    for number in range(10):
        world.ask(day(number), {0: 5, 1: 7 if number == 0 else None}, status="partial")
    report = build_report(world.store, world.question(day(9)))
    assert one(report, ZOO.key).status is Status.OK
    assert one(report, FAST.key).counts[0].observed_at == day(0)
    assert one(report, FAST.key).status is Status.STALE


def test_a_miss_keeps_the_last_believed_count_and_says_missing() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: 5})
    world.ask(day(1), {0: MISSING})
    line = one(build_report(world.store, world.question(day(1))), ZOO.key)
    assert line.counts == (
        Count(
            source="semantic_scholar",
            status=Status.MISSING,
            citations=5,
            observed_at=day(0),
            high=5,
        ),
    )
    assert (line.citations, line.status) == (5, Status.MISSING)


def test_a_miss_is_never_a_zero() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: MISSING})
    report = build_report(world.store, world.question(day(0)))
    line = report.papers[0]
    assert line.counts == (Count(source="semantic_scholar", status=Status.MISSING),)
    assert (line.citations, line.status) == (None, Status.MISSING)
    assert report.totals == Totals(papers=1)
    assert not report.never_asked


def test_a_real_zero_is_a_count() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: 0})
    report = build_report(world.store, world.question(day(0)))
    assert (report.papers[0].citations, report.papers[0].badge) == (0, None)
    assert report.totals.citations == 0


def test_a_held_reading_leaves_the_believed_count_in_place() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: 50})
    world.ask(day(1), {0: (HELD, 5000)})
    line = one(build_report(world.store, world.question(day(1))), ZOO.key)
    assert (line.citations, line.status, line.counts[0].high) == (50, Status.HELD, 50)


def test_the_high_is_the_highest_believed_count() -> None:
    world = World(ZOO)
    for number, said in enumerate((50, 60, 55)):
        world.ask(day(number), {0: said})
    count = build_report(world.store, world.question(day(2))).papers[0].counts[0]
    assert (count.citations, count.high) == (55, 60)


# --- headline --------------------------------------------------------------------


def test_the_headline_is_the_first_preferred_source_that_ever_gave_a_count() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: MISSING})
    world.ask(day(0), {0: 40}, source="openalex")
    world.ask(day(0), {0: 90}, source="ads")
    line = build_report(world.store, world.question(day(0), sources=[S2, OPENALEX])).papers[0]
    assert (line.source, line.citations, line.status) == ("openalex", 40, Status.OK)
    assert [c.source for c in line.counts] == ["semantic_scholar", "openalex", "ads"]


def test_other_sources_follow_the_preferred_ones_by_name() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: 70}, source="scholar", trigger="import")
    world.ask(day(0), {0: 90}, source="ads", trigger="import")
    line = build_report(world.store, world.question(day(0))).papers[0]
    assert (line.source, line.citations) == ("ads", 90)


def test_the_headline_stays_while_its_source_misses_the_paper() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: 100})
    world.ask(day(0), {0: 40}, source="openalex")
    for number in range(1, 40):
        world.ask(day(number), {0: MISSING})
        world.ask(day(number), {0: 41}, source="openalex")
    line = build_report(world.store, world.question(day(39), sources=[S2, OPENALEX])).papers[0]
    assert (line.source, line.citations, line.status) == ("semantic_scholar", 100, Status.MISSING)


def test_no_delta_crosses_a_change_of_source() -> None:
    world = World(ZOO)
    for number in range(40):
        world.ask(day(number), {0: 40 + number}, source="openalex")
        if number >= 35:
            world.ask(day(number), {0: 100})
    line = build_report(world.store, world.question(day(39), sources=[S2, OPENALEX])).papers[0]
    assert (line.citations, line.delta) == (100, {})


def test_a_source_that_was_switched_off_keeps_the_headline_until_it_is_stale() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: 100})
    question = world.question(day(9), sources=[replace(S2, enabled=False)])
    report = build_report(world.store, question)
    assert (report.papers[0].citations, report.papers[0].status) == (100, Status.STALE)
    assert report.sources[0].status == "off"


def test_sources_without_counts_never_appear_among_counts() -> None:
    world = World(ZOO)
    world.say(day(0), 0, Facts(title="ZOO"), source="arxiv")
    report = build_report(world.store, world.question(day(0), sources=[S2, ARXIV]))
    assert [c.source for c in report.papers[0].counts] == ["semantic_scholar"]
    assert report.sources[1].found == 1


def test_only_the_asked_source_counts_with_source() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: 100})
    world.ask(day(0), {0: 40}, source="openalex")
    question = world.question(day(0), sources=[S2, OPENALEX], source="openalex")
    report = build_report(world.store, question)
    line = report.papers[0]
    assert (line.source, line.citations, [c.source for c in line.counts]) == (
        "openalex",
        40,
        ["openalex"],
    )
    assert [s.name for s in report.sources] == ["openalex"]
    assert report.totals.citations == 40


def test_an_imported_source_can_be_asked_for_by_its_own_name() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: 90}, source="Google Scholar", trigger="import")
    question = world.question(day(0), source="Google Scholar")
    assert build_report(world.store, question).papers[0].citations == 90


def test_an_unknown_source_is_named_with_those_there_are() -> None:
    world = World(ZOO)
    with pytest.raises(InputError) as caught:
        build_report(world.store, world.question(day(0), source="scopus"))
    assert str(caught.value) == "no source 'scopus'\none of: semantic_scholar"


# --- deltas ----------------------------------------------------------------------


def test_a_window_that_begins_before_the_first_reading_has_no_delta() -> None:
    world = steady(days=20)
    assert build_report(world.store, world.question(day(19))).papers[0].delta == {"7d": 7}


def test_a_window_that_begins_in_an_outage_has_no_delta() -> None:
    world = World(ZOO)
    for number in [*range(3), *range(20, 32)]:
        world.ask(day(number), {0: 100 + number})
    for number in range(3, 20):
        world.ask(day(number), {0: None}, status="failed")
    line = build_report(world.store, world.question(day(31))).papers[0]
    assert line.delta == {"7d": 7, "30d": 30}
    late = build_report(world.store, world.question(day(31), since=day(10), since_label="21d"))
    assert "21d" not in late.papers[0].delta


def test_a_pass_in_which_nothing_was_asked_proves_nothing() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: 100})
    for number in range(1, 30):
        run = Run(source="semantic_scholar", started_at=day(number))
        run = replace(run, number=world.store.begin_run(run))
        world.store.end_run(replace(run, finished_at=day(number), status="ok"))
    world.ask(day(30), {0: 110})
    question = world.question(day(30), since=day(15), since_label="15d")
    assert build_report(world.store, question).papers[0].delta == {"30d": 10}


@pytest.mark.parametrize(("hours", "known"), [(48, True), (49, False)])
def test_a_source_must_have_answered_within_twice_its_schedule_around_the_start(
    hours: int, known: bool
) -> None:
    world = World(ZOO)
    world.ask(day(0), {0: 100})
    world.ask(day(20), {0: 110})
    start = day(hours / 24)
    question = world.question(day(20), since=start, since_label="x")
    assert ("x" in build_report(world.store, question).papers[0].delta) is known


def test_passes_that_left_a_paper_out_prove_nothing_about_it() -> None:
    world = World(ZOO, FAST)
    for number in range(30):
        world.ask(day(number), {0: 5, 1: 7 if number < 10 else None}, status="partial")
    line = one(build_report(world.store, world.question(day(29))), FAST.key)
    assert (line.status, line.delta) == (Status.STALE, {})


def test_since_adds_its_window_under_its_own_label() -> None:
    world = steady()
    question = world.question(day(39), since=day(29), since_label="2025-01-30")
    report = build_report(world.store, question)
    assert report.windows == ("7d", "30d", "365d", "2025-01-30")
    assert report.papers[0].delta == {"7d": 7, "30d": 30, "2025-01-30": 10}
    assert report.totals.delta == {"7d": 7, "30d": 30, "2025-01-30": 10}


def test_since_must_begin_before_the_report_ends() -> None:
    world = steady()
    question = world.question(day(39), as_of=day(20), since=day(20), since_label="2025-01-21")
    with pytest.raises(InputError, match="does not begin before"):
        build_report(world.store, question)


def test_totals_say_how_many_papers_a_delta_covers() -> None:
    world = World(ZOO, FAST)
    for number in range(10):
        world.ask(day(number), {0: 100 + number, 1: 5 if number > 6 else None})
    totals = build_report(world.store, world.question(day(9))).totals
    assert (totals.delta, totals.delta_papers) == ({"7d": 7}, {"7d": 1})


# --- counted once ----------------------------------------------------------------

PREPRINT = paper("same-work-2019", "Same work", "arxiv:1901.00001")
JOURNAL = paper("same-work-2021", "Same work, extended", "arxiv:1901.00001", "doi:10.1000/x")


def test_two_records_of_one_paper_are_both_listed_and_count_once() -> None:
    world = World(PREPRINT, FAST, JOURNAL)
    for number in range(10):
        world.ask(day(number), {0: 50 + number, 1: 20, 2: 300 + number})
    report = build_report(world.store, world.question(day(9), sort="list"))
    assert [(p.key, p.same_as, p.citations) for p in report.papers] == [
        ("same-work-2019", None, 59),
        ("towards-fast-computation-2018", None, 20),
        ("same-work-2021", "same-work-2019", 309),
    ]
    assert report.totals == Totals(
        papers=2,
        counted=2,
        citations=79,
        h_index=2,
        i10_index=2,
        g_index=2,
        delta={"7d": 7},
        delta_papers={"7d": 2},
    )


def test_the_record_with_a_count_speaks_for_the_one_without() -> None:
    world = World(PREPRINT, JOURNAL)
    world.ask(day(0), {0: MISSING, 1: 300})
    totals = build_report(world.store, world.question(day(0))).totals
    assert (totals.papers, totals.citations) == (1, 300)


def test_identifiers_accepted_later_make_two_papers_one() -> None:
    world = World(ZOO, FAST)
    world.store.save_identifiers(
        [
            KnownIdentifier(
                paper=world.numbers[1],
                identifier=Identifier("arxiv", "1708.03999"),
                state="accepted",
                origin="user",
            )
        ]
    )
    report = build_report(world.store, world.question(day(0)))
    assert (one(report, FAST.key).same_as, report.totals.papers) == (ZOO.key, 1)


def test_candidates_make_no_two_papers_one() -> None:
    world = World(ZOO, FAST)
    candidate = KnownIdentifier(
        paper=world.numbers[1],
        identifier=Identifier("arxiv", "1708.03999"),
        state="candidate",
        origin="openalex",
    )
    world.store.save_identifiers([candidate])
    assert build_report(world.store, world.question(day(0))).totals.papers == 2


def test_two_papers_that_one_record_answers_for_count_once() -> None:
    world = World(ZOO, FAST)
    world.ask(day(0), {0: 30, 1: 30})
    record = Identifier("semantic_scholar", "a" * 40)
    helds = world.store.helds("semantic_scholar", world.numbers)
    world.store.apply(Batch(helds=[replace(h, answered=record) for h in helds]))
    totals = build_report(world.store, world.question(day(0))).totals
    assert (totals.papers, totals.citations) == (1, 30)


# --- what is shown ---------------------------------------------------------------


def test_the_title_is_the_lists_until_a_source_was_accepted() -> None:
    world = World(ZOO)
    titles = []
    for source in ("semantic_scholar", "openalex", "crossref", "arxiv"):
        titles.append(build_report(world.store, world.question(day(0))).papers[0].title)
        world.say(day(0), 0, Facts(title=f"ZOO by {source}"), source=source)
    titles.append(build_report(world.store, world.question(day(0))).papers[0].title)
    assert titles == [
        "ZOO",
        "ZOO by semantic_scholar",
        "ZOO by openalex",
        "ZOO by crossref",
        "ZOO by arxiv",
    ]


def test_a_preprint_server_is_no_venue_when_the_list_knows_a_better_one() -> None:
    world = World(ZOO, FAST)
    for place in (0, 1):
        world.say(day(0), place, Facts(venue="arXiv.org"), source="semantic_scholar")
    report = build_report(world.store, world.question(day(0)))
    assert (one(report, ZOO.key).venue, one(report, FAST.key).venue) == ("arXiv.org", "ICML")


def test_a_venue_that_a_source_states_replaces_the_lists() -> None:
    world = World(FAST)
    world.say(day(0), 0, Facts(venue="Int. Conf. on Machine Learning"), source="crossref")
    report = build_report(world.store, world.question(day(0)))
    assert report.papers[0].venue == "Int. Conf. on Machine Learning"


def test_the_first_identifier_of_each_scheme_is_shown_and_a_sha_before_a_corpus_id() -> None:
    sha = "0" * 40
    world = World(
        paper(
            "k",
            "T",
            "semantic_scholar:CorpusId:12",
            "doi:10.1/a",
            "doi:10.1/b",
            f"semantic_scholar:{sha}",
            "arxiv:1901.00001",
        )
    )
    ids = build_report(world.store, world.question(day(0))).papers[0].ids
    assert ids == (("arxiv", "1901.00001"), ("doi", "10.1/a"), ("semantic_scholar", sha))


def test_a_corpus_id_is_shown_when_there_is_no_sha() -> None:
    world = World(paper("k", "T", "semantic_scholar:CorpusId:12"))
    ids = build_report(world.store, world.question(day(0))).papers[0].ids
    assert ids == (("semantic_scholar", "CorpusId:12"),)


# --- order -----------------------------------------------------------------------


def ranked(sort: str) -> list[str]:
    world = World(
        paper("b", "beta", year=2020, claim=10),
        paper("c", "Alpha", year=2018, claim=400),
        paper("a", "gamma", year=2022),
    )
    for number in range(41):
        world.ask(day(number), {0: 30 + number, 1: 300})
    report = build_report(world.store, world.question(day(40), sort=sort))
    return [p.key for p in report.papers]


@pytest.mark.parametrize(
    ("sort", "keys"),
    [
        ("citations", ["c", "b", "a"]),
        ("delta", ["b", "c", "a"]),
        ("per_year", ["b", "c", "a"]),
        ("year", ["a", "b", "c"]),
        ("claim", ["c", "b", "a"]),
        ("title", ["c", "b", "a"]),
        ("key", ["a", "b", "c"]),
        ("list", ["b", "c", "a"]),
    ],
)
def test_papers_are_sorted_with_the_unknown_last(sort: str, keys: list[str]) -> None:
    assert ranked(sort) == keys


def test_an_unknown_sort_key_is_answered_with_the_valid_ones() -> None:
    with pytest.raises(InputError) as caught:
        ranked("impact")
    assert caught.value.remedy == (
        "one of: citations, delta, per_year, year, claim, title, key, list"
    )


def test_a_limit_shortens_the_list_and_not_the_totals() -> None:
    world = steady(papers=3)
    report = build_report(world.store, world.question(day(39), limit=1))
    assert (len(report.papers), report.totals.papers, report.totals.citations) == (1, 3, 417)


def test_a_negative_limit_is_refused() -> None:
    world = steady()
    with pytest.raises(InputError, match="limit is negative"):
        build_report(world.store, world.question(day(39), limit=-1))


# --- sources ---------------------------------------------------------------------


def test_the_health_of_a_source_is_that_of_its_latest_pass_and_its_last_good_one() -> None:
    world = World(ZOO, FAST)
    world.ask(day(0), {0: 1, 1: MISSING})
    world.ask(day(1), {0: None, 1: None}, status="failed")
    (health,) = build_report(world.store, world.question(day(1))).sources
    assert (health.status, health.found, health.missing) == ("failed", 1, 1)
    assert health.last_success == day(0)


def test_a_pass_in_which_nothing_was_due_does_not_hide_a_failure() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: None}, status="failed")
    run = Run(source="semantic_scholar", started_at=day(1))
    run = replace(run, number=world.store.begin_run(run))
    world.store.end_run(replace(run, finished_at=day(1), status="ok"))
    assert build_report(world.store, world.question(day(1))).sources[0].status == "failed"


def test_reading_in_a_file_is_no_answer_of_the_source() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: 5}, trigger="import")
    (health,) = build_report(world.store, world.question(day(0))).sources
    assert (health.status, health.last_success) == ("never", None)


def test_a_pass_that_is_still_going_on_is_not_judged() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: 1})
    world.store.begin_run(Run(source="semantic_scholar", started_at=day(1)))
    assert build_report(world.store, world.question(day(1))).sources[0].status == "ok"


# --- imports and records that were let go ----------------------------------------


def test_imported_readings_count_on_their_own_dates() -> None:
    world = World(ZOO)
    for week in range(60):
        world.ask(day(7 * week), {0: 100 + week}, source="ads", trigger="import")
    now = build_report(world.store, world.question(day(7 * 59))).papers[0]
    assert (now.citations, now.status) == (159, Status.OK)
    assert now.delta == {"7d": 1, "30d": 5, "365d": 53}
    question = world.question(day(7 * 59), as_of=day(70))
    assert build_report(world.store, question).papers[0].citations == 110


def test_an_imported_count_is_stale_after_twice_its_usual_step() -> None:
    world = World(ZOO)
    for week in range(10):
        world.ask(day(7 * week), {0: 100}, source="ads", trigger="import")
    last = 7 * 9
    for wait, status in ((14, Status.OK), (15, Status.STALE)):
        report = build_report(world.store, world.question(day(last + wait)))
        assert report.papers[0].status is status


def test_a_rejected_record_takes_its_counts_along() -> None:
    world = World(ZOO)
    for number in range(10):
        world.ask(day(number), {0: 5000 + number})
    (held,) = world.store.helds("semantic_scholar", world.numbers)
    fresh = Held(
        series=held.series,
        paper=held.paper,
        source=held.source,
        answered_at=day(9),
        begun_at=day(9) + 1,
    )
    world.store.apply(Batch(helds=[fresh]))
    gone = build_report(world.store, world.question(day(9))).papers[0]
    assert (gone.citations, gone.source) == (None, None)
    world.ask(day(10), {0: 20})
    world.ask(day(11), {0: 21})
    line = build_report(world.store, world.question(day(11))).papers[0]
    assert (line.citations, line.counts[0].high, line.delta) == (21, 21, {})


# --- travel in time --------------------------------------------------------------

readings: st.SearchStrategy[Reading] = st.one_of(
    st.integers(0, 300), st.just(MISSING), st.tuples(st.just(HELD), st.integers(0, 9000))
)
passes = st.lists(
    st.one_of(st.none(), st.just("failed"), st.tuples(readings, readings)), min_size=2, max_size=40
)


@given(passes)
@settings(max_examples=60, deadline=None)
def test_a_past_day_reads_as_it_read_on_that_day(days: list[object]) -> None:
    world = World(PREPRINT, FAST)
    printed = []
    for number, said in enumerate(days):
        if said == "failed":
            world.ask(day(number), {0: None, 1: None}, status="failed")
        elif isinstance(said, tuple):
            world.ask(day(number), {0: said[0], 1: said[1]})
        moment = day(number) + DAY // 2
        printed.append(build_report(world.store, world.question(moment)))
    end = day(len(days))
    for then in printed:
        assert build_report(world.store, world.question(end, as_of=then.as_of)) == then


@given(passes)
@settings(max_examples=40, deadline=None)
def test_as_of_now_and_as_of_the_future_equal_the_plain_report(days: list[object]) -> None:
    world = World(PREPRINT, FAST)
    for number, said in enumerate(days):
        if isinstance(said, tuple):
            world.ask(day(number), {0: said[0], 1: said[1]})
    now = day(len(days))
    plain = build_report(world.store, world.question(now))
    assert build_report(world.store, world.question(now, as_of=now)) == plain
    assert build_report(world.store, world.question(now, as_of=now + DAY)) == plain


def test_a_past_report_shows_the_title_of_that_time() -> None:
    world = World(ZOO)
    world.say(day(1), 0, Facts(title="Old title"), source="arxiv")
    world.say(day(5), 0, Facts(title="New title"), source="arxiv")
    question = world.question(day(9), as_of=day(3))
    assert build_report(world.store, question).papers[0].title == "Old title"


def test_a_past_report_before_everything_is_one_of_never() -> None:
    world = steady()
    report = build_report(world.store, world.question(day(39), as_of=day(-1)))
    assert report.never_asked
    assert report.totals == Totals(papers=0)


@given(passes)
@settings(max_examples=15, deadline=None)
def test_the_database_gives_the_same_report_as_the_memory(days: list[object]) -> None:
    with TemporaryDirectory() as folder:
        sql = open_path(Path(folder) / "citewatch.db", now=day(0))
        with closing(sql):
            worlds = [World(PREPRINT, FAST), World(PREPRINT, FAST, store=sql)]
            for world in worlds:
                for number, said in enumerate(days):
                    if isinstance(said, tuple):
                        world.ask(day(number), {0: said[0], 1: said[1]})
                world.say(day(1), 0, Facts(title="By arXiv"), source="arxiv")
            end = day(len(days))
            for as_of in (None, day(len(days) / 2)):
                memory, file = (
                    build_report(world.store, world.question(end, as_of=as_of)) for world in worlds
                )
                assert memory == file


def test_a_reading_from_a_file_between_two_equal_ones_is_not_the_present() -> None:
    world = World(ZOO)
    for number in range(11):
        world.ask(day(number), {0: 10})
    (held,) = world.store.helds("semantic_scholar", world.numbers)
    between = Snapshot(at=day(5), citation_count=12, previous_count=10)
    world.store.apply(Batch(snapshots=[(held.series, between)]))
    assert build_report(world.store, world.question(day(10))).papers[0].citations == 10


def test_imported_passes_prove_that_a_constant_count_was_looked_at(tmp_path: Path) -> None:
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(61)]
    file = tmp_path / "seen.csv"
    rows = [f"zoo-zeroth-order-2017,ads,{on.isoformat()},7" for on in days]
    file.write_text("\n".join(["paper,source,date,count", *rows]) + "\n", encoding="utf-8")
    world = World(ZOO)
    import_history(
        read_history(file, {}, now=day(61)),
        world.store,
        world.watched(),
        path=file,
        rules=lambda source: Rules(ladder=Ladder(), confirm_after_s=3 * DAY, every_s=DAY),
        now=day(61),
    )
    line = build_report(world.store, world.question(day(61))).papers[0]
    assert (line.citations, line.source, line.delta) == (7, "ads", {"7d": 0, "30d": 0})


def test_on_a_past_day_a_paper_without_answers_was_stale_already() -> None:
    world = World(ZOO, FAST)
    for number in range(10):
        world.ask(day(number), {0: 5, 1: 7 if number == 0 else None}, status="partial")
    report = build_report(world.store, world.question(day(9), as_of=day(6)))
    assert [(p.key, p.status) for p in report.papers] == [
        (FAST.key, Status.STALE),
        (ZOO.key, Status.OK),
    ]


def past(world: World, at: float) -> Count:
    """The count of the first paper on a day that later readings have left behind."""
    return build_report(world.store, world.question(day(99), as_of=day(at))).papers[0].counts[0]


def test_a_title_search_confirms_no_count_of_the_past() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: 5})
    world.ask(day(4), {0: None}, trigger="resolve")
    world.ask(day(9), {0: 6})
    assert (past(world, 5).observed_at, past(world, 5).status) == (day(0), Status.STALE)


def test_an_answer_that_changed_nothing_is_remembered_at_its_instant() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: 5})
    world.ask(day(4), {0: 5}, took_s=3600)
    world.ask(day(9), {0: 6})
    assert past(world, 3.9).observed_at == day(0)
    assert past(world, 4).observed_at == day(4)


def test_a_count_is_never_observed_before_its_reading() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: 5}, took_s=3600)
    world.ask(day(9), {0: 6})
    assert past(world, 1).observed_at == day(0)


def test_the_pass_that_was_held_did_not_confirm_the_count_before_it() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: 5})
    world.ask(day(1), {0: (HELD, 500)}, took_s=3600)
    world.ask(day(9), {0: 6})
    assert (past(world, 2).observed_at, past(world, 2).status) == (day(0), Status.HELD)


# --- moves -----------------------------------------------------------------------


def test_equal_moves_share_a_rank_and_a_further_record_has_none() -> None:
    world = World(PREPRINT, FAST, JOURNAL, ZOO)
    for number in range(40):
        world.ask(day(number), {0: number, 1: 2 * number, 2: 9 * number, 3: number})
    report = build_report(world.store, world.question(day(39), sort="list"))
    assert [p.trend.rank for p in report.papers] == [2, 1, None, 2]
    assert report.trend.movers == (
        ("towards-fast-computation-2018", 60),
        ("same-work-2019", 30),
        ("zoo-zeroth-order-2017", 30),
    )


def test_the_list_says_what_would_raise_h_and_whose_counts_it_shows() -> None:
    world = World(*(paper(f"p{n}", f"Paper {n}") for n in range(4)))
    world.ask(day(0), {0: 3, 1: 9, 2: 2})
    world.ask(day(0), {3: 0, 0: 50}, source="openalex")
    report = build_report(world.store, world.question(day(1), sources=[S2, OPENALEX]))
    assert report.totals.h_index == 2
    assert report.trend.raises_h == (("p2", 1),)
    assert report.trend.by_source == (("semantic_scholar", 3), ("openalex", 1))


def test_a_paper_that_slept_and_is_cited_again_is_named() -> None:
    world = World(ZOO, FAST)
    for number in range(480):
        world.ask(day(number), {0: 10 if number < 430 else 14, 1: number})
    (woken,) = build_report(world.store, world.question(day(479))).trend.woke
    assert woken == (ZOO.key, "4 citations in 90 days, after none in the year before")


def test_totals_over_time_are_those_of_the_papers_known_by_then() -> None:
    world = World(ZOO, FAST)
    for number in range(23):
        world.ask(day(number), {0: 100 + number, 1: None if number < 11 else 5})
    then = build_report(world.store, world.question(day(22))).trend.over_time
    assert [(t.counted, t.citations) for t in then] == [
        *((1, 100 + 2 * step) for step in range(6)),
        *((2, 105 + 2 * step) for step in range(6, 12)),
    ]


def test_a_report_that_is_drawn_has_the_series_of_every_source_apart() -> None:
    world = World(ZOO)
    for number in range(5):
        world.ask(day(number), {0: 7 if number < 3 else 9})
        world.ask(day(number), {0: 4}, source="openalex")
    question = world.question(day(9), sources=[S2, OPENALEX], drawn=True)
    (line,) = build_report(world.store, question).papers
    assert [(drawn.source, drawn.times, drawn.counts, drawn.until) for drawn in line.lines] == [
        ("semantic_scholar", (day(0), day(3)), (7, 9), day(4)),
        ("openalex", (day(0),), (4,), day(4)),
    ]
    plain = build_report(world.store, replace(question, drawn=False))
    assert plain.papers[0].lines == ()
    past = build_report(world.store, replace(question, as_of=day(1)))
    assert past.papers[0].lines[0].counts == (7,)


# --- the list of a past day --------------------------------------------------------


def test_a_past_day_knows_what_the_list_said_then_and_no_paper_that_came_later() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: 5})
    world.store.update_paper(world.numbers[0], replace(ZOO, title="ZOO, revised"), now=day(5))
    (number,) = world.store.add_papers([FAST], now=day(6))
    world.papers = [replace(ZOO, title="ZOO, revised", claim=1400), FAST]
    world.numbers.append(number)
    (line,) = build_report(world.store, world.question(day(9), as_of=day(4))).papers
    assert (line.title, line.claim) == ("ZOO", 1300)
    now = build_report(world.store, world.question(day(9), sort="list")).papers
    assert [(p.title, p.claim) for p in now] == [("ZOO, revised", 1400), ("Towards Fast", None)]


def test_what_is_decided_later_makes_no_two_papers_one_on_a_past_day() -> None:
    world = World(ZOO, FAST)
    accepted = KnownIdentifier(
        paper=world.numbers[1], identifier=Identifier("arxiv", "1708.03999"), state="accepted",
        origin="user", at=day(5),
    )  # fmt: skip
    world.store.save_identifiers([accepted])
    world.store.save_identifiers([replace(accepted, state="rejected", at=day(8))])
    papers = [
        build_report(world.store, world.question(day(9), as_of=day(at))).totals.papers
        for at in (4, 6, 8.5)
    ]
    assert papers == [2, 1, 2]
