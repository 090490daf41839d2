"""A badge that can be raised is news: once a threshold, and never before it is certain."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from house import ARXIV, ZOO, House, counted

from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Change, Kind, Missing
from citewatch.domain.rules import Rules
from citewatch.domain.weather import Climate
from citewatch.ports import Batch, ChangeFilter
from citewatch.services.climates import climate_memo
from citewatch.services.desk import Scope
from citewatch.services.stale_claims import note_stale_claims
from citewatch.services.watchlist import Watch, WatchedPaper
from fakes import ScriptedSource

CLAIMED = replace(ZOO, claim=100)
RULES = Rules(ladder=Ladder(), confirm_after_s=3 * DAY, every_s=DAY, label="Scripted")


def said(
    house: House, source: ScriptedSource, *counts: int | None, confirm_s: int = 0
) -> list[Change]:
    """What is said of badges while a source gives these counts, one a day."""
    lines = []
    for count in counts:
        source.answers[str(ARXIV)] = Missing(asked=ARXIV) if count is None else counted(count)
        lines += [c.change for c in house.sync(source, confirm_s=confirm_s).changes]
        house.later(1)
    return [change for change in lines if change.kind is Kind.CLAIM_STALE]


def logged(house: House) -> list[int | None]:
    wanted = ChangeFilter(kinds=[Kind.CLAIM_STALE])
    return [line.change.threshold for line in house.store.changes(wanted)]


def claim(house: House, number: int | None) -> None:
    """The list is edited, and read again."""
    stored = house.store.papers()[0]
    house.store.update_paper(stored.number, replace(stored.paper, claim=number), now=house.now())


def test_a_badge_that_can_be_raised_is_said_with_old_and_new_and_where(house: House) -> None:
    house.watch(CLAIMED)
    (line,) = said(house, ScriptedSource(), 437, 437)
    assert (line.old, line.new, line.threshold) == (100, 400, 400)
    assert line.source == "semantic_scholar"
    assert line.text == ("the badge 100+ can be 400+: 437 citations on Scripted (config.toml)")
    assert line.at == (line.first_seen_at or 0) + DAY


def test_a_first_reading_alone_is_no_news(house: House) -> None:
    house.watch(CLAIMED)
    assert said(house, ScriptedSource(), 437) == []
    assert logged(house) == []


def test_it_waits_as_long_as_a_milestone(house: House) -> None:
    house.watch(CLAIMED)
    source = ScriptedSource()
    assert said(house, source, 437, 437, 437, confirm_s=3 * DAY) == []
    assert len(said(house, source, 437, confirm_s=3 * DAY)) == 1


def test_it_is_said_together_with_the_milestone(house: House) -> None:
    house.watch(replace(ZOO, claim=300))
    source = ScriptedSource()
    said(house, source, 390, 395)
    source.answers[str(ARXIV)] = counted(401)
    assert house.sync(source, confirm_s=0).changes == ()
    house.later(1)
    kinds = [c.change.kind for c in house.sync(source, confirm_s=0).changes]
    assert kinds == [Kind.MILESTONE, Kind.CLAIM_STALE]


def test_it_is_said_once_a_threshold_also_after_a_restart(house: House) -> None:
    house.watch(CLAIMED)
    source = ScriptedSource()
    assert len(said(house, source, 437, 437)) == 1
    house.restart()
    assert said(house, source, 440, 450, 450) == []
    house.restart()
    assert [line.threshold for line in said(house, source, 501, 501)] == [500]
    assert logged(house) == [400, 500]


def test_it_waits_to_be_told_like_other_news(house: House) -> None:
    house.watch(CLAIMED)
    said(house, ScriptedSource(), 437, 437, 437)
    path = house.url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as bare:
        waiting = bare.execute(
            "select c.kind from outbox o join change c on c.id = o.change_id"
        ).fetchall()
    assert waiting == [("claim_stale",)]


def test_the_file_that_shows_the_badge_is_named(house: House) -> None:
    house.watch(CLAIMED)
    source = ScriptedSource()
    said(house, source, 437)
    watch = Watch(
        papers=house.papers(), pages=(), problems=(),
        files=(("/home/me/cv.tex", (ZOO.key,)),),
    )  # fmt: skip
    house.later(1)
    house.sync(source, scope=Scope(papers=frozenset()))
    assert logged(house) == []
    source.answers[str(ARXIV)] = counted(437)
    rules = {"semantic_scholar": replace(RULES, confirm_after_s=0)}
    held = house.held()
    house.store.apply(Batch(helds=[replace(held, counted_at=house.now())]))
    (line,) = note_stale_claims(house.store, watch, rules, ("semantic_scholar",), now=house.now())
    assert line.change.text.endswith("437 citations on Scripted (cv.tex)")
    again = note_stale_claims(house.store, watch, rules, ("semantic_scholar",), now=house.now())
    assert list(again) == []


def test_nothing_is_said_of_a_source_at_fault(house: House) -> None:
    house.watch(CLAIMED)
    said(house, ScriptedSource(), 437)
    held = house.held()
    house.store.apply(Batch(helds=[replace(held, counted_at=house.now())]))
    climate = Climate(fault_at=house.now() - DAY)
    house.store.remember(*climate_memo("semantic_scholar", climate))
    watch = Watch(papers=house.papers(), pages=(), problems=())
    rules = {"semantic_scholar": replace(RULES, confirm_after_s=0)}
    found = note_stale_claims(house.store, watch, rules, ("semantic_scholar",), now=house.now())
    assert list(found) == []


def test_a_count_that_comes_back_is_no_second_time(house: House) -> None:
    house.watch(CLAIMED)
    source = ScriptedSource()
    assert len(said(house, source, 401, 401)) == 1
    assert said(house, source, 399, 398, 401, 402, 403) == []


def test_a_claim_that_was_raised_in_the_list_is_no_news(house: House) -> None:
    house.watch(CLAIMED)
    source = ScriptedSource()
    said(house, source, 437)
    claim(house, 400)
    assert said(house, source, 437, 437) == []
    assert len(said(house, source, 501, 501)) == 1


@pytest.mark.parametrize("number", [None, 437, 500])
def test_no_badge_and_one_that_is_high_enough_are_no_news(house: House, number: int | None) -> None:
    house.watch(replace(ZOO, claim=number))
    assert said(house, ScriptedSource(), 437, 437, 437) == []


def test_a_held_count_is_no_news(house: House) -> None:
    house.watch(CLAIMED)
    source = ScriptedSource()
    assert said(house, source, 120, 121, 900, confirm_s=3 * DAY) == []
    assert said(house, source, 122, 122, confirm_s=3 * DAY) == []


def test_a_paper_that_the_source_lost_is_no_news(house: House) -> None:
    house.watch(CLAIMED)
    assert said(house, ScriptedSource(), 437, None, None) == []


def test_the_first_preferred_source_speaks_and_no_other(house: House) -> None:
    house.watch(CLAIMED)
    first, other = ScriptedSource(), ScriptedSource("openalex")
    said(house, first, 120, 121)
    assert said(house, other, 437, 437) == []


def test_another_source_speaks_while_no_better_one_ever_gave_a_count(house: House) -> None:
    house.watch(CLAIMED)
    (line,) = said(house, ScriptedSource("openalex"), 437, 437)
    assert line.source == "openalex"
    assert said(house, ScriptedSource(), 437, 437) == [], "the threshold was said already"


def test_imported_papers_are_no_news(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.watch(CLAIMED)
    adopted = tuple(replace(w, watchlists=("imported",)) for w in house.papers())
    source = ScriptedSource()
    said(house, source, 437)

    def papers(self: House) -> tuple[WatchedPaper, ...]:
        return adopted

    monkeypatch.setattr(House, "papers", papers)
    assert said(house, source, 437, 437) == []
