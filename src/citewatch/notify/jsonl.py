"""Changes as lines of JSON at the end of a file, for programs that follow it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from citewatch.domain.printable import rfc3339
from citewatch.notify.lines import change_object
from citewatch.ports import Message, Refusal

NAME = "jsonl"
KEY = "idempotency_key"

_TAIL_BYTES = 64_000
"""So much more than the message itself is looked at before it is appended."""


@dataclass(frozen=True, slots=True)
class JsonLines:
    """`citewatch.ports.Channel` over a file that only grows."""

    path: Path
    origin: Callable[[], str]
    name: str = NAME
    for_people: bool = False

    async def send(self, message: Message) -> Refusal | None:
        """Append what is not at the file's end already, one line a change."""
        try:
            self.path.resolve().parent.mkdir(exist_ok=True)
            append_lines(self.path, self._lines(message))
        except OSError as error:
            return Refusal(f"{self.path}: {error.strerror or 'cannot be written'}")
        return None

    def _lines(self, message: Message) -> dict[str, bytes]:
        """By their keys, in the order of the log."""
        if message.test:
            trial = {"kind": "test", "at": rfc3339(message.at), "text": "this channel works"}
            return {message.key: _line(trial, message.key)}
        origin = self.origin()
        keyed = {f"{origin}-{row.number}": row for row in message.changes}
        return {key: _line(change_object(row), key) for key, row in keyed.items()}


def _line(known: dict[str, object] | dict[str, str], key: str) -> bytes:
    # ASCII: no letter in it can be taken for the end of a line by whoever reads.
    return json.dumps({**known, KEY: key}).encode() + b"\n"


def append_lines(path: Path, lines: dict[str, bytes]) -> None:
    """Append the lines whose keys the end of the file does not have. Raises `OSError`.

    A crash may have left some of them there, and a piece of one: that is cut off.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        size = os.fstat(handle).st_size
        reach = 2 * sum(map(len, lines.values())) + _TAIL_BYTES
        tail = os.pread(handle, min(size, reach), max(0, size - reach))
        whole, _, piece = tail.rpartition(b"\n")
        there = _keys(whole.split(b"\n"))
        if piece and _begins_one_of(piece, lines.values()):
            size -= len(piece)
            os.ftruncate(handle, size)
            piece = b""
        new = b"".join(line for key, line in lines.items() if key not in there)
        if piece and new:
            new = b"\n" + new  # somebody else's last line, without its end
        _write_all(handle, new, size)
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_all(handle: int, data: bytes, place: int) -> None:
    while data:
        done = os.pwrite(handle, data, place)
        data, place = data[done:], place + done


def _begins_one_of(piece: bytes, lines: Collection[bytes]) -> bool:
    return any(line.startswith(piece) for line in lines)


def _keys(lines: Sequence[bytes]) -> set[str]:
    found: set[str] = set()
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue  # the first one may be cut, and others may be somebody else's
        if isinstance(row, dict) and isinstance(key := row.get(KEY), str):
            found.add(key)
    return found
