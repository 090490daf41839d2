"""citewatch beside the clients that one would otherwise install, against one stand-in.

``semanticscholar``, ``arxiv``, ``pyalex`` and ``habanero`` are installed into an environment of
their own; without a way to install them only citewatch's own figures are printed. Everybody asks
the same stand-in about the same papers, without pauses of their own, and every answer takes
equally long, over TLS as at the real services where the command ``openssl`` is there. Every driver
is a process of its own that asks for two papers first. Each round runs all of them, the next
one in the opposite order; figures are medians over the rounds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from citewatch.domain.papers import Paper
from citewatch.sources.registry import known_sources
from clients.lap import Job
from environment import Environment, add_options, clean, clients_of
from fields import CLIENTS, FIELDS, PREFIXES, SCHEMES
from figures import number, parser, show_rows
from standin import Manners, StandIn, stand_in
from tls import make_certificate
from worlds import bulk_world, watched

FOLDER = Path(__file__).resolve().parent
PAPERS = {"full": 10_000, "tiny": 200}
SINGLES = {"full": 20, "tiny": 2}
LATENCY_S = {"full": 0.05, "tiny": 0.0}
ROUNDS = {"full": 3, "tiny": 1}
PER = 10_000
NOISE = 0.05
HEAD = ("", "requests", "seconds", "CPU s", "x requests", "x seconds", "x CPU", "")


@dataclass(frozen=True, slots=True)
class Lap:
    """What asking once took, for each 10,000 papers."""

    requests: float
    seconds: float
    cpu_s: float
    """Of the client's process, all its threads, user and system."""

    def times(self, other: Lap) -> Lap:
        """How many times as much it was as the other."""
        return Lap(
            self.requests / other.requests,
            self.seconds / other.seconds,
            self.cpu_s / other.cpu_s,
        )


