"""Delivery: each change to each channel once, whatever dies when."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from citewatch.bootstrap import seeded_chance
from citewatch.config import settings_from_text
from citewatch.domain.delivery import LEASE_S, Rhythm, Timing
from citewatch.domain.papers import DAY, Change, Kind, Paper, Pending, Status
from citewatch.errors import Full
from citewatch.ports import Batch, Channel, HeldBack, Message, Outbox, Refusal, Store
from citewatch.services.channels import Absent, Roster, build_roster
from citewatch.services.deliver import Delivered, Post, deliver_due, delivery_lag, send_trial
from citewatch.store import open_store
from fakes import FakeClock

NO = Refusal("it said no")
MONDAY_NOON = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp())


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Scripted:
    """A channel that does what it is told, then takes everything."""

    name: str
    for_people: bool = False
    script: list[Any] = field(default_factory=list)
    took: list[Message] = field(default_factory=list)
    asked: int = 0

    async def send(self, message: Message) -> Refusal | None:
        self.asked += 1
        step = self.script.pop(0) if self.script else None
        if step == "killed before":
            raise Killed
        if isinstance(step, Exception):
            raise step
        if isinstance(step, Refusal):
            return step
        if isinstance(step, asyncio.Event):
            await step.wait()
        self.took.append(message)
        if step == "killed after":
            raise Killed
        return None

    def numbers(self) -> list[int]:
        return [row.number for message in self.took for row in message.changes]

    def keys(self) -> list[str]:
        return [message.key for message in self.took]


class Office:
    """A database on disk, a clock, and deliveries with restarts in between."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'citewatch.db'}"
        self.clock = FakeClock(MONDAY_NOON)
        self.store: Store = open_store(self.url, now=0)
        self.timing = Timing(rhythm=Rhythm.EACH, zone=UTC)
        self.roster: dict[str, Any] = {}

    def now(self) -> int:
        return int(self.clock.time())

    def restart(self) -> None:
        self.store.close()
        self.store = open_store(self.url, now=0)

    def change(self, kind: Kind = Kind.DROP, count: int = 1) -> list[int]:
        changes = [Change(kind=kind, at=self.now(), source="s2", text=kind) for _ in range(count)]
        return [row.number for row in self.store.apply(Batch(changes=changes))]

    def post(self, *channels: Channel, outbox: Outbox | None = None) -> Post:
        roster = Roster(channels=channels, timing=self.timing, **self.roster)
        return Post(
            store=self.store, outbox=outbox or self.store.outbox(), roster=roster,
            clock=self.clock, chance=lambda: 0.0,
        )  # fmt: skip

    def deliver(self, *channels: Channel, settled: bool = True) -> Delivered:
        return asyncio.run(deliver_due(self.post(*channels), settled=settled))

    def killed(self, *channels: Channel, outbox: Outbox | None = None) -> None:
        try:
            asyncio.run(deliver_due(self.post(*channels, outbox=outbox)))
        except (Killed, BaseExceptionGroup):
            self.restart()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.store.close()


def test_each_channel_gets_each_change_once(office: Office) -> None:
    a, b = Scripted("a"), Scripted("b")
    office.deliver(a, b)
    told = office.change(count=3)
    done = office.deliver(a, b)
    assert a.numbers() == b.numbers() == told
    assert (done.sent, done.waiting, done.failed) == (2, 0, ())
    assert done.channels["a"].told == 3
    office.restart()
    assert office.deliver(a, b).sent == 0


def test_a_dead_channel_blocks_no_other_and_is_tried_again_in_its_own_time(office: Office) -> None:
    dead, well = Scripted("dead", script=[NO, NO]), Scripted("well")
    told = office.change()
    done = office.deliver(dead, well)
    assert well.numbers() == told
    assert done.failed == ("dead",)
    assert done.channels["dead"].waiting == 1
    assert done.channels["dead"].trouble == "it said no"
    assert done.channels["dead"].next_try_at == office.now() + 60
    office.restart()
    office.clock.advance(59)
    office.deliver(dead, well)
    assert dead.asked == 1
    for wait in (1, 120):
        office.clock.advance(wait)
        office.deliver(dead, well)
    assert dead.asked == 3
    assert dead.numbers() == told
    assert office.store.outbox().states()[0].failures == 0


