"""What reading answers costs, for each paper in them, beside the clients that read the same.

The bodies are the stand-in's: Atom feeds of 100 entries with abstracts of usual length, one
batch of 500 papers, lists of 100 works and of 50 records. Every reader is a process of its own
and reads all bodies several times; figures are medians, CPU time alone, unpacked bytes to values.
The others build objects or dictionaries of what they find; citewatch checks it as well.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx

from citewatch.domain.papers import Paper
from citewatch.sandbox import DEFAULT_START, Sandbox
from environment import Environment, add_options, clean, clients_of
from fields import CLIENTS, SCHEMES, plain_request
from figures import number, parser, show_rows
from worlds import bulk_world, watched

FOLDER = Path(__file__).resolve().parent
ENTRIES = {"full": 2_000, "tiny": 100}
PAPERS = {"full": 500, "tiny": 50}
LAPS = {"full": 21, "tiny": 1}
ROUNDS = {"full": 5, "tiny": 1}
LISTS = {"semantic_scholar": 500, "openalex": 100, "crossref": 50, "arxiv": 100}
WHAT = {
    "arxiv": "arXiv, entries", "semantic_scholar": "Semantic Scholar, papers of one batch",
    "openalex": "OpenAlex, works", "crossref": "Crossref, records",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bodies:
    """Answers of one source, unpacked, in files."""

    source: str
    ids: Sequence[Sequence[str]]
    paths: Sequence[Path]

    @property
    def papers(self) -> int:
        """How many are in them."""
        return sum(map(len, self.ids))


def record(source: str, papers: Sequence[Paper], urls: Mapping[str, str], folder: Path) -> Bodies:
    """Ask the stand-in for the papers and keep what it answers."""
    ids = [i.value for paper in papers for i in paper.ids if i.scheme == SCHEMES[source]]
    size = LISTS[source]
    parts = [ids[at : at + size] for at in range(0, len(ids), size)]
    paths = []
    with httpx.Client(base_url=urls["base_url"]) as client:
        for at, part in enumerate(parts):
            answer = client.send(plain_request(client, source, part)).raise_for_status()
            paths.append(folder / f"{source}-{at}")
            paths[-1].write_bytes(answer.content)
    return Bodies(source, parts, paths)


def read(command: Sequence[Path | str], bodies: Bodies, laps: int, environ: object) -> float:
    """Microseconds of CPU for each paper."""
    job = {
        "source": bodies.source, "scheme": SCHEMES[bodies.source], "ids": bodies.ids,
        "bodies": [str(path) for path in bodies.paths], "laps": laps,
    }  # fmt: skip
    done = subprocess.run(
        command, input=json.dumps(job) + "\n", capture_output=True, text=True, check=True,
        env=environ,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert told["papers"] == bodies.papers, (command, told)
    return 1e6 * told["cpu_s"] / bodies.papers


def rows(
    recorded: Sequence[Bodies], others: Environment, *, laps: int, rounds: int
) -> list[list[str]]:
    """A line for each source and reader."""
    table = [["", "µs each", "x citewatch"]]
    for bodies in recorded:
        client = CLIENTS[bodies.source]
        found: dict[str, list[float]] = {"citewatch": []}
        for turn in range(rounds):
            for name in ["citewatch", client][:: 1 if turn % 2 == 0 else -1]:
                if name == "citewatch":
                    us = read((sys.executable, FOLDER / "ours.py"), bodies, laps, None)
                elif name in others.versions:
                    script = FOLDER / "clients" / f"with_{name}.py"
                    us = read((others.python, script), bodies, laps, clean())
                else:
                    continue
                found.setdefault(name, []).append(us)
        first = found["citewatch"]
        for name, own in found.items():
            times = median(us / ours for us, ours in zip(own, first, strict=True))
            what = f"{WHAT[bodies.source]} ({bodies.papers:,}): {name}"
            table.append([what, number(median(own)), f"{times:.2f}"])
    return table


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--entries", type=int, help="Atom entries (2,000)")
    options.add_argument("--papers", type=int, help="papers of the other sources (500)")
    options.add_argument("--rounds", type=int, help="processes for each reader (5)")
    add_options(options)
    asked = options.parse_args()
    entries, papers = asked.entries or ENTRIES[asked.size], asked.papers or PAPERS[asked.size]
    world = bulk_world(max(entries, papers))
    listed = watched(world.records)
    with clients_of(asked) as others, tempfile.TemporaryDirectory() as name:
        with Sandbox(world, lambda: DEFAULT_START, limits=False) as box:
            recorded = [
                record(
                    source, listed[: entries if source == "arxiv" else papers],
                    {"base_url": box.urls[source]["base_url"]}, Path(name),
                )
                for source in WHAT
            ]  # fmt: skip
        table = rows(
            recorded, others, laps=LAPS[asked.size], rounds=asked.rounds or ROUNDS[asked.size]
        )
        show_rows("Reading answers: CPU for each paper", table, to_the_right=(1, 2))
        print(f"\n{others.words}")


if __name__ == "__main__":
    main()
