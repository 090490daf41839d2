"""Left alone for years: ``soak.py kills`` and ``soak.py days``.

``kills`` starts real processes and kills them at random moments; ``days`` lets one process
live through simulated years.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from citewatch.sandbox import World
from citewatch.sandbox.counts import SteadyCounts
from citewatch.sandbox.made import Contents
from days import Sample, disk, live
from figures import Figure, show
from kills import Soak
from receiver import receiving
from witness import Witness
from worlds import bulk_world

PAPERS = 40
SHOWN = 20


def kills(number: int, seed: int) -> int:
    """Kill so many processes; the exit code says whether all was well."""
    made = bulk_world(PAPERS)
    contents = Contents(records=made.records, preprints=())
    soak: list[Soak] = []

    def clock() -> float:
        return soak[0].now() if soak else time.time()

    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="citewatch-soak-") as name,
        Witness(World(time.time(), contents=contents, counts=SteadyCounts(0.5)), clock) as box,
        receiving() as hook,
    ):
        it = Soak(Path(name), box.world, box, hook, seed)
        soak.append(it)
        it.clean(2)
        while it.tally.kills.total() < number:
            it.kill_one()
        it.finish()
        return _report(it, f"{number} kills, seed {seed}, {time.monotonic() - began:.0f} s")


def _report(it: Soak, title: str) -> int:
    tally, evidence = it.tally, it.evidence
    unanswered, to_the_dead, wrong = evidence.doubled(tally.killed)
    wrong = [*tally.complaints, *wrong]
    figures = [
        *(
            Figure(what=f"killed: {command}, by {moment}", value=times)
            for (command, moment), times in sorted(tally.kills.items())
        ),
        Figure(what="ended before it could be killed", value=tally.ended),
        Figure(what="passes over a source cut short", value=tally.unfinished),
        Figure(what="counts served", value=it.box.served),
        Figure(what="acknowledged readings looked for", value=tally.checked),
        Figure(what="readings stored", value=evidence.readings),
        Figure(what="changes", value=evidence.changes),
        Figure(what="messages to the webhook", value=len(evidence.received)),
        Figure(what="came again: not answered, or refused", value=unanswered),
        Figure(what="came again: answered, but the asker was dead", value=to_the_dead),
        Figure(what="files left half-made", value=len(evidence.left_over()), most=5),
        Figure(what="anything lost, doubled or unsound", value=len(wrong), most=0),
    ]
    show(title, figures, notes=wrong[:SHOWN])
    return 0 if all(figure.met for figure in figures) else 1


def days(number: int, seed: int) -> int:
    """Live through so many days; the exit code says whether nothing grew that must not."""
    del seed  # everything is made from the day's number
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="citewatch-soak-") as name:
        lived = live(Path(name), number, every=max(1, number // 100))
        it = disk(lived.database)
        log_lines = (Path(name) / "daemon.log").read_text(encoding="utf-8").count("\n")
    samples = lived.samples
    tenth = max(1, len(samples) // 10)
    # The first tenth warms up: caches of the database fill, code is loaded when first needed.
    early, late = samples[tenth : 2 * tenth], samples[-tenth:]
    rss = [_mean([s.rss_kb for s in some]) / 1024 for some in (early, late)]
    figures = [
        Figure(what="passes", value=lived.passes),
        Figure(what="memory (RSS), second tenth", value=rss[0], unit="MB"),
        Figure(what="memory (RSS), last tenth", value=rss[1], unit="MB", most=1.05 * rss[0]),
        *(
            figure
            for what, of in (
                ("Python objects", "objects"), ("open files", "files"), ("threads", "threads"),
                ("tasks", "tasks"),
            )
            for figure in _flat(what, of, early, late)
        ),
        *(
            Figure(what=f"a day, {words}", unit="ms", value=1e3 * _spent_s(some, number))
            for words, some in (("second tenth", early), ("last tenth", late))
        ),
        Figure(what="readings stored", value=it.readings),
        Figure(what="rows of passes", value=it.passes),
        Figure(what="changes", value=it.changes),
        Figure(what="lines in the daemon's log", value=log_lines),
        Figure(what="log of changes, bytes a line", value=it.log_bytes / max(1, it.changes)),
        Figure(what="database, as predicted", value=it.predicted / 1e6, unit="MB"),
        Figure(
            what="database, measured", value=it.used / 1e6, unit="MB", most=1.1e-6 * it.predicted
        ),
    ]  # fmt: skip
    show(f"{number:,} days in one process, {time.monotonic() - began:.0f} s", figures)
    return 0 if all(figure.met for figure in figures) else 1


def _flat(what: str, of: str, early: Sequence[Sample], late: Sequence[Sample]) -> list[Figure]:
    # A pool of threads may fill up at any time, but no further than that.
    least = 1 + min(32, (os.cpu_count() or 1) + 4) if of == "threads" else 0
    before, after = (_mean([getattr(s, of) for s in some]) for some in (early, late))
    return [
        Figure(what=f"{what}, second tenth", value=before),
        Figure(what=f"{what}, last tenth", value=after, most=max(1.05 * before, least)),
    ]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _spent_s(samples: Sequence[Sample], number: int) -> float:
    return _mean([sample.spent_s for sample in samples]) / max(1, number // 100)


def main() -> int:
    """Read the command line and do it."""
    options = argparse.ArgumentParser(description=__doc__)
    ways = options.add_subparsers(dest="way", required=True)
    for name, usual in (("kills", 200), ("days", 10_000)):
        way = ways.add_parser(name)
        way.add_argument("--number", type=int, default=usual)
        way.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    play: dict[str, Callable[[int, int], int]] = {"kills": kills, "days": days}
    return play[given.way](given.number, given.seed)


if __name__ == "__main__":
    sys.exit(main())
