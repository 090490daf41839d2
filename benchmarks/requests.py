"""How many requests a list of 53 papers costs, counted at the server.

The top-level config.toml is used where there is one, else a list that the stand-in's world
writes, taken in as ``citewatch init`` does it. The clock is simulated.
"""

from __future__ import annotations

import asyncio
import math
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from citewatch.bootstrap import App, SimulatedClock, seeded_chance
from citewatch.config import initial_config, load_settings
from citewatch.domain.papers import DAY
from citewatch.intake import read_list
from citewatch.ports import Store
from citewatch.sandbox import (
    DEFAULT_START,
    SANDBOX_PASSWORD,
    SANDBOX_S2_KEY,
    SANDBOX_USERNAME,
    Sandbox,
    World,
    publication_list,
)
from citewatch.services.desk import Scope
from citewatch.services.enlist import enlist
from citewatch.services.whole_pass import one_pass
from citewatch.sources.registry import known_sources
from figures import Figure, parser, show
from kinds import label

CONFIG = Path(__file__).resolve().parent.parent / "config.toml"
DAYS = {"full": 120, "tiny": 3}
"""Before day 130, on which the made world's Semantic Scholar is out of order."""
BATCH, MATCH = "Semantic Scholar, lists", "Semantic Scholar, titles"
IDS = "arXiv, lists"


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass as the server saw it."""

    requests: Counter[str]
    arxiv_ids: int


def configuration(box: Sandbox, folder: Path) -> tuple[Path, str]:
    """The configuration to use, and where it comes from."""
    if CONFIG.exists():
        return CONFIG, "config.toml"
    path = folder / "publications.txt"
    path.write_text(publication_list(box.world), encoding="utf-8")
    enlisted = enlist([read_list(path)], known=(), watched=())
    config = folder / "config.toml"
    text = initial_config("publications", "publications", enlisted.papers, enlisted.pages)
    config.write_text(text, encoding="utf-8")
    return config, "a list that was written and read"


def make_app(box: Sandbox, config: Path, folder: Path, clock: SimulatedClock) -> App:
    """The program, pointed at the stand-in by its environment."""
    environ = {
        "S2_API_KEY": SANDBOX_S2_KEY,
        "OPENREVIEW_USERNAME": SANDBOX_USERNAME,
        "OPENREVIEW_PASSWORD": SANDBOX_PASSWORD,
    }
    for source, urls in box.urls.items():
        for name, url in urls.items():
            environ[f"CITEWATCH_SOURCES__{source.upper()}__{name.upper()}"] = url
    return App(
        settings=load_settings(config, environ=environ), environ=environ, clock=clock,
        chance=seeded_chance(7), database_url=f"sqlite:///{folder / 'bench.db'}",
    )  # fmt: skip


def with_identifier(store: Store) -> int:
    """Papers that Semantic Scholar could be asked about before it had named any itself."""
    schemes = known_sources()["semantic_scholar"].schemes
    return len(
        {
            row.paper
            for row in store.identifiers()
            if row.state == "accepted"
            and row.origin in ("list", "link", "user")
            and row.identifier.scheme in schemes
        }
    )


async def poll(app: App, clock: SimulatedClock, box: Sandbox, days: int) -> tuple[list[Pass], int]:
    """The first pass, then one on each later day; papers without an identifier at first."""
    passes, told = [], 0
    with app.writing("benchmark") as store:
        for day in range(days + 1):
            clock.advance_to(DEFAULT_START + day * DAY + DAY / 4)
            await one_pass(app, store, Scope())
            log = box.requests[told:]
            told += len(log)
            refused = [seen for seen in log if seen.status not in (200, 400, 404)]
            assert not refused, refused
            ids = sum(seen.ids for seen in log if label(seen) == IDS)
            passes.append(Pass(Counter(label(seen) for seen in log), ids))
            if day == 0:
                titles = len(store.papers()) - with_identifier(store)
    return passes, titles


def main() -> None:
    """Count and print."""
    options = parser(__doc__).parse_args()
    clock = SimulatedClock(DEFAULT_START)
    with (
        # Nobody is refused: with retries the count would depend on the machine's speed.
        Sandbox(World(DEFAULT_START), clock.time, limits=False) as box,
        tempfile.TemporaryDirectory(prefix="citewatch-bench-") as name,
    ):
        config, origin = configuration(box, Path(name))
        app = make_app(box, config, Path(name), clock)
        passes, titles = asyncio.run(poll(app, clock, box, DAYS[options.size]))
    first, later = passes[0], passes[1:]
    lists = math.ceil(first.arxiv_ids / 100)
    apart = sum((day.requests for day in later), Counter[str]())
    others = sorted({*first.requests, *apart} - {BATCH, MATCH, IDS})
    show(
        f"Requests for the papers of {origin}, one first pass and {len(later)} daily ones",
        [
            Figure(what=f"first pass: {BATCH}", value=first.requests[BATCH], most=2),
            Figure(what=f"first pass: {MATCH}", value=first.requests[MATCH], most=titles),
            Figure(what=f"first pass: {IDS}", value=first.requests[IDS], most=lists + 1),
            *(
                Figure(what=f"first pass: {name}", value=first.requests[name])
                for name in others
            ),
            *(
                Figure(
                    what=f"later passes: {name}, most in one",
                    value=max(day.requests[name] for day in later), most=1,
                )
                for name in (BATCH, IDS)
            ),
            *(
                Figure(what=f"later passes: {name}, a day", value=apart[name] / len(later))
                for name in (MATCH, *others)
            ),
        ],
        notes=[
            f"{titles} papers have no identifier that Semantic Scholar takes.",
            f"The first id lists held {first.arxiv_ids} identifiers, at most 100 each.",
            "The last list of a first pass is for identifiers that other sources gave in it.",
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
