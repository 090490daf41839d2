"""The dead man's switch: an address that is called after each good pass."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from citewatch.daemon.troubles import Troubles
from citewatch.errors import CitewatchError

LOOK_S = 5.0
_RETRY_S = 60.0
_LONGEST_S = 3600.0
_KEY = "heartbeat"


class Switch:
    """Calls once after a good pass, and again, ever less, until the call was answered.

    The next pass may be a day away; a line that was down for a minute is no reason for alarm.
    """

    def __init__(
        self,
        url: Callable[[], str],
        call: Callable[[str], Awaitable[str]],
        troubles: Troubles,
        monotonic: Callable[[], float],
    ) -> None:
        self._url = url
        self._call = call
        self._troubles = troubles
        self._monotonic = monotonic
        self._due: float | None = None
        self._wait_s = _RETRY_S

    def good(self) -> None:
        """A good pass is over."""
        self._due, self._wait_s = self._monotonic(), _RETRY_S

    async def look(self) -> None:
        """Call, if it is time to."""
        if self._due is None or self._monotonic() < self._due:
            return
        try:
            url = self._url()
            why = await self._call(url) if url else ""
        except CitewatchError as error:
            why = error.problem
        if not why:
            self._due = None
            self._troubles.ends(_KEY, "the heartbeat is heard again")
            return
        self._due, self._wait_s = (
            self._monotonic() + self._wait_s,
            min(2 * self._wait_s, _LONGEST_S),
        )
        self._troubles.begins(_KEY, f"the heartbeat was not heard: {why}")
