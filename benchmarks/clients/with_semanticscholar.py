"""``semanticscholar``: its batch call, in turn or several at once; one paper each."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence

from lap import Job, chunks, drive
from semanticscholar import AsyncSemanticScholar, SemanticScholar
from semanticscholar.Paper import Paper

AT_ONCE = 4
PER_LIST = 500


def lists(job: Job, ids: Sequence[str]) -> Callable[[], int]:
    """``get_papers`` with the fields that are needed."""
    client, fields = SemanticScholar(api_url=job["urls"]["base_url"]), job["fields"]
    parts = chunks(ids, PER_LIST)
    return lambda: sum(len(client.get_papers(part, fields=fields)) for part in parts)


def whole_records(job: Job, ids: Sequence[str]) -> Callable[[], int]:
    """``get_papers`` with the fields that it asks for by itself."""
    client, parts = SemanticScholar(api_url=job["urls"]["base_url"]), chunks(ids, PER_LIST)
    return lambda: sum(len(client.get_papers(part)) for part in parts)


def lists_at_once(job: Job, ids: Sequence[str]) -> Callable[[], int]:
    """The same from the asynchronous client, four at a time."""
    return lambda: asyncio.run(_lists_at_once(job, chunks(ids, PER_LIST)))


async def _lists_at_once(job: Job, parts: Sequence[list[str]]) -> int:
    client, places = (
        AsyncSemanticScholar(api_url=job["urls"]["base_url"]),
        asyncio.Semaphore(AT_ONCE),
    )

    async def one(part: list[str]) -> int:
        async with places:
            return len(await client.get_papers(part, fields=job["fields"]))

    return sum(await asyncio.gather(*map(one, parts)))


def singly(job: Job, ids: Sequence[str]) -> Callable[[], int]:
    """``get_paper`` as the README begins, with the fields that are needed."""
    client, fields = SemanticScholar(api_url=job["urls"]["base_url"]), job["fields"]
    return lambda: sum(client.get_paper(one, fields=fields).paperId is not None for one in ids)


def parse(body: bytes, _job: Job, _ids: Sequence[str]) -> int:
    """What ``get_papers`` does with an answer."""
    return len([Paper(item) for item in json.loads(body) if item is not None])


if __name__ == "__main__":
    calls = {
        "lists": lists, "lists at once": lists_at_once, "lists of whole records": whole_records,
        "singly": singly,
    }  # fmt: skip
    drive(calls, parse)
