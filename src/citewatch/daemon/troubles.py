"""What is wrong at the moment: said once when it begins, once when it ends, with a count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from citewatch.daemon.logs import Log
from citewatch.domain.papers import Instant


@dataclass(slots=True)
class Trouble:
    """One thing that is wrong."""

    text: str
    """As it was said when it began."""
    since_at: Instant
    times: int = 1


class Troubles:
    """All that is wrong, each under a key such as ``source:arxiv``."""

    def __init__(self, log: Log, now: Callable[[], Instant]) -> None:
        self._log = log
        self._now = now
        self._open: dict[str, Trouble] = {}

    def begins(self, key: str, text: str) -> None:
        """It is so; said when it was not so before."""
        if key in self._open:
            self._open[key].times += 1
            return
        self._open[key] = Trouble(text, self._now())
        self._log.warning("trouble", text, key=key)

    def ends(self, key: str, text: str) -> None:
        """It is so no longer; said when it was."""
        trouble = self._open.pop(key, None)
        if trouble is not None:
            lasted_s = max(0, self._now() - trouble.since_at)
            times = f"{trouble.times} times" if trouble.times != 1 else "once"
            words = f"{text} (it had gone wrong {times} in {spell(lasted_s)})"
            self._log.info("mended", words, key=key, times=trouble.times, lasted_s=lasted_s)

    def are(self, prefix: str, texts: Mapping[str, str], text: str) -> None:
        """Exactly these, by the rest of their key, are wrong below a prefix now."""
        for key in [k for k in self._open if k.startswith(prefix)]:
            if key.removeprefix(prefix) not in texts:
                self.ends(key, text)
        for rest, words in texts.items():
            self.begins(prefix + rest, words)

    def now(self) -> dict[str, Trouble]:
        """What is wrong at the moment, by key."""
        return dict(self._open)


def spell(seconds: int) -> str:
    """``90 s``, ``12 min``, ``5 h``, ``3 d``: a length of time for people."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
