"""A daemon as a process of its own, and what can be seen of it from outside."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

PATIENCE_S = 30.0
"""Far more than it takes, for a machine that has other things to do."""


def free_port() -> int:
    """A port that nobody uses at the moment."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def until(true: Callable[[], Any], what: str) -> Any:
    """Wait until it is so; the value."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if value := true():
            return value
        time.sleep(0.02)
    raise AssertionError(f"in vain: {what}")


class Place:
    """A folder with a configuration, and citewatch started in it."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.environ = dict(environ)
        self.port = free_port()
        self.config = folder / "config.toml"
        self._started: list[Running] = []

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "citewatch", *words]

    def citewatch(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*words), cwd=self.folder, env=self.environ, capture_output=True,
            text=True, check=False, timeout=60,
        )  # fmt: skip

    def run(self, *words: str, **more: str) -> Running:
        """Start the daemon."""
        running = Running(self, words, {**self.environ, **more})
        self._started.append(running)
        return running

    def end(self) -> None:
        """Nothing of it stays behind."""
        for running in self._started:
            if running.process.poll() is None:
                running.process.kill()
                running.process.wait()


class Running:
    """One daemon."""

    def __init__(self, place: Place, words: tuple[str, ...], environ: Mapping[str, str]) -> None:
        self.place = place
        self.log = place.folder / f"daemon-{time.monotonic_ns()}.log"
        with self.log.open("wb") as err:
            self.process = subprocess.Popen(
                place.command("--verbose", "run", "--port", str(place.port), *words),
                cwd=place.folder, env=environ, stdout=subprocess.DEVNULL, stderr=err,
            )  # fmt: skip

    def lines(self, event: str = "") -> list[dict[str, Any]]:
        """What it said of an event, in order."""
        text = self.log.read_text(encoding="utf-8")
        said = [json.loads(line) for line in text.splitlines() if line.endswith("}")]
        return [line for line in said if not event or line["event"] == event]

    def saw(self, event: str, *, number: int = 1, words: str = "") -> dict[str, Any]:
        """Wait until it said so; the line."""

        def said() -> list[dict[str, Any]] | None:
            assert self.process.poll() is None, self.log.read_text()
            found = [line for line in self.lines(event) if words in line["text"]]
            return found if len(found) >= number else None

        found: list[dict[str, Any]] = until(said, f"{event} {words}: {self.log.read_text()}")
        return found[number - 1]

    def get(self, path: str) -> tuple[int, str]:
        """A page: status and text."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.place.port}{path}", timeout=5
            ) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def health(self) -> tuple[int, dict[str, Any]]:
        status, text = self.get("/healthz")
        return status, json.loads(text)

    def send(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; its exit code."""
        self.send(number)
        return self.process.wait(PATIENCE_S)
