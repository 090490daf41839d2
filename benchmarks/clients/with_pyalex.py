"""``pyalex``: an OR filter over 100 DOIs; one work each."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from lap import Job, chunks, drive
from pyalex import Work, Works
from pyalex.api import BaseOpenAlex, OpenAlexResponseList

PER_LIST = 100
HOME = "https://api.openalex.org"


def lists(job: Job, ids: Sequence[str]) -> Callable[[], int]:
    """``filter_or`` with the fields that are needed, as many on a page as were asked for."""
    _point_at(job["urls"]["base_url"])
    fields, parts = job["fields"], chunks(ids, PER_LIST)
    return lambda: sum(
        len(Works().filter_or(doi=part).select(fields).get(per_page=PER_LIST)) for part in parts
    )


def whole_records(job: Job, ids: Sequence[str]) -> Callable[[], int]:
    """``filter_or`` without a choice of fields."""
    _point_at(job["urls"]["base_url"])
    parts = chunks(ids, PER_LIST)
    return lambda: sum(len(Works().filter_or(doi=part).get(per_page=PER_LIST)) for part in parts)


def singly(job: Job, ids: Sequence[str]) -> Callable[[], int]:
    """``Works()["https://doi.org/…"]`` as the README has it."""
    _point_at(job["urls"]["base_url"])
    return lambda: sum("cited_by_count" in Works()[f"https://doi.org/{one}"] for one in ids)


_url = BaseOpenAlex.url.fget


def _point_at(base: str) -> None:
    """Its addresses are made in this property, with the host written out."""
    BaseOpenAlex.url = property(lambda self: _url(self).replace(HOME, base))


def parse(body: bytes, _job: Job, _ids: Sequence[str]) -> int:
    """What ``get`` does with an answer."""
    answer = json.loads(body)
    return len(OpenAlexResponseList(answer["results"], answer["meta"], Work))


if __name__ == "__main__":
    drive({"lists": lists, "lists of whole records": whole_records, "singly": singly}, parse)
