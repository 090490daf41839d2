"""People, by any of the services that Apprise knows: mail, chat, telephone.

https://github.com/caronc/apprise: it blocks, says "no" instead of raising, and may mention
addresses in what it logs; so it runs in a thread, its log is kept to itself, and of its
words only status codes get out.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from citewatch.notify.writing import Writer, Written
from citewatch.ports import Message, Refusal

TIMEOUT_S = 60.0
PREFIX = "apprise "

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,20})://")
_STATUS = re.compile(r"error=(\d{3})\b")
_NO_ADDRESS = "its address is none that Apprise understands"

T = TypeVar("T")


def channel_names(urls: Sequence[str]) -> list[str]:
    """A name for each address by its scheme, numbered where it repeats; nothing else of it.

    The host would say more, but in many schemes it is the token.
    """
    names: list[str] = []
    for url in urls:
        found = _SCHEME.match(url)
        kind = found[1].lower() if found else "unreadable"
        same = sum(name.split(" ")[1] == kind for name in names)
        names.append(f"{PREFIX}{kind}" + (f" {same + 1}" if same else ""))
    return names


@dataclass(frozen=True, slots=True)
class AppriseChannel:
    """`citewatch.ports.Channel` over one Apprise address."""

    name: str
    url: str
    writer: Writer
    timeout_s: float = TIMEOUT_S
    for_people: bool = True

    def __repr__(self) -> str:
        return f"AppriseChannel({self.name!r})"

    async def send(self, message: Message) -> Refusal | None:
        """Deliver; None when the service took it."""
        written = self.writer.write(message)
        try:
            async with asyncio.timeout(self.timeout_s):
                return await in_thread(lambda: _send(self.url, written))
        except TimeoutError:
            return Refusal(f"no answer within {self.timeout_s:g} s")
        except Exception as error:  # noqa: BLE001 - a hundred plug-ins, and words with addresses in them
            return Refusal(f"Apprise failed ({type(error).__name__})")


def _send(url: str, written: Written) -> Refusal | None:
    _keep_to_itself()
    # Imported here: 0.1 s, and 0.2 s more for its plug-ins.
    import apprise

    # No storage on disk, no threads of its own: ours can be left behind when it hangs.
    asset = apprise.AppriseAsset(
        app_id="citewatch", app_desc="citewatch", async_mode=False, storage_mode="memory",
        service_timeout=0,
    )  # fmt: skip
    services = apprise.Apprise(asset=asset)
    if not services.add(url) or not len(services):
        return Refusal(_NO_ADDRESS)
    body, form = written.text, "text"
    if all(map(_wants_html, services)):
        body, form = written.html, "html"
    for service in services:
        if service.overflow_mode == apprise.OverflowMode.UPSTREAM:
            # What is too long for the service comes in several messages, not cut off.
            service.overflow_mode = apprise.OverflowMode.SPLIT
    result = services.notify(body=body, title=written.subject, body_format=form)
    if result:
        return None
    return Refusal(_reason([str(entry.message) for entry in result.logs()]))


def _wants_html(service: Any) -> bool:  # noqa: ANN401 - Apprise has no types
    """A service for mail: HTML by default, with a subject of its own.

    Chats that take HTML take a little of it only; Apprise makes that of plain text.
    """
    if service.title_maxlen <= 0:
        return False
    return str(service.resolve_format(None).value) == "html"


def _reason(words: Sequence[str]) -> str:
    """What of Apprise's words can be repeated: it may name addresses."""
    for line in words:
        if found := _STATUS.search(line):
            return f"the service answered {found[1]}"
    if any("onnection" in line for line in words):
        return "no connection to the service"
    return "the service did not take it"


def _keep_to_itself() -> None:
    """Nothing that Apprise or what it sends with logs reaches a log of ours."""
    for name in ("apprise", "urllib3", "requests_oauthlib", "oauthlib"):
        logger = logging.getLogger(name)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


async def in_thread(work: Callable[[], T]) -> T:
    """Do blocking work in a thread that nobody waits for when it is given up or cancelled.

    The loop's own threads are waited for at the end of the program.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except BaseException as caught:  # noqa: BLE001 - raised again where it is awaited
            error = caught
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:
            return  # the loop has gone: nobody waits any more

    threading.Thread(target=run, name="citewatch-apprise", daemon=True).start()
    return await done
