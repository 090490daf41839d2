"""Two records of one paper at one source: found, said once, offered, never added up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from house import ARXIV, DOI, OTHER, SAME, SHA, ZOO, House, counted

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Facts, Kind, Missing, Observed, Twin
from citewatch.ports import Ask
from citewatch.services.resolve import decide, parse_choice
from fakes import ScriptedSource

BOTH = replace(ZOO, ids=(ARXIV, DOI))


class Comparing(ScriptedSource):
    """A scripted source that takes further questions along."""

    def doubles(self, ids: Sequence[Identifier]) -> Sequence[Identifier]:
        return ids

    def spare(self, asks: Sequence[Ask]) -> int:
        return -len(asks) % self.batch_size


PRINTED = replace(SAME, venue="AISec")


def other(count: int, facts: Facts = PRINTED) -> Observed:
    return Observed(asked=DOI, answered=OTHER, citation_count=count, facts=facts)


def split_source(count: int = 100, second: int = 40, **more: int) -> Comparing:
    answers = {str(ARXIV): counted(count), str(DOI): other(second), str(OTHER): other(second)}
    return Comparing(answers=answers, **more)


def kinds(house: House) -> list[Kind]:
    return [c.change.kind for c in house.store.changes()]


def test_a_second_record_is_found_in_the_free_places_of_the_next_pass(house: House) -> None:
    house.watch(BOTH)
    source = split_source()
    house.sync(source)
    assert source.asked == [(str(ARXIV),)]
    house.later(1)
    house.sync(source)
    assert source.asked[1] == (str(ARXIV), str(DOI))
    (split,) = house.store.changes()
    assert (split.change.kind, split.change.old, split.change.new) == (
        Kind.SPLIT, str(SHA), str(OTHER),
    )  # fmt: skip
    assert "100 citations" in split.change.text
    assert "40 citations" in split.change.text
    assert (house.held().citation_count, house.held().answered) == (100, SHA)
    assert house.ids("candidate") == {str(OTHER)}


def test_a_split_is_said_once_and_compared_again_after_months(house: House) -> None:
    house.watch(BOTH)
    source = split_source()
    for _ in range(100):
        house.sync(source)
        house.later(1)
    assert kinds(house) == [Kind.SPLIT]
    assert sum(str(DOI) in asked for asked in source.asked) == 2


def test_no_request_is_made_only_to_compare(house: House) -> None:
    house.watch(BOTH)
    source = split_source(batch_size=1)
    for _ in range(3):
        house.sync(source)
        house.later(1)
    assert source.asked == [(str(ARXIV),)] * 3
    assert kinds(house) == []


def test_an_identifier_that_the_record_states_is_not_compared(house: House) -> None:
    house.watch(BOTH)
    stated = replace(SAME, ids=(DOI,))
    source = Comparing(answers={str(ARXIV): counted(100, facts=stated)})
    for _ in range(3):
        house.sync(source)
        house.later(1)
    assert set(source.asked) == {(str(ARXIV),)}


def test_the_same_record_under_another_identifier_is_no_split(house: House) -> None:
    house.watch(BOTH)
    source = Comparing(answers={str(ARXIV): counted(100), str(DOI): counted(100, asked=DOI)})
    for _ in range(3):
        house.sync(source)
        house.later(1)
    assert kinds(house) == []
    assert len(source.asked) == 3


def test_another_paper_under_the_second_identifier_is_no_split(house: House) -> None:
    house.watch(BOTH)
    stranger = Facts(title="Bees of the Alps", authors=("Karl Frisch",), year=1950)
    source = Comparing(answers={str(ARXIV): counted(100), str(DOI): other(7, facts=stranger)})
    for _ in range(3):
        house.sync(source)
        house.later(1)
    assert kinds(house) == []


def test_a_miss_of_the_second_identifier_does_not_make_the_paper_missing(house: House) -> None:
    house.watch(BOTH)
    source = Comparing(answers={str(ARXIV): counted(100), str(DOI): Missing(asked=DOI)})
    for _ in range(3):
        result = house.sync(source)
        house.later(1)
    assert (result.sources[0].found, result.sources[0].missing) == (1, 0)
    assert house.held().citation_count == 100


def test_two_records_in_one_answer_are_a_split(house: House) -> None:
    house.watch(ZOO)
    twice = replace(counted(100), twins=(Twin(OTHER, 40),))
    source = ScriptedSource(answers={str(ARXIV): twice})
    for _ in range(3):
        house.sync(source)
        house.later(1)
    assert kinds(house) == [Kind.SPLIT]


def test_the_user_picks_a_record_and_it_is_followed_from_then_on(house: House) -> None:
    house.watch(BOTH)
    source = split_source()
    for _ in range(2):
        house.sync(source)
        house.later(1)
    pick = parse_choice(f"{ZOO.key}={OTHER}", house.papers(), accept=True)
    decide([pick], house.store, [source], now=house.now())
    for _ in range(3):
        house.sync(source)
        house.later(1)
    assert (house.held().citation_count, house.held().answered) == (40, OTHER)
    assert kinds(house) == [Kind.SPLIT]


def test_a_merge_of_the_two_records_is_said(house: House) -> None:
    house.watch(BOTH)
    source = split_source()
    for _ in range(2):
        house.sync(source)
        house.later(1)
    source.answers[str(ARXIV)] = other(138, facts=SAME)
    house.sync(source)
    assert kinds(house) == [Kind.SPLIT, Kind.MERGED]


def test_nothing_is_compared_while_the_source_as_a_whole_is_at_fault(house: House) -> None:
    more = [
        replace(BOTH, key=f"paper-{n}-2017", ids=(Identifier("arxiv", f"1708.0{n:04}"), DOI))
        for n in range(8)
    ]
    house.watch(*more)
    source = split_source()
    source.answers |= {str(p.ids[0]): counted(100, asked=p.ids[0]) for p in more}
    house.sync(source)
    house.later(1)
    source.answers |= {str(p.ids[0]): counted(0, asked=p.ids[0]) for p in more}
    house.sync(source)
    assert Kind.SPLIT not in kinds(house)
    assert Kind.SOURCE_FAULT in kinds(house)


class Published(Comparing):
    """Where preprint and publication are two works, the publication is followed."""

    follows_published = True


def test_the_record_of_the_publication_is_followed_unless_the_user_picks(house: House) -> None:
    house.watch(BOTH)
    source = Published(answers=split_source(254, 562).answers)
    for _ in range(4):
        house.sync(source)
        house.later(1)
    assert (house.held().citation_count, house.held().answered) == (562, OTHER)
    assert house.held().asked == DOI
    (split,) = house.store.changes()
    assert split.change.kind is Kind.SPLIT
    assert f"{OTHER} (562 citations) is followed from now on" in split.change.text
    assert house.ids("candidate") == {str(SHA)}


def test_a_pick_outweighs_the_publication(house: House) -> None:
    house.watch(BOTH)
    source = Published(
        answers={**split_source(254, 562).answers, str(SHA): counted(254, asked=SHA)}
    )
    house.sync(source)
    pick = parse_choice(f"{ZOO.key}={ARXIV}", house.papers(), accept=True)
    decide([pick], house.store, [source], now=house.now())
    for _ in range(3):
        house.later(1)
        house.sync(source)
    assert (house.held().citation_count, house.held().answered) == (254, SHA)
    assert kinds(house) == [Kind.SPLIT]


def test_a_repository_s_doi_is_no_publication(house: House) -> None:
    deposit = Identifier("doi", "10.5281/zenodo.123")
    house.watch(replace(ZOO, ids=(ARXIV, deposit)))
    answers = {str(ARXIV): counted(1200), str(deposit): other(0)}
    source = Published(answers=answers)
    for _ in range(3):
        house.sync(source)
        house.later(1)
    assert (house.held().citation_count, house.held().answered) == (1200, SHA)
    assert kinds(house) == [Kind.SPLIT]


def test_nothing_is_announced_anew_when_the_publication_counts_less(house: House) -> None:
    house.watch(BOTH)
    source = Published(answers=split_source(1200, 390).answers)
    for day in range(12):
        house.sync(source)
        house.later(1)
        source.answers |= {str(DOI): other(390 + 5 * day), str(OTHER): other(390 + 5 * day)}
    assert kinds(house) == [Kind.SPLIT]
    assert house.held().answered == OTHER


def test_two_works_in_changing_order_are_one_series_and_one_split(house: House) -> None:
    house.watch(ZOO)
    one = replace(counted(500), twins=(Twin(OTHER, 480),))
    two = replace(counted(480), answered=OTHER, twins=(Twin(SHA, 500),))
    source = ScriptedSource()

    def answer(ask: Ask) -> Observed:
        return two if ask.answered == OTHER else one

    source.answers[str(ARXIV)] = answer
    for _ in range(4):
        house.sync(source)
        house.later(1)
    assert kinds(house) == [Kind.SPLIT]
    assert {s.citation_count for h in house.store.histories() for s in h.snapshots} == {500}


def test_the_fallback_of_a_missed_paper_is_not_taken_for_a_comparison(house: House) -> None:
    house.watch(BOTH)
    source = split_source()
    house.sync(source)
    house.later(1)
    source.answers[str(ARXIV)] = Missing(asked=ARXIV)
    result = house.sync(source)
    assert (result.sources[0].papers, result.sources[0].missing) == (1, 1)
    assert kinds(house) == []


def test_one_missed_list_does_not_turn_the_series_to_another_record(house: House) -> None:
    house.watch(BOTH)
    source = split_source(300, 12, batch_size=1)
    house.sync(source)
    house.later(1)
    source.answers[str(ARXIV)] = Missing(asked=ARXIV)
    house.sync(source)
    house.later(0.2)
    source.answers[str(ARXIV)] = counted(301)
    for _ in range(6):
        house.sync(source)
        house.later(1)
    assert (house.held().citation_count, house.held().answered) == (301, SHA)
    assert kinds(house) == []


def test_a_record_that_stays_away_for_days_is_followed_under_its_new_name(house: House) -> None:
    house.watch(BOTH)
    source = split_source(300, 310, batch_size=1)
    house.sync(source)
    source.answers[str(DOI)] = other(310, facts=SAME)
    source.answers[str(ARXIV)] = Missing(asked=ARXIV)
    for _ in range(4):
        house.later(1)
        house.sync(source)
    assert (house.held().citation_count, house.held().answered) == (310, OTHER)
    assert kinds(house) == [Kind.MERGED]
