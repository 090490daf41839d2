"""Real processes of ``citewatch``, really killed at random moments, and what is left of them."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from citewatch.domain.papers import DAY
from citewatch.sandbox import World
from evidence import Evidence, Setup, complaints
from receiver import Receiver
from witness import Witness
from worlds import watched

SOURCES = ("semantic_scholar", "openalex", "crossref")
FAULTS = ("down@2", "reset@1", "truncated@1", "garbage@1", "error@2", "throttle@1")
LADDER, EVERY = (2, 4), 3
LONGEST_S = 6.0
"""A daemon never ends by itself; nothing that is to be killed lives longer."""


@dataclass(slots=True)
class Tally:
    """What happened in all lives."""

    kills: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By command and moment."""
    killed: set[int] = field(default_factory=set)
    """The days on which that was."""
    ended: int = 0
    """Processes that came to their end before their time."""
    unfinished: int = 0
    """Kills in the middle of a pass over some source."""
    checked: int = 0
    """Acknowledged readings that were looked for after a kill."""
    complaints: list[str] = field(default_factory=list)


class Life:
    """One process from its start to its violent end."""

    def __init__(self, command: list[str], folder: Path, environ: dict[str, str]) -> None:
        self.log = folder.parent / "err.txt"
        self.out = folder.parent / "out.txt"
        self._dead = threading.Event()
        with self.log.open("wb") as err, self.out.open("wb") as out:
            self.process = subprocess.Popen(
                command, cwd=folder, env=environ, stdout=out, stderr=err
            )

    def kill(self) -> None:
        """At once, without a chance to do anything."""
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)

    def kill_after(self, seconds: float) -> None:
        """The same a little later; harmless when it is dead by then."""
        threading.Thread(target=self._kill_after, args=(seconds,), daemon=True).start()

    def _kill_after(self, seconds: float) -> None:
        if not self._dead.wait(seconds):
            self.kill()

    def end(self) -> int:
        """Wait for the end, whatever brings it."""
        try:
            code = self.process.wait(LONGEST_S)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self.process.wait()
        self._dead.set()
        return code


class Soak:
    """A folder, a world whose days go by, and process after process."""

    def __init__(self, folder: Path, world: World, box: Witness, hook: Receiver, seed: int) -> None:
        self.box, self.hook, self.tally = box, hook, Tally()
        self.folder = folder / "work"
        self.folder.mkdir(parents=True)
        self._chance = random.Random(seed)
        self._day = 0
        self._ahead_s = 0.0
        self._usual_s = 3.0
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CITEWATCH_", "S2_"))}
        self._environ = {**kept, "HOME": str(folder), "HOOK": hook.url}
        (self.folder / "config.toml").write_text(_config(world, box), encoding="utf-8")
        setup = Setup(ladder=LADDER, every=EVERY, keys=[p.key for p in watched(world.records)])
        self._evidence = Evidence(self.folder, setup)
        self._evidence.received = hook.received

    def now(self) -> float:
        """The time of both sides: a day more with each process."""
        return time.time() + self._ahead_s

    def clean(self, days: int = 1) -> None:
        """Days on which nothing goes wrong; raises when something does."""
        for _ in range(days):
            self._next_day()
            began = time.monotonic()
            life = self._start("sync", "--format", "json")
            code = life.process.wait(60)
            self._usual_s = max(1.0, time.monotonic() - began)
            self._look(code, "sync")
            if code:
                raise RuntimeError(life.log.read_text())

    def kill_one(self) -> None:
        """One process with a fault or without, killed at some moment."""
        chance = self._chance
        self._next_day()
        command = chance.choice(("sync", "sync", "run"))
        if chance.random() < 0.35:
            self.box.set_fault(chance.choice(SOURCES), chance.choice(FAULTS))
        self.hook.status = 500 if chance.random() < 0.1 else 200
        moment = chance.choice(("time", "answer", "answer", "message"))
        set_trap = self._trap(moment)
        words = ("run", "--port", "0") if command == "run" else ("sync", "--format", "json")
        life = self._start(*words)
        set_trap(life)
        code = life.end()
        self.box.asked = self.hook.before = self.hook.after = lambda: None
        self.box.set_fault("all", None)
        self.hook.status = 200
        if code == -signal.SIGKILL:
            self.tally.kills[command, moment] += 1
            self.tally.killed.add(self._day)
        else:
            self.tally.ended += 1
        self._look(code, command)

    def finish(self) -> None:
        """Let all that waits be delivered, and look whether it was."""
        self.clean(3)
        self.tally.complaints += self._evidence.at_the_end()
        since = self.now() - DAY / 2
        self.tally.complaints += self._evidence.unseen_damage(self.box, since=since)

    @property
    def evidence(self) -> Evidence:
        """What was found so far."""
        return self._evidence

    # --- one life ---------------------------------------------------------------

    def _next_day(self) -> None:
        self._day += 1
        self._ahead_s = self._day * DAY
        self.box.begin()
        self.hook.spell = self._day

    def _start(self, *words: str) -> Life:
        shifted = Path(__file__).with_name("shifted.py")
        command = [sys.executable, str(shifted), str(self._ahead_s), *words]
        return Life(command, self.folder, self._environ)

    def _trap(self, moment: str) -> Callable[[Life], None]:
        chance = self._chance
        after_s, place = chance.random() * 0.02, chance.randint(1, 30)
        until_s = (0.2 + chance.random()) * self._usual_s
        early = chance.random() < 0.4

        def set_trap(life: Life) -> None:
            if moment == "time":
                life.kill_after(until_s)
                return
            left = [place if moment == "answer" else 1]

            def spring() -> None:
                left[0] -= 1
                if not left[0]:
                    life.kill() if early and moment == "message" else life.kill_after(after_s)

            if moment == "answer":
                self.box.asked = spring
            elif early:
                self.hook.before = spring
            else:
                self.hook.after = spring

        return set_trap

    def _look(self, code: int, command: str) -> None:
        found = self._evidence.after(self.box, since=self.now() - DAY / 2, ended=not code)
        self.tally.checked += found.checked
        self.tally.unfinished += found.unfinished
        self.tally.complaints += [f"day {self._day}, {command}: {w}" for w in complaints(found)]


def _config(world: World, box: Witness) -> str:
    lines = [
        f'[milestones]\nladder = {list(LADDER)}\nevery = {EVERY}\nconfirm_after = "1d"',
        '[notify]\nwebhook_url_env = "HOOK"\nfeed = "feed.atom"\njsonl = "changes.jsonl"',
        "[sources.arxiv]\nenabled = false\n[sources.openreview]\nenabled = false",
    ]
    for name in SOURCES:
        urls = "".join(f'{key} = "{url}"\n' for key, url in box.urls[name].items())
        lines.append(
            f'[sources.{name}]\nenabled = true\nmin_interval = "0s"\nbatch_size = 5\n'
            f"max_in_flight = 1\n{urls}"
        )  # fmt: skip
    lines.append("[watchlists.mine]\npapers = [")
    for paper in watched(world.records):
        ids = ", ".join(f"{i.scheme} = {json.dumps(i.value)}" for i in paper.ids)
        title = json.dumps(paper.title)
        lines.append(f'  {{ key = "{paper.key}", title = {title}, year = {paper.year}, {ids} }},')
    return "\n".join([*lines, "]", ""])