def test_a_channel_that_hangs_delays_no_other(office: Office) -> None:
    async def both() -> None:
        release = asyncio.Event()
        slow, quick = Scripted("slow", script=[release]), Scripted("quick")
        delivering = asyncio.create_task(deliver_due(office.post(slow, quick)))
        for _ in range(100):
            await asyncio.sleep(0)
        assert quick.took
        assert not slow.took
        release.set()
        await delivering
        assert slow.took

    office.change()
    asyncio.run(both())


def test_a_channel_whose_code_fails_is_a_channel_that_fails(office: Office) -> None:
    bad, well = Scripted("bad", script=[RuntimeError("https://token@host")]), Scripted("well")
    office.change()
    done = office.deliver(bad, well)
    assert well.took
    assert done.channels["bad"].trouble == (
        "its code failed (RuntimeError); this is a defect of citewatch"
    )


def test_a_full_disk_stops_no_other_channel_and_is_raised_as_itself(office: Office) -> None:
    class Broken:
        def __init__(self, outbox: Outbox) -> None:
            self.outbox = outbox

        def __getattr__(self, name: str) -> Any:
            return getattr(self.outbox, name)

        def claim(self, channel: str, **more: Any) -> Any:
            if channel == "a":
                raise Full("no room")
            return self.outbox.claim(channel, **more)

    a, b = Scripted("a"), Scripted("b")
    office.change()
    with pytest.raises(Full, match="no room"):
        asyncio.run(deliver_due(office.post(a, b, outbox=Broken(office.store.outbox()))))  # type: ignore[arg-type]
    assert (len(a.took), len(b.took)) == (0, 1)
    office.deliver(a, b)
    assert (len(a.took), len(b.took)) == (1, 1)


def test_a_delivery_that_is_cancelled_ends_at_once_and_goes_on_later(office: Office) -> None:
    async def cancelled() -> None:
        slow = Scripted("a", script=[asyncio.Event()])
        delivering = asyncio.create_task(deliver_due(office.post(slow)))
        for _ in range(20):
            await asyncio.sleep(0)
        assert slow.asked == 1
        delivering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await delivering

    told = office.change()
    asyncio.run(cancelled())
    a = Scripted("a")
    office.clock.advance(LEASE_S)
    office.deliver(a)
    assert a.numbers() == told


def test_killed_before_it_was_sent_it_is_sent_when_the_lease_has_run_out(office: Office) -> None:
    a = Scripted("a", script=["killed before"])
    told = office.change()
    office.killed(a)
    office.deliver(a)
    assert a.took == [], "whoever claimed it may be sending it still"
    office.clock.advance(LEASE_S)
    office.change()
    office.deliver(a)
    assert a.numbers()[:1] == told
    assert a.took[0].changes[0].number == told[0]
    assert Counter(a.numbers()) == Counter([1, 2])


def test_killed_between_sending_and_marking_it_comes_twice_with_one_key(office: Office) -> None:
    a = Scripted("a", script=["killed after"])
    told = office.change(count=2)
    office.killed(a)
    office.change()
    office.clock.advance(LEASE_S)
    office.deliver(a)
    first, again, other = a.took
    assert first.key == again.key != other.key
    assert first.changes == again.changes, "what came since is another message"
    assert [row.number for row in first.changes] == told


def test_two_processes_never_send_the_same(office: Office) -> None:
    office.deliver(Scripted("a"))
    told = office.change(count=4)

    async def both() -> list[int]:
        release = asyncio.Event()
        mine, theirs = Scripted("a", script=[release]), Scripted("a")
        with closing(open_store(office.url, now=0)) as other:
            first = asyncio.create_task(deliver_due(office.post(mine)))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            second = replace(office.post(theirs), store=other, outbox=other.outbox())
            await deliver_due(second)
            release.set()
            await first
        assert theirs.took == []
        return mine.numbers()

    assert asyncio.run(both()) == told


