"""Decoding an answer's body while it streams in, with a limit on what comes out. Pure.

httpx decodes whole network chunks at once, so that 64 kB of a bomb become 64 MB before
anybody can count; this decodes in steps and stops at the limit.
"""

from __future__ import annotations

import zlib

_GZIP = 16 + zlib.MAX_WBITS


class TooLarge(Exception):
    """The decoded body would pass the limit."""


class Undecodable(Exception):
    """The body is not in the encoding that its header names, or is cut short."""


class BodyReader:
    """Takes raw chunks, gives the decoded body. Encodings: none and gzip (RFC 1952)."""

    def __init__(self, encoding: str, limit: int) -> None:
        name = encoding.strip().lower()
        if name not in ("", "identity", "gzip", "x-gzip"):
            raise Undecodable(f"content-encoding {name[:40]!r}, which was not asked for")
        self._decoder = zlib.decompressobj(_GZIP) if name in ("gzip", "x-gzip") else None
        self._limit = limit
        self._body = bytearray()
        self._fed = False

    def feed(self, chunk: bytes) -> None:
        """Take one chunk as it came from the wire."""
        if not chunk:
            return
        if self._decoder is None:
            self._keep(chunk)
            return
        self._fed = True
        while chunk:
            try:
                # One byte more than allowed is enough to know that it is too much.
                room = self._limit - len(self._body) + 1
                self._keep(self._decoder.decompress(chunk, room))
            except zlib.error as error:
                raise Undecodable("broken gzip") from error
            if self._decoder.eof and self._decoder.unused_data:
                chunk = self._decoder.unused_data
                self._decoder = zlib.decompressobj(_GZIP)
            else:
                chunk = self._decoder.unconsumed_tail

    def _keep(self, data: bytes) -> None:
        room = self._limit - len(self._body)
        self._body += data[:room]
        if len(data) > room:
            raise TooLarge

    def beginning(self) -> bytes:
        """What came so far, up to the limit."""
        return bytes(self._body)

    def finish(self) -> bytes:
        """The whole body; raises `Undecodable` when gzip ended too early."""
        if self._decoder is not None and self._fed and not self._decoder.eof:
            raise Undecodable("gzip ends too early")
        return bytes(self._body)
