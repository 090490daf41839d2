"""``arxiv``: id lists of 100, its page size; one paper each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import arxiv
from arxiv import _feed
from lap import Job, chunks, drive

PER_LIST = 100


def lists(job: Job, ids: Sequence[str]) -> Callable[[], int]:
    """``Search(id_list=…)``; ten thousand in one would be refused for their length."""
    client, parts = _client(job), chunks(ids, PER_LIST)
    return lambda: sum(len(list(client.results(arxiv.Search(id_list=part)))) for part in parts)


def singly(job: Job, ids: Sequence[str]) -> Callable[[], int]:
    """``next(Client().results(Search(id_list=[…])))`` as the README has it."""
    client = _client(job)
    return lambda: sum(1 for one in ids if next(client.results(arxiv.Search(id_list=[one]))))


def _client(job: Job) -> arxiv.Client:
    client = arxiv.Client(delay_seconds=0)
    client.query_url_format = job["urls"]["base_url"] + "/api/query?{}"
    return client


def parse(body: bytes, _job: Job, _ids: Sequence[str]) -> int:
    """What ``Client`` does with an answer."""
    return len(_feed.parse(body).results)


if __name__ == "__main__":
    drive({"lists": lists, "singly": singly}, parse)
