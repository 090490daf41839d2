"""What can go wrong on demand: the names of the faults, one line about each, and the grammar."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from citewatch.sandbox.mounts import DBLP, OPENALEX, SERVICES, near, services_of

RETRY_AFTER_S = 120
FLAKY_REQUESTS = 3

FAULT_KINDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Refused, in the words of the service": {
            "bad-request": "400",
            "unauthorized": "401",
            "forbidden": "403, as for an address that is banned",
            "not-found": "404 to every question",
            "throttle": "429 that does not say when to come back",
            "throttle-retry-after": f"429 with Retry-After in seconds ({RETRY_AFTER_S})",
            "throttle-date": "429 with Retry-After as an HTTP date, two minutes on",
            "budget-spent": "429 until midnight UTC; at OpenAlex for all that costs credits",
            "error": "500",
            "bad-gateway": "502",
            "down": "503",
            "outage": "503 with the page of a cache instead of the service's own words",
            "timeout": "504",
        },
        "Another answer, with status 200 or 302": {
            "html": "a page that asks to wait a moment, instead of data",
            "botwall": "a page with a proof of work that keeps programs out",
            "empty": "no body",
            "blank-body": "10 MB of blanks",
            "garbage": "JSON of another shape",
            "huge-body": "64 MB",
            "gzip-bomb": "2 MB of gzip that decode to 2 GB",
            "redirect": "to another host",
            "redirect-loop": "to the same address, again and again",
        },
        "No answer": {
            "reset": "the connection is torn down",
            "hang": "the connection stays open and nothing is ever said",
        },
        "The true answer, spoiled on its way": {
            "truncated": "half of the body, as if that were all",
            "cut": "half of the promised bytes, then the connection ends",
            "slow": "16 bytes at a time, twenty times a second",
            "wrong-charset": "a byte that is not UTF-8",
            "false-charset": "UTF-8 that claims to be UTF-16",
        },
        "Wrong counts in an answer that is right otherwise": {
            "zeros": "0 for every paper; no rows at all where there are no counts",
            "scaled-counts": "about twice too high, for every paper",
            "null-counts": "null",
            "negative-counts": "below zero",
            "huge-counts": "above 10^30",
            "string-counts": "a text instead of a number",
            "fractional-counts": "a half too many",
            "missing-counts": "the key is not there",
        },
        "Other rows": {
            "reordered": "the rows of an answer the other way round",
            "duplicated": "every row of an answer twice",
        },
        "Not always": {
            "flaky": f"503 to the first {FLAKY_REQUESTS} requests, then all is well",
            "key-refused": "401 or 403 to those who send a key, an answer to all others",
        },
        "Only at OpenAlex": {
            "query-timeout": "504 to lists: the query took too long",
            "search-shed": "429 or 503 to searches: too busy for them",
            "too-fast": "429 for too many requests in a second",
            "plan-required": "429 to lists: they need another plan",
        },
        "Only at DBLP": {
            "botwall-500": "the page that keeps programs out, with status 500",
        },
    }
)
FAULTS: Mapping[str, str] = MappingProxyType(
    {name: line for kind in FAULT_KINDS.values() for name, line in kind.items()}
)
"""Every fault by name, with a line about it."""
ONLY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    dict.fromkeys(FAULT_KINDS["Only at OpenAlex"], (OPENALEX,))
    | dict.fromkeys(FAULT_KINDS["Only at DBLP"], (DBLP,))
)
"""The services that have a fault, for those that not all have."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault at one service, for the first ``first`` requests; None: for all."""

    name: str
    first: int | None = None


def parse_fault(text: str) -> Fault:
    """``NAME`` or ``NAME@N``, only the first N requests. Raises ValueError."""
    name, at, number = text.partition("@")
    if name not in FAULTS:
        raise ValueError(f"no fault {name!r}{near(name, tuple(FAULTS))}")
    if at and not re.fullmatch(r"[1-9][0-9]{0,8}", number):
        raise ValueError(f"{text!r}: after the @ stands how many requests fail, as in {name}@3")
    first = int(number) if at else None
    return Fault("down", first or FLAKY_REQUESTS) if name == "flaky" else Fault(name, first)


def parse_faults(text: str) -> dict[str, Fault]:
    """The fault of each service that ``[SERVICE=]NAME[@N]`` means; without one, of all.

    Raises ValueError for an unknown service or fault, or one that the service does not have.
    """
    service, equals, name = text.rpartition("=")
    fault = parse_fault(name)
    named = services_of(service) if equals else SERVICES
    found = dict.fromkeys((each for each in named if has(each, fault)), fault)
    if not found:
        raise ValueError(f"{fault.name!r} is a fault of {', '.join(ONLY[fault.name])} alone")
    return found


def has(service: str, fault: Fault) -> bool:
    """Whether the service can fail in that way."""
    return service in ONLY.get(fault.name, SERVICES)
