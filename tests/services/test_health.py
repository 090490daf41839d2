"""How a source is doing, and the one sentence on what to do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from house import ARXIV, ZOO, House, counted

from citewatch.domain.papers import DAY, Failed, Throttled
from citewatch.ports import Quota
from citewatch.services.desk import Scope
from citewatch.services.health import Health, source_health
from citewatch.services.standing import SourceSchedule
from fakes import ScriptedSource

NAME = "semantic_scholar"
SCHEDULE = SourceSchedule(
    name=NAME, label="Semantic Scholar", every_s=DAY, counts=True, enabled=True,
    about="counts for nearly every paper", interval_s=1.0, rule_s=1.0,
)  # fmt: skip


class Talking(ScriptedSource):
    """Tells of its key and its allowance."""

    notes: tuple[str, ...] = ()
    quota: Quota | None = None
    key_state = "accepted"


def health(
    house: House,
    schedule: SourceSchedule = SCHEDULE,
    *,
    key: str = "set",
    blocked: str | None = None,
) -> Health:
    papers = [p.number for p in house.store.papers()]
    return source_health(house.store, schedule, papers, now=house.now(), blocked=blocked, key=key)


def asked(house: House, source: Talking | None = None, count: int = 100) -> Talking:
    house.watch(ZOO)
    source = source or Talking()
    source.answers[str(ARXIV)] = counted(count)
    house.sync(source)
    return source


def test_a_source_that_was_never_asked_says_so(house: House) -> None:
    house.watch(ZOO)
    seen = health(house)
    assert (seen.status, seen.unresolved, seen.median_age_s) == ("never", 1, None)
    assert seen.advice == "not asked yet: run 'citewatch sync'"


def test_a_good_pass_leaves_nothing_to_do(house: House) -> None:
    asked(house)
    seen = health(house)
    assert (seen.status, seen.found, seen.missing, seen.held) == ("ok", 1, 0, 0)
    assert (seen.key, seen.advice) == ("accepted", "nothing to do")


def test_the_median_age_grows_until_the_readings_are_old(house: House) -> None:
    asked(house)
    house.later(1)
    assert health(house).median_age_s == DAY
    house.later(2)
    assert health(house).advice.startswith("its readings are old")


def test_a_key_that_was_refused_is_to_be_checked(house: House) -> None:
    source = Talking()
    source.key_state = "refused"
    source.notes = ("key was refused (403); went on without it",)
    asked(house, source)
    seen = health(house)
    assert seen.key == "refused"
    assert seen.advice == "key was refused (403); went on without it: check the key"


def test_an_allowance_is_shown_until_it_is_renewed(house: House) -> None:
    source = Talking()
    source.quota = Quota(left=40, of=1000, unit="credits", resets_at=house.now() + 3600)
    asked(house, source)
    seen = health(house)
    assert seen.quota == source.quota
    assert seen.advice.startswith("nearly all credits of today are spent")
    house.later(0.1)
    assert health(house).quota is None


def test_a_spent_allowance_is_said(house: House) -> None:
    asked(house)
    house.store.gate(NAME).spend(house.now() + 3600)
    seen = health(house)
    assert seen.spent_until == house.now() + 3600
    assert seen.advice.startswith("today's credits are spent")


def test_a_parked_source_names_the_time_and_the_reason(house: House) -> None:
    asked(house)
    house.store.gate(NAME).park(house.now() + 600, "http_429: slow down")
    seen = health(house)
    assert (seen.status, seen.next_request_at) == ("parked", house.now() + 600)
    assert "http_429: slow down" in seen.advice


def test_the_next_request_keeps_the_pace_of_the_last(house: House) -> None:
    asked(house)
    house.store.gate(NAME).sent(house.now())
    slow = replace(SCHEDULE, interval_s=60.0)
    assert health(house, slow).next_request_at == house.now() + 61
    house.later(0.01)
    assert health(house, slow).next_request_at is None


def test_a_failing_source_says_what_failed(house: House) -> None:
    source = asked(house)
    source.everything = Failed(reason="timeout", detail="no answer in 30 seconds")
    house.later(1.5)
    house.sync(source)
    seen = health(house)
    assert seen.status == "failed"
    assert seen.advice == "no answer in 30 seconds; the next sync tries again"
    assert seen.last_success is not None


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (
            replace(SCHEDULE, enabled=False, needs="needs a token: set the variable ADS_API_TOKEN"),
            "off: needs a token: set the variable ADS_API_TOKEN (counts for nearly every paper)",
        ),
        (
            replace(SCHEDULE, enabled=False),
            "off unless you want it: 'enabled = true' under [sources.",
        ),
        (replace(SCHEDULE, enabled=False, switched=True), "switched off: 'enabled = true'"),
    ],
)
def test_a_source_that_is_off_says_why(house: House, schedule: SourceSchedule, words: str) -> None:
    house.watch(ZOO)
    seen = health(house, schedule)
    assert seen.status == "off"
    assert seen.advice.startswith(words)


def test_a_blocked_source_says_what_it_needs(house: House) -> None:
    house.watch(ZOO)
    seen = health(house, blocked="needs a login")
    assert seen.status == "blocked"
    assert seen.advice.startswith("needs a login")


def test_a_source_that_never_answered_is_not_called_well_when_its_parking_is_over(
    house: House,
) -> None:
    house.watch(ZOO)
    source = Talking()
    source.everything = Throttled(until=None, reason="http_429: too many")
    house.sync(source)
    seen = health(house)
    assert seen.status == "never"
    assert "it has not answered yet (http_429: too many)" in seen.advice


def test_a_pass_in_which_nothing_was_due_does_not_hide_a_failure(house: House) -> None:
    source = asked(house)
    source.everything = Failed(reason="timeout", detail="no answer in 30 seconds")
    house.later(1.5)
    house.sync(source)
    house.sync(source, scope=Scope(trigger="resolve", only_new=True))
    assert health(house).status == "failed"
