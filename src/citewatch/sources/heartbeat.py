"""A dead man's switch: an address that gives alarm when no good pass was announced for long."""

from __future__ import annotations

from citewatch.domain.papers import Failed
from citewatch.sources.answers import Answer
from citewatch.sources.http import Broken, Call, Moved, Wire

_TIMEOUT_S = 10.0
_FEW_BYTES = 1000


async def beat(url: str, *, version: str) -> str:
    """Call the address once. Why that failed, "" when it did not; never with the address.

    The address is itself the secret (whoever has it can keep the switch quiet), so a
    redirect is not followed: it would be sent on to somebody else.
    """
    wire = Wire(
        user_agent=f"citewatch/{version}", timeout_s=_TIMEOUT_S, connections=1, secrets=[url]
    )
    call = Call(url=url, max_bytes=_FEW_BYTES, enough=lambda _beginning: True)
    try:
        exchange = await wire.send(call)
    finally:
        await wire.aclose()
    match exchange:
        case Answer(status=status):
            return "" if 200 <= status < 300 else f"HTTP {status}"
        case Moved():
            return "it redirects, which is not followed"
        case Broken(reason=reason) | Failed(reason=reason):
            return reason
