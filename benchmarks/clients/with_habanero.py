"""``habanero``: a filter over 50 DOIs; one DOI each, as its own lists of DOIs are done."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from habanero import Crossref
from lap import Job, chunks, drive

PER_LIST = 50


def lists(job: Job, ids: Sequence[str]) -> Callable[[], int]:
    """``works(filter={"doi": […]})`` with the fields that are needed."""
    return _lists(job, ids, job["fields"])


def whole_records(job: Job, ids: Sequence[str]) -> Callable[[], int]:
    """The same without a choice of fields."""
    return _lists(job, ids, None)


def _lists(job: Job, ids: Sequence[str], fields: list[str] | None) -> Callable[[], int]:
    client, parts = _client(job), chunks(ids, PER_LIST)

    def one(part: list[str]) -> int:
        found = client.works(filter={"doi": part}, limit=2 * PER_LIST, select=fields)
        return len(found["message"]["items"])

    return lambda: sum(map(one, parts))


def singly(job: Job, ids: Sequence[str]) -> Callable[[], int]:
    """``works(ids=[…])`` as the README has it: one request each."""
    client = _client(job)
    return lambda: len(client.works(ids=list(ids)))


def _client(job: Job) -> Crossref:
    return Crossref(base_url=job["urls"]["base_url"], mailto="me@example.org", timeout=60)


def parse(body: bytes, _job: Job, _ids: Sequence[str]) -> int:
    """What ``works`` does with an answer: nothing but JSON."""
    return len(json.loads(body)["message"]["items"])


if __name__ == "__main__":
    drive({"lists": lists, "lists of whole records": whole_records, "singly": singly}, parse)
