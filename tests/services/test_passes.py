"""Passes over scripted sources and a real database: who is asked, what is believed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
from house import ARXIV, DOI, OTHER, SAME, SHA, UNNAMED, UNNAMED_TOO, ZOO, House, counted

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import (
    DAY,
    Facts,
    Failed,
    Found,
    Kind,
    Missing,
    Observed,
    Paper,
    Status,
    Throttled,
)
from citewatch.ports import Ask, Readings, Run
from citewatch.services.desk import Scope
from citewatch.services.resolve import decide, identities, parse_choice
from fakes import FakeClock, ScriptedInspector, ScriptedSource


def test_a_milestone_is_announced_once_across_restarts(house: House) -> None:
    house.watch(ZOO)
    source = ScriptedSource()
    said = []
    for count in (98, 101, 101, 101, 102, 99, 101, 101, 101, 101):
        source.answers[str(ARXIV)] = counted(count)
        said += house.sync(source).changes
        house.restart()
        house.later(1)
    assert [(c.change.kind, c.change.threshold) for c in said] == [(Kind.MILESTONE, 100)]
    assert [c.number for c in house.store.changes()] == [said[0].number]


def test_with_no_wait_the_second_forced_pass_confirms(house: House) -> None:
    house.watch(ZOO)
    source = ScriptedSource()
    for count in (98, 101):
        source.answers[str(ARXIV)] = counted(count)
        assert not house.sync(source, scope=Scope(force=True), confirm_s=0).changes
    (milestone,) = house.sync(source, scope=Scope(force=True), confirm_s=0).changes
    assert milestone.change.threshold == 100


def test_nothing_due_asks_nothing(house: House) -> None:
    house.watch(ZOO)
    source = ScriptedSource(answers={str(ARXIV): counted(5)})
    house.sync(source)
    result = house.sync(source)
    assert source.requests == 1
    assert (result.sources[0].status, result.sources[0].papers) == ("ok", 0)


def test_a_job_at_the_same_hour_every_day_finds_its_papers_due(house: House) -> None:
    house.watch(ZOO)
    source = ScriptedSource(answers={str(ARXIV): counted(5)})
    for _ in range(5):
        house.sync(source)
        house.later(1)
    assert source.requests == 5


def test_a_title_is_found_and_its_identifiers_followed(house: House) -> None:
    house.watch(UNNAMED)
    facts = replace(SAME, ids=(ARXIV, DOI))
    found = Found(candidates=(counted(7, SHA, facts),))
    lead = ScriptedSource(titles={ZOO.title: found})
    arxiv = ScriptedSource(
        "arxiv", counts=False, schemes=("arxiv",),
        answers={str(ARXIV): Observed(asked=ARXIV, answered=ARXIV, facts=SAME)},
    )  # fmt: skip
    result = house.sync(lead, arxiv)
    assert house.ids() == {str(SHA), str(ARXIV), str(DOI)}
    assert arxiv.asked == [(str(ARXIV),)]
    assert arxiv.searched == []
    assert [s.found for s in result.sources] == [1, 1]
    assert house.held().citation_count == 7


def test_a_title_that_is_not_found_is_looked_for_ever_more_rarely(house: House) -> None:
    house.watch(UNNAMED)
    source = ScriptedSource()
    for _ in range(40):
        house.sync(source)
        house.later(1)
    assert len(source.searched) == 3, "on the first day, a week and three weeks later"
    assert house.held().status is Status.MISSING


def test_an_uncertain_title_is_a_candidate_and_no_count(house: House) -> None:
    house.watch(UNNAMED)
    alike = replace(SAME, title="ZOO: Zeroth Order Optimisation")
    source = ScriptedSource(titles={ZOO.title: Found(candidates=(counted(7, SHA, alike),))})
    result = house.sync(source)
    assert result.sources[0].unresolved == 1
    assert house.ids("candidate") == {str(SHA)}
    assert house.held().citation_count is None


def test_the_users_choice_is_counted_and_remembered(house: House) -> None:
    house.watch(UNNAMED)
    alike = replace(SAME, title="ZOO: Zeroth Order Optimisation")
    answer = counted(7, SHA, alike)
    source = ScriptedSource(
        titles={ZOO.title: Found(candidates=(answer,))}, answers={str(SHA): answer}
    )
    house.sync(source)
    choice = parse_choice(f"{ZOO.key}={SHA}", house.papers(), accept=True)
    decide([choice], house.store, [source], now=house.now())
    house.restart()
    house.sync(source)
    assert house.held().citation_count == 7


def test_a_rejected_record_is_never_taken_again(house: House) -> None:
    house.watch(UNNAMED)
    source = ScriptedSource(titles={ZOO.title: Found(candidates=(counted(7, SHA),))})
    house.sync(source)
    assert house.held().citation_count == 7
    choice = parse_choice(f"{ZOO.key}={SHA}", house.papers(), accept=False)
    decide([choice], house.store, [source], now=house.now())
    assert house.held().citation_count is None
    house.sync(source, scope=Scope(thorough=True))
    assert house.ids("rejected") == {str(SHA)}
    assert house.held().citation_count is None
    (row,) = identities(house.papers(), house.store, ["semantic_scholar"])
    assert row.accepted == ()


def test_another_record_chosen_by_the_user_is_a_new_baseline(house: House) -> None:
    house.watch(ZOO)
    source = ScriptedSource(answers={str(ARXIV): counted(90)})
    house.sync(source)
    source.answers[str(OTHER)] = replace(counted(900), asked=OTHER, answered=OTHER)
    choice = parse_choice(f"{ZOO.key}={OTHER}", house.papers(), accept=True)
    decide([choice], house.store, [source], now=house.now())
    house.later(1)
    result = house.sync(source)
    assert source.asked[-1] == (str(OTHER),)
    assert house.held().citation_count == 900
    assert result.changes == ()


def test_an_identifier_of_another_source_that_leads_astray_is_rejected(house: House) -> None:
    house.watch(UNNAMED)
    wrong = Identifier("arxiv", "1701.00001")
    lead = ScriptedSource(
        titles={ZOO.title: Found(candidates=(counted(7, SHA, replace(SAME, ids=(wrong,))),))}
    )
    stranger = Facts(title="Deep Sea Fish of Norway", authors=("O. Hansen",), year=2017)
    arxiv = ScriptedSource(
        "arxiv", counts=False, schemes=("arxiv",),
        answers={str(wrong): Observed(asked=wrong, answered=wrong, facts=stranger)},
    )  # fmt: skip
    house.sync(lead, arxiv)
    assert house.ids("rejected") == {str(wrong)}
    assert house.held("arxiv").status is Status.NEVER


def test_an_unknown_identifier_is_tried_by_another_one(house: House) -> None:
    house.watch(replace(ZOO, ids=(ARXIV, DOI)))
    source = ScriptedSource(answers={str(DOI): counted(7, DOI)})
    house.sync(source)
    assert source.asked == [(str(ARXIV),), (str(DOI),)]
    assert [s.status for s in house.store.histories()[0].snapshots] == [Status.OK]
    house.later(1)
    house.sync(source)
    assert source.asked[-1] == (str(DOI),), "what answered once is asked from then on"


def test_a_source_that_fails_twice_is_down_and_comes_up_once(house: House) -> None:
    house.watch(ZOO)
    source = ScriptedSource(answers={str(ARXIV): counted(5)})
    said = list(house.sync(source).changes)
    source.everything = Failed(reason="http_503", detail="503")
    for _ in range(4):
        house.later(1)
        said += house.sync(source).changes
    source.everything = None
    for _ in range(2):
        house.later(1)
        said += house.sync(source).changes
    assert [c.change.kind for c in said] == [Kind.SOURCE_DOWN, Kind.SOURCE_UP]


def test_a_failure_writes_a_run_and_no_reading(house: House) -> None:
    house.watch(ZOO)
    source = ScriptedSource(answers={str(ARXIV): Failed(reason="timeout", detail="no answer")})
    result = house.sync(source)
    assert (result.sources[0].status, result.sources[0].failed) == ("failed", 1)
    (run,) = house.store.runs()
    assert isinstance(run, Run)
    assert (run.status, run.failed, run.found) == ("failed", 1, 0)
    assert all(not h.snapshots for h in house.store.histories())


def test_a_second_look_is_taken_when_the_version_changes(house: House) -> None:
    house.watch(ZOO)

    def version(number: int) -> Observed:
        return Observed(asked=ARXIV, answered=ARXIV, facts=replace(SAME, version=number))

    arxiv = ScriptedInspector(answers={str(ARXIV): version(1)})
    house.sync(arxiv)
    house.later(1)
    house.sync(arxiv)
    assert not arxiv.inspected
    arxiv.answers[str(ARXIV)] = version(2)
    arxiv.looks[str(ARXIV)] = Observed(
        asked=ARXIV, answered=ARXIV, facts=Facts(title="Chen, Pin-Yu", withdrawn=True)
    )
    house.later(1)
    result = house.sync(arxiv)
    assert len(arxiv.inspected) == 1
    assert [c.change.kind for c in result.changes] == [Kind.VERSION, Kind.WITHDRAWN]
    facts = house.held("arxiv").facts
    assert facts is not None
    assert (facts.title, facts.withdrawn) == (ZOO.title, True)


def test_a_miss_after_counts_keeps_the_last_count(house: House) -> None:
    house.watch(ZOO)
    source = ScriptedSource(answers={str(ARXIV): counted(12)})
    house.sync(source)
    source.answers[str(ARXIV)] = Missing(asked=ARXIV)
    kinds = []
    for _ in range(3):
        house.later(1)
        kinds += [c.change.kind for c in house.sync(source).changes]
    assert kinds == [Kind.LOST]
    assert (house.held().status, house.held().citation_count) == (Status.MISSING, 12)


def test_one_unusable_record_is_no_outage(house: House) -> None:
    house.watch(ZOO)
    source = ScriptedSource(answers={str(ARXIV): Failed(reason="count", detail="null")})
    for _ in range(4):
        result = house.sync(source)
        assert result.sources[0].status in ("partial", "ok")
        assert result.changes == ()
        house.later(1)


def test_a_rejected_record_is_not_counted_when_another_identifier_leads_to_it(
    house: House,
) -> None:
    house.watch(ZOO)
    source = ScriptedSource(answers={str(ARXIV): counted(777)})
    house.sync(source)
    choice = parse_choice(f"{ZOO.key}={SHA}", house.papers(), accept=False)
    decide([choice], house.store, [source], now=house.now())
    for _ in range(3):
        house.later(1)
        house.sync(source)
    assert house.held().citation_count is None
    assert house.ids("rejected") == {str(SHA)}
    (row,) = [r for r in house.store.identifiers() if r.identifier == SHA]
    assert row.origin == "user"


def test_what_a_rejected_record_taught_is_forgotten_everywhere(house: House) -> None:
    house.watch(UNNAMED)
    facts = replace(SAME, ids=(ARXIV,))
    lead = ScriptedSource(titles={ZOO.title: Found(candidates=(counted(7, SHA, facts),))})
    arxiv = ScriptedSource(
        "arxiv", counts=False, schemes=("arxiv",),
        answers={str(ARXIV): Observed(asked=ARXIV, answered=ARXIV, facts=SAME)},
    )  # fmt: skip
    house.sync(lead, arxiv)
    choice = parse_choice(f"{ZOO.key}={SHA}", house.papers(), accept=False)
    decide([choice], house.store, [lead, arxiv], now=house.now())
    assert house.ids("rejected") == {str(SHA), str(ARXIV)}
    assert house.held("arxiv").facts == Facts()
    house.later(10)
    house.sync(lead, arxiv)
    assert arxiv.searched == [ZOO.title]


def test_a_missing_paper_is_found_by_any_identifier_within_a_week(house: House) -> None:
    house.watch(replace(ZOO, ids=(ARXIV, DOI)))
    source = ScriptedSource()
    for day in range(20):
        if day == 3:
            source.answers[str(DOI)] = counted(7, DOI)
        house.sync(source)
        house.later(1)
    assert house.held().citation_count == 7


def test_a_record_that_moved_to_another_identifier_is_not_lost(house: House) -> None:
    house.watch(replace(ZOO, ids=(SHA, ARXIV)))
    source = ScriptedSource(answers={str(SHA): counted(7, SHA), str(ARXIV): counted(7)})
    house.sync(source)
    del source.answers[str(SHA)]
    said = []
    for _ in range(4):
        house.later(1)
        said += house.sync(source).changes
    assert said == []
    assert house.held().status is Status.OK


def test_silence_does_not_turn_into_not_found(house: House) -> None:
    house.watch(ZOO)
    source = ScriptedSource(answers={str(ARXIV): Throttled(until=None, reason="429")})
    house.sync(source, scope=Scope(thorough=True))
    assert house.held().status is Status.NEVER
    assert source.searched == []


def test_a_vanishing_source_loses_no_paper_in_two_days(house: House) -> None:
    papers = [
        Paper(
            key=f"p-{n}", title=f"A Study of Thing Number {n}", authors=("J. Roe",), year=2017,
            ids=(Identifier("arxiv", f"1708.{n:05d}"),),
        )
        for n in range(20)
    ]  # fmt: skip
    house.watch(*papers)
    source = ScriptedSource()
    for paper in papers:
        source.answers[str(paper.ids[0])] = Observed(
            asked=paper.ids[0], answered=paper.ids[0], citation_count=9
        )
    known = source.answers
    house.sync(source)
    source.answers = {}
    said = []
    for _ in range(2):
        house.later(1)
        said += house.sync(source).changes
    source.answers = known
    house.later(1)
    said += house.sync(source).changes
    assert [c.change.kind for c in said] == [Kind.SOURCE_FAULT]


def test_a_fault_of_many_batches_is_one_line(house: House) -> None:
    papers = [
        Paper(
            key=f"p-{n}", title=f"A Study of Thing Number {n}", authors=("J. Roe",), year=2017,
            ids=(Identifier("arxiv", f"1708.{n:05d}"),),
        )
        for n in range(41)
    ]  # fmt: skip
    house.watch(*papers)
    source = ScriptedSource(batch_size=10)

    def all_at(count: int) -> None:
        source.answers = {
            str(p.ids[0]): Observed(asked=p.ids[0], answered=p.ids[0], citation_count=count)
            for p in papers
        }

    all_at(30)
    house.sync(source)
    all_at(0)
    house.later(1)
    assert [c.change.kind for c in house.sync(source).changes] == [Kind.SOURCE_FAULT]
    all_at(31)
    house.later(1)
    assert house.sync(source).changes == ()


def test_an_identifier_that_the_list_gives_another_paper_is_only_a_candidate(
    house: House,
) -> None:
    other = Paper(
        key="part-two-2018", title="ZOO: Zeroth Order Optimization, Part II", year=2018,
        authors=ZOO.authors, ids=(DOI,),
    )  # fmt: skip
    house.watch(ZOO, other)
    source = ScriptedSource(answers={str(ARXIV): counted(7, facts=replace(SAME, ids=(DOI,)))})
    house.sync(source)
    zoo = house.papers()[0].number
    states = {(r.paper, str(r.identifier)): r.state for r in house.store.identifiers()}
    assert states[zoo, str(DOI)] == "candidate"


def test_accepting_what_is_in_use_disturbs_no_waiting_milestone(house: House) -> None:
    house.watch(ZOO)
    source = ScriptedSource()
    said = []
    for day, count in enumerate((98, 101, 101, 101, 101)):
        source.answers[str(ARXIV)] = counted(count)
        said += house.sync(source).changes
        if day == 2:
            choice = parse_choice(f"{ZOO.key}={ARXIV}", house.papers(), accept=True)
            decide([choice], house.store, [source], now=house.now())
        house.later(1)
    assert [c.change.threshold for c in said] == [100]


def test_a_second_look_that_fails_is_taken_again(house: House) -> None:
    house.watch(ZOO)
    speaking = replace(SAME, version=2, comment="This paper has been withdrawn")
    arxiv = ScriptedInspector(
        answers={str(ARXIV): Observed(asked=ARXIV, answered=ARXIV, facts=speaking)},
        looks={str(ARXIV): Failed(reason="timeout")},
    )
    house.sync(arxiv)
    house.later(1)
    arxiv.looks[str(ARXIV)] = Observed(asked=ARXIV, answered=ARXIV, facts=Facts(withdrawn=True))
    house.sync(arxiv)
    facts = house.held("arxiv").facts
    assert facts is not None
    assert facts.withdrawn is True


def test_a_clock_that_was_ahead_does_not_stop_the_polling(house: House) -> None:
    house.watch(ZOO)
    source = ScriptedSource(answers={str(ARXIV): counted(5)})
    house.later(1000)
    house.sync(source)
    house.clock = FakeClock(house.now() - 1000 * DAY)
    house.sync(source, scope=Scope(force=True))
    house.later(1)
    assert house.sync(source).sources[0].papers == 1


def test_a_record_of_another_paper_is_no_merge(house: House) -> None:
    other = Paper(
        key="fish-2018", title="Deep Sea Fish of Norway", year=2018, authors=("O. Hansen",),
        ids=(DOI,),
    )  # fmt: skip
    house.watch(ZOO, other)
    fish = Observed(
        asked=DOI, answered=OTHER, citation_count=170,
        facts=Facts(title=other.title, authors=other.authors, year=2018),
    )  # fmt: skip
    source = ScriptedSource(answers={str(ARXIV): counted(20), str(DOI): fish})
    house.sync(source, confirm_s=0)
    source.answers[str(ARXIV)] = replace(fish, asked=ARXIV)
    said = []
    for _ in range(3):
        house.later(1)
        said += house.sync(source, confirm_s=0).changes
    assert said == []
    assert house.held().citation_count == 20
    source.answers[str(ARXIV)] = counted(21)
    house.later(1)
    assert house.sync(source, confirm_s=0).changes == ()
    assert house.held().citation_count == 21
    zoo = house.papers()[0].number or 0
    mine = {str(r.identifier) for r in house.store.identifiers({zoo}, states=("accepted",))}
    assert str(OTHER) not in mine


def test_who_was_not_answered_is_not_called_unknown(house: House) -> None:
    house.watch(ZOO, UNNAMED_TOO)
    source = ScriptedSource(answers={str(ARXIV): Failed(reason="timeout")})
    house.sync(source)
    rows = identities(house.papers(), house.store, ["semantic_scholar"])
    assert [(row.found, row.missing_at) for row in rows] == [
        (False, ()), (False, ("semantic_scholar",)),
    ]  # fmt: skip


def test_a_first_second_look_is_a_baseline(house: House) -> None:
    house.watch(ZOO)
    facts = replace(SAME, version=2, comment="This paper has been withdrawn")
    arxiv = ScriptedInspector(
        answers={str(ARXIV): Observed(asked=ARXIV, answered=ARXIV, facts=facts)},
        looks={str(ARXIV): Observed(asked=ARXIV, answered=ARXIV, facts=Facts(withdrawn=True))},
    )
    assert house.sync(arxiv).changes == ()
    held = house.held("arxiv")
    assert held.facts is not None
    assert (held.facts.withdrawn, held.facts.title) == (True, ZOO.title)


def test_yearly_looks_do_not_all_come_at_once(house: House) -> None:
    papers = [
        Paper(
            key=f"p-{n}", title=f"A Study of Thing Number {n}", authors=("J. Roe",), year=2017,
            ids=(Identifier("arxiv", f"1708.{n:05d}"),),
        )
        for n in range(12)
    ]  # fmt: skip
    house.watch(*papers)
    arxiv = ScriptedInspector(
        answers={
            str(p.ids[0]): Observed(asked=p.ids[0], answered=p.ids[0], facts=SAME) for p in papers
        },
        looks={
            str(p.ids[0]): Observed(asked=p.ids[0], answered=p.ids[0], facts=Facts(withdrawn=False))
            for p in papers
        },
    )
    house.sync(arxiv)
    house.later(366)
    for day in range(6):
        house.sync(arxiv)
        assert len(arxiv.inspected) <= 3 * (day + 1)
        house.later(1)
    assert sorted(arxiv.inspected) == sorted(str(p.ids[0]) for p in papers)


def test_a_record_of_a_similar_watched_paper_is_no_merge_either(house: House) -> None:
    twin = Paper(
        key="twin-2017", title=ZOO.title + " Revisited", year=2017, authors=ZOO.authors, ids=(DOI,)
    )
    house.watch(ZOO, twin)
    other = Observed(
        asked=DOI, answered=OTHER, citation_count=170,
        facts=Facts(title=twin.title, authors=twin.authors, year=2017),
    )  # fmt: skip
    source = ScriptedSource(answers={str(ARXIV): counted(20), str(DOI): other})
    house.sync(source, confirm_s=0)
    source.answers[str(ARXIV)] = replace(other, asked=ARXIV)
    for _ in range(2):
        house.later(1)
        assert house.sync(source, confirm_s=0).changes == ()
    assert house.held().citation_count == 20
    assert house.ids("candidate") == {str(OTHER)}


def test_a_true_merge_of_one_papers_records_is_followed(house: House) -> None:
    house.watch(ZOO)
    source = ScriptedSource(answers={str(ARXIV): counted(20)})
    house.sync(source)
    source.answers[str(ARXIV)] = replace(counted(24), answered=OTHER)
    house.later(1)
    (merged,) = house.sync(source).changes
    assert merged.change.kind is Kind.MERGED
    assert house.held().citation_count == 24


def test_a_paper_that_was_retracted_before_the_first_look_is_said_once(house: House) -> None:
    house.watch(ZOO)
    notice = "retraction doi:10.1000/r 2021-03-04"
    gone = replace(SAME, retracted=True, notices=(notice,))
    source = ScriptedSource(answers={str(ARXIV): counted(7, facts=gone)})
    for _ in range(3):
        house.sync(source)
        house.later(1)
    (line,) = house.store.changes()
    assert (line.change.kind, line.change.new) == (Kind.RETRACTED, notice)


def test_a_link_to_another_paper_s_page_is_a_failure_of_that_link(house: House) -> None:
    page = Identifier("url", "https://example.org/bees.html")
    house.watch(replace(ZOO, ids=(page,)))
    bees = Facts(title="Bees of the Alps", authors=("Karl Frisch",), ids=(DOI,))
    source = ScriptedSource(
        "page", counts=False, schemes=("url",),
        answers={str(page): Observed(asked=page, answered=page, facts=bees)},
    )  # fmt: skip
    source.doubts_links = True  # type: ignore[attr-defined]
    result = house.sync(source)
    assert (result.sources[0].status, result.sources[0].failed) == ("partial", 1)
    assert result.sources[0].note == "the link leads to another paper: Bees of the Alps"
    assert house.ids() == {str(page)}


def test_an_interrupted_pass_is_no_pass_that_went_well(house: House) -> None:
    class Stop(BaseException):
        """As Ctrl-C does, it passes everything by."""

    class Interrupted(ScriptedSource):
        async def fetch(self, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
            yield [(asks[0], counted(5, asked=asks[0].identifier))]
            raise Stop

    more = replace(ZOO, key="another-paper-2017", title="Another Paper", ids=(DOI,))
    house.watch(ZOO, more)
    with pytest.raises(Stop):
        house.sync(Interrupted())
    (run,) = house.store.runs()
    assert (run.status, run.found) == ("partial", 1)
    assert run.note == "interrupted: 1 of 2 not answered"


def test_titles_are_not_looked_for_more_often_because_of_force(house: House) -> None:
    house.watch(UNNAMED)
    source = ScriptedSource()
    for _ in range(3):
        house.sync(source, scope=Scope(force=True))
        house.later(0.1)
    assert source.searched == [ZOO.title]
