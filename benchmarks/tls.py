"""Certificates for the stand-in, so that it can be asked over TLS as the services are."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import certifi

HOST = "127.0.0.1"
CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of our own and what has to be trusted for it."""

    certificate: Path
    key: Path
    trusted: Path
    """All authorities that clients trust otherwise, and this one: loading them costs time too."""

    @property
    def environ(self) -> Mapping[str, str]:
        """By which httpx, OpenSSL and requests are told."""
        return {"SSL_CERT_FILE": str(self.trusted), "REQUESTS_CA_BUNDLE": str(self.trusted)}

    def context(self) -> ssl.SSLContext:
        """For the server."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def make_certificate(folder: Path) -> Certificate | None:
    """One for this machine, made in a folder; None without the command ``openssl``."""
    program = shutil.which("openssl")
    if program is None:
        return None
    made = Certificate(folder / "cert.pem", folder / "key.pem", folder / "trusted.pem")
    subprocess.run(
        [
            program, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "2", "-subj", f"/CN={HOST}",
            "-addext", f"subjectAltName=IP:{HOST}",
            "-keyout", made.key, "-out", made.certificate,
        ],
        capture_output=True, check=True,
    )  # fmt: skip
    others = Path(certifi.where()).read_text(encoding="utf-8")
    made.trusted.write_text(others + made.certificate.read_text(encoding="utf-8"), "utf-8")
    return made


async def serve_in_front_of(port: int, context: ssl.SSLContext) -> asyncio.Server:
    """A server that takes TLS off and passes everything on to a port of this machine."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(HOST, port)
        await asyncio.gather(_pass_on(reader, inner_writer), _pass_on(inner_reader, writer))

    return await asyncio.start_server(accept, HOST, 0, ssl=context)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.close()