def middle(laps: Sequence[Lap]) -> Lap:
    """The median of each figure."""
    return Lap(
        median(lap.requests for lap in laps),
        median(lap.seconds for lap in laps),
        median(lap.cpu_s for lap in laps),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """One client with one way of asking."""

    name: str
    command: tuple[Path | str, ...]
    job: Job
    environ: Mapping[str, str] | None = None

    @property
    def papers(self) -> int:
        """How many it asks about."""
        return len(self.job["ids"])

    def lap(self, server: StandIn) -> Lap:
        """Ask for everything once."""
        with subprocess.Popen(
            self.command, env={**(self.environ or os.environ), **server.environ}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        ) as process:  # fmt: skip
            assert process.stdin
            assert process.stdout
            urls = server.urls[self.job["source"]]
            print(json.dumps({**self.job, "urls": urls}), file=process.stdin, flush=True)
            assert process.stdout.readline() == '"ready"\n', self.name
            server.arrivals()
            print("go", file=process.stdin, flush=True)
            told = json.loads(process.stdout.readline())
        arrivals = server.arrivals()
        assert (process.returncode, told["papers"]) == (0, self.papers), (self.name, told)
        assert all(arrival.status == 200 for arrival in arrivals), self.name
        times = PER / self.papers
        return Lap(len(arrivals) * times, told["seconds"] * times, told["cpu_s"] * times)


def runners(
    source: str, papers: Sequence[Paper], singles: int, others: Environment
) -> list[Runner]:
    """citewatch's adapter first, then its whole pass, then the other client's calls."""
    scheme, client = SCHEMES[source], CLIENTS[source]
    ids = [i.value for paper in papers for i in paper.ids if i.scheme == scheme]
    job = {"source": source, "scheme": scheme, "ids": ids, "fields": FIELDS[source]}
    ours = (sys.executable, FOLDER / "ours.py")
    found = [
        Runner(name="citewatch, adapter", command=ours, job={**job, "call": "lists"}),
        Runner(
            name="citewatch, pass with database", command=ours, job={**job, "call": "whole pass"}
        ),
    ]  # fmt: skip
    if client not in others.versions:
        return found
    command = (others.python, FOLDER / "clients" / f"with_{client}.py")
    written = [PREFIXES.get(source, "") + one for one in ids]
    calls = {"lists": written}
    if source == "semantic_scholar":
        calls["lists at once"] = written
    if source != "arxiv":
        calls["lists of whole records"] = written
    calls["singly"] = written[:singles]
    return found + [
        Runner(
            name=f"{client}, {call}", command=command, environ=clean(),
            job={**job, "call": call, "ids": asked},
        )
        for call, asked in calls.items()
    ]  # fmt: skip


def measure(
    everybody: Sequence[Runner], server: StandIn, rounds: int
) -> Mapping[str, Sequence[Lap]]:
    """Laps of all of them, round after round, each round in the opposite order."""
    laps: dict[str, list[Lap]] = {runner.name: [] for runner in everybody}
    if rounds > 1:  # what the stand-in makes up when it is first asked is in nobody's figures
        everybody[0].lap(server)
    for turn in range(rounds):
        for runner in everybody[:: 1 if turn % 2 == 0 else -1]:
            laps[runner.name].append(runner.lap(server))
    return laps


def rows(everybody: Sequence[Runner], laps: Mapping[str, Sequence[Lap]]) -> Iterator[list[str]]:
    """A line for each, with how many times as much it took as citewatch's adapter."""
    yield list(HEAD)
    first = laps[everybody[0].name]
    for runner in everybody:
        own = laps[runner.name]
        it = middle(own)
        times = middle([lap.times(ours) for lap, ours in zip(own, first, strict=True)])
        absolute = [number(value) for value in (round(it.requests), it.seconds, it.cpu_s)]
        relative = [f"{value:.2f}" for value in (times.requests, times.seconds, times.cpu_s)]
        verdict = "" if runner.name.startswith("citewatch") else verdict_on(times)
        yield [runner.name, *absolute, *relative, verdict]


def verdict_on(times: Lap) -> str:
    """What the ratios say of citewatch; a difference of a twentieth is noise."""
    compared = {"requests": times.requests, "seconds": times.seconds, "CPU": times.cpu_s}
    behind = [what for what, value in compared.items() if value < 1 - NOISE]
    if behind:
        return f"citewatch BEHIND in {' and '.join(behind)}"
    level = [what for what, value in compared.items() if value <= 1 + NOISE]
    return f"citewatch ahead{', level in ' + ' and '.join(level) if level else ''}"


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--papers", type=int, help="how many (10,000)")
    options.add_argument("--singles", type=int, help="for those who ask for one at a time (20)")
    options.add_argument("--latency", type=float, help="seconds until an answer (0.05)")
    options.add_argument("--rounds", type=int, help="how often all are run (3)")
    options.add_argument("--plain", action="store_true", help="without TLS")
    options.add_argument("--source", action="append", choices=CLIENTS, help="only this one")
    add_options(options)
    asked = options.parse_args()
    papers = asked.papers or PAPERS[asked.size]
    singles = min(papers, asked.singles or SINGLES[asked.size])
    latency_s = LATENCY_S[asked.size] if asked.latency is None else asked.latency
    rounds = asked.rounds or ROUNDS[asked.size]
    listed = watched(bulk_world(papers).records)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="citewatch-bench-"))
        certificate = None if asked.plain else make_certificate(Path(folder))
        others = stack.enter_context(clients_of(asked))
        server = stack.enter_context(
            stand_in(
                Manners(papers=papers, bulk=True, latency_s=latency_s, certificate=certificate)
            )
        )
        for source in asked.source or CLIENTS:
            everybody = runners(source, listed, singles, others)
            show_rows(
                f"{known_sources()[source].label}: per {PER:,} papers, {papers:,} were asked for, "
                f"answers take {latency_s:g} s{' over TLS' * bool(certificate)}, "
                f"median of {rounds}",
                list(rows(everybody, measure(everybody, server, rounds))),
                to_the_right=range(1, 7),
            )  # fmt: skip
        print(f"\n{others.words}")
    print(f"'singly' was asked about {singles} papers and multiplied.")
    print("Columns with x: how many times as much as citewatch's adapter, in the same round.")


if __name__ == "__main__":
    main()
