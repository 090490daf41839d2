"""What is looked after beside the sources: each by itself, so that none holds up another."""

from __future__ import annotations

from collections.abc import Sequence

from citewatch.daemon.logs import Log
from citewatch.daemon.ticks import Ticks
from citewatch.daemon.troubles import Troubles
from citewatch.errors import CitewatchError
from citewatch.ports import Job


class Jobs:
    """The jobs as they are now; a reload may bring others."""

    def __init__(self, ticks: Ticks, log: Log, troubles: Troubles) -> None:
        self._ticks = ticks
        self._log = log
        self._troubles = troubles
        self._jobs: dict[str, Job] = {}

    def take(self, jobs: Sequence[Job]) -> None:
        """These, and no others, from now on."""
        before, self._jobs = self._jobs, {job.name: job for job in jobs}
        for name in before.keys() - self._jobs.keys():
            self._ticks.never(f"job:{name}")
        for name, job in self._jobs.items():
            if name not in before or before[name].every_s != job.every_s:
                self._ticks.every(f"job:{name}", job.every_s, _Call(self, name))

    async def do(self, name: str) -> None:
        """One look of a job."""
        if (job := self._jobs.get(name)) is not None:
            await do_job(job, self._log, self._troubles)


class _Call:
    """A call of a job by its name: what it does may be another one after a reload."""

    def __init__(self, jobs: Jobs, name: str) -> None:
        self._jobs = jobs
        self._name = name

    async def __call__(self) -> None:
        await self._jobs.do(self._name)


async def do_job(job: Job, log: Log, troubles: Troubles) -> bool:
    """Do it; whether it went well. What goes wrong is told once, and when it is over."""
    key = f"job:{job.name}"
    try:
        done = await job.run()
    except CitewatchError as error:
        troubles.begins(key, f"{job.name}: {error}")
        return False
    except Exception as error:  # noqa: BLE001 - the daemon outlives whatever it is
        if key not in troubles.now():
            log.defect("defect", f"{job.name}: unexpected {type(error).__name__}")
        troubles.begins(key, f"{job.name}: unexpected {type(error).__name__}: {error}")
        return False
    troubles.ends(key, f"{job.name} works again")
    if done:
        log.info(job.name, done)
    return True
