"""What happens on the wire below one request: who is connected to, and when it is written.

Events: https://www.encode.io/httpcore/extensions/#trace
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class OutOfReach(Exception):
    """The connection leads to where nothing may be sent."""


class Trace:
    """Follows one request. Raises `OutOfReach` before anything is sent to a forbidden peer."""

    def __init__(
        self,
        host: str,
        on_written: Callable[[], None],
        may_reach: Callable[[str], bool] | None,
    ) -> None:
        self._host = host
        self._on_written = on_written
        self._may_reach = may_reach
        self._direct = False

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        """Called by httpcore at each step."""
        # Connecting (TLS, names, lazy imports) takes its time: the server's clock starts here.
        if event == "http11.send_request_headers.started":
            self._on_written()
        if self._may_reach is None:
            return
        if event == "connection.connect_tcp.started":
            # With a proxy the connection is to the proxy, which is the user's own choice.
            self._direct = info["host"] == self._host
        elif event == "connection.connect_tcp.complete" and self._direct:
            # Whatever a name server said a moment ago: this is who would be talked to.
            stream = info["return_value"]
            peer = stream.get_extra_info("server_addr")
            if not peer or not self._may_reach(str(peer[0])):
                await stream.aclose()
                raise OutOfReach