class Mortal:
    """An outbox whose process may die before or after anything it does."""

    def __init__(self, outbox: Outbox, chance: Callable[[], float], kills: Counter[str]) -> None:
        self.outbox, self.chance, self.kills = outbox, chance, kills

    def __getattr__(self, name: str) -> Callable[..., Any]:
        real = getattr(self.outbox, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            if self.chance() < 0.04:
                self.kills[f"before {name}"] += 1
                raise Killed
            result = real(*args, **kwargs)
            if self.chance() < 0.04:
                self.kills[f"after {name}"] += 1
                raise Killed
            return result

        return call


def test_through_two_hundred_deaths_nothing_is_lost_and_doubles_have_one_key(
    office: Office,
) -> None:
    chance, kills = seeded_chance(7), Counter[str]()
    people, program = Scripted("p", for_people=True), Scripted("q")
    told: list[int] = []
    while kills.total() < 200:
        told += office.change(count=int(3 * chance()))
        for channel in (people, program):
            if chance() < 0.1:
                channel.script.append(NO)
        outbox = Mortal(office.store.outbox(), chance, kills)
        office.killed(people, program, outbox=outbox)  # type: ignore[arg-type]
        office.clock.advance(int(200 * chance()))
    for _ in range(3):
        office.clock.advance(DAY)
        office.deliver(people, program)
    marks = [name for name in kills if name.endswith(" sent")]
    assert len(marks) == 2, "it died between sending and marking, too"
    for channel in (people, program):
        own = Counter(channel.numbers())
        told_of_dead = {
            row.number for row in office.store.changes() if row.change.kind is not Kind.DROP
        }
        assert set(told) <= own.keys() | told_of_dead
        by_key: dict[str, set[tuple[int, ...]]] = {}
        for message in channel.took:
            content = tuple(row.number for row in message.changes)
            by_key.setdefault(message.key, set()).add(content)
        assert all(len(contents) == 1 for contents in by_key.values())
        distinct = [number for (content,) in by_key.values() for number in content]
        assert len(distinct) == len(set(distinct)), "no change is in two messages"
        doubled = len(channel.took) - len(by_key)
        assert doubled <= kills["before sent"] + sum(
            kills[f"before {name}"] + kills[f"after {name}"] for name in ("states",)
        )
    assert office.store.outbox().undistributed() == (0, None)


def test_a_channel_dead_for_a_day_is_reported_by_the_others_once_and_its_return_once(
    office: Office,
) -> None:
    dead = Scripted("apprise mailto", for_people=True, script=[NO] * 30)
    others = [Scripted("feed"), Scripted("apprise ntfy", for_people=True)]
    office.timing = Timing(rhythm=Rhythm.WEEKLY, zone=UTC)
    office.change()
    while dead.script:
        office.deliver(dead, *others)
        office.clock.advance(3 * 3600 if len(dead.script) > 15 else DAY)
    for other in others:
        news = [row for m in other.took for row in m.changes if row.change.kind is not Kind.DROP]
        assert [row.change.kind for row in news] == [Kind.CHANNEL_DOWN]
        assert news[0].change.text == (
            "apprise mailto has taken no message since 2026-11-23 12:00 UTC: it said no"
        )
    office.clock.advance(8 * DAY)
    office.deliver(dead, *others)
    assert len(dead.took) == 1
    office.clock.advance(8 * DAY)
    office.deliver(dead, *others)
    for other in others:
        kinds = [row.change.kind for m in other.took for row in m.changes]
        assert kinds.count(Kind.CHANNEL_UP) == kinds.count(Kind.CHANNEL_DOWN) == 1
    assert [r.change.kind for m in dead.took for r in m.changes] == [Kind.DROP]


def test_a_daily_digest_is_one_message_in_the_user_s_day(office: Office) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    office.timing = Timing(rhythm=Rhythm.DAILY, zone=berlin, quiet_hours=(22 * 60, 7 * 60))
    a, program = Scripted("a", for_people=True), Scripted("program")
    for _ in range(4 * 24 * 2):
        office.change()
        office.deliver(a, program, settled=False)
        office.clock.advance(1800)
    local = [datetime.fromtimestamp(m.at, berlin) for m in a.took]
    assert [f"{at:%a %H:%M}" for at in local] == [
        "Mon 15:00",
        "Tue 07:00",
        "Wed 07:00",
        "Thu 07:00",
        "Fri 07:00",
    ]
    assert len(program.took) == 4 * 24 * 2
    assert a.numbers() == sorted(set(a.numbers()))


def test_a_digest_and_nothing_else_says_what_is_held_back(office: Office) -> None:
    (number,) = office.store.add_papers([Paper(key="zoo-2017", title="ZOO")], now=0)
    office.store.set_watched([number])
    (held,) = office.store.helds("s2", [number])
    waits = replace(
        held, status=Status.HELD, citation_count=400, pending=Pending(office.now(), 0, 1, 0)
    )
    office.store.apply(Batch(helds=[waits]))
    expected = HeldBack(
        paper=number, title="ZOO", source="s2", believed=400, said=0, since_at=office.now()
    )
    for rhythm, told in ((Rhythm.EACH, ()), (Rhythm.DAILY, (expected,))):
        office.timing = Timing(rhythm=rhythm, zone=UTC)
        person, program = Scripted(f"a {rhythm}", for_people=True), Scripted("program")
        office.change()
        office.deliver(person, program)
        assert [message.held for message in person.took] == [told]
        assert program.took[-1].held == ()


def test_a_digest_that_came_late_and_urgent_news_do_not_stand_for_the_next_digest(
    office: Office,
) -> None:
    office.timing = Timing(rhythm=Rhythm.WEEKLY, zone=UTC)
    a = Scripted("a", for_people=True, script=[NO])
    office.deliver(a)
    office.change()
    office.deliver(a)
    office.clock.advance(6.8 * DAY)  # Monday again, 07:12
    office.change(Kind.CHANNEL_DOWN)
    office.deliver(a, settled=False)
    assert a.numbers() == [1, 2], "the old digest, then the urgent news"
    office.change()
    office.deliver(a)
    assert a.numbers() == [1, 2, 3]


def test_quiet_hours_hold_back_a_retry_as_well(office: Office) -> None:
    office.timing = Timing(rhythm=Rhythm.EACH, zone=UTC, quiet_hours=(12 * 60 + 1, 20 * 60))
    a = Scripted("a", for_people=True, script=[NO])
    office.change()
    office.deliver(a)
    office.clock.advance(3600)
    office.deliver(a)
    assert a.asked == 1
    office.clock.advance(7 * 3600)
    office.deliver(a)
    assert len(a.took) == 1


def test_people_get_their_kinds_and_programs_everything(office: Office) -> None:
    office.roster = {"kinds": frozenset({Kind.MILESTONE})}
    person, program = Scripted("person", for_people=True), Scripted("program")
    office.deliver(person, program)
    drop, milestone = office.change(Kind.DROP), office.change(Kind.MILESTONE)
    office.deliver(person, program)
    assert person.numbers() == milestone
    assert program.numbers() == drop + milestone


def test_a_missing_variable_is_no_reason_to_forget_what_waits(office: Office) -> None:
    mail = Scripted("apprise mailto", for_people=True)
    office.deliver(mail)
    first = office.change()
    office.roster = {"absent": (Absent("apprise ", "X is not set", for_people=True),)}
    done = office.deliver()
    assert done.channels["apprise mailto"].waiting == 1
    office.clock.advance(10 * DAY)
    second = office.change()
    office.deliver()
    office.roster = {}
    office.deliver(mail)
    assert mail.numbers() == first + second


def test_without_channels_nothing_piles_up_and_a_new_one_is_not_flooded(office: Office) -> None:
    office.change(count=500)
    office.deliver()
    assert delivery_lag(office.store.outbox(), now=office.now()) == (0, 0)
    office.clock.advance(2 * DAY)
    young = office.change(count=2)
    office.deliver()
    a = Scripted("a")
    office.deliver(a)
    assert a.numbers() == young


def test_the_lag_is_that_of_the_oldest_change_that_waits(office: Office) -> None:
    outbox = office.store.outbox()
    a = Scripted("a", script=[NO])
    office.deliver(a)
    office.change()
    office.clock.advance(100)
    assert delivery_lag(outbox, now=office.now()) == (1, 100)
    office.change()
    office.deliver(a)
    office.clock.advance(50)
    assert delivery_lag(outbox, now=office.now()) == (2, 150)


def test_a_broken_template_is_said_once_and_again_when_it_is_another(office: Office) -> None:
    office.roster = {"problems": ("paper.txt: bad",)}
    assert office.deliver().notes == ("paper.txt: bad",)
    assert office.deliver().notes == ()
    office.roster = {"problems": ("paper.txt: worse",)}
    assert office.deliver().notes == ("paper.txt: worse",)
    office.roster = {}
    assert office.deliver().notes == ()


def test_a_trial_goes_to_every_channel_and_is_not_remembered(office: Office) -> None:
    a, b = Scripted("a"), Scripted("b", script=[NO])
    results = asyncio.run(send_trial(office.post(a, b).roster, now=office.now()))
    assert results == {"a": None, "b": NO}
    assert a.took[0].test
    assert office.store.outbox().states() == []


def test_what_config_names_is_built_and_what_it_lacks_is_said(
    office: Office, tmp_path: Path
) -> None:
    text = """[notify]
urls_env = "MY_URLS"
urls_file = "urls.txt"
feed = "feed.atom"
jsonl = "changes.jsonl"
webhook_url_env = "HOOK"
webhook_secret_env = "HOOK_SECRET"
timezone = "Europe/Berlin"
digest = "weekly"
kinds = ["milestone"]
"""
    settings = settings_from_text(text, path=tmp_path / "config.toml", environ={})

    def built(**environ: str) -> Roster:
        return build_roster(
            settings, office.store.outbox(), environ=environ, clock=office.clock, version="1"
        )

    (tmp_path / "urls.txt").write_text("")
    bare = built()
    assert [c.name for c in bare.channels] == ["feed", "jsonl"]
    assert [(a.prefix, a.why) for a in bare.absent] == [
        (
            "apprise ",
            f"the variable MY_URLS is not set and the file {tmp_path / 'urls.txt'} is empty",
        ),
        ("webhook", "the variable HOOK is not set"),
    ]
    assert bare.notes == ("the variable HOOK_SECRET is not set; the webhook is not signed",)
    assert bare.timing == Timing(rhythm=Rhythm.WEEKLY, zone=ZoneInfo("Europe/Berlin"))
    assert bare.kinds == {Kind.MILESTONE}
    (tmp_path / "urls.txt").write_text("mailto://a:b@example.org\n\n  json://127.0.0.1/x\n")
    names = [c.name for c in built(HOOK="http://127.0.0.1/x", HOOK_SECRET="s").channels]
    assert names == ["apprise mailto", "apprise json", "feed", "jsonl", "webhook"]
    assert [c.name for c in built(MY_URLS="ntfy://a ntfy://b").channels][:2] == [
        "apprise ntfy", "apprise ntfy 2",
    ]  # fmt: skip
    (tmp_path / "urls.txt").unlink()
    assert built().absent[0].why == (
        f"notify.urls_file: the file {tmp_path / 'urls.txt'}: No such file or directory"
    )


def test_files_hold_each_change_once_through_deaths(office: Office, tmp_path: Path) -> None:
    text = '[notify]\nfeed = "feed.atom"\njsonl = "changes.jsonl"\n'
    settings = settings_from_text(text, path=tmp_path / "config.toml", environ={})
    chance, kills = seeded_chance(3), Counter[str]()
    told: list[int] = []

    def channels() -> tuple[Channel, ...]:
        outbox = office.store.outbox()
        built = build_roster(settings, outbox, environ={}, clock=office.clock, version="1")
        return built.channels

    office.deliver(*channels())
    while kills.total() < 40:
        told += office.change(count=int(3 * chance()))
        office.killed(*channels(), outbox=Mortal(office.store.outbox(), chance, kills))  # type: ignore[arg-type]
        office.clock.advance(200)
    office.clock.advance(DAY)
    office.deliver(*channels())
    lines = (tmp_path / "changes.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == told
    assert (tmp_path / "feed.atom").read_text().count("<entry>") == min(200, len(told))
