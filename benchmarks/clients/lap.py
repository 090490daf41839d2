"""What the drivers have in common: a job comes in on stdin, figures go out on stdout, as JSON.

Each driver is a process of its own and asks once before it is measured, so that imports and
what is made up at the first question are in nobody's figures.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

Job = Mapping[str, Any]
Fetch = Callable[[Job, Sequence[str]], Callable[[], int]]
"""(job, identifiers) → what is measured: it asks, and says how many papers came back."""
Parse = Callable[[bytes, Job, Sequence[str]], int]
"""(an answer's body, job, who was asked for) → how many papers were in it."""
WARM_UP = 2


def chunks(ids: Sequence[str], size: int) -> list[list[str]]:
    """The identifiers in lists of at most that size."""
    return [list(ids[at : at + size]) for at in range(0, len(ids), size)]


def drive(fetch: Mapping[str, Fetch], parse: Parse) -> None:
    """Do the job that stdin names: ``fetch`` by the name of the call, or ``parse`` bodies."""
    job = json.loads(sys.stdin.readline())
    if "bodies" in job:
        _say(_parse(parse, job))
        return
    call = fetch[job["call"]]
    call(job, job["ids"][:WARM_UP])()
    go = call(job, job["ids"])
    _say("ready")
    sys.stdin.readline()
    cpu, began = _cpu_s(), time.perf_counter()
    papers = go()
    _say({"papers": papers, "seconds": time.perf_counter() - began, "cpu_s": _cpu_s() - cpu})


def _parse(parse: Parse, job: Job) -> Mapping[str, float]:
    bodies = [Path(path).read_bytes() for path in job["bodies"]]
    papers, laps = 0, []
    for _ in range(job["laps"] + 1):
        began = time.process_time()
        papers = sum(parse(body, job, ids) for body, ids in zip(bodies, job["ids"], strict=True))
        laps.append(time.process_time() - began)
    return {"papers": papers, "cpu_s": median(laps[1:])}


def _say(value: object) -> None:
    print(json.dumps(value), flush=True)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
