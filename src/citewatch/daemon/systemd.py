"""Tell the supervisor how it goes: datagrams to the socket that systemd names."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress

READY, STOPPING, ALIVE = "READY=1", "STOPPING=1", "WATCHDOG=1"


class Supervisor:
    """systemd, or nobody. What cannot be told is left: there is nobody to complain to."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        asked = environ.get("WATCHDOG_USEC", "")
        ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog_s = int(asked) / 1e6 if asked.isdecimal() and ours else 0.0
        """It has to hear from us that often; 0: it does not mind."""

    def tell(self, *lines: str) -> None:
        """Say this."""
        if not self._address.startswith(("/", "@")):
            return
        # "@" stands for the zero byte of an address that is no file.
        address = self._address.replace("@", "\0", 1)
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.sendto("\n".join(lines).encode(), address)

    def reloading(self, monotonic: float) -> None:
        """What SIGHUP asked for has begun; `READY` says that it is done."""
        self.tell("RELOADING=1", f"MONOTONIC_USEC={int(monotonic * 1e6)}")
