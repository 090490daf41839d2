"""A year of days, lived through and then asked for again: the past must read as it read then."""

from __future__ import annotations

import io
import json
import random  # noqa: TID251  (seeded)
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from house import House

from citewatch.cli.render.report_data import report_json
from citewatch.domain.identifiers import Identifier
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Facts, Failed, Missing, Observed, Outcome, Paper, Throttled
from citewatch.ports import Ask, KnownIdentifier
from citewatch.services.decisions import let_go
from citewatch.services.desk import Scope
from citewatch.services.report import build_report
from citewatch.services.reported import ReportQuestion
from citewatch.services.standing import SourceSchedule
from fakes import ScriptedSource

DAYS = 365
SOURCES = ("semantic_scholar", "openalex", "arxiv")
SCHEDULES = [
    SourceSchedule(name=name, label=name.title(), every_s=DAY, counts=name != "arxiv", enabled=True)
    for name in SOURCES
]


def paper(number: int, **more: object) -> Paper:
    made = Paper(
        key=f"paper-{number}-2019", title=f"Paper {number}", year=2019, authors=("Ada Berger",),
        ids=(Identifier("arxiv", f"1901.0000{number}"),),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


@dataclass
class Skies:
    """What the sources say: growth with falls, jumps, misses, merges, outages, new facts."""

    house: House
    chance: random.Random
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    merged: set[str] = field(default_factory=set)

    def answer(self, source: str, ask: Ask) -> Outcome:
        self.house.clock.advance(self.chance.choice((0, 1, 7, 90)))
        name, day = str(ask.identifier), self.house.now() // DAY - 20_000
        roll = self.chance.random()
        if roll < 0.03:
            return Failed(reason="timeout")
        if roll < 0.06 or (name.endswith("3") and 120 <= day < 128):
            return Missing(asked=ask.identifier)
        facts = Facts(
            title=f"{name} as of quarter {day // 90}", authors=("Ada Berger",), year=2019,
            venue="Journal" if day > 200 else None, retracted=True if day > 300 else None,
        )  # fmt: skip
        if source == "arxiv":
            return Observed(asked=ask.identifier, answered=ask.identifier, facts=facts)
        count = self.counts.get((source, name), 40)
        count += self.chance.choice((0, 0, 0, 0, 0, 1, 1, 2, -1))
        self.counts[source, name] = max(0, count)
        if self.chance.random() < 0.02:
            count = self.chance.choice((0, count * 3, count // 2))
        if self.chance.random() < 0.005:
            self.merged.symmetric_difference_update({name})
        record = f"{name}{' again' if name in self.merged else ''}"
        return Observed(
            asked=ask.identifier, answered=Identifier(source, record), facts=facts,
            citation_count=max(0, count), influential_count=count // 9,
        )  # fmt: skip


class Source(ScriptedSource):
    def __init__(self, name: str, skies: Skies) -> None:
        super().__init__(name, counts=name != "arxiv", schemes=("arxiv",), batch_size=2)
        self._skies = skies

    def _answer(self, ask: Ask) -> Outcome:
        if self.everything is not None:
            return self.everything
        return self._skies.answer(self.name, ask)


def printed(house: House, as_of: int | None = None) -> str:
    question = ReportQuestion(
        papers=house.papers(), sources=SCHEDULES, preferred=SOURCES[:2],
        badge_for=Ladder().highest_at, now=house.now(), as_of=as_of, sort="list", compare=True,
    )  # fmt: skip
    out = io.StringIO()
    report_json(build_report(house.store, question), out)
    return out.getvalue()


def one_day(house: House, skies: Skies, chance: random.Random) -> None:
    for name in chance.sample(SOURCES, k=chance.choice((1, 3, 3))):
        source = Source(name, skies)
        if chance.random() < 0.05:
            source.everything = Throttled(until=None, reason="busy")
        elif chance.random() < 0.05:
            source.everything = Failed(reason="http_500")
        house.sync(source, scope=Scope(force=chance.random() < 0.3))


def killed_in_a_pass(house: House, skies: Skies) -> None:
    """Answers are stored as they come; the pass never comes to an end."""
    house.store.end_run = lambda run: None  # type: ignore[method-assign]
    house.sync(Source("semantic_scholar", skies), scope=Scope(force=True))
    house.restart()


def decide(house: House, day: int) -> None:
    """What people do on some days."""
    papers = house.papers()
    if day == 60:
        house.watch(*(w.paper for w in papers), paper(7), paper(8, claim=20))
    if day == 110:
        number, known = papers[1].number or 0, papers[1].paper
        house.store.update_paper(
            number, replace(known, title="Another title", claim=30, year=2020), now=house.now()
        )
    if day in (150, 210):
        number = papers[2].number or 0
        (held,) = house.store.helds("semantic_scholar", [number])
        if held.answered is not None:
            row = KnownIdentifier(
                paper=number, identifier=held.answered, state="rejected", origin="user",
                at=house.now(),
            )  # fmt: skip
            let_go(row, house.store, SOURCES)
    if day in (170, 260):
        row = KnownIdentifier(
            paper=papers[3].number or 0, identifier=Identifier("doi", "10.1000/a"),
            state="accepted" if day == 170 else "rejected", origin="user", at=house.now(),
        )  # fmt: skip
        house.store.save_identifiers([row])
        house.store.save_identifiers(
            [replace(row, paper=papers[4].number or 0, state="accepted", at=house.now())]
        )


def a_year(house: House, seed: int) -> Iterator[tuple[int, str]]:
    chance = random.Random(seed)  # noqa: S311
    skies = Skies(house, random.Random(seed + 1))  # noqa: S311
    house.watch(*(paper(n) for n in range(1, 7)))
    for day in range(DAYS):
        midnight = (20_000 + day + 1) * DAY
        house.clock.advance(chance.randrange(3600, 10 * 3600))
        one_day(house, skies, chance)
        decide(house, day)
        if chance.random() < 0.1:
            house.restart()
        if chance.random() < 0.05:
            killed_in_a_pass(house, skies)
        if chance.random() < 0.05:
            house.store.prune(before=house.now() - 7 * DAY)
        if chance.random() < 0.2:
            one_day(house, skies, chance)
        assert house.clock.time() < midnight
        house.clock.advance(midnight - 1 - house.clock.time())
        yield house.now(), printed(house)
        house.clock.advance(1)


@pytest.mark.slow
def test_every_day_of_a_year_reads_afterwards_as_it_read_on_that_day(tmp_path: Path) -> None:
    house = House(tmp_path)
    then = dict(a_year(house, seed=5))
    for at, text in then.items():
        again = printed(house, as_of=at)
        if again != text:
            assert json.loads(again) == json.loads(text), at
    house.store.close()
    statuses = {
        count["status"]
        for text in then.values()
        for line in json.loads(text)["papers"]
        for count in line["counts"].values()
    }
    assert statuses == {"ok", "held", "missing", "stale", "never"}
